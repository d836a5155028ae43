"""The exact model of some units and sites, on HiGHS, with separators added where they are missed.

least  Σ f_j y_j + Σ c_ij x_ij
served Σ_j x_ij = 1 for each unit;    only where open: x_ij <= y_j;   own: x_(unit of j),j = y_j
holds  low_j y_j <= Σ_i a_i x_ij <= high_j y_j;    most: Σ_j y_j <= p
joined x_ij <= Σ_(k in S) x_kj for separators S;   covers Σ_(i in C) w_i x_ij <= p y_j
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.joint.covers import Cover
from commplan.optimise.joint.cuts import Cut, cuts_of, neighbour_cuts
from commplan.optimise.joint.instance import Flags, Instance, Ints
from commplan.optimise.milp import MilpAnswer, MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.stop import Clock


@dataclass
class AreaModel:
    """The model of a part: which pairs it holds, and the separators and covers so far.

    Parameters
    ----------
    instance : Instance
    pairs : bool array, shape (n, m)
        Pairs that may be used; a site without a pair of its own unit stays closed.
    forced : bool array, shape (m,)
        Sites that are open.
    most : int or None
        Most open sites.
    joined : bool
        Whether to begin with the rows that ask for a neighbour; else without any separator.
    asking : bool
        Whether to begin with the rows that ask of each pair whether its site is open.
    """

    instance: Instance
    pairs: NDArray[np.bool_]
    forced: Flags
    most: int | None = None
    joined: bool = True
    asking: bool = True
    unit: Ints = field(init=False)
    site: Ints = field(init=False)
    sites: Ints = field(init=False)
    inside: Flags = field(init=False)
    at: NDArray[np.int64] = field(init=False)
    cuts: list[Cut | Cover] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out the columns: sites, then pairs by unit."""
        problem = self.instance.problem
        own = np.asarray(self.pairs[problem.site_unit, np.arange(problem.m)])
        unit, site = np.nonzero(self.pairs & own[None, :])
        self.unit, self.site = unit.astype(np.int32), site.astype(np.int32)
        self.sites = np.flatnonzero(own).astype(np.int32)
        self.inside = np.asarray(self.pairs.any(axis=1))
        self.at = np.full(self.pairs.shape, -1, dtype=np.int64)
        self.at[unit, site] = len(self.sites) + np.arange(len(unit))
        if self.joined:
            self.cuts += neighbour_cuts(self.instance, (self.unit, self.site))

    @property
    def asks(self) -> Flags:
        """Pairs that ask whether their site is open, shape (pairs,)."""
        return np.asarray(self.asking & ~self.forced[self.site])

    def arrays(self) -> MilpArrays:
        """Write the model with the separators so far."""
        problem, s, x = self.instance.problem, len(self.sites), len(self.unit)
        k = int(self.inside.sum())
        a = int(self.asks.sum())
        lower = [np.ones(k), np.zeros(3 * s + a)]
        upper = [np.ones(k), np.full(2 * s, np.inf), np.zeros(s), np.full(a, np.inf)]
        parts = [sparse.block_array(self._blocks(), format="csr")]
        if self.most is not None and self.most < s:
            parts.append(sparse.csr_array(np.repeat([1.0, 0.0], [s, x])[None, :]))
            lower.append(np.zeros(1))
            upper.append(np.array([float(self.most)]))
        parts.append(self.rows_of(self.cuts))
        lower.append(np.zeros(len(self.cuts)))
        upper.append(np.full(len(self.cuts), np.inf))
        serving = self.instance.cost[self.unit, self.site]
        return MilpArrays(
            cost=np.concatenate([problem.open_cost[self.sites], serving]),
            matrix=sparse.vstack(parts, format="csr"),
            row_lower=np.concatenate(lower),
            row_upper=np.concatenate(upper),
            col_lower=np.concatenate([self.forced[self.sites].astype(float), np.zeros(x)]),
            col_upper=np.ones(s + x),
            integral=np.ones(s + x, dtype=bool),
        )

    def _blocks(self) -> list[list[Any]]:
        """Rows by kind: served, holds at most, holds at least, own, only where open."""
        problem, s, x = self.instance.problem, len(self.sites), len(self.unit)
        pair = np.arange(x)
        of = np.searchsorted(self.sites, self.site)
        served = sparse.csr_array((np.ones(x), (self.unit, pair)), shape=(problem.n, x))
        loads = sparse.csr_array((problem.amount[self.unit], (of, pair)), shape=(s, x))
        own = self.at[problem.site_unit[self.sites], self.sites] - s
        asks = np.flatnonzero(self.asks)
        return [
            [None, served[np.flatnonzero(self.inside)]],
            [sparse.diags_array(problem.high[self.sites]).tocsr(), -loads],
            [-sparse.diags_array(problem.low[self.sites]).tocsr(), loads],
            [
                sparse.eye_array(s, format="csr"),
                -sparse.csr_array((np.ones(s), (np.arange(s), own)), shape=(s, x)),
            ],
            [
                sparse.csr_array((np.ones(x), (pair, of)), shape=(x, s))[asks],
                -sparse.eye_array(x, format="csr")[asks],
            ],
        ]

    def rows_of(self, cuts: Sequence[Cut | Cover]) -> sparse.csr_array:
        """Separators and covers as rows that must not be negative."""
        row, column, value = [], [], []
        for r, cut in enumerate(cuts):
            if isinstance(cut, Cover):
                at = self.at[cut.units, cut.site]
                row += [r] * (int((at >= 0).sum()) + 1)
                column += [*at[at >= 0].tolist(), int(np.searchsorted(self.sites, cut.site))]
                value += [*(-cut.weights[at >= 0]).tolist(), cut.most]
                continue
            carriers = self.at[cut.separator, cut.site]
            carriers = carriers[carriers >= 0]
            row += [r] * (len(carriers) + 1)
            column += [*carriers.tolist(), int(self.at[cut.unit, cut.site])]
            value += [1.0] * len(carriers) + [-1.0]
        shape = (len(cuts), len(self.sites) + len(self.unit))
        return sparse.csr_array((value, (row, column)), shape=shape)

    def columns_of(self, site_of: Ints) -> NDArray[np.float64] | None:
        """Return an answer as values of the columns; None where the model does not hold it."""
        units = np.flatnonzero(self.inside)
        at = self.at[units, site_of[units]]
        if (at < 0).any():
            return None
        values = np.zeros(len(self.sites) + len(self.unit))
        values[at] = 1.0
        values[: len(self.sites)] = np.isin(self.sites, site_of[units]) | self.forced[self.sites]
        return values

    def labels_of(self, values: NDArray[np.float64]) -> Ints:
        """Return the site of each unit of the part, -1 for others."""
        taken = values[len(self.sites) :] > 0.5
        site_of = np.full(self.instance.problem.n, -1, dtype=np.int32)
        site_of[self.unit[taken]] = self.site[taken]
        return site_of


@dataclass(frozen=True)
class Solved:
    """What rounds of a model came to: a connected answer if any, and a bound for the part."""

    site_of: Ints | None
    value: float
    bound: float
    status: MilpStatus
    nodes: int


def solve_rounds(
    model: AreaModel, start: Ints | None, options: MilpOptions, clock: Clock, rounds: int
) -> Solved:
    """Solve a model again and again, adding the separators that its answer misses.

    Parameters
    ----------
    model : AreaModel
        Keeps the separators found.
    start : int32 array, shape (n,), or None
        A connected answer to start from.
    options : MilpOptions
        Of each round.
    clock : Clock
    rounds : int
        Most rounds.
    """
    begin = None if start is None else model.columns_of(start)
    bound, nodes = -np.inf, 0
    answer: MilpAnswer | None = None
    for _ in range(rounds):
        answer = solve_arrays(model.arrays(), options, begin)
        nodes += answer.nodes
        bound = max(bound, answer.bound)
        if answer.values is None or answer.objective is None:
            return Solved(None, np.inf, bound, answer.status, nodes)
        site_of = model.labels_of(answer.values)
        missing = cuts_of(model.instance, site_of, model.inside)
        if not missing:
            return Solved(site_of, answer.objective, bound, answer.status, nodes)
        model.cuts += missing
        if clock.over():
            break
    return Solved(None, np.inf, bound, MilpStatus.NO_SOLUTION, nodes)
