"""Recompute a rollout from the input layers, the plan and ``rollout.csv``."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.problem.rollout import RolloutAnswer
from commplan.scenario.rollout import (
    LAYERS,
    about_schedule,
    checked,
    plan_file,
    pose,
    rollout_section,
)
from commplan.scenario.store import file_sha256, read_json
from commplan.scenario.topics import (
    compare_tables,
    differences,
    open_topic_run,
    read_rows,
    stated_number,
    stated_status,
    surveyed,
)
from commplan.scenario.verify import against
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.pose.rollout import PosedRollout

ROLLOUT = "rollout.csv"


def verify_rollout_run(folder: Path, watch: Watch) -> tuple[list[Finding], int, int]:
    """Verify the folder of a rollout.

    Years are taken from ``rollout.csv``; groups, limits, validity of every year, cost and tables
    are worked out anew.

    Returns
    -------
    findings : list of Finding
        Errors, and changed files from which no figure is read.
    cells, communities : int
        How many cells of tables were compared, and how many communities change.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.outputs.rollout_tables import csv_tables
    from commplan.outputs.tables import plain

    scenario, found = open_topic_run(folder)
    path = folder / "certificate.json"
    stated = read_json(path)
    file = plan_file(scenario)
    if not file.exists() or file_sha256(file) != stated.get("plan"):
        found.append(Finding("scenario.input_changed", Severity.ERROR, {"file": file.name}))
    situation = surveyed(scenario, LAYERS, watch)
    posed = pose(situation)
    answer = RolloutAnswer(
        stated_status(stated, path),
        _recorded(folder, posed, rollout_section(scenario).first_year),
        stated_number(stated, "objective", path),
        stated_number(stated, "bound", path),
    )
    rollout, faults = checked(situation, posed, answer)
    tables, cells = compare_tables(folder, csv_tables(rollout))
    again = plain(about_schedule(situation, rollout))
    faults += differences(stated, again, tuple(again))
    return against((*found, *faults, *tables)), cells, len(rollout.table)


def _recorded(folder: Path, posed: "PosedRollout", first_year: int) -> np.ndarray:
    """Read the year of each group; a community of it in another year shows as a cell that differs."""
    year_of = np.full(posed.problem.groups, -1, dtype=np.int32)
    ids = posed.plan.communities["community_id"].astype(str).tolist()
    group_of = dict(zip(ids, posed.group_of.tolist(), strict=True))
    for row in read_rows(folder / ROLLOUT):
        group, year = group_of.get(row.get("community_id", ""), -1), row.get("year", "")
        if group < 0 or not year.isdecimal():
            raise input_error([Fault("rollout.bad_row", {}, str(folder / ROLLOUT))])
        year_of[group] = int(year) - first_year if int(year) else -1
    if (year_of >= posed.problem.years).any() or (year_of < -1).any():
        raise input_error([Fault("rollout.bad_row", {}, str(folder / ROLLOUT))])
    return year_of
