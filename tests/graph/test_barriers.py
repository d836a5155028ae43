"""Which part of a border is on a barrier."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, box

from commplan.graph.barriers import beside, is_closing, metres_on_barrier
from commplan.graph.borders import segments_of
from commplan.graph.options import GraphOptions

BORDER = LineString([(0, 0), (100, 0)])


def barriers(*shapes, **columns):
    """Make a layer of barriers, rivers unless said otherwise."""
    table = {"kind": ["river"] * len(shapes)} | columns
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=4547)


def on_barrier(line, *shapes):
    """Return the metres of one line on rivers of these shapes."""
    return metres_on_barrier([line], barriers(*shapes))[0]


@pytest.mark.parametrize(("length", "counted"), [(29, 0), (30, 30), (31, 31)])
def test_stretch_counts_from_thirty_metres(length, counted):
    """A river beside the start of the border; the 15 m beyond its end count as beside it too."""
    wall = box(-50, -1, length - 15, 1)
    reach = on_barrier(LineString([(0, 0), (100, 0)]), wall)
    assert reach == pytest.approx(counted, abs=0.05)


def test_border_that_meets_a_barrier_head_on_is_not_on_it():
    """Of a street that ends at a river only 15 m are near it; crossing it makes exactly 30."""
    assert on_barrier(LineString([(0, 0), (0, 200)]), LineString([(-50, 0), (50, 0)])) == 0
    assert on_barrier(LineString([(0, -29), (0, 14.9)]), LineString([(-50, 0), (50, 0)])) == 0


def test_distance_is_inclusive():
    """A barrier 15 m beside the border counts, one at 15.1 m does not."""
    assert on_barrier(BORDER, LineString([(-50, 15), (150, 15)])) == pytest.approx(100)
    assert on_barrier(BORDER, LineString([(-50, 15.1), (150, 15.1)])) == 0


def test_stretch_goes_on_around_corners_of_the_border():
    """Vertices do not break a stretch, however the segments are stored."""
    zigzag = LineString([(0, 0), (15, 3), (30, 0), (45, 3)])
    river = LineString([(-20, 1), (60, 1)])
    assert on_barrier(zigzag, river) == pytest.approx(zigzag.length)
    pieces = MultiLineString([zigzag.coords[i : i + 2] for i in (2, 0, 1)])
    assert on_barrier(pieces, river) == pytest.approx(zigzag.length)


def test_two_short_stretches_make_no_long_one():
    """Twice 25 m with a break between them: neither counts."""
    river = barriers(LineString([(0, 0), (10, 0)]), LineString([(75, 0), (100, 0)]))
    line = MultiLineString([[(0, 0), (25, 0)], [(75, 0), (100, 0)]])
    assert metres_on_barrier([line], river)[0] == 0
    assert metres_on_barrier([line], river, GraphOptions(barrier_stretch_m=25))[0] == 50


def test_stretches_do_not_run_over_into_another_line():
    """Each line is judged by itself: 20 m here and 20 m there, end to end."""
    lines = [LineString([(0, 0), (20, 0)]), LineString([(20, 0), (40, 0)])]
    river = barriers(LineString([(-50, 0), (90, 0)]))
    assert metres_on_barrier(lines, river).tolist() == [0, 0]
    assert metres_on_barrier([LineString([(0, 0), (40, 0)])], river).tolist() == [40]


def test_inside_of_a_polygon_counts():
    """The middle of a river of 50 m is 25 m from its banks, and on it all the same."""
    assert on_barrier(BORDER, box(-50, -25, 150, 25)) == pytest.approx(100)


def test_no_barriers_no_metres():
    """Neither a missing layer nor an empty one puts a border on a barrier."""
    assert metres_on_barrier([BORDER], None).tolist() == [0]
    assert metres_on_barrier([BORDER], barriers()).tolist() == [0]


def test_kind_decides_unless_the_column_does():
    """Rivers, railways and expressways close, roads do not; a stated value overrides either."""
    kinds = ["river", "railway", "expressway", "main_road", "road", "river", "road"]
    stated = [None, None, None, None, None, True, False]
    layer = barriers(*[BORDER] * 7, kind=kinds)
    assert is_closing(layer).tolist() == [True, True, True, False, False, True, False]
    layer["crossable"] = np.array(stated, dtype=object)
    assert is_closing(layer).tolist() == [True, True, True, False, False, False, True]


def test_short_border_is_beside_a_barrier_only_in_its_direction():
    """20 m along a river are beside it, 20 m towards it are not."""
    river = np.array([LineString([(-50, 0), (90, 0)])])
    lines = np.array([LineString([(0, 2), (20, 2)]), LineString([(0, 0), (0, 20)])])
    assert beside(segments_of(lines), 2, river, 15).tolist() == pytest.approx([20, 0])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), parts=st.integers(1, 4))
def test_metres_agree_with_a_buffer(seed, parts):
    """Without the 30 m, the metres are those inside a finely rounded buffer of the barriers."""
    rng = np.random.default_rng(seed)
    walks = [np.cumsum(rng.normal(0, 30, (12, 2)), 0) for _ in range(parts + 1)]
    line, *shapes = [LineString(w) for w in walks]
    if parts > 2:
        shapes[0] = shapely.convex_hull(shapes[0])
    whole = metres_on_barrier([line], barriers(*shapes), GraphOptions(barrier_stretch_m=0))[0]
    area = shapely.union_all(shapely.buffer(shapes, 15, quad_segs=128))
    # a line may pass the same place twice; the intersection of a line counts it twice as well
    segments = segments_of(np.array([line])).lines()
    assert whole == pytest.approx(
        shapely.length(shapely.intersection(segments, area)).sum(), abs=0.2
    )
