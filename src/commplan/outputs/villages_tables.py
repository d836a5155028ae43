"""A merging of villages as tables: CSV for programs, columns with titles for people."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    table = plan.groups.drop(columns="members").copy()
    ids = plan.villages["village_id"].to_numpy(dtype=object)
    held = [ids[plan.group_of == row] for row in range(len(table))]
    table["village_ids"] = [" ".join(map(str, group)) for group in held]
    return table


def village_sheets(
    plan: VillagePlan, findings: Sequence[Finding], texts: Texts
) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    return {
        "groups": group_columns(plan, texts),
        "meetings": meeting_columns(plan, texts),
        "villages": village_columns(plan, texts),
        "left": left_columns(plan, texts),
        "findings": finding_columns(findings, texts),
    }


def group_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Tell what groups are called, what they hold, in which stage they come."""
    groups = plan.groups
    comma = texts("finding.comma")

    def column(name: str, kind: str, width: float, *, total: bool = False) -> Column:
        return Column(texts(f"villages.col_{name}"), list(groups[name]), kind, total, width)

    members = [comma.join(names) for names in groups["members"]]
    return [
        column("group_id", "text", 9),
        column("name", "text", 16),
        Column(texts("villages.col_members"), members, width=44),
        column("seat", "text", 18),
        column("stage", "int", 7),
        column("township_id", "text", 12),
        column("villages", "int", 8, total=True),
        column("people", "int", 10, total=True),
        column("households", "int", 10, total=True),
        column("area_km2", "decimal", 10, total=True),
        column("longest_min", "minutes", 11),
        column("renamed_people", "int", 11, total=True),
    ]


def meeting_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """One row per village that is to be merged, to be filled in as its meeting decides."""
    merged = np.flatnonzero(plan.group_of >= 0)
    order = merged[np.argsort(plan.group_of[merged], kind="stable")]
    table = plan.villages.iloc[order]
    given = [
        ("group_id", "text", 9), ("stage", "int", 7), ("township_id", "text", 12),
        ("village_name", "text", 16), ("people", "int", 9), ("name", "text", 16),
        ("seat", "text", 18),
    ]  # fmt: skip
    columns = [
        Column(texts(f"villages.col_{name}"), list(table[name]), kind, width=width)
        for name, kind, width in given
    ]
    blank = [""] * len(table)
    names = ("proposed_on", "meeting_on", "voters", "yes", "no", "abstained", "approved_on")
    return [*columns, *(Column(texts(f"villages.col_{name}"), blank, width=11) for name in names)]


def village_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Every village and what becomes of it."""
    table = plan.villages
    given = [
        ("village_id", "text", 12), ("village_name", "text", 16), ("township_id", "text", 12),
        ("people", "int", 10), ("households", "int", 10), ("group_id", "text", 9),
        ("name", "text", 16), ("seat", "text", 18), ("stage", "int", 7),
    ]  # fmt: skip
    sums = {"people", "households"}
    return [
        Column(texts(f"villages.col_{name}"), list(table[name]), kind, name in sums, width)
        for name, kind, width in given
    ]


def left_columns(plan: VillagePlan, texts: Texts) -> list[Column]:
    """Villages that should have been merged and stay, each with its reason."""
    rows = sorted(plan.left)
    table = plan.villages.iloc[rows]
    reasons = [plan.left[row].words(texts) for row in rows]
    return [
        Column(texts("villages.col_village_id"), list(table["village_id"]), width=12),
        Column(texts("villages.col_village_name"), list(table["village_name"]), width=16),
        Column(texts("villages.col_township_id"), list(table["township_id"]), width=12),
        Column(texts("villages.col_people"), list(table["people"]), "int", width=10),
        Column(texts("villages.col_reason"), reasons, width=90),
    ]


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
