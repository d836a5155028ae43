"""``make bench``: measure the main job and write ``docs/benchmarks.md``.

A section is measured anew only when it is asked for by name or nothing is asked for::

    python -m benchmarks.run                 # everything
    python -m benchmarks.run demo bad-input  # these, the others are kept as they stand
"""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks import (
    area_tables,
    bad_inputs,
    batch,
    developments,
    infeasible,
    main_job,
    page,
    redraw_tables,
    siting_tables,
    villages,
    walking_tables,
)
from benchmarks.measure import ROOT
from commplan.problem.threads import threads_at_hand

PAGE = ROOT / "docs" / "benchmarks.md"
SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "help": ("Start-up", main_job.start_up),
    "demo": ("The sample county, stage by stage", main_job.demo),
    "taipei-daan": ("Da'an district of Taipei (real)", main_job.daan),
    "taipei": ("Taipei, 12 districts (real)", main_job.taipei),
    "bad-input": ("Input that cannot be used", bad_inputs.report),
    "page": ("The hearing page in Chromium", page.report),
    "villages": ("Merging small villages", villages.report),
    "developments": ("Developments in batch", developments.report),
    "batch": ("49 districts as one batch (real)", batch.report),
    "redraw-border": ("Least border, Taipei's districts, beside rivals", redraw_tables.border),
    "redraw-distance": ("Least distance, proven gaps", redraw_tables.distance),
    "redraw-bounds": ("Least border, proven gaps after 3 minutes", redraw_tables.border_bounds),
    "redraw-bounds-long": ("The same after 10 minutes", redraw_tables.border_bounds_long),
    "redraw-ladder": ("Synthetic towns of growing size", redraw_tables.ladder),
    "redraw-counties": ("Published optima of districting", redraw_tables.counties),
    "redraw-infeasible": ("Nothing valid: causes and ways out", infeasible.report),
    "redraw-small": ("Small towns beside full enumeration", redraw_tables.small),
    **area_tables.SECTIONS,
    **siting_tables.SECTIONS,
    **walking_tables.SECTIONS,
}


def machine() -> str:
    """Say on what the figures were measured."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"))
        model = found.group(1) if found else model
    count, used = os.cpu_count() or 1, threads_at_hand()
    cores = f"{count} cores" if used == count else f"{used} of {count} cores"
    return f"{model}, {cores}, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit that was measured; this page itself may differ from it."""
    name = _git("describe", "--always").stdout.strip()
    changed = _git("diff", "--quiet", "HEAD", "--", ".", ":!docs/benchmarks.md").returncode
    return (name or "unknown") + ("-dirty" if changed else "")


def _git(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def kept_sections() -> dict[str, str]:
    """Return the sections that the page holds now, by name."""
    if not PAGE.exists():
        return {}
    text = PAGE.read_text(encoding="utf-8")
    parts = re.split(r"<!-- section: ([\w-]+) -->\n", text)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def main(wanted: list[str]) -> None:
    """Measure the sections that are wanted and write the page."""
    sections = kept_sections()
    for name, (title, measure) in SECTIONS.items():
        if not wanted or name in wanted:
            stamp = f"Measured on {date.today().isoformat()} at {commit()}: {machine()}."  # noqa: DTZ011
            sections[name] = f"## {title}\n\n{stamp}\n\n{measure()}\n\n"
            print(sections[name], flush=True)
            write_page(sections)  # what was measured stays, should a later section be cut short


def write_page(sections: dict[str, str]) -> None:
    """Write the sections that there are, in their order."""
    intro = (
        "# Benchmarks\n\n"
        "Written by `make bench`. Times are wall clock with nothing else running; memory is the peak "
        "of the process. Compiled code is cached, except where a first run is named.\n\n"
    )
    body = "".join(
        f"<!-- section: {name} -->\n{sections[name]}" for name in SECTIONS if name in sections
    )
    PAGE.write_text(intro + body.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in SECTIONS]
    if unknown:
        sys.exit(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    main(sys.argv[1:])
