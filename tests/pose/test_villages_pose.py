"""Posing the merging of villages: neighbours, townships, votes, minutes, and what is refused."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from commplan.errors import InputError
from commplan.graph.walking import build_walk_network
from commplan.policy.library import load_profile
from commplan.pose.villages import PosedVillages, VillageOptions, pose_villages
from commplan.pose.villages_neighbours import find_neighbours, seat_points
from commplan.pose.villages_presets import VILLAGE_PRESETS
from commplan.problem.villages import TERMS, VillageLimits
from commplan.territory.territory import Territory
from towns import CRS
from villages_county import village_squares

PROFILE = load_profile("zhejiang-2017")


def posed(territory: Territory, **options: Any) -> PosedVillages:
    """Pose a territory's villages."""
    network = build_walk_network(territory)
    return pose_villages(territory, network, PROFILE, VillageOptions(**options))


def codes(question: PosedVillages) -> set[str]:
    """Codes of what was noticed."""
    return {finding.code for finding in question.findings}


def test_squares_share_their_sides() -> None:
    """Four squares of 1 km: four borders of 1 km, none across the corner; 1 km² each."""
    problem = posed(village_squares([100, 200, 300, 400], 2)).problem
    pairs = list(zip(problem.tail.tolist(), problem.head.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert problem.border_km == pytest.approx(np.ones(4))
    assert problem.area_km2 == pytest.approx(np.ones(4))
    assert problem.population.tolist() == [100, 200, 300, 400]
    assert problem.limits.small_people == 300


def test_narrow_gaps_are_closed_and_wide_ones_are_not() -> None:
    """Villages 50 m apart are neighbours, with gaps closed up to 60 m; 200 m apart they are not."""
    territory = village_squares([100, 200, 300], 3)
    shapes = [shapely.box(x, 0, x + 1000, 1000) for x in (0, 1050, 2250)]
    villages = territory.villages.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    problem = posed(territory.replace(villages=villages)).problem
    assert (problem.tail.tolist(), problem.head.tolist()) == ([0], [1])


def test_villages_given_as_points_are_neighbours_by_triangles_up_to_a_distance() -> None:
    """Three points nearby are neighbours, one far away is not; a finding says how."""
    points = [shapely.Point(xy) for xy in ((0, 0), (1000, 0), (0, 1000), (9000, 9000))]
    territory = village_squares([100, 200, 300, 400], 4)
    villages = territory.villages.set_geometry(gpd.GeoSeries(points, crs=CRS))
    question = posed(territory.replace(villages=villages))
    problem = question.problem
    assert problem.tail.tolist() == [0, 0, 1]
    assert problem.head.tolist() == [1, 2, 2]
    assert "villages.points" in codes(question)
    assert not problem.area_km2.any()


@pytest.mark.parametrize("places", [[(0, 0), (900, 0), (1800, 0)], [(0, 0), (0, 0), (900, 0)]])
def test_points_on_a_line_or_on_each_other(places: list[tuple[int, int]]) -> None:
    """Where there is no triangle each village is the neighbour of the next."""
    territory = village_squares([100, 200, 300], 3)
    points = gpd.GeoSeries([shapely.Point(xy) for xy in places], crs=CRS)
    near = find_neighbours(territory.villages.set_geometry(points), 60.0, 5.0)
    assert len(near.tail) == 2
    assert set(near.tail.tolist()) | set(near.head.tolist()) == {0, 1, 2}


def test_the_middle_of_a_crescent_lies_inside_it() -> None:
    """Where the centroid lies outside of a village a point inside is taken."""
    moon = shapely.Point(0, 0).buffer(1000).difference(shapely.Point(400, 0).buffer(900))
    (x, y), *_ = seat_points(np.array([moon], dtype=object)).tolist()
    assert moon.intersects(shapely.Point(x, y))


def test_townships_keep_villages_apart_unless_they_may_cross() -> None:
    """Townships are numbered; villages that name none have a number of their own, and are named."""
    territory = village_squares([1, 2, 3], 3, township_id=["B", "A", None])
    question = posed(territory)
    assert question.problem.township.tolist() == [1, 0, -1]
    assert "villages.township_unknown" in codes(question)
    assert posed(territory, across_townships=True).problem.township.tolist() == [0, 0, 0]
    assert "villages.no_townships" in codes(posed(village_squares([1, 2], 2)))


def test_votes_pairs_and_groups_of_the_scenario() -> None:
    """Locked by the layer or the scenario; groups that share a village are one; a vote is named."""
    territory = village_squares([1, 2, 3, 4, 5], 5, locked=[True, False, False, False, False])
    question = posed(
        territory,
        locked=("V4",),
        join=(("V1", "V2"), ("V2", "V3"), ("V3", "V4")),
        apart=(("V0", "V1"),),
    )
    problem = question.problem
    assert problem.locked.tolist() == [True, False, False, False, True]
    assert len(set(problem.join[1:].tolist())) == 1
    assert problem.join[0] == -1
    assert problem.apart.tolist() == [[0, 1]]
    torn = next(f for f in question.findings if f.code == "villages.join_locked")
    assert torn.ids == ("V4",)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"locked": ("V9",)}, "villages.unknown_ids"),
        ({"join": (("V0", "V9"),)}, "villages.unknown_ids"),
        ({"apart": (("V9", "V8"),)}, "villages.unknown_ids"),
        ({"join": (("V0", "V1"), ("V1", "V2")), "apart": (("V0", "V2"),)}, "villages.join_apart"),
        ({"apart": (("V0", "V0"),)}, "villages.apart_itself"),
        ({"limits": VillageLimits(max_households=500)}, "villages.no_households"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], code: str) -> None:
    """Ids that are not there, contradictions and limits on what nobody knows are input faults."""
    with pytest.raises(InputError) as refused:
        posed(village_squares([1, 2, 3], 3), **options)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_limit_of_area_needs_areas_and_a_layer_is_needed_at_all() -> None:
    """Points have no area; a territory without villages cannot be posed."""
    territory = village_squares([1, 2], 2)
    points = gpd.GeoSeries([shapely.Point(0, 0), shapely.Point(900, 0)], crs=CRS)
    flat = territory.replace(villages=territory.villages.set_geometry(points))
    with pytest.raises(InputError, match="limit"):
        posed(flat, limits=VillageLimits(max_area_km2=2.0))
    with pytest.raises(InputError, match="villages"):
        posed(Territory(crs=CRS))


def test_traits_and_collectives() -> None:
    """Values are numbered, unknown ones are -1; the collective's money is nan where not known."""
    territory = village_squares(
        [1, 2, 3],
        3,
        surname=["Wang", "Li", None],
        fishing=pd.array([True, None, False], dtype="boolean"),
        collective_yuan=[100.0, np.nan, 3.0],
    )
    problem = posed(territory).problem
    assert problem.traits.tolist() == [[1, 0, -1], [-1, -1, -1], [1, -1, 0]]
    assert np.isnan(problem.collective_yuan).tolist() == [False, True, False]


def test_households_that_are_not_known_are_reckoned_by_the_others() -> None:
    """300 people in 100 households: a village of 10 people counts 4, and that is said if it matters."""
    households = pd.array([100, None], dtype="Int64")
    territory = village_squares([300, 10], 2, households=households)
    assert posed(territory).problem.households.tolist() == [100, 4]
    limits = VillageLimits(max_households=500)
    assert "villages.households_guessed" in codes(posed(territory, limits=limits))


def test_straight_lines_and_speed() -> None:
    """1 km in a straight line is 1.3 km: 16.25 minutes on foot, 2.6 at 30 km an hour."""
    territory = village_squares([1, 2, 3], 3)
    question = posed(territory)
    assert question.problem.minutes[0].tolist() == pytest.approx([0, 16.25, 32.5])
    assert {"villages.straight_lines", "villages.middles"} <= codes(question)
    assert posed(territory, km_per_h=30.0).problem.minutes[0, 1] == pytest.approx(2.6)
    far = village_squares([1, 2], 2, side_m=40_000.0)
    assert np.isfinite(posed(far).problem.minutes).all()


def test_where_the_streets_know_no_way() -> None:
    """Two seats on two streets that never meet: the straight line counts unless minutes are limited."""
    lines = [shapely.LineString([(0, y), (1000, y)]) for y in (400, 1600)]
    columns = dict.fromkeys(("walkable", "minutes", "speed", "height"), [np.nan] * 2)
    columns |= dict.fromkeys(("highway", "foot", "access", "tags", "name"), [None] * 2)
    streets = gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)
    territory = village_squares([1, 2], 1).replace(streets=streets)
    free, limited = posed(territory), posed(territory, limits=VillageLimits(max_minutes=30.0))
    assert free.problem.minutes[0, 1] == pytest.approx(1000 * 1.3 / 80)
    assert "villages.no_way" in codes(free)
    assert np.isinf(limited.problem.minutes[0, 1])
    assert "villages.no_way_limited" in codes(limited)


def test_presets_name_known_terms() -> None:
    """Every preset weighs terms that there are; a mapping takes the place of a preset."""
    for name, weights in VILLAGE_PRESETS.items():
        assert set(weights) <= set(TERMS)
        problem = posed(village_squares([1, 2], 2), weights=name).problem
        assert {k: v for k, v in vars(problem.weights).items() if v} == dict(weights)
    problem = posed(village_squares([1, 2], 2), weights={"outer_border_km": 3.0}).problem
    assert (problem.weights.outer_border_km, problem.weights.renamed_people) == (3.0, 0.0)
