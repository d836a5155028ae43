"""Layers brought to one place: repaired, projected into the working CRS, joined, sorted by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from commplan.errors import Fault, InputError
from commplan.findings import Finding, Severity
from commplan.territory import check
from commplan.territory.files import shown_path
from commplan.territory.read import ReadLayer
from commplan.territory.repair import repair_polygons
from commplan.territory.schema import LAYERS, Holds, Layer
from commplan.territory.values import objects
from commplan.texts import input_error

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Placed:
    """A layer in the working CRS, repaired and sorted, and what was noticed on the way."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def place_layers(
    layers: Mapping[str, Sequence[ReadLayer]], target: pyproj.CRS
) -> dict[str, Placed]:
    """Bring every layer into the working CRS.

    Parameters
    ----------
    layers : mapping
        Name -> its files as read, one or several.
    target : pyproj.CRS

    Raises
    ------
    InputError
        Coordinates that the CRS cannot hold, or an id that stands in two files of a layer.
    """
    faults: list[Fault] = []
    placed = {}
    for name, parts in layers.items():
        faults += _ids_in_two_files(parts)
        try:
            placed[name] = _joined(LAYERS[name], [_placed(part, target) for part in parts])
        except InputError as error:
            faults += error.faults
    if faults:
        raise input_error(faults)
    return placed


def _joined(layer: Layer, parts: Sequence[Placed]) -> Placed:
    frame = parts[0].frame
    if len(parts) > 1:
        frame = gpd.GeoDataFrame(pd.concat([part.frame for part in parts], ignore_index=True))
    if layer.sort_by:
        frame = frame.sort_values(layer.sort_by, kind="stable", na_position="last")
    return Placed(frame.reset_index(drop=True), tuple(f for part in parts for f in part.findings))


def _ids_in_two_files(parts: Sequence[ReadLayer]) -> list[Fault]:
    faults = []
    seen: dict[str, str] = {}
    for part in parts:
        layer, file = LAYERS[part.source.layer], shown_path(part.source)
        if not layer.sort_by or layer.column(layer.sort_by).holds is not Holds.ID:
            return []
        ids = part.table[layer.sort_by].tolist()
        faults += [
            Fault("territory.id_in_two_files", {"id": value, "first": seen[value]}, file,
                  layer.name, layer.sort_by, row)
            for value, row in zip(ids, part.numbers.tolist(), strict=True)
            if value in seen
        ]  # fmt: skip
        seen |= dict.fromkeys(ids, file)
    return faults


def _placed(layer: ReadLayer, target: pyproj.CRS) -> Placed:
    """Repair one file's rows and leave out what has no place."""
    spec = LAYERS[layer.source.layer]
    labels = layer.numbers.astype(str).astype(object)
    if spec.sort_by:
        labels = objects(layer.table[spec.sort_by])
        labels[labels == None] = "—"  # noqa: E711 - element by element
    shapes, findings = _mended(layer, labels, target)
    frame = gpd.GeoDataFrame(layer.table, geometry=gpd.GeoSeries(list(shapes), crs=target))
    if layer.shapes is not None:
        empty = np.asarray(shapely.is_missing(shapes))
        findings += _empty_findings(layer, labels, empty)
        frame = frame if not spec.needs_geometry else frame[~empty]
    return Placed(frame, tuple(findings))


def _mended(
    layer: ReadLayer, labels: NDArray[np.object_], target: pyproj.CRS
) -> tuple[Shapes, list[Finding]]:
    """Repair polygons where they were drawn, project them, and repair what that broke.

    Faults of 1e-15 degrees vanish in projection, and new ones can come: both are told.
    """
    shapes, spec = layer.shapes, LAYERS[layer.source.layer]
    if shapes is None:
        return np.full(len(layer.table), None, dtype=object), []
    if "polygon" not in spec.shapes:
        return _projected(layer, shapes, target), []
    areal = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6, 7)))
    before = repair_polygons(shapes[areal])
    whole = shapes.copy()
    whole[areal] = before.shapes
    whole = _projected(layer, whole, target)
    moved = whole[areal]
    after = repair_polygons(moved)
    whole[areal] = after.shapes
    given = _moved(layer, shapes[areal][before.invalid], target)
    findings = check.repair_findings(
        spec.name, labels[areal], before, _change_m2(given, after.shapes[before.invalid])
    )
    findings += check.repair_findings(
        spec.name,
        labels[areal],
        after,
        _change_m2(moved[after.invalid], after.shapes[after.invalid]),
    )
    return whole, findings


def _change_m2(given: Shapes, kept: Shapes) -> NDArray[np.float64]:
    return np.abs(np.nan_to_num(shapely.area(given)) - np.nan_to_num(shapely.area(kept)))


def _moved(layer: ReadLayer, shapes: Shapes, target: pyproj.CRS) -> Shapes:
    if layer.crs is None or layer.crs == target or not len(shapes):
        return shapes
    moved = gpd.GeoSeries(list(shapes), crs=layer.crs).to_crs(target)
    return np.array(moved.array, dtype=object)


def _projected(layer: ReadLayer, shapes: Shapes, target: pyproj.CRS) -> Shapes:
    """Bring the layer into the working CRS; a coordinate that it cannot hold is a fault."""
    moved = _moved(layer, shapes, target)
    there = ~(shapely.is_missing(moved) | shapely.is_empty(moved))
    lost = there & ~np.isfinite(shapely.bounds(moved)).all(axis=1)
    if lost.any():
        file, name = shown_path(layer.source), layer.source.layer
        rows = layer.numbers[lost].tolist()
        raise input_error([Fault("territory.off_the_map", {}, file, name, row=row) for row in rows])
    return moved


def _empty_findings(
    layer: ReadLayer, labels: NDArray[np.object_], empty: NDArray[np.bool_]
) -> list[Finding]:
    """Say who has no place; a unit without one is left out of the plan, and that is an error."""
    if not empty.any():
        return []
    name = layer.source.layer
    ids, row = tuple(map(str, labels[empty])), int(layer.numbers[empty][0])
    params: dict[str, object] = {"rows": int(empty.sum())}
    if name != "units":
        return [Finding("territory.empty", Severity.WARNING, params, ids, name, row)]
    params["households"] = int(layer.table["households"].to_numpy()[empty].sum())
    return [Finding("territory.empty_unit", Severity.ERROR, params, ids, name, row)]
