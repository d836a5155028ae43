"""What stands around the maps of a sheet: title, foot, legend, scale and blocks of words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Rectangle

from commplan.outputs.map_labels import LEAST_PT, LINE_HEIGHT, text_width, wrap
from commplan.outputs.map_panel import INK, MM, Panel
from commplan.outputs.print_map import scale_bar

MARGIN_MM = 10.0
GAP_MM = 5.0


@dataclass(frozen=True)
class Paper:
    """A sheet on which words are placed in millimetres from its lower left corner.

    Parameters
    ----------
    figure : matplotlib Figure
    scale : float
        Of letters: 1 on A3.
    family : list of str
    """

    figure: Any
    scale: float
    family: list[str]

    @property
    def width_mm(self) -> float:
        """Width of the sheet."""
        return float(self.figure.get_size_inches()[0] * 25.4)

    @property
    def height_mm(self) -> float:
        """Height of the sheet."""
        return float(self.figure.get_size_inches()[1] * 25.4)

    def write(self, x_mm: float, y_mm: float, words: str, size: float, **style: Any) -> None:
        """Write one line whose baseline stands at ``y_mm``."""
        at = x_mm / self.width_mm, y_mm / self.height_mm
        style.setdefault("color", INK)
        self.figure.text(
            *at, words, fontsize=self.points(size), fontfamily=self.family, va="baseline", **style
        )

    def points(self, size: float) -> float:
        """Return the size of letters on this sheet: never so small that nobody can read them."""
        return max(LEAST_PT, size * self.scale)

    def line_mm(self, size: float) -> float:
        """Return the height of a line of words."""
        return self.points(size) * LINE_HEIGHT / MM

    def space_mm(self, size: float) -> float:
        """Return a space as high as a line, which may be as small as the sheet asks."""
        return size * self.scale * LINE_HEIGHT / MM

    def fit(self, words: str, size: float, width_mm: float) -> float:
        """Return the size at which words fit a width, ``size`` or smaller."""
        wide = text_width(words, self.points(size)) / MM
        return size if wide <= width_mm else size * width_mm / wide


def write_title(paper: Paper, title: str, beneath: str) -> float:
    """Write title and a line beneath it; return how far the sheet is free, in mm from below."""
    width = paper.width_mm - 2 * MARGIN_MM
    top = paper.height_mm - MARGIN_MM - paper.line_mm(17) * 0.8
    size = paper.fit(title, 17, width)
    paper.write(paper.width_mm / 2, top, title, size, ha="center", fontweight="bold")
    top -= paper.line_mm(9) * 1.25
    size = paper.fit(beneath, 9, width)
    paper.write(paper.width_mm / 2, top, beneath, size, ha="center", color="#55636F")
    return top - paper.line_mm(9) * 0.4


def write_foot(paper: Paper, left: str, right: str) -> float:
    """Write the foot, in lines where it is long; return how far up it reaches, in mm."""
    y = MARGIN_MM * 0.6
    width = paper.width_mm - 2 * MARGIN_MM
    right_mm = min(width / 3, text_width(right, paper.points(7)) / MM + 1.0) if right else 0.0
    top = y
    for words, x, wide, side in (
        (left, MARGIN_MM, width - right_mm - 5.0, "left"),
        (right, paper.width_mm - MARGIN_MM, right_mm, "right"),
    ):
        lines = wrap(words, wide * MM, paper.points(7)) if words else []
        for above, line in enumerate(reversed(lines)):
            paper.write(x, y + above * paper.line_mm(7), line, 7, ha=side, color="#55636F")
        top = max(top, y + len(lines) * paper.line_mm(7))
    return top


def write_legend(paper: Paper, handles: Sequence[Any], y_mm: float) -> None:
    """Write the legend in one row, its middle at ``y_mm``."""
    if not handles:
        return
    paper.figure.legend(
        handles=list(handles),
        loc="center",
        bbox_to_anchor=(0.5, y_mm / paper.height_mm),
        ncols=len(handles),
        frameon=False,
        prop={"family": paper.family, "size": paper.points(7.5)},
        handlelength=2.2,
        columnspacing=1.6,
    )


@dataclass
class Block:
    """A column of words that grows downwards.

    Parameters
    ----------
    paper : Paper
    left_mm, top_mm, width_mm, bottom_mm : float
        Nothing is written below ``bottom_mm``.
    """

    paper: Paper
    left_mm: float
    top_mm: float
    width_mm: float
    bottom_mm: float

    def head(self, words: str) -> None:
        """Write a heading."""
        self._line(words, 10, fontweight="bold", color="#16406B")
        self.top_mm -= self.paper.space_mm(2)

    def text(self, words: str, size: float = 8.5, most: int = 99, **style: Any) -> None:
        """Write words, broken into at most ``most`` lines; the last shows that more was there."""
        points = self.width_mm * MM
        lines = wrap(words, points, self.paper.points(size))
        free = int((self.top_mm - self.bottom_mm) / self.paper.line_mm(size) + 1e-6)
        kept = lines[: max(0, min(most, free))]
        if kept and len(kept) < len(lines):
            kept[-1] = kept[-1][:-1] + "…"
        for line in kept:
            self._line(line, size, **style)

    def row(
        self, cells: Sequence[str], shares: Sequence[float], size: float = 8.5, **style: Any
    ) -> None:
        """Write cells of a table: the first to the left, the others to the right of their column."""
        at = 0.0
        y = self.top_mm - self.paper.line_mm(size) * 0.8
        if self.top_mm - self.paper.line_mm(size) < self.bottom_mm:
            return
        for place, (words, share) in enumerate(zip(cells, shares, strict=True)):
            at += share
            x = self.left_mm + self.width_mm * ((at - share) if not place else at)
            self.paper.write(x, y, words, size, ha="left" if not place else "right", **style)
        self.top_mm -= self.paper.line_mm(size) * 1.08

    def gap(self, mm: float = 1.5) -> None:
        """Leave some room."""
        self.top_mm -= mm * self.paper.scale

    def _line(self, words: str, size: float, **style: Any) -> None:
        y = self.top_mm - self.paper.line_mm(size) * 0.8
        self.paper.write(self.left_mm, y, words, size, **style)
        self.top_mm -= self.paper.line_mm(size)


def mark_scale(panel: Panel, *, north: bool = True) -> None:
    """Draw scale bar and north arrow into corners of a map; labels keep clear of them."""
    west, south, east, north_m = panel.window
    per_m, size = panel.points_per_m, panel.scale
    x, y = west + 8 * size / per_m, south + 8 * size / per_m
    width = (east - west) * per_m
    wide, high = min(width * 0.3, 140 * size), 24 * size
    panel.room.take((0.0, 0.0, wide, high))
    back = Rectangle((west, south), wide / per_m, high / per_m)
    back.set(facecolor="white", edgecolor="none", alpha=0.75, zorder=8.5)
    panel.axes.add_artist(back)
    scale_bar(panel.axes, (x, y), (east - west) * 0.9, zorder=9, scale=size)
    if north:
        at = (width - 14 * size, (north_m - south) * per_m - 12 * size)
        panel.room.take(
            (at[0] - 12 * size, at[1] - 24 * size, at[0] + 12 * size, at[1] + 10 * size)
        )
        style = {"xycoords": "axes points", "ha": "center", "va": "center", "zorder": 9}
        panel.axes.annotate(
            "▲", (at[0], at[1] - 12 * size), fontsize=12 * size, fontfamily="DejaVu Sans", **style
        )
        panel.axes.annotate("N", at, fontsize=9 * size, fontweight="bold", **style)
