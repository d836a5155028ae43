"""Where a straight line stands for a walk: off the network, and between places off the street."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import Places, crosses_wall

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FARTHEST_MIN = 240.0  # beyond four hours nobody walks: unreachable


def direct_minutes(
    network: WalkNetwork, origins: Places, targets: Places, origin: Ints, target: Ints
) -> Floats:
    """Minutes of pairs by the straight line, inf where the network decides."""
    distance_m = np.hypot(*(origins.xy[origin] - targets.xy[target]).T)
    ours = _is_direct(network, origins, targets, (origin, target), distance_m)
    minutes = distance_m * network.options.detour / network.options.speed_m_per_min
    return np.where(ours & (minutes <= FARTHEST_MIN), minutes, np.inf)


def direct_within(
    network: WalkNetwork, origins: Places, targets: Places, limit_min: float
) -> tuple[Ints, Ints, Floats]:
    """Find the pairs (target, origin, minutes) within the limit that a straight line stands for."""
    speed, detour = network.options.speed_m_per_min, network.options.detour
    off = limit_min * speed / detour
    on_o, on_t = origins.on_network, targets.on_network
    found = [
        _near(origins, targets, (np.ones_like(on_o), ~on_t), off),
        _near(origins, targets, (~on_o, on_t), off),
        _near(origins, targets, (on_o, on_t), min(off, legs_m(network, origins, targets))),
    ]
    target, origin, distance_m = (np.concatenate(part) for part in zip(*found, strict=True))
    keep = _is_direct(network, origins, targets, (origin, target), distance_m)
    return target[keep], origin[keep], distance_m[keep] * detour / speed


def direct_meeting(
    network: WalkNetwork, origins: Places, targets: Places
) -> tuple[Ints, Ints, Floats]:
    """Find the pairs of places on the network that meet off the street, however far that is."""
    among = (origins.on_network, targets.on_network)
    found = _near(origins, targets, among, legs_m(network, origins, targets))
    target, origin, distance_m = found
    keep = _is_direct(network, origins, targets, (origin, target), distance_m)
    minutes = distance_m[keep] * network.options.detour / network.options.speed_m_per_min
    return target[keep], origin[keep], minutes


def legs_m(network: WalkNetwork, origins: Places, targets: Places) -> float:
    """Distance beyond which no two places can meet off the street."""
    legs_min = sum(float(p.nearest_leg_min.max(initial=0.0)) for p in (origins, targets))
    return legs_min * network.options.speed_m_per_min


def _near(
    origins: Places,
    targets: Places,
    among: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    radius_m: float,
) -> tuple[Ints, Ints, Floats]:
    """Pairs (target, origin, metres) no farther than ``radius_m``, of the places ``among``."""
    some_o, some_t = np.flatnonzero(among[0]), np.flatnonzero(among[1])
    if not len(some_o) or not len(some_t):
        none = np.empty(0, np.int32)
        return none, none, np.empty(0)
    found = cKDTree(targets.xy[some_t]).sparse_distance_matrix(
        cKDTree(origins.xy[some_o]), radius_m, output_type="ndarray"
    )
    target, origin = some_t[found["i"]], some_o[found["j"]]
    return target.astype(np.int32), origin.astype(np.int32), found["v"]


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
