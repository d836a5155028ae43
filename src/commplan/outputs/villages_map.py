"""A sketch map of a merging of villages for paper: small villages today, groups proposed."""

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
from commplan.outputs.villages_page import (
    COLOURS,
    LEFT,
    STAYS,
    group_colours,
    group_shapes,
    legend,
    today_colours,
    village_shapes,
)
from commplan.plan.villages import VillagePlan
from commplan.texts import Texts

#: With more groups than this their numbers cannot be read any more.
MAX_NUMBERS = 150


def write_village_map(path: Path, plan: VillagePlan, texts: Texts, attribution: str = "") -> None:
    """Write the sketch map as PNG: on the left today, on the right the groups with their numbers."""
    font = cjk_font()
    can_word = font is not None or texts.language == "en"
    family: dict[str, Any] = {"fontfamily": [font, "DejaVu Sans"] if font else ["DejaVu Sans"]}
    figure = Figure(figsize=(11.6, 6.1), dpi=170)
    FigureCanvasAgg(figure)
    shapes = village_shapes(plan)
    groups = group_shapes(plan, shapes)
    faces = _faces(plan, groups)
    for place, view in enumerate(("today", "proposed")):
        axes = figure.add_axes((0.01 + 0.49 * place, 0.135, 0.48, 0.8))
        fill_areas(axes, shapes, facecolors=faces[view], edgecolors="#8A949D", linewidths=0.15)
        if view == "proposed":
            fill_areas(axes, groups, facecolors="none", edgecolors="#22303D", linewidths=0.7)
            _number(axes, groups)
        _frame(axes, shapes)
        if can_word:
            axes.set_title(texts(f"page.view_{view}"), fontsize=16, fontweight="bold", **family)
            _keys(figure, legend(plan)[view], texts.language, (0.25 + 0.49 * place, family))
    figure.text(0.5, 0.88, "N\n▲", fontsize=11, ha="center", fontfamily="DejaVu Sans")
    if attribution:
        figure.text(0.995, 0.004, attribution, ha="right", va="bottom", fontsize=9, **family)
    figure.savefig(path, metadata={"Software": None})


def _faces(plan: VillagePlan, groups: list[Any]) -> dict[str, list[str]]:
    """Colours of the villages in both views."""
    of_group = group_colours(groups).tolist()
    left = plan.left
    stays = [LEFT if village in left else STAYS for village in range(len(plan.group_of))]
    return {
        "today": [COLOURS[c] for c in today_colours(plan).tolist()],
        "proposed": [
            COLOURS[of_group[row]] if row >= 0 else stays[village]
            for village, row in enumerate(plan.group_of.tolist())
        ],
    }


def _number(axes: Any, groups: list[Any]) -> None:
    """Write the number of each group, ``G`` and zeros left out, where there are not too many."""
    if not 0 < len(groups) <= MAX_NUMBERS:
        return
    size = 9.0 if len(groups) <= 60 else 5.5
    points = shapely.get_coordinates(label_points(np.asarray(groups, dtype=object)))
    for row, (x, y) in enumerate(points.tolist(), 1):
        axes.text(x, y, str(row), ha="center", va="center", fontsize=size, fontweight="bold")


def _frame(axes: Any, shapes: Any) -> None:
    axes.set_aspect("equal")
    axes.set_axis_off()
    west, south, east, north = shapely.total_bounds(shapes)
    axes.set_xlim(west, east)
    axes.set_ylim(south - 0.07 * (north - south), north)
    scale_bar(axes, (west, south - 0.055 * (north - south)), east - west)


def _keys(
    figure: Any, rows: list[dict[str, Any]], language: str, at: tuple[float, dict[str, Any]]
) -> None:
    middle, family = at
    figure.legend(
        handles=[
            Patch(facecolor=row["colour"], edgecolor="#22303D", label=row["words"][language])
            for row in rows
        ],
        loc="lower center",
        bbox_to_anchor=(middle, 0.0),
        ncols=1,
        frameon=False,
        labelspacing=0.25,
        prop={"family": family["fontfamily"], "size": 10},
    )
