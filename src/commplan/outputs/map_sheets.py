"""Map sheets for paper: an overview, and one sheet per community, as PDF and PNG."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_community import draw_community
from commplan.outputs.map_overview import draw_overview

#: Paper -> width and height in mm, lying, and the scale of letters and lines.
PAPERS = {"A3": (420.0, 297.0, 1.0), "A4": (297.0, 210.0, 0.76)}
DPI = 300


@dataclass(frozen=True)
class SheetOptions:
    """What sheets are made.

    Parameters
    ----------
    paper : str
        ``"A3"`` or ``"A4"``.
    only : tuple of str
        Ids of the communities that get a sheet; empty for all.
    dpi : int
        Of the PNGs.
    png : bool
        Whether PNGs are written beside the PDF.
    """

    paper: str = "A3"
    only: tuple[str, ...] = ()
    dpi: int = DPI
    png: bool = True


def write_sheets(
    folder: Path,
    atlas: Atlas,
    options: SheetOptions,
    tell: Callable[[int, int], None] | None = None,
) -> int:
    """Write ``sheets-A3.pdf`` with a page for every sheet, and each as PNG.

    Parameters
    ----------
    folder : Path
        Is made.
    atlas : Atlas
    options : SheetOptions
    tell : callable, optional
        Told the number of the sheet that is done, and of all.

    Returns
    -------
    int
        Number of sheets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids = atlas.dossier.plan.communities["community_id"].tolist()
    rows = [row for row, i in enumerate(ids) if not options.only or i in options.only]
    info = atlas.dossier.report.info
    about = {
        "Title": info.title_in(atlas.texts.language),
        "Creator": "commplan",
        "CreationDate": None,
    }
    with PdfPages(folder / f"sheets-{options.paper}.pdf", metadata=about) as book:
        for done, (name, figure) in enumerate(_sheets(atlas, options, rows, ids), 1):
            book.savefig(figure)
            if options.png:
                path = folder / f"{options.paper}-{name}.png"
                figure.savefig(path, dpi=options.dpi, metadata={"Software": None})
            figure.clear()
            if tell is not None:
                tell(done, len(rows) + 1)
    return len(rows) + 1


def _sheets(
    atlas: Atlas, options: SheetOptions, rows: Sequence[int], ids: Sequence[str]
) -> Iterator[tuple[str, Figure]]:
    digits = max(2, len(str(len(ids))))
    yield f"{0:0{digits}d}-overview", overview_sheet(atlas, options.paper)
    for row in rows:
        safe = re.sub(r"[^\w\-]+", "_", str(ids[row]))
        yield f"{row + 1:0{digits}d}-{safe}", community_sheet(atlas, options.paper, row)


def blank_sheet(paper: str) -> tuple[Figure, float]:
    """Return an empty sheet, and the scale of letters and lines on it."""
    width, height, scale = PAPERS[paper]
    figure = Figure(figsize=(width / 25.4, height / 25.4))
    FigureCanvasAgg(figure)
    return figure, scale


def overview_sheet(atlas: Atlas, paper: str) -> Figure:
    """Draw today and the plan side by side, every community with its name or number."""
    figure, scale = blank_sheet(paper)
    draw_overview(figure, atlas, scale)
    return figure


def community_sheet(atlas: Atlas, paper: str, row: int) -> Figure:
    """Draw one community: before, after, figures, four boundaries, room, who comes and goes."""
    figure, scale = blank_sheet(paper)
    draw_community(figure, atlas, scale, row)
    return figure


def sketch_sheet(atlas: Atlas) -> Figure:
    """Draw the two maps of the overview alone, for a page of a document that has its own title."""
    figure = Figure(figsize=(257 / 25.4, 142 / 25.4))
    FigureCanvasAgg(figure)
    draw_overview(figure, atlas, 0.72, framed=False)
    return figure


def sketch_png(atlas: Atlas, dpi: int = 200) -> bytes:
    """Return the sketch as PNG."""
    from io import BytesIO

    held = BytesIO()
    sketch_sheet(atlas).savefig(held, format="png", dpi=dpi, metadata={"Software": None})
    return held.getvalue()
