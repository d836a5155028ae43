"""Walks on arrays: a bounded search from each target, and the origins along the streets it reaches.

**The search.** A node waits in the bucket of its distance, one for every eighth of a minute. Buckets
are emptied in order and, within one, in any order: a node whose distance falls again is looked at
again (label correcting; Dial 1969, Denardo & Fox 1979). That costs a few second looks and saves the
heap, on which a short search spends most of its time. Distances are the least sums along any way,
whatever the order of the work, so they are bit for bit those of Dijkstra's algorithm.

**The arrays.** A net is (indptr, head, minutes, edge, from_tail, tail, head of edge, minutes of edge):
the ways out of each node, each with the edge it follows and whether it leaves by the edge's tail,
then the edges. A place joins the net by one or more accesses: an edge, minutes along it from its
tail, and minutes from the place to that point. Targets come as (offsets by place, edge, along, leg),
origins as (offsets by edge, place, along, leg, number of places).

All that is compiled stands in this one file: numba's cache on disk does not notice when a function
in another file has changed.
"""

import numpy as np
from numba import njit

BUCKETS_PER_MIN = 8.0  # ten metres: in dense nets of footways wider ones cost many second looks
OFTEN_FOUND = 256  # origins within a limit of one target, to begin with

# A graph is (indptr, head, minutes): the ways out of each node. A field is what one search after
# another writes on: minutes by node (inf where not reached), the nodes reached, the first entry of
# each bucket (-1 where empty), and the entries: node, and next entry of the bucket.


@njit(cache=True, nogil=True)
def blank_field(nodes, room, limit):  # type: ignore[no-untyped-def]
    """Make the field of a graph of ``nodes`` nodes for searches up to ``limit``, ``room`` entries."""
    return (
        np.full(nodes, np.inf),
        np.empty(nodes, np.int32),
        np.full(int(limit * BUCKETS_PER_MIN) + 1, -1, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
    )


@njit(cache=True, nogil=True)
def spread(graph, seeds, limit, field):  # type: ignore[no-untyped-def]
    """Fill a blank field from ``seeds`` (nodes, minutes) and return how many nodes were reached.

    A node at exactly ``limit`` is reached, one beyond it stays at inf. Where the entries do not
    suffice the field is wiped and -1 returned: a field that grows in here would cost every search.
    """
    indptr, head, minutes = graph
    seed_node, seed_min = seeds
    dist, reached, first, entry, after = field
    count, used, room = 0, 0, entry.size
    for i in range(seed_node.size):
        node, total = seed_node[i], seed_min[i]
        if total > limit or total >= dist[node]:
            continue
        if used == room:
            return _give_up(field, count)
        if dist[node] == np.inf:
            reached[count] = node
            count += 1
        dist[node] = total
        bucket = int(total * BUCKETS_PER_MIN)
        entry[used], after[used], first[bucket] = node, first[bucket], used
        used += 1
    for bucket in range(first.size):
        while first[bucket] >= 0:
            top = first[bucket]
            first[bucket] = after[top]
            node = entry[top]
            so_far = dist[node]
            if int(so_far * BUCKETS_PER_MIN) != bucket:
                continue  # it has since moved to an earlier bucket
            for i in range(indptr[node], indptr[node + 1]):
                there, total = head[i], so_far + minutes[i]
                if total > limit or total >= dist[there]:
                    continue
                if used == room:
                    return _give_up(field, count)
                if dist[there] == np.inf:
                    reached[count] = there
                    count += 1
                dist[there] = total
                into = int(total * BUCKETS_PER_MIN)
                entry[used], after[used], first[into] = there, first[into], used
                used += 1
    return count


@njit(cache=True, nogil=True)
def _give_up(field, count):  # type: ignore[no-untyped-def]
    wipe(field, count)
    field[2][:] = -1
    return -1


@njit(cache=True, nogil=True)
def wipe(field, count):  # type: ignore[no-untyped-def]
    """Make a field blank again after a search that reached ``count`` nodes."""
    dist, reached = field[0], field[1]
    for k in range(count):
        dist[reached[k]] = np.inf


@njit(cache=True, nogil=True)
def node_minutes(graph, seeds, limit):  # type: ignore[no-untyped-def]
    """Minutes from the nearest seed to each node, inf beyond the limit."""
    nodes, room = graph[0].size - 1, 2 * graph[1].size + seeds[0].size
    field = blank_field(nodes, room, limit)
    while spread(graph, seeds, limit, field) < 0:
        room *= 2
        field = blank_field(nodes, room, limit)
    return field[0]


@njit(cache=True, nogil=True)
def _seeds(net, targets, t):  # type: ignore[no-untyped-def]
    """Both ends of the edges that target ``t`` joins, with the minutes to them."""
    tail, head, edge_min = net[5], net[6], net[7]
    offsets, edge, along, leg = targets
    low, high = offsets[t], offsets[t + 1]
    node, cost = np.empty(2 * (high - low), np.int32), np.empty(2 * (high - low))
    for a in range(low, high):
        i = 2 * (a - low)
        node[i], cost[i] = tail[edge[a]], leg[a] + along[a]
        node[i + 1], cost[i + 1] = head[edge[a]], leg[a] + (edge_min[edge[a]] - along[a])
    return node, cost


@njit(cache=True, nogil=True)
def _harvest(net, origins, field, reached_n, limit, out):  # type: ignore[no-untyped-def]
    """Write the least minutes of each origin on an edge with a reached end; how many they are.

    ``out`` is (minutes by origin, inf where none yet; the origins found). An edge of which both
    ends are reached is looked at once, from its tail.
    """
    indptr, edge, from_tail, tail, head, edge_min = net[0], net[3], net[4], net[5], net[6], net[7]
    dist, reached = field[0], field[1]
    by_edge, owner, along, leg, _ = origins
    best, found = out
    count = 0
    for k in range(reached_n):
        node = reached[k]
        for i in range(indptr[node], indptr[node + 1]):
            e = edge[i]
            low, high = by_edge[e], by_edge[e + 1]
            if low == high or (not from_tail[i] and dist[tail[e]] < np.inf):
                continue
            at_tail, at_head, whole = dist[tail[e]], dist[head[e]], edge_min[e]
            for j in range(low, high):
                total = min(at_tail + along[j], at_head + (whole - along[j])) + leg[j]
                o = owner[j]
                if total <= limit and total < best[o]:
                    if best[o] == np.inf:
                        found[count] = o
                        count += 1
                    best[o] = total
    return count


@njit(cache=True, nogil=True)
def _same_edge(targets, t, origins, limit, out, count):  # type: ignore[no-untyped-def]
    """Add the ways along one edge, which pass no node."""
    offsets, t_edge, t_along, t_leg = targets
    by_edge, owner, along, leg, _ = origins
    best, found = out
    for a in range(offsets[t], offsets[t + 1]):
        for j in range(by_edge[t_edge[a]], by_edge[t_edge[a] + 1]):
            total = t_leg[a] + abs(t_along[a] - along[j]) + leg[j]
            o = owner[j]
            if total <= limit and total < best[o]:
                if best[o] == np.inf:
                    found[count] = o
                    count += 1
                best[o] = total
    return count


@njit(cache=True, nogil=True)
def _reach(net, target, origins, limit, work):  # type: ignore[no-untyped-def]
    """Write the minutes of all origins within the limit of one target; how many, or -1: no room."""
    field, out = work
    targets, t = target
    graph = (net[0], net[1], net[2])
    nodes = spread(graph, _seeds(net, targets, t), limit, field)
    if nodes < 0:
        return -1
    count = _harvest(net, origins, field, nodes, limit, out)
    wipe(field, nodes)
    return _same_edge(targets, t, origins, limit, out, count)


@njit(cache=True, nogil=True)
def _work(net, origins, room, limit):  # type: ignore[no-untyped-def]
    field = blank_field(net[0].size - 1, room, limit)
    return field, (np.full(origins[4], np.inf), np.empty(origins[4], np.int32))


@njit(cache=True, nogil=True)
def within(net, targets, span, origins, limit):  # type: ignore[no-untyped-def]
    """Minutes of all pairs within the limit, for targets ``span[0]`` up to ``span[1]``.

    Returns
    -------
    offsets : int64 array, shape (targets of the span + 1,)
    origin : int32 array, shape (pairs,)
    minutes : float64 array, shape (pairs,)
    """
    first, last = span
    room = 2 * net[1].size + 2 * targets[1].size
    work = _work(net, origins, room, limit)
    best, found = work[1]
    offsets, high = np.zeros(last - first + 1, np.int64), 0
    guess = OFTEN_FOUND * (last - first)
    origin, minutes = np.empty(guess, np.int32), np.empty(guess)
    for t in range(first, last):
        count = _reach(net, (targets, t), origins, limit, work)
        while count < 0:
            room *= 2
            work = _work(net, origins, room, limit)
            best, found = work[1]
            count = _reach(net, (targets, t), origins, limit, work)
        low, high = high, high + count
        if high > origin.size:
            more = max(high - origin.size, origin.size)
            origin = np.concatenate((origin, np.empty(more, np.int32)))
            minutes = np.concatenate((minutes, np.empty(more)))
        _take(found, best, origin[low:high], minutes[low:high])
        offsets[t - first + 1] = high
    return offsets, origin[:high], minutes[:high]


@njit(cache=True, nogil=True)
def _take(found, best, origin, minutes):  # type: ignore[no-untyped-def]
    """Move what was found for one target to where it stays, and make ``best`` blank again."""
    for k in range(origin.size):
        o = found[k]
        origin[k], minutes[k] = o, best[o]
        best[o] = np.inf


@njit(cache=True, nogil=True)
def of_pairs(net, targets, span, origins, wanted, limit):  # type: ignore[no-untyped-def]
    """Minutes of wanted pairs (per target: ``wanted[0]`` offsets, ``wanted[1]`` origins), or inf.

    Only the targets ``span[0]`` up to ``span[1]`` are searched from and theirs returned.
    """
    first, last = span
    offsets, wanted_origin = wanted
    room = 2 * net[1].size + 2 * targets[1].size
    work = _work(net, origins, room, limit)
    out = np.full(offsets[last] - offsets[first], np.inf)
    for t in range(first, last):
        if offsets[t] == offsets[t + 1]:
            continue
        count = _reach(net, (targets, t), origins, limit, work)
        while count < 0:
            room *= 2
            work = _work(net, origins, room, limit)
            count = _reach(net, (targets, t), origins, limit, work)
        best, found = work[1]
        for w in range(offsets[t], offsets[t + 1]):
            out[w - offsets[first]] = best[wanted_origin[w]]
        for k in range(count):
            best[found[k]] = np.inf
    return out
