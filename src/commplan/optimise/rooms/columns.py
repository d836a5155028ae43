"""A location problem as columns, one per site: the form that the compiled kernels read."""

from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def site(self) -> NDArray[np.int64]:
        """Site of each pair, shape (pairs,)."""
        return np.repeat(np.arange(self.m), np.diff(self.start))

    @property
    def net(self) -> tuple[NDArray[np.int64], Ints, Floats]:
        """Pairs as the kernels take them: start, unit, cost."""
        return self.start, self.unit, self.cost

    @property
    def sizes(self) -> tuple[Floats, Floats]:
        """Demand and capacity."""
        return self.demand, self.capacity

    @cached_property
    def need(self) -> float:
        """What the open sites must hold together; 0 where a site has no limit."""
        return float(self.demand.sum()) if np.isfinite(self.capacity).all() else 0.0

    @cached_property
    def fewest(self) -> int:
        """Fewest sites that can hold what is asked for; 0 where a site has no limit."""
        if not np.isfinite(self.capacity).all():
            return 0
        held = np.cumsum(np.sort(self.capacity)[::-1])
        return min(int(np.searchsorted(held, self.need * (1 - 1e-9))) + 1, self.m)

    @cached_property
    def rooms(self) -> tuple[Floats, float, int, int]:
        """Rules of the set of open sites: capacity of each, need, fewest, most."""
        return self.capacity, self.need, self.fewest, self.most

    @cached_property
    def is_capacitated(self) -> bool:
        """Whether any site can be full."""
        return bool(np.isfinite(self.capacity).any())

    @cached_property
    def is_integral(self) -> bool:
        """Whether every solution costs a whole number."""
        return all(np.array_equal(v, np.rint(v)) for v in (self.cost, self.open_cost))

    @cached_property
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


def reached_units(problem: LocationProblem) -> NDArray[np.bool_]:
    """Units that have a site within the limit into which they fit, shape (n,)."""
    row = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    if problem.capacity is not None:
        row = row[problem.taken[row] <= problem.capacity[problem.minutes.indices]]
    reached = np.zeros(problem.n, dtype=bool)
    reached[row] = True
    return reached
