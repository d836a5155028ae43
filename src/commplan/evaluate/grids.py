"""Whether a division into grids keeps its rules: a check that shares nothing with the search."""

from collections.abc import Iterator, Sequence

import numpy as np

from commplan.findings import Finding, Severity
from commplan.problem.grids import GridPiece, GridProblem, PieceAnswer
from commplan.problem.result import Status
from commplan.problem.terms import compute_terms, objective
from commplan.problem.validity import faults

TOLERANCE = 1e-6


def check_grids(grids: GridProblem, answers: Sequence[PieceAnswer]) -> list[Finding]:
    """List every rule that a division breaks and every figure that does not come out again.

    Parameters
    ----------
    grids : GridProblem
    answers : sequence of PieceAnswer
        In the order of ``grids.pieces``.

    Returns
    -------
    list of Finding
        All errors; empty for a division that is what it says.
    """
    return [
        finding
        for piece, answer in zip(grids.pieces, answers, strict=True)
        for finding in _piece(grids, piece, answer)
    ]


def _piece(grids: GridProblem, piece: GridPiece, answer: PieceAnswer) -> Iterator[Finding]:
    """Check one piece: each unit in a grid, grids connected and within what they claim to keep."""
    problem = piece.problem
    held = problem.replace(min_households=answer.low, max_households=answer.high)
    for breach in faults(held, answer.labels):
        units: dict[str, object] = {"units": len(breach.units)}
        yield Finding(f"grids.bad_{breach.kind}", Severity.ERROR, units)
    bounds = (grids.min_households, grids.max_households)
    stretched = answer.low < bounds[0] or answer.high > bounds[1]
    if stretched != bool(answer.reason):
        params: dict[str, object] = {"low": answer.low, "high": answer.high}
        yield Finding("grids.bad_reason", Severity.ERROR, params)
    if np.any(answer.labels < 0):
        return
    terms = compute_terms(problem, answer.labels)
    again = terms | {"objective": objective(problem, terms)}
    said = dict(answer.terms) | {"objective": answer.objective}
    for name, value in again.items():
        if abs(said.get(name, np.nan) - value) <= TOLERANCE * max(1.0, abs(value)):
            continue
        figures: dict[str, object] = {"term": name, "said": said.get(name), "value": value}
        yield Finding("grids.bad_figure", Severity.ERROR, figures)
    above = answer.bound > answer.objective * (1 + TOLERANCE) + TOLERANCE
    loose = answer.status is Status.OPTIMAL and answer.gap > TOLERANCE
    if above or loose:
        figures = {"term": "bound", "said": answer.bound, "value": answer.objective}
        yield Finding("grids.bad_figure", Severity.ERROR, figures)
