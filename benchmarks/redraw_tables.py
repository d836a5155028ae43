"""``make bench-redraw``: the engine beside its rivals, its bounds, the ladder, published optima."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.districting import Job, report, run_apart
from benchmarks.instances import Case, Options, read_graph, read_units
from benchmarks.ladder import SIZES, measure
from benchmarks.measure import REAL_DATA, table
from benchmarks.small_instances import COUNT, compare, summary
from benchmarks.towns import voronoi_case
from commplan.problem.threads import THREADS

SEED = 1
RIVALS = ("metis", "gerrychain")
COUNTIES = (  # file, districts, published optimum (Validi & Buchanan 2022)
    ("county/county40", "OK", 5, 40),
    ("county/county19", "IA", 4, 33),
    ("county/county31", "NE", 3, 19),
    ("county/county05", "AR", 4, 33),
    ("tract/tract33", "NH", 2, 26),
)
LONG = ("大同區", "松山區", "中正區")
NO_DATA = "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."

Line = dict[str, Any]


def _districts(objective: str) -> list[Case]:
    """Return Taipei's districts, the small ones first."""
    columns = ("CODEBASE", "H_CNT", "TOWN")
    options = Options(objective=objective, columns=columns, crs="EPSG:3826")
    cases = read_units(REAL_DATA / "taiwan_taipei" / "units.gpkg", options)
    return sorted(cases, key=lambda case: (case.problem.n, case.name))


def _run(case: Case, method: str, seconds: float) -> Line:
    with TemporaryDirectory() as folder:
        outcome = run_apart(Job(case, method, seconds, SEED))
        line = report(case, method, outcome, Path(folder))
    print({k: v for k, v in line.items() if k != "solution"}, method, flush=True)
    return line


def _km(line: Line) -> str:
    return "–" if line["objective"] is None else f"{line['objective']:.2f}"


def border() -> str:
    """Least border of each district: ours after 5 and 60 s, the rivals after 60 s."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    rows, sums = [], [0.0] * 4
    for case in _districts("border_km"):
        ours = [_run(case, "commplan", seconds) for seconds in (5.0, 60.0)]
        with ThreadPoolExecutor(2) as pool:  # each has one thread, and so a core of its own
            theirs = list(pool.map(lambda name, c=case: _run(c, name, 60.0), RIVALS))
        lines = [*ours, *theirs]
        best = min(line["objective"] or float("inf") for line in theirs)
        values = [line["objective"] or float("inf") for line in lines[:2]]
        sums = [s + x for s, x in zip(sums, [*values, best, best], strict=True)]
        less = 100 * (1 - values[1] / best)
        rows.append((case.name, case.problem.n, *map(_km, lines), f"{less:.1f} %"))
    total = f"{sums[0]:.2f}", f"{sums[1]:.2f}", f"better of the two: {sums[2]:.2f}", ""
    rows.append(("sum", "", *total, f"{100 * (1 - sums[1] / sums[2]):.2f} %"))
    heads = (
        "district",
        "units",
        "5 s, km",
        "60 s, km",
        "METIS 60 s",
        "GerryChain 60 s",
        "shorter by",
    )
    return (
        "Bounds 1,500–3,000, number of communities free, subdistrict lines apart. METIS: "
        "contiguous, every k, six tolerances, many seeds; the better of its best valid partition "
        "and its best mended one. GerryChain: seed partition, then optimiser, tilted run and short "
        "bursts.\n\n" + table(heads, rows)
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Give each process started within one thread, and so a core of its own."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


def _border_bounds(cases: Iterable[Case], seconds: float) -> str:
    """Bounds of borders of two districts at a time."""
    listed = list(cases)
    with _alone(), ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(lambda case: _run(case, "commplan", seconds), listed))
    text = (
        "Km. The bound: prices of units that no closed walk of the planar dual undercuts "
        "(`docs/certificate.md`). One thread each, two districts at a time on two cores.\n\n"
    )
    return text + _bounds(zip(listed, lines, strict=True))


def _bounds(found: Iterable[tuple[Case, Line]]) -> str:
    rows = []
    for case, line in found:
        bound, gap = line["bound"], line["gap"]
        share = "–" if gap is None else f"{100 * gap:.2f} %"
        bounded = "–" if bound is None else f"{bound:.2f}"
        rows.append(
            (case.name, case.problem.n, line["status"], _km(line), bounded, share, line["seconds"])
        )
    return table(("district", "units", "status", "cost", "bound", "gap", "seconds"), rows)


def distance() -> str:
    """Least walking distance, k fixed, with its proven bound after 3 minutes."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    text = (
        "Σ households × km to the median unit, k = round(households / 2,250). The bound: a "
        "Lagrangian of the Hess model with a knapsack per median.\n\n"
    )
    cases = _districts("distance_household_km")
    return text + _bounds((case, _run(case, "commplan", 180.0)) for case in cases)


def border_bounds() -> str:
    """Bounds of borders after 3 minutes, in all districts."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    return _border_bounds(_districts("border_km"), 180.0)


def border_bounds_long() -> str:
    """Bounds of borders after 10 minutes, in three districts."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    return _border_bounds((c for c in _districts("border_km") if c.name in LONG), 600.0)


def ladder() -> str:
    """Climb the ladder of synthetic towns, the rivals beside."""
    rows = []
    for n in SIZES:
        case = voronoi_case(n, SEED)
        with ThreadPoolExecutor(1) as pool:
            ours = pool.submit(measure, case, 60.0, SEED).result()
        with ThreadPoolExecutor(2) as pool:
            theirs = list(pool.map(lambda name, c=case: _run(c, name, 60.0), RIVALS))
        value = ours["objective"]
        rows.append(
            (
                f"{n:,}",
                ours["status"],
                ours["first_s"],
                "–" if value is None else f"{value:.1f}",
                *map(_km, theirs),
                ours["seconds"],
                ours["peak_mb"],
            )
        )
    heads = ("units", "status", "first valid plan, s", "60 s, km", *RIVALS, "seconds", "peak MB")
    return table(heads, rows)


def counties() -> str:
    """Least cut edges of United States counties and tracts, beside the published optima."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    rows = []
    for file, state, k, best in COUNTIES:
        path = REAL_DATA / "districting_us" / f"{file}.json"
        case = read_graph(path, Options(objective="cut_edges", k=k, deviation=0.005))
        line = _run(case, "commplan", 60.0)
        value, bound = line["objective"], line["bound"]
        rows.append(
            (
                state,
                case.problem.n,
                k,
                best,
                "–" if value is None else f"{value:g}",
                "–" if bound is None else f"{bound:.2f}",
                line["status"],
                line["seconds"],
            )
        )
    heads = ("state", "units", "k", "published optimum", "ours", "our bound", "status", "seconds")
    return table(heads, rows)


def small() -> str:
    """Two hundred random towns of 10 to 16 units beside full enumeration."""
    found = [compare(seed) for seed in range(COUNT)]
    return table(("", ""), [(name, f"{value:.6g}") for name, value in summary(found).items()])
