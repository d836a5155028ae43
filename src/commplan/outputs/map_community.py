"""The sheet of one community: before and after, figures, four boundaries, room, who comes and goes."""

from typing import Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE
from commplan.outputs.documents_rooms import community_name
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
from commplan.outputs.map_labels import Label
from commplan.outputs.map_legend import HALO, line_handles, unit_handle
from commplan.outputs.map_names import area_label, line_labels, unit_labels, write_labels
from commplan.outputs.map_overview import foot_words, source_words
from commplan.outputs.map_panel import (
    INK,
    MOVED_IN,
    MOVED_OUT,
    ROOM,
    Panel,
    draw_areas,
    draw_borders,
    draw_lines,
    draw_moved,
    draw_units,
    make_panel,
)
from commplan.outputs.map_strip import members_of, places_of, write_strip

STRIP_MM = 42.0  # height of the words beneath the maps, on A3
OTHERS = "#F1F0EC"
PAD = 0.12
LEAST_M = 250.0


def draw_community(figure: Any, atlas: Atlas, scale: float, row: int) -> None:
    """Draw the sheet of a community on an empty figure.

    Parameters
    ----------
    figure : matplotlib Figure
    atlas : Atlas
    scale : float
        Of letters and lines: 1 on A3.
    row : int
        Of ``plan.communities``.
    """
    texts, plan = atlas.texts, atlas.dossier.plan
    paper = Paper(figure, scale, atlas.family)
    name = community_name(plan.communities, row)
    new = texts("documents.map_new_here") if plan.successor_of[row] < 0 else ""
    title = atlas.dossier.report.info.title_in(texts.language)
    draft = texts("documents.draft_mark") if atlas.dossier.fields.get("draft", True) else ""
    top = write_title(paper, f"{row + 1}　{name}{new}", title + draft)
    bottom = write_foot(paper, foot_words(atlas), source_words(atlas))
    strip, legend = STRIP_MM * (scale if scale < 1 else 1), paper.line_mm(17)
    base = bottom + strip + legend
    width = (paper.width_mm - 2 * MARGIN_MM - GAP_MM) / 2
    height = top - base - paper.line_mm(11)
    bounds = _bounds(atlas, row)
    for place, key in enumerate(("today", "proposed")):
        frame = (MARGIN_MM + place * (width + GAP_MM), base, width, height)
        panel = make_panel(figure, frame, bounds, scale, atlas.family)
        head = texts(f"documents.map_{key}")
        at = frame[0] + width / 2, base + height + paper.space_mm(3)
        paper.write(*at, head, 11, ha="center", fontweight="bold")
        _draw(panel, atlas, row, key)
    write_legend(paper, _legend(atlas, row, panel.box), bottom + strip + legend * 0.55)
    write_strip(paper, atlas, row, (bottom + strip, bottom + 1.0))


def _bounds(atlas: Atlas, row: int) -> tuple[float, float, float, float]:
    """Return what must be in sight: the community as it will be and as it was, with some ground."""
    areas = [atlas.ground.proposed[row]]
    old = int(atlas.dossier.plan.successor_of[row])
    if old >= 0:
        areas.append(atlas.ground.today[old])
    west, south, east, north = shapely.total_bounds(np.asarray(areas, dtype=object)).tolist()
    x, y = (west + east) / 2, (south + north) / 2
    half = max((east - west) / 2, LEAST_M / 2), max((north - south) / 2, LEAST_M / 2)
    pad = PAD * 2 * max(half)
    return x - half[0] - pad, y - half[1] - pad, x + half[0] + pad, y + half[1] + pad


def _draw(panel: Panel, atlas: Atlas, row: int, key: str) -> None:
    ground, plan = atlas.ground, atlas.dossier.plan
    old = int(plan.successor_of[row])
    inside, came, went = members_of(atlas, row)
    areas, focus = (ground.proposed, row) if key == "proposed" else (ground.today, old)
    colour = PALETTE[int(atlas.colours[0][row])]
    faces = [colour if i == focus else OTHERS for i in range(len(areas))]
    draw_areas(panel, areas, faces, edgecolors="none", alpha=0.75, zorder=1)
    draw_units(panel, ground)
    draw_lines(panel, ground)
    draw_moved(panel, ground.units[came], MOVED_IN, "////")
    draw_moved(panel, ground.units[went], MOVED_OUT, "\\\\\\\\")
    draw_borders(panel, areas)
    if focus >= 0:
        draw_borders(panel, areas[focus : focus + 1], "#16406B", 2.4)
    mark_scale(panel)
    if key == "proposed":
        _mark_room(panel, atlas, row)
    _label(panel, atlas, (areas, focus, key), inside | went)


def _label(
    panel: Panel, atlas: Atlas, shown: tuple[NDArray[Any], int, str], units: NDArray[Any]
) -> None:
    """Write names where there is room: this community, lines, its neighbours, compounds."""
    areas, focus, key = shown
    plan = atlas.dossier.plan
    table = plan.today if key == "today" else plan.communities
    bold = {"fontweight": "bold", "color": "#16406B"} | HALO
    if focus >= 0:
        label = area_label(panel, areas[focus], (community_name(table, focus),), panel.letters(10))
        write_labels(panel, [] if label is None else [(label, bold)])
    for label, colour in line_labels(panel, atlas.ground, panel.letters(6.5)):
        write_labels(panel, [(label, {"color": colour} | HALO)])
    for row in np.flatnonzero(shapely.intersects(areas, panel.box)).tolist():
        if row == focus:
            continue
        label = area_label(panel, areas[row], (community_name(table, row),), panel.letters(8))
        if label is not None:
            write_labels(panel, [(label, {"color": "#6B7681"} | HALO)])
    members = np.flatnonzero(units)
    small = unit_labels(panel, atlas.ground, members, panel.letters(5.6))
    write_labels(panel, [(label, {"color": INK} | HALO) for label in small])


def _mark_room(panel: Panel, atlas: Atlas, row: int) -> None:
    """Mark the rooms of the community and name them."""
    plan = atlas.dossier.plan
    if plan.rooms is None:
        return
    rooms = plan.rooms.rooms
    mine = rooms["community_id"] == plan.communities["community_id"].iloc[row]
    for number in np.flatnonzero(mine & rooms["site_id"].notna()).tolist():
        point = rooms.geometry.iloc[number]
        if point is None or shapely.is_empty(point):
            continue
        size = 8 * panel.scale
        at = shapely.get_coordinates(point)[:1]
        style: dict[str, Any] = {"marker": "*", "markersize": 13 * panel.scale, "zorder": 7}
        panel.axes.plot(*at.T, color=ROOM, markeredgecolor="white", **style)
        x, y = panel.to_points(at)[0].tolist()
        panel.room.take((x - size, y - size, x + size, y + size))
        place = atlas.dossier.places[number]
        shifts = np.array([(0, 1.6), (0, -1.6), (5, 0), (-5, 0), (5, 1.6), (-5, 1.6)]) * size
        label = Label((place.name or place.site_id,), panel.letters(7), shifts + np.array([x, y]))
        write_labels(panel, [(label, {"color": ROOM, "fontweight": "bold"} | HALO)])


def _legend(atlas: Atlas, row: int, box: Any) -> list[Any]:
    """Return the legend of what this sheet shows."""
    texts = atlas.texts
    star: dict[str, Any] = {"marker": "*", "linestyle": "none", "color": ROOM}
    _, came, went = members_of(atlas, row)
    handles: list[Any] = [
        Line2D(
            [], [], color="#16406B", linewidth=2.4, label=texts("documents.map_legend_community")
        ),
        Line2D([], [], color=INK, linewidth=1.1, label=texts("documents.map_legend_border")),
        unit_handle(texts),
    ]
    for mask, key, colour, hatch in (
        (came, "in", MOVED_IN, "////"),
        (went, "out", MOVED_OUT, "\\\\\\\\"),
    ):
        if mask.any():
            words = texts(f"documents.map_legend_{key}")
            handles.append(Patch(facecolor="white", edgecolor=colour, hatch=hatch, label=words))
    if any(place.site_id for place in places_of(atlas, row)):
        words = texts("documents.map_legend_room")
        handles.append(Line2D([], [], markersize=9, label=words, **star))
    return handles + line_handles(atlas, box)
