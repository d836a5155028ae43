"""``cflsap``, ``cflsap-long`` and ``sap``: Kong's service areas beside what was published of them."""

from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.known import NO_DATA, Known, known
from benchmarks.measure import REAL_DATA, table
from benchmarks.together import Line, lines_of, number, percent

SEED = "1"
SAME = 1e-4  # relative: a published value counts as reached
BETTER = 1e-6
HOW = (
    "One thread each, two runs at a time on two cores; every solution is written down and checked "
    "from the files alone (`benchmarks/area_check.py`). Published values: `known_best.csv` of the "
    "public data (Kong 2021, CPLEX 12.6 in up to 7,200 s and a matheuristic on CPLEX).\n\n"
)


def _run(family: str, found: Sequence[Known], seconds: float, at: float) -> list[Line]:
    with TemporaryDirectory() as folder:
        options = ["--seconds", f"{seconds:g}", "--at", f"{at:g}", "--seed", SEED, "--out", folder]
        return lines_of([[f"benchmarks.{family}", str(k.path), *options] for k in found])


def cflsap(seconds: float = 60.0, only: Sequence[str] = ()) -> str:
    """Sites to choose: our value beside the better published one and the larger published bound."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    free = {k.path.stem: k for k in known("SSCFLP")}
    found = [k for k in known("CFLSAP") if not only or k.path.stem in only]
    rows, above, gaps, own = [], [], [], []
    for k, line in zip(found, _run("cflsap", found, seconds, 60.0), strict=True):
        value, bound = line["objective"], line["bound"]
        best_bound = max(k.bound or 0.0, free[k.path.stem].bound or 0.0)
        if value is not None:
            above.append(value / k.value - 1)
            gaps.append(value / best_bound - 1)
            own.append(1 - (bound or 0.0) / value)
        rows.append(
            (
                k.path.stem,
                number(k.value),
                number(value),
                percent(None if value is None else above[-1]),
                number(best_bound),
                percent(None if value is None else gaps[-1]),
                number(bound),
                percent(None if value is None else own[-1]),
                *([number(line["objective_at"])] if seconds > 60 else []),
            )
        )
    heads = ["instance", "better published value", f"ours, {seconds:g} s", "above it"]
    heads += ["larger published bound", "above that", "our bound", "gap to it"]
    heads += ["ours at 60 s of this run"] if seconds > 60 else []
    return HOW + table(heads, rows) + "\n\n" + _summary(above, gaps, own, len(found))


def _summary(above: list[float], gaps: list[float], own: list[float], n: int) -> str:
    if not above:
        return "No valid solution."
    better = sum(share < -BETTER for share in above)
    return (
        f"Valid: {len(above)} of {n}. Above the larger published bound in the mean: "
        f"{percent(float(np.mean(gaps)))}; at most above the better published value: "
        f"{percent(max(above))}; our own gap: at most {percent(max(own))}; better than anything "
        f"published: {better}."
    )


def cflsap_long() -> str:
    """Measure the same after 300 s."""
    return cflsap(300.0)


def sap(seconds: float = 120.0, only: Sequence[str] = ()) -> str:
    """Given sites: our value after 60 s, and what is proven when the run ends."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    found = [k for k in known("SAP") if not only or k.path.stem in only]
    at = min(60.0, seconds)
    rows, reached, proven, better = [], 0, 0, 0
    for k, line in zip(found, _run("sap", found, seconds, at), strict=True):
        early, value = line.get("objective_at"), line["objective"]
        share = None if early is None else early / k.value - 1
        reached += share is not None and share <= SAME
        better += value is not None and value < k.value * (1 - BETTER)
        proven += line.get("status") == "optimal"
        rows.append(
            (
                k.path.stem,
                f"{k.value:,.2f}{' (proven)' if k.proven else ''}",
                number(early),
                percent(share),
                number(value),
                number(line["bound"]),
                percent(line.get("gap")),
                line.get("status", line.get("error", "")),
            )
        )
    heads = ["instance", "best published", f"ours, {at:g} s", "above it"]
    heads += [f"ours, {seconds:g} s", "our bound", "gap", "status"]
    said = (
        f"Within {percent(SAME, 2)} of the best published value after {at:g} s: {reached} of "
        f"{len(found)}; proven by us within {seconds:g} s: {proven}; better than published: "
        f"{better}. The value after {at:g} s is that of the longer run at this time."
    )
    return HOW + table(heads, rows) + "\n\n" + said


SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "cflsap": ("Boundaries and rooms together (CFLSAP), 60 s", cflsap),
    "cflsap-long": ("The same after 300 s", cflsap_long),
    "sap": ("Service areas of given rooms (SAP)", sap),
}
