"""The words beneath the maps of a community: size, four boundaries, room, who comes and goes."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.outputs.documents_rooms import Place, community_name, place_words, unit_name
from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_frame import GAP_MM, MARGIN_MM, Block, Paper
from commplan.outputs.notice_bounds import side_words
from commplan.outputs.notice_steps import SIDES
from commplan.outputs.paper_table import cell_words
from commplan.outputs.words import share_words


def members_of(atlas: Atlas, row: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return masks of the units: in the community, coming in, leaving its predecessor."""
    plan = atlas.dossier.plan
    old = int(plan.successor_of[row])
    inside = plan.community_of == row
    before = plan.today_of == old if old >= 0 else np.zeros(len(inside), dtype=bool)
    return inside, inside & ~before, before & ~inside


def write_strip(paper: Paper, atlas: Atlas, row: int, room_mm: tuple[float, float]) -> None:
    """Write four columns of words: size, boundaries, room, who comes and who goes."""
    top, bottom = room_mm
    whole = paper.width_mm - 2 * MARGIN_MM
    gap = GAP_MM * paper.scale
    shares, left = (0.19, 0.25, 0.24, 0.32), MARGIN_MM
    for share, write in zip(shares, (_size, _sides, _room, _flows), strict=True):
        width = whole * share
        write(Block(paper, left, top, width - gap, bottom), atlas, row)
        left += width


def _size(block: Block, atlas: Atlas, row: int) -> None:
    texts, plan = atlas.texts, atlas.dossier.plan
    old = int(plan.successor_of[row])
    block.head(texts("documents.map_figures"))
    heads = ("", texts("documents.map_before"), texts("documents.map_after"))
    shares = (0.4, 0.3, 0.3)
    block.row(heads, shares, 8, color="#55636F")
    for key, column, kind in (
        ("households", "households", "int"),
        ("population", "population", "int"),
        ("units", "units", "int"),
        ("area", "area_m2", "decimal"),
    ):
        cells = [texts(f"documents.map_figure_{key}")]
        for table, at in ((plan.today, old), (plan.communities, row)):
            value: Any = table[column].iloc[at] if at >= 0 else None
            if key == "area" and value is not None:
                value = value / 1e6
            cells.append(cell_words(value, kind)[0])
        block.row(cells, shares)


def _sides(block: Block, atlas: Atlas, row: int) -> None:
    texts, sides = atlas.texts, atlas.dossier.sides[row]
    block.head(texts("documents.map_boundaries"))
    for side in SIDES:
        words = side_words(sides[side], texts) if side in sides else texts("documents.along_none")
        block.text(texts(f"documents.map_side_{side}", words=words))
        block.gap(0.6)


def places_of(atlas: Atlas, row: int) -> list[Place]:
    """Return the rooms of a community."""
    plan = atlas.dossier.plan
    identifier = plan.communities["community_id"].iloc[row]
    found = [] if plan.rooms is None else plan.rooms.rooms["community_id"].tolist()
    return [p for p, i in zip(atlas.dossier.places, found, strict=True) if i == identifier]


def _room(block: Block, atlas: Atlas, row: int) -> None:
    texts = atlas.texts
    block.head(texts("documents.map_room"))
    scores = atlas.dossier.report.scorecard.communities.iloc[row]
    named = [place for place in places_of(atlas, row) if place.site_id]
    for place in named:
        block.text(place.name or place.site_id, fontweight="bold")
        where = place_words(place, texts)
        if where:
            block.text(where)
    if not named:
        block.text(texts("documents.room_none"))
    areas = {
        key: cell_words(scores[f"room_{key}_m2"], "area")[0] for key in ("floor", "need", "short")
    }
    known = pd.notna(scores["room_floor_m2"])
    block.text(texts(f"documents.map_room_{'area' if known else 'unknown'}", **areas))
    if pd.notna(scores["within_share"]):
        minutes = f"{atlas.dossier.report.info.limit_min:g}"
        share = share_words(float(scores["within_share"]))
        block.text(texts("documents.map_room_walk", minutes=minutes, share=share))


def _flows(block: Block, atlas: Atlas, row: int) -> None:
    """Write who comes in and who leaves, by the other community, as far as there is room."""
    texts, plan = atlas.texts, atlas.dossier.plan
    units = plan.territory.units
    if units is None:
        return
    _, came, went = members_of(atlas, row)
    # Where nobody leaves, those who come have all the room but for two lines.
    rest = 0.5 if went.any() else 0.0
    least = block.paper.line_mm(10) * 1.2 + block.paper.line_mm(7.5) + 2
    middle = block.bottom_mm + max(least, rest * (block.top_mm - block.bottom_mm))
    for key, mask, of, table in (
        ("map_came", came, plan.today_of, plan.today),
        ("map_went", went, plan.community_of, plan.communities),
    ):
        half = Block(
            block.paper,
            block.left_mm,
            block.top_mm,
            block.width_mm,
            middle if key == "map_came" else block.bottom_mm,
        )
        households = int(units["households"][mask].sum())
        flow = texts("documents.map_flow", units=int(mask.sum()), households=f"{households:,}")
        head = texts(f"documents.{key}")
        half.head(head if not mask.any() else f"{head}　{flow}")
        if not mask.any():
            half.text(texts("documents.map_nothing"), 7.5)
        for other in np.unique(of[mask]).tolist():
            rows = np.flatnonzero(mask & (of == other)).tolist()
            name = texts("documents.in_no_community") if other < 0 else community_name(table, other)
            words = texts("documents.list_comma").join(unit_name(units, unit) for unit in rows)
            half.text(f"{name}{texts('page.colon')}{words}", 7.5, most=4)
        block.top_mm = half.top_mm - 1.5
