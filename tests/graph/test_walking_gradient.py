"""Streets that climb take longer, by Tobler's function in the mean of both ways."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString
from test_walking_network import CRS, streets

from commplan.graph.walking import WalkOptions, build_walk_network
from commplan.graph.walking_gradient import STEEPEST, slope_factor
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource
from commplan.territory.territory import Territory
from commplan.texts import LANGUAGES, load_texts


def minutes(*lines, **columns):
    """Return the minutes of each edge, shortest street first."""
    options = WalkOptions(piece_share=0.0)
    net = build_walk_network(Territory(CRS, streets=streets(*lines, **columns)), options)
    return np.sort(net.graph.edge_min), net


def test_toblers_figures():
    """A slope of 10 % takes exp(0.35) up and exp(0) down; the level takes 1, either sign the same."""
    expected = (np.exp(3.5 * 0.1) + 1.0) / 2
    np.testing.assert_allclose(slope_factor(np.array([0.0, 0.1, -0.1])), [1, expected, expected])
    gentle = (np.exp(3.5 * 0.05) + np.exp(-3.5 * 0.05)) / 2
    np.testing.assert_allclose(slope_factor(np.array([0.05])), [gentle])


def test_a_fault_in_height_is_no_wall():
    """A slope beyond the steepest counts as the steepest."""
    steep = slope_factor(np.array([STEEPEST, 9.0]))
    assert steep[0] == steep[1]


def test_third_coordinates_are_heights():
    """A street of 400 m that climbs 40 m takes longer than one on the level; both are said."""
    level, hill = LineString([(0, 0, 5), (400, 0, 5)]), LineString([(0, 99, 0), (400, 99, 40)])
    found, net = minutes(level, hill)
    np.testing.assert_allclose(found, [5.0, 5.0 * slope_factor(np.array([0.1]))[0]])
    assert [f.code for f in net.findings if f.code == "walking.slopes"] == ["walking.slopes"]


def test_up_and_down_again_is_no_level():
    """A hill between two ends of one height counts, stretch by stretch."""
    over = LineString([(0, 0, 0), (200, 0, 20), (400, 0, 0)])
    found, _ = minutes(over)
    np.testing.assert_allclose(found, [5.0 * slope_factor(np.array([0.1]))[0]])


def test_a_height_of_each_row():
    """Where rows state one height each, the mean counts where they meet and the climb is even."""
    lines = [LineString([(0, 0), (200, 0), (400, 0)]), LineString([(400, 0), (800, 0)])]
    found, _ = minutes(*lines, height=[0.0, 80.0])
    # ends: 0 m, 40 m where they meet, 80 m: 10 % all the way
    np.testing.assert_allclose(found, [10.0 * slope_factor(np.array([0.1]))[0]])


def test_stated_minutes_know_their_climb():
    """Measured minutes stay; a stated speed is that on the level; an unknown height is level."""
    hill = [(0, 0, 0), (400, 0, 40)]
    assert minutes(LineString(hill), minutes=[7.0])[0] == pytest.approx([7.0])
    slow = minutes(LineString(hill), speed=[40.0])[0]
    np.testing.assert_allclose(slow, [10.0 * slope_factor(np.array([0.1]))[0]])
    assert minutes(LineString([(0, 0), (400, 0)]), height=[np.nan])[0] == pytest.approx([5.0])


def test_heights_survive_the_file(tmp_path):
    """A streets file with heights keeps them through reading and projecting."""
    line = LineString([(121.0, 30.0, 0), (121.001, 30.0, 9.65)])
    gpd.GeoDataFrame(geometry=[line], crs=4326).to_file(tmp_path / "s.gpkg", layer="streets")
    unit = gpd.GeoDataFrame(
        {"unit_id": ["a"], "households": [1]}, geometry=[line.buffer(0.001)], crs=4326
    )
    unit.to_file(tmp_path / "u.gpkg", layer="units")
    sources = {n: LayerSource(n, tmp_path / f"{n[0]}.gpkg") for n in ("units", "streets")}
    net = build_walk_network(load_territory(sources, None))
    length_m = net.graph.segment_m[0]
    expected = length_m / 80 * slope_factor(np.array([9.65 / length_m]))
    np.testing.assert_allclose(net.graph.edge_min, expected)


def test_levels_are_no_heights():
    """1 on a bridge and -1 in an underpass is no climb: minutes stay, and a finding says why."""
    lines = [LineString([(x, 0), (x + 400, 0)]) for x in (0, 400, 800)]
    found, net = minutes(*lines, height=[0.0, 1.0, -1.0])
    np.testing.assert_allclose(found, [15.0])
    assert {"walking.levels"} == {f.code for f in net.findings} - {"walking.no_streets"}
    metres, net = minutes(*lines, height=[0.0, 1.5, -1.0])
    assert metres[0] > 15.0
    assert "walking.slopes" in {f.code for f in net.findings}


@pytest.mark.parametrize("height", [[0.0, 0.0], [np.nan, np.nan]])
def test_nothing_is_said_of_a_column_of_nothing(height):
    """A column of zeros, or an empty one, is neither heights nor levels to speak of."""
    lines = [LineString([(x, 0), (x + 400, 0)]) for x in (0, 400)]
    assert minutes(*lines, height=height)[1].findings == ()


def test_third_coordinates_that_are_all_the_same():
    """Drawing programs write 0 for every height: the column counts then, and nothing is claimed."""
    lines = [LineString([(0, 0, 0), (400, 0, 0)]), LineString([(400, 0, 0), (800, 0, 0)])]
    found, net = minutes(*lines)
    np.testing.assert_allclose(found, [10.0])
    assert net.findings == ()
    found, _ = minutes(*lines, height=[0.0, 80.0])
    np.testing.assert_allclose(found, [10.0 * slope_factor(np.array([0.1]))[0]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_levels_have_words(language):
    """The finding can be worded in both languages."""
    _, net = minutes(LineString([(0, 0), (400, 0)]), height=[1.0])
    (finding,) = net.findings
    assert "−1" in finding.words(load_texts(language))
