"""Rooms in a place whose amenities nobody knows: their ground is drawn, no circle is measured."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
from shapely import Point
from test_circles_measure import circles

from commplan.evaluate.circles import Ground
from commplan.graph.walking import build_walk_network
from commplan.plan.make import make_plan
from commplan.policy.library import load_profile
from commplan.scenario.pipeline import circles_of
from towns import CRS, grid_town

SITES = gpd.GeoDataFrame(
    {"site_id": ["s0", "s1"], "status": "existing", "floor_m2": 900.0},
    geometry=[Point(250, 250), Point(1750, 250)],
    crs=CRS,
)


def test_rooms_are_drawn_without_amenities():
    """Two rooms, three bands each; no kind, no share, nothing to say."""
    found = circles([], (), sites=SITES)
    assert found.kinds == ()
    assert found.findings == ()
    assert found.household_share == {}
    assert found.ground.rooms["minutes"].tolist() == [5, 10, 15] * 2
    assert found.ground.kinds is None


def test_the_pipeline_draws_them():
    """Without amenities the circles have no kinds, and no finding asks for data that none needs."""
    territory = grid_town(4, side_m=500.0, households=[100] * 4)
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    section = SimpleNamespace(minutes=None, kinds=(), each_amenity=False)
    situation = SimpleNamespace(
        territory=territory,
        profile=load_profile("zhoushan-2017"),
        scenario=SimpleNamespace(circles=section),
    )
    network = build_walk_network(territory)
    found = circles_of(situation, plan, network)
    assert (found.kinds, found.findings) == ((), ())
    assert found.ground == Ground(None, None)
