"""report.pdf: the whole of a plan on paper, made without Word or LibreOffice.

fpdf2 writes it: real text that can be searched and copied, heads that repeat, page breaks inside
tables and bookmarks, from pure Python and with any font of the machine. (matplotlib, which draws the
maps, knows no tables over pages; reportlab reads no OpenType fonts such as Noto CJK; weasyprint needs
libraries that Windows does not have.)
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from fpdf.enums import Align

from commplan.outputs.document import KEY_MEASURES, figure
from commplan.outputs.documents_columns import Table, table_rows, table_totals, total_label
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_paper import FAMILY, MM_PER_PT, Paper, broken_lines, write_grid
from commplan.outputs.documents_say import exception_table, measures_of
from commplan.outputs.documents_tables import every_table
from commplan.outputs.documents_word import document_context
from commplan.outputs.fonts import Face
from commplan.outputs.map_labels import text_width
from commplan.outputs.words import measure_word, unit_word
from commplan.texts import Texts

LEAST_MM = 34  # a heading nearer to the foot goes over to the next page
BODY_PT, LINE = 10.5, 1.5
BLUE = (22, 64, 107)
SECTIONS = ("notice", "changes", "moves", "short", "answers")
TITLES = {
    "notice": "t_notice_table",
    "changes": "t_changes",
    "moves": "t_moves",
    "short": "t_short",
    "answers": "sheet_answers",
}


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
    paper = Paper(texts, faces, f"{info.scenario}  {info.date.isoformat()}")
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


def _head(paper: Paper, words: str) -> None:
    if paper.will_page_break(LEAST_MM):
        paper.add_page(same=True)
    paper.start_section(words)
    paper.set_font(FAMILY, "B", 14)
    paper.set_text_color(*BLUE)
    paper.ln(2)
    paper.multi_cell(0, 8, words, new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(0)
    paper.ln(1)


def _lines(paper: Paper, words: Sequence[str], size: float = BODY_PT, **style: Any) -> None:
    paper.set_font(FAMILY, style.pop("weight", ""), size)
    height = size * MM_PER_PT * LINE
    for line in words:
        if line:
            broken = "\n".join(broken_lines(paper, line, paper.epw, size))
            paper.multi_cell(0, height, broken, new_x="LMARGIN", new_y="NEXT", **style)
            paper.ln(0.8)


def _front(paper: Paper, context: dict[str, Any], texts: Texts) -> None:
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


def _figures(paper: Paper, dossier: Dossier, texts: Texts) -> None:
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
    write_grid(paper, [heads, *rows], (84, 34, 34, 26), (Align.L, Align.R, Align.R, Align.L))


def _exceptions(paper: Paper, dossier: Dossier, context: dict[str, Any], texts: Texts) -> None:
    """Write the exceptions with their clauses and reasons, then what else has to be said."""
    _head(paper, texts("documents.pdf_exceptions"))
    table = exception_table(dossier, texts)
    if table_rows(table):
        _table(paper, table, texts)
    else:
        _lines(paper, context["exceptions"])
    _head(paper, texts("documents.pdf_findings"))
    _lines(paper, context["remarks"], 9.5)


def _map(paper: Paper, context: dict[str, Any], picture: bytes, texts: Texts) -> None:
    paper.add_page("landscape")
    _head(paper, texts("documents.t_map"))
    paper.image(BytesIO(picture), w=paper.epw)
    paper.ln(1)
    note = texts("documents.t_map_note", approval=context["approval"])
    _lines(paper, [note, context["disclaimer"]], 8)
    if context["attribution"]:
        _lines(paper, [texts("documents.t_source", attribution=context["attribution"])], 8)


def _table(paper: Paper, table: Table, texts: Texts, total: str | None = None) -> None:
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
    write_grid(paper, [heads, *rows], widths, aligns, summed=summed)
