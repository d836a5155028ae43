"""Labels that do not collide: measured in points, each placed where the paper is still free."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.fonts import HAN
from commplan.outputs.geometry import label_points

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # west, south, east, north in points
LINE_HEIGHT = 1.3
#: Smaller letters cannot be read on paper (1.75 mm).
LEAST_PT = 5.0
#: Left free beside words, so that two labels never read as one.
BESIDE_PT = 4.0
#: Width of a character in ems; generous, so that what is drawn never exceeds what was measured.
EM_HAN, EM_BROAD, EM_WIDE, EM_OTHER = 1.02, 1.0, 0.82, 0.62
#: A grid of this many points a side is tried where the middle of an area is taken.
GRID = 9


@dataclass(frozen=True)
class Label:
    """A label that wants a place.

    Parameters
    ----------
    words : tuple of str
        What is tried, the first first: the name, then the number alone.
    size_pt : float
    at : float array, shape (k, 2)
        Places in points on the paper that are tried, the best first.
    angle : float array, shape (k,), or None
        Turned by so many degrees at each place; None for not at all.
    """

    words: tuple[str, ...]
    size_pt: float
    at: Floats
    angle: Floats | None = None


@dataclass(frozen=True)
class Placed:
    """A label in its place: words, middle in points, angle in degrees, and the boxes that it covers."""

    words: str
    x: float
    y: float
    angle: float
    size_pt: float
    boxes: tuple[Box, ...]
    label: int


@dataclass
class Room:
    """The free room of a panel.

    Parameters
    ----------
    width_pt, height_pt : float
    taken : list of boxes
        West, south, east, north.
    """

    width_pt: float
    height_pt: float
    taken: list[Box] = field(default_factory=list)

    def take(self, *boxes: Box) -> bool:
        """Take boxes if all of them are free and on the paper."""
        if not all(self._is_free(box) for box in boxes):
            return False
        self.taken.extend(boxes)
        return True

    def _is_free(self, box: Box) -> bool:
        west, south, east, north = box
        if west < 0 or south < 0 or east > self.width_pt or north > self.height_pt:
            return False
        return not any(
            west < e and w < east and south < n and s < north for w, s, e, n in self.taken
        )


def text_width(words: str, size_pt: float) -> float:
    """Return a width in points that one line of words does not exceed."""
    ems = 0.0
    for letter in words:
        if HAN.match(letter):
            ems += EM_HAN
        else:
            wide = EM_WIDE if letter == "w" or letter.isupper() else EM_OTHER
            ems += EM_BROAD if letter in "mMW@%—…" else wide
    return ems * size_pt


def text_boxes(words: str, size_pt: float, at: tuple[float, float], angle: float) -> list[Box]:
    """Return the upright boxes that words cover around ``at``: one, or a chain for turned words."""
    lines = words.split("\n")
    width = max(text_width(line, size_pt) for line in lines) + BESIDE_PT
    height = LINE_HEIGHT * size_pt * len(lines)
    turn = np.radians(angle)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    pieces = 1 if min(abs(cos), abs(sin)) < 0.02 else max(1, round(width / height))
    part = width / pieces
    half = (part * abs(cos) + height * abs(sin)) / 2, (part * abs(sin) + height * abs(cos)) / 2
    boxes = []
    for piece in range(pieces):
        along = (piece + 0.5) * part - width / 2
        x, y = at[0] + along * cos, at[1] + along * sin
        boxes.append((x - half[0], y - half[1], x + half[0], y + half[1]))
    return boxes


def box_area(words: str, size_pt: float) -> float:
    """Return the area in square points that words cover."""
    ((west, south, east, north),) = text_boxes(words, size_pt, (0.0, 0.0), 0.0)
    return (east - west) * (north - south)


def place(labels: Iterable[Label], room: Room) -> list[Placed]:
    """Give each label the first of its places that is free; one without a free place is left out.

    Parameters
    ----------
    labels : iterable of Label
        In the order in which they choose.
    room : Room
        Is filled.

    Returns
    -------
    list of Placed
        ``label`` counts the labels as they came.
    """
    found = []
    for number, label in enumerate(labels):
        placed = _place_one(label, number, room)
        if placed is not None:
            found.append(placed)
    return found


def _place_one(label: Label, number: int, room: Room) -> Placed | None:
    angles = np.zeros(len(label.at)) if label.angle is None else label.angle
    for words in label.words:
        for (x, y), angle in zip(label.at.tolist(), angles.tolist(), strict=True):
            boxes = text_boxes(words, label.size_pt, (x, y), angle)
            if room.take(*boxes):
                return Placed(words, x, y, angle, label.size_pt, tuple(boxes), number)
    return None


def area_places(area: Any) -> Floats:
    """Return points inside an area where its name may stand, the middle first; in its own units."""
    middle = shapely.get_coordinates(label_points(np.asarray([area], dtype=object)))[:1]
    west, south, east, north = shapely.bounds(area)
    x, y = np.meshgrid(
        np.linspace(west, east, GRID + 2)[1:-1], np.linspace(south, north, GRID + 2)[1:-1]
    )
    grid = np.column_stack([x.ravel(), y.ravel()])
    grid = grid[shapely.contains_xy(area, grid[:, 0], grid[:, 1])]
    if not len(middle):
        return grid
    apart = np.hypot(*(grid - middle).T)
    return np.concatenate([middle, grid[np.argsort(apart, kind="stable")]])


def line_places(
    line: Any, wanted: Sequence[float] = (0.5, 0.3, 0.7, 0.15, 0.85)
) -> tuple[Floats, Floats]:
    """Return points along a line where its name may stand, and its direction there in degrees.

    The direction is between -90 and 90: names are read from left to right.
    """
    length = shapely.length(line)
    at = np.asarray(wanted) * length
    step = min(20.0, length / 4)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - step, 0)))
    after = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.minimum(at + step, length))
    )
    way = after - before
    angle = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    return xy, np.asarray((angle + 90) % 180 - 90)


def wrap(
    words: str, width_pt: float, size_pt: float, measure: Callable[[str], float] | None = None
) -> list[str]:
    """Break words into lines: Chinese anywhere but before closing marks, Latin between words.

    Parameters
    ----------
    words : str
    width_pt, size_pt : float
    measure : callable, optional
        Width of some words in points; `text_width` where it is left out.
    """
    width_of = measure or (lambda piece: text_width(piece, size_pt))
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for piece in _pieces(words):
        width = width_of(piece)
        if not line or used + width <= width_pt:
            line.append(piece)
            used += width
            continue
        # A closing mark takes the character before it along.
        carried = [line.pop()] if piece[0] in CLOSING and len(line) > 1 else []
        lines.append("".join(line).rstrip())
        line = [*carried, piece] if carried or piece != " " else []
        used = sum(map(width_of, line))
    return [*lines, "".join(line)] if line or not lines else lines


CLOSING = "，。；：、！？）》”’%,.;:!?)"


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    for letter in words:
        joins = pieces and not HAN.match(letter) and not HAN.match(pieces[-1][-1])
        if joins and letter != " " and pieces[-1][-1] != " ":
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
