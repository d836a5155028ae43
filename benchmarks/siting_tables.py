"""Sections on choosing sites: published optima of four families, and spopt beside ours."""

from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory

from benchmarks.known import NO_DATA, Known, known
from benchmarks.measure import REAL_DATA, table
from benchmarks.together import Line, lines_of, number, percent

SEED = "1"
SECONDS = 60.0
EQUAL = 1e-6  # relative: the published values are rounded
HOW = "One thread each, two runs at a time on two cores, at most {seconds:g} s each.\n\n"
FRANCISCO = "facility/spopt_sf/SF_network_distance_candidateStore_16_censusTract_205_new.csv"
Row = tuple[Known, Sequence[str]]


def _rows(
    runs: Sequence[tuple[str, Row]], seconds: float
) -> tuple[list[Line], list[tuple[str, ...]]]:
    """Run each, and set it beside its published value."""
    with TemporaryDirectory() as folder:
        tail = ["--seconds", f"{seconds:g}", "--seed", SEED, "--out", folder]
        lines = lines_of([[f"benchmarks.{family}", *row[1], *tail] for family, row in runs])
    rows = []
    for (_, (k, _)), line in zip(runs, lines, strict=True):
        value = line["objective"]
        away = None if value is None else abs(value / k.value - 1) * (1 if value > k.value else -1)
        line["away"] = away
        rows.append(
            (
                line.get("instance", k.path.name),
                f"{k.value:,.10g}{' (proven)' if k.proven else ''}",
                "–" if value is None else f"{value:,.10g}",
                percent(away),
                "–" if line["bound"] is None else f"{line['bound']:,.10g}",
                line.get("status", line.get("error", "")),
                number(line.get("seconds")),
            )
        )
    return lines, rows


def _section(runs: Sequence[tuple[str, Row]], seconds: float, limit: float) -> str:
    if not REAL_DATA.is_dir():
        return NO_DATA
    lines, rows = _rows(runs, seconds)
    within = sum(line["away"] is not None and line["away"] <= limit for line in lines)
    proven = sum(line.get("status") == "optimal" for line in lines)
    better = sum(line["away"] is not None and line["away"] < -EQUAL for line in lines)
    heads = ("instance", "published", "ours", "away", "our bound", "status", "seconds")
    aim = "the published value reached" if limit <= EQUAL else f"within {percent(limit, 1)} of it"
    said = f"{aim}: {within} of {len(lines)}; proven by us: {proven}; other side of it: {better}."
    return HOW.format(seconds=seconds) + table(heads, rows) + "\n\n" + said.capitalize()


def _p(k: Known) -> list[str]:
    return [] if k.count is None else ["--p", str(k.count)]


def pmedian(seconds: float = SECONDS, most: int | None = None) -> str:
    """OR-Library's p-medians."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    found = known("p-median (OR-Library)")[:most]
    return _section([("pmedian", (k, [str(k.path)])) for k in found], seconds, EQUAL)


def cpmp(seconds: float = SECONDS, most: int | None = None) -> str:
    """Capacitated p-medians of Lorena and Senne and of Kong."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    found = known("capacitated p-median")[:most]
    runs = [("cpmp", (k, [str(k.path), *_p(k)])) for k in found]
    return _section(runs, seconds, 3e-3)


def sscflp(seconds: float = SECONDS, most: int | None = None) -> str:
    """Single-source location: Holmberg (proven optima) and Yang (best known)."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    found = known("single-source")[:most]
    return _section([("sscflp", (k, [str(k.path)])) for k in found], seconds, EQUAL)


def mclp(seconds: float = SECONDS, most: int | None = None) -> str:
    """Maximal covering of SJC, and what spopt's notebook prints for San Francisco."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    found = known("maximal covering, radius 800")[:most]
    runs: list[tuple[str, Row]] = [("mclp", (k, [str(k.path), *_p(k)])) for k in found]
    asked: tuple[tuple[str, str, list[str]], ...] = (
        ("set covering", "mclp", ["--radius", "5000"]),
        ("maximal covering p=4", "mclp", ["--radius", "5000"]),
        ("p-median p=4", "pmedian", []),
        ("p-center p=4", "mclp", ["--radius", "1e9", "--aim", "centre"]),
    )
    for problem, family, options in asked:
        (k,) = known(problem, "facility/spopt_sf")
        runs.append((family, (k, [str(REAL_DATA / FRANCISCO), *options, *_p(k)])))
    return _section(runs, seconds, EQUAL)


Case = tuple[str, list[str], tuple[str, ...]]
BOTH = ("commplan", "spopt-highs", "spopt-cbc", "pulp-cbc")
CASES: tuple[Case, ...] = (  # city, its question, who answers it
    ("1000x200", ["--aim", "cover"], BOTH),
    ("1000x200", ["--aim", "max_cover", "--p", "5"], BOTH),
    ("1000x200", ["--aim", "median", "--p", "10"], ("commplan", "pulp-highs", "pulp-cbc")),
    ("1000x200", ["--aim", "median", "--p", "10", "--radius", "inf"], BOTH[:3]),
    ("5000x500", ["--aim", "cover"], BOTH),
    ("5000x500", ["--aim", "max_cover", "--p", "20"], BOTH),
    ("5000x500", ["--aim", "median", "--p", "40"], ("commplan", "pulp-highs")),
    ("20000x1000", ["--aim", "cover"], ("commplan",)),
    ("20000x1000", ["--aim", "max_cover", "--p", "80"], ("commplan",)),
    ("20000x1000", ["--aim", "median", "--p", "150"], ("commplan",)),
)


def spopt(seconds: float = 120.0, cases: Sequence[Case] = CASES) -> str:
    """Random cities: building, solving and memory of ours, spopt and plain PuLP, one at a time."""
    rows = []
    for city, question, who in cases:
        tail = ["city", city, *question, "--seconds", f"{seconds:g}"]
        lines = lines_of([["benchmarks.siting_rivals", name, *tail] for name in who], at_once=1)
        for name, line in zip(who, lines, strict=True):
            place = f"{line.get('instance', city)}{' (no limit)' if 'inf' in question else ''}"
            rows.append(
                (
                    place,
                    name,
                    "–" if line["objective"] is None else f"{line['objective']:,.10g}",
                    "–" if line.get("bound") is None else f"{line['bound']:,.10g}",
                    line.get("status", line.get("error", "")),
                    number(line.get("build_s"), 3),
                    number(line.get("solve_s")),
                    *(number(line.get(key), 0) for key in ("peak_mb", "question_mb")),
                )
            )
    heads = ("city and question", "who", "value", "bound", "status", "build s", "solve s")
    text = (
        f"Units × sites over a square, 15 minutes = 1,200 m, at most {seconds:g} s of solving; one "
        "process at a time, from the same full matrix of distances. Building: from the matrix to "
        "the written model; ours counts its choice of the pairs within the limit. Memory: peak of "
        "the process with CBC's own once libraries and matrix are loaded, and how much of it is "
        "for the question. spopt's p-median knows no limit, and is asked without one; at "
        "5,000 × 500 it would write 2.5 million variables and is left out. Statuses are read from "
        "HiGHS itself: "
        "PuLP calls a run that was stopped optimal. Largest cities: ours alone.\n\n"
    )
    return text + table((*heads, "peak MB", "for the question MB"), rows)


SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "pmedian": ("p-median (OR-Library), published optima", pmedian),
    "cpmp": ("Capacitated p-median, best known", cpmp),
    "sscflp": ("Single-source location, best known", sscflp),
    "mclp": ("Maximal covering and San Francisco", mclp),
    "spopt": ("Random cities beside spopt and plain PuLP", spopt),
}
