"""The connected areas round a site that are worth most at some prices, by going through them.

An area grows from the site's own unit. The unit of its border that saves most for its households
either joins it or stays out of everything that follows, so that each connected set is met once
(Wernicke 2006 lists subgraphs so). A way is given up when not even parts of units, the most saved
per household first, could fill the rest of the room with enough (Dantzig 1957).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints

_FREE, _IN, _OUT, _NEXT = 0, 1, 2, 3
_ROUNDING = 1e-9
_MOST = 64  # units of an area; larger ones are not listed


@dataclass(frozen=True)
class Look:
    """Which areas of a site are listed.

    Parameters
    ----------
    kept : int
        Areas at most, those that save most.
    nodes : int
        Units tried, at most; where they do not suffice, better areas may be missing.
    floor : float
        What an area has to save more than.
    """

    kept: int
    nodes: int
    floor: float = -np.inf


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
def _reach(v, ground, inside, state, level, lists) -> None:  # type: ignore[no-untyped-def]
    """Let the free neighbours of a unit that joins be on the border of this level."""
    ptr, nbr = ground[0], ground[1]
    border, fresh, _, ends = lists
    ends[1, level] = 0
    for e in range(ptr[v], ptr[v + 1]):
        w = nbr[e]
        if inside[w] and state[w] == _FREE:
            border[level, ends[0, level]] = w
            fresh[level, ends[1, level]] = w
            ends[0, level] += 1
            ends[1, level] += 1
            state[w] = _NEXT


@njit(cache=True, nogil=True)
def _taken(level, saving, amount, lists):  # type: ignore[no-untyped-def]
    """Take the unit off the border that saves most for its households, or costs least."""
    border, ends = lists[0], lists[3]
    best, at = -np.inf, 0
    for q in range(ends[0, level]):
        w = border[level, q]
        worth = saving[w] if saving[w] <= 0 else saving[w] / (amount[w] + _ROUNDING)
        if worth > best:
            best, at = worth, q
    v = border[level, at]
    ends[0, level] -= 1
    border[level, at] = border[level, ends[0, level]]
    return v


@njit(cache=True, nogil=True)
def _leave(v, level, state, lists) -> None:  # type: ignore[no-untyped-def]
    """Let a unit stay out of all that follows on a level."""
    state[v] = _OUT
    out, ends = lists[2], lists[3]
    out[level, ends[2, level]] = v
    ends[2, level] += 1


@njit(cache=True, nogil=True)
def _back(level, state, lists) -> None:  # type: ignore[no-untyped-def]
    """Undo a level but for the unit that joined there."""
    _, fresh, out, ends = lists
    for q in range(ends[2, level]):
        state[out[level, q]] = _NEXT
    for q in range(ends[1, level]):
        state[fresh[level, q]] = _FREE


@njit(cache=True, nogil=True)
def _keep(found, members, value, done):  # type: ignore[no-untyped-def]
    """Keep an area that saves enough, in place of the worst where there are too many.

    ``done`` is how many there are and what the next one has to save more than.
    """
    areas, saved, sizes = found
    count, limit = done
    if value <= limit:
        return done
    at = count if count < len(saved) else np.argmin(saved)
    saved[at], sizes[at] = value, len(members)
    areas[at, : len(members)] = members
    count = max(count, at + 1)
    return count, (saved.min() if count == len(saved) else limit)


@njit(cache=True, nogil=True)
def _areas(ground, inside, site, worth, found, work):  # type: ignore[no-untyped-def]
    """Areas that save most; their number."""
    amount, n = ground[2], len(ground[2])
    own, high = site
    saving, order = worth
    nodes, limit = work
    state, joined = np.zeros(n, np.int8), np.empty(_MOST, np.int32)
    border, fresh = np.empty((_MOST, n), np.int32), np.empty((_MOST, n), np.int32)
    ends = np.zeros((3, _MOST), np.int64)
    lists = (border, fresh, np.empty((_MOST, n), np.int32), ends)
    state[own], joined[0] = _IN, own
    load, value, level = amount[own], saving[own], 0
    _reach(own, ground, inside, state, 0, lists)
    done = _keep(found, joined[:1], value, (0, limit))
    while nodes > 0:
        hope = value + _hope(order, saving, amount, state, high - load)
        if ends[0, level] > 0 and hope > done[1] + _ROUNDING:
            nodes -= 1
            v = _taken(level, saving, amount, lists)
            if load + amount[v] > high or level + 1 == _MOST:
                _leave(v, level, state, lists)
                continue
            load, value, state[v] = load + amount[v], value + saving[v], _IN
            level += 1
            joined[level], ends[0, level], ends[2, level] = v, ends[0, level - 1], 0
            border[level, : ends[0, level]] = border[level - 1, : ends[0, level]]
            _reach(v, ground, inside, state, level, lists)
            done = _keep(found, joined[: level + 1], value, done)
        elif level == 0:
            break
        else:
            _back(level, state, lists)
            v = joined[level]
            load, value, level = load - amount[v], value - saving[v], level - 1
            _leave(v, level, state, lists)
    return done[0]


def areas_of(instance: Instance, site: int, inside: Flags, price: Floats, look: Look) -> list[Ints]:
    """Find the areas of a site whose units' prices exceed what serving them costs the most.

    Parameters
    ----------
    instance : Instance
    site : int
    inside : bool array, shape (n,)
        Units that may be in them.
    price : float64 array, shape (n,)
        Of the units.
    look : Look

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
    areas, sizes = np.empty((look.kept, _MOST), dtype=np.int32), np.empty(look.kept, np.int64)
    count = _areas(
        (*instance.graph, amount),
        np.ascontiguousarray(inside),
        (int(problem.site_unit[site]), float(problem.high[site]) * (1 + _ROUNDING)),
        (saving, order),
        (areas, np.full(look.kept, -np.inf), sizes),
        (look.nodes, look.floor),
    )
    return [np.sort(areas[k, : sizes[k]]) for k in range(count)]
