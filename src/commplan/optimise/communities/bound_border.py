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
from scipy.sparse import csr_array, vstack

from commplan.optimise.communities.bound_planar import Dual, is_sound
from commplan.optimise.communities.bound_walks import price_walks
from commplan.optimise.communities.instance import Floats, Ints

_UNITS = 2.0e7  # whole numbers in which the border of a typical community is counted
_WIDEST = 24  # span of loads, in upper bounds, beyond which a face is given up
_REPAIRS = 400  # walks through one face that may be priced out
_CHUNK = 48  # faces between two looks at the clock
_STEEP = (1.12, 1.03, 1.25, 1.5, 1.0)  # mean rates to try, in those of the prices

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
    """Prices, what they prove, and the walks that were too cheap on the way."""

    bound: float
    prices: Floats
    extra: float
    passes: int


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
        tree = (d.tree_order, d.tree_parent, d.tree_arc)
        out, inward = _rows(d.tail, usable, d.faces), _rows(d.head, usable, d.faces)
        self.arrays = (d.tail, d.head, *out, *inward, border, tree)
        self.starts = _sweep(d)
        self.span = 6
        self.steep = 0
        self.known = False
        self.rows: list[csr_array] = []
        self.costs: list[float] = []

    def run(
        self, prices: Prices, extra: int, rate: int, repairs: int, is_over: Callable[[], bool]
    ) -> tuple[int, int]:
        """Price all walks; ``prices`` are lowered in place.

        Returns
        -------
        code : int
            As of `price_walks`; 0 proves the prices, 4 stands for an interrupt.
        lack : int
            How far the cheapest walk falls short, where ``repairs`` is 0.
        """
        s = self.scale
        rule = (rate, s.low, s.high, extra)
        alive = np.ones(self.ground.dual.faces, dtype=np.uint8)
        chunks = [self.starts[i : i + _CHUNK] for i in range(0, len(self.starts), _CHUNK)]
        most = 0
        # The last, empty one looks for negative cycles among all faces: walks round holes.
        for chunk in [*chunks, self.starts[:0]]:
            if is_over():
                return 4, most
            if len(chunk) == 0:
                alive[:] = 1
            while True:
                todo = chunk[alive[chunk] == 1]
                span = self.span * s.high
                phase = (alive, todo, span, 2 * span + 1, repairs)
                code, lack, walks, costs = price_walks(self.arrays, s.load, prices, rule, phase)
                most = max(most, int(lack))
                if len(walks) > 1:
                    self.rows.append(csr_array(np.array(walks[1:], dtype=np.float64)))
                    self.costs += [float(c) for c in costs[1:]]
                if code != 2 or 2 * self.span > _WIDEST:
                    break
                self.span *= 2
            if code:
                return int(code), most
        return 0, most


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


def border_prices(
    ground: Ground, goal: float, passes: int, steps: int, is_over: Callable[[], bool]
) -> Priced | None:
    """Look for prices with a high bound; only prices that hold are returned.

    Parameters
    ----------
    ground : Ground
    goal : float
        Cost of a known plan (households, as the borders are weighted).
    passes : int
        Times that all walks are priced.
    steps : int
        Loads that are told apart up to the upper bound.
    is_over : callable
        True ends the search with the best prices so far.

    Returns
    -------
    Priced or None
        None where nothing could be proven.
    """
    scale = make_scale(ground, goal, steps)
    if goal <= 0 or scale.load.sum() <= 0 or not is_sound(ground.dual):
        return None
    pricing = Pricing(ground, scale)
    mean = goal * scale.per_cost / float(scale.load.sum())
    prices = np.floor(scale.load * mean).astype(np.int64)
    best: tuple[int, Prices, int, int] | None = None
    extra, radius, done = 0, 0.2, 0
    for _ in range(passes):
        done += 1
        found = _repaired(pricing, (prices, extra, mean), is_over)
        if found is not None:
            pricing.known = True
            value = int(found[0].sum()) + ground.fewest * extra
            if best is None or value > best[0]:
                if best is not None and value < best[0] * 1.002:
                    radius *= 0.7
                best = (value, found[0], extra, found[1])
            else:
                radius *= 0.6
        else:
            radius *= 0.5
        if best is None or is_over() or radius < 0.002:
            break
        prices, extra = _proposed(pricing, best, radius)
    if best is None:
        return None
    per = scale.per_cost
    return Priced(best[0] / per, best[1] / per, best[2] / per, done)


def _repaired(
    pricing: Pricing, wish: tuple[Prices, int, float], is_over: Callable[[], bool]
) -> tuple[Prices, int] | None:
    """Lower the prices of ``wish`` until they hold; with the mean rate that was used."""
    prices, extra, mean = wish
    for i in range(len(_STEEP)):
        steep = (pricing.steep + i) % len(_STEEP)
        trial = prices.copy()
        rate = int(mean * _STEEP[steep])
        code, _ = pricing.run(trial, extra, rate, _REPAIRS, is_over)
        if code == 0:
            pricing.steep = steep
            return trial, rate
        if is_over():
            break  # the next prices will be nearer to those that hold
    return None


def _proposed(
    pricing: Pricing, best: tuple[int, Prices, int, int], radius: float
) -> tuple[Prices, int]:
    """Best prices by the walks known so far, not too far from the best that hold."""
    from commplan.optimise.milp import MilpArrays, solve_arrays

    _, centre, extra, rate = best
    s = pricing.scale
    rows = csr_array(vstack(pricing.rows)) if pricing.rows else csr_array((0, len(centre)))
    over = np.maximum(0, rows @ s.load - s.high)
    limit = np.array(pricing.costs) + rate * over
    unit = float(s.per_cost) * max(1.0, best[0] / s.per_cost) / len(centre)
    room = radius * (centre + 0.3 * unit)
    typical = best[0] / max(1, pricing.ground.fewest)
    matrix = csr_array(np.hstack([rows.toarray(), np.ones((rows.shape[0], 1))]))
    # A price for being one more community needs every community to be asked for it.
    most_extra = extra + radius * typical if s.counts else 0.0
    answer = solve_arrays(
        MilpArrays(
            cost=-np.append(np.ones(len(centre)), float(pricing.ground.fewest)),
            matrix=csr_array(matrix),
            row_lower=np.full(len(limit), -np.inf),
            row_upper=limit / unit,
            col_lower=np.append(np.maximum(0, centre - room), max(0.0, extra - radius * typical))
            / unit,
            col_upper=np.append(centre + room, most_extra) / unit,
        )
    )
    if answer.values is None:
        return centre, extra
    values = np.floor(answer.values * unit).astype(np.int64)
    return np.maximum(values[:-1], 0), max(0, int(values[-1]))
