"""GCJ-02 and BD-09: published sample points, round trips, and layers that come in them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.territory.read import read_layer
from commplan.territory.schema import LayerSource
from commplan.territory.shifted import (
    from_bd09,
    from_gcj02,
    shifted_name,
    to_bd09,
    to_gcj02,
    unshift,
)

#: WGS 84 and GCJ-02, longitude first: the test points of googollee/eviltransform.
GCJ_POINTS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
]
#: WGS 84 and GCJ-02: examples in the documentation of Amap's coordinate conversion.
AMAP_POINTS = [
    ((116.481499, 39.990475), (116.487585177952, 39.991754014757)),
    ((116.481499, 39.990375), (116.487585177952, 39.991653917101)),
]
#: WGS 84 and BD-09: the example of Baidu's geoconv.
BAIDU_POINT = ((114.21892734521, 29.575429778924), (114.23074871003, 29.579084787993))
#: WGS 84, GCJ-02 and BD-09: the example of Alibaba Cloud's TransferCoord (6 decimals).
ALIBABA_POINT = ((120.021519, 30.281543), (120.026268, 30.279164), (120.032768, 30.285238))


def metres(a: object, b: object) -> float:
    """Return the distance between two places in degrees."""
    (x0, y0), (x1, y1) = np.ravel(a), np.ravel(b)
    return float(np.hypot((x1 - x0) * np.cos(np.radians(y0)), y1 - y0) * 111_320)


def one(change: object, place: tuple[float, float]) -> np.ndarray:
    """Apply a transformation to one place."""
    return change(np.array([place]))[0]


@pytest.mark.parametrize(("wgs", "gcj"), GCJ_POINTS)
def test_published_points_of_gcj02(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    """There and back within 5 cm of what the open libraries publish, some 500 m apart."""
    assert metres(one(to_gcj02, wgs), gcj) < 0.05
    assert metres(one(from_gcj02, gcj), wgs) < 0.05
    assert 100 < metres(wgs, gcj) < 800


@pytest.mark.parametrize(("wgs", "gcj"), AMAP_POINTS)
def test_amap_itself_answers_alike(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    """The service whose tiles are laid under the page shifts by the same formula."""
    assert metres(one(to_gcj02, wgs), gcj) < 0.1


def test_baidu_and_alibaba_answer_alike() -> None:
    """Within 1 m of Baidu's documented answer, 2 m of Alibaba's."""
    assert metres(one(to_bd09, BAIDU_POINT[0]), BAIDU_POINT[1]) < 1
    wgs, gcj, bd = ALIBABA_POINT
    assert metres(one(from_gcj02, gcj), wgs) < 2
    assert metres(one(from_bd09, bd), wgs) < 2
    assert metres(one(from_gcj02, gcj), one(from_bd09, bd)) < 0.2


@settings(max_examples=60, deadline=None)
@given(st.floats(73.5, 135.0), st.floats(18.0, 53.5))
def test_round_trips_are_closed(lon: float, lat: float) -> None:
    """There and back is the same place within a centimetre, anywhere in China."""
    assert metres(one(from_gcj02, one(to_gcj02, (lon, lat))), (lon, lat)) < 0.01
    assert metres(one(from_bd09, one(to_bd09, (lon, lat))), (lon, lat)) < 0.01


def test_outside_of_china_nothing_moves() -> None:
    """Porto Alegre and Paris are where they were."""
    places = np.array([(-51.2, -30.0), (2.35, 48.86)])
    assert np.array_equal(to_gcj02(places), places)
    assert np.array_equal(from_gcj02(places), places)


def test_names() -> None:
    """The usual spellings are known, and nothing else."""
    assert {shifted_name(n) for n in ("GCJ-02", "gcj02", "火星坐标系")} == {"GCJ-02"}
    assert {shifted_name(n) for n in ("BD-09", "bd09ll", "百度坐标系")} == {"BD-09"}
    assert shifted_name("EPSG:4490") is None


def test_geometry_keeps_heights_and_gaps() -> None:
    """Flat and steep lines and missing ones are converted together."""
    shapes = np.array(
        [shapely.LineString([(120, 30, 7), (120.1, 30, 8)]), None, shapely.Point(120, 30)],
        dtype=object,
    )
    moved, metres_moved = unshift(shapes, "GCJ-02")
    assert moved[1] is None
    assert [c[2] for c in moved[0].coords] == [7, 8]
    assert not moved[2].has_z
    assert metres(moved[0].coords[0][:2], (moved[2].x, moved[2].y)) < 1e-6
    assert 300 < metres_moved < 700


@pytest.mark.parametrize(("crs", "forward"), [("GCJ-02", to_gcj02), ("BD-09", to_bd09)])
def test_a_layer_in_shifted_degrees_is_put_right(crs: str, forward: object, tmp_path: Path) -> None:
    """A file that says WGS 84 but holds shifted degrees comes out where it belongs, and is told."""
    true = shapely.box(120.10, 30.20, 120.11, 30.21)
    wrong = shapely.transform(true, forward)
    frame = gpd.GeoDataFrame({"unit_id": ["a"], "households": [5]}, geometry=[wrong], crs=4326)
    frame.to_file(tmp_path / "units.gpkg")
    layer = read_layer(LayerSource("units", tmp_path / "units.gpkg", crs=crs))
    assert layer.faults == ()
    assert layer.shapes is not None
    assert shapely.hausdorff_distance(layer.shapes[0], true) * 111_320 < 0.05
    found = {finding.code: finding for finding in layer.findings}
    assert set(found) == {"territory.shifted_converted"}
    assert found["territory.shifted_converted"].params["crs"] == crs


def test_points_of_a_table_may_be_shifted(tmp_path: Path) -> None:
    """A CSV with lon and lat out of a web map needs only the key."""
    lon, lat = one(to_gcj02, (120.1, 30.2))
    path = tmp_path / "sites.csv"
    path.write_text(f"site_id,status,lon,lat\nS,existing,{lon},{lat}\n", encoding="utf-8")
    layer = read_layer(LayerSource("sites", path, crs="GCJ-02"))
    assert layer.faults == ()
    assert layer.shapes is not None
    assert metres((layer.shapes[0].x, layer.shapes[0].y), (120.1, 30.2)) < 0.05
