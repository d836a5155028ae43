"""Squares that an OpenStreetMap extract draws as areas are walked along their outline."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from commplan.graph.walking import build_walk_network
from commplan.graph.walking_minutes import pair_minutes
from commplan.graph.walking_ways import walkable_ways
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource

# A square of 0.001 degrees with a footway to either side of it, a car park and a lawn.
NODES = {
    1: (120.999, 30.0), 2: (121.0, 30.0), 3: (121.001, 30.0), 4: (121.001, 30.001),
    5: (121.0, 30.001), 6: (121.002, 30.001), 7: (121.003, 30.0), 8: (121.004, 30.0),
    9: (121.004, 30.001),
}  # fmt: skip
WAYS = [
    ((1, 2), {"highway": "footway"}),
    ((4, 6), {"highway": "footway"}),
    ((2, 3, 4, 5, 2), {"highway": "pedestrian", "area": "yes", "name": "人民广场"}),
    ((7, 8, 9, 7), {"highway": "service", "area": "yes", "access": "private"}),
    ((2, 3, 4, 2), {"landuse": "grass"}),
]


def extract(folder: Path, **source: object):
    """Load a territory with the extract as its streets."""
    nodes = "".join(
        f'<node id="{i}" lat="{lat}" lon="{lon}" version="1"/>' for i, (lon, lat) in NODES.items()
    )
    ways = "".join(
        f'<way id="{i}" version="1">'
        + "".join(f'<nd ref="{node}"/>' for node in way)
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        + "</way>"
        for i, (way, tags) in enumerate(WAYS, start=1)
    )
    path = folder / "town.osm"
    path.write_text(f'<osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    unit = gpd.GeoDataFrame(
        {"unit_id": ["a"], "households": [1]},
        geometry=[box(121, 30.002, 121.001, 30.003)],
        crs=4326,
    )
    unit.to_file(folder / "units.gpkg", layer="units")
    streets = LayerSource("streets", path, **source)  # type: ignore[arg-type]
    return load_territory(
        {"units": LayerSource("units", folder / "units.gpkg"), "streets": streets}, None
    )


def test_squares_are_streets(tmp_path: Path) -> None:
    """Square and car park come along as lines with their tags; the lawn does not."""
    layer = extract(tmp_path).streets
    assert sorted(layer["highway"]) == ["footway", "footway", "pedestrian", "service"]
    assert set(layer.geom_type) <= {"LineString", "MultiLineString"}
    assert layer.set_index("highway")["name"]["pedestrian"] == "人民广场"
    assert walkable_ways(layer).sum() == 3


def test_one_walks_round_a_square(tmp_path: Path) -> None:
    """From footway to footway the way is along two sides of the square: 96.5 m and 110.9 m."""
    territory = extract(tmp_path)
    net = build_walk_network(territory)
    assert len(np.unique(net.component)) == 1
    ends = gpd.GeoSeries.from_xy([120.999, 121.002], [30.0, 30.001], crs=4326).to_crs(territory.crs)
    xy = np.column_stack([ends.x, ends.y])
    walked = pair_minutes(net, xy[:1], xy[1:], ([0], [0]))
    assert walked[0] * 80 == pytest.approx(96.5 + 96.5 + 110.9 + 96.5, abs=1)


def test_a_filter_of_ones_own_keeps_them_out(tmp_path: Path) -> None:
    """Who filters the extract gets the lines that the filter keeps."""
    layer = extract(tmp_path, where="highway = 'footway'").streets
    assert layer["highway"].tolist() == ["footway", "footway"]
