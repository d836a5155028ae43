"""Groups of villages get numbers, names, seats and stages by the stated rules."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from commplan.findings import Severity
from commplan.optimise.villages.merge import merge_villages
from commplan.plan.villages import Staging, VillagePlan, make_village_plan
from commplan.problem.villages import VillageLimits, VillageProblem, VillageWeights
from villages_county import county, village_squares

PEOPLE = [500, 100, 900, 250, 600, 280]
PAIRS = [(0, 1), (2, 3), (4, 5)]
NAMES = ["东", "西", "南", None, "中", "上"]
TOWNS = ["T1", "T1", "T2", "T2", "T2", "T2"]


def planned(
    problem: VillageProblem,
    staging: Staging | None = None,
    names: Sequence[str | None] = NAMES,
    towns: Sequence[str | None] = TOWNS,
) -> VillagePlan:
    """Merge and name three pairs of villages."""
    territory = village_squares(
        PEOPLE,
        6,
        name=names,
        seat=["东一", None, None, None, None, "上一"],
        township_id=towns,
        households=pd.array([170, 30, 300, None, 200, 90], dtype="Int64"),
    )
    return make_village_plan(territory, problem, merge_villages(problem), staging or Staging())


def test_a_group_takes_name_and_seat_of_its_largest_village() -> None:
    """Names and seats are those of the most populous village; the seat's own name where it has one."""
    plan = planned(county(PEOPLE, PAIRS))
    assert plan.groups["group_id"].tolist() == ["G001", "G002", "G003"]
    assert plan.groups["name"].tolist() == ["东", "南", "中"]
    assert plan.groups["seat"].tolist() == ["东一", "南", "中"]
    assert plan.groups["members"].tolist() == [["东", "西"], ["南", "V3"], ["中", "上"]]
    assert plan.groups["member_people"].tolist() == [[500, 100], [900, 250], [600, 280]]
    assert plan.groups["renamed_people"].tolist() == [100, 250, 280]
    assert plan.groups["households"].tolist()[0] == 200
    assert plan.groups["households"].isna().tolist() == [False, True, False]
    assert plan.groups["township_id"].tolist() == ["T1", "T2", "T2"]
    assert plan.villages["renamed"].tolist() == [False, True] * 3
    assert not plan.by_minutes


def test_where_minutes_count_the_seat_is_the_nearest_to_all() -> None:
    """With a limit of minutes or a weight on them the seat is the result's own."""
    weights = VillageWeights(person_minutes=1.0)
    problem = county([250, 240, 245, 900, 800, 700], [(0, 1), (1, 2)], weights=weights)
    problem = problem.replace(limits=VillageLimits(max_people=735, small_people=500))
    plan = planned(problem)
    assert plan.by_minutes
    assert plan.groups["name_village_id"].tolist() == ["V0"]
    assert plan.groups["seat_village_id"].tolist() == ["V1"]
    assert plan.groups["longest_min"].tolist() == [12.5]


def test_same_names_do_not_hide_who_is_renamed() -> None:
    """Of two villages of one name one lends it, and the other's people still count."""
    plan = planned(county(PEOPLE, PAIRS))
    renamed = plan.villages.loc[plan.villages["renamed"], "people"].sum()
    assert renamed == plan.groups["renamed_people"].sum() == plan.result.terms["renamed_people"]


@pytest.mark.parametrize(
    ("names", "towns", "given"),
    [
        (["上", "西", "上", "下", "中", "东"], ["T1"] * 6, ["西", "上", "中"]),
        (["上", "西", "上", "下", "中", "东"], TOWNS, ["上", "上", "中"]),
        (["上", "西", "上", "下", "中", "东"], [None] * 6, ["西", "上", "中"]),
        (["上", "上", "上", "上", "上", "东"], ["T1"] * 6, ["上 (G001)", "上", "东"]),
    ],
)
def test_no_two_groups_of_a_township_are_called_the_same(
    names: list[str], towns: list[str | None], given: list[str]
) -> None:
    """The larger keeps the name, the other takes its next village's; other townships do not mind."""
    plan = planned(county(PEOPLE, PAIRS), names=names, towns=towns)
    assert plan.groups["name"].tolist() == given
    lent = dict(zip(plan.groups["name_village_id"], given, strict=True))
    assert all(plan.groups["name_village_id"].isin(plan.villages["village_id"]))
    kept = plan.villages[plan.villages["village_id"].isin(lent)]
    for _, village in kept.iterrows():
        assert lent[village["village_id"]].startswith(village["village_name"])
    renamed = plan.villages.loc[plan.villages["renamed"], "people"].sum()
    assert renamed == plan.groups["renamed_people"].sum()


def test_a_village_that_stays_keeps_its_name_to_itself() -> None:
    """The village of 900 people stays; the group of its township's 500 takes the other's name."""
    names = ["上", "西", "上", None, "中", "东"]
    plan = planned(county(PEOPLE, [(0, 1), (4, 5)]), names=names, towns=["T1"] * 6)
    assert plan.groups["name"].tolist() == ["西", "中"]
    assert plan.groups["renamed_people"].tolist() == [500, 280]


def test_two_stages_without_a_number_of_groups_a_year() -> None:
    """The group with a village of 100 comes first, the two others second."""
    plan = planned(county(PEOPLE, PAIRS))
    assert plan.groups["stage"].tolist() == [1, 2, 2]
    assert plan.stages["groups"].tolist() == [1, 2]
    assert plan.stages["after"].tolist() == [5, 3]
    assert plan.villages["stage"].tolist() == [1, 1, 2, 2, 2, 2]
    assert plan.groups["year"].isna().all()
    alone = planned(county(PEOPLE, PAIRS), Staging(first_people=50, first_year=2018))
    assert alone.groups["stage"].tolist() == [1, 1, 1]


def test_one_group_a_year_the_smallest_village_first() -> None:
    """One a year from 2018: the villages of 100, 250 and 280 set the order."""
    plan = planned(county(PEOPLE, PAIRS), Staging(200, 2018, 1))
    assert plan.groups["stage"].tolist() == [1, 2, 3]
    assert plan.groups["year"].tolist() == [2018, 2019, 2020]
    assert plan.stages["year"].tolist() == [2018, 2019, 2020]
    assert plan.stages["after"].tolist() == [5, 4, 3]
    assert plan.stages["renamed_people"].sum() == plan.groups["renamed_people"].sum()


def test_who_stays_is_a_note_and_what_was_asked_for_a_warning() -> None:
    """A locked small village is a note with its clause, one that must join a warning without."""
    join = np.array([-1, -1, 0, -1, 0, -1], dtype=np.int32)
    locked = np.array([False, True, False, False, False, False])
    plan = planned(county(PEOPLE, PAIRS, join=join, locked=locked), Staging(clause="zj 二(三)"))
    left = {row: (f.code, f.severity, f.clause) for row, f in plan.left.items()}
    assert left[1] == ("villages.left_locked", Severity.NOTE, "zj 二(三)")
    assert left[2] == ("villages.left_join", Severity.WARNING, None)
    assert plan.left[1].params["name"] == "西"
    assert plan.left[1].ids == ("V1",)


def test_a_county_where_nothing_is_small() -> None:
    """No group, no stage, and every village stays without a word."""
    plan = planned(county([500, 600, 900, 700, 600, 800], PAIRS))
    assert len(plan.groups) == len(plan.stages) == len(plan.left) == 0
    assert plan.villages["group_id"].isna().all()
