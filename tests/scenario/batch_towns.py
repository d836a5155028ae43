"""A batch of tiny scenarios for the tests: three that go well, one impossible, one with a fault."""

import time
from pathlib import Path
from typing import Any

from benchmarks.bad_inputs import SCENARIO, Case, prepare

from commplan.scenario.batch_run import Outcome, Task, run_task

CATALOGUE = """
[batch]
name = "province"
title = { zh = "全省", en = "The province" }
[[cases]]
scenario = "scenario.toml"
[cases.vary.bounds]
wide = {}
narrow = { redraw.max_households = 300 }
tight = { redraw.max_households = 250 }
none = { redraw = { min_households = 545, max_households = 900 } }
[[cases]]
scenario = "scenario.toml"
name = "odd"
set = { layers.units.path = "nowhere.gpkg" }
"""
WELL = ["tiny-wide", "tiny-narrow", "tiny-tight"]


def write_batch(folder: Path) -> Path:
    """Write nine squares of 60 households, a scenario over them, and the catalogue."""
    prepare(Case("good", (), SCENARIO), folder)
    path = folder / "all.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def write_town_of_rows(folder: Path) -> Path:
    """Write nine squares whose rows are subdistricts, and a scenario that keeps to them."""

    def in_rows(features: list[Any]) -> None:
        for i, feature in enumerate(features):
            feature["properties"]["subdistrict_id"] = f"S{i % 3}"

    prepare(Case("rows", (), SCENARIO, change=in_rows), folder)
    return folder / "scenario.toml"


def stubborn_task(task: Task, _hosts: object = None) -> Outcome:
    """Wait to be killed the first time that a worker does the second scenario; do it afterwards."""
    import os

    mark = Path(task.target).parent.parent / "pid"
    if task.case.name == WELL[1] and not mark.exists():
        mark.with_suffix(".new").write_text(str(os.getpid()), encoding="ascii")
        mark.with_suffix(".new").rename(mark)
        time.sleep(600)
    return run_task(task)


def deadly_task(task: Task, _hosts: object = None) -> Outcome:
    """End the worker of the second scenario every time."""
    import os

    if task.case.name == WELL[1]:
        os._exit(9)
    return run_task(task)
