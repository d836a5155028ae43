"""Where the gaps between units are, and into which pieces barriers cut them."""

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.territory.coverage import Geometries

#: Pieces thinner than this are rounding along a border, not ground.
THIN_M = 0.02
#: Corners sharper than 60 degrees are blunted: a street that tapers counts as a gap, a corner not.
MITRE_LIMIT = 2.0
#: More of a part than this may not get lost in cutting it.
LOST_SHARE = 1e-6


def closing(union: shapely.Geometry, gap_m: float) -> shapely.Geometry:
    """Morphological closing with mitred corners: gaps up to ``gap_m`` wide fill, straight across.

    Mitred instead of round, so that a concave corner of the rim stays a corner and the mouth of a
    street closes flat between the corners of its two sides.
    """
    grown = shapely.buffer(union, gap_m / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
    return shapely.buffer(grown, -gap_m / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)


def gap_parts(union: shapely.Geometry, gap_m: float) -> Geometries:
    """Return the connected parts of the closing that no unit covers, rounding left out."""
    parts = shapely.get_parts(shapely.difference(closing(union, gap_m), union))
    parts = parts[shapely.area(parts) > 0]
    # the first test is cheap and settles nearly all the rounding along long borders
    parts = parts[2 * shapely.area(parts) > THIN_M / 10 * shapely.length(parts)]
    core = shapely.buffer(parts, -THIN_M / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
    return parts[~shapely.is_empty(core)]


def is_enclosed(parts: Geometries, union: shapely.Geometry) -> NDArray[np.bool_]:
    """Whether each part is a hole of the union, as against a notch in its rim."""
    rings, polygon = shapely.get_rings(shapely.get_parts(union), return_index=True)
    inner = np.r_[False, polygon[1:] == polygon[:-1]]  # the first ring of each is its outline
    holes = np.asarray(shapely.polygons(rings[inner]), dtype=object)
    points = shapely.point_on_surface(parts)
    enclosed = np.zeros(len(parts), dtype=bool)
    if len(holes) and len(parts):
        enclosed[shapely.STRtree(holes).query(points, predicate="within")[0]] = True
    return enclosed


def cut(parts: Geometries, lines: Geometries) -> Geometries:
    """Cut the parts along the lines; a line that ends inside a part does not cut it.

    Returns
    -------
    object array
        Polygons whose union is that of the parts.
    """
    if not len(lines) or not len(parts):
        return parts
    at, which = shapely.STRtree(lines).query(parts, predicate="intersects")
    touched = np.unique(at)
    if not len(touched):
        return parts
    faces = faces_of([*shapely.boundary(parts[touched]), *lines[np.unique(which)]])
    face, part = shapely.STRtree(parts[touched]).query(
        shapely.point_on_surface(faces), predicate="within"
    )
    whole = keeps_area(faces[face], part, parts[touched])
    uncut = np.concatenate([np.delete(parts, touched), parts[touched][~whole]])
    return np.concatenate([uncut, faces[face[whole[part]]]])


def faces_of(linework: list[shapely.Geometry]) -> Geometries:
    """Return the polygons that the lines enclose."""
    noded = shapely.get_parts(shapely.union_all(linework))
    return np.asarray(shapely.get_parts(shapely.polygonize(noded)))


def keeps_area(faces: Geometries, part: NDArray[np.intp], parts: Geometries) -> NDArray[np.bool_]:
    """Whether the faces of each part make up all of it.

    Lines that run along the outline of a part a hair's breadth away can spoil its faces; such a
    part is better left uncut than lost.
    """
    area = np.bincount(part, weights=shapely.area(faces), minlength=len(parts))
    missing = np.abs(area - shapely.area(parts))
    return np.asarray(missing <= LOST_SHARE * shapely.area(parts))
