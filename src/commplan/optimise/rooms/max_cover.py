"""Most households within the limit: prices and exchanges first, HiGHS for what they leave open."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus
from commplan.optimise.rooms.cover_prices import Coverage, priced
from commplan.optimise.rooms.covering import CoverModel
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.stop import Clock
from commplan.problem.location import LocationProblem

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Missed:
    """Sites that miss least.

    Parameters
    ----------
    is_open : bool array, shape (m,), or None
        None where no set of sites is allowed, or none was found.
    value : float
        Weight of the units without an open site within the limit.
    bound : float
        Proven: no allowed set of sites misses less; infinite where there is none.
    nodes : int
    """

    is_open: Flags | None
    value: float
    bound: float
    nodes: int


def least_missed(problem: LocationProblem, params: MedianParams, clock: Clock) -> Missed:
    """Choose sites so that the weight of units without an open one within the limit is least.

    Parameters
    ----------
    problem : LocationProblem
        Without capacities.
    params : MedianParams
    clock : Clock
        Guard.
    """
    if problem.budget is not None:
        model = CoverModel(problem)
        model.miss_least()
        return _by_model(model, None, params, clock)
    model = CoverModel(problem)
    model.miss_least()
    most = problem.n_sites if problem.max_open is None else problem.max_open
    if problem.forced.sum() > most:
        return Missed(None, np.inf, np.inf, 0)
    found = priced(Coverage(model.near, model.missed, problem.forced, most), clock.over)
    if found.bound >= found.missed or clock.over():
        return Missed(found.is_open, found.missed, found.bound, 0)
    model.high[found.closed] = 0.0
    model.low[found.opened] = 1.0
    rest = _by_model(model, found.is_open, params, clock)
    bound = max(found.bound, min(rest.bound, found.missed))  # what was ruled out is no better
    if rest.value < found.missed:
        return Missed(rest.is_open, rest.value, bound, rest.nodes)
    return Missed(found.is_open, found.missed, bound, rest.nodes)


def _by_model(model: CoverModel, known: Flags | None, params: MedianParams, clock: Clock) -> Missed:
    answer, is_open = model.solve(MilpOptions(clock.left_s, params.nodes, seed=params.seed), known)
    bound = np.inf if answer.status is MilpStatus.INFEASIBLE else answer.bound
    value = np.inf if answer.objective is None else answer.objective
    return Missed(is_open, value, bound, answer.nodes)
