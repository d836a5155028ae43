"""Where units join the network: several points of large ones, gates first, the way there counted."""

import geopandas as gpd
import numpy as np
from shapely import LineString, MultiPolygon, Point, box
from test_walking_network import CRS, barriers, network, square, units

from commplan.graph.walking_minutes import walk_minutes
from commplan.graph.walking_places import places_at

ROAD = LineString([(-500, 0), (900, 0)])


def test_the_way_out_of_a_large_unit_is_its_peoples_mean():
    """Of 400 m by 400 m beside a road the way out counts from sixteen points, in the mean."""
    net = network(ROAD, units=units(box(0, 0, 400, 400)))
    y = np.array([50.0, 150, 250, 350])
    x = np.array([50.0, 150, 250, 350])
    homes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    best = min(np.hypot(*(homes - [foot, 0.0]).T).mean() for foot in np.r_[x, 0, 100, 200, 300])
    np.testing.assert_allclose(net.units.leg_min.min() * 80, best)


def test_points_lie_by_area():
    """A unit of two parts is left from both, the larger part counting for more."""
    parts = MultiPolygon([box(0, 10, 300, 310), box(600, 10, 700, 110)])
    net = network(ROAD, units=units(parts))
    assert len(net.units.owner) > 8
    target = places_at(net, np.array([[150.0, 0.0], [650.0, 0.0]]))
    by_large, by_small = walk_minutes(net, net.units, target, 30.0).toarray()[0]
    assert by_large < by_small


def test_gates_of_a_large_unit():
    """With gates known a large compound is left by nothing else, and nearest to where one goes."""
    gates = gpd.GeoDataFrame(
        {"unit_id": ["u0", "u0"]}, geometry=[Point(0, 200), Point(400, 200)], crs=CRS
    )
    sides = [LineString([(x, -300), (x, 200), (x, 700)]) for x in (0, 400)]
    joined = LineString([(0, -300), (400, -300)])
    net = network(*sides, joined, units=units(box(0, 0, 400, 400)), gates=gates)
    assert len(net.units.owner) == 2
    np.testing.assert_allclose(*net.units.leg_min)
    west = walk_minutes(net, net.units, np.array([[0.0, 200.0]]), 60.0).toarray()
    np.testing.assert_allclose(west[0, 0], net.units.leg_min[0])


def test_small_units_keep_their_one_point():
    """A unit of less than four hectares is left from the point inside it."""
    net = network(ROAD, units=units(square(100, 40)))
    np.testing.assert_allclose(net.units.leg_min, [0.5])


def test_places_stay_in_order_round_a_wall():
    """Points whose nearest street lies behind a river still belong to themselves."""
    lines = (LineString([(0, 0), (0, 200), (400, 200), (400, 0)]),)
    river = barriers(LineString([(15, -100), (15, 150)]))
    net = network(*lines, barriers=river)
    places = places_at(net, np.array([[30.0, 80.0], [380.0, 80.0]]))
    np.testing.assert_array_equal(places.owner, [0, 1])
    np.testing.assert_allclose(places.leg_min * 80, [120.0, 20.0])
