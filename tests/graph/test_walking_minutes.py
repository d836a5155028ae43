"""Walking minutes: by hand, against scipy's Dijkstra, and between the three ways of asking."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from shapely import LineString
from test_walking_network import CROSS, CRS, barriers, network, square, streets, units

from commplan.graph.walking import WalkOptions, build_walk_network
from commplan.graph.walking_minutes import nearest_minutes, pair_minutes, walk_minutes
from commplan.territory.territory import Territory


def all_pairs(net, origins, targets):
    """Ask for every pair; a matrix of origins by targets."""
    i, j = np.meshgrid(np.arange(len(origins)), np.arange(len(targets)), indexing="ij")
    return pair_minutes(net, origins, targets, (i.ravel(), j.ravel())).reshape(i.shape)


def test_along_the_streets_by_hand():
    """From one arm of a crossing to another the way leads over the junction, legs included."""
    net = network(*CROSS)
    walked = walk_minutes(net, np.array([[0.0, 8.0]]), np.array([[408.0, 400.0]]), 15).toarray()
    np.testing.assert_allclose(walked, [[(8 + 400 + 400 + 8) / 80]])


def test_along_one_street_without_a_node():
    """Two places on the same stretch walk along it, not round by its ends."""
    net = network(LineString([(0, 0), (1000, 0)]))
    walked = walk_minutes(net, np.array([[300.0, 1.0]]), np.array([[460.0, -1.0]]), 15).toarray()
    np.testing.assert_allclose(walked, [[162 / 80]])


def test_beyond_the_limit_there_is_no_entry():
    """A pair just within the limit is kept, one just beyond is left out."""
    net = network(LineString([(0, 0), (5000, 0)]))
    targets = np.array([[1199.0, 0.0], [1201.0, 0.0]])
    walked = walk_minutes(net, np.array([[0.0, 0.0]]), targets, 15)
    assert walked.indices.tolist() == [0]


def test_the_same_spot_keeps_its_entry():
    """No distance at all is an entry, not a gap in the sparse array."""
    net = network(*CROSS)
    walked = walk_minutes(net, np.array([[100.0, 0.0]]), np.array([[100.0, 0.0]]), 15)
    assert walked.nnz == 1
    assert 0 < walked.data[0] < 1e-3


def test_mixed_coverage_takes_the_straight_line():
    """Where one end is off the network the straight line times 1.3 stands in."""
    net = network(*CROSS)
    on, off = [0.0, 0.0], [0.0, 700.0]
    walked = all_pairs(net, np.array([on, off]), np.array([on, off]))
    np.testing.assert_allclose(walked[0, 1], 700 * 1.3 / 80)
    np.testing.assert_allclose(walked[1, 0], 700 * 1.3 / 80)


def test_within_a_block_one_walks_directly():
    """Two places nearer to each other than to the street need not go out to it, but over no river."""
    line = LineString([(0, 0), (1000, 0)])
    places = np.array([[400.0, 200.0], [500.0, 200.0]])
    direct = all_pairs(network(line), places, places)
    np.testing.assert_allclose(direct[0, 1], 100 * 1.3 / 80)
    river = barriers(LineString([(450, 100), (450, 300)]))
    round_by_street = all_pairs(network(line, barriers=river), places, places)
    np.testing.assert_allclose(round_by_street[0, 1], 500 / 80)


def test_pieces_apart_cannot_be_walked():
    """Two large pieces of the network that nothing joins are out of each other's reach."""
    net = network(LineString([(0, 0), (0, 800)]), LineString([(900, 0), (900, 800)]))
    here, there = np.array([[0.0, 100.0]]), np.array([[900.0, 100.0]])
    assert np.isinf(all_pairs(net, here, there)).all()
    assert np.isinf(nearest_minutes(net, here, there)).all()
    assert walk_minutes(net, here, there, 240).nnz == 0


def test_pairs_beyond_the_first_search_are_found():
    """A pair far beyond the limit still gets its minutes."""
    net = network(LineString([(0, 0), (8000, 0)]))
    walked = pair_minutes(
        net, np.array([[0.0, 0.0]]), np.array([[8000.0, 0.0]]), ([0], [0]), limit_min=5
    )
    np.testing.assert_allclose(walked, [100.0])


def test_nobody_and_nothing():
    """Empty sides give empty answers."""
    net = network(*CROSS)
    none, one = np.empty((0, 2)), np.array([[0.0, 0.0]])
    assert walk_minutes(net, none, one, 15).shape == (0, 1)
    assert walk_minutes(net, one, none, 15).nnz == 0
    assert np.isinf(nearest_minutes(net, one, none)).all()
    assert pair_minutes(net, one, one, ([], [])).shape == (0,)


def grid_case(seed, gaps):
    """Make a street grid with gaps, and places about it, some of them off."""
    rng = np.random.default_rng(seed)
    lines = [
        LineString([(x * 150, y * 150), ((x + dx) * 150, (y + dy) * 150)])
        for x in range(5)
        for y in range(5)
        for dx, dy in ((1, 0), (0, 1))
        if rng.random() > gaps
    ]
    return lines, rng.uniform(-400, 1200, (8, 2)), rng.uniform(-400, 1200, (5, 2))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.6))
def test_three_ways_of_asking_agree(seed, gaps):
    """All pairs within a limit, given pairs and the nearest tell the same minutes."""
    lines, origins, targets = grid_case(seed, gaps)
    net = network(*lines, options=WalkOptions(snap_m=120))
    pairs = all_pairs(net, origins, targets)
    limit = 12.0
    within = walk_minutes(net, origins, targets, limit).toarray()
    expected = np.where(pairs <= limit, np.maximum(pairs, 1e-6), 0)
    np.testing.assert_allclose(within, expected, atol=1e-9)
    np.testing.assert_allclose(nearest_minutes(net, origins, targets), pairs.min(axis=1), atol=1e-9)
    there_and_back = all_pairs(net, targets, origins).T
    np.testing.assert_allclose(pairs, there_and_back, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_same_minutes_as_scipy(seed):
    """Between junctions the searches find what scipy's Dijkstra finds."""
    lines, _, _ = grid_case(seed, 0.3)
    net = network(*lines, options=WalkOptions(piece_share=0.0))
    n = len(net.node_xy)
    offsets, reached, minutes = net.ways[:3]
    by_scipy = dijkstra(_quickest(offsets, reached, minutes, n), directed=False)
    ours = all_pairs(net, net.node_xy, net.node_xy)
    np.testing.assert_allclose(ours, by_scipy, atol=1e-6)


def _quickest(offsets, reached, minutes, n):
    matrix = np.full((n, n), np.inf)
    start = np.repeat(np.arange(n), np.diff(offsets))
    np.minimum.at(matrix, (start, reached), minutes)
    return sparse.csr_array(np.where(np.isinf(matrix), 0, matrix))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_walk_is_shorter_than_the_straight_line(seed):
    """Streets never beat the straight line at walking speed."""
    lines, origins, targets = grid_case(seed, 0.2)
    net = network(*lines, options=WalkOptions(snap_m=150))
    straight = np.hypot(*(origins[:, None] - targets[None]).transpose(2, 0, 1)) / 80
    assert (all_pairs(net, origins, targets) >= straight - 1e-9).all()


def test_units_with_several_ways_out_take_the_shortest():
    """A large compound between two streets reaches either side without going round."""
    north = LineString([(0, 300), (300, 300)])
    south = LineString([(0, 0), (300, 0)])
    home = units(square(150, 150, half=140))
    net = network(
        north, south, LineString([(0, 0), (-3000, 0), (-3000, 300), (0, 300)]), units=home
    )
    ends = np.array([[150.0, 301.0], [150.0, -1.0]])
    walked = pair_minutes(net, net.units, ends, ([0, 0], [0, 1]))
    assert (walked < 4).all()


@pytest.mark.real
def test_real_streets_of_daan(real_data):
    """The raw OSM extract of Da'an, each street drawn from both ends, gives 153 km in one piece."""
    raw = gpd.read_file(real_data / "taiwan_taipei" / "daan_osm_highways_raw.geojson")
    net = build_walk_network(Territory(CRS, streets=raw.to_crs("EPSG:3826")))
    assert len(np.unique(net.component)) == 1
    assert net.graph.segment_m.sum() / 1000 == pytest.approx(152.9, abs=0.2)
    assert sum(f.params["pieces"] for f in net.findings if f.code == "walking.pieces") == 7


@pytest.fixture
def real_data():
    """Return the folder of public data, or skip."""
    import os

    here = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("COMMPLAN_REAL_DATA", here.parent / "shared" / "data"))
    if not folder.exists():
        pytest.skip("COMMPLAN_REAL_DATA names no folder with the public data")
    return folder


def test_streets_helper_is_metric():
    """The helper's layers lie in a metric CRS, as a territory's do."""
    assert streets(*CROSS).crs.axis_info[0].unit_name == "metre"
