"""Draw communities round rooms: the whole way from the problem to the result."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.joint.bounds import BoundParams, lower_bound
from commplan.optimise.joint.instance import instance_of
from commplan.optimise.joint.search import Search, SearchParams
from commplan.optimise.stop import Clock, Progress
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Effort, Status

GAP_TOLERANCE = 1e-6  # relative: below this, bound and answer meet
_SEARCH_SHARE = 0.5  # of a time limit; the rest proves how good the answer is


@dataclass(frozen=True)
class JointParams:
    """How much work, and what ends it.

    Parameters
    ----------
    seed : int
    time_limit_s : float or None
        A guard; a run that meets it depends on the machine.
    search : SearchParams
    bound : BoundParams
    prove : bool
        Whether to prove a bound at all.
    """

    seed: int = 0
    time_limit_s: float | None = None
    search: SearchParams = field(default_factory=SearchParams)
    bound: BoundParams = field(default_factory=BoundParams)
    prove: bool = True


def joint_effort(
    effort: str | float, seed: int = 0, time_limit_s: float | None = None
) -> JointParams:
    """Return the work for an effort: a name as in `RedrawParams`, or a multiple of normal."""
    named = {"quick": 0.2, "normal": 1.0, "thorough": 5.0}
    factor = named[effort] if isinstance(effort, str) else float(effort)
    search = SearchParams(
        starts=max(2, round(4 * min(factor, 3.0))), rounds=max(10, round(150 * factor))
    )
    bound = BoundParams(rounds=max(20, round(200 * factor)), nodes=0)
    return JointParams(seed, time_limit_s, search, bound)


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

    search = Search(instance, params.search, np.random.default_rng(params.seed), clock, told)
    bound, method, nodes = 0.0, "none", 0
    try:
        share = _SEARCH_SHARE if params.prove else 1.0
        limit = params.time_limit_s
        search.run(None if limit is None else share * limit)
        if params.prove:
            found, nodes = lower_bound(instance, search.value, params.bound, clock)
            bound, method = max(0.0, found), "priced"
    except KeyboardInterrupt:
        clock.interrupted = True
    return _result(search, (bound, method, nodes), params, clock)


def _empty(problem: JointProblem, params: JointParams, clock: Clock) -> JointResult:
    """Nothing to serve, or a unit that no site can serve."""
    if problem.n:
        return JointResult(Status.INFEASIBLE, None, None, np.inf, "exact", seed=params.seed)
    value = float(problem.open_cost[problem.forced].sum())
    nobody = np.zeros(0, dtype=np.int32)
    return JointResult(
        Status.OPTIMAL, nobody, value, value, "exact", runtime_s=clock.seconds, seed=params.seed
    )


def _result(
    search: Search, proof: tuple[float, str, int], params: JointParams, clock: Clock
) -> JointResult:
    bound, method, nodes = proof
    status, value = Status.FEASIBLE, None
    if search.site_of is None:
        status = Status.INFEASIBLE if np.isposinf(bound) else Status.NOT_FOUND
    else:
        value = search.value
        if method != "none" and bound >= value - GAP_TOLERANCE * max(1.0, abs(value)):
            status = Status.OPTIMAL
        bound = min(bound, value)
    return JointResult(
        status=status,
        site_of=search.site_of,
        objective=value,
        bound=bound,
        bound_method=method,
        effort=Effort(search.moves, len(search.pool.areas), search.nodes + nodes),
        runtime_s=clock.seconds,
        seed=params.seed,
        reproducible=not (clock.limited or clock.interrupted),
        interrupted=clock.interrupted,
        trajectory=tuple(search.trajectory),
    )
