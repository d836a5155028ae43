"""Walking minutes between places: within a limit, for given pairs, or to the nearest of many."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from commplan.graph import walking_kernel as kernel
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import Places, places_at
from commplan.graph.walking_straight import (
    FARTHEST_MIN,
    direct_meeting,
    direct_minutes,
    direct_within,
)
from commplan.graph.walking_threads import Progress, in_pieces

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

AT_ONCE_MIN = 1e-6  # stands for "no way at all", so that a sparse array keeps the pair


def walk_minutes(
    network: WalkNetwork,
    origins: Places | Floats,
    targets: Places | Floats,
    limit_min: float,
    progress: Progress | None = None,
) -> sparse.csr_array:
    """Find the walking minutes of all pairs within a limit.

    Where both ends join the network the way follows it; two places nearer to each other than their
    ways to the street together are walked directly. Elsewhere it is the straight line times
    ``detour``.

    Parameters
    ----------
    network : WalkNetwork
    origins, targets : Places, or float64 array of shape (n, 2)
        Searches start from the targets: make them the smaller side.
    limit_min : float
    progress : callable, optional
        Told how many targets are done, of how many.

    Returns
    -------
    csr_array, shape (origins, targets)
        Minutes; an entry that is missing is farther than the limit.
    """
    origins, targets = _places(network, origins), _places(network, targets)
    walked = street_minutes(network, targets, origins, limit_min, progress=progress)
    walked = sparse.csr_array(walked.T.tocsr())  # which sorts each row as well
    target, origin, minutes = direct_within(network, origins, targets, limit_min)
    if not len(target):
        return walked
    return _with_direct(walked, origin, target, np.maximum(minutes, AT_ONCE_MIN))


def street_minutes(
    network: WalkNetwork,
    sources: Places | Floats,
    places: Places | Floats,
    limit_min: float,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> sparse.csr_array:
    """Find the minutes along the streets, and nothing but them, from sources to places in reach.

    Parameters
    ----------
    network : WalkNetwork
    sources, places : Places, or float64 array of shape (n, 2)
        A search starts from each source. Those off the network have no entry.
    limit_min : float
        A place at exactly the limit is reached.
    threads : int, optional
        Left out: one per processor. The result does not depend on it.
    progress : callable, optional
        Told how many sources are done, of how many.

    Returns
    -------
    csr_array, shape (sources, places)
        Minutes, 12 bytes a pair; within a row the places come in the order of the search.
    """
    sources, places = _places(network, sources), _places(network, places)
    net, by_owner, by_edge = network.ways, _by_owner(sources), _by_edge(network, places)

    def run(first: int, last: int) -> tuple[NDArray[np.int64], Ints, Floats]:
        found: tuple[NDArray[np.int64], Ints, Floats]
        found = kernel.within(net, by_owner, (first, last), by_edge, limit_min)
        return found

    parts = in_pieces(run, sources.n, threads, progress)
    counts, place, minutes = zip(*parts, strict=True) if parts else ((), (), ())
    pointer = np.zeros(sources.n + 1, np.int64)
    np.cumsum(np.concatenate([pointer[:0], *map(np.diff, counts)]), out=pointer[1:])
    value = np.concatenate([np.empty(0), *minutes])
    np.maximum(value, AT_ONCE_MIN, out=value)
    column = np.concatenate([np.empty(0, np.int32), *place])
    return sparse.csr_array((value, column, pointer), shape=(sources.n, places.n))


def _with_direct(
    walked: sparse.csr_array, row: Ints, column: Ints, minutes: Floats
) -> sparse.csr_array:
    """Take the straight line where it is less than the way by street, or there is none."""
    rows, columns = walked.shape
    of_row = np.repeat(np.arange(rows, dtype=np.int64), np.diff(walked.indptr))
    key = np.concatenate(
        [of_row * columns + walked.indices, row.astype(np.int64) * columns + column]
    )
    value = np.concatenate([walked.data, minutes])
    order = np.lexsort((value, key))
    key, value = key[order], value[order]
    first = np.diff(key, prepend=-1) != 0
    at = np.divmod(key[first], columns)
    return sparse.csr_array((value[first], at), shape=(rows, columns))


def pair_minutes(
    network: WalkNetwork,
    origins: Places | Floats,
    targets: Places | Floats,
    pairs: tuple[Ints, Ints],
    limit_min: float = 15.0,
    progress: Progress | None = None,
) -> Floats:
    """Find the walking minutes of given pairs, however far.

    Parameters
    ----------
    network : WalkNetwork
    origins, targets : Places, or float64 array of shape (n, 2)
    pairs : (int32 array, int32 array), shape (k,)
        Positions of origins and of targets.
    limit_min : float
        Where the first search stops; only pairs beyond it cost more.
    progress : callable, optional
        Told how many targets are done, of how many; anew where pairs lie beyond the limit.

    Returns
    -------
    float64 array, shape (k,)
        inf where the network does not join the two, or only beyond `FARTHEST_MIN`.
    """
    origins, targets = _places(network, origins), _places(network, targets)
    origin, target = (np.asarray(p, dtype=np.int32) for p in pairs)
    out = direct_minutes(network, origins, targets, origin, target)
    walked = np.full(len(out), np.inf)
    left = np.flatnonzero(origins.on_network[origin] & targets.on_network[target])
    limit = limit_min
    while len(left):
        left = left[np.argsort(target[left], kind="stable")]
        wanted = (origin[left], target[left])
        walked[left] = _street_pairs(network, origins, targets, wanted, limit, progress)
        if limit >= FARTHEST_MIN:
            break
        left, limit = left[np.isinf(walked[left])], min(4 * limit, FARTHEST_MIN)
    return np.asarray(np.minimum(out, walked))


def _street_pairs(
    network: WalkNetwork,
    origins: Places,
    targets: Places,
    pairs: tuple[Ints, Ints],
    limit: float,
    progress: Progress | None,
) -> Floats:
    """Minutes along the streets of pairs (sorted by target) within the limit, else inf."""
    offsets = np.searchsorted(pairs[1], np.arange(targets.n + 1)).astype(np.int32)
    net, by_owner, by_edge = network.ways, _by_owner(targets), _by_edge(network, origins)

    def run(first: int, last: int) -> Floats:
        wanted = (offsets, pairs[0])
        found: Floats = kernel.of_pairs(net, by_owner, (first, last), by_edge, wanted, limit)
        return found

    return np.concatenate(in_pieces(run, targets.n, progress=progress))


def nearest_minutes(
    network: WalkNetwork, origins: Places | Floats, targets: Places | Floats
) -> Floats:
    """Find the walking minutes from each origin to the nearest target.

    Parameters
    ----------
    network : WalkNetwork
    origins, targets : Places, or float64 array of shape (n, 2)

    Returns
    -------
    float64 array, shape (origins,)
        inf where no target is reached within `FARTHEST_MIN`.
    """
    origins, targets = _places(network, origins), _places(network, targets)
    out = np.full(origins.n, np.inf)
    if not targets.n or not origins.n:
        return out
    on_o, on_t = origins.on_network, targets.on_network
    per_min = network.options.detour / network.options.speed_m_per_min
    for who, where in ((~on_o, np.ones_like(on_t)), (on_o, ~on_t)):
        if who.any() and where.any():
            distance_m, _ = cKDTree(targets.xy[where]).query(origins.xy[who])
            out[who] = np.minimum(out[who], distance_m * per_min)
    out[out > FARTHEST_MIN] = np.inf
    if not (on_o.any() and on_t.any()):
        return out
    near = direct_meeting(network, origins, targets)
    np.minimum.at(out, near[1], near[2])
    return np.asarray(np.minimum(out, _nearest_by_street(network, origins, targets)))


def _nearest_by_street(network: WalkNetwork, origins: Places, targets: Places) -> Floats:
    graph = network.graph
    net = network.ways
    at = graph.edge_min[targets.edge]
    seeds = (
        np.concatenate([graph.tail[targets.edge], graph.head[targets.edge]]),
        np.concatenate(
            [targets.leg_min + targets.along_min, targets.leg_min + at - targets.along_min]
        ),
    )
    dist = kernel.node_minutes(net[:3], seeds, FARTHEST_MIN)
    by_tail = dist[graph.tail[origins.edge]] + origins.along_min
    by_head = dist[graph.head[origins.edge]] + graph.edge_min[origins.edge] - origins.along_min
    out = np.full(origins.n, np.inf)
    np.minimum.at(out, origins.owner, np.minimum(by_tail, by_head) + origins.leg_min)
    same = _on_same_edge(origins, targets)
    np.minimum.at(out, origins.owner[same[0]], same[1])
    return out


def _on_same_edge(origins: Places, targets: Places) -> tuple[NDArray[np.int64], Floats]:
    """Find accesses of origins that share an edge with a target's, and the minutes along it."""
    order = np.argsort(targets.edge, kind="stable")
    low = np.searchsorted(targets.edge[order], origins.edge, side="left")
    high = np.searchsorted(targets.edge[order], origins.edge, side="right")
    access = np.repeat(np.arange(len(origins.edge)), high - low)
    step = np.arange(len(access)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    other = order[low[access] + step]
    along = np.abs(origins.along_min[access] - targets.along_min[other])
    return access, along + origins.leg_min[access] + targets.leg_min[other]


def _places(network: WalkNetwork, where: Places | Floats) -> Places:
    return where if isinstance(where, Places) else places_at(network, where)


def _by_owner(places: Places) -> tuple[Ints, Ints, Floats, Floats]:
    """List accesses as the kernel takes targets: offsets by place, then edge, minutes along, leg."""
    offsets = np.searchsorted(places.owner, np.arange(places.n + 1)).astype(np.int32)
    return offsets, places.edge, places.along_min, places.leg_min


def _by_edge(network: WalkNetwork, places: Places) -> tuple[Ints, Ints, Floats, Floats, int]:
    """List accesses as the kernel takes origins: offsets by edge, owner, along, leg; how many own."""
    edge, owner, along, leg = places.by_edge
    edges = np.arange(len(network.graph.tail) + 1, dtype=edge.dtype)
    offsets = np.searchsorted(edge, edges).astype(np.int32)
    return offsets, owner, along, leg, places.n
