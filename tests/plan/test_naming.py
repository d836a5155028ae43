"""Ids and names of new communities."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from commplan.plan.coverage import _renamed
from commplan.plan.naming import community_name, names_from_units, new_ids


@dataclass(frozen=True)
class StandIn:
    """A plan of which naming sees the communities only."""

    communities: pd.DataFrame


def renamed(plan: Any, converted: dict[str, str]) -> Any:
    """Name the communities that residential areas and villages have become."""
    return _renamed(plan, converted)


def units(names: list[str | None], households: list[int]) -> pd.DataFrame:
    """Make the columns that naming looks at."""
    return pd.DataFrame({"name": pd.Series(names, dtype=object), "households": households})


def test_new_ids_leave_out_what_is_taken() -> None:
    """Counting goes on past ids that today's communities bear."""
    assert list(islice(new_ids({"N001", "N003"}), 3)) == ["N002", "N004", "N005"]


def test_the_largest_compound_gives_the_name() -> None:
    """The compound with most households names the community; of equals the smaller id."""
    frame = units(["翠苑", "文华苑", "学军里", None], [300, 500, 500, 900])
    assert names_from_units(frame, np.zeros(4, dtype=np.int32), [0], set()) == {0: "文华苑社区"}


def test_a_taken_name_is_passed_over() -> None:
    """No two communities get one name, and none gets one of today's."""
    frame = units(["翠苑", "文华苑", "翠苑", "翠苑"], [500, 300, 500, 200])
    community = np.array([0, 0, 1, 2], dtype=np.int32)
    named = names_from_units(frame, community, [0, 1, 2], {"文华苑社区"})
    assert named == {0: "翠苑社区"}


def test_without_named_compounds_there_is_no_name() -> None:
    """Blank names and territories without a name column name nothing."""
    frame = units([" ", None], [5, 5])
    assert names_from_units(frame, np.zeros(2, dtype=np.int32), [0], set()) == {}
    assert names_from_units(frame.drop(columns="name"), np.zeros(2, np.int32), [0], set()) == {}


def test_two_farms_of_one_name_become_two_communities() -> None:
    """In one subdistrict the second gets its id besides; in another it may be called the same."""

    def named(places: list[str | None], origins: list[str]) -> list[str]:
        table = pd.DataFrame(
            {
                "community_id": ["A", "R1", "R2"],
                "name": ["东社区", "茅洋农场", "茅洋农场"],
                "subdistrict_id": places,
                "origin": origins,
            }
        )
        plan = renamed(StandIn(table), {"R1": "茅洋农场", "R2": "茅洋农场"})
        return plan.communities["name"].tolist()

    kept = ["kept"] * 3
    assert named(["S1"] * 3, kept) == ["东社区", "茅洋农场", "茅洋农场 (R2)"]
    assert named(["S1", "S1", "S2"], kept) == ["东社区", "茅洋农场", "茅洋农场"]
    assert named(["S1", "S1", None], kept)[2] == "茅洋农场 (R2)"


def test_names_follow_the_language_of_the_compound() -> None:
    """Chinese names end in 社区 once; others stay as they are."""
    assert community_name("翠苑新村") == "翠苑新村社区"
    assert community_name("翠苑社区") == "翠苑社区"
    assert community_name("Riverside Court") == "Riverside Court"
