"""List all connected sets of vertices within bounds, each once.

By branching on one vertex of the set's border at a time: taken in, or left out for good (the scheme
behind ESU, Wernicke 2006).
"""

import numpy as np
from numba import njit


@njit(cache=True)
def _border_vertex(graph, inside, size, status):  # type: ignore[no-untyped-def]
    """Find an undecided neighbour of the set, or -1."""
    ptr, nbr = graph
    for i in range(size):
        x = inside[i]
        for e in range(ptr[x], ptr[x + 1]):
            if status[nbr[e]] == 0:
                return nbr[e]
    return -1


@njit(cache=True)
def _store(flat, start, sets, inside, size):  # type: ignore[no-untyped-def]
    """Append a set to the flat lists, which grow as they must."""
    at = start[sets]
    if at + size > len(flat):
        bigger = np.empty(2 * len(flat) + size, dtype=np.int32)
        bigger[: len(flat)] = flat
        flat = bigger
    flat[at : at + size] = inside[:size]
    start[sets + 1] = at + size
    return flat


@njit(cache=True)
def _fits(totals, limits):  # type: ignore[no-untyped-def]
    """Whether a set's households and attributes lie within the bounds that apply to it."""
    households, low, high = limits
    if totals[2] > 0:
        return households[2] <= totals[1] <= households[3]
    for j in range(len(low)):
        if totals[3 + j] < low[j] or totals[3 + j] > high[j]:
            return False
    return households[0] <= totals[1] <= households[1]


@njit(cache=True)
def _may_grow(v, totals, nodes, caps):  # type: ignore[no-untyped-def]
    """Whether a set with ``v`` could still come to lie within the bounds."""
    if totals[1] + nodes[0][v] > caps[0]:
        return False
    for j in range(len(nodes[2])):  # noqa: SIM110 -- compiled
        if totals[3 + j] + nodes[2][j, v] > caps[1 + j]:
            return False
    return True


@njit(cache=True)
def _go_back(chosen, depth, status, totals, nodes):  # type: ignore[no-untyped-def]
    """Undo decisions until one can be turned from in to out; the new depth (0: all done)."""
    households, exempt, amounts = nodes
    while depth > 0:
        v = chosen[depth - 1]
        if status[v] == 1:
            status[v] = 2
            totals[0] -= 1
            totals[1] -= households[v]
            totals[2] -= exempt[v]
            for j in range(len(amounts)):
                totals[3 + j] -= amounts[j, v]
            return depth
        status[v] = 0
        depth -= 1
    return 0


@njit(cache=True)
def _take_in(v, inside, status, totals, nodes):  # type: ignore[no-untyped-def]
    """Add a vertex to the set."""
    status[v] = 1
    inside[totals[0]] = v
    totals[0] += 1
    totals[1] += nodes[0][v]
    totals[2] += nodes[1][v]
    for j in range(len(nodes[2])):
        totals[3 + j] += nodes[2][j, v]


@njit(cache=True)
def connected_sets(graph, nodes, limits, most):  # type: ignore[no-untyped-def]
    """List all connected sets within the limits, flat; steps < 0 where there are too many.

    ``limits`` holds the bounds of households (min, max, and both for exempt sets), the least and
    the most of each attribute, and above what of households and attributes no set can grow.
    """
    n = len(nodes[0])
    status = np.zeros(n, dtype=np.int8)  # 0 undecided, 1 in, 2 out
    inside = np.empty(n + 1, dtype=np.int32)
    chosen = np.empty(n + 1, dtype=np.int32)
    # Vertices, households, exempt vertices and attributes of the set.
    totals = np.zeros(3 + len(nodes[2]), dtype=np.int64)
    flat = np.empty(1024, dtype=np.int32)
    start = np.zeros(most[0] + 2, dtype=np.int64)
    sets = 0
    steps = 0
    bounds, caps = (limits[0], limits[1], limits[2]), limits[3]
    for root in range(n):
        status[:] = 0
        status[:root] = 2
        totals[:] = 0
        if not _may_grow(root, totals, nodes, caps):
            continue
        _take_in(root, inside, status, totals, nodes)
        depth = 0
        while True:
            steps += 1
            if steps > most[1] or sets > most[0]:
                return flat[:0], start[:1], -1
            v = _border_vertex(graph, inside, totals[0], status)
            if v >= 0:
                chosen[depth] = v
                depth += 1
                status[v] = 2
                if _may_grow(v, totals, nodes, caps):
                    _take_in(v, inside, status, totals, nodes)
                continue
            if _fits(totals, bounds):
                flat = _store(flat, start, sets, inside, totals[0])
                sets += 1
            depth = _go_back(chosen, depth, status, totals, nodes)
            if depth == 0:
                break
    return flat[: start[sets]], start[: sets + 1], steps
