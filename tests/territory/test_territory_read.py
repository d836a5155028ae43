"""Every format a bureau hands over, read into the same columns."""

import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from territory_builders import ZONE, squares, units, write

from commplan.territory.read import ReadLayer, read_layer
from commplan.territory.schema import LAYERS, LayerSource

# What the writers of these files warn of is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:'crs' was not")


def _chinese(count: int = 3) -> gpd.GeoDataFrame:
    table = {
        "小区编号": [f"00{i + 1}" for i in range(count)],
        "小区名称": ["光明小区", "幸福里", "新村"][:count],
        "户数": [100 * (i + 1) for i in range(count)],
        "街道": ["城关街道"] * count,
    }
    return gpd.GeoDataFrame(table, geometry=squares(count), crs=ZONE)


def _expect_chinese(layer: ReadLayer) -> None:
    assert layer.faults == ()
    assert layer.table["unit_id"].tolist() == ["001", "002", "003"]
    assert layer.table["name"].tolist() == ["光明小区", "幸福里", "新村"]
    assert layer.table["households"].tolist() == [100, 200, 300]
    assert layer.table["subdistrict_id"].tolist() == ["城关街道"] * 3
    assert layer.shapes is not None
    assert shapely.area(layer.shapes).tolist() == pytest.approx([1e4] * 3, rel=1e-3)


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "parquet"])
def test_formats_with_utf8(suffix: str, tmp_path: Path) -> None:
    """Chinese field names are recognised whatever the format."""
    path = tmp_path / f"小区.{suffix}"
    if suffix == "parquet":
        _chinese().to_parquet(path)
    elif suffix == "fgb":
        _chinese().to_file(path, SPATIAL_INDEX="NO")  # its index would sort the rows
    else:
        _chinese().to_file(path)
    _expect_chinese(read_layer(LayerSource("units", path)))


def test_geojson_in_metres_needs_the_scenarios_word(tmp_path: Path) -> None:
    """GeoJSON is degrees by its standard; the scenario may say otherwise."""
    path = tmp_path / "units.geojson"
    path.write_text(_chinese().set_crs(None, allow_override=True).to_json(), encoding="utf-8")
    assert [f.code for f in read_layer(LayerSource("units", path)).faults] == [
        "territory.metres_as_degrees"
    ]
    _expect_chinese(read_layer(LayerSource("units", path, crs=ZONE)))


def test_a_scenarios_crs_against_the_files_is_told(tmp_path: Path) -> None:
    """Overriding what a file states is allowed, and said."""
    layer = read_layer(write(units(2), tmp_path, crs="EPSG:4548"))
    assert layer.crs is not None
    assert layer.crs.to_epsg() == 4548
    assert [f.code for f in layer.findings] == ["territory.crs_overridden"]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "GBK"])
@pytest.mark.parametrize("with_cpg", [True, False])
def test_shapefile_with_and_without_cpg(encoding: str, with_cpg: bool, tmp_path: Path) -> None:
    """Without a .cpg the table itself tells UTF-8 from GBK, and a note says so."""
    path = tmp_path / "units.shp"
    _chinese().to_file(path, encoding=encoding)
    if not with_cpg:
        path.with_suffix(".cpg").unlink()
    layer = read_layer(LayerSource("units", path))
    _expect_chinese(layer)
    noted = [f.params["encoding"] for f in layer.findings if f.code == "territory.encoding"]
    assert noted == ([] if with_cpg else ["UTF-8" if encoding == "UTF-8" else "GB18030"])


def test_shapefile_with_a_wrong_cpg(tmp_path: Path) -> None:
    """A .cpg that says UTF-8 over a GBK table is not believed."""
    path = tmp_path / "units.shp"
    _chinese().to_file(path, encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    _expect_chinese(read_layer(LayerSource("units", path)))


def test_field_names_cut_within_a_character(tmp_path: Path) -> None:
    """Four Chinese characters are twelve bytes of UTF-8, of which a Shapefile keeps ten."""
    path = tmp_path / "units.shp"
    _chinese().to_file(path, encoding="UTF-8")
    assert "小区编号".encode()[:9] + b"\xe5\0" in path.with_suffix(".dbf").read_bytes()
    _expect_chinese(read_layer(LayerSource("units", path)))


def test_shapefile_filter_in_chinese(tmp_path: Path) -> None:
    """A filter may name a Chinese field as it stands, quotes or not, in a GBK table too."""
    path = tmp_path / "units.shp"
    _chinese().to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    layer = read_layer(LayerSource("units", path, where="户数 > 150 AND 小区名称 <> '新村'"))
    assert layer.table["unit_id"].tolist() == ["002"]
    assert layer.numbers.tolist() == [2]


def test_our_long_names_survive_a_dbf(tmp_path: Path) -> None:
    """A Shapefile cuts community_id after ten characters; it is still recognised."""
    path = tmp_path / "units.shp"
    with pytest.warns(UserWarning, match="10 characters"):
        units(2, community_id=["C1", "C2"], subdistrict_id=["S", "S"]).to_file(path)
    layer = read_layer(LayerSource("units", path))
    assert layer.table["community_id"].tolist() == ["C1", "C2"]
    assert layer.table["subdistrict_id"].tolist() == ["S", "S"]


def test_zip_from_windows(tmp_path: Path) -> None:
    """A zipped Shapefile whose member names are GBK is read, encoding found and all."""
    path = tmp_path / "units.shp"
    _chinese().to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()

    class Gbk(zipfile.ZipInfo):
        """A member as Windows writes it: name in GBK, no UTF-8 mark."""

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's name
            return self.filename.encode("gbk"), self.flag_bits & ~0x800

    packed = tmp_path / "数据.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("shp", "shx", "dbf", "prj"):
            archive.writestr(Gbk(f"小区.{part}"), path.with_suffix(f".{part}").read_bytes())
    _expect_chinese(read_layer(LayerSource("units", packed)))


def test_zip_with_several_files_takes_the_one_named(tmp_path: Path) -> None:
    """Where a zip holds several layers, the sublayer or our layer's name chooses."""
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, count in (("units", 3), ("other", 1)):
            _chinese(count).to_file(tmp_path / f"{name}.gpkg")
            archive.write(tmp_path / f"{name}.gpkg", f"{name}.gpkg")
    assert len(read_layer(LayerSource("units", packed)).table) == 3
    assert len(read_layer(LayerSource("units", packed, sublayer="other")).table) == 1


def test_gzipped_geojson(tmp_path: Path) -> None:
    """A .gz is unpacked first."""
    path = tmp_path / "units.geojson.gz"
    path.write_bytes(gzip.compress(_chinese().to_crs(4326).to_json().encode()))
    layer = read_layer(LayerSource("units", path))
    assert layer.table["unit_id"].tolist() == ["001", "002", "003"]


def test_topojson_is_taken_as_degrees(tmp_path: Path) -> None:
    """TopoJSON has no place for a CRS: its coordinates are degrees, and a note says so."""
    path = tmp_path / "units.topojson"
    arc = [[114.0, 34.0], [114.01, 34.0], [114.01, 34.01], [114.0, 34.0]]
    unit = {"type": "Polygon", "arcs": [[0]], "properties": {"unit_id": "A", "households": 5}}
    whole = {"type": "Topology", "arcs": [arc],
             "objects": {"units": {"type": "GeometryCollection", "geometries": [unit]}}}  # fmt: skip
    path.write_text(json.dumps(whole), encoding="utf-8")
    layer = read_layer(LayerSource("units", path))
    assert layer.crs is not None
    assert layer.crs.is_geographic
    assert [f.code for f in layer.findings] == ["territory.taken_as_degrees"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    """Text stays text: leading zeros are kept, and Excel's encodings are understood."""
    path = tmp_path / "社区.csv"
    path.write_text("社区编号,社区名称,用房面积\n0012,光明,350\n013,幸福,\n", encoding=encoding)
    layer = read_layer(LayerSource("communities", path))
    assert layer.faults == ()
    assert layer.table["community_id"].tolist() == ["0012", "013"]
    assert layer.table["name"].tolist() == ["光明", "幸福"]
    assert layer.table["room_m2"].tolist()[0] == 350
    assert layer.shapes is None


def test_csv_filter_sees_numbers_and_keeps_zeros(tmp_path: Path) -> None:
    """A filter compares figures as figures, the ids still come as they are written."""
    path = tmp_path / "c.csv"
    path.write_text("编号,用房面积\n0012,350\n0013,90\n0014,1200\n", encoding="utf-8")
    layer = read_layer(LayerSource("communities", path, where="用房面积 > 100"))
    assert layer.table["community_id"].tolist() == ["0012", "0014"]
    assert layer.numbers.tolist() == [1, 3]


def test_excel_sheet_and_filter(tmp_path: Path) -> None:
    """A workbook's sheet is chosen by name; whole numbers as ids lose their point."""
    path = tmp_path / "book.xlsx"
    table = pd.DataFrame(
        {"社区编号": [1001.0, 1002.0], "名称": ["甲", "乙"], "用房面积": [350, 90]}
    )
    with pd.ExcelWriter(path) as book:
        table.to_excel(book, sheet_name="说明", index=False)
        table.to_excel(book, sheet_name="社区", index=False)
    source = LayerSource("communities", path, sublayer="社区", where="用房面积 < 100")
    layer = read_layer(source)
    assert layer.table["community_id"].tolist() == ["1002"]
    assert layer.numbers.tolist() == [2]


def test_excel_of_text_only_has_its_head_line(tmp_path: Path) -> None:
    """A sheet without any figure still begins with field names."""
    path = tmp_path / "book.xlsx"
    pd.DataFrame({"社区编号": ["a", "b"], "社区名称": ["甲", "乙"]}).to_excel(path, index=False)
    assert read_layer(LayerSource("communities", path)).table["community_id"].tolist() == ["a", "b"]


def test_points_from_a_table(tmp_path: Path) -> None:
    """A table with longitude and latitude is a layer of points in degrees."""
    path = tmp_path / "sites.csv"
    path.write_text(
        "编号,状态,经度,纬度,建筑面积\nS1,现状,114.01,34.01,350\nS2,规划,114.02,34.02,\n",
        encoding="utf-8",
    )
    layer = read_layer(LayerSource("sites", path))
    assert layer.table["status"].tolist() == ["existing", "candidate"]
    assert layer.shapes is not None
    assert shapely.get_x(layer.shapes).tolist() == [114.01, 114.02]
    assert layer.crs is not None
    assert layer.crs.is_geographic
    assert "lon" not in layer.table


def test_points_from_metres_need_a_crs(tmp_path: Path) -> None:
    """X and y are taken in the CRS that the scenario names."""
    path = tmp_path / "sites.csv"
    path.write_text("site_id,status,x,y\nS1,existing,500010,3800010\n", encoding="utf-8")
    assert [f.code for f in read_layer(LayerSource("sites", path)).faults] == [
        "territory.unknown_crs"
    ]
    layer = read_layer(LayerSource("sites", path, crs=ZONE))
    assert layer.faults == ()


def test_parquet_filter_is_gdals(tmp_path: Path) -> None:
    """Parquet, which this GDAL does not read, is filtered by GDAL all the same."""
    path = tmp_path / "units.parquet"
    _chinese().to_parquet(path)
    where = "户数 BETWEEN 150 AND 250 OR 小区名称 LIKE '光%'"
    layer = read_layer(LayerSource("units", path, where=where))
    assert layer.table["unit_id"].tolist() == ["001", "002"]
    assert layer.numbers.tolist() == [1, 2]


def test_mapping_fill_and_constants(tmp_path: Path) -> None:
    """The scenario's mapping goes first; fill takes the nulls, and a note counts them."""
    frame = units(3, H_CNT=[5.0, None, 7.0]).drop(columns="households")
    source = write(frame, tmp_path, columns={"households": "H_CNT"}, fill={"households": 0},
                   constants={"kind": "compound"})  # fmt: skip
    layer = read_layer(source)
    assert layer.table["households"].tolist() == [5, 0, 7]
    assert layer.table["households"].dtype == "int64"
    assert layer.table["kind"].tolist() == ["compound"] * 3
    (note,) = layer.findings
    assert (note.code, note.params["rows"], note.row) == ("territory.filled", 1, 2)


def test_row_numbers_serve_as_ids(tmp_path: Path) -> None:
    """A file without ids can count its rows."""
    frame = units(3).drop(columns="unit_id")
    layer = read_layer(
        write(frame, tmp_path, columns={"unit_id": "@row"}, where="households > 100")
    )
    assert layer.table["unit_id"].tolist() == ["2", "3"]


def test_every_layer_has_its_columns_and_types(tmp_path: Path) -> None:
    """Columns that a file lacks are there as nulls of their type."""
    table = read_layer(write(units(2), tmp_path)).table
    assert list(table) == [c.name for c in LAYERS["units"].columns]
    assert table["community_id"].tolist() == [None, None]
    assert table["community_id"].dtype == object
    assert table["population"].dtype == "float64"
    assert table["population"].isna().all()
    assert table["locked"].tolist() == [False, False]


def test_barriers_close_by_kind(tmp_path: Path) -> None:
    """Rivers, railways and expressways may not be crossed unless the file says so."""
    frame = gpd.GeoDataFrame(
        {"类型": ["河流", "主干道", "铁路"], "可穿越": [None, None, "是"]},
        geometry=[shapely.LineString([(500_000, 3_800_000), (500_100, 3_800_000)])] * 3,
        crs=ZONE,
    )
    table = read_layer(write(frame, tmp_path, "barriers")).table
    assert table["kind"].tolist() == ["river", "main_road", "railway"]
    assert table["crossable"].tolist() == [False, True, True]


def test_polygons_stand_for_points_with_a_note(tmp_path: Path) -> None:
    """A school drawn as an area serves as an amenity."""
    frame = gpd.GeoDataFrame({"kind": ["school"]}, geometry=squares(1), crs=ZONE)
    layer = read_layer(write(frame, tmp_path, "amenities"))
    assert layer.shapes is not None
    assert layer.shapes[0].geom_type == "Point"
    assert [f.code for f in layer.findings] == ["territory.points_taken"]
