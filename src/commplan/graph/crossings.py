"""Crossings: bridges, underpasses and footbridges that open what barriers close."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.borders import Borders
from commplan.graph.options import GraphOptions

#: A crossing with more than this of its length outside all blocks spans a gap.
OUTSIDE_M = 1.0
#: A line is given this width to cut the ground around a crossing in two.
BLADE_M = 0.01


@dataclass(frozen=True)
class Spans:
    """What crossings over gaps join.

    Parameters
    ----------
    pairs : int array, shape (k, 2)
        Units, the smaller position first; each pair once, sorted.
    idle : int array
        Rows of the crossings over a gap that join no two units.
    """

    pairs: NDArray[np.intp]
    idle: NDArray[np.intp]


def near_crossing(
    borders: Borders, crossings: gpd.GeoDataFrame | None, distance_m: float
) -> NDArray[np.bool_]:
    """Whether any part of each pair's border lies within ``distance_m`` of a crossing."""
    near = np.zeros(len(borders.tail), dtype=bool)
    shapes = _shapes(crossings)
    if len(shapes):
        tree = shapely.STRtree(borders.segments.lines())
        _, segment = tree.query(shapes, predicate="dwithin", distance=distance_m)
        near[borders.segments.group[segment]] = True
    return near


def spans(
    blocks: NDArray[Any],
    barriers: NDArray[Any],
    crossings: gpd.GeoDataFrame | None,
    options: GraphOptions,
) -> Spans:
    """Find which units the crossings over gaps join.

    A line joins the units nearest to its two ends; a point the units nearest to it on the two sides
    of the barrier on which it lies. Units farther than ``crossing_reach_m`` are not joined.

    Parameters
    ----------
    blocks : object array, shape (n,)
    barriers : object array
        Lines and polygons.
    crossings : GeoDataFrame or None
    options : GraphOptions
    """
    pairs: set[tuple[int, int]] = set()
    idle: list[int] = []
    tree = shapely.STRtree(blocks)
    for row, shape in enumerate(_shapes(crossings)):
        for part in shapely.get_parts(shapely.line_merge(shape) if _is_line(shape) else shape):
            if not _is_over_gap(part, tree, blocks):
                continue
            if _is_line(part):
                found = _at_ends(part, tree, options.crossing_reach_m)
            else:
                found = _on_both_sides(part, tree, blocks, barriers, options)
            if len(found) == 2 and found[0] != found[1]:
                pairs.add((min(found), max(found)))
            else:
                idle.append(row)
    return Spans(
        np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2), np.unique(idle).astype(np.intp)
    )


def _shapes(crossings: gpd.GeoDataFrame | None) -> NDArray[Any]:
    if crossings is None:
        return np.empty(0, dtype=object)
    return np.asarray(crossings.geometry.to_numpy(), dtype=object)


def _is_line(shape: shapely.Geometry) -> bool:
    return int(shapely.get_dimensions(shape)) == 1


def _is_over_gap(shape: shapely.Geometry, tree: shapely.STRtree, blocks: NDArray[Any]) -> bool:
    if shapely.is_empty(shape):
        return False
    under = blocks[tree.query(shape, predicate="intersects")]
    if not _is_line(shape):
        return not len(under)
    outside = shapely.difference(shape, shapely.union_all(under))
    return bool(shapely.length(outside) > OUTSIDE_M)


def _at_ends(line: shapely.Geometry, tree: shapely.STRtree, reach_m: float) -> list[int]:
    ends = shapely.get_point(line, [0, -1])
    found = (tree.query_nearest(end, max_distance=reach_m) for end in ends)
    return [int(units.min()) for units in found if len(units)]


def _on_both_sides(
    point: shapely.Geometry,
    tree: shapely.STRtree,
    blocks: NDArray[Any],
    barriers: NDArray[Any],
    options: GraphOptions,
) -> list[int]:
    """Return the nearest unit on each of the two sides of the barrier at a point."""
    if not len(barriers):
        return []
    far = shapely.distance(barriers, point)
    at = int(np.argmin(far))
    if far[at] > options.crossing_m:
        return []
    ground = shapely.buffer(point, options.crossing_reach_m)
    blade = barriers[at]
    if _is_line(blade):
        blade = shapely.buffer(blade, BLADE_M, cap_style="flat")
    sides = shapely.get_parts(shapely.difference(ground, blade))
    sides = sides[np.argsort(shapely.distance(sides, point), kind="stable")]
    near = np.sort(tree.query(ground, predicate="intersects"))
    found = [unit for side in sides for unit in _nearest_on(side, point, near, blocks)]
    distinct: Iterator[int] = iter(dict.fromkeys(found))
    return [unit for unit, _ in zip(distinct, range(2), strict=False)]


def _nearest_on(
    side: shapely.Geometry, point: shapely.Geometry, near: NDArray[np.intp], blocks: NDArray[Any]
) -> list[int]:
    """Return the unit whose ground on this side is nearest to the point, or nothing."""
    ground = shapely.intersection(blocks[near], side)
    some = shapely.area(ground) > 0
    if not some.any():
        return []
    return [int(near[some][np.argmin(shapely.distance(ground[some], point))])]
