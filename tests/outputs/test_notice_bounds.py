"""The four boundaries of communities, against small maps that can be checked by eye."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from commplan.outputs.notice_bounds import Along, boundary_words, four_boundaries, side_words
from commplan.plan.make import PlanOptions, make_plan
from commplan.plan.plan import Plan
from commplan.territory.territory import Territory
from commplan.texts import load_texts

CRS = "EPSG:4549"
X, Y, SIDE = 460_000.0, 3_210_000.0, 400.0


def square_plan(
    lines: list[tuple[str, str, shapely.Geometry]], streets: gpd.GeoDataFrame | None = None
) -> Plan:
    """Make nine square communities of one unit each, 400 m wide, c1 to c9 from the south-west."""
    boxes = [
        shapely.box(X + i * SIDE, Y + j * SIDE, X + (i + 1) * SIDE, Y + (j + 1) * SIDE)
        for j in range(3)
        for i in range(3)
    ]
    return shapes_plan(boxes, lines, streets)


def shapes_plan(
    shapes: list[shapely.Geometry],
    lines: list[tuple[str, str, shapely.Geometry]],
    streets: gpd.GeoDataFrame | None = None,
) -> Plan:
    """Make a community of each shape, c1, c2, ... of one unit each."""
    count = len(shapes)
    units = gpd.GeoDataFrame(
        {
            "unit_id": [f"u{i}" for i in range(1, count + 1)],
            "name": [f"第{i}小区" for i in range(1, count + 1)],
            "households": 100,
            "population": 250,
            "community_id": [f"c{i}" for i in range(1, count + 1)],
        },
        geometry=shapes,
        crs=CRS,
    )
    barriers = gpd.GeoDataFrame(
        {"kind": [k for k, _, _ in lines], "name": [n for _, n, _ in lines]},
        geometry=[g for _, _, g in lines],
        crs=CRS,
    )
    names = pd.DataFrame(
        {"community_id": units["community_id"], "name": [f"甲{i}社区" for i in range(1, count + 1)]}
    )
    territory = Territory(
        crs=units.crs,
        units=units,
        blocks=units.geometry,
        communities=gpd.GeoDataFrame(names, geometry=[None] * count),
        barriers=barriers,
        streets=streets,
    )
    return make_plan(territory, np.arange(count, dtype=np.int32), PlanOptions({}, {}))


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Draw a line through points given in metres from the south-west corner."""
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def middle(plan: Plan) -> dict[str, tuple[Along, ...]]:
    """Return the sides of the community in the middle."""
    return four_boundaries(plan)[4]


def test_barriers_name_their_sides_and_neighbours_the_others() -> None:
    """A river in the east and a road in the south name those sides; the rest are neighbours."""
    plan = square_plan(
        [
            ("river", "清江", line((805, -100), (805, 1300))),
            ("main_road", "人民路", line((0, 395), (1200, 395))),
        ]
    )
    assert middle(plan) == {
        "east": (Along("line", "清江"),),
        "south": (Along("line", "人民路"),),
        "west": (Along("community", "甲4社区"),),
        "north": (Along("community", "甲8社区"),),
    }
    words = boundary_words(middle(plan), load_texts("zh-CN"))
    assert words == "东至清江，南至人民路，西至甲4社区，北至甲8社区"


def test_a_road_that_only_crosses_names_no_side() -> None:
    """A road across the border, not along it, is no boundary, at the edge of the area neither."""
    plan = square_plan([("main_road", "横路", line((-100, 600), (1300, 600)))])
    assert middle(plan)["east"] == (Along("community", "甲6社区"),)
    assert four_boundaries(plan)[5]["east"] == (Along("edge"),)


def test_two_roads_along_one_side_stand_in_order() -> None:
    """A side along two roads names both, from the west to the east."""
    plan = square_plan(
        [
            ("road", "东段路", line((600, 800), (800, 800))),
            ("road", "西段路", line((400, 800), (600, 800))),
        ]
    )
    assert side_words(middle(plan)["north"], load_texts("zh-CN")) == "西段路、东段路"


def test_a_short_piece_is_left_out() -> None:
    """A road along less than an eighth of a side is not named."""
    plan = square_plan([("road", "短路", line((400, 800), (415, 800)))])
    assert middle(plan)["north"] == (Along("community", "甲8社区"),)


def test_the_edge_reaches_further_for_its_line() -> None:
    """At the edge of the area a road 40 m off names the side; between communities it does not."""
    plan = square_plan(
        [
            ("road", "城北路", line((0, 1240), (1200, 1240))),
            ("road", "内路", line((0, 840), (1200, 840))),
        ]
    )
    assert four_boundaries(plan)[7]["north"] == (Along("line", "城北路"),)
    assert middle(plan)["north"] == (Along("community", "甲8社区"),)


def test_inside_a_broad_river_the_river_is_named() -> None:
    """A border in the middle of a river given as an area runs along the river, not its bank road."""
    river = line((750, -100), (750, 1300)).buffer(120, cap_style="flat")
    plan = square_plan([("road", "滨江路", line((790, 0), (790, 1200))), ("river", "大河", river)])
    assert middle(plan)["east"] == (Along("line", "大河"),)


def test_streets_count_by_their_names_only() -> None:
    """A street with a name can be a boundary; one without is none."""
    streets = gpd.GeoDataFrame(
        {"name": ["和平街", None]},
        geometry=[line((400, 405), (800, 405)), line((405, 400), (405, 800))],
        crs=CRS,
    )
    found = middle(square_plan([("railway", "", line((800, 800), (400, 800)))], streets))
    assert found["south"] == (Along("line", "和平街"),)
    assert found["west"] == (Along("community", "甲4社区"),)
    assert side_words(found["north"], load_texts("zh-CN")) == "铁路"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_missing_side_is_a_dash(language: str) -> None:
    """A side on which no outline lies is not made up."""
    words = boundary_words({"east": (Along("line", "清江"),)}, load_texts(language))
    assert words.count("—") + words.count("–") == 3


def test_the_flanks_of_a_notch_are_no_boundary() -> None:
    """Seen from the north a notch shows its floor; its flanks are on no side.

    The community is 400 m wide and high, with a notch of 100 by 300 m cut into its north side::

        c1 c1 .. c1
        c1 c1 .. c1     .. the notch, of c2; a street named 夹巷 on both flanks
        c1 c1 c1 c1
    """
    notch = shapely.box(X + 250, Y + 100, X + 350, Y + 400)
    body = shapely.box(X, Y, X + 400, Y + 400).difference(notch)
    flanks = [line((250, 110), (250, 400)), line((350, 110), (350, 400))]
    found = four_boundaries(shapes_plan([body, notch], [("road", "夹巷", f) for f in flanks]))
    assert found[0] == {
        "east": (Along("edge"),),
        "south": (Along("edge"),),
        "west": (Along("edge"),),
        "north": (Along("edge"), Along("community", "甲2社区")),
    }


def test_a_lasting_side_is_named_although_a_part_stands_out_before_it() -> None:
    """An L shows two things to the east: the end of its foot, and the road along its stem.

    The stem is 200 by 600 m with a road along its east side; the foot reaches 600 m further east,
    200 m high, and ends at the edge. Its upper side belongs to the north, where c2 lies.
    """
    ell = shapely.union_all(
        [shapely.box(X, Y, X + 200, Y + 600), shapely.box(X, Y, X + 800, Y + 200)]
    )
    corner = shapely.box(X + 200, Y + 200, X + 800, Y + 600)
    found = four_boundaries(
        shapes_plan([ell, corner], [("road", "长路", line((200, 200), (200, 600)))])
    )
    assert found[0]["east"] == (Along("line", "长路"), Along("edge"))
    assert found[0]["north"] == (Along("edge"), Along("community", "甲2社区"))
    assert found[0]["south"] == (Along("edge"),)


def test_lines_side_by_side_give_one_name() -> None:
    """A railway on the border with a street beside it: the nearer one is named, the other is not."""
    plan = square_plan(
        [
            ("railway", "甲铁路", line((0, 800), (1200, 800))),
            ("road", "铁边街", line((0, 806), (1200, 806))),
        ]
    )
    assert middle(plan)["north"] == (Along("line", "甲铁路"),)


def test_a_slanting_side_is_seen_from_two() -> None:
    """A road along the slanting side of a triangle bounds it in the north and in the east."""
    triangle = shapely.Polygon([(X, Y), (X + 500, Y), (X, Y + 500)])
    found = four_boundaries(shapes_plan([triangle], [("road", "斜路", line((500, 0), (0, 500)))]))
    assert found[0]["north"] == found[0]["east"] == (Along("line", "斜路"),)
    assert found[0]["south"] == found[0]["west"] == (Along("edge"),)


def test_a_road_inside_is_no_boundary_at_the_edge() -> None:
    """At the edge of the area a road 40 m outside names the side; one 40 m inside does not."""
    plan = square_plan([("road", "里路", line((0, 1160), (1200, 1160)))])
    assert four_boundaries(plan)[7]["north"] == (Along("edge"),)
