"""The unit graph: closed by barriers, mended by crossings, never without a way out."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from commplan.graph.build import build_unit_graph
from commplan.graph.components import components
from commplan.graph.options import GraphOptions
from commplan.territory.blocks import close_gaps
from commplan.texts import load_texts
from towns import CRS, grid_town, town, voronoi_town

DATA = Path(os.environ.get("COMMPLAN_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
TAIPEI = DATA / "taiwan_taipei" / "units.gpkg"


def layer(*shapes, **columns):
    """Make a layer."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def rivers(*shapes, kind="river"):
    """Make a layer of barriers."""
    return layer(*shapes, kind=[kind] * len(shapes))


def bridges(*shapes):
    """Make a layer of crossings."""
    return layer(*shapes, kind=["bridge"] * len(shapes))


def pairs(graph, mask=None):
    """Return the pairs of positions of the edges, or of some."""
    mask = np.ones(graph.m, dtype=bool) if mask is None else mask
    return list(zip(graph.tail[mask].tolist(), graph.head[mask].tolist(), strict=True))


def closed_pairs(graph):
    """Return the pairs that are closed."""
    return pairs(graph, ~graph.is_open)


def codes(graph):
    """Return the codes of the findings."""
    return [f.code for f in graph.findings]


TWO_BANKS = LineString([(-50, 100), (350, 100)])  # between the two rows of three


def test_grid_without_barriers_is_open():
    """Six squares have seven borders of 100 m, all open, and nothing to report."""
    graph = build_unit_graph(grid_town(3, 2))
    assert pairs(graph) == [(0, 1), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (4, 5)]
    assert graph.border_m.tolist() == [100.0] * 7
    assert graph.barrier_m.tolist() == [0.0] * 7
    assert graph.is_open.all()
    assert graph.findings == ()


@pytest.mark.parametrize("kind", ["river", "railway", "expressway"])
def test_line_between_two_rows_closes_them(kind):
    """The three borders on the line close, the streets that end at it stay open."""
    graph = build_unit_graph(grid_town(3, 2).replace(barriers=rivers(TWO_BANKS, kind=kind)))
    assert closed_pairs(graph) == [(0, 3), (1, 4), (2, 5)]
    assert graph.barrier_m.tolist() == [0, 100, 0, 100, 100, 0, 0]
    assert codes(graph) == ["graph.island"]
    assert graph.findings[0].ids == ("U003", "U004", "U005")
    assert graph.findings[0].params == {"households": 300}


def test_road_is_a_barrier_that_stays_open():
    """Borders on a main road count as on a barrier and are open."""
    graph = build_unit_graph(grid_town(3, 2).replace(barriers=rivers(TWO_BANKS, kind="main_road")))
    assert graph.is_open.all()
    assert graph.barrier_m.sum() == pytest.approx(300)


def test_column_overrides_the_kind():
    """A river that may be crossed closes nothing."""
    barriers = rivers(TWO_BANKS).assign(crossable=[True])
    assert build_unit_graph(grid_town(3, 2).replace(barriers=barriers)).is_open.all()


@pytest.mark.parametrize(
    ("x", "opened"),
    [
        (20, [(0, 3)]),
        (50, [(0, 3), (1, 4)]),
        (70, [(0, 3), (1, 4)]),
        (150, [(0, 3), (1, 4), (2, 5)]),
    ],
)
def test_bridge_opens_the_borders_within_fifty_metres(x, opened):
    """The border under it and those that begin at most 50 m away, the limit included."""
    crossings = bridges(LineString([(x, 95), (x, 105)]))
    territory = grid_town(3, 2).replace(barriers=rivers(TWO_BANKS), crossings=crossings)
    graph = build_unit_graph(territory)
    assert [p for p in [(0, 3), (1, 4), (2, 5)] if p in pairs(graph, graph.is_open)] == opened


@pytest.mark.parametrize(("end", "is_open"), [(35.0, True), (35.1, False)])
def test_half_of_the_border_is_not_more_than_half(end, is_open):
    """A river along exactly half of a border of 100 m leaves it open, 10 cm more closes it."""
    # 15 m beyond its end still count as along the line
    river = LineString([(100, -200), (100, end)])
    graph = build_unit_graph(grid_town(2, 1).replace(barriers=rivers(river)))
    open_before_joining = not any(c == "graph.lone_unit" for c in codes(graph))
    assert open_before_joining is is_open


def test_short_border_across_a_river_is_closed():
    """Two units that face each other across a river for 20 m are not joined by land."""
    squares = [
        box(0, 0, 100, 100),
        box(80, 100, 180, 200),
        box(0, 100, 80, 200),
        box(100, 0, 180, 100),
    ]
    nodes = shapely.coverage_clean(np.array(squares))
    territory = town(list(nodes)).replace(barriers=rivers(TWO_BANKS))
    assert closed_pairs(build_unit_graph(territory)) == [(0, 1), (0, 2), (1, 3)]
    by_letter = build_unit_graph(territory, GraphOptions(close_short_borders=False))
    assert closed_pairs(by_letter) == [(0, 2), (1, 3)]


def wide_river(**layers):
    """Make two banks of two units each, 200 m apart."""
    squares = [box(0, 0, 100, 100), box(100, 0, 200, 100)]
    squares += [box(0, 300, 100, 400), box(100, 300, 200, 400)]
    return town(squares).replace(barriers=rivers(box(-300, 110, 500, 290)), **layers)


@pytest.mark.parametrize(
    "bridge",
    [LineString([(150, 90), (150, 310)]), LineString([(150, 105), (150, 295)]), Point(150, 200)],
)
def test_bridge_over_a_wide_river_joins_the_nearest_units(bridge):
    """Drawn from bank to bank, within the water, or as a point: an open edge of length 0."""
    graph = build_unit_graph(wide_river(crossings=bridges(bridge)))
    assert pairs(graph) == [(0, 1), (1, 3), (2, 3)]
    assert graph.border_m.tolist() == [100, 0, 100]
    assert graph.is_open.all()
    assert graph.findings == ()


def test_point_bridge_over_a_line_in_a_gap():
    """A river known as a line, its banks 160 m apart: the sides of the line are told apart."""
    squares = [box(0, 0, 100, 100), box(0, 260, 100, 360)]
    territory = town(squares).replace(
        barriers=rivers(LineString([(-500, 150), (500, 150)])), crossings=bridges(Point(50, 150))
    )
    assert pairs(build_unit_graph(territory)) == [(0, 1)]
    assert codes(build_unit_graph(territory)) == []


def test_bridge_to_nowhere_is_reported():
    """A crossing over a gap with units on one side only joins nothing."""
    graph = build_unit_graph(
        wide_river(crossings=bridges(Point(150, 200), LineString([(2000, 0), (2000, 9)])))
    )
    assert codes(graph) == ["graph.idle_crossing"]
    assert graph.findings[0].row == 2


def test_crossing_on_land_is_neither_used_nor_reported():
    """A footbridge over a street that is no barrier changes nothing."""
    plain = build_unit_graph(grid_town(2, 2))
    bridged = build_unit_graph(grid_town(2, 2).replace(crossings=bridges(Point(100, 50))))
    assert pairs(plain) == pairs(bridged)
    assert bridged.findings == ()


def test_lone_unit_joins_the_nearest_of_its_subdistrict():
    """The farther one of the same subdistrict, not the nearer one of another, and it is said."""
    squares = [box(x, 0, x + 100, 100) for x in (0, 100, 500, 390)]
    territory = town(squares, subdistrict_id=["a", "a", "a", "b"])
    graph = build_unit_graph(territory)
    assert (1, 2) in pairs(graph, graph.is_open)
    lone = [f for f in graph.findings if f.code == "graph.lone_unit"]
    assert [f.ids for f in lone] == [("U002", "U003")]
    assert lone[0].params == {"distance_m": 300.0}


def test_borders_under_a_metre_make_no_neighbours():
    """Half a metre of common border is a drawing fault; exactly one metre is a border."""
    for length, neighbours in ((0.5, 0), (1.0, 1)):
        squares = [box(0, 0, 10, 10), box(10, 10 - length, 20, 20)]
        squares = list(shapely.coverage_clean(np.array(squares)))
        graph = build_unit_graph(town(squares))
        assert int((graph.border_m > 0).sum()) == neighbours


def test_territory_without_units_has_no_graph():
    """Villages alone are not redrawn."""
    with pytest.raises(ValueError, match="without units"):
        build_unit_graph(grid_town(1).replace(units=None))


def test_one_unit_is_a_graph():
    """Nothing to join, nothing to report."""
    graph = build_unit_graph(grid_town(1))
    assert (graph.n, graph.m, graph.findings) == (1, 0, ())


def test_findings_read_in_both_languages():
    """Every finding of the graph has a sentence in Chinese and in English."""
    squares = [box(x, y, x + 100, y + 100) for y in (0, 100) for x in (0, 100, 200)]
    squares += [box(900, 0, 1000, 100)]
    territory = town(
        squares, subdistrict_id=["s"] * 6 + ["t"], community_id=["c", "d"] * 3 + ["e"]
    ).replace(barriers=rivers(TWO_BANKS), crossings=bridges(LineString([(3000, 0), (3000, 9)])))
    graph = build_unit_graph(territory)
    assert {"graph.lone_unit", "graph.island", "graph.exclave", "graph.idle_crossing"} <= set(
        codes(graph)
    )
    for language in ("en", "zh-CN"):
        assert all("{" not in f.words(load_texts(language)) for f in graph.findings)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 20))
def test_any_town_has_a_sound_graph(seed, n):
    """Sorted pairs once each, barriers within borders, no unit alone, borders close the outlines."""
    rng = np.random.default_rng(seed)
    cells = shapely.buffer(voronoi_town(n, rng), -8, join_style="mitre")
    territory = town(cells[shapely.area(cells) > 1])
    river = rivers(shapely.linestrings(np.cumsum(rng.normal((80, 80), 40, (12, 2)), 0)))
    blocks, _ = close_gaps(territory.units, river)
    graph = build_unit_graph(territory.replace(blocks=blocks, barriers=river))
    keys = graph.tail.astype(np.int64) * graph.n + graph.head
    assert (graph.tail < graph.head).all()
    assert (np.diff(keys) > 0).all()
    assert ((graph.barrier_m >= 0) & (graph.barrier_m <= graph.border_m)).all()
    if graph.n > 1:
        assert np.bincount(components(graph)).min() >= 2
    outline = shapely.length(blocks.to_numpy()).sum() - shapely.length(shapely.union_all(blocks))
    assert 2 * graph.border_m.sum() == pytest.approx(outline, abs=2.0 * graph.n)


@pytest.mark.real
@pytest.mark.skipif(not TAIPEI.exists(), reason="no public data here: set COMMPLAN_REAL_DATA")
def test_taipei_has_its_neighbours():
    """11,490 units, 31,644 pairs that share at least 1 m (31,698 that share any border)."""
    units = gpd.read_file(TAIPEI, columns=["CODEBASE"])
    shapes = units.to_crs(3826).geometry
    graph = build_unit_graph(town(list(shapes)))
    assert (graph.n, graph.m) == (11490, 31644)
    assert graph.is_open.all()
