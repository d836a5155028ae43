"""Lower bound of borders: prices per node that no possible community can beat.

If every set of nodes that could be a community costs at least the prices of its nodes (half of
its border, plus a price for being one more), the prices add up to a bound for every plan: the dual
of set partitioning. Sets are priced as closed walks in the planar dual, by the load they enclose
(`bound_walks`); connected communities without holes are such walks, and a walk that encloses more
than the upper bound is asked as much as the bound, which covers communities with holes. Prices
start too high; walks that are too cheap lower them and become rows of a linear programme that
proposes the next prices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from commplan.optimise.communities.bound_flow import flow_of, windings
from commplan.optimise.communities.bound_master import Limits, Master, Wish
from commplan.optimise.communities.bound_mend import lower_all, mend
from commplan.optimise.communities.bound_planar import Dual, is_sound
from commplan.optimise.communities.bound_scan import Rule, cycle_below, scan
from commplan.optimise.communities.instance import Floats, Ints

_UNITS = 2.0e7  # whole numbers in which the border of a typical community is counted
_CYCLES = 300  # negative cycles that may be mended before prices are tried
_RADIUS = 0.1  # how far a proposal goes at first, as a share of each price
_START_RATE = 1.06  # of the mean price
_SHARES = (0.9, 0.7, 0.55, 0.45, 0.35, 0.27, 0.18, 0.1)  # of a known plan's cost, to start from
_LEAST_RADIUS = 0.002
_FIRST = 2e6  # labels per node that each try to start may look at
_ROUNDS = 60  # of lowering prices, before they are given up
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


@dataclass(frozen=True)
class Priced:
    """Prices (households) and what they prove; ``wish`` holds them as whole numbers."""

    bound: float
    prices: Floats
    extra: float
    passes: int
    wish: Wish
    scale: Scale


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
    load = np.rint(ground.households / step).astype(np.int64)
    high = most_load(load, ground.households, ground.high)
    low = least_load(load, ground.households, ground.low) if ground.whole else 0
    typical = goal / max(1.0, ground.households.sum() / ground.high)
    return Scale(load, max(1, low), high, _UNITS / max(typical, 1e-9), low > 0)


@dataclass
class Pricing:
    """One ground, its whole numbers and the walks found so far."""

    ground: Ground
    scale: Scale

    def __post_init__(self) -> None:
        """Lay out the arcs: none has the outside on its left, for no community holds it."""
        d = self.ground.dual
        usable = np.flatnonzero(d.left < d.n).astype(np.int32)
        border = np.floor(0.5 * d.border * self.scale.per_cost).astype(np.int64)
        self.tree = (d.tree_order, d.tree_parent, d.tree_arc)
        out, inward = _rows(d.tail, usable, d.faces), _rows(d.head, usable, d.faces)
        self.arrays = (d.tail, d.head, *out, *inward, border, self.tree)
        self.starts = _sweep(d)
        self.rank = np.empty(d.faces, dtype=np.int32)
        self.rank[self.starts] = np.arange(d.faces, dtype=np.int32)
        s = self.scale
        self.labels = 0
        self.master = Master(Limits(s.load, s.high, self.ground.fewest, s.counts))

    def hold(self, wish: Wish, most: float, is_over: Callable[[], bool]) -> Wish | None:
        """Lower the prices of ``wish`` until no walk beats them; None where that fails.

        It also fails where more than ``most`` labels would have to be looked at.

        A face through which no walk was too cheap is not priced again: lower prices make dearer
        what winds round nodes in one direction, and only that can be a community.
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
            left = most - self.labels
            walks = scan(self.arrays, s.load, weight, rule, (self.rank, todo), left, is_over)
            self.master.add(walks.windings, walks.half, False)
            self.labels += walks.labels
            if walks.code:
                return None
            if len(walks.cheap) == 0:
                return Wish(prices, wish.extra, wish.rate)
            if not lower_all(prices, s.load, walks, rule):
                return None
            weight = self._sound(prices, wish.rate, 0)
            todo = walks.cheap[np.argsort(self.rank[walks.cheap])]
        return None

    def _sound(self, prices: Prices, rate: int, repairs: int) -> Prices | None:
        """Arc weights of which none is negative; prices are moved where a cycle is negative."""
        s, d = self.scale, self.ground.dual
        for attempt in range(repairs + 1):
            amount = prices - rate * s.load
            raw = self.arrays[6] - flow_of(amount, self.tree, len(d.tail))
            level = np.zeros(d.faces, dtype=np.int64)
            ring = cycle_below(self.arrays, raw, level)
            if len(ring) == 0:
                return np.asarray(raw + level[d.tail] - level[d.head])
            around = windings(ring, self.tree, d.n).astype(np.int64)
            half = int(self.arrays[6][ring].sum())
            self.master.add(around[None, :].astype(np.int32), np.array([half]), True)
            lack = int(around @ amount) - half
            if attempt == repairs or not mend(prices, s.load, around, lack):
                return None
        return None


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


@dataclass(frozen=True)
class Spend:
    """What may be spent: times that all walks are priced, labels looked at, and a guard."""

    passes: int
    labels: float
    is_over: Callable[[], bool]


def border_prices(ground: Ground, goal: float, steps: int, spend: Spend) -> Priced | None:
    """Look for prices with a high bound; only prices that hold are returned.

    Parameters
    ----------
    ground : Ground
    goal : float
        Cost of a known plan (households, as the borders are weighted).
    steps : int
        Loads that are told apart up to the upper bound.
    spend : Spend
        Its guard ends the search with the best prices so far.

    Returns
    -------
    Priced or None
        None where nothing could be proven.
    """
    scale = make_scale(ground, goal, steps)
    if goal <= 0 or scale.load.sum() <= 0 or not is_sound(ground.dual):
        return None
    pricing = Pricing(ground, scale)
    best, done = _first(pricing, goal, spend)
    radius = _RADIUS
    while best is not None and done < spend.passes and radius >= _LEAST_RADIUS:
        value = _value(ground, best)
        wish, hoped = pricing.master.propose(best, radius)
        if hoped <= value or pricing.labels >= spend.labels or spend.is_over():
            break
        done += 1
        found = pricing.hold(wish, spend.labels - pricing.labels, spend.is_over)
        if found is None or _value(ground, found) <= value:
            radius *= 0.6
            continue
        if _value(ground, found) < value + 0.2 * (hoped - value):
            radius *= 0.8
        best = found
    if best is None:
        return None
    per = scale.per_cost
    bound = _value(ground, best) / per
    return Priced(bound, best.prices / per, best.extra / per, done, best, scale)


def _value(ground: Ground, wish: Wish) -> int:
    return int(wish.prices.sum()) + ground.fewest * wish.extra


def _first(pricing: Pricing, goal: float, spend: Spend) -> tuple[Wish | None, int]:
    """Prices in proportion to the load, as high as they hold without much work."""
    s = pricing.scale
    for done, share in enumerate(_SHARES, 1):
        if spend.is_over():
            break
        rate = share * goal * s.per_cost / float(s.load.sum())
        wish = Wish(np.floor(s.load * rate).astype(np.int64), 0, int(_START_RATE * rate))
        most = min(_FIRST * len(s.load), 0.3 * spend.labels)
        found = pricing.hold(wish, most, spend.is_over)
        if found is not None:
            return found, done
    return None, len(_SHARES)
