"""Least walking and cost where sites can be full: each unit whole, at one site.

Annealing finds answers, set partitioning puts their clusters together anew, HiGHS solves parts of
the best one anew; prices say how far it can be from the best of all.
"""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.clusters import Clusters
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.cooling import Annealer, Run
from commplan.optimise.rooms.fill import fill, table, value_of
from commplan.optimise.rooms.found import Search, ascend, close
from commplan.optimise.rooms.neighbourhood import PartSize, improve_part, neighbours
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.rooms.prices import Ascent, Prices
from commplan.optimise.rooms.ruled_out import kept_pairs
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

WHOLE_UNITS = 80  # of a site, up to which knapsacks of whole units are worth their time
FIRST_STEPS = 50  # of the first run, per unit and slice; later ones take more
IDLE, HOPEFUL_PAIRS = 3, 1_500  # runs without a gain; pairs with which the exact model may end
COMBINE_S = 5.0  # guard of one set partitioning
COMBINE_NODES = 100


class CapacitatedSearch:
    """One problem, on the way.

    Parameters
    ----------
    search : Search
    params : MedianParams
    clock : Clock
    """

    def __init__(self, search: Search, params: MedianParams, clock: Clock) -> None:
        self.search, self.params, self.clock = search, params, clock
        self.columns = search.columns
        self.costs = table(self.columns)
        self.clusters = Clusters(self.columns, self.costs)
        self.rough: Ints | None = None

    def solve(self) -> None:
        """Look until bound and solution meet, the work is done or time is up."""
        search, params = self.search, self.params
        prices = ascend(search, Ascent(params.rounds // 2), self.clock, self._filled)
        if search.is_closed or self.clock.over():
            return
        self._anneal()
        prices, before = self._sharper(prices), search.value
        left = kept_pairs(self.columns, prices, search.value)
        if (count := int(left[0].sum())) > params.few_pairs:
            self._improve(prices, count)
            if search.value < before and not self.clock.over():
                prices = self._sharper(prices)
            left = kept_pairs(self.columns, prices, search.value)
        close(search, left, params, self.clock)

    def _sharper(self, prices: Prices) -> Prices:
        """Raise the bound from these prices, now that a better answer sets the steps."""
        whole = self.columns.n <= WHOLE_UNITS * self.columns.fewest
        ascent = Ascent(self.params.rounds // 2, prices.price, whole)
        again = ascend(self.search, ascent, self.clock, self._filled)
        return again if again.bound > prices.bound else prices

    def _filled(self, chosen: Flags) -> float:
        """Fill the sites that the prices choose, each set once."""
        if self.search.is_due(chosen):
            value, place = fill(self.columns, self.costs, self._enough(chosen), rounds=1)
            if self.search.keep(value, place) or self.rough is None:
                self.rough = place
        return self.search.value

    def _enough(self, chosen: Flags) -> Flags:
        """Open more sites until they hold what is asked, the cheapest per place first."""
        columns = self.columns
        opened, need = chosen.copy(), columns.demand.sum()
        worth = columns.open_cost + np.minimum(self.costs, columns.missing).mean(axis=0)
        for j in np.argsort(worth / np.maximum(columns.capacity, 1e-9), kind="stable"):
            if opened.sum() >= columns.most or columns.capacity[opened].sum() >= 1.02 * need:
                break
            opened[j] = True
        return opened

    def _anneal(self) -> None:
        """Run from the first filling."""
        search = self.search
        self.annealer = Annealer(self.columns, self.costs, self.params.seed)
        if self.rough is not None:
            self._run(self.rough, Run(unit_steps=FIRST_STEPS))
        if search.place is not None:
            self.clusters.add(search.place)

    def _run(self, place: Ints, run: Run) -> bool:
        return self.search.keep(*self.annealer.run(place, run, self.clock, self.clusters.add))

    def _improve(self, prices: Prices, left: int) -> None:
        """Anneal from the best answer, longer each time, until the exact model can do the rest."""
        search, params, idle = self.search, self.params, 0
        for turn in range(1, params.runs):
            place, before = self.rough if search.place is None else search.place, search.value
            if place is None or search.is_closed or self.clock.over():
                return
            steps = FIRST_STEPS * 2 ** min(turn, 2)
            self._run(place, Run(hot=0.3 if turn % 2 else 0.5, unit_steps=steps))
            self._combine(prices)
            idle = 0 if search.value < before else idle + 1
            if idle == 0:
                left = int(kept_pairs(self.columns, prices, search.value)[0].sum())
            if left <= params.few_pairs or (idle >= IDLE and left <= HOPEFUL_PAIRS):
                return
        self._parts(prices)

    def _combine(self, prices: Prices) -> None:
        """Put clusters together anew while that helps."""
        search, params = self.search, self.params
        if search.place is None or not self.clusters.units:
            return
        self.clusters.add(search.place)
        some = self.clusters.chosen(prices, search.value - prices.bound, params.clusters)
        if not len(some) or self.clock.over():
            return
        left = self.clock.left_s
        seconds = COMBINE_S if left is None else min(COMBINE_S, left)
        options = MilpOptions(seconds, COMBINE_NODES, seed=params.seed)
        place = self.clusters.combined(some, options)
        if place is not None and (place >= 0).all():
            search.keep(value_of(self.columns, self.costs, place), place)

    def _parts(self, prices: Prices) -> None:
        """Solve neighbouring sites and their units anew, until that no longer helps."""
        search, params, idle = self.search, self.params, 0
        rng = np.random.default_rng(params.seed)
        allowed = _pair_table(self.columns, prices, search.value)
        everybody = np.arange(self.columns.n)
        for turn in range(params.parts):
            if search.place is None or self.clock.over() or search.is_closed:
                return
            opened = np.unique(search.place)
            if idle >= len(opened) + 8:
                return
            count = min(len(opened), 3 + turn % 5)
            part = neighbours(self.costs, search.place, int(rng.choice(opened)), count)
            left = self.clock.left_s
            size = PartSize() if left is None else PartSize(seconds=min(PartSize.seconds, left))
            allowed[everybody, search.place] = True  # what is known may hold what no better one can
            pairs = (self.costs, allowed)
            place = improve_part(self.columns, pairs, search.place, part, size, params.seed)
            idle = 0 if search.keep(value_of(self.columns, self.costs, place), place) else idle + 1


def _pair_table(columns: Columns, prices: Prices, known: float) -> Flags:
    """Pairs that a better solution than the known one can hold, shape (n, m)."""
    pairs, sites, _ = kept_pairs(columns, prices, known)
    pairs = pairs & sites[columns.site]
    allowed = np.zeros((columns.n, columns.m), dtype=bool)
    allowed[columns.unit[pairs], columns.site[pairs]] = True
    return allowed
