"""Why units have no site, and what would help: each rule is lifted in turn and the rest solved."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.covering import CoverModel
from commplan.problem.location import LocationProblem, LocationResult, Uncovered, nearest_open

Flags = NDArray[np.bool_]


def explained(
    problem: LocationProblem, result: LocationResult, reached: Flags, options: MilpOptions
) -> LocationResult:
    """Give an infeasible result the sites that bring most households within the limit.

    Only units that these miss are named. With capacities all are: what would serve them is not
    looked for.

    Parameters
    ----------
    problem : LocationProblem
    result : LocationResult
        Infeasible.
    reached : bool array, shape (n,)
        Units with a site within the limit.
    options : MilpOptions

    Returns
    -------
    LocationResult
        Its status, objective and bound stay as they were.
    """
    missed = reached
    if problem.capacity is None:
        model = CoverModel(problem)
        model.miss_least()
        _, is_open = model.solve(options)
        if is_open is not None:
            site_of = nearest_open(problem, is_open)
            result = replace(result, is_open=is_open, site_of=site_of)
            missed = reached & (site_of < 0)
    return replace(result, causes=remedies(problem, reached, missed, options))


def remedies(
    problem: LocationProblem, reached: Flags, units: Flags, options: MilpOptions
) -> tuple[Uncovered, ...]:
    """Say what keeps units from being served, and what would serve all, tried.

    Parameters
    ----------
    problem : LocationProblem
    reached : bool array, shape (n,)
        Units with a site within the limit; all of them have to be served for a remedy.
    units : bool array, shape (n,)
        Those that are named.
    options : MilpOptions

    Returns
    -------
    tuple of Uncovered
        One.
    """
    ids = tuple(np.flatnonzero(units).tolist())
    tries: tuple[tuple[str, dict[str, None], Callable[[Flags], Mapping[str, float]]], ...]
    tries = (
        ("budget", {"budget": None}, lambda o: {"budget": _cost(problem, o)}),
        ("number", {"max_open": None}, lambda o: {"max_open": float(o.sum())}),
        (
            "budget_and_number",
            {"budget": None, "max_open": None},
            lambda o: {"budget": _cost(problem, o), "max_open": float(o.sum())},
        ),
    )
    for code, change, remedy in tries:
        if all(getattr(problem, name) is None for name in change):
            continue
        eased = problem.replace(**change, capacity=None)
        if code == "number" and problem.budget is None:
            eased = eased.replace(open_cost=np.zeros(problem.n_sites))  # the fewest sites
        is_open = _attempt(eased, reached, options)
        if is_open is not None and problem.capacity is None:
            return (Uncovered(code, ids, remedy(is_open)),)
    return (Uncovered("capacity" if problem.capacity is not None else "unknown", ids),)


def _cost(problem: LocationProblem, is_open: Flags) -> float:
    return float(problem.open_cost[is_open].sum())


def _attempt(problem: LocationProblem, reached: Flags, options: MilpOptions) -> Flags | None:
    model = CoverModel(problem)
    model.cover_least(reached)
    return model.solve(options)[1]
