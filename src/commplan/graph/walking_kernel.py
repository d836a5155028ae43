"""Shortest walks on arrays: Dijkstra with a binary heap, bounded by a limit, compiled by numba."""

import numpy as np
from numba import njit

# A graph is (indptr, head, minutes, edge, from_tail): the ways out of each node, each with the edge
# it follows and whether it leaves by the edge's tail. A place joins the graph by one or more
# accesses: an edge, minutes along it from its tail, and minutes from the place to that point.


@njit(cache=True, nogil=True)
def _push(keys, nodes, size, key, node):  # type: ignore[no-untyped-def]
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] <= key:
            break
        keys[i], nodes[i] = keys[up], nodes[up]
        i = up
    keys[i], nodes[i] = key, node
    return size + 1


@njit(cache=True, nogil=True)
def _drop_first(keys, nodes, size):  # type: ignore[no-untyped-def]
    size -= 1
    key, node = keys[size], nodes[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[i], nodes[i] = keys[down], nodes[down]
        i = down
    keys[i], nodes[i] = key, node
    return size


@njit(cache=True, nogil=True)
def _search(graph, seeds, limit, dist, reached, heap):  # type: ignore[no-untyped-def]
    """Fill ``dist`` for nodes within ``limit``; ``reached`` lists them, the count is returned.

    ``dist`` comes in as inf everywhere; a node beyond the limit is left at inf.
    """
    indptr, head, minutes = graph
    seed_node, seed_min = seeds
    keys, nodes = heap
    size, count = 0, 0
    for i in range(seed_node.size):
        node, cost = seed_node[i], seed_min[i]
        if cost <= limit and cost < dist[node]:
            if dist[node] == np.inf:
                reached[count] = node
                count += 1
            dist[node] = cost
            size = _push(keys, nodes, size, cost, node)
    while size > 0:
        cost, node = keys[0], nodes[0]
        size = _drop_first(keys, nodes, size)
        if cost > dist[node]:
            continue
        for i in range(indptr[node], indptr[node + 1]):
            there = head[i]
            total = cost + minutes[i]
            if total <= limit and total < dist[there]:
                if dist[there] == np.inf:
                    reached[count] = there
                    count += 1
                dist[there] = total
                size = _push(keys, nodes, size, total, there)
    return count


@njit(cache=True, nogil=True)
def node_minutes(graph, seeds, limit):  # type: ignore[no-untyped-def]
    """Minutes from the nearest seed to each node, inf beyond the limit."""
    nodes = graph[0].size - 1
    dist = np.full(nodes, np.inf)
    room = graph[1].size + seeds[0].size + 1
    heap = (np.empty(room), np.empty(room, np.int32))
    _search(graph, seeds, limit, dist, np.empty(nodes, np.int32), heap)
    return dist


@njit(cache=True, nogil=True)
def _offer(best, owners, count, owner, total):  # type: ignore[no-untyped-def]
    if total < best[owner]:
        if best[owner] == np.inf:
            owners[count] = owner
            count += 1
        best[owner] = total
    return count


@njit(cache=True, nogil=True)
def _harvest(ways, origins, field, limit, out):  # type: ignore[no-untyped-def]
    """Offer each origin on an edge that leaves a reached node the minutes by that node."""
    indptr, edge, from_tail, edge_min = ways
    dist, reached = field
    best, owners = out
    by_edge, owner, along, leg = origins
    count = 0
    for k in range(reached.size):
        node = reached[k]
        for i in range(indptr[node], indptr[node + 1]):
            e = edge[i]
            for j in range(by_edge[e], by_edge[e + 1]):
                way = along[j] if from_tail[i] else edge_min[e] - along[j]
                total = dist[node] + way + leg[j]
                if total <= limit:
                    count = _offer(best, owners, count, owner[j], total)
    return count


@njit(cache=True, nogil=True)
def _same_edge(target, origins, limit, out, count):  # type: ignore[no-untyped-def]
    """Offer the way along one edge, which passes no node."""
    t_edge, t_along, t_leg = target
    by_edge, owner, along, leg = origins
    best, owners = out
    for a in range(t_edge.size):
        e = t_edge[a]
        for j in range(by_edge[e], by_edge[e + 1]):
            total = t_leg[a] + abs(t_along[a] - along[j]) + leg[j]
            if total <= limit:
                count = _offer(best, owners, count, owner[j], total)
    return count


@njit(cache=True, nogil=True)
def _seeds(tail, head, edge_min, target):  # type: ignore[no-untyped-def]
    t_edge, t_along, t_leg = target
    node, cost = np.empty(2 * t_edge.size, np.int32), np.empty(2 * t_edge.size)
    for a in range(t_edge.size):
        e, i = t_edge[a], 2 * a
        node[i], cost[i] = tail[e], t_leg[a] + t_along[a]
        node[i + 1], cost[i + 1] = head[e], t_leg[a] + edge_min[e] - t_along[a]
    return node, cost


@njit(cache=True, nogil=True)
def within(net, targets, origins, owners_n, limit):  # type: ignore[no-untyped-def]
    """Minutes of all (target, origin) pairs within the limit, as three arrays."""
    indptr, head, minutes, edge, from_tail, e_tail, e_head, e_min = net
    t_ptr, t_edge, t_along, t_leg = targets
    graph, ways = (indptr, head, minutes), (indptr, edge, from_tail, e_min)
    dist, best = np.full(indptr.size - 1, np.inf), np.full(owners_n, np.inf)
    reached, owners = np.empty(dist.size, np.int32), np.empty(owners_n, np.int32)
    pushes = head.size + 2 * t_edge.size + 1  # each way and each seed at most once
    heap = (np.empty(pushes), np.empty(pushes, np.int32))
    room = 1024
    out_t, out_o, out_min = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room)
    filled = 0
    for t in range(t_ptr.size - 1):
        own = slice(t_ptr[t], t_ptr[t + 1])
        target = (t_edge[own], t_along[own], t_leg[own])
        seeds = _seeds(e_tail, e_head, e_min, target)
        nodes = _search(graph, seeds, limit, dist, reached, heap)
        count = _harvest(ways, origins, (dist, reached[:nodes]), limit, (best, owners))
        count = _same_edge(target, origins, limit, (best, owners), count)
        while filled + count > room:
            room *= 2
            out_t = np.concatenate((out_t, np.empty(room - out_t.size, np.int32)))
            out_o = np.concatenate((out_o, np.empty(room - out_o.size, np.int32)))
            out_min = np.concatenate((out_min, np.empty(room - out_min.size)))
        for k in range(count):
            o = owners[k]
            out_t[filled], out_o[filled], out_min[filled] = t, o, best[o]
            best[o] = np.inf
            filled += 1
        for k in range(nodes):
            dist[reached[k]] = np.inf
    return out_t[:filled], out_o[:filled], out_min[:filled]


@njit(cache=True, nogil=True)
def of_pairs(net, targets, origins, owners_n, wanted, limit):  # type: ignore[no-untyped-def]
    """Minutes of wanted pairs (per target: ``wanted[0]`` offsets, ``wanted[1]`` origins), or inf."""
    indptr, head, minutes, edge, from_tail, e_tail, e_head, e_min = net
    t_ptr, t_edge, t_along, t_leg = targets
    w_ptr, w_origin = wanted
    graph, ways = (indptr, head, minutes), (indptr, edge, from_tail, e_min)
    dist, best = np.full(indptr.size - 1, np.inf), np.full(owners_n, np.inf)
    reached, owners = np.empty(dist.size, np.int32), np.empty(owners_n, np.int32)
    pushes = head.size + 2 * t_edge.size + 1  # each way and each seed at most once
    heap = (np.empty(pushes), np.empty(pushes, np.int32))
    out = np.full(w_origin.size, np.inf)
    for t in range(t_ptr.size - 1):
        if w_ptr[t] == w_ptr[t + 1]:
            continue
        own = slice(t_ptr[t], t_ptr[t + 1])
        target = (t_edge[own], t_along[own], t_leg[own])
        seeds = _seeds(e_tail, e_head, e_min, target)
        nodes = _search(graph, seeds, limit, dist, reached, heap)
        count = _harvest(ways, origins, (dist, reached[:nodes]), limit, (best, owners))
        count = _same_edge(target, origins, limit, (best, owners), count)
        for w in range(w_ptr[t], w_ptr[t + 1]):
            out[w] = best[w_origin[w]]
        for k in range(count):
            best[owners[k]] = np.inf
        for k in range(nodes):
            dist[reached[k]] = np.inf
    return out
