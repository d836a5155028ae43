"""Hold node prices against the closed walks of the planar dual: what no possible community beats."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from commplan.optimise.communities.bound_flow import flow_of, windings
from commplan.optimise.communities.bound_master import Limits, Master, Wish
from commplan.optimise.communities.bound_mend import lower_all, mend
from commplan.optimise.communities.bound_planar import Dual
from commplan.optimise.communities.bound_scan import STRAYED, Rule, cycle_below, scan
from commplan.optimise.communities.instance import Floats, Ints

_UNITS = 2.0e7  # whole numbers in which the border of a typical community is counted
_CYCLES = 300  # negative cycles that may be mended before prices are tried
_NEAR = 0.8  # of the band that the master keeps off negative cycles
_ROUNDS = 60  # of lowering prices, before they are given up
_STEEPEST, _ROOM, _WEIGHINGS = 1.1, 0.9, 5  # rate that a hole leaves room for, in mean prices
_LARGEST = 2**30  # labels are counted in 32 bits

Prices = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """One connected graph of borders, and what a community on it may hold.

    Parameters
    ----------
    dual : Dual
    households : float64 array, shape (n,)
    low, high : float
        Bounds of the households of one community.
    fewest : int
        Least number of communities.
    whole : bool
        Every community is connected along borders that cost something.
    """

    dual: Dual
    households: Floats
    low: float
    high: float
    fewest: int
    whole: bool


@dataclass(frozen=True)
class Scale:
    """Whole numbers for one ground: loads in steps of households, costs in ``per_cost``.

    ``counts`` tells whether every community has a load of at least ``low``.
    """

    load: Prices
    low: int
    high: int
    per_cost: float
    counts: bool


def most_load(load: Prices, households: Floats, high: float) -> int:
    """Most load of nodes with at most ``high`` households in all (fractional knapsack)."""
    free = households <= 0
    order = np.argsort(-load[~free] / households[~free], kind="stable")
    sums = np.cumsum(households[~free][order])
    loads = load[~free][order]
    count = int(np.searchsorted(sums, high, side="right"))
    total = float(loads[:count].sum())
    if count < len(loads):
        before = sums[count - 1] if count else 0.0
        total += loads[count] * (high - before) / (sums[count] - before)
    return int(total + 1e-9) + int(load[free].sum())


def least_load(load: Prices, households: Floats, low: float) -> int:
    """Least load of nodes with at least ``low`` households in all."""
    total = float(households.sum())
    return max(0, int(load.sum()) - most_load(load, households, max(0.0, total - low)))


def make_scale(ground: Ground, goal: float, steps: int) -> Scale:
    """Choose whole numbers; ``goal`` is the cost of a known plan, ``steps`` the loads up to high."""
    step = max(1.0, ground.high / steps)
    load = np.rint(_weights(ground, goal) / step).astype(np.int64)
    high = most_load(load, ground.households, ground.high)
    low = least_load(load, ground.households, ground.low) if ground.whole else 0
    typical = goal / max(1.0, ground.households.sum() / ground.high)
    return Scale(load, max(1, low), high, _UNITS / max(typical, 1e-9), low > 0)


def _weights(ground: Ground, goal: float) -> Floats:
    """Households, but fewer of a node that holds many within a short border.

    A hole round a node may not gain, so ``rate * load <= half border + price`` and the price is
    at most half the border: one tower could hold down the rate, and with it all prices.
    """
    d = ground.dual
    half = 0.5 * np.bincount(d.left, weights=d.border, minlength=d.n + 1)[: d.n]
    weights = ground.households.copy()
    for _ in range(_WEIGHINGS if goal > 0 else 0):
        rate = _STEEPEST * goal / weights.sum()
        weights = np.minimum(weights, _ROOM * 2 * half / rate)
    return weights


@dataclass
class Pricing:
    """One ground, its whole numbers and the walks found so far."""

    ground: Ground
    scale: Scale

    def __post_init__(self) -> None:
        """Lay out the arcs: none has the outside on its left, for no community holds it."""
        d = self.ground.dual
        usable = np.flatnonzero(d.left < d.n).astype(np.int32)
        self.border = np.floor(0.5 * d.border * self.scale.per_cost).astype(np.int64)
        self.tree = (d.tree_order, d.tree_parent, d.tree_arc)
        self.starts = _sweep(d)
        self.rank = np.empty(d.faces, dtype=np.int32)
        self.rank[self.starts] = np.arange(d.faces, dtype=np.int32)
        out, inward = _rows(d.tail, usable, d.faces), _rows(d.head, usable, d.faces)
        self.arrays = (d.tail, d.head, *out, *inward, self.border, self.tree)
        s = self.scale
        self.labels = 0
        self.strayed = False  # whether loads went too far the last time that prices were held
        self.master = Master(Limits(s.load, s.high, self.ground.fewest, s.counts))

    def hold(self, wish: Wish, most: float, is_over: Callable[[], bool]) -> Wish | None:
        """Lower the prices of ``wish`` until no walk beats them; None where that fails.

        It also fails where more than ``most`` labels would have to be looked at. A face through
        which no walk was too cheap is not priced again: lower prices make dearer what winds round
        nodes in one direction, and only that can be a community.
        """
        s = self.scale
        rule = Rule(wish.rate, s.low, s.high, wish.extra)
        prices = wish.prices.copy()
        if wish.rate * s.high + wish.extra > _LARGEST:
            return None
        weight = self._sound(prices, wish.rate, _CYCLES)
        todo = self.starts
        most += self.labels
        for _ in range(_ROUNDS):
            if weight is None:
                break
            spend = (most - self.labels, is_over)
            walks = scan(self.arrays, s.load, weight, rule, (self.rank, todo), spend)
            self.labels += walks.labels
            self.master.add(walks.windings, walks.half, False)
            self.strayed = walks.code == STRAYED
            if walks.code:
                return None
            if len(walks.cheap) == 0:
                return Wish(prices, wish.extra, wish.rate)
            if not lower_all(prices, s.load, walks, rule):
                return None
            weight = self._sound(prices, wish.rate, 0)
            todo = walks.cheap[np.argsort(self.rank[walks.cheap])]
        return None

    def tighten(self, wish: Wish) -> bool:
        """Whether a cycle is nearly negative at these prices; it becomes a row of the master.

        Walks could go round it many times for next to nothing, and pricing them would be slow.
        """
        near = np.floor(self.border * (1 - _NEAR * self.master.band)).astype(np.int64)
        amount = wish.prices - wish.rate * self.scale.load
        raw = near - flow_of(amount, self.tree, len(self.border))
        walk = cycle_below(self.arrays, raw, np.zeros(len(self.rank), dtype=np.int64))
        if len(walk) == 0:
            return False
        around = windings(walk, self.tree, self.ground.dual.n)
        self.master.add(around[None, :], np.array([int(self.border[walk].sum())]), True)
        return True

    def _sound(self, prices: Prices, rate: int, repairs: int) -> Prices | None:
        """Arc weights of which none is negative; prices are moved where a cycle is."""
        s, d = self.scale, self.ground.dual
        attempt = 0
        while True:
            amount = prices - rate * s.load
            raw = self.border - flow_of(amount, self.tree, len(d.tail))
            level = np.zeros(d.faces, dtype=np.int64)
            walk = cycle_below(self.arrays, raw, level)
            if len(walk) == 0:
                return np.asarray(raw + level[d.tail] - level[d.head])
            around = windings(walk, self.tree, d.n).astype(np.int64)
            half = int(self.border[walk].sum())
            self.master.add(around[None, :].astype(np.int32), np.array([half]), True)
            lack = int(around @ amount) - half
            if attempt == repairs or not mend(prices, s.load, around, lack):
                return None
            attempt += 1


def _rows(key: Ints, arcs: Ints, faces: int) -> tuple[Ints, Ints]:
    order = arcs[np.argsort(key[arcs], kind="stable")].astype(np.int32)
    return np.searchsorted(key[order], np.arange(faces + 1)).astype(np.int32), order


def _sweep(dual: Dual) -> Ints:
    """Faces by their distance from the first, so that those taken out leave no islands."""
    from scipy.sparse.csgraph import breadth_first_order

    graph = csr_array(
        (np.ones(len(dual.tail)), (dual.tail, dual.head)), shape=(dual.faces, dual.faces)
    )
    far = breadth_first_order(graph, 0, directed=False, return_predecessors=False)[-1]
    order = breadth_first_order(graph, far, directed=False, return_predecessors=False)
    return np.asarray(order, dtype=np.int32)
