"""Findings: data that can be used, and what somebody should know of it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from territory_builders import EAST_M, NORTH_M, ZONE, point, squares, units, write

from commplan.findings import Finding, Severity
from commplan.territory.check import overlapping_pairs
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource
from commplan.territory.territory import Territory
from commplan.texts import LANGUAGES, load_texts


def _load(*sources: LayerSource) -> Territory:
    return load_territory({source.layer: source for source in sources}, None)


def _one(territory: Territory, code: str) -> Finding:
    found = [f for f in territory.findings if f.code == f"territory.{code}"]
    assert len(found) == 1, [f.code for f in territory.findings]
    for language in LANGUAGES:
        assert found[0].words(load_texts(language))
    return found[0]


def _points(
    folder: Path, layer: str, *places: tuple[float, float], **columns: object
) -> LayerSource:
    frame = gpd.GeoDataFrame(columns, geometry=[point(*p) for p in places], crs=ZONE)
    return write(frame, folder, layer)


def _reshaped(folder: Path, position: int, shape: shapely.Geometry | None) -> LayerSource:
    frame = units(3)
    shapes = list(frame.geometry)
    shapes[position] = shape
    return write(frame.set_geometry(gpd.GeoSeries(shapes, crs=ZONE)), folder)


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(EAST_M + x, NORTH_M + y, EAST_M + x + width, NORTH_M + y + height)


def test_clean_units_say_nothing_but_their_crs(tmp_path: Path) -> None:
    """Three tidy squares give one note, and no more."""
    territory = _load(write(units(3), tmp_path))
    assert [f.code for f in territory.findings] == ["territory.crs"]
    assert territory.crs.to_epsg() == 4547


def test_a_unit_without_geometry_is_left_out_and_named(tmp_path: Path) -> None:
    """Its households are counted, because the plan lacks them."""
    territory = _load(_reshaped(tmp_path, 1, None))
    finding = _one(territory, "empty_unit")
    assert (finding.severity, finding.ids, finding.row) == (Severity.ERROR, ("A2",), 2)
    assert finding.params["households"] == 200
    assert territory.units is not None
    assert territory.units["unit_id"].tolist() == ["A1", "A3"]


def test_a_bow_tie_is_repaired_and_named(tmp_path: Path) -> None:
    """The finding names the unit, GEOS's reason and the area that changed."""
    corners = [(0, 0), (100, 100), (100, 0), (0, 100)]
    bow = shapely.Polygon([(EAST_M + x, NORTH_M + y) for x, y in corners])
    territory = _load(_reshaped(tmp_path, 0, bow))
    assert _one(territory, "invalid").ids == ("A1",)
    assert _one(territory, "invalid").params["reason"] == "Self-intersection"
    assert _one(territory, "repair_changed").params["area_m2"] == pytest.approx(5000)
    assert territory.units is not None
    assert territory.units.geometry.is_valid.all()


@pytest.mark.parametrize(
    ("shape", "ids", "area_m2", "severity"),
    [
        (_box(95, 0, 105, 100), ("A1", "A2"), 500.0, Severity.ERROR),  # a strip of 5 m
        (_box(99.95, 0, 100.05, 100), ("A1", "A2"), 5.0, Severity.WARNING),  # 5 cm
        (_box(20, 20, 40, 40), ("A1", "A2"), 1600.0, Severity.ERROR),  # wholly inside A1
        (_box(0, 0, 100, 100), ("A1", "A2"), 10000.0, Severity.ERROR),  # the same ground
    ],
)
def test_overlaps_are_named_with_their_area(
    shape: shapely.Polygon, ids: tuple[str, str], area_m2: float, severity: Severity, tmp_path: Path
) -> None:
    """Both ids and the square metres, whether at the edge, inside, or one on the other."""
    finding = _one(_load(_reshaped(tmp_path, 1, shape)), "overlap")
    assert finding.ids == ids
    assert finding.params["area_m2"] == pytest.approx(area_m2)
    assert finding.severity is severity


def test_many_overlaps_are_summed_up(tmp_path: Path) -> None:
    """Ten pairs are named, the rest counted."""
    frame = units(14)
    wider = [_box(100 * i, 0, 103, 100) for i in range(14)]
    territory = _load(write(frame.set_geometry(gpd.GeoSeries(wider, crs=ZONE)), tmp_path))
    assert sum(f.code == "territory.overlap" for f in territory.findings) == 10
    rest = _one(territory, "more_overlaps")
    assert (rest.params["pairs"], rest.params["area_m2"]) == (3, pytest.approx(900.0))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(2, 6)),
                min_size=2, max_size=9))  # fmt: skip
def test_overlapping_pairs_are_those_of_brute_force(boxes: list[tuple[int, int, int]]) -> None:
    """Looking only at suspects misses no pair."""
    shapes = np.array([shapely.box(x, y, x + s, y + s) for x, y, s in boxes], dtype=object)
    i, j, area = overlapping_pairs(shapes)
    brute = {
        (a, b): shapes[a].intersection(shapes[b]).area
        for a in range(len(shapes))
        for b in range(a + 1, len(shapes))
    }
    expected = {pair: m2 for pair, m2 in brute.items() if m2 > 1}
    assert (
        dict(zip(zip(i.tolist(), j.tolist(), strict=True), area.tolist(), strict=True)) == expected
    )


def test_a_sliver_is_noted(tmp_path: Path) -> None:
    """A unit of 4 m² is nobody's home."""
    assert _one(_load(_reshaped(tmp_path, 2, _box(200, 0, 2, 2))), "tiny").ids == ("A3",)


def test_villages_on_units(tmp_path: Path) -> None:
    """People of a village that lies on a unit may be counted twice."""
    frame = gpd.GeoDataFrame({"village_id": ["V1", "V2"], "population": [100, 200]},
                             geometry=[_box(50, 0, 100, 100), _box(0, 200, 100, 100)],
                             crs=ZONE)  # fmt: skip
    finding = _one(_load(write(units(3), tmp_path), write(frame, tmp_path, "villages")),
                   "village_on_unit")  # fmt: skip
    assert (finding.severity, finding.ids) == (Severity.ERROR, ("V1",))
    assert finding.params == {"area_m2": 10000.0, "units": "A1, A2"}


def test_villages_may_be_points(tmp_path: Path) -> None:
    """A village known by a point has no area to overlap, but may not lie on a unit either."""
    places = [point(50, 50), point(50, 900)]
    frame = gpd.GeoDataFrame({"village_id": ["V1", "V2"], "population": [100, 200]},
                             geometry=places, crs=ZONE)  # fmt: skip
    source = write(frame, tmp_path, "villages")
    assert _one(_load(write(units(3), tmp_path), source), "village_on_unit").ids == ("V1",)
    alone = _load(source)
    assert alone.units is None
    assert alone.blocks is None
    assert [f.code for f in alone.findings] == ["territory.crs"]


def test_a_layer_of_another_city_is_an_error(tmp_path: Path) -> None:
    """Layers that do not meet the units have a wrong CRS or a wrong place."""
    far = _points(tmp_path, "amenities", (50_000, 0), kind=["school"])
    finding = _one(_load(write(units(3), tmp_path), far), "apart")
    assert (finding.severity, finding.layer) == (Severity.ERROR, "amenities")
    assert finding.params["distance_km"] == pytest.approx(49.7)


def test_layers_in_other_crs_meet(tmp_path: Path) -> None:
    """Degrees and metres of the same place are brought together."""
    frame = gpd.GeoDataFrame({"kind": ["school"]}, geometry=[point(50, 50)], crs=ZONE).to_crs(4490)
    territory = _load(write(units(3), tmp_path), write(frame, tmp_path, "amenities"))
    assert territory.amenities is not None
    assert territory.amenities.geometry.iloc[0].distance(point(50, 50)) < 1e-3
    assert not [f for f in territory.findings if f.code == "territory.apart"]


def test_sites_outside_are_named_and_amenities_counted(tmp_path: Path) -> None:
    """A site outside serves nobody; amenities outside are only a note."""
    inside, outside = (50.0, 50.0), (50.0, 400.0)
    territory = _load(
        write(units(3), tmp_path),
        _points(tmp_path, "sites", inside, outside, site_id=["S1", "S2"], status=["existing"] * 2),
        _points(tmp_path, "amenities", outside, inside, kind=["bank", "bank"]),
    )
    assert _one(territory, "sites_outside").ids == ("S2",)
    assert _one(territory, "outside").params == {"outside": 1, "of": 2}


def test_unknown_words_are_listed_with_their_number(tmp_path: Path) -> None:
    """Kinds that nobody knows are shown, and rows that say nothing are counted."""
    territory = _load(
        write(units(3), tmp_path),
        _points(tmp_path, "amenities", (1, 1), (2, 2), (3, 3), kind=["菜市场", "茶馆", None]),
        _points(
            tmp_path,
            "sites",
            (1, 1),
            (2, 2),
            (3, 3),
            site_id=["S", "T", "U"],
            status=["planned", "现状", "候选"],
            way=["sharring", "整合共享", None],
        ),
    )
    words = {f.layer: f for f in territory.findings if f.code == "territory.unknown_word"}
    assert words["amenities"].params["words"] == "茶馆 (1)"
    assert (words["sites"].params["words"], words["sites"].severity) == (
        "sharring (1)",
        Severity.WARNING,
    )
    status = _one(territory, "unknown_status")
    assert (status.ids, status.severity) == (("S",), Severity.ERROR)
    assert territory.sites is not None
    assert territory.sites["way"].tolist() == ["sharring", "sharing", None]
    assert _one(territory, "no_word").params == {"column": "kind", "rows": 1}


def test_counts_that_make_one_think(tmp_path: Path) -> None:
    """Halves of households are rounded, and fewer people than households is noted."""
    territory = _load(write(units(3, population=[50, 500, 900]).assign(households=[100, 200, 299.6]),
                            tmp_path))  # fmt: skip
    assert _one(territory, "rounded").row == 3
    assert _one(territory, "fewer_people").ids == ("A1",)
    assert territory.units is not None
    assert territory.units["households"].tolist() == [100, 200, 300]


def test_nobody_at_home(tmp_path: Path) -> None:
    """A layer without any household is surely the wrong field."""
    territory = _load(write(units(2).assign(households=0), tmp_path))
    assert _one(territory, "nobody").severity is Severity.ERROR


def test_gates_of_no_unit(tmp_path: Path) -> None:
    """A gate's unit has to exist."""
    gates = _points(tmp_path, "gates", (1, 1), (2, 2), unit_id=["A1", "Z9"])
    assert _one(_load(write(units(3), tmp_path), gates), "gate_without_unit").ids == ("Z9",)


def test_communities_and_units_that_do_not_know_each_other(tmp_path: Path) -> None:
    """Ids missing on either side are named, and so is a lock on nothing."""
    path = tmp_path / "communities.csv"
    pd.DataFrame({"community_id": ["C1", "C3"], "name": ["甲", "丙"]}).to_csv(path, index=False)
    frame = units(4, community_id=["C1", "C2", None, "丙"], locked=[False, False, True, False])
    territory = _load(write(frame, tmp_path), LayerSource("communities", path))
    assert _one(territory, "unknown_community").ids == ("C2",)
    assert _one(territory, "locked_nowhere").ids == ("A3",)
    assert _one(territory, "community_by_name").params == {"units": 1}
    assert territory.units is not None
    assert territory.units["community_id"].tolist() == ["C1", "C2", None, "C3"]


def test_a_community_without_units(tmp_path: Path) -> None:
    """Today's community of which no unit is left is noted."""
    path = tmp_path / "communities.csv"
    path.write_text("community_id\nC1\nC2\n", encoding="utf-8")
    territory = _load(write(units(2, community_id=["C1", "C1"]), tmp_path),
                      LayerSource("communities", path))  # fmt: skip
    assert _one(territory, "community_without_units").ids == ("C2",)


def test_an_empty_layer_is_not_the_end(tmp_path: Path) -> None:
    """No barrier at all is fine, and said."""
    line = shapely.LineString([point(0, 0), point(1, 1)])
    frame = gpd.GeoDataFrame({"kind": ["road"]}, geometry=[line], crs=ZONE)
    source = write(frame, tmp_path, "barriers", where="kind = 'river'")
    territory = _load(write(units(2), tmp_path), source)
    assert _one(territory, "layer_empty").layer == "barriers"
    assert territory.barriers is not None
    assert len(territory.barriers) == 0


def test_a_gate_without_a_place_is_left_out(tmp_path: Path) -> None:
    """Rows without coordinates are named and dropped."""
    path = tmp_path / "sites.csv"
    path.write_text(
        "site_id,status,x,y\nS1,existing,500010,3800010\nS2,existing,,\n", encoding="utf-8"
    )
    territory = _load(write(units(2), tmp_path), LayerSource("sites", path, crs=ZONE))
    assert _one(territory, "empty").ids == ("S2",)
    assert territory.sites is not None
    assert territory.sites["site_id"].tolist() == ["S1"]


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Units come out sorted by id, whatever the file's order."""
    frame = units(3)
    first = _load(write(frame, tmp_path)).units
    second = _load(write(frame.iloc[::-1], tmp_path)).units
    assert first is not None
    assert second is not None
    pd.testing.assert_frame_equal(first, second)


def test_several_files_make_one_layer(tmp_path: Path) -> None:
    """Two files of sites in two CRS become one layer, sorted by id."""
    near = _points(tmp_path, "sites", (50, 50), site_id=["S2"], status=["existing"])
    frame = gpd.GeoDataFrame({"site_id": ["S1"], "status": ["candidate"]}, geometry=[point(150, 50)],
                             crs=ZONE).to_crs(4490)  # fmt: skip
    (tmp_path / "more").mkdir()
    more = write(frame, tmp_path / "more", "sites")
    territory = load_territory({"units": write(units(3), tmp_path), "sites": (near, more)}, None)
    assert territory.sites is not None
    assert territory.sites["site_id"].tolist() == ["S1", "S2"]
    assert territory.sites.crs == territory.crs
    assert territory.sites.geometry.iloc[0].distance(point(150, 50)) < 1e-3


def test_stages_are_told_in_order(tmp_path: Path) -> None:
    """A caller hears of each stage by a key that texts know."""
    heard: list[str] = []
    load_territory({"units": write(units(2), tmp_path)}, None, 60.0, heard.append)
    assert [load_texts("en")(key) for key in heard] == [
        "reading layers", "checking layers", "closing gaps between compounds and blocks",
    ]  # fmt: skip


def test_squares_have_the_area_they_should() -> None:
    """The builder of these tests is what the figures above rely on."""
    assert [s.area for s in squares(2)] == [10_000.0, 10_000.0]
