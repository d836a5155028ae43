"""Figures recomputed from places, on grids whose figures can be worked out by hand."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from commplan.evaluate.measures import UNITS, Yard, as_measures, measure_plan
from commplan.evaluate.measures_borders import border_lengths, shared_borders
from commplan.evaluate.measures_rooms import (
    room_by_community,
    room_totals,
    walk_by_community,
    walk_terms,
)
from commplan.evaluate.measures_terms import compactness, moved_households
from commplan.evaluate.score import survey_ground
from commplan.plan.make import make_plan
from commplan.plan.plan import Plan, RoomPlan
from commplan.policy.library import load_profile
from commplan.pose.communities import Bounds
from commplan.territory.territory import Territory
from towns import CRS, grid_graph, grid_town, town

YARD = Yard(Bounds(200, 400, 300.0), 15.0)
PROFILE = load_profile("zhejiang-2017")


def codes(text: str) -> np.ndarray:
    """Turn letters into labels; a dot is in no community."""
    return np.array([ord(c) - ord("a") if c != "." else -1 for c in text], dtype=np.int32)


def with_room(plan: Plan, minutes: list[float], **columns: list[Any]) -> Plan:
    """Give a plan these rows of a room plan."""
    rooms = gpd.GeoDataFrame(columns, geometry=[None] * len(columns["community_id"]), crs=CRS)
    return plan.replace(rooms=RoomPlan(rooms, np.array(minutes)))


def test_shared_borders_are_the_common_segments() -> None:
    """Each pair of neighbours once, with the whole border between them, and corners do not count."""
    territory = grid_town(2, 2)
    shared = shared_borders(territory.blocks)
    assert list(zip(shared.tail.tolist(), shared.head.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 3),
    ]
    assert shapely.length(shared.lines).tolist() == [100.0] * 4


def test_a_border_of_many_segments_is_merged() -> None:
    """A border with a bend is one line, so that a stretch along a barrier is not cut at vertices."""
    bend = [(100, 0), (120, 50), (100, 100)]
    left = shapely.Polygon([(0, 0), *bend, (0, 100)])
    right = shapely.Polygon([(200, 0), (200, 100), *reversed(bend)])
    shared = shared_borders(gpd.GeoSeries([left, right], crs=CRS))
    assert [line.geom_type for line in shared.lines] == ["LineString"]
    assert shapely.length(shared.lines)[0] == pytest.approx(2 * np.hypot(20, 50))


def test_an_enclosed_unit_shares_its_whole_outline() -> None:
    """A unit inside a hole of another has its outline as border, and the hole is no outer rim."""
    inner = shapely.box(40, 40, 60, 60)
    outer = shapely.box(0, 0, 100, 100).difference(inner)
    blocks = gpd.GeoSeries([outer, inner], crs=CRS)
    found = border_lengths(blocks, codes("ab"), codes("aa"), shared_borders(blocks), np.zeros(1))
    assert found.border_km == pytest.approx(0.08)


def test_a_unit_of_several_parts_shares_the_borders_of_all() -> None:
    """The parts of an exclave are one unit, whose borders add up."""
    wings = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)])
    shared = shared_borders(gpd.GeoSeries([shapely.box(100, 0, 200, 100), wings], crs=CRS))
    assert (shared.tail.tolist(), shared.head.tolist()) == ([0], [1])
    assert shapely.length(shared.lines).tolist() == [200.0]


def test_borders_are_counted_once_and_fixed_ones_apart() -> None:
    """A 3 × 2 grid: one column against the rest is 200 m, of which a subdistrict line takes half."""
    territory = grid_town(3, 2)
    shared = shared_borders(territory.blocks)
    none_m = np.zeros(shared.tail.size)
    whole = border_lengths(territory.blocks, codes("abbabb"), codes("aaaaaa"), shared, none_m)
    assert (whole.border_km, whole.fixed_border_km) == (pytest.approx(0.2), 0.0)
    parted = border_lengths(territory.blocks, codes("abbacc"), codes("aaabbb"), shared, none_m)
    assert parted.fixed_border_km == pytest.approx(0.3)
    assert parted.border_km == pytest.approx(0.2)


def test_what_lies_on_a_barrier_is_not_soft() -> None:
    """Metres on barriers count only where two communities meet."""
    territory = grid_town(3)
    shared = shared_borders(territory.blocks)
    found = border_lengths(
        territory.blocks, codes("aab"), codes("aaa"), shared, np.array([100.0, 70.0])
    )
    assert (found.border_km, found.soft_border_km) == (pytest.approx(0.1), pytest.approx(0.03))


def test_touching_along_less_than_a_metre_is_no_border() -> None:
    """Units that share half a metre are no neighbours, and the half metre is no border."""
    low = shapely.Polygon([(0, 0), (100, 0), (100, 99.5), (100, 100), (0, 100)])
    high = shapely.Polygon([(100, 99.5), (200, 99.5), (200, 200), (100, 200), (100, 100)])
    blocks = gpd.GeoSeries([low, high])
    found = border_lengths(blocks, codes("ab"), codes("aa"), shared_borders(blocks), np.zeros(1))
    assert found.border_km == pytest.approx(0.0, abs=1e-12)


def test_units_in_no_community_have_no_border() -> None:
    """What lies between a community and nobody's land is not counted."""
    territory = grid_town(3)
    shared = shared_borders(territory.blocks)
    found = border_lengths(territory.blocks, codes("a.b"), codes("aaa"), shared, np.zeros(2))
    assert found.border_km == 0.0


def measured(
    text: str, territory: Territory
) -> tuple[dict[str, float], dict[str, Any], dict[str, Any]]:
    """Terms, figures and figures of today of a row of squares."""
    return measured_plan(make_plan(territory, codes(text)))


def measured_plan(plan: Plan) -> tuple[dict[str, float], dict[str, Any], dict[str, Any]]:
    """Measure a plan of a row of squares in the same way."""
    graph = grid_graph(len(plan.community_of))
    return measure_plan(plan, survey_ground(plan, graph), YARD, PROFILE)


def test_terms_of_a_row_of_squares() -> None:
    """Five squares of 100 households, three against two, worked out by hand."""
    territory = grid_town(5, community_id=["A", "A", "B", "B", None])
    terms, figures, today = measured("aaabb", territory)
    assert terms == pytest.approx(
        {
            "border_km": 0.1,
            "soft_border_km": 0.1,
            "fixed_border_km": 0.0,
            "moved_households": 100.0,
            # medians: the middle of three (two squares 100 m away), either of two
            "distance_household_km": 20.0 + 10.0,
            "imbalance_households": 0.0 + 100.0,
            # fair share of 0.05 km² at 300 of 500 households: 0.03
            "area_imbalance_km2": 0.0 + 0.01,
            "communities": 2.0,
        }
    )
    assert figures["moved_share"] == pytest.approx(100 / 400)
    assert figures["mean_distance_m"] == pytest.approx(60.0)
    assert figures["cv_households"] == pytest.approx(50 / 250)
    assert figures["communities_in_bounds"] == 2
    assert figures["households"] == 500
    assert figures["soft_border_share"] == 1.0
    assert figures["population"] is None
    assert today["communities"] == 2
    assert today["households"] == 400
    assert today["border_km"] == pytest.approx(0.1)
    assert today["imbalance_households"] == pytest.approx(200.0)
    assert "moved_households" not in today


def test_without_communities_today_there_is_no_today() -> None:
    """Nothing is said about a state that the data do not give."""
    assert measured("aab", grid_town(3))[2] == {}


def test_the_median_unit_is_weighted_by_households() -> None:
    """The unit with most households draws the median to itself."""
    terms, _, _ = measured("aaa", grid_town(3, households=[10, 1, 1]))
    assert terms["distance_household_km"] == pytest.approx(0.1 + 0.2)


def test_moved_are_those_outside_the_successor() -> None:
    """Units without a community today and units that follow their successor have not moved."""
    moved = moved_households(
        np.array([1, 2, 4, 8]),
        codes("aabb"),
        np.array([0, 1, 1, -1], np.int32),
        np.array([0, 1], np.int32),
    )
    assert moved == 2


def test_compactness_of_known_shapes() -> None:
    """A square has π / 4, a disc nearly 1 and a ribbon nearly 0."""
    shapes = gpd.GeoSeries(
        [shapely.box(0, 0, 9, 9), shapely.Point(0, 0).buffer(9, 64), shapely.box(0, 0, 900, 1)]
    )
    square, disc, ribbon = compactness(shapes)
    assert square == pytest.approx(np.pi / 4)
    assert 0.999 < disc < 1
    assert ribbon < 0.01


def test_walks_count_who_is_far_and_who_cannot_get_there() -> None:
    """The limit is inclusive; those who reach no room are far, and have no minutes."""
    terms = walk_terms(np.array([10, 20, 30, 40]), np.array([1.0, 15.0, 15.1, np.inf]), 15.0)
    assert terms == {"walk_household_min": pytest.approx(10 + 300 + 453), "far_households": 70.0}


def test_walks_per_community() -> None:
    """Shares are of all households, means of those who can get there; no households, no figure."""
    territory = grid_town(4, households=[100, 300, 50, 0])
    plan = make_plan(territory, codes("aabc"))
    plan = with_room(plan, [5.0, np.inf, np.inf, 1.0], community_id=["N001"], site_id=["s"])
    table = walk_by_community(plan, territory.units["households"].to_numpy(), 15.0)
    assert table["within_share"].tolist() == pytest.approx([0.25, 0.0, np.nan], nan_ok=True)
    assert table["mean_walk_min"].tolist() == pytest.approx([5.0, np.nan, np.nan], nan_ok=True)


def test_rooms_per_community() -> None:
    """Two sites of one community add up, one without floor area is unknown and not short."""
    plan = with_room(
        make_plan(grid_town(3), codes("abc")),
        [0.0] * 3,
        community_id=["N001", "N001", "N002", "N003"],
        site_id=["s1", "s2", "s3", None],
        floor_m2=[200.0, 100.0, np.nan, np.nan],
        need_m2=[350.0, 350.0, 350.0, 400.0],
        cost_yuan=[10.0, 5.0, np.nan, np.nan],
    )
    table = room_by_community(plan)
    assert table["room_floor_m2"].tolist() == pytest.approx([300.0, np.nan, 0.0], nan_ok=True)
    assert table["room_short_m2"].tolist() == pytest.approx([50.0, np.nan, 400.0], nan_ok=True)
    totals = room_totals(plan, table)
    assert totals == {
        "room_need_m2": 1100.0,
        "room_floor_m2": 300.0,
        "room_short_m2": 450.0,
        "room_cost_yuan": 15.0,
    }


def test_rooms_of_today() -> None:
    """Need, floor and shortage are those of the communities that state their floor."""
    layer = pd.DataFrame(
        {"community_id": ["A", "B"], "name": [None, None], "room_m2": [100.0, np.nan]}
    )
    territory = grid_town(3, community_id=list("AAB"), households=[1000, 1000, 5]).replace(
        communities=gpd.GeoDataFrame(layer, geometry=[None, None], crs=CRS)
    )
    today = measured("aab", territory)[2]
    assert (today["room_floor_m2"], today["room_need_m2"], today["room_short_m2"]) == (
        100.0,
        600.0,
        500.0,
    )


def test_walks_of_today() -> None:
    """Of those in a community today; who is in none does not count."""
    territory = grid_town(4, community_id=["A", "A", "B", None], households=[10, 30, 20, 500])
    room = {"floor_m2": [350.0], "need_m2": [350.0], "cost_yuan": [0.0]}
    plan = make_plan(territory, codes("aabb"))
    plan = with_room(plan, [0.0] * 4, community_id=["A"], site_id=["s"], **room)
    minutes = np.array([6.0, 16.0, np.inf, 1.0])
    plan = plan.replace(rooms=replace(plan.rooms, today_minutes=minutes))
    today = measured_plan(plan)[2]
    assert today["far_households"] == 50.0
    assert today["within_share"] == pytest.approx(10 / 60)
    assert today["mean_walk_min"] == pytest.approx((60 + 480) / 40)
    assert measured("aabb", territory)[2].get("within_share") is None


def test_every_measure_has_a_unit_and_what_is_unknown_is_none() -> None:
    """The scorecard lists all codes in one order, whatever can be measured."""
    _, figures, today = measured("aab", grid_town(3))
    measures = as_measures(figures, today, PROFILE)
    assert [m.code for m in measures] == list(UNITS)
    values = {m.code: m for m in measures}
    assert values["walk_household_min"].value is None
    assert values["room_short_m2"].value is None
    assert values["within_share"].clause == "house choice"
    assert values["communities_in_bounds"].clause == "zhejiang-2017 二(三)"
    assert values["room_need_m2"].clause == "zhejiang-2017 五(二)"


def test_one_unit_alone() -> None:
    """A town of one unit has no borders, no distances and no variation."""
    terms, figures, _ = measured("a", town([shapely.box(0, 0, 10, 10)]))
    assert terms["border_km"] == 0.0
    assert terms["distance_household_km"] == 0.0
    assert figures["cv_households"] == 0.0
    assert figures["soft_border_share"] is None
