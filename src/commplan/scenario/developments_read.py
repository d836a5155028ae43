"""Read a file of developments: a bad row costs only that row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from commplan.errors import Fault, InputError
from commplan.findings import Finding
from commplan.plan.developments import Development
from commplan.plan.developments_phases import PhasingError, phases_of
from commplan.territory.crs import crs_fault, crs_name, total_bounds
from commplan.territory.place import place_layers
from commplan.territory.read import ReadLayer, read_layer
from commplan.territory.schema import LayerSource
from commplan.texts import input_error

LAYER = "developments"
ID = "development_id"


@dataclass(frozen=True)
class Refused:
    """A row that cannot be used.

    Parameters
    ----------
    development_id : str
        ``"@17"`` for a row without an id: its number in the file.
    faults : tuple of Fault
        Without the file; without the row where there is an id, so that the order of the file does
        not matter.
    """

    development_id: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class DevelopmentFile:
    """What a file of developments holds.

    Parameters
    ----------
    developments : tuple of Development
        Sorted by id, in the working CRS.
    refused : tuple of Refused
    findings : tuple of Finding
        About the file as a whole.
    """

    developments: tuple[Development, ...]
    refused: tuple[Refused, ...]
    findings: tuple[Finding, ...]


def read_developments(path: Path, section: Any, crs: pyproj.CRS) -> DevelopmentFile:
    """Read the developments of a file.

    Parameters
    ----------
    path : Path
        Anything that GDAL reads, CSV or Excel.
    section : Layer or None
        The scenario's ``[layers.developments]``, whose columns and filter hold for the file too.
    crs : pyproj.CRS
        To work in.

    Raises
    ------
    InputError
        Where the file as a whole cannot be used: not there, no field for a column, unknown CRS.
    """
    if not path.exists():  # a folder too: a file geodatabase is one
        raise input_error([Fault("fault.missing_file", file=str(path))])
    layer = _without_strays(read_layer(_source(path, section)))
    whole = [fault for fault in layer.faults if fault.row is None]
    if whole:
        raise input_error(whole)
    faults = _by_row(layer)
    good = _without(layer, set(faults))
    frame, findings = _placed(good, crs, faults)
    developments = []
    for record in frame.to_dict("records"):
        found = _development({str(name): value for name, value in record.items()})
        if isinstance(found, Fault):
            faults.setdefault(str(record[ID]), []).append(found)
        else:
            developments.append(found)
    refused = [Refused(key, _settled(key, held)) for key, held in sorted(faults.items())]
    return DevelopmentFile(tuple(developments), tuple(refused), findings)


def _source(path: Path, section: Any) -> LayerSource:
    if section is None:
        return LayerSource(LAYER, path)
    return LayerSource(
        LAYER, path, section.layer, section.where or None, dict(section.columns),
        dict(section.fill), dict(section.constants), section.crs,
    )  # fmt: skip


def _without_strays(layer: ReadLayer) -> ReadLayer:
    """Blame a few rows that lie outside the layer's CRS, instead of all rows for them."""
    crs, shapes = layer.crs, layer.shapes
    if crs is None or shapes is None:
        return layer
    about = [fault for fault in layer.faults if fault.params.get("crs") == crs_name(crs)]
    about = [fault for fault in about if fault.row is None]
    bounds = [total_bounds(one[None, :]) for one in shapely.bounds(shapes)]
    wrong = [None if one is None else crs_fault(crs, one) for one in bounds]
    strays = [n for n, found in enumerate(wrong) if found is not None]
    if not about or 2 * len(strays) >= sum(one is not None for one in bounds):
        return layer
    rows = layer.numbers.tolist()
    faults = [fault for fault in layer.faults if fault not in about]
    faults += [Fault(*found, layer=LAYER, row=rows[n]) for n, found in enumerate(wrong) if found]
    return replace(layer, faults=tuple(faults))


def _by_row(layer: ReadLayer) -> dict[str, list[Fault]]:
    """Faults by the id of their row; of rows that share an id none can be told to be meant."""
    ids = layer.table[ID].tolist()
    key = {n: _key(one, n) for n, one in zip(layer.numbers.tolist(), ids, strict=True)}
    faults: dict[str, list[Fault]] = {}
    times = Counter(ids)
    twice = {one for one, count in times.items() if one is not None and count > 1}
    for fault in layer.faults:
        if fault.row is not None and key[fault.row] not in twice:
            faults.setdefault(key[fault.row], []).append(fault)
    for one in twice:
        params = {"id": one, "rows": times[one]}
        faults[one] = [Fault("developments.id_again", params, layer=LAYER)]
    return faults


def _key(development_id: str | None, row: int) -> str:
    return f"@{row}" if development_id is None else str(development_id)


def _settled(key: str, faults: list[Fault]) -> tuple[Fault, ...]:
    """Drop the file, and the row where the id tells which it is."""
    return tuple(
        replace(fault, file=None, row=fault.row if key.startswith("@") else None)
        for fault in faults
    )


def _without(layer: ReadLayer, bad: set[str]) -> ReadLayer:
    ids = layer.table[ID].tolist()
    keys = [_key(one, n) for n, one in zip(layer.numbers.tolist(), ids, strict=True)]
    keep = np.array([key not in bad for key in keys], dtype=np.bool_)
    table = layer.table[keep].reset_index(drop=True)
    shapes = None if layer.shapes is None else layer.shapes[keep]
    return replace(layer, table=table, shapes=shapes, numbers=layer.numbers[keep], faults=())


def _placed(
    layer: ReadLayer, crs: pyproj.CRS, faults: dict[str, list[Fault]]
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Bring the rows into the working CRS; those that it cannot hold, or without a place, are out."""
    try:
        placed = place_layers({LAYER: [layer]}, crs)[LAYER]
    except InputError as error:
        lost = {fault.row: fault for fault in error.faults if fault.row is not None}
        if len(lost) < len(error.faults):
            raise
        ids = dict(zip(layer.numbers.tolist(), layer.table[ID].tolist(), strict=True))
        for row, fault in lost.items():
            faults.setdefault(_key(ids[row], row), []).append(fault)
        return _placed(_without(layer, set(faults)), crs, faults)
    there = set(placed.frame[ID])
    for one in layer.table[ID]:
        if one not in there:
            faults.setdefault(str(one), []).append(Fault("developments.no_place", layer=LAYER))
    findings = [f for f in (*layer.findings, *placed.findings) if f.code != "territory.empty"]
    return placed.frame, tuple(findings)


def _development(record: Mapping[str, Any]) -> Development | Fault:
    """Make a development of a row; a fault where its phases cannot be read."""
    households = int(record["households"])
    count = record["phases"]
    count = 0 if pd.isna(count) else int(count)
    try:
        phases, divided = phases_of(households, count, record["phasing"], record["completes"])
    except PhasingError as error:
        params = {"value": record["phasing"], "households": households, "phases": count}
        params["completes"] = record["completes"]
        field = "completes" if str(error) == "developments.bad_completes" else "phasing"
        return Fault(str(error), params, layer=LAYER, field_name=field)
    name = record["name"]
    return Development(
        development_id=str(record[ID]),
        name=str(record[ID]) if name is None else str(name),
        shape=_plain(record["geometry"]),
        households=households,
        phases=phases,
        population=float(record["population"]),
        floor_area_m2=float(record["floor_area_m2"]),
        divided=divided,
    )


def _plain(shape: Any) -> Any:
    """Give the same geometry the same bytes, however its file wrote it."""
    return shapely.normalize(shapely.force_2d(shape))
