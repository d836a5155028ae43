"""A clean coverage: polygons that share their borders vertex for vertex and never overlap."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[Any]  #: object array of shapely geometries

#: Vertices nearer than this become one; finer than any survey, coarser than rounding.
SNAP_M = 1e-3
#: Holes thinner than this are faults of drawing and go to the neighbour of the longest border.
SLIT_M = 0.05
#: Overlaps smaller than this are rounding and not worth a word.
ROUNDING_M2 = 1e-4


@dataclass(frozen=True)
class Overlaps:
    """What overlapped before a coverage was made clean.

    Parameters
    ----------
    first, second : int array, shape (k,)
        Positions of the pairs, first < second.
    area_m2 : float64 array, shape (k,)
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    area_m2: NDArray[np.float64]


def is_clean(polygons: Geometries) -> bool:
    """Whether the polygons are valid, do not overlap, and share borders vertex for vertex."""
    return bool(shapely.is_valid(polygons).all() and shapely.coverage_is_valid(polygons))


def find_overlaps(polygons: Geometries) -> Overlaps:
    """Return the pairs that overlap by more than rounding.

    Only polygons with an edge that breaks the coverage can overlap another, so that the cost is
    that of the faulty places, not of the whole area.
    """
    if is_clean(polygons):
        nothing = np.empty(0, dtype=np.intp)
        return Overlaps(nothing, nothing, np.empty(0))
    faulty = np.flatnonzero(shapely.length(shapely.coverage_invalid_edges(polygons)) > 0)
    part = polygons[faulty]
    a, b = shapely.STRtree(part).query(part, predicate="intersects")
    a, b = a[a < b], b[a < b]
    area = shapely.area(shapely.intersection(part[a], part[b]))
    keep = area > ROUNDING_M2
    return Overlaps(faulty[a[keep]], faulty[b[keep]], area[keep])


def make_clean(polygons: Geometries) -> Geometries:
    """Return the polygons as a clean coverage, row for row.

    An overlap goes to the smaller of its polygons (a compound drawn inside a block stays whole);
    slits under `SLIT_M` close; every vertex on a shared border becomes a vertex of both sides. A
    polygon that lies wholly under smaller ones comes back empty.

    Parameters
    ----------
    polygons : object array, shape (n,)
        Valid polygons or multipolygons, in an order that does not depend on the file's: it breaks
        ties.
    """
    if is_clean(polygons):
        return polygons
    return node(polygons, SLIT_M, "min_area")


def node(polygons: Geometries, gap_m: float, overlaps_to: str) -> Geometries:
    """Give the polygons common vertices along common borders, closing slits and overlaps.

    Parameters
    ----------
    polygons : object array, shape (n,)
    gap_m : float
        Holes thinner than this close.
    overlaps_to : str
        ``"min_area"`` or ``"min_index"``.
    """
    cleaned = shapely.coverage_clean(  # type: ignore[attr-defined, unused-ignore]
        polygons, gap_width=gap_m, snapping_distance=SNAP_M, merge_strategy=overlaps_to
    )
    return np.asarray(cleaned, dtype=object)


def dissolve(polygons: Geometries, owner: NDArray[np.intp], n: int) -> Geometries:
    """Merge the polygons of a clean coverage by owner.

    Parameters
    ----------
    polygons : object array, shape (k,)
    owner : int array, shape (k,)
        In 0..n-1.
    n : int

    Returns
    -------
    object array, shape (n,)
        Empty polygons for owners of nothing.
    """
    merged = np.full(n, shapely.Polygon(), dtype=object)
    keep = ~shapely.is_empty(polygons)
    polygons, owner = polygons[keep], owner[keep]
    order = np.argsort(owner, kind="stable")
    owners, start, count = np.unique(owner[order], return_index=True, return_counts=True)
    single = count == 1
    merged[owners[single]] = polygons[order[start[single]]]
    for who, at, many in zip(owners[~single], start[~single], count[~single], strict=True):
        merged[who] = shapely.coverage_union_all(polygons[order[at : at + many]])
    return merged


def reattach(blocks: Geometries, units: Geometries) -> Geometries:
    """Give parts of a block that do not touch its unit to the neighbour of the longest border.

    Parameters
    ----------
    blocks : object array, shape (n,)
        A clean coverage.
    units : object array, shape (n,)
        What each block must hold; a unit of several parts may stay so.
    """
    more = shapely.get_num_geometries(blocks) > shapely.get_num_geometries(units)
    if not more.any():
        return blocks
    blocks = blocks.copy()
    tree = shapely.STRtree(blocks)
    for row in np.flatnonzero(more):
        parts = shapely.get_parts(blocks[row])
        held = shapely.area(shapely.intersection(parts, units[row])) > ROUNDING_M2
        for part in parts[~held]:
            near = np.setdiff1d(tree.query(part, predicate="intersects"), [row])
            border = shapely.length(shapely.intersection(shapely.boundary(part), blocks[near]))
            if not len(near) or border.max() <= 0:
                held |= parts == part  # nobody beside it: it stays
                continue
            heir = near[np.argmax(border)]
            blocks[heir] = shapely.coverage_union_all([blocks[heir], part])
        blocks[row] = shapely.coverage_union_all(parts[held])
    return blocks
