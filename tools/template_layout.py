"""The layout of the documents' templates: GB/T 9704-2012 paper, styles, tables that grow."""

from datetime import datetime
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from commplan.outputs.documents_columns import total_label
from commplan.outputs.paper_table import KEPT_ROWS, set_font
from commplan.texts import Texts

#: GB/T 9704: 37 mm above, 35 below, 28 left, 26 right; body in size 3 (16 pt), lines of 28 pt.
MARGINS_MM = (37, 35, 28, 26)
TABLE_MARGINS_MM = (22, 18, 20, 20)
LINE_PT = 28
CENTER, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
#: Style -> East Asian font, size in points, alignment, first line indented by characters.
STYLES = {
    "Normal": ("仿宋", 16, None, 0),
    "Body": ("仿宋", 16, None, 2),
    "Main": ("小标宋", 22, CENTER, 0),
    "Part": ("黑体", 16, None, 2),
    "Annex": ("黑体", 16, LEFT, 0),
    "Over": ("小标宋", 18, CENTER, 0),
    "Sign": ("仿宋", 16, RIGHT, 0),
    "Small": ("仿宋", 10.5, None, 0),
    "Cell": ("仿宋", 9, None, 0),
    "Figure": ("仿宋", 9, RIGHT, 0),
    "Head": ("黑体", 9, CENTER, 0),
}
#: Where an office lacks the title's font, Word takes 宋体; the others come with Windows.
FONTS = {"小标宋": "方正小标宋简体"}
#: Table -> column, width in millimetres, whether it holds figures.
TABLES: dict[str, tuple[tuple[str, float, bool], ...]] = {
    "notice": (
        ("number", 9, True), ("name", 23, False), ("boundaries", 43, False),
        ("compounds", 93, False), ("households", 20, True), ("population", 16, True),
        ("room", 35, False), ("floor_m2", 18, True),
    ),
    "changes": (
        ("number", 9, True), ("old_name", 23, False), ("old_units", 14, True),
        ("old_households", 20, True), ("old_population", 20, True), ("change", 16, False),
        ("came", 39, False), ("went", 39, False), ("new_name", 23, False), ("new_units", 14, True),
        ("new_households", 20, True), ("new_population", 20, True),
    ),
    "moves": (
        ("number", 14, True), ("unit_name", 60, False), ("unit_id", 42, False),
        ("households", 25, True), ("from_name", 58, False), ("to_name", 58, False),
    ),
    "short": (
        ("number", 9, True), ("name", 28, False), ("households", 20, True), ("room", 56, False),
        ("action", 26, False), ("need_m2", 21, True), ("floor_m2", 21, True),
        ("short_m2", 21, True), ("cost_yuan", 26, True), ("remark", 29, False),
    ),
    "answers": (
        ("number", 10, True), ("commenter", 20, False), ("place", 34, False),
        ("comment", 64, False), ("plan", 52, False), ("taken", 20, False), ("answer", 57, False),
    ),
}  # fmt: skip


def new_document(texts: Texts) -> Any:
    """Return an empty paper with our styles, margins and page numbers."""
    document: Any = docx.Document()
    document.core_properties.author = "commplan"
    document.core_properties.title = "{{ title }}"
    document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001
    for name, (asian, size, align, indent) in STYLES.items():
        style = document.styles[name] if name == "Normal" else document.styles.add_style(name, 1)
        set_font(style, FONTS.get(asian, asian), size)
        style.font.bold = texts.language == "en" and asian in ("黑体", "小标宋")
        form = style.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = Pt(LINE_PT if size == 16 else round(size * 1.5))
        form.alignment = align
        form.keep_with_next = name == "Part" or None
        if indent:
            form.first_line_indent = Pt(size * indent)
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    set_page(section, MARGINS_MM, landscape=False)
    page_number(section.footer.paragraphs[0], RIGHT)
    page_number(section.even_page_footer.paragraphs[0], LEFT)
    return document


def set_page(section: Any, margins_mm: tuple[int, int, int, int], *, landscape: bool) -> None:
    """Set A4 and its margins (above, below, left, right)."""
    long, short = Mm(297), Mm(210)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    above, below, left, right = map(Mm, margins_mm)
    section.top_margin, section.bottom_margin = above, below
    section.left_margin, section.right_margin = left, right
    section.footer_distance = Mm(margins_mm[1] - 10 if margins_mm[1] > 20 else 10)


def page_number(paragraph: Any, side: Any) -> None:
    """Put ``— 1 —`` into a footer."""
    paragraph.alignment = side
    run = paragraph.add_run("— ")
    run.font.size = Pt(14)
    field = paragraph.add_run()
    field.font.size = Pt(14)
    for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = words
        field._r.append(part)  # noqa: SLF001 -- python-docx has no call for fields
    paragraph.add_run(" —").font.size = Pt(14)


def lines(document: Any, style: str, *words: str) -> None:
    """Add paragraphs of a style."""
    for line in words:
        document.add_paragraph(line, style=style)


def each(document: Any, name: str, style: str = "Body") -> None:
    """Add a paragraph for each sentence of a list."""
    lines(document, style, f"{{%p for line in {name} %}}", "{{ line }}", "{%p endfor %}")


def given(document: Any, name: str, style: str, words: str) -> None:
    """Add a paragraph that stands only where ``name`` is not empty."""
    lines(document, style, f"{{%p if {name} %}}", words, "{%p endif %}")


def wide_part(document: Any) -> None:
    """Begin a landscape part for tables and maps."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    set_page(section, TABLE_MARGINS_MM, landscape=True)


def annex(document: Any, number: int, title: str, texts: Texts, *, new_page: bool = True) -> None:
    """Begin an annex."""
    if new_page:
        document.paragraphs[-1].paragraph_format.keep_with_next = False
    head = document.add_paragraph(texts("documents.t_attachment", number=number), style="Annex")
    head.paragraph_format.page_break_before = new_page
    document.add_paragraph(title, style="Over")


def table(document: Any, name: str, texts: Texts, total: str | None) -> None:
    """Add a table that grows with its rows, its head on every page, with a row of sums."""
    columns = TABLES[name]
    grid = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    grid.autofit = False
    head = grid.rows[0]
    mark(head, "w:tblHeader")
    for cell, (key, _, _) in zip(head.cells, columns, strict=True):
        write(cell, texts(f"documents.col_{key}"), "Head")
    if total:
        # The sums never stand alone on a page: the last rows go with them.
        rows(grid, name, f"[:-{KEPT_ROWS}]")
        rows(grid, name, f"[-{KEPT_ROWS}:]", keep=True)
        sums = grid.add_row()
        for cell, (key, _, figure) in zip(sums.cells, columns, strict=True):
            words = total_label(name, texts) if key == total else f"{{{{ {name}.total.{key} }}}}"
            write(cell, words, "Head" if key == total else "Figure" if figure else "Cell")
    else:
        rows(grid, name)
    for line in grid.rows:
        mark(line, "w:cantSplit")  # a row higher than a page is broken all the same
        for cell, (_, width, _) in zip(line.cells, columns, strict=True):
            cell.width = Mm(width)
    for held, (_, width, _) in zip(grid.columns, columns, strict=True):
        held.width = Mm(width)

    tighten(grid)


def rows(grid: Any, name: str, part: str = "", *, keep: bool = False) -> None:
    """Add a row of cells for each row of a table, or of a part of it; ``keep`` it with the next."""
    write(grid.add_row().cells[0], f"{{%tr for r in {name}.rows{part} %}}", "Cell")
    for cell, (key, _, figure) in zip(grid.add_row().cells, TABLES[name], strict=True):
        write(cell, f"{{{{ r.{key} }}}}", "Figure" if figure else "Cell")
        cell.paragraphs[0].paragraph_format.keep_with_next = keep or None
    write(grid.add_row().cells[0], "{%tr endfor %}", "Cell")


def tighten(grid: Any) -> None:
    """Leave 1 mm beside the words of a cell, half of what Word leaves: heads fit on fewer lines."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "57")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    # The schema has an order: margins stand before the look.
    look = grid._tbl.tblPr.find(qn("w:tblLook"))  # noqa: SLF001 -- no call for margins of cells
    look.addprevious(margins)


def write(cell: Any, words: str, style: str) -> None:
    """Put words into a cell."""
    paragraph = cell.paragraphs[0]
    paragraph.text = words
    paragraph.style = paragraph.part.document.styles[style]
    cell.vertical_alignment = 1


def mark(row: Any, name: str) -> None:
    """Set a property of a row."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 -- nor for this
