"""Rooms of a plan: rows, actions, shares, minutes, and what is said about them."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from commplan.errors import InputError
from commplan.findings import Severity
from commplan.graph.walking import build_walk_network
from commplan.optimise.rooms.siting import site_rooms
from commplan.plan.make import make_plan
from commplan.plan.room_findings import room_findings
from commplan.plan.rooms import chosen_rooms, place_rooms
from commplan.policy.library import load_profile
from commplan.pose.rooms import RoomOptions, pose_rooms
from commplan.texts import LANGUAGES, load_texts
from towns import CRS, grid_town

PROFILE = load_profile("zhejiang-2017")


def site_layer(rows):
    """Make sites of (x, status, floor, cost, price per m², way)."""
    columns = ("x", "status", "floor_m2", "cost_yuan", "yuan_per_m2", "way")
    table = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    points = [Point(x, 50) for x in table.pop("x")]
    table["site_id"] = [f"s{i}" for i in range(len(rows))]
    return gpd.GeoDataFrame(table, geometry=points, crs=CRS)


def placed(rows, outside_m=0.0, side_m=100.0, budget_yuan=None, **units):
    """Place rooms in a row of four cells, two communities of two cells each."""
    territory = grid_town(4, side_m=side_m, **units)
    territory = territory.replace(sites=None if rows is None else site_layer(rows))
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    options = RoomOptions(outside_m, budget_yuan=budget_yuan)
    problem = pose_rooms(plan, build_walk_network(territory), PROFILE, options)
    return plan.replace(rooms=place_rooms(plan, problem, site_rooms(problem))), problem


STANDS = (50, "existing", 500.0, np.nan, np.nan, None)
CANDIDATE = (350, "candidate", 300.0, np.nan, 5000.0, "conversion")


def test_one_row_per_community():
    """What stands is kept for nothing; what is converted is paid by area; what lacks is said."""
    plan, _ = placed([STANDS, CANDIDATE])
    rooms = plan.rooms.rooms
    assert rooms["community_id"].tolist() == plan.communities["community_id"].tolist()
    assert rooms["site_id"].tolist() == ["s0", "s1"]
    assert rooms["action"].tolist() == ["keep", "new"]
    assert rooms["way"].tolist() == [None, "conversion"]
    assert rooms["floor_m2"].tolist() == [500.0, 300.0]
    assert rooms["need_m2"].tolist() == [350.0, 350.0]
    assert rooms["short_m2"].tolist() == [0.0, 50.0]
    assert rooms["cost_yuan"].tolist() == [0.0, 1.5e6]
    assert rooms.geometry.x.tolist() == [50, 350]


def test_minutes_to_the_own_room():
    """Each unit's minutes lead to the room of its community, not to the nearest one."""
    plan, _ = placed([STANDS, CANDIDATE])
    np.testing.assert_allclose(
        plan.rooms.minutes, np.array([0, 1, 1, 0]) * 100 * 1.3 / 80, atol=1e-5
    )


def test_an_extended_room_says_by_how_much_and_for_what_price():
    """300 m² of 350: 50 m² at 2,000 yuan and 10,000 besides; read back from a list it is the same."""
    small = (50, "existing", 300.0, np.nan, 2000.0, None)
    territory = grid_town(4, side_m=100.0)
    sites = site_layer([small, CANDIDATE])
    sites["extend_m2"], sites["extend_yuan"] = [80.0, np.nan], [10_000.0, np.nan]
    territory = territory.replace(sites=sites)
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    network = build_walk_network(territory)
    problem = pose_rooms(plan, network, PROFILE, RoomOptions(budget_yuan=1_570_000.0))
    rooms = place_rooms(plan, problem, site_rooms(problem)).rooms
    assert rooms["action"].tolist() == ["extend", "new"]
    np.testing.assert_allclose(rooms["extend_m2"], [30.0, 0.0], atol=1e-3)
    np.testing.assert_allclose(rooms["floor_m2"], [330.0, 300.0], atol=1e-3)
    np.testing.assert_allclose(rooms["cost_yuan"], [70_000.0, 1.5e6], atol=3)
    read = {c: (s, m) for c, s, m in zip(rooms["community_id"], rooms["site_id"],
                                         rooms["extend_m2"], strict=True)}  # fmt: skip
    again = place_rooms(plan, problem, chosen_rooms(plan, problem, read)).rooms
    assert again.equals(rooms)
    alone = chosen_rooms(plan, problem, {c: s for c, (s, _) in read.items()})
    assert place_rooms(plan, problem, alone).rooms["extend_m2"].tolist() == [50.0, 0.0]


@pytest.mark.parametrize(
    ("options", "sites", "actions"),
    [
        ({}, ["s0", "s2"], ["keep", "new"]),
        ({"opened": ("s1",)}, ["s1", "s2"], ["new", "new"]),
        ({"opened": ("s1",), "ground_floor": "rule"}, ["s1", None], ["new", "none"]),
        ({"closed": ("s0",)}, ["s1", "s2"], ["new", "new"]),
        ({"closed": ("s0", "s1"), "keep": False}, [None, "s2"], ["none", "new"]),
    ],
)
def test_sites_that_are_decided_already(options, sites, actions):
    """What is decided to open goes before what stands; nobody gets what is to close."""
    territory = grid_town(4, side_m=100.0)
    other = (150, "candidate", 300.0, np.nan, 5000.0, "purchase")
    territory = territory.replace(sites=site_layer([STANDS, other, CANDIDATE]))
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    problem = pose_rooms(plan, build_walk_network(territory), PROFILE, RoomOptions(**options))
    rooms = place_rooms(plan, problem, site_rooms(problem)).rooms
    assert rooms["site_id"].tolist() == sites
    assert rooms["action"].tolist() == actions


def test_a_site_that_is_not_there_cannot_be_decided():
    """An unknown id is a fault that names the key."""
    territory = grid_town(4, side_m=100.0).replace(sites=site_layer([STANDS]))
    plan = make_plan(territory, np.array([0, 0, 1, 1], dtype=np.int32))
    with pytest.raises(InputError) as caught:
        pose_rooms(plan, build_walk_network(territory), PROFILE, RoomOptions(opened=("s9",)))
    assert [(f.code, f.field_name) for f in caught.value.faults] == [
        ("siting.unknown_site", "rooms.open")
    ]


def test_a_community_without_a_site_has_a_row():
    """Where no site is possible the row has no site, the whole need is short, nobody arrives."""
    plan, _ = placed([STANDS])
    row = plan.rooms.rooms.iloc[1]
    assert row["site_id"] is None
    assert row["action"] == "none"
    assert row["short_m2"] == 350.0
    assert np.isnan(row["floor_m2"])
    assert row.geometry is None
    assert np.isinf(plan.rooms.minutes[2:]).all()


def test_a_shared_site_is_divided_by_need():
    """Two communities share floor and price of one site in the ratio of their needs."""
    shared = (200, "candidate", 1500.0, 3e6, np.nan, "sharing")
    plan, _ = placed([shared], outside_m=50, households=[1000, 1000, 500, 500])
    rooms = plan.rooms.rooms
    assert rooms["action"].tolist() == ["share", "share"]
    np.testing.assert_allclose(rooms["floor_m2"], [1500 * 600 / 950, 1500 * 350 / 950])
    np.testing.assert_allclose(rooms["cost_yuan"], [3e6 * 600 / 950, 3e6 * 350 / 950])
    assert rooms["short_m2"].tolist() == [0, 0]


def test_a_site_without_floor_needs_data():
    """An unknown area is no shortage but a finding that names the site."""
    plan, _ = placed([STANDS, (350, "candidate", np.nan, np.nan, np.nan, None)])
    assert np.isnan(plan.rooms.rooms["short_m2"][1])
    codes = {f.code: f for f in room_findings(plan, PROFILE)}
    assert set(codes) == {"rooms.floor_needs_data", "rooms.cost_needs_data"}
    assert codes["rooms.floor_needs_data"].ids == ("s1",)


def test_short_and_without_a_place_are_said():
    """Findings name the communities that are short and those without any place."""
    (short,) = room_findings(placed([STANDS, CANDIDATE])[0], PROFILE)
    assert (short.code, short.params["short_m2"]) == ("rooms.short", 50)
    assert short.clause == "zhejiang-2017 五(二)"
    (lost,) = room_findings(placed([STANDS])[0], PROFILE)
    assert (lost.code, lost.params["need_m2"]) == ("rooms.no_place", 350)
    (none,) = room_findings(placed(None)[0], PROFILE)
    assert (none.code, none.params["need_m2"]) == ("rooms.no_sites", 700)


def test_decided_sites_that_serve_nobody_are_named():
    """Two decided sites lie in one community: the one that stands gets it, the other is named."""
    rows = [STANDS, (150, "candidate", 500.0, np.nan, 5000.0, None), CANDIDATE]
    plan, _ = placed(rows)
    assert plan.rooms.rooms["site_id"].tolist() == ["s0", "s2"]
    named = [f for f in room_findings(plan, PROFILE, ("s1", "s2")) if f.code == "rooms.open_unused"]
    assert [(f.ids, f.severity) for f in named] == [(("s1",), Severity.WARNING)]
    stands = room_findings(placed([STANDS, (60, *STANDS[1:]), CANDIDATE])[0], PROFILE, ("s1",))
    assert [f.code for f in stands if f.ids == ("s1",)] == ["rooms.open_unused"]


def test_a_budget_that_does_not_reach_is_named_as_the_cause():
    """A place is left for the second community, and costs 1.5 million; without one it is not money."""
    plan, _ = placed([STANDS, CANDIDATE], budget_yuan=1e6)
    assert plan.rooms.rooms["action"].tolist() == ["keep", "none"]
    (finding,) = room_findings(plan, PROFILE)
    assert (finding.code, finding.params["yuan"]) == ("rooms.over_budget", 1_500_000)
    assert finding.ids == (plan.communities["community_id"].iloc[1],)
    (nowhere,) = room_findings(placed([STANDS], budget_yuan=1e6)[0], PROFILE)
    assert nowhere.code == "rooms.no_place"
    (enough,) = room_findings(placed([STANDS, CANDIDATE], budget_yuan=2e6)[0], PROFILE)
    assert enough.code == "rooms.short"


def test_far_households_are_said():
    """Households beyond 15 minutes are counted, those in a unit without households are not."""
    plan, _ = placed(
        [STANDS, (3900, "existing", 500.0, np.nan, np.nan, None)],
        side_m=1000.0,
        households=[10, 20, 0, 40],
    )
    (far,) = room_findings(plan, PROFILE)
    assert far.code == "rooms.far"
    assert far.params["households"] == 20
    assert far.clause == "house choice"


def test_rooms_chosen_by_hand():
    """A siting from a file is placed as it stands, with the same rows as a solved one."""
    plan, problem = placed([STANDS, CANDIDATE])
    ids = plan.communities["community_id"].tolist()
    again = place_rooms(plan, problem, chosen_rooms(plan, problem, {ids[0]: "s0", ids[1]: "s1"}))
    assert again.rooms.equals(plan.rooms.rooms)
    alone = place_rooms(plan, problem, chosen_rooms(plan, problem, {ids[0]: "s0"}))
    assert alone.rooms["site_id"].tolist() == ["s0", None]


def test_rooms_chosen_wrongly_are_faults():
    """Unknown ids and a site too far away are faults, all named at once."""
    plan, problem = placed([STANDS, CANDIDATE])
    ids = plan.communities["community_id"].tolist()
    with pytest.raises(InputError) as caught:
        chosen_rooms(plan, problem, {"nowhere": "s0", ids[0]: "s9", ids[1]: "s0"})
    assert [f.code for f in caught.value.faults] == [
        "rooms.unknown_community",
        "rooms.unknown_site",
        "rooms.outside",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_have_words(language):
    """Every finding about rooms can be worded in both languages."""
    far = placed([STANDS, (3900, "existing", 500.0, np.nan, np.nan, None)], side_m=1000.0)[0]
    bare = placed([STANDS, (350, "candidate", np.nan, np.nan, np.nan, None)])[0]
    idle = placed([STANDS, (150, "existing", 400.0, np.nan, np.nan, None), CANDIDATE])[0]
    plans = [far, bare, placed([STANDS, CANDIDATE])[0], placed([STANDS])[0], placed(None)[0], idle]
    texts = load_texts(language)
    said = {f.code: f.words(texts) for plan in plans for f in room_findings(plan, PROFILE)}
    assert len(said) == 7
    assert not any("{" in words for words in said.values())
