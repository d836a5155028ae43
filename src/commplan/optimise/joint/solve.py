"""Draw communities round rooms: the whole way from the problem to the result."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.joint.bounds import BoundParams, Proven, lower_bound
from commplan.optimise.joint.cutting import Proof, Root
from commplan.optimise.joint.instance import Floats, Instance, instance_of, with_sites
from commplan.optimise.joint.knapsack import fits
from commplan.optimise.joint.pricing import MOST_EACH, Pricing
from commplan.optimise.joint.search import Search, SearchParams
from commplan.optimise.stop import Clock, Progress
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Effort, Status

GAP_TOLERANCE = 1e-6  # relative: below this, bound and answer meet
# Shares of a time limit when the stages end before the last, where sites are given and chosen.
_SHARES_GIVEN = (0.05, 0.15, 0.75)
_SHARES_CHOOSING = (0.15, 0.55, 0.8)
_MOST_PAIRS = 40_000  # beyond, separators take too long


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
        starts=max(2, round(4 * min(factor, 3.0))), rounds=max(10, round(100 * factor))
    )
    bound = BoundParams(rounds=max(20, round(60 * factor)), nodes=0)
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

    run = _Run(instance, params, clock, told)
    with contextlib.suppress(KeyboardInterrupt):
        run.all()
    return _result(run, params, clock)


@dataclass
class _Run:
    """Search and proof by turns: a first answer sets the steps of the proof, the proof the sites."""

    instance: Instance
    params: JointParams
    clock: Clock
    told: Callable[[float, float], None]
    searches: list[Search] = field(default_factory=list)
    proven: Proven | None = None

    @property
    def best(self) -> Search:
        """The search with the best answer, the first of equals."""
        if not self.searches:
            nothing = np.random.default_rng(self.params.seed)
            return Search(self.instance, self.params.search, nothing, self.clock)
        return min(self.searches, key=lambda search: search.value)

    @property
    def known(self) -> float:
        """Cost of the best answer, infinite without any."""
        return min((search.value for search in self.searches), default=np.inf)

    def all(self) -> None:
        """Search, and prove by turns."""
        problem = self.instance.problem
        pairs = int(np.isfinite(self.instance.cost).sum())
        try:
            if not self.params.prove:
                self.search(1.0, None)
            elif problem.forced.all() and pairs <= _MOST_PAIRS:
                self.given()
            else:
                self.choosing()
        except KeyboardInterrupt:
            self.clock.interrupted = True
            raise

    def given(self) -> None:
        """Relax, search where the relaxation points, and prove."""
        first, relax, second = _SHARES_GIVEN
        rng = np.random.default_rng([self.params.seed, 0])
        problem = self.instance.problem
        search = Search(self.instance, self.params.search, rng, self.clock, self.told)
        self.searches.append(search)
        search.begin(self.seconds(first))
        root = Root(self.instance, search.value)
        with self.until(relax) as clock:
            root.run(self.params.bound.rounds, clock)
        search.merging.guide = root.guide()
        few = problem.n <= MOST_EACH * problem.m
        pricing = Pricing(self.instance, search.pool, root.pairs, root.price) if few else None
        search.by_merging(self.seconds(second), pricing)
        if search.site_of is None:
            self.proven = self.priced(1.0)
            return
        root.known = search.value
        with self.until(1.0) as clock:
            proof = Proof(root, self.params.bound, search.merging, search.mended)
            proof.run(clock)
        self.proven = Proven(proof.bound, np.ones(self.instance.problem.m), proof.nodes)

    def choosing(self) -> None:
        """Search, prove, and search once more where the proof opens other sites."""
        first, second, third = _SHARES_CHOOSING
        if fits(self.instance):  # else the proof chooses sites by itself
            self.search(first, None)
        self.proven = self.priced(second)
        if self.proven is not None and not np.isposinf(self.proven.bound):
            opened = bool((self.proven.share > 0).any())
            self.search(third, self.proven.share if opened else None)
            self.settle()

    def settle(self) -> None:
        """Keep the sites of the best answer, and merge answers where the relaxation points."""
        best = self.best
        pairs = np.isfinite(self.instance.cost)
        if best.site_of is None or self.met() or self.clock.over():
            return
        used = np.bincount(best.site_of, minlength=self.instance.problem.m) > 0
        if (pairs & used).sum() > _MOST_PAIRS:
            return
        instance = with_sites(self.instance, used | self.instance.problem.forced)
        rng = np.random.default_rng([self.params.seed, len(self.searches)])
        search = Search(instance, self.params.search, rng, self.clock, self.told)
        search.keep(best.site_of)
        self.searches.append(search)
        root = Root(instance, search.value)
        root.run(self.params.bound.rounds, self.clock)
        search.merging.guide = root.guide()
        search.by_merging(self.seconds(1.0), None)

    def priced(self, share: float) -> Proven:
        """Prove a bound by prices."""
        with self.until(share) as clock:
            return lower_bound(self.instance, self.known, self.params.bound, clock)

    def seconds(self, share: float) -> float | None:
        """Seconds since the start at which a share of the time is over."""
        limit = self.params.time_limit_s
        return None if limit is None else share * limit

    @contextlib.contextmanager
    def until(self, share: float) -> Iterator[Clock]:
        """Give a clock for a share of the time; what cut in there, cut in."""
        clock = Clock(self.seconds(share), self.clock.should_stop, self.clock.began)
        yield clock
        self.clock.limited |= clock.limited
        self.clock.interrupted |= clock.interrupted

    def search(self, until: float, share: Floats | None) -> None:
        """Search from the sites that a proof opens, or from those of the relaxation."""
        if self.searches and self.met():
            return
        rng = np.random.default_rng([self.params.seed, len(self.searches)])
        search = Search(self.instance, self.params.search, rng, self.clock, self.told)
        if self.searches:  # goes on with what is known
            last = self.best
            search.pool, search.value, search.site_of = last.pool, last.value, last.site_of
        self.searches.append(search)
        search.run(self.seconds(until), share)

    def met(self) -> bool:
        """Whether bound and answer meet."""
        value = self.best.value
        if self.proven is None or not np.isfinite(value):
            return False
        return self.proven.bound >= value - GAP_TOLERANCE * max(1.0, abs(value))


def _empty(problem: JointProblem, params: JointParams, clock: Clock) -> JointResult:
    """Nothing to serve, or a unit that no site can serve."""
    if problem.n:
        return JointResult(Status.INFEASIBLE, None, None, np.inf, "exact", seed=params.seed)
    value = float(problem.open_cost[problem.forced].sum())
    nobody = np.zeros(0, dtype=np.int32)
    return JointResult(
        Status.OPTIMAL, nobody, value, value, "exact", runtime_s=clock.seconds, seed=params.seed
    )


def _result(run: _Run, params: JointParams, clock: Clock) -> JointResult:
    best = run.best
    bound = 0.0 if run.proven is None else max(0.0, run.proven.bound)
    status, value = Status.FEASIBLE, None
    if best.site_of is None:
        status = Status.INFEASIBLE if np.isposinf(bound) else Status.NOT_FOUND
    else:
        value = best.value
        status = Status.OPTIMAL if run.met() else status
        bound = min(bound, value)
    nodes = sum(s.nodes for s in run.searches) + (run.proven.nodes if run.proven else 0)
    return JointResult(
        status=status,
        site_of=best.site_of,
        objective=value,
        bound=bound,
        bound_method="none" if run.proven is None else "priced",
        effort=Effort(sum(s.moves for s in run.searches), len(best.pool.areas), nodes),
        runtime_s=clock.seconds,
        seed=params.seed,
        reproducible=not (clock.limited or clock.interrupted),
        interrupted=clock.interrupted,
        trajectory=_falling(run.searches),
    )


def _falling(searches: list[Search]) -> tuple[tuple[float, float], ...]:
    """Better and better answers of all searches, in time."""
    out: list[tuple[float, float]] = []
    for seconds, value in (point for search in searches for point in search.trajectory):
        if not out or value < out[-1][1]:
            out.append((seconds, value))
    return tuple(out)
