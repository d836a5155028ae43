"""The stages of drawing communities round rooms: search and proof by turns."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.joint.bounds import split_bound
from commplan.optimise.joint.choosing import Choosing
from commplan.optimise.joint.cutting import Proof, Root
from commplan.optimise.joint.instance import Flags, Instance, Ints
from commplan.optimise.joint.params import JointParams
from commplan.optimise.joint.pricing import MOST_EACH, Pricing
from commplan.optimise.joint.search import Search
from commplan.optimise.stop import Clock

GAP_TOLERANCE = 1e-6  # relative: below this, bound and answer meet
# Shares of a time limit when the stages end before the last.
_SHARES_GIVEN = (0.05, 0.15, 0.75)
_SHARE_SPLIT = 0.4
_MOST_PAIRS = 100_000  # beyond, separators take too long


@dataclass
class Stages:
    """What is known so far, from above by searches, from below by relaxations.

    Parameters
    ----------
    instance : Instance
    params : JointParams
    clock : Clock
    told : callable
        Told of each better answer.
    """

    instance: Instance
    params: JointParams
    clock: Clock
    told: Callable[[float, float], None]
    searches: list[Search] = field(default_factory=list)
    bound: float = -np.inf
    nodes: int = 0

    @property
    def best(self) -> Search | None:
        """The search with the best answer, the first of equals."""
        return min(self.searches, key=lambda search: search.value, default=None)

    @property
    def known(self) -> float:
        """Cost of the best answer, infinite without any."""
        return min((search.value for search in self.searches), default=np.inf)

    @property
    def met(self) -> bool:
        """Whether bound and answer meet."""
        value = self.known
        return np.isfinite(value) and self.bound >= value - GAP_TOLERANCE * max(1.0, abs(value))

    def all(self) -> None:
        """Search, and prove by turns."""
        pairs = int(np.isfinite(self.instance.cost).sum())
        if not self.params.prove:
            self.new_search().run(self.seconds(1.0))
        elif pairs > _MOST_PAIRS:
            self.split()
        elif self.instance.problem.forced.all():
            self.given()
        else:
            Choosing(self).run()

    def given(self) -> None:
        """Relax, search where the relaxation points, and prove."""
        first, relax, second = _SHARES_GIVEN
        problem, search = self.instance.problem, self.new_search()
        search.begin(self.seconds(first))
        root = self.relaxed(relax)
        self.raise_to(root.bound)
        if np.isposinf(root.bound):
            return
        search.merging.guide = root.guide()
        few = problem.n <= MOST_EACH * problem.m
        pricing = None
        if few and np.isfinite(root.bound):
            pricing = Pricing(self.instance, search.pool, root.pairs, root.price, root.bound)
        search.by_merging(self.seconds(second), pricing)
        if search.site_of is not None:
            root.known = search.value
            with self.until(1.0) as clock:
                proof = Proof(root, self.params.bound, search.merging, search.mended)
                proof.run(clock)
            self.raise_to(proof.bound)
            self.nodes += proof.nodes

    def used(self, site_of: Ints) -> Flags:
        """Sites that an answer opens, and those that are open in any case."""
        problem = self.instance.problem
        return np.asarray((np.bincount(site_of, minlength=problem.m) > 0) | problem.forced)

    def split(self) -> None:
        """Let the relaxation without connection choose sites, and search there."""
        with self.until(_SHARE_SPLIT) as clock:
            proven = split_bound(self.instance, self.params.bound.set_nodes, clock)
        self.nodes += proven.nodes
        self.raise_to(proven.bound)
        if not np.isposinf(proven.bound):
            opened = bool((proven.share > 0).any())
            self.new_search().run(self.seconds(1.0), proven.share if opened else None)

    def relaxed(self, until: float) -> Root:
        """Solve the relaxation with separators."""
        root = Root(self.instance, self.known)
        with self.until(until) as clock:
            root.run(self.params.bound.rounds, clock)
        return root

    def new_search(self, instance: Instance | None = None) -> Search:
        """Begin a search, by default over all sites."""
        rng = np.random.default_rng([self.params.seed, len(self.searches)])
        here = self.instance if instance is None else instance
        self.searches.append(Search(here, self.params.search, rng, self.clock, self.told))
        return self.searches[-1]

    def raise_to(self, bound: float) -> None:
        """Take in a bound."""
        self.bound = max(self.bound, bound)

    def seconds(self, share: float) -> float | None:
        """Seconds since the start at which a share of the time is over."""
        limit = self.params.time_limit_s
        return None if limit is None else share * limit

    def later(self, share: float) -> float | None:
        """Seconds since the start at which a share of the time from now on is over."""
        limit = self.params.time_limit_s
        return None if limit is None else min(limit, self.clock.seconds + share * limit)

    @contextlib.contextmanager
    def until(self, share: float) -> Iterator[Clock]:
        """Give a clock for a share of the time; what cut in there, cut in."""
        clock = Clock(self.seconds(share), self.clock.should_stop, self.clock.began)
        try:
            yield clock
        finally:
            clock.over()  # a solver that met its limit does not say so
            self.clock.limited |= clock.limited
            self.clock.interrupted |= clock.interrupted
