"""The legend of map sheets: a handle for everything that a sheet shows, and for nothing else."""

from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from commplan.outputs.colours import PALETTE
from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_panel import INK, LINE_STYLE, MOVED_OUT, UNIT
from commplan.texts import Texts

#: Behind the letters of a label.
HALO: dict[str, Any] = {
    "bbox": {"boxstyle": "square,pad=0.08", "fc": "white", "ec": "none", "alpha": 0.7}
}


def overview_handles(atlas: Atlas, box: Any) -> list[Any]:
    """Return the legend of the overview, whose maps show ``box``."""
    texts, plan = atlas.texts, atlas.dossier.plan
    words = texts("documents.map_legend_border")
    handles: list[Any] = [Patch(facecolor=PALETTE[0], alpha=0.6, edgecolor=INK, label=words)]
    handles.append(unit_handle(texts))
    if len(plan.moves):
        words = texts("documents.map_legend_moved")
        handles.append(Patch(facecolor="white", edgecolor=MOVED_OUT, hatch="////", label=words))
    if (plan.today_of < 0).any():
        words = texts("documents.map_legend_nobody")
        handles.append(Patch(facecolor="white", edgecolor=UNIT, label=words))
    # Streets would cover the map at this scale, and are not drawn.
    return handles + line_handles(atlas, box, without=("road",))


def unit_handle(texts: Texts) -> Line2D:
    """Return the handle of the borders between compounds."""
    return Line2D([], [], color=UNIT, linewidth=0.6, label=texts("documents.map_legend_unit"))


def line_handles(atlas: Atlas, box: Any, without: tuple[str, ...] = ()) -> list[Any]:
    """Return the handles of the rivers, railways and roads that a window shows."""
    kinds = atlas.ground.kinds_in(box) - set(without)
    return [
        Line2D([], [], label=atlas.texts(f"tables.kind_{kind}"), **style)
        for kind, style in LINE_STYLE.items()
        if kind in kinds
    ]
