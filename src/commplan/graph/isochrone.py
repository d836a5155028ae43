"""Isochrones: the ground within so many minutes' walk, drawn along the streets that are reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph import walking_kernel as kernel
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import Places, places_at
from commplan.graph.walking_threads import Progress, in_pieces

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Lines = NDArray[np.object_]

STEPS_MIN = (5.0, 10.0, 15.0)


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


def steps_up_to(limit_min: float) -> tuple[float, ...]:
    """Return the bands that are drawn up to a limit: 5, 10 and 15 minutes, and the limit."""
    return (*(step for step in STEPS_MIN if step < limit_min), float(limit_min))


def isochrones(
    network: WalkNetwork,
    places: Places | Floats,
    limit_min: float,
    options: IsochroneOptions | None = None,
) -> Lines:
    """Draw what is within ``limit_min`` of each place; see `isochrone_bands`.

    Returns
    -------
    object array, shape (n,)
        Valid polygons or multipolygons in the network's CRS.
    """
    return np.asarray(isochrone_bands(network, places, (limit_min,), options)[:, 0])


def isochrone_bands(
    network: WalkNetwork,
    places: Places | Floats,
    steps_min: Sequence[float],
    options: IsochroneOptions | None = None,
    progress: Progress | None = None,
) -> Lines:
    """Draw what is within several times of each place.

    On the network: the streets that are reached, the last stretch only as far as the time allows,
    with the ground beside them, not a hull around them: what lies over the river stays white. Off
    the network: a circle with the straight line that the fallback allows.

    Parameters
    ----------
    network : WalkNetwork
    places : Places, or float64 array of shape (n, 2)
    steps_min : sequence of float
        Ascending.
    options : IsochroneOptions, optional
    progress : callable, optional
        Told how many places are drawn, of how many on the network.

    Returns
    -------
    object array, shape (n, steps)
        Valid polygons or multipolygons in the network's CRS; each lies within the next.
    """
    options = options or IsochroneOptions()
    places = places if isinstance(places, Places) else places_at(network, places)
    out = np.empty((places.n, len(steps_min)), dtype=object)
    for step, minutes in enumerate(steps_min):
        out[:, step] = _circles(network, places.xy, minutes)
    offsets = np.searchsorted(places.owner, np.arange(places.n + 1))
    joined = np.flatnonzero(places.on_network)
    _ = network.ways, network.segments_of(places.edge[:0])  # made once, before threads ask for them

    def draw(first: int, last: int) -> None:
        for i in joined[first:last].tolist():
            access = np.arange(offsets[i], offsets[i + 1])
            out[i] = _bands(network, places, access, steps_min, options)

    in_pieces(draw, len(joined), progress=progress, piece=8)
    return out


def reach_bands(
    network: WalkNetwork,
    places: Places | Floats,
    steps_min: Sequence[float],
    options: IsochroneOptions | None = None,
) -> Lines:
    """Draw what is within several times of any of the places, by one search from them all.

    Parameters
    ----------
    network, places, steps_min, options
        As for `isochrone_bands`.

    Returns
    -------
    object array, shape (steps,)
        Valid polygons or multipolygons, empty where there is no place; each lies within the next.
    """
    options = options or IsochroneOptions()
    places = places if isinstance(places, Places) else places_at(network, places)
    bands = _bands(network, places, np.arange(len(places.owner)), steps_min, options)
    off = places.xy[~places.on_network]
    rounds = [shapely.union_all(_circles(network, off, minutes)) for minutes in steps_min]
    return np.asarray(shapely.union(bands, np.array(rounds, dtype=object)))


def _circles(network: WalkNetwork, xy: Floats, minutes: float) -> Lines:
    """Draw what a straight line reaches from each point."""
    radius_m = minutes * network.options.speed_m_per_min / network.options.detour
    points = np.asarray(shapely.points(xy), dtype=object)
    return np.asarray(shapely.buffer(points, radius_m, quad_segs=12), dtype=object)


def _bands(
    network: WalkNetwork,
    places: Places,
    access: Positions,
    steps_min: Sequence[float],
    options: IsochroneOptions,
) -> Lines:
    """Draw the ground reached through some accesses, step by step."""
    graph = network.graph
    edge, along, leg = places.edge[access], places.along_min[access], places.leg_min[access]
    seeds = (
        np.concatenate([graph.tail[edge], graph.head[edge]]),
        np.concatenate([leg + along, leg + graph.edge_min[edge] - along]),
    )
    dist = kernel.node_minutes(network.ways[:3], seeds, max(steps_min))
    bands = np.empty(len(steps_min), dtype=object)
    ground: shapely.Geometry = shapely.Polygon()
    outline: shapely.Geometry = shapely.Polygon()
    before = 0.0
    for step, minutes in enumerate(steps_min):
        span = (before, minutes)  # only what is new: joining ground is what takes time
        lines = [
            _along_edges(network, dist, span),
            _about_accesses(network, places, access, span),
            _legs(network, places, access, minutes),
        ]
        ground = _ground(ground, np.concatenate(lines), options)
        drawn = shapely.make_valid(shapely.simplify(ground, options.simplify_m))
        outline = shapely.union(outline, drawn) if step else drawn  # simplifying may bite into it
        bands[step], before = outline, minutes
    return bands


def _along_edges(network: WalkNetwork, dist: Floats, span: tuple[float, float]) -> Lines:
    """Stretches of segments reached from the ends of their edges between two times (minutes)."""
    graph = network.graph
    at_tail, at_head = dist[graph.tail], dist[graph.head]
    # Minutes left at the edge's ends: how far along it one comes, then and now.
    old_tail, old_head = (np.maximum(span[0] - at, 0.0) for at in (at_tail, at_head))
    new_tail, new_head = (np.maximum(span[1] - at, 0.0) for at in (at_tail, at_head))
    whole = graph.edge_min
    done = old_tail + old_head >= whole
    edge = ~done & ((new_tail > 0) | (new_head > 0))
    near = edge[graph.segment_edge]
    which = graph.segment_edge[near]
    ends, line = graph.segment_min[near], graph.segment_xy[near]
    meets = new_tail + new_head >= whole  # drawn once, not from both ends
    first_stop = np.where(meets, whole - old_head, new_tail)
    last_start = np.where(meets, whole, whole - new_head)
    return np.concatenate(
        [
            _clip(line, ends, old_tail[which], first_stop[which]),
            _clip(line, ends, last_start[which], (whole - old_head)[which]),
        ]
    )


def _about_accesses(
    network: WalkNetwork, places: Places, access: Positions, span: tuple[float, float]
) -> Lines:
    """Stretches of the edges that a place joins, either way from where it joins them."""
    which, segment = network.segments_of(places.edge[access])
    at, leg = places.along_min[access][which], places.leg_min[access][which]
    old, new = (np.maximum(limit - leg, 0.0) for limit in span)
    line, ends = network.graph.segment_xy[segment], network.graph.segment_min[segment]
    back, forth = _clip(line, ends, at - new, at - old), _clip(line, ends, at + old, at + new)
    return np.concatenate([back, forth])


def _clip(span: Floats, ends: Floats, low: Floats, high: Floats) -> Lines:
    """Cut straight segments to minutes ``low`` to ``high`` along their edge; drop what is outside."""
    first, last = ends.min(axis=1), ends.max(axis=1)
    low, high = np.maximum(low, first), np.minimum(high, last)
    keep = high > low
    span, ends, low, high = span[keep], ends[keep], low[keep], high[keep]
    length = ends[:, 1] - ends[:, 0]
    share = np.stack([(low - ends[:, 0]) / length, (high - ends[:, 0]) / length], axis=1)
    cut = span[:, :1] + share[:, :, None] * (span[:, 1:] - span[:, :1])
    return np.asarray(shapely.linestrings(cut), dtype=object)


def _legs(network: WalkNetwork, places: Places, access: Positions, limit_min: float) -> Lines:
    """Lines from the place to its streets, as far as the time allows."""
    which, segment = network.segments_of(places.edge[access])
    at = places.along_min[access]
    ends = network.graph.segment_min[segment]
    beside = np.maximum(ends.min(axis=1) - at[which], at[which] - ends.max(axis=1))
    order = np.lexsort((beside, which))
    hit = segment[order[np.flatnonzero(np.diff(which[order], prepend=-1))]]
    (a, b), (start, stop) = (
        network.graph.segment_min[hit].T,
        network.graph.segment_xy[hit].swapaxes(0, 1),
    )
    foot = start + np.clip((at - a) / (b - a), 0, 1)[:, None] * (stop - start)
    used = places.leg_min[access]
    share = np.minimum(1.0, limit_min / np.maximum(used, 1e-9))
    home = places.xy[places.owner[access]]
    tip = home + share[:, None] * (foot - home) + 1e-3  # a place on its street still has a line
    return np.asarray(shapely.linestrings(np.stack([home, tip], axis=1)), dtype=object)


def _ground(so_far: shapely.Geometry, lines: Lines, options: IsochroneOptions) -> shapely.Geometry:
    """Add the ground beside the lines and fill small enclosed pieces."""
    chains = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    # One buffer per chain and their union: a single buffer of all lines takes GEOS seconds.
    beside = shapely.buffer(chains[~shapely.is_empty(chains)], options.beside_m, quad_segs=2)
    parts = []
    for part in shapely.get_parts(shapely.union_all([so_far, *beside])):
        rings = shapely.get_rings(part)
        large = shapely.area(shapely.polygons(rings[1:])) > options.fill_m2
        parts.append(shapely.Polygon(rings[0], list(rings[1:][large])))
    return shapely.union_all(parts)
