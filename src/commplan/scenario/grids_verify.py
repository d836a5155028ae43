"""Recompute a division into grids from the input layers and ``grids.csv``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.problem.grids import GridPiece, GridProblem, PieceAnswer
from commplan.problem.terms import renumber
from commplan.scenario.grids import LAYERS, plan_file, pose
from commplan.scenario.store import file_sha256, read_json
from commplan.scenario.topics import (
    compare_tables,
    differences,
    open_topic_run,
    read_rows,
    stated_number,
    stated_status,
    stated_table,
    surveyed,
)
from commplan.scenario.verify import against, differs, same
from commplan.scenario.watch import Watch
from commplan.texts import input_error

GRIDS = "grids.csv"


def verify_grid_run(folder: Path, watch: Watch) -> tuple[list[Finding], int, int]:
    """Verify the folder of a division into grids.

    The division is taken from ``grids.csv``; pieces, validity, costs and tables are worked out anew.

    Returns
    -------
    findings : list of Finding
        Errors, and changed files from which no figure is read.
    cells, grids : int
        How many cells of tables were compared, and how many grids there are.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.evaluate.grids import check_grids
    from commplan.outputs.grids_tables import csv_tables
    from commplan.plan.grids import make_grid_plan

    scenario, found = open_topic_run(folder)
    certificate = read_json(folder / "certificate.json")
    file = plan_file(scenario)
    if file is not None and file.exists() and file_sha256(file) != certificate.get("plan"):
        found.append(Finding("scenario.input_changed", Severity.ERROR, {"file": file.name}))
    situation = surveyed(scenario, LAYERS, watch)
    plan, problem = pose(situation)
    units = situation.territory.units
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    answers = _recorded(folder, certificate, problem, ids)
    found += check_grids(problem, answers)
    grids = make_grid_plan(plan, problem, answers)
    tables, cells = compare_tables(folder, csv_tables(grids))
    found += tables + _stated(certificate, problem, answers)
    return against(found), cells, len(grids.grids)


def _recorded(
    folder: Path, certificate: dict[str, Any], problem: GridProblem, ids: list[str]
) -> list[PieceAnswer]:
    """Read how each piece was divided, and what is claimed of it."""
    grid_of = {row.get("unit_id", ""): row.get("grid_id", "") for row in read_rows(folder / GRIDS)}
    file = folder / "certificate.json"
    pieces = certificate.get("pieces", [])
    stated = [p for p in pieces if isinstance(p, dict)] if isinstance(pieces, list) else []
    if len(stated) != len(problem.pieces) or any(unit not in grid_of for unit in ids):
        params = {"pieces": len(stated), "all": len(problem.pieces)}
        raise input_error([Fault("grids.bad_count", params, str(folder / GRIDS))])
    return [
        _answer(piece, held, [grid_of[ids[unit]] for unit in piece.units.tolist()], file)
        for piece, held in zip(problem.pieces, stated, strict=True)
    ]


def _answer(piece: GridPiece, held: dict[str, Any], names: list[str], file: Path) -> PieceAnswer:
    codes = np.unique(np.array(names, dtype=object), return_inverse=True)[1].astype(np.int32)
    problem = piece.problem
    return PieceAnswer(
        status=stated_status(held, file),
        labels=renumber(codes),
        low=_bound(held, "low", problem.min_households, file),
        high=_bound(held, "high", problem.max_households, file),
        objective=stated_number(held, "objective", file),
        bound=stated_number(held, "bound", file),
        terms=stated_table(held, "terms", file),
        reason=str(held.get("reason", "")),
    )


def _bound(held: dict[str, Any], name: str, asked: int, file: Path) -> int:
    """Return the households of a grid that a piece was divided by; those asked for if not stated."""
    value = stated_number(held, name, file)
    return int(value) if np.isfinite(value) else asked


def _stated(
    certificate: dict[str, Any], problem: GridProblem, answers: list[PieceAnswer]
) -> list[Finding]:
    """Compare what the certificate states with what follows from scenario and grids."""
    from commplan.outputs.tables import plain

    pieces = problem.pieces
    again = {
        "objective": sum(answer.objective for answer in answers),
        "bound": sum(answer.bound for answer in answers),
        "min_households": problem.min_households,
        "max_households": problem.max_households,
        "weights": asdict(pieces[0].problem.weights) if pieces else {},
    }
    found = differences(certificate, again, tuple(again))
    for at, (held, answer) in enumerate(zip(certificate.get("pieces", []), answers, strict=True)):
        if not same(held.get("gap"), plain(answer.gap)):
            place = f"pieces.{at}.gap"
            found.append(differs("certificate.json", place, held.get("gap"), answer.gap))
    return found
