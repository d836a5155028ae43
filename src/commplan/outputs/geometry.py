"""Geometry for screens: simplified as a coverage, in degrees, packed as whole numbers."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

#: 1e-6 degrees, 0.11 m: below what any screen or hearing needs
UNITS_PER_DEGREE = 1_000_000
#: Corners that stand out less than this are dropped from the page (never from the figures).
SIMPLIFY_M = 1.5

Ring = list[int]


@dataclass(frozen=True)
class Packer:
    """Turns metric geometry into lists of whole numbers.

    A ring is ``[x0, y0, dx, dy, dx, dy, ...]`` in 1e-6 degrees: its first point from ``origin``,
    then steps; it is not closed. Rings of one area fill by the even-odd rule, so parts and holes
    need no telling apart.

    Parameters
    ----------
    crs : pyproj.CRS
        Of what is packed.
    origin : (int, int)
        Longitude and latitude in 1e-6 degrees.
    """

    crs: pyproj.CRS
    origin: tuple[int, int]

    def areas(self, geometry: Any) -> list[list[Ring]]:
        """Pack polygons: the rings of each."""
        parts, part_of = shapely.get_parts(np.asarray(geometry, dtype=object), return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        owners = part_of[ring_of]
        return _by_owner(self._steps(rings, closed=True), owners, len(geometry))

    def lines(self, geometry: Any) -> list[list[Ring]]:
        """Pack lines (a polygon gives its outline): the parts of each."""
        parts, part_of = shapely.get_parts(np.asarray(geometry, dtype=object), return_index=True)
        return _by_owner(self._steps(parts, closed=False), part_of, len(geometry))

    def points(self, geometry: Any) -> list[list[int] | None]:
        """Pack points (``[x, y]``), None for those that are missing or empty."""
        array = np.asarray(geometry, dtype=object)
        there = ~(shapely.is_missing(array) | shapely.is_empty(array))
        found = iter(self._whole(shapely.get_coordinates(array[there])).tolist())
        return [next(found) if ok else None for ok in there]

    def _whole(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        change = _to_degrees(self.crs)
        lon, lat = change.transform(xy[:, 0], xy[:, 1])
        degrees = np.column_stack([lon, lat]).reshape(-1, 2)
        whole = np.rint(degrees * UNITS_PER_DEGREE).astype(np.int64)
        shifted: NDArray[np.int64] = whole - np.asarray(self.origin, dtype=np.int64)
        return shifted

    def _steps(self, lines: NDArray[Any], *, closed: bool) -> list[Ring]:
        xy, line_of = shapely.get_coordinates(lines, return_index=True)
        if not len(xy):
            return [[] for _ in lines]
        whole = self._whole(xy)
        steps = np.diff(whole, axis=0, prepend=whole[:1])
        first = np.r_[True, line_of[1:] != line_of[:-1]]
        last = np.r_[line_of[1:] != line_of[:-1], True]
        steps[first] = whole[first]
        keep = first | (steps != 0).any(axis=1)
        if closed:
            keep &= first | ~last  # the ring closes by itself
        counts = np.bincount(line_of[keep], minlength=len(lines))
        flat = steps[keep].ravel().tolist()
        ends = np.cumsum(counts) * 2
        return [flat[a:b] for a, b in zip(ends - counts * 2, ends, strict=True)]


@cache
def _to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the way to longitude and latitude; finding one takes PROJ a tenth of a second."""
    return pyproj.Transformer.from_crs(crs, 4326, always_xy=True)


def make_packer(crs: pyproj.CRS, geometry: Any) -> Packer:
    """Return a packer whose origin is the south-west corner of ``geometry``."""
    west, south, east, north = shapely.total_bounds(np.asarray(geometry, dtype=object))
    corners = _to_degrees(crs).transform_bounds(west, south, east, north)
    return Packer(crs, (round(corners[0] * UNITS_PER_DEGREE), round(corners[1] * UNITS_PER_DEGREE)))


def _by_owner(items: list[Ring], owners: NDArray[np.int64], n: int) -> list[list[Ring]]:
    held: list[list[Ring]] = [[] for _ in range(n)]
    for owner, item in zip(owners.tolist(), items, strict=True):
        if len(item) >= 4:
            held[owner].append(item)
    return held


def simplify_areas(geometry: Any, tolerance_m: float = SIMPLIFY_M) -> NDArray[Any]:
    """Simplify polygons together, so that shared borders stay shared.

    An area that would vanish keeps its own shape.
    """
    array = np.asarray(geometry, dtype=object).copy()
    areas = np.isin(shapely.get_type_id(array), (3, 6))
    if areas.any():
        simple = shapely.coverage_simplify(array[areas], tolerance_m)
        lost = shapely.is_empty(simple) | shapely.is_missing(simple)
        array[areas] = np.where(lost, array[areas], simple)
    return array


def label_points(geometry: Any) -> NDArray[Any]:
    """Return a point well inside each polygon, where a name is put."""
    array = np.asarray(geometry, dtype=object)
    points = shapely.point_on_surface(array)
    good = np.isin(shapely.get_type_id(array), (3, 6)) & (shapely.area(array) > 0)
    if good.any():
        # A twentieth of the diameter is near enough for a name.
        size = np.sqrt(shapely.area(array[good]))
        circles = shapely.maximum_inscribed_circle(array[good], np.maximum(size / 20, 1.0))
        points[good] = shapely.get_point(circles, 0)
    return points


def near_pairs(geometry: Any, distance_m: float) -> NDArray[np.int64]:
    """Return the pairs of areas at most ``distance_m`` apart, shape (m, 2), first < second."""
    array = np.asarray(geometry, dtype=object)
    if not len(array):
        return np.zeros((0, 2), dtype=np.int64)
    tree = shapely.STRtree(array)
    pairs = tree.query(array, predicate="dwithin", distance=distance_m).T
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)


def outline_lines(layer: gpd.GeoDataFrame, tolerance_m: float = SIMPLIFY_M) -> NDArray[Any]:
    """Simplify each geometry by itself, for lines that share nothing."""
    return np.asarray(shapely.simplify(layer.geometry.to_numpy(), tolerance_m))
