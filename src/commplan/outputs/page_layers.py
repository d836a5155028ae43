"""What surrounds the communities on the page: barriers, streets, villages, amenities, isochrones."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from commplan.outputs.geometry import Packer, label_points, outline_lines, simplify_areas
from commplan.outputs.page_data import number, text
from commplan.territory.territory import Territory

#: Above these numbers a layer would cost the page more than it shows: streets become a grey mat.
MAX_STREETS = 25_000
MAX_AMENITIES = 5_000
#: Bands of the isochrones are drawn this coarsely, and without holes smaller than this: the middle of
#: a block lies off every street, and would speckle the map.
ISOCHRONE_M = 8.0
HOLE_M2 = 10_000.0


def barrier_record(territory: Territory, packer: Packer) -> dict[str, Any]:
    """Return kind -> packed lines and areas."""
    layer = territory.barriers
    held: dict[str, Any] = {}
    if layer is None or not len(layer):
        return held
    geometry = outline_lines(layer)
    is_area = np.isin(shapely.get_type_id(geometry), (3, 6))
    kinds = layer["kind"].astype(str).to_numpy()
    for kind in dict.fromkeys(kinds.tolist()):
        areas = geometry[(kinds == kind) & is_area]
        lines = geometry[(kinds == kind) & ~is_area]
        held[kind] = {
            "areas": [ring for rings in packer.areas(areas) for ring in rings],
            "lines": [part for parts in packer.lines(_merged(lines)) for part in parts],
        }
    return held


def street_lines(territory: Territory, packer: Packer) -> list[list[int]]:
    """Return the streets as a faint ground, none where there are too many for a page."""
    layer = territory.streets
    if layer is None or not 0 < len(layer) <= MAX_STREETS:
        return []
    merged = shapely.simplify(_merged(layer.geometry.to_numpy()), 2 * 1.5)
    return [part for parts in packer.lines(merged) for part in parts]


def _merged(lines: Any) -> Any:
    """Join lines that meet end to end, which halves the points to write."""
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    if not len(lines):
        return lines
    return np.asarray([shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines)))])


def village_records(territory: Territory, packer: Packer) -> list[dict[str, Any]]:
    """Return the villages with a label point, and rings where they have an area."""
    layer = territory.villages
    if layer is None:
        return []
    geometry = layer.geometry.to_numpy()
    is_area = np.isin(shapely.get_type_id(geometry), (3, 6))
    rings: list[Any] = [[] for _ in geometry]
    for row, ring in zip(
        np.flatnonzero(is_area), packer.areas(simplify_areas(geometry[is_area])), strict=True
    ):
        rings[row] = ring
    points = packer.points(label_points(geometry))
    return [
        {
            "id": text(row.village_id),
            "name": text(row.name) or text(row.village_id),
            "town": text(row.township_id),
            "pop": number(row.population),
            "hh": number(row.households),
            "at": at,
            "rings": ring,
        }
        for row, at, ring in zip(layer.itertuples(index=False), points, rings, strict=True)
    ]


def amenity_record(territory: Territory, packer: Packer) -> dict[str, Any]:
    """Return kind -> points, none where there are too many for a page."""
    layer = territory.amenities
    if layer is None or not 0 < len(layer) <= MAX_AMENITIES:
        return {}
    points = packer.points(shapely.centroid(layer.geometry.to_numpy()))
    held: dict[str, list[Any]] = {}
    for kind, at in zip(layer["kind"].astype(str), points, strict=True):
        if at is not None:
            held.setdefault(kind, []).append(at)
    return held


def isochrone_record(isochrones: gpd.GeoDataFrame | None, packer: Packer) -> list[dict[str, Any]]:
    """Return one record per band of minutes: the ground reached from any room, rings."""
    if isochrones is None or not len(isochrones):
        return []
    metric = isochrones.to_crs(packer.crs) if isochrones.crs is not None else isochrones
    records = []
    for minutes, band in metric.groupby("minutes", sort=True):
        whole = _without_small_holes(shapely.union_all(band.geometry.to_numpy()))
        ground = shapely.simplify(whole, ISOCHRONE_M)
        if not shapely.is_empty(ground):
            records.append({"minutes": number(minutes), "rings": packer.areas([ground])[0]})
    return records


def _without_small_holes(ground: Any) -> Any:
    """Return areas without the holes that are smaller than ``HOLE_M2``."""
    parts = []
    for part in shapely.get_parts(ground):
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area >= HOLE_M2]
        parts.append(shapely.Polygon(part.exterior, holes))
    return shapely.multipolygons(parts)
