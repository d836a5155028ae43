"""`[rooms] joint = true`: read, weighed, drawn around the rooms of a small town and judged."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from commplan.errors import InputError
from commplan.graph.build import build_unit_graph
from commplan.policy.library import load_profile
from commplan.problem.result import Status
from commplan.scenario.file import read_scenario
from commplan.scenario.inputs import joint_options
from commplan.scenario.pipeline import Situation, solve
from commplan.scenario.schema import Scenario
from towns import CRS, grid_town

TEXT = """
[scenario]
name = "tiny"
[layers.units]
path = "units.gpkg"
[redraw]
min_households = 200
max_households = 400
effort = "quick"
weights = { border_km = 1 }
[rooms]
joint = true
"""


def scenario(folder: Path, text: str = TEXT) -> Scenario:
    """Read a scenario from a file in a folder."""
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


def situation(folder: Path, *places: tuple[float, float]) -> Situation:
    """Six cells of 100 households in a row of 100 m each, with sites at some places."""
    layer = gpd.GeoDataFrame(
        {"site_id": [f"s{i}" for i in range(len(places))], "status": "existing"},
        index=range(len(places)),
        geometry=[Point(xy) for xy in places],
        crs=CRS,
    )
    layer["floor_m2"] = 400.0
    layer["way"] = None
    territory = grid_town(6).replace(sites=layer)
    graph = build_unit_graph(territory)
    return Situation(scenario(folder), load_profile("zhejiang-2017"), territory, graph)


def test_walks_weigh_as_the_scenario_says(tmp_path: Path) -> None:
    """Left out, both walking weights are the house's; one that is named leaves the other at 0."""
    house = joint_options(scenario(tmp_path), 15.0)
    assert (house.walk_household_min, house.far_households) == (1.0, 15.0)
    own = TEXT.replace("border_km = 1", "border_km = 1, walk_household_min = 0.5")
    named = joint_options(scenario(tmp_path, own), 10.0)
    assert (named.walk_household_min, named.far_households, named.limit_min) == (0.5, 0.0, 10.0)


def test_decided_sites_and_the_ground_floor_are_handed_on(tmp_path: Path) -> None:
    """Left out, nothing is decided and any floor will do."""
    plain = joint_options(scenario(tmp_path), 15.0)
    assert (plain.ground_floor, plain.opened, plain.closed) == ("any", (), ())
    own = TEXT + 'ground_floor = "rule"\nopen = ["s1", "s2"]\nclose = ["s0"]\n'
    options = joint_options(scenario(tmp_path, own), 15.0)
    assert options.ground_floor == "rule"
    assert (options.opened, options.closed) == (("s1", "s2"), ("s0",))
    assert (options.walk_household_min, options.far_households) == (1.0, 15.0)


def test_communities_are_drawn_around_rooms(tmp_path: Path) -> None:
    """Two rooms near the ends share six cells three by three, and each community has its room."""
    solution = solve(situation(tmp_path, (50, 50), (550, 50)))
    assert solution.result.status is Status.FEASIBLE
    labels = solution.result.labels
    assert labels is not None
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert solution.scorecard.valid
    assert solution.plan.rooms is not None
    assert sorted(solution.plan.rooms.rooms["site_id"]) == ["s0", "s1"]
    cost = [f.params for f in solution.findings if f.code == "joint.cost"]
    assert len(cost) == 1
    assert cost[0]["bound"] <= cost[0]["cost"]


def test_too_few_rooms_are_told(tmp_path: Path) -> None:
    """One room cannot hold six hundred households within bounds of four hundred."""
    solution = solve(situation(tmp_path, (50, 50)))
    assert solution.result.status is Status.NOT_FOUND
    (told,) = [f for f in solution.findings if f.code == "joint.too_few"]
    assert told.params == {"sites": 1, "place": 400, "households": 600}
    with pytest.raises(ValueError, match="no plan"):
        _ = solution.plan


def test_too_few_rooms_in_one_subdistrict_are_told(tmp_path: Path) -> None:
    """Three sites in the west do not help the three hundred and more households of the east."""
    town = situation(tmp_path, (50, 50), (150, 50), (250, 50), (450, 50))
    units = town.territory.units.assign(
        subdistrict_id=["w", "w", "w", "e", "e", "e"], households=[100, 100, 100, 150, 150, 150]
    )
    solution = solve(replace(town, territory=town.territory.replace(units=units)))
    assert solution.result.status is Status.NOT_FOUND
    (told,) = [f for f in solution.findings if f.code.startswith("joint.")]
    assert (told.code, told.ids) == ("joint.too_few_in", ("e",))
    assert told.params == {"sites": 1, "place": 400, "households": 450}


def test_bounds_that_no_number_of_communities_keeps_are_told(tmp_path: Path) -> None:
    """Six hundred households make no communities of 350 to 400, however many rooms there are."""
    narrow = scenario(tmp_path, TEXT.replace("min_households = 200", "min_households = 350"))
    solution = solve(replace(situation(tmp_path, (50, 50), (550, 50)), scenario=narrow))
    assert solution.result.status is Status.NOT_FOUND
    assert "joint.none" in [f.code for f in solution.findings]


def test_a_locked_unit_stays_with_its_old_community(tmp_path: Path) -> None:
    """The fourth cell is nearer to the second room, but would leave most of its old community."""
    town = situation(tmp_path, (50, 50), (450, 50))
    units = town.territory.units.assign(community_id=["a"] * 5 + ["b"])
    free = solve(replace(town, territory=town.territory.replace(units=units)))
    assert free.result.labels is not None
    assert free.result.labels.tolist() == [0, 0, 0, 1, 1, 1]
    units["locked"] = [False, False, False, True, False, False]
    held = solve(replace(town, territory=town.territory.replace(units=units)))
    assert held.result.labels is not None
    assert held.result.labels.tolist() == [0, 0, 0, 0, 1, 1]


def test_a_rule_that_is_no_part_of_the_question_is_named(tmp_path: Path) -> None:
    """Nobody may move, but both rooms lie in what is one community today."""
    still = TEXT.replace('effort = "quick"', 'effort = "quick"\nmax_moved_households = 0')
    town = situation(tmp_path, (50, 50), (550, 50))
    units = town.territory.units.assign(community_id="a")
    territory = town.territory.replace(units=units)
    solution = solve(replace(town, territory=territory, scenario=scenario(tmp_path, still)))
    assert solution.result.status is Status.NOT_FOUND
    (told,) = [f for f in solution.findings if f.code.startswith("joint.")]
    assert (told.code, told.params) == ("joint.broken_moved", {"households": 300})


def test_a_unit_that_no_community_can_hold_is_named(tmp_path: Path) -> None:
    """More sites would not help where one cell has 500 households and 400 are the most."""
    town = situation(tmp_path, (50, 50), (550, 50))
    units = town.territory.units.assign(households=[100, 100, 500, 100, 100, 100])
    solution = solve(replace(town, territory=town.territory.replace(units=units)))
    assert solution.result.status is Status.NOT_FOUND
    (told,) = [f for f in solution.findings if f.code.startswith("joint.")]
    assert (told.code, told.ids, told.params) == ("joint.too_large", ("U002",), {"place": 400})


def test_walking_alone_may_weigh_where_rooms_are_drawn_around(tmp_path: Path) -> None:
    """Without other terms, walks decide: three cells go to each end."""
    walks = scenario(tmp_path, TEXT.replace("border_km = 1", "walk_household_min = 2"))
    solution = solve(replace(situation(tmp_path, (50, 50), (550, 50)), scenario=walks))
    assert solution.result.labels is not None
    assert solution.result.labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_unknown_elderly_and_sites_are_told_before_anything_is_drawn(tmp_path: Path) -> None:
    """The aim for the elderly needs their number, and a decided site has to be there."""
    for asked, code in (
        ('aim = "elderly"', "siting.no_elderly"),
        ('open = ["x"]', "siting.unknown_site"),
    ):
        wrong = scenario(tmp_path, TEXT.replace("joint = true", asked))
        with pytest.raises(InputError) as caught:
            solve(replace(situation(tmp_path, (50, 50)), scenario=wrong))
        assert [fault.code for fault in caught.value.faults] == [code]
