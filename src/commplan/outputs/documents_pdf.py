"""report.pdf: the whole of a plan on paper, made without Word or LibreOffice.

fpdf2 writes it: real text that can be searched and copied, heads that repeat, page breaks inside
tables and bookmarks, from pure Python and with any font of the machine. (matplotlib, which draws the
maps, knows no tables over pages; reportlab reads no OpenType fonts such as Noto CJK; weasyprint needs
libraries that Windows does not have.)
"""

import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, TableCellFillMode
from fpdf.fonts import FontFace

from commplan.outputs.document import KEY_MEASURES, figure
from commplan.outputs.documents_columns import Table, table_rows, table_totals, total_label
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_say import exception_table, measures_of
from commplan.outputs.documents_tables import every_table
from commplan.outputs.documents_word import document_context
from commplan.outputs.fonts import Face
from commplan.outputs.map_labels import text_width, wrap
from commplan.outputs.words import measure_word, unit_word
from commplan.texts import Texts

FAMILY = "commplan"
MOST_LINES = 30  # of a table's row on one page
LEAST_MM = 34  # a heading nearer to the foot goes over to the next page
MARGIN_MM = 16
BODY_PT, TABLE_PT, LINE = 10.5, 8.0, 1.5
MM_PER_PT = 25.4 / 72
CELL_MM = 3.0  # beside the words of a cell, with its lines
LATIN = re.compile(r"[!-~]+")
BLUE, GREY, HEAD_FILL = (22, 64, 107), (85, 99, 111), (220, 230, 240)
SECTIONS = ("notice", "changes", "moves", "short", "answers")
TITLES = {
    "notice": "t_notice_table",
    "changes": "t_changes",
    "moves": "t_moves",
    "short": "t_short",
    "answers": "sheet_answers",
}


class _Paper(FPDF):
    """A4 with our fonts, and the page's number at its foot."""

    def __init__(self, texts: Texts, faces: tuple[Face, Face], foot: str) -> None:
        super().__init__(format="A4")
        self._texts, self._foot = texts, foot
        for style, face in zip(("", "B"), faces, strict=True):
            self.add_font(FAMILY, style, face.path, collection_font_number=face.index)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 4)
        self.alias_nb_pages("{pages}")

    def footer(self) -> None:
        """Write scenario and number under a page."""
        self.set_y(-12)
        self.set_font(FAMILY, size=7.5)
        self.set_text_color(*GREY)
        page = self._texts("documents.pdf_page", page=self.page_no(), pages="{pages}")
        self.cell(self.epw * 0.7, 4, self._foot)
        self.cell(0, 4, page, align=Align.R)
        self.set_text_color(0)


def write_pdf(
    path: Path, dossier: Dossier, texts: Texts, picture: bytes | None, faces: tuple[Face, Face]
) -> int:
    """Write the report as PDF.

    Parameters
    ----------
    path : Path
    dossier : Dossier
    texts : Texts
    picture : bytes or None
        The sketch map, PNG.
    faces : (Face, Face)
        Regular and bold.

    Returns
    -------
    int
        Number of pages.
    """
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it drops
    info = dossier.report.info
    context = document_context(dossier, texts)
    paper = _Paper(texts, faces, f"{info.scenario}  {info.date.isoformat()}")
    paper.set_title(context["title"])
    paper.set_lang(texts.language)
    paper.set_creator("commplan")
    paper.set_creation_date(datetime.combine(info.date, time(), UTC))
    paper.add_page()
    _front(paper, context, texts)
    _figures(paper, dossier, texts)
    _exceptions(paper, dossier, context, texts)
    if picture is not None:
        _map(paper, context, picture, texts)
    tables = every_table(dossier, texts)
    for name in SECTIONS:
        if name in tables:
            paper.add_page("landscape")
            title = (
                texts(f"documents.{TITLES[name]}")
                if name in TITLES
                else texts("documents.sheet_answers")
            )
            _head(paper, title)
            _table(paper, tables[name], texts, total_label(name, texts))
    paper.output(str(path))
    return int(paper.page_no())


def _head(paper: _Paper, words: str) -> None:
    if paper.will_page_break(LEAST_MM):
        paper.add_page(same=True)
    paper.start_section(words)
    paper.set_font(FAMILY, "B", 14)
    paper.set_text_color(*BLUE)
    paper.ln(2)
    paper.multi_cell(0, 8, words, new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(0)
    paper.ln(1)


def _lines(paper: _Paper, words: Sequence[str], size: float = BODY_PT, **style: Any) -> None:
    paper.set_font(FAMILY, style.pop("weight", ""), size)
    height = size * MM_PER_PT * LINE
    for line in words:
        if line:
            broken = "\n".join(_broken(paper, line, paper.epw, size))
            paper.multi_cell(0, height, broken, new_x="LMARGIN", new_y="NEXT", **style)
            paper.ln(0.8)


def _broken(paper: _Paper, words: str, width_mm: float, size: float) -> list[str]:
    """Break words into lines as Chinese asks: fpdf2 would begin a line with a comma."""
    widths: dict[str, float] = {}

    def measure(piece: str) -> float:
        if piece not in widths:
            widths[piece] = paper.get_string_width(piece) / MM_PER_PT
        return widths[piece]

    return wrap(words, (width_mm - 2.6) / MM_PER_PT, size, measure)


def _front(paper: _Paper, context: dict[str, Any], texts: Texts) -> None:
    """Write title, draft mark, what it stands on, and the plan in a few sentences."""
    title = context["plan_title"] + context["draft"]
    fit = 20 * min(1.0, paper.epw / MM_PER_PT / text_width(title, 20) * 0.97)
    _lines(paper, [title], max(fit, 14), weight="B", align=Align.C)
    _lines(paper, [f"{context['scenario']}  {context['date']}"], 9, align=Align.C)
    _lines(paper, [context["note"]], weight="B", align=Align.C)
    _head(paper, texts("documents.pdf_summary"))
    said = context["say"]
    _lines(paper, [said["today"], said["plan"], said["moves"], said["rooms"], said["within"]])
    _head(paper, texts("documents.pdf_basis"))
    _lines(paper, [context["status_note"], *context["rules"]], 9.5)


def _figures(paper: _Paper, dossier: Dossier, texts: Texts) -> None:
    """Write the key figures of today and of the plan."""
    _head(paper, texts("documents.pdf_figures"))
    units = {m.code: m.unit for m in dossier.report.scorecard.measures}
    held = measures_of(dossier)
    rows = [
        [
            measure_word(texts, code),
            figure(held[code][0], units[code]),
            figure(held[code][1], units[code]),
            "" if units[code] == "share" else unit_word(texts, units[code]).strip(),
        ]
        for code in KEY_MEASURES
        if code in held
    ]
    heads = [texts(f"tables.col_{name}") for name in ("measure", "today", "proposed", "unit")]
    _grid(paper, [heads, *rows], (84, 34, 34, 26), (Align.L, Align.R, Align.R, Align.L))


def _exceptions(paper: _Paper, dossier: Dossier, context: dict[str, Any], texts: Texts) -> None:
    """Write the exceptions with their clauses and reasons, then what else has to be said."""
    _head(paper, texts("documents.pdf_exceptions"))
    table = exception_table(dossier, texts)
    if table_rows(table):
        _table(paper, table, texts)
    else:
        _lines(paper, context["exceptions"])
    _head(paper, texts("documents.pdf_findings"))
    _lines(paper, context["remarks"], 9.5)


def _map(paper: _Paper, context: dict[str, Any], picture: bytes, texts: Texts) -> None:
    paper.add_page("landscape")
    _head(paper, texts("documents.t_map"))
    paper.image(BytesIO(picture), w=paper.epw)
    paper.ln(1)
    note = texts("documents.t_map_note", approval=context["approval"])
    _lines(paper, [note, context["disclaimer"]], 8)
    if context["attribution"]:
        _lines(paper, [texts("documents.t_source", attribution=context["attribution"])], 8)


def _table(paper: _Paper, table: Table, texts: Texts, total: str | None = None) -> None:
    """Write a table whose head repeats on every page, with a row of sums where there are any."""
    rows = [list(row.values()) for row in table_rows(table)]
    sums = table_totals(table, texts)
    keys = list(table)
    if total is not None and any(sums.values()):
        first = next(i for i, key in enumerate(keys) if table[key].kind == "text")
        rows.append([total if i == first else sums[key] for i, key in enumerate(keys)])
    aligns = [Align.L if column.kind == "text" else Align.R for column in table.values()]
    heads = [column.title for column in table.values()]
    widths = [column.width for column in table.values()]
    summed = total is not None and any(sums.values())
    _grid(paper, [heads, *rows], widths, aligns, summed=summed)


def _fitted(paper: _Paper, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> list[float]:
    """Return widths in millimetres that sum to the page's, each fit for its longest Latin word.

    A word that would take more than a sixth of the page is broken all the same.
    """
    paper.set_font(FAMILY, "B", TABLE_PT)
    least = []
    for column in zip(*rows, strict=True):
        words = {word for cell in column for word in LATIN.findall(cell)}
        longest = max(map(paper.get_string_width, words), default=0.0)
        least.append(min(longest + CELL_MM, paper.epw / 6))
    paper.set_font(FAMILY, size=TABLE_PT)
    given = [paper.epw * width / sum(widths) for width in widths]
    lacking = sum(max(need - width, 0.0) for need, width in zip(least, given, strict=True))
    spare = sum(max(width - need, 0.0) for need, width in zip(least, given, strict=True))
    cut = min(lacking / spare, 1.0) if spare else 0.0
    return [
        max(need, width - cut * max(width - need, 0.0))
        for need, width in zip(least, given, strict=True)
    ]


def _grid(
    paper: _Paper,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    aligns: Sequence[Align],
    *,
    summed: bool = False,
) -> None:
    paper.set_font(FAMILY, size=TABLE_PT)
    paper.set_draw_color(150, 160, 170)
    paper.set_line_width(0.15)
    widths = _fitted(paper, rows, widths)
    bold, whole = FontFace(emphasis="BOLD"), sum(widths)
    with paper.table(
        col_widths=tuple(widths),
        text_align=tuple(aligns),
        headings_style=FontFace(emphasis="BOLD", fill_color=HEAD_FILL),
        cell_fill_mode=TableCellFillMode.NONE,
        line_height=TABLE_PT * MM_PER_PT * 1.4,
        padding=(0.6, 1.0),
        wrapmode="CHAR",  # for a word longer than its cell
    ) as grid:
        for number, cells in enumerate(rows):
            style = bold if summed and number == len(rows) - 1 else None
            broken = [
                _broken(paper, cell, paper.epw * width / whole, TABLE_PT)
                for cell, width in zip(cells, widths, strict=True)
            ]
            # A row higher than a page goes on in the next one.
            for first in range(0, max(map(len, broken)), MOST_LINES):
                row = grid.row(style=style)
                for lines in broken:
                    row.cell("\n".join(lines[first : first + MOST_LINES]))
    paper.ln(2)
