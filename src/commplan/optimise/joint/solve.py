"""Draw communities round rooms: the whole way from the problem to the result."""

from collections.abc import Callable

import numpy as np

from commplan.optimise.joint.instance import instance_of
from commplan.optimise.joint.params import BoundParams, JointParams, joint_effort
from commplan.optimise.joint.search import Search, SearchParams
from commplan.optimise.joint.stages import Stages
from commplan.optimise.stop import Clock, Progress
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Effort, Status

__all__ = ["BoundParams", "JointParams", "SearchParams", "joint_effort", "solve_joint"]


def solve_joint(
    problem: JointProblem,
    params: JointParams | None = None,
    report: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> JointResult:
    """Choose sites and draw an area round each, at the least cost that can be found.

    Parameters
    ----------
    problem : JointProblem
    params : JointParams, optional
    report : callable, optional
        Told a `Progress` at each better answer.
    should_stop : callable, optional
        Asked between steps; True (or Ctrl-C) ends with the best answer so far.

    Returns
    -------
    JointResult

    Raises
    ------
    SolverError
        If the solver fails.
    """
    params = params or JointParams()
    clock = Clock(params.time_limit_s, should_stop)
    instance = instance_of(problem)
    if problem.n == 0 or not np.isfinite(instance.cost).any(axis=1).all():
        return _empty(problem, params, clock)

    def told(done: float, value: float) -> None:
        if report is not None:
            report(Progress(clock.seconds, "search", done, value))

    stages = Stages(instance, params, clock, told)
    try:
        stages.all()
    except KeyboardInterrupt:
        clock.interrupted = True
    return _result(stages, params, clock)


def _empty(problem: JointProblem, params: JointParams, clock: Clock) -> JointResult:
    """Nothing to serve, or a unit that no site can serve."""
    if problem.n:
        return JointResult(Status.INFEASIBLE, None, None, np.inf, "exact", seed=params.seed)
    value = float(problem.open_cost[problem.forced].sum())
    nobody = np.zeros(0, dtype=np.int32)
    return JointResult(
        Status.OPTIMAL, nobody, value, value, "exact", runtime_s=clock.seconds, seed=params.seed
    )


def _result(stages: Stages, params: JointParams, clock: Clock) -> JointResult:
    best, searches = stages.best, stages.searches
    bound = max(0.0, stages.bound)
    status, value, site_of = Status.NOT_FOUND, None, None
    if best is not None and best.site_of is not None:
        status = Status.OPTIMAL if stages.met else Status.FEASIBLE
        value, site_of = best.value, best.site_of
        bound = min(bound, value)
    elif np.isposinf(bound):
        status = Status.INFEASIBLE
    areas = max((len(search.pool.areas) for search in searches), default=0)
    nodes = sum(search.nodes for search in searches) + stages.nodes
    return JointResult(
        status=status,
        site_of=site_of,
        objective=value,
        bound=bound,
        bound_method="none" if np.isneginf(stages.bound) else "priced",
        effort=Effort(sum(search.moves for search in searches), areas, nodes),
        runtime_s=clock.seconds,
        seed=params.seed,
        reproducible=not (clock.limited or clock.interrupted),
        interrupted=clock.interrupted,
        trajectory=_falling(searches),
    )


def _falling(searches: list[Search]) -> tuple[tuple[float, float], ...]:
    """Better and better answers of all searches, in time."""
    out: list[tuple[float, float]] = []
    for seconds, value in sorted(point for search in searches for point in search.trajectory):
        if not out or value < out[-1][1]:
            out.append((seconds, value))
    return tuple(out)
