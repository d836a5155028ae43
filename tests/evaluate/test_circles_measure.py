"""Living circles: minutes per kind, shares of households, and who lacks what."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from commplan.evaluate.circles import Drawing, measure_circles
from commplan.graph.walking import build_walk_network
from commplan.optimise.rooms.siting import site_rooms
from commplan.plan.make import make_plan
from commplan.plan.rooms import place_rooms
from commplan.policy.library import load_profile
from commplan.pose.rooms import pose_rooms
from commplan.texts import LANGUAGES, load_texts
from towns import CRS, grid_town


def circles(amenities, kinds, *, sites=None, households=(100, 300, 100, 100), drawing=None):
    """Measure four cells of 500 m in a row, two communities of two cells, without streets."""
    layer = gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in amenities]},
        geometry=[Point(x, 250) for _, x in amenities],
        crs=CRS,
    )
    territory = grid_town(4, side_m=500.0, households=list(households))
    territory = territory.replace(amenities=layer if amenities else None, sites=sites)
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    network = build_walk_network(territory)
    if sites is not None:
        problem = pose_rooms(plan, network, load_profile("zhejiang-2017"))
        plan = plan.replace(rooms=place_rooms(plan, problem, site_rooms(problem)))
    return measure_circles(plan, network, kinds, 15.0, "zhoushan-2017 附件2 Ⅱ-7", drawing)


def test_minutes_to_the_nearest_of_each_kind():
    """Each unit walks to the nearest of a kind, 1.3 times the straight line at 80 m a minute."""
    found = circles([("school", 250), ("school", 1750), ("bank", 250)], ("school", "bank"))
    per_cell = 500 * 1.3 / 80
    np.testing.assert_allclose(found.minutes[:, 0], np.array([0, 1, 1, 0]) * per_cell, atol=1e-5)
    np.testing.assert_allclose(found.minutes[:, 1], np.arange(4) * per_cell, atol=1e-5)


def test_shares_are_of_households():
    """A bank at one end is reached by all of one community and none of the other: 400 of 600."""
    found = circles([("bank", 250)], ("bank",))
    assert found.shares["bank"].tolist() == [1.0, 0.0]
    assert found.household_share["bank"] == pytest.approx(400 / 600)
    (lacking,) = found.findings
    assert lacking.code == "circles.lacking"
    assert lacking.ids == (found.shares["community_id"][1],)
    assert lacking.clause == "zhoushan-2017 附件2 Ⅱ-7"


def test_partly_reached_is_said_apart():
    """A community of which some reach a kind is not said to lack it."""
    found = circles([("bank", 750)], ("bank",))
    assert found.shares["bank"].tolist() == [1.0, 0.5]
    assert [f.code for f in found.findings] == ["circles.partly"]


def test_a_kind_without_data_is_no_shortage():
    """A kind that the amenities do not hold needs data and has neither minutes nor shares."""
    found = circles([("bank", 750)], ("bank", "school"))
    assert found.kinds == ("bank",)
    assert "school" not in found.shares
    assert [f.params["kind"] for f in found.findings if f.code == "circles.needs_data"] == [
        "school"
    ]


def test_a_kind_of_the_users_own():
    """A kind that no document names is measured like any other."""
    found = circles([("library", 250)], ("library",))
    assert found.household_share == {"library": pytest.approx(400 / 600)}


def test_no_households_no_share():
    """A community without households lacks nothing: its share is null."""
    found = circles([("bank", 250)], ("bank",), households=(100, 100, 0, 0))
    assert np.isnan(found.shares["bank"][1])
    assert found.findings == ()


def test_no_amenities_at_all():
    """Without the layer every kind needs data."""
    found = circles([], ("bank", "school"))
    assert found.kinds == ()
    assert [f.code for f in found.findings] == ["circles.needs_data"] * 2


def test_isochrones_of_the_rooms():
    """Each room in use has the ground that is reached from it, with its community."""
    sites = gpd.GeoDataFrame(
        {"site_id": ["s0", "s1"], "status": "existing", "floor_m2": 900.0},
        geometry=[Point(250, 250), Point(1750, 250)],
        crs=CRS,
    )
    found = circles([("bank", 250)], ("bank",), sites=sites)
    assert found.ground.rooms["site_id"].tolist() == ["s0"] * 3 + ["s1"] * 3
    assert found.ground.rooms["minutes"].tolist() == [5, 10, 15] * 2
    assert found.ground.rooms.crs == CRS
    widest = found.ground.rooms[found.ground.rooms["minutes"] == 15].reset_index(drop=True)
    assert widest.contains(sites.geometry).all()
    assert circles([("bank", 250)], ("bank",)).ground.rooms is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_have_words(language):
    """Every finding about circles can be worded in both languages."""
    found = [*circles([("bank", 250), ("school", 750)], ("bank", "school", "medical")).findings]
    texts = load_texts(language)
    assert {f.code for f in found} == {"circles.lacking", "circles.partly", "circles.needs_data"}
    assert not any("{" in f.words(texts) for f in found)


def test_each_amenity_is_drawn_where_asked_for():
    """Two of three amenities are of the kinds; each has its own bands, one within the next."""
    layer = [("school", 250), ("bank", 750), ("school", 1750)]
    assert circles(layer, ("school",)).ground.amenities is None
    drawing = Drawing(each_amenity=True)
    drawn = circles(layer, ("school",), drawing=drawing).ground.amenities
    assert drawn["amenity"].tolist() == [1, 1, 1, 3, 3, 3]
    assert drawn["minutes"].tolist() == [5, 10, 15] * 2
    assert drawn.is_valid.all()
    assert drawn.geometry[0].within(drawn.geometry[1])
