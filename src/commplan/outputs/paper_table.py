"""Tables and fonts of a Word document."""

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from commplan.outputs.sheets import Column
from commplan.outputs.tables import plain

PAGE_CM = 16.6
WESTERN = "Times New Roman"
HEAD_FILL = "DCE6F0"
PATTERNS = {
    "int": "{:,.0f}",
    "area": "{:,.0f}",
    "yuan": "{:,.0f}",
    "decimal": "{:,.2f}",
    "minutes": "{:.1f}",
    "share": "{:.1%}",
}


def set_font(style: Any, asian: str, size_pt: float) -> None:
    """Set a style's western and East Asian fonts (python-docx sets the western one only)."""
    style.font.name, style.font.size = WESTERN, Pt(size_pt)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # A theme font would win over the names given here.
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:ascii"), WESTERN)
    fonts.set(qn("w:hAnsi"), WESTERN)
    fonts.set(qn("w:eastAsia"), asian)


def add_table(document: Any, columns: Sequence[Column], total: str | None = None) -> None:
    """Add a table whose head repeats on every page; with ``total``, a row of sums."""
    count = len(columns[0].values)
    sums = total is not None and any(column.total for column in columns)
    table = document.add_table(rows=1 + count + sums, cols=len(columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = _widths(columns)
    # Row by row: asking a table for one cell walks through all of them.
    rows = list(table.rows)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for at, cell in enumerate(rows[0].cells):
        _fill_cell(cell, columns[at].title, widths[at], bold=True)
        cell._tc.get_or_add_tcPr().append(  # noqa: SLF001 -- shading has no call of its own
            parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{HEAD_FILL}"/>')
        )
    _repeat_head(rows[0])
    for row in range(count):
        for at, cell in enumerate(rows[row + 1].cells):
            column = columns[at]
            words, right = _words(column.values[row], column.kind)
            _fill_cell(cell, words, widths[at], right=right)
    if sums:
        for at, cell in enumerate(rows[-1].cells):
            column = columns[at]
            known = [value for value in map(plain, column.values) if value is not None]
            words = _words(sum(known), column.kind)[0] if column.total else ""
            _fill_cell(cell, words or (total or "" if at == 0 else ""), widths[at], at > 0, bold=True)
    document.add_paragraph()


def _widths(columns: Sequence[Column]) -> list[float]:
    whole = sum(column.width for column in columns)
    return [PAGE_CM * column.width / whole for column in columns]


def _words(value: Any, kind: str) -> tuple[str, bool]:
    known = plain(value)
    if kind == "number":
        return str(known), True
    if known is None:
        return "–", kind != "text"
    if kind == "text" or isinstance(known, str):
        return str(known), False
    return PATTERNS[kind].format(known), True


def _fill_cell(
    cell: Any, words: str, width_cm: float, right: bool = False, *, bold: bool = False
) -> None:
    cell.width = Cm(width_cm)
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(words)
    run.font.size, run.bold = Pt(8.5), bold
    paragraph.paragraph_format.space_after = Pt(0)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat_head(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 -- no call of its own
