"""The compiled core of the search: simulated annealing of single-unit moves.

A move gives one node to a neighbouring community. Its change of cost is summed over the node's
neighbours and members only; that its old community stays connected is looked at in the ring of
its neighbours first and by a search inside that community where the ring does not tell
(Kirkpatrick, Gelatt & Vecchi 1983; contiguity tests as in Ricca & Simeone 2008).
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.attributes import attributes_change, move_attributes
from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.state import State


@njit(cache=True)
def next_bits(rng):  # type: ignore[no-untyped-def]
    """Xorshift64* (Vigna 2016): the same numbers on every machine."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return (x * np.uint64(2685821657736338717)) >> np.uint64(11)


@njit(cache=True)
def uniform(rng):  # type: ignore[no-untyped-def]
    """Draw from [0, 1)."""
    return next_bits(rng) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def _breach(total, params):  # type: ignore[no-untyped-def]
    """Households outside the bounds; exempt communities pay too, to stretch no further."""
    if total < params[0]:
        return params[0] - total
    if total > params[1]:
        return total - params[1]
    return 0.0


@njit(cache=True)
def _mark_wanted(v, a, lab, graph, marks):  # type: ignore[no-untyped-def]
    """Stamp the neighbours of ``v`` in ``a``; stamp, their number and the first of them."""
    ptr, nbr, is_open = graph
    marks[0] += 2  # stamp: wanted; stamp + 1: reached
    wanted = 0
    first = -1
    for e in range(ptr[v], ptr[v + 1]):
        u = nbr[e]
        if is_open[e] and lab[u] == a:
            marks[u + 1] = marks[0]
            wanted += 1
            if first < 0:
                first = u
    return marks[0], wanted, first


@njit(cache=True)
def _reaches_all(v, lab, graph, work, wanted, only_ring):  # type: ignore[no-untyped-def]
    """Whether the wanted nodes reach each other without ``v`` (and outside the ring or not)."""
    ptr, nbr, is_open = graph
    marks, stack = work
    stamp, count, first = wanted
    a = lab[first]
    stack[0] = first
    marks[first + 1] = stamp + 1
    top = 1
    found = 1
    while top > 0:
        top -= 1
        x = stack[top]
        for e in range(ptr[x], ptr[x + 1]):
            u = nbr[e]
            mark = marks[u + 1]
            if not is_open[e] or u == v or lab[u] != a or mark == stamp + 1:
                continue
            if mark == stamp:
                found += 1
                if found == count:
                    return True
            elif only_ring:
                continue
            marks[u + 1] = stamp + 1
            stack[top] = u
            top += 1
    return False


@njit(cache=True)
def _stays_connected(v, a, lab, graph, work):  # type: ignore[no-untyped-def]
    """Whether community ``a`` is connected without its node ``v``.

    Steps between neighbours of ``v`` alone settle most cases; the whole community is searched
    where they do not.
    """
    wanted = _mark_wanted(v, a, lab, graph, work[0])
    if wanted[1] <= 1:
        return True
    if _reaches_all(v, lab, graph, work, wanted, True):
        return True
    wanted = _mark_wanted(v, a, lab, graph, work[0])
    return _reaches_all(v, lab, graph, work, wanted, False)


@njit(cache=True)
def _deviation_change(old_a, old_b, moved, target, closes):  # type: ignore[no-untyped-def]
    """Change of Σ abs(size - target) when ``moved`` goes from a to b."""
    change = abs(old_b + moved - target) - abs(old_b - target) - abs(old_a - target)
    return change if closes else change + abs(old_a - moved - target)


@njit(cache=True)
def _sizes_change(v, a, b, nodes, sums, params):  # type: ignore[no-untyped-def]
    """Change of the terms of households, area and number when a node goes from a to b."""
    closes = sums[2, a] == 1.0
    change = 0.0
    if params[4] != 0.0:
        moved = float(nodes[0][v])
        change += params[4] * _deviation_change(sums[0, a], sums[0, b], moved, params[2], closes)
    if params[5] != 0.0:
        moved = nodes[1][v]
        change += params[5] * _deviation_change(sums[1, a], sums[1, b], moved, params[3], closes)
    if closes:
        change -= params[7]
    return change


@njit(cache=True)
def _breach_change(v, a, b, nodes, sums, params):  # type: ignore[no-untyped-def]
    """Change of the households outside the bounds."""
    h = nodes[0][v]
    change = _breach(sums[0, b] + h, params)
    change -= _breach(sums[0, b], params)
    change -= _breach(sums[0, a], params)
    if sums[2, a] > 1.0:
        change += _breach(sums[0, a] - h, params)
    return change


@njit(cache=True)
def _border_change(v, a, b, lab, rows):  # type: ignore[no-untyped-def]
    """Change of the weighted border."""
    graph, cost = rows
    change = 0.0
    for e in range(graph[0][v], graph[0][v + 1]):
        other = lab[graph[1][e]]
        if other == a:
            change += cost[e]
        elif other == b:
            change -= cost[e]
    return change


@njit(cache=True)
def apart(dx, dy, squared):  # type: ignore[no-untyped-def]
    """Distance, or its square."""
    square = dx * dx + dy * dy
    return square if squared != 0.0 else np.sqrt(square)


@njit(cache=True)
def _members_change(v, a, b, members, state, params):  # type: ignore[no-untyped-def]
    """Change of moved households and of distances to the medians (weighted)."""
    ptr, x, y, hh, today, moved = members
    home, centre = state[2], state[3]
    weight, squared = params[6], params[10]
    change = 0.0
    for i in range(ptr[v], ptr[v + 1]):
        if moved[i] != 0.0:
            if today[i] == home[a]:
                change += moved[i]
            elif today[i] == home[b]:
                change -= moved[i]
        if weight != 0.0:
            to_b = apart(x[i] - centre[b, 0], y[i] - centre[b, 1], squared)
            to_a = apart(x[i] - centre[a, 0], y[i] - centre[a, 1], squared)
            change += weight * hh[i] * (to_b - to_a)
    return change


@njit(cache=True)
def _move(v, a, b, nodes, state):  # type: ignore[no-untyped-def]
    """Give node ``v`` to community ``b``."""
    state[0][v] = b
    sums = state[1]
    for row, value in (
        (0, float(nodes[0][v])),
        (1, nodes[1][v]),
        (2, 1.0),
        (3, float(nodes[2][v])),
    ):
        sums[row, a] -= value
        sums[row, b] += value


@njit(cache=True, nogil=True)
def _anneal(data, state, control, rng, work):  # type: ignore[no-untyped-def]
    """Try ``control[0]`` moves while the temperature falls from control[1] to control[2]."""
    nodes, rows, members, params, attributes = data
    graph = rows[0]
    lab, sums = state[0], state[1]
    tries, hot, cold, penalty = int(control[0]), control[1], control[2], control[3]
    strict = control[4] > 0.0
    used = np.sum(sums[2] > 0.0)
    accepted = 0
    heat = hot
    for i in range(tries):
        if i % 128 == 0:
            heat = hot * (cold / hot) ** (i / tries)
        v = int(uniform(rng) * len(lab))
        first, degree = graph[0][v], graph[0][v + 1] - graph[0][v]
        if degree == 0 or nodes[3][v] >= 0:
            continue
        e = first + int(uniform(rng) * degree)
        a, b = lab[v], lab[graph[1][e]]
        closes = sums[2, a] == 1.0
        if a == b or not graph[2][e] or (closes and used <= params[8]):
            continue
        breach = _breach_change(v, a, b, nodes, sums, params)
        breach += attributes_change(v, a, b, nodes, sums, attributes)
        if strict and breach > 0.0:
            continue
        change = penalty * breach + _border_change(v, a, b, lab, rows)
        change += _sizes_change(v, a, b, nodes, sums, params)
        change += _members_change(v, a, b, members, state, params)
        if change > 0.0 and uniform(rng) >= np.exp(-change / heat):
            continue
        if _stays_connected(v, a, lab, graph, work):
            _move(v, a, b, nodes, state)
            move_attributes(v, a, b, sums, attributes)
            accepted += 1
            used -= closes
    return accepted


def flat_data(instance: Instance) -> tuple[Any, ...]:
    """Return the instance as the compiled code takes it."""
    rows, m = instance.rows, instance.members
    return (
        (instance.households, instance.area_km2, instance.exempt, instance.lock),
        ((rows.ptr, rows.nbr, rows.is_open), rows.cost),
        (m.ptr, m.x_km, m.y_km, m.households, m.today, m.moved_cost),
        instance.params,
        (instance.amounts, instance.limits) if len(instance.amounts) else None,
    )


def anneal(
    instance: Instance,
    state: State,
    control: tuple[float, float, float, float, float],
    rng: NDArray[np.uint64],
) -> int:
    """Anneal ``state`` in place.

    Parameters
    ----------
    instance : Instance
    state : State
        Connected communities; bounds may be broken.
    control : (tries, hot, cold, penalty, strict)
        Moves to try; temperatures at start and end (households); cost of a household outside
        the bounds; 1 where no move may add to the households outside the bounds.
    rng : uint64 array, shape (1,)
        State of the random numbers.

    Returns
    -------
    int
        Moves accepted.
    """
    data = flat_data(instance)
    labels = (state.labels, state.sums, state.home, state.centre_km)
    return int(_anneal(data, labels, np.array(control, dtype=np.float64), rng, state.work))
