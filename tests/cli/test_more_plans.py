"""``commplan run --alternatives`` and ``--front``, and ways out, as their user meets them."""

import csv
import json
from pathlib import Path

import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare

from commplan.cli import run_command
from commplan.texts import load_texts


def scenario_in(folder: Path, text: str) -> Path:
    """Write nine squares of 60 households and a scenario over them."""
    prepare(Case("good", (), text), folder)
    return folder / "scenario.toml"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run one command in English; its exit code, standard output and standard error."""
    code = run_command([str(a) for a in arguments], load_texts("en"))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_alternatives_and_front_join_the_run_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plans and points are written with ids, hashed, and the run still verifies."""
    scenario = scenario_in(tmp_path, SCENARIO)
    out = tmp_path / "out"
    wishes = ["--alternatives", "2", "--difference", "0.1", "--within", "0.6"]
    wishes += ["--front", "imbalance_households,border_km", "--points", "3"]
    code, told, _ = call(capsys, "run", scenario, "-o", out, "--quiet", *wishes)
    assert code == 0
    plans = rows(out / "alternatives.csv")
    assert list(plans[0]) == ["unit_id", "plan_1", "plan_2"]
    best = {r["unit_id"]: r["community_id"] for r in rows(out / "assignment.csv")}
    assert {r["unit_id"]: r["plan_1"] for r in plans} == best
    assert any(r["plan_1"] != r["plan_2"] for r in plans)
    document = json.loads((out / "alternatives.json").read_text(encoding="utf-8"))
    assert document["found"] == 2
    assert document["plans"][1]["difference_from_best"] >= 0.1
    assert document["plans"][1]["above_best"] <= 0.6
    assert "plan 2" in told
    points = rows(out / "front.csv")
    assert {"imbalance_households", "border_km", "cost", "proven"} <= set(points[0])
    assert len(rows(out / "front_plans.csv")[0]) == 1 + len(points)
    files = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    names = {"alternatives.csv", "alternatives.json", "front.csv", "front.png", "front_plans.csv"}
    assert names <= set(files)
    assert call(capsys, "verify", out, "--quiet")[0] == 0


def test_too_few_alternatives_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no second plan is cheap enough, the run says so and writes the one it has."""
    scenario = scenario_in(tmp_path, SCENARIO)
    out = tmp_path / "out"
    wishes = ["--alternatives", "5", "--difference", "0.9"]
    code, told, _ = call(capsys, "run", scenario, "-o", out, "--quiet", *wishes)
    assert code == 0
    assert "Only 1 of 5 plans" in told
    assert list(rows(out / "alternatives.csv")[0]) == ["unit_id", "plan_1"]


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        (["--front", "border_km"], "two different aims"),
        (["--front", "border_km,far_households"], "two different aims"),
        (["--front", "border_km,border_km"], "two different aims"),
        (["--difference", "0.1"], "--alternatives"),
        (["--points", "4"], "--front"),
        (["--alternatives", "1"], "alternatives"),
    ],
)
def test_wishes_that_cannot_be_met(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wishes: list[str], says: str
) -> None:
    """Options that do not fit exit with 2 before any work, and write nothing."""
    scenario = scenario_in(tmp_path, SCENARIO)
    code, _, told = call(capsys, "run", scenario, "-o", tmp_path / "out", "--quiet", *wishes)
    assert code == 2
    assert says in told
    assert not (tmp_path / "out").exists()


def test_an_offered_exception_makes_a_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way out that the run offers first is written into the scenario, and it runs."""
    text = SCENARIO.replace("400", "450")
    scenario = scenario_in(tmp_path, text)
    path = tmp_path / "units.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"][4]["properties"]["households"] = 500
    path.write_text(json.dumps(content), encoding="utf-8")
    out = tmp_path / "out"
    code, told, _ = call(capsys, "run", scenario, "-o", out, "--quiet")
    assert code == 3
    assert "Tried: " in told
    findings = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    ways = [f for f in findings if f["code"].startswith("causes.") and f["severity"] == "note"]
    assert ways[0]["code"] == "causes.allow_exception"
    assert ways[0]["ids"] == ["u5"]
    exception = 'exceptions = [{ units = ["u5"], rule = "size.households", reason = "one block" }]'
    scenario.write_text(text.replace("[redraw]", f"[redraw]\n{exception}"), encoding="utf-8")
    assert call(capsys, "run", scenario, "-o", out, "--quiet")[0] == 0
