"""Divide pieces of communities into grids with the engine that redraws communities."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.stop import Progress
from commplan.problem.communities import CommunityProblem
from commplan.problem.grids import GridProblem, PieceAnswer, cut_problem, numbers_that_fit
from commplan.problem.result import Result, Status
from commplan.problem.terms import compute_terms, objective, renumber

#: Where the bounds cannot be met, one of them or both give by these shares, the smallest that will
#: do; of several ways to do so, the one with the fewest households beyond the bounds.
STRETCHES = (0.05, 0.1, 0.2, 0.35, 0.5)


@dataclass(frozen=True)
class GridParams:
    """How hard to search.

    Parameters
    ----------
    effort : str
        As of `RedrawParams`, for each piece.
    seed : int
    time_limit_s : float or None
        A guard for each piece; a division that it cuts short is not reproducible.
    """

    effort: str = "quick"
    seed: int = 0
    time_limit_s: float | None = None


def divide_all(
    grids: GridProblem, params: GridParams, report: Callable[[Progress], None] | None = None
) -> tuple[PieceAnswer, ...]:
    """Divide every piece.

    Parameters
    ----------
    grids : GridProblem
    params : GridParams
    report : callable, optional
        Told a `Progress` after each piece.

    Returns
    -------
    tuple of PieceAnswer
        In the order of ``grids.pieces``.

    Raises
    ------
    KeyboardInterrupt
        Where somebody wished to stop.
    """
    import time

    began = time.perf_counter()
    answers: list[PieceAnswer] = []
    whole = max(1, sum(len(piece.units) for piece in grids.pieces))
    units, cost = 0, 0.0
    for piece in grids.pieces:
        answers.append(divide(piece.problem, params))
        units, cost = units + len(piece.units), cost + answers[-1].objective
        if report is not None:
            seconds = time.perf_counter() - began
            left = seconds * (whole / units - 1.0)
            report(Progress(seconds, "search", units / whole, cost, left_s=left))
    return tuple(answers)


def divide(problem: CommunityProblem, params: GridParams) -> PieceAnswer:
    """Divide one connected piece into grids within its bounds, else within the nearest that do.

    Parameters
    ----------
    problem : CommunityProblem
        Connected, and without a unit that is above the bounds by itself.
    params : GridParams

    Returns
    -------
    PieceAnswer
        With labels in any case: a piece that has fewer households than a grid is one grid.

    Raises
    ------
    KeyboardInterrupt
        Where somebody wished to stop.
    """
    low, high = problem.min_households, problem.max_households
    total = int(problem.households.sum())
    if total < low:
        return _one_grid(problem, "grids.why_few")
    result = _redraw(problem, params)
    if result.labels is not None:
        return _answer(result, result.status, (low, high))
    proven = result.status is Status.INFEASIBLE
    counted = not numbers_that_fit(total, low, high)
    reason = f"grids.why_{'numbers' if counted else 'units' if proven else 'not_found'}"
    for share in STRETCHES:
        less, more = int(np.floor(low * (1 - share))), int(np.ceil(high * (1 + share)))
        found = [
            _answer(again, result.status, bounds)
            for bounds in ((less, high), (low, more), (less, more))
            if (again := _redraw(_within(problem, bounds), params)).labels is not None
        ]
        if found:
            nearest = min(found, key=lambda answer: _beyond(problem, answer))
            return replace(_mended(problem, nearest, params), reason=reason)
    return replace(_one_grid(problem, reason), status=result.status)


def _mended(problem: CommunityProblem, answer: PieceAnswer, params: GridParams) -> PieceAnswer:
    """Leave one grid beyond the bounds as it is, and divide all others within them, if one can."""
    sizes = np.bincount(answer.labels, weights=problem.households).astype(np.int64)
    low, high = problem.min_households, problem.max_households
    beyond = np.maximum(low - sizes, sizes - high)
    if (beyond > 0).sum() < 2:
        return answer
    for grid in np.argsort(-beyond, kind="stable").tolist():
        rest = np.flatnonzero(answer.labels != grid).astype(np.int32)
        if beyond[grid] <= 0 or not len(rest):
            break
        again = _redraw(cut_problem(problem, rest), params)
        if again.labels is None:
            continue
        labels = np.full(problem.n, -1, dtype=np.int32)
        labels[rest] = again.labels
        terms = compute_terms(problem, labels := renumber(labels))
        return replace(
            answer,
            labels=labels,
            low=min(low, int(sizes[grid])),
            high=max(high, int(sizes[grid])),
            objective=objective(problem, terms),
            bound=0.0,
            terms=terms,
        )
    return answer


def _within(problem: CommunityProblem, bounds: tuple[int, int]) -> CommunityProblem:
    return problem.replace(min_households=bounds[0], max_households=bounds[1])


def _beyond(problem: CommunityProblem, answer: PieceAnswer) -> float:
    """Households that the grids of an answer lack or have too many, by the problem's bounds."""
    sizes = np.bincount(answer.labels, weights=problem.households)
    few = np.maximum(0.0, problem.min_households - sizes)
    return float((few + np.maximum(0.0, sizes - problem.max_households)).sum())


def _redraw(problem: CommunityProblem, params: GridParams) -> Result:
    search = RedrawParams(
        effort=params.effort, seed=params.seed, time_limit_s=params.time_limit_s, explain=False
    )
    result = redraw(problem, search)
    if result.interrupted:
        raise KeyboardInterrupt
    return result


def _answer(result: Result, status: Status, bounds: tuple[int, int]) -> PieceAnswer:
    if result.labels is None:
        raise ValueError("a result without a plan")
    return PieceAnswer(
        status=status,
        labels=result.labels,
        low=bounds[0],
        high=bounds[1],
        objective=float(result.objective or 0.0),
        bound=max(0.0, result.bound),
        terms=result.terms,
        reproducible=result.reproducible,
    )


def _one_grid(problem: CommunityProblem, reason: str) -> PieceAnswer:
    """Take the piece as one grid, out of bounds as it is."""
    labels = np.zeros(problem.n, dtype=np.int32)
    terms = compute_terms(problem, labels)
    cost = objective(problem, terms)
    total = int(problem.households.sum())
    low, high = min(total, problem.min_households), max(total, problem.max_households)
    return PieceAnswer(Status.INFEASIBLE, labels, low, high, cost, 0.0, terms, reason=reason)
