"""CSV, JSON, GeoPackage, workbook, document and map of a plan."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from outputs_town import EVIL, Made

from commplan.outputs.document import figure
from commplan.outputs.info import all_findings, in_language
from commplan.outputs.paper_table import PATTERNS, add_table, cell_words
from commplan.outputs.sheets import Column
from commplan.outputs.tables import (
    assignment_table,
    community_table,
    findings_json,
    move_table,
    plain,
    scorecard_json,
    today_table,
    write_csv,
)
from commplan.outputs.words import decimals, measure_word, unit_word, word
from commplan.outputs.write import write_outputs
from commplan.texts import LANGUAGES, load_texts

FILES = {
    "assignment.csv", "communities.csv", "rooms.csv", "moves.csv", "plan.gpkg", "scorecard.json",
    "findings.json", "hearing.html", "report.xlsx", "report.docx",
}  # fmt: skip
CODES = (
    "border_km", "soft_border_km", "soft_border_share", "fixed_border_km", "moved_households",
    "moved_share", "distance_household_km", "mean_distance_m", "imbalance_households",
    "cv_households", "area_imbalance_km2", "walk_household_min", "mean_walk_min", "far_households",
    "within_share", "communities", "communities_in_bounds", "households", "population",
    "room_need_m2", "room_floor_m2", "room_short_m2", "room_cost_yuan", "compactness",
    "circle_share",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write every output, with a compound that is called like a formula."""
    folder = tmp_path_factory.mktemp("run")
    moves = made.plan.moves.copy()
    moves.loc[0, "name"], moves.loc[1, "name"] = "=1+1", "@x\x0b"
    plan = made.plan.replace(moves=moves)
    write_outputs(folder, plan, made.scorecard, made.circles, made.profile, made.info)
    return folder


def test_folder_holds_every_file(run: Path) -> None:
    """Nothing is missing and nothing else is left."""
    assert {path.name for path in run.iterdir()} == FILES


def test_assignment_is_plain(run: Path, made: Made) -> None:
    """assignment.csv has no byte order mark, one line feed a line, and is sorted."""
    raw = (run / "assignment.csv").read_bytes()
    assert raw.startswith(b"unit_id,community_id\nU00000,")
    assert b"\r" not in raw
    table = pd.read_csv(run / "assignment.csv", dtype=str)
    assert table["unit_id"].is_monotonic_increasing
    given = made.plan.communities["community_id"].to_numpy()[made.plan.community_of]
    assert table["community_id"].tolist() == given.tolist()


def test_unit_in_no_community_has_an_empty_field(made: Made) -> None:
    """-1 is not taken for the last community."""
    of = made.plan.community_of.copy()
    of[3] = -1
    assert assignment_table(made.plan.replace(community_of=of))["community_id"][3] == ""


def test_communities_name_what_they_succeed(made: Made) -> None:
    """Each row names the old community, and today's rows name their successors."""
    table = community_table(made.plan, made.scorecard, made.circles)
    assert table["households"].sum() == made.plan.territory.units["households"].sum()
    assert table.loc[0, "old_id"] == made.plan.today["community_id"][made.plan.successor_of[0]]
    assert table["circle_bank"].between(0, 1).all()
    today = today_table(made.plan)
    ended = set(range(len(today))) - set(made.plan.successor_of.tolist())
    assert today["successor_id"].isna().sum() == len(ended) > 0


def test_terms_lose_nothing_that_counts(made: Made) -> None:
    """Terms in scorecard.json agree within 1e-11 relative, and what is unknown is null."""
    document = json.loads(json.dumps(scorecard_json(made.scorecard, made.circles), allow_nan=False))
    assert document["terms"]["border_km"] == pytest.approx(23.45678901234567, rel=1e-11)
    measure = next(m for m in document["measures"] if m["code"] == "mean_walk_min")
    assert measure["today"] is None
    assert document["circles"]["limit_min"] == 15.0


def test_findings_are_worded_in_both_languages(run: Path) -> None:
    """findings.json carries code, parameters and words, worst first."""
    found = json.loads((run / "findings.json").read_text(encoding="utf-8"))
    assert [f["severity"] for f in found] == ["error", "note"]
    assert set(found[0]["words"]) == set(LANGUAGES)
    assert found[0]["ids"] == ["U00001"]


def test_findings_of_every_stage_are_gathered_once(made: Made) -> None:
    """What two stages report alike is listed once."""
    info = replace(made.info, findings=made.scorecard.findings)
    found = all_findings(info, made.plan.territory, made.scorecard, made.circles)
    assert len(findings_json(found)) == 2


def test_geopackage_has_three_layers(run: Path, made: Made) -> None:
    """Communities, units and rooms come back with their ids and the territory's CRS."""
    areas = gpd.read_file(run / "plan.gpkg", layer="communities")
    assert areas.crs == made.plan.territory.crs
    assert areas["community_id"].tolist() == made.plan.communities["community_id"].tolist()
    units = gpd.read_file(run / "plan.gpkg", layer="units")
    assert units["moves"].sum() == len(made.plan.moves)
    rooms = gpd.read_file(run / "plan.gpkg", layer="rooms")
    assert rooms.geometry.isna().sum() == 1


def test_the_geopackage_holds_isochrones(run: Path, made: Made) -> None:
    """A row for each room and step, and one for each kind of amenity and step; all are areas."""
    drawn = gpd.read_file(run / "plan.gpkg", layer="isochrones")
    rooms = drawn[drawn["kind"] == "room"]
    assert sorted(rooms["site_id"]) == sorted(made.circles.ground.rooms["site_id"])
    assert drawn.loc[drawn["kind"] != "room", "site_id"].isna().all()
    assert set(drawn["kind"]) == {"room", *made.circles.ground.kinds["kind"]}
    assert drawn.is_valid.all()


def test_csv_quotes_what_needs_it(tmp_path: Path) -> None:
    """Commas, quotes and line feeds in names survive."""
    table = pd.DataFrame({"name": ['a,"b"\nc'], "value": [0.1 + 0.2]})
    write_csv(tmp_path / "x.csv", table)
    back = pd.read_csv(tmp_path / "x.csv")
    assert back["name"][0] == 'a,"b"\nc'
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").endswith(",0.3\n")


def test_workbook_sums_and_never_calculates_names(run: Path, made: Made) -> None:
    """Totals are formulas over their column; a name that looks like one is text."""
    book = openpyxl.load_workbook(run / "report.xlsx")
    assert book.sheetnames[:3] == ["指标汇总", "规划社区", "现状社区"]
    assert "Communities" in book.sheetnames
    sheet = book["归属调整"]
    assert sheet["B6"].value == "=1+1"
    assert sheet["B6"].data_type == "s"
    last = 5 + len(made.plan.moves)
    assert sheet.cell(last + 1, 3).value == f"=SUBTOTAL(109,C6:C{last})"
    assert sheet.auto_filter.ref == f"A5:G{last}"
    assert sheet.freeze_panes == "C6"
    formulas = [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert len(formulas) == 1


def test_workbook_numbers_are_numbers(run: Path, made: Made) -> None:
    """Households are whole numbers with thousands, shares are per cent, areas have a sum."""
    sheet = openpyxl.load_workbook(run / "report.xlsx")["规划社区"]
    titles = {cell.value: cell.column for cell in sheet[5]}
    households = sheet.cell(6, titles["户数"])
    assert households.value == made.plan.communities["households"][0]
    assert households.number_format == "#,##0"
    assert sheet.cell(6, titles["步行可达用房的户数占比"]).number_format == "0.0%"
    values = openpyxl.load_workbook(run / "report.xlsx", data_only=True)["规划社区"]
    total = values.cell(6 + len(made.plan.communities), titles["户数"]).value
    assert total == made.plan.communities["households"].sum()


def test_document_says_what_it_stands_on(run: Path) -> None:
    """Title, draft status, figures, names and moves stand in the document, in both languages."""
    document = docx.Document(str(run / "report.docx"))
    words = "\n".join(p.text for p in document.paragraphs)
    assert "会稽县城区社区规模调整方案" in words
    assert "征求意见稿" in words
    assert "not law in force" in words
    cells = {cell.text for table in document.tables for cell in table._cells}
    assert EVIL in cells
    assert "=1+1" in cells
    assert len(document.inline_shapes) == 2
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert "宋体" in fonts.values()


def test_document_cuts_long_lists_and_says_so(run: Path, made: Made) -> None:
    """No more than 60 moves are listed; the count of the others is stated."""
    document = docx.Document(str(run / "report.docx"))
    more = len(made.plan.moves) - 60
    if more > 0:
        assert any(f"其余 {more} 个见 moves.csv" in p.text for p in document.paragraphs)
    longest = max(len(table.rows) for table in document.tables)
    assert longest == 1 + min(60, len(made.plan.moves))


def test_document_is_whole_xml(run: Path) -> None:
    """The archive opens, and the map is a picture in it."""
    with zipfile.ZipFile(run / "report.docx") as archive:
        assert archive.testzip() is None
        assert any(name.endswith(".png") for name in archive.namelist())


def test_plan_without_rooms_and_circles_is_written(made: Made, tmp_path: Path) -> None:
    """A plan drawn by hand with neither rooms nor circles has every file all the same."""
    plan = made.plan.replace(rooms=None, moves=made.plan.moves.iloc[:0])
    info = replace(made.info, languages=("en",))
    write_outputs(tmp_path, plan, made.scorecard, None, made.profile, info)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert (tmp_path / "rooms.csv").read_text(encoding="utf-8").startswith("community_id,")
    assert move_table(plan).empty


def test_every_measure_has_a_name_and_a_unit_in_both_languages() -> None:
    """No measure shows its code to a reader."""
    for language in LANGUAGES:
        texts = load_texts(language)
        for code in CODES:
            assert measure_word(texts, code) != code
        assert unit_word(texts, "household km") != "household km" or language == "en"
        assert unit_word(texts, "") == ""


def test_words_of_users_show_as_they_are() -> None:
    """A kind that the profile does not know keeps the user's own word."""
    texts = load_texts("zh-CN")
    assert word(texts, "kind", "food_market") == "菜市场"
    assert word(texts, "kind", "茶馆") == "茶馆"


def test_figures_for_readers() -> None:
    """Thousands, decimals by unit, and a dash for what is unknown."""
    assert figure(12345.6, "households") == "12,346"
    assert figure(0.9134, "share") == "91.3%"
    assert figure(None, "km") == "–"
    assert figure(float("inf"), "min") == "–"
    assert figure(0.99996, "share") == "99.9%"
    assert figure(-0.0004, "share") == "0.0%"
    assert figure(-0.4, "households") == "0"
    assert figure(-0.6, "households") == "-1"


def test_a_narrow_column_holds_the_words_of_its_title() -> None:
    """No word of a title is broken where other columns of the paper have room to give."""
    paper = docx.Document()
    given = (("Group", 3), ("Households moved", 4), ("Why", 93))
    add_table(paper, [Column(title, ["x"], width=width) for title, width in given])
    widths = [cell.width.cm for cell in paper.tables[0].rows[0].cells]
    assert sum(widths) == pytest.approx(16.6, abs=0.01)
    assert widths[0] > 1.2  # 5 letters of 8.5 pt, and what Word leaves beside them
    assert widths[1] > 2.0


def test_no_table_shows_a_negative_zero(tmp_path: Path) -> None:
    """Neither paper nor CSV nor JSON writes -0, whatever is left of a difference."""
    for kind in (*PATTERNS, "share"):
        words, _ = cell_words(-1e-9, kind)
        assert "-" not in words
        assert cell_words(-1234.5, kind)[0].startswith("-1")
    write_csv(tmp_path / "zero.csv", pd.DataFrame({"a": [-0.0, -0.5, 1 / 3, np.nan]}))
    assert (tmp_path / "zero.csv").read_bytes() == b'a\n0\n-0.5\n0.333333333333\n""\n'
    assert json.dumps(plain([-0.0, -0.5])) == "[0.0, -0.5]"
    assert decimals("km") == 2


def test_plain_values() -> None:
    """Numpy and pandas values become JSON's own."""
    assert plain({"a": np.int64(3), "b": [np.float64("nan"), np.bool_(True)], "c": pd.NA}) == {
        "a": 3,
        "b": [None, True],
        "c": None,
    }


def test_languages_are_picked_by_long_or_short_code() -> None:
    """Zh serves for zh-CN, and any language is better than none."""
    assert in_language({"zh": "甲", "en": "a"}, "zh-CN") == "甲"
    assert in_language({"en": "a"}, "zh-CN") == "a"
    assert in_language({}, "en") == ""
