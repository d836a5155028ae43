"""Which villages are neighbours, and along how many kilometres: from polygons or from points."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from commplan.findings import Finding, Severity
from commplan.graph.borders import shared_borders
from commplan.graph.options import GraphOptions
from commplan.territory.blocks import close_gaps

Floats = NDArray[np.float64]
HOUSE = "house choice"


@dataclass(frozen=True)
class Neighbours:
    """Pairs of neighbouring villages, and the ground of each.

    Parameters
    ----------
    tail, head : int32 array, shape (m,)
        tail < head.
    border_km : float64 array, shape (m,)
        0 where villages are points.
    area_km2 : float64 array, shape (n,)
        0 where villages are points.
    findings : tuple of Finding
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    border_km: Floats
    area_km2: Floats
    findings: tuple[Finding, ...] = ()


def find_neighbours(villages: gpd.GeoDataFrame, gap_m: float, reach_km: float) -> Neighbours:
    """Find who borders on whom.

    Areas are neighbours as units are: their gaps up to ``gap_m`` are closed first, overlaps are
    settled, and at least 1 m of border is shared. Villages given as points (one point suffices) are
    neighbours in the Delaunay triangulation of their places, up to ``reach_km`` apart.

    Parameters
    ----------
    villages : GeoDataFrame
        With ``village_id``, in a metric CRS.
    gap_m : float
    reach_km : float

    Returns
    -------
    Neighbours
        By position in ``villages``.
    """
    shapes = np.asarray(villages.geometry.array, dtype=object)
    if (shapely.get_dimensions(shapes) == 2).all():
        return _of_areas(villages, gap_m)
    return _of_points(villages, reach_km)


def seat_points(shapes: NDArray[Any]) -> Floats:
    """Places of the seats in metres, shape (n, 2): the point, else the middle of the area.

    Where the middle lies outside (a crescent), a point inside is taken instead.
    """
    middle = shapely.centroid(shapes)
    areal = shapely.get_dimensions(shapes) == 2
    outside = areal & ~shapely.intersects(shapes, middle)
    middle[outside] = shapely.point_on_surface(shapes[outside])
    return np.asarray(shapely.get_coordinates(middle))


def _of_areas(villages: gpd.GeoDataFrame, gap_m: float) -> Neighbours:
    ground, _ = close_gaps(villages.rename(columns={"village_id": "unit_id"}), None, gap_m)
    blocks = np.asarray(ground.array, dtype=object)
    borders = shared_borders(blocks)
    keep = borders.length_m >= GraphOptions().neighbour_min_m
    return Neighbours(
        borders.tail[keep],
        borders.head[keep],
        borders.length_m[keep] / 1000.0,
        shapely.area(blocks) / 1e6,
    )


def _of_points(villages: gpd.GeoDataFrame, reach_km: float) -> Neighbours:
    shapes = np.asarray(villages.geometry.array, dtype=object)
    xy = seat_points(shapes)
    place, of = np.unique(xy, axis=0, return_inverse=True)
    of = of.reshape(-1)
    first = np.unique(of, return_index=True)[1]
    pairs = {tuple(sorted((int(first[a]), int(first[b])))) for a, b in _triangulated(place)}
    pairs |= {(int(first[of[i]]), i) for i in range(len(xy)) if first[of[i]] != i}
    ends = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    apart_km = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T) / 1000.0
    ends = ends[apart_km <= reach_km]
    params: dict[str, object] = {"km": f"{reach_km:g}"}
    found = Finding("villages.points", Severity.WARNING, params, layer="villages", clause=HOUSE)
    none = np.zeros(len(ends))
    area_km2 = shapely.area(shapes) / 1e6
    return Neighbours(ends[:, 0].copy(), ends[:, 1].copy(), none, area_km2, (found,))


def _triangulated(place: Floats) -> set[tuple[int, int]]:
    """Sides of the triangles; along a line, where there are none, each with the next."""
    along = pairwise(np.lexsort((place[:, 1], place[:, 0])).tolist())
    if len(place) < 3:
        return set(along)
    try:
        corners = Delaunay(place).simplices
    except QhullError:
        return set(along)
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return {(int(a), int(b)) for a, b in np.unique(np.sort(sides, axis=1), axis=0)}
