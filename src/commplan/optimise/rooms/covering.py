"""Covering and centre models, as sparse arrays on HiGHS; only pairs within the limit are written.

open_j  site j is open                                     miss_g  units of kind g are missed
near    Σ_{j near i} open_j (+ miss_g) >= 1                most    Σ_j open_j <= p
budget  Σ_j f_j open_j <= b                                suited  Σ_{j unsuited} open_j <= u
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.milp import MilpAnswer, MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.rooms.cover_search import fewest_cover
from commplan.optimise.rooms.dominance import alike, largest_sets, packed, smallest_sets
from commplan.problem.location import LocationProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]

CUTS = 500  # to keep: coverings are proven as fast with them, in up to a third less memory


class CoverModel:
    """Which sites to open; a unit is covered if an open site is within the limit.

    Units that are covered with others and sites that others can stand for are not written.

    Parameters
    ----------
    problem : LocationProblem
        Without capacities.
    limit : float
        Pairs beyond it do not count.
    tight : bool array, shape (n,), optional
        Units that the limit holds for; all where left out.
    """

    def __init__(
        self, problem: LocationProblem, limit: float = np.inf, tight: Flags | None = None
    ) -> None:
        self.problem = problem
        minutes, m = problem.minutes, problem.n_sites
        limits = np.full(problem.n, limit)
        if tight is not None:
            limits[~tight] = np.inf
        unit = np.repeat(np.arange(problem.n), np.diff(minutes.indptr))
        near = minutes.data <= limits[unit]
        self.unit, self.site = unit[near], minutes.indices[near].astype(np.int64)
        useful = np.bincount(minutes.indices, minlength=m) > 0
        self.low = problem.forced.astype(np.float64)
        self.high = (problem.forced | useful).astype(np.float64)
        self.cost: Floats = np.zeros(m)
        self.missed: Floats = np.zeros(0)
        self.near = sparse.csr_array((0, m))
        self.rules: list[tuple[Floats, float]] = []  # sums of sites, and the most they may be
        if problem.max_open is not None:
            self.rules.append((np.ones(m), float(problem.max_open)))
        if problem.budget is not None:
            self.rules.append((problem.open_cost, problem.budget))

    def cover_least(self, needed: Flags) -> None:
        """Aim at the least price; at the fewest sites where no site has one."""
        forced = self.problem.forced
        served = np.zeros(self.problem.n, dtype=bool)
        served[self.unit[forced[self.site]]] = True
        asked = np.flatnonzero(needed & ~served)
        if len(asked):
            first, _ = alike(self._words(asked))
            units, sites = self._needed(asked[np.sort(first)])
            self.near = self._rows(units)
            self.high[~sites & ~forced] = 0.0
        priced = self.problem.is_priced
        self.cost = self.problem.open_cost.copy() if priced else np.ones(self.problem.n_sites)

    def miss_least(self) -> None:
        """Aim at the least weight that is not near; units with the same sites count together."""
        weight = self.problem.weight
        units = np.flatnonzero(weight > 0)
        first, kind = alike(self._words(units))
        sums = np.bincount(kind, weights=weight[units], minlength=len(first))
        self.missed = sums.astype(np.float64)
        self.near = self._rows(units[first])

    def _words(self, units: Positions) -> NDArray[np.uint64]:
        """Sites near each of some units."""
        row = np.full(self.problem.n, -1)
        row[units] = np.arange(len(units))
        there = row[self.unit] >= 0
        pairs = row[self.unit[there]], self.site[there]
        return packed(*pairs, (len(units), self.problem.n_sites))

    def _rows(self, units: Positions) -> sparse.csr_array:
        row = np.full(self.problem.n, -1)
        row[units] = np.arange(len(units))
        there = row[self.unit] >= 0
        pairs = (row[self.unit[there]], self.site[there])
        shape = (len(units), self.problem.n_sites)
        return sparse.csr_array((np.ones(len(pairs[0])), pairs), shape=shape)

    def _needed(self, units: Positions) -> tuple[Positions, Flags]:
        """Leave out units that are covered with others and sites that others can stand for."""
        problem, m = self.problem, self.problem.n_sites
        unsuited = np.zeros(m) if problem.unsuited is None else problem.unsuited.astype(float)
        prices = np.column_stack([problem.open_cost, unsuited])
        sites = np.ones(m, dtype=bool)
        while True:
            mask = packed(np.zeros(int(sites.sum()), int), np.flatnonzero(sites), (1, m))
            units = units[smallest_sets(self._words(units) & mask)]
            row, site = self._rows(units).nonzero()
            there = np.flatnonzero(sites)
            words = packed(site, row, (m, len(units)))[there]
            kept = there[largest_sets(words, prices[there])]
            if len(kept) == len(there):
                return units, sites
            sites = np.isin(np.arange(m), kept)

    def suited_first(self, options: MilpOptions) -> bool:
        """Hold the fewest unsuited sites with which the rows can be kept; whether that is proven."""
        unsuited = self.problem.unsuited
        if unsuited is None or not (unsuited & ~self.problem.forced).any():
            return True
        count = unsuited.astype(np.float64)
        answer = solve_arrays(self.arrays(count), options)
        if answer.objective is not None:
            self.rules.append((count, answer.objective + 0.5))
        return answer.status is MilpStatus.OPTIMAL

    def arrays(self, cost: Floats | None = None) -> MilpArrays:
        """Write the model; columns are the sites, then the kinds of units that may be missed.

        Parameters
        ----------
        cost : float64 array, shape (m,), optional
            Another aim.
        """
        m, g = self.problem.n_sites, len(self.missed)
        rules = np.array([rule for rule, _ in self.rules]).reshape(len(self.rules), m)
        aim = np.concatenate([self.cost, self.missed])
        if cost is not None:
            aim = np.concatenate([cost, np.zeros(g)])
        rows = sparse.vstack([self.near, sparse.csr_array(rules)], format="csr")
        if g:
            miss = sparse.eye_array(rows.shape[0], g, format="csr")
            rows = sparse.hstack([rows, miss], format="csr")
        count, tops = self.near.shape[0], [most for _, most in self.rules]
        return MilpArrays(
            cost=aim,
            matrix=rows,
            row_lower=np.concatenate([np.ones(count), np.full(len(tops), -np.inf)]),
            row_upper=np.concatenate([np.full(count, np.inf), tops]),
            col_lower=np.concatenate([self.low, np.zeros(g)]),
            col_upper=np.concatenate([self.high, np.ones(g)]),
            integral=np.arange(m + g) < m,
        )

    def _start(self, seed: int, known: Flags | None) -> Floats | None:
        """Columns of a known answer, or of a cover with few sites where their number counts."""
        if known is not None:
            missed = self.near @ known.astype(np.float64) < 0.5
            return np.concatenate([known, missed[: len(self.missed)]]).astype(np.float64)
        if len(self.missed) or not self.near.shape[0] or not (self.cost == 1.0).all():
            return None
        sites = np.flatnonzero(self.high > self.low)
        holds = self.near[:, sites].toarray() > 0
        if not holds.any(axis=1).all():
            return None
        begin = self.low.copy()
        begin[sites[fewest_cover(holds, seed)]] = 1.0
        return begin

    def solve(
        self, options: MilpOptions, known: Flags | None = None
    ) -> tuple[MilpAnswer, Flags | None]:
        """Solve; the answer and the open sites.

        Parameters
        ----------
        options : MilpOptions
        known : bool array, shape (m,), optional
            Sites of an answer to start from.
        """
        # Trying columns took most of the time at the root: without it two to three times as fast.
        options = replace(options, cut_pool=CUTS, strong_branching=False)
        answer = solve_arrays(self.arrays(), options, self._start(options.seed, known))
        if answer.values is None:
            return answer, None
        return answer, answer.values[: self.problem.n_sites] > 0.5


@dataclass(frozen=True)
class Centre:
    """Least longest walk: sites, its value, a proven bound."""

    is_open: Flags | None
    longest: float
    bound: float
    nodes: int


def least_longest(
    problem: LocationProblem, needed: Flags, tight: Flags, options: MilpOptions
) -> Centre:
    """Halve the range of distances; each half is decided by a covering model.

    The least longest walk is one of the distances that occur, so that a covering model per step
    decides it (Daskin 1995).

    Parameters
    ----------
    problem : LocationProblem
    needed : bool array, shape (n,)
        Units that need a site within reach.
    tight : bool array, shape (n,)
        Those of them whose walk counts.
    options : MilpOptions

    Returns
    -------
    Centre
        ``longest`` is infinite where nothing was found; ``bound`` too where nothing exists.
    """
    rows = np.repeat(tight, np.diff(problem.minutes.indptr))
    values = np.unique(np.append(problem.minutes.data[rows], 0.0))
    low, high, nodes = 0, len(values) - 1, 0  # the answer, if any, is among values[low..high]
    best: Flags | None = None
    longest = np.inf
    while low <= high:
        middle = (low + high) // 2 if best is not None else high
        model = CoverModel(problem, float(values[middle]), tight)
        model.cover_least(needed)
        answer, is_open = model.solve(options)
        nodes += answer.nodes
        if is_open is not None:
            best, longest = is_open, _longest(problem, is_open, tight)
            high = int(np.searchsorted(values, longest)) - 1
        elif answer.status is MilpStatus.INFEASIBLE:
            low = middle + 1
        else:
            break  # stopped: nothing is known from ``low`` up
    bound = float(values[low]) if low < len(values) else np.inf
    return Centre(best, longest, min(bound, longest), nodes)


def _longest(problem: LocationProblem, is_open: Flags, tight: Flags) -> float:
    minutes = problem.minutes
    row = np.repeat(np.arange(problem.n), np.diff(minutes.indptr))
    there = is_open[minutes.indices]
    nearest = np.full(problem.n, np.inf)
    np.minimum.at(nearest, row[there], minutes.data[there])
    return float(nearest[tight].max(initial=0.0))
