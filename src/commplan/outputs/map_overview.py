"""The overview sheet: today and the plan side by side, each community with its number and name."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE
from commplan.outputs.documents_rooms import community_name
from commplan.outputs.documents_say import measures_of
from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_frame import (
    GAP_MM,
    MARGIN_MM,
    Paper,
    mark_scale,
    write_foot,
    write_legend,
    write_title,
)
from commplan.outputs.map_index import make_index, plan_numbers, today_numbers, write_index
from commplan.outputs.map_labels import box_area
from commplan.outputs.map_legend import HALO, overview_handles
from commplan.outputs.map_names import area_label, line_labels, write_labels
from commplan.outputs.map_panel import (
    INK,
    MOVED_OUT,
    Panel,
    draw_areas,
    draw_borders,
    draw_lines,
    draw_moved,
    draw_units,
    make_panel,
)
from commplan.outputs.page_data import household_bounds

MANY = 150  # communities; more take smaller letters
#: Lines of other kinds would cover the map at this scale.
NAMED_KINDS = ("river", "railway", "expressway", "main_road")


def draw_overview(figure: Any, atlas: Atlas, scale: float, *, framed: bool = True) -> None:
    """Draw the overview on an empty figure.

    Parameters
    ----------
    figure : matplotlib Figure
    atlas : Atlas
    scale : float
        Of letters and lines.
    framed : bool
        Whether title and foot are written: a document has its own.
    """
    paper = Paper(figure, scale, atlas.family)
    top, bottom = _frame(paper, atlas) if framed else (paper.height_mm - 1.0, 1.0)
    side = MARGIN_MM if framed else 1.0
    legend_mm = paper.line_mm(12)
    width = (paper.width_mm - 2 * side - GAP_MM) / 2
    bounds = tuple(_padded(shapely.total_bounds(atlas.ground.proposed)).tolist())
    height = top - bottom - legend_mm - paper.line_mm(11)
    least_mm = width * (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    index = make_index(paper, atlas, height - least_mm) if framed else None
    index_mm = index.height_mm if index is not None else 0.0
    height -= index_mm
    base = bottom + legend_mm + index_mm
    missing = []
    for place, key in enumerate(("today", "proposed")):
        frame = (side + place * (width + GAP_MM), base, width, height)
        panel = make_panel(figure, frame, bounds, scale, atlas.family)
        x = frame[0] + width / 2
        title = atlas.texts(f"documents.map_{key}")
        paper.write(x, base + height + paper.space_mm(3), title, 11, ha="center", fontweight="bold")
        missing.append(_draw(panel, atlas, key))
    write_legend(paper, overview_handles(atlas, panel.box), base - legend_mm / 2)
    if index is not None:
        write_index(paper, atlas, index, missing, (base - legend_mm, bottom))


def _padded(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    west, south, east, north = bounds
    pad = 0.02 * max(east - west, north - south)
    return np.array([west - pad, south - pad, east + pad, north + pad])


def _frame(paper: Paper, atlas: Atlas) -> tuple[float, float]:
    """Write title and foot; return the top and bottom of what is free, in mm."""
    texts, report = atlas.texts, atlas.dossier.report
    title = report.info.title_in(texts.language)
    draft = texts("documents.draft_mark") if atlas.dossier.fields.get("draft", True) else ""
    title = texts("documents.map_overview", title=title + draft)
    top = write_title(paper, title, _figures(atlas))
    return top, write_foot(paper, foot_words(atlas), source_words(atlas))


def _figures(atlas: Atlas) -> str:
    """Word the bounds and how many communities keep to them; "" where there are none."""
    report, plan = atlas.dossier.report, atlas.dossier.plan
    bounds = household_bounds(report.info.bounds_households, report.profile)
    held = measures_of(atlas.dossier)["communities_in_bounds"]
    if bounds is None or held[1] is None:
        return ""
    return atlas.texts(
        "documents.map_bounds_note",
        min=f"{bounds[0]:,}",
        max=f"{bounds[1]:,}",
        before="–" if held[0] is None else int(held[0]),
        before_all=len(plan.today),
        after=int(held[1]),
        after_all=len(plan.communities),
    )


def foot_words(atlas: Atlas) -> str:
    """Word the foot of a sheet: scenario, date, what borders stand for, map approval."""
    info, texts = atlas.dossier.report.info, atlas.texts
    number = info.map_approval or texts("page.approval_blank")
    words = texts(
        "documents.map_foot", scenario=info.scenario, date=info.date.isoformat(), approval=number
    )
    note = info.note_in(texts.language)
    return f"{words}　{note}" if note else words


def source_words(atlas: Atlas) -> str:
    """Word whose data a sheet shows; "" where nothing has to be said."""
    held = atlas.dossier.report.info.attribution
    return atlas.texts("documents.t_source", attribution=held) if held else ""


def _draw(panel: Panel, atlas: Atlas, key: str) -> list[int]:
    """Draw one of the two maps; return the rows of those whose name found no room."""
    ground, plan = atlas.ground, atlas.dossier.plan
    areas = ground.today if key == "today" else ground.proposed
    table = plan.today if key == "today" else plan.communities
    colours = atlas.colours[1] if key == "today" else atlas.colours[0]
    draw_areas(
        panel, areas, [PALETTE[c] for c in colours.tolist()], edgecolors="none", alpha=0.6, zorder=1
    )
    draw_units(panel, ground)
    draw_lines(panel, ground, streets=False)
    units = plan.territory.units
    if units is not None:
        moved = units["unit_id"].isin(set(plan.moves["unit_id"])).to_numpy()
        draw_moved(panel, ground.units[moved], MOVED_OUT, "////")
    draw_borders(panel, areas)
    mark_scale(panel)
    size = panel.letters(7.5 if len(areas) <= MANY else 5.0)
    labels = []
    numbers = (today_numbers if key == "today" else plan_numbers)(plan)
    for row, area in enumerate(areas):
        words = f"{numbers[row]}", community_name(table, row)
        label = area_label(panel, area, _wordings(panel, words, area, size), size)
        if label is not None:
            labels.append((label, {"fontweight": "bold", "color": INK} | HALO))
    short = write_labels(panel, labels)
    for label, colour in line_labels(panel, ground, panel.letters(6.5), NAMED_KINDS):
        write_labels(panel, [(label, {"color": colour} | HALO)])
    return short


def _wordings(panel: Panel, words: tuple[str, str], area: Any, size_pt: float) -> tuple[str, ...]:
    """Return what a label may say: number and name where they have room in the area, else a number."""
    number, name = words
    room_pt2 = float(shapely.area(area)) * panel.points_per_m**2
    long = [
        wording
        for wording in (f"{number} {name}", f"{number}\n{name}")
        if box_area(wording, size_pt) <= room_pt2
    ]
    return (*long, number)
