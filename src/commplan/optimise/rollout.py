"""The schedule of a rollout, as a mixed-integer model in PuLP."""

import numpy as np
import pulp

from commplan.errors import SolverError
from commplan.optimise.milp import MilpOptions, MilpStatus, solve_milp
from commplan.problem.result import Status
from commplan.problem.rollout import LIMITS, RolloutAnswer, RolloutProblem

#: Work budget in branch-and-bound nodes.
NODES = 100_000
#: Relative: sums of the same numbers in another order differ by no more.
ROUNDING = 1e-12


def schedule(problem: RolloutProblem, options: MilpOptions | None = None) -> RolloutAnswer:
    """Give each group its year, so that the urgent ones wait least.

    Parameters
    ----------
    problem : RolloutProblem
    options : MilpOptions, optional

    Returns
    -------
    RolloutAnswer
        Without a solution in time nobody changes, which every limit allows.

    Raises
    ------
    SolverError
        Where the model is called infeasible, which it cannot be.
    """
    if not problem.groups:
        return RolloutAnswer(Status.OPTIMAL, np.zeros(0, dtype=np.int32), 0.0, 0.0)
    model, chosen = schedule_model(problem)
    answer = solve_milp(model, options or MilpOptions(node_limit=NODES))
    if answer.status in (MilpStatus.INFEASIBLE, MilpStatus.UNBOUNDED):
        raise SolverError(f"the model of a rollout is {answer.status}")
    year_of = np.full(problem.groups, -1, dtype=np.int32)
    if answer.values is not None:
        for (group, year), variable in chosen.items():
            if variable.varValue is not None and variable.varValue > 0.5:
                year_of[group] = year
    objective = problem.cost(year_of)
    proven = answer.status is MilpStatus.OPTIMAL
    bound = min(max(answer.bound, 0.0), objective)
    if proven and objective - bound <= ROUNDING * objective:
        bound = objective  # the solver adds up in another order
    return RolloutAnswer(
        Status.OPTIMAL if proven else Status.FEASIBLE,
        year_of,
        objective,
        bound,
    )


def schedule_model(
    problem: RolloutProblem,
) -> tuple[pulp.LpProblem, dict[tuple[int, int], pulp.LpVariable]]:
    """Write the model: one variable per group and year in which it is ripe."""
    model = pulp.LpProblem("rollout", pulp.LpMinimize)
    chosen = {
        (group, year): pulp.LpVariable(f"x_{group}_{year}", cat="Binary")
        for group in range(problem.groups)
        for year in range(int(problem.first[group]), problem.years)
    }
    # Waiting costs urgency a year; who never changes waits as long as the rollout lasts.
    model += pulp.lpSum(
        float(problem.urgency[group]) * (year - problem.years) * variable
        for (group, year), variable in chosen.items()
    ) + problem.years * float(problem.urgency.sum())
    for group in range(problem.groups):
        own = [variable for (g, _), variable in chosen.items() if g == group]
        if own:
            model += pulp.lpSum(own) <= 1, f"once_{group}"
    for year in range(problem.years):
        for at, name in enumerate(LIMITS):
            limit = float(problem.limit[year, at])
            if np.isfinite(limit):
                used = pulp.lpSum(
                    float(problem.use[group, at]) * variable
                    for (group, y), variable in chosen.items()
                    if y == year
                )
                model += used <= limit, f"{name}_{year}"
    return model, chosen
