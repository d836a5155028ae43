"""Posing the redrawing of communities."""

import pytest
import shapely

from commplan.errors import InputError
from commplan.policy.clause import Clause, DocumentStatus
from commplan.policy.profile import Profile, Rule
from commplan.pose.communities import (
    RedrawOptions,
    fixed_border_km,
    household_limits,
    pose_communities,
    subdistrict_parts,
)
from commplan.pose.presets import PRESETS
from commplan.problem.communities import TERMS
from towns import graph_by_hand, grid_graph, grid_town


def profile(**values: object) -> Profile:
    """Make a profile with these rules (``size_households`` for ``size.households``)."""
    rules = {
        name.replace("_", ".", 1): Rule(
            name.replace("_", ".", 1), value, "households", None, Clause("made-up", "1"), {}
        )
        for name, value in values.items()
    }
    return Profile("made-up", {}, DocumentStatus.USER, rules)


RULED = profile(size_households={"min": 1500, "max": 3000})


def codes(caught: pytest.ExceptionInfo[InputError]) -> list[str]:
    """Codes of the faults that were raised."""
    return [fault.code for fault in caught.value.faults]


def test_arrays_follow_the_units() -> None:
    """Counts, places, areas, groups, locks and today are those of the units, row for row."""
    territory = grid_town(
        3,
        community_id=["B", None, "A"],
        keep_with=["y", None, "y"],
        locked=[True, False, False],
        households=[5, 0, 7],
    )
    problem = pose_communities(territory, grid_graph(3), RULED, RedrawOptions())
    assert problem.households.tolist() == [5, 0, 7]
    assert problem.area_km2.tolist() == pytest.approx([0.01] * 3)
    assert problem.xy_km.tolist() == [[0.05, 0.05], [0.15, 0.05], [0.25, 0.05]]
    assert problem.today.tolist() == [1, -1, 0]
    assert problem.group.tolist() == [0, -1, 0]
    assert problem.locked.tolist() == [True, False, False]
    assert (problem.min_households, problem.max_households) == (1500, 3000)
    assert problem.target_households == 2250


def test_areas_are_those_of_the_blocks_and_points_those_of_the_units() -> None:
    """Streets given to a unit count as its ground, but nobody lives there."""
    territory = grid_town(2)
    blocks = territory.units.geometry.copy()
    blocks.iloc[1] = shapely.box(100, 0, 400, 100)
    problem = pose_communities(
        territory.replace(blocks=blocks), grid_graph(2), RULED, RedrawOptions()
    )
    assert problem.area_km2.tolist() == pytest.approx([0.01, 0.03])
    assert problem.xy_km[1].tolist() == [0.15, 0.05]


def test_borders_between_subdistricts_are_fixed() -> None:
    """They cost nothing in the problem, and are told apart."""
    territory = grid_town(3, subdistrict_id=["S", "S", "T"])
    graph = grid_graph(3)
    problem = pose_communities(territory, graph, RULED, RedrawOptions())
    assert problem.part.tolist() == [0, 0, 1]
    assert problem.edges.border_km.tolist() == [0.1, 0.0]
    assert fixed_border_km(graph, problem.part) == pytest.approx(0.1)
    free = pose_communities(territory, graph, RULED, RedrawOptions(within_subdistrict=False))
    assert free.edges.border_km.tolist() == [0.1, 0.1]
    assert fixed_border_km(graph, free.part) == 0


def test_the_soft_border_is_what_lies_on_no_barrier() -> None:
    """Metres on a barrier are taken off, and never below none."""
    graph = grid_graph(3)
    graph.barrier_m[:] = [60.0, 100.0 + 1e-7]
    problem = pose_communities(grid_town(3), graph, RULED, RedrawOptions())
    assert problem.edges.soft_border_km.tolist() == pytest.approx([0.04, 0.0])
    assert (problem.edges.soft_border_km >= 0).all()


def test_a_unit_without_subdistrict_joins_its_longest_border() -> None:
    """From neighbour to neighbour; one that touches nobody is a part of its own."""
    territory = grid_town(5, subdistrict_id=["S", None, "T", None, None])
    graph = graph_by_hand(5, [(0, 1), (1, 2), (1, 3)], border_m=[80.0, 90.0, 10.0])
    assert subdistrict_parts(territory, graph, within_subdistrict=True).tolist() == [0, 1, 1, 1, 2]
    assert subdistrict_parts(grid_town(2), grid_graph(2), within_subdistrict=True).tolist() == [
        0,
        0,
    ]


def test_the_scenario_goes_before_the_profile() -> None:
    """Bounds and target of the scenario replace the profile's, each by itself."""
    limits = household_limits(RULED, RedrawOptions(min_households=1000))
    assert (limits.min_households, limits.max_households, limits.target_households) == (
        1000,
        3000,
        2000,
    )
    assert household_limits(RULED, RedrawOptions(target_households=1800)).target_households == 1800


def test_a_target_outside_the_bounds_is_not_aimed_at() -> None:
    """A document's target holds while the bounds contain it; else the middle of the bounds does."""
    aiming = profile(size_households_target=3000)
    inside = household_limits(aiming, RedrawOptions(1000, 4000))
    outside = household_limits(aiming, RedrawOptions(1000, 2000))
    assert (inside.target_households, outside.target_households) == (3000, 1500)


def test_a_target_of_the_scenario_outside_the_bounds_is_refused() -> None:
    """What the user asks for is not bent: the fault names the key and what is allowed."""
    assert household_limits(RULED, RedrawOptions(target_households=3000)).target_households == 3000
    with pytest.raises(InputError, match="1,500 to 3,000") as caught:
        household_limits(RULED, RedrawOptions(target_households=3001))
    (fault,) = caught.value.faults
    assert (fault.code, fault.field_name) == ("plan.target_outside", "redraw.target_households")


def test_exceptions_mark_their_units() -> None:
    """The excepted units are exempt, whichever exception names them."""
    given = (
        (("U001", "U002"), "size.households", "one tower"),
        (("U002",), "size.households", "old town"),
    )
    problem = pose_communities(grid_town(3), grid_graph(3), RULED, RedrawOptions(exceptions=given))
    assert problem.exempt.tolist() == [False, True, True]


def test_a_preset_is_named_by_name() -> None:
    """Preset weights arrive in the problem, and every preset names known terms with weights >= 0."""
    problem = pose_communities(grid_town(2), grid_graph(2), RULED, RedrawOptions(weights="compact"))
    assert problem.weights.border_km == PRESETS["compact"]["border_km"]
    for weights in PRESETS.values():
        assert set(weights) <= set(TERMS)
        assert all(weight > 0 for weight in weights.values())
        assert weights["moved_households"] == 1


def test_every_fault_is_reported_at_once() -> None:
    """A wrong bound, term, weight, rule and unit are five faults of one error."""
    options = RedrawOptions(
        min_households=3000,
        max_households=1500,
        weights={"boarder_km": 1.0, "communities": -1.0},
        exceptions=((("U9",), "size.population", "?"),),
    )
    with pytest.raises(InputError) as caught:
        pose_communities(grid_town(2), grid_graph(2), RULED, options)
    assert codes(caught) == [
        "plan.min_above_max",
        "plan.unknown_term",
        "plan.bad_weight",
        "plan.exception_rule",
        "plan.exception_unit",
    ]
    assert "border_km" in str(caught.value)


def test_unknown_preset_and_missing_bounds() -> None:
    """A preset that is not there and a size that nobody states stop the run."""
    with pytest.raises(InputError) as caught:
        pose_communities(grid_town(2), grid_graph(2), profile(), RedrawOptions(weights="nicest"))
    assert codes(caught) == ["plan.no_bounds", "plan.unknown_preset"]


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -0.5])
def test_weights_are_numbers_of_zero_or_more(weight: float) -> None:
    """Neither negative nor infinite nor undefined weights pass."""
    with pytest.raises(InputError) as caught:
        pose_communities(
            grid_town(2), grid_graph(2), RULED, RedrawOptions(weights={"border_km": weight})
        )
    assert codes(caught) == ["plan.bad_weight"]
