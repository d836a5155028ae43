"""Annealing of areas round open sites: units at the borders change hands, areas stay connected.

A step gives a unit to a neighbouring area, and where that area is then too full it also hands a
unit on to a third (or back): tight capacities need both at once. Households outside the bounds are
charged, and every area out of bounds besides, so that a few households too many are not forgotten;
the best answer without any is kept (Kirkpatrick, Gelatt & Vecchi 1983), and what was met on the
way, whose areas may serve elsewhere.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.joint.instance import Instance, Ints

ROUNDING = 1e-6  # households: what summing floats may add to a load
_WALK = 12  # steps inside a too full area on the way to its border
_ANY = 0.3  # of a unit's mean households: what an area out of bounds is charged besides
_FIRST = 0.5  # of the steps, after which what is met is kept


@dataclass(frozen=True)
class Annealing:
    """How an annealing run goes.

    Parameters
    ----------
    steps : int
    hot, cold : float
        Temperatures at start and end.
    charge : float
        For a household outside the bounds, at first.
    least, most : float
        Between which the charge moves.
    rate : float
        By which the charge grows while there are such households, and falls while there are none.
    kept : int
        Answers met on the way that are kept, out of bounds or not.
    """

    steps: int
    hot: float
    cold: float
    charge: float
    least: float
    most: float
    rate: float = 1.0
    kept: int = 50


@njit(cache=True, nogil=True)
def uniform(rng):  # type: ignore[no-untyped-def]
    """Draw from [0, 1) and advance (SplitMix64, Steele, Lea & Flood 2014)."""
    rng[0] += np.uint64(0x9E3779B97F4A7C15)
    z = rng[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _breach(load, j, sizes):  # type: ignore[no-untyped-def]
    breach = max(load - sizes[2][j], sizes[1][j] - load)
    return breach + sizes[3] if breach > ROUNDING else 0.0


@njit(cache=True, nogil=True)
def stays_connected(v, site_of, graph, work):  # type: ignore[no-untyped-def]
    """Whether the area of unit ``v`` is connected without it."""
    ptr, nbr = graph
    mark, queue, stamp = work
    a = site_of[v]
    wanted, first = 0, -1
    stamp[0] += 2
    want, seen = stamp[0], stamp[0] + 1
    for e in range(ptr[v], ptr[v + 1]):
        if site_of[nbr[e]] == a:
            mark[nbr[e]] = want
            wanted += 1
            first = nbr[e]
    if wanted <= 1:
        return True
    mark[first] = seen
    mark[v] = seen
    queue[0] = first
    head, tail, found = 0, 1, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(ptr[u], ptr[u + 1]):
            w = nbr[e]
            if site_of[w] != a or mark[w] == seen:
                continue
            if mark[w] == want:
                found += 1
                if found == wanted:
                    return True
            mark[w] = seen
            queue[tail] = w
            tail += 1
    return False


@njit(cache=True, nogil=True)
def _change(v, b, state, data, penalty):  # type: ignore[no-untyped-def]
    """Change of cost, of what steers, and of the breach of bounds, if v goes to b."""
    site_of, load = state
    cost, sizes = data[1], data[2]
    a, h = site_of[v], sizes[0][v]
    breach = _breach(load[b] + h, b, sizes) - _breach(load[b], b, sizes)
    breach += _breach(load[a] - h, a, sizes) - _breach(load[a], a, sizes)
    change = cost[v, b] - cost[v, a]
    return change, change + penalty * breach, breach


@njit(cache=True, nogil=True)
def _give(v, b, state, data):  # type: ignore[no-untyped-def]
    site_of, load = state
    load[site_of[v]] -= data[2][0][v]
    load[b] += data[2][0][v]
    site_of[v] = b


@njit(cache=True, nogil=True)
def _passed_on(v, b, state, data, rng):  # type: ignore[no-untyped-def]
    """Find a unit at the border of area b by a random walk from v, and whose it could become."""
    site_of = state[0]
    ptr, nbr = data[0]
    at = v
    for _ in range(_WALK):
        degree = ptr[at + 1] - ptr[at]
        w = nbr[ptr[at] + int(uniform(rng) * degree)]
        if site_of[w] == b:
            at = w
        elif at != v and at != data[3][b] and np.isfinite(data[1][at, site_of[w]]):
            return at, site_of[w]
    return -1, -1


@njit(cache=True, nogil=True)
def _try(move, state, data, control, rng, work):  # type: ignore[no-untyped-def]
    """Try one step; the change of cost and of the breach, both 0 where it is refused."""
    v, b = move
    heat, penalty = control
    change, steer, breach = _change(v, b, state, data, penalty)
    a = state[0][v]
    limit = -heat * np.log(1.0 - uniform(rng))
    if steer > limit and breach <= 0.0:
        return 0.0, 0.0
    if not stays_connected(v, state[0], data[0], work):
        return 0.0, 0.0
    _give(v, b, state, data)
    if steer <= limit:
        return change, breach
    w, c = _passed_on(v, b, state, data, rng)
    if w >= 0:
        more, steer_more, worse = _change(w, c, state, data, penalty)
        if steer + steer_more <= limit and stays_connected(w, state[0], data[0], work):
            _give(w, c, state, data)
            return change + more, breach + worse
    _give(v, a, state, data)
    return 0.0, 0.0


@njit(cache=True, nogil=True)
def _totals(data, state):  # type: ignore[no-untyped-def]
    value, breach = 0.0, 0.0
    for v in range(len(state[0])):
        value += data[1][v, state[0][v]]
    for j in range(len(state[1])):
        if data[3][j] >= 0:
            breach += _breach(state[1][j], j, data[2])
    return value, breach


@njit(cache=True, nogil=True)
def _anneal(data, state, found, control, rng, work):  # type: ignore[no-untyped-def]
    tries, hot, cold, penalty = int(control[0]), control[1], control[2], control[3]
    ptr, nbr = data[0]
    site_of = state[0]
    best, met = found
    value, breach = _totals(data, state)
    least = np.inf
    if breach <= ROUNDING:
        least = value
        best[:] = site_of
    heat, taken = hot, 0
    every = max(1, int(tries * (1.0 - _FIRST)) // max(1, len(met)))
    for i in range(tries):
        if i % 256 == 0:
            heat = hot * (cold / hot) ** (i / tries)
            if i % 4096 == 0:
                penalty = penalty * control[6] if breach > ROUNDING else penalty / control[6]
                penalty = min(max(penalty, control[4]), control[5])
        if i >= _FIRST * tries and i % every == 0 and taken < len(met):
            met[taken] = site_of
            taken += 1
        v = int(uniform(rng) * len(site_of))
        degree = ptr[v + 1] - ptr[v]
        if degree == 0:
            continue
        b = site_of[nbr[ptr[v] + int(uniform(rng) * degree)]]
        a = site_of[v]
        if a == b or data[3][a] == v or not np.isfinite(data[1][v, b]):
            continue
        change, worse = _try((v, b), state, data, (heat, penalty), rng, work)
        value += change
        breach += worse
        if breach <= ROUNDING and value * (1.0 + 1e-12) < least:
            least = value
            best[:] = site_of
    return taken


def anneal(
    instance: Instance, site_of: Ints, run: Annealing, rng: NDArray[np.uint64]
) -> tuple[Ints | None, Ints]:
    """Anneal areas that are connected and hold the units of their sites.

    Parameters
    ----------
    instance : Instance
    site_of : int32 array, shape (n,)
        Changed in place. Sites that serve no unit are closed.
    run : Annealing
    rng : uint64 array, shape (1,)

    Returns
    -------
    (best, met)
        The best answer within the bounds, None where there was none; answers met on the way,
        shape (up to ``run.kept``, n), whose areas are connected but may be out of bounds.
    """
    amount = instance.problem.amount
    load = np.bincount(site_of, amount, instance.problem.m)
    is_open = np.bincount(site_of, minlength=instance.problem.m) > 0
    own = np.where(is_open, instance.problem.site_unit, -1).astype(np.int32)
    sizes = (*instance.sizes, _ANY * float(amount.mean()))
    data: Any = (instance.graph, instance.cost, sizes, own)
    n = len(site_of)
    work = (np.zeros(n, np.int64), np.empty(n, np.int64), np.zeros(1, np.int64))
    best = np.full(n, -1, dtype=np.int32)
    met = np.empty((run.kept, n), dtype=np.int32)
    control = np.array(
        [run.steps, run.hot, run.cold, run.charge, run.least, run.most, run.rate], dtype=np.float64
    )
    taken = _anneal(data, (site_of, load), (best, met), control, rng, work)
    return (best if best[0] >= 0 else None), met[:taken]
