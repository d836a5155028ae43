"""Separators that a fractional answer breaks: least cuts between a unit and a site, then made less.

A least cut by the site's shares is found by augmenting paths on the graph whose nodes are split in
two (Ford and Fulkerson 1956). A unit of it is left out as long as no way from the site to the unit
opens on which the site has place for all units (the length-bounded separators of Validi, Buchanan
and Lykhovyd 2022): the row then holds less on its greater side.
"""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numba import njit

from commplan.optimise.joint.cuts import Cut
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints, Longs

_BROKEN = 0.02  # by so much at least
_FAR = 1e30
_SHARE = 1e-6  # less is nothing
_LOAD = 1e-9  # relative: rounding of summed households


@dataclass(frozen=True)
class Split:
    """The graph with every unit split in two: arcs, each followed by the one back.

    Parameters
    ----------
    start : int64 array, shape (2n + 1,)
        Arcs that leave node v are ``arc[start[v]:start[v + 1]]``; 2i is where unit i is entered.
    arc, to : int64, int32 arrays
        Arc a leads to ``to[a]``; ``a ^ 1`` leads back.
    """

    start: Longs
    arc: Longs
    to: Ints


def split_of(instance: Instance) -> Split:
    """Split an instance's graph; arc 2i leads through unit i."""
    n, (ptr, nbr) = instance.problem.n, instance.graph
    inner = np.arange(n)
    tail = np.concatenate([2 * inner, 2 * np.repeat(inner, np.diff(ptr)) + 1])
    head = np.concatenate([2 * inner + 1, 2 * nbr.astype(np.int64)])
    both = np.column_stack([tail, head]).ravel()
    order = np.argsort(both, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(both, minlength=2 * n))])
    to = np.column_stack([head, tail]).ravel()
    return Split(start.astype(np.int64), order.astype(np.int64), to.astype(np.int32))


@njit(cache=True, nogil=True)
def _least_cut(split, share, source, sink, enough, side):  # type: ignore[no-untyped-def]
    """Flow from a unit to another, up to ``enough``; ``side`` marks what the source reaches."""
    start, arc, to = split
    left = np.empty(len(to))
    n = len(share)
    left[0 : 2 * n : 2] = share
    left[1 : 2 * n : 2] = 0.0
    left[2 * n :: 2] = _FAR
    left[2 * n + 1 :: 2] = 0.0
    queue = np.empty(2 * n, np.int64)
    by = np.empty(2 * n, np.int64)
    first, last, flow = 2 * source + 1, 2 * sink, 0.0
    while True:
        side[:] = False
        side[first] = True
        queue[0] = first
        begin, end = 0, 1
        while begin < end and not side[last]:
            v = queue[begin]
            begin += 1
            for k in range(start[v], start[v + 1]):
                a = arc[k]
                if left[a] > 1e-9 and not side[to[a]]:
                    side[to[a]] = True
                    by[to[a]] = a
                    queue[end] = to[a]
                    end += 1
        if not side[last]:
            return flow
        most, v = _FAR, last
        while v != first:
            most = min(most, left[by[v]])
            v = to[by[v] ^ 1]
        v = last
        while v != first:
            left[by[v]] -= most
            left[by[v] ^ 1] += most
            v = to[by[v] ^ 1]
        flow += most
        if flow >= enough:
            return flow


@njit(cache=True, nogil=True)
def loads(ground, inside, wall, begin, most, load):  # type: ignore[no-untyped-def]
    """Least households of a way from a unit to each other; beyond ``most`` it does not go on.

    Ways go through units that are inside and not in the wall; both ends count.
    """
    ptr, nbr, amount = ground
    load[:] = _FAR
    if amount[begin] > most:
        return
    load[begin] = amount[begin]
    heap = [(load[begin], np.int64(begin))]
    while len(heap) > 0:
        d, v = heappop(heap)
        if d > load[v]:
            continue
        for e in range(ptr[v], ptr[v + 1]):
            w = nbr[e]
            reached = d + amount[w]
            if inside[w] and not wall[w] and reached <= most and reached < load[w]:
                load[w] = reached
                heappush(heap, (reached, np.int64(w)))


@njit(cache=True, nogil=True)
def _lessen(ground, inside, wall, ends, most):  # type: ignore[no-untyped-def]
    """Take out of a wall what is not needed to keep two units from being in one area."""
    ptr, nbr, amount = ground
    near, far = np.empty(len(amount)), np.empty(len(amount))
    members = np.flatnonzero(wall)
    loads(ground, inside, wall, ends[0], most, near)
    loads(ground, inside, wall, ends[1], most, far)
    for c in members:
        if not inside[c]:
            wall[c] = False
            continue
        a, b = _FAR, _FAR
        for e in range(ptr[c], ptr[c + 1]):
            a, b = min(a, near[nbr[e]]), min(b, far[nbr[e]])
        if a + b + amount[c] > most:
            wall[c] = False
            if a < _FAR:
                loads(ground, inside, wall, ends[0], most, near)
            if b < _FAR:
                loads(ground, inside, wall, ends[1], most, far)


@njit(cache=True, nogil=True)
def _of_site(ground, split, pairs, site, wanted):  # type: ignore[no-untyped-def]
    """Walls that the shares of a site break: (unit, wall) pairs, both cuts nearest to an end."""
    (inside, share), (own, most) = pairs, site
    n, amount = len(share), ground[2]
    side, nobody = np.empty(2 * n, np.bool_), np.zeros(n, np.bool_)
    near, far = np.empty(n), np.empty(n)
    loads(ground, inside, nobody, own, most, near)
    units, walls = [0 for _ in range(0)], [np.empty(0, np.bool_) for _ in range(0)]
    for i in wanted:
        enough = share[i] - _BROKEN
        loads(ground, inside, nobody, i, most, far)
        carried = np.where(near + far - amount <= most, share, 0.0)
        for turn in range(2):
            source, sink = (own, i) if turn == 0 else (i, own)
            if _least_cut(split, carried, source, sink, enough, side) >= enough:
                break
            wall = np.empty(n, np.bool_)
            for v in range(n):
                wall[v] = side[2 * v] and not side[2 * v + 1] and v != source
            _lessen(ground, inside, wall, (own, i), most)
            units.append(i)
            walls.append(wall)
    return units, walls


class Separation:
    """Finds separators again and again.

    Parameters
    ----------
    instance : Instance
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, split = instance, split_of(instance)
        self.split = (split.start, split.arc, split.to)

    def __call__(self, inside: Flags, share: Floats) -> list[Cut]:
        """Separators that shares break, one of each kind per unit and site.

        Parameters
        ----------
        inside : bool array, shape (n, m)
            Pairs that may be used.
        share : float64 array, shape (n, m)
        """
        problem, (ptr, nbr) = self.instance.problem, self.instance.graph
        found: dict[tuple[int, int, bytes], Cut] = {}
        for j in np.flatnonzero((share > _SHARE).any(axis=0)).tolist():
            own = int(problem.site_unit[j])
            column = np.ascontiguousarray(np.where(share[:, j] > _SHARE, share[:, j], 0.0))
            wanted = column > _BROKEN
            wanted[own] = False
            wanted[nbr[ptr[own] : ptr[own + 1]]] = False
            units, walls = _of_site(
                (ptr, nbr, problem.amount),
                self.split,
                (np.ascontiguousarray(inside[:, j]), column),
                (own, float(problem.high[j] * (1 + _LOAD))),
                np.flatnonzero(wanted),
            )
            for i, wall in zip(units, walls, strict=True):
                separator = np.flatnonzero(wall).astype(np.int32)
                cut = Cut(j, i, separator)
                found.setdefault(cut.key, cut)
        return list(found.values())


def reachable(instance: Instance, pairs: Flags) -> Flags:
    """Leave out pairs that no connected area within the site's most households can hold.

    Parameters
    ----------
    instance : Instance
    pairs : bool array, shape (n, m)

    Returns
    -------
    bool array, shape (n, m)
    """
    problem = instance.problem
    load, nobody = np.empty(problem.n), np.zeros(problem.n, dtype=np.bool_)
    kept = np.zeros_like(pairs)
    for j in range(problem.m):
        own, inside = int(problem.site_unit[j]), np.ascontiguousarray(pairs[:, j])
        if inside[own]:
            most = float(problem.high[j] * (1 + _LOAD))
            loads((*instance.graph, problem.amount), inside, nobody, own, most, load)
            kept[:, j] = inside & (load < _FAR)
    return kept
