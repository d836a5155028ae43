"""Covers that a fractional answer breaks: units that together are more than a room has place for.

Of units C that do not all fit, at most ``|C| - 1`` go there. Units that the fractional answer gives
to the site whole are first taken as given; then every other unit of the site gets the greatest
weight that keeps the row valid, one after the other: lifting (Balas 1975; Crowder, Johnson and
Padberg 1983), exactly, by the least load for every sum of weights (Zemel 1989).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints

_BROKEN = 0.01  # by so much at least
_SHARE = 1e-6  # less is nothing, and so near to 1 is whole
_LOAD = 1e-9  # relative: rounding of summed households
_WEIGHTS = 400  # greatest sum of weights; a cover of more units is none, no unit adds more


@dataclass(frozen=True)
class Cover:
    """``Σ weights * x[units, site] <= most * y[site]``."""

    site: int
    units: Ints
    weights: Floats
    most: float


@njit(cache=True, nogil=True)
def _greatest(least, top, room):  # type: ignore[no-untyped-def]
    """Greatest sum of weights whose least load fits."""
    for v in range(top, -1, -1):
        if least[v] <= room:
            return v
    return -1


@njit(cache=True, nogil=True)
def _take(least, top, weight, load):  # type: ignore[no-untyped-def]
    """Let one more unit be among those loaded; the greatest sum from now on."""
    for v in range(top + weight, weight - 1, -1):
        least[v] = min(least[v], least[v - weight] + load)
    return top + weight


@njit(cache=True, nogil=True)
def _cover(share, amount, room, split):  # type: ignore[no-untyped-def]
    """Choose units that do not fit, those of greatest shares for their load; then drop what can be."""
    chosen = np.zeros(len(share), np.bool_)
    loss = (1.0 - share[split]) / np.maximum(amount[split], 1e-9)
    load = 0.0
    for v in split[np.argsort(loss, kind="mergesort")]:
        if load > room:
            break
        chosen[v] = True
        load += amount[v]
    if load <= room:
        return chosen, False
    members = np.flatnonzero(chosen)
    for v in members[np.argsort(share[members], kind="mergesort")]:
        if load - amount[v] > room:
            chosen[v] = False
            load -= amount[v]
    return chosen, True


@njit(cache=True, nogil=True)
def _lift(share, amount, room, chosen, weights):  # type: ignore[no-untyped-def]
    """Weigh every unit; the right side of the row."""
    least = np.full(_WEIGHTS + 1, np.inf)
    least[0] = 0.0
    top = 0
    members = np.flatnonzero(chosen)
    if len(members) > _WEIGHTS:
        return -1
    for v in members:
        weights[v] = 1
        top = _take(least, top, 1, amount[v])
    most = top - 1
    others = np.flatnonzero(~chosen)
    others = others[np.argsort(-share[others] * 1e6 - amount[others], kind="mergesort")]
    whole = share >= 1.0 - _SHARE
    for turn in range(3):  # split units, those taken as given, the rest
        for v in others:
            if turn == 1:
                if not whole[v]:
                    continue
                room += amount[v]
                value = _greatest(least, top, room)
                weight, most = value - most, value
            else:
                if whole[v] or weights[v] > 0 or (turn == 0 and share[v] <= _SHARE):
                    continue
                if amount[v] > room:
                    continue
                weight = most - _greatest(least, top, room - amount[v])
            if weight > 0 and top + weight <= _WEIGHTS:
                weights[v] = weight
                top = _take(least, top, weight, amount[v])
            elif weight > 0 and turn == 1:
                return -1
    return most


@njit(cache=True, nogil=True)
def _of_site(share, amount, high):  # type: ignore[no-untyped-def]
    """Weights of a row that the shares break, and its right side; -1 without any."""
    weights = np.zeros(len(share), np.int64)
    room = high
    for v in range(len(share)):
        if share[v] >= 1.0 - _SHARE:
            room -= amount[v]
    split = np.flatnonzero((share > _SHARE) & (share < 1.0 - _SHARE))
    chosen, found = _cover(share, amount, room, split)
    if not found:
        return weights, -1
    return weights, _lift(share, amount, room, chosen, weights)


def covers_of(instance: Instance, inside: Flags, share: Floats) -> list[Cover]:
    """Covers that shares break, at most one for each site.

    Parameters
    ----------
    instance : Instance
    inside : bool array, shape (n, m)
        Pairs that may be used.
    share : float64 array, shape (n, m)

    Returns
    -------
    list of Cover
        Valid for every answer within the bounds that uses these pairs alone.
    """
    problem, found = instance.problem, []
    for j in np.flatnonzero(((share > _SHARE) & (share < 1.0 - _SHARE)).any(axis=0)).tolist():
        units = np.flatnonzero(inside[:, j]).astype(np.int32)
        here = np.ascontiguousarray(share[units, j])
        high = float(problem.high[j] * (1 + _LOAD))
        weights, most = _of_site(here, problem.amount[units], high)
        if most >= 0 and float(weights @ here) > most + _BROKEN:
            used = weights > 0
            found.append(Cover(j, units[used], weights[used].astype(np.float64), float(most)))
    return found
