"""Communities as places: codes of ids, unions of blocks, and one row per community."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.territory.territory import Territory


def ids_to_codes(ids: "pd.Series[Any]") -> tuple[NDArray[np.int32], list[str]]:
    """Count ids in their order as text; -1 for null and empty.

    Returns
    -------
    codes : int32 array
    ids : list of str
        Sorted; ``codes`` are positions in it.
    """
    text = ids.astype(object).where(ids.notna(), "").astype(str).str.strip().to_numpy(dtype=object)
    given = text != ""
    names = sorted(set(text[given].tolist()))
    number = {name: i for i, name in enumerate(names)}
    codes = np.array([number.get(name, -1) for name in text.tolist()], dtype=np.int32)
    return codes, names


def flags(units: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    """Return a yes-or-no column of the units; unknown counts as no."""
    if column not in units.columns:
        return np.zeros(len(units), dtype=np.bool_)
    values = units[column]
    return values.where(values.notna(), other=False).astype(bool).to_numpy(dtype=np.bool_)


def blocks_of(territory: Territory) -> gpd.GeoSeries:
    """Return the closed coverage, or the units' own polygons where none was made."""
    if territory.blocks is not None:
        return territory.blocks
    if territory.units is None:
        raise ValueError("the territory has no units")
    return territory.units.geometry


def is_coverage(blocks: gpd.GeoSeries) -> bool:
    """Whether blocks neither overlap nor miss each other's vertices."""
    return bool(shapely.coverage_is_valid(np.asarray(blocks.array)))


def dissolve(
    blocks: gpd.GeoSeries, code: NDArray[np.int32], count: int, clean: bool
) -> NDArray[np.object_]:
    """Union of the blocks of each code; None for a code without any.

    A coverage is dissolved by dropping the edges that occur twice, which is fast and keeps every
    vertex; blocks that are no clean coverage take the slower general union.

    Parameters
    ----------
    blocks : GeoSeries
    code : int32 array, shape (n units,)
        From 0 to ``count`` - 1; -1 for none.
    count : int
    clean : bool
        As `is_coverage` says, which costs as much as all the unions.
    """
    geometry = np.asarray(blocks.array)
    union = shapely.coverage_union_all if clean else shapely.union_all
    order = np.argsort(code, kind="stable")
    cuts = np.searchsorted(code[order], np.arange(count + 1))
    unions = np.full(count, None, dtype=object)
    for i in range(count):
        members = order[cuts[i] : cuts[i + 1]]
        if members.size:
            unions[i] = shapely.normalize(_polygonal(union(geometry[members])))
    return unions


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Unwrap what the coverage union wraps: one polygon alone, or many as a multipolygon."""
    parts = np.asarray(shapely.get_parts(shapely.get_parts(geometry)), dtype=object)
    whole: shapely.Geometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return whole


def community_table(
    units: gpd.GeoDataFrame,
    blocks: gpd.GeoSeries,
    code: NDArray[np.int32],
    ids: list[str],
    clean: bool,
) -> gpd.GeoDataFrame:
    """One row per community: id, subdistrict, units, households, people, area, union of blocks.

    Parameters
    ----------
    units : GeoDataFrame
    blocks : GeoSeries
        Row for row with ``units``.
    code : int32 array, shape (n units,)
        Position in ``ids``; -1 for none.
    ids : list of str
    clean : bool
        Whether the blocks are a coverage.
    """
    inside = code >= 0
    at = code[inside]
    shapes = dissolve(blocks, code, len(ids), clean)
    table = pd.DataFrame({"community_id": pd.Series(ids, dtype=object)})
    table["subdistrict_id"] = _subdistricts(units, code, len(ids))
    table["units"] = np.bincount(at, minlength=len(ids)).astype(np.int64)
    households = units["households"].to_numpy(dtype=np.int64)
    table["households"] = _sums(households[inside], at, len(ids)).astype(np.int64)
    table["population"] = _population(units, code, len(ids))
    table["area_m2"] = shapely.area(shapes)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=blocks.crs), crs=blocks.crs)


def _sums(values: NDArray[Any], at: NDArray[np.int32], count: int) -> NDArray[Any]:
    sums = np.zeros(count, dtype=values.dtype)
    np.add.at(sums, at, values)
    return sums


def _population(units: gpd.GeoDataFrame, code: NDArray[np.int32], count: int) -> "pd.Series[Any]":
    """Sum of people; null where one unit of the community gives none: part of a sum misleads."""
    inside = code >= 0
    if "population" not in units.columns:
        return pd.Series([pd.NA] * count, dtype="Int64")
    people = pd.to_numeric(units["population"]).to_numpy(dtype=np.float64, na_value=np.nan)
    sums = _sums(people[inside], code[inside], count)
    return pd.Series(sums).round().astype("Int64")


def _subdistricts(units: gpd.GeoDataFrame, code: NDArray[np.int32], count: int) -> "pd.Series[Any]":
    """Subdistrict with the most households of each community; of equals the smaller id."""
    if "subdistrict_id" not in units.columns:
        return pd.Series([None] * count, dtype=object)
    part, names = ids_to_codes(units["subdistrict_id"])
    named = (code >= 0) & (part >= 0)
    width = max(len(names), 1)
    pairs, inverse = np.unique(
        code[named].astype(np.int64) * width + part[named], return_inverse=True
    )
    households = units["households"].to_numpy(dtype=np.int64)[named]
    sums = _sums(households, inverse.astype(np.int32), pairs.size)
    order = np.lexsort((pairs % width, -sums, pairs // width))
    found, first = np.unique(pairs[order] // width, return_index=True)
    most = dict(zip(found.tolist(), (pairs[order] % width)[first].tolist(), strict=True))
    chosen = [names[most[i]] if i in most else None for i in range(count)]
    return pd.Series(chosen, dtype=object)
