"""Names on a map sheet: of lines along them, of areas and units inside them, where there is room."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.map_labels import Label, area_places, line_places, place
from commplan.outputs.map_panel import Ground, Panel, Window
from commplan.outputs.page_data import text

LINE_INK = {"river": "#2A6FA8", "railway": "#3D3D3D", "expressway": "#94590F"}
STREET_INK = "#6B5F4D"
MAX_LINE_NAMES = 40


def line_labels(
    panel: Panel, ground: Ground, size_pt: float, only: Sequence[str] = ()
) -> list[tuple[Label, str]]:
    """Return labels for the named lines in the window, each with its colour.

    Barriers come first, then streets, each the longest first; ``only`` names the kinds that are
    wanted, all where it is empty.
    """
    shapes, names, kinds, tree = ground.lines
    rows = [row for row in sorted(tree.query(panel.box).tolist()) if names[row]]
    rows = [row for row in rows if not only or kinds[row] in only]
    by_name: dict[str, list[int]] = {}
    for row in rows:
        by_name.setdefault(names[row], []).append(row)
    found = []
    inner = shapely.box(*_shrunk(panel.window))
    for name, mine in by_name.items():
        lines = [_as_line(shape) for shape in shapes[mine]]
        seen = shapely.intersection(shapely.line_merge(shapely.union_all(lines)), inner)
        parts = shapely.get_parts(seen)
        parts = parts[shapely.get_dimensions(parts) == 1] if len(parts) else parts
        if not len(parts):
            continue
        longest = parts[np.argsort(-shapely.length(parts), kind="stable")[:3]]
        places = [line_places(part) for part in longest]
        xy = np.concatenate([at for at, _ in places])
        angle = np.concatenate([turn for _, turn in places])
        label = Label((name,), size_pt, panel.to_points(xy), angle)
        street = all(kinds[row] == "street" for row in mine)
        key = (street, -float(shapely.length(longest[0])), name)
        found.append((key, label, LINE_INK.get(kinds[mine[0]], STREET_INK)))
    found.sort(key=lambda item: item[0])
    return [(label, colour) for _, label, colour in found[:MAX_LINE_NAMES]]


def _shrunk(window: Window) -> Window:
    west, south, east, north = window
    dx, dy = 0.03 * (east - west), 0.03 * (north - south)
    return west + dx, south + dy, east - dx, north - dy


def _as_line(shape: Any) -> Any:
    """Return a line for a name: of a river given as an area, its outline."""
    return shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape


def area_label(panel: Panel, area: Any, words: tuple[str, ...], size_pt: float) -> Label | None:
    """Return a label for the part of an area that lies in the window; None where nothing does."""
    seen = shapely.intersection(area, shapely.box(*_shrunk(panel.window)))
    seen = max(shapely.get_parts(seen), key=shapely.area, default=None)
    if seen is None or shapely.get_dimensions(seen) != 2:
        return None
    return Label(words, size_pt, panel.to_points(area_places(seen)))


def write_labels(panel: Panel, labels: Sequence[tuple[Label, dict[str, Any]]]) -> list[int]:
    """Write the labels that find a place; return the numbers of those that did not in full.

    A label that could only show the last of its wordings (its number) counts as one that did not.
    """
    placed = place([label for label, _ in labels], panel.room)
    short = set(range(len(labels)))
    for item in placed:
        label, style = labels[item.label]
        if item.words != label.words[-1] or not label.words[-1].isdigit():
            short.discard(item.label)
        panel.axes.annotate(
            item.words,
            (item.x, item.y),
            xycoords="axes points",
            ha="center",
            va="center",
            rotation=item.angle,
            fontsize=item.size_pt,
            fontfamily=panel.family,
            annotation_clip=False,
            linespacing=1.1,
            zorder=8,
            **style,
        )
    return sorted(short)


def unit_labels(
    panel: Panel, ground: Ground, members: NDArray[np.intp], size_pt: float
) -> list[Label]:
    """Return labels for the units of a community that have names, the largest first."""
    units: gpd.GeoDataFrame | None = ground.plan.territory.units
    if units is None or "name" not in units:
        return []
    names, households = units["name"].tolist(), units["households"].to_numpy()
    found = []
    for row in members[np.argsort(-households[members], kind="stable")].tolist():
        name = text(names[row]).strip()
        label = area_label(panel, ground.units[row], (name,), size_pt) if name else None
        if label is not None:
            found.append(label)
    return found
