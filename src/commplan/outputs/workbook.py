"""report.xlsx: the figures of a plan as sheets that can be filtered, summed and signed off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Measure, Scorecard
from commplan.findings import Finding
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import text
from commplan.outputs.sheets import Column, column_sum, plan_sheets, without_words
from commplan.outputs.tables import plain
from commplan.outputs.trajectory import write_trajectory
from commplan.outputs.words import (
    basis_words,
    clause_words,
    decimals,
    measure_word,
    profile_lines,
    unit_word,
)
from commplan.plan.plan import Plan
from commplan.policy.profile import Profile
from commplan.texts import Texts, load_texts

FIRST_ROW = 4  #: of the table's head, below title, scenario, basis and a blank line
LINE_PT, MOST_PT = 15.0, 405.0  #: height of a line, and the most that Excel takes for a row
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "int": {"num_format": "#,##0"},
    "area": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.00"},
    "minutes": {"num_format": "0.0"},
    "share": {"num_format": "0.0%"},
    "yuan": {"num_format": "#,##0"},
}
#: Decimals that these formats show.
DIGITS = {"int": 0, "decimal": 2, "minutes": 1, "share": 3}
#: Text is text: a compound called "=1+1" is no formula, an address no link.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class Report:
    """What a workbook is written from."""

    plan: Plan
    scorecard: Scorecard
    circles: Circles | None
    profile: Profile
    info: PageInfo
    findings: Sequence[Finding]


def write_workbook(path: Path, report: Report) -> None:
    """Write the workbook: every sheet in every language, the first language first."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    info = report.info
    title = info.title_in(info.languages[0])
    made = datetime(info.date.year, info.date.month, info.date.day)  # noqa: DTZ001 -- a day, no instant
    book.set_properties({"title": title, "created": made})
    styles = make_styles(book)
    for language in info.languages:
        texts = load_texts(language)
        head = head_lines(report, language)
        _write_summary(add_sheet(book, texts("tables.sheet_summary")), styles, head, report, texts)
        for name, columns in plan_sheets(
            report.plan, report.scorecard, report.circles, report.findings, texts
        ).items():
            sheet = add_sheet(book, texts(f"tables.sheet_{name}"))
            write_head(sheet, styles, head)
            note = without_words(columns, texts)
            write_table(sheet, styles, columns, texts("tables.total"), note)
        if len(info.trajectory) > 1:
            sheet = add_sheet(book, texts("tables.sheet_search"))
            write_trajectory(book, sheet, styles, info.trajectory, texts)
    book.close()


def add_sheet(book: Any, name: str) -> Any:
    """Add a sheet for A3, under a name that is not taken."""
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    free = name if name.lower() not in taken else f"{name} ({len(taken)})"
    sheet = book.add_worksheet(free)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    return sheet


def make_styles(book: Any) -> dict[str, Any]:
    """Make the formats of cells, sums, titles and heads."""
    base: dict[str, Any] = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    line: dict[str, Any] = {"border": 1, "border_color": "#C9D2DA"}
    styles = {name: book.add_format(base | line | extra) for name, extra in FORMATS.items()}
    bold = {"bold": True, "top": 2, "bg_color": "#EEF3F8"}
    for name, extra in FORMATS.items():
        styles[f"total_{name}"] = book.add_format(base | line | extra | bold)
    styles["title"] = book.add_format(
        base | {"bold": True, "font_size": 15, "font_color": "#16406B"}
    )
    styles["line"] = book.add_format(base | {"font_color": "#55636F"})
    styles["draft"] = book.add_format(base | {"bold": True, "font_color": "#A4161A"})
    styles["head"] = book.add_format(
        base
        | line
        | {
            "bold": True,
            "bg_color": "#16406B",
            "font_color": "#FFFFFF",
            "text_wrap": True,
            "valign": "vcenter",
        }
    )
    return styles


def head_lines(report: Report, language: str) -> list[tuple[str, str]]:
    """Return title, scenario and basis, each with its style, for the lines above a table."""
    texts, info = load_texts(language), report.info
    lines = profile_lines(report.profile, language)
    basis = basis_words(lines, texts)
    date = info.date.isoformat()
    return [
        ("title", info.title_in(language)),
        ("line", texts("tables.head_scenario", scenario=info.scenario, date=date)),
        ("draft" if report.profile.status.value == "draft" else "line", basis),
    ]


def write_head(sheet: Any, styles: dict[str, Any], lines: list[tuple[str, str]]) -> None:
    """Write the lines above a table, each in its style."""
    for row, (style, words) in enumerate(lines):
        sheet.write_string(row, 0, words, styles[style])
    sheet.set_row(0, 24)


def write_table(
    sheet: Any,
    styles: dict[str, Any],
    columns: Sequence[Column],
    total: str,
    note: str = "",
) -> None:
    """Write head, rows, a row of sums and a note; freeze the head, and let people filter."""
    count = len(columns[0].values)
    for at, column in enumerate(columns):
        sheet.write_string(FIRST_ROW, at, column.title, styles["head"])
        sheet.set_column(at, at, column.width)
        for row, value in enumerate(column.values, FIRST_ROW + 1):
            _write_cell(sheet, (row, at), value, styles[column.kind])
    sheet.set_row(FIRST_ROW, 30)
    _set_heights(sheet, columns)
    sheet.freeze_panes(FIRST_ROW + 1, 2 if len(columns) > 3 else 0)
    sheet.repeat_rows(FIRST_ROW)
    if not count:
        return
    sheet.autofilter(FIRST_ROW, 0, FIRST_ROW + count, len(columns) - 1)
    if not any(column.total for column in columns):
        return
    _write_sums(sheet, styles, columns, total)
    if note:
        sheet.write_string(FIRST_ROW + 3 + count, 0, note, styles["line"])


def _write_sums(sheet: Any, styles: dict[str, Any], columns: Sequence[Column], total: str) -> None:
    last = FIRST_ROW + 1 + len(columns[0].values)
    named = next((at for at, column in enumerate(columns) if column.kind == "text"), 0)
    sheet.set_row(last, _height(total, columns[named].width))
    for at, column in enumerate(columns):
        style = styles[f"total_{column.kind}"]
        if not column.total:
            sheet.write_string(last, at, total if at == named else "", style)
        elif (known := column_sum(column)) is None:
            sheet.write_string(last, at, "–", style)  # a formula would say 0
        else:
            letter = xl_col_to_name(at)
            # 109: sums what a filter leaves in sight
            formula = f"=SUBTOTAL(109,{letter}{FIRST_ROW + 2}:{letter}{last})"
            sheet.write_formula(last, at, formula, style, known)


def _set_heights(sheet: Any, columns: Sequence[Column]) -> None:
    """Make rows high enough for wrapped text: not every program does so when it opens a file."""
    texts = [column for column in columns if column.kind == "text"]
    for row in range(len(columns[0].values)):
        height = max((_height(text(c.values[row]), c.width) for c in texts), default=LINE_PT)
        if height > LINE_PT:
            sheet.set_row(FIRST_ROW + 1 + row, height)


def _height(words: str, width: float) -> float:
    """Return the height in points of words in a column; a Chinese character takes two places."""
    wide = sum(east_asian_width(letter) in "WF" for letter in words)
    places = 2 * wide + 1.15 * (len(words) - wide)  # lines of words are not filled to the end
    return min(LINE_PT * max(1, math.ceil(places / width)), MOST_PT)


def _write_cell(sheet: Any, at: tuple[int, int], value: Any, style: Any) -> None:
    known = plain(value)
    if known is None:
        sheet.write_blank(*at, None, style)
    elif isinstance(known, str):
        sheet.write_string(*at, known, style)
    else:
        sheet.write_number(*at, known, style)


def _write_summary(
    sheet: Any, styles: dict[str, Any], head: list[tuple[str, str]], report: Report, texts: Texts
) -> None:
    """Write the measures of today and of the plan, with the change as a formula."""
    write_head(sheet, styles, head)
    titles = ("measure", "today", "proposed", "change", "unit", "clause")
    for at, (name, width) in enumerate(zip(titles, (46, 16, 16, 16, 14, 26), strict=True)):
        sheet.write_string(FIRST_ROW, at, texts(f"tables.col_{name}"), styles["head"])
        sheet.set_column(at, at, width)
    measures = report.scorecard.measures
    for row, measure in enumerate(measures, FIRST_ROW + 1):
        style = styles[_kind_of(measure)]
        sheet.write_string(row, 0, measure_word(texts, measure.code), styles["text"])
        _write_cell(sheet, (row, 1), measure.today, style)
        _write_cell(sheet, (row, 2), measure.value, style)
        today, value = plain(measure.today), plain(measure.value)
        if today is None or value is None:
            sheet.write_blank(row, 3, None, style)
        else:
            # Rounded as it is shown: what is left of equal figures would be a negative zero.
            digits = DIGITS[_kind_of(measure)]
            formula = f"=ROUND(C{row + 1}-B{row + 1},{digits})"
            sheet.write_formula(row, 3, formula, style, round(value - today, digits) + 0.0)
        sheet.write_string(row, 4, unit_word(texts, measure.unit), styles["text"])
        sheet.write_string(row, 5, clause_words(texts, measure.clause), styles["text"])
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    if measures:
        sheet.autofilter(FIRST_ROW, 0, FIRST_ROW + len(measures), len(titles) - 1)


def _kind_of(measure: Measure) -> str:
    if measure.unit == "share":
        return "share"
    return {0: "int", 1: "minutes"}.get(decimals(measure.unit), "decimal")
