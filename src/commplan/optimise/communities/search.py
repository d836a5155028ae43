"""Search for a good plan of one component: several starts, then annealing of the best.

Annealing goes in slices of compiled work, so that the clock is looked at several times a second.
It starts hot enough for borders to flow and pays for households outside the bounds; the last
part runs strictly, so that what is valid stays valid (Kirkpatrick, Gelatt & Vecchi 1983).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance, Ints
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.locks import MOST_PULL, dearer, hold_locks
from commplan.optimise.communities.repair import Guard, Heat, cut_region, repair
from commplan.optimise.communities.start import connected_labels, metis_start, today_labels
from commplan.optimise.communities.state import State, cost, locks_hold, make_state, refresh
from commplan.optimise.communities.treecut import seed_state
from commplan.optimise.stop import Clock

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
                    self._take(make_state(self.instance, cut))
        return self.found

    @property
    def found(self) -> bool:
        """Whether a valid plan is known."""
        return self.best is not None

    def _repaired(self, labels: Ints, rounds: int = 6) -> State:
        return repair(self.instance, labels, self.heat, self.rng, Guard(self.clock, rounds))

    def _metis(self, k: int) -> Ints:
        return metis_start(self.instance, k, int(self.seeds.integers(2**31)))

    def _numbers(self, attempt: int) -> list[int]:
        """Numbers of communities worth a METIS start, the roomiest first."""
        total = int(self.instance.households.sum())
        least = max(1, -(-total // self.instance.high))
        most = max(least, total // max(1, self.instance.low))
        middle = round(total * 2 / (self.instance.low + self.instance.high))
        tries = [middle, middle - 1 - attempt, middle + 1 + attempt]
        return sorted({min(max(k, least), most) for k in tries}, key=lambda k: abs(k - middle))

    def _take(self, state: State) -> float:
        """Keep ``state`` if it is valid and the best so far; its cost, infinite where invalid."""
        instance = self.instance
        if state.breach(instance) > 0:
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
        value = cost(self.truth, settled) + self._stretch(settled)
        if self.best is None or value < self.best.cost - 1e-9:
            self.best = Found(labels, value)
        return value

    def _stretch(self, state: State) -> float:
        """Price of bounds that exempt communities stretch, so that they stretch no further."""
        total, exempts = state.sums[0], state.sums[3]
        wrong = np.maximum(self.instance.low - total, total - self.instance.high)
        return float(self.heat.price * wrong[(exempts > 0) & (wrong > 0)].sum())

    def _locks_clash(self, labels: Ints) -> bool:
        locked = labels[self.instance.lock >= 0]
        return len(np.unique(locked)) < len(locked)

    def run(self, budget: int) -> None:
        """Spend ``budget`` moves: short runs from many starts, longer ones, then the cold."""
        if self.best is None or self.instance.n < 2:
            return
        short, long = max(1, budget // 24), max(1, budget // 8)
        self._anneal(self.best.labels, short, 0.1)
        tried = []
        for k, labels in self._starts():
            if self.clock.over(self.deadline_s):
                return
            tried.append((self._anneal(labels, short, 1.0), k))
        for _, k in sorted(tried)[:3]:
            if k > 0 and not self.clock.over(self.deadline_s):
                self._anneal(self._metis(k), long, 1.0)
        for share, warmth in ((0.6, 0.4), (1.0, 0.15)):
            left = budget - self.moves
            if left > 0 and not self.clock.over(self.deadline_s):
                self._anneal(self.best.labels, int(share * left), warmth)

    def _starts(self) -> list[tuple[int, Ints]]:
        """Choose several numbers of communities and a start for each; 0 stands for today's."""
        instance = self.instance
        total = int(instance.households.sum())
        least = max(1, -(-total // instance.high))
        most = max(least, total // max(1, instance.low))
        shares = (0.0, 0.04, 0.08, 0.15, 0.3, 0.5)
        numbers = {min(most, least + round(x * (most - least))) for x in shares}
        if instance.params[4] > 0 and instance.params[2] > 0:
            numbers.add(min(most, max(least, round(total / instance.params[2]))))
        starts = [(k, self._metis(k)) for k in sorted(numbers)]
        if instance.members.moved_cost.any():
            starts.append((0, today_labels(instance)))
        return starts

    def _anneal(self, labels: Ints, budget: int, warmth: float) -> float:
        """Anneal from ``labels``; the cost reached (infinite where that is invalid)."""
        instance, heat = self.instance, self.heat
        state = make_state(instance, np.unique(labels, return_inverse=True)[1].astype(np.int32))
        if self._locks_clash(state.labels) or not _is_connected(instance, state.labels):
            state = self._repaired(labels, 1)
        slices = max(12, budget // 3_000_000)
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
            if self.clock.over(self.deadline_s):
                break
        if state.breach(instance) > 0:
            state = self._repaired(state.labels, 1)
        return self._take(state)


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
    parts = [3.5 * edge, 0.5 * moved, 0.5 * p[4] * node, 0.5 * area, 0.2 * p[6] * node * reach]
    hot = max(sum(parts), 1e-6)
    return Heat(hot, 1.5 * hot / max(node, 1.0))
