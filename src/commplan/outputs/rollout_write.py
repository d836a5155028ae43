"""Everything that a rollout leaves in its run folder for eyes and hands."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.outputs.geometry import Packer, label_points, make_packer, simplify_areas
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import number, text
from commplan.outputs.rollout_picture import (
    LATER,
    STAYS,
    Drawn,
    palette,
    write_years_picture,
    years_of_change,
)
from commplan.outputs.rollout_tables import (
    csv_tables,
    rollout_figures,
    rollout_sheets,
    year_table,
)
from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.topic import MapView, TopicReport, legend_row
from commplan.plan.rollout import STAYS as STAYING
from commplan.plan.rollout import RolloutPlan
from commplan.policy.profile import Profile
from commplan.texts import LANGUAGES, Texts, load_texts

RULE = "adjust.stepwise"
#: Words that only this page has.
PAGE_WORDS = ("years_label", "years_view", "years_change", "years_none", "years_state", "fact_year")
CARDS = {"done": "communities_in_bounds", "all": "communities"}
PAPER = {
    "years": (
        "year", "communities", "groups", "cost_yuan", "staff", "moved_households",
        "breaks_changed", "breaks_waiting",
    ),
    "communities": ("year", "group", "number", "name", "households", "moved_households", "why"),
}  # fmt: skip


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
    texts = load_texts(info.languages[0])
    write_years_picture(folder / "years.png", texts, rollout=rollout, drawn=(areas, todays))
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


def rollout_report(
    rollout: RolloutPlan, profile: Profile, info: PageInfo, drawn: Drawn
) -> TopicReport:
    """Put together what page, workbook and document are written from."""
    areas, todays = drawn
    colours = palette(rollout)
    rest = ((LATER, "legend_later"), (STAYS, "legend_stays"))
    years = [
        (colours[at], partial(_year_word, name=str(rollout.first_year + at)))
        for at in years_of_change(rollout)
    ]
    faces = [colours[c] for c in year_colours(rollout)]
    views = {
        "today": MapView(todays, [STAYS] * len(todays), todays, legend=((STAYS, "legend_today"),)),
        "proposed": MapView(areas, faces, areas, numbers=True, legend=(*years, *rest)),
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
        page_words=PAGE_WORDS,
        picture=partial(write_years_picture, rollout=rollout, drawn=drawn),
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
    stays = [len(palette(rollout)) - 1] * len(todays)
    today = _records(plan.today, todays, stays, packer)
    _add_years(rollout, proposed, rollout.year_of_plan.tolist())
    _add_years(rollout, today, rollout.year_of_today.tolist())
    for record, row, old in zip(
        proposed, plan.communities["origin"], plan.successor_of.tolist(), strict=True
    ):
        record["old"], record["origin"], record["ok"] = old, row, 0
    return {
        "palette": palette(rollout),
        "today": today,
        "proposed": proposed,
        "years": [
            {"name": str(row.year), "count": row.communities, "households": row.moved_households}
            for row in year_table(rollout).itertuples(index=False)
        ],
        "waits": rollout.problem.years,
        "legend": {"today": [], "proposed": _legend(rollout)},
        "units": {
            "id": units["unit_id"].astype(str).tolist(),
            "name": [text(name) for name in units["name"]],
            "hh": [int(n) for n in units["households"]],
            "today": plan.today_of.tolist(),
            "now": plan.community_of.tolist(),
            "moved": np.flatnonzero(units["unit_id"].isin(plan.moves["unit_id"])).tolist(),
            "rings": packer.areas(simplify_areas(units.geometry.to_numpy())),
        },
    }


def _add_years(rollout: RolloutPlan, records: list[dict[str, Any]], years: list[int]) -> None:
    """Add to each community the year in which it begins or ends: None for one that stays."""
    for record, year in zip(records, years, strict=True):
        record["year"] = None if year == STAYING else year
        if year != STAYING:
            record["facts"] = [["fact_year", str(rollout.first_year + year) if year >= 0 else "–"]]


def _year_word(texts: Texts, name: str) -> str:
    return texts("rollout.legend_year", name=name)


def _legend(rollout: RolloutPlan) -> list[dict[str, Any]]:
    colours = palette(rollout)
    rows: list[dict[str, Any]] = [
        {
            "colour": colours[at],
            "words": {
                k: _year_word(load_texts(k), str(rollout.first_year + at)) for k in LANGUAGES
            },
        }
        for at in years_of_change(rollout)
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
