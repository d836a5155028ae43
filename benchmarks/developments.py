"""Developments in batch: time, rate and memory with one process and two; the same bytes always.

``python -m benchmarks.developments [--count 1000] [--place sample taipei] [--out DIR]`` makes
seeded developments, half of them with an extent, and runs ``commplan developments`` on them: with
one process, with two, and with two and the rows shuffled; all files of the three must be the same.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.measure import REAL_DATA, ROOT, resident_mb, table
from commplan.scenario.log import LOG

SCENARIOS = {"sample": "scenarios/demo.toml", "taipei": "scenarios/real/taipei.toml"}
HEAD = (
    "place, developments", "processes", "exit code", "whole command s", "developments s", "a minute",
    "most MB in all",
)  # fmt: skip
DONE = re.compile(r"Done in ([\d.]+) s, ([\d,]+) a minute")
COUNT = 1_000
SEED = 7
YEARS = (2027, 2036)  # first, and one after the last
POLL_S = 0.1


@dataclass(frozen=True)
class Ran:
    """One run of the command."""

    exit_code: int
    seconds: float
    peak_mb: float
    said: str


def make_developments(units: gpd.GeoDataFrame, count: int, seed: int) -> gpd.GeoDataFrame:
    """Make seeded developments in the units of a territory.

    From 60 to 3,600 households, in one to four phases; half as points, half as squares of about
    35 m² of ground per household.
    """
    rng = np.random.default_rng(seed)
    inside = shapely.get_coordinates(
        shapely.point_on_surface(units.geometry.to_numpy()[rng.integers(0, len(units), count)])
    )
    households = np.rint(np.exp(rng.uniform(np.log(60), np.log(3600), count))).astype(int)
    side_m = np.sqrt(35.0 * households) / 2
    squares = shapely.box(*(inside - side_m[:, None]).T, *(inside + side_m[:, None]).T)
    areal = rng.random(count) < 0.5
    shapes = np.where(areal, squares, shapely.points(inside))
    phasing = [_phasing(rng, int(h)) for h in households]
    return gpd.GeoDataFrame(
        {
            "development_id": [f"d{i:05d}" for i in range(count)],
            "name": [f"Development {i}" for i in range(count)],
            "households": households,
            "population": np.rint(2.6 * households).astype(int),
            "floor_area_m2": np.rint(rng.uniform(90, 140, count) * households),
            "phasing": phasing,
        },
        geometry=list(shapes),
        crs=units.crs,
    )


def _phasing(rng: np.random.Generator, households: int) -> str:
    count = int(rng.integers(1, 5))
    cuts = np.sort(rng.integers(0, households + 1, count - 1))
    parts = np.diff(np.concatenate([[0], cuts, [households]]))
    years = np.sort(rng.integers(*YEARS, count))
    return ";".join(f"{year}:{part}" for year, part in zip(years, parts, strict=True))


def run_command(arguments: Sequence[str]) -> Ran:
    """Run ``commplan`` and measure it with the processes that it starts."""
    command = [sys.executable, "-m", "commplan", *arguments, "--lang", "en"]
    began, peak = time.perf_counter(), 0.0
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        while process.poll() is None:
            peak = max(
                peak, sum(resident_mb(pid) for pid in [process.pid, *_children(process.pid)])
            )
            time.sleep(POLL_S)
        said = "" if process.stdout is None else process.stdout.read()
    return Ran(process.returncode, time.perf_counter() - began, peak, said)


def _children(pid: int) -> list[int]:
    """List the processes that one has started; none where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def digest(folder: Path) -> str:
    """Return one hash of all files of a run but its log, names and bytes."""
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != LOG):
        whole.update(str(path.relative_to(folder)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def report() -> str:
    """Measure both places with 1,000 developments each and return the table."""
    return tables(list(SCENARIOS), COUNT)


def tables(places: Sequence[str], count: int, out: Path | None = None) -> str:
    """Measure places and return a table of the runs, with what was answered.

    Parameters
    ----------
    places : sequence of str
        Names of `SCENARIOS`.
    count : int
        Developments in each.
    out : Path, optional
        Folder in which the results stay.
    """
    with TemporaryDirectory() as scratch:
        folder = (out or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        known = [p for p in places if p == "sample" or REAL_DATA.is_dir()]
        measured = [measure(place, count, folder) for place in known]
    lines = [words for _, words in measured]
    lines += [f"{p}: not measured, the public data are not here." for p in places if p not in known]
    return "\n".join([table(HEAD, [row for rows, _ in measured for row in rows]), "", *lines])


def measure(place: str, count: int, out: Path) -> tuple[list[list[object]], str]:
    """Measure one place: a row for each run, and a sentence on answers and sameness."""
    given = make_developments(_units(place), count, SEED)
    shuffled = given.sample(frac=1.0, random_state=SEED)
    rows: list[list[object]] = []
    digests, answers = [], ""
    for name, frame, workers in (("1", given, 1), ("2", given, 2), ("2, shuffled", shuffled, 2)):
        file, target = out / f"{place}.gpkg", out / f"{place}-{len(rows)}"
        file.unlink(missing_ok=True)
        frame.to_file(file, driver="GPKG")
        command = ["developments", str(file), "--in", SCENARIOS[place], "-o", str(target)]
        ran = run_command([*command, "--workers", str(workers), "--quiet"])
        digests.append(digest(target) if ran.exit_code == 0 else ran.said)
        rows.append([f"{place}, {count:,}", name, *_figures(ran)])
        answers = answers or _answers(target / "developments.csv")
    same = "the same bytes in all three runs" if len(set(digests)) == 1 else "DIFFERENT BYTES"
    return rows, f"{place}: {answers}; {same}."


def _units(place: str) -> gpd.GeoDataFrame:
    """Read the units of a scenario."""
    from commplan.scenario.file import read_scenario
    from commplan.scenario.inputs import layer_sources
    from commplan.territory.load import load_territory

    scenario = read_scenario(ROOT / SCENARIOS[place])
    sources = {"units": layer_sources(scenario)["units"]}
    units = load_territory(sources, scenario.scenario.crs).units
    if units is None:
        raise ValueError(place)
    return units


def _figures(ran: Ran) -> list[object]:
    """Exit code, seconds, rate and memory of a run."""
    told = DONE.search(ran.said)
    seconds, rate = told.groups() if told else ("–", f"FAILED: {ran.said[-300:]}")
    return [ran.exit_code, f"{ran.seconds:.1f}", seconds, rate, f"{ran.peak_mb:.0f}"]


def _answers(path: Path) -> str:
    if not path.exists():
        return "no answers"
    counts = pd.read_csv(path)["answer"].value_counts().sort_index()
    return ", ".join(f"{count:,} {answer}" for answer, count in counts.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line names and print the table; 1 where runs differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.developments")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--place", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    found = tables(options.place, options.count, options.out)
    print(found)
    return 1 if "DIFFERENT" in found or "FAILED" in found else 0


if __name__ == "__main__":
    sys.exit(main())
