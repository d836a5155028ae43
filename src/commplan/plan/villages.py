"""From labels to groups of villages with numbers, names, seats and stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.problem.villages import VillageProblem, VillageResult
from commplan.territory.territory import Territory

HOUSE = "house choice"


@dataclass(frozen=True)
class VillagePlan:
    """Which villages are merged into what.

    Parameters
    ----------
    territory : Territory
    villages : DataFrame
        By position in ``territory.villages``: ``village_id``, ``village_name``, ``township_id``,
        ``people``, ``households`` (null where not known), ``group_id``, ``name``, ``seat``,
        ``stage`` (the last four null where the village stays as it is), ``renamed``.
    groups : DataFrame
        Groups of two and more villages in the order of ``group_id`` (``G001``, ...): ``name``,
        ``seat``, ``seat_village_id``, ``stage`` (1 or 2), ``township_id`` (null where there are
        several), ``villages``, ``people``, ``households``, ``area_km2``, ``longest_min``,
        ``renamed_people``, ``members`` (names, in the order of their people).
    group_of : int32 array, shape (n,)
        Row in ``groups``; -1 where the village stays.
    result : VillageResult
    small_people, first_people : int
        Limits of merging as a rule and of merging first, inclusive.
    by_minutes : bool
        Whether seats were chosen by minutes, not by people.
    """

    territory: Territory
    villages: pd.DataFrame
    groups: pd.DataFrame
    group_of: NDArray[np.int32]
    result: VillageResult
    small_people: int
    first_people: int
    by_minutes: bool

    @property
    def left(self) -> Mapping[int, Finding]:
        """Why each village that should have been merged stays as it is, by position."""
        ids = self.villages["village_id"]
        names = self.villages["village_name"]
        return {
            item.village: Finding(
                item.code,
                Severity.WARNING,
                {"name": names[item.village], **item.params},
                (str(ids[item.village]),),
                "villages",
            )
            for item in self.result.left
        }


def make_village_plan(
    territory: Territory, problem: VillageProblem, result: VillageResult, first_people: int
) -> VillagePlan:
    """Name what was found.

    A group is called after its most populous village (of equals the first by id). Its seat is that
    village's too, unless minutes count (``max_minutes`` or a weight on ``person_minutes``): then it
    is the seat that all its people reach in the fewest minutes in sum. Groups that hold a village
    of ``first_people`` or fewer come in the first stage, all others in the second.

    Parameters
    ----------
    territory : Territory
        With villages.
    problem : VillageProblem
    result : VillageResult
    first_people : int

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
    for label in np.flatnonzero(np.bincount(result.labels) > 1).tolist():
        members = np.flatnonzero(result.labels == label)
        group_of[members] = len(rows)
        largest = int(members[np.argmax(problem.population[members])])
        seat = int(result.seats[label]) if by_minutes else largest
        small = int(problem.population[members].min())
        stage = 1 if small <= first_people else 2
        row = _group(villages, problem, members, (largest, seat))
        place = layer["seat"].iloc[seat]
        row["seat"] = villages["village_name"].iloc[seat] if pd.isna(place) else place
        rows.append({"group_id": f"G{len(rows) + 1:03d}"} | row | {"stage": stage})
    groups = pd.DataFrame(rows, columns=COLUMNS)
    return VillagePlan(
        territory,
        _with_groups(villages, groups, group_of),
        groups,
        group_of,
        result,
        problem.limits.small_people,
        first_people,
        by_minutes,
    )


COLUMNS = [
    "group_id", "name", "seat", "seat_village_id", "stage", "township_id", "villages", "people",
    "households", "area_km2", "longest_min", "renamed_people", "members",
]  # fmt: skip


def _group(
    villages: pd.DataFrame,
    problem: VillageProblem,
    members: NDArray[np.intp],
    who: tuple[int, int],
) -> dict[str, Any]:
    """Count one group; ``who`` are the village of its name and that of its seat."""
    largest, seat = who
    people = problem.population[members]
    own = villages.iloc[members]
    known = own["households"].notna().all()
    townships = own["township_id"].dropna().unique()
    longest = float(problem.minutes[members, seat].max())
    order = np.argsort(-people, kind="stable")
    return {
        "name": villages["village_name"].iloc[largest],
        "seat_village_id": villages["village_id"].iloc[seat],
        "township_id": townships[0] if len(townships) == 1 else None,
        "villages": len(members),
        "people": int(people.sum()),
        "households": int(own["households"].sum()) if known else None,
        "area_km2": float(problem.area_km2[members].sum()) or None,
        "longest_min": longest if np.isfinite(longest) else None,
        "renamed_people": int(people.sum() - people.max()),
        "members": own["village_name"].iloc[order].astype(str).tolist(),
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
    table["renamed"] = merged & (table["name"] != table["village_name"]).to_numpy()
    return table
