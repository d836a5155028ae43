"""The paper of report.pdf: A4 with our fonts, its lines, and tables that go over pages."""

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import Align, TableCellFillMode
from fpdf.fonts import FontFace

from commplan.outputs.fonts import Face
from commplan.outputs.map_labels import wrap
from commplan.outputs.paper_table import KEPT_ROWS, LATIN, fit_widths
from commplan.texts import Texts

FAMILY = "commplan"
MOST_LINES = 30  # of a table's row on one page
MARGIN_MM = 16
TABLE_PT = 8.0
MM_PER_PT = 25.4 / 72
CELL_MM = 3.0  # beside the words of a cell, with its lines
ROW_MM, PADDING_MM = TABLE_PT * MM_PER_PT * 1.4, (0.6, 1.0)  # a line; above and beside the words
GREY, HEAD_FILL = (85, 99, 111), (220, 230, 240)


class Paper(FPDF):
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


def broken_lines(paper: Paper, words: str, width_mm: float, size: float) -> list[str]:
    """Break words into lines as Chinese asks: fpdf2 would begin a line with a comma."""
    widths: dict[str, float] = {}

    def measure(piece: str) -> float:
        if piece not in widths:
            widths[piece] = paper.get_string_width(piece) / MM_PER_PT
        return widths[piece]

    return wrap(words, (width_mm - 2.6) / MM_PER_PT, size, measure)


def fitted_widths(
    paper: Paper, rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> list[float]:
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
    return fit_widths([paper.epw * width / sum(widths) for width in widths], least)


def write_grid(
    paper: Paper,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    aligns: Sequence[Align],
    *,
    summed: bool = False,
) -> None:
    """Write a head and rows; the sums never stand alone on a page: the last rows go with them."""
    paper.set_font(FAMILY, size=TABLE_PT)
    paper.set_draw_color(150, 160, 170)
    paper.set_line_width(0.15)
    widths = fitted_widths(paper, rows, widths)
    head, *body = _pieces(paper, rows, widths)
    kept = _kept(paper, body) if summed else 0
    first, last = body[: len(body) - kept], body[len(body) - kept :]
    if first or not last:
        _draw(paper, [head, *first], widths, aligns)
    if last:
        goes_over = paper.will_page_break(sum(map(_height, last if first else [head, *last])))
        if goes_over:
            paper.add_page(same=True)
        begins = goes_over or not first
        _draw(
            paper, [head, *last] if begins else last, widths, aligns, has_head=begins, has_sums=True
        )
    paper.ln(2)


def _pieces(
    paper: Paper, rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> list[list[str]]:
    """Break the words of cells into lines; a row higher than a page goes on in the next piece."""
    found, whole = [], sum(widths)
    for cells in rows:
        broken = [
            broken_lines(paper, cell, paper.epw * width / whole, TABLE_PT)
            for cell, width in zip(cells, widths, strict=True)
        ]
        found += [
            ["\n".join(lines[first : first + MOST_LINES]) for lines in broken]
            for first in range(0, max(map(len, broken)), MOST_LINES)
        ]
    return found


def _height(cells: Sequence[str]) -> float:
    """Return the height of a row in millimetres."""
    return ROW_MM * max(cell.count("\n") + 1 for cell in cells) + 2 * PADDING_MM[0]


def _kept(paper: Paper, body: Sequence[Sequence[str]]) -> int:
    """Return how many of the last rows stay together: the sums and some more, half a page at most."""
    count = min(KEPT_ROWS + 1, len(body))
    while count > 1 and sum(map(_height, body[len(body) - count :])) > paper.eph / 2:
        count -= 1
    return count


def _draw(
    paper: Paper,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    aligns: Sequence[Align],
    *,
    has_head: bool = True,
    has_sums: bool = False,
) -> None:
    bold = FontFace(emphasis="BOLD")
    with paper.table(
        col_widths=tuple(widths),
        text_align=tuple(aligns),
        first_row_as_headings=has_head,
        headings_style=FontFace(emphasis="BOLD", fill_color=HEAD_FILL),
        cell_fill_mode=TableCellFillMode.NONE,
        line_height=ROW_MM,
        padding=PADDING_MM,
        wrapmode="CHAR",  # for a word longer than its cell
    ) as grid:
        for number, cells in enumerate(rows, start=1):
            row = grid.row(style=bold if has_sums and number == len(rows) else None)
            for cell in cells:
                row.cell(cell)
