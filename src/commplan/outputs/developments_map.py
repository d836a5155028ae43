"""A small map of a development, drawn as SVG: it needs no script, no tiles and no network."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.colours import NOBODY, PALETTE, colour_neighbours
from commplan.outputs.developments_report import DevelopmentReport
from commplan.territory.territory import Territory

WIDTH = 760  # pixels
LEAST_M, MARGIN_M = 450.0, 350.0  # half of the map's side at least; beside the development
DETAIL_M = 1.5  # smaller corners are dropped
STREETS_MOST = 3_000
LINES = {
    "river": ("#7DB4DE", 5.0),
    "railway": ("#3D3D3D", 2.2),
    "expressway": ("#C9833A", 3.5),
    "main_road": ("#A79F91", 2.2),
    "road": ("#BDB6AA", 1.4),
}


@dataclass(frozen=True)
class MapLayers:
    """Streets and barriers, found by place; made once for all maps."""

    territory: Territory

    @cached_property
    def streets(self) -> tuple[NDArray[np.object_], shapely.STRtree]:
        """Lines of the streets, and their tree."""
        return _with_tree(self.territory.streets)

    @cached_property
    def barriers(self) -> tuple[NDArray[np.object_], shapely.STRtree]:
        """Lines and areas of the barriers, and their tree."""
        return _with_tree(self.territory.barriers)


def _with_tree(layer: Any) -> tuple[NDArray[np.object_], shapely.STRtree]:
    shapes = np.empty(0, dtype=object) if layer is None else np.asarray(layer.geometry.array)
    return np.asarray(shapes, dtype=object), shapely.STRtree(shapes)


@dataclass(frozen=True)
class Frame:
    """The piece of ground that is shown."""

    left: float
    bottom: float
    side_m: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Bounds in metres."""
        return self.left, self.bottom, self.left + self.side_m, self.bottom + self.side_m

    def pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bring coordinates to the picture, y downwards."""
        scale = WIDTH / self.side_m
        x = (xy[:, 0] - self.left) * scale
        y = WIDTH - (xy[:, 1] - self.bottom) * scale
        return np.asarray(np.round(np.column_stack([x, y]), 1), dtype=np.float64)


def draw_map(report: DevelopmentReport, layers: MapLayers) -> str:
    """Draw the neighbourhood: today's communities, what moves, rooms that stand, the entrance.

    It holds names but no words, so that it serves in every language.
    """
    frame, label = frame_of(report), escape(report.case.development.name)
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {WIDTH}" role="img" aria-label="{label}">',
        f'<rect width="{WIDTH}" height="{WIDTH}" fill="#FBFAF7"/>',
        *_units(report, frame),
        *_streets(layers, frame),
        *_barriers(layers, frame),
        *_moves(report, frame),
        *_development(report, frame),
        *_rooms(report, frame),
        *_labels(report, frame),
        *_scale(frame),
        "</svg>",
    ]
    return "\n".join(parts)


def frame_of(report: DevelopmentReport) -> Frame:
    """Choose a square about the development, wide enough for what moves with it."""
    shape = report.case.development.shape
    left, bottom, right, top = shape.bounds
    half = max(LEAST_M, (right - left) / 2 + MARGIN_M, (top - bottom) / 2 + MARGIN_M)
    x, y = (left + right) / 2, (bottom + top) / 2
    return Frame(x - half, y - half, 2 * half)


def _units(report: DevelopmentReport, frame: Frame) -> Iterator[str]:
    ground = report.setting.ground
    near = np.sort(ground.tree.query(shapely.box(*frame.box)))
    shapes = shapely.simplify(shapely.clip_by_rect(ground.blocks[near], *frame.box), DETAIL_M)
    communities, of = np.unique(ground.today[near], return_inverse=True)
    pairs = _neighbours(report, near, of)
    colours = colour_neighbours(len(communities), pairs)
    for place, number in enumerate(communities.tolist()):
        fill = PALETTE[colours[place]] if number >= 0 else NOBODY
        path = _path(shapes[of == place], frame)
        yield f'<path d="{path}" fill="{fill}" fill-opacity=".55" stroke="#fff" stroke-width=".8"/>'


def _neighbours(
    report: DevelopmentReport, near: NDArray[np.intp], of: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Pairs of communities that meet in the frame."""
    ground = report.setting.ground
    place = dict(zip(near.tolist(), of.tolist(), strict=True))
    pairs = {
        (min(code, place[other]), max(code, place[other]))
        for unit, code in place.items()
        for other in ground.beside(unit).tolist()
        if other in place and place[other] != code
    }
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _path(shapes: NDArray[np.object_], frame: Frame) -> str:
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return "".join(_ring(ring, frame) + "Z" for ring in shapely.get_rings(parts))


def _ring(ring: Any, frame: Frame) -> str:
    xy = frame.pixels(shapely.get_coordinates(ring))
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in xy.tolist())


def _streets(layers: MapLayers, frame: Frame) -> Iterator[str]:
    lines, tree = layers.streets
    near = np.sort(tree.query(shapely.box(*frame.box)))[:STREETS_MOST]
    path = _lines(lines[near], frame)
    if path:
        yield f'<path d="{path}" fill="none" stroke="#fff" stroke-width="1.6"/>'


def _barriers(layers: MapLayers, frame: Frame) -> Iterator[str]:
    shapes, tree = layers.barriers
    barriers = layers.territory.barriers
    near = np.sort(tree.query(shapely.box(*frame.box)))
    for row in near.tolist():
        kind = None if barriers is None else barriers["kind"].iloc[row]
        colour, width = LINES.get(str(kind), ("#A79F91", 1.4))
        if shapely.get_dimensions(shapes[row]) == 2:
            area = shapely.clip_by_rect(shapes[row : row + 1], *frame.box)
            yield f'<path d="{_path(area, frame)}" fill="{colour}"/>'
        else:
            path = _lines(shapes[row : row + 1], frame)
            yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _lines(shapes: NDArray[np.object_], frame: Frame) -> str:
    clipped = shapely.get_parts(shapely.clip_by_rect(shapes, *frame.box))
    clipped = clipped[shapely.get_dimensions(clipped) == 1]
    return "".join(_ring(line, frame) for line in shapely.simplify(clipped, DETAIL_M))


def _moves(report: DevelopmentReport, frame: Frame) -> Iterator[str]:
    """Outline the units that change their community."""
    way, redrawn = report.answer.way, report.answer.redrawn
    if redrawn is None or way is None or way.kind != "redraw" or not redrawn.moves:
        return
    units = np.array([unit for unit, _, _ in redrawn.moves], dtype=np.intp)
    shapes = shapely.clip_by_rect(report.setting.ground.blocks[units], *frame.box)
    path = _path(shapes, frame)
    yield f'<path d="{path}" fill="#7A1020" fill-opacity=".25" stroke="#7A1020" stroke-width="1.6"/>'


def _development(report: DevelopmentReport, frame: Frame) -> Iterator[str]:
    one = report.case.development
    style = 'fill="#C8102E" fill-opacity=".55" stroke="#7A0019" stroke-width="2.4"'
    if one.is_point:
        x, y = frame.pixels(np.array([report.case.entrance]))[0].tolist()
        yield f'<circle cx="{x:g}" cy="{y:g}" r="11" {style}/>'
        return
    yield f'<path d="{_path(np.array([one.shape], dtype=object), frame)}" {style}/>'
    x, y = frame.pixels(np.array([report.case.entrance]))[0].tolist()
    yield (f'<path d="M{x:g} {y - 9:g}l8 14h-16z" fill="#fff" stroke="#7A0019" stroke-width="2"/>')


def _rooms(report: DevelopmentReport, frame: Frame) -> Iterator[str]:
    """Mark rooms that stand; those that the development uses are filled."""
    rooms = report.setting.ground.rooms
    used = {row.room for row in report.phases if row.room >= 0}
    left, bottom, right, top = frame.box
    for i, (x_m, y_m) in enumerate(rooms.xy.tolist()):
        if left < x_m < right and bottom < y_m < top:
            x, y = frame.pixels(np.array([[x_m, y_m]]))[0].tolist()
            fill = "#16406B" if i in used else "#fff"
            yield (
                f'<rect x="{x - 6:g}" y="{y - 6:g}" width="12" height="12" fill="{fill}" '
                'stroke="#16406B" stroke-width="2"/>'
            )


def _labels(report: DevelopmentReport, frame: Frame) -> Iterator[str]:
    """Name the communities that take up most of the map, each where most of it is seen."""
    ground = report.setting.ground
    near = np.sort(ground.tree.query(shapely.box(*frame.box)))
    clipped = shapely.clip_by_rect(ground.blocks[near], *frame.box)
    areas, codes = shapely.area(clipped), ground.today[near]
    for number in np.unique(codes[codes >= 0]).tolist():
        own = np.flatnonzero((codes == number) & (areas > 0))
        if areas[own].sum() < 0.02 * frame.side_m**2:
            continue
        centre = np.average(
            shapely.get_coordinates(shapely.centroid(clipped[own])), axis=0, weights=areas[own]
        )
        x, y = frame.pixels(centre[None, :])[0].tolist()
        yield f'<text x="{x:g}" y="{y:g}">{escape(ground.names[number])}</text>'


def _scale(frame: Frame) -> Iterator[str]:
    """Draw a bar of a round length, about a quarter of the map."""
    step = 10 ** np.floor(np.log10(frame.side_m / 4))
    metres = float(step * max(n for n in (1, 2, 5) if n * step <= frame.side_m / 4))
    width = WIDTH * metres / frame.side_m
    yield f'<path d="M20 {WIDTH - 20}h{width:.0f}" stroke="#1C2B3A" stroke-width="4"/>'
    yield f'<text class="bar" x="20" y="{WIDTH - 28}">{metres:g} m</text>'
