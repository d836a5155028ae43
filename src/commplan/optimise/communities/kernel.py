"""The compiled core of the search: simulated annealing of single-unit moves.

A move gives one node to a neighbouring community. Its change of cost is summed over the node's
neighbours and members only; that its old community stays connected is looked at in the ring of
its neighbours first and by a search inside that community where the ring does not tell
(Kirkpatrick, Gelatt & Vecchi 1983; contiguity tests as in Ricca & Simeone 2008).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.state import State

_EXEMPT_SHARE = 0.05  # a breach by an exempt community costs, but less than any other


@njit(cache=True)
def _next(rng):  # type: ignore[no-untyped-def]
    """Xorshift64* (Vigna 2016): the same numbers on every machine."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return (x * np.uint64(2685821657736338717)) >> np.uint64(11)


@njit(cache=True)
def _uniform(rng):  # type: ignore[no-untyped-def]
    return _next(rng) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def _breach(total, exempts, params):  # type: ignore[no-untyped-def]
    """Households outside the bounds; exempt communities count a small part of it."""
    wrong = 0.0
    if total < params[0]:
        wrong = params[0] - total
    elif total > params[1]:
        wrong = total - params[1]
    if exempts > 0:
        wrong *= _EXEMPT_SHARE
    return wrong


@njit(cache=True)
def _stays_connected(v, a, lab, rows, count, marks, stack):  # type: ignore[no-untyped-def]
    """Whether community ``a`` is connected without its node ``v``."""
    ptr, nbr, is_open = rows
    marks[0] += 2  # two fresh stamps: stamp = wanted, stamp + 1 = reached
    stamp = marks[0]
    wanted = 0
    first = -1
    for e in range(ptr[v], ptr[v + 1]):
        u = nbr[e]
        if is_open[e] and lab[u] == a:
            marks[u + 1] = stamp
            wanted += 1
            if first < 0:
                first = u
    if wanted <= 1:
        return wanted == 1 or count == 1
    stack[0] = first
    marks[first + 1] = stamp + 1
    top = 1
    found = 1
    # Ring first: only steps between neighbours of v, which settles most cases.
    for ring in range(2):
        if ring == 1:
            marks[0] += 2
            old = stamp
            stamp = marks[0]
            for e in range(ptr[v], ptr[v + 1]):
                u = nbr[e]
                if is_open[e] and marks[u + 1] >= old:
                    marks[u + 1] = stamp
            stack[0] = first
            marks[first + 1] = stamp + 1
            top = 1
            found = 1
        while top > 0:
            top -= 1
            x = stack[top]
            for e in range(ptr[x], ptr[x + 1]):
                u = nbr[e]
                if not is_open[e] or u == v or lab[u] != a or marks[u + 1] == stamp + 1:
                    continue
                if marks[u + 1] == stamp:
                    found += 1
                    if found == wanted:
                        return True
                elif ring == 0:
                    continue
                marks[u + 1] = stamp + 1
                stack[top] = u
                top += 1
    return False


@njit(cache=True)
def _sizes_change(h, area, exempt, a, b, sums, params):  # type: ignore[no-untyped-def]
    """Change of the terms of households, area and number when a node goes from a to b."""
    total, size, count = sums[0], sums[1], sums[2]
    change = 0.0
    closes = count[a] == 1.0
    if params[4] != 0.0:
        change += abs(total[b] + h - params[2]) - abs(total[b] - params[2])
        change -= abs(total[a] - params[2])
        if not closes:
            change += abs(total[a] - h - params[2])
        change *= params[4]
    if params[5] != 0.0:
        more = abs(size[b] + area - params[3]) - abs(size[b] - params[3])
        more -= abs(size[a] - params[3])
        if not closes:
            more += abs(size[a] - area - params[3])
        change += params[5] * more
    if closes:
        change -= params[7]
    return change


@njit(cache=True)
def _breach_change(h, exempt, a, b, sums, params):  # type: ignore[no-untyped-def]
    """Change of the households outside the bounds."""
    total, count, exempts = sums[0], sums[2], sums[3]
    change = _breach(total[b] + h, exempts[b] + exempt, params)
    change -= _breach(total[b], exempts[b], params)
    change -= _breach(total[a], exempts[a], params)
    if count[a] > 1.0:
        change += _breach(total[a] - h, exempts[a] - exempt, params)
    return change


@njit(cache=True)
def _members_change(v, a, b, members, home, centre, params):  # type: ignore[no-untyped-def]
    """Change of moved households and of distances to the medians (weighted)."""
    ptr, x, y, hh, today, moved = members
    change = 0.0
    for i in range(ptr[v], ptr[v + 1]):
        if moved[i] != 0.0:
            if today[i] == home[a]:
                change += moved[i]
            elif today[i] == home[b]:
                change -= moved[i]
        if params[6] != 0.0:
            to_b = np.hypot(x[i] - centre[b, 0], y[i] - centre[b, 1])
            to_a = np.hypot(x[i] - centre[a, 0], y[i] - centre[a, 1])
            change += params[6] * hh[i] * (to_b - to_a)
    return change


@njit(cache=True)
def _anneal(nodes, rows, cost, members, params, state, control, rng, work):  # type: ignore[no-untyped-def]
    """Try ``control[0]`` moves while the temperature falls from control[1] to control[2]."""
    households, area, exempt, lock = nodes
    ptr, nbr, is_open = rows
    lab, sums, home, centre = state
    marks, stack = work
    tries = int(control[0])
    hot, cold, penalty, strict = control[1], control[2], control[3], control[4] > 0.0
    n = len(households)
    accepted = 0
    heat = hot
    for i in range(tries):
        if i % 128 == 0:
            heat = hot * (cold / hot) ** (i / tries)
        v = int(_uniform(rng) * n)
        degree = ptr[v + 1] - ptr[v]
        if degree == 0 or lock[v] >= 0:
            continue
        e = ptr[v] + int(_uniform(rng) * degree)
        a = lab[v]
        b = lab[nbr[e]]
        if a == b or not is_open[e]:
            continue
        h = households[v]
        breach = _breach_change(h, exempt[v], a, b, sums, params)
        if strict and breach > 0.0:
            continue
        if sums[2][a] == 1.0 and breach > -1e-9 and strict and sums[0][a] < params[0]:
            continue
        change = penalty * breach
        for j in range(ptr[v], ptr[v + 1]):
            other = lab[nbr[j]]
            if other == a:
                change += cost[j]
            elif other == b:
                change -= cost[j]
        change += _sizes_change(h, area[v], exempt[v], a, b, sums, params)
        change += _members_change(v, a, b, members, home, centre, params)
        if change > 0.0 and _uniform(rng) >= np.exp(-change / heat):
            continue
        if not _stays_connected(v, a, lab, rows, sums[2][a], marks, stack):
            continue
        lab[v] = b
        sums[0][a] -= h
        sums[0][b] += h
        sums[1][a] -= area[v]
        sums[1][b] += area[v]
        sums[2][a] -= 1.0
        sums[2][b] += 1.0
        sums[3][a] -= exempt[v]
        sums[3][b] += exempt[v]
        accepted += 1
    return accepted


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
    rows, m = instance.rows, instance.members
    return int(
        _anneal(
            (instance.households, instance.area_km2, instance.exempt, instance.lock),
            (rows.ptr, rows.nbr, rows.is_open),
            rows.cost,
            (m.ptr, m.x_km, m.y_km, m.households, m.today, m.moved_cost),
            instance.params,
            (state.labels, state.sums, state.home, state.centre_km),
            np.array(control, dtype=np.float64),
            rng,
            state.work,
        )
    )
