"""What a small map of a development shows, as marks in pixels; `developments_paint` paints them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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
MOVED, ROOM = "#7A1020", "#16406B"
SQUARE = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
ENTRANCE = np.array([[0.0, -9], [8, 5], [-8, 5], [0, -9]])
_TURN = np.linspace(0, 2 * np.pi, 25)
CIRCLE = np.column_stack([np.cos(_TURN), np.sin(_TURN)])
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


@dataclass(frozen=True)
class Mark:
    """One thing on the map.

    Parameters
    ----------
    shapes : sequence of sequences of float64 arrays, shape (n, 2)
        Per area its outline and its holes, per line the line itself, in pixels; of a word where it
        stands.
    fill, stroke : str
        Colours; "" for none.
    opacity : float
        Of the fill.
    width : float
        Of the stroke (pixels).
    word : str
    centred : bool
        Whether the word is centred on its place, or begins there.
    """

    shapes: Sequence[Sequence[NDArray[np.float64]]]
    fill: str = ""
    opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0
    word: str = ""
    centred: bool = True


def map_marks(report: DevelopmentReport, layers: MapLayers) -> list[Mark]:
    """Lay out the neighbourhood: today's communities, what moves, rooms that stand, the entrance.

    It holds names but no words, so that it serves in every language.
    """
    frame = frame_of(report)
    return [
        *_units(report, frame),
        *_streets(layers, frame),
        *_barriers(layers, frame),
        *_moves(report, frame),
        *_development(report, frame),
        *_rooms(report, frame),
        *_labels(report, frame),
        *_scale(frame),
    ]


def frame_of(report: DevelopmentReport) -> Frame:
    """Choose a square about the development, wide enough for what moves with it."""
    shape = report.case.development.shape
    left, bottom, right, top = shape.bounds
    half = max(LEAST_M, (right - left) / 2 + MARGIN_M, (top - bottom) / 2 + MARGIN_M)
    x, y = (left + right) / 2, (bottom + top) / 2
    return Frame(x - half, y - half, 2 * half)


def _units(report: DevelopmentReport, frame: Frame) -> Iterator[Mark]:
    ground = report.setting.ground
    near = np.sort(ground.tree.query(shapely.box(*frame.box)))
    shapes = shapely.simplify(shapely.clip_by_rect(ground.blocks[near], *frame.box), DETAIL_M)
    communities, of = np.unique(ground.today[near], return_inverse=True)
    pairs = _neighbours(report, near, of)
    colours = colour_neighbours(len(communities), pairs)
    for place, number in enumerate(communities.tolist()):
        fill = PALETTE[colours[place]] if number >= 0 else NOBODY
        yield Mark(_areas(shapes[of == place], frame), fill, 0.55, "#FFFFFF", 0.8)


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


def _areas(shapes: NDArray[np.object_], frame: Frame) -> list[list[NDArray[np.float64]]]:
    parts = shapely.get_parts(shapes)
    areas = parts[shapely.get_dimensions(parts) == 2]
    rings = (shapely.get_rings(area) for area in areas)
    return [[frame.pixels(shapely.get_coordinates(ring)) for ring in own] for own in rings]


def _streets(layers: MapLayers, frame: Frame) -> Iterator[Mark]:
    lines, tree = layers.streets
    near = np.sort(tree.query(shapely.box(*frame.box)))[:STREETS_MOST]
    yield Mark(_lines(lines[near], frame), stroke="#FFFFFF", width=1.6)


def _barriers(layers: MapLayers, frame: Frame) -> Iterator[Mark]:
    shapes, tree = layers.barriers
    barriers = layers.territory.barriers
    near = np.sort(tree.query(shapely.box(*frame.box)))
    for row in near.tolist():
        kind = None if barriers is None else barriers["kind"].iloc[row]
        colour, width = LINES.get(str(kind), ("#A79F91", 1.4))
        if shapely.get_dimensions(shapes[row]) == 2:
            area = shapely.clip_by_rect(shapes[row : row + 1], *frame.box)
            yield Mark(_areas(area, frame), colour)
        else:
            yield Mark(_lines(shapes[row : row + 1], frame), stroke=colour, width=width)


def _lines(shapes: NDArray[np.object_], frame: Frame) -> list[list[NDArray[np.float64]]]:
    clipped = shapely.get_parts(shapely.clip_by_rect(shapes, *frame.box))
    clipped = clipped[shapely.get_dimensions(clipped) == 1]
    thin = shapely.simplify(clipped, DETAIL_M)
    return [[frame.pixels(shapely.get_coordinates(line))] for line in thin]


def _moves(report: DevelopmentReport, frame: Frame) -> Iterator[Mark]:
    """Outline the units that change their community."""
    way, redrawn = report.answer.way, report.answer.redrawn
    if redrawn is None or way is None or way.kind != "redraw" or not redrawn.moves:
        return
    units = np.array([unit for unit, _, _ in redrawn.moves], dtype=np.intp)
    shapes = shapely.clip_by_rect(report.setting.ground.blocks[units], *frame.box)
    yield Mark(_areas(shapes, frame), MOVED, 0.25, MOVED, 1.6)


def _development(report: DevelopmentReport, frame: Frame) -> Iterator[Mark]:
    one = report.case.development
    centre = frame.pixels(np.array([report.case.entrance]))
    shape = np.array([one.shape], dtype=object)
    shown = [[centre + 11 * CIRCLE]] if one.is_point else _areas(shape, frame)
    yield Mark(shown, "#C8102E", 0.55, "#7A0019", 2.4)
    if not one.is_point:
        yield Mark([[centre + ENTRANCE]], "#FFFFFF", stroke="#7A0019", width=2)


def _rooms(report: DevelopmentReport, frame: Frame) -> Iterator[Mark]:
    """Mark rooms that stand; those that the development uses are filled."""
    rooms = report.setting.ground.rooms
    used = {row.room for row in report.phases if row.room >= 0}
    left, bottom, right, top = frame.box
    for i, (x_m, y_m) in enumerate(rooms.xy.tolist()):
        if left < x_m < right and bottom < y_m < top:
            fill = ROOM if i in used else "#FFFFFF"
            place = frame.pixels(np.array([[x_m, y_m]]))
            yield Mark([[place + 6 * SQUARE]], fill, stroke=ROOM, width=2)


def _labels(report: DevelopmentReport, frame: Frame) -> Iterator[Mark]:
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
        yield Mark([[frame.pixels(centre[None, :])]], word=ground.names[number])


def _scale(frame: Frame) -> Iterator[Mark]:
    """Draw a bar of a round length, about a quarter of the map."""
    step = 10 ** np.floor(np.log10(frame.side_m / 4))
    metres = float(step * max(n for n in (1, 2, 5) if n * step <= frame.side_m / 4))
    bar = np.array([[20.0, WIDTH - 20], [20 + round(WIDTH * metres / frame.side_m), WIDTH - 20]])
    yield Mark([[bar]], stroke="#1C2B3A", width=4)
    yield Mark([[np.array([[20.0, WIDTH - 28]])]], word=f"{metres:g} m", centred=False)
