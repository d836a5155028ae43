"""Shared borders, exactly."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from commplan.graph.borders import segments_of, shared_borders
from towns import voronoi_town


def as_dict(borders):
    """Return pair -> metres."""
    pairs = zip(borders.tail.tolist(), borders.head.tolist(), strict=True)
    return dict(zip(pairs, borders.length_m.tolist(), strict=True))


def test_corners_are_no_borders():
    """Four squares around a point: four borders, and none between those that touch in the corner."""
    squares = np.array([box(x, y, x + 10, y + 10) for y in (0, 10) for x in (0, 10)])
    assert as_dict(shared_borders(squares)) == {(0, 1): 10, (0, 2): 10, (1, 3): 10, (2, 3): 10}


def test_border_in_two_stretches_is_one_pair():
    """A unit around a pond shares both stretches beside it with its neighbour, in sum."""
    left = Polygon([(0, 0), (10, 0), (10, 4), (8, 4), (8, 6), (10, 6), (10, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 6), (12, 6), (12, 4), (10, 4)])
    assert as_dict(shared_borders(np.array([left, right]))) == {(0, 1): 8}


def test_parts_of_one_unit_are_no_neighbours():
    """Two touching parts of the same unit make no pair of it with itself."""
    unit = MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)])
    other = box(1, 0, 5, 1)
    assert as_dict(shared_borders(np.array([unit, other], dtype=object))) == {(0, 1): 2}


def test_nothing_and_empty_polygons_have_no_borders():
    """A territory of one unit, or with an empty block, is no special case."""
    for polygons in ([], [box(0, 0, 1, 1)], [Polygon(), box(0, 0, 1, 1)]):
        assert as_dict(shared_borders(np.array(polygons, dtype=object))) == {}


def test_segments_of_lines_and_polygons_keep_their_group():
    """Lines, multilines and outlines with holes all come apart under their own number."""
    ring = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    shapes = np.array([shapely.LineString([(0, 0), (1, 0), (1, 1)]), ring], dtype=object)
    segments = segments_of(shapes)
    assert np.bincount(segments.group, weights=segments.length_m).tolist() == [2, 48]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 25))
def test_lengths_are_those_of_the_intersections(seed, n):
    """Against shapely, pair by pair."""
    cells = np.array(voronoi_town(n, np.random.default_rng(seed)))
    found = as_dict(shared_borders(cells))
    for i in range(len(cells)):
        for j in range(i + 1, len(cells)):
            length = shapely.length(shapely.intersection(cells[i], cells[j]))
            assert abs(found.get((i, j), 0.0) - length) < 1e-6
