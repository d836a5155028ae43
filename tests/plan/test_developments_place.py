"""Where developments lie on a street of blocks of 100 m."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from commplan.graph.walking import build_walk_network
from commplan.plan.developments_ground import Ground, make_ground
from commplan.plan.developments_place import (
    communities_near,
    entrance,
    locate,
    units_beside,
    units_there,
)
from commplan.territory.territory import Territory
from developments_town import BLOCKS, street
from towns import CRS, grid_graph


def ground_of(territory: Territory) -> Ground:
    """Make the ground of a street."""
    return make_ground(territory, grid_graph(BLOCKS), np.zeros(BLOCKS, dtype=np.int32))


def test_most_of_it_decides() -> None:
    """A square lies in the block that holds most of it, a point on a border in the first."""
    ground = ground_of(street())
    assert locate(ground, shapely.box(40, 0, 120, 50), 300) == 0
    assert locate(ground, shapely.box(80, 0, 190, 50), 300) == 1
    assert locate(ground, shapely.Point(100, 50), 300) == 0
    assert locate(ground, shapely.Point(850, 50), 300) == BLOCKS - 1
    assert locate(ground, shapely.Point(1200, 50), 300) == -1


def test_half_of_a_block_is_its_ground() -> None:
    """Half of the first block counts, 49 of 100 m of the second do not."""
    assert units_there(ground_of(street()), shapely.box(50, 0, 149, 100)) == (0,)


def test_edge_is_shared_out_among_the_nearest() -> None:
    """North of two blocks, touching both: its 460 m of edge go to them, about half each."""
    territory = street()
    network = build_walk_network(territory)
    shape = shapely.box(10, 100, 190, 150)
    units, km = units_beside(ground_of(territory), network, shape, 0)
    assert units == (0, 1)
    assert km == pytest.approx((0.23, 0.23), abs=0.011)


def test_a_river_between_parts_them() -> None:
    """On the far bank, 30 m away, nothing but the unit that it was given to is beside it."""
    river = gpd.GeoDataFrame(
        {"kind": ["river"], "crossable": [False], "name": [None]},
        geometry=[shapely.LineString([(-100, 115), (900, 115)])],
        crs=CRS,
    )
    territory = street().replace(barriers=river)
    network = build_walk_network(territory)
    shape = shapely.box(10, 130, 190, 180)
    assert units_beside(ground_of(territory), network, shape, 0) == ((0,), (0.0,))


def test_entrance_lies_towards_the_street() -> None:
    """With a street along the south the entrance is on the south edge."""
    line = gpd.GeoDataFrame(
        {"walkable": [True]}, geometry=[shapely.LineString([(0, -20), (800, -20)])], crs=CRS
    )
    for name in ("minutes", "speed", "height"):
        line[name] = np.nan
    for name in ("highway", "foot", "access", "tags", "name"):
        line[name] = None
    territory = street().replace(streets=line)
    network = build_walk_network(territory)
    shape = shapely.box(210, 10, 290, 90)
    assert entrance(ground_of(territory), network, shape, 2)[1] == pytest.approx(10.0)


def test_neighbourhood_names_the_own_community_first() -> None:
    """B is 40 m from the first point and named after A; 300 m away it is left out."""
    ground = ground_of(street())
    assert communities_near(ground, shapely.Point(360, 50), 3, 100) == (0, 1)
    assert communities_near(ground, shapely.Point(460, 50), 4, 100) == (1, 0)
    assert communities_near(ground, shapely.Point(50, 50), 0, 100) == (0,)
