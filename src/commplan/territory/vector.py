"""Fields and rows of one opened file, by GDAL or, for Parquet, by pyarrow."""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from commplan.territory.crs import Bounds
from commplan.territory.files import DataFile
from commplan.territory.nearby import within

_PLAIN_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")


@dataclass(frozen=True)
class Head:
    """What a file says of itself before its rows are read.

    Parameters
    ----------
    fields : tuple of str
    crs : str or None
        As the file states it.
    has_geometry : bool
    driver : str
    """

    fields: tuple[str, ...]
    crs: str | None
    has_geometry: bool
    driver: str


@dataclass(frozen=True)
class Rows:
    """The rows asked for.

    Parameters
    ----------
    table : DataFrame
        The fields asked for, as the file types them.
    geometry : object array of shapely geometries, or None
    numbers : int64 array
        Row numbers in the file, from 1; of an OpenStreetMap extract among the rows that are kept.
    clipped : bool
        Whether the file goes on beyond the box that was asked for.
    """

    table: pd.DataFrame
    geometry: NDArray[np.object_] | None
    numbers: NDArray[np.int64]
    clipped: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which rows are read.

    Parameters
    ----------
    where : str or None
        Filter as GDAL understands it.
    box : tuple or None
        (x min, y min, x max, y max) in the file's CRS: rows whose extent does not meet it stay
        unread.
    """

    where: str | None = None
    box: Bounds | None = None


class BadFilterError(ValueError):
    """GDAL does not understand the filter."""


def read_head(file: DataFile) -> Head:
    """Read fields and CRS; raises what the library raises where it cannot."""
    if file.is_parquet:
        return _parquet_head(Path(file.path))
    info = pyogrio.read_info(file.path, layer=file.sublayer, **file.options)
    fields = tuple(str(name) for name in info["fields"])
    return Head(fields, info["crs"], info["geometry_type"] is not None, str(info["driver"]))


def read_rows(
    file: DataFile,
    head: Head,
    fields: Sequence[str],
    wanted: Wanted,
    *,
    geometry: bool,
    flat: bool = True,
) -> Rows:
    """Read only ``fields`` (and the geometry) of the rows that are wanted.

    Heights are dropped where ``flat``.

    Raises
    ------
    BadFilterError
        Where GDAL refuses the filter.
    """
    if not file.is_parquet:
        rows = _gdal_rows(file, head, fields, wanted, geometry=geometry, flat=flat)
        return within(rows, wanted.box)
    rows = _parquet_rows(Path(file.path), head, fields, wanted.where, geometry=geometry)
    if flat and rows.geometry is not None:
        rows = replace(rows, geometry=shapely.force_2d(rows.geometry))
    return within(rows, wanted.box)


def _gdal_rows(
    file: DataFile,
    head: Head,
    fields: Sequence[str],
    wanted: Wanted,
    *,
    geometry: bool,
    flat: bool,
) -> Rows:
    where = wanted.where
    # An extract is read once: its rows have no numbers that anyone would look up.
    kept = None if where is None or file.is_osm else _kept(file, head, where)
    if kept is not None and not len(kept.ids):
        return _no_rows(fields, geometry=geometry)
    # A CSV's rows are filtered by their detected types but read as the text they are: 0012 stays.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            frame = pyogrio.read_dataframe(
                file.path,
                layer=file.sublayer,
                columns=_with_filter(fields, head, where),
                read_geometry=geometry,
                force_2d=flat,
                on_invalid="ignore",
                where=None if file.is_csv or where is None else quote_fields(where, head.fields),
                bbox=wanted.box if file.is_osm else None,
                fid_as_index=True,
                **file.options,
            )
        except (ValueError, pyogrio.errors.FeatureError) as error:
            if where is None or kept is not None:
                raise
            raise BadFilterError(str(error)) from error
    if file.is_osm and not len(frame):
        if wanted.box is not None:  # of another city: it has to be seen to be told so
            return _gdal_rows(file, head, fields, Wanted(where), geometry=geometry, flat=flat)
        return _no_rows(fields, geometry=geometry)
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    if kept is not None:
        if file.is_csv:
            frame = frame[frame.index.isin(kept.ids)]
        numbers = kept.positions(frame.index.to_numpy())
    shapes = np.asarray(frame.geometry.array) if isinstance(frame, gpd.GeoDataFrame) else None
    table = pd.DataFrame(frame.drop(columns="geometry") if shapes is not None else frame)
    return Rows(table[list(fields)].reset_index(drop=True), shapes, numbers)


def _with_filter(fields: Sequence[str], head: Head, where: str | None) -> list[str]:
    """Add what the filter may ask about: GDAL takes a field that is not read for null."""
    asked = "" if where is None else where.lower()
    return [f for f in head.fields if f in fields or f.lower() in asked]


def quote_fields(where: str, fields: Sequence[str]) -> str:
    """Put field names that SQL would not take as they are, such as 户数, in double quotes."""
    odd = sorted((f for f in fields if not _PLAIN_NAME.match(f)), key=len, reverse=True)
    if not odd:
        return where
    name = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, odd)) + r")(?!\w)")
    parts = _QUOTED.split(where)
    return "".join(p if i % 2 else name.sub(r'"\1"', p) for i, p in enumerate(parts))


@dataclass(frozen=True)
class _Kept:
    """The feature ids that a filter keeps, and all of them in the file's order."""

    ids: NDArray[np.int64]
    all_ids: NDArray[np.int64]

    def positions(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row numbers of ``ids``, from 1."""
        return np.asarray(pd.Index(self.all_ids).get_indexer(pd.Index(ids)) + 1, dtype=np.int64)


def _kept(file: DataFile, head: Head, where: str) -> _Kept:
    options: Mapping[str, Any] = file.options
    if file.is_csv:
        options = {**options, "AUTODETECT_TYPE": "YES"}
    try:
        ids = _feature_ids(file, head, options, quote_fields(where, head.fields))
    except (ValueError, pyogrio.errors.FeatureError) as error:
        raise BadFilterError(str(error)) from error
    return _Kept(ids, _feature_ids(file, head, options, None))


def _feature_ids(
    file: DataFile, head: Head, options: Mapping[str, Any], where: str | None
) -> NDArray[np.int64]:
    found = pyogrio.raw.read(
        file.path,
        layer=file.sublayer,
        # Without any field GDAL hands over no ids.
        columns=_with_filter(head.fields[:1], head, where),
        read_geometry=False,
        return_fids=True,
        where=where,
        **options,
    )
    return np.asarray(found[1], dtype=np.int64)


def _no_rows(fields: Sequence[str], *, geometry: bool) -> Rows:
    shapes = np.empty(0, dtype=object) if geometry else None
    table = pd.DataFrame({name: np.empty(0, dtype=object) for name in fields})
    return Rows(table, shapes, np.empty(0, dtype=np.int64))


def _parquet_head(path: Path) -> Head:
    from pyarrow.parquet import read_schema

    schema = read_schema(path)
    geo = _geo_metadata(path)
    column = geo.get("primary_column")
    fields = tuple(n for n in schema.names if n not in geo.get("columns", {}))
    if column is None:
        return Head(fields, None, has_geometry=False, driver="Parquet")
    # GeoParquet 1.1: no crs member means OGC:CRS84, an explicit null means unknown.
    crs = geo["columns"][column].get("crs", "OGC:CRS84")
    stated = json.dumps(crs) if isinstance(crs, dict) else crs
    return Head(fields, stated, has_geometry=True, driver="Parquet")


def _geo_metadata(path: Path) -> dict[str, Any]:
    from pyarrow.parquet import read_schema

    found: dict[str, Any] = json.loads((read_schema(path).metadata or {}).get(b"geo", b"{}"))
    return found


def _parquet_rows(
    path: Path, head: Head, fields: Sequence[str], where: str | None, *, geometry: bool
) -> Rows:
    wanted = head.fields if where is not None else fields
    shapes: NDArray[np.object_] | None = None
    if geometry:
        place = str(_geo_metadata(path).get("primary_column"))
        frame = gpd.read_parquet(path, columns=[*wanted, place])
        shapes = np.asarray(frame.geometry.array)
        table = pd.DataFrame(frame[list(wanted)])
    else:
        table = pd.read_parquet(path, columns=list(wanted))
    numbers = np.arange(1, len(table) + 1, dtype=np.int64)
    if where is not None:
        chosen = _filtered_by_gdal(table, where)
        numbers = numbers[chosen]
        table = table.iloc[chosen]
        shapes = None if shapes is None else shapes[chosen]
    return Rows(table[list(fields)].reset_index(drop=True), shapes, numbers)


def _filtered_by_gdal(table: pd.DataFrame, where: str) -> NDArray[np.intp]:
    """Positions that ``where`` keeps, asked of a GeoPackage in a temporary folder."""
    with TemporaryDirectory(prefix="commplan-") as folder:
        path = Path(folder) / "rows.gpkg"
        names = tuple(map(str, table.columns))
        options = {"FID": "commplan_fid"}
        pyogrio.write_dataframe(table, path, layer="rows", driver="GPKG", layer_options=options)
        file = DataFile(path, "rows")
        try:
            ids = _feature_ids(
                file,
                Head(names, None, has_geometry=False, driver="GPKG"),
                {},
                quote_fields(where, names),
            )
        except (ValueError, pyogrio.errors.FeatureError) as error:
            raise BadFilterError(str(error)) from error
    return np.asarray(ids - 1, dtype=np.intp)
