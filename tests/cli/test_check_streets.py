"""`commplan check` looks at the streets as well: what is cut off is known before anything is drawn."""

from pathlib import Path

import geopandas as gpd
import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare
from shapely import LineString

from commplan.cli import run_command
from commplan.texts import load_texts

STREETS = '[layers.streets]\npath = "streets.geojson"\n[redraw]'


def checked(folder: Path, *lines: LineString, capsys: pytest.CaptureFixture[str]) -> str:
    """Check nine squares with some streets; what is said on standard output."""
    prepare(Case("good", (), SCENARIO.replace("[redraw]", STREETS)), folder)
    frame = gpd.GeoDataFrame({"name": ["a", "b"][: len(lines)]}, geometry=list(lines), crs=4547)
    frame.to_file(folder / "streets.geojson")
    code = run_command(["check", str(folder / "scenario.toml"), "--quiet"], load_texts("en"))
    assert code == 0
    return capsys.readouterr().out


def test_units_at_a_piece_that_is_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stub beside a square is said to be left out, and which squares lie at it."""
    prepare(Case("good", (), SCENARIO), tmp_path)
    west, south, east, north = gpd.read_file(tmp_path / "units.geojson").total_bounds
    street = LineString([(west, south - 3000), (west, north)])
    stub = LineString([(east, north - 10), (east, north - 30)])
    said = checked(tmp_path, street, stub, capsys=capsys)
    assert "small pieces of the street network" in said
    assert "is in a piece that is left out" in said


def test_nothing_is_said_of_good_streets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One street beside all of them is no matter."""
    prepare(Case("good", (), SCENARIO), tmp_path)
    west, south, _, north = gpd.read_file(tmp_path / "units.geojson").total_bounds
    street = LineString([(west, south), (west, north)])
    assert "street" not in checked(tmp_path, street, capsys=capsys)
