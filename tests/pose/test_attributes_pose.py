"""Posing the limits of a scenario: bounds on people and areas, numbers, moved households."""

import numpy as np
import pytest

from commplan.errors import InputError
from commplan.policy.clause import DocumentStatus
from commplan.policy.library import load_profile
from commplan.policy.profile import Profile
from commplan.pose.attributes import whole_limits
from commplan.pose.communities import RedrawOptions, pose_communities
from towns import grid_graph, grid_town

PROFILE = Profile("made-up", {}, DocumentStatus.USER, {})


def options(**changes: object) -> RedrawOptions:
    return RedrawOptions(min_households=100, max_households=300, **changes)  # type: ignore[arg-type]


def test_limits_are_posed() -> None:
    """Amounts are whole numbers per unit; areas are counted in whole m²."""
    territory = grid_town(3, population=[200, 300.0, 0], elderly=[5, 6, 7])
    asked = options(
        bounds={"population": (100, 400), "elderly": (0, 12), "area_km2": (0.01, 0.025)},
        communities=(1, 2),
        max_moved_households=40,
    )
    problem = pose_communities(territory, grid_graph(3), PROFILE, asked)
    found = {a.name: (a.amount.tolist(), a.low, a.high) for a in problem.attributes}
    assert found == {
        "population": ([200, 300, 0], 100, 400),
        "elderly": ([5, 6, 7], 0, 12),
        "area_km2": ([10_000] * 3, 10_000, 25_000),
    }
    assert (problem.min_communities, problem.max_communities) == (1, 2)
    assert problem.max_moved_households == 40


def test_nothing_asked_is_no_limit() -> None:
    """Without the keys there are no attributes and no limits."""
    problem = pose_communities(grid_town(3), grid_graph(3), PROFILE, options())
    assert problem.attributes == ()
    assert (problem.min_communities, problem.max_communities) == (0, None)
    assert problem.max_moved_households is None


def test_faults_name_what_does_not_fit() -> None:
    """A column with gaps, one that is not there, one that cannot be bounded, too many communities."""
    territory = grid_town(3, population=[200, np.nan, np.nan])
    bounds = {"population": (0, 9), "elderly": (0, 9), "name": (0, 9)}
    asked = options(bounds=bounds, communities=(4, 9))
    with pytest.raises(InputError) as caught:
        pose_communities(territory, grid_graph(3), PROFILE, asked)
    faults = [(f.code, f.params.get("units"), f.params.get("first")) for f in caught.value.faults]
    assert faults == [
        ("plan.bounded_missing", 2, "U001"),
        ("plan.bounded_missing", 3, "U000"),
        ("plan.unknown_bounded", None, None),
        ("plan.more_communities_than_units", 3, None),
    ]


def test_limits_are_rounded_inwards() -> None:
    """Half a person is none; a hair of rounding does not cost a square metre."""
    assert whole_limits("population", (0.5, 9.5)) == (1, 9)
    assert whole_limits("area_km2", (0.1, 0.3)) == (100_000, 300_000)


def test_a_document_s_target_is_no_bound() -> None:
    """anhui-city-2011 aims at 3,000 households and 8,000 people: people are bounded only if asked."""
    anhui = load_profile("anhui-city-2011")
    asked = RedrawOptions(min_households=2000, max_households=4000)
    problem = pose_communities(grid_town(3), grid_graph(3), anhui, asked)
    assert problem.target_households == 3000
    assert problem.attributes == ()
