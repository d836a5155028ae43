"""Lower bound of Σ households × distance to the medians: Lagrangian relaxation of the Hess model.

The rule that each node joins one median is priced by λ. What remains falls apart: for each
possible median the cheapest load within the bounds (a knapsack, taken fractionally), and the best
number of medians (Hess et al. 1965; Beasley 1993). The prices are improved by subgradients with
Polyak's step. Any prices give a valid bound; `priced` recomputes it from them alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.bound_distance_pricing import reduced_costs, uncovered
from commplan.optimise.communities.instance import Floats, Ints, Positions

MOST_CELLS = 12_000_000  # of the table of distances; more would take too much memory
_WORK = 600_000_000  # cells looked at in all, in normal effort
_MOST_ROUNDS = 600
_UNLIMITED_ROUNDS = 4_000  # where only the time counts
_RECENT = 0.05  # weight of the last round among those that tell which medians are open
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


def priced(medians: Medians, prices: Floats) -> tuple[float, Floats]:
    """Bound that ``prices`` prove, and its subgradient.

    Parameters
    ----------
    medians : Medians
    prices : float64 array, shape (nodes,)
        Zero for nodes without households.
    """
    bound, slope, _ = _priced(medians, _nearest(medians), prices)
    return bound, slope


def _nearest(medians: Medians) -> Ints:
    """Nodes by mean distance, for every unit."""
    mean = medians.cost / np.maximum(medians.households, 1e-9)[None, :]
    mean[:, medians.households <= 0] = np.inf
    return np.argsort(mean, axis=1, kind="stable").astype(np.int32)


def _priced(medians: Medians, near: Ints, prices: Floats) -> tuple[float, Floats, Positions]:
    """Bound, subgradient and the medians that were chosen."""
    limits = (medians.low, medians.high, medians.target, medians.deviation)
    table = ((medians.cost, medians.node, medians.households), near, prices, limits)
    reduced = reduced_costs(table) + medians.fixed
    order = np.argsort(reduced, kind="stable")
    negative = int((reduced < 0).sum())
    k = min(max(negative, medians.fewest), medians.most, len(order))
    chosen = order[:k]
    return float(prices.sum() + reduced[chosen].sum()), uncovered(table, chosen), chosen


def effort_of(medians: Medians, rounds: int) -> float:
    """Return the effort that makes so many ``rounds`` of `distance_prices`."""
    return rounds * medians.cost.size / _WORK


@dataclass(frozen=True)
class Proven:
    """A bound and the prices that prove it.

    Parameters
    ----------
    bound : float
    prices : float64 array, shape (nodes,)
    rounds : int
    openness : float64 array, shape (units,)
        How often each unit was among the medians of late, 0 to 1: about the primal solution of
        the relaxation (as in the volume algorithm, Barahona & Anbil 2000).
    """

    bound: float
    prices: Floats
    rounds: int
    openness: Floats


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
    openness = np.zeros(len(medians.node))
    step, stale, done = 1.0, 0, 0
    for _ in range(rounds):
        done += 1
        bound, slope, chosen = _priced(medians, near, prices)
        if not np.isfinite(bound):
            break
        openness *= 1.0 - _RECENT
        openness[chosen] += _RECENT
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
    return Proven(best, kept, done, openness)


def start_prices(cost: NDArray[np.float64], households: Floats, medians: Ints) -> Floats:
    """Prices to start from: what the second nearest of some medians would charge."""
    near = np.sort(cost[medians], axis=0)
    second = near[min(1, len(near) - 1)]
    prices: Floats = np.where(households > 0, 0.5 * (near[0] + second), 0.0)
    return prices
