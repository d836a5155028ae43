"""Give each point of a gap to the nearest unit around it: Voronoi regions of the gap's sides."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from commplan.territory._gaps import faces_of, keeps_area
from commplan.territory.coverage import Geometries


@dataclass(frozen=True)
class Sides:
    """Sample points on the outlines of units, each standing for a short straight stretch.

    Parameters
    ----------
    xy : float64 array, shape (k, 2)
        Never at a vertex, where two units may meet.
    owner : int array, shape (k,)
        The unit on whose outline the point lies.
    start, end : float64 array, shape (k, 2)
        The stretch.
    """

    xy: NDArray[np.float64]
    owner: NDArray[np.intp]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def length_m(self) -> NDArray[np.float64]:
        """Length of each stretch."""
        return np.asarray(np.hypot(*(self.end - self.start).T))

    def take(self, rows: NDArray[np.intp]) -> "Sides":
        """Return the samples at ``rows``."""
        return Sides(self.xy[rows], self.owner[rows], self.start[rows], self.end[rows])

    def join(self, other: "Sides") -> "Sides":
        """Return the samples of both."""
        return Sides(
            np.vstack([self.xy, other.xy]),
            np.concatenate([self.owner, other.owner]),
            np.vstack([self.start, other.start]),
            np.vstack([self.end, other.end]),
        )


def sample_outlines(polygons: Geometries, near: shapely.Geometry, spacing_m: float) -> Sides:
    """Sample the outlines of the polygons that touch ``near``, at most ``spacing_m`` apart."""
    tree = shapely.STRtree(polygons)
    rows = np.sort(tree.query(near, predicate="intersects"))
    parts, part_of = shapely.get_parts(polygons[rows], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    inner = at[1:] == at[:-1]
    start, end = xy[:-1][inner], xy[1:][inner]
    owner = rows[part_of[ring_of[at[:-1][inner]]]]
    times = np.maximum(1, np.ceil(np.hypot(*(end - start).T) / spacing_m)).astype(np.intp)
    segment = np.repeat(np.arange(len(times)), times)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(times) - times, times)
    along = ((end - start) / times[:, None])[segment]
    first = start[segment] + step[:, None] * along
    return Sides(first + along / 2, owner[segment], first, first + along)


def sides_of(parts: Geometries, sides: Sides, reach_m: float) -> list[NDArray[np.intp]]:
    """Rows of the samples within ``reach_m`` of each part."""
    if not len(parts):
        return []
    tree = shapely.STRtree(np.asarray(shapely.points(sides.xy), dtype=object))
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
    lines = middle_lines(sides)
    lines = shapely.simplify(lines, straighten_m)
    lines = lines[shapely.intersects(part, lines)]
    faces = faces_of([*lines, shapely.boundary(part)])
    shapely.prepare(part)
    faces = faces[shapely.contains(part, shapely.point_on_surface(faces))]
    whole = keeps_area(faces, np.zeros(len(faces), dtype=np.intp), np.array([part]))
    return faces if whole[0] else np.array([part])


def nearest_owner(faces: Geometries, sides: Sides) -> NDArray[np.intp]:
    """Return the owner of the stretch that is nearest to a point inside each face."""
    stretches = shapely.linestrings(np.stack([sides.start, sides.end], axis=1))
    tree = shapely.STRtree(np.asarray(stretches, dtype=object))
    face, stretch = tree.query_nearest(shapely.point_on_surface(faces))
    nearest = np.full(len(faces), np.iinfo(np.intp).max)
    np.minimum.at(nearest, face, sides.owner[stretch])  # of several, the first by id
    return nearest


def middle_lines(sides: Sides) -> Geometries:
    """Lines that are equally far from the two nearest units, up to the spacing of the samples.

    Each sample is first given its mirror image on the stretch opposite: between parallel walls the
    pairs then face each other, and the line runs straight down the middle.
    """
    sides = sides.join(_mirrored(sides))
    middle = sides.xy.mean(axis=0)
    mesh, xy = _mesh(sides.xy - middle)  # small numbers keep the centres exact to micrometres
    _, triangles = _pairs(mesh, sides.owner)
    used, ends = np.unique(triangles, return_inverse=True)
    centres = _circumcentres(xy[mesh.simplices[used]])[ends.reshape(-1, 2)]
    centres = centres[np.isfinite(centres).all(axis=(1, 2))]
    segments = shapely.linestrings(centres + middle)
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments)))


def _mirrored(sides: Sides) -> Sides:
    """Return, for each sample, the point opposite it on the nearest stretch of another unit."""
    mesh, _ = _mesh(sides.xy - sides.xy.mean(axis=0))
    pairs, _ = _pairs(mesh, sides.owner)
    i, j = np.vstack([pairs, pairs[:, ::-1]]).T
    along = sides.end[j] - sides.start[j]
    share = ((sides.xy[i] - sides.start[j]) * along).sum(axis=1) / (along * along).sum(axis=1)
    fits = np.flatnonzero((share > -1e-6) & (share < 1 + 1e-6))
    share = share.clip(0.002, 0.998)  # off the vertices, where two units may meet
    foot = sides.start[j] + share[:, None] * along
    distance = np.hypot(*(foot - sides.xy[i]).T)
    fits = fits[np.lexsort((j[fits], distance[fits], i[fits]))]
    fits = fits[np.r_[True, i[fits][1:] != i[fits][:-1]]] if len(fits) else fits
    # a mirror image beside the stretch's own sample adds nothing
    fits = fits[np.abs(share[fits] - 0.5) > 0.02]
    return Sides(foot[fits], sides.owner[j[fits]], sides.start[j[fits]], sides.end[j[fits]])


def _mesh(xy: NDArray[np.float64]) -> tuple[Delaunay, NDArray[np.float64]]:
    """Delaunay triangulation inside a far frame, so that no sample is on the hull."""
    far = 20 * (np.abs(xy).max() + 1)
    frame = far * np.array([[1, 0.01], [0.01, 1], [-1, 0.01], [0.01, -1]])
    xy = np.vstack([xy, frame])
    return Delaunay(xy), xy


def _pairs(mesh: Delaunay, owner: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbouring samples of different units, and the two triangles beside each pair."""
    owner = np.append(owner, np.full(4, -1))
    # side k of a triangle lies across from its vertex k; each side counts once
    triangle, k = np.nonzero(mesh.neighbors > np.arange(len(mesh.neighbors))[:, None])
    one = mesh.simplices[triangle, (k + 1) % 3]
    other = mesh.simplices[triangle, (k + 2) % 3]
    keep = (owner[one] != owner[other]) & (owner[one] >= 0) & (owner[other] >= 0)
    beside = np.column_stack([triangle, mesh.neighbors[triangle, k]])
    return np.column_stack([one, other])[keep].astype(np.intp), beside[keep].astype(np.intp)


def _circumcentres(triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centres of the circles through the corners, to a tenth of a millimetre.

    Parameters
    ----------
    triangles : float64 array, shape (k, 3, 2)

    Returns
    -------
    float64 array, shape (k, 2)
        Not finite for triangles without area. Rounded, so that four samples on one circle give
        the same centre twice.
    """
    a = triangles[:, 0]
    b, c = triangles[:, 1] - a, triangles[:, 2] - a
    b2, c2 = (b * b).sum(axis=1), (c * c).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        double = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
        x = (c[:, 1] * b2 - b[:, 1] * c2) / double
        y = (b[:, 0] * c2 - c[:, 0] * b2) / double
    return np.asarray(np.round(a + np.column_stack([x, y]), 4))
