"""The runner of walks: what it reads, measures and prints, on a tiny town."""

import csv
import json
from argparse import Namespace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from benchmarks.area import KEYS
from benchmarks.walking import _one
from benchmarks.walking_files import read_roads
from shapely import LineString

LINES = [LineString([(0, 0), (800, 0)]), LineString([(800, 0), (800, 400)])]


def town(folder: Path, crs: int = 32650, **columns: object) -> Path:
    """Write two streets that meet."""
    path = folder / "town.geojson"
    frame = gpd.GeoDataFrame(columns, index=[0, 1], geometry=LINES, crs=32650)
    frame.set_geometry(frame.translate(500_000, 3_400_000)).to_crs(crs).to_file(path)
    return path


def asked(path: Path, who: str = "commplan") -> Namespace:
    """Say what the command line would."""
    return Namespace(who=who, minutes=15.0, seed=1, seconds=0.01, out=path.parent / "out")


def test_columns_u_and_v_are_the_nodes(tmp_path: Path) -> None:
    """Ids of nodes are kept, and degrees become metres."""
    roads = read_roads(town(tmp_path, 4326, u=[7, 9], v=[9, 8]), 15.0)
    assert roads.ids.tolist() == [7, 8, 9]
    np.testing.assert_allclose(roads.minutes, [10, 5], rtol=1e-3)


def test_any_streets_are_read(tmp_path: Path) -> None:
    """Without such columns lines meet at their vertices; a chain is one edge of its whole length."""
    roads = read_roads(town(tmp_path, 4326, name=["a", "b"]), 15.0)
    np.testing.assert_allclose(roads.minutes, [15], rtol=1e-3)
    assert roads.n == 2


@pytest.mark.parametrize("who", ["commplan", "scipy"])
def test_one_line_with_the_agreed_keys(tmp_path: Path, who: str) -> None:
    """All pairs lie within a quarter of an hour, the town's two ends just so; ours writes them."""
    path = town(tmp_path, u=[7, 9], v=[9, 8])
    line = _one(asked(path, who), path, 3)
    assert tuple(line)[:9] == KEYS
    assert (line["units"], line["objective"], line["done"]) == (3, 9, 3)
    json.dumps(line)
    with Path(str(line["solution"])).open(encoding="utf-8", newline="") as file:
        rows = {(row["source"], row["node"]): float(row["minutes"]) for row in csv.DictReader(file)}
    assert rows["7", "9"] == pytest.approx(10, rel=1e-3)
    assert rows["9", "8"] == pytest.approx(5, rel=1e-3)
