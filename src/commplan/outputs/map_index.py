"""The index of the overview: every number with its community and households before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from commplan.outputs.documents_rooms import community_name
from commplan.outputs.map_atlas import Atlas
from commplan.outputs.map_frame import MARGIN_MM, Block, Paper
from commplan.plan.plan import Plan

COLUMNS = 6
#: Sizes of letters that are tried, the largest first.
SIZES = (8.0, 7.0, 6.0)
LEADING = 1.12
#: Where not all have room in the index, it lists names without room on the map: one in so many.
FEW = 8
FEW_COLUMNS = 9


@dataclass(frozen=True)
class Index:
    """What the index lists, and the room that it takes.

    Parameters
    ----------
    entries : tuple of str
        One per community, today's that end among them; empty where they have no room.
    size : float
        Of its letters.
    height_mm : float
    """

    entries: tuple[str, ...]
    size: float
    height_mm: float


def plan_numbers(plan: Plan) -> list[int]:
    """Return the number of each proposed community: that of its sheet."""
    return list(range(1, len(plan.communities) + 1))


def today_numbers(plan: Plan) -> list[int]:
    """Return the number of each of today's communities: its successor's; those that end come last."""
    found = [0] * len(plan.today)
    for number, old in enumerate(plan.successor_of.tolist(), 1):
        if old >= 0:
            found[old] = number
    following = len(plan.communities)
    for row, number in enumerate(found):
        if not number:
            following += 1
            found[row] = following
    return found


def make_index(paper: Paper, atlas: Atlas, free_mm: float) -> Index:
    """Lay out the index: every community where they fit into ``free_mm``, else a few lines."""
    entries = _entries(atlas)
    rows = -(-len(entries) // COLUMNS)
    width_mm = _column_mm(paper)
    for size in SIZES:
        height = (rows * LEADING + 2.2) * paper.line_mm(size)
        widest = min((paper.fit(words, size, width_mm) for words in entries), default=size)
        if height <= free_mm and widest >= size:
            return Index(tuple(entries), size, height)
    lines = -(-2 * max(1, len(atlas.dossier.plan.communities) // FEW) // FEW_COLUMNS)
    return Index((), 6, (lines + 1) * paper.line_mm(6) + 2.0)


def _column_mm(paper: Paper) -> float:
    return (paper.width_mm - 2 * MARGIN_MM) / COLUMNS - 2.0


def _entries(atlas: Atlas) -> list[str]:
    plan, texts = atlas.dossier.plan, atlas.texts
    unknown = "–"
    before = {n: row for row, n in enumerate(today_numbers(plan))}
    after = {n: row for row, n in enumerate(plan_numbers(plan))}
    found = []
    for number in sorted(before.keys() | after.keys()):
        names = [
            community_name(table, rows[number])
            for table, rows in ((plan.communities, after), (plan.today, before))
            if number in rows
        ]
        households = [
            f"{int(table['households'].iloc[rows[number]]):,}" if number in rows else unknown
            for table, rows in ((plan.today, before), (plan.communities, after))
        ]
        words = {"number": number, "name": names[0]}
        found.append(
            texts("documents.map_entry", before=households[0], after=households[1], **words)
        )
    return found


def write_index(
    paper: Paper,
    atlas: Atlas,
    index: Index,
    missing: Sequence[Sequence[int]],
    room_mm: tuple[float, float],
) -> None:
    """Write the index between top and bottom.

    Parameters
    ----------
    paper : Paper
    atlas : Atlas
    index : Index
    missing : two sequences of int
        Rows of today's and of the plan's communities of which only the number stands on the map;
        they are listed where the index does not name all.
    room_mm : (top, bottom)
    """
    top, bottom = room_mm
    block = Block(paper, MARGIN_MM, top, paper.width_mm - 2 * MARGIN_MM, bottom)
    if not index.entries:
        for line in _missing_lines(atlas, missing):
            block.text(line, 6)
        return
    block.text(atlas.texts("documents.map_index"), index.size, fontweight="bold", color="#16406B")
    block.gap(0.6)
    rows = -(-len(index.entries) // COLUMNS)
    step = paper.line_mm(index.size) * LEADING
    for place, words in enumerate(index.entries):
        x = MARGIN_MM + place // rows * (_column_mm(paper) + 2.0)
        y = block.top_mm - (place % rows + 0.8) * step
        paper.write(x, y, words, index.size)


def _missing_lines(atlas: Atlas, missing: Sequence[Sequence[int]]) -> list[str]:
    plan, texts = atlas.dossier.plan, atlas.texts
    lines = []
    for rows, table, numbers, key in zip(
        missing,
        (plan.today, plan.communities),
        (today_numbers(plan), plan_numbers(plan)),
        ("map_before", "map_after"),
        strict=True,
    ):
        if rows:
            names = texts("documents.list_comma").join(
                f"{numbers[row]} {community_name(table, row)}" for row in rows
            )
            lines.append(f"{texts(f'documents.{key}')}{texts('page.colon')}{names}")
    return lines
