"""Everything that a rollout leaves in its run folder for eyes and hands."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE
from commplan.outputs.geometry import Packer, label_points, make_packer, simplify_areas
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import number, text
from commplan.outputs.print_map import fill_areas
from commplan.outputs.rollout_tables import csv_tables, rollout_figures, rollout_sheets
from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.topic import MapView, TopicReport
from commplan.plan.rollout import RolloutPlan, done_units
from commplan.policy.profile import Profile

RULE = "adjust.stepwise"
STAYS, LATER, EDGE = "#F2F0EB", "#CFCFCF", "#8A949D"
CARDS = {"done": "communities_in_bounds", "all": "communities"}
PAPER = {
    "years": ("year", "communities", "groups", "cost_yuan", "staff", "moved_households"),
    "communities": ("year", "group", "name", "households", "moved_households", "why"),
}


def write_rollout_outputs(
    folder: Path, rollout: RolloutPlan, profile: Profile, info: PageInfo
) -> None:
    """Write page, tables, picture, findings, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.topic_page import write_topic_page
    from commplan.outputs.topic_report import write_topic_document, write_topic_workbook

    areas = simplify_areas(rollout.plan.communities.geometry.to_numpy())
    todays = simplify_areas(rollout.plan.today.geometry.to_numpy())
    report = rollout_report(rollout, profile, info, (areas, todays))
    packer = make_packer(rollout.plan.territory.crs, areas)
    part = page_part(rollout, packer, (areas, todays))
    write_topic_page(folder / "hearing.html", report, rollout.plan.territory, packer, part, CARDS)
    for name, table in csv_tables(rollout).items():
        write_csv(folder / name, table)
    write_years_picture(folder / "years.png", rollout)
    write_json(folder / "findings.json", findings_json(info.findings))
    write_topic_workbook(folder / "report.xlsx", report)
    write_topic_document(folder / "report.docx", report)


def year_colours(rollout: RolloutPlan) -> list[int]:
    """Give the colour number of each community: its year, then who waits, then who stays."""
    years = rollout.problem.years
    return [
        years + 1 if group < 0 else years if year < 0 else year
        for group, year in zip(rollout.group_of.tolist(), rollout.year_of.tolist(), strict=True)
    ]


def palette(rollout: RolloutPlan) -> list[str]:
    """Return a colour for each year, one for those left out and one for those that stay."""
    own = [PALETTE[year % len(PALETTE)] for year in range(rollout.problem.years)]
    return [*own, LATER, STAYS]


def write_years_picture(path: Path, rollout: RolloutPlan) -> None:
    """Write a map for each year as PNG: communities done so far in the colour of their year."""
    units = rollout.plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    years, colours = rollout.problem.years, palette(rollout)
    columns = min(3, years)
    rows = -(-years // columns)
    figure = Figure(figsize=(4.6 * columns, 3.9 * rows), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    shapes = simplify_areas(units.geometry.to_numpy())
    west, south, east, north = shapely.total_bounds(shapes)
    of_unit = np.array(year_colours(rollout))[rollout.plan.community_of]
    for year in range(years):
        axes: Any = figure.add_subplot(rows, columns, year + 1)
        done = done_units(rollout, year)
        faces = [
            colours[c] if now else STAYS if c == years + 1 else LATER
            for c, now in zip(of_unit.tolist(), done.tolist(), strict=True)
        ]
        fill_areas(axes, shapes, facecolors=faces, edgecolors=EDGE, linewidths=0.15)
        axes.set_title(str(rollout.first_year + year), fontsize=13)
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
    figure.savefig(path, metadata={"Software": None})


Drawn = tuple[NDArray[Any], NDArray[Any]]


def rollout_report(
    rollout: RolloutPlan, profile: Profile, info: PageInfo, drawn: Drawn
) -> TopicReport:
    """Put together what page, workbook and document are written from."""
    areas, todays = drawn
    colours = palette(rollout)
    legend = ((LATER, "legend_later"), (STAYS, "legend_stays"))
    faces = [colours[c] for c in year_colours(rollout)]
    views = {
        "today": MapView(todays, [STAYS] * len(todays), todays, legend=legend[1:]),
        "proposed": MapView(areas, faces, areas, numbers=True, legend=legend),
    }
    last = rollout.first_year + rollout.problem.years - 1
    return TopicReport(
        topic="rollout",
        profile=profile,
        rule=RULE,
        info=info,
        figures=rollout_figures(rollout),
        sheets=partial(rollout_sheets, rollout),
        paper=PAPER,
        views=views,
        params={"first": str(rollout.first_year), "last": str(last)},
    )


def page_part(rollout: RolloutPlan, packer: Packer, drawn: Drawn) -> dict[str, Any]:
    """Return the page's data: today's communities, and those of the plan coloured by year."""
    areas, todays = drawn
    plan = rollout.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    colours = year_colours(rollout)
    proposed = _records(plan.communities, areas, colours, packer)
    for record, row, old in zip(
        proposed, plan.communities["origin"], plan.successor_of.tolist(), strict=True
    ):
        record["old"], record["origin"], record["ok"] = old, row, 0
    stays = [len(palette(rollout)) - 1] * len(todays)
    return {
        "palette": palette(rollout),
        "today": _records(plan.today, todays, stays, packer),
        "proposed": proposed,
        "legend": {"today": [], "proposed": _legend(rollout)},
        "units": {
            "id": units["unit_id"].astype(str).tolist(),
            "name": [text(name) for name in units["name"]],
            "hh": [int(n) for n in units["households"]],
            "today": plan.today_of.tolist(),
            "now": plan.community_of.tolist(),
            "moved": [],
            "rings": packer.areas(simplify_areas(units.geometry.to_numpy())),
        },
    }


def _legend(rollout: RolloutPlan) -> list[dict[str, Any]]:
    from commplan.outputs.topic import legend_row

    years = range(rollout.first_year, rollout.first_year + rollout.problem.years)
    rows = [
        {"colour": colour, "words": {"zh-CN": f"{year}年", "en": str(year)}}
        for year, colour in zip(years, palette(rollout), strict=False)
    ]
    later = legend_row("rollout", LATER, "legend_later")
    return [*rows, later, legend_row("rollout", STAYS, "legend_stays")]


def _records(
    frame: Any, shapes: NDArray[Any], colours: list[int], packer: Packer
) -> list[dict[str, Any]]:
    rings, points = packer.areas(shapes), packer.points(label_points(shapes))
    return [
        {
            "id": text(row.community_id),
            "name": text(row.name) or text(row.community_id),
            "sub": text(row.subdistrict_id),
            "units": number(row.units),
            "hh": number(row.households),
            "pop": number(row.population),
            "area": number(row.area_m2, 0),
            "c": colours[at],
            "at": points[at],
            "rings": rings[at],
        }
        for at, row in enumerate(frame.itertuples(index=False))
    ]
