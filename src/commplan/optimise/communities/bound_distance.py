"""Lower bound of Σ households × distance to the medians: Lagrangian relaxation of the Hess model.

The rule that each node joins one median is priced by λ. What remains falls apart: for each
possible median the cheapest load within the bounds (a knapsack, taken fractionally), and the best
number of medians (Hess et al. 1965; Beasley 1993). The prices are improved by subgradients with
Polyak's step. Any prices give a valid bound; `priced` recomputes it from them alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Floats, Ints

MOST_CELLS = 12_000_000  # of the table of distances; more would take too much memory
_WORK = 600_000_000  # cells looked at in all, in normal effort
_MOST_ROUNDS = 600
_UNLIMITED_ROUNDS = 4_000  # where only the time counts
_PATIENCE = 12  # rounds without a better bound before the step is halved


@dataclass(frozen=True)
class Medians:
    """What the bound needs to know of one component.

    Parameters
    ----------
    cost : float64 array, shape (units, nodes)
        Weighted Σ households × distance of each node seen from each unit as the median.
    node : int32 array, shape (units,)
        Node of each unit.
    households : float64 array, shape (nodes,)
    low, high : float
        Bounds of the households of one community.
    fewest, most : int
        Bounds of the number of communities.
    fixed : float
        Cost of each community, whatever it holds (households).
    target, deviation : float
        Each household off the target costs ``deviation``.
    """

    cost: Floats
    node: Ints
    households: Floats
    low: float
    high: float
    fewest: int
    most: int
    fixed: float = 0.0
    target: float = 0.0
    deviation: float = 0.0


def build_cost(xy_km: Floats, households: Floats, node: Ints, weight: float) -> Floats:
    """Cost of serving each node from each unit (households).

    Parameters
    ----------
    xy_km : float64 array, shape (units, 2)
    households : float64 array, shape (units,)
    node : int32 array, shape (units,)
    weight : float
        Worth of a household-kilometre.
    """
    m = int(node.max()) + 1
    result = np.zeros((len(node), m))
    if len(np.unique(node)) == len(node):
        away = np.hypot(*(xy_km[:, None, :] - xy_km[None, :, :]).transpose(2, 0, 1))
        result[:, node] = weight * away * households[None, :]
        return result
    for u in range(len(node)):
        away = np.hypot(xy_km[:, 0] - xy_km[u, 0], xy_km[:, 1] - xy_km[u, 1])
        result[:, node[u]] += weight * households[u] * away
    return result


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


@njit(cache=True)
def _price_all(data, near, prices, limits, rooms):  # type: ignore[no-untyped-def]
    """Reduced cost of every median, and what each takes in."""
    n = len(data[1])
    steepest = 0.0
    for v in range(len(prices)):
        if data[2][v] > 0.0:
            steepest = max(steepest, prices[v] / data[2][v])
    reduced = np.empty(n)
    ptr = np.zeros(n + 1, dtype=np.int64)
    flat = np.empty(rooms, dtype=np.int32)
    share = np.empty(rooms)
    for j in range(n):
        value, nodes, taken = _price_median(j, data, near, prices, limits, steepest)
        reduced[j] = value
        at = ptr[j]
        if at + len(nodes) > len(flat):
            flat = np.concatenate((flat, np.empty(len(flat) + len(nodes), dtype=np.int32)))
            share = np.concatenate((share, np.empty(len(flat) - len(share))))
        flat[at : at + len(nodes)] = nodes
        share[at : at + len(nodes)] = taken
        ptr[j + 1] = at + len(nodes)
    return reduced, ptr, flat, share


def priced(medians: Medians, prices: Floats) -> tuple[float, Floats]:
    """Bound that ``prices`` prove, and its subgradient.

    Parameters
    ----------
    medians : Medians
    prices : float64 array, shape (nodes,)
        Zero for nodes without households.
    """
    return _priced(medians, _nearest(medians), prices)


def _nearest(medians: Medians) -> Ints:
    """Nodes by mean distance, for every unit."""
    mean = medians.cost / np.maximum(medians.households, 1e-9)[None, :]
    mean[:, medians.households <= 0] = np.inf
    return np.argsort(mean, axis=1, kind="stable").astype(np.int32)


def _priced(medians: Medians, near: Ints, prices: Floats) -> tuple[float, Floats]:
    limits = (medians.low, medians.high, medians.target, medians.deviation)
    data = (medians.cost, medians.node, medians.households)
    reduced, ptr, flat, share = _price_all(data, near, prices, limits, 64 * len(medians.node))
    reduced = reduced + medians.fixed
    order = np.argsort(reduced, kind="stable")
    negative = int((reduced < 0).sum())
    k = min(max(negative, medians.fewest), medians.most, len(order))
    slope = np.ones(len(prices))
    for j in order[:k]:
        slope[medians.node[j]] -= 1.0
        at = slice(ptr[j], ptr[j + 1])
        slope[flat[at]] -= share[at]
    slope[medians.households <= 0] = 0.0
    return float(prices.sum() + reduced[order[:k]].sum()), slope


@dataclass(frozen=True)
class Proven:
    """A bound and the prices that prove it."""

    bound: float
    prices: Floats
    rounds: int


def distance_prices(
    medians: Medians, start: Floats, goal: float, effort: float, is_over: Callable[[], bool]
) -> Proven:
    """Look for prices with a high bound.

    Parameters
    ----------
    medians : Medians
    start : float64 array, shape (nodes,)
    goal : float
        Cost of a known plan (sets the step).
    effort : float
        Multiple of the normal number of rounds.
    is_over : callable
        True ends the search with the best prices so far.
    """
    near = _nearest(medians)
    most = _MOST_ROUNDS if np.isfinite(effort) else _UNLIMITED_ROUNDS
    rounds = int(min(most, max(20, effort * _WORK / medians.cost.size)))
    prices = np.where(medians.households > 0, start, 0.0)
    best, kept = 0.0, np.zeros_like(prices)  # costs are not negative
    direction = np.zeros_like(prices)
    step, stale, done = 1.0, 0, 0
    for _ in range(rounds):
        done += 1
        bound, slope = _priced(medians, near, prices)
        if not np.isfinite(bound):
            break
        stale += 1
        if bound > best + 1e-9 * abs(best):
            stale = 0 if bound > best + 1e-4 * abs(goal - best) else stale
            best, kept = bound, prices
        norm = float(slope @ slope)
        if norm < 1e-12 or goal - best < 1e-9 * abs(goal) or is_over():
            break
        if stale >= _PATIENCE:
            step, stale, prices = step * 0.6, 0, kept
            direction = np.zeros_like(prices)
            if step < 1e-3:
                break
            continue
        # A share of the last direction damps the zigzag (Camerini, Fratta & Maffioli 1975).
        direction = slope + 0.6 * direction
        size = step * max(goal - bound, 1e-6 * abs(goal)) / float(direction @ direction)
        prices = np.maximum(prices + size * direction, 0.0)
    return Proven(best, kept, done)


def start_prices(cost: NDArray[np.float64], households: Floats, medians: Ints) -> Floats:
    """Prices to start from: what the second nearest of some medians would charge."""
    near = np.sort(cost[medians], axis=0)
    second = near[min(1, len(near) - 1)]
    prices: Floats = np.where(households > 0, 0.5 * (near[0] + second), 0.0)
    return prices
