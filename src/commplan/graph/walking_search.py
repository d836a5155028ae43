"""The bounded search that every walk comes from: nodes by distance in buckets, compiled by numba.

A node waits in the bucket of its distance, one for every eighth of a minute. Buckets are emptied in
order and, within one, in any order: a node whose distance falls again is looked at again (label
correcting; Dial 1969, Denardo & Fox 1979). That costs a few second looks and saves the heap, on which
a short search spends most of its time. Distances are the least sums along any way, whatever the order of
the work, so they are bit for bit those of Dijkstra's algorithm.
"""

import numpy as np
from numba import njit

BUCKETS_PER_MIN = 8.0  # ten metres: in dense nets of footways wider ones cost many second looks

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
