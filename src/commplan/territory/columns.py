"""Columns of a layer from the fields of a file: converted, filled, and every bad row named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.territory.fields import FieldMap
from commplan.territory.files import shown_path
from commplan.territory.names import kind_words
from commplan.territory.schema import (
    CLOSED_BARRIER_KINDS,
    COORDINATES,
    LAYERS,
    ROW,
    Column,
    Holds,
    LayerSource,
)
from commplan.territory.values import (
    Converted,
    Mask,
    object_series,
    objects,
    to_flag,
    to_number,
    to_text,
)
from commplan.territory.vector import Rows

MOST = 1e12  # households, people, m², yuan: more is a slip, and would not fit

_CONVERT: dict[Holds, Callable[[pd.Series], Converted]] = {
    Holds.ID: to_text,
    Holds.TEXT: to_text,
    Holds.COUNT: to_number,
    Holds.NUMBER: to_number,
    Holds.COORDINATE: to_number,
    Holds.FLAG: to_flag,
}
_NUMERIC = frozenset((Holds.COUNT, Holds.NUMBER))


@dataclass
class _Notes:
    """What was noticed while one layer's columns were made."""

    source: LayerSource
    fields: dict[str, str]
    numbers: NDArray[np.int64]
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def rows(self, code: str, column: str, where: Mask, values: Iterable[object] = ()) -> None:
        """Note a fault for every row of ``where``; ``values`` go with its rows."""
        file, name = shown_path(self.source), self.fields.get(column, column)
        shown = list(values) or [""] * int(where.sum())
        self.faults += [
            Fault(code, {"column": column, "value": value}, file, self.source.layer, name, row)
            for row, value in zip(self.numbers[where].tolist(), shown, strict=True)
        ]

    def note(self, code: str, severity: Severity, column: str, where: Mask, **more: object) -> None:
        """Note one finding for all rows of ``where``."""
        params = {"column": column, "rows": int(where.sum()), **more}
        row = int(self.numbers[where][0])
        self.findings.append(Finding(code, severity, params, layer=self.source.layer, row=row))


def make_columns(
    source: LayerSource, fields: FieldMap, rows: Rows
) -> tuple[pd.DataFrame, list[Fault], list[Finding]]:
    """Make every column of the layer, in the schema's order and dtypes.

    Parameters
    ----------
    source : LayerSource
    fields : FieldMap
    rows : Rows

    Returns
    -------
    table : DataFrame
        The coordinate columns among them where ``fields.makes_points``.
    faults : list of Fault
        One per row that has to be mended.
    findings : list of Finding
    """
    notes = _Notes(source, fields.fields, rows.numbers)
    made: dict[str, pd.Series] = {}
    for column in LAYERS[source.layer].columns:
        if column.name in COORDINATES and not fields.makes_points:
            continue
        made[column.name] = _column(column, rows, notes)
    if source.layer == "barriers":
        made["crossable"] = _crossable(made["kind"], made["crossable"])
    table = pd.DataFrame(made, index=pd.RangeIndex(len(rows.numbers)))
    return table, notes.faults, notes.findings


def _column(column: Column, rows: Rows, notes: _Notes) -> pd.Series:
    n, source = len(rows.numbers), notes.source
    given = column.name in notes.fields or column.name in source.constants
    if column.name in source.constants:
        raw = pd.Series([source.constants[column.name]] * n, dtype=object)
    elif notes.fields.get(column.name) == ROW:
        raw = pd.Series(rows.numbers)
    elif column.name in notes.fields:
        raw = rows.table[notes.fields[column.name]]
    else:
        raw = pd.Series([None] * n, dtype=object)
    converted = _CONVERT[column.holds](raw)
    if converted.bad.any():
        code = f"territory.not_a_{'flag' if column.holds is Holds.FLAG else 'number'}"
        notes.rows(code, column.name, converted.bad, raw[converted.bad].astype(str))
    values = pd.Series(converted.data)
    if given:
        values = _filled(column, values, converted.bad, notes)
        _check(column, values, converted.bad, notes)
    return _typed(column, values, notes)


def _filled(column: Column, values: pd.Series, bad: Mask, notes: _Notes) -> pd.Series:
    null = values.isna().to_numpy() & ~bad
    if column.name not in notes.source.fill or not null.any():
        return values
    fill = notes.source.fill[column.name]
    one = _CONVERT[column.holds](pd.Series([fill], dtype=object))
    if one.bad.any():
        notes.faults.append(
            Fault("territory.bad_fill", {"value": fill}, shown_path(notes.source),
                  notes.source.layer, column.name)
        )  # fmt: skip
        return values
    notes.note("territory.filled", Severity.NOTE, column.name, null, value=fill)
    return values.mask(null, np.asarray(one.data).item(0))


def _check(column: Column, values: pd.Series, bad: Mask, notes: _Notes) -> None:
    null = values.isna().to_numpy() & ~bad
    if column.holds is Holds.ID:
        notes.rows("territory.missing_id", column.name, null)
        _check_once(column, values, notes)
    elif column.holds is Holds.COUNT and column.required:
        notes.rows("territory.null_count", column.name, null)
    if column.holds in _NUMERIC:
        numbers = values.to_numpy(dtype=float)
        negative = numbers < 0
        notes.rows("territory.negative", column.name, negative, numbers[negative].tolist())
        large = numbers > MOST
        notes.rows("territory.too_large", column.name, large, numbers[large].tolist())
    if column.holds is Holds.COUNT:
        with np.errstate(invalid="ignore"):
            broken = np.isfinite(numbers) & (numbers != np.rint(numbers))
        if broken.any():
            notes.note("territory.rounded", Severity.WARNING, column.name, broken)


def _check_once(column: Column, values: pd.Series, notes: _Notes) -> None:
    """Name each id that comes a second time, and the row where it came first."""
    again = (values.duplicated() & values.notna()).to_numpy()
    if not again.any():
        return
    first = dict(zip(values[::-1], notes.numbers[::-1].tolist(), strict=True))
    file, name = shown_path(notes.source), notes.fields.get(column.name, column.name)
    notes.faults += [
        Fault("territory.duplicate_id", {"id": value, "first": first[value]}, file,
              notes.source.layer, name, row)
        for value, row in zip(values[again], notes.numbers[again].tolist(), strict=True)
    ]  # fmt: skip


def _typed(column: Column, values: pd.Series, notes: _Notes) -> pd.Series:
    if column.holds is Holds.FLAG:
        flags = values.astype("boolean")
        return flags if column.default is None else flags.fillna(bool(column.default)).astype(bool)
    if column.holds in (Holds.ID, Holds.TEXT):
        words = kind_words(notes.source.layer, column.name)
        texts = values.astype(object).where(values.notna(), None)
        if words or column.name in {"kind", "status"}:
            texts = texts.map(lambda v: None if v is None else words.get(v, v.lower()))
        return object_series(objects(texts))
    numbers = values.astype(float)
    if column.holds is Holds.COUNT:
        numbers = numbers.round()
        return numbers.fillna(0).astype("int64") if column.required else numbers
    return numbers


def _crossable(kind: pd.Series, crossable: pd.Series) -> pd.Series:
    """Rivers, railways and expressways may not be crossed, unless the file says so."""
    return crossable.fillna(~kind.isin(CLOSED_BARRIER_KINDS).astype("boolean")).astype(bool)
