"""Run the choice of sites on files of instances: one JSON line each on standard output.

``python -m benchmarks.pmedian FILE... --seconds S --seed 1 --out DIR`` and alike ``cpmp``, ``sscflp``
and ``mclp``. ``seconds`` counts from the problem in memory with compiled code cached. Every solution
is counted anew before it is printed; the table beside it has a row for each unit with its site.
``--rivals`` adds a line for each of spopt (where it has the model) and plain PuLP + CBC, in a process
of its own (`benchmarks.siting_rivals`).
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import resident_mb
from benchmarks.siting_files import (
    Site,
    full,
    plain,
    random_city,
    read_francisco,
    read_geo,
    read_mclp,
    read_pmed,
    read_sjc,
    read_sscflp,
)
from commplan.optimise.rooms.locate import LocateParams, locate
from commplan.optimise.rooms.median import MedianParams
from commplan.problem.location import Aim, LocationProblem, LocationResult, serving_cost
from commplan.problem.result import Status

Ints = NDArray[np.int32]

READERS: dict[str, Callable[..., Site]] = {
    "pmedian": read_pmed,
    "cpmp": read_sjc,
    "sscflp": read_sscflp,
    "mclp": read_mclp,
}


def run(family: str, arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names; 0 if every instance has an allowed solution."""
    options = parser_of(family).parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    warm_up()
    done = True
    for site in sites_of(family, options):
        median = MedianParams(seed=options.seed)
        began = time.perf_counter()
        result = locate(site.problem, site.aim, LocateParams(options.seconds, median))
        line = report(site, result, time.perf_counter() - began, options.out)
        done &= line["objective"] is not None
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if options.rivals:
        _rivals(family, options)
    return 0 if done else 1


def _rivals(family: str, options: argparse.Namespace) -> None:
    """Let the rivals print their lines, each in a process that holds nothing else."""
    given = ["--seconds", str(options.seconds), "--out", str(options.out)]
    given += [] if options.radius is None else ["--radius", str(options.radius)]
    given += [] if options.aim is None else ["--aim", options.aim]
    counts = [str(p) for p in options.p if p is not None]
    given += ["--p", ",".join(counts)] if counts else []
    for who in ("spopt-highs", "spopt-cbc", "pulp-cbc"):
        files = [str(path) for path in options.files]
        command = [sys.executable, "-m", "benchmarks.siting_rivals", who, family, *files, *given]
        subprocess.run(command, check=False)


def parser_of(family: str) -> argparse.ArgumentParser:
    """Return the command line of a family."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{family}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--p", type=_counts, default=(None,), help="sites, or several by commas")
    parser.add_argument("--radius", type=float, help="left out: 800; in random cities 1,200")
    parser.add_argument("--aim", choices=[str(aim) for aim in Aim], help="of tables and cities")
    parser.add_argument("--rivals", action="store_true", help="spopt and PuLP + CBC beside ours")
    return parser


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def sites_of(family: str, options: argparse.Namespace) -> Iterator[Site]:
    """Read the instances that the command line names, once for each number of sites."""
    radius = 800.0 if options.radius is None else options.radius
    aim = None if options.aim is None else Aim(options.aim)
    for path in options.files:
        reader = READERS.get(family, read_mclp)
        if family == "city":
            n, m = (int(part) for part in path.name.split("x"))
            within = 1_200.0 if options.radius is None else options.radius
            reader = _City(n, m, within, aim or Aim.COVER)
        elif path.suffix == ".csv":
            median = family == "pmedian"
            wanted = aim or (Aim.MEDIAN if median else None)
            reader = partial(read_francisco, radius=np.inf if median else radius, aim=wanted)
        elif path.name.startswith("geo_"):
            reader = read_geo
        elif family == "mclp":
            reader = partial(read_mclp, radius=radius)
        for p in options.p:
            yield reader(path, p)


@dataclass(frozen=True)
class _City:
    """Reads a random city from its name."""

    n: int
    m: int
    radius: float
    aim: Aim

    def __call__(self, _path: Path, p: int | None) -> Site:
        return random_city(self.n, self.m, p, self.radius, self.aim)


def warm_up() -> None:
    """Load compiled code on problems of two units."""
    lengths = full(np.array([[0.0, 1.0], [1.0, 0.0]]))
    for fields in ({}, {"capacity": np.array([1.0, 1.0])}):
        locate(plain(lengths, max_open=1, **fields), Aim.MEDIAN)


def value_of(site: Site, result: LocationResult) -> float | None:
    """Count a solution anew; None where there is none or it is not allowed."""
    problem, is_open = site.problem, result.is_open
    if result.objective is None:
        return None
    if problem.max_open is not None and is_open.sum() > problem.max_open:
        return None
    if site.aim is Aim.MAX_COVER:
        return float(problem.weight[result.site_of >= 0].sum())
    if site.aim is Aim.COVER:
        return float(is_open.sum()) if (result.site_of >= 0).all() else None
    if site.aim is Aim.CENTRE:
        return longest_of(problem, result.site_of)
    if (result.site_of < 0).any():
        return None
    load = np.bincount(result.site_of, weights=problem.taken, minlength=problem.n_sites)
    if problem.capacity is not None and (load > problem.capacity * (1 + 1e-9)).any():
        return None
    value = serving_cost(problem, is_open, result.site_of)
    return value if np.isfinite(value) else None


def longest_of(problem: LocationProblem, site_of: Ints) -> float | None:
    """Return the longest distance from a unit to its site; None where a unit has none."""
    if (site_of < 0).any():
        return None
    rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    used = problem.minutes.indices == site_of[rows]
    return float(problem.minutes.data[used].max())


def report(site: Site, result: LocationResult, seconds: float, out: Path) -> dict[str, object]:
    """Check the solution, write it down and word the line."""
    from benchmarks.districting import gap  # loads much, and rivals are measured without it

    value = value_of(site, result)
    bound = result.bound if np.isfinite(result.bound) else None
    most = site.aim is Aim.MAX_COVER
    loose = gap(bound, value) if most else gap(value, bound)
    return {
        "instance": site.name,
        "units": site.problem.n,
        "status": str(result.status if value is not None else Status.NOT_FOUND),
        "objective": value,
        "bound": bound,
        "gap": loose,
        "seconds": round(seconds, 3),
        "peak_mb": round(resident_mb(os.getpid()), 1),
        "solution": None if value is None else str(_write(out / f"{site.name}.csv", site, result)),
    }


def _write(path: Path, site: Site, result: LocationResult) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("unit", "facility"))
        for unit, place in zip(site.units, result.site_of.tolist(), strict=True):
            writer.writerow((unit, site.sites[place] if place >= 0 else ""))
    return path


def command(family: str) -> None:
    """Run a family as a module."""
    sys.exit(run(family))
