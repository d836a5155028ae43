"""Run boundaries and rooms together on Kong's service-area problems: one JSON line each.

``python -m benchmarks.cflsap FILE... --seconds S --seed 1 --out DIR`` and alike ``sap``. ``seconds``
counts from the problem in memory with compiled code cached; ``--at 60`` names the value at that
second of a longer run as well. Every solution is written down and
checked from the files by `benchmarks.area_check` before its line is printed.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.area_check import check
from benchmarks.area_files import Area, adjacency_beside, read_area
from benchmarks.districting import gap
from benchmarks.measure import resident_mb
from benchmarks.siting_files import full
from commplan.optimise.joint.search import SearchParams
from commplan.optimise.joint.solve import JointParams, solve_joint
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Status

ENDLESS = 1_000_000  # rounds: the time ends the search


def run(family: str, arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names; 0 if every instance has a valid solution."""
    options = _parser(family).parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    _warm_up()
    done = True
    for path in options.files:
        neighbours = options.adjacency or adjacency_beside(path)
        area = read_area(path, neighbours, fixed=family == "sap")
        params = JointParams(options.seed, options.seconds, SearchParams(rounds=ENDLESS))
        began = time.perf_counter()
        result = solve_joint(area.problem, params)
        line = report(area, result, time.perf_counter() - began)
        if options.at is not None:
            line["objective_at"] = at_time(result, options.at)
        line |= written(path, neighbours, area, result, options.out)
        done &= line["objective"] is not None
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if done else 1


def _parser(family: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{family}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    parser.add_argument("--at", type=float, help="name the value at this second as well")
    parser.add_argument("--adjacency", type=Path, help="left out: the file beside the instance")
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
    target = out / f"{area.name}.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("unit", "facility"))
        for unit, site in zip(area.units, result.site_of.tolist(), strict=True):
            writer.writerow((unit, area.units[area.problem.site_unit[site]]))
    cost, faults = check(path, neighbours, target, fixed=bool(area.problem.forced.all()))
    if faults:
        return {"status": str(Status.NOT_FOUND), "objective": None, "gap": None, "faults": faults}
    bound = result.bound if np.isfinite(result.bound) else None
    return {"objective": cost, "gap": gap(cost, bound), "solution": str(target)}


def command(family: str) -> None:
    """Run a family as a module."""
    sys.exit(run(family))
