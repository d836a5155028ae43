"""GCJ-02 and BD-09, the shifted degrees of Chinese web maps, to WGS 84 and back.

GCJ-02 moves every point in China by some 100 to 700 m; BD-09 moves that once more by about a
kilometre. Neither has an EPSG code or an official description in public. The formulas are those
that became known in 2010 and that the open libraries share (googollee/eviltransform, whose sample
points the tests use; Wikipedia, "Restrictions on geographic data in China"). The example answers in
the documentation of the conversion services are met within 5 cm (Amap), 1 m (Baidu) and 2 m
(Alibaba): `tests/territory/test_shifted.py`.

CGCS2000 is taken as WGS 84: the two differ by decimetres, less than a border is drawn to.
"""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
Shapes = NDArray[np.object_]

#: The ellipsoid in the formula: Krasovsky 1940.
_AXIS_M, _ECCENTRICITY2 = 6378245.0, 0.00669342162296594323
#: Outside of this box (west, south, east, north) the formula moves nothing.
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_BD_TURN = np.pi * 3000 / 180
#: A step leaves less than 2 % of the error, which begins under 0.02 degrees.
_STEPS = 10
_METRES_PER_DEGREE = 111_320.0

_GCJ02 = ("GCJ-02", "GCJ02", "MARS", "火星坐标系")
_BD09 = ("BD-09", "BD09", "BD-09LL", "BD09LL", "百度坐标系")


def shifted_name(text: str) -> str | None:
    """Return ``"GCJ-02"`` or ``"BD-09"`` where ``text`` names one of them, else None."""
    name = text.strip().upper()
    return "GCJ-02" if name in _GCJ02 else "BD-09" if name in _BD09 else None


def to_gcj02(lon_lat: Degrees) -> Degrees:
    """Shift WGS 84 degrees, shape (n, 2), longitude first, to GCJ-02."""
    return np.where(_is_shifted(lon_lat), lon_lat + _gcj02_shift(lon_lat), lon_lat)


def from_gcj02(lon_lat: Degrees) -> Degrees:
    """Shift GCJ-02 degrees, shape (n, 2), back to WGS 84, exactly as the formula has it."""
    inverse = _inverse(lambda degrees: degrees + _gcj02_shift(degrees), lon_lat)
    return np.where(_is_shifted(lon_lat), inverse, lon_lat)


def to_bd09(lon_lat: Degrees) -> Degrees:
    """Shift WGS 84 degrees, shape (n, 2), to BD-09."""
    return _gcj02_to_bd09(to_gcj02(lon_lat))


def from_bd09(lon_lat: Degrees) -> Degrees:
    """Shift BD-09 degrees, shape (n, 2), back to WGS 84."""
    return from_gcj02(_inverse(_gcj02_to_bd09, lon_lat))


def unshift(shapes: Shapes, name: str) -> tuple[Shapes, float]:
    """Convert geometry from GCJ-02 or BD-09 to WGS 84 degrees.

    Parameters
    ----------
    shapes : object array
        Geometry in degrees, heights (if any) kept; None stays.
    name : str
        ``"GCJ-02"`` or ``"BD-09"``.

    Returns
    -------
    (object array, float)
        The geometry in WGS 84, and by how many metres its points moved on average (0 for none).
    """
    back = from_gcj02 if name == "GCJ-02" else from_bd09
    moved = np.array(shapes, dtype=object)
    before = shapely.get_coordinates(moved)
    for has_z in (False, True):
        rows = shapely.has_z(moved) == has_z
        given = shapely.get_coordinates(moved[rows], include_z=has_z)
        given[:, :2] = back(given[:, :2])
        moved[rows] = shapely.set_coordinates(moved[rows], given)
    if not len(before):
        return moved, 0.0
    steps = (shapely.get_coordinates(moved) - before) * _METRES_PER_DEGREE
    steps[:, 0] *= np.cos(np.radians(before[:, 1]))
    return moved, float(np.hypot(*steps.T).mean())


def _is_shifted(lon_lat: Degrees) -> NDArray[np.bool_]:
    west, south, east, north = _BOX
    lon, lat = lon_lat[:, :1], lon_lat[:, 1:]
    inside: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _gcj02_shift(lon_lat: Degrees) -> Degrees:
    """Return by how many degrees WGS 84 degrees are shifted, shape (n, 2)."""
    x, y = lon_lat[:, 0] - 105.0, lon_lat[:, 1] - 35.0
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = waves + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)
    east += 150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)
    north = waves + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)
    north += 160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)
    root = np.sqrt(np.abs(x))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + north * 2 / 3
    lat = np.radians(lon_lat[:, 1])
    flat = 1 - _ECCENTRICITY2 * np.sin(lat) ** 2
    across_m = _AXIS_M / np.sqrt(flat) * np.cos(lat)
    along_m = _AXIS_M * (1 - _ECCENTRICITY2) / flat**1.5
    shift: Degrees = np.degrees(np.column_stack([east_m / across_m, north_m / along_m]))
    return shift


def _gcj02_to_bd09(lon_lat: Degrees) -> Degrees:
    x, y = lon_lat[:, 0], lon_lat[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _inverse(forward: Callable[[Degrees], Degrees], target: Degrees) -> Degrees:
    """Return what ``forward`` takes to ``target``, step by step from the target itself."""
    found = np.array(target, dtype=float)
    for _ in range(_STEPS):
        found -= forward(found) - target
    return found
