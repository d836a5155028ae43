"""Bad files, and the line that each of them gives."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from territory_builders import ZONE, point, squares, units, write

from commplan.errors import Fault, InputError, MissingFileError
from commplan.territory.load import load_territory
from commplan.territory.schema import LayerSource

# What the writers of these files warn of is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:'crs' was not")

Bad = Callable[[Path], LayerSource]


def _faults(*sources: LayerSource, crs: str | None = None) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        load_territory({source.layer: source for source in sources}, crs)
    return caught.value.faults


def _text_file(name: str, text: str) -> Bad:
    def make(folder: Path) -> LayerSource:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return LayerSource("units", path)

    return make


def _units(**columns: object) -> Bad:
    how = {k: columns.pop(k) for k in ("where", "columns", "fill", "constants", "crs")
           if k in columns}  # fmt: skip
    return lambda folder: write(units(3, **columns), folder, **how)


def _without(column: str) -> Bad:
    return lambda folder: write(units(3).drop(columns=column), folder)


def _moved(crs: str | None, dx: float = 0.0, scale: float = 1.0) -> Bad:
    def make(folder: Path) -> LayerSource:
        frame = units(3)
        shapes = shapely.transform(frame.geometry.to_numpy(), lambda c: c * scale + [dx, 0.0])
        if crs is None:
            path = folder / "units.shp"
            gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes).to_file(path)
            return LayerSource("units", path)
        return write(
            gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=crs), folder
        )

    return make


def _lines(folder: Path) -> LayerSource:
    frame = units(2)
    return write(frame.set_geometry(frame.boundary), folder)


def _several(folder: Path) -> LayerSource:
    for layer in ("a", "b"):
        units(2).to_file(folder / "all.gpkg", layer=layer)
    return LayerSource("units", folder / "all.gpkg")


def _table_only(folder: Path) -> LayerSource:
    path = folder / "units.csv"
    path.write_text("unit_id,households\nA,5\n", encoding="utf-8")
    return LayerSource("units", path)


#: What is bad about it, how to make it, and the fault's code, field and row.
GOLDEN: list[tuple[str, Bad, tuple[object, ...]]] = [
    ("missing file", lambda folder: LayerSource("units", folder / "no.gpkg"),
     ("fault.missing_file", None, None)),
    ("unreadable", _text_file("units.gpkg", "not a GeoPackage"), ("territory.unreadable", None, None)),
    ("cut JSON", _text_file("units.geojson", '{"type":"FeatureCollection","features":[{'),
     ("territory.unreadable", None, None)),
    ("not a zip", _text_file("units.zip", "PK?"), ("territory.unreadable", None, None)),
    ("not a gzip", _text_file("units.geojson.gz", "x"), ("territory.unreadable", None, None)),
    ("not Parquet", _text_file("units.parquet", "PAR1"), ("territory.unreadable", None, None)),
    ("no database driver", lambda _: LayerSource("units", "postgresql://u:secret@host/db"),
     ("territory.no_postgis", None, None)),
    ("other address", lambda _: LayerSource("units", "https://host/units.gpkg"),
     ("territory.unknown_address", None, None)),
    ("several layers", _several, ("territory.choose_sublayer", None, None)),
    ("no such layer", lambda folder: write(units(), folder, sublayer="x"),
     ("territory.no_such_sublayer", None, None)),
    ("missing column", _without("households"), ("territory.missing_column", "households", None)),
    ("ambiguous column", lambda f: write(units(3, 户数=[1, 2, 3], 常住户数=[1, 2, 3])
                                         .drop(columns="households"), f),
     ("territory.ambiguous_column", "households", None)),
    ("mapped to nothing", _units(columns={"households": "housholds"}),
     ("territory.no_such_field_near", "housholds", None)),
    ("mapped to nothing like it", _units(columns={"households": "XYZ"}),
     ("territory.no_such_field", "XYZ", None)),
    ("unknown own column", _units(columns={"huoseholds": "households"}),
     ("territory.unknown_column", "huoseholds", None)),
    ("mapped and constant", _units(columns={"name": "unit_id"}, constants={"name": "x"}),
     ("territory.mapped_and_constant", "name", None)),
    ("bad filter", _units(where="nope > 3"), ("territory.bad_filter", None, None)),
    ("filter keeps nothing", _units(where="households > 999"),
     ("territory.no_rows_kept", None, None)),
    ("null count", _units(households=[1.0, None, 3.0]), ("territory.null_count", "households", 2)),
    ("count too large", _units(households=[1, 2, 1e30]), ("territory.too_large", "households", 3)),
    ("negative count", _units(households=[1, 2, -3]), ("territory.negative", "households", 3)),
    ("words for a count", _units(households=["1", "约20", "3"]),
     ("territory.not_a_number", "households", 2)),
    ("words for a flag", _units(locked=["是", "否", "也许"]), ("territory.not_a_flag", "locked", 3)),
    ("bad fill", _units(households=[1.0, None, 3.0], fill={"households": "many"}),
     ("territory.bad_fill", "households", None)),
    ("missing id", _units(unit_id=["a", None, "c"]), ("territory.missing_id", "unit_id", 2)),
    ("duplicate id", _units(unit_id=["a", "b", "a"]), ("territory.duplicate_id", "unit_id", 3)),
    ("lines for units", _lines, ("territory.geometry_type", None, 1)),
    ("table for units", _table_only, ("territory.no_geometry", None, None)),
    ("no CRS", _moved(None), ("territory.unknown_crs", None, None)),
    ("degrees for metres", _moved(ZONE, scale=1e-5), ("territory.degrees_as_metres", None, None)),
    ("metres for degrees", _moved("EPSG:4490"), ("territory.metres_as_degrees", None, None)),
    ("zone number", _moved(ZONE, dx=38e6), ("territory.zone_prefix", None, None)),
    ("unknown CRS", _units(crs="EPSG:999999"), ("territory.bad_crs", None, None)),
    ("metres for shifted degrees", _units(crs="GCJ-02"), ("territory.metres_as_degrees", None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), [(m, e) for _, m, e in GOLDEN],
                         ids=[name for name, *_ in GOLDEN])  # fmt: skip
def test_each_bad_file_gives_its_line(
    make: Bad, expected: tuple[object, ...], tmp_path: Path
) -> None:
    """Every fault names its code, field and row, and belongs to the layer and file."""
    fault = _faults(make(tmp_path))[0]
    assert (fault.code, fault.field_name, fault.row) == expected
    assert fault.layer == "units"
    assert fault.file is not None
    assert "secret" not in fault.file


def test_missing_files_alone_are_a_missing_file_error(tmp_path: Path) -> None:
    """Python's own FileNotFoundError catches it."""
    with pytest.raises(MissingFileError):
        load_territory({"units": LayerSource("units", tmp_path / "no.gpkg")}, None)


def test_every_row_and_every_layer_is_told_at_once(tmp_path: Path) -> None:
    """Nobody has to run it five times to learn of five faults."""
    bad_units = write(units(4, households=[None, -1.0, None, 2.0]), tmp_path)
    sites = gpd.GeoDataFrame({"site_id": ["S", "S"], "status": ["existing"] * 2},
                             geometry=[point(1, 1)] * 2, crs=ZONE)  # fmt: skip
    faults = _faults(bad_units, write(sites, tmp_path, "sites"),
                     LayerSource("gates", tmp_path / "no.csv"))  # fmt: skip
    assert [(f.layer, f.code.split(".")[1], f.row) for f in faults] == [
        ("units", "null_count", 1),
        ("units", "null_count", 3),
        ("units", "negative", 2),
        ("gates", "missing_file", None),
        ("sites", "duplicate_id", 2),
    ]


def test_rows_are_those_of_the_file_under_a_filter(tmp_path: Path) -> None:
    """A filter does not renumber the rows that a fault names."""
    source = write(units(4, households=[1.0, 2.0, None, 4.0]), tmp_path, where="unit_id <> 'A1'")
    assert [f.row for f in _faults(source)] == [3]


def test_thousands_of_bad_rows_are_all_there(tmp_path: Path) -> None:
    """The caller cuts the list, not the reader."""
    path = tmp_path / "v.csv"
    table = pd.DataFrame({"village_id": range(3000), "population": "", "lon": 114.0, "lat": 34.0})
    table.to_csv(path, index=False)
    faults = _faults(LayerSource("villages", path))
    assert len(faults) == 3000
    assert faults[-1].row == 3000


def test_an_id_in_two_files_of_one_layer(tmp_path: Path) -> None:
    """Several files make one layer, so an id may stand in one of them only."""
    first = write(units(2), tmp_path)
    (tmp_path / "more").mkdir()
    second = write(units(1), tmp_path / "more")
    with pytest.raises(InputError) as caught:
        load_territory({"units": (first, second)}, None)
    assert [(f.code, f.row) for f in caught.value.faults] == [("territory.id_in_two_files", 1)]


@pytest.mark.parametrize(
    ("crs", "code"),
    [("EPSG:4490", "crs_not_metric"), ("EPSG:3826", "crs_elsewhere"), ("nonsense", "bad_crs")],
)
def test_a_working_crs_that_will_not_do(crs: str, code: str, tmp_path: Path) -> None:
    """The scenario's CRS has to be metric and made for the place."""
    (fault,) = _faults(write(units(), tmp_path), crs=crs)
    assert (fault.code, fault.field_name) == (f"territory.{code}", "crs")


def test_nothing_to_plan_and_unknown_layers(tmp_path: Path) -> None:
    """Units or villages are needed, and a layer's name must be known."""
    source = write(gpd.GeoDataFrame({"kind": ["road"]}, geometry=squares(1), crs=ZONE), tmp_path,
                   "barriers")  # fmt: skip
    assert [f.code for f in _faults(source)] == ["territory.nothing_to_plan"]
    odd = write(units(), tmp_path, "houses")
    assert _faults(write(units(), tmp_path), odd)[0].code == "territory.unknown_layer"


def test_a_table_without_coordinates_is_no_layer_of_points(tmp_path: Path) -> None:
    """Sites need a place, and the fault lists the fields there are."""
    path = tmp_path / "sites.csv"
    path.write_text("site_id,status\nS,existing\n", encoding="utf-8")
    fault = _faults(write(units(), tmp_path), LayerSource("sites", path))[0]
    assert fault.code == "territory.no_coordinates"
    assert "status" in str(fault.params["fields"])
