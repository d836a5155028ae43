"""The tables of a plan as columns with titles, kinds and sums, for workbook and document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Finding
from commplan.outputs.tables import community_table, move_table, plain, room_table, today_table
from commplan.outputs.words import clause_words, word
from commplan.plan.plan import Plan
from commplan.texts import Texts

#: Kinds whose figure may be unknown, so that a sum has to say that it lacks some.
UNKNOWN_KINDS = frozenset(("area", "yuan"))
#: Today's households beside a proposed community: those of dissolved ones stand in no row.
UNSUMMED = frozenset(("households_today",))


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    title : str
    values : sequence
    kind : str
        ``text``, ``int``, ``area``, ``decimal``, ``minutes``, ``share`` or ``yuan``.
    total : bool
        Whether a sum of it means anything.
    width : float
        In characters.
    """

    title: str
    values: Sequence[Any]
    kind: str = "text"
    total: bool = False
    width: float = 14.0


def column_sum(column: Column) -> float | None:
    """Sum what is known of a column; None where it holds rows and nothing of them is known."""
    known = [value for value in map(plain, column.values) if value is not None]
    return sum(known) if known or not len(column.values) else None


def without_words(columns: Iterable[Column], texts: Texts) -> str:
    """Say which sums of areas and costs leave rows out for want of a figure; "" where none does.

    Counts of people and households are blank only where there is nothing to count (a new community
    has no households of today), so they need no such words.
    """
    parts = []
    for column in columns:
        if not column.total or column.kind not in UNKNOWN_KINDS:
            continue
        missing = sum(value is None for value in map(plain, column.values))
        if missing:
            title = column.title
            parts.append(texts("tables.without_column", title=title, count=f"{missing:,}"))
    columns_words = texts("tables.without_comma").join(parts)
    return texts("tables.without", columns=columns_words) if parts else ""


def plan_sheets(
    plan: Plan,
    scorecard: Scorecard,
    circles: Circles | None,
    findings: Sequence[Finding],
    texts: Texts,
) -> dict[str, list[Column]]:
    """Return every table in the words of a language; a table that the plan lacks is left out."""
    sheets = {
        "communities": community_columns(plan, scorecard, texts),
        "today": today_columns(plan, texts),
        "moves": move_columns(plan, texts),
    }
    if plan.rooms is not None:
        sheets["rooms"] = room_columns(plan, texts)
    if circles is not None and circles.kinds:
        sheets["circles"] = circle_columns(plan, circles, texts)
    sheets["findings"] = finding_columns(findings, texts)
    return sheets


def community_columns(plan: Plan, scorecard: Scorecard, texts: Texts) -> list[Column]:
    """Proposed communities, with what they succeed and how they score."""
    table = community_table(plan, scorecard)
    table["area_km2"] = table["area_m2"] / 1e6
    table["in_bounds"] = [_yes(texts, value) for value in table["in_bounds"]]
    table["origin"] = [word(texts, "origin", value) for value in table["origin"]]
    return _columns(
        table,
        texts,
        {
            "community_id": ("community_id", "text", 12),
            "name": ("name", "text", 20),
            "subdistrict_id": ("subdistrict_id", "text", 14),
            "origin": ("origin", "text", 8),
            "old_name": ("old_name", "text", 20),
            "units": ("units", "int", 11),
            "old_households": ("households_today", "int", 11),
            "households": ("households", "int", 11),
            "population": ("population", "int", 11),
            "area_km2": ("area_km2", "decimal", 11),
            "in_bounds": ("in_bounds", "text", 9),
            "room_need_m2": ("room_need_m2", "area", 12),
            "room_floor_m2": ("room_floor_m2", "area", 12),
            "room_short_m2": ("room_short_m2", "area", 12),
            "within_share": ("within_share", "share", 12),
            "mean_walk_min": ("mean_walk_min", "minutes", 12),
            "compactness": ("compactness", "decimal", 10),
        },
    )


def today_columns(plan: Plan, texts: Texts) -> list[Column]:
    """Today's communities and what each becomes."""
    table = today_table(plan)
    table["area_km2"] = table["area_m2"] / 1e6
    return _columns(
        table,
        texts,
        {
            "community_id": ("community_id", "text", 12),
            "name": ("name", "text", 20),
            "subdistrict_id": ("subdistrict_id", "text", 14),
            "units": ("units", "int", 11),
            "households": ("households", "int", 11),
            "population": ("population", "int", 11),
            "area_km2": ("area_km2", "decimal", 11),
            "successor_name": ("successor_name", "text", 20),
        },
    )


def move_columns(plan: Plan, texts: Texts) -> list[Column]:
    """Units that change community."""
    return _columns(
        move_table(plan),
        texts,
        {
            "unit_id": ("unit_id", "text", 14),
            "name": ("unit_name", "text", 22),
            "households": ("households", "int", 11),
            "from_id": ("from_id", "text", 14),
            "from_name": ("from_name", "text", 20),
            "to_id": ("to_id", "text", 14),
            "to_name": ("to_name", "text", 20),
        },
    )


def room_columns(plan: Plan, texts: Texts) -> list[Column]:
    """Service rooms, one row per community and site."""
    table = room_table(plan)
    for group in ("action", "way"):
        table[group] = [None if pd.isna(v) else word(texts, group, v) for v in table[group]]
    columns = _columns(
        table,
        texts,
        {
            "community_id": ("community_id", "text", 12),
            "community_name": ("name", "text", 20),
            "site_id": ("site_id", "text", 12),
            "site_name": ("site_name", "text", 22),
            "action": ("action", "text", 9),
            "way": ("way", "text", 14),
            "floor_m2": ("floor_m2", "area", 12),
            "short_m2": ("short_m2", "area", 12),
            "cost_yuan": ("cost_yuan", "yuan", 14),
        },
    )
    # A community served by two sites repeats its need on two rows: a sum would count it twice.
    need = Column(texts("tables.col_need_m2"), list(table["need_m2"]), "area", width=12)
    grown = Column(texts("tables.col_extend_m2"), list(table["extend_m2"]), "area", True, 12)
    extended = [grown] if (table["extend_m2"] > 0).any() else []
    return [*columns[:7], *extended, need, *columns[7:]]


def circle_columns(plan: Plan, circles: Circles, texts: Texts) -> list[Column]:
    """Share of each community's households that reaches each kind in time."""
    names = dict(zip(plan.communities["community_id"], plan.communities["name"], strict=True))
    ids = list(circles.shares["community_id"])
    columns = [
        Column(texts("tables.col_community_id"), ids, width=12),
        Column(texts("tables.col_name"), [names.get(i) for i in ids], width=20),
    ]
    shares = circles.shares
    return columns + [
        Column(word(texts, "kind", kind), list(shares[kind]), "share", width=12)
        for kind in circles.kinds
    ]


def finding_columns(findings: Sequence[Finding], texts: Texts) -> list[Column]:
    """Say what has to be said about the data and the plan, in words."""
    return [
        Column(
            texts("tables.col_severity"),
            [word(texts, "severity", f.severity.value) for f in findings],
            width=10,
        ),
        Column(texts("tables.col_words"), [f.words(texts) for f in findings], width=110),
        Column(
            texts("tables.col_clause"), [clause_words(texts, f.clause) for f in findings], width=26
        ),
    ]


def _columns(
    table: pd.DataFrame, texts: Texts, wanted: dict[str, tuple[str, str, float]]
) -> list[Column]:
    sums = {"int", "area", "yuan"}
    return [
        Column(
            texts(f"tables.col_{key}"),
            list(table[name]),
            kind,
            total=(kind in sums or key == "area_km2") and key not in UNSUMMED,
            width=width,
        )
        for name, (key, kind, width) in wanted.items()
        if name in table
    ]


def _yes(texts: Texts, value: Any) -> str | None:
    return None if pd.isna(value) else texts("tables.yes" if value else "tables.no")
