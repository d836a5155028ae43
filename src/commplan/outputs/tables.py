"""A plan as tables: CSV and JSON for programs, GeoPackage for maps."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Finding, worst_first
from commplan.plan.plan import Plan
from commplan.texts import LANGUAGES, load_texts

#: Nothing that is measured is known better than this; terms are compared within 1e-6.
DIGITS = 12


def assignment_table(plan: Plan) -> pd.DataFrame:
    """Return ``unit_id``, ``community_id``, sorted by ``unit_id``; empty for no community."""
    units = plan.territory.units
    if units is None:
        raise ValueError("a plan of a territory without units")
    ids = plan.communities["community_id"].to_numpy(dtype=object)
    code = plan.community_of
    given = np.where(code >= 0, ids[np.maximum(code, 0)], "") if len(ids) else ""
    table = pd.DataFrame({"unit_id": units["unit_id"].astype(str), "community_id": given})
    return table.sort_values("unit_id", kind="stable", ignore_index=True)


def community_table(
    plan: Plan, scorecard: Scorecard, circles: Circles | None = None
) -> pd.DataFrame:
    """Return one row per proposed community: what it holds, what it succeeds, how it scores.

    Returns
    -------
    DataFrame
        Ids, name, origin, ``old_id``, ``old_name`` and ``old_households`` of the community it
        succeeds (null for a new one), counts, the columns of the scorecard, and ``circle_<kind>``.
    """
    columns = ["community_id", "name", "subdistrict_id", "origin"]
    table = pd.DataFrame(plan.communities[columns])
    old = plan.successor_of
    for name in ("community_id", "name", "households"):
        values = plan.today[name].to_numpy(dtype=object)
        picked = [values[row] if row >= 0 else None for row in old.tolist()]
        table[f"old_{name.removeprefix('community_')}"] = pd.Series(picked, dtype=object)
    table["old_households"] = table["old_households"].astype("Int64")
    for name in ("units", "households", "population", "area_m2"):
        table[name] = plan.communities[name]
    scores = scorecard.communities.drop(
        columns=["households", "population", "area_km2"], errors="ignore"
    )
    table = table.merge(scores, on="community_id", how="left", validate="one_to_one")
    if circles is not None:
        shares = circles.shares.rename(columns={kind: f"circle_{kind}" for kind in circles.kinds})
        table = table.merge(shares, on="community_id", how="left")
    return table


def today_table(plan: Plan) -> pd.DataFrame:
    """Return one row per community of today, and what it becomes."""
    columns = ["community_id", "name", "subdistrict_id", "units", "households", "population"]
    table = pd.DataFrame(plan.today[[*columns, "area_m2"]])
    heirs = {old: row for row, old in enumerate(plan.successor_of.tolist()) if old >= 0}
    for column in ("community_id", "name"):
        values = plan.communities[column].to_numpy(dtype=object)
        picked = [values[heirs[i]] if i in heirs else None for i in range(len(table))]
        table[f"successor_{column.removeprefix('community_')}"] = pd.Series(picked, dtype=object)
    return table


def room_table(plan: Plan) -> pd.DataFrame:
    """Return one row per community and site, with the site's name and its place in degrees."""
    columns = ["community_id", "community_name", "site_id", "site_name", "action", "way"]
    figures = ["floor_m2", "extend_m2", "need_m2", "short_m2", "cost_yuan"]
    if plan.rooms is None:
        return pd.DataFrame(columns=[*columns, *figures, "lon", "lat"])
    rooms = plan.rooms.rooms
    names = dict(zip(plan.communities["community_id"], plan.communities["name"], strict=True))
    table = pd.DataFrame(rooms).reindex(
        columns=["community_id", "site_id", "action", "way", *figures]
    )
    table["community_name"] = table["community_id"].map(names)
    sites = plan.territory.sites
    known = {} if sites is None else dict(zip(sites["site_id"], sites["name"], strict=True))
    table["site_name"] = table["site_id"].map(known)
    points = gpd.GeoSeries(rooms.geometry.to_numpy(), crs=plan.territory.crs).to_crs(4326)
    there = ~(points.isna() | points.is_empty).to_numpy()
    for name, get in (("lon", shapely.get_x), ("lat", shapely.get_y)):
        values = np.full(len(points), np.nan)
        values[there] = np.round(get(points.to_numpy()[there]), 7)
        table[name] = values
    return table[[*columns, *figures, "lon", "lat"]]


def move_table(plan: Plan) -> pd.DataFrame:
    """Return who moves from where to where, as the plan has it."""
    return plan.moves.reset_index(drop=True)


def scorecard_json(scorecard: Scorecard, circles: Circles | None = None) -> dict[str, Any]:
    """Return the scorecard in plain values: terms, measures, a row per community, circles."""
    document = {
        "valid": scorecard.valid,
        "terms": dict(scorecard.terms),
        "measures": [
            {"code": m.code, "value": m.value, "today": m.today, "unit": m.unit, "clause": m.clause}
            for m in scorecard.measures
        ],
        "communities": scorecard.communities.to_dict("records"),
        "circles": None,
    }
    if circles is not None and circles.kinds:
        document["circles"] = {
            "limit_min": circles.limit_min,
            "household_share": dict(circles.household_share),
            "communities": circles.shares.to_dict("records"),
        }
    return {key: plain(value) for key, value in document.items()}


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings in plain values, worst first, each worded in every language."""
    return [
        plain(finding.to_dict())
        | {"words": {language: finding.words(load_texts(language)) for language in LANGUAGES}}
        for finding in worst_first(findings)
    ]


def plain(value: Any) -> Any:
    """Turn numpy and pandas values into JSON's; null for what is missing or infinite."""
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:z.{DIGITS}g}") if np.isfinite(value) else None
    return str(value)


def write_json(path: Path, document: Any) -> None:
    """Write JSON that people can read, the same bytes for the same document."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write CSV in UTF-8, lines ended by one line feed on every system."""
    text = table.to_csv(index=False, lineterminator="\n", float_format=f"{{:z.{DIGITS}g}}".format)
    path.write_text(text, encoding="utf-8", newline="")


def write_tables(
    folder: Path,
    plan: Plan,
    scorecard: Scorecard,
    circles: Circles | None,
    findings: Iterable[Finding],
) -> None:
    """Write assignment, communities, rooms and moves, scorecard and findings, and plan.gpkg."""
    tables = figure_tables(plan, scorecard, circles)
    for name, table in tables.items():
        write_csv(folder / name, table)
    write_json(folder / "scorecard.json", scorecard_json(scorecard, circles))
    write_json(folder / "findings.json", findings_json(findings))
    write_geopackage(folder / "plan.gpkg", plan, tables["communities.csv"])
    write_isochrones(folder / "plan.gpkg", circles)


def figure_tables(
    plan: Plan, scorecard: Scorecard, circles: Circles | None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name; `commplan verify` makes them anew and compares."""
    return {
        "assignment.csv": assignment_table(plan),
        "communities.csv": community_table(plan, scorecard, circles),
        "rooms.csv": room_table(plan),
        "moves.csv": move_table(plan),
    }


def write_geopackage(path: Path, plan: Plan, communities: pd.DataFrame) -> None:
    """Write the layers ``communities``, ``units`` and ``rooms`` in the territory's CRS."""
    crs = plan.territory.crs
    areas = gpd.GeoDataFrame(communities, geometry=plan.communities.geometry.to_numpy(), crs=crs)
    areas.to_file(path, layer="communities", driver="GPKG", engine="pyogrio")
    units = plan.territory.units
    if units is None:
        raise ValueError("a plan of a territory without units")
    kept = ["unit_id", "name", "households", "population", "subdistrict_id"]
    table = units[[*(c for c in kept if c in units), "geometry"]].copy()
    for column, rows, frame in (
        ("community_id", plan.community_of, plan.communities),
        ("today_id", plan.today_of, plan.today),
    ):
        ids = frame["community_id"].to_numpy(dtype=object)
        table[column] = [ids[row] if row >= 0 else None for row in rows.tolist()]
    table["moves"] = table["unit_id"].isin(set(plan.moves["unit_id"])).to_numpy()
    table.to_file(path, layer="units", driver="GPKG", engine="pyogrio")
    rooms = room_table(plan)
    points: Any = [None] * len(rooms)
    if plan.rooms is not None:
        points = plan.rooms.rooms.geometry.to_numpy()
    layer = gpd.GeoDataFrame(rooms, geometry=gpd.GeoSeries(points, crs=crs), crs=crs)
    layer.to_file(path, layer="rooms", driver="GPKG", engine="pyogrio", geometry_type="Point")


def write_isochrones(path: Path, circles: Circles | None) -> None:
    """Add the layer ``isochrones``: ground within a walk of each room and of each kind of amenity.

    ``kind`` is that of the amenities, or ``room``; ``site_id`` and ``community_id`` are the room's.
    Where each amenity was drawn by itself, the layer ``amenity_isochrones`` holds them.
    """
    drawn = [] if circles is None else [circles.ground.rooms, circles.ground.kinds]
    if circles is not None and circles.ground.amenities is not None:
        each = circles.ground.amenities
        options: dict[str, Any] = {"driver": "GPKG", "engine": "pyogrio", "promote_to_multi": True}
        each.to_file(path, layer="amenity_isochrones", **options)
    layers = [layer for layer in drawn if layer is not None and len(layer)]
    if not layers:
        return
    layer = gpd.GeoDataFrame(pd.concat(layers, ignore_index=True), crs=layers[0].crs)
    layer = layer.reindex(columns=["kind", "site_id", "community_id", "minutes", "geometry"])
    layer["kind"] = layer["kind"].astype(object).where(layer["kind"].notna(), "room")
    for column in ("site_id", "community_id"):
        layer[column] = layer[column].astype(object).where(layer[column].notna(), None)
    areas = gpd.GeoDataFrame(layer, geometry="geometry", crs=layers[0].crs)
    areas.to_file(path, layer="isochrones", driver="GPKG", engine="pyogrio", promote_to_multi=True)
