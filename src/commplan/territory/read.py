"""One layer from its file: columns found and converted, places checked, every fault collected."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from commplan.errors import Fault, InputError
from commplan.findings import Finding, Severity
from commplan.territory.columns import make_columns
from commplan.territory.crs import Bounds, crs_fault, parse_crs, total_bounds
from commplan.territory.fields import FieldMap, coordinate_pair, map_fields
from commplan.territory.files import DataFile, fault_at, open_file, shown_path, unreadable
from commplan.territory.nearby import NEAR_KM, box_in
from commplan.territory.schema import COORDINATES, LAYERS, ROW, Layer, LayerSource
from commplan.territory.shifted import shifted_name, unshift
from commplan.territory.squares import with_squares
from commplan.territory.vector import BadFilterError, Head, Rows, Wanted, read_head, read_rows
from commplan.texts import input_error

Shapes = NDArray[np.object_]

HOUSE = "house choice"
_LON_LAT = "OGC:CRS84"
_SHAPE_OF_TYPE = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line",
                  6: "polygon"}  # fmt: skip
_COLLECTION = 7
_READ_ERRORS = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    OSError, UnicodeDecodeError, ValueError, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True)
class ReadLayer:
    """A layer as it was read, in its own CRS.

    Parameters
    ----------
    source : LayerSource
    table : DataFrame
        The columns of the schema, RangeIndex.
    shapes : object array or None
        Row for row with ``table``; None where the file has no places.
    numbers : int64 array
        Row numbers in the file, from 1.
    crs : pyproj.CRS or None
    faults : tuple of Fault
    findings : tuple of Finding
    """

    source: LayerSource
    table: pd.DataFrame
    shapes: Shapes | None
    numbers: NDArray[np.int64]
    crs: pyproj.CRS | None
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]


def read_layer(source: LayerSource, near: Bounds | None = None) -> ReadLayer:
    """Read one layer.

    Parameters
    ----------
    source : LayerSource
    near : tuple, optional
        (lon min, lat min, lon max, lat max): streets that lie outside are left unread.

    Returns
    -------
    ReadLayer
        With every fault of its rows; a layer with faults must not be used.

    Raises
    ------
    InputError
        Where the file cannot be opened or its fields cannot be settled.
    """
    try:
        with open_file(source) as file:
            head = read_head(file)
            fields = map_fields(source, head)
            if fields.faults:
                raise input_error(fields.faults)
            rows = _rows(source, file, head, fields, near)
            return _layer(source, head, fields, rows, file.findings)
    except InputError:
        raise
    except _READ_ERRORS as error:
        raise unreadable(source, error) from error


def _rows(
    source: LayerSource, file: DataFile, head: Head, fields: FieldMap, near: Bounds | None
) -> Rows:
    wanted = tuple(name for name in dict.fromkeys(fields.fields.values()) if name != ROW)
    geometry = head.has_geometry and not fields.makes_points
    where, streets = source.where, source.layer == "streets"
    if file.is_osm and streets:  # its lines are rivers and fences too
        where = "highway IS NOT NULL" if where is None else f"({where}) AND highway IS NOT NULL"
    box = box_in(near, _stated_crs(source, head)) if streets else None
    try:
        flat = not streets  # streets climb
        rows = read_rows(file, head, wanted, Wanted(where, box), geometry=geometry, flat=flat)
    except BadFilterError as error:
        if source.where is None:
            raise input_error([fault_at(source, "territory.damaged")]) from error
        params = {"where": source.where, "reason": str(error).splitlines()[0][:200]}
        raise input_error([fault_at(source, "territory.bad_filter", **params)]) from error
    if file.is_osm and streets and file.sublayer == "lines" and source.where is None:
        return with_squares(file, rows, wanted, box)
    return rows


def _stated_crs(source: LayerSource, head: Head) -> pyproj.CRS | None:
    """Return the CRS that scenario or file names, before it is looked at with the places."""
    if shifted_name(source.crs or "") is not None:
        return parse_crs(_LON_LAT)
    text = source.crs or head.crs
    return None if text is None else parse_crs(text)


def _layer(
    source: LayerSource, head: Head, fields: FieldMap, rows: Rows, noticed: tuple[Finding, ...]
) -> ReadLayer:
    layer = LAYERS[source.layer]
    table, faults, findings = make_columns(source, fields, rows)
    findings = [*noticed, *findings]
    if rows.clipped:
        params = {"km": NEAR_KM}
        findings.append(
            Finding("territory.far_streets", Severity.NOTE, params, layer=layer.name, clause=HOUSE)
        )
    if not len(table):
        _note_empty(source, layer, faults, findings)
    shapes, stated = rows.geometry, head.crs
    if fields.makes_points:
        pair = coordinate_pair(fields.fields)
        shapes = _points(table, pair)
        stated = _LON_LAT if pair == ("lon", "lat") else None
    table = table.drop(columns=[name for name in COORDINATES if name in table])
    crs = None
    if shapes is not None:
        shapes, more = _shaped(source, layer, shapes, rows.numbers, findings)
        faults += more
        shift = shifted_name(source.crs or "")
        if shift is None:
            crs, trouble = _crs(source, head, stated, shapes, findings)
        else:
            shapes, trouble = _unshifted(source, shift, shapes, findings)
            crs = parse_crs(_LON_LAT)
        faults += trouble
    return ReadLayer(source, table, shapes, rows.numbers, crs, tuple(faults), tuple(findings))


def _note_empty(
    source: LayerSource, layer: Layer, faults: list[Fault], findings: list[Finding]
) -> None:
    """No unit or village at all cannot be planned; no barrier at all can."""
    if layer.name in {"units", "villages"}:
        code = "territory.no_rows_kept" if source.where else "territory.no_rows"
        faults.append(fault_at(source, code, where=source.where))
    else:
        findings.append(Finding("territory.layer_empty", Severity.WARNING, layer=layer.name))


def _points(table: pd.DataFrame, pair: tuple[str, str]) -> Shapes:
    x, y = (table[name].to_numpy(dtype=float) for name in pair)
    there = np.isfinite(x) & np.isfinite(y)
    shapes = np.full(len(x), None, dtype=object)
    shapes[there] = shapely.points(x[there], y[there])
    return shapes


def _shaped(
    source: LayerSource,
    layer: Layer,
    shapes: Shapes,
    numbers: NDArray[np.int64],
    findings: list[Finding],
) -> tuple[Shapes, Iterable[Fault]]:
    """Hold every geometry against what the layer may hold; polygons stand for points by a point."""
    shapes = np.array(shapes, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    types = shapely.get_type_id(shapes)
    if layer.shapes == {"point"}:
        areal = np.isin(types, (3, 6, 4))
        if areal.any():
            shapes[areal] = shapely.point_on_surface(shapes[areal])
            types = shapely.get_type_id(shapes)
            params = {"rows": int(areal.sum())}
            findings.append(
                Finding("territory.points_taken", Severity.NOTE, params, layer=layer.name)
            )
    allowed = [t for t, shape in _SHAPE_OF_TYPE.items() if shape in layer.shapes]
    if "polygon" in layer.shapes:
        allowed.append(_COLLECTION)  # its polygons are taken out by repair
    wrong = ~np.isin(types, [-1, *allowed])
    file, wanted = shown_path(source), "/".join(sorted(layer.shapes))
    return shapes, [
        Fault("territory.geometry_type", {"found": shape.geom_type, "wanted": wanted}, file,
              layer.name, row=row)
        for shape, row in zip(shapes[wrong], numbers[wrong].tolist(), strict=True)
    ]  # fmt: skip


def _crs(
    source: LayerSource, head: Head, stated: str | None, shapes: Shapes, findings: list[Finding]
) -> tuple[pyproj.CRS | None, list[Fault]]:
    """Settle the layer's CRS; the scenario's word goes before the file's."""
    bounds = total_bounds(shapely.bounds(shapes))
    text = source.crs or stated
    if text is None and head.driver == "TopoJSON":
        text = _LON_LAT  # the format has no place for a CRS
        findings.append(Finding("territory.taken_as_degrees", Severity.NOTE, layer=source.layer))
    crs = None if text is None else parse_crs(text)
    if text is None or (crs is not None and crs.is_engineering):
        return None, [] if bounds is None else [fault_at(source, "territory.unknown_crs")]
    if crs is None:
        return None, [fault_at(source, "territory.bad_crs", crs=text[:80])]
    file_crs = parse_crs(stated) if source.crs and stated else None
    if file_crs is not None and file_crs != crs and head.driver != "GeoJSON":
        params = {"crs": source.crs, "stated": file_crs.name}
        findings.append(
            Finding("territory.crs_overridden", Severity.WARNING, params, layer=source.layer)
        )
    wrong = None if bounds is None else crs_fault(crs, bounds)
    return crs, [] if wrong is None else [fault_at(source, wrong[0], **wrong[1])]


def _unshifted(
    source: LayerSource, name: str, shapes: Shapes, findings: list[Finding]
) -> tuple[Shapes, list[Fault]]:
    """Convert the shifted degrees of web maps; what is not degrees is a fault."""
    bounds = total_bounds(shapely.bounds(shapes))
    if bounds is None:
        return shapes, []
    wrong = crs_fault(pyproj.CRS(_LON_LAT), bounds)
    if wrong is not None:
        return shapes, [fault_at(source, wrong[0], **{**wrong[1], "crs": name})]
    shapes, shift_m = unshift(shapes, name)
    params = {"crs": name, "shift_m": shift_m}
    findings.append(
        Finding("territory.shifted_converted", Severity.NOTE, params, layer=source.layer)
    )
    return shapes, []
