"""What the rules force before any search: bundles of units, open components, pockets.

A bundle is a set of units that every valid plan keeps together: a ``keep_with`` group, the locked
units of one old community, and a pocket with too few households behind a cut unit, which can only
go with that unit. Groups may lie apart, so in the contracted graph everything is at least as
connected as in truth: what is impossible there is impossible.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.optimise.communities.instance import Ints, Positions
from commplan.problem.communities import CommunityProblem

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Reduced:
    """The problem after presolve.

    Parameters
    ----------
    bundle : int32 array, shape (n,)
        Bundle of each unit; -1 for units that are out of play.
    component : int32 array, shape (n,)
        Open component (of one part, bundles joined) of each unit; -1 out of play.
    pocketed : bool array, shape (n,)
        Units that were tied to a cut unit because their pocket is too small by itself.
    """

    bundle: Ints
    component: Ints
    pocketed: Bools


def open_pairs(problem: CommunityProblem) -> tuple[Positions, Positions]:
    """Pairs of units of one part with an open edge."""
    e = problem.edges
    keep = e.is_open & (problem.part[e.tail] == problem.part[e.head])
    return e.tail[keep], e.head[keep]


def pieces(n: int, tail: Positions, head: Positions) -> Ints:
    """Find the connected component of each of n nodes."""
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int32)


def ties(problem: CommunityProblem) -> Ints:
    """Label units by what binds them (groups and locked units of one old community)."""
    n = problem.n
    grouped = np.flatnonzero(problem.group >= 0)
    locked = np.flatnonzero(problem.locked & (problem.today >= 0))
    hub_g = n + np.unique(problem.group[grouped], return_inverse=True)[1]
    shift = n + len(grouped)
    hub_l = shift + np.unique(problem.today[locked], return_inverse=True)[1]
    tail = np.concatenate([grouped, locked])
    head = np.concatenate([hub_g, hub_l])
    return pieces(shift + len(locked), tail, head)[:n]


def grandfathered(problem: CommunityProblem) -> list[Ints]:
    """Today's communities that may stay as they are although they are out of bounds."""
    if not problem.grandfather:
        return []
    tail, head = open_pairs(problem)
    inside = problem.today[tail] == problem.today[head]
    piece = pieces(problem.n, tail[inside], head[inside])
    tie = ties(problem)
    found = []
    order = np.argsort(problem.today, kind="stable")
    old, starts = np.unique(problem.today[order], return_index=True)
    for c, units in zip(old, np.split(order, starts[1:]), strict=True):
        if (
            c < 0
            or is_in_bounds(problem, units)
            or np.ptp(piece[units])
            or problem.exempt[units].any()
        ):
            continue
        if np.isin(tie, tie[units]).sum() == len(units):
            found.append(units.astype(np.int32))
    return found


def is_in_bounds(problem: CommunityProblem, units: Positions) -> bool:
    """Whether ``units`` as one community keep to the bounds of households and attributes."""
    total = int(problem.households[units].sum())
    return problem.min_households <= total <= problem.max_households and all(
        a.low <= int(a.amount[units].sum()) <= a.high for a in problem.attributes
    )


def presolve(problem: CommunityProblem, active: Bools) -> Reduced:
    """Bundle what belongs together among the ``active`` units.

    Parameters
    ----------
    problem : CommunityProblem
    active : bool array, shape (n,)
        Units in play; the others (kept old communities) are taken out of the graph.
    """
    units = np.flatnonzero(active)
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    tail, head = open_pairs(problem)
    keep = active[tail] & active[head]
    tail, head = place[tail[keep]], place[head[keep]]
    tie = ties(problem)[units]
    free = problem.exempt.copy()
    for kept in grandfathered(problem):
        free[kept] = True
    bundle = np.unique(tie, return_inverse=True)[1].astype(np.int32)
    pocketed = np.zeros(len(units), dtype=np.bool_)
    while True:
        merged = _tie_pockets(problem, units, (tail, head), bundle, free[units])
        if merged is None:
            break
        pocketed |= merged[1]
        bundle = merged[0]
    component = pieces(int(bundle.max(initial=-1)) + 1, bundle[tail], bundle[head])[bundle]
    return Reduced(
        _spread(problem.n, units, bundle),
        _spread(problem.n, units, component),
        _spread(problem.n, units, pocketed.astype(np.int32)) == 1,
    )


def _spread(n: int, units: NDArray[np.int64], values: Ints) -> Ints:
    result = np.full(n, -1, dtype=np.int32)
    result[units] = values
    return result


def _tie_pockets(
    problem: CommunityProblem,
    units: NDArray[np.int64],
    pairs: tuple[Positions, Positions],
    bundle: Ints,
    free: Bools,
) -> tuple[Ints, Bools] | None:
    """Tie pockets to their cut bundles once; None where there are none."""
    m = int(bundle.max(initial=-1)) + 1
    if m < 2:
        return None
    households = np.bincount(bundle, problem.households[units], m).astype(np.int64)
    is_free = np.bincount(bundle, free, m) > 0
    tail, head = bundle[pairs[0]], bundle[pairs[1]]
    differ = tail != head
    tail, head = tail[differ], head[differ]
    graph = coo_array(
        (np.ones(2 * len(tail)), (np.r_[tail, head], np.r_[head, tail])), shape=(m, m)
    )
    csr = graph.tocsr()
    onto = _pockets(
        (csr.indptr.astype(np.int32), csr.indices.astype(np.int32)),
        (households, is_free.astype(np.int64)),
        problem.min_households,
    )
    if (onto < 0).all():
        return None
    small = np.flatnonzero(onto >= 0)
    joined = pieces(m, small.astype(np.int32), onto[small])
    return joined[bundle], (onto >= 0)[bundle]


@njit(cache=True)
def _search_tree(graph, start, number, low, parent):  # type: ignore[no-untyped-def]
    """Depth-first numbers and low points from ``start`` (Tarjan 1972), without recursion."""
    ptr, nbr = graph
    edge = ptr[:-1].copy()
    order = [np.int32(start)]
    number[start] = 0
    parent[start] = -1
    v = start
    while v >= 0:
        if edge[v] < ptr[v + 1]:
            u = nbr[edge[v]]
            edge[v] += 1
            if number[u] < 0:
                number[u] = len(order)
                low[u] = len(order)
                parent[u] = v
                order.append(u)
                v = u
            elif u != parent[v]:
                low[v] = min(low[v], number[u])
        else:
            if parent[v] >= 0:
                low[parent[v]] = min(low[parent[v]], low[v])
            v = parent[v]
    return order


@njit(cache=True)
def _sums_below(order, number, parent, values):  # type: ignore[no-untyped-def]
    """Sum ``values`` over the subtree of each node, by its number."""
    total = np.zeros(len(order), dtype=np.int64)
    for i in range(len(order) - 1, -1, -1):
        total[i] += values[order[i]]
        if i > 0:
            total[number[parent[order[i]]]] += total[i]
    return total


@njit(cache=True)
def _hang(order, tree, values, least, onto):  # type: ignore[no-untyped-def]
    """Join the pockets of one component: ``onto`` is the bundle next on the way to the cut one."""
    number, low, parent = tree
    households, free = values
    total = _sums_below(order, number, parent, households)
    frees = _sums_below(order, number, parent, free)
    cut = np.zeros((2, len(order)), dtype=np.int64)  # households and free below, cut off by i
    for i in range(1, len(order)):
        v = order[i]
        up = number[parent[v]]
        if low[v] >= up:
            cut[0, up] += total[i]
            cut[1, up] += frees[i]
            if total[i] < least and frees[i] == 0:
                onto[v] = parent[v]
        if onto[parent[v]] >= 0:
            onto[v] = parent[v]
    for i in range(1, len(order)):
        v = order[i]
        above = total[0] - cut[0, i] - households[v]
        if above < least and frees[0] - cut[1, i] - free[v] == 0:
            # All that lies above hangs on v: join the path to the root, once a round.
            while parent[v] >= 0:
                onto[v] = parent[v]
                v = parent[v]
            break


@njit(cache=True)
def _pockets(graph, values, least):  # type: ignore[no-untyped-def]
    """For each bundle in a pocket the bundle towards its cut bundle to join, else -1."""
    n = len(values[0])
    onto = np.full(n, -1, dtype=np.int32)
    number = np.full(n, -1, dtype=np.int32)
    low = np.zeros(n, dtype=np.int32)
    parent = np.full(n, -1, dtype=np.int32)
    # From the largest bundles, so that pockets hang below their cut bundles.
    for start in np.argsort(-values[0]):
        if number[start] < 0:
            order = _search_tree(graph, start, number, low, parent)
            _hang(order, (number, low, parent), values, least, onto)
    return onto
