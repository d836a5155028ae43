"""Distances, imbalance and number bounded together by prices of nodes, worked out anew.

Every community has a median, another one for each. With a price for each node, a community of
median j costs at least r(j) and what its nodes are priced at, where r(j) is the least of a small
linear programme: which shares of nodes to take in, between the bounds (the Lagrangian dual of the
model of Hess et al. 1965). What is taken in is a knapsack filled in the order of cost per
household, and the deviation from the target bends that convex curve only where the target lies.
"""

from dataclasses import dataclass

import numpy as np

from commplan.certify.ground import Floats, Ints
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import ProofPart
from commplan.problem.terms import sum_by

_CELLS = 4_000_000  # of a table that are worked on at once
_ROUNDING = 1e-12  # of the amounts that are added up


@dataclass(frozen=True)
class Limits:
    """Households of a community: bounds, target, and what one off the target costs."""

    low: float
    high: float
    target: float
    deviation: float


def median_bound(problem: CommunityProblem, part: ProofPart) -> float:
    """Work out what the prices of a ``prices_distance`` part prove (households).

    Parameters
    ----------
    problem : CommunityProblem
    part : ProofPart
    """
    units, node = part.units, part.node.astype(np.int64)
    prices = np.asarray(part.prices, dtype=np.float64)
    households = problem.households[units].astype(np.float64)
    loads = sum_by(node, households, len(prices))
    w = problem.weights
    limits = Limits(part.low, part.high, problem.target_households, w.imbalance_households)
    least = np.empty(len(units))
    step = max(1, _CELLS // len(units))
    for at in range(0, len(units), step):
        block = slice(at, at + step)
        cost = _costs(problem.xy_km[units], w.distance_household_km * households, block, node)
        least[block] = _least(cost - prices[None, :], loads, node[block], limits)
    least = np.sort(least + w.communities)
    wanted = int(np.searchsorted(least, 0.0))
    k = min(max(wanted, part.fewest), part.most, len(least))
    amounts = np.abs(prices).sum() + np.abs(least[:k]).sum()
    return float(prices.sum() + least[:k].sum() - _ROUNDING * amounts)


def _costs(xy_km: Floats, weight: Floats, block: slice, node: Ints) -> Floats:
    """Weighted distance of each node from each unit of a block."""
    away = np.hypot(
        xy_km[block, None, 0] - xy_km[None, :, 0], xy_km[block, None, 1] - xy_km[None, :, 1]
    )
    order = np.argsort(node, kind="stable")
    starts = np.searchsorted(node[order], np.arange(int(node.max()) + 1))
    return np.asarray(np.add.reduceat((away * weight[None, :])[:, order], starts, axis=1))


def _least(net: Floats, loads: Floats, mine: Ints, limits: Limits) -> Floats:
    """Least cost of a community of each median; infinite where none is within the bounds."""
    rows = np.arange(len(net))
    own, first = net[rows, mine], loads[mine]
    free = loads <= 0
    others = net[:, free].copy()
    place = np.cumsum(free) - 1
    hit = free[mine]
    others[rows[hit], place[mine[hit]]] = 0.0
    base = own + np.minimum(others, 0.0).sum(axis=1)
    rates = np.where(free[None, :], np.inf, net / np.where(free, 1.0, loads)[None, :])
    rates[rows, mine] = np.inf
    order = np.argsort(rates, axis=1)
    taken = np.take_along_axis(np.where(np.isinf(rates), 0.0, loads[None, :]), order, axis=1)
    value = np.take_along_axis(np.where(np.isinf(rates), 0.0, net), order, axis=1)
    zero = np.zeros((len(net), 1))
    held = first[:, None] + np.hstack([zero, np.cumsum(taken, axis=1)])
    curve = base[:, None] + np.hstack([zero, np.cumsum(value, axis=1)])
    inside = (held >= limits.low) & (held <= limits.high)
    bent = curve + limits.deviation * np.abs(held - limits.target)
    best = np.where(inside, bent, np.inf).min(axis=1)
    for load in (limits.low, limits.high, limits.target):
        if limits.low <= load <= limits.high:
            between = _between(held, curve, load) + limits.deviation * abs(load - limits.target)
            best = np.minimum(best, between)
    return np.asarray(best)


def _between(held: Floats, curve: Floats, load: float) -> Floats:
    """Value of each row's curve at a load, by straight lines; infinite beyond its ends."""
    after = (held < load).sum(axis=1)
    rows = np.arange(len(held))
    inside = (after > 0) & (after < held.shape[1])
    right = np.clip(after, 1, held.shape[1] - 1)
    x0, x1 = held[rows, right - 1], held[rows, right]
    y0, y1 = curve[rows, right - 1], curve[rows, right]
    share = (load - x0) / np.where(x1 > x0, x1 - x0, 1.0)
    return np.where(inside, y0 + share * (y1 - y0), np.inf)
