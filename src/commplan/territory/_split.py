"""Give each point of a gap to the nearest unit around it: Voronoi regions of the gap's sides."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from commplan.territory.coverage import Geometries


@dataclass(frozen=True)
class Sides:
    """Sample points on the outlines of units.

    Parameters
    ----------
    xy : float64 array, shape (k, 2)
        Never at a vertex, where two units may meet.
    owner : int array, shape (k,)
        The unit on whose outline the point lies.
    """

    xy: NDArray[np.float64]
    owner: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> "Sides":
        """Return the samples at ``rows``."""
        return Sides(self.xy[rows], self.owner[rows])


def sample_outlines(polygons: Geometries, near: shapely.Geometry, spacing_m: float) -> Sides:
    """Sample the outlines of the polygons that touch ``near``, about every ``spacing_m``."""
    tree = shapely.STRtree(polygons)
    rows = np.sort(tree.query(near, predicate="intersects"))
    rings, ring_of = shapely.get_rings(polygons[rows], return_index=True)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    inner = at[1:] == at[:-1]
    start, end = xy[:-1][inner], xy[1:][inner]
    owner = rows[ring_of[at[:-1][inner]]]
    times = np.maximum(1, np.ceil(np.hypot(*(end - start).T) / spacing_m)).astype(np.intp)
    segment = np.repeat(np.arange(len(times)), times)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(times) - times, times)
    share = ((step + 0.5) / times[segment])[:, None]
    return Sides(start[segment] + share * (end - start)[segment], owner[segment])


def sides_of(parts: Geometries, sides: Sides, reach_m: float) -> list[NDArray[np.intp]]:
    """Rows of the samples that lie on the outline of each part."""
    tree = shapely.STRtree(shapely.points(sides.xy))
    part, row = tree.query(parts, predicate="dwithin", distance=reach_m)
    order = np.lexsort((row, part))
    return np.split(row[order], np.searchsorted(part[order], np.arange(1, len(parts))))


def split(part: shapely.Geometry, sides: Sides, straighten_m: float) -> Geometries:
    """Split a part of a gap along the lines that are equally far from the units around it.

    Parameters
    ----------
    part : polygon
    sides : Sides
        The samples on its outline, of two units or more.
    straighten_m : float
        The lines zigzag a little because the samples are discrete; they are straightened by at
        most this much.

    Returns
    -------
    object array
        Polygons whose union is the part.
    """
    lines = _middle_lines(sides)
    lines = shapely.simplify(lines, straighten_m)
    lines = lines[shapely.intersects(part, lines)]
    linework = shapely.union_all(np.append(lines, shapely.boundary(part)))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    shapely.prepare(part)
    return faces[shapely.contains(part, shapely.point_on_surface(faces))]


def nearest_owner(faces: Geometries, sides: Sides) -> NDArray[np.intp]:
    """Return the owner of the sample that is nearest to a point inside each face."""
    at = shapely.get_coordinates(shapely.point_on_surface(faces))
    distance, row = cKDTree(sides.xy).query(at, k=min(2, len(sides.xy)))
    if distance.ndim == 1:
        return sides.owner[row]
    tie = np.isclose(distance[:, 0], distance[:, 1], rtol=0, atol=1e-9)
    owner = sides.owner[row]
    return np.where(tie, owner.min(axis=1), owner[:, 0])


def _middle_lines(sides: Sides) -> Geometries:
    """Edges of the Voronoi diagram between samples of different units, joined into lines."""
    middle = sides.xy.mean(axis=0)
    xy = sides.xy - middle  # small numbers keep the diagram exact to micrometres
    far = 20 * (np.abs(xy).max() + 1)
    frame = far * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    owner = np.append(sides.owner, [-1] * len(frame))
    diagram = Voronoi(np.vstack([xy, frame]))
    pairs = owner[diagram.ridge_points]
    ends = np.asarray(diagram.ridge_vertices)
    keep = (pairs[:, 0] != pairs[:, 1]) & (pairs >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    segments = shapely.linestrings(diagram.vertices[ends[keep]] + middle)
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments)))
