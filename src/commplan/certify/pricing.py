"""The closed walks of a dual that are too cheap: faces shared out to threads, walks traced."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from commplan.certify.plane import Arcs, Ints
from commplan.certify.walks import price, table_of
from commplan.problem.threads import threads_at_hand

_AT_ONCE = 8  # vertices that one thread prices before the next lot


@dataclass(frozen=True)
class Net:
    """Faces and the arcs that a walk may use, in compressed rows.

    Parameters
    ----------
    tail, head : int32 array, shape (arcs,)
    ptr, out : int32 arrays
        Arcs that leave each face.
    ptr_in, inward : int32 arrays
        Arcs that enter each face.
    """

    tail: Arcs
    head: Arcs
    ptr: Arcs
    out: Arcs
    ptr_in: Arcs
    inward: Arcs

    def arrays(self) -> tuple[Arcs, ...]:
        """For compiled code."""
        return self.tail, self.head, self.ptr, self.out, self.ptr_in, self.inward


def net_of(tail: Arcs, head: Arcs, faces: int) -> Net:
    """Lay arcs out by the faces they leave and enter."""
    rows = []
    for key in (tail, head):
        order = np.argsort(key, kind="stable").astype(np.int32)
        rows += [np.searchsorted(key[order], np.arange(faces + 1)).astype(np.int32), order]
    return Net(tail, head, *rows)


@dataclass(frozen=True)
class Rule:
    """What a closed walk must cost: ``rate × min(load, high) + extra``, from load ``low`` on."""

    rate: int
    low: int
    high: int
    extra: int

    def numbers(self) -> tuple[int, int, int, int]:
        """For compiled code."""
        return self.rate, self.low, self.high, self.extra


@dataclass(frozen=True)
class Scene:
    """All that pricing needs: the net, weights (>= 0) and loads of its arcs, ranks, the rule."""

    net: Net
    weight: Ints
    flow: Ints
    rank: Ints
    rule: Rule

    def parts(self) -> tuple[tuple[Arcs, ...], tuple[Ints, Ints], Ints, tuple[int, ...]]:
        """For compiled code."""
        return self.net.arrays(), (self.weight, self.flow), self.rank, self.rule.numbers()


def too_cheap(scene: Scene, starts: Arcs) -> tuple[list[tuple[int, int]], int]:
    """Price the closed walks through ``starts`` that pass no vertex of a lower rank.

    Returns
    -------
    list of (start, load)
        The worst walk of each start that has one; load -1 where loads strayed too far.
    work : int
        Labels looked at.
    """
    order = starts[np.argsort(scene.rank[starts])]
    lots = [order[i : i + _AT_ONCE] for i in range(0, len(order), _AT_ONCE)]
    with ThreadPoolExecutor(max_workers=min(4, threads_at_hand())) as pool:
        answers = list(pool.map(lambda lot: price(lot, *scene.parts()), lots))
    found = [(int(s), int(load)) for a in answers for s, load in a[0]]
    return found, sum(int(a[1]) for a in answers)


def walk_of(scene: Scene, start: int, load: int) -> list[int]:
    """Arcs of the cheapest closed walk through ``start`` with that load, in their order."""
    _, (table, zero), (place, near), moves, _ = table_of(start, *scene.parts())
    net = scene.net
    begin, end = (int(place[start]), zero), (int(place[start]), zero + load)
    came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    todo = [end]
    while todo:
        i, f = todo.pop()
        if (i, f) == begin:
            break
        v = near[i]
        for a in net.inward[net.ptr_in[v] : net.ptr_in[v + 1]].tolist():
            j, g = int(place[net.tail[a]]), int(f - moves[a])
            if j < 0 or not 0 <= g < table.shape[1] or (j, g) in came:
                continue
            if int(table[j, g]) + int(scene.weight[a]) == int(table[i, f]):
                came[j, g] = (i, f), a
                todo.append((j, g))
    walk = []
    at = begin
    while at != end:
        at, arc = came[at]
        walk.append(arc)
    return walk
