"""The main job end to end: start-up, the sample county, and two real scenarios."""

import csv
import json
import statistics
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import REAL_DATA, ROOT, Measured, commplan, table

STAGES = (
    "read",
    "graph",
    "pose",
    "redraw",
    "plan",
    "walk",
    "rooms",
    "circles",
    "score",
)


def start_up() -> str:
    """Time ``commplan --help``."""
    times = [commplan("--help").seconds for _ in range(7)]
    rows = [("`commplan --help`", f"{statistics.median(times):.2f}", f"{max(times):.2f}")]
    return table(("command", "median of 7, s", "slowest, s"), rows)


def demo() -> str:
    """Run the sample county twice."""
    return _scenario("scenarios/demo.toml", runs=2)


def daan() -> str:
    """Run Da'an twice, to see that the bytes are the same."""
    return _real("scenarios/real/taipei-daan.toml", runs=2)


def taipei() -> str:
    """Run all of Taipei."""
    return _real("scenarios/real/taipei.toml", runs=1)


def _real(scenario: str, runs: int) -> str:
    if not REAL_DATA.is_dir():
        return "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."
    return _scenario(scenario, runs)


def _scenario(scenario: str, runs: int) -> str:
    with TemporaryDirectory() as name:
        folders = [Path(name) / str(i) for i in range(runs)]
        answers = [commplan("run", scenario, "-o", str(folder), "--quiet") for folder in folders]
        checked = [commplan(c, str(folders[0]), "--quiet") for c in ("verify", "certificate")]
        parts = [
            _outcome(folders[0], answers, checked),
            _stages(folders),
            _sizes(folders[0]),
            _same_bytes(folders),
        ]
    return f"`{scenario}`\n\n" + "\n\n".join(parts)


def _read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def _outcome(folder: Path, answers: list[Measured], checked: list[Measured]) -> str:
    certificate = _read(folder, "certificate.json")
    measures = {m["code"]: m for m in _read(folder, "scorecard.json")["measures"]}
    inside, moved = measures["communities_in_bounds"], measures["moved_households"]
    rows = [
        (
            "exit code of run / verify / certificate",
            " / ".join(str(a.exit_code) for a in (answers[0], *checked)),
        ),
        (
            "seconds, first and best",
            f"{answers[0].seconds:.1f}, {min(a.seconds for a in answers):.1f}",
        ),
        ("peak memory, MB", f"{max(a.peak_mb for a in answers):.0f}"),
        ("status", certificate["status"]),
        ("objective (households)", f"{certificate['objective']:,.1f}"),
        ("proven bound", f"{certificate['bound']:,.1f}"),
        ("gap", f"{100 * certificate['gap']:.1f} %"),
        ("seconds to derive the bound again from the certificate", f"{checked[1].seconds:.1f}"),
        ("communities", f"{measures['communities']['value']:.0f}"),
        (
            "within bounds, today",
            f"{inside['today']:.0f} of {measures['communities']['today']:.0f}",
        ),
        ("within bounds, plan", f"{inside['value']:.0f}"),
        ("households that move", f"{moved['value']:,.0f}"),
        ("size of the page, MB", f"{(folder / 'hearing.html').stat().st_size / 1e6:.2f}"),
    ]
    return table(("", ""), rows)


def _stages(folders: list[Path]) -> str:
    seconds = [_read(folder, "manifest.json")["seconds"] for folder in folders]
    best = {stage: min(s.get(stage, 0.0) for s in seconds) for stage in STAGES}
    cells = [f"{best[stage]:.2f}" for stage in STAGES]
    return table(("stage", *STAGES), [("best of the runs, s", *cells)])


def _sizes(folder: Path) -> str:
    """Count communities within bounds by subdistrict, from the run's own table."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with (folder / "communities.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            count = counts[row["subdistrict_id"] or "–"]
            count[0] += 1
            count[1] += row["in_bounds"] == "True"
            count[2] += int(float(row["households"]))
    rows = [(name, *count) for name, count in sorted(counts.items())]
    return table(("subdistrict", "communities", "within bounds", "households"), rows)


def _same_bytes(folders: list[Path]) -> str:
    if len(folders) == 1:
        return "One run: whether the bytes are the same was not looked at."
    contents = {(folder / "assignment.csv").read_bytes() for folder in folders}
    same = "the same, byte for byte" if len(contents) == 1 else "NOT the same"
    return f"`assignment.csv` of {len(folders)} runs: {same}."


if __name__ == "__main__":
    print(start_up())
    print(demo())
    print(f"(public data: {REAL_DATA.is_dir()}, checkout: {ROOT.name})")
