"""The sketch map of a smaller topic for paper: today on the left, proposed on the right."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from commplan.outputs.fonts import cjk_font
from commplan.outputs.geometry import label_points
from commplan.outputs.print_map import fill_areas, scale_bar
from commplan.outputs.topic import MapView, TopicReport
from commplan.texts import Texts

#: With more areas than this their numbers cannot be read any more.
MAX_NUMBERS = 150
#: More keys than this stand in four columns.
FEW_KEYS = 4


def write_topic_map(path: Path, report: TopicReport, texts: Texts) -> None:
    """Write the sketch map as PNG; where no Chinese font is installed, Chinese words are left out."""
    font = cjk_font()
    can_word = font is not None or texts.language == "en"
    family: dict[str, Any] = {"fontfamily": [font, "DejaVu Sans"] if font else ["DejaVu Sans"]}
    figure = Figure(figsize=(11.6, 6.1), dpi=170)
    FigureCanvasAgg(figure)
    for place, (name, view) in enumerate(report.views.items()):
        axes = figure.add_axes((0.01 + 0.49 * place, 0.085, 0.48, 0.85))
        _draw(axes, view)
        if can_word:
            axes.set_title(_title(report, name, texts), fontsize=13, fontweight="bold", **family)
            _keys(figure, report, view, (texts, 0.25 + 0.49 * place, family))
    figure.text(0.5, 0.9, "N\n▲", fontsize=11, ha="center", fontfamily="DejaVu Sans")
    if report.info.attribution:
        words = report.info.attribution
        figure.text(0.995, 0.004, words, ha="right", va="bottom", fontsize=6, **family)
    figure.savefig(path, metadata={"Software": None})


def _title(report: TopicReport, view: str, texts: Texts) -> str:
    own = f"{report.topic}.page_view_{view}"
    return texts(own if texts.has(own) else f"page.view_{view}")


def _draw(axes: Any, view: MapView) -> None:
    shapes = np.asarray(view.shapes, dtype=object)
    fill_areas(axes, shapes, facecolors=list(view.faces), edgecolors="#8A949D", linewidths=0.15)
    outlines = np.asarray(view.outlines, dtype=object)
    if len(outlines):
        fill_areas(axes, outlines, facecolors="none", edgecolors="#22303D", linewidths=0.7)
    if view.numbers and 0 < len(outlines) <= MAX_NUMBERS:
        size = 7.0 if len(outlines) <= 60 else 4.5
        points = shapely.get_coordinates(label_points(outlines))
        for row, (x, y) in enumerate(points.tolist(), 1):
            axes.text(x, y, str(row), ha="center", va="center", fontsize=size, fontweight="bold")
    axes.set_aspect("equal")
    axes.set_axis_off()
    west, south, east, north = shapely.total_bounds(shapes)
    axes.set_xlim(west, east)
    axes.set_ylim(south - 0.07 * (north - south), north)
    scale_bar(axes, (west, south - 0.055 * (north - south)), east - west)


def _keys(
    figure: Any, report: TopicReport, view: MapView, how: tuple[Texts, float, dict[str, Any]]
) -> None:
    texts, middle, family = how
    figure.legend(
        handles=[
            Patch(
                facecolor=colour,
                edgecolor="#22303D",
                label=key(texts) if callable(key) else report.words(texts, key),
            )
            for colour, key in view.legend
        ],
        loc="lower center",
        bbox_to_anchor=(middle, 0.0),
        ncols=2 if len(view.legend) <= FEW_KEYS else 4,
        frameon=False,
        prop={"family": family["fontfamily"], "size": 7},
    )
