"""Isochrones: along the streets that are reached, circles where there are none."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point
from test_walking_network import CROSS, network

from commplan.graph.isochrone import IsochroneOptions, isochrones
from commplan.graph.walking import WalkOptions

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
