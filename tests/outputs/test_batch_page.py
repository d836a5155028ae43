"""The page and the tables of a province."""

import json
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from outputs_browser import open_page

from commplan.outputs.batch_page import batch_document, write_batch_page
from commplan.outputs.batch_tables import (
    STATUSES,
    BatchInfo,
    Row,
    catalogue_table,
    totals,
    write_batch_workbook,
)

INFO = BatchInfo("province", {"zh-CN": "全省", "en": "Province"}, date(2026, 1, 2))
NAMES = {"zh-CN": "甲县", "en": "Jia"}
ROWS = (
    Row(
        "jia", NAMES, "optimal", 0, "zhejiang-2017", 90, 9000, 120.0, 120.0, 0.0, 5, 4, 2, 4, 120,
        3.5, 400.0, "host:1", True,
    ),
    Row("yi", {}, "infeasible", 3, units=9, households=500, faults={"en": ["too <few>"]}),
    Row("bing"),
)  # fmt: skip


@pytest.fixture
def outlines() -> gpd.GeoDataFrame:
    """Two squares of a hundredth of a degree side by side."""
    boxes = [shapely.box(120 + i / 100, 30, 120.01 + i / 100, 30.01) for i in range(2)]
    return gpd.GeoDataFrame({"name": ["jia", "yi"]}, geometry=boxes, crs=4326)


def test_sums_leave_out_areas_without_a_plan() -> None:
    """Only valid plans are added up; all scenarios are counted."""
    assert totals(ROWS) == {
        "cases": 3,
        "well": 1,
        "households": 9000,
        "communities_today": 5,
        "communities": 4,
        "in_bounds_today": 2,
        "in_bounds": 4,
        "moved_households": 120,
    }


def test_catalogue_keeps_whole_numbers_and_gaps() -> None:
    """Counts stay whole numbers beside rows without any, and a row survives JSON."""
    table = catalogue_table(ROWS, "en")
    assert table["communities"].tolist()[0] == 4
    assert table["communities"].isna().tolist() == [False, True, True]
    assert table["faults"].tolist() == ["", "too <few>", ""]
    assert [Row.from_dict(json.loads(json.dumps(row.to_dict()))) for row in ROWS] == list(ROWS)


def test_document_holds_both_languages(outlines: gpd.GeoDataFrame) -> None:
    """Every area is there, with a shape where it has one, and with every word in each language."""
    document = batch_document(ROWS, outlines, INFO)
    assert [bool(row["rings"]) for row in document["rows"]] == [True, True, False]
    assert [row["page"] for row in document["rows"]] == ["runs/jia/hearing.html", "", ""]
    english, chinese = document["words"]["en"], document["words"]["zh-CN"]
    assert english.keys() == chinese.keys()
    assert set(document["names"]["en"]["status"]) == set(STATUSES)


def test_script_asks_for_no_word_that_is_not_there(outlines: gpd.GeoDataFrame) -> None:
    """Each key in the page's script has a word."""
    script = Path("src/commplan/outputs/templates/batch.js")
    script = script if script.is_file() else Path(__file__).parents[2] / script
    asked = set(re.findall(r"\bt\(\"(\w+)\"[,)]", script.read_text(encoding="utf-8")))
    assert len(asked) > 20
    assert asked <= set(batch_document(ROWS, outlines, INFO)["words"]["en"])


def test_page_asks_no_host(outlines: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """One file, nothing linked, text of the data escaped."""
    path = tmp_path / "province.html"
    write_batch_page(path, ROWS, outlines, INFO)
    html = path.read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", html) == []
    assert "too <few>" not in html
    assert "甲县" in html
    write_batch_page(tmp_path / "again.html", ROWS, outlines, INFO)
    assert (tmp_path / "again.html").read_bytes() == path.read_bytes()


def test_workbook_has_a_sheet_for_each_language(tmp_path: Path) -> None:
    """A row for each scenario, and sums that a filter can change."""
    path = tmp_path / "province.xlsx"
    write_batch_workbook(path, ROWS, INFO)
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 2
    for sheet in book.worksheets:
        assert [sheet.cell(row, 2).value for row in (6, 7, 8)] == ["jia", "yi", "bing"]
        assert str(sheet.cell(9, 6).value).startswith("=SUBTOTAL(109")


@pytest.mark.browser
def test_page_in_a_browser(outlines: gpd.GeoDataFrame, tmp_path: Path, browser: object) -> None:
    """Both languages, all views and an area chosen in the table, without an error or a request."""
    path = tmp_path / "province.html"
    write_batch_page(path, ROWS, outlines, INFO)
    opened = open_page(browser, path, 1366, 768)
    page = opened.page
    for language in INFO.languages:
        for view in ("proposed", "moved", "gap", "today"):
            page.locator(f"#views input[value={view}]").check(force=True)
        page.locator("#communities .link", has_text=NAMES[language]).click()
        assert page.locator("#detail .facts tr").count() > 9
        page.locator("#language").click()
    assert page.locator("#map path.leaflet-interactive").count() == 2
    assert opened.errors == []
    assert opened.requests == [path.as_uri()]
    page.context.close()
