"""Pieces of the network: who lies at one that is cut off, and lines that end on others."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point
from test_walking_network import CROSS, CRS, network, square, streets, units

from commplan.graph.walking import WalkOptions, build_walk_network
from commplan.graph.walking_minutes import pair_minutes
from commplan.territory.territory import Territory
from commplan.texts import LANGUAGES, load_texts

STUB = LineString([(200, 100), (240, 100)])  # joined to nothing, 100 m from the street


def found(net, code):
    """Return the findings of a code."""
    return [f for f in net.findings if f.code == code]


def test_units_at_a_piece_that_is_cut_off_are_named():
    """Two units beside a stub: both are left by the street farther off, and are named for it."""
    homes = units(square(210, 110), square(230, 90), square(600, 40), households=[7, 30, 500])
    net = network(*CROSS, STUB, units=homes)
    (finding,) = found(net, "walking.cut_off_units")
    assert finding.ids == ("u0", "u1")
    assert (finding.params["units"], finding.params["of"]) == (2, 3)
    assert finding.params["households"] == 37
    np.testing.assert_allclose(net.units.leg_min, np.array([110, 90, 40]) / 80)


def test_where_the_gate_is_counts():
    """A unit beside a stub whose gate opens on the street is not named; one whose gate does is."""
    home, away = square(210, 110), square(600, 40)
    gates = gpd.GeoDataFrame(
        {"unit_id": ["u0", "u1"]}, geometry=[Point(210, 10), Point(220, 105)], crs=CRS
    )
    net = network(*CROSS, STUB, units=units(home, away), gates=gates)
    (finding,) = found(net, "walking.cut_off_units")
    assert finding.ids == ("u1",)


def test_units_at_a_smaller_piece_are_named():
    """Across the river 400 m of street serve one unit: nobody walks there from the rest."""
    across = LineString([(0, 3000), (400, 3000)])
    net = network(*CROSS, across, units=units(square(100, 40), square(100, 3040), households=60))
    assert found(net, "walking.apart")
    (finding,) = found(net, "walking.apart_units")
    assert finding.ids == ("u1",)
    assert finding.params["households"] == 60
    assert np.isinf(pair_minutes(net, net.units, net.units.xy, ([0], [1]))[0])


def test_a_unit_between_two_pieces_is_served():
    """A gate at each of two pieces is a way to both; the unit is not named."""
    across = LineString([(0, 200), (390, 200)])
    gates = gpd.GeoDataFrame(
        {"unit_id": ["u0", "u0"]}, geometry=[Point(100, 10), Point(100, 190)], crs=CRS
    )
    net = network(*CROSS, across, units=units(square(100, 100)), gates=gates)
    assert found(net, "walking.apart")
    assert not found(net, "walking.apart_units")


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_have_words(language):
    """Both findings name number, households and ids in both languages."""
    across = LineString([(0, 3000), (400, 3000)])
    homes = units(square(210, 110), square(100, 3040), households=[71, 83])
    net = network(*CROSS, STUB, across, units=homes)
    for code, households, unit in (
        ("walking.cut_off_units", "71", "u0"),
        ("walking.apart_units", "83", "u1"),
    ):
        (finding,) = found(net, code)
        words = finding.words(load_texts(language))
        assert households in words
        assert unit in words
        assert "{" not in words


def test_a_line_that_ends_on_another_meets_it():
    """A lane drawn with snapping to the edge of a street has no vertex in common with it."""
    street = LineString([(0, 0), (800, 0)])
    lane, other = LineString([(200, 0.04), (200, 80)]), LineString([(600, -80), (600, 0)])
    net = network(street, lane, other)
    assert len(np.unique(net.component)) == 1
    np.testing.assert_allclose(np.sort(net.graph.edge_min), [1, 1, 2.5, 2.5, 5], atol=1e-3)
    walked = pair_minutes(net, np.array([[200.0, 80.0]]), np.array([[600.0, -80.0]]), ([0], [0]))
    np.testing.assert_allclose(walked, [(80 + 400 + 80) / 80], atol=1e-3)


def test_the_cut_keeps_a_rows_own_pace():
    """Parts of a stretch take their share of the minutes that its row states."""
    given = streets(
        LineString([(0, 0), (400, 0)]), LineString([(100, 0), (100, 80)]), minutes=[8.0, np.nan]
    )
    net = build_walk_network(Territory(CRS, streets=given), WalkOptions(piece_share=0.0))
    np.testing.assert_allclose(np.sort(net.graph.edge_min), [1, 2, 6])


def test_an_end_short_of_a_line_does_not_meet_it():
    """A lane that stops a metre before the street is a piece of its own."""
    net = network(LineString([(0, 0), (800, 0)]), LineString([(200, 1), (200, 81)]))
    assert len(np.unique(net.component)) == 2
