"""A sketch map for paper: today and proposed side by side, numbers for names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE, plan_colours
from commplan.outputs.fonts import cjk_font
from commplan.outputs.geometry import label_points, near_pairs, simplify_areas
from commplan.outputs.page_data import NEAR_M
from commplan.plan.plan import Plan
from commplan.texts import Texts

BARRIER_STYLE: dict[str, dict[str, Any]] = {
    "river": {"color": "#7DB4DE", "linewidth": 2.2},
    "railway": {"color": "#3D3D3D", "linewidth": 1.3, "linestyle": (0, (4, 2))},
    "expressway": {"color": "#C9833A", "linewidth": 1.6},
    "main_road": {"color": "#8D8577", "linewidth": 0.9},
}
#: On paper a corner of this size cannot be seen any more.
PAPER_SIMPLIFY_M = 4.0
CHUNK = 500


def write_print_map(path: Path, plan: Plan, texts: Texts, attribution: str = "") -> None:
    """Write the sketch map as PNG.

    The numbers are the rows of ``plan.today`` and ``plan.communities``, counted from 1; a table of
    names stands beside them, so that the map reads the same where no Chinese font is installed.
    """
    font = cjk_font()
    can_word = font is not None or texts.language == "en"
    figure = Figure(figsize=(11.6, 6.1), dpi=170)
    FigureCanvasAgg(figure)
    pairs = [
        near_pairs(part.geometry.to_numpy(), NEAR_M) for part in (plan.communities, plan.today)
    ]
    colours = plan_colours(plan.successor_of, len(plan.today), *pairs)
    family: dict[str, Any] = {"fontfamily": [font, "DejaVu Sans"] if font else ["DejaVu Sans"]}
    panels = (("map_today", plan.today, colours[1]), ("map_proposed", plan.communities, colours[0]))
    for place, (key, table, colour) in enumerate(panels, 1):
        axes = figure.add_axes((0.01 + 0.49 * (place - 1), 0.065, 0.48, 0.87))
        _draw_panel(axes, plan, table, colour)
        title = texts(f"document.{key}") if can_word else key.removeprefix("map_")
        axes.set_title(title, fontsize=13, fontweight="bold", **family)
    _legend(figure, texts if can_word else None, family, plan)
    if attribution:
        figure.text(0.995, 0.004, attribution, ha="right", va="bottom", fontsize=6, **family)
    figure.savefig(path, metadata={"Software": None})


def _draw_panel(axes: Any, plan: Plan, table: gpd.GeoDataFrame, colour: NDArray[np.int32]) -> None:
    areas = simplify_areas(table.geometry.to_numpy(), PAPER_SIMPLIFY_M)
    fill_areas(
        axes,
        areas,
        facecolors=[PALETTE[c] for c in colour.tolist()],
        edgecolors="none",
        alpha=0.65,
    )
    units = plan.territory.units
    if units is not None:
        shapes = simplify_areas(units.geometry.to_numpy(), PAPER_SIMPLIFY_M)
        trace_areas(
            axes, shapes, edgecolor="#5A6875", linewidth=0.25 if len(shapes) < 4000 else 0.1
        )
        moved = units["unit_id"].isin(set(plan.moves["unit_id"])).to_numpy()
        trace_areas(axes, shapes[moved], edgecolor="#7A1020", linewidth=0.3, hatch="//////")
    _draw_barriers(axes, plan)
    fill_areas(axes, areas, facecolors="none", edgecolors="#22303D", linewidths=0.9)
    _number(axes, areas)
    axes.set_aspect("equal")
    axes.set_axis_off()
    west, south, east, north = shapely.total_bounds(plan.communities.geometry.to_numpy())
    axes.set_xlim(west, east)
    axes.set_ylim(south - 0.07 * (north - south), north)
    scale_bar(axes, (west, south - 0.055 * (north - south)), east - west)


def fill_areas(axes: Any, areas: Sequence[Any] | NDArray[Any], **style: Any) -> None:
    """Fill polygons, each with its own face colour where there is a list of them."""
    outlines = [(row, _outline([area])) for row, area in enumerate(areas)]
    known = [(row, outline) for row, outline in outlines if outline is not None]
    faces = style.get("facecolors")
    if isinstance(faces, list):
        style["facecolors"] = [faces[row] for row, _ in known]
    axes.add_collection(PathCollection([outline for _, outline in known], **style))


def trace_areas(axes: Any, areas: NDArray[Any], **style: Any) -> None:
    """Draw many outlines alike: a few large paths are drawn far faster than thousands of small."""
    for start in range(0, len(areas), CHUNK):
        outline = _outline(areas[start : start + CHUNK])
        if outline is not None:
            # Not add_patch, which would first measure every curve: the limits are set by hand.
            patch = PathPatch(outline, facecolor="none", transform=axes.transData, **style)
            patch.set_clip_path(axes.patch)
            axes.add_artist(patch)


def _outline(areas: Any) -> Outline | None:
    """Return the rings of some polygons as one path, shells one way round and holes the other."""
    parts = shapely.get_parts(np.asarray(areas, dtype=object))
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    if not len(xy):
        return None
    starts = np.r_[True, ring_of[1:] != ring_of[:-1]]
    codes = np.where(starts, Outline.MOVETO, Outline.LINETO).astype(Outline.code_type)
    codes[np.r_[starts[1:], True]] = Outline.CLOSEPOLY
    return Outline(xy, codes)


def _draw_barriers(axes: Any, plan: Plan) -> None:
    layer = plan.territory.barriers
    if layer is None:
        return
    for kind, shape in zip(layer["kind"], layer.geometry, strict=True):
        style = BARRIER_STYLE.get(str(kind))
        if style is None or shape is None:
            continue
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                fill_areas(axes, [part], facecolors=style["color"], edgecolors="none")
            else:
                axes.add_line(Line2D(*shapely.get_coordinates(part).T, **style))


def _number(axes: Any, areas: NDArray[Any]) -> None:
    size = 8.5 if len(areas) <= 40 else 6.0 if len(areas) <= 120 else 4.0
    for row, point in enumerate(label_points(areas), 1):
        if point is None or shapely.is_empty(point):
            continue
        axes.text(
            *shapely.get_coordinates(point)[0],
            str(row),
            ha="center",
            va="center",
            fontsize=size,
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.18", "fc": "white", "ec": "none", "alpha": 0.78},
        )


def scale_bar(
    axes: Any, at: tuple[float, float], width_m: float, zorder: float = 2.0, scale: float = 1.0
) -> None:
    """Draw a bar of a round length, about a quarter of the map; ``scale`` is that of letters."""
    step = 10 ** np.floor(np.log10(width_m / 4))
    length = step * max(n for n in (1, 2, 5) if n * step <= width_m / 4)
    axes.plot(
        [at[0], at[0] + length],
        [at[1], at[1]],
        color="#1C2B3A",
        linewidth=2.4 * scale,
        zorder=zorder,
    )
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    style: dict[str, Any] = {"textcoords": "offset points", "fontsize": 7 * scale, "zorder": zorder}
    axes.annotate(words, at, xytext=(0, 4 * scale), **style)


def _legend(figure: Any, texts: Texts | None, family: dict[str, Any], plan: Plan) -> None:
    """Draw the north arrow, and a legend where it can be worded."""
    figure.text(0.5, 0.93, "N", fontsize=11, fontweight="bold", ha="center")
    figure.text(0.5, 0.89, "▲", fontsize=13, ha="center", fontfamily="DejaVu Sans")
    if texts is None:
        return
    handles: list[Any] = [
        Patch(facecolor=PALETTE[0], edgecolor="#22303D", label=texts("page.legend_community")),
        Patch(
            facecolor="white", edgecolor="#7A1020", hatch="//////", label=texts("page.layer_moves")
        ),
    ]
    layer = plan.territory.barriers
    kinds = set() if layer is None else set(layer["kind"].astype(str))
    for kind, style in BARRIER_STYLE.items():
        if kind in kinds:
            handles.append(Line2D([], [], label=texts(f"tables.kind_{kind}"), **style))
    figure.legend(
        handles=handles,
        loc="lower center",
        ncols=len(handles),
        frameon=False,
        prop={"family": family["fontfamily"], "size": 8},
    )
