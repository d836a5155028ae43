"""Boundaries and rooms posed as one problem: who may go where, at what cost."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from commplan.errors import InputError
from commplan.graph.build import build_unit_graph
from commplan.graph.walking import build_walk_network
from commplan.policy.library import load_profile
from commplan.pose.communities import RedrawOptions, pose_communities
from commplan.pose.joint import JointOptions, pose_joint
from towns import CRS, grid_town


def sites(*places, **columns):
    """Make sites at points; candidates without a known area unless told."""
    table = {"site_id": [f"s{i}" for i in range(len(places))], "status": "candidate"} | columns
    return gpd.GeoDataFrame(
        table, index=range(len(places)), geometry=[Point(xy) for xy in places], crs=CRS
    )


def posed(layer, options=None, moved=0.0, **units):
    """Pose four cells of 100 m in a row with the given sites."""
    territory = grid_town(4, **units).replace(sites=layer)
    profile = load_profile("zhejiang-2017")
    redraw = RedrawOptions(
        min_households=1,
        max_households=1000,
        weights={"border_km": 1.0, "moved_households": moved, "communities": 3.0},
    )
    communities = pose_communities(territory, build_unit_graph(territory), profile, redraw)
    return pose_joint(territory, build_walk_network(territory), profile, communities, options)


def test_walking_is_counted_by_household():
    """A cell 100 m away: the straight line times 1.3 at 80 m a minute, for each household."""
    options = JointOptions(walk_household_min=2.0, far_households=0.0)
    answer = posed(sites((50, 50), (350, 50)), options, households=[10] * 4)
    assert answer.problem.site_unit.tolist() == [0, 3]
    np.testing.assert_allclose(answer.problem.cost.toarray()[1, 0], 10 * 2.0 * 130 / 80)
    assert answer.problem.open_cost.tolist() == [3.0, 3.0]
    assert answer.problem.tail.tolist() == [0, 1, 2]


def test_what_is_far_costs_more():
    """Beyond the limit each household costs the extra, and what is farthest counts as so far."""
    options = JointOptions(limit_min=1.0, far_households=5.0, farthest=2.0)
    cost = posed(sites((50, 50)), options, households=[10] * 4).problem.cost.toarray()[:, 0]
    np.testing.assert_allclose(cost[1:], [10 * (130 / 80 + 5), 10 * (2 + 5), 10 * (2 + 5)])


def test_leaving_the_old_community_of_the_site_counts():
    """Units of another old community than the site's count as moved."""
    old = ["a", "a", "b", "b"]
    near = posed(sites((50, 50)), moved=100.0, households=[10] * 4, community_id=old)
    same = posed(sites((50, 50)), moved=0.0, households=[10] * 4, community_id=old)
    more = near.problem.cost.toarray()[:, 0] - same.problem.cost.toarray()[:, 0]
    np.testing.assert_allclose(more, [0, 0, 1000, 1000])


def test_a_room_serves_its_own_subdistrict():
    """No pair and no edge joins two subdistricts."""
    answer = posed(sites((50, 50), (350, 50)), subdistrict_id=["x", "x", "y", "y"]).problem
    assert (answer.cost.toarray() > 0).tolist() == [
        [True, False],
        [True, False],
        [False, True],
        [False, True],
    ]
    assert list(zip(answer.tail.tolist(), answer.head.tolist(), strict=True)) == [(0, 1), (2, 3)]


def test_floor_area_sets_what_a_room_holds():
    """350 m² serve 1,166 households by 30 m² per hundred: counted in tens, and at most the bound."""
    layer = sites((50, 50), (150, 50), (350, 50), floor_m2=[360.0, 9_999.0, 100.0])
    answer = posed(layer, households=[10] * 4).problem
    assert answer.high.tolist() == [1000.0, 1000.0, 0.0]
    assert answer.cost.toarray()[:, 2].tolist() == [0.0] * 4  # too small for any community


def test_units_that_stay_together_are_one():
    """Two cells of one property-management area are one node with both their households."""
    answer = posed(sites((50, 50)), households=[10] * 4, keep_with=["g", "g", None, None])
    assert answer.node.tolist() == [0, 0, 1, 2]
    assert answer.problem.amount.tolist() == [20.0, 10.0, 10.0]


def test_what_stands_is_free_and_an_unknown_price_is_the_highest():
    """Existing rooms cost nothing; a missing price counts as the highest of what does not stand."""
    layer = sites(
        (50, 50),
        (150, 50),
        (350, 50),
        status=["existing", "candidate", "candidate"],
        cost_yuan=[5e6, 2e6, np.nan],
    )
    assert posed(layer).problem.open_cost.tolist() == [3.0, 2003.0, 2003.0]


def test_an_unknown_price_is_counted_by_floor_area():
    """Yuan by square metre times floor area, where no price is given; a price that is goes first."""
    layer = sites(
        (50, 50),
        (150, 50),
        (350, 50),
        cost_yuan=[np.nan, 2e6, np.nan],
        yuan_per_m2=[5_000.0, 9_000.0, np.nan],
        floor_m2=[400.0, 1_000.0, 400.0],
    )
    assert posed(layer).problem.open_cost.tolist() == [2003.0, 2003.0, 2003.0]
    options = JointOptions(yuan_per_household=4_000.0)
    layer.loc[0, "yuan_per_m2"] = 7_000.0  # the highest: the third counts as much
    assert posed(layer, options).problem.open_cost.tolist() == [703.0, 503.0, 703.0]


def test_a_room_that_stands_can_be_extended():
    """100 m² more make a room of 300 m² large enough; a candidate is not extended."""
    layer = sites(
        (50, 50),
        (150, 50),
        (350, 50),
        status=["existing", "candidate", "existing"],
        floor_m2=[300.0, 300.0, 300.0],
        extend_m2=[100.0, 100.0, np.nan],
    )
    assert posed(layer, households=[10] * 4).problem.high.tolist() == [1000.0, 0.0, 0.0]


def suited_sites():
    """Make four sites: on the ground floor beside the entrance, not beside it, above, not known."""
    return sites(
        (50, 50),
        (150, 50),
        (250, 50),
        (350, 50),
        ground_floor=[True, True, False, None],
        beside_entrance=[True, False, True, True],
    )


@pytest.mark.parametrize(
    ("ground_floor", "left"), [("rule", [0]), ("prefer", [0, 1, 2, 3]), ("any", [0, 1, 2, 3])]
)
def test_the_ground_floor_beside_the_entrance(ground_floor, left):
    """By the rule sites that are elsewhere, or of which it is not known, are left out."""
    answer = posed(suited_sites(), JointOptions(ground_floor=ground_floor))
    assert answer.site.tolist() == left
    assert answer.problem.site_unit.tolist() == left
    assert not answer.problem.forced.any()


def test_no_site_on_the_ground_floor_is_a_fault():
    """Without the columns nothing is known of any site, so that the rule leaves none."""
    with pytest.raises(InputError):
        posed(sites((50, 50)), JointOptions(ground_floor="rule"))


def test_sites_that_are_decided_open():
    """One above the ground floor is open in any case, whatever the rule; others may be."""
    options = JointOptions(ground_floor="rule", opened=("s2",))
    answer = posed(suited_sites(), options)
    assert answer.site.tolist() == [0, 2]
    assert answer.problem.forced.tolist() == [False, True]


def test_sites_that_are_decided_not_to_open():
    """One that is closed is not there, and no unit goes to it."""
    answer = posed(suited_sites(), JointOptions(closed=("s0", "s3")))
    assert answer.site.tolist() == [1, 2]
    assert answer.problem.cost.shape == (4, 2)


@pytest.mark.parametrize(
    "decided", [{"opened": ("x",)}, {"closed": ("x",)}, {"opened": ("s1",), "closed": ("s1",)}]
)
def test_a_decided_site_has_to_be_there(decided):
    """Nobody can open or close what is not there, or both at once."""
    with pytest.raises(InputError):
        posed(suited_sites(), JointOptions(**decided))


def test_no_site_in_a_unit_is_a_fault():
    """Nothing can be drawn around rooms that lie nowhere."""
    with pytest.raises(InputError):
        posed(sites((9_000, 50)))


@pytest.mark.parametrize(
    ("layer", "opened", "said"),
    [
        (sites((50, 50), (9_000, 50)), ("s1",), "s1 is to be open, but lies in no unit"),
        (sites((50, 50), (150, 50), floor_m2=[None, 10.0]), ("s1",), "fewer households"),
        (sites((50, 50), (60, 50)), ("s0", "s1"), "s1 is to be open, and so is site s0"),
    ],
)
def test_a_site_that_is_decided_open_can_have_a_community(layer, opened, said):
    """What is to be open in any case is not dropped without a word."""
    with pytest.raises(InputError, match=said):
        posed(layer, JointOptions(opened=opened))


def test_a_site_that_is_decided_open_needs_place_for_its_own_unit():
    """A unit of 1,000 households is more than a room of 350 m² has place for."""
    layer = sites((50, 50), floor_m2=[350.0])
    with pytest.raises(InputError, match="than live in its own unit"):
        posed(layer, JointOptions(opened=("s0",)), households=[2_000, 100, 100, 100])
