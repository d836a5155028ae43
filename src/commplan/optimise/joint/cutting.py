"""Relaxations with separators and covers, and proofs for given sites: branching over what is left.

Rounds of separators and covers lift the linear relaxation; a pair whose reduced cost is more than
what is missing to the best answer known is in no better one (Dantzig, Fulkerson and Johnson 1954),
so that it is left out and separators get less by that. What is left is solved to whole numbers,
again and again with the separators that its answers break (Validi, Buchanan and Lykhovyd 2022).
"""

from collections.abc import Callable, Sequence

import numpy as np

from commplan.optimise.joint.covers import Cover, covers_of
from commplan.optimise.joint.cuts import Cut, couple_cuts, opening_cuts
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints
from commplan.optimise.joint.merge import Guide, Merging
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.joint.params import BoundParams
from commplan.optimise.joint.separators import Separation, reachable
from commplan.optimise.milp import MilpAnswer, MilpOptions, solve_arrays
from commplan.optimise.milp_rows import GrowingModel, RowAnswer
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost, joint_faults

_SLACK = 1e-6  # a row that is further from its side does not hold
_SLOW = (5e-5, 4)  # rounds that together bring less of the bound are the last
_MOST = 400  # separators of a round
_JOINED = 40_000  # pairs of given sites, up to which all rows that ask for a neighbour come first
_TIGHT = 1e-7  # relative: how much better an answer has to be


Mend = Callable[[Ints], Ints | None]


class Root:
    """The relaxation with separators and covers, and the pairs that a better answer may use.

    Parameters
    ----------
    instance : Instance
    known : float
        Cost of the best answer known.
    """

    def __init__(self, instance: Instance, known: float) -> None:
        self.instance, self.known = instance, known
        pairs = reachable(instance, np.isfinite(instance.cost))
        problem = instance.problem
        joined = bool(problem.forced.all()) and int(pairs.sum()) <= _JOINED
        self.model = AreaModel(
            instance, pairs, problem.forced, problem.max_open, joined=joined, asking=False
        )
        self.pairs: Flags = pairs
        self.separate = Separation(instance)
        self.lp = GrowingModel(self.model.arrays())
        self.fixed = len(self.lp.model.row_lower) - len(self.model.cuts)
        lost = not pairs.any(axis=1).all()  # a unit that no site can serve
        self.bound = np.inf if lost else -np.inf
        self.answer: RowAnswer | None = None

    @property
    def proven(self) -> float:
        """The bound that the last reduced costs and prices come with."""
        return self.bound if self.answer is None else self.answer.bound

    @property
    def price(self) -> Floats:
        """What each unit is worth, shape (n,)."""
        n = self.instance.problem.n  # the rows that come first
        return np.zeros(n) if self.answer is None else self.answer.duals[:n]

    @property
    def opened(self) -> Floats:
        """How far each site is open, shape (m,)."""
        opened = self.instance.problem.forced.astype(float)
        if self.answer is not None:
            opened[self.model.sites] = self.answer.values[: len(self.model.sites)]
        return opened

    def run(self, rounds: int, clock: Clock) -> None:
        """Cut until it does not help any more, or the bound meets what is known."""
        history: list[float] = []
        for _ in range(0 if np.isposinf(self.bound) else rounds):
            answer = None if clock.over() else self.lp.solve(clock.left_s)
            if answer is None:
                return
            self.answer = answer
            self.bound = max(self.bound, answer.bound)
            history.append(self.bound)
            if self.bound >= worth(self.known):
                return
            self.leave_out(self.known)
            broken = self.broken(self.split(answer))
            if not broken or _is_slow(history):
                return
            self.tidy(answer)
            self.add(broken)

    def cut_at(self, chosen: Flags, rounds: int, clock: Clock) -> None:
        """Cut where given sites are open and no others; the rows hold whatever is open."""
        sites, first = self.model.sites, len(self.model.cuts)
        fixed, columns = chosen[sites].astype(float), np.arange(len(sites))
        self.lp.bind(columns, fixed, fixed)
        history: list[float] = []
        for _ in range(rounds):
            answer = None if clock.over() else self.lp.solve(clock.left_s)
            if answer is None or np.isinf(answer.bound):
                break
            history.append(answer.bound)
            self.tidy(answer, first)
            broken = self.broken(self.split(answer))
            if not broken or _is_slow(history):
                break
            self.add(broken)
        self.lp.bind(
            columns, self.instance.problem.forced[sites].astype(float), np.ones(len(sites))
        )

    def leave_out(self, known: float) -> None:
        """Close pairs that no answer uses that is better than the best known."""
        self.known = known
        if self.answer is None:
            return
        s = len(self.model.sites)
        missing = known - self.answer.bound
        gone = self.added(self.answer) > missing * (1 + _TIGHT) + _SLACK
        gone &= self.pairs[self.model.unit, self.model.site]
        if gone.any():
            self.pairs[self.model.unit[gone], self.model.site[gone]] = False
            kept = reachable(self.instance, self.pairs)
            gone = (self.pairs & ~kept)[self.model.unit, self.model.site] | gone
            self.pairs = kept
            columns = s + np.flatnonzero(gone)
            none = np.zeros(len(columns))
            self.lp.bind(columns, none, none)

    def added(self, answer: RowAnswer) -> Floats:
        """Cost that using each pair adds to the bound at least, that of opening its site included."""
        problem, s = self.instance.problem, len(self.model.sites)
        adds = np.maximum(answer.reduced_costs, 0.0)
        own = self.model.at[problem.site_unit[self.model.sites], self.model.sites]
        opening = np.where(problem.forced[self.model.sites], 0.0, adds[:s] + adds[own])
        adds[own] = 0.0
        return np.asarray(adds[s:] + opening[np.searchsorted(self.model.sites, self.model.site)])

    def split(self, answer: RowAnswer) -> Floats:
        """How far each unit goes to each site, shape (n, m)."""
        share = np.zeros(self.pairs.shape)
        share[self.model.unit, self.model.site] = answer.values[len(self.model.sites) :]
        return share

    def broken(self, share: Floats) -> list[Cut | Cover]:
        """Separators that shares break most, covers, and pairs that are used more than their site."""
        found = self.separate(self.pairs, share)
        short = [share[c.unit, c.site] - share[c.separator, c.site].sum() for c in found]
        worst = [found[k] for k in np.argsort(-np.array(short), kind="stable")[:_MOST]]
        opening = opening_cuts(self.instance, self.pairs, share)
        return [*opening, *worst, *covers_of(self.instance, self.pairs, share)]

    def left_over(self, more: Sequence[Cut]) -> AreaModel | None:
        """Return the exact model of the pairs that are left; None where a unit has none.

        It holds the separators and covers so far, ``more``, and those of couples of units.
        """
        problem, pairs = self.instance.problem, self.pairs
        own = pairs[problem.site_unit, np.arange(problem.m)]
        if not (pairs.any(axis=1).all() and own[problem.forced].all()):
            return None
        model = AreaModel(self.instance, pairs, problem.forced, problem.max_open, joined=False)
        couples = couple_cuts(self.instance, self.guide().reduced, self.known - self.proven)
        mine = [c for c in self.model.cuts if isinstance(c, Cut)]
        held = {c.key: c for c in (*couples, *more, *mine)}
        model.cuts += [c for c in held.values() if model.at[c.unit, c.site] >= 0]
        model.cuts += [c for c in self.model.cuts if isinstance(c, Cover)]
        return model

    def guide(self) -> Guide:
        """Return the reduced costs of the pairs that are left; their costs before any answer."""
        unit, site = self.model.unit, self.model.site
        reduced = np.full(self.pairs.shape, np.inf)
        reduced[unit, site] = self.instance.cost[unit, site]
        if self.answer is not None:
            reduced[unit, site] = np.maximum(
                self.answer.reduced_costs[len(self.model.sites) :], 0.0
            )
        reduced[~self.pairs] = np.inf
        return Guide(reduced, self.proven)

    def tidy(self, answer: RowAnswer, first: int = 0) -> None:
        """Drop rows from ``first`` on that do not hold any more."""
        holds = answer.slack[self.fixed :] <= _SLACK
        holds[:first] = True
        self.lp.keep(np.concatenate([np.ones(self.fixed, dtype=bool), holds]))
        self.model.cuts = [c for c, h in zip(self.model.cuts, holds, strict=True) if h]

    def add(self, cuts: list[Cut | Cover]) -> None:
        """Take in separators and covers."""
        rows = self.model.rows_of(cuts)
        self.lp.add(rows, np.zeros(len(cuts)), np.full(len(cuts), np.inf))
        self.model.cuts += cuts


class Proof:
    """What is known of the best answer: from above by answers, from below by the relaxation.

    Parameters
    ----------
    root : Root
    params : BoundParams
        ``rounds`` of separators, ``nodes`` of branching.
    merging : Merging
        With the separators that are known.
    mend : callable
        Makes a valid answer of one that may fall apart, and returns the best known.
    """

    def __init__(self, root: Root, params: BoundParams, merging: Merging, mend: Mend) -> None:
        self.root, self.params, self.merging, self.mend = root, params, merging, mend
        self.bound, self.nodes = -np.inf, 0

    def run(self, clock: Clock) -> None:
        """Branch over all pairs that a better answer may use, until the best is proven."""
        self.relax(clock)
        while not self.is_over(clock):
            self.branch(clock)

    def is_over(self, clock: Clock) -> bool:
        """Whether the bound meets the best answer, or work or time are used up."""
        proven = self.bound >= worth(self.root.known)
        return proven or self.nodes >= self.params.nodes or clock.over()

    def relax(self, clock: Clock) -> None:
        """Solve the relaxation with more separators, and leave out what it can."""
        self.root.run(self.params.rounds, clock)
        self.raise_to(self.root.bound)

    def raise_to(self, bound: float) -> None:
        """Take in a bound."""
        self.bound = max(self.bound, min(bound, self.root.known))

    def branch(self, clock: Clock) -> None:
        """Solve to whole numbers, and learn from every answer met."""
        model = self.root.left_over(list(self.merging.cuts.values()))
        if model is None:
            self.raise_to(np.inf)
            return
        while not self.is_over(clock):
            options = MilpOptions(
                time_limit_s=clock.left_s,
                node_limit=self.params.nodes - self.nodes,
                gap_rel=_TIGHT / 2,
                cutoff=worth(self.root.known),
                keep_all=True,
            )
            answer = solve_arrays(model.arrays(), options)
            self.nodes += max(1, answer.nodes)
            self.raise_to(answer.bound)
            before = self.root.known
            self.learn(model, answer)
            if self.root.known < before:
                self.relax(clock)
                return

    def learn(self, model: AreaModel, answer: MilpAnswer) -> None:
        """Take in what an answer and those met before it teach."""
        for values in answer.every:
            site_of = model.labels_of(values)
            self.merging.learn(model, site_of)
            self.keep(self.mend(site_of))

    def keep(self, site_of: Ints | None) -> None:
        """Take an answer that is valid and better."""
        if site_of is None:
            return
        value = joint_cost(self.root.instance.problem, site_of)
        if value < self.root.known and not joint_faults(self.root.instance.problem, site_of):
            self.root.known = value


def worth(known: float) -> float:
    """Cost below which an answer is better than one known, beyond rounding."""
    return known - _TIGHT * max(1.0, abs(known)) if np.isfinite(known) else known


def _is_slow(history: list[float]) -> bool:
    """Whether the last rounds brought next to nothing."""
    share, rounds = _SLOW
    if len(history) <= rounds:
        return False
    return history[-1] - history[-1 - rounds] < share * abs(history[-1])
