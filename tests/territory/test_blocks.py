"""The closed coverage: what gaps, overlaps and barriers become."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from commplan.findings import Severity
from commplan.territory.blocks import close_gaps
from commplan.territory.coverage import SNAP_M
from commplan.texts import load_texts

CRS = 4547
DATA = Path(os.environ.get("COMMPLAN_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
TAINAN = DATA / "taiwan_tainan" / "units.gpkg"


def make_units(*polygons, ids=None):
    """Make a layer of units."""
    ids = ids or [f"u{i:03d}" for i in range(len(polygons))]
    return gpd.GeoDataFrame({"unit_id": ids}, geometry=list(polygons), crs=CRS)


def make_barriers(*shapes):
    """Make a layer of rivers."""
    return gpd.GeoDataFrame({"kind": ["river"] * len(shapes)}, geometry=list(shapes), crs=CRS)


def grid(columns, rows, size=100.0, street=20.0):
    """Make square compounds between streets, in rows from the lower left."""
    step = size + street
    return [
        box(c * step, r * step, c * step + size, r * step + size)
        for r in range(rows)
        for c in range(columns)
    ]


def shared(blocks, a, b):
    """Return the border that two blocks share."""
    return shapely.line_merge(shapely.intersection(blocks.iloc[a], blocks.iloc[b]))


def assert_closed(blocks):
    """Assert a clean coverage, none of it counted twice."""
    polygons = blocks.to_numpy()
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert blocks.area.sum() == pytest.approx(shapely.union_all(polygons).area, rel=1e-9)


def test_streets_of_a_grid_are_halved():
    """Six compounds between streets of 20 m: each block grows by 10 m on its street sides."""
    blocks, findings = close_gaps(make_units(*grid(3, 2)))
    assert_closed(blocks)
    assert blocks.area.sum() == pytest.approx(340 * 220, abs=0.01)
    assert blocks.area.to_numpy() == pytest.approx([12100, 13200, 12100] * 2, rel=0.005)
    assert shared(blocks, 0, 1).length == pytest.approx(110, abs=1)
    assert shared(blocks, 0, 1).distance(LineString([(110, 0), (110, 100)])) < 0.01
    assert [f.code for f in findings] == ["blocks.gaps_closed"]
    assert findings[0].params == {"area_ha": 1.48, "units": 6}


def test_rim_does_not_swell():
    """An L of two units keeps its corner, and no block leaves the hull of the units."""
    units = make_units(box(0, 0, 200, 50), box(0, 50, 50, 200))
    blocks, findings = close_gaps(units)
    assert shapely.equals(blocks.to_numpy(), units.geometry.to_numpy()).all()
    assert findings == ()


def test_gap_of_sixty_metres_closes_and_a_wider_one_stays():
    """The limit is inclusive; one metre more and the units stay apart."""
    for width, area in ((60.0, 26000.0), (61.0, 20000.0)):
        blocks, _ = close_gaps(
            make_units(box(0, 0, 100, 100), box(100 + width, 0, 200 + width, 100))
        )
        assert blocks.area.sum() == pytest.approx(area, rel=1e-6)


def test_park_inside_streets_stays_open():
    """A park of 200 m is no gap: the blocks around it keep its outline."""
    ring = [
        box(0, 0, 100, 400),
        box(300, 0, 400, 400),
        box(100, 0, 300, 100),
        box(100, 300, 300, 400),
    ]
    blocks, findings = close_gaps(make_units(*ring))
    assert blocks.area.sum() == pytest.approx(400 * 400 - 200 * 200)
    assert findings == ()


def test_zero_closes_nothing():
    """With a gap of 0 m only overlaps and slits are settled."""
    units = make_units(*grid(2, 1))
    blocks, findings = close_gaps(units, gap_m=0)
    assert shapely.equals(blocks.to_numpy(), units.geometry.to_numpy()).all()
    assert findings == ()


def test_border_runs_along_a_river_line_off_the_middle():
    """A river 10 m from one bank and 30 m from the other is the border, not the middle line."""
    river = LineString([(-50, 110), (250, 110)])
    units = make_units(box(0, 0, 200, 100), box(0, 140, 200, 240))
    blocks, _ = close_gaps(units, make_barriers(river))
    assert_closed(blocks)
    assert blocks.area.to_numpy() == pytest.approx([200 * 110, 200 * 130])
    assert shared(blocks, 0, 1).hausdorff_distance(LineString([(0, 110), (200, 110)])) < 1e-6


def test_river_polygon_that_fits_into_a_gap_is_halved():
    """The banks of a river drawn as a polygon of 40 m meet in the middle of it."""
    units = make_units(box(0, 0, 200, 100), box(0, 140, 200, 240))
    blocks, _ = close_gaps(units, make_barriers(box(-50, 100, 250, 140)))
    assert blocks.area.to_numpy() == pytest.approx([200 * 120, 200 * 120], rel=1e-6)


def test_river_polygon_wider_than_a_gap_stays_open():
    """Nothing is given away across 200 m of water."""
    units = make_units(box(0, 0, 200, 100), box(0, 300, 200, 400))
    blocks, _ = close_gaps(units, make_barriers(box(-50, 100, 250, 300)))
    assert shared(blocks, 0, 1).is_empty


def test_strip_between_two_tracks_goes_to_both_sides():
    """Ground between two parallel barrier lines is halved, not given to whoever touches its end."""
    tracks = make_barriers(
        LineString([(-100, 112), (500, 112)]), LineString([(-100, 128), (500, 128)])
    )
    units = make_units(box(0, 0, 400, 100), box(0, 140, 400, 240), box(405, 100, 480, 140))
    blocks, _ = close_gaps(units, tracks)
    assert_closed(blocks)
    assert blocks.area.iloc[:2].to_numpy() == pytest.approx([400 * 120, 400 * 120], rel=0.01)


def test_line_that_ends_inside_a_gap_does_not_cut_it():
    """A dead end in a street leaves its middle line where it was."""
    stub = make_barriers(LineString([(105, -10), (105, 50)]))
    without, _ = close_gaps(make_units(*grid(2, 1)))
    with_stub, _ = close_gaps(make_units(*grid(2, 1)), stub)
    assert with_stub.area.to_numpy() == pytest.approx(without.area.to_numpy(), rel=1e-6)


def test_overlap_goes_to_the_smaller_unit():
    """An overlap of 10 x 50 m is settled, its area and both units are named."""
    units = make_units(box(0, 0, 200, 100), box(190, 0, 260, 50), ids=["big", "small"])
    blocks, findings = close_gaps(units)
    assert_closed(blocks)
    assert blocks.area.to_numpy() == pytest.approx([19500, 3500])
    assert findings[0].code == "blocks.overlaps"
    assert findings[0].ids == ("big", "small")
    assert findings[0].params == {"area_m2": 500.0}


def test_unit_entered_twice_is_an_error():
    """One of two identical polygons is left with nothing, and that is said."""
    blocks, findings = close_gaps(make_units(box(0, 0, 50, 50), box(0, 0, 50, 50)))
    lost = [f for f in findings if f.code == "blocks.nothing_left"]
    assert blocks.is_empty.sum() == 1
    assert lost[0].severity is Severity.ERROR
    assert lost[0].ids == (f"u{int(np.flatnonzero(blocks.is_empty)[0]):03d}",)


def test_missing_geometry_stays_an_empty_block():
    """A row without a polygon does not stop the others."""
    blocks, _ = close_gaps(make_units(box(0, 0, 100, 100), None, box(120, 0, 220, 100)))
    assert list(blocks.is_empty) == [False, True, False]
    assert blocks.area.sum() == pytest.approx(22000)


def test_t_junction_and_tiny_hole_are_mended():
    """A border of one side gets the other side's vertex, and a hole of centimetres closes."""
    hole = Polygon([(49.99, 100), (50.01, 100), (50, 99.99)])
    units = make_units(
        box(0, 0, 100, 100).difference(hole), box(0, 100, 50, 200), box(50, 100, 100, 200)
    )
    blocks, _ = close_gaps(units)
    assert_closed(blocks)
    assert blocks.area.sum() == pytest.approx(20000, rel=1e-9)
    corners = shapely.get_coordinates(blocks.iloc[0])
    assert np.hypot(*(corners - (50, 100)).T).min() < 0.02


def test_multipolygons_take_part():
    """Units stored as multipolygons (as GeoPackage often has them) are closed alike."""
    parts = [shapely.MultiPolygon([p]) for p in grid(2, 1)]
    blocks, _ = close_gaps(make_units(*parts))
    assert blocks.area.to_numpy() == pytest.approx([11000, 11000])


def test_findings_read_in_both_languages():
    """Every finding of the closing has a sentence in Chinese and in English."""
    polygons = [box(0, 0, 100, 100), box(0, 0, 100, 100), box(120, 0, 180, 50)]
    _, findings = close_gaps(make_units(*polygons))
    assert {f.code for f in findings} == {
        "blocks.overlaps",
        "blocks.nothing_left",
        "blocks.gaps_closed",
    }
    for language in ("en", "zh-CN"):
        assert all("{" not in f.words(load_texts(language)) for f in findings)


@st.composite
def towns(draw):
    """Cells of a random town, each drawn back from its streets, and a river."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 16))
    size = 250.0 * np.sqrt(n)
    frame = box(0, 0, size, size)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(rng.uniform(0, size, (n, 2))), extend_to=frame)
    )
    back = -rng.uniform(5, 20, n)
    units = shapely.buffer(shapely.intersection(cells, frame), back, join_style="mitre")
    units = units[shapely.area(units) > 100]
    walk = np.cumsum(np.vstack([[0, size / 2], rng.normal((size / 12, 0), size / 30, (14, 2))]), 0)
    return make_units(*units), make_barriers(shapely.linestrings(walk)), rng


@settings(max_examples=15, deadline=None)
@given(town=towns())
def test_any_town_closes_once_and_for_all(town):
    """Clean, every unit inside its block, nothing left to close, and row order changes nothing."""
    units, river, rng = town
    blocks, _ = close_gaps(units, river)
    assert_closed(blocks)
    given = units.geometry.to_numpy()
    outside = shapely.area(shapely.difference(given, blocks.to_numpy()))
    assert (outside <= SNAP_M * shapely.length(given)).all()  # an outline moves by no more
    again, findings = close_gaps(units.set_geometry(blocks), river)
    assert findings == ()
    assert shapely.equals_exact(again.to_numpy(), blocks.to_numpy(), 1e-6).all()
    order = rng.permutation(len(units))
    shuffled, _ = close_gaps(units.iloc[order], river)
    assert shapely.equals_exact(shuffled.to_numpy(), blocks.to_numpy()[order], 0).all()


@pytest.mark.real
@pytest.mark.skipif(not TAINAN.exists(), reason="no public data here: set COMMPLAN_REAL_DATA")
def test_tainan_is_mended():
    """The public units of Tainan overlap by 7.8 m2 and have 65 pinholes; both are settled."""
    units = gpd.read_file(TAINAN, columns=["CODEBASE"])
    units = units.rename(columns={"CODEBASE": "unit_id"}).to_crs(3826)
    blocks, findings = close_gaps(units)
    assert_closed(blocks)
    assert sum(len(p.interiors) for p in shapely.get_parts(shapely.union_all(blocks))) == 0
    overlap = next(f for f in findings if f.code == "blocks.overlaps")
    assert overlap.params == {"area_m2": 7.8}
    assert len(overlap.ids) == 39
