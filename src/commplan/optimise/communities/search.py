"""Search for a good plan of one component: a first valid one, then annealing from many starts.

Annealing goes in slices of compiled work, so that the clock is looked at several times a second.
It starts hot enough for borders to flow and pays for households outside the bounds; the last
part runs strictly, so that what is valid stays valid (Kirkpatrick, Gelatt & Vecchi 1983).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.counts import numbered
from commplan.optimise.communities.instance import Floats, Instance, Ints
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.locks import MOST_PULL, dearer, hold_locks
from commplan.optimise.communities.pool import Pool
from commplan.optimise.communities.recombine import recombine
from commplan.optimise.communities.repair import Guard, Heat, cut_region, repair
from commplan.optimise.communities.rounds import explore
from commplan.optimise.communities.start import connected_labels, metis_start, today_labels
from commplan.optimise.communities.state import State, cost, locks_hold, make_state, refresh
from commplan.optimise.communities.treecut import seed_state
from commplan.optimise.stop import Clock

TIGHT = 0.25  # a mean node larger than this share of the bounds' width can hardly move alone
ROAM_HEAT = 0.85
ROAM_PAIRS = 1_000  # pairs, and single nodes, tried in a row
ROAM_SLICE = 25_000  # moves that this counts for
COMBINE_S = 30.0
MOST_HOLDS = 6  # of the dear attempts to make locks hold in a first plan

Note = Callable[[int, float | None], None]


@dataclass(frozen=True)
class Found:
    """The best of a search: labels of nodes and their cost."""

    labels: Ints
    cost: float


class Search:
    """One component's search; ``best`` is valid at any time once it is set.

    Parameters
    ----------
    instance : Instance
    rng : numpy.random.Generator
    clock : Clock
    note : callable
        Told after each slice how many moves were tried and the best cost.
    """

    def __init__(
        self, instance: Instance, rng: np.random.Generator, clock: Clock, note: Note
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
        self.heat = measure_heat(instance)
        self.deadline_s: float | None = None
        self.pool = Pool()
        window = instance.high - instance.low
        self.is_tight = float(instance.households.mean()) > TIGHT * window

    def first(self, given: list[Ints], attempts: int = 8) -> bool:
        """Find a first valid plan: given labels, METIS, trees; True if there is one."""
        for labels in given:
            self._take(self._repaired(labels))
        for attempt in range(attempts):
            if self.found or (attempt and self.clock.over()):
                break
            for k in self._numbers(attempt):
                if not self.found:
                    self._take(self._repaired(self._metis(k)))
            if not self.found:
                nodes = np.arange(self.instance.n, dtype=np.int32)
                cut = cut_region(self.instance, nodes, self.rng, trees=20)
                if cut is not None:
                    state = numbered(self.instance, make_state(self.instance, cut), self.rng)
                    self._take(state)
        return self.found

    @property
    def found(self) -> bool:
        """Whether a valid plan is known."""
        return self.best is not None

    def _repaired(self, labels: Ints, rounds: int = 6) -> State:
        guard = Guard(self.clock, rounds, self.deadline_s)
        state = repair(self.instance, labels, self.heat, self.rng, guard)
        return numbered(self.instance, state, self.rng)

    def _metis(self, k: int) -> Ints:
        return metis_start(self.instance, k, int(self.seeds.integers(2**31)))

    def _numbers(self, attempt: int) -> list[int]:
        """Numbers of communities worth a METIS start, the roomiest first."""
        least, most = self.instance.numbers
        total = int(self.instance.households.sum())
        middle = round(total * 2 / (self.instance.low + self.instance.high))
        tries = [middle, middle - 1 - attempt, middle + 1 + attempt]
        return sorted({min(max(k, least), most) for k in tries}, key=lambda k: abs(k - middle))

    def _take(self, state: State) -> float:
        """Keep ``state`` if it is valid and the best so far; its cost, infinite where invalid."""
        instance = self.instance
        if state.breach(instance) > 0 or not self._number_fits(state):
            return float("inf")
        labels = np.unique(state.labels, return_inverse=True)[1].astype(np.int32)
        if self._locks_clash(labels):
            return float("inf")
        settled = make_state(self.truth, labels)
        if not locks_hold(instance, settled):
            # Old communities with locks pull harder from now on.
            if self.pull < MOST_PULL:
                self.pull *= 4.0
                self.instance = dearer(self.truth, self.pull)
            held = None
            if not self.found and self.holds < MOST_HOLDS:
                self.holds += 1
                held = hold_locks(self.truth, settled, self.heat, self.rng)
            if held is None or self._locks_clash(held.labels):
                return float("inf")
            labels = np.unique(held.labels, return_inverse=True)[1].astype(np.int32)
            settled = make_state(self.truth, labels)
        extra = self._stretch(settled)
        value = cost(self.truth, settled) + float(extra.sum())
        self.pool.add(self.truth, settled, extra)
        if self.best is None or value < self.best.cost - 1e-9:
            self.best = Found(labels, value)
        return value

    def _number_fits(self, state: State) -> bool:
        fewest, most = self.truth.params[8:10]
        return bool(fewest <= (state.sums[2] > 0).sum() <= most)

    def _stretch(self, state: State) -> Floats:
        """Price of bounds that exempt communities stretch, so that they stretch no further."""
        total, exempts = state.sums[0], state.sums[3]
        wrong = np.maximum(self.instance.low - total, total - self.instance.high)
        return self.heat.price * np.where((exempts > 0) & (wrong > 0), wrong, 0.0)

    def _locks_clash(self, labels: Ints) -> bool:
        locked = labels[self.instance.lock >= 0]
        return len(np.unique(locked)) < len(locked)

    def run(self, budget: float) -> None:
        """Spend ``budget`` moves; an infinite one ends with the deadline."""
        if self.best is None or self.instance.n < 2:
            return
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
        """Numbers of communities to begin with; 0 stands for today's communities."""
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
        return today + sorted(numbers)

    def start_labels(self, k: int) -> Ints:
        """Labels to begin with: today's, METIS, or the best where METIS cannot be mended."""
        if k == 0:
            return today_labels(self.instance)
        if self.is_tight and self.best is not None:
            nodes = np.arange(self.instance.n, dtype=np.int32)
            cut = cut_region(self.instance, nodes, self.rng)
            fits = cut is not None and self.allows(int(cut.max()) + 1)
            return cut if cut is not None and fits else self.best.labels
        return self._metis(k)

    def combine(self) -> None:
        """Choose the cheapest plan among the communities of all plans so far."""
        limit = min(self.left_s(), COMBINE_S)
        labels = self.pool.combine(self.truth, int(self.seeds.integers(2**31)), limit)
        if labels is not None:
            self._take(make_state(self.instance, labels))
            self.note(0, None)

    def anneal(self, labels: Ints, budget: int, warmth: float) -> float:
        """Anneal from ``labels``; the cost reached (infinite where that is invalid)."""
        if self.is_tight:
            return self._roam(labels, budget, warmth)
        instance, heat = self.instance, self.heat
        state = make_state(instance, np.unique(labels, return_inverse=True)[1].astype(np.int32))
        if self._locks_clash(state.labels) or not _is_connected(instance, state.labels):
            state = self._repaired(labels, 1)
        slices = max(12, budget // 2_000_000)
        hot, cold = heat.hot * warmth, heat.hot * 0.02
        temps = hot * (cold / hot) ** np.linspace(0, 1, slices + 1)
        for i in range(slices):
            late = i >= 0.8 * slices
            strict = 1.0 if late and state.breach(instance) == 0 else 0.0
            price = heat.price * self.pull * (5.0 if late else 1.0)
            control = (budget / slices, temps[i], temps[i + 1], price, strict)
            anneal(instance, state, control, self.rng)
            self.moves += budget // slices
            refresh(instance, state)
            self.note(budget // slices, None)
            if self.is_over():
                break
        if state.breach(instance) > 0 and not self.is_over():
            state = self._repaired(state.labels, 1)
        return self._take(state)

    def _roam(self, labels: Ints, budget: int, warmth: float) -> float:
        """Recombine pairs at an even temperature from valid labels, then in the cold from the best.

        Where bounds are tight, good plans lie far apart: what is passed on the way counts.
        """
        instance, hot = self.instance, ROAM_HEAT * self.heat.hot * warmth
        state = make_state(instance, np.unique(labels, return_inverse=True)[1].astype(np.int32))
        value, slices = float("inf"), max(10, budget // ROAM_SLICE)
        for i in range(slices):
            cold = i / slices - 0.85
            if 0 <= cold < 1 / slices and self.best is not None:
                state = make_state(instance, self.best.labels)
            heat = hot * (0.02 ** (cold / 0.15) if cold > 0 else 1.0)
            strict = 1.0 if state.breach(instance) == 0 else 0.0
            price = self.heat.price * self.pull
            anneal(instance, state, (ROAM_PAIRS, heat, heat, price, strict), self.rng)
            recombine(instance, state, ROAM_PAIRS, heat, self.rng)
            refresh(instance, state)
            self.moves += ROAM_SLICE
            if state.breach(instance) == 0 and cost(instance, state) < value:
                value = min(value, self._take(state))
            self.note(ROAM_SLICE, None)
            if self.is_over():
                break
        return value


def _is_connected(instance: Instance, labels: Ints) -> bool:
    """Whether every community is in one piece."""
    return int(connected_labels(instance, labels).max()) == int(labels.max())


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
    return Heat(hot, 1.5 * hot / max(node, 1.0))
