"""Every row of sums in every document: the scorecard's figure, or a subtotal that is called one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pytest
from documents_dossiers import dossier_of
from outputs_town import Made

from commplan.evaluate.score import score
from commplan.graph.build import build_unit_graph
from commplan.outputs.document import write_document
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_word import document_context, write_word
from commplan.outputs.documents_xlsx import write_document_tables
from commplan.outputs.sheets import Column, column_sum, without_words
from commplan.outputs.workbook import make_styles, write_table, write_workbook
from commplan.plan.make import make_plan
from commplan.policy.library import load_profile
from commplan.texts import LANGUAGES, Texts, load_texts

FIRST_ROW = 5  # of a sheet's head, counted from 1
#: Table -> column -> code of the scorecard's measure, or "today:" before it. Every column that is
#: summed anywhere has to stand here or in `COUNTED`.
MEASURED: Mapping[str, Mapping[str, str]] = {
    "notice": {"households": "households", "population": "population", "floor_m2": "room_floor_m2"},
    "changes": {
        "old_households": "today:households", "old_population": "today:population",
        "new_households": "households", "new_population": "population",
    },
    "moves": {"households": "moved_households"},
    "short": {"short_m2": "room_short_m2"},
    "compounds": {"households": "households", "population": "population"},
    "communities": {
        "households": "households", "population": "population", "room_need_m2": "room_need_m2",
        "room_floor_m2": "room_floor_m2", "room_short_m2": "room_short_m2",
    },
    "today": {"households": "today:households", "population": "today:population"},
    "rooms": {
        "floor_m2": "room_floor_m2", "short_m2": "room_short_m2", "cost_yuan": "room_cost_yuan",
    },
    "exceptions": {},
}  # fmt: skip
#: What no measure says: number of compounds and whole areas.
COUNTED: Mapping[str, Mapping[str, Callable[[Dossier], float]]] = {
    "notice": {"units": lambda d: len(d.plan.community_of)},
    "changes": {
        "old_units": lambda d: int((d.plan.today_of >= 0).sum()),
        "new_units": lambda d: len(d.plan.community_of),
    },
    "communities": {
        "units": lambda d: len(d.plan.community_of),
        "area_km2": lambda d: d.report.scorecard.communities["area_km2"].sum(),
    },
    "today": {
        "units": lambda d: int((d.plan.today_of >= 0).sum()),
        "area_km2": lambda d: d.plan.today["area_m2"].sum() / 1e6,
    },
}


@dataclass(frozen=True)
class Grid:
    """A table read back: titles, rows, and the last row, which may hold sums."""

    titles: list[str]
    rows: list[list[Any]]
    last: list[Any]


@pytest.fixture(scope="module")
def dossier(made: Made) -> Dossier:
    """Give the town, scored by the evaluator: some compounds in no community, a floor unknown."""
    units = made.plan.territory.units.copy()
    units.loc[[2, 40, 77], "community_id"] = ""
    territory = made.plan.territory.replace(units=units)
    plan = make_plan(territory, made.plan.community_of)
    table = made.plan.rooms.rooms.copy()
    table.loc[0, ["floor_m2", "short_m2"]] = np.nan
    plan = plan.replace(rooms=replace(made.plan.rooms, rooms=table))
    profile = load_profile("zhejiang-2017")
    card = score(plan, build_unit_graph(territory), profile)
    return dossier_of(replace(made, plan=plan, scorecard=card, profile=profile))


def expected(dossier: Dossier, name: str, key: str) -> float:
    """Return the scorecard's figure for the sum of a column."""
    if key in COUNTED.get(name, {}):
        return float(COUNTED[name][key](dossier))
    code = MEASURED[name][key]
    (found,) = [
        m for m in dossier.report.scorecard.measures if m.code == code.removeprefix("today:")
    ]
    value = found.today if code.startswith("today:") else found.value
    assert value is not None, code
    return value


def keys_of(grid: Grid, name: str, texts: Texts) -> dict[str, str]:
    """Return title -> key of the columns that the scorecard knows."""
    known = [*MEASURED[name], *COUNTED.get(name, {})]
    topic = "tables" if name in ("communities", "today", "rooms") else "documents"
    return {texts(f"{topic}.col_{key}"): key for key in known}


def number(words: str) -> float | None:
    """Read a figure as it stands on paper."""
    try:
        return float(words.replace(",", ""))
    except ValueError:
        return None


def word_grids(path: Path) -> Iterator[Grid]:
    """Read the tables of a Word document."""
    for table in docx.Document(str(path)).tables:
        head, *rows, last = [[cell.text for cell in row.cells] for row in table.rows]
        yield Grid(head, rows, last)


def check_paper(dossier: Dossier, grid: Grid, name: str, texts: Texts) -> None:
    """Hold the last row of a table to the scorecard, or to its rows where it is a subtotal."""
    keys = keys_of(grid, name, texts)
    partial = texts("documents.subtotal") in grid.last
    assert partial or texts("documents.total") in grid.last
    summed = 0
    for at, (title, words) in enumerate(zip(grid.titles, grid.last, strict=True)):
        if (whole := number(words)) is None:
            continue
        summed += 1
        if partial and title not in keys:
            rows = [known for row in grid.rows if (known := number(row[at])) is not None]
            assert whole == pytest.approx(sum(rows), abs=len(rows) / 2 + 0.5), title
        else:
            figure = expected(dossier, name, keys[title])
            assert whole == pytest.approx(figure, abs=0.005 if "km" in keys[title] else 0.5), title
    assert summed == len(set(keys) & set(grid.titles)) or partial
    assert summed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "tables"),
    [("notice", ("notice", "moves")), ("tables", ("changes", "moves", "short"))],
)
def test_sums_of_the_papers_are_the_scorecards(
    dossier: Dossier, tmp_path: Path, language: str, name: str, tables: tuple[str, ...]
) -> None:
    """Read back from Word: totals are the scorecard's, subtotals are called so."""
    texts = load_texts(language)
    path = tmp_path / f"{name}.docx"
    write_word(path, document_context(dossier, texts), language, None, None)
    for grid, table in zip(word_grids(path), tables, strict=True):
        check_paper(dossier, grid, table, texts)
        assert (texts("documents.subtotal") in grid.last) == (table == "short")
        if table in ("notice", "short"):  # the unknown floor is not in the sum, and that is said
            assert texts("tables.without", columns="")[:6] in " ".join(grid.last)


def test_sums_of_the_report_are_the_scorecards(dossier: Dossier, tmp_path: Path) -> None:
    """The same for report.docx, in both languages one after the other."""
    write_document(tmp_path / "report.docx", dossier.report)
    grids = list(word_grids(tmp_path / "report.docx"))
    checked = 0
    for language in LANGUAGES:
        texts = load_texts(language)
        for grid in grids:
            if grid.last[0] != texts("tables.total"):
                continue
            name = "today" if texts("tables.col_successor_name") in grid.titles else "communities"
            check_paper(dossier, grid, name, texts)
            checked += 1
    assert checked == 4


def sheet_grids(path: Path) -> Iterator[tuple[str, Grid]]:
    """Read the sheets of a workbook that end in sums: formulas hold to their rows and values."""
    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    for sheet in formulas:
        held = values[sheet.title]
        sums = [
            row for row in range(FIRST_ROW + 1, sheet.max_row + 1)
            if any(str(cell.value).startswith("=SUBTOTAL") for cell in sheet[row])
        ]  # fmt: skip
        if not sums:
            continue
        (last,) = sums
        for cell in sheet[last]:
            if str(cell.value).startswith("="):
                letter = cell.column_letter
                assert cell.value == f"=SUBTOTAL(109,{letter}{FIRST_ROW + 1}:{letter}{last - 1})"
        body = [[cell.value for cell in held[row]] for row in range(FIRST_ROW + 1, last)]
        yield (
            sheet.title,
            Grid(
                [cell.value for cell in held[FIRST_ROW]], body, [cell.value for cell in held[last]]
            ),
        )


def check_sheet(dossier: Dossier, grid: Grid, name: str, texts: Texts) -> None:
    """Hold the sums of a sheet to its rows, and to the scorecard unless it is a subtotal."""
    keys = keys_of(grid, name, texts)
    partial = texts("documents.subtotal") in grid.last
    assert partial or texts("tables.total") in grid.last
    for at, (title, whole) in enumerate(zip(grid.titles, grid.last, strict=True)):
        if not isinstance(whole, int | float):
            continue
        rows = [row[at] for row in grid.rows if row[at] is not None]
        assert whole == pytest.approx(sum(rows)), title
        if title in keys:
            assert whole == pytest.approx(expected(dossier, name, keys[title])), title
        else:
            assert partial, title


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_of_the_workbook_are_the_scorecards(
    dossier: Dossier, tmp_path: Path, language: str
) -> None:
    """Read back from tables.xlsx."""
    texts = load_texts(language)
    write_document_tables(tmp_path / "tables.xlsx", dossier, texts)
    names = {texts(f"documents.sheet_{name}"): name for name in MEASURED if name in SHEETS}
    found = {names[title]: grid for title, grid in sheet_grids(tmp_path / "tables.xlsx")}
    assert {"notice", "changes", "moves", "short", "compounds"} <= set(found)
    for name, grid in found.items():
        check_sheet(dossier, grid, name, texts)


SHEETS = ("notice", "changes", "moves", "short", "compounds", "exceptions")


def test_sums_of_report_xlsx_are_the_scorecards(dossier: Dossier, tmp_path: Path) -> None:
    """Read back from report.xlsx, each language's sheets."""
    write_workbook(tmp_path / "report.xlsx", dossier.report)
    found = dict(sheet_grids(tmp_path / "report.xlsx"))
    for language in LANGUAGES:
        texts = load_texts(language)
        for name in ("communities", "today", "rooms"):
            check_sheet(dossier, found[texts(f"tables.sheet_{name}")], name, texts)
        moves = found[texts("tables.sheet_moves")]
        at = moves.titles.index(texts("tables.col_households"))
        assert moves.last[at] == expected(dossier, "moves", "households")


def test_who_comes_from_nowhere_is_told(dossier: Dossier) -> None:
    """Households of the plan less those of today are those of the sentence about nobody's."""
    said = document_context(dossier, load_texts("zh-CN"))["say"]["today"]
    more = expected(dossier, "notice", "households") - expected(
        dossier, "changes", "old_households"
    )
    assert more > 0
    assert f"另有 3 个小区（地块）、{more:,.0f} 户尚不属于任何社区" in said


def test_what_is_not_known_is_no_nought(tmp_path: Path) -> None:
    """A column of which nothing is known sums to –; one without rows sums to 0."""
    import xlsxwriter

    texts = load_texts("en")
    unknown = Column("Floor", [None, float("nan")], "area", total=True)
    half = Column("Need", [None, 3.0], "area", total=True)
    assert column_sum(unknown) is None
    assert column_sum(replace(unknown, values=[])) == 0
    assert column_sum(half) == 3
    said = without_words([unknown, half], texts)
    assert "Floor: 2" in said
    assert "Need: 1" in said
    book = xlsxwriter.Workbook(str(tmp_path / "x.xlsx"))
    write_table(book.add_worksheet(), make_styles(book), [unknown, half], "Total")
    book.close()
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert sheet["A8"].value == "–"
    assert sheet["B8"].value == "=SUBTOTAL(109,B6:B7)"


@pytest.mark.parametrize(
    ("words", "lines"), [("short", 1), ("社区" * 10, 2), ("x" * 200, 12), ("区" * 9000, 27)]
)
def test_rows_are_high_enough_for_their_words(tmp_path: Path, words: str, lines: int) -> None:
    """Wrapped text is seen whole in every program, up to what a row can hold."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "x.xlsx"))
    write_table(book.add_worksheet(), make_styles(book), [Column("A", [words], width=20)], "Total")
    book.close()
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert (sheet.row_dimensions[6].height or 15) == lines * 15
