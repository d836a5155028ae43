"""report.pdf and map sheets: whole files, counted, rendered, and with text that can be found."""

import re
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import pytest
from documents_dossiers import dossier_of
from fpdf.enums import Align
from outputs_town import Made

from commplan.outputs import documents_write
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_paper import CELL_MM, TABLE_PT, Paper, fitted_widths, write_grid
from commplan.outputs.documents_pdf import write_pdf
from commplan.outputs.documents_write import DocumentOptions, can_draw, write_documents
from commplan.outputs.fonts import cjk_faces, cjk_font, faces_for
from commplan.outputs.map_atlas import Atlas, make_atlas
from commplan.outputs.map_sheets import SheetOptions, community_sheet, sketch_png, write_sheets
from commplan.texts import load_texts

NEEDS_FONT = pytest.mark.skipif(cjk_font() is None, reason="no font with Chinese characters")
PAGE = re.compile(rb"/Type /Page\b")


@pytest.fixture(scope="module")
def dossier(made: Made) -> Dossier:
    """Give the dossier of the town."""
    return dossier_of(made)


@pytest.fixture(scope="module")
def atlas(dossier: Dossier) -> Atlas:
    """Give its maps, in Chinese."""
    return make_atlas(dossier, load_texts("zh-CN"))


def pages_of(path: Path) -> int:
    """Count the pages of a PDF."""
    return len(PAGE.findall(path.read_bytes()))


@NEEDS_FONT
def test_the_report_has_every_page_and_its_text_is_found(
    dossier: Dossier, atlas: Atlas, tmp_path: Path
) -> None:
    """Front, map and a page at least for each table; names come out as text, not as pictures."""
    path = tmp_path / "report.pdf"
    faces = cjk_faces()
    assert faces is not None
    count = write_pdf(path, dossier, load_texts("zh-CN"), sketch_png(atlas, 50), faces)
    assert count == pages_of(path) >= 6
    if shutil.which("pdftoppm") is None:
        return
    command = ["pdftoppm", "-r", "40", "-png", "-f", "1", "-l", "1", path.name, "page"]
    subprocess.run(command, cwd=tmp_path, check=True)
    (page,) = tmp_path.glob("page*.png")
    ink = matplotlib.image.imread(page)[..., :3]
    assert 0.005 < float((ink < 0.5).mean()) < 0.5
    answer = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
    )
    words = answer.stdout.decode("utf-8")
    assert "调整前后对照表" in words
    assert str(dossier.plan.communities["name"][0]) in words
    assert f"{dossier.plan.communities['households'].sum():,}" in words


def test_a_row_higher_than_a_page_goes_on_in_the_next(tmp_path: Path) -> None:
    """A community of a thousand compounds loses none of them in the PDF."""
    faces = faces_for(["x"])
    assert faces is not None
    paper = Paper(load_texts("en"), faces, "")
    paper.add_page("landscape")
    names = [f"compound{i}" for i in range(1000)]
    write_grid(paper, [["No.", "Compounds"], ["1", ", ".join(names)]], (1, 3), (Align.R, Align.L))
    paper.output(str(tmp_path / "long.pdf"))
    assert pages_of(tmp_path / "long.pdf") >= 2
    if shutil.which("pdftotext") is not None:
        command = ["pdftotext", str(tmp_path / "long.pdf"), "-"]
        answer = subprocess.run(command, capture_output=True, check=True)
        assert set(names) <= set(re.findall(r"compound\d+", answer.stdout.decode()))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF with pdftotext")
def test_sums_take_the_last_rows_along(tmp_path: Path) -> None:
    """Wherever the page ends, the sums stand under three rows at least, and under a head."""
    faces = faces_for(["x"])
    assert faces is not None
    paper = Paper(load_texts("en"), faces, "")
    counts = [1, 2, 3, *range(26, 38)]
    for count in counts:
        paper.add_page("landscape")
        rows = [[f"row{count}-{i}", str(i)] for i in range(count)]
        table = [[f"head{count}", "Households"], *rows, [f"sum{count}", "9"]]
        write_grid(paper, table, (3, 1), (Align.L, Align.R), summed=True)
    paper.output(str(tmp_path / "tables.pdf"))
    command = ["pdftotext", "-layout", str(tmp_path / "tables.pdf"), "-"]
    answer = subprocess.run(command, capture_output=True, check=True)
    pages = answer.stdout.decode().split("\f")
    over = 0
    for count in counts:
        (last,) = [page for page in pages if f"sum{count} " in page]
        assert len(re.findall(rf"row{count}-", last)) >= min(count, 3)
        assert f"head{count} " in last
        mine = [page for page in pages if f"row{count}-" in page]
        assert sum(len(re.findall(rf"row{count}-", page)) for page in mine) == count
        over += len(mine) > 1
    assert 0 < over < len(counts)


@NEEDS_FONT
def test_sheets_are_an_overview_and_one_per_community(atlas: Atlas, tmp_path: Path) -> None:
    """The PDF has a page for each; a PNG has the pixels of A4 at its resolution."""
    ids = atlas.dossier.plan.communities["community_id"].tolist()
    told: list[tuple[int, int]] = []
    options = SheetOptions("A4", tuple(ids[:1]), dpi=60)
    count = write_sheets(tmp_path, atlas, options, lambda done, whole: told.append((done, whole)))
    assert count == pages_of(tmp_path / "sheets-A4.pdf") == 2
    assert told == [(1, 2), (2, 2)]
    picture = matplotlib.image.imread(tmp_path / f"A4-01-{ids[0]}.png")
    assert picture.shape[:2] == (int(210 / 25.4 * 60), int(297 / 25.4 * 60))
    assert (tmp_path / "A4-00-overview.png").is_file()


@NEEDS_FONT
def test_a_sheet_says_what_the_tables_say(atlas: Atlas) -> None:
    """Households, boundaries and rooms on a sheet are those of the plan."""
    figure = community_sheet(atlas, "A3", 0)
    words = "\n".join(text.get_text() for text in figure.texts)
    plan = atlas.dossier.plan
    assert f"{plan.communities['households'][0]:,}" in words
    assert "东至" in words
    assert "北至" in words
    assert str(plan.communities["name"][0]) in words


@NEEDS_FONT
def test_labels_of_a_sheet_do_not_collide(atlas: Atlas) -> None:
    """On the finished sheet no name covers another: the drawn boxes are apart."""
    figure = community_sheet(atlas, "A3", 1)
    renderer = figure.canvas.get_renderer()
    for axes in figure.axes:
        boxes = [t.get_window_extent(renderer) for t in axes.texts if t.get_rotation() == 0.0]
        boxes = [box for box in boxes if box.width > 0]
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                high = min(one.y1, other.y1) - max(one.y0, other.y0)
                assert wide <= 0.5 or high <= 0.5


@NEEDS_FONT
def test_every_paper_is_written(dossier: Dossier, tmp_path: Path) -> None:
    """A folder for the language with four papers, tables and report; maps only where asked for."""
    assert write_documents(tmp_path, dossier, DocumentOptions(("en",)))
    names = {"notice.docx", "proposal.docx", "tables.docx", "answers.docx", "tables.xlsx"}
    assert {path.name for path in (tmp_path / "en").iterdir()} == names | {"report.pdf"}


def test_without_a_font_the_word_files_are_written(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without Chinese fonts gets everything but PDF and maps, and is told so."""
    monkeypatch.setattr(documents_write, "faces_for", lambda words: None)
    assert not can_draw(dossier, ("zh-CN",))
    assert not write_documents(tmp_path, dossier, DocumentOptions(("zh-CN",)))
    found = {path.name for path in (tmp_path / "zh-CN").iterdir()}
    assert "notice.docx" in found
    assert "report.pdf" not in found


@NEEDS_FONT
def test_columns_hold_their_longest_word() -> None:
    """No head is broken inside a word where other columns have room to give."""
    faces = cjk_faces()
    assert faces is not None
    paper = Paper(load_texts("en"), faces, "")
    paper.add_page()
    rows = [["No.", "Households before", "Compounds"], ["1", "3,000", "words " * 40]]
    widths = fitted_widths(paper, rows, (4, 4, 92))
    assert sum(widths) == pytest.approx(paper.epw)
    paper.set_font("commplan", "B", TABLE_PT)
    assert widths[1] >= paper.get_string_width("Households") + CELL_MM - 1e-9
    assert widths[2] > widths[1] > widths[0]
    whole = fitted_widths(paper, [["No.", "A" * 500]], (9, 1))
    assert sum(whole) == pytest.approx(paper.epw)  # a word longer than a sixth is broken
    assert whole[1] <= paper.epw / 6 + 1e-9
