"""The outline of a community in steps, and what somebody sees of it from each side."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIDES = ("east", "south", "west", "north")
TOWARDS = np.array([(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)])
STEP_M = 10.0
#: A step faces a side if its outward normal is within 60 degrees of it.
FACING_COS = 0.5
#: How far across its border a neighbour, or another part of the community itself, is looked for.
ACROSS_M = 2.0
#: Corners of the outline that stand out less than this say nothing about its direction.
SMOOTH_M = 3.0


@dataclass(frozen=True)
class Steps:
    """Pieces of an outline.

    Parameters
    ----------
    xy : float array, shape (n, 2)
        Their middles.
    direction : float array, shape (n, 2)
        Unit vectors along them; outside lies to the right.
    seen_m : float array, shape (n, 4)
        Breadth as seen from far off on each of `SIDES`; 0 where it cannot be seen from there.
    """

    xy: Floats
    direction: Floats
    seen_m: Floats


def outline_steps(area: Any) -> Steps:
    """Cut the outer rings of an area into steps of about 10 m."""
    xy, direction, length, rings = [], [], [], []
    for part in shapely.orient_polygons(shapely.get_parts(area)):  # outside lies to the right
        ring = shapely.simplify(shapely.get_exterior_ring(part), SMOOTH_M)
        length_m = shapely.length(ring)
        count = max(4, round(length_m / STEP_M))
        at = (np.arange(count) + 0.5) * (length_m / count)
        middle, before, after = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, at + shift))
            for shift in (0.0, -0.5, 0.5)
        )
        way = after - before
        size = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
        xy.append(middle)
        direction.append(way / size[:, None])
        length.append(np.full(count, length_m / count))
        rings.append(ring)
    points, way = np.concatenate(xy), np.concatenate(direction)
    outline = shapely.multipolygons([shapely.polygons(ring) for ring in rings])
    return Steps(points, way, _seen(points, way, np.concatenate(length), outline))


def _seen(xy: Floats, way: Floats, length_m: Floats, outline: Any) -> Floats:
    """Return the breadth of each step as seen from far off in the east, south, west and north."""
    normal = np.column_stack([way[:, 1], -way[:, 0]])
    facing = normal @ TOWARDS.T
    west, south, east, north = shapely.bounds(outline).tolist()
    far = (east - west) + (north - south) + 1.0
    shapely.prepare(outline)
    seen = np.zeros(facing.shape)
    for side, towards in enumerate(TOWARDS):
        rows = np.flatnonzero(facing[:, side] >= FACING_COS)
        sight = np.stack([xy[rows] + towards * ACROSS_M, xy[rows] + towards * far], axis=1)
        free = ~shapely.intersects(outline, shapely.linestrings(sight))
        seen[rows[free], side] = facing[rows[free], side] * length_m[rows[free]]
    return seen
