"""Page, workbook, document and map of a merging of villages, as their readers see them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from commplan.outputs.geometry import Packer, make_packer
from commplan.outputs.villages_map import write_village_map
from commplan.outputs.villages_page import village_document, village_shapes
from commplan.outputs.villages_report import write_village_document, write_village_workbook
from commplan.outputs.villages_tables import VillageReport, key_figures
from commplan.outputs.villages_write import write_village_outputs
from commplan.scenario.file import read_scenario
from commplan.scenario.villages import VillageRun, merge
from commplan.scenario.write import page_info
from commplan.texts import load_texts

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = f"""
[scenario]
name = "little"
title = {{ zh = "小村合并", en = "Merging villages" }}
profile = "zhejiang-2017"
crs = "EPSG:4549"
[layers.villages]
path = '{(ROOT / "data" / "boundaries" / "villages.gpkg").as_posix()}'
[villages]
max_minutes = 45
first_year = 2018
groups_per_year = 5
locked = ["V036"]
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> VillageRun:
    """Merge the sample county's villages once."""
    path = tmp_path_factory.mktemp("little") / "little.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return merge(read_scenario(path))


@pytest.fixture(scope="module")
def report(run: VillageRun) -> VillageReport:
    """Give what the outputs are written from."""
    info = page_info(run.survey.scenario, ())
    return VillageReport(run.plan, run.survey.profile, info, run.findings)


@pytest.fixture(scope="module")
def folder(report: VillageReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write everything once."""
    path = tmp_path_factory.mktemp("written")
    write_village_outputs(path, report)
    return path


def numbers(words: str) -> list[int]:
    """Whole numbers in a text, without their commas."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", words)]


def test_the_workbook_has_every_sheet_in_both_languages(folder: Path) -> None:
    """Seven sheets a language, each with head, rows and an unbroken filter."""
    book = openpyxl.load_workbook(folder / "report.xlsx")
    for language in ("zh-CN", "en"):
        texts = load_texts(language)
        names = ("summary", "stages", "groups", "meetings", "villages", "left", "findings")
        for name in names:
            sheet = book[texts(f"villages.sheet_{name}")]
            assert sheet["A5"].value, name
            assert all(cell.value for cell in sheet[5]), name
    assert len(book.sheetnames) == 14


def test_sums_of_workbook_and_document_are_those_of_the_plan(
    folder: Path, report: VillageReport
) -> None:
    """People and renamed people: the plan's, the sheet's rows', the sheet's sum and the document's."""
    groups = report.plan.groups
    sheet = openpyxl.load_workbook(folder / "report.xlsx", data_only=True)["Groups of villages"]
    titles = [cell.value for cell in sheet[5]]
    lines = [line for line in sheet.iter_rows(min_row=6, values_only=True) if line[0]]
    body, total = lines[:-1], lines[-1]
    assert len(body) == len(groups)
    for title, name in (("People", "people"), ("People renamed", "renamed_people")):
        at = titles.index(title)
        assert sum(line[at] for line in body) == total[at] == groups[name].sum()
    document = docx.Document(str(folder / "report.docx"))
    tables = [[c.text for c in t.rows[0].cells] for t in document.tables]
    at = next(i for i, head in enumerate(tables) if head[:2] == ["Group", "New village"])
    last = [cell.text for cell in document.tables[at].rows[-1].cells]
    assert numbers(last[tables[at].index("People")]) == [groups["people"].sum()]
    assert len(document.tables[at].rows) == len(groups) + 2


def test_the_table_for_the_meetings_has_a_row_for_every_village_that_is_merged(
    folder: Path, report: VillageReport
) -> None:
    """Village, people and new village are filled in, the votes are left blank."""
    book = openpyxl.load_workbook(folder / "report.xlsx")
    sheet = book["村民会议表决表"]
    titles = [cell.value for cell in sheet[5]]
    lines = [line for line in sheet.iter_rows(min_row=6, values_only=True) if line[0]]
    plan = report.plan
    assert len(lines) == int((plan.group_of >= 0).sum())
    named = {line[titles.index("村名")] for line in lines}
    assert named == set(plan.villages.loc[plan.group_of >= 0, "village_name"])
    for title in ("应到人数", "到会人数", "同意", "反对", "弃权", "县级批准日期"):
        assert not any(line[titles.index(title)] for line in lines)


def test_the_document_states_law_rules_and_reasons(folder: Path) -> None:
    """Draft status, article 3 with its note, how names and stages were proposed, and who stays."""
    document = docx.Document(str(folder / "report.docx"))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("征求意见稿", "村民会议讨论同意", "人口最多的村", "每年合并不超过 5 组"):
        assert words in said
    for words in ("agreed by the villagers' meeting", "most populous", "At most 5 groups"):
        assert words in said
    cells = "\n".join(c.text for t in document.tables for row in t.rows for c in row.cells)
    assert "上枫村（264 人）保留：村民会议未同意合并。" in cells
    assert "{" not in said + cells


def test_key_figures_agree_with_the_table_of_villages(report: VillageReport) -> None:
    """Villages after, small ones left and people renamed are counted again from the villages."""
    figures = {code: (today, value) for code, _, today, value in key_figures(report.plan)}
    villages = report.plan.villages
    name = villages["group_id"].where(villages["group_id"].notna(), villages["village_id"])
    after = villages.groupby(name)["people"].sum()
    assert figures["villages"] == (60, len(after))
    assert figures["small"] == (13, int((after <= 300).sum()))
    assert figures["renamed_people"][1] == villages.loc[villages["renamed"], "people"].sum()
    assert figures["largest_people"] == (villages["people"].max(), after.max())


def test_the_map_on_paper_is_a_picture_in_both_languages(
    report: VillageReport, tmp_path: Path
) -> None:
    """The sketch map is written, and is the same when written again."""
    for language in ("zh-CN", "en"):
        paths = [tmp_path / f"{language}{i}.png" for i in range(2)]
        for path in paths:
            write_village_map(path, report.plan, load_texts(language), "whose data")
        assert paths[0].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_county_without_any_group_is_written_too(tmp_path: Path) -> None:
    """Where no village is small, tables are empty and the documents say so."""
    text = SCENARIO.replace("max_minutes = 45", "small_people = 10\nfirst_people = 10")
    path = tmp_path / "none.toml"
    path.write_text(text, encoding="utf-8")
    done = merge(read_scenario(path))
    info = page_info(done.survey.scenario, ())
    report = VillageReport(done.plan, done.survey.profile, info, done.findings)
    write_village_workbook(tmp_path / "report.xlsx", report)
    write_village_document(tmp_path / "report.docx", report)
    said = "\n".join(p.text for p in docx.Document(str(tmp_path / "report.docx")).paragraphs)
    assert "10 人及以下的村已全部合并" in said
    assert len(done.plan.groups) == 0


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_the_page_opens_without_a_network(
    browser: object, folder: Path, report: VillageReport, size: tuple[int, int]
) -> None:
    """On laptop and phone: no request leaves, no error; people are called people in both tongues."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((folder / "hearing.html").as_uri())
    page.wait_for_selector("html.ready")
    plan = report.plan
    stays = int((plan.group_of < 0).sum())
    assert page.locator("#communities tbody tr").count() == len(plan.groups) + stays
    row = plan.groups.iloc[0]
    page.evaluate("commplan.change({ selected: 0, unit: null })")
    shown = page.text_content("#detail")
    for words in (row["name"], f"{row['people']:,}", "人口", "驻地", "批次", str(row["year"])):
        assert words in shown
    said = page.text_content("body")
    assert "社区" not in page.text_content("#figures") + page.text_content("#communities")
    assert "居委" not in said
    page.evaluate("document.getElementById('language').click()")
    shown = page.text_content("#detail")
    for words in ("People", "Seat", "Stage", "Year"):
        assert words in shown
    assert [url for url in asked if not url.startswith("file:")] == []
    assert wrong == []
    context.close()


def test_the_page_holds_every_village_once(folder: Path, report: VillageReport) -> None:
    """Ids and names of all villages are in the page's own data, and the draft is called one."""
    page = (folder / "hearing.html").read_text(encoding="utf-8")
    for village in report.plan.villages["village_id"]:
        assert page.count(f'"{village}"') >= 1
    assert "征求意见稿" in page


def test_the_page_speaks_of_people_and_knows_no_area_of_points(
    folder: Path, report: VillageReport
) -> None:
    """Villages given as points have no area, whatever is drawn for them; words fit villages."""
    data = village_document(report.plan, *drawn(report))
    given = report.plan.groups["area_km2"].isna()
    areas = [record["area"] for record in data["proposed"][: len(given)]]
    assert areas == [
        None if unknown else round(1e6 * km2)
        for unknown, km2 in zip(given, report.plan.groups["area_km2"], strict=True)
    ]
    groups = report.plan.groups.assign(area_km2=None)
    points = village_document(replace(report.plan, groups=groups), *drawn(report))
    assert {record["area"] for record in points["proposed"][: len(given)]} == {None}
    page = (folder / "hearing.html").read_text(encoding="utf-8")
    assert load_texts("zh-CN")("villages.page_moves_each") in page
    assert "{units} 个小区（地块），{households} 户" not in page


def drawn(report: VillageReport) -> tuple[Any, Packer]:
    """Give the shapes of the villages, and what packs them."""
    shapes = village_shapes(report.plan)
    return shapes, make_packer(report.plan.territory.crs, shapes)
