"""Most households within the limit: prices and exchanges first, HiGHS for what they leave open."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.milp_rows import dual_bound
from commplan.optimise.rooms.cover_exchange import ROUNDING, Coverage, Exchanges, exchanged
from commplan.optimise.rooms.cover_prices import priced
from commplan.optimise.rooms.covering import CoverModel
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.stop import Clock
from commplan.problem.location import LocationProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAR = 0.01  # gap of the relaxation beyond which a tree has been seen to close nothing
SMALL = 50_000  # pairs below which it is grown all the same
FEW = 5  # exchanges before that
PATIENCE = 60  # times as many exchanges where there is no tree


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
    most = problem.n_sites if problem.max_open is None else problem.max_open
    budget = np.inf if problem.budget is None else problem.budget
    coverage = Coverage(model.near, model.missed, problem.forced, most, problem.open_cost, budget)
    if problem.forced.sum() > most or coverage.left(problem.forced) < 0:
        return Missed(None, np.inf, np.inf, 0)
    if problem.budget is None:
        found = priced(coverage, clock.over)
        is_open, bound = found.is_open, found.bound
    else:
        is_open, bound = exchanged(coverage, problem.forced), 0.0
    relaxed = None
    if bound < coverage.missed(is_open) and not clock.over():
        relaxed = _relaxed(model, clock)
    if relaxed is not None:
        bound = max(bound, coverage.lifted(relaxed.bound))
        coverage = replace(coverage, fee=relaxed.fee)
    search = Exchanges(coverage, is_open, params.seed)
    is_small = model.near.nnz <= SMALL
    search.search(FEW if is_small else params.shakes, clock.over, bound)
    if not is_small and _is_far(search, bound):
        search.search(PATIENCE * params.shakes, clock.over, bound)
    hopeless = not is_small and _is_far(search, bound)
    if hopeless or bound >= search.missed or clock.over():
        return Missed(search.best, search.missed, min(bound, search.missed), 0)
    if relaxed is not None:
        _settle(model, search, relaxed)
    rest = _by_model(model, search.best, params, clock)
    bound = max(bound, min(rest.bound, search.missed))  # what was ruled out is no better
    if rest.value < search.missed:
        return replace(rest, bound=bound)
    return Missed(search.best, search.missed, bound, rest.nodes)


def _is_far(search: Exchanges, bound: float) -> bool:
    """Whether what is found is too far from the bound for a tree to close."""
    most = float(search.coverage.weight.sum()) - bound
    return search.missed - bound > FAR * most


@dataclass(frozen=True)
class Relaxed:
    """The linear relaxation: its bound, what each site adds to it, what money is worth."""

    bound: float
    reduced: Floats
    fee: float


def _relaxed(model: CoverModel, clock: Clock) -> Relaxed | None:
    """Solve the linear relaxation; None where time was up first."""
    arrays = replace(model.arrays(), integral=None)
    duals = solve_arrays(arrays, MilpOptions(clock.left_s)).row_duals
    if duals is None:
        return None
    bound, reduced = dual_bound(arrays, duals)
    fee = 0.0 if model.problem.budget is None else max(-float(duals[-1]), 0.0)  # its row is last
    return Relaxed(bound, reduced[: model.problem.n_sites], fee)


def _settle(model: CoverModel, search: Exchanges, relaxed: Relaxed) -> None:
    """Close the sites that no better set opens, and open those that every better one does."""
    room = search.missed - relaxed.bound + ROUNDING * abs(relaxed.bound)
    if search.coverage.is_whole:
        room -= 1.0 - 1e-6
    model.high[relaxed.reduced > room] = 0.0
    model.low[relaxed.reduced < -room] = 1.0


def _by_model(model: CoverModel, known: Flags | None, params: MedianParams, clock: Clock) -> Missed:
    answer, is_open = model.solve(MilpOptions(clock.left_s, params.nodes, seed=params.seed), known)
    bound = np.inf if answer.status is MilpStatus.INFEASIBLE else answer.bound
    value = np.inf if answer.objective is None else answer.objective
    return Missed(is_open, value, bound, answer.nodes)
