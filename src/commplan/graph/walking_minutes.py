"""Walking minutes between places: within a limit, for given pairs, or to the nearest of many."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from commplan.graph import walking_kernel as kernel
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import Places, crosses_wall, places_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

AT_ONCE_MIN = 1e-6  # stands for "no way at all", so that a sparse array keeps the pair
FARTHEST_MIN = 240.0  # beyond four hours nobody walks: unreachable


def walk_minutes(
    network: WalkNetwork, origins: Places | Floats, targets: Places | Floats, limit_min: float
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

    Returns
    -------
    csr_array, shape (origins, targets)
        Minutes; an entry that is missing is farther than the limit.
    """
    origins, targets = _places(network, origins), _places(network, targets)
    near_t, near_o, near_min = _straight_within(network, origins, targets, limit_min)
    walk_t, walk_o, walk_min = kernel.within(
        network.ways, _by_owner(targets), _by_edge(network, origins), origins.n, limit_min
    )
    row = np.concatenate([near_o, walk_o]).astype(np.int64)
    column = np.concatenate([near_t, walk_t]).astype(np.int64)
    value = np.maximum(np.concatenate([near_min, walk_min]), AT_ONCE_MIN)
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
    shape = (origins.n, targets.n)
    return sparse.csr_array((value[first], (row[first], column[first])), shape=shape)


def pair_minutes(
    network: WalkNetwork,
    origins: Places | Floats,
    targets: Places | Floats,
    pairs: tuple[Ints, Ints],
    limit_min: float = 15.0,
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

    Returns
    -------
    float64 array, shape (k,)
        inf where the network does not join the two, or only beyond `FARTHEST_MIN`.
    """
    origins, targets = _places(network, origins), _places(network, targets)
    origin, target = (np.asarray(p, dtype=np.int32) for p in pairs)
    out = _direct(network, origins, targets, origin, target)
    both = origins.on_network[origin] & targets.on_network[target]
    net, by_owner, by_edge = network.ways, _by_owner(targets), _by_edge(network, origins)
    walked = np.full(len(out), np.inf)
    left, limit = np.flatnonzero(both), limit_min
    while len(left):
        left = left[np.argsort(target[left], kind="stable")]
        offsets = np.searchsorted(target[left], np.arange(targets.n + 1)).astype(np.int32)
        wanted = (offsets, origin[left])
        walked[left] = kernel.of_pairs(net, by_owner, by_edge, origins.n, wanted, limit)
        if limit >= FARTHEST_MIN:
            break
        left, limit = left[np.isinf(walked[left])], min(4 * limit, FARTHEST_MIN)
    return np.asarray(np.minimum(out, walked))


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
    near = _straight_within(network, origins, targets, 0.0)
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


def _direct(
    network: WalkNetwork, origins: Places, targets: Places, origin: Ints, target: Ints
) -> Floats:
    """Minutes of pairs by the straight line, inf where the network decides."""
    distance_m = np.hypot(*(origins.xy[origin] - targets.xy[target]).T)
    ours = _is_direct(network, origins, targets, (origin, target), distance_m)
    minutes = distance_m * network.options.detour / network.options.speed_m_per_min
    return np.where(ours & (minutes <= FARTHEST_MIN), minutes, np.inf)


def _is_direct(
    network: WalkNetwork,
    origins: Places,
    targets: Places,
    pairs: tuple[Ints, Ints],
    distance_m: Floats,
) -> NDArray[np.bool_]:
    """Whether a straight line stands for the way between two places.

    Off the network nothing else is known. On it, circles about both places that reach to their
    streets hold no street; where the circles meet, and no river or railway lies between, one may
    walk from one to the other without going out to the street.
    """
    origin, target = pairs
    off = ~origins.on_network[origin] | ~targets.on_network[target]
    legs_min = origins.nearest_leg_min[origin] + targets.nearest_leg_min[target]
    meet = ~off & (distance_m <= legs_min * network.options.speed_m_per_min)
    at = np.flatnonzero(meet)
    meet[at] = ~crosses_wall(network, origins.xy[origin[at]], targets.xy[target[at]])
    return off | meet


def _straight_within(
    network: WalkNetwork, origins: Places, targets: Places, limit_min: float
) -> tuple[Ints, Ints, Floats]:
    """Pairs (target, origin, minutes) that a straight line stands for.

    With a limit of 0 only those that meet off the streets, of places that join the network.
    """
    per_min = network.options.detour / network.options.speed_m_per_min
    if limit_min > 0:
        radius_m = limit_min / per_min
    else:
        legs = [p.nearest_leg_min.max(initial=0.0) for p in (origins, targets)]
        radius_m = sum(legs) * network.options.speed_m_per_min
    none = np.empty(0, np.int32)
    if not origins.n or not targets.n:
        return none, none, np.empty(0)
    found = cKDTree(targets.xy).sparse_distance_matrix(
        cKDTree(origins.xy), radius_m, output_type="ndarray"
    )
    target, origin = found["i"].astype(np.int32), found["j"].astype(np.int32)
    keep = _is_direct(network, origins, targets, (origin, target), found["v"])
    return target[keep], origin[keep], found["v"][keep] * per_min


def _places(network: WalkNetwork, where: Places | Floats) -> Places:
    return where if isinstance(where, Places) else places_at(network, where)


def _by_owner(places: Places) -> tuple[Ints, Ints, Floats, Floats]:
    """List accesses as the kernel takes targets: offsets by place, then edge, minutes along, leg."""
    offsets = np.searchsorted(places.owner, np.arange(places.n + 1)).astype(np.int32)
    return offsets, places.edge, places.along_min, places.leg_min


def _by_edge(network: WalkNetwork, places: Places) -> tuple[Ints, Ints, Floats, Floats]:
    """List accesses as the kernel takes origins: offsets by edge, then owner, minutes along, leg."""
    order = np.argsort(places.edge, kind="stable")
    edges = np.arange(len(network.graph.tail) + 1)
    offsets = np.searchsorted(places.edge[order], edges).astype(np.int32)
    return offsets, places.owner[order], places.along_min[order], places.leg_min[order]
