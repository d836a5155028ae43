"""The 49 districts of Taipei and Tainan as one batch: one process, then a scheduler and workers.

``python -m benchmarks.batch [FOLDER]`` prints the tables; the pages stay in FOLDER.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import REAL_DATA, ROOT, Measured, commplan, table

CATALOGUE = "scenarios/real/taipei-tainan.toml"
_START_S = 60


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start a Dask scheduler and worker processes, each by itself; give the scheduler's address."""
    place = folder / f"scheduler-{workers}.json"
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


def report(folder: Path, catalogue: str = CATALOGUE) -> str:
    """Do the batch in every way and return what came of it."""
    if not REAL_DATA.is_dir():
        return "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."
    answers = [
        _done("one process, no Dask", folder / "alone", catalogue, ("--workers", "0")),
        _done("workers of its own: two", folder / "own", catalogue, ("--workers", "2")),
    ]
    for workers in (1, 2):
        with cluster(folder, workers) as address:
            title = f"a scheduler, worker processes: {workers}"
            out = folder / f"scheduler-{workers}"
            answers.append(_done(title, out, catalogue, ("--scheduler", address)))
    first = answers[0]
    parts = [
        table(
            ("way", "exit code", "s", "speed-up", "work, s", "beside the work, s a scenario",
             "most MB of a worker"),
            [_row(answer, first) for answer in answers],
        ),
        _outcomes(answers[-1][1]),
        _same(first[1], answers[-1][1]),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _done(
    title: str, out: Path, catalogue: str, place: tuple[str, ...]
) -> tuple[str, Path, Measured]:
    """Do the batch in one way."""
    command = ("batch", catalogue, "-o", str(out), *place, "--quiet")
    return title, out, commplan(*command)


def _row(answer: tuple[str, Path, Measured], first: tuple[str, Path, Measured]) -> list[object]:
    """Give the times of one way; the overhead is what the workers did not spend on scenarios."""
    title, out, measured = answer
    done = [e for e in events(out) if e["event"] == "done"]
    work_s = sum(e["seconds"] or 0.0 for e in done)
    hands = max(1, len({e["worker"] for e in done}))
    beside_s = (measured.seconds * hands - work_s) / max(1, len(done))
    peak = max((e["peak_mb"] or 0.0 for e in done), default=0.0)
    return [
        title,
        measured.exit_code,
        f"{measured.seconds:.1f}",
        f"{first[2].seconds / measured.seconds:.2f}",
        f"{work_s:.1f}",
        f"{beside_s:.2f}",
        f"{peak:.0f}",
    ]


def _outcomes(out: Path) -> str:
    """Say how many went well, which did not and why."""
    done = [e for e in events(out) if e["event"] == "done"]
    well = sum(e["exit_code"] == 0 for e in done)
    lines = [f"{len(done)} scenarios, {well} with a valid plan."]
    lines += [
        f"- {e['scenario']}: {e['status']}. {' '.join(e.get('faults', []))}"
        for e in done
        if e["exit_code"] != 0
    ]
    seconds = [e["seconds"] for e in done if e["exit_code"] == 0]
    if seconds:
        median, most = statistics.median(seconds), max(seconds)
        lines.append(f"A scenario takes {median:.1f} s in the median, {most:.1f} s at most.")
    return "\n".join(lines)


def _same(one: Path, other: Path) -> str:
    """Say whether two batches gave the same plans, byte for byte."""
    paths = sorted((one / "runs").glob("*/assignment.csv"))
    pairs = [(p, other / "runs" / p.parent.name / p.name) for p in paths]
    same = sum(b.is_file() and a.read_bytes() == b.read_bytes() for a, b in pairs)
    return f"{same} of {len(pairs)} assignments have the same bytes in the first way and the last."


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        print(report(Path(sys.argv[1]), *sys.argv[2:3]))
        return
    with TemporaryDirectory() as name:
        print(report(Path(name)))


if __name__ == "__main__":
    main()
