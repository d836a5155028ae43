"""Rules of rooms and developments, at their bounds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rules_town import profile_of, reading, sized_plan, town_plan, with_layers, with_rooms

from commplan.evaluate.rules import RuleResult, rule_results
from commplan.plan.plan import Plan
from commplan.policy.library import load_profile


def check(rule_id: str, value: Any, plan: Plan) -> RuleResult:
    """Check one rule alone."""
    (result,) = rule_results(profile_of(rule_id, value), plan, None, {})
    return reading(result)


def check_of(name: str, rule_id: str, plan: Plan) -> RuleResult:
    """Check a rule of a shipped profile, beside all others of it."""
    results = rule_results(load_profile(name), plan, None, {})
    return reading(next(result for result in results if result.rule_id == rule_id))


def floors(plan: Plan, *floor_m2: float | None) -> Plan:
    """Give the communities of a plan, in order, one site of this floor area each; None for no site."""
    rows = [
        {"community_id": one, "site_id": None if m2 is None else f"S{i}", "floor_m2": m2}
        for i, (one, m2) in enumerate(zip(plan.communities["community_id"], floor_m2, strict=True))
    ]
    return with_rooms(plan, rows)


def with_sites(plan: Plan, **columns: list[Any]) -> Plan:
    """Give the territory sites S0, S1, ... with flags."""
    n = len(next(iter(columns.values())))
    flags = {name: pd.array(values, dtype="boolean") for name, values in columns.items()}
    return with_layers(plan, sites=pd.DataFrame({"site_id": [f"S{i}" for i in range(n)], **flags}))


def test_size_by_households_at_the_bound():
    """3,000 households need 900 m²: 900 will do, 899 is 1 m² short."""
    plan = floors(sized_plan(3000, 3000, 3001), 900.0, 899.0, 900.0)
    result = check("room.per_100_households", {"min": 30}, plan)
    assert result.finding.ids == ("c1", "c2")
    assert result.finding.params["short_m2"] == pytest.approx(1.3)


def test_least_size_whatever_the_households():
    """Zhejiang's floor is 350 m²; no site at all is 350 m² short."""
    plan = floors(sized_plan(1166, 1167, 1000), 350.0, 350.0, None)
    result = check("room.minimum", {"min": 350}, plan)
    assert result.finding.ids == ("c2",)
    assert result.finding.params["short_m2"] == 350
    assert check("room.per_100_households", {"min": 30}, plan).finding.ids == ("c1", "c2")


def test_size_by_people_needs_people():
    """8,000 people need 400 m²; where the people are not known, that is said."""
    known = floors(sized_plan(3000, 3000, population=[8000.0, 8001.0]), 400.0, 400.0)
    assert check("room.per_100_people", 5, known).finding.ids == ("c1",)
    unknown = floors(sized_plan(3000), 400.0)
    result = check("room.per_100_people", 5, unknown)
    assert result.outcome == "unmeasured"
    assert result.finding.ids == ("c0",)


def test_a_site_without_floor_area_is_no_shortage():
    """A site that does not say how large it is needs data; beside a shortage it is counted apart."""
    plan = floors(sized_plan(2000, 2000), np.nan, 700.0)
    result = check("room.minimum", {"min": 350}, plan)
    assert (result.outcome, result.finding.ids) == ("unmeasured", ("c0",))
    short = floors(sized_plan(2000, 2000), np.nan, 100.0)
    result = check("room.minimum", {"min": 350}, short)
    assert (result.outcome, result.finding.ids) == ("broken", ("c1",))
    assert result.finding.params["unknown"] == 1


@pytest.mark.parametrize(
    ("rule_id", "value"),
    [("room.minimum", {"min": 350}), ("room.one_place", None), ("room.site", None),
     ("room.ground_floor", None), ("room.ways", ["swap"]), ("room.old_city", None)],
)  # fmt: skip
def test_rooms_that_were_not_sited_are_not_measured(rule_id, value):
    """Without rooms in the plan their rules say what they need."""
    assert check(rule_id, value, sized_plan(2000)).outcome == "unmeasured"


def test_two_rooms_add_up_but_lie_in_two_places():
    """Two sites of 200 m² make 400 m² and break "in one place"."""
    rows = [{"community_id": "c0", "site_id": s, "floor_m2": 200.0} for s in ("S0", "S1")]
    plan = with_rooms(sized_plan(1000), rows)
    assert check("room.minimum", {"min": 350}, plan).outcome == "met"
    assert check("room.one_place", None, plan).finding.ids == ("c0",)
    shared = floors(sized_plan(1000, 1000), 400.0, 400.0)
    assert check("room.one_place", None, shared).outcome == "met"


def test_commerce_asks_for_more_once_the_user_says_how_much():
    """With 10 % more from 50,000 m² of commerce, 2,000 households need 660 m²; from 49,999 m² 600."""
    profile = load_profile("zhejiang-2017")
    rule = profile.rules["room.commercial_uplift"]
    commerce = sized_plan(2000, 2000, commercial_floor_m2=[50000.0, 49999.0])
    plan = floors(commerce, 600.0, 600.0)
    assert check_of("zhejiang-2017", rule.rule_id, plan).outcome == "unmeasured"
    own = replace(rule, value={"percent": 10, "from_m2": 50000})
    rules = {**profile.rules, rule.rule_id: own}
    results = rule_results(replace(profile, rules=rules), plan, None, {})
    (result,) = (r for r in results if r.rule_id == rule.rule_id)
    assert result.finding.ids == ("c0",)
    assert result.finding.params["short_m2"] == pytest.approx(60)


def test_ground_floor_and_entrance():
    """A room upstairs or away from the entrance is named; one that does not say is not known."""
    plan = floors(sized_plan(1, 1, 1), 1.0, 1.0, 1.0)
    sites = with_sites(plan, ground_floor=[True, False, True], beside_entrance=[True, True, False])
    assert check("room.ground_floor", None, sites).finding.ids == ("S1",)
    assert check("room.site", None, sites).finding.ids == ("S1", "S2")
    vague = with_sites(plan, ground_floor=[True, None, True], beside_entrance=[True, True, True])
    result = check("room.ground_floor", None, vague)
    assert (result.outcome, result.finding.ids) == ("unmeasured", ("S1",))
    good = with_sites(plan, ground_floor=[True] * 3, beside_entrance=[True] * 3)
    assert check("room.site", None, good).outcome == "met"
    assert check("room.ground_floor", None, plan).outcome == "unmeasured"


def test_a_site_that_the_plan_does_not_use_does_not_count():
    """Only the rooms chosen are judged."""
    plan = with_sites(floors(sized_plan(1), 1.0), ground_floor=[True, False])
    assert check("room.ground_floor", None, plan).outcome == "met"


def test_ways_of_getting_rooms():
    """A new room by a way that is not listed is named; one that stands is not asked how it came."""
    rows = [
        {"community_id": "c0", "site_id": "S0", "way": "lease"},
        {"community_id": "c1", "site_id": "S1", "way": "swap"},
        {"community_id": "c2", "site_id": "S2", "way": "lease", "action": "keep"},
    ]
    plan = with_rooms(sized_plan(1, 1, 1), rows)
    assert check_of("sanming-2020", "room.ways", plan).finding.ids == ("S0",)
    assert check_of("zhoushan-2017", "room.ways", plan).outcome == "met"
    silent = with_rooms(sized_plan(1), [{"community_id": "c0", "site_id": "S0"}])
    assert check_of("sanming-2020", "room.ways", silent).outcome == "unmeasured"


def test_communities_short_of_rooms_are_the_countys_affair():
    """What Zhejiang's rules leave short is told with its sum."""
    plan = floors(sized_plan(2000, 1000), 500.0, 350.0)
    result = check_of("zhejiang-2017", "room.old_city", plan)
    assert (result.outcome, result.finding.ids) == ("reported", ("c0",))
    assert result.finding.params["short_m2"] == 100
    assert (
        check_of("zhejiang-2017", "room.old_city", floors(sized_plan(1000), 350.0)).outcome == "met"
    )


def developments(*floor_area_m2: float) -> pd.DataFrame:
    """Developments D0, D1, ... of 1,000 households and 2,600 people each."""
    n = len(floor_area_m2)
    return pd.DataFrame(
        {
            "development_id": [f"D{i}" for i in range(n)],
            "households": [1000] * n,
            "floor_area_m2": list(floor_area_m2),
            "population": [2600.0] * n,
        }
    )


def test_developments_provide_or_pay():
    """From 200,000 m² a development provides 130 m² for 2,600 people; at 199,999 it pays its 3‰."""
    plan = with_layers(town_plan(), developments=developments(200000, 199999, np.nan))
    provide = check_of("anhui-city-2011", "dev.threshold", plan)
    assert provide.finding.ids == ("D0",)
    assert provide.finding.params["m2"] == pytest.approx(130)
    assert provide.finding.params["unknown"] == 1
    pay = check_of("anhui-city-2011", "dev.in_lieu", plan)
    assert pay.finding.ids == ("D1",)
    assert pay.finding.params["m2"] == pytest.approx(599.997)


def test_developments_without_a_layer_or_without_areas():
    """Neither no layer nor no floor area says anything; an empty layer owes nothing."""
    silent = with_layers(town_plan(), developments=developments(np.nan))
    for rule_id in ("dev.threshold", "dev.in_lieu"):
        assert check_of("anhui-city-2011", rule_id, town_plan()).outcome == "unmeasured"
        assert check_of("anhui-city-2011", rule_id, silent).outcome == "unmeasured"
        none = with_layers(town_plan(), developments=developments())
        assert check_of("anhui-city-2011", rule_id, none).outcome == "met"


@pytest.mark.parametrize("rule_id", ["room.new_upfront", "dev.prior_approval"])
def test_developments_have_their_rooms_planned_and_approved(rule_id):
    """Each development is named with its duty."""
    plan = with_layers(town_plan(), developments=developments(100.0, 200.0))
    assert check(rule_id, None, plan).finding.ids == ("D0", "D1")
    assert check(rule_id, None, town_plan()).outcome == "unmeasured"
