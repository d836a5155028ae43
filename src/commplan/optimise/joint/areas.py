"""The connected areas round a site that are worth most at some prices, by going through them.

An area grows from the site's own unit. The next unit of its border either joins it or stays out of
everything that follows, so that each connected set is met once (Wernicke 2006 lists subgraphs so).
A way is given up when not even parts of units, the most saved per household first, could fill the
rest of the room with enough (Dantzig 1957).
"""

import numpy as np
from numba import njit

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints

_FREE, _IN, _OUT, _NEXT = 0, 1, 2, 3
_ROUNDING = 1e-9


@njit(cache=True, nogil=True)
def _hope(order, saving, amount, state, room):  # type: ignore[no-untyped-def]
    """Most that units still free can save in a room, if the last one may be split."""
    hope, left = 0.0, room
    for i in order:
        if (state[i] == _FREE or state[i] == _NEXT) and amount[i] <= room:
            if amount[i] > left:
                return hope + saving[i] * left / amount[i]
            left -= amount[i]
            hope += saving[i]
    return hope


@njit(cache=True, nogil=True)
def _reach(v, ground, inside, state, border, top):  # type: ignore[no-untyped-def]
    """Let the neighbours of a unit that joins be next; where the border ends then."""
    ptr, nbr = ground[0], ground[1]
    for e in range(ptr[v], ptr[v + 1]):
        w = nbr[e]
        if inside[w] and state[w] == _FREE:
            border[top] = w
            top += 1
            state[w] = _NEXT
    return top


@njit(cache=True, nogil=True)
def _back(level, state, border, at, end, joined):  # type: ignore[no-untyped-def]
    """Undo the last unit that joined, which now stays out."""
    for q in range(end[level - 1], end[level]):
        state[border[q]] = _FREE
    for q in range(at[level - 1], end[level - 1]):
        state[border[q]] = _NEXT
    state[joined[level]] = _OUT


@njit(cache=True, nogil=True)
def _keep(areas, saved, count, state, value):  # type: ignore[no-untyped-def]
    """Keep an area, in place of the worst where there are too many; how many there are."""
    at = count if count < len(saved) else np.argmin(saved)
    if at == count or value > saved[at]:
        saved[at] = value
        areas[at] = state == _IN
        count = max(count, at + 1)
    return count


@njit(cache=True, nogil=True)
def _areas(ground, inside, site, saving, order, work):  # type: ignore[no-untyped-def]
    """Areas that save most; their number."""
    amount = ground[2]
    own, high = site
    areas, saved, most_nodes = work
    n = len(amount)
    state = np.zeros(n, np.int8)
    border, joined = np.empty(n, np.int64), np.empty(n + 2, np.int64)
    at, end = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64)
    state[own] = _IN
    load, value, level, count = amount[own], saving[own], 0, 0
    end[0] = _reach(own, ground, inside, state, border, 0)
    count = _keep(areas, saved, count, state, value)
    nodes = 0
    while True:
        limit = -np.inf if count < len(saved) else saved.min()
        hope = value + _hope(order, saving, amount, state, high - load)
        if at[level] < end[level] and hope > limit + _ROUNDING:
            nodes += 1
            if nodes > most_nodes:
                return count
            v = border[at[level]]
            at[level] += 1
            if load + amount[v] > high:
                state[v] = _OUT
                continue
            load, value, state[v] = load + amount[v], value + saving[v], _IN
            level += 1
            joined[level], at[level] = v, at[level - 1]
            end[level] = _reach(v, ground, inside, state, border, end[level - 1])
            if value > limit:
                count = _keep(areas, saved, count, state, value)
        elif level == 0:
            return count
        else:
            _back(level, state, border, at, end, joined)
            load, value = load - amount[joined[level]], value - saving[joined[level]]
            level -= 1


def areas_of(
    instance: Instance, site: int, inside: Flags, price: Floats, kept: int, nodes: int
) -> list[Ints]:
    """Find the areas of a site whose units' prices exceed what serving them costs the most.

    Parameters
    ----------
    instance : Instance
    site : int
    inside : bool array, shape (n,)
        Units that may be in them.
    price : float64 array, shape (n,)
        Of the units.
    kept : int
        Areas, at most.
    nodes : int
        Units tried, at most; where they do not suffice, better areas may be missing.

    Returns
    -------
    list of int32 arrays
        Areas within the most that the site may hold; the least is not looked at.
    """
    problem = instance.problem
    amount = problem.amount
    saving = np.where(inside, price - np.where(inside, instance.cost[:, site], 0.0), 0.0)
    able = np.flatnonzero(inside & (saving > 0))
    ratio = saving[able] / np.maximum(amount[able], _ROUNDING)
    order = able[np.argsort(-ratio, kind="stable")]
    areas, saved = np.zeros((kept, problem.n), dtype=np.bool_), np.full(kept, -np.inf)
    high = float(problem.high[site]) * (1 + _ROUNDING)
    count = _areas(
        (*instance.graph, amount),
        np.ascontiguousarray(inside),
        (int(problem.site_unit[site]), high),
        saving,
        order,
        (areas, saved, nodes),
    )
    return [np.flatnonzero(row).astype(np.int32) for row in areas[:count]]
