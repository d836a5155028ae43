"""The outputs of a rollout: each year's communities on the page, on paper and in tables."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import numpy as np
import pytest
import shapely
from outputs_browser import open_page, serious_faults

from commplan.cli import run_command
from commplan.outputs import rollout_picture
from commplan.outputs.colours import PALETTE
from commplan.outputs.info import PageInfo
from commplan.outputs.rollout_picture import write_years_picture
from commplan.outputs.topic import TopicReport
from commplan.plan.make import plan_from_assignment
from commplan.plan.rollout import RolloutPlan
from commplan.policy.library import load_profile
from commplan.pose.rollout import RolloutOptions, make_rollout, pose_rollout
from commplan.problem.result import Status
from commplan.problem.rollout import RolloutAnswer
from commplan.scenario.file import read_scenario
from commplan.scenario.pipeline import survey
from commplan.scenario.watch import Watch
from commplan.texts import load_texts

CRS = "EPSG:4549"
#: Households of a row of squares, today's community and the plan's: A and B exchange a unit, C and
#: D merge, E stays, and a unit in none comes to F, which splits off G.
ROW = (
    (600, "A", "A"), (600, "A", "A"), (600, "A", "B"), (500, "B", "B"), (400, "C", "C"),
    (700, "D", "C"), (1200, "E", "E"), (900, "F", "F"), (900, "F", "G"), (300, None, "F"),
)  # fmt: skip
SCENARIO = """
[scenario]
name = "row"
crs = "EPSG:4549"
title = { zh = "一排小区", en = "A row" }
[layers.units]
path = "units.gpkg"
[redraw]
min_households = 800
max_households = 1500
[rollout]
plan = "plan.csv"
first_year = 2030
years = 3
communities_a_year = 2
first_year_of = { C = 2031 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Roll the plan of a row of squares out, once; return its run folder."""
    town = tmp_path_factory.mktemp("rollout")
    table = {
        "unit_id": [f"U{i}" for i in range(len(ROW))],
        "name": [f"小区{i}" for i in range(len(ROW))],
        "households": [households for households, _, _ in ROW],
        "population": [3 * households for households, _, _ in ROW],
        "community_id": [today for _, today, _ in ROW],
    }
    west = [540_000.0 + 200 * i for i in range(len(ROW))]
    shapes = [shapely.box(x, 3_210_000, x + 200, 3_210_200) for x in west]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    frame.to_file(town / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    lines = [f"U{i},{planned}" for i, (_, _, planned) in enumerate(ROW)]
    (town / "plan.csv").write_text("\n".join(["unit_id,community_id", *lines]) + "\n")
    (town / "row.toml").write_text(SCENARIO, encoding="utf-8")
    arguments = ["rollout", str(town / "row.toml"), "-o", str(town / "out"), "--quiet"]
    assert run_command(arguments, load_texts("en")) == 0
    return town / "out"


@pytest.fixture(scope="module")
def rollout(folder: Path) -> RolloutPlan:
    """Give the same rollout in memory: A and B in the first year, C in the second, F never."""
    situation = survey(read_scenario(folder.parent / "row.toml"), Watch())
    given = {f"U{i}": planned for i, (_, _, planned) in enumerate(ROW)}
    plan = plan_from_assignment(situation.territory, given)
    options = RolloutOptions(2030, 3, (np.inf,) * 3, 800, 1500)
    posed = pose_rollout(plan, options)
    answer = RolloutAnswer(Status.FEASIBLE, np.array([0, 1, -1], dtype=np.int32), 1.0, 0.0)
    return make_rollout(posed, answer, 2030)


def page_data(folder: Path) -> dict[str, Any]:
    """Return the data of the page."""
    html = (folder / "hearing.html").read_text(encoding="utf-8")
    found = re.search(r'id="commplan-data"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    return dict(json.loads(found.group(1)))


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("A row", "A row: rollout by year"),
        ("Rollout by year: a row", "Rollout by year: a row"),
    ],
)
def test_a_title_says_once_what_it_is_about(named: str, shown: str) -> None:
    """What the scenario's own title says already is not put behind it again."""
    info = PageInfo({"en": named}, "row", date(2026, 1, 1))
    report = TopicReport(
        "rollout", load_profile("zhejiang-2017"), "", info, (), lambda _: {}, {}, {}
    )
    assert report.title(load_texts("en")) == shown


def test_who_stands_in_a_year(rollout: RolloutPlan) -> None:
    """In each year the communities that stand cover every unit once, as its assignment says."""
    new, old = rollout.standing(0)
    assert rollout.plan.communities["community_id"][new].tolist() == ["A", "B", "E"]
    assert rollout.plan.today["community_id"][old].tolist() == ["C", "D", "F"]
    new, old = rollout.standing(2)
    assert rollout.plan.communities["community_id"][new].tolist() == ["A", "B", "C", "E"]
    assert rollout.plan.today["community_id"][old].tolist() == ["F"]


def test_picture_draws_the_borders_of_each_year(
    rollout: RolloutPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map holds the communities of its year, those that wait in the colour of waiting."""
    drawn = []

    def note(axes: object, shapes: Any, *, facecolors: list[str], **_: object) -> None:
        drawn.append((len(shapes), facecolors.count(rollout_picture.LATER)))

    monkeypatch.setattr(rollout_picture, "fill_areas", note)
    shapes = [part.geometry.to_numpy() for part in (rollout.plan.communities, rollout.plan.today)]
    path = tmp_path / "years.png"
    write_years_picture(path, load_texts("en"), rollout=rollout, drawn=(shapes[0], shapes[1]))
    assert drawn == [(6, 3), (5, 1), (5, 1)]
    assert path.read_bytes().startswith(b"\x89PNG")


def test_years_without_a_change_take_no_colour(rollout: RolloutPlan) -> None:
    """Changes in two of three years have two colours, however far apart the years are."""
    late = replace(rollout, answer=replace(rollout.answer, year_of=np.array([0, 2, -1], np.int32)))
    colours = rollout_picture.palette(late)
    assert colours[:3] == [PALETTE[0], rollout_picture.STAYS, PALETTE[1]]
    assert rollout_picture.years_of_change(late) == [0, 2]


def test_page_knows_the_year_of_every_community(folder: Path) -> None:
    """Communities carry the year in which they begin or end; who stays carries none."""
    data = page_data(folder)
    assert [year["name"] for year in data["years"]] == ["2030", "2031", "2032"]
    plan = {record["id"]: record["year"] for record in data["proposed"]}
    assert plan["E"] is None
    assert plan["A"] == plan["B"]
    assert plan["C"] >= 1
    today = {record["id"]: record["year"] for record in data["today"]}
    assert today == {"A": plan["A"], "B": plan["B"], "C": plan["C"], "D": plan["C"],
                     "E": None, "F": plan["F"]}  # fmt: skip
    assert sum(year["count"] for year in data["years"]) == 5
    assert len(data["units"]["moved"]) == 3


def test_document_holds_the_picture(folder: Path) -> None:
    """In both languages the document has the sketch map, the maps of the years and broken rules."""
    document = docx.Document(str(folder / "report.docx"))
    assert len(document.inline_shapes) == 4
    said = "\n".join(p.text for p in document.paragraphs)
    heads = [cell.text for table in document.tables for cell in table.rows[0].cells]
    for language in ("en", "zh-CN"):
        texts = load_texts(language)
        assert texts("rollout.picture") in said
        assert texts("rollout.col_breaks_waiting") in heads
        assert texts("rollout.col_number") in heads
        assert texts("tables.col_today") not in heads  # nothing is known of today


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    """Open the page on a laptop."""
    opened = open_page(browser, folder / "hearing.html", 1366, 768)
    yield opened.page
    assert not opened.errors
    assert all(url.startswith(("file:", "data:", "blob:")) for url in opened.requests)
    opened.page.context.close()


def names(page: Any) -> list[str]:
    """Return the communities of the table, by name."""
    return sorted(page.locator("#communities tbody th").all_inner_texts())


@pytest.mark.browser
def test_years_by_keyboard(page: Any) -> None:
    """The last year shows at first; arrow keys go through the years, map and table with them."""
    data = page.evaluate("commplan.data.years")
    assert page.locator("#years input:checked").input_value() == "2032"
    page.locator("#years input:checked").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#years input:checked").input_value() == "2030"
    assert page.evaluate("document.activeElement.value") == "2030"
    first = names(page)
    assert any("D" in name for name in first)  # C and D have not merged yet
    assert f"{data[0]['count']}" in page.text_content("#years p")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert len(names(page)) != len(first)
    assert not any("D" in name for name in names(page))
    assert page.locator("#views input:checked").input_value() == "proposed"


@pytest.mark.browser
def test_units_belong_to_who_stands(page: Any) -> None:
    """In the first year a unit of the merger is in today's community, in the last in the plan's."""
    place = "commplan.placeName('proposed', commplan.communityOf(5, 'proposed'))"
    page.locator("#years label").nth(0).click()
    assert page.evaluate(place) == page.evaluate("commplan.data.today[3].name")
    assert page.evaluate("commplan.movedUnits().has(5)") is False
    page.locator("#years label").nth(2).click()
    assert page.evaluate("commplan.movedUnits().has(2)") is True
    assert page.evaluate(place) != page.evaluate("commplan.data.today[3].name")


@pytest.mark.browser
def test_years_in_the_other_language(page: Any) -> None:
    """The bar changes language with the page and keeps its year."""
    page.locator("#years label").nth(0).click()
    before = page.text_content("#years p")
    page.locator("#language").click()
    assert page.locator("#years input:checked").input_value() == "2030"
    assert page.text_content("#years p") != before
    assert "2030" in page.locator("#views input:checked + span").inner_text()
    assert serious_faults(page) == []


@pytest.mark.browser
def test_years_on_a_phone(browser: Any, folder: Path) -> None:
    """The bar lies within the screen, and neither scale nor legend cover it."""
    opened = open_page(browser, folder / "hearing.html", 390, 844)
    boxes = [
        opened.page.locator(place).bounding_box()
        for place in ("#years", ".leaflet-control-scale", "#legend")
    ]
    bar = boxes[0]
    assert bar["x"] >= 0
    assert bar["x"] + bar["width"] <= 390
    for other in boxes[1:]:
        assert other["y"] + other["height"] <= bar["y"]
    opened.page.context.close()
