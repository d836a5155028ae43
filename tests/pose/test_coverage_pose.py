"""Which places count as left out, and what lies next to them."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from commplan.graph.build import build_unit_graph
from commplan.policy.library import load_profile
from commplan.pose.coverage import CoverageOptions, PosedCoverage, pose_coverage
from commplan.pose.coverage_convert import Place
from commplan.territory.territory import Territory
from towns import CRS, grid_town

SIX = {"households": [400] * 6, "population": [1000.0] * 6}


def town(**changes: object) -> Territory:
    """Six squares of 100 m in a row, all in community A but the last."""
    values: dict[str, object] = {"community_id": ["A"] * 5 + [None], **SIX}
    return grid_town(6, **(values | changes))


def layer(rows: list[dict[str, object]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Make a layer of places with the columns of the schema."""
    columns = ("place_id", "name", "kind", "community_id")
    table = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns}
    counts = ("households", "population", "floating_population")
    table |= {name: pd.Series([row.get(name) for row in rows], dtype=float) for name in counts}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def asked(territory: Territory, **options: object) -> PosedCoverage:
    """Pose the question with the draft of Zhejiang."""
    graph = build_unit_graph(territory)
    profile = load_profile("zhejiang-2017")
    return pose_coverage(territory, graph, profile, CoverageOptions(**options))  # type: ignore[arg-type]


def found(territory: Territory, **options: object) -> dict[str, Place]:
    """Give the places found by their ids."""
    return {place.place_id: place for place in asked(territory, **options).places}


def plot(at: float, up: float = 0.0, side_m: float = 50.0) -> shapely.Polygon:
    return shapely.box(at, up, at + side_m, up + side_m)


def test_a_unit_in_no_community_is_found() -> None:
    """The last square is left out, lies beside A, and five of six populated places are covered."""
    posed = asked(town())
    assert [place.place_id for place in posed.places] == ["U005"]
    assert posed.problem.beside.tolist() == [[0, 0]]
    assert posed.problem.community_households.tolist() == [2000]
    assert (posed.looked_at, posed.covered) == (6, 5)


def test_empty_units_are_no_gap() -> None:
    """A park in no community is not a place where people live."""
    empty = town(households=[400] * 5 + [0], population=[1000.0] * 5 + [0.0])
    assert found(empty) == {}


def test_places_in_units_and_by_name_are_covered() -> None:
    """In a unit of a community, by its own word, or in a village's hamlet: no gap."""
    rows = [
        {"place_id": "in", "households": 10},
        {"place_id": "named", "households": 10, "community_id": "A"},
        {"place_id": "hamlet", "households": 10, "kind": "village"},
        {"place_id": "with", "households": 10},
        {"place_id": "out", "households": 10},
    ]
    shapes = [plot(20, 20), plot(900), plot(1200), plot(520, 20), plot(20, 110)]
    territory = town().replace(places=layer(rows, shapes))
    assert set(found(territory)) == {"U005", "out"}


def test_half_in_is_not_in() -> None:
    """A place of which the smaller part lies in a compound is a place of its own."""
    territory = town().replace(places=layer([{"place_id": "p", "households": 9}], [plot(0, 80)]))
    assert "p" in found(territory)


@pytest.mark.parametrize(("size", "households"), [(None, 120), (2.0, 150)])
def test_people_become_households(size: float | None, households: int) -> None:
    """300 outsiders are 120 households at 2.5 people each, as in the units, or as the user says."""
    rows = [{"place_id": "dorm", "floating_population": 300}]
    territory = town().replace(places=layer(rows, [plot(0, 110)]))
    place = found(territory, household_size=size)["dorm"]
    assert (place.households, place.people, place.guessed) == (households, 300, True)


def test_people_at_the_census_size() -> None:
    """Where no unit states people, a household counts 2.62, as in the census of 2020."""
    rows = [{"place_id": "dorm", "population": 262}]
    bare = grid_town(6, households=[400] * 6, community_id=["A"] * 6)
    territory = bare.replace(places=layer(rows, [plot(0, 110)]))
    assert found(territory)["dorm"].households == 100


def test_places_without_figures_are_named() -> None:
    """What states nobody is left out, and told of."""
    territory = town().replace(places=layer([{"place_id": "?"}], [plot(0, 110)]))
    posed = asked(territory)
    assert [place.place_id for place in posed.places] == ["U005"]
    assert [f.ids for f in posed.findings if f.code == "coverage.no_figures"] == [("?",)]


def test_buildings_without_a_name_are_one_place() -> None:
    """Two nameless buildings 20 m apart are one place; with names they are two."""
    shapes = [plot(0, 110, 10), plot(30, 110, 10)]
    rows: list[dict[str, object]] = [{"place_id": "b1", "households": 20}]
    rows.append({"place_id": "b2", "households": 30})
    one = found(town().replace(places=layer(rows, shapes)))
    assert one["b1"].households == 50
    assert "b2" not in one
    named = [row | {"name": f"Block {i}"} for i, row in enumerate(rows)]
    assert {"b1", "b2"} <= set(found(town().replace(places=layer(named, shapes))))


def river(up: float) -> gpd.GeoDataFrame:
    line = shapely.LineString([(-500, up), (2000, up)])
    table = {"kind": ["river"], "crossable": pd.Series([pd.NA], dtype="boolean")}
    return gpd.GeoDataFrame(table, geometry=[line], crs=CRS)


def test_a_river_parts_and_a_bridge_joins() -> None:
    """Across a river a place lies beside nothing; with a bridge there it lies beside A."""
    places = layer([{"place_id": "p", "households": 50}], [plot(0, 150)])
    territory = town(community_id=["A"] * 6).replace(places=places)
    assert asked(territory).problem.beside.tolist() == [[0, 0]]
    across = territory.replace(barriers=river(125.0))
    assert asked(across).problem.beside.tolist() == []
    bridge = gpd.GeoDataFrame({"kind": ["bridge"]}, geometry=[shapely.Point(25, 125)], crs=CRS)
    assert asked(across.replace(crossings=bridge)).problem.beside.tolist() == [[0, 0]]


@pytest.mark.parametrize(("reach_m", "beside"), [(49.0, []), (51.0, [[0, 0]])])
def test_reach(reach_m: float, beside: list[list[int]]) -> None:
    """A place 50 m off lies beside what is within its reach."""
    places = layer([{"place_id": "p", "households": 50}], [plot(0, 150)])
    territory = town(community_id=["A"] * 6).replace(places=places)
    assert asked(territory, reach_m=reach_m).problem.beside.tolist() == beside


def kinds(*kind: str | None) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {"community_id": ["A", "B"], "name": ["东社区", "江南居民区"], "kind": list(kind)},
        dtype=object,
    )
    return gpd.GeoDataFrame(table, geometry=[None, None], crs=CRS)


def test_residential_areas_are_places_of_their_units() -> None:
    """A residential area is one place of all its units and is no community to be joined."""
    territory = town(community_id=["A"] * 3 + ["B"] * 3)
    territory = territory.replace(communities=kinds("urban", "residential_area"))
    posed = asked(territory)
    (place,) = posed.places
    assert (place.place_id, place.units, place.households) == ("B", (3, 4, 5), 1200)
    assert posed.communities == ("A",)
    assert asked(territory, convert=()).places == ()


def test_communities_without_kinds_are_told_of() -> None:
    """Where no community says of which kind it is, that is a finding."""
    territory = town(community_id=["A"] * 6).replace(communities=kinds(None, None))
    assert "coverage.no_kinds" in {f.code for f in asked(territory).findings}


def test_a_town_without_communities_is_a_fault() -> None:
    """Where no unit is in a community there is nothing to join."""
    with pytest.raises(ValueError, match="commplan run"):
        asked(town(community_id=[None] * 6))


def test_developments_count_if_asked() -> None:
    """A development on new land is a gap to come, unless developments are left out."""
    table = {
        "development_id": ["D1"], "name": ["New"], "households": [1700], "population": [None],
        "completes": ["2029"],
    }  # fmt: skip
    plots = gpd.GeoDataFrame(table, geometry=[plot(0, 110)], crs=CRS)
    territory = town().replace(developments=plots)
    assert found(territory)["D1"].completes == "2029"
    assert set(found(territory, developments=False)) == {"U005"}
