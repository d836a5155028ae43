"""Recompute a merging of villages from the input layers and ``village_groups.csv``."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from commplan.errors import Fault
from commplan.evaluate.villages import check_villages
from commplan.findings import Finding
from commplan.problem.result import Status
from commplan.problem.villages import TERMS, Unmerged, VillageResult
from commplan.scenario.store import read_json
from commplan.scenario.topics import (
    compare_tables,
    differences,
    open_topic_run,
    read_rows,
    stated_number,
    stated_status,
    stated_table,
)
from commplan.scenario.verify import against
from commplan.scenario.villages import VillageSurvey, survey_villages
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    import pandas as pd

    from commplan.plan.villages import VillagePlan

GROUPS, CERTIFICATE = "village_groups.csv", "certificate.json"


def verify_village_run(folder: Path, watch: Watch) -> tuple[tuple[Finding, ...], int, int]:
    """Verify the folder of a merging.

    Returns
    -------
    findings : tuple of Finding
        Errors, and changed files from which no figure is read.
    villages, groups : int

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.plan.villages import make_village_plan

    scenario, changed = open_topic_run(folder)
    ground = survey_villages(scenario, watch)
    stated = read_json(folder / CERTIFICATE)
    result = _recorded(folder, stated, ground)
    plan = make_village_plan(ground.territory, ground.problem, result, ground.staging)
    tables, _ = compare_tables(folder, _tables(plan))
    found = [*changed, *check_villages(ground.problem, result), *tables]
    found += _stated(stated, ground, result)
    ids = plan.villages["village_id"].tolist()
    return tuple(_named(f, ids) for f in against(found)), ground.problem.n, len(plan.groups)


def _recorded(folder: Path, stated: Mapping[str, Any], ground: VillageSurvey) -> VillageResult:
    """Read groups, seats and reasons as the run left them."""
    layer = ground.territory.villages
    ids = [] if layer is None else layer["village_id"].astype(str).tolist()
    row = {village: at for at, village in enumerate(ids)}
    group_of = _groups(folder / GROUPS)
    if group_of.keys() != row.keys():
        params = {"count": len(group_of), "all": len(row)}
        raise input_error([Fault("villages.bad_count", params, str(folder / GROUPS))])
    names = [group_of[village] or f"\0{village}" for village in ids]
    first = {name: at for at, name in reversed(list(enumerate(names)))}
    order = {name: number for number, name in enumerate(sorted(first, key=first.__getitem__))}
    file = folder / CERTIFICATE
    seat_of = stated_table(stated, "seats", file)
    seats = [row.get(str(seat_of.get(name, ids[first[name]])), -1) for name in order]
    terms = stated_table(stated, "terms", file)
    least = stated_number(stated, "least_left", file)
    return VillageResult(
        status=stated_status(stated, file),
        labels=np.array([order[name] for name in names], dtype=np.int32),
        seats=np.array(seats, dtype=np.int32),
        objective=stated_number(stated, "objective", file),
        bound=stated_number(stated, "bound", file),
        left=_reasons(stated_table(stated, "left_villages", file), row),
        least_left=int(least) if np.isfinite(least) else 0,
        terms={name: stated_number(terms, name, file) for name in TERMS},
    )


def _named(finding: Finding, ids: list[str]) -> Finding:
    """Name the villages of a fault by their ids."""
    rows = finding.params.get("villages")
    if not isinstance(rows, tuple):
        return finding
    return replace(finding, ids=tuple(ids[row] for row in rows))


def _reasons(stated: Mapping[str, Any], row: Mapping[str, int]) -> tuple[Unmerged, ...]:
    return tuple(Unmerged(row[v], str(code)) for v, code in stated.items() if v in row)


def _groups(path: Path) -> dict[str, str]:
    """Read the group of each village; empty where it stays."""
    rows = read_rows(path)
    if rows and not {"village_id", "group_id"} <= set(rows[0]):
        raise input_error([Fault("scenario.not_csv", file=str(path))])
    return {line["village_id"]: line["group_id"] or "" for line in rows}


def _tables(plan: "VillagePlan") -> "dict[str, pd.DataFrame]":
    """Return the tables of a run, by file."""
    from commplan.outputs.villages_tables import group_table, village_table

    return {
        GROUPS: village_table(plan),
        "groups.csv": group_table(plan),
        "stages.csv": plan.stages,
    }


def _stated(
    stated: Mapping[str, Any], ground: VillageSurvey, result: VillageResult
) -> list[Finding]:
    """Compare what the certificate states with the scenario, and one of its claims with the next."""
    problem, left = ground.problem, len(result.left)
    proven = result.status == Status.OPTIMAL
    again: dict[str, Any] = {
        "limits": asdict(problem.limits),
        "weights": asdict(problem.weights),
        "first_people": ground.staging.first_people,
        "small_villages": int(problem.small.sum()),
        "left": left,
        # Fewer than must stay cannot; what is the best leaves no more and costs no more than proven.
        "least_left": left if proven else min(result.least_left, left),
        "bound": result.objective if proven else result.bound,
        "gap": result.gap,
    }
    return differences(stated, again, tuple(again))
