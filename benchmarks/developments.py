"""Developments in batch: time, rate and memory with one process and two; the same bytes always.

``python -m benchmarks.developments [--count 1000] [--place sample taipei] [--out DIR]`` makes
seeded developments, half of them with an extent, and runs ``commplan developments`` on them: with
one process, with two, and with the rows shuffled. One JSON line per run; the last of each place says
whether all files of the runs are the same.
"""

import argparse
import hashlib
import json
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

from benchmarks.measure import ROOT, resident_mb

SCENARIOS = {"sample": "scenarios/demo.toml", "taipei": "scenarios/real/taipei.toml"}
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
    """Return one hash of all files of a run, names and bytes."""
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole.update(str(path.relative_to(folder)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def measure(place: str, count: int, out: Path) -> bool:
    """Measure one place; whether all runs left the same bytes."""
    from commplan.scenario.file import read_scenario
    from commplan.scenario.inputs import layer_sources
    from commplan.territory.load import load_territory

    scenario = read_scenario(ROOT / SCENARIOS[place])
    sources = {"units": layer_sources(scenario)["units"]}
    units = load_territory(sources, scenario.scenario.crs).units
    if units is None:
        raise ValueError(place)
    given = make_developments(units, count, SEED)
    shuffled = given.sample(frac=1.0, random_state=SEED)
    digests = []
    for name, table, workers in (("1", given, 1), ("2", given, 2), ("2 shuffled", shuffled, 2)):
        file, target = out / f"{place}.gpkg", out / f"{place}-{name.replace(' ', '-')}"
        file.unlink(missing_ok=True)
        table.to_file(file, driver="GPKG")
        ran = run_command(
            ["developments", str(file), "--in", SCENARIOS[place], "-o", str(target),
             "--workers", str(workers), "--quiet"]
        )  # fmt: skip
        digests.append(digest(target) if ran.exit_code == 0 else ran.said)
        print(json.dumps(_line(place, name, ran, target)), flush=True)
    same = len(set(digests)) == 1
    print(json.dumps({"place": place, "same_bytes": same}), flush=True)
    return same


def _line(place: str, name: str, ran: Ran, target: Path) -> dict[str, object]:
    line = {
        "place": place, "workers": name, "exit_code": ran.exit_code,
        "seconds": round(ran.seconds, 1), "peak_mb": round(ran.peak_mb),
    }  # fmt: skip
    rate = [said for said in ran.said.splitlines() if said.startswith("Done in")]
    line["said"] = rate[0] if rate else ran.said[-300:]
    if (target / "developments.csv").exists():
        table = pd.read_csv(target / "developments.csv")
        line["answers"] = table["answer"].value_counts().sort_index().to_dict()
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names; 0 if all bytes are the same."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.developments")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--place", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as scratch:
        out = options.out or Path(scratch)
        out.mkdir(parents=True, exist_ok=True)
        same = [measure(place, options.count, out.resolve()) for place in options.place]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
