"""Ten walks in Porto Alegre, beside an independent way of finding them; see docs/walking.md."""

import os
import re
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from commplan.graph.walking import build_walk_network
from commplan.graph.walking_minutes import pair_minutes
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("COMMPLAN_REAL_DATA", ROOT.parent / "shared" / "data"))
FOLDER = DATA / "walking" / "porto_alegre"
EXTRACT = FOLDER / "poa_osm.pbf"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not EXTRACT.exists(), reason="the real data are not here"),
]

PLACES = {
    "public_market": (-30.027565, -51.227811),
    "townhall": (-30.028004, -51.22865),
    "piratini_palace": (-30.033625, -51.230681),
    "metropolitan_cathedral": (-30.033707, -51.230028),
    "santa_casa_hospital": (-30.030426, -51.222396),
    "ufrgs": (-30.033402, -51.220278),
    "farroupilha_park": (-30.036746, -51.216111),
    "gasometer_museum": (-30.034038, -51.240947),
    "bus_central_station": (-30.023285, -51.218856),
    "moinhos_de_vento_hospital": (-30.024909, -51.208565),
    "praia_de_belas": (-30.049951, -51.228752),
    "beira_rio_stadium": (-30.06494, -51.236591),
}
# From, to, metres of the straight line, and of the walk as added up street by street.
WALKS = [
    ("public_market", "townhall", 94, 189),
    ("piratini_palace", "metropolitan_cathedral", 64, 116),
    ("santa_casa_hospital", "ufrgs", 388, 709),
    ("farroupilha_park", "ufrgs", 547, 713),
    ("townhall", "metropolitan_cathedral", 646, 822),
    ("gasometer_museum", "piratini_palace", 991, 1171),
    ("bus_central_station", "santa_casa_hospital", 862, 1189),
    ("public_market", "gasometer_museum", 1456, 1546),
    ("bus_central_station", "moinhos_de_vento_hospital", 1009, 1489),
    ("praia_de_belas", "beira_rio_stadium", 1825, 2175),
]
GEOD = pyproj.Geod(ellps="GRS80")
SHUT = re.compile(
    r"motorway|trunk|cycleway|bridleway|busway|construction|proposed|abandoned|raceway"
)
YES = re.compile(
    r'"foot"=>"(yes|designated|permissive|destination)"|"sidewalk"=>"(yes|both|left|right)"'
)
NO = re.compile(r'"foot"=>"(no|private|use_sidepath)"')
PRIVATE = re.compile(r'"access"=>"(no|private)"')
FOOT = re.compile(r'"foot"=>"(yes|designated|permissive|destination)"')


@pytest.fixture(scope="module")
def network():
    """Build the network of the extract as a scenario does."""
    sources = {
        "villages": LayerSource(
            "villages",
            FOLDER / "poa_hexgrid.csv",
            columns={"village_id": "id", "population": "population"},
        ),
        "streets": LayerSource("streets", EXTRACT),
    }
    return build_walk_network(load_territory(sources, "EPSG:31982"))


@pytest.fixture(scope="module")
def ways():
    """Make a networkx graph by longitude and latitude, metres on the ellipsoid, in its main piece."""
    import pyogrio

    nx = pytest.importorskip("networkx")

    tagged = "other_tags LIKE '%\"highway\"=>%'"
    lines = pyogrio.read_dataframe(EXTRACT, layer="lines", where="highway IS NOT NULL")
    squares = pyogrio.read_dataframe(EXTRACT, layer="multipolygons", where=tagged)
    squares["highway"] = squares["other_tags"].str.extract(r'"highway"=>"([^"]*)"', expand=False)
    squares = squares.set_geometry(squares.boundary).explode()
    rows = [
        row
        for layer in (lines, squares)
        for row in zip(
            layer["highway"], layer["other_tags"].fillna(""), layer.geometry, strict=True
        )
    ]
    graph = nx.Graph()
    for highway, tags, line in rows:
        private = PRIVATE.search(tags) and not FOOT.search(tags)
        if (SHUT.match(highway) and not YES.search(tags)) or NO.search(tags) or private:
            continue
        at = list(line.coords)
        x, y = np.array(at).T
        _, _, metres = GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])
        graph.add_edges_from(
            (a, b, {"m": float(m)}) for a, b, m in zip(at[:-1], at[1:], metres, strict=True)
        )
    meet(graph, {end for _, _, line in rows for end in (line.coords[0], line.coords[-1])})
    return graph.subgraph(max(nx.connected_components(graph), key=len)).copy()


def meet(graph, ends):
    """Join the ends of lines to the stretches on which they lie, to a hand's breadth."""
    scale = np.array([np.cos(np.radians(-30.03)) * 111_320, 110_900])
    stretches = list(graph.edges)
    tree = shapely.STRtree([shapely.LineString(np.array(e) * scale) for e in stretches])
    ends = sorted(ends & set(graph.nodes))
    points = shapely.points(np.array(ends) * scale)
    for end, stretch in tree.query(points, "dwithin", distance=0.1).T:
        for other in set(stretches[stretch]) - {ends[end]}:
            if ends[end] not in stretches[stretch]:
                graph.add_edge(ends[end], other, m=GEOD.inv(*ends[end], *other)[2])


def joined(graph, name):
    """Add a place to the nearest point of a street; its node and the metres to it."""
    lat, lon = PLACES[name]
    scale = np.array([np.cos(np.radians(lat)) * 111_320, 110_900])
    edges = [e for e in graph.edges if not isinstance(e[0], str) and not isinstance(e[1], str)]
    a = (np.array([e[0] for e in edges]) - [lon, lat]) * scale
    b = (np.array([e[1] for e in edges]) - [lon, lat]) * scale
    along = b - a
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(-(a * along).sum(axis=1) / length2, 0, 1)
    nearest = int(np.argmin(np.hypot(*(a + share[:, None] * along).T)))
    start, stop = (np.array(end) for end in edges[nearest])
    foot = start + share[nearest] * (stop - start)
    for end in (start, stop):
        graph.add_edge(name, tuple(end.tolist()), m=GEOD.inv(*foot, *end)[2])
    return GEOD.inv(lon, lat, *foot)[2]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: f"{walk[0]}-{walk[1]}")
def test_ten_walks(network, ways, walk):
    """The metres found street by street by networkx, at 80 m a minute, and sane beside the line."""
    nx = pytest.importorskip("networkx")
    start, stop, line_m, walk_m = walk
    graph = ways.copy()
    legs_m = joined(graph, start) + joined(graph, stop)
    metres = nx.shortest_path_length(graph, start, stop, weight="m") + legs_m
    assert metres == pytest.approx(walk_m, abs=1)
    to_plane = pyproj.Transformer.from_crs(4326, 31982, always_xy=True)
    xy = np.array([to_plane.transform(*PLACES[name][::-1]) for name in (start, stop)])
    found = pair_minutes(network, xy, xy, ([0], [1]))[0]
    assert found == pytest.approx(metres / 80, rel=1e-3)  # the plane stretches by 0.04 %
    straight = GEOD.inv(*PLACES[start][::-1], *PLACES[stop][::-1])[2]
    assert straight == pytest.approx(line_m, abs=1)
    assert line_m <= found * 80 <= 2.1 * line_m


def test_the_extract(network):
    """The extract gives one large network; what is not for walking and what is cut off are told."""
    codes = {f.code for f in network.findings}
    assert {"walking.closed_ways", "walking.pieces"} <= codes
    assert len(np.unique(network.component)) == 1
    assert shapely.length(network.segments).sum() == pytest.approx(1_826_600, rel=1e-3)
