"""Cut a connected set of nodes into communities within the bounds, along a spanning tree.

A spanning tree is drawn at random; a dynamic programme over it finds which households the open
piece around each node can hold while every closed piece below lies within the bounds, and a
random way back gives the cuts. On a tree the programme is exact as long as the sets of reachable
sums are not thinned out (the tree partitions of ReCom, DeFord, Duchin & Solomon 2021, with any
number of pieces at once; reachable sums as in Ito, Zhou & Nishizeki 2006).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance, Ints
from commplan.optimise.communities.kernel import _next, _uniform


@njit(cache=True)
def _tree(nodes, place, rows, cost, noise, rng):  # type: ignore[no-untyped-def]
    """Spanning tree of the open edges among ``nodes`` by Kruskal on random weights."""
    ptr, nbr, is_open = rows
    m = len(nodes)
    count = 0
    for v in nodes:
        count += ptr[v + 1] - ptr[v]
    ends = np.empty((count, 2), dtype=np.int32)
    weight = np.empty(count)
    top = 0
    mean = 1e-9
    for v in nodes:
        for e in range(ptr[v], ptr[v + 1]):
            mean += cost[e] / count
    for v in nodes:
        for e in range(ptr[v], ptr[v + 1]):
            u = nbr[e]
            if is_open[e] and place[u] >= 0 and v < u:
                ends[top, 0] = place[v]
                ends[top, 1] = place[u]
                # Dear borders tend to stay inside a piece.
                weight[top] = _uniform(rng) * noise - cost[e] / mean
                top += 1
    order = np.argsort(weight[:top])
    root = np.arange(m).astype(np.int32)
    link = np.full((2 * m, 2), -1, dtype=np.int32)  # linked lists: (node, next)
    head = np.full(m, -1, dtype=np.int32)
    used = 0
    for i in order:
        a, b = ends[i, 0], ends[i, 1]
        x, y = a, b
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        while root[y] != y:
            root[y] = root[root[y]]
            y = root[y]
        if x == y:
            continue
        root[x] = y
        link[used, 0], link[used, 1] = b, head[a]
        head[a] = used
        link[used + 1, 0], link[used + 1, 1] = a, head[b]
        head[b] = used + 1
        used += 2
    parent = np.full(m, -1, dtype=np.int32)
    order2 = np.empty(m, dtype=np.int32)
    start = int(_uniform(rng) * m)
    order2[0] = start
    parent[start] = start
    done, seen = 0, 1
    while done < seen:
        v = order2[done]
        done += 1
        e = head[v]
        while e >= 0:
            u = link[e, 0]
            if parent[u] < 0:
                parent[u] = v
                order2[seen] = u
                seen += 1
            e = link[e, 1]
    return parent, order2, seen


@njit(cache=True)
def _combine(left, right, closes, high, slots, table):  # type: ignore[no-untyped-def]
    """Sums reachable from ``left`` plus a child that is closed or kept; keys are 2 sum + lock."""
    used = 0
    exact = high < slots
    out = np.empty(2 * slots, dtype=np.int64)
    for i in range(len(left)):
        for j in range(-1, len(right)):
            if j < 0:
                if not closes:
                    continue
                key = left[i]
            else:
                if left[i] & right[j] & 1:
                    continue
                key = left[i] + right[j]
            total = key >> 1
            if total > high:
                continue
            slot = total if exact else total * (slots - 1) // high
            slot = 2 * slot + (key & 1)
            if table[slot] < 0:
                table[slot] = key
                out[used] = slot
                used += 1
    result = np.empty(used, dtype=np.int64)
    for i in range(used):
        result[i] = table[out[i]]
        table[out[i]] = -1
    return result


@njit(cache=True)
def _closes(keys, low):  # type: ignore[no-untyped-def]
    for key in keys:
        if key >> 1 >= low:
            return True
    return False


@njit(cache=True)
def _cut(nodes, place, rows, cost, weight, bounds, control, rng):  # type: ignore[no-untyped-def]
    """Labels 0..k-1 of ``nodes``, or all -1 where this tree cannot be cut."""
    low, high = bounds
    slots, noise = int(control[0]), control[1]
    m = len(nodes)
    labels = np.full(m, -1, dtype=np.int32)
    parent, order, seen = _tree(nodes, place, rows, cost, noise, rng)
    if seen < m:
        return labels
    child_head = np.full(m, -1, dtype=np.int32)
    child_next = np.full(m, -1, dtype=np.int32)
    for i in range(m - 1, 0, -1):
        v = order[i]
        child_next[v] = child_head[parent[v]]
        child_head[parent[v]] = v
    table = np.full(2 * slots + 2, -1, dtype=np.int64)
    begin = np.zeros(m, dtype=np.int64)
    end = np.zeros(m, dtype=np.int64)
    pool = np.empty(64 * m + 1024, dtype=np.int64)
    top = 0
    for i in range(m - 1, -1, -1):
        v = order[i]
        keys = np.empty(1, dtype=np.int64)
        keys[0] = weight[v]
        if keys[0] >> 1 > high:
            return labels
        c = child_head[v]
        while c >= 0:
            right = pool[begin[c] : end[c]]
            keys = _combine(keys, right, _closes(right, low), high, slots, table)
            c = child_next[c]
        if len(keys) == 0:
            return labels
        if top + len(keys) > len(pool):
            bigger = np.empty(2 * len(pool) + len(keys), dtype=np.int64)
            bigger[:top] = pool[:top]
            pool = bigger
        pool[top : top + len(keys)] = keys
        begin[v] = top
        top += len(keys)
        end[v] = top
    _way_back(order, (child_head, child_next), (pool, begin, end), weight, (low, high, slots), labels, table, rng)
    return labels


@njit(cache=True)
def _pick_closed(keys, low, rng):  # type: ignore[no-untyped-def]
    """A random key that may be closed, or -1."""
    chosen = np.int64(-1)
    count = 0
    for key in keys:
        if key >> 1 >= low:
            count += 1
            if _uniform(rng) * count < 1.0:
                chosen = key
    return chosen


@njit(cache=True)
def _way_back(order, children, sets, weight, limits, labels, table, rng):  # type: ignore[no-untyped-def]
    """Walk the tree from the root and draw, for each child, closed or kept."""
    child_head, child_next = children
    pool, begin, end = sets
    low, high, slots = limits
    root = order[0]
    wanted = np.full(len(order), -1, dtype=np.int64)
    key = _pick_closed(pool[begin[root] : end[root]], low, rng)
    if key < 0:
        return
    wanted[root] = key
    labels[root] = 0
    k = 1
    kids = np.empty(len(order), dtype=np.int32)
    for v in order:
        count = 0
        c = child_head[v]
        while c >= 0:
            kids[count] = c
            count += 1
            c = child_next[c]
        first = np.empty(1, dtype=np.int64)
        first[0] = weight[v]
        prefix = [first]
        for i in range(count - 1):
            right = pool[begin[kids[i]] : end[kids[i]]]
            prefix.append(_combine(prefix[i], right, _closes(right, low), high, slots, table))
        target = wanted[v]
        for i in range(count - 1, -1, -1):
            c = kids[i]
            right = pool[begin[c] : end[c]]
            closes = _closes(right, low)
            ways = 0
            kept = np.int64(-1)
            before = np.int64(-1)
            for left in prefix[i]:
                if closes and left == target:
                    ways += 1
                    if _uniform(rng) * ways < 1.0:
                        kept, before = np.int64(-1), left
                rest = target - left
                if rest < 0 or left & rest & 1:
                    continue
                for other in right:
                    if other == rest:
                        ways += 1
                        if _uniform(rng) * ways < 1.0:
                            kept, before = other, left
                        break
            target = before
            if kept >= 0:
                wanted[c] = kept
                labels[c] = labels[v]
            else:
                wanted[c] = _pick_closed(right, low, rng)
                labels[c] = k
                k += 1


def cut_along_tree(
    instance: Instance, nodes: Ints, rng: NDArray[np.uint64], noise: float, slots: int
) -> Ints | None:
    """Cut ``nodes`` into communities within the bounds.

    Parameters
    ----------
    instance : Instance
    nodes : int32 array, shape (m,)
        A connected set.
    rng : uint64 array, shape (1,)
    noise : float
        How far chance outweighs the cost of borders when the tree is drawn.
    slots : int
        How many different sums are kept per node; above the upper bound the programme is exact.

    Returns
    -------
    int32 array, shape (m,), or None
        Labels 0..k-1; None if the tree drawn cannot be cut, or if ``nodes`` are not connected.
    """
    place = np.full(instance.n, -1, dtype=np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    rows = instance.rows
    labels: Ints = _cut(
        nodes,
        place,
        (rows.ptr, rows.nbr, rows.is_open),
        rows.cost,
        tree_keys(instance)[nodes],
        (instance.low, instance.high),
        np.array([slots, noise]),
        rng,
    )
    return None if labels[0] < 0 else labels


def tree_keys(instance: Instance) -> NDArray[np.int64]:
    """2 × households + (1 where locked); exempt nodes count as if they lay within the bounds.

    A node that is too large by itself but exempt then stands (almost) alone, and one that is too
    small may.
    """
    households = instance.households.copy()
    exempt = instance.exempt > 0
    households[exempt] = np.clip(households[exempt], instance.low, instance.high)
    return 2 * households + (instance.lock >= 0)


def seed_state(rng: np.random.Generator) -> NDArray[np.uint64]:
    """Draw a state for the compiled random numbers from ``rng``."""
    state = rng.integers(1, 2**63, size=1, dtype=np.int64).astype(np.uint64)
    _next(state)
    return state
