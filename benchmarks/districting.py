"""Run the redrawing engine, and rivals beside it, on files of instances.

One JSON line for each instance and method on standard output::

    python -m benchmarks.districting county40.json --k 5 --seconds 60 --out out
    python -m benchmarks.districting --units units.gpkg --id CODEBASE --households H_CNT \
        --within TOWN --crs EPSG:3826 --seconds 60 --out out --rivals metis,gerrychain

``seconds`` counts from the graph in memory with compiled code cached. Each plan is checked before
it is printed; a line without a plan has null for objective, gap and solution.
"""

import argparse
import csv
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.effort import Effort
from benchmarks.instances import Case, Ints, Options, is_valid, read_graph, read_units
from benchmarks.measure import resident_mb
from benchmarks.warm import warm_up
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw

LATEST = 1.1
METHODS = ("commplan", "metis", "gerrychain")


@dataclass(frozen=True)
class Job:
    """One run: an instance, a method, and how long."""

    case: Case
    method: str
    seconds: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a method found."""

    labels: Ints | None
    status: str
    bound: float | None
    seconds: float
    peak_mb: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names; 0 if every run ended."""
    options = _parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for case in _cases(options):
        for method in ("commplan", *options.rivals):
            outcome = run_apart(Job(case, method, options.seconds, options.seed))
            line = report(case, method, outcome, options.out)
            print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.districting")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--k", type=int)
    parser.add_argument("--deviation", type=float, default=0.005)
    parser.add_argument("--objective")
    parser.add_argument("--units", type=Path, action="append", default=[])
    parser.add_argument("--id", default="id")
    parser.add_argument("--households", default="households")
    parser.add_argument("--within")
    parser.add_argument("--bounds", type=_bounds, default=(1_500, 3_000))
    parser.add_argument("--crs")
    parser.add_argument("--rivals", type=_rivals, default=())
    return parser


def _bounds(text: str) -> tuple[int, int]:
    low, high = (int(part) for part in text.split(","))
    return low, high


def _rivals(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    if not set(names) <= set(METHODS[1:]):
        raise argparse.ArgumentTypeError(f"rivals are {', '.join(METHODS[1:])}")
    return names


def _cases(options: argparse.Namespace) -> list[Case]:
    asked = Options(
        options.objective,
        options.k,
        options.deviation,
        options.bounds,
        (options.id, options.households, options.within),
        options.crs,
    )
    graphs = [path for path in options.files if path.suffix.lower() == ".json"]
    units = [*options.units, *(path for path in options.files if path not in graphs)]
    cases = [read_graph(path, asked) for path in graphs]
    for path in units:
        cases += read_units(path, asked)
    return cases


def run_apart(job: Job) -> Outcome:
    """Run a job in a process of its own, whose memory is its own and which prints nothing here.

    A rival that does not look at the clock is ended a tenth after its time; its best so far counts.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(job, there))
    process.start()
    there.close()
    outcome = Outcome(None, "failed", None, 0.0)
    try:
        outcome = here.recv()  # ready: compiled code is loaded, the clock runs from here
        began = time.perf_counter()
        limit = LATEST * job.seconds if job.method != "commplan" else None
        while outcome.status in ("begun", "so far"):
            left = None if limit is None else max(0.0, began + limit - time.perf_counter())
            peak = resident_mb(process.pid or 0)
            if not here.poll(left):
                process.terminate()
                return _stopped(outcome, time.perf_counter() - began, peak)
            outcome = here.recv()
    except EOFError:
        return Outcome(None, "failed", None, 0.0)
    finally:
        process.join()
    return outcome


def _stopped(so_far: Outcome, seconds: float, peak_mb: float) -> Outcome:
    status = "not found" if so_far.labels is None else "feasible"
    return Outcome(so_far.labels, status, None, seconds, peak_mb)


def _child(job: Job, pipe: Connection) -> None:
    os.dup2(2, 1)  # solvers write to standard output as they like

    def keep(labels: Ints | None, status: str = "so far") -> None:
        pipe.send(Outcome(labels, status, None, 0.0))

    outcome = run_here(job, keep)
    peak = resident_mb(os.getpid())
    pipe.send(Outcome(outcome.labels, outcome.status, outcome.bound, outcome.seconds, peak))


def run_here(job: Job, keep: Callable[..., None]) -> Outcome:
    """Run a job in this process; ``keep`` is told when it begins and of each better plan."""
    if job.method != "commplan":
        from benchmarks.rivals import RIVALS

        keep(None, "begun")
        began = time.perf_counter()
        labels = RIVALS[job.method](job.case, Effort(job.seconds, job.seed, keep))
        status = "not found" if labels is None else "feasible"
        return Outcome(labels, status, None, time.perf_counter() - began)
    warm_up(job.case)
    keep(None, "begun")
    return _ours(job)


def _ours(job: Job) -> Outcome:
    if job.case.cost is not None:
        from benchmarks.moment import solve_moment

        began = time.perf_counter()
        labels, status, bound = solve_moment(job.case, job.seconds, job.seed)
        return Outcome(labels, status, bound, time.perf_counter() - began)
    began = time.perf_counter()
    params = RedrawParams(seed=job.seed, time_limit_s=job.seconds, use_limit=True)
    result = redraw(job.case.problem, params)
    seconds = time.perf_counter() - began
    bound = None if result.labels is None else result.bound / job.case.scale
    return Outcome(result.labels, result.status.value, bound, seconds)


def report(case: Case, method: str, outcome: Outcome, out: Path) -> dict[str, object]:
    """Check the plan, write it down and word the line."""
    name = case.name if method == "commplan" else f"{case.name}-{method}"
    labels, status = outcome.labels, outcome.status
    if labels is not None and not is_valid(case.problem, labels, _complain(name)):
        labels, status = None, "not found"
    value = None if labels is None else case.value(labels)
    bound = outcome.bound
    line: dict[str, object] = {
        "instance": case.name,
        "units": case.problem.n,
        "status": status,
        "objective": value,
        "bound": bound,
        "gap": gap(value, bound),
        "seconds": round(outcome.seconds, 3),
        "peak_mb": round(outcome.peak_mb, 1),
        "solution": None if labels is None else str(_write(out / f"{name}.csv", case, labels)),
    }
    if method != "commplan":
        line["method"] = method
    return line


def gap(value: float | None, bound: float | None) -> float | None:
    """Return (value - bound) / value; None where either is not known."""
    if value is None or bound is None:
        return None
    return 0.0 if value <= bound else (value - bound) / value


def _complain(name: str) -> Callable[[str], None]:
    """Say on standard error what is wrong with a plan."""

    def say(text: str) -> None:
        print(f"{name}: {text}", file=sys.stderr)

    return say


def _write(path: Path, case: Case, labels: Ints) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("unit", "district"))
        writer.writerows(zip(case.ids, np.asarray(labels).tolist(), strict=True))
    return path


if __name__ == "__main__":
    sys.exit(main())
