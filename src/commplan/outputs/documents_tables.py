"""The tables of a hearing's documents: columns by key, the same for Word, Excel and PDF.

Every sum in them is a figure of the scorecard; a test holds the two together.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from commplan.outputs.documents_answers import answer_table
from commplan.outputs.documents_columns import Table, make_table, number_column
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_rooms import community_name, room_words, unit_name
from commplan.outputs.notice_bounds import boundary_words
from commplan.outputs.page_data import text
from commplan.outputs.sheets import move_columns
from commplan.outputs.words import word
from commplan.plan.plan import Plan
from commplan.texts import Texts

MOVE_KEYS = ("unit_id", "unit_name", "households", "from_id", "from_name", "to_id", "to_name")
SHOWN_MOVE_KEYS = ("number", "unit_name", "unit_id", "households", "from_name", "to_name")


def notice_table(dossier: Dossier, texts: Texts) -> Table:
    """One row per proposed community: boundaries, compounds, counts and room."""
    plan, scores = dossier.plan, dossier.report.scorecard.communities
    communities = plan.communities
    names = [community_name(communities, row) for row in range(len(communities))]
    return make_table(
        texts,
        number=(range(1, len(communities) + 1), "int", 5),
        name=(names, "text", 12),
        boundaries=([boundary_words(sides, texts) for sides in dossier.sides], "text", 30),
        compounds=(compound_words(plan, texts), "text", 34),
        units=(communities["units"], "int", 7),
        households=(communities["households"], "int", 9),
        population=(communities["population"], "int", 9),
        room=(room_words(plan, dossier.places, texts), "text", 22),
        floor_m2=(scores["room_floor_m2"], "area", 9),
    )


def compound_words(plan: Plan, texts: Texts) -> list[str]:
    """Name the compounds of each community; where they have no names, their number says it."""
    units = plan.territory.units
    if units is None:
        return [""] * len(plan.communities)
    named = "name" in units and (units["name"].fillna("").astype(str).str.strip() != "").any()
    found = []
    for row in range(len(plan.communities)):
        inside = np.flatnonzero(plan.community_of == row).tolist()
        if not named:
            found.append(texts("documents.unnamed_units", count=f"{len(inside):,}"))
            continue
        words = [unit_name(units, unit) for unit in inside]
        found.append(texts("documents.list_comma").join(words))
    return found


def change_table(dossier: Dossier, texts: Texts) -> Table:
    """Before and after (调整前后对照表): a row per community of today, then one per new one."""
    plan = dossier.plan
    heir = {old: new for new, old in enumerate(plan.successor_of.tolist()) if old >= 0}
    rows = [(old, heir.get(old, -1)) for old in range(len(plan.today))]
    rows += [(-1, new) for new in np.flatnonzero(plan.successor_of < 0).tolist()]
    came, went = _flows(plan)
    olds, news = [old for old, _ in rows], [new for _, new in rows]
    said = [_change(came.get(n, []), went.get(o, []), o, n) for o, n in rows]
    return make_table(
        texts,
        number=(range(1, len(rows) + 1), "int", 5),
        old_name=(_picked(plan.today, "name", olds), "text", 13),
        old_units=(_picked(plan.today, "units", olds), "int", 7),
        old_households=(_picked(plan.today, "households", olds), "int", 9),
        old_population=(_picked(plan.today, "population", olds), "int", 9),
        change=([texts(f"documents.change_{key}") for key in said], "text", 8),
        came=([_came_words(plan, came.get(n, []), texts) for n in news], "text", 26),
        went=([_went_words(plan, went.get(o, []), texts) for o in olds], "text", 26),
        new_name=(_picked(plan.communities, "name", news), "text", 13),
        new_units=(_picked(plan.communities, "units", news), "int", 7),
        new_households=(_picked(plan.communities, "households", news), "int", 9),
        new_population=(_picked(plan.communities, "population", news), "int", 9),
    )


Flow = tuple[int, int, int]  # the other community (-1: none), units, households


def _flows(plan: Plan) -> tuple[dict[int, list[Flow]], dict[int, list[Flow]]]:
    """Who comes into each proposed community, and who leaves each of today's for another one."""
    units = plan.territory.units
    if units is None:
        return {}, {}
    frame = pd.DataFrame(
        {"old": plan.today_of, "new": plan.community_of, "households": units["households"]}
    )
    before = np.append(plan.successor_of, -2)[plan.community_of]
    frame = frame[(frame["new"] >= 0) & (before != frame["old"].to_numpy())]
    sums = frame.groupby(["old", "new"])["households"].agg(["size", "sum"]).reset_index()
    came: dict[int, list[Flow]] = {}
    went: dict[int, list[Flow]] = {}
    for old, new, count, households in sums.itertuples(index=False):
        came.setdefault(int(new), []).append((int(old), int(count), int(households)))
        if old >= 0:
            went.setdefault(int(old), []).append((int(new), int(count), int(households)))
    return came, went


def _change(came: Sequence[Flow], went: Sequence[Flow], old: int, new: int) -> str:
    """Name what happens to a community: new, ended, same, larger, smaller or changed."""
    if old < 0:
        return "new"
    if new < 0:
        return "ended"
    names = {(False, False): "same", (True, False): "larger", (False, True): "smaller"}
    return names.get((bool(came), bool(went)), "changed")


def _came_words(plan: Plan, flows: Iterable[Flow], texts: Texts) -> str:
    return _flow_words("came", plan.today, flows, texts)


def _went_words(plan: Plan, flows: Iterable[Flow], texts: Texts) -> str:
    return _flow_words("went", plan.communities, flows, texts)


def _flow_words(key: str, others: pd.DataFrame, flows: Iterable[Flow], texts: Texts) -> str:
    nobody = texts("documents.in_no_community")
    words = [
        texts(
            f"documents.{key}",
            name=nobody if other < 0 else community_name(others, other),
            units=f"{units:,}",
            households=f"{households:,}",
        )
        for other, units, households in sorted(flows, key=lambda flow: -flow[2])
    ]
    return texts("documents.list_semicolon").join(words)


def _picked(table: pd.DataFrame, column: str, rows: Sequence[int]) -> list[Any]:
    if column == "name":
        return [community_name(table, row) if row >= 0 else None for row in rows]
    values = table[column].tolist()
    return [values[row] if row >= 0 else None for row in rows]


def move_table(dossier: Dossier, texts: Texts) -> Table:
    """Compounds that change community, numbered."""
    columns = dict(zip(MOVE_KEYS, move_columns(dossier.plan, texts), strict=True))
    number = {"number": number_column(len(dossier.plan.moves), texts)}
    found = number | columns
    return {key: found[key] for key in SHOWN_MOVE_KEYS}


def short_table(dossier: Dossier, texts: Texts) -> Table:
    """Rooms that are too small, missing, or of unknown size (服务用房缺口表)."""
    plan, scores = dossier.plan, dossier.report.scorecard.communities
    if plan.rooms is None:
        return {}
    short = pd.to_numeric(scores["room_short_m2"])
    kept = np.flatnonzero((short > 0) | short.isna())
    kept = kept[np.argsort(-short.fillna(0).to_numpy()[kept], kind="stable")]
    cost = plan.rooms.rooms.groupby("community_id")["cost_yuan"].sum()
    ids = scores["community_id"].iloc[kept]
    rooms = room_words(plan, dossier.places, texts)
    return make_table(
        texts,
        number=(range(1, len(kept) + 1), "int", 5),
        name=(_picked(plan.communities, "name", kept.tolist()), "text", 13),
        households=(scores["households"].iloc[kept], "int", 9),
        room=([rooms[row] for row in kept], "text", 24),
        action=(_actions(plan, ids, texts), "text", 12),
        need_m2=(scores["room_need_m2"].iloc[kept], "area", 10),
        floor_m2=(scores["room_floor_m2"].iloc[kept], "area", 10),
        short_m2=(short.iloc[kept], "area", 10),
        cost_yuan=(cost.reindex(ids), "yuan", 12),
        remark=(_remarks(scores.iloc[kept], texts), "text", 14),
    )


def _actions(plan: Plan, ids: Iterable[str], texts: Texts) -> list[str]:
    """Say how each community gets its room: kept, new, by which way."""
    found: dict[str, list[str]] = {}
    if plan.rooms is not None:
        rooms = plan.rooms.rooms
        for community, action, way in zip(
            rooms["community_id"], rooms["action"], rooms["way"], strict=True
        ):
            said = word(texts, "action", action)
            if text(way) and action not in ("keep", "none"):
                said = texts("documents.action_way", action=said, way=word(texts, "way", way))
            found.setdefault(community, []).append(said)
    return [texts("documents.list_semicolon").join(found.get(i, [])) for i in ids]


def _remarks(scores: pd.DataFrame, texts: Texts) -> list[str]:
    known = pd.to_numeric(scores["room_floor_m2"]).notna()
    return ["" if ok else texts("documents.floor_unknown") for ok in known]


def compound_table(dossier: Dossier, texts: Texts) -> Table:
    """Every compound with its community before and after."""
    plan = dossier.plan
    units = plan.territory.units
    if units is None:
        return {}
    names = [unit_name(units, row) for row in range(len(units))]
    return make_table(
        texts,
        unit_id=(units["unit_id"], "text", 16),
        unit_name=(names, "text", 24),
        households=(units["households"], "int", 11),
        population=(units["population"], "int", 11),
        old_name=(_picked(plan.today, "name", plan.today_of.tolist()), "text", 20),
        new_name=(_picked(plan.communities, "name", plan.community_of.tolist()), "text", 20),
    )


def every_table(dossier: Dossier, texts: Texts) -> Mapping[str, Table]:
    """Return the tables by name; one that the plan or the comments lack is left out."""
    found = {
        "notice": notice_table(dossier, texts),
        "changes": change_table(dossier, texts),
        "moves": move_table(dossier, texts),
        "short": short_table(dossier, texts),
    }
    if dossier.comments:
        found["answers"] = answer_table(dossier, texts)
    return {name: table for name, table in found.items() if table}
