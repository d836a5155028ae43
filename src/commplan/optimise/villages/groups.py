"""Every group that may be formed: connected villages, as few as need be.

A group that falls into two connected parts, each with more people than the limit, is needless: no
village in it needs the other part. Such groups are left out, and so is everything that contains
one, which keeps the list short without leaving out a plan that touches fewer villages.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from commplan.optimise.villages.atoms import in_one_piece, make_atoms, village_graph
from commplan.problem.villages import VillageProblem

MOST_GROUPS = 2_000_000
_HUGE = 2**60

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Groups:
    """Groups of villages in compressed rows.

    Parameters
    ----------
    ptr : int64 array, shape (g + 1,)
    village : int32 array
        Villages of group i: ``village[ptr[i] : ptr[i + 1]]``, ascending.
    whole : bool
        False where the list was cut short at ``MOST_GROUPS``.
    """

    ptr: NDArray[np.int64]
    village: Ints
    whole: bool


def list_groups(problem: VillageProblem, most: int = MOST_GROUPS) -> Groups:
    """List the groups of two and more villages that keep to every limit.

    Returns
    -------
    Groups
        Each connected, of one township, with more people than the limit, and not needless.
    """
    atoms = make_atoms(problem)
    m, of, limits = atoms.count, atoms.of, problem.limits
    free = np.flatnonzero(of >= 0)
    sums = [
        np.bincount(of[free], values[free], m)
        for values in (
            problem.population,
            problem.households,
            problem.area_km2,
            np.ones(problem.n),
        )
    ]
    tops = (limits.max_people, limits.max_households, limits.max_area_km2, limits.max_villages)
    apart = of[problem.apart.reshape(-1, 2)]
    apart = apart[(apart >= 0).all(axis=1)]
    pairs = (np.r_[apart[:, 0], apart[:, 1]], np.r_[apart[:, 1], apart[:, 0]])
    clash = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(m, m)).tocsr()
    order = free[np.argsort(of[free], kind="stable")].astype(np.int32)
    first = np.searchsorted(of[order], np.arange(m + 1))
    graph = village_graph(problem)
    whole = bool(in_one_piece(first, order, graph).all())
    flat, ptr, is_all = _list_sets(
        (atoms.graph.indptr, atoms.graph.indices),
        (np.stack(sums), (clash.indptr, clash.indices), ((first, order), graph, whole)),
        np.array([_HUGE if top is None else top for top in tops], dtype=np.float64),
        (limits.small_people, most, min(limits.max_villages, m)),
    )
    of_atom = csr_array((np.ones(len(order)), order, first), shape=(m, problem.n))
    by_atom = csr_array((np.ones(len(flat)), flat, ptr), shape=(len(ptr) - 1, m))
    has = csr_array(by_atom @ of_atom)
    if not whole:
        pieces = in_one_piece(has.indptr.astype(np.int64), has.indices.astype(np.int32), graph)
        has = csr_array(has[np.flatnonzero(pieces)])
    has.sort_indices()
    return Groups(has.indptr.astype(np.int64), has.indices.astype(np.int32), bool(is_all))


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
    """Villages of each member as a bit mask, and the neighbours of each village among them."""
    (first, of_atom), (starts, near) = ground[0], ground[1]
    villages = [np.int32(0) for _ in range(0)]
    masks = np.zeros(len(members), dtype=np.int64)
    for i in range(len(members)):
        for e in range(first[members[i]], first[members[i] + 1]):
            masks[i] |= np.int64(1) << len(villages)
            villages.append(of_atom[e])
    beside = np.zeros(len(villages), dtype=np.int64)
    for i in range(len(villages)):
        for e in range(starts[villages[i]], starts[villages[i] + 1]):
            for j in range(len(villages)):
                if villages[j] == near[e]:
                    beside[i] |= np.int64(1) << j
    return masks, beside


@njit(cache=True)
def _is_needless(members, people, limit, ground):  # type: ignore[no-untyped-def]
    """Whether a set falls into two connected parts that both have more people than the limit."""
    k = len(members)
    total = people[members].sum()
    if total <= 2.0 * limit:
        return False
    masks, beside = _masks(members, ground)
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
def _sets_of_root(root, graph, data, tops, found):  # type: ignore[no-untyped-def]
    """List the sets whose smallest atom is ``root``.

    What holds a needless set is needless too, unless joined villages lie apart (``ground[2]``).
    """
    flat, starts, seen, (limit, most, largest) = found
    ground = data[2]
    people = data[0][0]
    members = np.zeros(largest + 1, dtype=np.int32)
    members[0] = root
    ahead = [[np.int32(0) for _ in range(0)] for _ in range(largest + 1)]
    marked = [[np.int32(0) for _ in range(0)] for _ in range(largest + 1)]
    seen[root] = 1
    _look_ahead(root, graph, root, (ahead[1], marked[1]), seen)
    depth = 1
    while depth > 0 and len(starts) <= most:
        if len(ahead[depth]) == 0:
            for u in marked[depth]:
                seen[u] = 0
            marked[depth].clear()
            depth -= 1
            continue
        w = ahead[depth].pop()
        if not _fits(members[:depth], w, data, tops):
            continue
        members[depth] = w
        grown = members[: depth + 1]
        needless = _is_needless(grown, people, limit, ground)
        if needless and ground[2]:
            continue
        if not needless and people[grown].sum() > limit:
            flat.extend(grown)
            starts.append(np.int64(len(flat)))
        if depth + 1 < largest:
            depth += 1
            ahead[depth].clear()
            ahead[depth].extend(ahead[depth - 1])
            _look_ahead(w, graph, root, (ahead[depth], marked[depth]), seen)
    seen[root] = 0


@njit(cache=True)
def _list_sets(graph, data, tops, control):  # type: ignore[no-untyped-def]
    """Enumerate connected sets by their smallest atom (Wernicke 2006), pruned on the way."""
    limit, most, _ = control
    m = len(graph[0]) - 1
    flat = [np.int32(0) for _ in range(0)]
    starts = [np.int64(0)]
    seen = np.zeros(m, dtype=np.int32)
    none = np.zeros(0, dtype=np.int32)
    sums = data[0]
    for root in range(m):
        if not _fits(none, root, data, tops):
            continue
        if sums[0, root] > limit and sums[3, root] > 1:
            flat.append(np.int32(root))
            starts.append(np.int64(len(flat)))
        _sets_of_root(root, graph, data, tops, (flat, starts, seen, control))
    return np.array(flat, dtype=np.int32), np.array(starts), len(starts) <= most
