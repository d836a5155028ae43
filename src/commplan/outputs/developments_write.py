"""Everything that one development leaves for eyes and hands."""

from pathlib import Path

from commplan.outputs.developments_letters import TO, write_letter
from commplan.outputs.developments_map import MapLayers, map_marks
from commplan.outputs.developments_page import write_page
from commplan.outputs.developments_paint import as_png, as_svg
from commplan.outputs.developments_report import DevelopmentReport


def write_development(folder: Path, report: DevelopmentReport, layers: MapLayers) -> None:
    """Write page, map and letters of one development into a folder that is there."""
    marks = map_marks(report, layers)
    write_page(folder / "page.html", report, as_svg(marks, report.case.development.name))
    png = as_png(marks)
    for to in TO:
        write_letter(folder / f"letter-{to}.docx", report, to, png)
