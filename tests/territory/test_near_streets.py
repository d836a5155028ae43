"""Streets of a whole province: only those near the study area are read."""

import bz2
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
import shapely
from shapely import LineString, box

from commplan.errors import InputError
from commplan.territory.load import load_territory
from commplan.territory.nearby import NEAR_KM, box_in, near_box
from commplan.territory.read import read_layer
from commplan.territory.schema import LayerSource
from commplan.texts import LANGUAGES, load_texts

HOME = box(121.0, 30.0, 121.01, 30.01)
NEAR = LineString([(121.0, 30.0), (121.02, 30.0)])
FAR = LineString([(123.0, 30.0), (123.02, 30.0)])
ACROSS = LineString([(121.0, 30.005), (122.0, 30.005)])
NODE = '<node id="{}" lat="{}" lon="{}" version="1"/>'
WAY = '<way id="{}" version="1"><nd ref="{}"/><nd ref="{}"/><tag k="highway" v="footway"/></way>'


def territory(folder: Path, path: Path, **source: object):
    """Load one unit and the streets of a file."""
    unit = gpd.GeoDataFrame({"unit_id": ["a"], "households": [1]}, geometry=[HOME], crs=4326)
    unit.to_file(folder / "units.gpkg", layer="units")
    streets = LayerSource("streets", path, **source)  # type: ignore[arg-type]
    return load_territory(
        {"units": LayerSource("units", folder / "units.gpkg"), "streets": streets}, None
    )


def written(folder: Path, suffix: str, lines: list[LineString], crs: int = 4326) -> Path:
    """Write lines in a format."""
    path = folder / f"streets.{suffix}"
    frame = gpd.GeoDataFrame({"name": list("abc")[: len(lines)]}, geometry=lines, crs=4326)
    frame = frame.to_crs(crs)
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix.startswith("osm"):
        ends = [xy for line in lines for xy in line.coords]
        nodes = [NODE.format(i + 1, lat, lon) for i, (lon, lat) in enumerate(ends)]
        ways = [WAY.format(i + 1, 2 * i + 1, 2 * i + 2) for i in range(len(lines))]
        text = "".join(['<osm version="0.6">', *nodes, *ways, "</osm>"]).encode()
        path.write_bytes(bz2.compress(text) if suffix.endswith("bz2") else text)
    else:
        frame.to_file(path)
    return path


def codes(found) -> list[str]:
    """Return what is said of streets that are far."""
    return [f.code for f in found.findings if f.code == "territory.far_streets"]


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet", "osm", "osm.bz2"])
def test_far_streets_stay_unread(tmp_path: Path, suffix: str) -> None:
    """A street two degrees off is left out; one that leads out of sight stays whole; it is said."""
    found = territory(tmp_path, written(tmp_path, suffix, [NEAR, FAR, ACROSS]))
    assert found.streets is not None
    assert len(found.streets) == 2
    assert found.streets.geometry.length.max() > 90_000
    assert codes(found) == ["territory.far_streets"]


@pytest.mark.parametrize("suffix", ["gpkg", "osm"])
def test_nothing_is_said_where_nothing_is_far(tmp_path: Path, suffix: str) -> None:
    """A file of the study area alone is read whole, without a word."""
    found = territory(tmp_path, written(tmp_path, suffix, [NEAR]))
    assert found.streets is not None
    assert len(found.streets) == 1
    assert codes(found) == []


def test_streets_in_metres(tmp_path: Path) -> None:
    """The box is brought into the file's own CRS."""
    found = territory(tmp_path, written(tmp_path, "gpkg", [NEAR, FAR], crs=32651))
    assert found.streets is not None
    assert len(found.streets) == 1


@pytest.mark.parametrize("suffix", ["gpkg", "osm"])
def test_a_file_that_lies_elsewhere_is_read(tmp_path: Path, suffix: str) -> None:
    """Where all is far the file is read whole, so that the wrong city or CRS is told as such."""
    found = territory(tmp_path, written(tmp_path, suffix, [FAR]))
    assert found.streets is not None
    assert len(found.streets) == 1
    assert "territory.apart" in {f.code for f in found.findings}


def test_a_filter_of_an_extract(tmp_path: Path) -> None:
    """The scenario's filter of an extract is heard, and a bad one is a fault."""
    path = written(tmp_path, "osm", [NEAR, ACROSS])
    found = territory(tmp_path, path, where="highway = 'steps'")
    assert found.streets is not None
    assert len(found.streets) == 0
    with pytest.raises(InputError) as caught:
        territory(tmp_path, path, where="highway ==== 'steps'")
    assert [f.code for f in caught.value.faults] == ["territory.bad_filter"]


def test_the_box(tmp_path: Path) -> None:
    """It is wider than the units by the stated distance on every side."""
    unit = gpd.GeoDataFrame({"unit_id": ["a"], "households": [1]}, geometry=[HOME], crs=4326)
    unit.to_file(tmp_path / "units.gpkg", layer="units")
    layer = read_layer(LayerSource("units", tmp_path / "units.gpkg"))
    assert layer.crs is not None
    wide = box_in(near_box([layer]), pyproj.CRS(32651))
    assert wide is not None
    home = gpd.GeoSeries([HOME], crs=4326).to_crs(32651)
    reach = shapely.buffer(home[0], NEAR_KM * 990)
    assert shapely.box(*wide).contains(reach)
    assert not shapely.box(*wide).contains(shapely.buffer(home[0], NEAR_KM * 1100))
    assert near_box([]) is None
    assert box_in(None, layer.crs) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_words(tmp_path: Path, language: str) -> None:
    """The finding names the distance."""
    found = territory(tmp_path, written(tmp_path, "gpkg", [NEAR, FAR]))
    (finding,) = (f for f in found.findings if f.code == "territory.far_streets")
    assert "10" in finding.words(load_texts(language))
