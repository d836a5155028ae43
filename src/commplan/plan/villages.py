"""From labels to groups of villages with numbers, names, seats and stages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.plan.naming import is_taken
from commplan.problem.villages import VillageProblem, VillageResult
from commplan.territory.territory import Territory


@dataclass(frozen=True)
class Staging:
    """In which order groups are merged.

    Parameters
    ----------
    first_people : int
        Groups that hold a village of so many people or fewer come first.
    first_year : int or None
        Year of the first stage; each stage is a year. None: stages have no year.
    groups_per_year : int or None
        None: the first ones make one stage, all others the next.
    clause : str or None
        Behind the limit, for who stays all the same.
    """

    first_people: int = 200
    first_year: int | None = None
    groups_per_year: int | None = None
    clause: str | None = None


@dataclass(frozen=True)
class VillagePlan:
    """Which villages are merged into what.

    Parameters
    ----------
    territory : Territory
    villages : DataFrame
        By position in ``territory.villages``: ``village_id``, ``village_name``, ``township_id``,
        ``people``, ``households`` (null where not known), ``group_id``, ``name``, ``seat``,
        ``stage`` (the last four null where the village stays as it is), ``renamed`` (it lends its
        group no name).
    groups : DataFrame
        Groups of two and more villages in the order of ``group_id`` (``G001``, ...): ``name``,
        ``name_village_id``, ``seat``, ``seat_village_id``, ``stage`` (1, 2, ...), ``year`` (null
        without a first year), ``township_id`` (null where there are several), ``villages``,
        ``people``, ``households``, ``area_km2``, ``longest_min``, ``renamed_people``, ``members``
        and ``member_people`` (names and people of its villages, the most populous first).
    stages : DataFrame
        ``stage``, ``year``, ``groups``, ``villages``, ``people``, ``renamed_people``, ``after``
        (villages of the county once the stage is done).
    group_of : int32 array, shape (n,)
        Row in ``groups``; -1 where the village stays.
    result : VillageResult
    small_people : int
        Limit of merging, inclusive.
    staging : Staging
    by_minutes : bool
        Whether seats were chosen by minutes, not by people.
    """

    territory: Territory
    villages: pd.DataFrame
    groups: pd.DataFrame
    group_of: NDArray[np.int32]
    result: VillageResult
    small_people: int
    staging: Staging
    by_minutes: bool
    stages: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def first_people(self) -> int:
        """Limit of merging first, inclusive."""
        return self.staging.first_people

    @cached_property
    def left(self) -> Mapping[int, Finding]:
        """Why each village that should have been merged stays as it is, by position.

        What the scenario asked for and cannot be had is a warning, what a rule wants a note.
        """
        ids = self.villages["village_id"].astype(str).tolist()
        names = self.villages["village_name"].astype(str).tolist()
        found = {}
        for item in self.result.left:
            asked = item.code.startswith("villages.left_join")
            found[item.village] = Finding(
                item.code,
                Severity.WARNING if asked else Severity.NOTE,
                {"name": names[item.village], **item.params},
                (ids[item.village],),
                "villages",
                clause=None if asked else self.staging.clause,
            )
        return found


def make_village_plan(
    territory: Territory, problem: VillageProblem, result: VillageResult, staging: Staging
) -> VillagePlan:
    """Name what was found.

    A group is called after its most populous village (of equals the first by id) whose name no other
    village or group of its township has. Its seat is that of the most populous village, unless
    minutes count (``max_minutes`` or a weight on ``person_minutes``): then it is the seat that all
    its people reach in the fewest minutes in sum.

    Parameters
    ----------
    territory : Territory
        With villages.
    problem : VillageProblem
    result : VillageResult
    staging : Staging

    Returns
    -------
    VillagePlan

    Raises
    ------
    ValueError
        If the territory has no villages.
    """
    layer = territory.villages
    if layer is None:
        raise ValueError("a territory without villages")
    by_minutes = problem.limits.max_minutes is not None or problem.weights.person_minutes > 0
    villages = pd.DataFrame(
        {
            "village_id": layer["village_id"].astype(str),
            "village_name": layer["name"].where(layer["name"].notna(), layer["village_id"]),
            "township_id": layer["township_id"],
            "people": problem.population,
            "households": layer["households"].astype("Int64"),
        }
    )
    rows: list[dict[str, Any]] = []
    group_of = np.full(problem.n, -1, dtype=np.int32)
    labels = np.flatnonzero(np.bincount(result.labels) > 1).tolist()
    held_by = [np.flatnonzero(result.labels == label) for label in labels]
    for label, members, (lender, name) in zip(
        labels, held_by, _names(villages, held_by), strict=True
    ):
        group_of[members] = len(rows)
        largest = int(members[np.argmax(problem.population[members])])
        seat = int(result.seats[label]) if by_minutes else largest
        row = _group(villages, problem, members, (lender, seat))
        place = layer["seat"].iloc[seat]
        row["seat"] = villages["village_name"].iloc[seat] if pd.isna(place) else place
        rows.append({"group_id": _group_id(len(rows)), "name": name} | row)
    groups = _staged(pd.DataFrame(rows, columns=COLUMNS), problem, group_of, staging)
    return VillagePlan(
        territory,
        _with_groups(villages, groups, group_of),
        groups,
        group_of,
        result,
        problem.limits.small_people,
        staging,
        by_minutes,
        _stages(groups, problem.n),
    )


def _staged(
    groups: pd.DataFrame, problem: VillageProblem, group_of: NDArray[np.int32], staging: Staging
) -> pd.DataFrame:
    """Add stages: first who holds a village of ``first_people`` or fewer, the smallest before."""
    count = len(groups)
    smallest = np.full(count, np.iinfo(np.int64).max)
    merged = group_of >= 0
    np.minimum.at(smallest, group_of[merged], problem.population[merged])
    later = smallest > staging.first_people
    stage = 1 + (later & ~later.all()).astype(np.int64)
    if staging.groups_per_year is not None:
        order = np.lexsort((np.arange(count), smallest, later))
        stage[order] = 1 + np.arange(count) // staging.groups_per_year
    year = None if staging.first_year is None else staging.first_year - 1 + stage
    return groups.assign(stage=stage, year=pd.array(year, "Int64") if year is not None else None)


def _stages(groups: pd.DataFrame, villages: int) -> pd.DataFrame:
    """Count each stage, and the villages there are when it is done."""
    sums = groups.groupby("stage", as_index=False).agg(
        year=("year", "first"),
        groups=("group_id", "count"),
        villages=("villages", "sum"),
        people=("people", "sum"),
        renamed_people=("renamed_people", "sum"),
    )
    fewer = (sums["villages"] - sums["groups"]).cumsum()
    return sums.assign(after=villages - fewer)


COLUMNS = [
    "group_id", "name", "name_village_id", "seat", "seat_village_id", "stage", "year",
    "township_id", "villages", "people", "households", "area_km2", "longest_min",
    "renamed_people", "members", "member_people",
]  # fmt: skip


def _group_id(number: int) -> str:
    return f"G{number + 1:03d}"


def _names(villages: pd.DataFrame, groups: Sequence[NDArray[np.intp]]) -> list[tuple[int, str]]:
    """Return who lends each group its name, and the name; of two that want one the larger has it.

    Where no village of a group has a name that is free in its township, the number is added.
    """
    names = villages["village_name"].astype(str).tolist()
    towns = [None if pd.isna(town) else str(town) for town in villages["township_id"]]
    people = villages["people"].to_numpy(dtype=np.int64)
    held: dict[str, set[str | None]] = defaultdict(set)
    merged = {village for members in groups for village in members.tolist()}
    for village in range(len(names)):
        if village not in merged:
            held[names[village]].add(towns[village])
    found: dict[int, tuple[int, str]] = {}
    for number in sorted(range(len(groups)), key=lambda number: -people[groups[number]].max()):
        ranked = groups[number][np.argsort(-people[groups[number]], kind="stable")].tolist()
        around = {towns[village] for village in ranked}
        free = (v for v in ranked if not any(is_taken(names[v], town, held) for town in around))
        lender = next(free, -1)
        name = names[lender] if lender >= 0 else f"{names[ranked[0]]} ({_group_id(number)})"
        held[name] |= around
        found[number] = (lender if lender >= 0 else ranked[0], name)
    return [found[number] for number in range(len(groups))]


def _group(
    villages: pd.DataFrame,
    problem: VillageProblem,
    members: NDArray[np.intp],
    who: tuple[int, int],
) -> dict[str, Any]:
    """Count one group; ``who`` are the village of its name and that of its seat."""
    lender, seat = who
    people = problem.population[members]
    own = villages.iloc[members]
    known = own["households"].notna().all()
    townships = own["township_id"].dropna().unique()
    longest = float(problem.minutes[members, seat].max())
    order = np.argsort(-people, kind="stable")
    return {
        "name_village_id": villages["village_id"].iloc[lender],
        "seat_village_id": villages["village_id"].iloc[seat],
        "township_id": townships[0] if len(townships) == 1 else None,
        "villages": len(members),
        "people": int(people.sum()),
        "households": int(own["households"].sum()) if known else None,
        "area_km2": float(problem.area_km2[members].sum()) or None,
        "longest_min": longest if np.isfinite(longest) else None,
        "renamed_people": int(people.sum() - problem.population[lender]),
        "members": own["village_name"].iloc[order].astype(str).tolist(),
        "member_people": people[order].tolist(),
    }


def _with_groups(
    villages: pd.DataFrame, groups: pd.DataFrame, group_of: NDArray[np.int32]
) -> pd.DataFrame:
    """Add what each village becomes."""
    table = villages.copy()
    merged = group_of >= 0
    for name in ("group_id", "name", "seat", "stage"):
        values = np.full(len(table), None, dtype=object)
        values[merged] = groups[name].to_numpy(dtype=object)[group_of[merged]]
        table[name] = values
    table["stage"] = table["stage"].astype("Int64")
    table["renamed"] = merged & ~table["village_id"].isin(groups["name_village_id"]).to_numpy()
    return table
