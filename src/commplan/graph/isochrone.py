"""Isochrones: the ground within so many minutes' walk, drawn along the streets that are reached."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph import walking_kernel as kernel
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import Places, places_at

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class IsochroneOptions:
    """How reached streets become ground; house choices.

    Parameters
    ----------
    beside_m : float
        Ground on either side of a reached street that counts as reached.
    fill_m2 : float
        Ground enclosed by reached streets is filled up to this size: the inside of a block.
    simplify_m : float
        How far the outline may stray, for smaller pages.
    """

    beside_m: float = 30.0
    fill_m2: float = 60_000.0
    simplify_m: float = 3.0


def isochrones(
    network: WalkNetwork,
    places: Places | Floats,
    limit_min: float,
    options: IsochroneOptions | None = None,
) -> NDArray[np.object_]:
    """Draw what is within ``limit_min`` of each place.

    On the network: the streets that are reached, the last stretch only as far as the time allows,
    with the ground beside them, not a hull around them: what lies over the river stays white. Off
    the network: a circle with the straight line that the fallback allows.

    Parameters
    ----------
    network : WalkNetwork
    places : Places, or float64 array of shape (n, 2)
    limit_min : float
    options : IsochroneOptions, optional

    Returns
    -------
    object array, shape (n,)
        Valid polygons or multipolygons in the network's CRS.
    """
    options = options or IsochroneOptions()
    places = places if isinstance(places, Places) else places_at(network, places)
    speed = network.options.speed_m_per_min
    radius_m = limit_min * speed / network.options.detour
    out = np.asarray(
        shapely.buffer(shapely.points(places.xy), radius_m, quad_segs=12), dtype=object
    )
    offsets = np.searchsorted(places.owner, np.arange(places.n + 1))
    for i in np.flatnonzero(places.on_network).tolist():
        access = slice(offsets[i], offsets[i + 1])
        lines = _reached(network, places, access, limit_min)
        out[i] = _ground(np.concatenate([lines, _legs(network, places, i, limit_min)]), options)
    return out.reshape(places.n)


def _reached(
    network: WalkNetwork, places: Places, access: slice, limit_min: float
) -> NDArray[np.object_]:
    """Stretches of segments that are reached in time, as lines."""
    graph = network.graph
    edge, along, leg = places.edge[access], places.along_min[access], places.leg_min[access]
    seeds = (
        np.concatenate([graph.tail[edge], graph.head[edge]]),
        np.concatenate([leg + along, leg + graph.edge_min[edge] - along]),
    )
    dist = kernel.node_minutes(network.ways[:3], seeds, limit_min)
    left_tail = np.maximum(limit_min - dist[graph.tail], 0.0)  # minutes left at the edge's ends
    left_head = np.maximum(limit_min - dist[graph.head], 0.0)
    touched = np.flatnonzero((left_tail > 0) | (left_head > 0))
    near = np.isin(graph.segment_edge, np.union1d(touched, edge))
    which = graph.segment_edge[near]
    ends, span = graph.segment_min[near], graph.segment_xy[near]
    whole = graph.edge_min[which]
    by_tail, by_head = left_tail[which], left_head[which]
    meets = by_tail + by_head >= whole  # drawn once, not from both ends
    stretches = [
        _clip(span, ends, np.zeros(len(which)), np.where(meets, whole, by_tail)),
        _clip(span, ends, np.where(meets, whole, whole - by_head), whole),
    ]
    for e, at, used in zip(edge, along, leg, strict=True):
        own = which == e
        reach = max(limit_min - used, 0.0)
        low, high = np.full(own.sum(), at - reach), np.full(own.sum(), at + reach)
        stretches.append(_clip(span[own], ends[own], low, high))
    return np.asarray(shapely.linestrings(np.concatenate(stretches)), dtype=object)


def _clip(span: Floats, ends: Floats, low: Floats, high: Floats) -> Floats:
    """Cut straight segments to minutes ``low`` to ``high`` along their edge; drop what is outside."""
    first, last = ends.min(axis=1), ends.max(axis=1)
    low, high = np.maximum(low, first), np.minimum(high, last)
    keep = high > low
    span, ends, low, high = span[keep], ends[keep], low[keep], high[keep]
    length = ends[:, 1] - ends[:, 0]
    share = np.stack([(low - ends[:, 0]) / length, (high - ends[:, 0]) / length], axis=1)
    return span[:, :1] + share[:, :, None] * (span[:, 1:] - span[:, :1])


def _legs(network: WalkNetwork, places: Places, i: int, limit_min: float) -> NDArray[np.object_]:
    """Lines from the place to its streets, as far as the time allows."""
    mine = np.flatnonzero(places.owner == i)
    edge, along, leg = places.edge[mine], places.along_min[mine], places.leg_min[mine]
    lines = []
    for e, at, used in zip(edge, along, leg, strict=True):
        own = np.flatnonzero(network.graph.segment_edge == e)
        ends = network.graph.segment_min[own]
        hit = own[np.argmin(np.maximum(ends.min(axis=1) - at, at - ends.max(axis=1)))]
        a, b = network.graph.segment_min[hit]
        foot_share = np.clip((at - a) / (b - a), 0, 1)
        start, stop = network.graph.segment_xy[hit]
        foot = start + foot_share * (stop - start)
        share = 1.0 if used <= limit_min else limit_min / used
        tip = places.xy[i] + share * (foot - places.xy[i])
        lines.append([places.xy[i], tip + 1e-3])  # a place on its street still has a line
    return np.asarray(shapely.linestrings(np.array(lines)), dtype=object)


def _ground(lines: NDArray[np.object_], options: IsochroneOptions) -> shapely.Geometry:
    """Ground beside the lines, small enclosed pieces filled."""
    chains = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    # One buffer per chain and their union: a single buffer of all lines takes GEOS seconds.
    beside = shapely.buffer(chains[~shapely.is_empty(chains)], options.beside_m, quad_segs=2)
    parts = []
    for part in shapely.get_parts(shapely.union_all(beside)):
        rings = shapely.get_rings(part)
        large = shapely.area(shapely.polygons(rings[1:])) > options.fill_m2
        parts.append(shapely.Polygon(rings[0], list(rings[1:][large])))
    filled = shapely.union_all(parts)
    return shapely.make_valid(shapely.simplify(filled, options.simplify_m))
