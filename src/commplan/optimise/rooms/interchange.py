"""Local search for sites without capacities: add, drop and swap, each gain in one sweep.

The fast interchange of Whitaker (1983) with the bookkeeping of Resende and Werneck (2007), on sparse
columns: only units that a site can serve are looked at.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _two_nearest(is_open, net, missing, nearest) -> None:  # type: ignore[no-untyped-def]
    start, unit, cost = net
    first, near, second = nearest
    first[:] = -1
    near[:] = missing
    second[:] = missing
    for j in np.flatnonzero(is_open):
        for at in range(start[j], start[j + 1]):
            i = unit[at]
            if cost[at] < near[i]:
                second[i] = near[i]
                near[i] = cost[at]
                first[i] = j
            elif cost[at] < second[i]:
                second[i] = cost[at]


@njit(cache=True, nogil=True)
def _losses(is_open, prices, nearest):  # type: ignore[no-untyped-def]
    """Work out what closing each open site costs; infinite for those that cannot be closed."""
    open_cost, forced = prices
    first, near, second = nearest
    loss = np.full(len(is_open), np.inf)
    for j in range(len(is_open)):
        if is_open[j] and not forced[j]:
            loss[j] = -open_cost[j]
    for i in range(len(first)):
        if first[i] >= 0:
            loss[first[i]] += second[i] - near[i]
    return loss


@njit(cache=True, nogil=True)
def _gain(f, net, nearest, less):  # type: ignore[no-untyped-def]
    """Work out what opening a site saves, and how it lowers the loss of closing each other."""
    start, unit, cost = net
    first, near, second = nearest
    less[:] = 0.0
    saved = 0.0
    for at in range(start[f], start[f + 1]):
        i = unit[at]
        if cost[at] < near[i]:
            saved += near[i] - cost[at]
            if first[i] >= 0:
                less[first[i]] += second[i] - near[i]
        elif cost[at] < second[i] and first[i] >= 0:
            less[first[i]] += second[i] - cost[at]
    return saved


@njit(cache=True, nogil=True)
def _best_move(is_open, net, prices, most, nearest):  # type: ignore[no-untyped-def]
    loss = _losses(is_open, prices, nearest)
    opened = np.flatnonzero(is_open)
    best, enter, leave = 0.0, -1, -1
    for j in opened:
        if loss[j] < best:
            best, leave = loss[j], int(j)
    less = np.zeros(len(is_open))
    for f in np.flatnonzero(~is_open):
        change = prices[0][f] - _gain(f, net, nearest, less)
        if len(opened) < most and change < best:
            best, enter, leave = change, int(f), -1
        for j in opened:
            if change + loss[j] - less[j] < best:
                best, enter, leave = change + loss[j] - less[j], int(f), int(j)
    return best, enter, leave


@njit(cache=True, nogil=True)
def _descend(is_open, net, prices, most, missing, nearest):  # type: ignore[no-untyped-def]
    while True:
        _two_nearest(is_open, net, missing, nearest)
        best, enter, leave = _best_move(is_open, net, prices, most, nearest)
        if best > -1e-7:
            return nearest[1].sum() + prices[0][is_open].sum()
        if enter >= 0:
            is_open[enter] = True
        if leave >= 0:
            is_open[leave] = False


def descend(columns: Columns, is_open: Flags) -> tuple[float, Flags]:
    """Move to the nearest local optimum; cost and sites, units without a site charged heavily."""
    sites = is_open.copy()
    n = columns.n
    nearest = (np.empty(n, np.int32), np.empty(n), np.empty(n))
    prices = (columns.open_cost, columns.forced)
    value = _descend(sites, columns.net, prices, columns.most, columns.missing, nearest)
    return float(value), sites


def shaken(columns: Columns, is_open: Flags, strength: int, rng: np.random.Generator) -> Flags:
    """Swap some open sites for closed ones at random."""
    sites = is_open.copy()
    out = np.flatnonzero(sites & ~columns.forced)
    enter = np.flatnonzero(~sites)
    k = min(strength, len(out), len(enter))
    if k:
        sites[rng.choice(out, k, replace=False)] = False
        sites[rng.choice(enter, k, replace=False)] = True
    return sites
