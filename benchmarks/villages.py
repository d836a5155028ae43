"""Merging villages: Gongyi, twice, and small counties beside full enumeration.

python -m benchmarks.villages [COUNT]
"""

import csv
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import REAL_DATA, ROOT, commplan, table
from benchmarks.villages_small import Enumeration, random_county
from commplan.evaluate.villages import check_villages
from commplan.optimise.villages.merge import merge_villages
from commplan.problem.result import Status

COUNT = 100
SCENARIOS = ("gongyi", "gongyi-3000")
HEAD = (
    "scenario", "villages, then after", "300 people or fewer, then left", "people renamed", "status",
    "cost", "bound", "gap %", "search s", "whole command s", "peak MB", "verify",
)  # fmt: skip


def report() -> str:
    """Return the tables of Gongyi and of the small counties."""
    return f"{gongyi()}\n\n{small()}"


def gongyi() -> str:
    """Merge the villages of Gongyi by both scenarios, and verify what was written."""
    if not (REAL_DATA / "china_kong_sap").is_dir():
        return "Not measured: the data are not on this machine."
    with tempfile.TemporaryDirectory() as scratch:
        rows = [_county(name, Path(scratch) / name) for name in SCENARIOS]
    note = (
        "Every village of 300 people or fewer is in a group of more than 300, or a finding says why "
        "it stays. `gongyi-3000`: at most 3,000 people, 12 minutes by car (30 km/h) from any seat "
        "to the new one. The whole command reads, checks and writes page, tables and documents too."
    )
    return f"{table(HEAD, rows)}\n\n{note}"


def _county(name: str, folder: Path) -> tuple[object, ...]:
    scenario = ROOT / "scenarios" / "real" / f"{name}.toml"
    run = commplan("villages", str(scenario), "-o", str(folder), "--quiet")
    if run.exit_code != 0:
        return (name, *["–"] * (len(HEAD) - 2), f"FAILED: {run.err.strip()}")
    verified = commplan("verify", str(folder), "--quiet")
    certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    villages = _rows(folder / "village_groups.csv")
    groups = _rows(folder / "groups.csv")
    merged = sum(bool(row["group_id"]) for row in villages)
    renamed = sum(int(row["renamed_people"]) for row in groups)
    return (
        name,
        f"{len(villages):,} → {len(villages) - merged + len(groups):,}",
        f"{certificate['small_villages']:,} → {certificate['left']:,}",
        f"{renamed:,}",
        certificate["status"],
        f"{certificate['objective']:,.0f}",
        f"{certificate['bound']:,.0f}",
        f"{100 * certificate['gap']:.2f}",
        f"{certificate['runtime_s']:.1f}",
        f"{run.seconds:.1f}",
        f"{run.peak_mb:,.0f}",
        "ok" if verified.exit_code == 0 else "FAILED",
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def small(count: int = COUNT) -> str:
    """Compare random counties of 12 villages with the best of all their plans."""
    equal = proven = valid = left = 0
    for seed in range(count):
        problem = random_county(seed)
        fewest, cost = Enumeration(problem).best()
        result = merge_villages(problem)
        near = abs(result.objective - cost) <= 1e-6 * max(1.0, cost)
        equal += near and len(result.left) == fewest
        proven += result.status is Status.OPTIMAL
        valid += not check_villages(problem, result)
        left += fewest > 0
    rows = [(count, equal, proven, valid, left)]
    head = (
        "random counties of 12 villages", "equal to full enumeration", "called optimal",
        "valid by the checker", "with villages that must stay",
    )  # fmt: skip
    note = (
        "Five limits and seven terms, in two of three counties two townships, votes, and villages "
        "that must and must not join; in every second county the enumeration also holds the groups "
        "that the optimiser leaves out because they could be divided, and none is ever better."
    )
    return f"{table(head, rows)}\n\n{note}"


if __name__ == "__main__":
    print(small(int(sys.argv[1])) if len(sys.argv) > 1 else report())
