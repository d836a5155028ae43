"""Knapsacks of one site: what its units gain, whole or in part, in the room that it has."""

import numpy as np
from numba import njit

NODES = 1_000  # of the search for a knapsack of whole items; beyond, the relaxation's value counts


@njit(cache=True, nogil=True)
def _filled(gain, load, room, at):  # type: ignore[no-untyped-def]
    """Gain of the items from ``at`` on, the last one in part (Dantzig 1957)."""
    total = 0.0
    for k in range(at, len(gain)):
        if load[k] > room:
            return total + gain[k] * max(room, 0.0) / load[k]
        room -= load[k]
        total += gain[k]
    return total


@njit(cache=True, nogil=True)
def filled_without(gain, load, room, out):  # type: ignore[no-untyped-def]
    """Gain of all items but ``out`` (a position; -1: none), the last one in part."""
    total = 0.0
    for k in range(len(gain)):
        if k == out:
            continue
        if load[k] > room:
            return total + gain[k] * max(room, 0.0) / load[k]
        room -= load[k]
        total += gain[k]
    return total


@njit(cache=True, nogil=True)
def pack(gain, load, room, whole, part):  # type: ignore[no-untyped-def]
    """Fill a knapsack; the gain of the best filling or more.

    Items come by gain per load, best first. ``part`` is set to what is taken of each. With ``whole``
    items are taken whole or not at all; where that takes too long to find out, the value is that of
    parts, a valid bound, and ``part`` the best whole filling found.
    """
    part[:] = 0.0
    total, left, k = 0.0, room, 0
    while k < len(gain) and load[k] <= left:
        part[k] = 1.0
        total += gain[k]
        left -= load[k]
        k += 1
    if k == len(gain) or left <= 0.0:
        return total
    part[k] = left / load[k]
    total += part[k] * gain[k]
    return _pack_whole(gain, load, room, total, part) if whole else total


@njit(cache=True, nogil=True)
def _pack_whole(gain, load, room, relaxed, part):  # type: ignore[no-untyped-def]
    """Search depth first, bounded by the relaxation (Horowitz and Sahni 1974)."""
    count = len(gain)
    taken = np.zeros(count, np.bool_)
    best, value, left, at = -1.0, 0.0, room, 0
    for _ in range(NODES):
        pruned = value + _filled(gain, load, left, at) <= best
        while not pruned and at < count:
            if load[at] <= left:
                taken[at] = True
                value += gain[at]
                left -= load[at]
            else:
                pruned = value + _filled(gain, load, left, at + 1) <= best
            at += 1
        if not pruned and value > best:
            best = value
            for k in range(count):
                part[k] = 1.0 if taken[k] else 0.0
        at -= 1
        while at >= 0 and not taken[at]:
            at -= 1
        if at < 0:
            return best
        taken[at] = False
        value -= gain[at]
        left += load[at]
        at += 1
    return relaxed
