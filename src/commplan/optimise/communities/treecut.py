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
from commplan.optimise.communities.kernel import next_bits, uniform
from commplan.optimise.communities.spanning import random_tree


@njit(cache=True)
def _combine(left, right, closes, limits, table):  # type: ignore[no-untyped-def]
    """List the sums that ``left`` reaches with a child, closed or kept; keys are 2 sum + lock."""
    _, high, slots = limits
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
    """Whether a piece with one of these sums may be closed."""
    for key in keys:  # noqa: SIM110 -- compiled
        if key >> 1 >= low:
            return True
    return False


@njit(cache=True)
def _children(parent, order):  # type: ignore[no-untyped-def]
    """First child of each node, and the next child of the same parent."""
    first = np.full(len(order), -1, dtype=np.int32)
    after = np.full(len(order), -1, dtype=np.int32)
    for i in range(len(order) - 1, 0, -1):
        v = order[i]
        after[v] = first[parent[v]]
        first[parent[v]] = v
    return first, after


@njit(cache=True)
def _reachable(order, children, weight, limits, table):  # type: ignore[no-untyped-def]
    """List the sums reachable at each node, from the leaves up: a pool with begin and end per node.

    The pool is empty where some node has none: this tree cannot be cut.
    """
    low, high, _ = limits
    first, after = children
    m = len(order)
    begin = np.zeros(m, dtype=np.int64)
    end = np.zeros(m, dtype=np.int64)
    pool = np.empty(64 * m + 1024, dtype=np.int64)
    top = 0
    for i in range(m - 1, -1, -1):
        v = order[i]
        keys = weight[v : v + 1].copy()
        c = first[v] if keys[0] >> 1 <= high else -2
        while c >= 0 and len(keys) > 0:
            right = pool[begin[c] : end[c]]
            keys = _combine(keys, right, _closes(right, low), limits, table)
            c = after[c]
        if c == -2 or len(keys) == 0:
            return pool[:0], begin, end
        if top + len(keys) > len(pool):
            bigger = np.empty(2 * len(pool) + len(keys), dtype=np.int64)
            bigger[:top] = pool[:top]
            pool = bigger
        pool[top : top + len(keys)] = keys
        begin[v] = top
        top += len(keys)
        end[v] = top
    return pool[:top], begin, end


@njit(cache=True)
def _pick_closed(keys, low, rng):  # type: ignore[no-untyped-def]
    """Draw a key that may be closed, or -1."""
    chosen = np.int64(-1)
    count = 0
    for key in keys:
        if key >> 1 >= low:
            count += 1
            if uniform(rng) * count < 1.0:
                chosen = key
    return chosen


@njit(cache=True)
def _draw_way(target, lefts, right, closes, rng):  # type: ignore[no-untyped-def]
    """Draw how ``target`` comes about: what was there before, and the child's key (-1: closed)."""
    ways = 0
    kept = np.int64(-1)
    before = np.int64(-1)
    for left in lefts:
        rest = target - left
        if closes and rest == 0:
            ways += 1
            if uniform(rng) * ways < 1.0:
                kept, before = np.int64(-1), left
        if rest < 0 or left & rest & 1:
            continue
        for other in right:
            if other == rest:
                ways += 1
                if uniform(rng) * ways < 1.0:
                    kept, before = other, left
                break
    return before, kept


@njit(cache=True)
def _prefixes(v, children, sets, weight, limits, table):  # type: ignore[no-untyped-def]
    """List the sums reachable at ``v`` before each of its children, and the children."""
    first, after = children
    pool, begin, end = sets
    prefix = [weight[v : v + 1].copy()]
    kids = [np.int32(-1)]
    kids.pop()
    c = first[v]
    while c >= 0:
        kids.append(c)
        right = pool[begin[c] : end[c]]
        prefix.append(_combine(prefix[-1], right, _closes(right, limits[0]), limits, table))
        c = after[c]
    return prefix, kids


@njit(cache=True)
def _way_back(order, children, sets, weight, control):  # type: ignore[no-untyped-def]
    """Walk the tree from the root and draw, for each child, closed or kept."""
    limits, table, rng = control
    pool, begin, end = sets
    low = limits[0]
    root = order[0]
    labels = np.full(len(order), -1, dtype=np.int32)
    wanted = np.full(len(order), -1, dtype=np.int64)
    wanted[root] = _pick_closed(pool[begin[root] : end[root]], low, rng)
    if wanted[root] < 0:
        return labels
    labels[root] = 0
    k = 1
    for v in order:
        prefix, kids = _prefixes(v, children, sets, weight, limits, table)
        target = wanted[v]
        for i in range(len(kids) - 1, -1, -1):
            c = kids[i]
            right = pool[begin[c] : end[c]]
            target, kept = _draw_way(target, prefix[i], right, _closes(right, low), rng)
            if kept >= 0:
                wanted[c] = kept
                labels[c] = labels[v]
            else:
                wanted[c] = _pick_closed(right, low, rng)
                labels[c] = k
                k += 1
    return labels


@njit(cache=True)
def _cut(nodes, place, rows, weight, control, rng):  # type: ignore[no-untyped-def]
    """Labels 0..k-1 of ``nodes``, or all -1 where this tree cannot be cut."""
    low, high, slots = int(control[0]), int(control[1]), int(control[2])
    nothing = np.full(len(nodes), -1, dtype=np.int32)
    parent, order, seen = random_tree(nodes, place, rows, control[3], rng)
    if seen < len(nodes):
        return nothing
    children = _children(parent, order)
    table = np.full(2 * slots + 2, -1, dtype=np.int64)
    limits = (low, high, slots)
    sets = _reachable(order, children, weight, limits, table)
    if len(sets[0]) == 0:
        return nothing
    return _way_back(order, children, sets, weight, (limits, table, rng))


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
        ((rows.ptr, rows.nbr, rows.is_open), rows.cost),
        tree_keys(instance)[nodes],
        np.array([instance.low, instance.high, slots, noise], dtype=np.float64),
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
    next_bits(state)
    return state
