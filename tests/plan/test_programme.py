"""Sizes rule by rule and what goes into the rooms, by hand."""

import numpy as np
import pandas as pd
import pytest

from commplan.plan.programme import ProgrammeOptions, room_programme, size_table
from commplan.policy.library import load_profile

COMMUNITIES = pd.DataFrame(
    {"community_id": ["A", "B"], "households": [3000, 1000], "population": [8000, None]}
)


@pytest.mark.parametrize(
    ("profile", "needs", "deciding"),
    [
        ("zhejiang-2017", {"A": 900, "B": 350}, ["room.per_100_households", "room.minimum"]),
        ("sanming-2020", {"A": 600, "B": 600}, ["room.minimum"] * 2),
        ("anhui-city-2011", {"A": 400}, ["room.per_100_people"]),
    ],
)
def test_which_rule_decides(profile, needs, deciding):
    """900, 600 and 400 m² for 3,000 households and 8,000 people; unknown people decide nothing."""
    table = size_table(COMMUNITIES, load_profile(profile))
    chosen = table[table["decides"]]
    assert dict(zip(chosen["community_id"], chosen["need_m2"], strict=True)) == needs
    assert chosen["rule"].tolist() == deciding
    assert chosen["clause"].notna().all()


def test_a_profile_without_sizes():
    """Nothing is asked where no rule of size is set."""
    assert size_table(COMMUNITIES, load_profile("panlong-2017")).empty


def test_offices_get_the_least_and_activity_the_rest():
    """Five principal cadres of 15 m²: 75 m², and 825 of 900 m² are for service and activity."""
    rooms = pd.DataFrame({"community_id": ["A", "B"], "floor_m2": [900.0, np.nan]})
    table = room_programme(rooms, load_profile("zhejiang-2017"), ProgrammeOptions(5))
    assert table["item"].tolist() == ["offices", "service_activity"] * 2
    assert table["area_m2"].tolist()[:2] == [75, 825]
    assert np.isnan(table["area_m2"].iloc[3])


def test_functions_have_only_the_areas_stated():
    """Sanming's eleven functions; only those with a figure, and the user's own, take area."""
    rooms = pd.DataFrame({"community_id": ["A"], "floor_m2": [600.0]})
    options = ProgrammeOptions(functions_m2={"day_care": 200, "offices": 60, "library": 400})
    table = room_programme(rooms, load_profile("sanming-2020"), options).set_index("item")
    assert table["kind"].value_counts().to_dict() == {"added": 6, "basic": 5, "own": 1, "rest": 1}
    assert table.loc["offices", "area_m2"] == 60
    assert np.isnan(table.loc["rehabilitation", "area_m2"])
    assert table.loc["service_activity", "area_m2"] == -60  # too small by that for what is stated
