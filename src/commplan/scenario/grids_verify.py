"""Recompute a division into grids from the input layers and ``grids.csv``."""

from pathlib import Path
from typing import Any

import numpy as np

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.problem.grids import GridPiece, GridProblem, PieceAnswer
from commplan.problem.result import Status
from commplan.problem.terms import renumber
from commplan.scenario.grids import LAYERS, plan_file, pose
from commplan.scenario.pipeline import survey
from commplan.scenario.store import file_sha256, read_json
from commplan.scenario.topics import compare_tables, lean, open_topic_run, read_rows
from commplan.scenario.verify import differs
from commplan.scenario.watch import Watch
from commplan.texts import input_error

GRIDS = "grids.csv"


def verify_grid_run(folder: Path, watch: Watch) -> tuple[list[Finding], int, int]:
    """Verify the folder of a division into grids.

    The division is taken from ``grids.csv``; pieces, validity, costs and tables are worked out anew.

    Returns
    -------
    errors : list of Finding
    cells, grids : int
        How many cells of tables were compared, and how many grids there are.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from dataclasses import replace

    from commplan.evaluate.grids import check_grids
    from commplan.outputs.grids_tables import csv_tables
    from commplan.plan.grids import make_grid_plan

    scenario, found = open_topic_run(folder)
    certificate = read_json(folder / "certificate.json")
    file = plan_file(scenario)
    if file is not None and file.exists() and file_sha256(file) != certificate.get("plan"):
        found.append(Finding("scenario.input_changed", Severity.ERROR, {"file": file.name}))
    situation = replace(survey(lean(scenario, LAYERS), watch), scenario=scenario)
    plan, problem = pose(situation)
    units = situation.territory.units
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    answers = _recorded(folder, certificate, problem, ids)
    found += check_grids(problem, answers)
    grids = make_grid_plan(plan, problem, answers)
    tables, cells = compare_tables(folder, csv_tables(grids))
    found += tables + _totals(certificate, answers)
    return [f for f in found if f.severity is Severity.ERROR], cells, len(grids.grids)


def _recorded(
    folder: Path, certificate: dict[str, Any], problem: GridProblem, ids: list[str]
) -> list[PieceAnswer]:
    """Read how each piece was divided, and what is claimed of it."""
    grid_of = {row.get("unit_id", ""): row.get("grid_id", "") for row in read_rows(folder / GRIDS)}
    stated = certificate.get("pieces", [])
    if len(stated) != len(problem.pieces) or any(unit not in grid_of for unit in ids):
        params = {"pieces": len(stated), "all": len(problem.pieces)}
        raise input_error([Fault("grids.bad_count", params, str(folder / GRIDS))])
    return [
        _answer(piece, held, [grid_of[ids[unit]] for unit in piece.units.tolist()])
        for piece, held in zip(problem.pieces, stated, strict=True)
    ]


def _answer(piece: GridPiece, held: dict[str, Any], names: list[str]) -> PieceAnswer:
    codes = np.unique(np.array(names, dtype=object), return_inverse=True)[1].astype(np.int32)
    problem = piece.problem
    return PieceAnswer(
        status=Status(held.get("status", Status.FEASIBLE)),
        labels=renumber(codes),
        low=int(held.get("low", problem.min_households)),
        high=int(held.get("high", problem.max_households)),
        objective=float(held.get("objective", np.nan)),
        bound=float(held.get("bound", np.nan)),
        terms=held.get("terms", {}),
        reason=str(held.get("reason", "")),
    )


def _totals(certificate: dict[str, Any], answers: list[PieceAnswer]) -> list[Finding]:
    """Compare the sums that the certificate states."""
    from commplan.scenario.verify import same

    found = []
    for name in ("objective", "bound"):
        again = sum(getattr(answer, name) for answer in answers)
        if not same(certificate.get(name), again):
            found.append(differs("certificate.json", name, certificate.get(name), again))
    return found
