"""A location problem as columns, one per site: the form that the compiled kernels read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.problem.location import LocationProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Columns:
    """Pairs of units and sites, sorted by (site, unit).

    Parameters
    ----------
    start : int64 array, shape (m + 1,)
        Pairs of site j are ``start[j]:start[j + 1]``.
    unit : int32 array, shape (pairs,)
    cost : float64 array, shape (pairs,)
        Weighted minutes.
    demand : float64 array, shape (n,)
    capacity : float64 array, shape (m,)
        Infinite without a limit.
    open_cost : float64 array, shape (m,)
    forced : bool array, shape (m,)
    most : int
        Most open sites.
    """

    start: NDArray[np.int64]
    unit: Ints
    cost: Floats
    demand: Floats
    capacity: Floats
    open_cost: Floats
    forced: NDArray[np.bool_]
    most: int

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.demand)

    @property
    def m(self) -> int:
        """Number of sites."""
        return len(self.capacity)

    @property
    def net(self) -> tuple[NDArray[np.int64], Ints, Floats]:
        """Pairs as the kernels take them: start, unit, cost."""
        return self.start, self.unit, self.cost

    @property
    def sizes(self) -> tuple[Floats, Floats]:
        """Demand and capacity."""
        return self.demand, self.capacity

    @property
    def is_capacitated(self) -> bool:
        """Whether any site can be full."""
        return bool(np.isfinite(self.capacity).any())

    @property
    def is_integral(self) -> bool:
        """Whether every solution costs a whole number."""
        return all(np.array_equal(v, np.rint(v)) for v in (self.cost, self.open_cost))

    @property
    def missing(self) -> float:
        """More than any unit's cost: what a unit that no open site serves is charged."""
        return 1.0 + 2.0 * float(self.cost.max(initial=0.0)) + float(self.open_cost.sum())


def columns_of(problem: LocationProblem) -> Columns:
    """Sort a problem's pairs by site; pairs whose unit does not fit into the site are left out."""
    m = problem.n_sites
    capacity = np.full(m, np.inf) if problem.capacity is None else problem.capacity
    unit = np.repeat(np.arange(problem.n, dtype=np.int32), np.diff(problem.minutes.indptr))
    site = problem.minutes.indices
    cost = problem.weight[unit] * problem.minutes.data
    demand = problem.taken
    fits = demand[unit] <= capacity[site]
    unit, site, cost = unit[fits], site[fits], cost[fits]
    order = np.lexsort((unit, site))
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=m))])
    most = m if problem.max_open is None else min(problem.max_open, m)
    return Columns(
        start=start.astype(np.int64),
        unit=unit[order],
        cost=np.ascontiguousarray(cost[order]),
        demand=demand.astype(np.float64),
        capacity=capacity.astype(np.float64),
        open_cost=problem.open_cost.astype(np.float64),
        forced=problem.forced,
        most=most,
    )
