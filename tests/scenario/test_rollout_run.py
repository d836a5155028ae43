"""`commplan rollout` end to end on a small town in files."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from commplan.cli import run_command
from commplan.texts import load_texts

#: Households of a row of squares, today's community and the plan's. A and B exchange a unit, C and
#: D merge, E stays; A is too large today.
ROW = (
    (600, "A", "A"), (600, "A", "A"), (600, "A", "B"), (500, "B", "B"),
    (400, "C", "C"), (700, "D", "C"), (1200, "E", "E"),
)  # fmt: skip
SCENARIO = """
[scenario]
name = "row"
profile = "zhejiang-2017"
crs = "EPSG:4549"
[layers.units]
path = "units.gpkg"
[redraw]
min_households = 1000
max_households = 1500
[rollout]
plan = "plan.csv"
first_year = 2030
years = 3
communities_a_year = 2
yuan_per_community = 1000
yuan_per_moved_household = 10
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Write units, plan and scenario."""
    west = [540_000.0 + 200 * i for i in range(len(ROW))]
    table = {
        "unit_id": [f"U{i}" for i in range(len(ROW))],
        "name": [f"小区{i}" for i in range(len(ROW))],
        "households": [households for households, _, _ in ROW],
        "population": [3 * households for households, _, _ in ROW],
        "community_id": [today for _, today, _ in ROW],
    }
    shapes = [shapely.box(x, 3_210_000, x + 200, 3_210_200) for x in west]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4549")
    frame.to_file(tmp_path / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    lines = [f"U{i},{planned}" for i, (_, _, planned) in enumerate(ROW)]
    (tmp_path / "plan.csv").write_text("\n".join(["unit_id,community_id", *lines]) + "\n")
    (tmp_path / "row.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def roll(town: Path, *more: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the command, and read ``rollout.csv`` by community."""
    arguments = ["rollout", str(town / "row.toml"), "-o", str(town / "out"), "--quiet", *more]
    code = run_command(arguments, load_texts("en"))
    path = town / "out" / "rollout.csv"
    if code or not path.is_file():
        return code, {}
    with path.open(encoding="utf-8", newline="") as stream:
        return code, {row["community_id"]: row for row in csv.DictReader(stream)}


def test_groups_change_whole(town: Path) -> None:
    """A and B exchange a unit and change first together; the merger follows; E is not in it."""
    code, rows = roll(town)
    assert code == 0
    assert {name: row["year"] for name, row in rows.items()} == {
        "A": "2030", "B": "2030", "D": "2031",
    } or {name: row["year"] for name, row in rows.items()} == {
        "A": "2030", "B": "2030", "C": "2031",
    }  # fmt: skip
    assert float(rows["B"]["cost_yuan"]) == 1000 + 10 * 600
    certificate = json.loads((town / "out" / "certificate.json").read_text(encoding="utf-8"))
    assert certificate["status"] == "optimal"
    assert certificate["objective"] == certificate["bound"]


def test_units_of_every_year(town: Path) -> None:
    """Who has not changed yet is in today's community, everyone else in the plan's."""
    roll(town)
    with (town / "out" / "rollout_units.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["2030"] for row in rows] == ["A", "A", "B", "B", "C", "D", "E"]
    assert rows[4]["2031"] == rows[5]["2031"]


def test_verify_finds_a_changed_year(town: Path) -> None:
    """A folder as written verifies; a community moved to another year does not."""
    roll(town)
    verify = ["verify", str(town / "out"), "--quiet"]
    assert run_command(verify, load_texts("en")) == 0
    path = town / "out" / "rollout.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",2030,", ",2032,", 1), "utf-8")
    assert run_command(verify, load_texts("en")) == 1


def test_group_larger_than_a_year(town: Path) -> None:
    """What depends on each other is never torn apart to fit: it is left out with a finding."""
    text = SCENARIO.replace("communities_a_year = 2", "communities_a_year = 1")
    (town / "row.toml").write_text(text, encoding="utf-8")
    code, rows = roll(town)
    assert code == 0
    assert rows["A"]["year"] == rows["B"]["year"] == "0"
    assert rows["A"]["why"] == "too_large"
    codes = [f["code"] for f in json.loads((town / "out" / "findings.json").read_text("utf-8"))]
    assert "rollout.left_too_large" in codes


def test_ripe_and_together(town: Path) -> None:
    """A group waits for the year in which all of it is ripe."""
    text = SCENARIO.replace("communities_a_year = 2", "first_year_of = { B = 2032 }")
    (town / "row.toml").write_text(text, encoding="utf-8")
    rows = roll(town)[1]
    assert rows["A"]["year"] == rows["B"]["year"] == "2032"
    assert rows["A"]["why"] == "ripe"


@pytest.mark.parametrize(
    "line", ["first_year_of = { X = 2031 }", 'together = [["A", "X"]]', "years = 0"]
)
def test_options_that_do_not_fit(town: Path, line: str) -> None:
    """Unknown communities and no years are refused before anything is written."""
    text = SCENARIO.replace("years = 3", line)
    (town / "row.toml").write_text(text, encoding="utf-8")
    assert roll(town)[0] == 2
    assert not (town / "out").exists()


def test_no_plan(town: Path) -> None:
    """Without a plan there is nothing to roll out."""
    text = SCENARIO.replace('plan = "plan.csv"', "")
    (town / "row.toml").write_text(text, encoding="utf-8")
    assert roll(town)[0] == 2
