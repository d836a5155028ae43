"""The walking network: junctions, minutes, pieces, gates, walls and the stated fallback."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, box

from commplan.findings import Severity
from commplan.graph.walking import WalkOptions, build_walk_network
from commplan.graph.walking_minutes import pair_minutes
from commplan.graph.walking_places import places_at
from commplan.territory.territory import Territory
from commplan.texts import LANGUAGES, load_texts

CRS = pyproj.CRS("EPSG:4547")


def streets(*lines, **columns):
    """Make a streets layer."""
    return gpd.GeoDataFrame(
        {"walkable": True, "minutes": np.nan, "speed": np.nan, **columns},
        index=range(len(lines)),
        geometry=list(lines),
        crs=CRS,
    )


def units(*polygons, households=100):
    """Make a units layer."""
    ids = [f"u{i}" for i in range(len(polygons))]
    return gpd.GeoDataFrame(
        {"unit_id": ids, "households": households}, geometry=list(polygons), crs=CRS
    )


def barriers(*shapes, kind="river", crossable=None):
    """Make a barriers layer."""
    return gpd.GeoDataFrame(
        {"kind": kind, "crossable": crossable},
        index=range(len(shapes)),
        geometry=list(shapes),
        crs=CRS,
    ).astype({"crossable": "boolean"})


def square(x, y, half=10):
    """Make a square about a point."""
    return box(x - half, y - half, x + half, y + half)


def network(*lines, options=None, **layers):
    """Build a network of some lines."""
    given = streets(*lines) if lines else None
    return build_walk_network(Territory(CRS, streets=given, **layers), options)


CROSS = (
    LineString([(0, 0), (400, 0), (800, 0)]),
    LineString([(400, -400), (400, 0), (400, 400)]),
)


def test_lines_meet_where_they_share_a_vertex():
    """Two lines with a common vertex make one junction with four arms."""
    net = network(*CROSS)
    assert len(net.node_xy) == 5
    np.testing.assert_allclose(np.sort(net.graph.edge_min), [5, 5, 5, 5])
    degree = np.diff(net.ways[0])
    assert sorted(degree.tolist()) == [1, 1, 1, 1, 4]
    assert net.findings == () or all(f.code != "walking.pieces" for f in net.findings)


def test_lines_that_only_cross_do_not_meet():
    """A bridge over a street, without a common vertex, joins nothing and is said to lie apart."""
    net = network(LineString([(0, 0), (800, 0)]), LineString([(400, -400), (400, 400)]))
    assert len(net.graph.tail) == 2
    assert len(np.unique(net.component)) == 2
    (finding,) = [f for f in net.findings if f.code == "walking.apart"]
    assert finding.params["pieces"] == 2


def test_chains_become_one_edge():
    """Vertices where nothing branches are no nodes, and the edge has the minutes of the whole chain."""
    net = network(LineString([(0, 0), (80, 0), (80, 80), (160, 80)]))
    assert len(net.node_xy) == 2
    np.testing.assert_allclose(net.graph.edge_min, [3.0])
    assert len(net.graph.segment_edge) == 3


def test_a_ring_without_junctions_is_an_edge():
    """A closed street that meets no other is a loop of its whole length."""
    net = network(LineString([(0, 0), (80, 0), (80, 80), (0, 80), (0, 0)]))
    assert len(net.node_xy) == 1
    np.testing.assert_array_equal(net.graph.tail, net.graph.head)
    np.testing.assert_allclose(net.graph.edge_min, [4.0])


def test_stretches_drawn_twice_count_once():
    """A node drawn with lines to its neighbours, lines from both ends, is no double street."""
    once = network(*CROSS)
    star = MultiLineString([[(400, 0), (0, 0)], [(400, 0), (800, 0)], [(400, 0), (400, 400)]])
    back = MultiLineString([[(400, 400), (400, 0)], [(400, -400), (400, 0)]])
    twice = network(star, back)
    assert len(twice.graph.segment_edge) == len(once.graph.segment_edge)
    assert twice.graph.segment_m.sum() == pytest.approx(once.graph.segment_m.sum())


def test_vertices_a_hand_apart_are_one():
    """Ends that miss each other by less than join_m meet; those farther apart do not."""
    left, right = LineString([(0, 0), (80, 0)]), LineString([(80.06, 0), (160, 0)])
    assert len(network(left, right).node_xy) == 2
    assert len(network(left, right, options=WalkOptions(join_m=0.01)).node_xy) == 4


def test_minutes_go_before_speed_and_both_before_the_usual():
    """A row's own minutes or speed replace 80 m a minute."""
    lines = [LineString([(0, y), (400, y)]) for y in (0, 100, 200)]
    given = streets(*lines, minutes=[10.0, np.nan, np.nan], speed=[40.0, 40.0, np.nan])
    options = WalkOptions(piece_share=0.0)
    net = build_walk_network(Territory(CRS, streets=given), options)
    np.testing.assert_allclose(np.sort(net.graph.edge_min), [5, 10, 10])


def test_a_cars_speed_is_refused_with_a_finding():
    """A pace that nobody walks is not used, and said."""
    given = streets(LineString([(0, 0), (400, 0)]), speed=[500.0])
    net = build_walk_network(Territory(CRS, streets=given))
    np.testing.assert_allclose(net.graph.edge_min, [5.0])
    assert [f.params["rows"] for f in net.findings if f.code == "walking.strange_speed"] == [1]


def test_what_cannot_be_walked_is_left_out():
    """Rows with walkable = false hold no street; unknown counts as walkable."""
    given = streets(*CROSS)
    given["walkable"] = np.array([True, False])
    assert len(build_walk_network(Territory(CRS, streets=given)).graph.tail) == 1
    given["walkable"] = gpd.pd.array([None, False], dtype="boolean")
    assert len(build_walk_network(Territory(CRS, streets=given)).graph.tail) == 1


def test_small_pieces_are_cut_off_with_a_finding():
    """A stretch of 20 m joined to nothing is dropped and its length said."""
    net = network(*CROSS, LineString([(5000, 0), (5020, 0)]))
    assert len(net.graph.tail) == 4
    (finding,) = [f for f in net.findings if f.code == "walking.pieces"]
    assert finding.params["pieces"] == 1
    assert len(np.unique(net.component)) == 1


def test_no_streets_is_a_stated_fallback():
    """Without a streets layer every walk is the straight line times 1.3, and a finding says so."""
    net = network(units=units(square(0, 0), square(800, 0)))
    assert net.is_fallback
    assert [f.code for f in net.findings] == ["walking.no_streets"]
    assert net.findings[0].clause == "house choice"
    walked = pair_minutes(net, net.units, net.units.xy, ([0], [1]))
    np.testing.assert_allclose(walked, [800 * 1.3 / 80])


def test_an_empty_streets_layer_is_a_stated_fallback():
    """A layer of which nothing can be walked is as good as none."""
    given = streets(*CROSS, walkable=False)
    net = build_walk_network(Territory(CRS, streets=given, units=units(square(0, 0))))
    assert net.is_fallback
    assert [f.code for f in net.findings] == ["walking.no_usable_street"]


def test_units_out_of_reach_are_named():
    """A unit farther than snap_m from every street is off the network, with its households."""
    net = network(*CROSS, units=units(square(0, 50), square(5000, 0), households=[7, 30]))
    assert net.units.on_network.tolist() == [True, False]
    (finding,) = [f for f in net.findings if f.code == "walking.off_network"]
    assert finding.ids == ("u1",)
    assert finding.params["households"] == 30
    assert finding.severity is Severity.WARNING


def test_a_place_joins_the_nearest_point_of_a_street():
    """The foot lies on the street, not at its next junction, and the leg is walked straight."""
    net = network(*CROSS)
    place = places_at(net, np.array([[120.0, 40.0]]))
    np.testing.assert_allclose(place.leg_min, [0.5])
    edge = place.edge[0]
    from_tail = net.node_xy[net.graph.tail[edge]]
    at_min = np.hypot(*(from_tail - [120.0, 0.0])) / 80
    np.testing.assert_allclose(place.along_min, [at_min])


def test_gates_replace_the_nearest_street():
    """A walled compound is left by its gate, however near another street passes."""
    compound = square(200, 40, half=30)
    gates = gpd.GeoDataFrame({"unit_id": ["u0"]}, geometry=[Point(200, 70)], crs=CRS)
    lines = (*CROSS, LineString([(0, 0), (0, 100), (200, 100), (400, 400)]))
    free, gated = (network(*lines, units=units(compound), gates=layer) for layer in (None, gates))
    np.testing.assert_allclose(free.units.leg_min, [0.5])  # 40 m to the street below
    np.testing.assert_allclose(gated.units.leg_min, [60 / 80])  # by the gate to the one above


def test_large_compounds_are_left_on_several_sides():
    """A compound of 300 m by 300 m joins streets on more than one side."""
    ring = LineString([(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)])
    net = network(ring, units=units(box(5, 5, 295, 295)))
    assert len(net.units.owner) > 4
    assert (net.units.owner == 0).all()


def test_no_way_to_the_street_crosses_a_river():
    """A unit by the river joins the street on its own side though the other is nearer."""
    lines = (LineString([(0, 0), (0, 200), (400, 200), (400, 0)]),)
    home = units(square(30, 80, half=5))
    river = barriers(LineString([(15, -100), (15, 150)]))
    near = network(*lines, units=home)
    far = network(*lines, units=home, barriers=river)
    np.testing.assert_allclose(near.units.leg_min, [30 / 80])
    np.testing.assert_allclose(far.units.leg_min, [120 / 80])
    bridged = barriers(LineString([(15, -100), (15, 150)]), crossable=True)
    crossed = network(*lines, units=home, barriers=bridged)
    np.testing.assert_allclose(crossed.units.leg_min, [30 / 80])


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_have_words(language):
    """Every finding of the network can be worded in both languages."""
    far = units(square(0, 50), square(50_000, 0))
    cut = network(*CROSS, LineString([(5000, 0), (5020, 0)]), units=far)
    apart = network(LineString([(0, 0), (800, 0)]), LineString([(400, -400), (400, 400)]))
    strange = build_walk_network(
        Territory(CRS, streets=streets(LineString([(0, 0), (400, 0)]), speed=[500.0]))
    )
    texts = load_texts(language)
    seen = {
        f.code: f.words(texts)
        for net in (cut, apart, strange, network(units=far))
        for f in net.findings
    }
    assert set(seen) == {
        "walking.no_streets",
        "walking.off_network",
        "walking.pieces",
        "walking.apart",
        "walking.strange_speed",
    }
    assert all("{" not in words for words in seen.values())


def test_row_order_changes_nothing():
    """The same streets in another order give the same minutes between the same places."""
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 1000, (12, 2))
    lines = [LineString([xy[i], xy[j]]) for i in range(12) for j in range(i) if (i + j) % 3 == 0]
    places = rng.uniform(0, 1000, (6, 2))
    pairs = np.meshgrid(np.arange(6), np.arange(6))
    pairs = (pairs[0].ravel(), pairs[1].ravel())
    options = WalkOptions(snap_m=2000)
    there, shuffled = (
        pair_minutes(network(*some, options=options), places, places, pairs)
        for some in (lines, [shapely.reverse(lines[i]) for i in rng.permutation(len(lines))])
    )
    np.testing.assert_allclose(there, shuffled)
