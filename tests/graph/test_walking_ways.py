"""Which ways are walked by their tags, and streets read from an OpenStreetMap extract."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box
from test_walking_network import CROSS, CRS, streets

from commplan.graph.walking import build_walk_network
from commplan.graph.walking_ways import walkable_ways
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource
from commplan.territory.territory import Territory
from commplan.texts import LANGUAGES, load_texts


def way(highway="residential", **columns):
    """Make a streets layer of one way."""
    unknown = {"walkable": gpd.pd.array([None], dtype="boolean")}
    return streets(LineString([(0, 0), (80, 0)]), **(unknown | {"highway": highway} | columns))


WALKED = "footway steps crossing path pedestrian living_street service track residential corridor"


@pytest.mark.parametrize("highway", [*WALKED.split(), "tertiary", "primary_link", "Footway "])
def test_ways_that_are_walked(highway):
    """Footways, small streets and roads with houses are walked without a further tag."""
    assert walkable_ways(way(highway)).all()


@pytest.mark.parametrize(
    "highway", ["motorway", "motorway_link", "trunk", "trunk_link", "cycleway", "bridleway"]
)
def test_ways_that_need_a_word(highway):
    """Motorways, trunk roads, cycleways and bridleways are walked only where a tag says so."""
    assert not walkable_ways(way(highway)).any()
    assert walkable_ways(way(highway, foot="yes")).all()
    assert walkable_ways(way(highway, tags='"sidewalk"=>"both","lanes"=>"4"')).all()


@pytest.mark.parametrize("highway", ["construction", "proposed", "raceway", "abandoned"])
def test_ways_that_are_none(highway):
    """What is not built, or no more, is no way, whatever else is tagged."""
    assert not walkable_ways(way(highway, foot="yes")).any()


@pytest.mark.parametrize(
    ("columns", "walked"),
    [
        ({"access": "private"}, False),
        ({"access": "no"}, False),
        ({"access": "private", "foot": "yes"}, True),
        ({"access": "destination"}, True),
        ({"foot": "no"}, False),
        ({"foot": "use_sidepath"}, False),
        ({"tags": '"access"=>"private","surface"=>"asphalt"'}, False),
        ({"tags": '"foot"=>"designated","access"=>"no"'}, True),
        ({"tags": '{"foot":"no"}'}, False),
        ({"tags": '"motorroad"=>"yes"'}, False),
        ({"tags": '"bicycle:foot"=>"no"'}, True),
    ],
)
def test_access(columns, walked):
    """Foot goes before access; tags are read from their own column, hstore or JSON."""
    assert walkable_ways(way("service", **columns)).tolist() == [walked]


def test_the_users_word_goes_first():
    """A row that says whether it is walkable is believed; the others go by their tags."""
    layer = streets(*[LineString([(0, y), (80, y)]) for y in (0, 10, 20, 30)])
    layer["walkable"] = gpd.pd.array([True, False, None, None], dtype="boolean")
    layer["highway"] = ["motorway", "footway", "motorway", "footway"]
    assert walkable_ways(layer).tolist() == [True, False, False, True]


def test_a_layer_without_tags_is_walked():
    """Plain lines are streets; where some rows have tags those without are none (a river, a fence)."""
    assert walkable_ways(way(None)).all()
    layer = streets(LineString([(0, 0), (80, 0)]), LineString([(0, 9), (80, 9)]))
    layer = layer.drop(columns="walkable").assign(highway=["footway", None])
    assert walkable_ways(layer).tolist() == [True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_ways_are_told(language):
    """The kinds that are left out are named with their length, in both languages."""
    layer = streets(*CROSS).drop(columns="walkable").assign(highway=["motorway", "footway"])
    net = build_walk_network(Territory(CRS, streets=layer))
    (finding,) = [f for f in net.findings if f.code == "walking.closed_ways"]
    assert finding.params["kinds"] == "motorway 0.8"
    assert (finding.params["ways"], finding.params["km"]) == (1, 0.8)
    assert "0.8" in finding.words(load_texts(language))


# A footway and a street that share node 2; a trunk road over both on a bridge, without a shared node;
# a river; and a private drive. 0.001 degrees of longitude at 30 degrees north are 96.5 m.
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lon="121.000" lat="30.000"/>
  <node id="2" lon="121.001" lat="30.000"/>
  <node id="3" lon="121.002" lat="30.000"/>
  <node id="4" lon="121.001" lat="30.001"/>
  <node id="5" lon="121.0005" lat="29.999"/>
  <node id="6" lon="121.0005" lat="30.001"/>
  <node id="7" lon="121.003" lat="30.000"/>
  <way id="11"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/>
    <tag k="name" v="人民路"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <way id="13"><nd ref="5"/><nd ref="6"/><tag k="highway" v="trunk"/><tag k="bridge" v="yes"/>
    <tag k="foot" v="{foot}"/></way>
  <way id="14"><nd ref="5"/><nd ref="1"/><tag k="waterway" v="river"/></way>
  <way id="15"><nd ref="3"/><nd ref="7"/><tag k="highway" v="service"/>
    <tag k="access" v="private"/></way>
</osm>
"""


def extract(folder, foot="no"):
    """Load a territory with the extract as its streets."""
    path = folder / "town.osm"
    path.write_text(OSM.replace("{foot}", foot), encoding="utf-8")
    units = gpd.GeoDataFrame(
        {"unit_id": ["a"], "households": [10]},
        geometry=[box(121.0, 29.9995, 121.002, 29.9999)],
        crs=4326,
    )
    units.to_file(folder / "units.gpkg", layer="units")
    sources = {
        "units": LayerSource("units", folder / "units.gpkg"),
        "streets": LayerSource("streets", path),
    }
    return load_territory(sources, None)


def test_an_extract_is_a_streets_layer(tmp_path):
    """An .osm file is read by its ways; the river is left out, tags come along."""
    layer = extract(tmp_path).streets
    assert sorted(layer["highway"]) == ["footway", "residential", "service", "trunk"]
    named = layer.set_index("highway")["name"]
    assert named["residential"] == "人民路"
    assert walkable_ways(layer).sum() == 2


def test_ways_meet_where_they_share_a_node(tmp_path):
    """Street and footway meet at their node: three arms of 96 m, 96 m and 111 m."""
    net = build_walk_network(extract(tmp_path))
    assert len(net.graph.tail) == 3
    np.testing.assert_allclose(np.sort(net.graph.edge_min) * 80, [96.5, 96.5, 110.9], atol=0.5)


def test_a_bridge_does_not_meet_what_it_crosses(tmp_path):
    """The road on the bridge, walked by its tag, crosses the street without a node: two pieces."""
    net = build_walk_network(extract(tmp_path, foot="yes"))
    assert len(np.unique(net.component)) == 2
    crossing = shapely.intersection_all([net.segments[i] for i in _crossing(net)])
    assert shapely.get_type_id(crossing) == 0  # on the map they cross at a point


def _crossing(net):
    first, second = net.tree.query(net.segments, "crosses")
    return first[0], second[0]
