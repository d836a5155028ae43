"""Redraw communities: the whole way from the problem to the result."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.communities.bound_component import Hint
from commplan.optimise.communities.bound_steps import rounded_up
from commplan.optimise.communities.bounds import prove, within_stretch
from commplan.optimise.communities.field import Field, Setting, open_field
from commplan.optimise.communities.infeasible import find_causes
from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.least import joint_cause
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.polish import polish
from commplan.optimise.communities.presolve import Reduced, presolve
from commplan.optimise.communities.small import Solved, solve_small, spread_labels
from commplan.optimise.communities.ways_out import with_ways_out
from commplan.optimise.stop import Clock, Progress
from commplan.problem.communities import TERMS, CommunityProblem
from commplan.problem.proof import Proof, ProofPart
from commplan.problem.result import Cause, Effort, Result, Status
from commplan.problem.terms import compute_terms, objective, renumber
from commplan.problem.validity import faults

Report = Callable[[Progress], None]

# Shares of a time limit that is used up, spent on the search.
_SEARCH_SHARE = 0.9
_MOST_BESIDE_BORDERS = 0.85  # of the time, where it is short; a good plan comes first
_ENOUGH_S = (0.03, 1 / 6)  # per unit, and of the time left: longer searches gain little
_SHARE_BESIDE_DISTANCES = 0.6
_POLISH_SHARE = 0.1  # of the time left after the search
_KNOWN_FROM = 0.02  # of the work; from then on one can tell how long it will take


def redraw(
    problem: CommunityProblem,
    params: RedrawParams,
    report: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Give every unit a community, at the least weighted cost that can be found.

    What is impossible by counting is told at once; what is small is solved exactly; the rest is
    searched: a first valid plan, then annealing within a work budget.

    Parameters
    ----------
    problem : CommunityProblem
    params : RedrawParams
    report : callable, optional
        Told a `Progress` several times a second.
    should_stop : callable, optional
        Asked several times a second; True (or Ctrl-C) ends with the best valid plan so far.

    Returns
    -------
    Result
        ``walk_household_min`` and ``far_households`` are not searched for and not in its terms.
    """
    run = _Run(problem, params, Clock(params.time_limit_s, should_stop), report)
    if problem.n == 0:
        return run.result(Status.OPTIMAL, np.zeros(0, dtype=np.int32), 0.0, "exact")
    causes = find_causes(problem)
    if causes:
        return run.infeasible(causes)
    try:
        return _solve(run)
    except KeyboardInterrupt:
        run.clock.interrupted = True
        return run.finish()


def _solve(run: "_Run") -> Result:
    problem = run.problem
    run.reduced = presolve(problem, np.ones(problem.n, dtype=np.bool_))
    if run.params.exact:
        run.solved = solve_small(problem, run.reduced, run.clock, run.params.seed)
        none = [s for s in run.solved if s.answer.proven and s.answer.labels is None]
        causes = [
            joint_cause(problem, tuple(s.units.tolist()))
            for s in none
            if not problem.exempt[s.units].any()
        ]
        if causes:
            return run.infeasible(tuple(causes))
    active = run.unsolved()
    if active.any():
        run.search(active)
    return run.finish()


@dataclass
class _Run:
    """One call of `redraw`: what is known so far."""

    problem: CommunityProblem
    params: RedrawParams
    clock: Clock
    report: Report | None
    reduced: Reduced | None = None
    solved: list[Solved] = field(default_factory=list)
    ground: Field | None = None
    moves: int = 0
    budget: float = 1.0
    offset: float | None = None  # objective of the whole minus the costs of the pieces
    trajectory: list[tuple[float, float]] = field(default_factory=list)
    proof: Proof = ()

    def unsolved(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Units that the exact model left over."""
        active = np.ones(self.problem.n, dtype=np.bool_)
        for s in self.solved:
            if s.answer.proven and s.answer.labels is not None:
                active[s.units] = False
        return active

    def search(self, active: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
        """Search the units that are left: first valid plans everywhere, then better ones."""
        count = int(active.sum())
        self.budget = self.params.moves(count)
        rng = np.random.default_rng(self.params.seed)
        start = self.params.start
        setting = Setting(self.problem, start, rng, self.clock, self._note, self.params.tries)
        self.ground = open_field(setting, active)
        if not self.ground.complete:
            return
        self.ground.share_allowance(0)
        labels = self.labels()
        if labels is None:
            return
        known = sum(p.search.best.cost for p in self.ground.pieces if p.search.best)
        self.offset = objective(self.problem, compute_terms(self.problem, labels)) - known
        self._note(0, None)
        left = count
        for number, piece in enumerate(self.ground.pieces):
            if self.clock.over():
                break
            share = len(piece.units) / max(1, left)
            left -= len(piece.units)
            if self.clock.left_s is not None:
                mine = self._search_share() * share * self.clock.left_s
                piece.search.deadline_s = self.clock.seconds + mine
            piece.search.run(self.budget * len(piece.units) / count)
            self.ground.share_allowance(number + 1)

    def _search_share(self) -> float:
        """Share of the time that goes to the search; the rest proves how good its plan is."""
        w = self.problem.weights
        if not self.params.bound or math.isfinite(self.budget):
            return _SEARCH_SHARE
        if w.border_km or w.soft_border_km:
            left_s = max(1e-9, self.clock.left_s or 0.0)
            enough = _ENOUGH_S[0] * self.problem.n / left_s + _ENOUGH_S[1]
            return min(_MOST_BESIDE_BORDERS, enough)
        return _SHARE_BESIDE_DISTANCES if w.distance_household_km else _SEARCH_SHARE

    def labels(self) -> Ints | None:
        """Put the plan so far together, or None where a unit is in no community."""
        labels, top = spread_labels(self.problem, self.solved)
        if self.ground is not None:
            self.ground.fill(labels, top)
        return None if (labels < 0).any() else renumber(labels)

    def _note(self, moves: int, _cost: float | None) -> None:
        """Take down progress; called by the searches."""
        self.moves += moves
        value = None
        if self.ground is not None and self.offset is not None and self.ground.valid:
            costs = (p.search.best.cost for p in self.ground.pieces if p.search.best)
            value = float(self.offset + sum(costs))
            if not self.trajectory or value < self.trajectory[-1][1] - 1e-9:
                self.trajectory.append((self.clock.seconds, value))
        if self.report is not None:
            done = min(1.0, self.moves / self.budget)
            stage = "start" if value is None else "search"
            self.report(Progress(self.clock.seconds, stage, done, value, left_s=self._left_s(done)))

    def _left_s(self, done: float) -> float | None:
        """Seconds that the search will still take, where one can tell."""
        ends = [] if self.clock.left_s is None else [self._search_share() * self.clock.left_s]
        if math.isfinite(self.budget) and done > _KNOWN_FROM:
            ends.append(self.clock.seconds * (1 / done - 1))
        return min(ends, default=None)

    def _note_bound(self, value: float) -> None:
        """Tell what is proven so far."""
        if self.report is not None:
            cost = self.trajectory[-1][1] if self.trajectory else None
            left = self.clock.left_s
            self.report(Progress(self.clock.seconds, "bound", 1.0, cost, value, left))

    def finish(self) -> Result:
        """Check the plan once more and say what is proven about it."""
        labels = self.labels()
        if labels is None or faults(self.problem, labels):
            return self.result(Status.NOT_FOUND, None, 0.0, "none")
        if self.unsolved().any() and not self.clock.interrupted:
            limited = self.clock.time_limit_s is not None
            over = self._guard(_POLISH_SHARE) if limited else self.clock.over
            labels = polish(self.problem, labels, self.params.factor, over, self.params.seed)
        proven = not self.unsolved().any() and bool(self.solved)
        terms = compute_terms(self.problem, labels)
        value = objective(self.problem, terms)
        if proven:
            self.proof = tuple(
                ProofPart("exact", TERMS, s.answer.bound, s.units.astype(np.int32))
                for s in self.solved
            )
            return self.result(Status.OPTIMAL, labels, value, "exact")
        bound, method = self._bound(labels)
        met = bound >= value - 1e-9 * max(1.0, value) and bound >= 0 and method != "none"
        status = Status.OPTIMAL if met else Status.FEASIBLE
        return self.result(status, labels, min(bound, value), method)

    def _bound(self, labels: Ints) -> tuple[float, str]:
        """Bounds of solved clusters plus those of the searched components; keeps the proof."""
        if (
            not self.params.bound
            or self.reduced is None
            or self.clock.interrupted
            or not within_stretch(self.problem, self.reduced, labels)
        ):
            return 0.0, "none"
        active = self.unsolved()
        self.proof = tuple(
            ProofPart("exact", TERMS, s.answer.bound, s.units.astype(np.int32))
            for s in self.solved
            if not active[s.units].any()
        )
        component = self.reduced.component
        numbers = np.unique(component[active])
        left = [np.flatnonzero(component == c).astype(np.int32) for c in numbers]
        effort = math.inf if math.isinf(self.params.moves(1)) else self.params.factor
        guard = self._guard if math.isinf(effort) else None
        hint = Hint(labels, effort, self.clock.over, guard, self._note_bound)
        self.proof = rounded_up(
            self.problem, self.proof + prove(self.problem, self.reduced, left, hint)
        )
        return sum(part.value for part in self.proof), "priced"

    def _guard(self, share: float) -> Callable[[], bool]:
        """Return what tells that ``share`` of the time left, but for a margin, is over."""
        margin = 0.03 * (self.clock.time_limit_s or 0.0)
        end = self.clock.seconds + share * max(0.0, (self.clock.left_s or 0.0) - margin)
        return lambda: self.clock.over(end)

    def infeasible(self, causes: tuple[Cause, ...]) -> Result:
        """Nothing is valid, and why, with the ways out that were tried."""
        if self.params.explain:
            causes = with_ways_out(self.problem, causes, self.clock, redraw)
        return self.result(Status.INFEASIBLE, None, 0.0, "none", causes)

    def result(
        self,
        status: Status,
        labels: Ints | None,
        bound: float,
        method: str,
        causes: tuple[Cause, ...] = (),
    ) -> Result:
        """Put the result together."""
        if self.problem.exempt.any() and method != "none":
            # What is proven holds for plans in which an exception stretches the bounds no further
            # than its units force it to; the yardstick itself sets no such limit.
            method = f"{method}_stretch"
            status = Status.FEASIBLE if status is Status.OPTIMAL else status
        terms = {} if labels is None else compute_terms(self.problem, labels)
        columns = sum(int(s.columns.has.shape[0]) for s in self.solved)
        nodes = sum(s.answer.nodes for s in self.solved)
        return Result(
            status=status,
            labels=labels,
            objective=None if labels is None else objective(self.problem, terms),
            bound=bound,
            bound_method=f"certificate.bound_{method}",
            terms=terms,
            effort=Effort(self.moves, columns, nodes),
            runtime_s=self.clock.seconds,
            seed=self.params.seed,
            reproducible=not (self.clock.limited or self.clock.interrupted),
            interrupted=self.clock.interrupted,
            trajectory=tuple(self.trajectory),
            causes=causes,
            proof=self.proof if labels is not None else (),
        )
