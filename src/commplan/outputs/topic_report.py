"""report.xlsx and report.docx of a smaller topic."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
import xlsxwriter
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm

from commplan.outputs.document import figure, set_up, write_findings
from commplan.outputs.paper_table import add_table
from commplan.outputs.sheets import Column, finding_columns
from commplan.outputs.topic import Figure, TopicReport, basis_lines
from commplan.outputs.topic_map import write_topic_map
from commplan.outputs.words import unit_word
from commplan.outputs.workbook import OPTIONS, add_sheet, make_styles, write_head, write_table
from commplan.texts import Texts, load_texts

MAX_ROWS = 200


def write_topic_workbook(path: Path, report: TopicReport) -> None:
    """Write the workbook: every sheet in every language, the first language first."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    info = report.info
    made = datetime(info.date.year, info.date.month, info.date.day)  # noqa: DTZ001 -- a day
    book.set_properties({"title": info.title_in(info.languages[0]), "created": made})
    styles = make_styles(book)
    for language in info.languages:
        texts = load_texts(language)
        head = [
            ("title", report.title(texts)),
            ("line", _scenario_line(report, texts)),
            ("draft" if _is_draft(report) else "line", _basis(report, texts)),
        ]
        sheets = {"summary": figure_columns(report, texts, paper=False)}
        sheets |= report.sheets(texts)
        sheets["findings"] = finding_columns(info.findings, texts)
        for name, columns in sheets.items():
            title = f"document.{name}" if name in ("summary", "findings") else ""
            sheet = add_sheet(book, texts(title) if title else report.words(texts, f"sheet_{name}"))
            write_head(sheet, styles, head)
            write_table(sheet, styles, columns, texts("tables.total"))
    book.close()


def _scenario_line(report: TopicReport, texts: Texts) -> str:
    info = report.info
    return texts("tables.head_scenario", scenario=info.scenario, date=info.date.isoformat())


def _basis(report: TopicReport, texts: Texts) -> str:
    lines = basis_lines(report, texts.language)
    return texts("tables.head_basis", title=lines["title"], status=lines["status"])


def _is_draft(report: TopicReport) -> bool:
    return report.profile.status.value == "draft"


def figure_columns(report: TopicReport, texts: Texts, *, paper: bool) -> list[Column]:
    """Key figures today and proposed: worded on paper, as numbers in a workbook."""
    kind = "number" if paper else "int"

    def shown(values: list[float | None]) -> list[Any]:
        units = [one.unit for one in report.figures]
        return [
            figure(v, u) if u else _count(v) if paper else v
            for v, u in zip(values, units, strict=True)
        ]

    names = [_name(report, one, texts) for one in report.figures]
    todays, values = [f.today for f in report.figures], [f.value for f in report.figures]
    today = Column(texts("tables.col_today"), shown(todays), kind, width=14)
    return [
        Column(texts("tables.col_measure"), names, width=46),
        # Of what is yet to come nothing is known of today.
        *([today] if any(value is not None for value in todays) else []),
        Column(texts("tables.col_proposed"), shown(values), kind, width=14),
    ]


def _name(report: TopicReport, one: Figure, texts: Texts) -> str:
    name = report.words(texts, f"figure_{one.code}")
    if one.unit in {"", "share"}:
        return name
    return texts("tables.name_unit", name=name, unit=unit_word(texts, one.unit))


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:z,.0f}"


def write_topic_document(path: Path, report: TopicReport) -> None:
    """Write the document: the whole of it in the first language, then in the next."""
    document: Any = docx.Document()
    set_up(document, report.info)
    for place, language in enumerate(report.info.languages):
        if place:
            document.add_page_break()
        _write_language(document, report, load_texts(language))
    document.save(str(path))


def _write_language(document: Any, report: TopicReport, texts: Texts) -> None:
    title = document.add_paragraph(report.title(texts), style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = document.add_paragraph(_scenario_line(report, texts))
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write_basis(document, report, texts)
    document.add_heading(texts("document.summary"), 1)
    document.add_paragraph(report.words(texts, "about"))
    add_table(document, figure_columns(report, texts, paper=True))
    document.add_heading(texts("document.map"), 1)
    with TemporaryDirectory() as scratch:
        picture = Path(scratch) / "map.png"
        write_topic_map(picture, report, texts)
        document.add_picture(BytesIO(picture.read_bytes()), width=Cm(16.6))
        if report.picture is not None:
            document.add_heading(report.words(texts, "picture"), 1)
            report.picture(picture, texts)
            document.add_picture(BytesIO(picture.read_bytes()), width=Cm(16.6))
    tables = report.sheets(texts)
    for name, keys in report.paper.items():
        _write_table(document, report, (name, keys, tables[name]), texts)
    write_findings(document, report.info.findings, texts)


def _write_basis(document: Any, report: TopicReport, texts: Texts) -> None:
    lines = basis_lines(report, texts.language)
    document.add_heading(texts("document.basis"), 1)
    document.add_paragraph().add_run(_basis(report, texts)).bold = _is_draft(report)
    for words in (lines["clause"], lines["standing"], report.info.note_in(texts.language)):
        if words:
            document.add_paragraph(words)
    number = report.info.map_approval or texts("page.approval_blank")
    document.add_paragraph(texts("page.approval") + texts("page.colon") + number)


def _write_table(
    document: Any,
    report: TopicReport,
    table: tuple[str, tuple[str, ...], list[Column]],
    texts: Texts,
) -> None:
    """Write one table with the columns that paper has room for, or a line where it is empty."""
    name, keys, columns = table
    document.add_heading(report.words(texts, f"sheet_{name}"), 1)
    if texts.has(f"{report.topic}.about_{name}"):
        document.add_paragraph(report.words(texts, f"about_{name}"))
    wanted = [report.words(texts, f"col_{key}") for key in keys]
    kept = [column for title in wanted for column in columns if column.title == title]
    count = len(kept[0].values)
    if not count:
        document.add_paragraph(report.words(texts, f"none_{name}"))
        return
    cut = [Column(c.title, c.values[:MAX_ROWS], c.kind, c.total, c.width) for c in kept]
    add_table(document, cut, total=texts("tables.total") if count <= MAX_ROWS else None)
    if count > MAX_ROWS:
        more = f"{count - MAX_ROWS:,}"
        document.add_paragraph(texts(f"{report.topic}.rows_cut", more=more))
