"""Everything that a coverage run leaves in its run folder for eyes and hands."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from commplan.outputs.colours import NOBODY, PALETTE
from commplan.outputs.coverage_tables import (
    CoverageReport,
    coverage_figures,
    coverage_sheets,
    csv_tables,
    write_coverage_layers,
)
from commplan.outputs.geometry import Packer, make_packer, simplify_areas
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import community_records, mark_bounds, unit_record
from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.topic import MapView, TopicReport, legend_row
from commplan.policy.profile import Profile
from commplan.texts import load_texts

RULE = "cover.everyone"
#: Places outside every community, and what joins or makes one.
OUTSIDE, NEWLY, GROUND = "#C8553D", "#2F7F6F", "#EDEBE4"
CARDS = {
    "in_community": "communities_in_bounds",
    "places": "communities",
    "newly": "moved_households",
    "newly_share": "moved_share",
}
PAPER = {
    "places": ("name", "kind", "households", "what", "community_name", "households_after"),
    "convert": ("name", "kind", "households", "what", "community_name", "households_after"),
    "communities": (
        "community_name", "community_what", "households_today", "households_added",
        "households_after", "in_bounds",
    ),
    "platforms": ("village", "above", "people", "outsiders", "listed"),
}  # fmt: skip


def write_coverage_outputs(
    folder: Path, report: CoverageReport, profile: Profile, info: PageInfo
) -> None:
    """Write page, tables, layers, findings, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.topic_page import write_topic_page
    from commplan.outputs.topic_report import write_topic_document, write_topic_workbook

    topic = topic_report(report, profile, info)
    plan = report.coverage.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    packer = make_packer(plan.territory.crs, units.geometry.to_numpy())
    part = page_part(report, packer)
    write_topic_page(folder / "hearing.html", topic, plan.territory, packer, part, CARDS)
    for name, table in csv_tables(report.coverage, report.platforms).items():
        write_csv(folder / name, table)
    write_coverage_layers(folder / "coverage.gpkg", report.coverage)
    write_json(folder / "findings.json", findings_json(info.findings))
    write_topic_workbook(folder / "report.xlsx", topic)
    write_topic_document(folder / "report.docx", topic)


def topic_report(report: CoverageReport, profile: Profile, info: PageInfo) -> TopicReport:
    """Put together what page, workbook and document are written from."""
    low, high = report.bounds
    return TopicReport(
        topic="coverage",
        profile=profile,
        rule=RULE,
        info=info,
        figures=coverage_figures(report),
        sheets=partial(coverage_sheets, report),
        paper=PAPER,
        views=map_views(report),
        params={"low": f"{low:,}", "high": f"{high:,}"},
    )


def map_views(report: CoverageReport) -> dict[str, MapView]:
    """Show today's gaps, and what becomes of them."""
    coverage = report.coverage
    plan = coverage.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    shapes = simplify_areas(units.geometry.to_numpy())
    today = np.full(len(units), GROUND, dtype=object)
    proposed = today.copy()
    for rows, what in zip(coverage.rows, coverage.places["what"], strict=True):
        today[list(rows)] = OUTSIDE
        proposed[list(rows)] = OUTSIDE if what == "stays" else NEWLY
    changed = plan.communities["community_id"].isin(coverage.communities["community_id"])
    outlines = plan.communities.geometry.to_numpy()
    return {
        "today": MapView(
            shapes,
            today.tolist(),
            plan.today.geometry.to_numpy(),
            legend=((OUTSIDE, "legend_outside"), (GROUND, "legend_inside")),
        ),
        "proposed": MapView(
            shapes,
            proposed.tolist(),
            [*outlines[~changed.to_numpy()], *outlines[changed.to_numpy()]],
            legend=((NEWLY, "legend_newly"), (OUTSIDE, "legend_stays")),
        ),
    }


def page_part(report: CoverageReport, packer: Packer) -> dict[str, Any]:
    """Return the part of the page's data that coverage brings: the plan with what is new hatched."""
    coverage = report.coverage
    plan = coverage.plan
    today, proposed = community_records(plan, packer)
    mark_bounds(today, report.bounds, set())
    mark_bounds(proposed, report.bounds, set())
    units = unit_record(plan, packer)
    moved = {
        row
        for rows, what in zip(coverage.rows, coverage.places["what"], strict=True)
        for row in rows
        if what in ("joins", "makes") or plan.today_of[row] < 0 <= plan.community_of[row]
    }
    units["moved"] = sorted(moved)
    return {
        "palette": [*PALETTE],
        "nobody": OUTSIDE if (plan.community_of < 0).any() else NOBODY,
        "today": today,
        "proposed": proposed,
        "units": units,
        "legend": {
            name: [legend_row("coverage", PALETTE[0], "legend_community")]
            for name in ("today", "proposed")
        },
        "exceptions": _notes(report),
    }


def _notes(report: CoverageReport) -> dict[str, dict[str, str]]:
    """Say beside each place, by unit, what is proposed for it."""
    coverage = report.coverage
    units = coverage.plan.territory.units
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    notes: dict[str, dict[str, str]] = {}
    for rows, what in zip(coverage.rows, coverage.places["what"], strict=True):
        words = {k: load_texts(k)(f"coverage.what_{what}") for k in ("zh-CN", "en")}
        notes |= {ids[row]: words for row in rows}
    return notes
