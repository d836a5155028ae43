"""Most households within the limit: prices and exchanges first, HiGHS for what they leave open."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.rooms.cover_exchange import Coverage, Exchanges
from commplan.optimise.rooms.cover_prices import cover_bound, priced, ruled_out
from commplan.optimise.rooms.covering import CoverModel
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.stop import Clock
from commplan.problem.location import LocationProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAR = 0.01  # gap of the relaxation beyond which a tree has been seen to close nothing
SMALL = 50_000  # pairs below which it is grown all the same
PATIENCE = 20  # times as many exchanges where there is no tree


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
    model = CoverModel(problem)
    model.miss_least()
    if problem.budget is not None:
        return _by_model(model, None, params, clock)
    most = problem.n_sites if problem.max_open is None else problem.max_open
    if problem.forced.sum() > most:
        return Missed(None, np.inf, np.inf, 0)
    coverage = Coverage(model.near, model.missed, problem.forced, most)
    found = priced(coverage, clock.over)
    search = Exchanges(coverage, found.is_open, params.seed)
    bound = cover_bound(coverage, found.price)
    if bound < search.missed:
        search.search(params.shakes, clock.over)
    if bound < search.missed and not clock.over():
        price = _relaxed(model, clock)
        price = found.price if price is None else price
        bound = max(bound, cover_bound(coverage, price))
        model.settle(*ruled_out(coverage, price, search.missed))
    if bound >= search.missed or clock.over():
        return Missed(search.best, search.missed, min(bound, search.missed), 0)
    if search.missed - bound > FAR * (coverage.weight.sum() - bound) and model.near.nnz > SMALL:
        search.search(PATIENCE * params.shakes, clock.over)
        return Missed(search.best, search.missed, bound, 0)
    rest = _by_model(model, search.best, params, clock)
    bound = max(bound, min(rest.bound, search.missed))  # what was ruled out is no better
    if rest.value < search.missed:
        return replace(rest, bound=bound)
    return Missed(search.best, search.missed, bound, rest.nodes)


def _relaxed(model: CoverModel, clock: Clock) -> Floats | None:
    """Prices of the kinds of units in the linear relaxation; None where time is up first."""
    arrays = replace(model.arrays(), integral=None)
    duals = solve_arrays(arrays, MilpOptions(clock.left_s)).row_duals
    return None if duals is None else np.clip(duals[: len(model.missed)], 0.0, model.missed)


def _by_model(model: CoverModel, known: Flags | None, params: MedianParams, clock: Clock) -> Missed:
    answer, is_open = model.solve(MilpOptions(clock.left_s, params.nodes, seed=params.seed), known)
    bound = np.inf if answer.status is MilpStatus.INFEASIBLE else answer.bound
    value = np.inf if answer.objective is None else answer.objective
    return Missed(is_open, value, bound, answer.nodes)
