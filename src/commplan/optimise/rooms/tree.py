"""Branch and bound over sites with Lagrangian bounds, without capacities.

A node is a set of sites that are open and one of sites that are not. Its bound comes from some
rounds of prices, begun with its parent's; reduced costs then decide what sites they can, and the
site that the prices open about half of the time is branched on (as Hanjoul and Peeters 1985). Depth
first; all in compiled code.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.prices import GAP_TOLERANCE, ROUNDING
from commplan.optimise.rooms.ruled_out import Left
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Where the pairs of each site begin, unit and cost of each, price of each site, most open sites.
World = tuple[NDArray[np.int64], NDArray[np.int32], Floats, Floats, int]

ROUNDS = 100  # of prices for a node, at most
LOOK = 20  # rounds after which a node that comes no nearer to its end is branched on
SLICE = 50  # nodes between two looks at the clock
TRIED = (50, 500)  # nodes, at least and at most, after which a tree that is too large is given up
TRIED_WORK = 3e9  # looks at pairs, for which there may be fewer nodes
MOST_MB = 200.0  # of prices along one path
PRUNED, LEAF = -1, -2
DEPTH, NODES, SHARE, ALL = range(4)


@njit(cache=True, nogil=True)
def _bound(world, price, fixed, reduced, chosen):  # type: ignore[no-untyped-def]
    """Lagrangian bound with some sites fixed; sets what each adds and which are chosen."""
    start, unit, cost, fee, most = world
    total, opened = 0.0, 0
    for i in range(len(price)):
        total += price[i]
    for j in range(len(fee)):
        chosen[j] = fixed[j] == 1
        reduced[j] = np.inf
        if fixed[j] >= 0:
            value = fee[j]
            for at in range(start[j], start[j + 1]):
                saving = cost[at] - price[unit[at]]
                if saving < 0.0:
                    value += saving
            reduced[j] = value
            if fixed[j] == 1:
                total += value
                opened += 1
    for j in np.argsort(reduced):
        if opened >= most or reduced[j] >= 0.0:
            break
        if fixed[j] == 0:
            chosen[j] = True
            total += reduced[j]
            opened += 1
    return total


@njit(cache=True, nogil=True)
def _step(world, price, chosen, step, heading) -> None:  # type: ignore[no-untyped-def]
    """Move prices along the units served too seldom or too often; ``step`` is a length of gap."""
    start, unit, cost = world[0], world[1], world[2]
    n = len(price)
    count = np.zeros(n)
    for j in np.flatnonzero(chosen):
        for at in range(start[j], start[j + 1]):
            if cost[at] < price[unit[at]]:
                count[unit[at]] += 1.0
    length = 0.0
    for i in range(n):
        heading[i] = 0.7 * (1.0 - count[i]) + 0.3 * heading[i]
        length += heading[i] * heading[i]
    if length > 1e-12:
        for i in range(n):
            price[i] = max(price[i] + step / length * heading[i], 0.0)


@njit(cache=True, nogil=True)
def _narrow(fixed, reduced, chosen, most, room) -> None:  # type: ignore[no-untyped-def]
    """Fix the sites that no better solution can open, or leave closed."""
    opened, worst, instead = 0, -np.inf, 0.0
    for j in range(len(fixed)):
        if chosen[j]:
            opened += 1
            if fixed[j] == 0:
                worst = max(worst, reduced[j])
        elif fixed[j] == 0:
            instead = min(instead, reduced[j])
    worst = worst if opened >= most else 0.0
    for j in range(len(fixed)):
        if fixed[j] == 0:
            if not chosen[j] and reduced[j] - worst > room:
                fixed[j] = -1
            elif chosen[j] and instead - reduced[j] > room:
                fixed[j] = 1


@njit(cache=True, nogil=True)
def _cost(world, opened, missing):  # type: ignore[no-untyped-def]
    """Cost of some open sites; ``missing`` is what each unit without one is charged."""
    start, unit, cost, fee, _ = world
    near = missing.copy()
    total = 0.0
    for j in np.flatnonzero(opened):
        total += fee[j]
        for at in range(start[j], start[j + 1]):
            near[unit[at]] = min(near[unit[at]], cost[at])
    return total + near.sum()


@njit(cache=True, nogil=True)
def _node(world, known, price, fixed, best):  # type: ignore[no-untyped-def]
    """Raise a node's bound and fix what it decides.

    Returns the site to branch on, or `PRUNED` or `LEAF`, and how often the prices opened it.
    ``best`` is (price, reduced, chosen) at the best bound; ``known`` is (value, slack).
    """
    m = len(fixed)
    reduced, chosen = np.empty(m), np.empty(m, np.bool_)
    heading, often = np.zeros(len(price)), np.zeros(m)
    target = known[0] - known[1]
    top, before, scale, idle = -1e300, -1e300, 1.0, 0
    for turn in range(ROUNDS):
        bound = _bound(world, price, fixed, reduced, chosen)
        idle = 0 if bound > top + 1e-6 * abs(bound) else idle + 1
        if bound > top:
            top = bound
            best[0][:] = price
            best[1][:] = reduced
            best[2][:] = chosen
        if top - ROUNDING * abs(top) >= target:
            return PRUNED, 0.0
        if turn % LOOK == LOOK - 1:
            if top - before < 0.1 * (target - top):
                break
            before = top
        for j in range(m):
            often[j] += ((1.0 if chosen[j] else 0.0) - often[j]) / min(turn + 1.0, 20.0)
        if idle >= 8:
            scale, idle = scale / 2, 0
            price[:] = best[0]
            chosen[:] = best[2]
            heading[:] = 0.0
            if scale < 0.02:
                break
        _step(world, price, chosen, scale * 1.1 * (known[0] - bound), heading)
    price[:] = best[0]
    _narrow(fixed, best[1], best[2], world[4], target - top + ROUNDING * abs(top))
    if (fixed == 1).sum() >= world[4]:
        return LEAF, 0.0
    at, middle = LEAF, -1.0
    for j in range(m):
        if fixed[j] == 0 and min(often[j], 1.0 - often[j]) > middle:
            at, middle = j, min(often[j], 1.0 - often[j])
    return at, often[at] if at >= 0 else 0.0


@njit(cache=True, nogil=True)
def _back(path, side, done):  # type: ignore[no-untyped-def]
    """Turn to the other side of the last site that has one left; the depth, 0: all is done."""
    price, fixed = path
    depth = int(done[DEPTH])
    done[SHARE] += 0.5**depth
    while depth > 0 and side[depth - 1, 2] == 2:
        depth -= 1
    if depth > 0:
        side[depth - 1, 2] = 2
        fixed[depth] = fixed[depth - 1]
        fixed[depth, side[depth - 1, 0]] = -side[depth - 1, 1]
        price[depth] = price[depth - 1]
    done[DEPTH] = depth
    return depth


@njit(cache=True, nogil=True)
def _search(world, known, path, side, done, found) -> None:  # type: ignore[no-untyped-def]
    """Look at some nodes; ``done`` is (depth, nodes, share of the tree, whether all of it)."""
    price, fixed = path
    best, opened, missing = found
    for _ in range(SLICE):
        d = int(done[DEPTH])
        done[NODES] += 1
        at, often = _node(world, known, price[d], fixed[d], best)
        sites = fixed[d] == 1 if at == LEAF else best[2]
        value = _cost(world, sites, missing)
        if value < known[0] - known[1]:
            known[0] = value
            opened[:] = sites
        if at < 0:
            if _back(path, side, done) == 0:
                done[ALL] = 1.0
                return
            continue
        side[d, 0], side[d, 1], side[d, 2] = at, 1 if often >= 0.5 else -1, 1
        fixed[d + 1] = fixed[d]
        fixed[d + 1, at] = side[d, 1]
        price[d + 1] = price[d]
        done[DEPTH] = d + 1


@dataclass(frozen=True)
class Branched:
    """What a tree told.

    Parameters
    ----------
    bound : float
        Proven; -inf where the tree was not finished.
    opened : bool array, shape (m,), or None
        Sites of a better solution.
    nodes : int
    """

    bound: float = -np.inf
    opened: Flags | None = None
    nodes: int = 0


def branch(
    columns: Columns, left: Left, known: float, price: Floats, work: tuple[int, Clock]
) -> Branched:
    """Enumerate sets of sites until nothing better than the known solution can be left.

    Parameters
    ----------
    columns : Columns
        Without capacities.
    left : (pairs, sites, forced)
        As `ruled_out.kept_pairs` returns them.
    known : float
    price : float64 array, shape (n,)
        Prices to begin with.
    work : (most nodes, guard)

    Returns
    -------
    Branched
    """
    world, sites, fixed = _world(columns, left)
    depth = int((fixed == 0).sum()) + 2
    if not len(sites) or depth * columns.n * 8e-6 > MOST_MB:
        return Branched()
    slack = 1.0 - 1e-6 if columns.is_integral else 0.5 * GAP_TOLERANCE * max(1.0, abs(known))
    best_known = np.array([known, slack])
    path = (np.empty((depth, columns.n)), np.empty((depth, len(sites)), dtype=np.int8))
    path[0][0], path[1][0] = price, fixed
    best = (price.copy(), np.zeros(len(sites)), np.zeros(len(sites), dtype=bool))
    side, done = np.zeros((depth, 3), dtype=np.int64), np.zeros(4)
    opened = np.zeros(len(sites), dtype=bool)
    found = (best, opened, np.full(columns.n, columns.missing))
    tried = np.clip(TRIED_WORK / (ROUNDS * max(len(world[1]), 1)), *TRIED)
    while not done[ALL] and done[NODES] < work[0] and not work[1].over():
        _search(world, best_known, path, side, done, found)
        if done[NODES] >= tried and done[NODES] / max(done[SHARE], 1e-9) > work[0]:
            break  # too large: no more than a part of it would be seen
    better = np.zeros(columns.m, dtype=bool)
    better[sites[opened]] = True
    value = float(best_known[0])
    proven = value if columns.is_integral else value - slack
    return Branched(
        proven if done[ALL] else -np.inf, better if opened.any() else None, int(done[NODES])
    )


def _world(columns: Columns, left: Left) -> tuple[World, NDArray[np.int64], NDArray[np.int8]]:
    """Pairs and sites that are left, as the compiled code reads them."""
    pairs, open_sites, forced = left
    pairs = pairs & open_sites[columns.site]
    count = np.bincount(columns.site[pairs], minlength=columns.m)
    sites = np.flatnonzero(open_sites & ((count > 0) | forced)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(count[sites])]).astype(np.int64)
    fixed = forced[sites].astype(np.int8)
    fee = columns.open_cost[sites]
    return (start, columns.unit[pairs], columns.cost[pairs], fee, columns.most), sites, fixed
