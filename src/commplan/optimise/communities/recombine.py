"""Merge two neighbouring communities and cut the union anew along a random spanning tree.

The step of ReCom (DeFord, Duchin & Solomon 2021), taken with Metropolis' rule on the cost of the
pair. It crosses what single units cannot where the bounds leave them no room.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.attributes import add_attributes, attributes_fit
from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.kernel import apart, flat_data, uniform
from commplan.optimise.communities.spanning import random_tree
from commplan.optimise.communities.state import State

_MOST_NODES = 3_000  # of a pair; a larger one costs more than it brings
_MOST_MEDIANS = 250  # where distances count, medians of larger pairs take too long


@njit(cache=True)
def gather(v, b, lab, graph, place):  # type: ignore[no-untyped-def]
    """Nodes of the communities of ``v`` and ``b``, by a search along open edges."""
    ptr, nbr, is_open = graph
    a = lab[v]
    nodes = [np.int32(v)]
    place[v] = 0
    done = 0
    while done < len(nodes):
        x = nodes[done]
        done += 1
        for e in range(ptr[x], ptr[x + 1]):
            u = nbr[e]
            if is_open[e] and place[u] < 0 and (lab[u] == a or lab[u] == b):
                place[u] = len(nodes)
                nodes.append(u)
    return np.array(nodes)


@njit(cache=True)
def totals_below(nodes, tree, households, lock):  # type: ignore[no-untyped-def]
    """Households and locked nodes of each node's subtree."""
    parent, order = tree
    total = np.zeros(len(nodes), dtype=np.int64)
    locks = np.zeros(len(nodes), dtype=np.int64)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        total[v] += households[nodes[v]]
        locks[v] += lock[nodes[v]] >= 0
        if i > 0:
            total[parent[v]] += total[v]
            locks[parent[v]] += locks[v]
    return total, locks


@njit(cache=True)
def pick_cut(order, below, params, rng):  # type: ignore[no-untyped-def]
    """Draw a node whose subtree and the rest both lie within the bounds; -1 for none."""
    total, locks = below
    root = order[0]
    found = -1
    count = 0
    for i in range(1, len(order)):
        v = order[i]
        rest = total[root] - total[v]
        if min(total[v], rest) < params[0] or max(total[v], rest) > params[1]:
            continue
        if locks[v] > 1 or locks[root] - locks[v] > 1:
            continue
        count += 1
        if uniform(rng) * count < 1.0:
            found = v
    return found


@njit(cache=True)
def split_labels(nodes, tree, cut, pair, lab, nodes_data):  # type: ignore[no-untyped-def]
    """Label the nodes anew; the side that holds more of ``pair[0]`` keeps its number."""
    parent, order = tree
    a, b = pair
    households, lock = nodes_data
    inside = np.zeros(len(nodes), dtype=np.int8)
    stay = 0.0
    fixed = 0
    for v in order:
        inside[v] = v == cut or (v != order[0] and inside[parent[v]] == 1)
        x = nodes[v]
        sign = 1.0 if (lab[x] == a) == (inside[v] == 1) else -1.0
        stay += sign * (households[x] + 0.001)
        if lock[x] >= 0:
            fixed += 1 if sign > 0 else -1
    keep = fixed > 0 or (fixed == 0 and stay >= 0)
    return np.where(inside == (1 if keep else 0), a, b).astype(np.int32)


@njit(cache=True)
def median_of(nodes, mine, c, members, centre, squared):  # type: ignore[no-untyped-def]
    """Set ``centre`` to the median unit of the nodes labelled ``c``."""
    ptr, x, y, hh = members[0], members[1], members[2], members[3]
    best = np.inf
    for p in range(len(nodes)):
        if mine[p] != c:
            continue
        for i in range(ptr[nodes[p]], ptr[nodes[p] + 1]):
            value = 0.0
            for q in range(len(nodes)):
                if mine[q] == c:
                    for j in range(ptr[nodes[q]], ptr[nodes[q] + 1]):
                        value += hh[j] * apart(x[i] - x[j], y[i] - y[j], squared)
                    if value >= best:
                        break
            if value < best:
                best = value
                centre[0], centre[1] = x[i], y[i]


@njit(cache=True)
def _pair_border(nodes, place, mine, rows):  # type: ignore[no-untyped-def]
    """Weighted border inside the pair."""
    (ptr, nbr, _), cost = rows
    value = 0.0
    for p in range(len(nodes)):
        for e in range(ptr[nodes[p]], ptr[nodes[p] + 1]):
            q = place[nbr[e]]
            if q > p and mine[q] != mine[p]:
                value += cost[e]
    return value


@njit(cache=True)
def _pair_sizes(nodes, mine, c, nodes_data, params):  # type: ignore[no-untyped-def]
    """Cost of the size and the area of the nodes labelled ``c``."""
    households, area = 0.0, 0.0
    for p in range(len(nodes)):
        if mine[p] == c:
            households += nodes_data[0][nodes[p]]
            area += nodes_data[1][nodes[p]]
    return params[4] * abs(households - params[2]) + params[5] * abs(area - params[3])


@njit(cache=True)
def _pair_members(nodes, mine, sides, members, params):  # type: ignore[no-untyped-def]
    """Cost of moved households and distances inside the pair."""
    a, home, centre = sides
    ptr, x, y, hh, today, moved = members
    weight, squared = params[6], params[10]
    value = 0.0
    for p in range(len(nodes)):
        s = 0 if mine[p] == a else 1
        for i in range(ptr[nodes[p]], ptr[nodes[p] + 1]):
            if moved[i] != 0.0 and today[i] != home[s]:
                value += moved[i]
            if weight != 0.0:
                value += weight * hh[i] * apart(x[i] - centre[s, 0], y[i] - centre[s, 1], squared)
    return value


@njit(cache=True)
def pair_cost(nodes, place, mine, data, sides):  # type: ignore[no-untyped-def]
    """All of the cost that the shape of the pair decides."""
    nodes_data, rows, members, params, _ = data
    a, b, home, centre = sides
    value = _pair_border(nodes, place, mine, rows)
    if params[4] != 0.0 or params[5] != 0.0:
        value += _pair_sizes(nodes, mine, a, nodes_data, params)
        value += _pair_sizes(nodes, mine, b, nodes_data, params)
    return value + _pair_members(nodes, mine, (a, home, centre), members, params)


@njit(cache=True)
def take_over(nodes, mine, pair, data, state, centre):  # type: ignore[no-untyped-def]
    """Write the new labels, sums and medians into the state."""
    a, b = pair
    lab, sums = state[0], state[1]
    sums[:, a] = 0.0
    sums[:, b] = 0.0
    for p in range(len(nodes)):
        v = nodes[p]
        lab[v] = mine[p]
        sums[0, mine[p]] += data[0][0][v]
        sums[1, mine[p]] += data[0][1][v]
        sums[2, mine[p]] += 1.0
        sums[3, mine[p]] += data[0][2][v]
        add_attributes(v, mine[p], sums, data[4])
    state[3][a] = centre[0]
    state[3][b] = centre[1]


@njit(cache=True)
def _try_pair(v, b, data, state, heat, aids):  # type: ignore[no-untyped-def]
    """Cut the communities of ``v`` and ``b`` anew; whether the cut was taken."""
    place, rng = aids
    nodes_data, rows, members, params, attributes = data
    lab, _, home, centres = state
    a = lab[v]
    nodes = gather(v, b, lab, rows[0], place)
    taken = False
    parent, order, seen = random_tree(nodes, place, rows, 1.0 + 7.0 * uniform(rng), rng)
    below = totals_below(nodes, (parent, order[:seen]), nodes_data[0], nodes_data[3])
    cut = pick_cut(order[:seen], below, params, rng)
    if cut >= 0 and attributes_fit(nodes, (parent, order[:seen]), cut, attributes):
        sizes = (nodes_data[0], nodes_data[3])
        mine = split_labels(nodes, (parent, order), cut, (a, b), lab, sizes)
        old = lab[nodes]
        homes = np.array([home[a], home[b]])
        centre = np.stack((centres[a], centres[b]))
        change = -pair_cost(nodes, place, old, data, (a, b, homes, centre))
        if params[6] != 0.0:
            median_of(nodes, mine, a, members, centre[0], params[10])
            median_of(nodes, mine, b, members, centre[1], params[10])
        change += pair_cost(nodes, place, mine, data, (a, b, homes, centre))
        if change <= 0.0 or uniform(rng) < np.exp(-change / heat):
            take_over(nodes, mine, (a, b), data, state, centre)
            taken = True
    for x in nodes:
        place[x] = -1
    return taken


@njit(cache=True, nogil=True)
def _recombine(data, state, control, rng):  # type: ignore[no-untyped-def]
    """Try ``control[0]`` pairs at temperature ``control[1]``; how many were cut anew."""
    rows, params = data[1], data[3]
    graph = rows[0]
    lab, sums = state[0], state[1]
    place = np.full(len(lab), -1, dtype=np.int32)
    taken = 0
    most = control[2]
    for _ in range(int(control[0])):
        v = int(uniform(rng) * len(lab))
        degree = graph[0][v + 1] - graph[0][v]
        if degree == 0:
            continue
        e = graph[0][v] + int(uniform(rng) * degree)
        a, b = lab[v], lab[graph[1][e]]
        total = sums[0, a] + sums[0, b]
        if a == b or not graph[2][e] or total < 2 * params[0] or total > 2 * params[1]:
            continue
        if sums[2, a] + sums[2, b] > most or sums[3, a] + sums[3, b] > 0.0:
            continue
        taken += _try_pair(v, b, data, state, control[1], (place, rng))
    return taken


def recombine(
    instance: Instance, state: State, tries: int, heat: float, rng: NDArray[np.uint64]
) -> int:
    """Cut pairs of neighbouring communities of ``state`` anew, in place.

    Parameters
    ----------
    instance : Instance
    state : State
        Connected communities; what comes of a pair lies within the bounds.
    tries : int
        Edges drawn; those inside a community are no pair.
    heat : float
        Temperature (households).
    rng : uint64 array, shape (1,)

    Returns
    -------
    int
        How many pairs were cut anew.
    """
    return int(_recombine(*compiled_data(instance, state, tries, heat), rng))


def compiled_data(
    instance: Instance, state: State, tries: int, heat: float
) -> tuple[Any, Any, Any]:
    """Instance, state and control as the compiled code takes them."""
    labels = (state.labels, state.sums, state.home, state.centre_km)
    most = _MOST_MEDIANS if instance.params[6] != 0.0 else _MOST_NODES
    return flat_data(instance), labels, np.array([tries, heat, most], dtype=np.float64)
