"""Letters, page and map of a development: what they say, in both languages."""

import io
import math
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest
import shapely
from PIL import Image

from commplan.outputs.developments_letters import (
    TO,
    developer_letter,
    planning_letter,
    write_letter,
)
from commplan.outputs.developments_map import ENTRANCE, MOVED, MapLayers, Mark, map_marks
from commplan.outputs.developments_page import write_page
from commplan.outputs.developments_paint import as_png, as_svg
from commplan.outputs.developments_report import DevelopmentReport
from commplan.texts import LANGUAGES, load_texts
from developments_town import development, report_of, street

NAN = re.compile(r"\bnan\b")
PHASES = ((800, "2027"), (1600, "2028"), (2000, "2029"))


def said(report: DevelopmentReport, language: str = "en") -> str:
    """All that the letter to the planning office says."""
    letter = planning_letter(report, load_texts(language))
    lines = [line for _, part in letter.parts for line in part]
    return " ".join([letter.title, letter.opening, *lines, *letter.closing])


@pytest.fixture
def reports() -> dict[str, DevelopmentReport]:
    """One development for each way of giving it a community, and some without one."""
    floor: dict[str, Any] = {"floor_area_m2": 199_999.0, "population": 4000.0}
    east = street(households=[500] * 4 + [375] * 4)
    two = development(1200, development_id="e", name="Other", at=250.0)
    return {
        "stay": report_of(development(1000)),
        "new": report_of(development(2000, phases=PHASES)),
        "move": report_of(development(1200), territory=east),
        "together": report_of(development(1100), two, prefer=("together",)),
        "redraw": report_of(development(1001)),
        "none": report_of(development(3001)),
        "nowhere": report_of(development(100, at=5000.0)),
        "pay": report_of(development(1500, **floor), profile="anhui-city-2011"),
        "unknown": report_of(development(1500), profile="anhui-city-2011"),
        "no_rule": report_of(development(1500), profile="national-2026"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_filled_in(reports: dict[str, DevelopmentReport], language: str) -> None:
    """Whatever the answer, letters and findings are whole sentences in both languages."""
    texts = load_texts(language)
    for kind, report in reports.items():
        for make in (developer_letter, planning_letter):
            letter = make(report, texts)
            lines = [letter.title, letter.addressee, letter.opening, *letter.closing]
            lines += [line for head, part in letter.parts for line in (head, *part)]
            assert all(line and "{" not in line and not NAN.search(line) for line in lines), kind
        for finding in report.findings:
            words = finding.words(texts)
            assert words.endswith("。" if language == "zh-CN" else "."), words
            assert "{" not in words


def test_planning_letter_names_the_conditions() -> None:
    """Rooms, place, time, acceptance by civil affairs, and the clause with its standing."""
    words = said(report_of(development(2000, phases=PHASES)))
    assert "at least 600 m²" in words
    assert "ground floor, beside the main entrance" in words
    assert "handed over with phase 2" in words
    assert "civil affairs takes part in the acceptance" in words
    assert "五(二)" in words
    assert "draft" in words.lower()
    assert (
        "(draft for comment) (draft"
        not in planning_letter(report_of(development(2000)), load_texts("en")).basis
    )


def test_chinese_letter_names_them_too() -> None:
    """Size, place, time and acceptance (面积、位置、时间、验收)."""
    words = said(report_of(development(2000, phases=PHASES)), "zh-CN")
    for part in (
        "不少于 600 平方米",
        "设在一楼、临项目主要出入口",
        "随第 2 期同步交付",
        "民政部门参加验收",
    ):
        assert part in words


def test_money_in_lieu_leaves_the_sum_blank(reports: dict[str, DevelopmentReport]) -> None:
    """3‰ of 199,999 m² are 600.0 m²; without a price the sum in yuan stays a blank."""
    words = said(reports["pay"])
    assert "600.0 m²" in words
    assert "________" in words
    assert math.isnan(reports["pay"].duty.levy_yuan)


def test_documents_open_and_carry_no_moment(tmp_path: Path) -> None:
    """Both letters open as Word documents with a table of phases in each language; bytes repeat."""
    report = report_of(development(2000, phases=PHASES))
    for to in TO:
        path, again = tmp_path / f"{to}.docx", tmp_path / f"{to}-2.docx"
        png = as_png(map_marks(report, MapLayers(street())))
        write_letter(path, report, to, png)
        write_letter(again, report, to, png)
        assert path.read_bytes() == again.read_bytes()
        document = docx.Document(str(path))
        assert [len(table.rows) for table in document.tables] == [4, 4]
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
            assert {info.date_time[0] for info in parts.infolist()} == {1980}


def test_map_is_well_formed_and_shows_what_moves(reports: dict[str, DevelopmentReport]) -> None:
    """The map is one SVG; a redrawing outlines the block that changes its community."""
    layers = MapLayers(street())
    for kind, report in reports.items():
        drawn = as_svg(map_marks(report, layers), "a & b")
        ET.fromstring(drawn)
        assert ("#7A1020" in drawn) == (kind == "redraw"), kind


def test_the_picture_of_the_letters_shows_the_same(reports: dict[str, DevelopmentReport]) -> None:
    """A community with a hole leaves it open; what moves is darker; bytes repeat."""
    square = np.array([[0.0, 0], [400, 0], [400, 400], [0, 400], [0, 0]])
    inner = square / 4 + 100
    within = square / 8 + 125
    marks = [Mark([[within], [square, inner]], fill="#FF0000")]
    picture = Image.open(io.BytesIO(as_png(marks))).convert("RGB")
    red, ground = (255, 0, 0), (251, 250, 247)
    places = {(50, 50): red, (110, 110): ground, (150, 150): red, (500, 500): ground}
    for place, colour in places.items():
        assert np.abs(np.subtract(picture.getpixel(place), colour)).max() < 12, place
    marks = map_marks(reports["redraw"], MapLayers(street()))
    assert as_png(marks) == as_png(marks)
    kept = [mark for mark in marks if mark.fill != MOVED]
    before, after = (
        np.asarray(Image.open(io.BytesIO(as_png(m))).convert("L"), dtype=float)
        for m in (kept, marks)
    )
    assert after.mean() < before.mean()


def test_polygon_has_its_entrance_marked() -> None:
    """A development with an extent is drawn with it, and its entrance lies on its edge."""
    shape = shapely.box(310, 10, 390, 90)
    report = report_of(development(1000, shape=shape))
    assert shape.boundary.distance(shapely.Point(report.case.entrance)) < 1e-9
    marks = map_marks(report, MapLayers(street()))
    rings = [ring for mark in marks for rings in mark.shapes for ring in rings]
    assert any(len(r) == 4 and np.allclose(r - r[0], ENTRANCE - ENTRANCE[0]) for r in rings)


def test_page_asks_no_host(tmp_path: Path, reports: dict[str, DevelopmentReport]) -> None:
    """The page holds everything: no script, no image, no style from elsewhere."""
    path = tmp_path / "page.html"
    drawn = as_svg(map_marks(reports["new"], MapLayers(street())), "map")
    write_page(path, reports["new"], drawn)
    text = path.read_text(encoding="utf-8")
    assert "http" not in text
    assert "<script" not in text
    assert "Forms a new community" in text
    assert "单独设立新社区" in text
