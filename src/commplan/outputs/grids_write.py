"""Everything that a division into grids leaves in its run folder for eyes and hands."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE, colour_neighbours
from commplan.outputs.geometry import Packer, label_points, make_packer, near_pairs, simplify_areas
from commplan.outputs.grids_tables import csv_tables, grid_figures, grid_sheets, write_grid_layers
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import NEAR_M, number, text
from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.topic import MapView, TopicReport, legend_row
from commplan.plan.grids import GridPlan
from commplan.policy.profile import Profile

RULE = "grid"
#: After the palette: units in no community, and in no grid.
NOBODY = "#DDDDDD"
COLOURS = (*PALETTE, NOBODY)
CARDS = {"inside": "communities_in_bounds", "grids": "communities"}
PAPER = {
    "communities": ("name", "households", "grids", "in_bounds", "smallest", "largest", "status"),
    "grids": ("grid_id", "community_name", "units", "households", "population", "ok"),
}


def write_grid_outputs(folder: Path, grids: GridPlan, profile: Profile, info: PageInfo) -> None:
    """Write page, tables, layers, findings, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.topic_page import write_topic_page
    from commplan.outputs.topic_report import write_topic_document, write_topic_workbook

    areas = simplify_areas(grids.grids.geometry.to_numpy())
    todays = simplify_areas(grids.plan.communities.geometry.to_numpy())
    colours = _colours(areas, todays)
    report = grid_report(grids, profile, info, (areas, todays, colours))
    packer = make_packer(grids.plan.territory.crs, todays)
    part = page_part(grids, packer, (areas, todays, colours))
    write_topic_page(folder / "hearing.html", report, grids.plan.territory, packer, part, CARDS)
    for name, table in csv_tables(grids).items():
        write_csv(folder / name, table)
    write_grid_layers(folder / "grids.gpkg", grids)
    write_json(folder / "findings.json", findings_json(info.findings))
    write_topic_workbook(folder / "report.xlsx", report)
    write_topic_document(folder / "report.docx", report)


Drawn = tuple[NDArray[Any], NDArray[Any], tuple[NDArray[np.int32], NDArray[np.int32]]]


def _colours(
    areas: NDArray[Any], todays: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Colours of grids and of communities, so that neighbours differ."""
    grids = colour_neighbours(len(areas), near_pairs(areas, NEAR_M))
    return grids, colour_neighbours(len(todays), near_pairs(todays, NEAR_M))


def grid_report(grids: GridPlan, profile: Profile, info: PageInfo, drawn: Drawn) -> TopicReport:
    """Put together what page, workbook and document are written from."""
    areas, todays, (of_grid, of_today) = drawn
    problem = grids.problem
    views = {
        "today": MapView(
            todays,
            [PALETTE[c] for c in of_today.tolist()],
            todays,
            numbers=True,
            legend=((PALETTE[0], "legend_community"),),
        ),
        "proposed": MapView(
            areas,
            [PALETTE[c] for c in of_grid.tolist()],
            todays,
            legend=((PALETTE[0], "legend_grid"),),
        ),
    }
    return TopicReport(
        topic="grids",
        profile=profile,
        rule=RULE,
        info=info,
        figures=grid_figures(grids),
        sheets=partial(grid_sheets, grids),
        paper=PAPER,
        views=views,
        params={
            "low": f"{problem.min_households:,}",
            "high": f"{problem.max_households:,}",
        },
    )


def page_part(grids: GridPlan, packer: Packer, drawn: Drawn) -> dict[str, Any]:
    """Return the part of the page's data that grids bring: communities today, grids proposed."""
    areas, todays, (of_grid, of_today) = drawn
    plan = grids.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    names = [text(name) for name in units["name"]]
    row_of = {name: row for row, name in enumerate(plan.communities["community_id"])}
    proposed = _records(grids.grids, "community_name", (areas, of_grid), packer)
    for record, row in zip(proposed, grids.grids.itertuples(index=False), strict=True):
        record["name"] = f"{row.community_name} {row.number}"
        record["old"], record["origin"] = row_of[row.community_id], "new"
        record["ok"] = int(row.ok)  # type: ignore[arg-type]
    today = _records(plan.communities, "subdistrict_id", (todays, of_today), packer)
    return {
        "palette": list(COLOURS),
        "today": today,
        "proposed": proposed,
        "legend": {
            "today": [legend_row("grids", PALETTE[0], "legend_community")],
            "proposed": [legend_row("grids", PALETTE[0], "legend_grid_plain")],
        },
        "units": {
            "id": units["unit_id"].astype(str).tolist(),
            "name": names if any(names) else [],
            "hh": [int(n) for n in units["households"]],
            "today": plan.community_of.tolist(),
            "now": grids.grid_of.tolist(),
            "moved": [],
            "rings": packer.areas(simplify_areas(units.geometry.to_numpy())),
        },
    }


def _records(
    frame: Any, above: str, drawn: tuple[NDArray[Any], NDArray[np.int32]], packer: Packer
) -> list[dict[str, Any]]:
    """Areas as the page's script reads them; ``above`` is the column of what each belongs to."""
    shapes, colours = drawn
    rings, points = packer.areas(shapes), packer.points(label_points(shapes))
    own = "grid_id" if "grid_id" in frame else "community_id"
    area_m2 = shapely.area(frame.geometry.to_numpy())
    return [
        {
            "id": text(getattr(row, own)),
            "name": text(getattr(row, "name", "")) or text(getattr(row, own)),
            "sub": text(getattr(row, above)),
            "units": number(row.units),
            "hh": number(row.households),
            "pop": number(row.population),
            "area": number(area_m2[at], 0),
            "c": int(colours[at]),
            "at": points[at],
            "rings": rings[at],
        }
        for at, row in enumerate(frame.itertuples(index=False))
    ]
