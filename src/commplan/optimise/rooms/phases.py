"""Which room comes in which year, when the money comes year by year."""

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus, solve_milp
from commplan.problem.result import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ROUNDING = 1e-9  # relative, of money


@dataclass(frozen=True)
class PhasePlan:
    """The answer.

    Parameters
    ----------
    status : Status
    year_of : int32 array, shape (k,)
        Position of the year; -1 for a room that the money does not reach.
    objective : float or None
        Household-years without the room.
    bound : float
        Proven lower bound of it.
    """

    status: Status
    year_of: Ints
    objective: float | None
    bound: float


def phase_model(
    cost: Floats, households: Floats, budgets: Floats, earliest: Ints | None = None
) -> pulp.LpProblem:
    """Write the model: each room in at most one year, never more spent than has come by then.

    A household without its room waits one year for each year before, and all of them where its room
    does not come; what is not spent in a year is kept for the next.
    """
    k, years = len(cost), len(budgets)
    model = pulp.LpProblem("phases", pulp.LpMinimize)
    first = np.zeros(k, dtype=np.int32) if earliest is None else earliest
    take = {
        (c, t): model.add_variable(f"room_{c:05d}_{t:02d}", cat="Binary")
        for c in range(k)
        for t in range(int(first[c]), years)
    }
    saved = [(v, -float(households[c]) * (years - t)) for (c, t), v in take.items()]
    model.setObjective(pulp.LpAffineExpression(saved, float(households.sum()) * years))
    for c in range(k):
        mine = [v for (of, _), v in take.items() if of == c]
        if mine:
            model += pulp.lpSum(mine) <= 1, f"once_{c:05d}"
    for t in range(years):
        come = float(budgets[: t + 1].sum())
        spent = [(v, float(cost[c])) for (c, s), v in take.items() if s <= t]
        model += pulp.LpAffineExpression(spent) <= come * (1 + ROUNDING), f"money_{t:02d}"
    return model


def phase_rooms(
    cost: Floats,
    households: Floats,
    budgets: Floats,
    options: MilpOptions | None = None,
    earliest: Ints | None = None,
) -> PhasePlan:
    """Give each room its year, so that households wait least.

    Parameters
    ----------
    cost : float64 array, shape (k,)
        Yuan; finite. A room that costs nothing is there from the first year.
    households : float64 array, shape (k,)
        Who gets the room.
    budgets : float64 array, shape (years,)
        Yuan that come each year, at least one.
    options : MilpOptions, optional
    earliest : int32 array, shape (k,), optional
        Position of the first year in which a room can come; at or beyond the last: in none.

    Returns
    -------
    PhasePlan
        Optimal only if proven.
    """
    if earliest is not None and (earliest >= len(budgets)).all():
        waited = float(households.sum()) * len(budgets)
        nobody = np.full(len(cost), -1, dtype=np.int32)
        return PhasePlan(Status.OPTIMAL, nobody, waited, waited)
    if not len(cost):
        return PhasePlan(Status.OPTIMAL, np.empty(0, dtype=np.int32), 0.0, 0.0)
    answer = solve_milp(phase_model(cost, households, budgets, earliest), options)
    year_of = np.full(len(cost), -1, dtype=np.int32)
    if answer.objective is None:
        return PhasePlan(Status.NOT_FOUND, year_of, None, answer.bound)
    for name, value in answer.by_name().items():
        if value > 0.5:
            _, room, year = name.split("_")
            year_of[int(room)] = int(year)
    proven = answer.status is MilpStatus.OPTIMAL
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return PhasePlan(status, year_of, answer.objective, answer.bound)
