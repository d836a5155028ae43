"""A batch on Dask: the same plans, and nothing lost with a worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from batch_towns import WELL, deadly_task, stubborn_task, write_batch, write_town_of_rows

from commplan.errors import InputError
from commplan.problem.threads import THREADS, threads_at_hand
from commplan.scenario import batch_cluster
from commplan.scenario.batch import BatchOptions, batch
from commplan.scenario.batch_cluster import Cluster
from commplan.scenario.log import Log
from commplan.texts import load_texts

pytest.importorskip("distributed")
NAMES = [*WELL, "tiny-none", "odd"]
TWO = BatchOptions(workers=2, quiet=True)
_PATIENCE_S = 300


def run(path: Path, out: Path, options: BatchOptions = TWO) -> int:
    """Do a batch."""
    return batch([path], out, options, load_texts("en"))


def events(out: Path) -> list[dict[str, object]]:
    """Read the log."""
    lines = (out / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def log_text(out: Path) -> str:
    """Read the log as far as it goes."""
    path = out / "log.jsonl"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def statuses(out: Path) -> list[str]:
    """Outcomes in the order of the catalogue."""
    import pandas as pd

    return pd.read_parquet(out / "catalogue.parquet")["status"].tolist()


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    end = time.monotonic() + _PATIENCE_S
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_killed_worker_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker killed in the middle of a scenario: another does it, and the log names both."""
    monkeypatch.setattr("commplan.scenario.batch_cluster.run_on_worker", stubborn_task)
    path, out = write_batch(tmp_path), tmp_path / "out"

    def kill() -> None:
        wait_for(out / "pid")
        os.kill(int((out / "pid").read_text(encoding="ascii")), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    assert run(path, out) == 1
    killer.join()
    told = events(out)
    done = Counter(e["scenario"] for e in told if e["event"] == "done")
    assert done == Counter(NAMES)
    assert [e["had"] for e in told if e["event"] == "worker_left" and e["had"]] == [[WELL[1]]]
    assert sorted(p.name for p in (out / "runs").iterdir()) == sorted(NAMES[:-1])
    alone = tmp_path / "alone"
    assert run(path, alone, BatchOptions(workers=0, quiet=True)) == 1
    for name in WELL:
        here, there = (f / "runs" / name / "assignment.csv" for f in (alone, out))
        assert here.read_bytes() == there.read_bytes()


@pytest.mark.slow
def test_a_scenario_that_kills_its_workers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some dead workers a scenario is lost, with a word about memory; the others are done."""
    monkeypatch.setattr("commplan.scenario.batch_cluster.run_on_worker", deadly_task)
    path, out = write_batch(tmp_path), tmp_path / "out"
    assert run(path, out) == 1
    assert statuses(out)[1] == "lost"
    assert set(statuses(out)[:3:2]) <= {"optimal", "feasible"}
    assert run(path, out, BatchOptions(workers=0, quiet=True, resume=True)) == 1
    assert statuses(out)[1] in {"optimal", "feasible"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent another way")
def test_ctrl_c_and_resume(tmp_path: Path) -> None:
    """Ctrl-C lets what is running finish, ends with 130, and --resume does the rest, each once."""
    path, out = write_batch(tmp_path), tmp_path / "out"
    command = [sys.executable, "-m", "commplan", "batch", str(path), "-o", str(out)]
    command += ["--workers", "1", "--lang", "en"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    end = time.monotonic() + _PATIENCE_S
    while '"done"' not in log_text(out):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process
    _, err = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode in {130, 1}, err  # 1 where everything was finished by then
    if process.returncode == 130:
        assert "not begun" in statuses(out)
        assert "interrupted" in [e["event"] for e in events(out)]
    again = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 1, again.stderr
    well = Counter(
        e["scenario"] for e in events(out) if e["event"] == "done" and e["exit_code"] == 0
    )
    assert well == Counter(WELL)


@pytest.mark.slow
def test_parts_on_workers_give_the_same_bytes(tmp_path: Path) -> None:
    """A scenario whose subdistricts are solved by several workers is the undivided one."""
    path = write_town_of_rows(tmp_path)
    assert run(path, tmp_path / "parts", replace(TWO, split_units=1)) == 0
    assert run(path, tmp_path / "whole", BatchOptions(workers=0, quiet=True)) == 0
    folders = [tmp_path / name / "runs" / "tiny" for name in ("parts", "whole")]
    parts, whole = ((f / "assignment.csv").read_bytes() for f in folders)
    assert parts == whole
    told = [json.loads((f / "certificate.json").read_text(encoding="utf-8")) for f in folders]
    for key in ("status", "objective", "bound", "effort", "seed", "proof"):
        assert told[0][key] == told[1][key], key


def test_workers_of_a_machine_share_its_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three scenarios at once on one machine, one on another: a worker is told of its own machine's."""
    threads = {"tcp://10.0.0.1:4001": 1, "tcp://10.0.0.1:4002": 2, "tcp://10.0.0.2:4001": 1}
    client = SimpleNamespace(nthreads=threads.copy, subscribe_topic=lambda *_: None)
    hosts = Cluster(client, Log(None)).hosts
    assert hosts == {"10.0.0.1": 3, "10.0.0.2": 1}
    seen: list[int] = []
    monkeypatch.setattr(batch_cluster, "run_task", lambda *_: seen.append(threads_at_hand()))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.delenv(THREADS, raising=False)
    for address in threads:
        worker = SimpleNamespace(address=address)
        monkeypatch.setattr("distributed.get_worker", lambda worker=worker: worker)
        batch_cluster.run_on_worker(SimpleNamespace(split_units=None), hosts)  # type: ignore[arg-type]
    assert seen == [2, 2, 6]


def test_address_without_a_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nobody answers is named in one line, and nothing is written."""
    monkeypatch.setattr("commplan.scenario.batch_cluster._CONNECT_S", 0.2)
    options = BatchOptions(scheduler="tcp://127.0.0.1:9", quiet=True)
    with pytest.raises(InputError, match="no Dask scheduler"):
        run(write_batch(tmp_path), tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_memory_that_is_no_size(tmp_path: Path) -> None:
    """A limit that cannot be read is named before any worker starts."""
    with pytest.raises(InputError, match="4GB"):
        run(write_batch(tmp_path), tmp_path / "out", BatchOptions(memory="plenty", quiet=True))


def test_without_dask_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where distributed is missing, the line names the extra and the way without it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="commplan\\[batch\\]"):
        run(write_batch(tmp_path), tmp_path / "out", BatchOptions(quiet=True))
