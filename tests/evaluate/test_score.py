"""The scorecard of a plan."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from commplan.errors import InputError
from commplan.evaluate.score import ScoreOptions, score
from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Severity
from commplan.plan.make import PlanOptions, make_plan, plan_from_assignment
from commplan.plan.plan import RoomPlan
from commplan.policy.clause import DocumentStatus
from commplan.policy.library import load_profile
from commplan.policy.profile import Profile
from towns import CRS, grid_graph, grid_town

PROFILE = load_profile("zhejiang-2017")
COLUMNS = [
    "community_id",
    "households",
    "population",
    "area_km2",
    "in_bounds",
    "connected",
    "compactness",
    "room_need_m2",
    "room_floor_m2",
    "room_short_m2",
    "within_share",
    "mean_walk_min",
]


def codes(text: str) -> np.ndarray:
    """Turn letters into labels; a dot is in no community."""
    return np.array([ord(c) - ord("a") for c in text], dtype=np.int32)


def figure(card: Scorecard, code: str) -> float | None:
    """One measure of the plan."""
    return next(m.value for m in card.measures if m.code == code)


def test_a_valid_plan_is_called_valid() -> None:
    """Bounds come from the profile; a plan that keeps to all of the yardstick is valid."""
    territory = grid_town(4, households=[700, 800, 1500, 1500])
    card = score(make_plan(territory, codes("aabb")), grid_graph(4), PROFILE)
    assert card.valid
    assert card.communities.columns.tolist() == COLUMNS
    assert card.communities["households"].tolist() == [1500, 3000]
    assert card.communities["in_bounds"].all()
    assert card.communities["connected"].all()
    assert card.communities["room_need_m2"].isna().all()
    assert figure(card, "communities_in_bounds") == 2


def test_an_invalid_plan_says_why_first() -> None:
    """Errors of validity come before the rules' findings, and make the plan invalid."""
    territory = grid_town(4, households=[700, 800, 1500, 1600])
    card = score(make_plan(territory, codes("abab")), grid_graph(4), PROFILE)
    assert not card.valid
    assert card.findings[0].severity is Severity.ERROR
    assert {f.code for f in card.findings if f.severity is Severity.ERROR} == {
        "validity.disconnected"
    }
    assert card.communities["connected"].tolist() == [False, False]


def test_bounds_of_the_scenario_have_no_clause() -> None:
    """A size that the scenario chose is not said to be the document's."""
    plan = make_plan(grid_town(2), codes("ab"))
    own = score(plan, grid_graph(2), PROFILE, ScoreOptions(min_households=150))
    ruled = score(plan, grid_graph(2), PROFILE)
    assert {f.clause for f in own.findings if f.code == "validity.too_few"} == {None}
    assert {f.clause for f in ruled.findings if f.code == "validity.too_few"} == {
        "zhejiang-2017 二(三)"
    }


def test_an_exception_keeps_the_plan_valid_and_the_count_honest() -> None:
    """Excepted communities are valid, yet not counted among those within bounds."""
    territory = grid_town(3, households=[3200, 1500, 1500])
    plan = make_plan(territory, codes("abb"), PlanOptions({"U000": "one compound of 3,200"}))
    card = score(plan, grid_graph(3), PROFILE)
    assert card.valid
    assert figure(card, "communities_in_bounds") == 1
    assert [f.params["reason"] for f in card.findings if f.code == "validity.excepted"] == [
        "one compound of 3,200"
    ]


def test_rooms_are_scored_by_the_limit() -> None:
    """Walks beyond the limit are far; the limit of the options goes before the house's 15 minutes."""
    plan = make_plan(grid_town(2, households=[1500, 500]), codes("aa"))
    table = {
        "community_id": ["N001"],
        "site_id": ["s"],
        "floor_m2": [500.0],
        "need_m2": [600.0],
        "cost_yuan": [0.0],
    }
    rooms = gpd.GeoDataFrame(pd.DataFrame(table), geometry=[None], crs=CRS)
    plan = plan.replace(rooms=RoomPlan(rooms, np.array([5.0, 12.0])))
    near = score(plan, grid_graph(2), PROFILE)
    assert (figure(near, "far_households"), figure(near, "within_share")) == (0.0, 1.0)
    assert near.terms["walk_household_min"] == 1500 * 5 + 500 * 12
    assert figure(near, "mean_walk_min") == pytest.approx(6.75)
    assert figure(near, "room_short_m2") == 100.0
    tight = score(plan, grid_graph(2), PROFILE, ScoreOptions(limit_min=10))
    assert (figure(tight, "far_households"), figure(tight, "within_share")) == (500.0, 0.75)
    assert tight.communities["within_share"].tolist() == [0.75]


def test_the_profile_must_rule_on_something() -> None:
    """Without any bounds a plan cannot be judged."""
    empty = Profile("empty", {}, DocumentStatus.USER, {})
    with pytest.raises(InputError, match="empty"):
        score(make_plan(grid_town(2), codes("ab")), grid_graph(2), empty)


def test_a_plan_drawn_by_hand_scores_like_the_same_plan_solved() -> None:
    """Nothing in the score depends on where a plan comes from."""
    territory = grid_town(4, households=[700, 800, 1500, 1500], community_id=list("AABB"))
    solved = make_plan(territory, codes("aaab"))
    drawn = plan_from_assignment(territory, {"U000": "B", "U001": "B", "U002": "B", "U003": "N001"})
    one, two = (score(p, grid_graph(4), PROFILE) for p in (solved, drawn))
    assert one.terms == two.terms
    assert one.measures == two.measures


def test_input_order_of_the_list_changes_nothing() -> None:
    """The same list in another order gives the same scorecard."""
    territory = grid_town(4, households=[700, 800, 1500, 1500])
    pairs = [("U000", "x"), ("U001", "x"), ("U002", "y"), ("U003", "y")]
    cards = [
        score(plan_from_assignment(territory, p), grid_graph(4), PROFILE)
        for p in (pairs, pairs[::-1])
    ]
    assert cards[0].terms == cards[1].terms
    assert cards[0].measures == cards[1].measures
    assert cards[0].findings == cards[1].findings
    pd.testing.assert_frame_equal(cards[0].communities, cards[1].communities)


@pytest.mark.parametrize("last", ["", "x"])
def test_units_in_no_community_are_scored_as_a_fault(last: str) -> None:
    """A half-drawn plan, and an empty one, get figures for what is there and an error for the rest."""
    territory = grid_town(3, community_id=list("AAB"))
    plan = plan_from_assignment(territory, {"U000": "", "U001": "", "U002": last})
    card = score(plan, grid_graph(3), PROFILE, ScoreOptions(min_households=0))
    errors = [f.code for f in card.findings if f.severity is Severity.ERROR]
    assert errors == ["validity.unassigned"]
    assert not card.valid
    assert figure(card, "households") == 100.0 * len(last)
    assert figure(card, "moved_households") == (200.0 if last else 300.0)
    assert len(card.communities) == len(last)
