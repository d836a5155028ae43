"""Cheapest closed walks of the dual by what they enclose, compiled.

For one face after another: the least key (half the border minus the prices enclosed beyond the
mean rate) of closed walks through it, for every load they enclose (shortest paths in the product
of faces and loads, after Park & Phillips 1993). A face is taken out once it is done. All numbers
are integers, so nothing is lost to rounding.
"""

import heapq

import numpy as np
from numba import njit


@njit(cache=True)
def _distances(start, graph, weight, cap, backward):  # type: ignore[no-untyped-def]
    """Dijkstra from ``start`` or back from it, up to ``cap``: distances and the arcs that led there."""
    tail, head, alive = graph[4], graph[5], graph[6]
    ptr, out, other = (graph[2], graph[3], tail) if backward else (graph[0], graph[1], head)
    far = np.int64(2**62)
    dist = np.full(len(alive), far, dtype=np.int64)
    via = np.full(len(alive), -1, dtype=np.int32)
    heap = [(np.int64(0), np.int32(start))]
    dist[start] = 0
    while heap:
        d, v = heapq.heappop(heap)
        if d > dist[v]:
            continue
        for i in range(ptr[v], ptr[v + 1]):
            a = out[i]
            u = other[a]
            reach = d + weight[a]
            if alive[u] and reach < dist[u] and reach < cap:
                dist[u] = reach
                via[u] = a
                heapq.heappush(heap, (reach, u))
    return dist, via


@njit(cache=True)
def local_faces(start, graph, weight, flow, top):  # type: ignore[no-untyped-def]
    """Faces that a walk below ``top`` can pass, their limits, and shifts that keep loads small."""
    away, via = _distances(start, graph, weight, top, False)
    back, _ = _distances(start, graph, weight, top, True)
    place = np.full(len(away), -1, dtype=np.int32)
    faces = np.empty(len(away), dtype=np.int32)
    count = 0
    for v in range(len(away)):
        if away[v] < top and back[v] < top - away[v]:
            place[v] = count
            faces[count] = v
            count += 1
    faces = faces[:count]
    shift = np.zeros(len(away), dtype=np.int64)
    for v in faces[np.argsort(away[faces], kind="mergesort")]:
        if v != start:
            shift[v] = shift[graph[4][via[v]]] + flow[via[v]]
    return place, faces, top - back[faces], shift


@njit(cache=True)
def _relax(row, other, lo, hi, move, weight):  # type: ignore[no-untyped-def]
    """Carry labels lo..hi of one face along an arc; whether any got better."""
    source = row[lo : hi + 1]
    target = other[lo + move : hi + 1 + move]
    changed = 0
    for i in range(len(source)):
        reach = source[i] + weight
        old = target[i]
        changed |= reach < old
        target[i] = min(reach, old)
    return changed != 0


@njit(cache=True)
def _leaves(row, span, kept, limit):  # type: ignore[no-untyped-def]
    """Whether a label below ``limit``, which is not pruned, lies in ``span`` but not in ``kept``."""
    for f in range(span[0], span[1] + 1):  # noqa: SIM110 -- compiled
        if (f < kept[0] or f > kept[1]) and row[f] < limit:
            return True
    return False


@njit(cache=True)
def _trimmed(row, lo, hi, limit):  # type: ignore[no-untyped-def]
    """Leave out pruned labels at both ends."""
    while lo < hi and row[lo] >= limit:
        lo += 1
    while hi > lo and row[hi] >= limit:
        hi -= 1
    return lo, hi


@njit(cache=True)
def _filled(limits, width):  # type: ignore[no-untyped-def]
    result = np.empty((len(limits), width), dtype=np.int32)
    for i in range(len(limits)):
        result[i, :] = limits[i]
    return result


@njit(cache=True)
def labels_of(start, graph, weight, moves, local, span):  # type: ignore[no-untyped-def]
    """Least key of walks from ``start`` to each face by load, and the labels looked at.

    The second is False if the span (zero, width, most labels) is too narrow.
    """
    ptr, out, head = graph[0], graph[1], graph[5]
    place, faces, limits = local[0], local[1], local[2]
    zero, width, most = span
    dist = _filled(limits, width)
    lo = np.full(len(faces), width, dtype=np.int64)
    hi = np.full(len(faces), -1, dtype=np.int64)
    queue = np.empty(len(faces), dtype=np.int32)
    first, waiting = 0, 1
    queue[0] = place[start]
    lo[queue[0]] = hi[queue[0]] = zero
    dist[queue[0], zero] = 0
    seen = len(faces) * width // 8  # laying them out
    while waiting > 0:
        if seen > most:
            return dist, False, seen
        i = queue[first]
        first = (first + 1) % len(faces)
        waiting -= 1
        a0, a1 = lo[i], hi[i]
        lo[i], hi[i] = width, -1
        a0, a1 = _trimmed(dist[i], a0, a1, limits[i])
        v = faces[i]
        for e in range(ptr[v], ptr[v + 1]):
            a = out[e]
            j = place[head[a]]
            if j < 0 or weight[a] >= limits[j]:  # labels are not negative
                continue
            b0, b1 = max(a0, -moves[a]), min(a1, width - 1 - moves[a])
            if (b0 > a0 or b1 < a1) and _leaves(dist[i], (a0, a1), (b0, b1), limits[j] - weight[a]):
                return dist, False, seen
            if b0 > b1:
                continue
            seen += b1 - b0 + 1
            if _relax(dist[i], dist[j], b0, b1, moves[a], np.int32(weight[a])):
                if hi[j] < 0:
                    queue[(first + waiting) % len(faces)] = j
                    waiting += 1
                lo[j] = min(lo[j], b0 + moves[a])
                hi[j] = max(hi[j], b1 + moves[a])
    return dist, True, seen


@njit(cache=True)
def trace(start, load, graph, costs, local, labels):  # type: ignore[no-untyped-def]
    """Arcs of a closed walk with that load, found backwards; empty where ties lead in a ring.

    They come last first.
    """
    ptr, inward, tail = graph[2], graph[3], graph[4]
    weight, moves = costs
    dist, zero = labels
    place, faces = local[0], local[1]
    walk = np.empty(4 * len(faces) + 8, dtype=np.int32)
    count = 0
    i, f = place[start], load + zero
    last = np.int32(-2)
    while not (i == place[start] and f == zero):
        found = False
        v = faces[i]
        for turning in range(2):  # back where one came from only if there is no other way
            for e in range(ptr[v], ptr[v + 1]):
                a = inward[e]
                j = place[tail[a]]
                g = f - moves[a]
                if j < 0 or g < 0 or g >= dist.shape[1] or (a == last ^ 1) != turning:
                    continue
                if dist[j, g] + weight[a] == dist[i, f]:
                    last = a
                    walk[count] = last
                    count += 1
                    i, f = j, g
                    found = True
                    break
            if found:
                break
        if not found or count == len(walk):
            return walk[:0]
    return walk[:count]
