"""Recompute a merging of villages from the input layers and ``village_groups.csv``."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from commplan.errors import Fault
from commplan.evaluate.villages import check_villages
from commplan.findings import Finding, Severity
from commplan.problem.result import Status
from commplan.problem.villages import Unmerged, VillageResult
from commplan.scenario.store import read_json
from commplan.scenario.topics import open_topic_run, read_rows
from commplan.scenario.verify import same
from commplan.scenario.villages import VillageSurvey, survey_villages
from commplan.scenario.watch import Watch
from commplan.texts import input_error

GROUPS = "village_groups.csv"


def verify_village_run(folder: Path, watch: Watch) -> tuple[tuple[Finding, ...], int, int]:
    """Verify the folder of a merging.

    Returns
    -------
    errors : tuple of Finding
    villages, groups : int

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.plan.villages import make_village_plan

    scenario, changed = open_topic_run(folder)
    ground = survey_villages(scenario, watch)
    result = _recorded(folder, ground)
    plan = make_village_plan(ground.territory, ground.problem, result, ground.staging)
    found = [*changed, *check_villages(ground.problem, result)]
    found += _tables(folder, plan) + _stated(folder, ground, result)
    ids = plan.villages["village_id"].tolist()
    errors = tuple(_named(f, ids) for f in found if f.severity is Severity.ERROR)
    return errors, ground.problem.n, len(plan.groups)


def _recorded(folder: Path, ground: VillageSurvey) -> VillageResult:
    """Read groups, seats and reasons as the run left them."""
    layer = ground.territory.villages
    ids = [] if layer is None else layer["village_id"].astype(str).tolist()
    row = {village: at for at, village in enumerate(ids)}
    group_of = {line["village_id"]: line["group_id"] for line in _rows(folder / GROUPS)}
    if group_of.keys() != row.keys():
        params = {"count": len(group_of), "all": len(row)}
        raise input_error([Fault("villages.bad_count", params, str(folder / GROUPS))])
    certificate = read_json(folder / "certificate.json")
    names = [group_of[village] or f"\0{village}" for village in ids]
    first = {name: at for at, name in reversed(list(enumerate(names)))}
    order = {name: number for number, name in enumerate(sorted(first, key=first.__getitem__))}
    stated = certificate.get("seats", {})
    seats = [row.get(stated.get(name, ids[first[name]]), -1) for name in order]
    return VillageResult(
        status=Status(certificate.get("status", Status.FEASIBLE)),
        labels=np.array([order[name] for name in names], dtype=np.int32),
        seats=np.array(seats, dtype=np.int32),
        objective=float(certificate.get("objective", np.nan)),
        bound=float(certificate.get("bound", np.nan)),
        left=_reasons(certificate.get("left_villages", {}), row),
        least_left=int(certificate.get("least_left", 0)),
        terms=certificate.get("terms", {}),
    )


def _named(finding: Finding, ids: list[str]) -> Finding:
    """Name the villages of a fault by their ids."""
    rows = finding.params.get("villages")
    if not isinstance(rows, tuple):
        return finding
    return replace(finding, ids=tuple(ids[row] for row in rows))


def _reasons(stated: Mapping[str, str], row: Mapping[str, int]) -> tuple[Unmerged, ...]:
    return tuple(Unmerged(row[v], code) for v, code in stated.items() if v in row)


def _rows(path: Path) -> list[dict[str, str]]:
    rows = read_rows(path)
    if rows and path.name == GROUPS and not {"village_id", "group_id"} <= set(rows[0]):
        raise input_error([Fault("scenario.not_csv", file=str(path))])
    return rows


def _tables(folder: Path, plan: Any) -> list[Finding]:
    """Compare the tables cell by cell with those made anew."""
    from commplan.outputs.tables import write_csv
    from commplan.outputs.villages_tables import group_table, village_table

    found = []
    with tempfile.TemporaryDirectory() as scratch:
        tables = {GROUPS: village_table(plan), "groups.csv": group_table(plan)}
        for name, table in (tables | {"stages.csv": plan.stages}).items():
            write_csv(Path(scratch) / name, table)
            old, new = _rows(folder / name), _rows(Path(scratch) / name)
            differ = abs(len(old) - len(new))
            for before, again in zip(old, new, strict=False):
                differ += any(not same(value, again.get(k)) for k, value in before.items())
            if differ:
                params: dict[str, object] = {"file": name, "count": differ}
                found.append(Finding("villages.bad_table", Severity.ERROR, params))
    return found


def _stated(folder: Path, ground: VillageSurvey, result: VillageResult) -> list[Finding]:
    """Compare what the certificate states with the scenario, and one of its claims with the next."""
    problem, certificate = ground.problem, read_json(folder / "certificate.json")
    said = {**certificate, **certificate.get("limits", {}), **certificate.get("weights", {})}
    again: dict[str, object] = {**asdict(problem.limits), **asdict(problem.weights)}
    again |= {"first_people": ground.staging.first_people, "gap": result.gap}
    again |= {"left": len(result.left), "small_villages": int(problem.small.sum())}
    # Fewer than must stay cannot; what is the best leaves no more and costs no more than proven.
    again["least_left"] = min(result.least_left, len(result.left))
    if result.status == Status.OPTIMAL:
        again["least_left"] = len(result.left)
        again["bound"] = result.objective
    return [
        Finding(
            "villages.bad_figure",
            Severity.ERROR,
            {"term": name, "said": said.get(name), "value": value},
        )
        for name, value in again.items()
        if not same(said.get(name), value)
    ]
