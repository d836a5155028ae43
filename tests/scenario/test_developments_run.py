"""`commplan developments` on a street: rows that cannot be used, order, stopping and going on."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.cli import run_command
from commplan.plan.developments import Case
from commplan.scenario import developments_work
from commplan.scenario.developments_loads import side_by_side
from commplan.scenario.developments_store import PARTS, folder_names
from commplan.scenario.developments_work import key_of
from commplan.scenario.log import LOG
from commplan.texts import load_texts
from developments_town import development, prepared, street
from towns import CRS

SCENARIO = """
[scenario]
name = "street"
crs = "EPSG:4547"
[layers.units]
path = "units.gpkg"
[layers.sites]
path = "sites.gpkg"
[redraw]
weights = { moved_households = 1, border_km = 1 }
"""
COLUMNS = ["development_id", "name", "households", "population", "floor_area_m2", "phasing"]
ROWS = [
    ("d1", "Garden", 1000, 2600, 90_000.0, None),
    ("d2", "Tower", 2000, None, None, "2027:800;2028:800;2029:400"),
    ("D2", "tower", 300, 700, None, None),
    ("wrong", "Sum", 500, None, None, "2027:1;2028:2"),
    ("less", "Below", -5, None, None, None),
    ("twice", "One", 100, None, None, None),
    ("twice", "Two", 200, None, None, None),
]
TABLES = ("developments.csv", "rooms.csv", "findings.csv", "index.html")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Write a street far enough east to be on the map, a scenario over it, and developments."""
    territory = street()
    layers: dict[str, Any] = {"units": territory.units, "sites": territory.sites}
    for name, frame in layers.items():
        moved = frame.set_geometry(frame.geometry.translate(500_000.0, 3_300_000.0))
        moved.to_file(tmp_path / f"{name}.gpkg", driver="GPKG")
    (tmp_path / "s.toml").write_text(SCENARIO, encoding="utf-8")
    write(tmp_path / "given.gpkg", ROWS)
    return tmp_path


def write(path: Path, rows: list[tuple[Any, ...]]) -> None:
    """Write developments, all of them in the fourth block."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    points = [shapely.Point(500_350.0, 3_300_050.0)] * len(rows)
    gpd.GeoDataFrame(table, geometry=points, crs=CRS).to_file(path, driver="GPKG")


def run(folder: Path, *more: str, file: str = "given.gpkg", out: str = "out") -> int:
    """Run the command in this process, in English."""
    arguments = ["developments", str(folder / file), "--in", str(folder / "s.toml")]
    return run_command([*arguments, "-o", str(folder / out), "--quiet", *more], load_texts("en"))


def files_in(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder but the log, by their place in it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LOG)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def events(folder: Path) -> list[dict[str, Any]]:
    """Read the log."""
    lines = (folder / LOG).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_row_has_a_result(place: Path) -> None:
    """Four rows cannot be used, of three ids; each is named once, and the other three are done."""
    assert run(place) == 1
    table = pd.read_csv(place / "out" / "developments.csv").set_index("development_id")
    assert dict(table["status"]) == {
        "D2": "done", "d1": "done", "d2": "done",
        "less": "refused", "twice": "refused", "wrong": "refused",
    }  # fmt: skip
    assert table.loc["d2", "answer"] == "new"
    findings = pd.read_csv(place / "out" / "findings.csv")
    assert set(findings["development_id"].dropna()) == set(table.index)
    assert set(findings[findings["severity"] == "error"]["development_id"]) == {
        "wrong", "less", "twice",
    }  # fmt: skip
    rooms = pd.read_csv(place / "out" / "rooms.csv")
    assert list(rooms[rooms["development_id"] == "d2"]["households_let"]) == [800, 1600, 2000]
    parts = place / "out" / PARTS
    for name in folder_names(["d1", "d2", "D2"]):
        assert {p.name for p in (parts / name).iterdir()} == {
            "page.html", "letter-developer.docx", "letter-planning.docx", "result.json",
        }  # fmt: skip


def test_the_order_of_rows_changes_no_byte(place: Path) -> None:
    """The file backwards: the same tables, pages and letters."""
    write(place / "backwards.gpkg", ROWS[::-1])
    run(place)
    run(place, file="backwards.gpkg", out="other")
    one, other = (files_in(place / name) for name in ("out", "other"))
    assert one.keys() == other.keys()
    assert len(one) > 12
    assert [name for name in one if one[name] != other[name]] == []


def test_what_is_finished_is_not_done_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at the second of three, `--resume` does two, and all comes out the same."""
    run(place, out="whole")
    seen: list[str] = []
    decide = developments_work.decide

    def watched(prepared: Any, case: Any, info: Any) -> Any:
        seen.append(case.development.development_id)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return decide(prepared, case, info)

    monkeypatch.setattr(developments_work, "decide", watched)
    assert run(place) == 130
    assert not (place / "out" / "developments.csv").exists()
    assert run(place, "--resume") == 1
    assert seen == ["D2", "d1", "d1", "d2"]
    told = events(place / "out")
    kinds = ["begun", "done", "stopped", "kept", "begun", "done", "done", "finished"]
    assert [event["event"] for event in told] == kinds
    assert [event["development"] for event in told if event["event"] == "done"] == [
        "D2",
        "d1",
        "d2",
    ]
    for name in TABLES:
        assert (place / "out" / name).read_bytes() == (place / "whole" / name).read_bytes()
    assert [p.name for p in (place / "out" / PARTS).iterdir() if p.name.startswith(".")] == []


def test_a_changed_row_is_done_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed row is done anew, and a row that is gone leaves no folder."""
    run(place)
    changed = [("d1", "Garden", 1001, 2600, 90_000.0, None)]
    write(place / "changed.gpkg", changed)
    seen: list[str] = []
    decide = developments_work.decide

    def watched(prepared: Any, case: Any, info: Any) -> Any:
        seen.append(case.development.development_id)
        return decide(prepared, case, info)

    monkeypatch.setattr(developments_work, "decide", watched)
    assert run(place, "--resume", file="changed.gpkg") == 0
    assert seen == ["d1"]
    assert [p.name for p in (place / "out" / PARTS).iterdir()] == ["d1"]


def test_one_that_fails_costs_only_itself(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw is the result of that development, and `--resume` tries it again."""
    decide = developments_work.decide

    def broken(prepared: Any, case: Any, info: Any) -> Any:
        if case.development.development_id == "d1":
            raise ZeroDivisionError
        return decide(prepared, case, info)

    monkeypatch.setattr(developments_work, "decide", broken)
    assert run(place) == 1
    table = pd.read_csv(place / "out" / "developments.csv").set_index("development_id")
    assert table.loc["d1", "status"] == "failed"
    assert table.loc["d2", "status"] == "done"
    monkeypatch.setattr(developments_work, "decide", decide)
    run(place, "--resume")
    table = pd.read_csv(place / "out" / "developments.csv").set_index("development_id")
    assert table.loc["d1", "status"] == "done"


def test_a_disk_that_is_full_stops_the_run(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said in a line, with exit code 2; what was finished is there, and nothing half done."""
    write_page = developments_work.write_development

    def full(folder: Path, report: Any, layers: Any) -> None:
        if report.case.development.development_id == "d2":
            (folder / "page.html").write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")
        write_page(folder, report, layers)

    monkeypatch.setattr(developments_work, "write_development", full)
    assert run(place) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert sorted(p.name for p in (place / "out" / PARTS).iterdir()) == sorted(
        folder_names(["D2", "d1", "d2"])[:2]
    )


def test_a_folder_of_others_is_left_alone(place: Path) -> None:
    """A folder that no run made is refused before any work."""
    (place / "out").mkdir()
    (place / "out" / "letter.txt").write_text("mine", encoding="utf-8")
    assert run(place) == 2
    assert [p.name for p in (place / "out").iterdir()] == ["letter.txt"]


def test_a_file_that_is_not_there(place: Path) -> None:
    """Exit code 2, as for every input that cannot be used."""
    assert run(place, file="nowhere.gpkg") == 2


def test_names_of_folders() -> None:
    """Ids that differ in case or hold signs that a file system refuses have folders of their own."""
    assert folder_names(["d2", "A-1"]) == ("d2", "A-1")
    names = folder_names(["d2", "D2", "a/b", "a:b", "con", "花园", "..", ""])
    assert len({name.casefold() for name in names}) == 8
    assert all("/" not in name and not name.startswith(".") and name != "con" for name in names)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_who_comes_first_does_not_depend_on_the_order(order: list[int]) -> None:
    """Six developments in one block, in any order of the list: the same cases."""
    ready = prepared()
    given_cases = [_case(i) for i in range(6)]
    one = side_by_side(given_cases, ready.setting)
    shuffled = [given_cases[i] for i in order]
    other = side_by_side(shuffled, ready.setting)
    assert {key_of(case, "") for case in one} == {key_of(case, "") for case in other}


def _case(i: int) -> Case:
    households = (900, 600, 600, 1400, 300, 100)[i]
    due = ("2029", "2027", "2027", None, "2028", "2028")[i]
    phases = ((households, due),)
    own = development(households, development_id=f"d{i}", phases=phases)
    return Case(own, 3, 0, (2, 3, 4), (0.0, 0.0, 0.0), (0, 1))
