"""The command line as its user meets it: a process, its files, its lines and its exit code."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.bad_inputs import CASES, SCENARIO, Case, features, prepare

from commplan.cli import run_command
from commplan.scenario.store import file_sha256
from commplan.scenario.verify import verify_run
from commplan.scenario.watch import Watch
from commplan.texts import load_texts

RUN_FILES = {
    "assignment.csv",
    "certificate.json",
    "communities.csv",
    "findings.json",
    "hearing.html",
    "manifest.json",
    "moves.csv",
    "plan.gpkg",
    "report.docx",
    "report.xlsx",
    "room_programme.csv",
    "room_sizes.csv",
    "rooms.csv",
    "scorecard.json",
}


def commplan(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, in English."""
    command = [sys.executable, "-m", "commplan", *map(str, arguments), "--lang", "en"]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, **options
    )


def scenario_in(folder: Path, text: str = SCENARIO) -> Path:
    """Write nine squares of 60 households and a scenario over them."""
    prepare(Case("good", (), text), folder)
    return folder / "scenario.toml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run."""
    folder = tmp_path_factory.mktemp("run")
    answer = commplan("run", scenario_in(folder), "-o", folder / "out", "--quiet")
    assert answer.returncode == 0, answer.stderr
    return folder / "out"


def test_run_leaves_every_file(finished: Path) -> None:
    """A run leaves the twelve files of the design, whatever its size, and nothing beside them."""
    assert {path.name for path in finished.iterdir()} == RUN_FILES
    assert [p.name for p in finished.parent.iterdir() if p.name.startswith(".")] == []


def test_assignment_gives_each_unit_one_community(finished: Path) -> None:
    """`assignment.csv` names every unit once, and communities hold 100 to 400 households."""
    with (finished / "assignment.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["unit_id"] for row in rows] == [f"u{i}" for i in range(1, 10)]
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["community_id"]] = sizes.get(row["community_id"], 0) + 60
    assert all(100 <= size <= 400 for size in sizes.values())


def test_certificate_is_honest(finished: Path) -> None:
    """Nine units are solved exactly: optimal, bound equal to the objective, gap 0."""
    certificate = json.loads((finished / "certificate.json").read_text(encoding="utf-8"))
    assert certificate["status"] == "optimal"
    assert certificate["bound"] == pytest.approx(certificate["objective"])
    assert certificate["gap"] == 0
    assert certificate["reproducible"] is True


def test_verify_passes_and_counts(finished: Path) -> None:
    """A run is verified from its inputs and its assignment."""
    answer = commplan("verify", finished, "--quiet")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "every recorded figure" in answer.stdout


def test_same_scenario_same_bytes(finished: Path, tmp_path: Path) -> None:
    """The same inputs and seed give the same assignment, byte for byte."""
    answer = commplan("run", scenario_in(tmp_path), "-o", tmp_path / "again", "--quiet")
    assert answer.returncode == 0
    again = (tmp_path / "again" / "assignment.csv").read_bytes()
    assert again == (finished / "assignment.csv").read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("scorecard.json", '"valid": true', '"valid": false'), ("communities.csv", "540", "541")],
)
def test_verify_finds_a_changed_figure(tmp_path: Path, file: str, old: str, new: str) -> None:
    """A figure that somebody changed after the run does not come out again."""
    scenario = scenario_in(tmp_path, SCENARIO.replace("400", "600"))
    assert commplan("run", scenario, "-o", tmp_path / "out", "--quiet").returncode == 0
    path = tmp_path / "out" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    answer = commplan("verify", tmp_path / "out", "--quiet")
    assert answer.returncode == 1
    assert file in answer.stdout


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("objective", 1.0),
        ("bound", 1e9),
        ("gap", 0.5),
        ("status", "proven"),
        ("min_households", 1),
    ],
)
def test_verify_finds_a_forged_certificate(
    finished: Path, tmp_path: Path, key: str, value: object
) -> None:
    """Objective, bound, gap, status and bounds cannot be changed, not even with the manifest."""
    forged = tmp_path / "forged"
    shutil.copytree(finished, forged)
    certificate = json.loads((forged / "certificate.json").read_text(encoding="utf-8"))
    certificate[key] = value
    (forged / "certificate.json").write_text(json.dumps(certificate), encoding="utf-8")
    manifest = json.loads((forged / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]["certificate.json"]
    (forged / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    verdict = verify_run(forged, Watch())
    places = {f.params.get("place") for f in verdict.errors}
    assert places & ({key, "gap"} if key == "bound" else {key})


def test_verify_finds_a_figure_that_is_gone(finished: Path, tmp_path: Path) -> None:
    """A measure that somebody took out of the scorecard is missed, in one line."""
    forged = tmp_path / "forged"
    shutil.copytree(finished, forged)
    card = json.loads((forged / "scorecard.json").read_text(encoding="utf-8"))
    card["measures"].pop()
    (forged / "scorecard.json").write_text(json.dumps(card), encoding="utf-8")
    codes = [f.code for f in verify_run(forged, Watch()).errors]
    assert sorted(codes) == ["scenario.file_changed", "scenario.older_version"]


def test_verify_says_when_an_older_version_wrote_the_folder(finished: Path, tmp_path: Path) -> None:
    """Entries that were not yet written then are named once, and no others are called wrong."""
    older = tmp_path / "older"
    shutil.copytree(finished, older)
    card = json.loads((older / "scorecard.json").read_text(encoding="utf-8"))
    gone = card["measures"].pop(2)["code"]
    for community in card["communities"]:
        del community["compactness"]
    (older / "scorecard.json").write_text(json.dumps(card), encoding="utf-8")
    manifest = json.loads((older / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["scorecard.json"] = file_sha256(older / "scorecard.json")
    (older / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (error,) = verify_run(older, Watch()).errors
    assert error.code == "scenario.older_version"
    assert error.params["lacking"] == f"communities.compactness, measures.{gone}"


def test_verify_finds_a_changed_input(tmp_path: Path) -> None:
    """An input that changed after the run is named."""
    assert commplan("run", scenario_in(tmp_path), "-o", tmp_path / "out", "--quiet").returncode == 0
    units = tmp_path / "units.geojson"
    units.write_text(units.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    answer = commplan("verify", tmp_path / "out", "--quiet")
    assert answer.returncode == 1
    assert "units.geojson" in answer.stdout


def test_verify_a_plan_drawn_by_hand(tmp_path: Path) -> None:
    """A connected plan within bounds passes; one in two pieces fails and says which community."""
    scenario = scenario_in(tmp_path)
    rows = ["unit_id,community_id"] + [f"u{i},{'A' if i <= 6 else 'B'}" for i in range(1, 10)]
    good = tmp_path / "good.csv"
    good.write_text("\n".join(rows) + "\n", encoding="utf-8")
    answer = commplan("verify", scenario, "--assignment", good, "-o", tmp_path / "o", "--quiet")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert (tmp_path / "o" / "hearing.html").is_file()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(rows).replace("u1,A", "u1,B") + "\n", encoding="utf-8")
    answer = commplan("verify", scenario, "--assignment", bad, "--quiet")
    assert answer.returncode == 1
    assert "B" in answer.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unit,community\nu1,A\n", "unit_id"),
        ("unit_id,community_id\nu1,A\nu1,B\n", "row 2"),
        ("unit_id,community_id\nu1,\n", "row 1"),
        ("unit_id,community_id\nu1,A\n", "u2"),
    ],
)
def test_assignment_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    """A list without its columns, with a unit twice, an empty cell or units missing exits with 2."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    answer = commplan("verify", scenario_in(tmp_path), "--assignment", path, "--quiet")
    assert answer.returncode == 2
    assert says in answer.stderr


def test_infeasible_is_explained(tmp_path: Path) -> None:
    """A unit too large by itself makes the run exit with 3 and name it."""
    scenario = scenario_in(tmp_path, SCENARIO.replace("400", "450"))
    path = tmp_path / "units.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"][4]["properties"]["households"] = 500
    path.write_text(json.dumps(content), encoding="utf-8")
    answer = commplan("run", scenario, "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 3
    assert "u5" in answer.stdout
    assert "500" in answer.stdout
    certificate = json.loads((tmp_path / "out" / "certificate.json").read_text(encoding="utf-8"))
    assert certificate["status"] == "infeasible"
    assert not (tmp_path / "out" / "assignment.csv").exists()


def test_check_tells_good_from_bad_data(tmp_path: Path) -> None:
    """`check` exits with 0 on good data and 1 where units overlap."""
    scenario = scenario_in(tmp_path)
    assert commplan("check", scenario, "--quiet").returncode == 0
    path = tmp_path / "units.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    ring = content["features"][0]["geometry"]["coordinates"][0]
    content["features"][0]["geometry"]["coordinates"][0] = [[x + 30, y] for x, y in ring]
    path.write_text(json.dumps(content), encoding="utf-8")
    answer = commplan("check", scenario, "--quiet")
    assert answer.returncode == 1, answer.stdout
    assert "u1" in answer.stdout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_bad_input_exits_with_2_and_says_what_to_mend(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each bad input gives exit code 2, lines without a traceback, and nothing is written."""
    before = {"out/thesis.txt"} if "out/thesis.txt" in case.files else set()
    code = run_command(prepare(case, tmp_path), load_texts("en"))
    err = capsys.readouterr().err
    assert code == 2, err
    for part in case.says:
        assert part in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 6
    out = tmp_path / "out"
    left = {p.relative_to(tmp_path).as_posix() for p in out.rglob("*") if p.is_file()}
    assert left == before
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_many_faults_are_cut_after_five(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nine rows without households give five lines and a count of the other four."""
    arguments = prepare(Case("nulls", (), change=_no_counts), tmp_path)
    assert run_command(arguments, load_texts("en")) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 6
    assert "4 more" in lines[-1]


def _no_counts(rows: list[dict[str, dict[str, object]]]) -> None:
    for row in rows:
        row["properties"]["households"] = None


def test_messages_are_chinese_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same fault is worded in Chinese under `--lang zh-CN`."""
    arguments = prepare(next(c for c in CASES if c.title == "unknown key"), tmp_path)
    assert run_command(arguments, load_texts("zh-CN")) == 2
    assert "未知的键" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run"], ["run", "a", "b"], ["profiles", "show"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown commands and missing or spare arguments are usage errors."""
    assert run_command(arguments, load_texts("en")) == 2
    assert capsys.readouterr().err


def test_profiles_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Profiles are listed, shown and compared; a draft says that it is one."""
    for arguments, says in (
        (["list"], "national-2026"),
        (["show", "zhejiang-2017"], "draft"),
        (["diff", "zhejiang-2017", "national-2026"], "1,000"),
    ):
        assert run_command(["profiles", *arguments], load_texts("en")) == 0
        assert says in capsys.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    """`--help` answers without loading geometry, solver or page libraries."""
    code = (
        "import sys\nfrom commplan.cli import run_command\nfrom commplan.texts import load_texts\n"
        "run_command(['--help'], load_texts('en'))\n"
        "heavy = {'geopandas', 'pandas', 'numpy', 'numba', 'folium', 'pulp', 'pydantic'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_interrupt_leaves_a_whole_run_or_nothing(tmp_path: Path) -> None:
    """Ctrl-C exits with 130, and the run folder is whole or not there."""
    scenario = scenario_in(tmp_path)
    command = [sys.executable, "-m", "commplan", "run", str(scenario), "-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    out = tmp_path / "out"
    assert not out.exists() or {p.name for p in out.iterdir()} == RUN_FILES
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_features_are_as_the_docstring_says() -> None:
    """The shared squares: nine, 60 households each."""
    assert [f["properties"]["households"] for f in features()] == [60] * 9


def test_a_unit_without_a_place_stops_the_run(tmp_path: Path) -> None:
    """`check` reports a unit without geometry; `run` refuses, as no plan could hold its people."""
    scenario = scenario_in(tmp_path)
    path = tmp_path / "units.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"][3]["geometry"] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    assert commplan("check", scenario, "--quiet").returncode == 1
    answer = commplan("run", scenario, "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 2
    assert "u4" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_an_earlier_plan_outlives_a_run_without_one(tmp_path: Path) -> None:
    """A run that finds no plan writes beside the earlier plan, not over it."""
    scenario = scenario_in(tmp_path)
    assert commplan("run", scenario, "-o", tmp_path / "out", "--quiet").returncode == 0
    plan = (tmp_path / "out" / "assignment.csv").read_bytes()
    scenario.write_text(
        SCENARIO.replace("= 100", "= 1000").replace("400", "2000"), encoding="utf-8"
    )
    answer = commplan("run", scenario, "-o", tmp_path / "out", "--quiet")
    assert answer.returncode == 3
    assert (tmp_path / "out" / "assignment.csv").read_bytes() == plan
    assert (tmp_path / "out-no-plan" / "certificate.json").is_file()


def test_a_list_as_an_office_writes_it(tmp_path: Path) -> None:
    """A hand-drawn list in GBK with Chinese column names is read like a layer's table."""
    rows = ["单元编号,社区编号"] + [f"u{i},{'甲' if i <= 6 else '乙'}" for i in range(1, 10)]
    path = tmp_path / "划分.csv"
    path.write_bytes("\r\n".join(rows).encode("gbk"))
    answer = commplan("verify", scenario_in(tmp_path), "--assignment", path, "--quiet")
    assert answer.returncode == 0, answer.stderr
