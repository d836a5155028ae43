"""Which field of a file is which column, as the scenario says or as names tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from commplan.errors import Fault
from commplan.territory.files import fault_at, shown_path
from commplan.territory.names import recognise
from commplan.territory.schema import COORDINATES, LAYERS, ROW, Column, Layer, LayerSource
from commplan.territory.vector import Head

_CUTS_NAMES = "ESRI Shapefile"


@dataclass(frozen=True)
class FieldMap:
    """Our columns and where their values come from.

    Parameters
    ----------
    fields : dict
        Our name -> the file's field. A column that is in neither this nor ``constants`` is null.
    makes_points : bool
        Whether the places come from two coordinate columns.
    faults : tuple of Fault
    """

    fields: dict[str, str]
    makes_points: bool
    faults: tuple[Fault, ...]


def map_fields(source: LayerSource, head: Head) -> FieldMap:
    """Find a field for each column; every column that cannot be settled is a fault."""
    layer = LAYERS[source.layer]
    faults = [*_unknown_names(source, layer), *_absent_fields(source, head)]
    free = [name for name in head.fields if name not in source.columns.values()]
    mapped_points = bool(set(COORDINATES) & set(source.columns))
    makes_points = layer.takes_points and (mapped_points or not head.has_geometry)
    fields: dict[str, str] = {}
    for column in layer.columns:
        if column.name in source.constants or (column.name in COORDINATES and not makes_points):
            continue
        if column.name in source.columns:
            fields[column.name] = source.columns[column.name]
            continue
        found = recognise(source.layer, column.name, free, cut=head.driver == _CUTS_NAMES)
        if len(found) == 1:
            fields[column.name] = found[0]
        elif found:
            faults.append(_ambiguous(source, column, found))
        elif column.required:
            faults.append(_missing(source, column, head))
    points = makes_points and _has_pair(fields)
    return FieldMap(fields, points, (*faults, *_placeless(source, layer, head, points)))


def coordinate_pair(fields: dict[str, str]) -> tuple[str, str]:
    """Return the two columns that hold the places: longitude and latitude, else x and y."""
    return ("lon", "lat") if {"lon", "lat"} <= set(fields) else ("x", "y")


def _has_pair(fields: dict[str, str]) -> bool:
    return {"lon", "lat"} <= set(fields) or {"x", "y"} <= set(fields)


def _placeless(source: LayerSource, layer: Layer, head: Head, points: bool) -> Iterable[Fault]:
    if head.has_geometry or points or not layer.needs_geometry:
        return ()
    code = "territory.no_coordinates" if layer.takes_points else "territory.no_geometry"
    return (fault_at(source, code, fields=_shown(head.fields)),)


def _unknown_names(source: LayerSource, layer: Layer) -> Iterable[Fault]:
    known = [column.name for column in layer.columns]
    for section, given in (
        ("columns", source.columns),
        ("fill", source.fill),
        ("constants", source.constants),
    ):
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1, 0.5)
                params = {"section": section, "near": near[0] if near else ", ".join(known)}
                code = "territory.unknown_column"
                yield Fault(code, params, shown_path(source), source.layer, field_name=name)
    for name in sorted(set(source.columns) & set(source.constants)):
        code = "territory.mapped_and_constant"
        yield Fault(code, {}, shown_path(source), source.layer, field_name=name)


def _absent_fields(source: LayerSource, head: Head) -> Iterable[Fault]:
    for name, field in source.columns.items():
        if field not in head.fields and field != ROW:
            near = get_close_matches(field, head.fields, 1, 0.5)
            code = "territory.no_such_field_near" if near else "territory.no_such_field"
            params = {"column": name, "near": "".join(near), "fields": _shown(head.fields)}
            yield Fault(code, params, shown_path(source), source.layer, field_name=field)


def _ambiguous(source: LayerSource, column: Column, found: tuple[str, ...]) -> Fault:
    params = {"fields": ", ".join(found), "first": found[0]}
    return Fault(
        "territory.ambiguous_column", params, shown_path(source), source.layer, column.name
    )


def _missing(source: LayerSource, column: Column, head: Head) -> Fault:
    params = {"column": column.name, "fields": _shown(head.fields)}
    return Fault("territory.missing_column", params, shown_path(source), source.layer, column.name)


def _shown(fields: Iterable[str]) -> str:
    names = list(fields)
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
