"""Run the choice of sites on files of instances: one JSON line each on standard output.

``python -m benchmarks.pmedian FILE... --seconds S --seed 1 --out DIR`` and alike ``cpmp``, ``sscflp``
and ``mclp``. ``seconds`` counts from the problem in memory with compiled code cached. Every solution
is counted anew before it is printed; the table beside it has a row for each unit with its site, and
where sites are units an open one serves its own. ``--rivals`` adds a line for each of spopt (where it
has the model) and plain PuLP + CBC, in a process of its own (`benchmarks.siting_rivals`). Exit code 1
where an instance has no allowed solution, 2 where a file cannot be used.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.measure import resident_mb
from benchmarks.siting_files import (
    Site,
    distances,
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
from benchmarks.usable import UNUSABLE, usable
from commplan.optimise.rooms.locate import LocateParams, locate
from commplan.optimise.rooms.params import MedianParams
from commplan.problem.location import Aim, LocationProblem, LocationResult, serving_cost
from commplan.problem.result import Status

Ints = NDArray[np.int32]

MENDING_S = 5.0  # for units anew among sites that are chosen, where a site does not serve its own

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
    done, read = True, set[Path]()
    for path, site in sites_of(family, options):
        if site is None:
            continue
        read.add(path)
        params = LocateParams(options.seconds, MedianParams(seed=options.seed))
        began = time.perf_counter()
        result = serve_own(site, locate(site.problem, site.aim, params), params)
        line = report(site, result, time.perf_counter() - began, options.out)
        done &= line["objective"] is not None
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if options.rivals and read:
        _rivals(family, options, [path for path in options.files if path in read])
    if len(read) < len(set(options.files)):
        return UNUSABLE
    return 0 if done else 1


def _rivals(family: str, options: argparse.Namespace, files: Sequence[Path]) -> None:
    """Let the rivals print their lines, each in a process that holds nothing else."""
    given = ["--seconds", str(options.seconds), "--out", str(options.out)]
    given += [] if options.radius is None else ["--radius", str(options.radius)]
    given += [] if options.aim is None else ["--aim", options.aim]
    counts = [str(p) for p in options.p if p is not None]
    given += ["--p", ",".join(counts)] if counts else []
    for who in ("spopt-highs", "spopt-cbc", "pulp-cbc"):
        command = [sys.executable, "-m", "benchmarks.siting_rivals", who, family]
        subprocess.run([*command, *map(str, files), *given], check=False)


def parser_of(family: str) -> argparse.ArgumentParser:
    """Return the command line of a family."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{family}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    parser.add_argument("--p", type=_counts, default=(None,), help="sites, or several by commas")
    parser.add_argument("--radius", type=float, help="left out: 800; in random cities 1,200")
    parser.add_argument("--aim", choices=[str(aim) for aim in Aim], help="of tables and cities")
    parser.add_argument("--rivals", action="store_true", help="spopt and PuLP + CBC beside ours")
    return parser


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def sites_of(family: str, options: argparse.Namespace) -> Iterator[tuple[Path, Site | None]]:
    """Read the instances that the command line names, once for each number of sites.

    None stands for a file that cannot be used; it has been told.
    """
    for path in options.files:
        for p in options.p:
            site = usable(path, partial(_site, family, path, p, options))
            yield path, site
            if site is None:
                break


def _site(family: str, path: Path, p: int | None, options: argparse.Namespace) -> Site:
    return _reader(family, path, options)(path, p)


def _reader(family: str, path: Path, options: argparse.Namespace) -> Callable[..., Site]:
    """Return what reads a file of a family."""
    radius = 800.0 if options.radius is None else options.radius
    aim = None if options.aim is None else Aim(options.aim)
    if family == "city":
        n, m = (int(part) for part in path.name.split("x"))
        within = 1_200.0 if options.radius is None else options.radius
        return _City(n, m, within, aim or Aim.COVER)
    if path.suffix == ".csv":
        median = family == "pmedian"
        wanted = aim or (Aim.MEDIAN if median else None)
        return partial(read_francisco, radius=np.inf if median else radius, aim=wanted)
    if path.name.startswith("geo_"):
        return read_geo
    if family == "mclp":
        return partial(read_mclp, radius=radius)
    return READERS[family]


@dataclass(frozen=True)
class _City:
    """Reads a random city from its name."""

    n: int
    m: int
    radius: float
    aim: Aim

    def __call__(self, _path: Path, p: int | None) -> Site:
        return random_city(self.n, self.m, p, self.radius, self.aim)


def warm_up(aim: Aim | None = None) -> None:
    """Load compiled code on tiny problems that no bound closes; only what an aim needs, if named."""
    if aim in (None, Aim.MEDIAN):
        ring = np.eye(3, dtype=bool) | np.roll(np.eye(3, dtype=bool), 1, axis=1)
        locate(plain(full(np.zeros((3, 3)), ring), open_cost=np.full(3, 1.1)), Aim.MEDIAN)
    if aim is None:
        points = np.random.default_rng(0).uniform(0.0, 9.0, (12, 4))
        lengths, demand = full(distances(points[:, :2])), 1.0 + points[:, 2]
        locate(plain(lengths, demand=demand, capacity=np.full(12, 25.0), max_open=3), Aim.MEDIAN)


def serve_own(site: Site, result: LocationResult, params: LocateParams) -> LocationResult:
    """Let each open site serve the unit in which it lies; the models do not ask for that.

    The bound stays valid, as the question without this has no worse an answer.
    """
    if site.own is None or result.objective is None or keeps_own(site, result):
        return result
    problem, opened = site.problem, np.flatnonzero(result.is_open)
    if problem.capacity is None:  # another open site is as near at best
        site_of = result.site_of.copy()
        site_of[site.own[opened]] = opened
        return replace(result, site_of=site_of)
    bound_to = np.full(problem.n, -1)
    bound_to[site.own[opened]] = opened
    pairs = problem.minutes.tocoo()
    row, place = pairs.coords
    kept = result.is_open[place] & ((bound_to[row] < 0) | (bound_to[row] == place))
    minutes = sparse.csr_array((pairs.data[kept], (row[kept], place[kept])), shape=pairs.shape)
    question = problem.replace(minutes=minutes, forced=result.is_open.copy(), max_open=len(opened))
    again = locate(question, site.aim, replace(params, time_limit_s=MENDING_S))
    if again.objective is None or (again.site_of < 0).any():
        return replace(result, status=Status.NOT_FOUND, objective=None)
    proven = again.objective <= result.bound * (1 + 1e-9)
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return replace(result, status=status, site_of=again.site_of, objective=again.objective)


def keeps_own(site: Site, result: LocationResult) -> bool:
    """Whether every open site that is a unit serves itself."""
    if site.own is None:
        return True
    opened = np.flatnonzero(result.is_open)
    return bool((result.site_of[site.own[opened]] == opened).all())


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
    value = value_of(site, result) if keeps_own(site, result) else None
    bound = result.bound if np.isfinite(result.bound) else None
    return {
        "instance": site.name,
        "units": site.problem.n,
        "status": str(result.status if value is not None else Status.NOT_FOUND),
        "objective": value,
        "bound": bound,
        "gap": gap_of(site, value, bound),
        "seconds": round(seconds, 3),
        "peak_mb": round(resident_mb(os.getpid()), 1),
        "solution": None if value is None else str(_write(out / f"{site.name}.csv", site, result)),
    }


def gap_of(site: Site, value: float | None, bound: float | None) -> float | None:
    """Return how far value and bound lie apart, as a share of the larger; None where one lacks."""
    if value is None or bound is None:
        return None
    high, low = (bound, value) if site.aim is Aim.MAX_COVER else (value, bound)
    return 0.0 if high <= low else (high - low) / high


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
