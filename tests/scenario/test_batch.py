"""A batch in one process: every scenario once, whatever happens on the way."""

import csv
import errno
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from batch_towns import WELL, write_batch

from commplan.errors import InputError
from commplan.scenario import batch_here, batch_run, batch_store, write
from commplan.scenario.batch import BatchOptions, batch, options_of
from commplan.scenario.verify import verify_run
from commplan.scenario.watch import Watch
from commplan.texts import load_texts

NAMES = [*WELL, "tiny-none", "odd"]
HERE = BatchOptions(workers=0, quiet=True)
AGAIN = BatchOptions(workers=0, quiet=True, resume=True)


def run(path: Path, out: Path, options: BatchOptions = HERE) -> int:
    """Do a batch."""
    return batch([path], out, options, load_texts("en"))


def events(out: Path) -> list[dict[str, Any]]:
    """Read the log."""
    lines = (out / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def catalogue(out: Path) -> dict[str, dict[str, str]]:
    """Read the catalogue, by name."""
    with (out / "catalogue.csv").open(encoding="utf-8", newline="") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def times_done(out: Path) -> Counter[str]:
    """How often each scenario was done, by the log."""
    return Counter(e["scenario"] for e in events(out) if e["event"] == "done")


def hidden(out: Path) -> list[str]:
    """Files left half written."""
    return [p.name for p in [*out.iterdir(), *(out / "runs").iterdir()] if ".part" in p.name]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do the whole batch once; its folder lies beside its catalogue."""
    folder = tmp_path_factory.mktemp("batch")
    assert run(write_batch(folder), folder / "out") == 1
    return folder


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """Copy the finished batch, so that it can be spoilt; the inputs stay where they are."""
    shutil.copytree(finished / "out", tmp_path / "out")
    return tmp_path / "out"


def test_every_scenario_has_a_row(finished: Path) -> None:
    """Three plans, one impossible with its reason, one whose input is not there."""
    rows = catalogue(finished / "out")
    assert list(rows) == NAMES
    assert [rows[name]["exit_code"] for name in NAMES] == ["0", "0", "0", "3", "2"]
    assert {rows[name]["status"] for name in WELL} <= {"optimal", "feasible"}
    assert rows["tiny-none"]["status"] == "infeasible"
    assert "540" in rows["tiny-none"]["faults"]
    assert rows["odd"]["status"] == "unusable"
    assert "nowhere.gpkg" in rows["odd"]["faults"]
    wide = rows["tiny-wide"]
    assert (wide["units"], wide["households"]) == ("9", "540")
    assert wide["in_bounds"] == wide["communities"]
    table = pd.read_parquet(finished / "out" / "catalogue.parquet")
    assert table["name"].tolist() == NAMES


def test_run_folders_are_those_of_run(finished: Path) -> None:
    """Each run folder verifies, and holds its communities and its outline as GeoParquet."""
    runs = finished / "out" / "runs"
    assert sorted(p.name for p in runs.iterdir()) == sorted(NAMES[:-1])
    assert verify_run(runs / "tiny-wide", Watch()).errors == ()
    communities = gpd.read_parquet(runs / "tiny-wide" / "communities.parquet")
    assert int(communities["households"].sum()) == 540
    assert len(gpd.read_parquet(runs / "tiny-none" / "outline.parquet")) == 1
    counties = gpd.read_parquet(finished / "out" / "counties.parquet")
    assert counties["name"].tolist() == NAMES[:-1]


def test_log_says_what_happened(finished: Path) -> None:
    """The log begins, has a line for each scenario, and ends with the exit code."""
    told = events(finished / "out")
    assert [e["event"] for e in told] == ["begun", *["done"] * 5, "finished"]
    assert told[-1]["exit_code"] == 1
    assert times_done(finished / "out") == Counter(NAMES)
    assert hidden(finished / "out") == []


def test_resume_leaves_what_is_finished(copied: Path, finished: Path) -> None:
    """Only the scenario without a run folder is tried again; the others keep their bytes."""
    before = {p: p.stat().st_mtime_ns for p in (copied / "runs").rglob("*")}
    rows = catalogue(copied)
    assert run(finished / "all.toml", copied, AGAIN) == 1
    assert {p: p.stat().st_mtime_ns for p in (copied / "runs").rglob("*")} == before
    assert times_done(copied) == Counter([*NAMES, "odd"])
    again = catalogue(copied)
    assert {n: again[n] for n in NAMES[:-1]} == {n: rows[n] for n in NAMES[:-1]}


def test_resume_does_again_what_has_changed(tmp_path: Path) -> None:
    """A scenario with other values, or over other data, is not finished."""
    path, out = write_batch(tmp_path), tmp_path / "out"
    two = "scenario,name,redraw.max_households\nscenario.toml,a,400\nscenario.toml,b,300\n"
    path = path.with_suffix(".csv")
    path.write_text(two, encoding="utf-8")
    assert run(path, out) == 0
    path.write_text(two.replace("300", "310"), encoding="utf-8")
    assert run(path, out, AGAIN) == 0
    assert times_done(out) == Counter({"a": 1, "b": 2})
    data = (tmp_path / "units.geojson").read_text(encoding="utf-8")
    (tmp_path / "units.geojson").write_text(data + " ", encoding="utf-8")
    assert run(path, out, AGAIN) == 0
    assert times_done(out) == Counter({"a": 2, "b": 3})


def test_ctrl_c_loses_and_doubles_nothing(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is finished stays, what is left is done by --resume, each once."""
    done = batch_here.run_task

    def second_is_stopped(task: batch_run.Task) -> batch_run.Outcome:
        if task.case.name == WELL[1]:
            raise KeyboardInterrupt
        return done(task)

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(batch_here, "run_task", second_is_stopped)
        assert run(finished / "all.toml", out) == 130
    assert [row["status"] for row in catalogue(out).values()].count("not begun") == 4
    assert [e["event"] for e in events(out)][1:3] == ["done", "interrupted"]
    assert run(finished / "all.toml", out, AGAIN) == 1
    assert times_done(out) == Counter(NAMES)
    assert [row["exit_code"] for row in catalogue(out).values()] == ["0", "0", "0", "3", "2"]


def test_a_full_disk_costs_one_scenario_and_stops_the_rest(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scenario that met the full disk leaves nothing; with room again, --resume ends it."""
    written = write.write_json

    def full(path: Path, *rest: Any) -> None:
        if WELL[1] in str(path.parent):
            raise OSError(errno.ENOSPC, "No space left on device")
        written(path, *rest)

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(write, "write_json", full)
        assert run(finished / "all.toml", out) == 1
    rows = catalogue(out)
    assert [row["status"] for row in rows.values()][1:] == ["failed", *["not begun"] * 3]
    assert "No space left" in rows[WELL[1]]["faults"]
    assert "disk_full" in [e["event"] for e in events(out)]
    assert [p.name for p in (out / "runs").iterdir()] == [WELL[0]]
    assert run(finished / "all.toml", out, AGAIN) == 1
    assert [row["exit_code"] for row in catalogue(out).values()] == ["0", "0", "0", "3", "2"]


def test_a_small_disk_of_its_own(finished: Path, tmp_path: Path) -> None:
    """On a real file system without room nothing is left half written, and nothing is lost."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("no file system may be mounted here")
    try:
        assert run(finished / "all.toml", disk / "out") == 1
        assert "disk_full" in [e["event"] for e in events(disk / "out")]
        assert hidden(disk / "out") == []
        left = {p.name for p in (disk / "out" / "runs").iterdir()}
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        assert run(finished / "all.toml", disk / "out", AGAIN) == 1
        assert times_done(disk / "out")[WELL[0]] == (1 if WELL[0] in left else 2)
        assert {n: r["exit_code"] for n, r in catalogue(disk / "out").items()} == dict(
            zip(NAMES, ["0", "0", "0", "3", "2"], strict=True)
        )
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_killed_workers_left_is_swept_up(copied: Path, finished: Path) -> None:
    """Half-written folders go; a run that was set aside while it was replaced comes back."""
    runs = copied / "runs"
    (runs / ".tiny-wide.partial-abc").mkdir()
    aside = runs / ".tiny-narrow.old-abc"
    aside.mkdir()
    (runs / "tiny-narrow").rename(aside / "run")
    assert run(finished / "all.toml", copied, AGAIN) == 1
    assert sorted(p.name for p in runs.iterdir()) == sorted(NAMES[:-1])
    assert times_done(copied)["tiny-narrow"] == 1


def test_one_batch_at_a_time(copied: Path, finished: Path) -> None:
    """A second batch in the same folder is refused; so is a folder of something else."""
    with batch_store.batch_folder(copied, "x", []), pytest.raises(InputError, match="at work"):
        run(finished / "all.toml", copied, AGAIN)
    with pytest.raises(InputError, match="not empty"):
        run(finished / "all.toml", finished)


def test_an_unforeseen_error_is_a_row(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug costs the scenario that met it; the log has the trace."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(batch_run, "_row_of", broken)
    out = tmp_path / "out"
    assert run(finished / "scenario.toml", out) == 1
    (row,) = catalogue(out).values()
    assert (row["status"], row["exit_code"]) == ("failed", "1")
    assert "ZeroDivisionError: a bug" in row["faults"]
    assert "broken" in next(e["trace"] for e in events(out) if e["event"] == "done")


def test_all_well_is_zero(finished: Path, tmp_path: Path) -> None:
    """Where every scenario has a plan, the exit code is 0."""
    assert run(finished / "scenario.toml", tmp_path / "out") == 0


def test_scheduler_and_workers_contradict_each_other() -> None:
    """Who names a cluster that is there cannot say how many workers it has."""
    given = {"memory": None, "split": None, "resume": False, "quiet": True}
    assert options_of(None, "tcp://x:1", **given).scheduler == "tcp://x:1"
    assert options_of(3, None, **given).workers == 3
    with pytest.raises(InputError, match="--scheduler"):
        options_of(3, "tcp://x:1", **given)
