"""Public data that no one here made."""

import os
from pathlib import Path

import pytest

from commplan.errors import InputError
from commplan.findings import Severity
from commplan.territory.load import load_territory
from commplan.territory.read import read_layer
from commplan.territory.schema import LayerSource
from commplan.territory.territory import Territory

_DATA = Path(os.environ.get("COMMPLAN_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not _DATA.is_dir(), reason="COMMPLAN_REAL_DATA names no folder"),
]
_UNITS = {"unit_id": "CODEBASE", "households": "H_CNT", "population": "P_CNT",
          "subdistrict_id": "TOWN_ID"}  # fmt: skip
_FILL: dict[str, object] = {"households": 0, "population": 0}


def _codes(territory: Territory) -> set[str]:
    return {f.code for f in territory.findings}


def test_taipei() -> None:
    """11,490 units, two invalid 里, and 13 % of units not clearly in one 里."""
    folder = _DATA / "taiwan_taipei"
    territory = load_territory(
        {
            "units": LayerSource("units", folder / "units.gpkg", columns=_UNITS, fill=_FILL),
            "communities": LayerSource(
                "communities",
                folder / "taipei_village.geojson",
                columns={"community_id": "PTVNAME"},
            ),
        },
        "EPSG:3826",
    )
    assert territory.units is not None
    assert len(territory.units) == 11_490
    assert territory.units["households"].sum() == 1_048_986
    assert territory.units["community_id"].notna().all()
    found = {f.code: f for f in territory.findings}
    assert found["territory.filled"].params["rows"] == 630
    assert len(found["territory.invalid"].ids) == 2
    assert len(found["territory.split_unit"].ids) == 1508


def test_taipei_without_fill_names_every_row() -> None:
    """630 units without a household count are 630 faults."""
    source = LayerSource("units", _DATA / "taiwan_taipei" / "units.gpkg", columns=_UNITS)
    with pytest.raises(InputError) as caught:
        load_territory({"units": source}, None)
    faults = caught.value.faults
    assert len(faults) == 630 + 0
    assert {f.code for f in faults} == {"territory.null_count"}


def test_tainan_reads_with_its_troubles() -> None:
    """Overlaps of the units and a TopoJSON without a CRS are told, not fatal."""
    folder = _DATA / "taiwan_tainan"
    villages = read_layer(
        LayerSource(
            "communities", folder / "villages.topojson", columns={"community_id": "VILLCODE"}
        )
    )
    assert len(villages.table) == 752
    assert [f.code for f in villages.findings] == ["territory.taken_as_degrees"]
    roads = read_layer(
        LayerSource("barriers", folder / "bus_route_segments.geojson.gz",
                    constants={"kind": "main_road"})
    )  # fmt: skip
    assert len(roads.table) == 11_681
    assert roads.table["crossable"].all()


def test_gongyi_needs_a_crs_and_gets_repaired() -> None:
    """1,276 villages without a .prj: a fault until the scenario names the CRS."""
    path = _DATA / "china_kong_sap" / "polygons" / "gy2_polyon.shp"
    bare = LayerSource("villages", path, columns={"village_id": "ID"})
    with pytest.raises(InputError) as caught:
        load_territory({"villages": bare}, None)
    assert [f.code for f in caught.value.faults] == ["territory.unknown_crs"]
    stated = LayerSource("villages", path, columns={"village_id": "ID"}, crs="EPSG:4497")
    territory = load_territory({"villages": stated}, None)
    assert territory.crs.to_epsg() == 4497
    assert territory.villages is not None
    assert territory.villages["population"].sum() == 819_812
    (invalid,) = [f for f in territory.findings if f.code == "territory.invalid"]
    assert len(invalid.ids) == 4
    assert not [f for f in territory.findings if f.severity is Severity.ERROR]
