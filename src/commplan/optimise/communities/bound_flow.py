"""Sums over what a closed walk encloses, by a tree of the nodes hung from the outside; compiled."""

import numpy as np
from numba import njit


@njit(cache=True)
def flow_of(amount, tree, arcs):  # type: ignore[no-untyped-def]
    """Flow along each arc that adds up to ``amount`` round a set of nodes on the left."""
    order, parent, arc = tree
    below = np.zeros(len(amount) + 1, dtype=np.int64)
    below[:-1] = amount
    result = np.zeros(arcs, dtype=np.int64)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        result[arc[v]] = below[v]
        result[arc[v] ^ 1] = -below[v]
        below[parent[v]] += below[v]
    return result


@njit(cache=True)
def windings(walk, tree, n):  # type: ignore[no-untyped-def]
    """How often a closed walk goes round each node, counterclockwise."""
    order, parent, arc = tree
    net = {np.int32(-1): 0}
    for a in walk:
        key = np.int32(a & ~1)
        net[key] = net.get(key, 0) + (1 if a & 1 == 0 else -1)
    result = np.zeros(n + 1, dtype=np.int32)
    for v in order:
        times = net.get(np.int32(arc[v] & ~1), 0)
        result[v] = result[parent[v]] + (times if arc[v] & 1 == 0 else -times)
    return result[:n]
