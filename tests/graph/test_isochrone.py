"""Isochrones: along the streets that are reached, circles where there are none."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point
from test_walking_network import CROSS, network

from commplan.graph.isochrone import (
    IsochroneOptions,
    isochrone_bands,
    isochrones,
    reach_bands,
    steps_up_to,
)
from commplan.graph.walking import WalkOptions
from commplan.graph.walking_minutes import walk_minutes

EXACT = IsochroneOptions(beside_m=10.0, fill_m2=0.0, simplify_m=0.0)


def test_along_a_street_by_hand():
    """Five minutes reach 400 m either way along a street and ten metres beside it."""
    net = network(LineString([(-2000, 0), (2000, 0)]))
    (ground,) = isochrones(net, np.array([[0.0, 0.0]]), 5, EXACT)
    left, bottom, right, top = ground.bounds
    np.testing.assert_allclose([left, right], [-410, 410], atol=0.1)
    np.testing.assert_allclose([bottom, top], [-10, 10], atol=0.1)


def test_the_leg_to_the_street_takes_time():
    """A place 80 m off the street has a minute less along it, and its own way counts as reached."""
    net = network(LineString([(-2000, 0), (2000, 0)]))
    (ground,) = isochrones(net, np.array([[0.0, 80.0]]), 5, EXACT)
    np.testing.assert_allclose(ground.bounds[2], 330, atol=0.1)
    assert ground.contains(Point(0, 80))


def test_round_a_corner():
    """The reached stretch bends with the street, and no hull is drawn across."""
    net = network(*CROSS)
    (ground,) = isochrones(net, np.array([[200.0, 0.0]]), 5, EXACT)
    assert ground.contains(Point(400, 190))
    assert not ground.contains(Point(400, 220))
    assert not ground.contains(Point(300, 100))


def test_what_is_enclosed_is_filled_up_to_a_size():
    """The inside of a block of 1 ha is filled, that of 16 ha stays white."""
    small = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    large = LineString([(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)])
    for ring, inside in ((small, True), (large, False)):
        (ground,) = isochrones(network(ring), np.array([[0.0, 0.0]]), 30)
        middle = shapely.centroid(ring.envelope)
        assert bool(ground.contains(middle)) is inside


def test_a_circle_where_there_is_no_street():
    """Off the network the ground is a circle of what the straight line times 1.3 allows."""
    net = network()
    (ground,) = isochrones(net, np.array([[100.0, 100.0]]), 15)
    radius = 15 * 80 / 1.3
    assert ground.area == pytest.approx(np.pi * radius**2, rel=0.01)
    mixed = isochrones(network(*CROSS), np.array([[400.0, 0.0], [9000.0, 0.0]]), 5)
    assert mixed[1].area == pytest.approx(np.pi * (5 * 80 / 1.3) ** 2, rel=0.01)


def test_longer_walks_reach_more():
    """The ground of ten minutes covers that of five, and all grounds are valid polygons."""
    rng = np.random.default_rng(2)
    lines = [
        LineString([(x * 150, y * 150), ((x + dx) * 150, (y + dy) * 150)])
        for x in range(8)
        for y in range(8)
        for dx, dy in ((1, 0), (0, 1))
        if rng.random() > 0.3
    ]
    net = network(*lines, options=WalkOptions(snap_m=150))
    places = rng.uniform(0, 1200, (6, 2))
    five, ten = (isochrones(net, places, limit, EXACT) for limit in (5, 10))
    assert shapely.is_valid(np.concatenate([five, ten])).all()
    assert (shapely.area(shapely.difference(five, ten)) < 1.0).all()


def test_no_places():
    """No place has no ground."""
    assert isochrones(network(*CROSS), np.empty((0, 2)), 15).shape == (0,)


def town(seed=2):
    """Return a network of streets between some corners of a grid of 150 m."""
    rng = np.random.default_rng(seed)
    lines = [
        LineString([(x * 150, y * 150), ((x + dx) * 150, (y + dy) * 150)])
        for x in range(10)
        for y in range(10)
        for dx, dy in ((1, 0), (0, 1))
        if rng.random() > 0.3
    ]
    return network(*lines, options=WalkOptions(snap_m=150)), rng.uniform(0, 1500, (8, 2))


def test_bands_lie_within_each_other():
    """Five minutes lie in ten and those in fifteen; all are valid, and as if drawn alone."""
    net, places = town()
    bands = isochrone_bands(net, places, (5.0, 10.0, 15.0))
    assert bands.shape == (8, 3)
    assert shapely.is_valid(bands).all()
    assert (shapely.area(shapely.difference(bands[:, :-1], bands[:, 1:])) < 0.01).all()
    alone = isochrones(net, places, 10.0)
    apart = shapely.area(shapely.symmetric_difference(alone, bands[:, 1]))
    assert (apart < 0.02 * shapely.area(alone)).all()


def test_bands_are_exact_along_streets():
    """A point on a street lies in the ground of some minutes just if it is walked in them."""
    net, places = town()
    exact = IsochroneOptions(beside_m=1.0, fill_m2=0.0, simplify_m=0.0)
    bands = isochrone_bands(net, places[:3], (4.0, 9.0), exact)
    on_street = shapely.get_coordinates(shapely.line_interpolate_point(net.segments, 70.0))
    walked = walk_minutes(net, places[:3], on_street, 30.0).toarray()
    walked[walked == 0] = np.inf
    for place in range(3):
        for band, minutes in zip(bands[place], (4.0, 9.0), strict=True):
            inside = shapely.contains_xy(band, on_street)
            clear = np.abs(walked[place] - minutes) > 2.0 / 80  # two metres beside the end
            np.testing.assert_array_equal(inside[clear], (walked[place] <= minutes)[clear])


def test_steps():
    """Five, ten and fifteen minutes, as far as the limit, and the limit."""
    assert steps_up_to(15) == (5, 10, 15)
    assert steps_up_to(12) == (5, 10, 12)
    assert steps_up_to(4) == (4,)
    assert steps_up_to(30) == (5, 10, 15, 30)


def test_within_reach_of_any():
    """One search from several places draws what is near to any of them, circles too."""
    net, places = town()
    places = np.concatenate([places, [[9000.0, 0.0]]])
    exact = IsochroneOptions(beside_m=10.0, fill_m2=0.0, simplify_m=0.0)
    together = reach_bands(net, places, (3.0, 6.0), exact)
    each = isochrone_bands(net, places, (3.0, 6.0), exact)
    for step in (0, 1):
        apart = shapely.symmetric_difference(together[step], shapely.union_all(each[:, step]))
        assert apart.area < 0.005 * together[step].area
    assert shapely.is_valid(together).all()


def test_reach_of_nothing():
    """From no place nothing is near."""
    assert shapely.is_empty(reach_bands(network(*CROSS), np.empty((0, 2)), (5.0, 10.0))).all()
