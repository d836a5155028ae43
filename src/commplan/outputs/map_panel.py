"""One map on a sheet: a window of the plan with its areas, lines and labels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from commplan.outputs.geometry import simplify_areas
from commplan.outputs.map_labels import LEAST_PT, Room
from commplan.outputs.notice_bounds import named_lines
from commplan.outputs.print_map import BARRIER_STYLE, fill_areas, trace_areas
from commplan.plan.plan import Plan

#: On a sheet a corner of this size cannot be seen any more.
SHEET_SIMPLIFY_M = 1.0
STREET, NAMED_STREET, UNIT = "#D9D4CB", "#C4BCAF", "#8A949D"
INK, MOVED_IN, MOVED_OUT, ROOM = "#22303D", "#12692F", "#A4161A", "#8B1A4F"
MM = 72 / 25.4
#: A road that bounds is drawn like a street with a name.
LINE_STYLE = BARRIER_STYLE | {"road": {"color": NAMED_STREET, "linewidth": 0.8}}

Window = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ground:
    """What every sheet of a plan draws, simplified and indexed once.

    Parameters
    ----------
    plan : Plan
    proposed, today : object arrays
        Areas of the communities, simplified.
    units : object array
        The units as given, simplified.
    """

    plan: Plan
    proposed: NDArray[Any]
    today: NDArray[Any]
    units: NDArray[Any]

    @cached_property
    def lines(self) -> tuple[NDArray[Any], list[str], list[str], shapely.STRtree]:
        """Barriers and named streets: shapes, names, kinds, index."""
        shapes, known, kinds = named_lines(self.plan)
        names = [along.name if along.kind == "line" else "" for along in known]
        return shapes, names, kinds, shapely.STRtree(shapes)

    @cached_property
    def streets(self) -> shapely.STRtree:
        """Every street, indexed."""
        layer = self.plan.territory.streets
        return shapely.STRtree([] if layer is None else layer.geometry.to_numpy())

    def kinds_in(self, box: Any) -> set[str]:
        """Return the kinds of lines drawn in a window: of barriers, and ``road`` for streets."""
        _, _, kinds, tree = self.lines
        found = {kinds[row] for row in tree.query(box, predicate="intersects").tolist()}
        layer = self.plan.territory.streets
        if layer is not None and "name" in layer:
            rows = self.streets.query(box, predicate="intersects")
            found |= {"road"} if layer["name"].notna().to_numpy()[rows].any() else set()
        return found

    @cached_property
    def unit_tree(self) -> shapely.STRtree:
        """The units, indexed."""
        return shapely.STRtree(self.units)


def make_ground(plan: Plan) -> Ground:
    """Simplify a plan's areas for sheets."""
    units = plan.territory.units
    if units is None:
        raise ValueError("a plan of a territory without units")
    areas = (plan.communities.geometry, plan.today.geometry, units.geometry)
    return Ground(plan, *(simplify_areas(a.to_numpy(), SHEET_SIMPLIFY_M) for a in areas))


@dataclass(frozen=True)
class Panel:
    """A window of the plan in a frame on the paper.

    Parameters
    ----------
    axes : matplotlib Axes
    window : (west, south, east, north)
        In metres; of the frame's shape.
    points_per_m : float
    scale : float
        Of letters and lines: 1 on A3.
    family : list of str
        Fonts.
    """

    axes: Any
    window: Window
    points_per_m: float
    scale: float
    family: list[str]
    room: Room = field(default_factory=lambda: Room(0, 0))

    def letters(self, size: float) -> float:
        """Return the size of letters in points: never so small that nobody can read them."""
        return max(LEAST_PT, size * self.scale)

    @property
    def box(self) -> Any:
        """The window as a polygon."""
        return shapely.box(*self.window)

    def to_points(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn metres into points from the frame's lower left corner."""
        moved: NDArray[np.float64] = (xy - np.asarray(self.window[:2])) * self.points_per_m
        return moved


def make_panel(
    figure: Any,
    frame_mm: tuple[float, float, float, float],
    bounds: Window,
    scale: float,
    family: list[str],
) -> Panel:
    """Put a frame on the paper and fit a window around ``bounds`` to it.

    Parameters
    ----------
    figure : matplotlib Figure
    frame_mm : (left, bottom, width, height)
        From the paper's lower left corner.
    bounds : (west, south, east, north)
        What must be in sight, m.
    scale : float
    family : list of str
    """
    wide, high = (figure.get_size_inches() * 25.4).tolist()
    left, bottom, width, height = frame_mm
    axes = figure.add_axes((left / wide, bottom / high, width / wide, height / high))
    west, south, east, north = bounds
    m_per_mm = max((east - west) / width, (north - south) / height)
    x, y = (west + east) / 2, (south + north) / 2
    half = m_per_mm * width / 2, m_per_mm * height / 2
    window = (x - half[0], y - half[1], x + half[0], y + half[1])
    axes.set_xlim(window[0], window[2])
    axes.set_ylim(window[1], window[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(INK)
        spine.set_linewidth(0.7 * scale)
        spine.set_zorder(10)
    return Panel(axes, window, MM / m_per_mm, scale, family, Room(width * MM, height * MM))


def draw_lines(panel: Panel, ground: Ground, *, streets: bool = True) -> None:
    """Draw streets as a faint ground and barriers in their colours."""
    box = panel.box
    layer = ground.plan.territory.streets
    if streets and layer is not None:
        rows = ground.streets.query(box)
        names = layer["name"].notna().to_numpy() if "name" in layer else np.zeros(len(layer), bool)
        shapes = layer.geometry.to_numpy()
        for wanted, colour, width in ((False, STREET, 0.35), (True, NAMED_STREET, 0.8)):
            _stroke(
                panel, shapes[rows[names[rows] == wanted]], {"color": colour, "linewidth": width}
            )
    shapes, _, kinds, tree = ground.lines
    for row in sorted(tree.query(box).tolist()):
        style = LINE_STYLE.get(kinds[row])
        if style is None:
            continue
        parts = shapely.get_parts(shapes[row])
        flat = shapely.get_dimensions(parts) == 2
        if flat.any():
            fill_areas(
                panel.axes, parts[flat], facecolors=style["color"], edgecolors="none", zorder=2
            )
        _stroke(panel, parts[~flat], style)


def _stroke(panel: Panel, shapes: NDArray[Any], style: dict[str, Any]) -> None:
    """Draw lines as one path: many small artists are slow."""
    parts = shapely.get_parts(shapely.intersection(shapes, panel.box)) if len(shapes) else shapes
    parts = parts[shapely.get_dimensions(parts) == 1] if len(parts) else parts
    if not len(parts):
        return
    xy, line_of = shapely.get_coordinates(parts, return_index=True)
    ends = np.flatnonzero(np.diff(line_of)) + 1
    xy = np.insert(xy, ends, np.nan, axis=0)
    style = style | {"linewidth": style.get("linewidth", 1.0) * panel.scale}
    panel.axes.add_line(Line2D(xy[:, 0], xy[:, 1], zorder=2, solid_capstyle="round", **style))


def draw_areas(panel: Panel, areas: NDArray[Any], faces: Sequence[str], **style: Any) -> None:
    """Fill the areas that lie in the window, each with its colour."""
    rows = np.flatnonzero(shapely.intersects(areas, panel.box)).tolist()
    if rows:
        fill_areas(panel.axes, areas[rows], facecolors=[faces[r] for r in rows], **style)


def draw_units(panel: Panel, ground: Ground) -> None:
    """Draw the borders of the units that lie in the window."""
    rows = np.sort(ground.unit_tree.query(panel.box))
    width = (0.35 if len(rows) < 1500 else 0.15) * panel.scale
    trace_areas(panel.axes, ground.units[rows], edgecolor=UNIT, linewidth=width, zorder=3)


def draw_moved(panel: Panel, areas: NDArray[Any], colour: str, hatch: str) -> None:
    """Hatch units that change community."""
    areas = areas[shapely.intersects(areas, panel.box)] if len(areas) else areas
    if not len(areas):
        return
    width = 0.6 * panel.scale
    style: dict[str, Any] = {"hatch": hatch, "hatch_linewidth": width, "linewidth": width}
    trace_areas(panel.axes, areas, edgecolor=colour, zorder=4, **style)


def draw_borders(panel: Panel, areas: NDArray[Any], colour: str = INK, width: float = 1.1) -> None:
    """Draw borders of communities."""
    areas = areas[shapely.intersects(areas, panel.box)]
    trace_areas(panel.axes, areas, edgecolor=colour, linewidth=width * panel.scale, zorder=5)
