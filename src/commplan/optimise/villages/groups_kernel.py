"""Enumerate connected sets of atoms, compiled: what may join, what is needless, what has a seat.

Shared tuples: ``graph`` = (pointers, neighbours) of the atoms; ``ground`` = ((first village of each
atom, villages by atom), (pointers, neighbours) of the villages, who reaches whom in time, and the
same in bits).
"""

import numpy as np
from numba import njit


@njit(cache=True)
def _spread(start, inside, near):  # type: ignore[no-untyped-def]
    """Members (a bit mask) reached from the ``start`` mask within ``inside``."""
    reached = start
    while True:
        more = reached
        for i in range(len(near)):
            if reached >> i & 1:
                more |= near[i] & inside
        if more == reached:
            return reached
        reached = more


@njit(cache=True)
def _masks(members, ground):  # type: ignore[no-untyped-def]
    """Bit masks over the members' villages.

    Those of each member, the neighbours of each village, and who reaches each village in time.
    """
    (first, of_atom), (starts, near), in_time, _ = ground
    villages = [np.int32(0) for _ in range(0)]
    masks = np.zeros(len(members), dtype=np.int64)
    for i in range(len(members)):
        for e in range(first[members[i]], first[members[i] + 1]):
            masks[i] |= np.int64(1) << len(villages)
            villages.append(of_atom[e])
    count = len(villages)
    beside = np.zeros(count, dtype=np.int64)
    arrive = np.full(count, (np.int64(1) << count) - 1, dtype=np.int64)
    for i in range(count):
        for e in range(starts[villages[i]], starts[villages[i] + 1]):
            for j in range(count):
                if villages[j] == near[e]:
                    beside[i] |= np.int64(1) << j
        if len(in_time):
            for j in range(count):
                if not in_time[villages[j], villages[i]]:
                    arrive[i] &= ~(np.int64(1) << j)
    return masks, beside, arrive


@njit(cache=True)
def _has_seat(part, arrive):  # type: ignore[no-untyped-def]
    """Whether a part (a bit mask) holds a village that all of it reach in time."""
    found = False
    for i in range(len(arrive)):
        if part >> i & 1 and part & ~arrive[i] == 0:
            found = True
    return found


@njit(cache=True)
def _is_needless(members, people, limit, masked):  # type: ignore[no-untyped-def]
    """Whether a set falls into two parts of which each may stand by itself.

    Each connected, with more people than the limit and a seat that all of it reach in time.
    """
    k = len(members)
    total = people[members].sum()
    masks, beside, arrive = masked
    for part in range(1, (1 << k) - 1, 2):  # the part with the first member
        mine = 0.0
        one, other = np.int64(0), np.int64(0)
        for i in range(k):
            if part >> i & 1:
                mine += people[members[i]]
                one |= masks[i]
            else:
                other |= masks[i]
        if mine <= limit or total - mine <= limit:
            continue
        if not (_has_seat(one, arrive) and _has_seat(other, arrive)):
            continue
        joined = _spread(one & -one, one, beside) == one
        if joined and _spread(other & -other, other, beside) == other:
            return True
    return False


@njit(cache=True)
def _fits(members, node, data, tops):  # type: ignore[no-untyped-def]
    """Whether ``node`` may join ``members``: no sum beyond its top, no pair that must be apart."""
    sums, clash, _ = data
    for row in range(len(tops)):
        total = sums[row, node]
        for v in members:
            total += sums[row, v]
        if total > tops[row]:
            return False
    for e in range(clash[0][node], clash[0][node + 1]):
        if clash[1][e] == node:
            return False
        for v in members:
            if clash[1][e] == v:
                return False
    return True


@njit(cache=True)
def _may_meet(seats, depth, node, ground):  # type: ignore[no-untyped-def]
    """Whether some village, in the set or not, is reached in time by all of a set and ``node``.

    ``seats`` holds those of the set in row ``depth - 1``, in bits; row ``depth`` is written. Where
    there is none, no larger set has a seat either.
    """
    (first, of_atom), _, _, bits = ground
    if bits.shape[1] == 0:
        return True
    seats[depth] = seats[depth - 1]
    for e in range(first[node], first[node + 1]):
        seats[depth] &= bits[of_atom[e]]
    return seats[depth].any()


@njit(cache=True)
def _look_ahead(v, graph, root, lists, seen):  # type: ignore[no-untyped-def]
    """Put the neighbours of ``v`` that no member saw before on the list of what may be added."""
    ahead, marked = lists
    ptr, nbr = graph
    for e in range(ptr[v], ptr[v + 1]):
        u = nbr[e]
        if u > root and seen[u] == 0:
            seen[u] = 1
            marked.append(np.int32(u))
            ahead.append(np.int32(u))


@njit(cache=True)
def _take(grown, data, found, hereditary):  # type: ignore[no-untyped-def]
    """List a set if it is a group; return whether no larger set can be one."""
    flat, starts, _, control = found
    limit = control[0]
    people, ground = data[0][0], data[2]
    total = people[grown].sum()
    if total <= limit:
        return False
    if total > 2.0 * limit or len(ground[2]):
        masked = _masks(grown, ground)
        if _is_needless(grown, people, limit, masked):
            return hereditary
        arrive = masked[2]
        if not _has_seat((np.int64(1) << len(arrive)) - 1, arrive):
            return False
    flat.extend(grown)
    starts.append(np.int64(len(flat)))
    return False


@njit(cache=True)
def _sets_of_root(root, graph, data, tops, found):  # type: ignore[no-untyped-def]
    """List the groups whose smallest atom is ``root``; return how many sets were looked at."""
    starts, seen, (_, most, largest, walk, hereditary, _) = found[1], found[2], found[3]
    members = np.zeros(largest + 1, dtype=np.int32)
    members[0] = root
    seats = np.full((largest + 2, data[2][3].shape[1]), ~np.uint64(0))
    if not _may_meet(seats, 1, root, data[2]):
        return 0
    ahead = [[np.int32(0) for _ in range(0)] for _ in range(largest + 1)]
    marked = [[np.int32(0) for _ in range(0)] for _ in range(largest + 1)]
    seen[root] = 1
    _look_ahead(root, graph, root, (ahead[1], marked[1]), seen)
    depth, walked = 1, 0
    while depth > 0 and len(starts) <= most and walked <= walk:
        if len(ahead[depth]) == 0:
            for u in marked[depth]:
                seen[u] = 0
            marked[depth].clear()
            depth -= 1
            continue
        w = ahead[depth].pop()
        if not _fits(members[:depth], w, data, tops):
            continue
        if not _may_meet(seats, depth + 1, w, data[2]):
            continue
        walked += 1
        members[depth] = w
        if _take(members[: depth + 1], data, found, hereditary == 1):
            continue
        if depth + 1 < largest:
            depth += 1
            ahead[depth].clear()
            ahead[depth].extend(ahead[depth - 1])
            _look_ahead(w, graph, root, (ahead[depth], marked[depth]), seen)
    seen[root] = 0
    return walked


@njit(cache=True)
def list_sets(graph, data, tops, control):  # type: ignore[no-untyped-def]
    """Enumerate connected sets by their smallest atom (Wernicke 2006), pruned on the way.

    Parameters
    ----------
    graph : tuple
    data : tuple
        Sums (people, households, area, villages) by atom, shape (4, m); pairs that clash, in
        compressed rows; ``ground``.
    tops : float64 array, shape (4,)
        No sum of a group is beyond them.
    control : tuple of int
        Limit of people; most groups; most atoms of a group; most sets to look at; 1 where all that
        holds a needless set is needless too; sets are listed whose smallest atom is below the last.

    Returns
    -------
    flat, starts : arrays
        Atoms of the groups in compressed rows.
    whole : bool
        False where the list was cut short.
    """
    limit, most, largest, walk, hereditary, roots = control
    flat = [np.int32(0)]  # which tells the type
    flat.clear()
    starts = [np.int64(0)]
    seen = np.zeros(len(graph[0]) - 1, dtype=np.int32)
    none = np.zeros(0, dtype=np.int32)
    alone = np.zeros(1, dtype=np.int32)
    left = walk
    for root in range(roots):
        if not _fits(none, root, data, tops):
            continue
        alone[0] = root
        if data[0][3, root] > 1:
            _take(alone, data, (flat, starts, seen, control), False)
        rest = (limit, most, largest, left, hereditary, roots)
        left -= _sets_of_root(root, graph, data, tops, (flat, starts, seen, rest))
    whole = len(starts) <= most and left >= 0
    return np.array(flat, dtype=np.int32), np.array(starts), whole
