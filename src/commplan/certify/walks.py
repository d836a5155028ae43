"""Price closed walks of a planar dual by the load they enclose, compiled.

From one vertex after another, the least key of a walk to each vertex is worked out for every load
(labels that are corrected until none gets better: resource-constrained shortest paths, Desrochers
& Soumis 1988). A vertex is left out once it is done, so every closed walk is priced at the first
of its vertices. All numbers are whole.
"""

import heapq

import numpy as np
from numba import njit

_MOST_LABELS = 60_000_000  # laid out at one vertex


@njit(cache=True)
def levelled(arrays, weight, count):  # type: ignore[no-untyped-def]
    """Make weights non-negative, the same for closed walks, or find a closed walk below 0.

    Returns the weights and the arcs of that walk, empty where there is none.
    """
    tail, head = arrays[0], arrays[1]
    level = np.zeros(count, dtype=np.int64)
    via = np.full(count, -1, dtype=np.int32)
    for _ in range(count + 1):
        last = -1
        for a in range(len(tail)):
            reach = level[tail[a]] + weight[a]
            if reach < level[head[a]]:
                level[head[a]] = reach
                via[head[a]] = a
                last = head[a]
        if last < 0:
            return weight + level[tail] - level[head], via[:0]
    for _ in range(count):
        last = tail[via[last]]
    ring = np.empty(count, dtype=np.int32)
    length = 0
    v = last
    while length == 0 or v != last:
        ring[length] = via[v]
        length += 1
        v = tail[via[v]]
    return weight, ring[:length][::-1].copy()


@njit(cache=True)
def _near(arrays, weight, start, rank, top, backward):  # type: ignore[no-untyped-def]
    """Least weight from ``start`` to each face not done yet (or back), up to ``top``; last arcs."""
    tail, head, ptr, out, ptr_in, inward = arrays
    far = np.full(len(rank), top, dtype=np.int64)
    via = np.full(len(rank), -1, dtype=np.int32)
    far[start] = 0
    heap = [(np.int64(0), np.int32(start))]
    while heap:
        d, v = heapq.heappop(heap)
        if d > far[v]:
            continue
        rows = inward[ptr_in[v] : ptr_in[v + 1]] if backward else out[ptr[v] : ptr[v + 1]]
        for a in rows:
            u = tail[a] if backward else head[a]
            if rank[u] >= rank[start] and d + weight[a] < far[u]:
                far[u] = d + weight[a]
                via[u] = a
                heapq.heappush(heap, (far[u], np.int32(u)))
    return far, via


@njit(cache=True)
def _carry(source, target, weight):  # type: ignore[no-untyped-def]
    """Take over labels that are better, each ``weight`` dearer; whether there was one."""
    better = 0
    for i in range(len(source)):
        reach = source[i] + weight
        better |= reach < target[i]
        target[i] = min(reach, target[i])
    return better != 0


@njit(cache=True)
def _first_below(row, lo, hi, limit, step):  # type: ignore[no-untyped-def]
    """First place from ``lo`` (or from ``hi`` downwards) whose label is below ``limit``."""
    at = lo if step > 0 else hi
    while lo <= at <= hi and row[at] >= limit:
        at += step
    return at


@njit(cache=True)
def _strays(row, span, kept, limit):  # type: ignore[no-untyped-def]
    """Whether a label below ``limit`` lies in ``span`` but not in ``kept``."""
    for f in range(span[0], span[1] + 1):  # noqa: SIM110 -- compiled
        if (f < kept[0] or f > kept[1]) and row[f] < limit:
            return True
    return False


@njit(cache=True)
def _labels(start, arrays, weight, moves, local, size):  # type: ignore[no-untyped-def]
    """Least key by face and load; False where loads leave the table, and the labels looked at."""
    head, ptr, out = arrays[1], arrays[2], arrays[3]
    place, faces, limit = local
    zero, width = size
    table = np.empty((len(faces), width), dtype=np.int32)
    for i in range(len(faces)):
        table[i] = limit[i]  # a label at the limit cannot come back too cheap
    lo = np.full(len(faces), width, dtype=np.int64)
    hi = np.full(len(faces), -1, dtype=np.int64)
    ring = np.empty(len(faces) + 1, dtype=np.int32)
    first, last = 0, 1
    ring[0] = place[start]
    lo[ring[0]] = hi[ring[0]] = zero
    table[ring[0], zero] = 0
    work = np.int64(len(faces) * width // 8)
    while first != last:
        i = ring[first]
        first = (first + 1) % len(ring)
        begin = _first_below(table[i], lo[i], hi[i], limit[i], 1)
        end = _first_below(table[i], begin, hi[i], limit[i], -1)
        lo[i], hi[i] = width, -1
        for a in out[ptr[faces[i]] : ptr[faces[i] + 1]]:
            j = place[head[a]]
            if j < 0 or weight[a] >= limit[j] or begin > end:
                continue
            kept = (max(begin, -moves[a]), min(end, width - 1 - moves[a]))
            if kept != (begin, end) and _strays(table[i], (begin, end), kept, limit[j] - weight[a]):
                return table, False, work
            if kept[0] > kept[1]:
                continue
            work += kept[1] - kept[0] + 1
            source = table[i, kept[0] : kept[1] + 1]
            target = table[j, kept[0] + moves[a] : kept[1] + 1 + moves[a]]
            if _carry(source, target, np.int32(weight[a])):
                if hi[j] < 0:
                    ring[last] = j
                    last = (last + 1) % len(ring)
                lo[j] = min(lo[j], kept[0] + moves[a])
                hi[j] = max(hi[j], kept[1] + moves[a])
    return table, True, work


@njit(cache=True)
def table_of(start, arrays, numbers, rank, rule):  # type: ignore[no-untyped-def]
    """Labels of all walks from ``start`` that could come back too cheap.

    Returns whether they fit, the table with the load of its first column, places of the vertices,
    loads that the arcs carry in it, and the labels looked at.
    """
    weight, flow = numbers
    rate, _, high, extra = rule
    top = rate * high + extra
    away, via = _near(arrays, weight, start, rank, top, False)
    back = _near(arrays, weight, start, rank, top, True)[0]
    place = np.full(len(rank), -1, dtype=np.int32)
    near = np.flatnonzero(away + back < top).astype(np.int32)
    for i in range(len(near)):
        place[near[i]] = i
    # Loads are told from those of the cheapest walk to each vertex, which keeps them small.
    shift = np.zeros(len(rank), dtype=np.int64)
    for v in near[np.argsort(away[near], kind="mergesort")]:
        if v != start:
            shift[v] = shift[arrays[0][via[v]]] + flow[via[v]]
    moves = flow + shift[arrays[0]] - shift[arrays[1]]
    zero = 2 * high
    work = np.int64(0)
    table = np.empty((0, 0), dtype=np.int32)
    fits = False
    while not fits and len(near) * (2 * zero + 1) <= _MOST_LABELS:
        size = (zero, 2 * zero + 1)
        local = (place, near, top - back[near])
        table, fits, more = _labels(start, arrays, weight, moves, local, size)
        work += more
        zero *= 4
    return fits, (table, zero // 4), (place, near), moves, work


@njit(cache=True, nogil=True)
def price(starts, arrays, numbers, rank, rule):  # type: ignore[no-untyped-def]
    """Price the walks through ``starts``; (start, load) of the worst of each that is too cheap.

    A load of -1 stands for loads that stray too far to be told apart.
    """
    rate, low, high, extra = rule
    work = np.int64(0)
    found = [(np.int64(-1), np.int64(0))]
    for start in starts:
        fits, laid, places, _, more = table_of(start, arrays, numbers, rank, rule)
        work += more
        if not fits:
            found.append((np.int64(start), np.int64(-1)))
            continue
        row = laid[0][places[0][start], laid[1] :]
        lack, at = np.int64(0), np.int64(0)
        for load in range(max(low, 1), len(row)):
            less = rate * min(load, high) + extra - row[load]
            if less > lack:
                lack, at = less, np.int64(load)
        if lack > 0:
            found.append((np.int64(start), np.int64(at)))
    return found[1:], work
