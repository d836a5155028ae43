"""A joint problem as arrays that the compiled kernels read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.problem.joint import JointProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Instance:
    """A joint problem, all pairs laid out.

    Parameters
    ----------
    problem : JointProblem
    ptr, nbr : int64, int32 arrays
        Neighbours of unit i are ``nbr[ptr[i]:ptr[i + 1]]``, sorted.
    cost : float64 array, shape (n, m)
        Infinite for pairs that no valid answer holds: without an entry, of a unit too large for the
        site, or of the unit of another site that is open in any case.
    """

    problem: JointProblem
    ptr: Longs
    nbr: Ints
    cost: Floats

    @property
    def graph(self) -> tuple[Longs, Ints]:
        """Neighbours as the kernels take them."""
        return self.ptr, self.nbr

    @property
    def sizes(self) -> tuple[Floats, Floats, Floats]:
        """Households of units, least and most households of sites."""
        return self.problem.amount, self.problem.low, self.problem.high

    @property
    def sites(self) -> tuple[Ints, Floats, Flags]:
        """Unit of each site, its cost, and whether it is open in any case."""
        return self.problem.site_unit, self.problem.open_cost, self.problem.forced


def instance_of(problem: JointProblem) -> Instance:
    """Lay a problem out."""
    n, m = problem.n, problem.m
    tail = np.concatenate([problem.tail, problem.head])
    head = np.concatenate([problem.head, problem.tail])
    order = np.lexsort((head, tail))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n))]).astype(np.int64)
    cost = np.full((n, m), np.inf)
    rows = np.repeat(np.arange(n), np.diff(problem.cost.indptr))
    cost[rows, problem.cost.indices] = problem.cost.data
    cost[problem.amount[:, None] > problem.high[None, :]] = np.inf
    _keep_own(cost, problem, problem.forced)
    return Instance(problem, ptr, head[order].astype(np.int32), cost)


def with_sites(instance: Instance, is_open: Flags) -> Instance:
    """Return the instance with these sites open in any case, and all others closed."""
    problem = instance.problem
    cost = np.where(is_open[None, :], instance.cost, np.inf)
    _keep_own(cost, problem, is_open)
    return Instance(problem.replace(forced=is_open), instance.ptr, instance.nbr, cost)


def _keep_own(cost: Floats, problem: JointProblem, is_open: Flags) -> None:
    """Let the units of open sites go to their own site alone."""
    taken = np.flatnonzero(is_open)
    own = problem.site_unit[taken]
    keep = cost[own, taken].copy()
    cost[own] = np.inf
    cost[own, taken] = keep


def near_pairs(instance: Instance, count: int) -> NDArray[np.bool_]:
    """Pairs of each unit with the sites that serve it at least cost, and of each site's own."""
    problem = instance.problem
    kth = min(count, problem.m) - 1
    most = np.partition(instance.cost, kth, axis=1)[:, kth]
    own = problem.site_unit, np.arange(problem.m)
    pairs = np.isfinite(instance.cost) & (instance.cost <= most[:, None])
    pairs[own] = np.isfinite(instance.cost[own])
    return pairs
