"""The best plan of a few units by looking at every set of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from commplan.certify.counts import edge_costs
from commplan.certify.ground import Floats, Ints, may_stay
from commplan.certify.parts import Derived
from commplan.problem.communities import CommunityProblem
from commplan.problem.successors import match_successors
from commplan.problem.terms import target_area_km2

MOST_UNITS = 20
_MOST_SETS = 60_000
_MOST_STEPS = 2_000_000_000
_MOST_PLANS = 50_000
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Sets:
    """Communities that are possible: bit masks of units, sorted by their lowest unit, and costs.

    Moved households are not in ``cost``; a border counts half.
    """

    mask: Ints
    cost: Floats
    ptr: Ints


def enumerated(problem: CommunityProblem, units: Ints, claimed: float) -> Derived:
    """Least cost of the communities of whole areas, by enumeration where that is not too much.

    Parameters
    ----------
    problem : CommunityProblem
    units : int64 array
        Sorted.
    claimed : float
        Where plans have to be looked at one by one, only cheaper ones are.
    """
    trust = Derived(claimed, "solver", {"units": len(units)}, trusted=True)
    moves = problem.weights.moved_households > 0 or bool(problem.locked[units].any())
    numbered = problem.min_communities > 0 or problem.max_communities is not None
    was = problem.today >= 0
    alone = not np.isin(problem.today[was & ~_inside(problem, units)], problem.today[units]).any()
    limited = bool(problem.attributes) or problem.max_moved_households is not None
    if len(units) > MOST_UNITS or limited or problem.exempt[units].any():
        return trust
    if (moves and not alone) or (numbered and len(units) < problem.n):
        return trust
    sets = _sets(problem, units)
    if sets is None:
        return trust
    least, steps = _least_rest(sets.mask, sets.cost, sets.ptr, _MOST_STEPS)
    if steps < 0:
        return trust
    if not (moves or numbered):
        return Derived(float(least[-1]) * (1 + _TOLERANCE))
    best = claimed
    for count, (chosen, cost) in enumerate(_plans(sets, least, claimed * (1 - _TOLERANCE))):
        if count >= _MOST_PLANS:
            return trust
        best = min(best, cost + _moved(problem, units, chosen))
    return Derived(best)


def _inside(problem: CommunityProblem, units: Ints) -> NDArray[np.bool_]:
    return np.isin(np.arange(problem.n), units)


def _sets(problem: CommunityProblem, units: Ints) -> Sets | None:
    """Every connected set of units that could be a community; None where there are too many."""
    n, bit = len(units), np.left_shift(1, np.arange(len(units), dtype=np.int64))
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = np.arange(n)
    e = problem.edges
    keep = e.is_open & (problem.part[e.tail] == problem.part[e.head])
    keep &= (place[e.tail] >= 0) & (place[e.head] >= 0)
    near = np.zeros(n, dtype=np.int64)
    np.bitwise_or.at(near, place[e.tail[keep]], bit[place[e.head[keep]]])
    np.bitwise_or.at(near, place[e.head[keep]], bit[place[e.tail[keep]]])
    kept = [place[u] for u in may_stay(problem) if (place[u] >= 0).all()]
    exact = np.array(sorted(int(bit[u].sum()) for u in kept), dtype=np.int64)
    households = problem.households[units].astype(np.int64)
    bounds = (problem.min_households, problem.max_households)
    masks = _connected(near, households, bounds, exact, _MOST_SETS)
    if len(masks) > _MOST_SETS:
        return None
    for group in _together(problem, units):
        both = masks & int(bit[group].sum())
        masks = masks[(both == 0) | (both == int(bit[group].sum()))]
    has = (masks[:, None] & bit[None, :]) > 0
    lowest = has.argmax(axis=1) if len(masks) else np.zeros(0, dtype=np.int64)
    order = np.argsort(lowest, kind="stable")
    ptr = np.searchsorted(lowest[order], np.arange(n + 1))
    return Sets(masks[order], _costs(problem, units, has[order].astype(np.float64)), ptr)


def _together(problem: CommunityProblem, units: Ints) -> list[Ints]:
    """Places of units that have to stay together: groups, locked units of one old community."""
    locked = np.where(problem.locked[units], problem.today[units], -1)
    return [
        np.flatnonzero(of == number)
        for of in (problem.group[units], locked)
        for number in np.unique(of[of >= 0])
    ]


@njit(cache=True)
def _connected(near, households, bounds, exact, most):  # type: ignore[no-untyped-def]
    """Masks of connected sets within the bounds, or named in ``exact``; one too many ends it."""
    n = len(near)
    total = np.zeros(1 << n, dtype=np.int64)
    found = np.empty(most + 1, dtype=np.int64)
    count = 0
    for mask in range(1, 1 << n):
        low = 0
        while not (mask >> low) & 1:
            low += 1
        total[mask] = total[mask & (mask - 1)] + households[low]
        fits = bounds[0] <= total[mask] <= bounds[1]
        if not fits and not (exact == mask).any():
            continue
        reach, edge = 1 << low, 1 << low
        while edge:
            beyond = 0
            for v in range(n):
                if (edge >> v) & 1:
                    beyond |= near[v]
            edge = beyond & mask & ~reach
            reach |= edge
        if reach == mask:
            found[count] = mask
            count += 1
            if count > most:
                break
    return found[:count]


def _costs(problem: CommunityProblem, units: Ints, has: Floats) -> Floats:
    """Weighted cost of each set by itself, moved households apart; borders count half."""
    w, e = problem.weights, problem.edges
    cost = edge_costs(problem)
    row = np.zeros((problem.n, problem.n))
    row[e.tail, e.head] = row[e.head, e.tail] = cost
    inner = row[np.ix_(units, units)]
    border = 0.5 * (has @ row[units].sum(axis=1) - ((has @ inner) * has).sum(axis=1))
    households = problem.households[units].astype(np.float64)
    xy = problem.xy_km[units]
    away = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    to_each = np.where(has > 0, has @ (away * households[None, :]).T, np.inf)
    area = np.abs(has @ problem.area_km2[units] - target_area_km2(problem))
    off = np.abs(has @ households - problem.target_households)
    distance = to_each.min(axis=1) if len(has) else np.zeros(0)
    return np.asarray(
        border
        + w.distance_household_km * distance
        + w.imbalance_households * off
        + w.area_imbalance_km2 * area
        + w.communities
    )


@njit(cache=True)
def _least_rest(masks, cost, ptr, most):  # type: ignore[no-untyped-def]
    """Least cost of sharing out each set of units that can be left over; steps < 0: too many."""
    n = len(ptr) - 1
    full = (1 << n) - 1
    is_met = np.zeros(full + 1, dtype=np.uint8)
    is_met[full] = 1
    least = np.full(full + 1, np.inf)
    least[0] = 0.0
    steps = 0
    for forward in range(2):
        for i in range(full):
            mask = i + 1 if forward else full - i
            if not is_met[mask]:
                continue
            low = 0
            while not (mask >> low) & 1:
                low += 1
            steps += ptr[low + 1] - ptr[low]
            if steps > most:
                return least, -1
            for s in range(ptr[low], ptr[low + 1]):
                if masks[s] & mask == masks[s]:
                    rest = mask ^ masks[s]
                    is_met[rest] = 1
                    if forward:
                        least[mask] = min(least[mask], cost[s] + least[rest])
    return least, steps


def _plans(sets: Sets, least: Floats, limit: float) -> Iterator[tuple[list[int], float]]:
    """Plans that cost less than ``limit``, moved households apart: masks and cost."""
    todo: list[tuple[int, list[int], float]] = [(len(least) - 1, [], 0.0)]
    while todo:
        left, chosen, cost = todo.pop()
        if left == 0:
            yield chosen, cost
            continue
        low = (left & -left).bit_length() - 1
        for s in range(int(sets.ptr[low]), int(sets.ptr[low + 1])):
            mask = int(sets.mask[s])
            if mask & left == mask:
                spent = cost + float(sets.cost[s])
                if spent + least[left ^ mask] < limit:
                    todo.append((left ^ mask, [*chosen, mask], spent))


def _moved(problem: CommunityProblem, units: Ints, chosen: list[int]) -> float:
    """Cost of moved households of a plan; infinite where a lock or the number is broken."""
    most = problem.max_communities
    if len(chosen) < problem.min_communities or (most is not None and len(chosen) > most):
        return float(np.inf)
    labels = np.zeros(len(units), dtype=np.int64)
    for c, mask in enumerate(chosen):
        labels[[u for u in range(len(units)) if (mask >> u) & 1]] = c
    today = problem.today[units].astype(np.int64)
    households = problem.households[units].astype(np.int64)
    was = today >= 0
    locked = problem.locked[units] & was
    if locked.any():
        successor = match_successors(today, labels, households, problem.locked[units])
        if (successor[labels[locked]] != today[locked]).any():
            return float(np.inf)
    if not was.any():
        return 0.0
    old = np.unique(today[was], return_inverse=True)[1]
    shared = np.zeros((int(old.max()) + 1, len(chosen)))
    np.add.at(shared, (old, labels[was]), households[was])
    stays = shared[linear_sum_assignment(shared, maximize=True)].sum()
    return float(problem.weights.moved_households * (households[was].sum() - stays))
