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


def phase_model(cost: Floats, households: Floats, budgets: Floats) -> pulp.LpProblem:
    """Write the model: each room in at most one year, never more spent than has come by then.

    A household without its room waits one year for each year before, and all of them where its room
    does not come; what is not spent in a year is kept for the next.
    """
    k, years = len(cost), len(budgets)
    model = pulp.LpProblem("phases", pulp.LpMinimize)
    take = {
        (c, t): model.add_variable(f"room_{c:05d}_{t:02d}", cat="Binary")
        for c in range(k)
        for t in range(years)
    }
    saved = [
        (take[c, t], -float(households[c]) * (years - t)) for c in range(k) for t in range(years)
    ]
    model.setObjective(pulp.LpAffineExpression(saved, float(households.sum()) * years))
    for c in range(k):
        model += pulp.lpSum(take[c, t] for t in range(years)) <= 1, f"once_{c:05d}"
    for t in range(years):
        come = float(budgets[: t + 1].sum())
        spent = [(take[c, s], float(cost[c])) for c in range(k) for s in range(t + 1)]
        model += pulp.LpAffineExpression(spent) <= come * (1 + ROUNDING), f"money_{t:02d}"
    return model


def phase_rooms(
    cost: Floats, households: Floats, budgets: Floats, options: MilpOptions | None = None
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

    Returns
    -------
    PhasePlan
        Optimal only if proven.
    """
    if not len(cost):
        return PhasePlan(Status.OPTIMAL, np.empty(0, dtype=np.int32), 0.0, 0.0)
    answer = solve_milp(phase_model(cost, households, budgets), options)
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
