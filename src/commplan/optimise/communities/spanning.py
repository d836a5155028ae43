"""Random spanning trees of a set of nodes, compiled."""

import numpy as np
from numba import njit

from commplan.optimise.communities.kernel import uniform


@njit(cache=True)
def _weighted_edges(nodes, place, rows, noise, rng):  # type: ignore[no-untyped-def]
    """Open edges among ``nodes`` with random weights; dear borders tend to stay inside."""
    (ptr, nbr, is_open), cost = rows
    count = 0
    mean = 1e-9
    for v in nodes:
        count += ptr[v + 1] - ptr[v]
    for v in nodes:
        for e in range(ptr[v], ptr[v + 1]):
            mean += cost[e] / count
    ends = np.empty((count, 2), dtype=np.int32)
    weight = np.empty(count)
    top = 0
    for v in nodes:
        for e in range(ptr[v], ptr[v + 1]):
            u = nbr[e]
            if is_open[e] and place[u] >= 0 and v < u:
                ends[top, 0] = place[v]
                ends[top, 1] = place[u]
                weight[top] = uniform(rng) * noise - cost[e] / mean
                top += 1
    return ends[:top], weight[:top]


@njit(cache=True)
def _root(root, x):  # type: ignore[no-untyped-def]
    """Find the representative of ``x`` in a union-find forest, with path halving."""
    while root[x] != x:
        root[x] = root[root[x]]
        x = root[x]
    return x


@njit(cache=True)
def _least_tree(ends, weight, m):  # type: ignore[no-untyped-def]
    """Linked lists (node, next) of a least spanning tree's edges (Kruskal 1956)."""
    root = np.arange(m).astype(np.int32)
    link = np.full((2 * m, 2), -1, dtype=np.int32)
    head = np.full(m, -1, dtype=np.int32)
    used = 0
    for i in np.argsort(weight):
        a, b = ends[i, 0], ends[i, 1]
        x, y = _root(root, a), _root(root, b)
        if x != y:
            root[x] = y
            link[used, 0], link[used, 1] = b, head[a]
            head[a] = used
            link[used + 1, 0], link[used + 1, 1] = a, head[b]
            head[b] = used + 1
            used += 2
    return head, link


@njit(cache=True)
def random_tree(nodes, place, rows, noise, rng):  # type: ignore[no-untyped-def]
    """Draw a spanning tree: parents, nodes from the root on, and how many were reached."""
    m = len(nodes)
    ends, weight = _weighted_edges(nodes, place, rows, noise, rng)
    head, link = _least_tree(ends, weight, m)
    parent = np.full(m, -1, dtype=np.int32)
    order = np.empty(m, dtype=np.int32)
    start = int(uniform(rng) * m)
    order[0] = start
    parent[start] = start
    done, seen = 0, 1
    while done < seen:
        v = order[done]
        done += 1
        e = head[v]
        while e >= 0:
            u = link[e, 0]
            if parent[u] < 0:
                parent[u] = v
                order[seen] = u
                seen += 1
            e = link[e, 1]
    return parent, order, seen
