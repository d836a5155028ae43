"""Rules of people, money and living circles, at their bounds."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from rules_town import circles, profile_of, reading, sized_plan, town_plan, villages, with_layers

from commplan.evaluate.rules import RuleResult, rule_results
from commplan.evaluate.rules_staff import RECORDS, staff_today
from commplan.evaluate.rules_types import PlanView
from commplan.plan.plan import Plan
from commplan.policy.library import load_profile, profile_names


def check(name: str, rule_id: str, plan: Plan, **others: Any) -> RuleResult:
    """Check a rule of a shipped profile."""
    measures = others.get("measures", {})
    results = rule_results(load_profile(name), plan, others.get("circles"), measures)
    return reading(next(result for result in results if result.rule_id == rule_id))


def with_staff(plan: Plan, **staff: float) -> Plan:
    """Give today's communities their workers."""
    table = pd.DataFrame({"community_id": list(staff), "staff": list(staff.values())})
    return with_layers(plan, communities=table)


def test_lower_band_at_its_end():
    """1,000 households take 7 workers by both bands, 1,001 take 7 to 9 by the upper one alone."""
    plan = with_staff(sized_plan(999, 1000, 1001), c0=4, c1=8, c2=9)
    result = check("sanming-2020", "staff.band1", plan)
    assert result.finding.ids == ("c0", "c1")
    params = result.finding.params
    assert (params["few"], params["many"], params["missing"]) == (1, 1, 1)
    assert check("sanming-2020", "staff.band2", plan).outcome == "met"


def test_upper_band_leaves_room_for_approved_workers():
    """Over 3,000 households 11 workers will do and 12 not; at 3,000 ten are too many."""
    plan = with_staff(sized_plan(3000, 3001, 3001), c0=10, c1=11, c2=12)
    assert check("sanming-2020", "staff.band2", plan).finding.ids == ("c0", "c2")
    result = check("sanming-2020", "staff.band3", plan)
    assert (result.outcome, result.finding.ids) == ("reported", ("c1", "c2"))
    assert result.finding.params["most"] == 4
    assert check("sanming-2020", "staff.band3", sized_plan(3000)).outcome == "met"


def test_least_number_of_workers():
    """Four workers are one too few, five are enough."""
    plan = with_staff(sized_plan(500, 500), c0=4, c1=5)
    assert check("sanming-2020", "staff.floor", plan).finding.ids == ("c0",)
    assert check("sanming-2020", "staff.floor", with_staff(sized_plan(500), c0=5)).outcome == "met"


def test_workers_by_households_with_the_floating_population():
    """600 households need one worker, 601 two, and 600 with 250 outsiders of 2.5 each two as well."""
    plan = with_staff(
        sized_plan(
            600, 601, 600, population=[1500.0, 1502.5, 1500.0], floating_population=[0.0, 0.0, 250.0]
        ),
        c0=1, c1=1, c2=1,
    )  # fmt: skip
    assert check("anhui-city-2011", "staff.per_households", plan).finding.ids == ("c1", "c2")


def test_workers_that_are_not_known():
    """Without today's staff the rule says how many the plan needs; a new community is not known."""
    result = check("sanming-2020", "staff.band2", sized_plan(2000, 500))
    assert result.outcome == "unmeasured"
    assert (result.finding.params["least"], result.finding.params["concerned"]) == (7, 1)
    plan = with_staff(town_plan(), A=7, B=7)
    staff = staff_today(PlanView(load_profile("sanming-2020"), plan))
    np.testing.assert_array_equal(staff, [7, 7, np.nan])
    assert check("sanming-2020", "staff.band2", plan).outcome == "unmeasured"
    assert check("sanming-2020", "staff.band1", plan).outcome == "met"


@pytest.mark.parametrize(
    ("name", "rule_id", "least", "most"),
    [
        ("sanming-2020", "staff.party_worker", 3, 0),
        ("sanming-2020", "fund.working", 300000, 0),
        ("anhui-city-2011", "fund.street", 90000, 0),
        ("panlong-2017", "window.count", 6, 9),
        ("zhejiang-2017", "police.urban", 3, 3),
        ("zhejiang-2017", "legal.adviser", 3, 3),
    ],
)
def test_posts_and_money_of_three_communities(name, rule_id, least, most):
    """What is there is in no layer, what three communities need is told."""
    result = check(name, rule_id, town_plan())
    assert result.outcome == "unmeasured"
    assert (result.finding.params["least"], result.finding.params["most"]) == (least, most)
    own = check(name, rule_id, town_plan(), measures={rule_id: 0.0})
    assert own.finding.code == "rules.broken.figure"


def test_village_police():
    """Two villages need two auxiliary officers."""
    plan = with_layers(town_plan(), villages=villages(100, 200))
    assert check("zhejiang-2017", "police.rural", plan).finding.params["least"] == 2


def test_money_by_people_needs_the_users_amount():
    """20 yuan for each of 12,000 people are 240,000; without an amount nothing is invented."""
    assert check("zhejiang-2017", "fund.population", town_plan()).outcome == "unmeasured"
    (result,) = rule_results(profile_of("fund.population", 20), town_plan(), None, {})
    assert result.finding.params["yuan"] == 240000


@pytest.mark.parametrize("rule_id", RECORDS)
def test_records_say_what_they_need(rule_id):
    """A rule about something that no layer holds is one note, never a breach."""
    name = next(name for name in profile_names() if load_profile(name).get(rule_id))
    result = check(name, rule_id, town_plan())
    assert result.outcome == "unmeasured"
    assert result.finding.code == f"rules.unmeasured.{rule_id}"


def test_circle_names_the_communities_that_fall_short():
    """One bank too far for half of B is one finding that names B."""
    plan = town_plan()
    seen = circles(plan, bank=[1.0, 0.5, 1.0])
    result = check("zhoushan-2017", "circle.urban", plan, circles=seen)
    assert result.finding.ids == ("B",)
    assert result.finding.params["least_percent"] == 50
    assert result.finding.params["missing"] == 0
    assert check("zhoushan-2017", "circle.urban", plan, circles=circles(plan)).outcome == "met"


def test_circle_in_more_time_than_the_document_gives_says_nothing():
    """A walk of 20 minutes does not measure a quarter of an hour; one of 10 does."""
    plan = town_plan()
    longer, shorter = circles(plan, limit_min=20), circles(plan, limit_min=10)
    assert check("zhoushan-2017", "circle.urban", plan, circles=longer).outcome == "unmeasured"
    assert check("zhoushan-2017", "circle.urban", plan, circles=shorter).outcome == "met"
    assert check("zhoushan-2017", "circle.urban", plan).outcome == "unmeasured"


def test_kinds_that_the_data_lack_are_not_measured():
    """Of the guide's twelve kinds two were measured; where these are reached, ten are not known."""
    plan = town_plan()
    result = check("mofcom-2021", "circle.basic", plan, circles=circles(plan))
    assert result.outcome == "unmeasured"
    assert result.finding.params["missing"] == 10
    short = check("mofcom-2021", "circle.basic", plan, circles=circles(plan, convenience=[0, 1, 1]))
    assert (short.outcome, short.finding.ids) == ("broken", ("A",))


def test_radius_of_the_circle():
    """Circles of 15 minutes keep the guide's radius, of 10 they do not."""
    plan = town_plan()
    assert check("mofcom-2021", "circle.radius", plan, circles=circles(plan)).outcome == "met"
    shorter = circles(plan, limit_min=10)
    assert check("mofcom-2021", "circle.radius", plan, circles=shorter).outcome == "broken"
    assert check("mofcom-2021", "circle.radius", plan).outcome == "unmeasured"


def test_rural_circle_needs_the_users_list():
    """Which kinds may lack in the countryside is for the user to name."""
    assert check("zhoushan-2017", "circle.rural", town_plan()).finding.params["kinds"] == 7
