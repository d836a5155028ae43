"""Proofs for given sites: separators and reduced costs until few pairs are left, then branching.

Rounds of separators lift the linear relaxation; a pair whose reduced cost is more than what is
missing to the best answer known is in no better one (Dantzig, Fulkerson and Johnson 1954), so that
it is left out and separators get less by that. What is left is solved to whole numbers, again and
again with the separators that its answers break (Validi, Buchanan and Lykhovyd 2022): first with
the pairs of least reduced cost alone. An answer that costs no more than the relaxation and the
greatest reduced cost among these is the best of all.
"""

from collections.abc import Callable

import numpy as np

from commplan.optimise.joint.bounds import BoundParams
from commplan.optimise.joint.cuts import Cut, cuts_of
from commplan.optimise.joint.instance import Flags, Instance, Ints
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.joint.separators import Separation, reachable
from commplan.optimise.milp import MilpAnswer, MilpOptions, solve_arrays
from commplan.optimise.milp_rows import GrowingModel, RowAnswer
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost, joint_faults

_SLACK = 1e-6  # a row that is further from its side does not hold
_SLOW = (5e-5, 4)  # rounds that together bring less of the bound are the last
_MOST = 400  # rows of a round
_EACH = 2.0  # pairs for each unit where better answers are looked for
_LOOKS = 3
_LOOSE = 2e-3  # relative: how exactly to branch while answers fall apart, at first
_TIGHT = 1e-7  # relative: how much better an answer has to be


Mend = Callable[[Ints], Ints | None]


class Root:
    """The relaxation with separators, and the pairs that a better answer may use.

    Parameters
    ----------
    instance : Instance
    known : float
        Cost of the best answer known.
    """

    def __init__(self, instance: Instance, known: float) -> None:
        self.instance, self.known = instance, known
        pairs = reachable(instance, np.isfinite(instance.cost))
        self.model = AreaModel(instance, pairs, instance.problem.forced, instance.problem.max_open)
        self.pairs: Flags = pairs
        self.separate = Separation(instance)
        self.lp = GrowingModel(self.model.arrays())
        self.fixed = len(self.lp.model.row_lower) - len(self.model.cuts)
        self.bound = self.proven = -np.inf
        self.reduced = np.zeros(len(self.model.unit))  # with which bound ``proven`` comes

    def run(self, rounds: int, clock: Clock) -> None:
        """Cut until it does not help any more, or the bound meets what is known."""
        history: list[float] = []
        for _ in range(rounds):
            answer = None if clock.over() else self.lp.solve(clock.left_s)
            if answer is None:
                return
            self.bound, self.proven = max(self.bound, answer.bound), answer.bound
            self.reduced = answer.reduced_costs[len(self.model.sites) :]
            history.append(self.bound)
            if self.bound >= worth(self.known):
                return
            self.leave_out(answer)
            broken = self.broken(answer)
            if not broken or _is_slow(history):
                return
            self.tidy(answer)
            self.add(broken)

    def leave_out(self, answer: RowAnswer) -> None:
        """Close pairs that no better answer uses."""
        s = len(self.model.sites)
        missing = self.known - answer.bound
        gone = answer.reduced_costs[s:] > missing * (1 + _TIGHT) + _SLACK
        gone &= self.pairs[self.model.unit, self.model.site]
        if gone.any():
            self.pairs[self.model.unit[gone], self.model.site[gone]] = False
            kept = reachable(self.instance, self.pairs)
            gone = (self.pairs & ~kept)[self.model.unit, self.model.site] | gone
            self.pairs = kept
            self.lp.close(s + np.flatnonzero(gone))

    def broken(self, answer: RowAnswer) -> list[Cut]:
        """Separators that the relaxation breaks most."""
        s = len(self.model.sites)
        share = np.zeros(self.pairs.shape)
        share[self.model.unit, self.model.site] = answer.values[s:]
        found = self.separate(self.pairs, share)
        short = [share[c.unit, c.site] - share[c.separator, c.site].sum() for c in found]
        return [found[k] for k in np.argsort(-np.array(short), kind="stable")[:_MOST]]

    def left_over(self, reach: float) -> AreaModel | None:
        """Return the exact model of pairs whose reduced cost is within reach; None without any.

        It holds the separators so far.
        """
        problem, pairs = self.instance.problem, np.zeros_like(self.pairs)
        near = self.reduced <= reach
        pairs[self.model.unit[near], self.model.site[near]] = True
        pairs &= self.pairs
        own = pairs[problem.site_unit, np.arange(problem.m)]
        if not (pairs.any(axis=1).all() and own[problem.forced].all()):
            return None
        model = AreaModel(self.instance, pairs, problem.forced, problem.max_open, joined=False)
        model.cuts = [c for c in self.model.cuts if model.at[c.unit, c.site] >= 0]
        return model

    def reach_of(self, each: float) -> float:
        """Return the reduced cost up to which there are so many pairs for each unit."""
        there = np.sort(self.reduced[self.pairs[self.model.unit, self.model.site]])
        count = each * self.instance.problem.n
        return float(there[int(count)]) if count < len(there) else np.inf

    def tidy(self, answer: RowAnswer) -> None:
        """Drop separators that do not hold any more."""
        holds = answer.slack[self.fixed :] <= _SLACK
        self.lp.keep(np.concatenate([np.ones(self.fixed, dtype=bool), holds]))
        self.model.cuts = [c for c, h in zip(self.model.cuts, holds, strict=True) if h]

    def add(self, cuts: list[Cut]) -> None:
        """Take in separators."""
        rows = self.model.rows_of(cuts)
        self.lp.add(rows, np.zeros(len(cuts)), np.full(len(cuts), np.inf))
        self.model.cuts += cuts


class Proof:
    """What is known of the best answer: from above by answers, from below by the relaxation.

    Parameters
    ----------
    instance : Instance
    site_of : int32 array, shape (n,)
        A valid answer.
    params : BoundParams
        ``rounds`` of separators, ``nodes`` of branching.
    clock : Clock
    mend : callable
        Makes a valid answer of one that may fall apart, and returns the best known.
    """

    def __init__(
        self, instance: Instance, site_of: Ints, params: BoundParams, clock: Clock, mend: Mend
    ) -> None:
        self.instance, self.params, self.clock, self.mend = instance, params, clock, mend
        self.root = Root(instance, joint_cost(instance.problem, site_of))
        self.bound, self.nodes = -np.inf, 0
        self.relax([])

    @property
    def is_over(self) -> bool:
        """Whether the bound meets the best answer, or work or time are used up."""
        proven = self.bound >= worth(self.root.known)
        return proven or self.nodes >= self.params.nodes or self.clock.over()

    def look(self) -> None:
        """Look for better answers among the pairs of least reduced cost, more and more closely."""
        for turn in range(_LOOKS):
            if self.is_over or not self.branch(_EACH, _LOOSE / 2**turn):
                return

    def finish(self, site_of: Ints, clock: Clock) -> None:
        """Branch over all pairs that a better answer may use, until the best is proven.

        Parameters
        ----------
        site_of : int32 array, shape (n,)
            The best answer known by now.
        clock : Clock
        """
        self.clock = clock
        self.keep(site_of)
        while not self.is_over:
            self.branch(np.inf, _TIGHT / 2)

    def relax(self, cuts: list[Cut]) -> None:
        """Solve the relaxation with more separators."""
        self.root.add(cuts)
        self.root.run(self.params.rounds, self.clock)
        self.raise_to(self.root.bound)

    def raise_to(self, bound: float) -> None:
        """Take in a bound."""
        self.bound = max(self.bound, min(bound, self.root.known))

    def branch(self, each: float, gap: float) -> bool:
        """Solve to whole numbers, and learn from every answer met.

        Parameters
        ----------
        each : float
            Pairs for each unit, those of least reduced cost.
        gap : float
            Relative: how exactly.

        Returns
        -------
        bool
            Whether answers fell apart, so that there is more to learn.
        """
        missing = self.root.known - self.root.proven
        reach = min(self.root.reach_of(each), missing)
        beyond = np.inf if reach >= missing else self.root.proven + reach
        model = self.root.left_over(reach)
        if model is None:
            self.raise_to(beyond)
            return False
        options = MilpOptions(
            time_limit_s=self.clock.left_s,
            node_limit=self.params.nodes - self.nodes,
            gap_rel=gap,
            cutoff=worth(self.root.known),
            keep_all=True,
        )
        answer = solve_arrays(model.arrays(), options)
        self.nodes += max(1, answer.nodes)
        self.raise_to(min(answer.bound, beyond))
        cuts = self.learn(model, answer)
        self.relax(cuts)
        return bool(cuts)

    def learn(self, model: AreaModel, answer: MilpAnswer) -> list[Cut]:
        """Keep connected answers, and return the separators that the others break."""
        cuts: dict[tuple[int, int, bytes], Cut] = {}
        for values in (*answer.met, *([] if answer.values is None else [answer.values])):
            site_of = model.labels_of(values)
            broken = cuts_of(self.instance, site_of, model.inside)
            cuts |= {(c.site, c.unit, c.separator.tobytes()): c for c in broken}
            self.keep(self.mend(site_of))
        return list(cuts.values())

    def keep(self, site_of: Ints | None) -> None:
        """Take an answer that is valid and better."""
        if site_of is None:
            return
        value = joint_cost(self.instance.problem, site_of)
        if value < self.root.known and not joint_faults(self.instance.problem, site_of):
            self.root.known = value


def worth(known: float) -> float:
    """Cost below which an answer is better than one known, beyond rounding."""
    return known - _TIGHT * max(1.0, abs(known))


def _is_slow(history: list[float]) -> bool:
    """Whether the last rounds brought next to nothing."""
    share, rounds = _SLOW
    if len(history) <= rounds:
        return False
    return history[-1] - history[-1 - rounds] < share * abs(history[-1])
