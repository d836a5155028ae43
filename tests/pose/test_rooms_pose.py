"""Rooms posed from a plan: who may use which site, how far it is, how large it has to be."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from commplan.graph.walking import build_walk_network
from commplan.plan.make import make_plan
from commplan.policy.library import load_profile
from commplan.pose.rooms import RoomOptions, pose_rooms, walks_today
from towns import CRS, grid_town


def sites(*rows, **columns):
    """Make sites at points; candidates unless told."""
    ids = [f"s{i}" for i in range(len(rows))]
    table = {"site_id": ids, "status": "candidate", "floor_m2": 400.0, "way": None} | columns
    return gpd.GeoDataFrame(
        table, index=range(len(rows)), geometry=[Point(xy) for xy in rows], crs=CRS
    )


def posed(layer, outside_m=0.0, profile="zhejiang-2017", **units):
    """Pose the rooms of four cells of 100 m in a row, two communities of two cells."""
    territory = grid_town(4, **units).replace(sites=layer)
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    network = build_walk_network(territory)
    return plan, pose_rooms(plan, network, load_profile(profile), RoomOptions(outside_m))


def test_a_room_lies_inside_its_community():
    """With outside_m = 0 a site serves the community that it lies in and no other."""
    _, problem = posed(sites((50, 50), (350, 50), (900, 50)))
    assert problem.option_community.tolist() == [0, 1]
    assert problem.option_site.tolist() == [0, 1]
    assert problem.option_inside.all()


def test_outside_m_lets_neighbours_in():
    """A site 50 m over the border serves both communities once 50 m are allowed, not at 49 m."""
    near, far = posed(sites((250, 50)), 50)[1], posed(sites((250, 50)), 49)[1]
    assert near.option_community.tolist() == [0, 1]
    assert near.option_inside.tolist() == [False, True]
    assert far.option_community.tolist() == [1]


def test_a_site_on_the_border_lies_in_one():
    """A site on the border of two communities lies inside the first."""
    _, problem = posed(sites((200, 50)))
    assert problem.option_community.tolist() == [0]


def test_minutes_by_the_fallback():
    """Without streets the walk is the straight line from a point inside the unit times 1.3."""
    _, problem = posed(sites((50, 50)))
    walked = problem.minutes.toarray()[0]
    np.testing.assert_allclose(walked[1], 100 * 1.3 / 80)
    assert walked[2] == 0
    assert problem.minutes.nnz == 2  # only the units of the community


def test_need_by_the_profile():
    """Need is 30 m² per 100 households, at least 350; null under a profile without a size."""
    _, problem = posed(sites((50, 50)), households=[1000, 1000, 10, 10])
    assert problem.need_m2.tolist() == [600.0, 350.0]
    _, open_ended = posed(sites((50, 50)), profile="zhoushan-2017")
    assert np.isnan(open_ended.need_m2).all()


def test_need_by_people_needs_people():
    """A profile that counts people gives a need where they are known, else none."""
    _, known = posed(sites((50, 50)), profile="anhui-city-2011", population=[4000.0] * 4)
    assert known.need_m2.tolist() == [400.0, 400.0]
    _, unknown = posed(sites((50, 50)), profile="anhui-city-2011")
    assert np.isnan(unknown.need_m2).all()


def test_sites_as_given():
    """Status, way and null columns arrive as they are; a column that is missing is unknown."""
    layer = sites(
        (50, 50), (150, 50), status=["existing", "candidate"], way=["conversion", "sharing"]
    )
    _, problem = posed(layer)
    assert problem.sites.existing.tolist() == [True, False]
    assert problem.sites.shared.tolist() == [False, True]
    assert np.isnan(problem.sites.cost_yuan).all()


def test_no_sites_layer():
    """Without sites there are no options, and the need is still known."""
    _, problem = posed(None)
    assert problem.n_options == 0
    assert problem.need_m2.tolist() == [350.0, 350.0]


def today_of(layer, **units):
    """Return the minutes of today, for four cells in a row."""
    plan, _ = posed(layer, **units)
    return walks_today(plan, build_walk_network(plan.territory), 15.0)


def test_walks_of_today_lead_to_the_room_that_stands_in_the_community():
    """The nearer of two rooms counts; candidates and rooms of others do not; no room: no walk."""
    layer = sites((50, 50), (150, 50), (350, 50), status=["existing", "existing", "candidate"])
    minutes = today_of(layer, community_id=["A", "A", "A", "B"])
    np.testing.assert_allclose(minutes[:3], [0, 0, 100 * 1.3 / 80])
    assert np.isinf(minutes[3])


def test_walks_of_today_are_unknown_without_a_room_that_stands():
    """Candidates alone say nothing of today; nor do rooms where no unit has a community."""
    assert today_of(sites((50, 50)), community_id=["A", "A", "B", "B"]) is None
    assert today_of(sites((50, 50), status="existing")) is None
    assert today_of(None, community_id=["A", "A", "B", "B"]) is None


def test_a_territory_without_units_is_refused():
    """Rooms are placed for units."""
    plan, _ = posed(None)
    empty = plan.replace(territory=plan.territory.replace(units=None))
    with pytest.raises(ValueError, match="units"):
        pose_rooms(empty, build_walk_network(empty.territory), load_profile("zhejiang-2017"))
