"""The sample county as it is stored: it looks like a county town and has the troubles of one."""

import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "boundaries"
LAYERS = (
    *("units", "communities", "villages", "barriers", "crossings"),
    *("streets", "gates", "sites", "amenities", "developments"),
)
WAYS = {"new_build", "conversion", "purchase", "project", "swap", "sharing"}


@pytest.fixture(scope="module")
def county() -> dict[str, gpd.GeoDataFrame]:
    """All layers as stored."""
    return {name: gpd.read_file(FOLDER / f"{name}.gpkg") for name in LAYERS}


@pytest.fixture(scope="module")
def units(county):
    """Units, with counts that are empty taken as none."""
    frame = county["units"]
    counts = ["户数", "人口", "老年人口", "流动人口"]
    return frame.assign(**{name: frame[name].fillna(0).astype(int) for name in counts})


def parts_apart(shape: shapely.Geometry) -> float:
    """Distance from the first part of a shape to the nearest other one."""
    first, *rest = shapely.get_parts(shape)
    return float(min(first.distance(part) for part in rest))


def test_size_and_kinds(units):
    """About 1,200 units of all seven kinds lie in four subdistricts, each with its own id."""
    assert 1150 <= len(units) <= 1300
    assert units["单元编号"].is_unique
    assert units["小区名称"].is_unique
    assert units["街道"].nunique() == 4
    kinds = {"compound", "block", "urban_village", "mine_industry", "farm", "floating", "open"}
    assert set(units["类别"]) == kinds
    assert 100_000 <= units["户数"].sum() <= 130_000


def test_crs_and_coordinates(county):
    """Layers are in metres without a zone prefix, the amenities in degrees."""
    for name, frame in county.items():
        if name == "amenities":
            assert frame.crs.to_epsg() == 4490
        else:
            assert frame.crs.to_epsg() == 4549
            assert frame.total_bounds[2] < 1_000_000
        assert frame.geometry.is_valid.all()
        assert not frame.geometry.is_empty.any()


def test_files_are_small():
    """All layers together stay under 6 MB and carry no spatial index."""
    sizes = [(FOLDER / f"{name}.gpkg").stat().st_size for name in LAYERS]
    assert sum(sizes) < 6_000_000
    for name in LAYERS:
        assert pyogrio.list_layers(FOLDER / f"{name}.gpkg")[:, 0].tolist() == [name]


def test_streets_lie_between_units(units):
    """No two units touch: to the nearest neighbour it is 12 to 40 m."""
    shapes = units.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=60)
    apart = one != other
    gap_m = shapely.distance(shapes[one[apart]], shapes[other[apart]])
    nearest_m = pd.Series(gap_m).groupby(one[apart]).min()
    assert len(nearest_m) == len(units)
    assert nearest_m.min() >= 12
    assert nearest_m.max() <= 40


def test_households_are_plausible(units):
    """Blocks hold 20 to 150 households, compounds 80 to 900, but for what was planted."""
    blocks = units.loc[units["类别"] == "block", "户数"]
    assert blocks.between(20, 150).all()
    compounds = units.loc[(units["类别"] == "compound") & (units["户数"] != 3200), "户数"]
    assert compounds.between(80, 900).all()
    assert (units["户数"] > 3000).sum() == 1
    assert (units["老年人口"] <= units["人口"]).all()


def test_units_without_households_are_empty_in_the_file(county):
    """Parks, schools and markets have no counts, nobody else lacks one."""
    frame = county["units"]
    empty = frame["类别"] == "open"
    assert 60 <= empty.sum() <= 120
    assert frame["户数"].isna().equals(empty)


def test_one_unit_in_two_parts(units):
    """Exactly one unit consists of two yards that another unit parts."""
    split = units[[len(shapely.get_parts(shape)) > 1 for shape in units.geometry]]
    assert len(split) == 1
    assert parts_apart(split.geometry.iloc[0]) > 40


def test_todays_communities_are_out_of_bounds(units):
    """One community of today has 5,100 households, none more, and several are far too small."""
    sums = units.groupby("社区编号")["户数"].sum()
    assert 45 <= len(sums) <= 60
    assert sums.max() == 5100
    assert (sums < 1300).sum() >= 3
    assert (sums < 1500).sum() >= 6
    assert (sums > 3000).sum() >= 6


def test_an_exclave(county, units):
    """One community of today lies in two pieces, others between them, not parted by water alone."""
    water = county["barriers"].query("kind == 'river'").geometry.union_all().buffer(60)
    found = []
    for community, shape in zip(
        county["communities"]["community_id"], county["communities"].geometry, strict=True
    ):
        if len(shapely.get_parts(shape)) > 1 and parts_apart(shape.difference(water)) > 200:
            found.append(community)
    assert len(found) == 1
    assert (units["社区编号"] == found[0]).sum() > 5


def test_units_in_no_community(county, units):
    """A new estate is in no community, and one compound lies astride a border of today."""
    nowhere = units[units["社区编号"].isna()]
    assert 6 <= len(nowhere) <= 12
    shapes = county["communities"].geometry.to_numpy()
    shares = np.array(
        [np.sort(shapely.area(shapely.intersection(shapes, s)) / s.area) for s in nowhere.geometry]
    )
    uncovered = shares[:, -1] < 0.01
    assert (~uncovered).sum() == 1
    assert 0.8 < shares[~uncovered, -1][0] < 0.95
    assert shares[~uncovered, -2][0] > 0.05
    assert nowhere.loc[uncovered, "户数"].sum() > 800


def test_todays_communities_are_a_coverage(county, units):
    """Communities of today share borders without overlaps, and units lie in the one they name."""
    frame = county["communities"].set_index("community_id")
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    named = units.dropna(subset="社区编号")
    own = frame.geometry.loc[named["社区编号"]].to_numpy()
    share = shapely.area(shapely.intersection(own, named.geometry.to_numpy()))
    assert (share / shapely.area(named.geometry.to_numpy()) > 0.99).all()
    assert set(frame["kind"]) == {"urban", "residential_area", "village"}
    assert frame["room_m2"].isna().sum() == 2
    assert (frame["room_m2"] == 0).sum() == 5


def test_groups_and_locks(units):
    """Three estates must stay together, each in one place and small enough; two units are locked."""
    for _, group in units.dropna(subset="物业片区").groupby("物业片区"):
        assert len(group) == 3
        assert group["户数"].sum() < 1500
        assert len(set(group["街道"])) == 1
        joined = shapely.union_all(shapely.buffer(group.geometry.to_numpy(), 22))
        assert joined.geom_type == "Polygon"
    assert units["物业片区"].nunique() == 3
    assert units["锁定"].sum() == 2


def test_outsiders_in_villages_in_the_city(units):
    """At least ten villages in the city have 100 outsiders or more, and some have fewer."""
    outsiders = units.loc[units["类别"] == "urban_village", "流动人口"]
    assert (outsiders >= 100).sum() >= 10
    assert (outsiders < 100).sum() >= 10


def test_the_island_hangs_on_one_bridge(county, units):
    """The island in the river is too small for a community, and one bridge leads there."""
    river = max(county["barriers"].query("kind == 'river'").geometry, key=lambda shape: shape.area)
    (hole,) = river.interiors
    island = shapely.Polygon(hole)
    there = units.geometry.within(island)
    assert 4 <= there.sum() <= 12
    assert 100 < units.loc[there, "户数"].sum() < 1500
    assert county["crossings"].intersects(island).sum() == 1


def test_crossings_cross(county):
    """Each bridge, underpass and footbridge leads from one side of its barrier to the other."""
    barriers, crossings = county["barriers"], county["crossings"]
    closed = barriers[barriers["kind"].isin(["river", "railway"])]
    assert set(crossings["kind"]) == {"bridge", "underpass", "footbridge"}
    for line in crossings.geometry:
        over = closed.geometry[closed.intersects(line)]
        assert len(over) >= 1
        start, stop = (shapely.Point(line.coords[k]) for k in (0, -1))
        assert not over.intersects(start).any()
        assert not over.intersects(stop).any()
    river = closed.geometry[closed.geom_type == "Polygon"]
    assert crossings.intersects(river.union_all()).sum() >= 6


def test_villages(county, units):
    """Sixty villages in six townships lie around the town; thirteen have 300 people or fewer."""
    villages = county["villages"]
    assert len(villages) == 60
    assert villages["village_id"].is_unique
    assert villages["name"].is_unique
    assert villages["township_id"].nunique() == 6
    assert (villages["population"] <= 300).sum() == 13
    assert (villages["population"] <= 200).sum() == 5
    assert {200, 300} <= set(villages["population"])
    assert shapely.coverage_is_valid(villages.geometry.to_numpy())
    town = shapely.union_all(units.geometry.to_numpy())
    assert shapely.intersection(town, shapely.union_all(villages.geometry.to_numpy())).area == 0
    assert villages["households"].isna().sum() == 3
    assert villages["fishing"].any()
    assert villages["ethnic_group"].nunique() == 2


def test_street_network(county):
    """About 10,000 edges meet at their ends, 99 % in one component, two small pieces cut off."""
    streets = county["streets"]
    assert 9_500 <= len(streets) <= 11_000
    lines = streets.geometry.to_numpy()
    ends = np.array([[line.coords[0], line.coords[-1]] for line in lines]).reshape(-1, 2)
    _, node = np.unique(ends, axis=0, return_inverse=True)
    tail, head = node.reshape(-1, 2).T
    n = node.max() + 1
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    piece = connected_components(links, directed=False)[1][tail]
    walked = streets["walkable"].to_numpy()
    sizes = np.sort(np.bincount(piece[walked]))[::-1]
    sizes = sizes[sizes > 0]
    assert sizes[0] > 0.99 * walked.sum()
    assert len(sizes) == 3
    assert sizes[1:].max() <= 20
    crossing = shapely.STRtree(lines[walked]).query(lines[walked], predicate="crosses")
    assert crossing.shape == (2, 0)


def test_sites(county, units):
    """Candidates come in all six ways; rooms that stand are too small, large enough or unmeasured."""
    sites = county["sites"]
    assert sites["site_id"].is_unique
    candidates, existing = (sites[sites["status"] == s] for s in ("candidate", "existing"))
    assert set(candidates["way"]) == WAYS
    assert candidates["way"].value_counts().min() >= 5
    priced = candidates["cost_yuan"].notna() ^ candidates["yuan_per_m2"].notna()
    assert priced.all()
    assert (existing["floor_m2"] < 350).sum() >= 8
    assert (existing["floor_m2"] > 800).sum() >= 8
    assert existing["floor_m2"].isna().sum() == 2
    assert sites["ground_floor"].nunique() == 2
    assert sites["beside_entrance"].nunique() == 2
    town = shapely.union_all(units.geometry.to_numpy())
    assert sites.intersects(town).all()


def test_amenities_are_unevenly_spread(county):
    """All seven kinds are there, but no bank stands north of the railway in the middle of town."""
    amenities = county["amenities"].to_crs(4549)
    kinds = {"food_market", "convenience", "medical", "school", "bank", "bus_stop", "sports"}
    assert set(amenities["kind"]) == kinds
    assert amenities["kind"].value_counts().min() >= 15
    railway = county["barriers"].query("kind == 'railway'").geometry.iloc[0]
    x, y = np.array(railway.coords).T
    at = amenities.geometry
    north = (at.y > np.interp(at.x, x[np.argsort(x)], y[np.argsort(x)])) & at.x.between(
        538_800, 541_200
    )
    kinds_north = amenities.loc[north, "kind"].value_counts()
    assert kinds_north.get("bank", 0) == 0
    assert kinds_north["convenience"] > 3


def test_developments(county, units):
    """Five developments: areas and points, on new land and in place of houses, some in phases."""
    developments = county["developments"]
    assert len(developments) == 5
    assert set(developments.geom_type) == {"Polygon", "Point"}
    town = shapely.union_all(units.geometry.to_numpy())
    areas = developments[developments.geom_type == "Polygon"]
    rebuilt = areas.intersects(town)
    assert rebuilt.sum() == 1
    assert developments["phases"].max() == 3
    assert (developments["floor_area_m2"] >= 200_000).sum() == 2


def test_gates_stand_at_their_units(county, units):
    """Every gate lies in the fence of the unit that it names."""
    gates = county["gates"]
    shapes = units.set_index("单元编号").geometry.loc[gates["unit_id"]].to_numpy()
    assert (shapely.distance(gates.geometry.to_numpy(), shapely.boundary(shapes)) < 0.05).all()
    assert gates["unit_id"].nunique() > 350


def test_demo_scenario_fits_the_files(county, units):
    """The demo names files and fields that exist; its exception is the compound of 3,200."""
    scenario = tomllib.loads((ROOT / "scenarios" / "demo.toml").read_text(encoding="utf-8"))
    assert set(scenario["layers"]) == set(LAYERS)
    for name, layer in scenario["layers"].items():
        assert (ROOT / "scenarios" / layer["path"]).resolve() == FOLDER / f"{name}.gpkg"
        assert set(layer.get("columns", {}).values()) <= set(county[name].columns)
    (exception,) = scenario["redraw"]["exceptions"]
    named = units[units["单元编号"].isin(exception["units"])]
    assert named["户数"].tolist() == [3200]
    assert named["小区名称"].iloc[0] in exception["reason"]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_counts_right(county, readme):
    """Both descriptions say how many rows each file has, and that all of it is synthetic."""
    text = (FOLDER / readme).read_text(encoding="utf-8")
    for name, frame in county.items():
        (line,) = (row for row in text.splitlines() if row.startswith(f"| `{name}.gpkg`"))
        assert line.split("|")[2].strip().replace(",", "") == str(len(frame))
    assert ("合成" if "zh" in readme else "synthetic") in text
    empty = int((county["units"]["类别"] == "open").sum())
    assert f"{empty} units without" in text or f"{empty} 个单元" in text


@pytest.mark.slow
def test_the_script_makes_the_same_county_again(county, tmp_path):
    """Running the script again gives the same rows and the same shapes to the centimetre."""
    script = ROOT / "tools" / "make_sample_county.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    for name, stored in county.items():
        again = gpd.read_file(tmp_path / f"{name}.gpkg")
        pd.testing.assert_frame_equal(
            pd.DataFrame(again.drop(columns="geometry")),
            pd.DataFrame(stored.drop(columns="geometry")),
        )
        tolerance = 1e-6 if name == "amenities" else 0.011
        assert again.geometry.geom_equals_exact(stored.geometry, tolerance=tolerance).all()
    for name in ("places", "village_outsiders"):
        again, stored = (gpd.read_file(at / f"{name}.gpkg") for at in (tmp_path, FOLDER))
        assert again.drop(columns="geometry").equals(stored.drop(columns="geometry"))
        assert again.geometry.geom_equals_exact(stored.geometry, tolerance=0.011).all()
    planted = (at / "planted_coverage.csv" for at in (tmp_path, FOLDER))
    assert len({path.read_text(encoding="utf-8") for path in planted}) == 1
