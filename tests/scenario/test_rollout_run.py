"""`commplan rollout` end to end on a small town in files."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from commplan.cli import run_command
from commplan.scenario.store import file_sha256
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
    # The plan's list calls the merged community C, whichever of the two it succeeds.
    assert {name: row["year"] for name, row in rows.items()} == {
        "A": "2030", "B": "2030", "C": "2031",
    }  # fmt: skip
    assert {name: row["group"] for name, row in rows.items()} == {"A": "1", "B": "1", "C": "2"}
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


def test_verify_names_an_older_version_once(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a column that is written now is said to be older; no cells are listed."""
    roll(town)
    path = town / "out" / "rollout.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.drop(columns="cost_yuan").to_csv(path, index=False, lineterminator="\n")
    certificate = json.loads((town / "out" / "certificate.json").read_text(encoding="utf-8"))
    del certificate["gap"]
    (town / "out" / "certificate.json").write_text(json.dumps(certificate), encoding="utf-8")
    capsys.readouterr()
    assert run_command(["verify", str(town / "out"), "--quiet"], load_texts("en")) == 1
    said = capsys.readouterr().out
    assert said.count("older version") == 2
    assert "rollout.csv lacks cost_yuan" in said
    assert "certificate.json lacks gap" in said
    assert "recomputed" not in said


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


def edited(town: Path, **entries: object) -> int:
    """Verify a run whose certificate has other entries; the manifest knows its new content."""
    path, manifest = town / "out" / "certificate.json", town / "out" / "manifest.json"
    held = json.loads(path.read_text(encoding="utf-8")) | entries
    path.write_text(json.dumps(held), encoding="utf-8")
    known = json.loads(manifest.read_text(encoding="utf-8"))
    known["files"]["certificate.json"] = file_sha256(path)
    manifest.write_text(json.dumps(known), encoding="utf-8")
    return run_command(["verify", str(town / "out"), "--quiet"], load_texts("en"))


@pytest.mark.parametrize(
    "entry",
    [
        {"gap": 0.5},
        {"groups": 7},
        {"left_out": 3},
        {"limits": {"communities_a_year": 99}},
        {"weights": {}},
        {"bound": None},
        {"objective": None},
    ],
)
def test_verify_compares_the_certificate(town: Path, entry: dict[str, object]) -> None:
    """Gap, groups, who is left out, limits and weights have to come out again."""
    roll(town)
    assert edited(town) == 0
    assert edited(town, **entry) == 1


@pytest.mark.parametrize(
    "entry", [{"status": "splendid"}, {"status": ["optimal"]}, {"bound": "much"}, {"bound": True}]
)
def test_certificate_that_cannot_be_read(
    town: Path, entry: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry that is no status or no number is named, and nothing is traced back."""
    roll(town)
    assert edited(town, **entry) == 2
    assert f"the entry {next(iter(entry))} of this certificate" in capsys.readouterr().err


def test_no_proof_apart(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`commplan certificate` of a rollout says which command checks it."""
    roll(town)
    assert run_command(["certificate", str(town / "out"), "--quiet"], load_texts("en")) == 2
    said = capsys.readouterr().err
    assert "commplan rollout" in said
    assert "commplan verify" in said
    assert "no plan" not in said


def plan_folder(town: Path, money: str) -> None:
    """Make the plan a folder with rooms."""
    (town / "made").mkdir()
    (town / "plan.csv").rename(town / "made" / "assignment.csv")
    (town / "made" / "rooms.csv").write_text(f"community_id,cost_yuan\nA,{money}\nA,500\n")
    text = SCENARIO.replace('"plan.csv"', '"made"')
    (town / "row.toml").write_text(text, encoding="utf-8")


def test_money_for_rooms(town: Path) -> None:
    """What the rooms of a plan's run cost is added to the cost of its communities."""
    plan_folder(town, "250.5")
    assert float(roll(town)[1]["A"]["cost_yuan"]) == 1000 + 250.5 + 500


@pytest.mark.parametrize("money", ["much", "nan", "-3", "inf"])
def test_money_that_is_none(town: Path, money: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A cell that is no sum is named with its row, before anything is written."""
    plan_folder(town, money)
    assert roll(town)[0] == 2
    said = capsys.readouterr().err
    assert "rooms.csv" in said
    assert money in said
    assert not (town / "out").exists()


def test_rooms_beside_a_list(town: Path) -> None:
    """Tables that happen to lie beside a bare list are not those of its plan."""
    (town / "rooms.csv").write_text("community_id,cost_yuan\nA,much\n")
    assert float(roll(town)[1]["A"]["cost_yuan"]) == 1000


def test_rules_broken_in_each_year(town: Path) -> None:
    """A and B keep to the size from 2030; C (400) and D (700) are too small until 2031."""
    roll(town)
    with (town / "out" / "rollout_years.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["breaks_waiting"] for row in rows] == ["2", "0", "0"]
    assert [row["breaks_changed"] for row in rows] == ["0", "0", "0"]


def test_plan_that_is_wrong_at_the_end(town: Path) -> None:
    """A fault that the plan has itself, in units as in communities, is a warning, not a stop."""
    units = gpd.read_file(town / "units.gpkg", engine="pyogrio").assign(
        locked=["1" if i == 2 else "" for i in range(len(ROW))],
        keep_with=["K" if i in (0, 2) else "" for i in range(len(ROW))],
    )
    units.to_file(town / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    code, rows = roll(town)
    assert code == 0
    assert rows["A"]["year"] == rows["B"]["year"] == "2030"
    findings = json.loads((town / "out" / "findings.json").read_text("utf-8"))
    wrong = next(f for f in findings if f["code"] == "rollout.plan_invalid")
    assert set(wrong["ids"]) == {"U0", "U2"}
    later = [f for f in findings if f["code"] == "rollout.not_yet"]
    assert all("U2" not in f["ids"] for f in later)


def test_folder_of_a_section_is_checked_first(town: Path) -> None:
    """A folder that a section must not replace stops `commplan run` before the plan is made."""
    (town / "done-rollout").mkdir()
    (town / "done-rollout" / "letters.txt").write_text("mine")
    arguments = ["run", str(town / "row.toml"), "-o", str(town / "done"), "--quiet"]
    assert run_command(arguments, load_texts("en")) == 2
    assert not (town / "done").exists()


def test_no_plan(town: Path) -> None:
    """Without a plan there is nothing to roll out."""
    text = SCENARIO.replace('plan = "plan.csv"', "")
    (town / "row.toml").write_text(text, encoding="utf-8")
    assert roll(town)[0] == 2
