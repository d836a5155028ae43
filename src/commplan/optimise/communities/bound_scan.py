"""Price the closed walks through many faces at fixed prices, compiled; chunks run side by side.

Each face is priced among the faces of its own or a later rank, so that chunks do not depend on
each other and their order, or the number of threads, changes nothing.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.bound_flow import flow_of, windings
from commplan.optimise.communities.bound_walks import labels_of, local_faces, trace
from commplan.optimise.communities.instance import Ints
from commplan.problem.threads import threads_at_hand

_CHUNK_SHARE = 0.25  # of the labels of all chunks that one may look at
_COUNTED = 16  # chunks between two looks at the labels spent
STRAYED = 2  # the code of `Walks`
CHUNK = 8  # faces priced between two looks at the clock
_APART = 0.15  # of the upper bound: walks of one face that are told apart by their load
_MOST_WALKS = 3  # per face
_SPANS = (3, 12, 48, 192)  # of loads, in upper bounds, that walks may stray on the way
_MOST_LABELS = 40_000_000  # at one face

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    """What is asked of walks: ``rate × min(load, high) + extra`` for loads of at least ``low``."""

    rate: int
    low: int
    high: int
    extra: int

    def as_tuple(self) -> tuple[int, int, int, int]:
        """For compiled code."""
        return self.rate, self.low, self.high, self.extra


@dataclass(frozen=True)
class Walks:
    """Walks that were found too cheap: windings, half borders, and how far they fall short.

    ``code`` is 0 where all faces were priced, 2 where loads strayed too far, 3 where a walk could
    not be traced, 4 after an interrupt or too much work; ``cheap`` the faces of the walks;
    ``labels`` the work.
    """

    code: int
    windings: Ints
    half: Whole
    lack: Whole
    cheap: Ints
    labels: int


@njit(cache=True)
def cycle_below(dual, weight, level):  # type: ignore[no-untyped-def]
    """Lower ``level`` until no arc is negative beside it; arcs of a negative cycle, if any.

    Returns an empty array where all is well.
    """
    tail, head, out = dual[0], dual[1], dual[3]
    via = np.full(len(level), -1, dtype=np.int32)
    for sweep in range(len(level) + 1):
        last = np.int32(-1)
        for a in out:
            reach = level[tail[a]] + weight[a]
            if reach < level[head[a]]:
                level[head[a]] = reach
                via[head[a]] = a
                last = head[a]
        if last < 0:
            return via[:0]
        if sweep % 16 == 15 or sweep == len(level):
            found = _ring(via, tail, last)
            if len(found):
                return found
    return via[:0]


@njit(cache=True)
def _ring(via, tail, start):  # type: ignore[no-untyped-def]
    """Arcs of the cycle to which the arcs ``via`` lead back from ``start``; empty if none."""
    v = start
    for _ in range(len(via)):
        if via[v] < 0:
            return via[:0]
        v = tail[via[v]]
    ring = np.empty(len(via), dtype=np.int32)
    count = 0
    u = v
    while True:
        ring[count] = via[u]
        count += 1
        u = tail[via[u]]
        if u == v or count == len(via):
            break
    return ring[:count]


@njit(cache=True)
def _lacks(row, zero, rule):  # type: ignore[no-untyped-def]
    rate, low, high, extra = rule
    result = np.zeros(len(row) - zero, dtype=np.int64)
    for load in range(max(low, 1), len(result)):
        result[load] = max(np.int64(0), rate * min(load, high) + extra - row[zero + load])
    return result


@njit(cache=True)
def _along(walk, border):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for a in walk:
        total += border[a]
    return total


@njit(cache=True)
def _spread(start, graph, costs, local, within):  # type: ignore[no-untyped-def]
    """Labels of one face over a span of loads that is wide enough; where load 0 lies, code, work."""
    high, most = within
    dist = np.empty((0, 0), dtype=np.int32)
    zero, seen = 0, np.int64(0)
    if local[2].max() >= 2**31 - 1:  # labels are counted in 32 bits
        return dist, zero, 2, seen
    for span in _SPANS:
        zero = span * high
        if len(local[1]) * (2 * zero + 1) > _MOST_LABELS:
            break
        sizes = (zero, 2 * zero + 1, most - seen)
        dist, wide, more = labels_of(start, graph, costs[0], costs[1], local, sizes)
        seen += more
        if wide:
            return dist, zero, 0, seen
        if seen > most:
            return dist, zero, 4, seen
    return dist, zero, 2, seen


@njit(cache=True, nogil=True)
def _scan(dual, load, weight, rule, faces, most):  # type: ignore[no-untyped-def]
    """Find walks through ``starts`` that are too cheap; codes as in `Walks`."""
    tail, head, ptr, out, ptr_in, inward, border, tree = dual
    rank, starts = faces
    high = rule[2]
    flow = flow_of(load, tree, len(border))
    alive = np.ones(len(rank), dtype=np.uint8)
    graph = (ptr, out, ptr_in, inward, tail, head, alive)
    walks = [np.zeros(0, dtype=np.int32)]
    numbers = [(np.int64(0), np.int64(0), np.int64(-1))]
    seen = np.int64(0)
    for start in starts:
        for v in range(len(rank)):
            alive[v] = 1 if rank[v] >= rank[start] else 0
        local = local_faces(start, graph, weight, flow, rule[0] * high + rule[3])
        moves = flow + local[3][tail] - local[3][head]
        dist, zero, code, more = _spread(start, graph, (weight, moves), local, (high, most - seen))
        seen += more
        if code:
            return code, walks, numbers, seen
        lacks = _lacks(dist[local[0][start]], zero, rule)
        for _ in range(_MOST_WALKS):
            worst = np.argmax(lacks)
            if lacks[worst] <= 0:
                break
            walk = trace(start, worst, graph, (weight, moves), local, (dist, zero))
            if len(walk) == 0:
                return 3, walks, numbers, seen
            walks.append(walk)
            numbers.append((_along(walk, border), lacks[worst], np.int64(start)))
            apart = max(1, int(_APART * high))
            lacks[max(0, worst - apart) : worst + apart] = 0
    return 0, walks, numbers, seen


def scan(  # type: ignore[no-untyped-def]
    arrays, load: Whole, weight: Whole, rule: Rule, faces: tuple[Ints, Ints], spend
) -> Walks:
    """Price all walks through ``todo``, where ``faces`` are (rank, todo).

    ``spend`` are (most, is_over): ``most`` labels may be looked at; beyond, the code is 4. They are
    counted after every few chunks, whatever the number of threads.
    """
    rank, todo = faces
    most, is_over = spend
    chunks = [todo[i : i + CHUNK] for i in range(0, len(todo), CHUNK)]
    each = min(most * _CHUNK_SHARE, 2.0**62)

    def price(chunk: Ints):  # type: ignore[no-untyped-def]
        if is_over():
            return 4, [None], [None], 0
        return _scan(arrays, load, weight, rule.as_tuple(), (rank, chunk), np.int64(each))

    answers: list[tuple[Any, ...]] = []
    labels = 0
    with ThreadPoolExecutor(max_workers=min(4, threads_at_hand())) as pool:
        for i in range(0, len(chunks), _COUNTED):
            answers += pool.map(price, chunks[i : i + _COUNTED])
            labels = sum(int(a[3]) for a in answers)
            if any(bool(a[0]) for a in answers):
                break
            if labels > most and i + _COUNTED < len(chunks):
                answers.append((4, [None], [None], 0))
                break
    arcs = [w for a in answers for w in a[1][1:]]
    around = [windings(w, arrays[7], len(load)) for w in arcs]
    numbers = np.array([x for a in answers for x in a[2][1:]], dtype=np.int64).reshape(-1, 3)
    return Walks(
        max((int(a[0]) for a in answers), default=0),
        np.array(around, dtype=np.int32).reshape(-1, len(load)),
        numbers[:, 0],
        numbers[:, 1],
        np.unique(numbers[:, 2]).astype(np.int32),
        labels,
    )
