"""One metric CRS for every layer, and the usual mix-ups: degrees for metres, wrong zone, x for y."""

import math

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

_GK_FIRST_MERIDIAN = 75  # EPSG:4534, "CGCS2000 / 3-degree Gauss-Kruger CM 75E"; 4554 is CM 135E
_GK_FIRST_CODE, _GK_LAST_CODE = 4534, 4554
_SCALE_TOLERANCE = 0.005  # a 6-degree zone stretches lengths by up to 0.2 % at its edge
_AREA_MARGIN_DEG = 3.0  # cities keep one zone beyond its edge
_ZONE_PREFIX_M = 10_000_000.0  # x of 39,500,000 begins with the number of its zone, 39

Bounds = tuple[float, float, float, float]


def parse_crs(text: str) -> pyproj.CRS | None:
    """Return the CRS that ``text`` names, or None where pyproj knows none such."""
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError:
        return None
    return crs.to_2d() if len(crs.axis_info) == 3 else crs


def is_metric(crs: pyproj.CRS) -> bool:
    """Whether ``crs`` is projected with both axes in metres."""
    axes = crs.axis_info[:2]
    return crs.is_projected and all(math.isclose(a.unit_conversion_factor, 1.0) for a in axes)


def total_bounds(bounds: NDArray[np.float64]) -> Bounds | None:
    """Join bounds of shape (n, 4); None where there is nothing but empty geometry."""
    finite = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(finite):
        return None
    low, high = finite[:, :2].min(axis=0), finite[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def crs_fault(crs: pyproj.CRS, bounds: Bounds) -> tuple[str, dict[str, object]] | None:
    """Name what is wrong between a CRS and the coordinates it is said to belong to.

    Parameters
    ----------
    crs : pyproj.CRS
    bounds : tuple
        (x min, y min, x max, y max), x the easting or longitude (GIS order).

    Returns
    -------
    (str, dict) or None
        Key and parameters of the sentence.
    """
    params: dict[str, object] = {"crs": crs_name(crs), "x": bounds[0], "y": bounds[1]}
    if crs.is_geographic:
        return _degree_fault(bounds, params)
    if is_metric(crs) and _looks_like_degrees(bounds):
        return "territory.degrees_as_metres", params
    return _area_fault(crs, bounds, params)


def choose_crs(stated: pyproj.CRS, bounds: Bounds) -> pyproj.CRS:
    """Choose the metric CRS that fits the data.

    The data's own where it is metric and stretches lengths by less than half a per cent there;
    else the CGCS2000 3-degree Gauss-Krüger zone of the data's middle, where China uses it; else
    the UTM zone.

    Parameters
    ----------
    stated : pyproj.CRS
        Of the layer that leads (units, else villages).
    bounds : tuple
        Of that layer, in ``stated``.
    """
    lon, lat = _middle(stated, bounds)
    if is_metric(stated) and _stretch(stated, lon, lat) < _SCALE_TOLERANCE:
        return stated
    code = _GK_FIRST_CODE + round((lon - _GK_FIRST_MERIDIAN) / 3)
    if _GK_FIRST_CODE <= code <= _GK_LAST_CODE:
        zone = pyproj.CRS.from_epsg(code)
        if _in_area(zone, lon, lat, 0.0):
            return zone
    band = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + band)


def fits(crs: pyproj.CRS, stated: pyproj.CRS, bounds: Bounds) -> bool:
    """Whether ``crs`` is meant for the middle of ``bounds``, which are in ``stated``."""
    return _in_area(crs, *_middle(stated, bounds), _AREA_MARGIN_DEG)


def crs_name(crs: pyproj.CRS) -> str:
    """Return "EPSG:4549 (CGCS2000 / ...)", or the name alone where it has no code."""
    authority = crs.to_authority()
    return f"{':'.join(authority)} ({crs.name})" if authority else crs.name


def _degree_fault(
    bounds: Bounds, params: dict[str, object]
) -> tuple[str, dict[str, object]] | None:
    x, y = max(map(abs, bounds[::2])), max(map(abs, bounds[1::2]))
    if y > 90 and y <= 180 and x <= 90:
        return "territory.axes_swapped", params
    if x > 360 or y > 90:
        return "territory.metres_as_degrees", params
    return None


def _looks_like_degrees(bounds: Bounds) -> bool:
    return max(map(abs, bounds[::2])) <= 180 and max(map(abs, bounds[1::2])) <= 90


def _area_fault(
    crs: pyproj.CRS, bounds: Bounds, params: dict[str, object]
) -> tuple[str, dict[str, object]] | None:
    if _in_area(crs, *_middle(crs, bounds), _AREA_MARGIN_DEG):
        return None
    swapped = (bounds[1], bounds[0], bounds[3], bounds[2])
    if _in_area(crs, *_middle(crs, swapped), _AREA_MARGIN_DEG):
        return "territory.axes_swapped", params
    prefixed = bounds[0] > _ZONE_PREFIX_M
    if prefixed != (_false_easting(crs) > _ZONE_PREFIX_M):
        code = "territory.zone_prefix" if prefixed else "territory.no_zone_prefix"
        return code, {**params, "zone": int(bounds[0] // 1e6)}
    return "territory.outside_crs", params


def _middle(crs: pyproj.CRS, bounds: Bounds) -> tuple[float, float]:
    """Longitude and latitude of the middle of ``bounds``; infinite where there is none."""
    base = crs.geodetic_crs or pyproj.CRS.from_epsg(4326)
    there = pyproj.Transformer.from_crs(crs, base, always_xy=True)
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    lon, lat = there.transform(x, y)
    return float(lon), float(lat)


def _in_area(crs: pyproj.CRS, lon: float, lat: float, margin_deg: float) -> bool:
    """Whether a point lies in the CRS's area of use; a CRS without one is taken at its word."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return False
    area = crs.area_of_use
    if area is None:
        return True
    west, east = area.west - margin_deg, area.east + margin_deg
    inside = west <= lon <= east or area.west > area.east  # across the date line
    return inside and area.south - margin_deg <= lat <= area.north + margin_deg


def _false_easting(crs: pyproj.CRS) -> float:
    operation = crs.coordinate_operation
    found = (p.value for p in operation.params if p.name == "False easting") if operation else ()
    return float(next(iter(found), 0.0))


def _stretch(crs: pyproj.CRS, lon: float, lat: float) -> float:
    """By how much lengths are off at a point: 0.001 is a metre in a kilometre."""
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    return max(abs(factors.meridional_scale - 1), abs(factors.parallel_scale - 1))
