"""Limits in a scenario file, from the command line: run, verified, refused."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare

LIMITS = """communities = [3, 4]
max_moved_households = 120
bounds = { population = [250, 450], area_km2 = [0.01, 0.04] }
weights = "compact"
"""


def commplan(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, in English."""
    command = [sys.executable, "-m", "commplan", *map(str, arguments), "--lang", "en"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def with_people(features: list[object]) -> None:
    """Give each square 120 people, and a community of today by its row."""
    for number, feature in enumerate(features):
        feature["properties"] |= {"population": 120, "community_id": f"T{number // 3}"}  # type: ignore[index]


def scenario_in(folder: Path, text: str) -> Path:
    prepare(Case("limits", (), SCENARIO + text, with_people), folder)
    return folder / "scenario.toml"


def test_limits_are_kept_and_verified(tmp_path: Path) -> None:
    """A run keeps to every limit, says so, and a plan that breaks one is refused by `verify`."""
    scenario = scenario_in(tmp_path, LIMITS)
    answer = commplan("run", scenario, "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 0, answer.stderr
    with (tmp_path / "out" / "communities.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert all(250 <= float(row["population"]) <= 450 for row in rows)
    found = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    told = {finding["code"] for finding in found}
    assert {"validity.attribute_kept", "validity.number_kept", "validity.moved_kept"} <= told
    assert commplan("verify", tmp_path / "out", "--quiet").returncode == 0
    drawn = tmp_path / "drawn.csv"
    columns = "".join(f"u{i + 1},T{i % 3}\n" for i in range(9))
    drawn.write_text("unit_id,community_id\n" + columns, encoding="utf-8")
    refused = commplan("verify", scenario, "--assignment", drawn, "--quiet")
    assert refused.returncode == 1
    assert "redraw.max_moved_households" in refused.stdout


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bounds = { elderly = [0, 10] }", "elderly"),
        ("communities = [10, 12]", "9 units"),
        ("bounds = { people = [0, 10] }", "population"),
    ],
)
def test_limits_that_do_not_fit_are_one_line(tmp_path: Path, line: str, says: str) -> None:
    """A bounded column that is not there, too many communities, an unknown column: exit 2."""
    answer = commplan("run", scenario_in(tmp_path, line), "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 2
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "redraw." in answer.stderr
    assert says in answer.stderr


def test_an_impossible_limit_is_explained(tmp_path: Path) -> None:
    """Nobody may move, but three communities have to become two: exit 3, and how many must."""
    text = "communities = 2\nmax_moved_households = 0\n"
    answer = commplan("run", scenario_in(tmp_path, text), "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 3
    found = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    assert "causes.raise_moved" in {finding["code"] for finding in found}
