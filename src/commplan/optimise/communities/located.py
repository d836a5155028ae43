"""A plan to start from where distances count: communities round the medians of a relaxation.

Spread evenly, communities are too many where people live close together and too few where they do
not, and single moves do not carry a community from one end of the area to the other. The
Lagrangian relaxation of the Hess model (`bound_distance`) tells where medians belong. They are
rounded, and each unit goes to the median that is nearest after those of full communities have been
moved away (an additively weighted Voronoi diagram: Aurenhammer, Hoffmann & Aronov 1998).
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.bound_distance import (
    Medians,
    build_cost,
    distance_prices,
    effort_of,
    start_prices,
)
from commplan.optimise.communities.instance import Floats, Instance, Ints

LOCATED = -1  # stands for such a start among numbers of communities
MOST_CELLS = 4_000_000  # units × nodes; beyond, the relaxation takes longer than a search
_ROUNDS = 160  # of prices
_PASSES = 300  # of weights
_LEAST_OPEN = 0.002
_LEAST_MASS = 0.1  # of a median


def locates(instance: Instance) -> bool:
    """Whether the relaxation says where communities of ``instance`` belong."""
    p = instance.params
    cells = len(instance.members.unit) * instance.n
    return bool(p[6] > 0 and p[10] == 0 and not instance.exempt.any() and cells <= MOST_CELLS)


def located_labels(instance: Instance, labels: Ints, is_over: Callable[[], bool]) -> Ints:
    """Draw connected communities round the medians of a relaxation.

    Parameters
    ----------
    instance : Instance
        One for which `locates` is true.
    labels : int32 array, shape (nodes,)
        A valid plan: it sets the number of communities, and its cost the steps.
    is_over : callable
        True ends the work on the prices.

    Returns
    -------
    int32 array, shape (nodes,)
        Bounds are kept only about; ``labels`` themselves where no medians could be told.
    """
    m = instance.members
    node = np.repeat(np.arange(instance.n, dtype=np.int32), np.diff(m.ptr))
    xy = np.column_stack([m.x_km, m.y_km])
    loads = instance.households.astype(np.float64)
    k = int(labels.max()) + 1
    cost = build_cost(xy, m.households, node, 1.0)
    groups = [np.flatnonzero(labels == c) for c in range(k)]
    places = [np.flatnonzero(np.isin(node, g)) for g in groups]
    served = [cost[np.ix_(u, g)].sum(axis=1) for u, g in zip(places, groups, strict=True)]
    known = [u[s.argmin()] for u, s in zip(places, served, strict=True)]
    goal = float(sum(s.min() for s in served))
    medians = Medians(cost, node, loads, instance.low, instance.high, k, k)
    start = start_prices(cost, loads, np.array(known, dtype=np.int32))
    found = distance_prices(medians, start, goal, effort_of(medians, _ROUNDS), is_over)
    openness = found.openness * k / max(1e-9, float(found.openness.sum()))
    chosen = _rounded(openness, (xy, m.households, node), float(instance.low), k)
    if len(chosen) < k:
        return labels
    away = np.where(loads > 0, cost[chosen] / np.maximum(loads, 1e-9), np.inf)
    empty = np.flatnonzero(loads <= 0)
    first = m.ptr[empty]
    for j, u in enumerate(chosen):
        away[j, empty] = np.hypot(m.x_km[first] - xy[u, 0], m.y_km[first] - xy[u, 1])
    grown = _grown(instance, away - _weights(away, loads, instance)[:, None], node[chosen])
    return grown if (grown >= 0).all() else labels


@njit(cache=True)
def _surveyed(units, low):  # type: ignore[no-untyped-def]
    """Distances between units, their order, and how far each reaches for ``low`` households."""
    xy, households, _ = units
    n = len(xy)
    away = np.empty((n, n))
    order = np.empty((n, n), dtype=np.int32)
    scale = np.empty(n)
    for j in range(n):
        away[j] = np.sqrt((xy[:, 0] - xy[j, 0]) ** 2 + (xy[:, 1] - xy[j, 1]) ** 2)
        order[j] = np.argsort(away[j])
        held = 0.0
        for u in order[j]:
            held += households[u]
            scale[j] = max(away[j, u], 1e-6)
            if held >= low:
                break
    return away, order, scale


@njit(cache=True)
def _rounded(openness, units, low, k):  # type: ignore[no-untyped-def]
    """Gather what is open in parts into ``k`` whole medians, the closest parts first."""
    node = units[2]
    away, order, scale = _surveyed(units, low)
    left = openness.copy()
    used = np.zeros(node.max() + 1, dtype=np.bool_)
    chosen = np.empty(k, dtype=np.int64)
    for c in range(k):
        best, at = np.inf, -1
        for j in range(len(left)):
            if left[j] < _LEAST_OPEN or used[node[j]]:
                continue
            mass, value = 0.0, 0.0
            for u in order[j]:
                part = min(left[u], 1.0 - mass)
                mass += part
                value += part * away[j, u]
                if mass >= 1.0 - 1e-9 or value >= best * scale[j]:
                    break
            if mass >= _LEAST_MASS and value < best * scale[j]:
                best, at = value / scale[j], j
        if at < 0:
            return chosen[:c]
        chosen[c] = at
        used[node[at]] = True
        mass = 0.0
        for u in order[at]:
            part = min(left[u], 1.0 - mass)
            left[u] -= part
            mass += part
    return chosen


def _weights(away: Floats, loads: Floats, instance: Instance) -> Floats:
    """Weights (km) by which communities come about within the bounds."""
    weights = np.zeros(len(away))
    rate = float(away.min(axis=0).mean())
    low, high = float(max(1, instance.low)), float(instance.high)
    for i in range(_PASSES):
        labels = (away - weights[:, None]).argmin(axis=0)
        load = np.bincount(labels, loads, len(away))
        lack = np.maximum(low - load, 0.0) - np.maximum(load - high, 0.0)
        if not lack.any():
            break
        weights += rate / (1.0 + i / 20) * lack / low
    return weights


def _grown(instance: Instance, away: Floats, roots: NDArray[np.int32]) -> Ints:
    """Give nodes to the nearest median that reaches them; each community grows from its root."""
    rows = instance.rows
    nearest = away.argmin(axis=0)
    labels = np.full(instance.n, -1, dtype=np.int32)
    # What lies with its nearest median comes first, then the rest, from the nearest on.
    heap = [(-np.inf, int(v), j) for j, v in enumerate(roots)]
    heapify(heap)
    while heap:
        _, v, j = heappop(heap)
        if labels[v] >= 0:
            continue
        labels[v] = j
        for e in range(rows.ptr[v], rows.ptr[v + 1]):
            u = int(rows.nbr[e])
            if rows.is_open[e] and labels[u] < 0:
                key = -np.inf if nearest[u] == j else float(away[j, u])
                heappush(heap, (key, u, j))
    return labels
