"""A first answer for sites that can be full: who goes where, and which sites.

Units go to a site by regret, then are shifted; an overload is charged heavily, so that the search
may pass through it. Sites move to the best one of their own units.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

SWEEPS = 30  # of shifts, before sites may move again


def table(columns: Columns) -> Floats:
    """Cost of every unit at every site, shape (n, m); `Columns.missing` where there is no pair."""
    site = columns.site
    costs = np.full((columns.n, columns.m), columns.missing)
    costs[columns.unit, site] = columns.cost
    return costs


@njit(cache=True, nogil=True)
def _by_regret(costs, sizes, opened, charge, answer) -> None:  # type: ignore[no-untyped-def]
    demand, capacity = sizes
    place, load = answer
    n = len(demand)
    regret = np.empty(n)
    for i in range(n):
        one, two = np.inf, np.inf
        for j in opened:
            if costs[i, j] < one:
                one, two = costs[i, j], one
            elif costs[i, j] < two:
                two = costs[i, j]
        regret[i] = two - one if len(opened) > 1 else 0.0
    load[:] = 0.0
    for i in np.argsort(-regret):
        best, to = np.inf, -1
        for j in opened:
            over = max(load[j] + demand[i] - capacity[j], 0.0) - max(load[j] - capacity[j], 0.0)
            worth = costs[i, j] + charge * over
            if worth < best:
                best, to = worth, j
        place[i] = to
        load[to] += demand[i]


@njit(cache=True, nogil=True)
def _shift(costs, sizes, opened, charge, answer):  # type: ignore[no-untyped-def]
    demand, capacity = sizes
    place, load = answer
    moved = False
    for i in range(len(demand)):
        a, d = place[i], demand[i]
        freed = charge * (max(load[a] - capacity[a], 0.0) - max(load[a] - d - capacity[a], 0.0))
        best, to = -1e-7, -1
        for j in opened:
            if j == a:
                continue
            over = max(load[j] + d - capacity[j], 0.0) - max(load[j] - capacity[j], 0.0)
            worth = costs[i, j] - costs[i, a] + charge * over - freed
            if worth < best:
                best, to = worth, j
        if to >= 0:
            load[a] -= d
            load[to] += d
            place[i] = to
            moved = True
    return moved


@njit(cache=True, nogil=True)
def _recentred(costs, capacity, prices, opened, answer):  # type: ignore[no-untyped-def]
    """Move each site to the free one that serves its units best; whether any moved."""
    open_cost, forced = prices
    place, load = answer
    m = costs.shape[1]
    is_open = np.zeros(m, np.bool_)
    is_open[opened] = True
    changed = False
    for at in range(len(opened)):
        j = opened[at]
        members = np.flatnonzero(place == j)
        if forced[j] or len(members) == 0:
            continue
        total = np.zeros(m)
        for i in members:
            total += costs[i]
        total += open_cost
        best, to = total[j] - 1e-7, j
        for f in range(m):
            if not is_open[f] and total[f] < best and load[j] <= capacity[f]:
                best, to = total[f], f
        if to != j:
            is_open[j] = False
            is_open[to] = True
            place[members] = to
            load[to], load[j] = load[j], 0.0
            opened[at] = to
            changed = True
    return changed


def fill(columns: Columns, costs: Floats, is_open: Flags, rounds: int = 10) -> tuple[float, Ints]:
    """Fill the open sites and let them move.

    Parameters
    ----------
    columns : Columns
    costs : float64 array, shape (n, m)
        As `table` returns it.
    is_open : bool array, shape (m,)
        At least one.
    rounds : int
        How often sites may move.

    Returns
    -------
    (cost, site of each unit)
        Infinite where a site is overloaded or a unit has no pair with its site.
    """
    charge = columns.missing
    opened = np.flatnonzero(is_open).astype(np.int64)
    place = np.empty(columns.n, dtype=np.int32)
    load = np.zeros(columns.m)
    answer, prices = (place, load), (columns.open_cost, columns.forced)
    _by_regret(costs, columns.sizes, opened, charge, answer)
    for _ in range(rounds):
        for _ in range(SWEEPS):
            if not _shift(costs, columns.sizes, opened, charge, answer):
                break
        if not _recentred(costs, columns.capacity, prices, opened, answer):
            break
    return value_of(columns, costs, place), place


def value_of(columns: Columns, costs: Floats, place: Ints) -> float:
    """Cost of an assignment; infinite where it is not allowed."""
    load = np.bincount(place, weights=columns.demand, minlength=columns.m)
    own = costs[np.arange(columns.n), place]
    used = columns.forced.copy()
    used[place] = True
    room = columns.capacity + 1e-9 * np.maximum(1.0, np.abs(columns.capacity))
    if (own >= columns.missing).any() or (load > room).any() or used.sum() > columns.most:
        return float("inf")
    return float(own.sum() + columns.open_cost[used].sum())
