"""Repair of polygons."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from commplan.territory.repair import repair_polygons

_COORDINATES = st.tuples(st.integers(0, 20), st.integers(0, 20))


def _array(*shapes: shapely.Geometry | None) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def test_a_bow_tie_becomes_two_triangles() -> None:
    """A ring that crosses itself keeps the area an editor sees."""
    repaired = repair_polygons(_array(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])))
    assert repaired.invalid.tolist() == [0]
    assert repaired.reasons == ("Self-intersection",)
    assert repaired.shapes[0].area == pytest.approx(2.0)
    assert shapely.is_valid(repaired.shapes).all()


def test_valid_polygons_and_none_pass_untouched() -> None:
    """What is valid stays the very same geometry, and None stays None."""
    box = shapely.box(0, 0, 1, 1)
    repaired = repair_polygons(_array(box, None))
    assert repaired.shapes[0] is box
    assert repaired.shapes[1] is None
    assert len(repaired.invalid) == 0


def test_a_collection_keeps_its_polygons_only() -> None:
    """Lines and points that a tool left behind are not part of a unit."""
    mixed = shapely.GeometryCollection(
        [shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)])]
    )
    assert repair_polygons(_array(mixed)).shapes[0].equals(shapely.box(0, 0, 1, 1))


def test_a_polygon_without_area_is_nothing() -> None:
    """A ring that goes there and back holds no home."""
    flat = shapely.Polygon([(0, 0), (1, 0), (2, 0), (0, 0)])
    assert repair_polygons(_array(flat)).shapes[0] is None


@given(st.lists(_COORDINATES, min_size=3, max_size=9))
def test_repair_twice_is_repair_once(corners: list[tuple[int, int]]) -> None:
    """Repairing is idempotent and leaves valid polygons or nothing."""
    once = repair_polygons(_array(shapely.Polygon(corners)))
    twice = repair_polygons(once.shapes)
    assert len(twice.invalid) == 0
    shape = once.shapes[0]
    assert shape is None or (shape.is_valid and shape.geom_type in {"Polygon", "MultiPolygon"})
    assert (twice.shapes[0] is None) == (shape is None)
