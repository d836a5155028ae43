"""The sheet of one community: before and after, figures, four boundaries, room, who comes and goes."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE
from commplan.outputs.documents_rooms import community_name, place_words, unit_name
from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_frame import (
    MARGIN_MM,
    Block,
    Paper,
    mark_scale,
    write_foot,
    write_legend,
    write_title,
)
from commplan.outputs.map_labels import Label
from commplan.outputs.map_names import area_label, line_labels, unit_labels, write_labels
from commplan.outputs.map_overview import GAP_MM, HALO, foot_words, line_handles, source_words
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
from commplan.outputs.notice_bounds import SIDES, side_words
from commplan.outputs.paper_table import cell_words

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
    strip, legend = STRIP_MM * (scale if scale < 1 else 1), paper.line_mm(11)
    base = bottom + strip + legend
    width = (paper.width_mm - 2 * MARGIN_MM - GAP_MM) / 2
    height = top - base - paper.line_mm(11)
    bounds = _bounds(atlas, row)
    for place, key in enumerate(("today", "proposed")):
        frame = (MARGIN_MM + place * (width + GAP_MM), base, width, height)
        panel = make_panel(figure, frame, bounds, scale, atlas.family)
        head = texts(f"documents.map_{key}")
        at = frame[0] + width / 2, base + height + paper.line_mm(3)
        paper.write(*at, head, 11, ha="center", fontweight="bold")
        _draw(panel, atlas, row, key)
    write_legend(paper, _legend(atlas), bottom + strip + legend / 2)
    _write_strip(paper, atlas, row, (bottom + strip, bottom + 1.0))


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


def _members(atlas: Atlas, row: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the units of the community, those that come in, and those that leave its predecessor."""
    plan = atlas.dossier.plan
    old = int(plan.successor_of[row])
    inside = plan.community_of == row
    before = plan.today_of == old if old >= 0 else np.zeros(len(inside), dtype=bool)
    return inside, inside & ~before, before & ~inside


def _draw(panel: Panel, atlas: Atlas, row: int, key: str) -> None:
    ground, plan = atlas.ground, atlas.dossier.plan
    old = int(plan.successor_of[row])
    inside, came, went = _members(atlas, row)
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
        label = area_label(panel, areas[focus], (community_name(table, focus),), 10 * panel.scale)
        write_labels(panel, [] if label is None else [(label, bold)])
    for label, colour in line_labels(panel, atlas.ground, 6.5 * panel.scale):
        write_labels(panel, [(label, {"color": colour} | HALO)])
    for row in np.flatnonzero(shapely.intersects(areas, panel.box)).tolist():
        if row == focus:
            continue
        label = area_label(panel, areas[row], (community_name(table, row),), 8 * panel.scale)
        if label is not None:
            write_labels(panel, [(label, {"color": "#6B7681"} | HALO)])
    members = np.flatnonzero(units)
    small = unit_labels(panel, atlas.ground, members, 5.6 * panel.scale)
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
        label = Label((place.name or place.site_id,), 7 * panel.scale, shifts + np.array([x, y]))
        write_labels(panel, [(label, {"color": ROOM, "fontweight": "bold"} | HALO)])


def _legend(atlas: Atlas) -> list[Any]:
    texts = atlas.texts
    star: dict[str, Any] = {"marker": "*", "linestyle": "none", "color": ROOM}
    return [
        Line2D(
            [], [], color="#16406B", linewidth=2.4, label=texts("documents.map_legend_community")
        ),
        Line2D([], [], color=INK, linewidth=1.1, label=texts("documents.map_legend_border")),
        Patch(
            facecolor="white",
            edgecolor=MOVED_IN,
            hatch="////",
            label=texts("documents.map_legend_in"),
        ),
        Patch(
            facecolor="white",
            edgecolor=MOVED_OUT,
            hatch="\\\\\\\\",
            label=texts("documents.map_legend_out"),
        ),
        Line2D([], [], markersize=9, label=texts("documents.map_legend_room"), **star),
        *line_handles(atlas),
    ]


def _write_strip(paper: Paper, atlas: Atlas, row: int, room_mm: tuple[float, float]) -> None:
    """Write four columns of words: size, boundaries, room, who comes and who goes."""
    top, bottom = room_mm
    whole = paper.width_mm - 2 * MARGIN_MM
    gap = GAP_MM * paper.scale
    shares, left = (0.19, 0.25, 0.24, 0.32), MARGIN_MM
    for share, write in zip(shares, (_size, _sides, _room, _flows), strict=True):
        width = whole * share
        write(Block(paper, left, top, width - gap, bottom), atlas, row)
        left += width


def _size(block: Block, atlas: Atlas, row: int) -> None:
    texts, plan = atlas.texts, atlas.dossier.plan
    old = int(plan.successor_of[row])
    block.head(texts("documents.map_figures"))
    heads = ("", texts("documents.map_before"), texts("documents.map_after"))
    shares = (0.4, 0.3, 0.3)
    block.row(heads, shares, 8, color="#55636F")
    for key, column, kind in (
        ("households", "households", "int"),
        ("population", "population", "int"),
        ("units", "units", "int"),
        ("area", "area_m2", "decimal"),
    ):
        cells = [texts(f"documents.map_figure_{key}")]
        for table, at in ((plan.today, old), (plan.communities, row)):
            value: Any = table[column].iloc[at] if at >= 0 else None
            if key == "area" and value is not None:
                value = value / 1e6
            cells.append(cell_words(value, kind)[0])
        block.row(cells, shares)


def _sides(block: Block, atlas: Atlas, row: int) -> None:
    texts, sides = atlas.texts, atlas.dossier.sides[row]
    block.head(texts("documents.map_boundaries"))
    for side in SIDES:
        words = side_words(sides[side], texts) if side in sides else texts("documents.along_none")
        block.text(texts(f"documents.map_side_{side}", words=words))
        block.gap(0.6)


def _room(block: Block, atlas: Atlas, row: int) -> None:
    texts, plan = atlas.texts, atlas.dossier.plan
    block.head(texts("documents.map_room"))
    scores = atlas.dossier.report.scorecard.communities.iloc[row]
    identifier = plan.communities["community_id"].iloc[row]
    found = [] if plan.rooms is None else plan.rooms.rooms["community_id"].tolist()
    places = [p for p, i in zip(atlas.dossier.places, found, strict=True) if i == identifier]
    named = [p for p in places if p.site_id]
    for place in named:
        block.text(place.name or place.site_id, fontweight="bold")
        where = place_words(place, texts)
        if where:
            block.text(where)
    if not named:
        block.text(texts("documents.room_none"))
    areas = {
        key: cell_words(scores[f"room_{key}_m2"], "area")[0] for key in ("floor", "need", "short")
    }
    known = pd.notna(scores["room_floor_m2"])
    block.text(texts(f"documents.map_room_{'area' if known else 'unknown'}", **areas))
    if pd.notna(scores["within_share"]):
        minutes = f"{atlas.dossier.report.info.limit_min:g}"
        share = f"{scores['within_share']:.1%}"
        block.text(texts("documents.map_room_walk", minutes=minutes, share=share))


def _flows(block: Block, atlas: Atlas, row: int) -> None:
    """Write who comes in and who leaves, by the other community, as far as there is room."""
    texts, plan = atlas.texts, atlas.dossier.plan
    units = plan.territory.units
    if units is None:
        return
    _, came, went = _members(atlas, row)
    middle = (block.top_mm + block.bottom_mm) / 2
    for key, mask, of, table in (
        ("map_came", came, plan.today_of, plan.today),
        ("map_went", went, plan.community_of, plan.communities),
    ):
        half = Block(
            block.paper,
            block.left_mm,
            block.top_mm,
            block.width_mm,
            middle if key == "map_came" else block.bottom_mm,
        )
        households = int(units["households"][mask].sum())
        flow = texts("documents.map_flow", units=int(mask.sum()), households=f"{households:,}")
        head = texts(f"documents.{key}")
        half.head(head if not mask.any() else f"{head}　{flow}")
        if not mask.any():
            half.text(texts("documents.map_nothing"), 7.5)
        for other in np.unique(of[mask]).tolist():
            rows = np.flatnonzero(mask & (of == other)).tolist()
            name = texts("documents.in_no_community") if other < 0 else community_name(table, other)
            words = texts("documents.list_comma").join(unit_name(units, unit) for unit in rows)
            half.text(f"{name}{texts('page.colon')}{words}", 7.5, most=3)
        block.top_mm = half.top_mm - 1.5
