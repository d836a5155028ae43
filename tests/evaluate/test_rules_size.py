"""Rules of size, boundaries, cover and villages, at their bounds."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from rules_town import profile_of, reading, sized_plan, town_plan, villages, with_layers

from commplan.evaluate.rules import RuleResult, rule_results
from commplan.evaluate.rules_size import changed_communities
from commplan.evaluate.rules_types import PlanView
from commplan.plan.make import PlanOptions, make_plan
from commplan.plan.plan import Plan
from commplan.policy.library import load_profile
from towns import grid_town


def check(rule_id: str, value: Any, plan: Plan, **measures: float) -> RuleResult:
    """Check one rule alone."""
    (result,) = rule_results(profile_of(rule_id, value), plan, None, measures)
    return reading(result)


def ids_of(result: RuleResult) -> tuple[str, ...]:
    """Ids of the finding, () where there is none."""
    return () if result.finding is None else result.finding.ids


def communities(*kinds: str | None) -> pd.DataFrame:
    """Today's communities A, B, C, ... of these kinds."""
    return pd.DataFrame({"community_id": list("ABCDE")[: len(kinds)], "kind": list(kinds)})


@pytest.mark.parametrize(
    ("least", "sizes", "off"),
    [
        (1500, (1499, 1500, 3000, 3001), ("c0", "c3")),
        (1000, (999, 1000, 1001, 3000), ("c0",)),
        (1500, (1500, 2000), ()),
    ],
)
def test_bounds_are_inclusive(least, sizes, off):
    """1,499 and 3,001 households are out, 1,500 and 3,000 are in; so are 1,000 under the law."""
    result = check("size.households", {"min": least, "max": 3000}, sized_plan(*sizes))
    assert ids_of(result) == off
    assert result.outcome == ("broken" if off else "met")


def test_size_counts_today_and_exceptions_beside():
    """Today's communities out of bounds are counted, and so are the plan's excepted ones."""
    territory = grid_town(2, households=np.asarray([3200, 1400]), community_id=["A", "A"])
    options = PlanOptions(exceptions={"U000": "one compound"})
    plan = make_plan(territory, np.asarray([0, 1], dtype=np.int32), options)
    result = check("size.households", {"min": 1500, "max": 3000}, plan)
    assert len(ids_of(result)) == 2
    assert result.finding.params["today"] == 1
    assert result.finding.params["excepted"] == 1


def test_targets_are_reported_not_judged():
    """A size of about 3,000 has no tolerance: least, median and most are told."""
    result = check("size.households_target", 3000, sized_plan(2000, 2900, 4000))
    assert result.outcome == "reported"
    shown = {k: result.finding.params[k] for k in ("least", "middle", "most", "target")}
    assert shown == {"least": 2000, "middle": 2900, "most": 4000, "target": 3000}
    assert check("size.population_target", 8000, sized_plan(2000)).outcome == "unmeasured"
    known = check("size.population_target", 8000, sized_plan(2000, population=[7000.0]))
    assert known.finding.params["middle"] == 7000


def test_shape_reports_how_balanced_sizes_are():
    """1,000 and 3,000 households vary by half of their mean; equal squares do not vary."""
    result = check("size.shape", None, sized_plan(1000, 3000))
    assert result.finding.params["households_cv"] == pytest.approx(0.5)
    assert result.finding.params["area_cv"] == pytest.approx(0)


def test_natural_borders_are_reported_as_a_share():
    """0.5 km soft of 2 km leaves 75 % on barriers; without the layer nothing is said."""
    plan = with_layers(sized_plan(1000, 1000), barriers=pd.DataFrame({"kind": ["river"]}))
    result = check("boundary.natural", None, plan, border_km=2.0, soft_border_km=0.5)
    assert result.finding.params["percent"] == 75
    assert check("boundary.natural", None, plan).outcome == "unmeasured"
    bare = sized_plan(1000, 1000)
    assert (
        check("boundary.natural", None, bare, border_km=2.0, soft_border_km=0.5).outcome
        == "unmeasured"
    )


@pytest.mark.parametrize("rule_id", ["adjust.stepwise", "procedure.change"])
def test_changed_communities(rule_id):
    """A lost two units to N001 and both changed; B did not."""
    assert ids_of(check(rule_id, None, town_plan())) == ("A", "N001")
    assert check(rule_id, None, sized_plan(1000, 2000)).outcome == "met"


def test_a_unit_from_no_community_changes_the_one_it_joins():
    """Taking in a unit that belonged nowhere is a change."""
    territory = grid_town(3, community_id=["A", "B", None])
    plan = make_plan(territory, np.asarray([0, 1, 1], dtype=np.int32))
    changed = changed_communities(PlanView(load_profile("national-2026"), plan))
    assert changed.tolist() == [False, True]


def test_residential_areas_left():
    """A 居民区 whose ground is not in the plan is left; without kinds nothing is known."""
    plan = with_layers(
        town_plan(), communities=communities("residential_area", "urban", "residential_area")
    )
    assert ids_of(check("convert.jumin_qu", 0, plan)) == ("C",)
    inside = with_layers(town_plan(), communities=communities("residential_area", "urban"))
    assert check("convert.jumin_qu", 0, inside).outcome == "met"
    assert check("convert.jumin_qu", 0, town_plan()).outcome == "unmeasured"
    unknown = with_layers(town_plan(), communities=communities(None, None))
    assert check("convert.jumin_qu", 0, unknown).outcome == "unmeasured"


def test_villages_that_become_communities():
    """A village community whose ground is in the plan is turned; one outside is not."""
    plan = with_layers(town_plan(), communities=communities("urban", "village", "village"))
    assert ids_of(check("convert.village", None, plan)) == ("B",)
    assert check("convert.village", None, town_plan()).outcome == "unmeasured"
    none = with_layers(town_plan(), communities=communities("urban", "urban"))
    assert check("convert.village", None, none).outcome == "met"


def test_populated_units_outside_every_community():
    """A populated unit without a community breaks the rule; an empty one does not."""
    territory = grid_town(3, households=np.asarray([100, 100, 0]), community_id=["A", None, None])
    covered = make_plan(territory, np.asarray([0, 0, 0], dtype=np.int32))
    assert check("cover.everyone", 100, covered).outcome == "met"
    bare = make_plan(territory, np.asarray([0, -1, -1], dtype=np.int32))
    result = check("cover.everyone", 100, bare)
    assert ids_of(result) == ("U001",)
    assert result.finding.params["today"] == 1


@pytest.mark.parametrize(
    ("rule_id", "most", "small"),
    [
        ("village.merge_first", 200, ("V0", "V1")),
        ("village.merge_general", 300, ("V0", "V1", "V2", "V3")),
    ],
)
def test_small_villages(rule_id, most, small):
    """200 and 300 people are small enough, 201 and 301 are not."""
    plan = with_layers(town_plan(), villages=villages(199, 200, 201, 300, 301))
    result = check(rule_id, {"max": most}, plan)
    assert ids_of(result) == small
    assert result.finding.params["total"] == 5
    assert check(rule_id, {"max": most}, town_plan()).outcome == "unmeasured"
    large = with_layers(town_plan(), villages=villages(301))
    assert check(rule_id, {"max": most}, large).outcome == "met"


def test_villages_with_many_outsiders():
    """A village in the city with 100 outsiders needs its association, with 99 not, a compound never."""
    plan = town_plan(
        kind=["urban_village", "urban_village", "compound", None, "urban_village", "block"],
        floating_population=[99.0, 100.0, 500.0, 500.0, np.nan, 0.0],
    )
    found = check("platform.floating", {"min": 100}, plan)
    assert ids_of(found) == ("U001",)
    assert (found.finding.code, found.finding.params["unknown"]) == (
        "rules.reported.floating_some",
        1,
    )
    assert check("platform.floating", {"min": 100}, town_plan()).outcome == "unmeasured"


def test_outsiders_of_villages_that_are_not_known_are_never_met():
    """No village in the city has so many; what suburban villages have is not in the data."""
    plan = town_plan(kind=["urban_village"] * 6, floating_population=[99.0] * 6)
    for other, unknown in ((plan, 0), (with_layers(plan, villages=villages(800, 900)), 2)):
        result = check("platform.floating", {"min": 100}, other)
        assert (result.outcome, result.finding.code) == (
            "reported",
            "rules.reported.floating_none",
        )
        assert result.finding.params["unknown"] == unknown


def test_outsiders_of_all_villages_known():
    """Where every village gives its outsiders the rule is met, or those that need one are named."""
    plan = town_plan(kind=["urban_village"] * 6, floating_population=[99.0] * 6)
    few = with_layers(plan, villages=villages(800, 900).assign(floating_population=[0.0, 99.0]))
    assert check("platform.floating", {"min": 100}, few).outcome == "met"
    many = with_layers(plan, villages=villages(800, 900).assign(floating_population=[0.0, 100.0]))
    result = check("platform.floating", {"min": 100}, many)
    assert result.finding.code == "rules.reported.platform.floating"
    assert ids_of(result) == ("V1",)
