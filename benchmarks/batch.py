"""The 49 districts of Taipei and Tainan as one batch: one process, then a scheduler and two workers.

``python -m benchmarks.batch [FOLDER [CATALOGUE]]`` prints the tables; the pages stay in FOLDER.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from benchmarks.measure import REAL_DATA, ROOT, Measured, commplan, table
from commplan.problem.threads import THREADS

CATALOGUE = "scenarios/real/taipei-tainan.toml"
WORKERS = 2
_START_S = 60


@dataclass(frozen=True)
class Way:
    """One way of doing a batch, and what came of it."""

    title: str
    out: Path
    measured: Measured

    @property
    def done(self) -> list[dict[str, Any]]:
        """What the log says of each scenario, in the order in which they ended."""
        return [event for event in events(self.out) if event["event"] == "done"]


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start a Dask scheduler and worker processes, each by itself; give the scheduler's address."""
    place = folder / f"scheduler-{workers}.json"
    place.unlink(missing_ok=True)
    run = [sys.executable, "-m"]
    told = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": str(ROOT)}
    own = ["--scheduler-file", str(place), "--no-dashboard"]
    scheduler = [*run, "distributed.cli.dask_scheduler", *own, "--host", "127.0.0.1", "--port", "0"]
    worker = [*run, "distributed.cli.dask_worker", *own, "--nthreads", "1"]
    begun = [subprocess.Popen(scheduler, **told)]  # type: ignore[call-overload]
    try:
        end = time.monotonic() + _START_S
        while not place.is_file() or not place.read_text(encoding="utf-8").strip():
            if time.monotonic() > end:
                raise TimeoutError("the scheduler did not start")
            time.sleep(0.1)
        begun += [subprocess.Popen(worker, **told) for _ in range(workers)]  # type: ignore[call-overload]
        yield str(json.loads(place.read_text(encoding="utf-8"))["address"])
    finally:
        for process in reversed(begun):
            process.terminate()
        for process in begun:
            process.wait()


def events(folder: Path) -> list[dict[str, Any]]:
    """Read the log of a batch."""
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def report() -> str:
    """Do the batch in every way and return what came of it."""
    with TemporaryDirectory() as name:
        return measure(Path(name), CATALOGUE)


def measure(folder: Path, catalogue: str) -> str:
    """Do a batch with one thread, with all threads, and on two workers."""
    if not REAL_DATA.is_dir():
        return "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."
    with _threads("1"):
        ways = [_done("one process, one thread", folder / "one", catalogue, "--workers", "0")]
    ways.append(_done("one process, all threads", folder / "all", catalogue, "--workers", "0"))
    with cluster(folder, WORKERS) as address:
        title = f"scheduler and {WORKERS} worker processes"
        ways.append(_done(title, folder / "workers", catalogue, "--scheduler", address))
    head = (
        "way", "exit code", "s", "speed-up", "scenarios, s in all",
        "between two on a worker, s (median)", "most MB of a process",
    )  # fmt: skip
    parts = [table(head, [_row(way, ways[0]) for way in ways]), _outcomes(ways)]
    return "\n\n".join([*parts, _costs(ways[0])])


@contextmanager
def _threads(count: str) -> Iterator[None]:
    """Within, processes that are started use so many threads each."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = count
    try:
        yield
    finally:
        del os.environ[THREADS]
        if before is not None:
            os.environ[THREADS] = before


def _done(title: str, out: Path, catalogue: str, *place: str) -> Way:
    command = ("batch", catalogue, "-o", str(out), *place, "--quiet")
    return Way(title, out, commplan(*command))


def _row(way: Way, first: Way) -> list[object]:
    measured, done = way.measured, way.done
    return [
        way.title,
        measured.exit_code,
        f"{measured.seconds:.1f}",
        f"{first.measured.seconds / measured.seconds:.2f}",
        f"{sum(event['seconds'] or 0.0 for event in done):.1f}",
        f"{statistics.median(_gaps(done) or [0.0]):.3f}",
        f"{max((event['peak_mb'] or 0.0 for event in done), default=0.0):.0f}",
    ]


def _gaps(done: list[dict[str, Any]]) -> list[float]:
    """Seconds that a worker spends between two scenarios: handing over and handing out."""
    gaps = []
    for worker in {event["worker"] for event in done}:
        own = [event for event in done if event["worker"] == worker]
        ends = [datetime.fromisoformat(event["time"]).timestamp() for event in own]
        spans = zip(itertools.pairwise(ends), own[1:], strict=True)
        gaps += [end - before - (event["seconds"] or 0.0) for (before, end), event in spans]
    return gaps


def _outcomes(ways: list[Way]) -> str:
    """Say how many went well, which did not and why, and whether all ways gave the same plans."""
    done = ways[-1].done
    well = sum(event["exit_code"] == 0 for event in done)
    lines = [f"{len(done)} scenarios, {well} with a valid plan."]
    lines += [
        f"- {event['scenario']}: {event['status']}. {' '.join(event.get('faults', []))}"
        for event in done
        if event["exit_code"] != 0
    ]
    paths = sorted((ways[0].out / "runs").glob("*/assignment.csv"))
    others = [[way.out / "runs" / p.parent.name / p.name for way in ways[1:]] for p in paths]
    same = sum(
        all(other.is_file() and other.read_bytes() == path.read_bytes() for other in those)
        for path, those in zip(paths, others, strict=True)
    )
    lines.append(f"\n{same} of {len(paths)} assignments have the same bytes in every way.")
    return "\n".join(lines)


def _costs(way: Way) -> str:
    """Say what a scenario and a community cost on one core: what the model of the country needs."""
    rows = pd.read_csv(way.out / "catalogue.csv")
    rows = rows[rows["exit_code"] == 0]
    if rows.empty:
        return "No scenario has a plan."
    seconds = rows["seconds"]
    sizes = [p.stat().st_size for p in (way.out / "runs").rglob("*") if p.is_file()]
    disk_mb = sum(sizes) / 1e6 / len(rows)
    return (
        f"On one core a scenario takes {seconds.median():.1f} s in the median, {seconds.max():.1f} s "
        f"at most; its run folder {disk_mb:.1f} MB in the mean. {int(rows['communities'].sum()):,} "
        f"communities, {int(rows['households'].sum()):,} households: "
        f"{seconds.sum() / rows['communities'].sum():.2f} s of one core a community."
    )


def main() -> None:
    """Measure and print."""
    if len(sys.argv) < 2:
        print(report())
        return
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    print(measure(folder, sys.argv[2] if len(sys.argv) > 2 else CATALOGUE))


if __name__ == "__main__":
    main()
