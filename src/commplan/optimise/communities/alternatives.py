"""Plans that differ from each other and cost nearly as little as the best.

Each round draws anew with the borders of the plans found so far made dearer (the penalty method
for dissimilar paths, Johnson, Joy, Clarke & Jacobi 1992, on borders instead of roads), and keeps
what is different enough and cheap enough by the true cost.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.stop import Clock, Progress
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Result
from commplan.problem.terms import compute_terms, moved_households, objective
from commplan.problem.validity import faults

Labels = NDArray[np.int32]
Report = Callable[[Progress], None]

_ROUNDS = 6  # for each plan that is asked for
_SHARE_OF_EFFORT = 0.25


@dataclass(frozen=True)
class AlternativesParams:
    """What counts as an alternative.

    Parameters
    ----------
    count : int
        Plans asked for, the best among them.
    difference : float
        Least share of households by which any two differ, 0..1.
    within : float
        Cost at most so much above that of the best, as a share of it.
    """

    count: int = 5
    difference: float = 0.05
    within: float = 0.05


@dataclass(frozen=True)
class Alternative:
    """One of several plans.

    Parameters
    ----------
    labels : int32 array, shape (n,)
    objective : float
    terms : mapping of str to float
    from_best, from_nearest : float
        Share of households by which it differs from the best plan, and from the one most like it.
    """

    labels: Labels
    objective: float
    terms: dict[str, float]
    from_best: float = 0.0
    from_nearest: float = 0.0


def difference_share(problem: CommunityProblem, a: Labels, b: Labels) -> float:
    """Share of households not in matched communities of two plans, 0..1.

    The communities of both are matched one to one for the largest sum of shared households, as
    those of today and tomorrow are.
    """
    total = int(problem.households.sum())
    if total == 0:
        return 0.0
    return moved_households(problem.replace(today=a.astype(np.int32)), b) / total


def find_alternatives(
    problem: CommunityProblem,
    best: Result,
    params: RedrawParams,
    wanted: AlternativesParams,
    report: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Alternative, ...]:
    """Find plans that differ pairwise and cost nearly as little as ``best``.

    Parameters
    ----------
    problem : CommunityProblem
    best : Result
        With labels; it is the first of the plans returned.
    params : RedrawParams
        Of the run that found it; each round takes a share of its effort. The time limit holds for
        all rounds together.
    wanted : AlternativesParams
    report, should_stop : callable, optional

    Returns
    -------
    tuple of Alternative
        The best first, the others by cost; fewer than asked for where no more are found.
    """
    if best.labels is None or best.objective is None:
        return ()
    clock = Clock(params.time_limit_s, should_stop)
    limit = best.objective * (1 + wanted.within)
    found = [Alternative(best.labels, best.objective, dict(best.terms))]
    strength = 2.0 * max(wanted.within, 0.01)
    for number in range(1, _ROUNDS * (wanted.count - 1) + 1):
        if len(found) >= wanted.count or clock.over():
            break
        rng = np.random.default_rng([params.seed, number])
        dearer = _dearer(problem, found, strength, rng)
        result = redraw(dearer, _params(params, number, clock), report, should_stop)
        plan = _judged(problem, result, found)
        if plan is None or plan.objective > limit:
            strength /= 1.5
        elif plan.from_nearest < wanted.difference:
            strength *= 1.6
        else:
            found.append(plan)
    return (found[0], *sorted(found[1:], key=lambda plan: plan.objective))


def _params(params: RedrawParams, number: int, clock: Clock) -> RedrawParams:
    names = {"quick": 0.1, "normal": 1.0, "thorough": 6.0}
    effort = names[params.effort] if isinstance(params.effort, str) else params.effort
    return replace(
        params,
        effort=_SHARE_OF_EFFORT * effort,
        seed=params.seed + number,
        time_limit_s=clock.left_s,
        explain=False,
        bound=False,
        use_limit=False,
    )


def _dearer(
    problem: CommunityProblem,
    found: list[Alternative],
    strength: float,
    rng: np.random.Generator,
) -> CommunityProblem:
    """Price the borders of the plans found: those of one plan together cost ``strength`` of it.

    Half of the price is drawn by lot, so that rounds of like strength differ.
    """
    e, w = problem.edges, problem.weights
    movable = problem.part[e.tail] == problem.part[e.head]
    cuts = np.zeros(len(e.tail))
    for plan in found:
        cuts += movable & (plan.labels[e.tail] != plan.labels[e.head])
    lot = rng.uniform(0.5, 1.5, len(cuts))
    many = float((cuts > 0).sum())
    worth = found[0].objective or float(problem.households.sum())
    price = strength * worth / max(1.0, many) * lot * np.where(cuts > 0, 1 + np.log1p(cuts), 0.0)
    scale = w.border_km or 1.0
    border = e.border_km + price / scale if w.border_km else price / scale
    edges = Edges(e.tail, e.head, border, e.soft_border_km, e.is_open)
    return problem.replace(edges=edges, weights=replace(w, border_km=scale))


def _judged(
    problem: CommunityProblem, result: Result, found: list[Alternative]
) -> Alternative | None:
    """Return a plan by the true cost, and how far it is from those known; None where invalid."""
    if result.labels is None or faults(problem, result.labels):
        return None
    terms = compute_terms(problem, result.labels)
    away = [difference_share(problem, plan.labels, result.labels) for plan in found]
    return Alternative(result.labels, objective(problem, terms), terms, away[0], min(away))
