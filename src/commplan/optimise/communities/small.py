"""Solve what is small enough exactly, in clusters of components that share old communities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.columns import Columns, list_columns
from commplan.optimise.communities.exact import ExactAnswer, solve_exact
from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.presolve import Reduced, pieces
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem, Weights
from commplan.problem.terms import moved_households

_MOST_ATOMS = 400


@dataclass(frozen=True)
class Solved:
    """One cluster that went through the exact model."""

    units: NDArray[np.int64]
    columns: Columns
    answer: ExactAnswer


def clusters(problem: CommunityProblem, reduced: Reduced) -> list[NDArray[np.int64]]:
    """Units of components that must be solved together: an old community lies in several."""
    component = reduced.component
    inside = np.flatnonzero(component >= 0)
    numbered = problem.min_communities > 0 or problem.max_communities is not None
    if numbered or problem.max_moved_households is not None:
        return [inside] if len(inside) else []  # such a limit couples everything
    count = int(component.max(initial=-1)) + 1
    coupled = problem.weights.moved_households > 0 or problem.locked.any()
    was = inside[problem.today[inside] >= 0]
    if coupled and len(was):
        hub = count + problem.today[was]
        cluster = pieces(int(hub.max()) + 1, component[was], hub.astype(np.int32))[
            component[inside]
        ]
    else:
        cluster = component[inside]
    order = np.argsort(cluster, kind="stable")
    starts = np.unique(cluster[order], return_index=True)[1][1:]
    return [inside[np.sort(part)] for part in np.split(order, starts)]


def solve_small(
    problem: CommunityProblem, reduced: Reduced, clock: Clock, seed: int
) -> list[Solved]:
    """Solve every cluster whose communities can be listed; the others are left out.

    Where households that may move are limited, the problem is first solved as if they were not:
    a plan that keeps to the limit all the same is the best.
    """
    limit = problem.max_moved_households
    if limit is not None:
        loose = problem.replace(max_moved_households=None)
        solved = solve_small(loose, reduced, clock, seed)
        if _all_proven(solved, problem.n):
            impossible = any(s.answer.labels is None for s in solved)
            labels = spread_labels(problem, solved)[0]
            if impossible or moved_households(problem, labels) <= limit:
                return solved
    solved = []
    for units in clusters(problem, reduced):
        if clock.over():
            break
        if len(np.unique(reduced.bundle[units])) > _MOST_ATOMS:
            continue
        columns = list_columns(problem, reduced, units)
        if columns is None:
            continue
        solved.append(Solved(units, columns, solve_exact(problem, columns, clock.left_s, seed)))
    return solved


def _all_proven(solved: list[Solved], n: int) -> bool:
    """Whether every unit is in a cluster that was solved to proven optimality."""
    return all(s.answer.proven for s in solved) and sum(len(s.units) for s in solved) == n


def settle(problem: CommunityProblem, reduced: Reduced, clock: Clock) -> bool | None:
    """Whether a valid plan exists; None where that is too hard to say."""
    plain = problem.replace(weights=Weights())
    answers = solve_small(plain, reduced, clock, 0)
    if any(s.answer.proven and s.answer.labels is None for s in answers):
        return False
    covered = sum(len(s.units) for s in answers if s.answer.labels is not None)
    return True if covered == problem.n else None


def spread_labels(problem: CommunityProblem, solved: list[Solved]) -> tuple[Ints, int]:
    """Labels of all solved units (-1 elsewhere), and how many communities there are."""
    labels = np.full(problem.n, -1, dtype=np.int32)
    top = 0
    for s in solved:
        if s.answer.labels is not None:
            labels[s.units] = s.answer.labels + top
            top += int(s.answer.labels.max()) + 1
    return labels, top
