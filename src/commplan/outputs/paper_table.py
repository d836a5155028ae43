"""Tables and fonts of a Word document."""

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from commplan.outputs.sheets import Column, column_sum
from commplan.outputs.tables import plain
from commplan.outputs.words import share_words

PAGE_CM = 16.6
WESTERN = "Times New Roman"
HEAD_FILL = "DCE6F0"
TWIPS_PER_CM = 567
LATIN = re.compile(r"[!-~]+")
LETTER_CM, BESIDE_CM = 0.17, 0.45  #: of a letter in bold 8.5 pt; beside the words of a cell
KEPT_ROWS = 3  #: that stay on the page of their sums
#: XML has no way to write these.
NO_CONTROLS = dict.fromkeys(range(32), " ")
#: "z": no negative zero.
PATTERNS = {
    "int": "{:z,.0f}",
    "area": "{:z,.0f}",
    "yuan": "{:z,.0f}",
    "decimal": "{:z,.2f}",
    "minutes": "{:z.1f}",
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
    """Return widths in centimetres, each fit for the longest Latin word of its title."""
    whole = sum(column.width for column in columns)
    given = [PAGE_CM * column.width / whole for column in columns]
    words = [max(map(len, LATIN.findall(column.title)), default=0) for column in columns]
    return fit_widths(given, [min(LETTER_CM * n + BESIDE_CM, PAGE_CM / 6) for n in words])


def fit_widths(given: Sequence[float], least: Sequence[float]) -> list[float]:
    """Widen columns to what they need at least, and take that from those that have more.

    Examples
    --------
    >>> fit_widths([1.0, 4.0, 5.0], [2.0, 2.0, 1.0])
    [2.0, 3.6666666666666665, 4.333333333333333]
    """
    lacking = sum(max(need - width, 0.0) for need, width in zip(least, given, strict=True))
    spare = sum(max(width - need, 0.0) for need, width in zip(least, given, strict=True))
    cut = min(lacking / spare, 1.0) if spare else 0.0
    return [
        max(need, width - cut * max(width - need, 0.0))
        for need, width in zip(least, given, strict=True)
    ]


def cell_words(value: Any, kind: str) -> tuple[str, bool]:
    """Write a value of a column for paper, and say whether it stands to the right."""
    known = plain(value)
    if kind == "number":
        return str(known), True
    if known is None:
        return "–", kind != "text"
    if kind == "text" or isinstance(known, str):
        return str(known), False
    return share_words(known) if kind == "share" else PATTERNS[kind].format(known), True
