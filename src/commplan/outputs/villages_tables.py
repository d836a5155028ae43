"""A merging of villages as tables: CSV for programs, columns with titles for people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from commplan.findings import Finding
from commplan.outputs.info import PageInfo
from commplan.outputs.sheets import Column, finding_columns
from commplan.plan.villages import VillagePlan
from commplan.policy.profile import Profile
from commplan.texts import Texts


@dataclass(frozen=True)
class VillageReport:
    """What page, workbook and document are written from."""

    plan: VillagePlan
    profile: Profile
    info: PageInfo
    findings: Sequence[Finding]


def village_table(plan: VillagePlan) -> pd.DataFrame:
    """Return ``village_id``, ``group_id``, ``name``, ``seat``, ``stage``; empty for who stays."""
    return pd.DataFrame(plan.villages[["village_id", "group_id", "name", "seat", "stage"]])


def group_table(plan: VillagePlan) -> pd.DataFrame:
    """Return one row per group of two and more villages, its villages' ids divided by spaces."""
    table = plan.groups.drop(columns=["members", "member_people"])
    ids = plan.villages["village_id"].to_numpy(dtype=object)
    held = [ids[plan.group_of == row] for row in range(len(table))]
    table["village_ids"] = [" ".join(map(str, group)) for group in held]
    return table


def village_sheets(
    plan: VillagePlan, findings: Sequence[Finding], texts: Texts
) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    return {
        "stages": stage_columns(plan, texts),
        "groups": group_columns(plan, texts),
        "meetings": meeting_columns(plan, texts),
        "villages": village_columns(plan, texts),
        "left": left_columns(plan, texts),
        "findings": finding_columns(findings, texts),
    }


#: Columns of tables for people: kind and width, and whether a sum means anything.
KINDS: dict[str, tuple[str, float, bool]] = {
    "group_id": ("text", 10.5, False),
    "name": ("text", 16, False),
    "seat": ("text", 18, False),
    "stage": ("int", 9, False),
    "year": ("text", 8, False),
    "township_id": ("text", 12, False),
    "groups": ("int", 10, True),
    "villages": ("int", 10, True),
    "people": ("int", 10, True),
    "households": ("int", 10, True),
    "area_km2": ("decimal", 10, True),
    "longest_min": ("minutes", 11, False),
    "renamed_people": ("int", 11, True),
    "after": ("int", 12, False),
    "village_id": ("text", 12, False),
    "village_name": ("text", 16, False),
    "members": ("text", 44, False),
}
#: To be filled in by hand: by the township, the villagers' meeting, the county.
BLANKS: dict[str, float] = {
    "proposed_on": 13,
    "meeting_on": 12,
    "entitled": 12,
    "voters": 11,
    "yes": 9,
    "no": 11,
    "abstained": 14,
    "approved_on": 13,
}


def columns_of(table: pd.DataFrame, names: Sequence[str], texts: Texts) -> list[Column]:
    """Give columns their titles; one that holds nothing is left out."""
    found = []
    for name in names:
        kind, width, total = KINDS[name]
        if table[name].notna().any() or not len(table):
            title = texts(f"villages.col_{name}")
            found.append(Column(title, list(table[name]), kind, total, width))
    return found


def stage_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Tell how many groups come in which stage, and how many villages there are when it is done."""
    names = ("stage", "year", "groups", "villages", "people", "renamed_people", "after")
    return columns_of(_dated(plan.stages), names, texts)


def group_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Tell what groups are called, what they hold, in which stage they come."""
    comma = texts("finding.comma")
    pairs = zip(plan.groups["members"], plan.groups["member_people"], strict=True)
    members = [
        comma.join(
            texts("villages.member", name=name, people=f"{count:,}")
            for name, count in zip(names, people, strict=True)
        )
        for names, people in pairs
    ]
    names = (
        "group_id", "name", "members", "seat", "stage", "year", "township_id", "villages",
        "people", "households", "area_km2", "longest_min", "renamed_people",
    )  # fmt: skip
    return columns_of(_dated(plan.groups).assign(members=members), names, texts)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Write years as names, not as numbers with a comma."""
    years = [None if pd.isna(year) else str(year) for year in table["year"]]
    return table.assign(year=pd.Series(years, index=table.index, dtype=object))


def meeting_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """One row per village that is to be merged, to be filled in as its meeting decides."""
    rows = [village for part in meetings(plan).values() for village in part]
    names = ("township_id", "group_id", "stage", "village_name", "people", "name", "seat")
    return _meeting(plan.villages.iloc[rows], names, texts, tuple(BLANKS))


def meeting_parts(plan: VillagePlan, texts: Texts) -> dict[str, list[Column]]:
    """Return the same by township ("" for none), in the columns that fit on a sheet of paper."""
    names = ("group_id", "stage", "village_name", "people", "name")
    return {
        township: _meeting(plan.villages.iloc[rows], names, texts, tuple(BLANKS)[1:-1])
        for township, rows in meetings(plan).items()
    }


def meetings(plan: VillagePlan) -> dict[str, list[int]]:
    """Villages that are to be merged by township, group by group."""
    township = plan.villages["township_id"].astype("string").fillna("").tolist()
    found: dict[str, list[int]] = {}
    for village in np.argsort(plan.group_of, kind="stable").tolist():
        if plan.group_of[village] >= 0:
            found.setdefault(str(township[village]), []).append(village)
    return dict(sorted(found.items()))


def _meeting(
    table: pd.DataFrame, names: Sequence[str], texts: Texts, blanks: Sequence[str]
) -> list[Column]:
    columns = [replace(c, total=False) for c in columns_of(table, names, texts)]
    empty = [""] * len(table)
    given = {n: Column(texts(f"villages.col_{n}"), empty, width=BLANKS[n]) for n in blanks}
    return [*columns, *given.values()]


def village_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Every village and what becomes of it."""
    names = (
        "village_id", "village_name", "township_id", "people", "households", "group_id", "name",
        "seat", "stage",
    )  # fmt: skip
    return columns_of(plan.villages, names, texts)


def left_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Villages that should have been merged and stay, each with its reason."""
    rows = sorted(plan.left)
    reasons = [plan.left[row].words(texts) for row in rows]
    names = ("village_id", "village_name", "township_id", "people")
    columns = columns_of(plan.villages.iloc[rows], names, texts)
    return [*columns, Column(texts("villages.col_reason"), reasons, width=66)]


def key_figures(plan: VillagePlan) -> list[tuple[str, str, float | None, float]]:
    """List what the merging changes (code, unit, today, proposed) for page, workbook and document."""
    people = plan.villages["people"].to_numpy(dtype=np.int64)
    alone = plan.group_of < 0
    sums = plan.groups["people"].to_numpy(dtype=np.int64)
    after = np.concatenate([people[alone], sums])
    small, first = plan.small_people, plan.first_people
    renamed = float(plan.groups["renamed_people"].sum())
    return [
        ("villages", "", len(people), len(after)),
        ("small", "", int((people <= small).sum()), int((after <= small).sum())),
        ("first", "", int((people <= first).sum()), int((after <= first).sum())),
        ("groups", "", None, len(sums)),
        ("stage_1", "", None, int((plan.groups["stage"] == 1).sum())),
        ("touched", "", None, int((~alone).sum())),
        ("renamed_people", "", None, renamed),
        ("renamed_share", "share", None, renamed / max(1, int(people.sum()))),
        ("median_people", "", float(np.median(people)), float(np.median(after))),
        ("largest_people", "", int(people.max()), int(after.max())),
        ("left", "", None, len(plan.left)),
    ]


def figure_name(plan: VillagePlan, code: str, texts: Texts) -> str:
    """Name a key figure."""
    return texts(f"villages.figure_{code}", small=plan.small_people, first=plan.first_people)
