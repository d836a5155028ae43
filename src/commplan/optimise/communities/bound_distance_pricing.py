"""Price medians, compiled: the cheapest load of each within the bounds, a fractional knapsack."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Floats
from commplan.problem.threads import threads_at_hand

_LEAST_CELLS = 100_000  # of the table of distances, from which threads are worth starting
_MOST_THREADS = 4
_CHUNKS = 4  # for each thread: some regions are denser than others


@njit(cache=True)
def _marginal(load, low, target, deviation):  # type: ignore[no-untyped-def]
    """Change of the deviation's cost per household added, and where that changes next."""
    if load < low:
        return -np.inf, low
    if load < target:
        return -deviation, target
    return deviation, np.inf


@njit(cache=True)
def _best_load(order, rates, loads, first, limits):  # type: ignore[no-untyped-def]
    """Fill a community that holds ``first`` households with the nodes in the order of rates."""
    low, high, target, deviation = limits
    load = first
    value = 0.0
    taken = np.zeros(len(order))
    for i in order:
        h = loads[i]
        left = 1.0
        while left > 1e-12 and load < high:
            slope, until = _marginal(load, low, target, deviation)
            if rates[i] + slope >= 0.0:
                break
            step = min(left * h, min(until, high) - load)
            value += rates[i] * step
            load += step
            share = step / h
            taken[i] += share
            left -= share
        if left > 1e-12:
            break
    if load < low - 1e-6 or load > high + 1e-6:
        return np.inf, taken
    return value + deviation * abs(load - target), taken


@njit(cache=True)
def _price_median(j, data, near, prices, limits, steepest):  # type: ignore[no-untyped-def]
    """Cheapest community with median ``j``: its reduced cost, its nodes and their shares."""
    cost, node, households = data
    mine = node[j]
    first = households[mine]
    base = cost[j, mine] - prices[mine]
    low, deviation = limits[0], limits[3]
    chosen = np.empty(len(households), dtype=np.int32)
    rates = np.empty(len(households))
    count = 0
    load = first
    for i in range(near.shape[1]):
        v = near[j, i]
        h = households[v]
        if v == mine or h <= 0.0:
            continue
        mean = cost[j, v] / h
        # Rates of all further nodes are at least this.
        further = mean - steepest
        if further > deviation and load >= low:
            break
        if further > deviation and count % 32 == 31:
            at_hand = first
            for c in range(count):
                if rates[c] <= further:
                    at_hand += households[chosen[c]]
            if at_hand >= low:
                break
        rate = (cost[j, v] - prices[v]) / h
        if rate - deviation < 0.0:
            load += h
        chosen[count] = v
        rates[count] = rate
        count += 1
    loads = households[chosen[:count]]
    order = np.argsort(rates[:count])
    value, taken = _best_load(order, rates[:count], loads, first, limits)
    keep = taken > 0.0
    return base + value, chosen[:count][keep], taken[keep]


@njit(cache=True, nogil=True)
def _reduce(span, data, near, prices, limits, reduced):  # type: ignore[no-untyped-def]
    """Set the reduced cost of the medians ``span[0]..span[1] - 1``."""
    steepest = _steepest(prices, data[2])
    for j in range(span[0], span[1]):
        reduced[j] = _price_median(j, data, near, prices, limits, steepest)[0]


@njit(cache=True)
def _steepest(prices, households):  # type: ignore[no-untyped-def]
    """Highest price per household."""
    steepest = 0.0
    for v in range(len(prices)):
        if households[v] > 0.0:
            steepest = max(steepest, prices[v] / households[v])
    return steepest


@njit(cache=True)
def _uncovered(chosen, data, near, prices, limits):  # type: ignore[no-untyped-def]
    """How much of each node the communities of the ``chosen`` medians leave over."""
    slope = np.ones(len(prices))
    steepest = _steepest(prices, data[2])
    for j in chosen:
        _, nodes, taken = _price_median(j, data, near, prices, limits, steepest)
        slope[data[1][j]] -= 1.0
        for i in range(len(nodes)):
            slope[nodes[i]] -= taken[i]
    for v in range(len(prices)):
        if data[2][v] <= 0.0:
            slope[v] = 0.0
    return slope


Table = tuple[Any, NDArray[np.int32], Floats, tuple[float, float, float, float]]


def reduced_costs(table: Table) -> Floats:
    """Return the reduced cost of every median; chunks of them are priced side by side.

    Parameters
    ----------
    table : tuple
        (cost, node, households) as in `bound_distance.Medians`; the nodes by mean distance from
        each unit; prices; low, high, target and deviation.
    """
    data, near, prices, limits = table
    n = len(data[1])
    reduced = np.empty(n)
    threads = min(_MOST_THREADS, threads_at_hand())
    if threads < 2 or data[0].size < _LEAST_CELLS:
        _reduce((0, n), data, near, prices, limits, reduced)
        return reduced
    ends = np.linspace(0, n, _CHUNKS * threads + 1).astype(np.int64).tolist()
    with ThreadPoolExecutor(threads) as pool:
        spans = pairwise(ends)
        futures = [
            pool.submit(_reduce, span, data, near, prices, limits, reduced) for span in spans
        ]
    for future in futures:
        future.result()
    return reduced


def uncovered(table: Table, chosen: NDArray[np.int64]) -> Floats:
    """Return how much of each node the cheapest communities of ``chosen`` medians leave over.

    Negative where several take the same; 0 for nodes without households.
    """
    data, near, prices, limits = table
    slope: Floats = _uncovered(chosen, data, near, prices, limits)
    return slope
