"""Tables and fonts of a Word document."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from commplan.outputs.sheets import Column, column_sum
from commplan.outputs.tables import plain

PAGE_CM = 16.6
WESTERN = "Times New Roman"
HEAD_FILL = "DCE6F0"
TWIPS_PER_CM = 567
KEPT_ROWS = 3  #: that stay on the page of their sums
#: XML has no way to write these.
NO_CONTROLS = dict.fromkeys(range(32), " ")
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


def add_table(
    document: Any, columns: Sequence[Column], total: str | None = None, note: str = ""
) -> None:
    """Add a table whose head repeats on every page; with ``total``, a row of sums; then a note."""
    widths = _widths(columns)
    table = document.add_table(rows=0, cols=len(columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for held, width in zip(table.columns, widths, strict=True):
        held.width = Cm(width)
    titles = [
        _cell(c.title, width=w, bold=True, head=True) for c, w in zip(columns, widths, strict=True)
    ]
    rows = [_row(titles, head=True)]
    count, summed = len(columns[0].values), total is not None and any(c.total for c in columns)
    for row in range(count):
        # The sums never stand alone on a page: the last rows go with them.
        keep = summed and row >= count - KEPT_ROWS
        cells = [
            _cell(*cell_words(column.values[row], column.kind), width=width, keep=keep)
            for column, width in zip(columns, widths, strict=True)
        ]
        rows.append(_row(cells))
    if total is not None and summed:
        sums = [_sum(column, total if not at else "") for at, column in enumerate(columns)]
        rows.append(
            _row([_cell(*s, width=w, bold=True) for s, w in zip(sums, widths, strict=True)])
        )
    # Rows as text: python-docx makes a cell in a dozen calls, too slow for hundreds of rows.
    for row_xml in rows:
        table._tbl.append(parse_xml(row_xml))  # noqa: SLF001 -- no call takes a whole row
    document.add_paragraph().add_run(note).font.size = Pt(9)


def _row(cells: list[str], *, head: bool = False) -> str:
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    return f"<w:tr {nsdecls('w')}><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    words: str,
    right: bool = False,
    *,
    width: float,
    bold: bool = False,
    head: bool = False,
    keep: bool = False,
) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEAD_FILL}"/>' if head else ""
    side = '<w:jc w:val="right"/>' if right else ""
    near = '<w:keepNext/><w:spacing w:after="0"/>' if keep else '<w:spacing w:after="0"/>'
    weight = "<w:b/>" if bold else ""
    text = escape(words.translate(NO_CONTROLS))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{round(width * TWIPS_PER_CM)}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr>{near}{side}</w:pPr><w:r><w:rPr>{weight}<w:sz w:val="17"/>'
        f'</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p></w:tc>'
    )


def _sum(column: Column, label: str) -> tuple[str, bool]:
    if not column.total:
        return label, False
    return cell_words(column_sum(column), column.kind)


def _widths(columns: Sequence[Column]) -> list[float]:
    whole = sum(column.width for column in columns)
    return [PAGE_CM * column.width / whole for column in columns]


def cell_words(value: Any, kind: str) -> tuple[str, bool]:
    """Write a value of a column for paper, and say whether it stands to the right."""
    known = plain(value)
    if kind == "number":
        return str(known), True
    if known is None:
        return "–", kind != "text"
    if kind == "text" or isinstance(known, str):
        return str(known), False
    return PATTERNS[kind].format(known), True
