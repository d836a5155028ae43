"""Choose sites for a subdistrict or a city by one of five aims, and say what could not be served."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import GAP_TOLERANCE, MilpOptions, MilpStatus
from commplan.optimise.rooms.columns import columns_of, reached_units
from commplan.optimise.rooms.core import solve_core
from commplan.optimise.rooms.covering import CoverModel, least_longest
from commplan.optimise.rooms.max_cover import least_missed
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.rooms.remedies import explained, remedies
from commplan.optimise.stop import Clock
from commplan.problem.location import (
    Aim,
    LocationProblem,
    LocationResult,
    Uncovered,
    nearest_open,
    serving_cost,
)
from commplan.problem.result import Status

Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]

REMEDY_SHARE = 0.25  # of the time limit
REMEDY_NODES = 50  # that all can be served for so much has to be true, not the least that is enough


@dataclass(frozen=True)
class LocateParams:
    """How long to look.

    Parameters
    ----------
    time_limit_s : float or None
        Guard.
    median : MedianParams
    """

    time_limit_s: float | None = None
    median: MedianParams = field(default_factory=MedianParams)


def locate(
    problem: LocationProblem, aim: Aim, params: LocateParams | None = None
) -> LocationResult:
    """Choose which sites to open.

    Units without any site in reach are left out of every aim and named in ``causes``; objective and
    bound are about the others. Where those cannot all be served, the causes say what would help,
    tried. The status is then infeasible, and sites and causes are those of the choice that serves
    most households; `Aim.MAX_COVER` asks for no more than that.

    Parameters
    ----------
    problem : LocationProblem
        With capacities only for `Aim.MEDIAN`, with floors for every aim.
    aim : Aim
    params : LocateParams, optional

    Returns
    -------
    LocationResult

    Raises
    ------
    ValueError
        Where the aim cannot take capacities, or needs the elderly and they are not given.
    SolverError
        If the solver fails.
    """
    if problem.capacity is not None and aim is not Aim.MEDIAN:
        raise ValueError(f"the aim {aim} takes no capacities")
    if aim is Aim.ELDERLY and problem.elderly is None:
        raise ValueError("the aim elderly needs the elderly of each unit")
    began = time.perf_counter()
    params = params or LocateParams()
    clock = Clock(params.time_limit_s)
    reached = reached_units(problem)
    if problem.floors is None:
        result = _SOLVE[aim](problem, reached, params, clock)
    else:
        from commplan.optimise.rooms.sized_aims import locate_sized

        result = locate_sized(problem, aim, reached, _options(params, clock))
    lost = tuple(np.flatnonzero(~reached).tolist())
    causes = (Uncovered("no_site", lost), *result.causes) if lost else result.causes
    return replace(result, causes=causes, runtime_s=time.perf_counter() - began)


def _options(params: LocateParams, clock: Clock) -> MilpOptions:
    return MilpOptions(time_limit_s=clock.left_s, seed=params.median.seed)


def _none(problem: LocationProblem, bound: float, nodes: int = 0) -> LocationResult:
    """Nothing found; proven impossible where the bound is infinite."""
    status = Status.INFEASIBLE if np.isinf(bound) and bound > 0 else Status.NOT_FOUND
    nobody = np.full(problem.n, -1, dtype=np.int32)
    return LocationResult(status, problem.forced.copy(), nobody, None, bound, nodes=nodes)


def _guard(params: LocateParams) -> MilpOptions:
    """Each question about what would help has a part of the time again, and little work."""
    seconds = None if params.time_limit_s is None else REMEDY_SHARE * params.time_limit_s
    return MilpOptions(seconds, REMEDY_NODES, seed=params.median.seed)


def _explained(
    problem: LocationProblem, result: LocationResult, reached: Flags, params: LocateParams
) -> LocationResult:
    if result.status is not Status.INFEASIBLE:
        return result
    return explained(problem, result, reached, _guard(params))


def _cheapest(problem: LocationProblem, is_open: Flags, options: MilpOptions) -> Flags:
    """Serve the same units at least cost: sites that add nobody are not opened."""
    model = CoverModel(problem)
    model.cover_least(nearest_open(problem, is_open) >= 0)
    model.suited_first(options)
    _, cheapest = model.solve(options)
    return is_open if cheapest is None else cheapest


def _status(*, proven: bool) -> Status:
    return Status.OPTIMAL if proven else Status.FEASIBLE


def _cover(
    problem: LocationProblem, reached: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    model = CoverModel(problem)
    model.cover_least(reached)
    fewest = model.suited_first(_options(params, clock))
    answer, is_open = model.solve(_options(params, clock))
    if is_open is None:
        infeasible = answer.status is MilpStatus.INFEASIBLE
        result = _none(problem, np.inf if infeasible else answer.bound, answer.nodes)
        return _explained(problem, result, reached, params)
    return LocationResult(
        _status(proven=fewest and answer.status is MilpStatus.OPTIMAL),
        is_open,
        nearest_open(problem, is_open),
        answer.objective,
        answer.bound,
        nodes=answer.nodes,
    )


def _max_cover(
    problem: LocationProblem, reached: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    found = least_missed(problem, params.median, clock)
    if found.is_open is None:
        result = _none(problem, found.bound, found.nodes)
        return _explained(problem, result, reached, params)
    proven = found.bound >= found.value - GAP_TOLERANCE * max(1.0, found.value)
    is_open = found.is_open
    site_of = nearest_open(problem, is_open)
    missed = reached & (site_of < 0) & (problem.weight > 0)
    # Under a number alone the best choice has no site to spare while anybody is missed.
    if problem.is_priced or problem.unsuited is not None or not (proven and missed.any()):
        is_open = _cheapest(problem, is_open, _options(params, clock))
        site_of = nearest_open(problem, is_open)
    total = float(problem.weight.sum())
    return LocationResult(
        _status(proven=proven),
        is_open,
        site_of,
        float(problem.weight[site_of >= 0].sum()),
        total - found.bound,
        remedies(problem, reached, missed, _guard(params)) if missed.any() else (),
        found.nodes,
    )


def _median(
    problem: LocationProblem, reached: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    part = _of_units(problem, reached)
    columns = columns_of(part)
    if problem.budget is None and reached.any():
        from commplan.optimise.rooms.median import solve_median  # loads compiled code

        found = solve_median(columns, params.median, clock)
        place, bound, nodes = found.place, found.bound, found.nodes
    else:
        every = (np.ones(len(columns.unit), bool), np.ones(columns.m, bool), columns.forced)
        answer, place = solve_core(
            replace(columns, open_cost=np.zeros(columns.m)),
            every,
            None,
            _options(params, clock),
            None if problem.budget is None else (columns.open_cost, problem.budget),
        )
        bound, nodes = answer.bound, answer.nodes
        if answer.status is MilpStatus.INFEASIBLE:
            bound = np.inf
    if place is None:
        return _explained(problem, _none(problem, bound, nodes), reached, params)
    is_open = problem.forced.copy()
    is_open[place] = True
    site_of = np.full(problem.n, -1, dtype=np.int32)
    site_of[reached] = place
    value = serving_cost(part, is_open, place)
    proven = bound >= value - GAP_TOLERANCE * max(1.0, abs(value))
    return LocationResult(
        _status(proven=proven), is_open, site_of, value, min(bound, value), nodes=nodes
    )


def _centre(
    problem: LocationProblem, reached: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    return _longest_walk(problem, reached, reached, params, clock)


def _longest_walk(
    problem: LocationProblem, reached: Flags, tight: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    found = least_longest(problem, reached, tight, _options(params, clock))
    if found.is_open is None:
        return _explained(problem, _none(problem, found.bound, found.nodes), reached, params)
    return LocationResult(
        _status(proven=found.bound >= found.longest),
        found.is_open,
        nearest_open(problem, found.is_open),
        found.longest,
        found.bound,
        nodes=found.nodes,
    )


def _elderly(
    problem: LocationProblem, reached: Flags, params: LocateParams, clock: Clock
) -> LocationResult:
    """Least longest walk of the elderly, then the least walking of them all within it."""
    elderly = np.zeros(problem.n) if problem.elderly is None else problem.elderly
    old = reached & (elderly > 0)
    first = _longest_walk(problem, reached, old, params, clock)
    if first.objective is None:
        return first
    minutes = problem.minutes
    rows = np.repeat(np.arange(problem.n), np.diff(minutes.indptr))
    near = (minutes.data <= first.objective) | ~old[rows]
    start = np.concatenate([[0], np.cumsum(np.bincount(rows[near], minlength=problem.n))])
    kept = type(minutes)((minutes.data[near], minutes.indices[near], start), shape=minutes.shape)
    within = problem.replace(weight=elderly, minutes=kept)
    if problem.budget is None:
        within = within.replace(open_cost=np.zeros(problem.n_sites))
    second = _median(within, reached, params, clock)
    if second.objective is None:
        return first
    return LocationResult(
        _status(proven=Status.FEASIBLE not in (first.status, second.status)),
        second.is_open,
        nearest_open(problem, second.is_open),
        first.objective,
        first.bound,
        nodes=first.nodes + second.nodes,
    )


def _of_units(problem: LocationProblem, which: Flags) -> LocationProblem:
    return problem.replace(
        weight=problem.weight[which],
        minutes=problem.minutes[np.flatnonzero(which)],
        demand=None if problem.demand is None else problem.demand[which],
        elderly=None if problem.elderly is None else problem.elderly[which],
    )


_SOLVE: Mapping[Aim, Callable[[LocationProblem, Flags, LocateParams, Clock], LocationResult]] = {
    Aim.COVER: _cover,
    Aim.MAX_COVER: _max_cover,
    Aim.MEDIAN: _median,
    Aim.CENTRE: _centre,
    Aim.ELDERLY: _elderly,
}
