"""Open and close communities: one is cut in two along a random spanning tree, or two are joined.

Single units cannot do either within the bounds. With Metropolis' rule on the cost of what is
concerned, the number of communities moves with the rest of the plan.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.attributes import attributes_fit, sum_fits
from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.kernel import uniform
from commplan.optimise.communities.recombine import (
    compiled_data,
    gather,
    median_of,
    pair_cost,
    pick_cut,
    split_labels,
    take_over,
    totals_below,
)
from commplan.optimise.communities.spanning import random_tree
from commplan.optimise.communities.state import State


@njit(cache=True)
def _size_cost(total, area, params):  # type: ignore[no-untyped-def]
    """Cost of a community for its size, its area and being one more."""
    return params[4] * abs(total - params[2]) + params[5] * abs(area - params[3]) + params[7]


@njit(cache=True)
def _try_split(v, b, data, state, heat, aids):  # type: ignore[no-untyped-def]
    """Cut the community of ``v`` in two, ``b`` being an empty one; whether the cut was taken."""
    place, rng = aids
    nodes_data, rows, members, params, attributes = data
    lab, _, home, centres = state
    a = lab[v]
    nodes = gather(v, a, lab, rows[0], place)
    taken = False
    parent, order, seen = random_tree(nodes, place, rows, 1.0 + 7.0 * uniform(rng), rng)
    below = totals_below(nodes, (parent, order[:seen]), nodes_data[0], nodes_data[3])
    cut = pick_cut(order[:seen], below, params, rng)
    if cut >= 0 and attributes_fit(nodes, (parent, order[:seen]), cut, attributes):
        sizes = (nodes_data[0], nodes_data[3])
        mine = split_labels(nodes, (parent, order), cut, (a, b), lab, sizes)
        homes = np.array([home[a], np.int32(-2)])
        centre = np.stack((centres[a], centres[a]))
        change = _size_cost(0.0, 0.0, params)  # the empty one costs nothing yet
        change -= pair_cost(nodes, place, lab[nodes], data, (a, b, homes, centre))
        if params[6] != 0.0:
            median_of(nodes, mine, a, members, centre[0], params[10])
            median_of(nodes, mine, b, members, centre[1], params[10])
        change += pair_cost(nodes, place, mine, data, (a, b, homes, centre))
        if change <= 0.0 or uniform(rng) < np.exp(-change / heat):
            take_over(nodes, mine, (a, b), data, state, centre)
            home[b] = -2
            taken = True
    for x in nodes:
        place[x] = -1
    return taken


@njit(cache=True)
def _try_merge(v, b, data, state, heat, aids):  # type: ignore[no-untyped-def]
    """Join the community of ``v`` and ``b``; whether that was taken."""
    place, rng = aids
    nodes_data, _, members, params, _ = data
    lab, _, home, centres = state
    a = lab[v]
    nodes = gather(v, b, lab, data[1][0], place)
    locks = 0
    for x in nodes:
        locks += nodes_data[3][x] >= 0
    taken = False
    if locks <= 1:
        homes = np.array([home[a], home[b]])
        centre = np.stack((centres[a], centres[b]))
        change = -params[7] - pair_cost(nodes, place, lab[nodes], data, (a, b, homes, centre))
        mine = np.full(len(nodes), a, dtype=np.int32)
        if params[6] != 0.0:
            median_of(nodes, mine, a, members, centre[0], params[10])
        change += pair_cost(nodes, place, mine, data, (a, b, homes, centre))
        change -= _size_cost(0.0, 0.0, params) - params[7]
        if change <= 0.0 or uniform(rng) < np.exp(-change / heat):
            take_over(nodes, mine, (a, b), data, state, centre)
            taken = True
    for x in nodes:
        place[x] = -1
    return taken


@njit(cache=True)
def _empty(sums):  # type: ignore[no-untyped-def]
    """First empty community, or -1."""
    for c in range(sums.shape[1]):
        if sums[2, c] == 0.0:
            return c
    return -1


@njit(cache=True, nogil=True)
def _restructure(data, state, control, rng):  # type: ignore[no-untyped-def]
    """Try ``control[0]`` openings and closings at temperature ``control[1]``."""
    params, graph = data[3], data[1][0]
    lab, sums = state[0], state[1]
    place = np.full(len(lab), -1, dtype=np.int32)
    used = np.sum(sums[2] > 0.0)
    for _ in range(int(control[0])):
        v = int(uniform(rng) * len(lab))
        a = lab[v]
        if sums[3, a] > 0.0 or sums[2, a] > control[2]:
            continue
        if uniform(rng) < 0.5:
            b = _empty(sums)
            fits = used < params[9] and sums[0, a] >= 2 * params[0] and sums[2, a] > 1.0
            if b >= 0 and fits:
                used += _try_split(v, b, data, state, control[1], (place, rng))
            continue
        degree = graph[0][v + 1] - graph[0][v]
        if degree == 0 or used <= params[8]:
            continue
        e = graph[0][v] + int(uniform(rng) * degree)
        b = lab[graph[1][e]]
        if b == a or not graph[2][e] or sums[0, a] + sums[0, b] > params[1]:
            continue
        if not sum_fits(sums, a, b, data[4]):
            continue
        if sums[2, a] + sums[2, b] <= control[2] and sums[3, b] == 0.0:
            used -= _try_merge(v, b, data, state, control[1], (place, rng))


def restructure(
    instance: Instance, state: State, tries: int, heat: float, rng: NDArray[np.uint64]
) -> None:
    """Open and close communities of ``state`` in place, as `recombine` cuts pairs anew.

    A new one is cut off along a random spanning tree and takes one of the state's spare places; to
    close one, it joins a neighbour. Both leave the communities concerned within the bounds.
    """
    _restructure(*compiled_data(instance, state, tries, heat), rng)
