"""`commplan villages` and `verify` of its folder, on the villages of the sample county."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commplan.cli import run_command
from commplan.texts import load_texts

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "data" / "boundaries" / "villages.gpkg"
SCENARIO = f"""
[scenario]
name = "little"
title = {{ zh = "小村合并", en = "Merging villages" }}
profile = "zhejiang-2017"
crs = "EPSG:4549"

[layers.villages]
path = '{LAYER.as_posix()}'

[villages]
"""
FILES = {
    "certificate.json", "findings.json", "groups.csv", "hearing.html", "manifest.json",
    "report.docx", "report.xlsx", "stages.csv", "village_groups.csv",
}  # fmt: skip


def scenario_in(folder: Path, *lines: str) -> Path:
    """Write the scenario with more lines of ``[villages]``."""
    path = folder / "little.toml"
    path.write_text(SCENARIO + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the command in a process of its own."""
    folder = tmp_path_factory.mktemp("villages")
    path = scenario_in(folder, "first_year = 2018", "groups_per_year = 5", "locked = ['V036']")
    command = [sys.executable, "-m", "commplan", "villages", str(path), "-o", str(folder / "out")]
    answer = subprocess.run(
        [*command, "--lang", "en"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert answer.returncode == 0, answer.stderr
    (folder / "said.txt").write_text(answer.stdout, encoding="utf-8")
    return folder / "out"


def test_the_folder_is_whole_and_the_groups_are_told_as_agreed(finished: Path) -> None:
    """All files are there; `village_groups.csv` has its five columns and every village once."""
    assert {path.name for path in finished.iterdir()} == FILES
    table = rows(finished / "village_groups.csv")
    assert list(table[0]) == ["village_id", "group_id", "name", "seat", "stage"]
    assert [row["village_id"] for row in table] == [f"V{i:03d}" for i in range(1, 61)]
    for row in table:
        given = [bool(row[name]) for name in ("group_id", "name", "seat", "stage")]
        assert all(given) or not any(given)


def test_every_small_village_is_merged_or_told_why_not(finished: Path) -> None:
    """Thirteen villages have 300 people or fewer; one voted no, and the finding says so."""
    people = {row["village_id"]: int(row["people"]) for row in _villages(finished)}
    small = {village for village, count in people.items() if count <= 300}
    assert len(small) == 13
    merged = {row["village_id"] for row in rows(finished / "village_groups.csv") if row["group_id"]}
    findings = json.loads((finished / "findings.json").read_text(encoding="utf-8"))
    stays = [f for f in findings if f["code"].startswith("villages.left_")]
    assert small - merged == {"V036"} == {f["ids"][0] for f in stays}
    assert stays[0]["code"] == "villages.left_locked"
    assert stays[0]["clause"] == "zhejiang-2017 二(三)"
    assert all(int(row["people"]) > 300 for row in rows(finished / "groups.csv"))


def _villages(folder: Path) -> list[dict[str, str]]:
    """Read ids and people from the workbook's sheet of all villages."""
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(folder / "report.xlsx")["All villages"]
    lines = list(sheet.iter_rows(min_row=6, values_only=True))
    return [{"village_id": line[0], "people": line[3]} for line in lines if str(line[0])[0] == "V"]


def test_the_certificate_states_what_is_proven(finished: Path) -> None:
    """A county of sixty villages is proven optimal; limits are the profile's."""
    certificate = json.loads((finished / "certificate.json").read_text(encoding="utf-8"))
    assert certificate["status"] == "optimal"
    assert certificate["objective"] == certificate["bound"]
    assert certificate["left"] == certificate["least_left"] == 1
    assert certificate["small_villages"] == 13
    assert (certificate["limits"]["small_people"], certificate["first_people"]) == (300, 200)
    assert certificate["reproducible"] is True
    said = (finished.parent / "said.txt").read_text(encoding="utf-8")
    assert "60 villages become" in said
    assert "voted no" in said


def test_stages_come_year_by_year(finished: Path) -> None:
    """Five groups a year from 2018 on, those with villages of 200 or fewer not after the others."""
    stages = rows(finished / "stages.csv")
    assert [row["year"] for row in stages] == [str(2018 + i) for i in range(len(stages))]
    assert {row["groups"] for row in stages[:-1]} == {"5"}
    groups = rows(finished / "groups.csv")
    assert sum(int(row["groups"]) for row in stages) == len(groups)
    stage = {row["village_id"]: row["stage"] for row in rows(finished / "village_groups.csv")}
    assert {stage[v] for v in ("V026", "V010", "V043", "V014", "V051")} == {"1"}


def test_verify_finds_nothing_wrong(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything comes out again."""
    assert run_command(["verify", str(finished), "--quiet"], load_texts("en")) == 0
    assert "60 villages" in capsys.readouterr().out


def move_a_village(folder: Path) -> None:
    """Give a village that stays to the first group."""
    _change(folder / "village_groups.csv", lambda table: table[_alone(table)].update(_first(table)))


def leave_a_village(folder: Path) -> None:
    """Take a village out of its group."""
    blank = {"group_id": "", "name": "", "seat": "", "stage": ""}
    _change(folder / "village_groups.csv", lambda table: _in_group(table).update(blank))


def rename_a_group(folder: Path) -> None:
    """Write another name for the new village."""
    _change(folder / "village_groups.csv", lambda table: _in_group(table).update(name="新村"))


def drop_a_village(folder: Path) -> None:
    """Lose the last line."""
    _change(folder / "village_groups.csv", lambda table: table.pop())


def lower_the_cost(folder: Path) -> None:
    """State a lower cost."""
    path = folder / "certificate.json"
    certificate = json.loads(path.read_text(encoding="utf-8"))
    certificate["objective"] -= 10
    path.write_text(json.dumps(certificate), encoding="utf-8")


def state(name: str, value: object) -> Callable[[Path], None]:
    """Write another value into the certificate."""

    def change(folder: Path) -> None:
        path = folder / "certificate.json"
        certificate = json.loads(path.read_text(encoding="utf-8")) | {name: value}
        path.write_text(json.dumps(certificate), encoding="utf-8")

    change.__name__ = f"state_{name}_{value}"
    return change


def _change(path: Path, change: Callable[[list[dict[str, str]]], object]) -> None:
    table = rows(path)
    change(table)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def _alone(table: list[dict[str, str]]) -> int:
    return next(at for at, row in enumerate(table) if not row["group_id"])


def _in_group(table: list[dict[str, str]]) -> dict[str, str]:
    return next(row for row in table if row["group_id"])


def _first(table: list[dict[str, str]]) -> dict[str, str]:
    held = _in_group(table)
    return {name: held[name] for name in ("group_id", "name", "seat", "stage")}


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (move_a_village, 1),
        (leave_a_village, 1),
        (rename_a_group, 1),
        (lower_the_cost, 1),
        (drop_a_village, 2),
        (state("status", "splendid"), 2),
        (state("objective", "cheap"), 2),
        (state("objective", None), 1),
        (state("bound", 1.0), 1),
        (state("terms", [1, 2]), 2),
        (state("terms", {"renamed_people": "few"}), 2),
        (state("terms", {}), 1),
        (state("seats", ["V001"]), 2),
        (state("seats", {"G001": ["V001"]}), 1),
        (state("left_villages", {"V036": 3}), 1),
        (state("least_left", 0), 1),
        (state("limits", None), 1),
    ],
)
def test_a_tampered_folder_is_found(
    tamper: Callable[[Path], None],
    code: int,
    finished: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is changed does not come out again, even with the manifest's hash made to fit."""
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    tamper(folder)
    _forget_hashes(folder)
    assert run_command(["verify", str(folder), "--quiet"], load_texts("en")) == code
    said = capsys.readouterr()
    assert said.out + said.err


def _forget_hashes(folder: Path) -> None:
    """Write the hashes that the files have now, as one would who wants to hide a change."""
    from commplan.scenario.store import file_sha256

    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {name: file_sha256(folder / name) for name in manifest["files"]}
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


BAD = [
    ("max_pepole = 900", ("max_people",)),
    ("first_people = 400", ("first_people", "400")),
    ("max_people = 300", ("max_people", "small_people")),
    ("locked = ['V999']", ("villages.locked", "V999")),
    ("join = [['V001', 'V999']]", ("villages.join", "V999")),
    ("join = [['V001']]", ("villages.join",)),
    ("apart = [['V001', 'V001']]", ("villages.apart", "V001")),
    ("join = [['V001', 'V002']]\napart = [['V002', 'V001']]", ("V001", "V002", "apart")),
    ("weights = 'tidy'", ("villages.weights", "tidy")),
    ("weights = { renamed = 1 }", ("villages.weights", "renamed_people")),
    ("weights = { renamed_people = -1 }", ("villages.weights",)),
    ("max_villages = 1", ("villages.max_villages",)),
    ("groups_per_year = 0", ("villages.groups_per_year",)),
    ("max_minutes = 'soon'", ("villages.max_minutes", "soon")),
    ("km_per_h = inf", ("villages.km_per_h", "finite")),
    ("join = [['V001', 'V001']]", ("villages.join", "different village ids")),
    ("join = ['V001', 'V002']", ("villages.join", "lists of two and more")),
    ("apart = [['V001', 'V002', 'V003']]", ("villages.apart", "pairs of village ids")),
    ("locked = 'V001'", ("villages.locked", "list of village ids")),
]


@pytest.mark.parametrize(("line", "says"), BAD)
def test_bad_lines_are_refused(
    line: str, says: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each fault gives exit code 2 and a line that names it, and nothing is written."""
    arguments = ["villages", str(scenario_in(tmp_path, line)), "-o", str(tmp_path / "out")]
    assert run_command([*arguments, "--quiet"], load_texts("en")) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert all(part in said for part in says), said
    assert not (tmp_path / "out").exists()


def test_a_scenario_without_villages_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Units alone cannot be merged: the line names the layer that is missing."""
    text = SCENARIO.replace("[layers.villages]", "[layers.units]")
    (tmp_path / "units.toml").write_text(text, encoding="utf-8")
    arguments = ["villages", str(tmp_path / "units.toml"), "-o", str(tmp_path / "out")]
    assert run_command(arguments, load_texts("en")) == 2
    assert "layers.villages" in capsys.readouterr().err


def test_run_merges_where_the_scenario_holds_villages_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`commplan run` does what the scenario holds: with `[villages]` it merges."""
    out = tmp_path / "out"
    assert run_command(["run", str(scenario_in(tmp_path)), "-o", str(out)], load_texts("en")) == 0
    assert (out / "village_groups.csv").is_file()
    assert "60 villages become" in capsys.readouterr().out
