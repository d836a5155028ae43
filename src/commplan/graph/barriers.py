"""Which part of a border runs along a barrier, exactly and for many borders at once.

The points of a border within a distance of a straight barrier segment lie in a capsule. Capsules
are convex, so each border segment meets one in a single interval; intervals of consecutive segments
make stretches, and a stretch counts if it is long enough.
"""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.graph._capsule import capsule_intervals
from commplan.graph.borders import Segments, length_m, segments_of, sum_by, vertex_ids
from commplan.graph.options import GraphOptions

#: Kinds that may not be crossed unless ``crossable`` says so (house choice).
CLOSED_KINDS = frozenset({"river", "railway", "expressway"})
#: Shorter than any length that is measured; swallows rounding.
TINY_M = 1e-6


def metres_on_barrier(
    lines: Sequence[Any] | NDArray[Any],
    barriers: gpd.GeoDataFrame | None,
    options: GraphOptions | None = None,
) -> NDArray[np.float64]:
    """Return how many metres of each line run along a barrier, crossable or not.

    Stretches are counted line by line: a stretch that goes on in another line is not longer for it.
    Where pairs of units are meant, hand over one (multi)line per pair.

    Parameters
    ----------
    lines : sequence of LineString or MultiLineString, length k
    barriers : GeoDataFrame or None
        Lines or polygons in the same metric CRS.
    options : GraphOptions, optional

    Returns
    -------
    float64 array, shape (k,)
    """
    geometries = np.asarray(lines, dtype=object)
    if barriers is None or not len(barriers):
        return np.zeros(len(geometries))
    shapes = np.asarray(barriers.geometry.to_numpy(), dtype=object)
    return along(segments_of(geometries), len(geometries), shapes, options or GraphOptions())


def is_closing(barriers: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which barriers may not be crossed: by the column ``crossable``, else by their kind."""
    by_kind = barriers["kind"].isin(CLOSED_KINDS).to_numpy(dtype=bool)
    if "crossable" not in barriers:
        return by_kind
    stated = barriers["crossable"]
    known = stated.notna().to_numpy(dtype=bool)
    crossable = np.array([bool(v) if pd.notna(v) else False for v in stated], dtype=bool)
    return np.where(known, ~crossable, by_kind)


def along(
    segments: Segments, groups: int, barriers: NDArray[Any], options: GraphOptions
) -> NDArray[np.float64]:
    """Return the metres along barriers in each group of segments.

    Parameters
    ----------
    segments : Segments
    groups : int
    barriers : object array
        Lines or polygons; the inside of a polygon counts as on it.
    options : GraphOptions

    Returns
    -------
    float64 array, shape (groups,)
    """
    row, low, high = _merge(*_near(segments, barriers, options.barrier_distance_m))
    if not len(row):
        return np.zeros(groups)
    stretch = _stretches(segments, row, low, high)
    total = np.bincount(stretch, weights=high - low)
    counts = total[stretch] >= options.barrier_stretch_m - TINY_M
    return sum_by(segments.group[row], np.where(counts, high - low, 0.0), groups)


def beside(
    segments: Segments, groups: int, barriers: NDArray[Any], distance_m: float
) -> NDArray[np.float64]:
    """Return the metres within a distance of barriers and in their direction, however short.

    Parameters
    ----------
    segments : Segments
    groups : int
    barriers : object array
        Lines or polygons; the inside of a polygon counts whatever the direction.
    distance_m : float

    Returns
    -------
    float64 array, shape (groups,)
    """
    row, low, high = _merge(*_near(segments, barriers, distance_m, least_cos=np.sqrt(0.5)))
    return sum_by(segments.group[row], high - low, groups)


def _near(
    segments: Segments, barriers: NDArray[Any], distance_m: float, least_cos: float = 0.0
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Intervals (segment, from, to in metres) near each barrier segment or inside a polygon."""
    pieces = segments_of(barriers)
    tree = shapely.STRtree(segments.lines())
    piece, row = tree.query(pieces.lines(), predicate="dwithin", distance=distance_m)
    one, other = segments.take(row), pieces.take(piece)
    low, high = capsule_intervals(one, other, distance_m)
    dot = ((one.end - one.start) * (other.end - other.start)).sum(axis=1)
    keep = (high > low) & (np.abs(dot) >= least_cos * one.length_m * other.length_m)
    inside, low_in, high_in = _inside(segments, barriers, tree)
    return (
        np.concatenate([row[keep], inside]),
        np.concatenate([low[keep], low_in]),
        np.concatenate([high[keep], high_in]),
    )


def _inside(
    segments: Segments, barriers: NDArray[Any], tree: shapely.STRtree
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Intervals of the segments inside polygons."""
    flat = barriers[shapely.get_dimensions(barriers) == 2]
    shapely.prepare(flat)
    polygon, inside = tree.query(flat, predicate="intersects")
    cut = shapely.intersection(tree.geometries[inside], flat[polygon])
    parts, which = shapely.get_parts(cut, return_index=True)
    straight = shapely.get_dimensions(parts) == 1
    parts, at = parts[straight], inside[which[straight]]
    ends = [shapely.get_coordinates(shapely.get_point(parts, i)) for i in (0, -1)]
    one, two = (length_m(segments.start[at], xy) for xy in ends)
    return at.astype(np.intp), np.minimum(one, two), np.maximum(one, two)


def _merge(
    row: NDArray[np.intp], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Unite overlapping intervals of the same segment."""
    if not len(row):
        return row, low, high
    order = np.lexsort((low, row))
    row, low, high = row[order], low[order], high[order]
    # one number line for all segments, each with room of its own; ranks keep the numbers small
    rank = np.unique(row, return_inverse=True)[1].reshape(-1)
    offset = rank * (high.max() + 1.0)
    reach = np.maximum.accumulate(high + offset)
    fresh = np.r_[True, (low + offset)[1:] > reach[:-1] + TINY_M]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(row)) - 1
    return row[first], low[first], reach[last] - offset[last]


def _stretches(
    segments: Segments,
    row: NDArray[np.intp],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.intp]:
    """Return the stretch of each interval: one goes on across a common vertex of its group."""
    k = len(segments.group)
    vertex = vertex_ids(np.vstack([segments.start, segments.end]))
    place = segments.group.astype(np.int64)
    place = np.concatenate([place, place]) * (int(vertex.max()) + 1) + vertex
    at_start = np.flatnonzero(low <= TINY_M)
    at_end = np.flatnonzero(high >= segments.length_m[row] - TINY_M)
    interval = np.concatenate([at_start, at_end])
    key = np.concatenate([place[row[at_start]], place[k + row[at_end]]])
    _, node = np.unique(key, return_inverse=True)
    size = len(row) + len(interval)
    links = coo_array(
        (np.ones(len(interval), dtype=np.int8), (interval, len(row) + node.reshape(-1))),
        shape=(size, size),
    )
    labels = connected_components(links, directed=False)[1]
    return labels[: len(row)].astype(np.intp)
