"""Search for a good plan of one component: a first valid one, then annealing from many starts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.allowance import (
    ABOVE_ALL,
    calibrate,
    first_allowance,
    follow,
    moved_by,
    priced,
)
from commplan.optimise.communities.counts import numbered
from commplan.optimise.communities.instance import Floats, Instance, Ints
from commplan.optimise.communities.located import LOCATED, located_labels, locates
from commplan.optimise.communities.locks import MOST_PULL, dearer, hold_locks
from commplan.optimise.communities.pool import Pool
from commplan.optimise.communities.repair import Guard, Heat, cut_region
from commplan.optimise.communities.rounds import explore
from commplan.optimise.communities.runs import (
    Job,
    Setup,
    locks_clash,
    repaired,
    run_jobs,
)
from commplan.optimise.communities.start import metis_start, today_labels
from commplan.optimise.communities.state import State, cost, locks_hold, make_state
from commplan.optimise.communities.treecut import seed_state
from commplan.optimise.stop import Clock
from commplan.problem.threads import threads_at_hand

TIGHT = 0.25  # a mean node larger than this share of the bounds' width can hardly move alone
COMBINE_S = 30.0
_LOCATE_SHARE = 0.2  # of the time left, at most, for a start round medians
_WAY = 1.2  # of the breadth of a community, what a household outside the bounds costs at least
_REPAIRS = 6  # rounds of repair of a first plan
MOST_HOLDS = 6  # of the dear attempts to make locks hold in a first plan

Note = Callable[[int, float | None], None]


@dataclass(frozen=True)
class Found:
    """The best of a search: labels of nodes, their cost, and what they move beyond the limit."""

    labels: Ints
    cost: float
    moved: float = 0.0
    excess: float = 0.0


class Search:
    """One component's search; ``best`` is valid at any time once it is set.

    Parameters
    ----------
    instance : Instance
    rng : numpy.random.Generator
    clock : Clock
    note : callable
        Told after each slice how many moves were tried and the best cost.
    limited : bool
        Whether households that may move are limited: none may until `allow` says how many.
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        clock: Clock,
        note: Note,
        limited: bool = False,
    ) -> None:
        self.truth = instance  # by which plans are compared
        self.instance = instance  # by which moves are judged: locks may pull harder
        self.pull = 1.0
        self.holds = 0
        self.seeds = rng
        self.rng: NDArray[np.uint64] = seed_state(rng)
        self.clock = clock
        self.note = note
        self.moves = 0
        self.best: Found | None = None
        self.located: Ints | None = None
        self.heat = measure_heat(instance)
        self.allowance = first_allowance(self.heat) if limited else None
        self.judge_anew()
        self.deadline_s: float | None = None
        self.threads = threads_at_hand()
        self.pool = Pool()
        window = instance.high - instance.low
        self.is_tight = float(instance.households.mean()) > TIGHT * window

    def first(self, given: list[Ints], attempts: int = 8) -> bool:
        """Find a first valid plan: given labels, METIS, trees; True if there is one."""
        for labels in given:
            self.take(self._repaired(labels))
        for attempt in range(attempts):
            if self.found or (attempt and self.clock.over()):
                break
            for k in self._numbers(attempt):
                if not self.found:
                    self.take(self._repaired(self._metis(k)))
            if not self.found:
                nodes = np.arange(self.instance.n, dtype=np.int32)
                cut = cut_region(self.instance, nodes, self.rng, trees=20)
                if cut is not None:
                    state = numbered(self.instance, make_state(self.instance, cut), self.rng)
                    self.take(state)
        return self.found

    @property
    def found(self) -> bool:
        """Whether a valid plan is known."""
        return self.best is not None

    def _repaired(self, labels: Ints) -> State:
        return repaired(self.setup(), labels, self.rng, _REPAIRS)

    def _metis(self, k: int) -> Ints:
        return metis_start(self.instance, k, int(self.seeds.integers(2**31)))

    def _numbers(self, attempt: int) -> list[int]:
        """Numbers of communities worth a METIS start, the roomiest first."""
        least, most = self.instance.numbers
        total = int(self.instance.households.sum())
        middle = round(total * 2 / (self.instance.low + self.instance.high))
        tries = [middle, middle - 1 - attempt, middle + 1 + attempt]
        return sorted({min(max(k, least), most) for k in tries}, key=lambda k: abs(k - middle))

    def take(self, state: State) -> float:
        """Keep ``state`` if it is valid and the best so far; its cost, infinite where invalid."""
        instance = self.instance
        if state.breach(instance) > 0 or not self._number_fits(state):
            return float("inf")
        labels = np.unique(state.labels, return_inverse=True)[1].astype(np.int32)
        if locks_clash(instance, labels):
            return float("inf")
        settled = make_state(self.truth, labels)
        if not locks_hold(instance, settled):
            # Old communities with locks pull harder from now on.
            if self.pull < MOST_PULL:
                self.pull *= 4.0
                self.judge_anew()
            held = None
            if not self.found and self.holds < MOST_HOLDS:
                self.holds += 1
                held = hold_locks(self.truth, settled, self.heat, self.rng)
            if held is None or locks_clash(instance, held.labels):
                return float("inf")
            labels = np.unique(held.labels, return_inverse=True)[1].astype(np.int32)
            settled = make_state(self.truth, labels)
        extra = self._stretch(settled)
        value = cost(self.truth, settled) + float(extra.sum())
        moved = np.zeros(len(extra)) if self.allowance is None else moved_by(self.truth, settled)
        found = self.as_found(labels, value, float(moved.sum()))
        self.pool.add(self.truth, settled, extra, moved)
        best = self.best
        if best is None or (found.excess, value) < (best.excess, best.cost - 1e-9):
            self.best = found
        return value if self.allowance is None else value + self.allowance.price * found.excess

    def as_found(self, labels: Ints, value: float, moved: float) -> Found:
        """Hold a plan against the limit as it stands."""
        limit = float("inf") if self.allowance is None else self.allowance.limit
        return Found(labels, value, moved, max(0.0, moved - limit))

    def judge_anew(self) -> None:
        """Set by what moves are judged from now on."""
        self.instance = self.truth if self.pull == 1.0 else dearer(self.truth, self.pull)
        if self.allowance is not None:
            self.instance = priced(self.instance, self.allowance.price)

    def _number_fits(self, state: State) -> bool:
        fewest, most = self.truth.params[8:10]
        return bool(fewest <= (state.sums[2] > 0).sum() <= most)

    def _stretch(self, state: State) -> Floats:
        """Price of bounds that exempt communities stretch, so that they stretch no further."""
        total, exempts = state.sums[0], state.sums[3]
        wrong = np.maximum(self.instance.low - total, total - self.instance.high)
        return self.heat.price * np.where((exempts > 0) & (wrong > 0), wrong, 0.0)

    def run(self, budget: float) -> None:
        """Spend ``budget`` moves; an infinite one ends with the deadline."""
        if self.best is None or self.instance.n < 2:
            return
        calibrate(self, budget)
        explore(self, budget)

    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.clock.over(self.deadline_s)

    def left_s(self) -> float:
        """Seconds until the search has to end."""
        limits = [x for x in (self.deadline_s, self.clock.time_limit_s) if x is not None]
        return max(0.0, min(limits) - self.clock.seconds) if limits else float("inf")

    def allows(self, k: int) -> bool:
        """Whether there may be ``k`` communities."""
        fewest, most = self.instance.numbers
        return fewest <= k <= most

    @cached_property
    def starts(self) -> list[int]:
        """Numbers of communities to begin with; 0 stands for today's, -1 for `located_labels`."""
        instance = self.instance
        least, most = instance.numbers
        shares = (0.0, 0.04, 0.08, 0.15, 0.3, 0.5)
        if instance.exempt.any():
            most = max(least, int(instance.households.sum()) // max(1, instance.low))
        numbers = {min(most, least + round(x * (most - least))) for x in shares}
        if instance.params[4] > 0 and instance.params[2] > 0:
            near = round(float(instance.households.sum()) / instance.params[2])
            numbers.add(min(most, max(least, near)))
        today = [0] if instance.members.moved_cost.any() else []
        return today + [LOCATED] * (locates(instance) and not self.is_tight) + sorted(numbers)

    def start_labels(self, k: int) -> Ints:
        """Labels to begin with: today's, METIS, or the best where METIS cannot be mended."""
        if k == 0:
            return today_labels(self.instance)
        if k == LOCATED and self.best is not None:
            if self.located is None:
                end = self.clock.seconds + _LOCATE_SHARE * self.left_s()
                over = partial(self.clock.over, end)
                self.located = located_labels(self.truth, self.best.labels, over)
            return self.located
        if self.is_tight and self.best is not None:
            nodes = np.arange(self.instance.n, dtype=np.int32)
            cut = cut_region(self.instance, nodes, self.rng)
            fits = cut is not None and self.allows(int(cut.max()) + 1)
            return cut if cut is not None and fits else self.best.labels
        return self._metis(k)

    def combine(self) -> None:
        """Choose the cheapest plan among the communities of all plans so far."""
        limit = min(self.left_s(), COMBINE_S)
        wish = None
        if self.allowance is not None:
            wish = (self.allowance.limit, ABOVE_ALL * self.heat.price)
        seed = int(self.seeds.integers(2**31))
        labels = self.pool.combine(self.truth, seed, limit, wish)
        if labels is not None:
            self.take(make_state(self.instance, labels))
            self.note(0, None)

    def anneal(self, jobs: list[Job]) -> list[float]:
        """Run ``jobs`` side by side; the cost that each reached (infinite where it is invalid)."""
        rngs = [seed_state(self.seeds) for _ in jobs]
        values = []
        for states in run_jobs(self.setup(), jobs, rngs, self.threads, self.tick):
            value = min((self.take(state) for state in states), default=float("inf"))
            if self.allowance is not None and states:
                value = min(value, follow(self, states[-1]))
            values.append(value)
            self.note(0, None)
        return values

    def setup(self) -> Setup:
        """Return what the runs of a batch share, as things stand."""
        guard = Guard(self.clock, deadline_s=self.deadline_s)
        pull = self.pull
        if self.allowance is not None:  # bounds have to outweigh what keeps households home
            pull = max(pull, 1.0 + 1.5 * self.allowance.price / self.heat.price)
        return Setup(self.instance, self.heat, pull, self.is_tight, guard)

    def tick(self, moves: int) -> None:
        """Count moves that were tried."""
        self.moves += moves
        self.note(moves, None)


def measure_heat(instance: Instance) -> Heat:
    """Temperatures from the size of typical changes: borders, moved households, distances."""
    p, rows, m = instance.params, instance.rows, instance.members
    edge = float(rows.cost[rows.cost > 0].mean()) if (rows.cost > 0).any() else 0.0
    node = float(instance.households.mean()) if instance.n else 1.0
    moved = float(m.moved_cost.sum()) / max(1, instance.n)
    area = float(instance.area_km2.mean()) * p[5] if instance.n else 0.0
    reach = float(
        np.sqrt(instance.area_km2.sum() / max(1.0, instance.households.sum() / max(1.0, p[1])))
    )
    reach = reach**2 if p[10] != 0.0 else reach
    parts = [3.5 * edge, 0.5 * moved, 0.5 * p[4] * node, 0.5 * area, 0.2 * p[6] * node * reach]
    hot = max(sum(parts), 1e-6)
    # Bringing a household in costs its way, which may be that from one median to the next.
    way = _WAY * p[6] * reach
    return Heat(hot, max(1.5 * hot / max(node, 1.0), way))
