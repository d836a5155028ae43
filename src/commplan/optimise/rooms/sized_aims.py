"""Rooms large enough for those who go there, by any of the five aims; and what would help the rest.

What an aim leaves open is decided by what comes next, with what came before held: fewest unsuited
rooms where that is asked, least cost, and at last least walking between the rooms as they are.
"""

from dataclasses import replace

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus
from commplan.optimise.rooms.sized import SizedModel
from commplan.optimise.rooms.sized_remedies import extending_yuan, sized_remedies
from commplan.optimise.rooms.sized_search import SizedSearch
from commplan.problem.location import Aim, LocationProblem, LocationResult
from commplan.problem.result import Status

Flags = NDArray[np.bool_]


def locate_sized(
    problem: LocationProblem, aim: Aim, reached: Flags, options: MilpOptions
) -> LocationResult:
    """Choose and extend rooms so that they are large enough for those who go there.

    Parameters
    ----------
    problem : LocationProblem
        With floors.
    aim : Aim
    reached : bool array, shape (n,)
        Units with a site within the limit.
    options : MilpOptions

    Returns
    -------
    LocationResult
        Where the aim cannot be met: infeasible, with the choice that brings most within the limit.
    """
    if not reached.any():
        return _nobody(problem, aim)
    if aim is Aim.MAX_COVER:
        result = _most(problem, options)
        missed = reached & (result.site_of < 0) & (problem.weight > 0)
    else:
        result = _everybody(problem, aim, reached, options)
        if result.status is not Status.INFEASIBLE:
            return result
        most = _most(problem, options)
        missed = reached & (most.site_of < 0)
        result = replace(
            most, status=Status.INFEASIBLE, objective=None, bound=result.bound,
            nodes=result.nodes + most.nodes,
        )  # fmt: skip
    if result.status is Status.NOT_FOUND or not missed.any():
        return result
    return replace(result, causes=sized_remedies(problem, reached, missed, options))


def _nobody(problem: LocationProblem, aim: Aim) -> LocationResult:
    """No unit reaches anything: what has to be open is open, and that is all."""
    nobody = np.full(problem.n, -1, dtype=np.int32)
    value = 0.0
    if aim is Aim.COVER:
        counts = problem.open_cost if problem.is_priced else np.ones(problem.n_sites)
        value = float(counts[problem.forced].sum())
    no_m2 = np.zeros(problem.n_sites)
    return LocationResult(
        Status.OPTIMAL, problem.forced.copy(), nobody, value, value, extended_m2=no_m2
    )


def _most(problem: LocationProblem, options: MilpOptions) -> LocationResult:
    search = SizedSearch(SizedModel(problem, by_pair=False), options)
    total = float(problem.weight.sum())
    if not search.least("missed", search.model.missed()) or search.best is None:
        return replace(search.nothing(), bound=total)
    bound, proven = total - search.best.bound, search.best.status is MilpStatus.OPTIMAL
    search.further()
    served = float(problem.weight[search.model.chosen() >= 0].sum())
    return search.result(served, max(bound, served), proven=proven)


def _everybody(
    problem: LocationProblem, aim: Aim, reached: Flags, options: MilpOptions
) -> LocationResult:
    walks = aim in (Aim.MEDIAN, Aim.ELDERLY)
    search = SizedSearch(SizedModel(problem, reached, by_pair=walks), options)
    if aim is Aim.COVER:
        return _cheapest(search)
    if aim is Aim.MEDIAN:
        return _nearest(search)
    elderly = problem.elderly if aim is Aim.ELDERLY else None
    return _longest(search, reached, elderly)


def _cheapest(search: SizedSearch) -> LocationResult:
    """Everybody within the limit at least cost; where nothing has a price, in the fewest rooms."""
    model, problem = search.model, search.model.problem
    if problem.unsuited is not None and not search.least("unsuited", model.unsuited()):
        return search.nothing()
    term = model.spent() if problem.is_priced else model.opened()
    if not search.least("cost", term) or search.best is None:
        return search.nothing()
    bound, proven = search.best.bound, set(search.ended) == {MilpStatus.OPTIMAL}
    search.walk_least()
    result = search.result(0.0, bound, proven=proven)
    value = float(result.is_open.sum())
    if problem.is_priced:
        value = float(problem.open_cost[result.is_open].sum()) + extending_yuan(
            model.floors, result
        )
    return replace(result, objective=value, bound=min(bound, value))


def _nearest(search: SizedSearch) -> LocationResult:
    """Least walking of all."""
    weight = search.model.problem.weight
    if not search.least("minutes", search.model.walking(weight)) or search.best is None:
        return search.nothing()
    bound, proven = search.best.bound, search.best.status is MilpStatus.OPTIMAL
    search.further()
    result = search.result(0.0, bound, proven=proven)
    value = float(_minutes(search.model, result.site_of, weight).sum())
    return replace(result, objective=value, bound=min(bound, value))


def _minutes(
    model: SizedModel, site_of: NDArray[np.int32], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Minutes of each unit that goes somewhere, times its weight."""
    taken = site_of[model.unit] == model.site
    walks: NDArray[np.float64] = (weight[model.unit] * model.problem.minutes.data)[taken]
    return walks


def _longest(
    search: SizedSearch, reached: Flags, elderly: NDArray[np.float64] | None
) -> LocationResult:
    """Least longest walk, found by halving the range of the walks that occur (Daskin 1995)."""
    model = search.model
    counts = np.ones(model.problem.n) if elderly is None else elderly
    counted = (counts > 0).astype(np.float64)
    tight = (reached & (counts > 0))[model.unit]
    walks = np.where(tight, model.problem.minutes.data, 0.0)
    values = np.unique(np.append(walks, 0.0))
    low, high, longest = 0, len(values) - 1, np.inf
    nothing = pulp.LpAffineExpression()
    while low <= high:
        middle = (low + high) // 2 if np.isfinite(longest) else high
        model.forbid(walks > values[middle])
        answer = search.solve(nothing, anew=True)
        if answer.values is not None:
            search.best, longest = answer, float(_minutes(model, model.chosen(), counted).max())
            high = int(np.searchsorted(values, longest)) - 1
        elif answer.status is MilpStatus.INFEASIBLE:
            low = middle + 1
        else:
            break  # stopped: nothing is known from ``low`` up
    bound = float(values[low]) if low < len(values) else np.inf
    if not np.isfinite(longest):
        search.ended.append(MilpStatus.INFEASIBLE if np.isinf(bound) else MilpStatus.NO_SOLUTION)
        return search.nothing(bound)
    model.forbid(walks > longest)
    proven = bound >= longest
    if elderly is not None and search.least("elderly", model.walking(elderly)):
        proven = proven and search.ended[-1] is MilpStatus.OPTIMAL
    search.further()
    result = search.result(0.0, bound, proven=proven, shorten=elderly is None)
    value = float(_minutes(model, result.site_of, counted).max(initial=0.0))
    return replace(result, objective=value, bound=min(bound, value))
