"""What would serve those who are left out of rooms that have to be large enough."""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.sized import SizedModel
from commplan.optimise.rooms.sized_search import SizedSearch
from commplan.problem.floors import Floors
from commplan.problem.location import LocationProblem, LocationResult, Uncovered

Flags = NDArray[np.bool_]


def extending_yuan(floors: Floors, result: LocationResult) -> float:
    """Price of all extensions of a result."""
    return 0.0 if result.extended_m2 is None else float(floors.price_yuan(result.extended_m2).sum())


def sized_remedies(
    problem: LocationProblem, reached: Flags, missed: Flags, options: MilpOptions
) -> tuple[Uncovered, ...]:
    """Say what would serve all, tried: more money, more rooms, both; else more floor area.

    Parameters
    ----------
    problem : LocationProblem
    reached : bool array, shape (n,)
        Units with a site within the limit.
    missed : bool array, shape (n,)
        Those that are named.
    options : MilpOptions

    Returns
    -------
    tuple of Uncovered
        One.
    """
    units = tuple(np.flatnonzero(missed).tolist())
    for names in (("budget",), ("max_open",), ("budget", "max_open")):
        if any(getattr(problem, name) is None for name in names):
            continue
        free = problem.replace(**dict.fromkeys(names, None))
        eased = SizedSearch(SizedModel(free, reached, by_pair=False), options)
        if eased.least("cost", eased.model.spent() if "budget" in names else eased.model.opened()):
            answer = eased.result(0.0, 0.0, proven=False, shorten=False)
            price = float(problem.open_cost[answer.is_open].sum())
            helps = {
                "budget": price + extending_yuan(eased.model.floors, answer),
                "max_open": float(answer.is_open.sum()),
            }
            code = {"budget": "budget", "max_open": "number"}
            return (
                Uncovered(
                    "_and_".join(code[name] for name in names),
                    units,
                    {name: helps[name] for name in names},
                ),
            )
    free = problem.replace(budget=None, max_open=None)
    search = SizedSearch(SizedModel(free, reached, lacking=True, by_pair=False), options)
    if search.least("lack", search.model.lacks()) and search.best is not None:
        return (Uncovered("floor", units, {"more_m2": float(search.best.objective or 0.0)}),)
    return (Uncovered("unknown", units),)
