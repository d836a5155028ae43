"""What the stages ask of a profile, at the bounds and worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commplan.policy.library import load_profile
from commplan.policy.norms import (
    choice,
    circle_clause,
    circle_kinds,
    counted_households,
    household_bounds,
    population_target,
    room_need_m2,
    room_steps,
    room_ways,
    staff_range,
    target_households,
)

SEVEN = ("food_market", "convenience", "medical", "school", "bank", "bus_stop", "sports")


@pytest.mark.parametrize(
    ("name", "bounds", "target", "people"),
    [
        ("zhejiang-2017", (1500, 3000), 2250, None),
        ("national-2026", (1000, 3000), 2000, None),
        ("anhui-city-2011", None, 3000, 8000),
        ("sanming-2020", None, None, None),
    ],
)
def test_bounds_and_targets(name, bounds, target, people):
    """The target is the document's, else the middle of its bounds."""
    profile = load_profile(name)
    assert household_bounds(profile) == bounds
    assert target_households(profile) == target
    assert population_target(profile) == people


@pytest.mark.parametrize(
    ("households", "need_m2"),
    [(0, 350), (1166, 350), (1167, 350.1), (1200, 360), (2250, 675), (3000, 900), (3001, 900.3)],
)
def test_zhejiang_rooms(households, need_m2):
    """At 30 m² per 100 households the floor of 350 m² binds only under 1,167 households."""
    assert room_need_m2(load_profile("zhejiang-2017"), households) == pytest.approx(need_m2)


def test_rooms_of_three_documents():
    """3,000 households and 8,000 people need 900, 600 and 400 m²."""
    needs = [
        float(room_need_m2(load_profile(name), 3000, 8000))
        for name in ("zhejiang-2017", "sanming-2020", "anhui-city-2011")
    ]
    assert needs == [900, 600, 400]


def test_rooms_without_a_rule_or_without_people_are_not_known():
    """No rule, or one that needs people who are not known, gives NaN, never 0."""
    assert np.isnan(room_need_m2(load_profile("national-2026"), [1000, 2000])).all()
    anhui = load_profile("anhui-city-2011")
    assert np.isnan(room_need_m2(anhui, 3000))
    np.testing.assert_array_equal(room_need_m2(anhui, [3000, 3000], [8000, np.nan]), [400, np.nan])


def test_a_users_own_profile_takes_the_most_of_its_rules(tmp_path):
    """Rules of several documents in one profile: the largest room, and more where there is commerce."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "zhejiang-2017"\n'
        '[rules."room.per_100_people"]\nfrom = "anhui-city-2011"\n'
        '[rules."room.commercial_uplift"]\nvalue = { percent = 10, from_m2 = 50000 }\n',
        encoding="utf-8",
    )
    profile = load_profile(str(path))
    need = room_need_m2(profile, [1000, 3000, 1000], [8000, 8000, 20000], [0, 49999, 50000])
    np.testing.assert_allclose(need, [400, 900, 1100])


def test_least_size_by_steps(tmp_path):
    """350 m², from 2,000 households 600, from 4,000 1,500; 30 m² per 100 households besides."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "zhejiang-2017"\n[rules."room.minimum".value]\nmin = 350\n'
        "steps = [{ households = 2000, m2 = 600 }, { households = 4000, m2 = 1500 }]\n",
        encoding="utf-8",
    )
    profile = load_profile(str(path))
    need = room_need_m2(profile, [1999, 2000, 3000, 3999, 4000, 6000])
    np.testing.assert_allclose(need, [599.7, 600, 900, 1199.7, 1500, 1800])
    assert room_steps(profile.rules["room.minimum"]) == ((2000, 600), (4000, 1500))
    assert room_steps(load_profile("sanming-2020").rules["room.minimum"]) == ()


@given(st.lists(st.integers(0, 20000), min_size=1, max_size=20))
def test_more_households_never_need_less_room(households):
    """The need grows with the households, and arrays give what single numbers give."""
    profile = load_profile("zhejiang-2017")
    ordered = np.sort(np.asarray(households))
    need = room_need_m2(profile, ordered)
    assert (np.diff(need) >= 0).all()
    assert need.tolist() == [float(room_need_m2(profile, hh)) for hh in ordered]


@pytest.mark.parametrize(
    ("households", "floating", "least", "most"),
    [
        (0, None, 5, 7),
        (999, None, 5, 7),
        (1000, None, 7, 7),
        (1001, None, 7, 9),
        (3000, None, 7, 9),
        (3001, None, 7, 11),
        (3001, 50, 7, 11),
        (3001, 0, 7, 9),
        (20000, 9000, 7, 11),
    ],
)
def test_sanming_staff(households, floating, least, most):
    """Bands of 5–7 and 7–9 meet at 7; over 3,000 up to two more, never over 11."""
    low, high = staff_range(load_profile("sanming-2020"), households, floating=floating)
    assert (low, high) == (least, most)


@pytest.mark.parametrize(
    ("households", "least"), [(0, 0), (1, 1), (600, 1), (601, 2), (1200, 2), (3000, 5), (3001, 6)]
)
def test_anhui_staff(households, least):
    """One worker for each begun 600 households, and no most."""
    low, high = staff_range(load_profile("anhui-city-2011"), households)
    assert low == least
    assert np.isnan(high)


def test_anhui_staff_counts_the_floating_population():
    """600 households of 2.5 people and 250 outsiders count as 700 households: two workers."""
    low, _ = staff_range(load_profile("anhui-city-2011"), [600, 600], [1500, 1500], [250, np.nan])
    assert low.tolist() == [2, 1]


def test_floating_population_without_residents_counts_at_the_mean_size():
    """A community of outsiders only takes the mean size of all, here 2.5 people."""
    assert counted_households([0, 100], [0, 250], [50, 0]).tolist() == [20, 100]
    assert counted_households([10], [np.nan], [50]).tolist() == [10]


def test_staff_without_a_rule_is_not_known():
    """A document that does not speak of workers gives NaN."""
    low, high = staff_range(load_profile("zhejiang-2017"), [2000])
    assert np.isnan([low, high]).all()


def test_circle_kinds_and_their_source():
    """Zhejiang names no list and borrows Zhoushan's seven kinds; the clause says so."""
    for name in ("zhejiang-2017", "zhoushan-2017"):
        assert circle_kinds(load_profile(name)) == SEVEN
        assert circle_clause(load_profile(name)) == "zhoushan-2017 附件2 Ⅱ-7"
    assert len(circle_kinds(load_profile("mofcom-2021"))) == 12
    assert circle_clause(load_profile("mofcom-2021")) == "mofcom-2021 一(二)"


def test_room_ways():
    """Sanming and Zhoushan name six ways each, Zhejiang none."""
    assert len(room_ways(load_profile("sanming-2020"))) == 6
    assert "lease" in room_ways(load_profile("zhoushan-2017"))
    assert room_ways(load_profile("zhejiang-2017")) == ()


def test_house_choices():
    """The house's figures stand in every profile; a name that is none is a bug."""
    profile = load_profile("zhejiang-2017")
    figures = [
        choice(profile, name) for name in ("walk_m_per_min", "detour", "circle_min", "room_min")
    ]
    assert figures == [80, 1.3, 15, 15]
    with pytest.raises(KeyError):
        choice(profile, "walking")
