"""Run boundaries and rooms together on Kong's service-area problems: one JSON line each.

``python -m benchmarks.cflsap FILE... --seconds S --seed 1 --out DIR`` and alike ``sap``. ``seconds``
counts from the problem in memory with compiled code cached; ``--at 60`` names the value at that
second of a longer run as well. Every solution is written down and checked from the files by
`benchmarks.area_check` before its line is printed. ``--rivals`` adds a line for each of spopt, which
has no such model, and plain PuLP + CBC (`benchmarks.area_rivals`). Exit code 1 where an instance has
no valid solution, 2 where a file cannot be used.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.area_check import check
from benchmarks.area_files import Area, Ints, adjacency_beside, read_area
from benchmarks.districting import gap
from benchmarks.measure import resident_mb
from benchmarks.siting_files import full
from benchmarks.usable import UNUSABLE, usable
from commplan.optimise.joint.search import SearchParams
from commplan.optimise.joint.solve import JointParams, solve_joint
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Status

KEYS = (
    "instance",
    "units",
    "status",
    "objective",
    "bound",
    "gap",
    "seconds",
    "peak_mb",
    "solution",
)
ENDLESS = 1_000_000  # rounds: the time ends the search


def run(family: str, arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names; 0 if every instance has a valid solution."""
    options = parser_of(family).parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    _warm_up()
    done = True
    read = list[Path]()
    for path in options.files:
        instance = usable(path, partial(area_of, family, path, options.adjacency))
        if instance is None:
            continue
        read.append(path)
        neighbours, area = instance
        params = JointParams(options.seed, options.seconds, SearchParams(rounds=ENDLESS))
        began = time.perf_counter()
        result = solve_joint(area.problem, params)
        line = report(area, result, time.perf_counter() - began)
        if options.at is not None:
            line["objective_at"] = at_time(result, options.at)
        line |= written(path, neighbours, area, result, options.out)
        done &= line["objective"] is not None
        line = {key: line[key] for key in KEYS} | line
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if options.rivals and read:
        _rivals(family, options, read)
    if len(read) < len(options.files):
        return UNUSABLE
    return 0 if done else 1


def area_of(family: str, path: Path, adjacency: Path | None) -> tuple[Path, Area]:
    """Read an instance; the file of its neighbours, and the instance."""
    path.stat()  # a file that is not there is told before its neighbours are looked for
    neighbours = adjacency or adjacency_beside(path)
    return neighbours, read_area(path, neighbours, fixed=family == "sap")


def _rivals(family: str, options: argparse.Namespace, files: Sequence[Path]) -> None:
    """Let the rivals print their lines, each in a process that holds nothing else."""
    given = ["--seconds", str(options.seconds), "--out", str(options.out)]
    given += [] if options.adjacency is None else ["--adjacency", str(options.adjacency)]
    for who in ("spopt", "pulp-cbc"):
        command = [sys.executable, "-m", "benchmarks.area_rivals", who, family]
        subprocess.run([*command, *map(str, files), *given], check=False)


def parser_of(family: str) -> argparse.ArgumentParser:
    """Return the command line of a family."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{family}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    parser.add_argument("--at", type=float, help="name the value at this second as well")
    parser.add_argument("--adjacency", type=Path, help="left out: the file beside the instance")
    parser.add_argument("--rivals", action="store_true", help="spopt and PuLP + CBC beside ours")
    return parser


def _warm_up() -> None:
    """Load compiled code on a row of four units between two sites."""
    ends = np.array([0, 3], dtype=np.int32)
    problem = JointProblem(
        amount=np.ones(4),
        cost=full(np.array([[0.0, 3.0], [1.0, 2.0], [2.0, 1.0], [3.0, 0.0]])),
        open_cost=np.ones(2),
        site_unit=ends,
        low=np.zeros(2),
        high=np.full(2, 3.0),
        forced=np.zeros(2, dtype=bool),
        tail=np.array([0, 1, 2], dtype=np.int32),
        head=np.array([1, 2, 3], dtype=np.int32),
    )
    solve_joint(problem, JointParams(search=SearchParams(starts=2, steps=1000, rounds=2)))


def report(area: Area, result: JointResult, seconds: float) -> dict[str, object]:
    """Word what the optimiser says."""
    return {
        "instance": area.name,
        "units": area.problem.n,
        "status": str(result.status),
        "bound": result.bound if np.isfinite(result.bound) else None,
        "seconds": round(seconds, 3),
        "peak_mb": round(resident_mb(os.getpid()), 1),
    }


def at_time(result: JointResult, seconds: float) -> float | None:
    """Return the best value that was known at a time of the run."""
    values = [value for when, value in result.trajectory if when <= seconds]
    return min(values, default=None)


def written(
    path: Path, neighbours: Path, area: Area, result: JointResult, out: Path
) -> dict[str, object]:
    """Write the solution down, check it from the files, and word what comes out."""
    if result.site_of is None:
        return {"objective": None, "gap": None, "solution": None}
    target = write_solution(out / f"{area.name}.csv", area, result.site_of)
    cost, faults = check(path, neighbours, target, fixed=bool(area.problem.forced.all()))
    if faults:
        return {
            "status": str(Status.NOT_FOUND),
            "objective": None,
            "gap": None,
            "solution": None,
            "faults": faults,
        }
    bound = result.bound if np.isfinite(result.bound) else None
    return {"objective": cost, "gap": gap(cost, bound), "solution": str(target)}


def write_solution(target: Path, area: Area, site_of: Ints) -> Path:
    """Write the columns unit, facility: ids as the instance has them."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("unit", "facility"))
        for unit, site in zip(area.units, site_of.tolist(), strict=True):
            writer.writerow((unit, area.units[area.problem.site_unit[site]]))
    return target


def command(family: str) -> None:
    """Run a family as a module."""
    sys.exit(run(family))
