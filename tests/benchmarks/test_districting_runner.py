"""The runner of benchmarks: what it reads, checks and prints, on tiny graphs."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from benchmarks.effort import Effort
from benchmarks.greedy import mended
from benchmarks.instances import Options, is_valid, read_graph, read_units
from benchmarks.moment import solve_moment
from benchmarks.rivals import metis
from benchmarks.towns import voronoi_case

from benchmarks import districting

KEYS = [
    "instance",
    "units",
    "status",
    "objective",
    "bound",
    "gap",
    "seconds",
    "peak_mb",
    "solution",
]


def grid_file(folder: Path, rows: int = 3, columns: int = 4) -> Path:
    """Write a grid of equal units as networkx writes adjacency."""
    at = {(r, c): r * columns + c for r in range(rows) for c in range(columns)}
    nodes = [{"id": v, "TOTPOP": 100, "C_X": c / 10, "C_Y": r / 10} for (r, c), v in at.items()]
    links = [
        [
            {"id": at[place]}
            for place in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1))
            if place in at
        ]
        for r, c in at
    ]
    path = folder / "grid.json"
    path.write_text(
        json.dumps({"directed": False, "nodes": nodes, "adjacency": links}), encoding="utf-8"
    )
    return path


def test_population_bounds_follow_the_deviation(tmp_path: Path) -> None:
    """From ceil((1 - d) P / k) to floor((1 + d) P / k)."""
    case = read_graph(grid_file(tmp_path), Options(k=5, deviation=0.01))
    assert (case.problem.min_households, case.problem.max_households) == (238, 242)
    assert (case.problem.min_communities, case.problem.max_communities) == (5, 5)


def test_cut_edges_are_counted(tmp_path: Path) -> None:
    """A 3 x 4 grid cut down its middle cuts three edges."""
    case = read_graph(grid_file(tmp_path), Options(k=2))
    assert case.value(np.tile([0, 0, 1, 1], 3).astype(np.int32)) == 3.0


def test_the_check_names_every_fault(tmp_path: Path) -> None:
    """A district in two pieces, one too large, and a wrong number are all refused."""
    case = read_graph(grid_file(tmp_path), Options(k=2))
    said: list[str] = []
    apart = np.tile([0, 1, 1, 0], 3).astype(np.int32)
    assert not is_valid(case.problem, apart, said.append)
    large = np.array([0] * 8 + [1] * 4, dtype=np.int32)
    assert not is_valid(case.problem, large, said.append)
    assert not is_valid(case.problem, np.zeros(12, dtype=np.int32), said.append)
    assert len(said) == 5
    assert is_valid(case.problem, np.tile([0, 0, 1, 1], 3).astype(np.int32), said.append)


def test_one_line_with_the_agreed_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but one JSON line is printed, and its solution is a table of units and districts."""
    out = tmp_path / "out"
    arguments = [str(grid_file(tmp_path)), "--k", "2", "--seconds", "300", "--out", str(out)]
    assert districting.main(arguments) == 0
    line = json.loads(capsys.readouterr().out)
    assert list(line) == KEYS
    assert (line["status"], line["objective"], line["gap"]) == ("optimal", 3.0, 0.0)
    with Path(line["solution"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["unit", "district"]
    assert len(rows) == 13


def test_moment_of_a_strip(tmp_path: Path) -> None:
    """Two squares of 2 x 2 have the least moment, and the exact model proves it."""
    case = read_graph(grid_file(tmp_path, 2, 4), Options(k=2, objective="moment"))
    labels, status, bound = solve_moment(case, 300.0, seed=1)
    assert labels is not None
    assert status == "optimal"
    assert case.value(labels) == pytest.approx(
        case.value(np.tile([0, 0, 1, 1], 2).astype(np.int32))
    )
    assert bound == pytest.approx(case.value(labels), rel=1e-6)


def test_units_file_by_part(tmp_path: Path) -> None:
    """A units file gives one case per value of the column, its borders in km."""
    shapes = [shapely.box(c * 100, 0, c * 100 + 100, 100) for c in range(4)]
    frame = gpd.GeoDataFrame(
        {"code": list("abcd"), "hh": [1000, None, 3000, 10], "town": list("xxyy")},
        geometry=shapes,
        crs="EPSG:3826",
    )
    path = tmp_path / "units.gpkg"
    frame.to_file(path)
    options = Options(columns=("code", "hh", "town"), objective="distance_household_km")
    cases = read_units(path, options)
    assert [case.name for case in cases] == ["x", "y"]
    assert cases[0].problem.households.tolist() == [1000, 0]
    assert cases[0].problem.edges.border_km.tolist() == [pytest.approx(0.1)]
    assert [case.problem.max_communities for case in cases] == [1, 1]


def test_metis_is_given_its_best(tmp_path: Path) -> None:
    """METIS on a grid finds the middle cut."""
    case = read_graph(grid_file(tmp_path), Options(k=2))
    kept: list[np.ndarray] = []
    labels = metis(case, Effort(0.3, 1, kept.append))
    assert labels is not None
    assert case.value(labels) == 3.0
    assert kept


def test_greedy_mends_a_lopsided_cut(tmp_path: Path) -> None:
    """Units go over to the smaller district until both fit."""
    case = read_graph(grid_file(tmp_path), Options(k=2))
    lopsided = np.tile([0, 1, 1, 1], 3).astype(np.int32)
    fixed = mended(case.problem, lopsided, ends=float("inf"))
    assert fixed is not None
    assert is_valid(case.problem, fixed, lambda _: None)


def test_towns_are_the_same_for_a_seed() -> None:
    """A Voronoi town is connected, repeatable, and has the area it should have."""
    one, other = voronoi_case(60, 3), voronoi_case(60, 3)
    assert np.array_equal(one.problem.edges.border_km, other.problem.edges.border_km)
    assert one.problem.area_km2.sum() == pytest.approx(0.6, rel=1e-6)
    whole = one.problem.replace(min_households=1, max_households=10**6)
    assert is_valid(whole, np.zeros(60, dtype=np.int32), lambda _: None)
