"""Everything that a siting leaves in its run folder for eyes and hands."""

from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from commplan.outputs.geometry import make_packer, simplify_areas
from commplan.outputs.info import PageInfo
from commplan.outputs.siting_page import (
    COLOURS,
    QUIET,
    colour_of,
    legend_keys,
    limit_words,
    page_part,
)
from commplan.outputs.siting_tables import csv_tables, siting_figures, siting_sheets
from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.topic import MapView, TopicReport
from commplan.plan.siting import SitingPlan
from commplan.policy.norms import ROOM_SIZE_RULES
from commplan.policy.profile import Profile

#: Words that only this page has.
PAGE_WORDS = ("fact_site", "fact_year", "fact_cost", "fact_extend")
CARDS = {"short": "room_short_m2"}
PAPER = {
    "sites": (
        "name", "action", "year", "households", "floor_m2", "extend_m2", "need_m2", "cost_yuan",
    ),
    "left": ("unit_id", "unit", "households", "why"),
}  # fmt: skip
#: Radius of a room's mark on the paper map, of its longer side.
MARK = 1 / 160


def write_siting_outputs(folder: Path, plan: SitingPlan, profile: Profile, info: PageInfo) -> None:
    """Write page, tables, layers, findings, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.topic_page import write_topic_page
    from commplan.outputs.topic_report import write_topic_document, write_topic_workbook

    report = siting_report(plan, profile, info)
    shapes = _shapes(plan)
    packer = make_packer(plan.territory.crs, shapes)
    part = page_part(plan, shapes, packer)
    write_topic_page(folder / "hearing.html", report, plan.territory, packer, part, CARDS)
    for name, table in csv_tables(plan).items():
        write_csv(folder / name, table)
    _write_layers(folder / "siting.gpkg", plan)
    write_json(folder / "findings.json", findings_json(info.findings))
    write_topic_workbook(folder / "report.xlsx", report)
    write_topic_document(folder / "report.docx", report)


def siting_report(plan: SitingPlan, profile: Profile, info: PageInfo) -> TopicReport:
    """Put together what page, workbook and document are written from."""
    rule = next((rule for rule in ROOM_SIZE_RULES if profile.get(rule)), ROOM_SIZE_RULES[0])
    return TopicReport(
        topic="siting",
        profile=profile,
        rule=rule,
        info=info,
        figures=siting_figures(plan),
        sheets=partial(siting_sheets, plan),
        paper=PAPER | {"sites": _site_columns(plan)},
        views=map_views(plan),
        params=limit_words(plan.posed.options.limit_min),
        page_words=PAGE_WORDS,
    )


def _site_columns(plan: SitingPlan) -> tuple[str, ...]:
    """Columns of the rooms on paper; those that are empty for every room are left out."""
    empty = {
        "year": bool(plan.sites["year"].isna().all()),
        "extend_m2": not (plan.sites["extend_m2"] > 0).any(),
    }
    return tuple(name for name in PAPER["sites"] if not empty.get(name, False))


def map_views(plan: SitingPlan) -> dict[str, MapView]:
    """Colour units by the walk to the nearest room that stands, and to the room proposed."""
    posed = plan.posed
    shapes = _shapes(plan)
    views = {}
    for name, is_open in (("today", posed.standing), ("proposed", plan.result.is_open)):
        faces = np.full(len(shapes), QUIET, dtype=object)
        faces[posed.unit_rows] = np.array(COLOURS, dtype=object)[colour_of(plan, name)]
        legend = [*legend_keys(plan, name), (QUIET, "legend_quiet")]
        views[name] = MapView(shapes, faces.tolist(), _marks(plan, is_open), legend=legend)
    return views


def _shapes(plan: SitingPlan) -> np.ndarray:
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    return np.asarray(simplify_areas(units.geometry.to_numpy()), dtype=object)


def _site_points(plan: SitingPlan, which: np.ndarray) -> np.ndarray:
    sites = plan.territory.sites
    if sites is None:
        raise ValueError("a territory without sites")
    points = shapely.centroid(sites.geometry.to_numpy())
    return np.asarray(points[plan.posed.site_rows[which]], dtype=object)


def _marks(plan: SitingPlan, is_open: np.ndarray) -> np.ndarray:
    """Rooms as small circles, for the paper map draws nothing but areas."""
    west, south, east, north = shapely.total_bounds(_shapes(plan))
    points = _site_points(plan, np.flatnonzero(is_open))
    return np.asarray(shapely.buffer(points, MARK * max(east - west, north - south)), dtype=object)


def _write_layers(path: Path, plan: SitingPlan) -> None:
    """Write the GeoPackage layers ``rooms`` and ``units`` in the territory's CRS."""
    units, sites = plan.territory.units, plan.territory.sites
    if units is None or sites is None:
        raise ValueError("a territory without units or sites")
    points = shapely.centroid(sites.geometry.to_numpy())
    at = dict(zip(sites["site_id"].astype(str), points, strict=True))
    own = [at[site] for site in plan.sites["site_id"].astype(str)]
    rooms = gpd.GeoDataFrame(plan.sites, geometry=own, crs=units.crs)
    rooms.to_file(path, layer="rooms", driver="GPKG", engine="pyogrio", geometry_type="Point")
    shapes = units.geometry.to_numpy()[plan.posed.unit_rows]
    areas = gpd.GeoDataFrame(plan.units, geometry=shapes, crs=units.crs)
    areas.to_file(
        path, layer="units", driver="GPKG", engine="pyogrio", geometry_type="MultiPolygon",
        promote_to_multi=True,
    )  # fmt: skip
