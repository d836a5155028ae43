"""Least walking and cost: prices give a bound, local search a solution, HiGHS what is left between.

Serves the p-median, with and without capacities, and single-source facility location.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.core import solve_core
from commplan.optimise.rooms.fill import fill, table, value_of
from commplan.optimise.rooms.interchange import descend, shaken
from commplan.optimise.rooms.neighbourhood import PartSize, improve_part, neighbours
from commplan.optimise.rooms.prices import Prices, closed, kept_pairs, sound, subgradient
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MedianParams:
    """How much to look.

    Parameters
    ----------
    rounds : int
        Of prices.
    shakes : int
        Local optima looked at, without capacities.
    parts : int
        Neighbourhoods solved anew, with capacities; at most 8 in a row without a gain per site.
    nodes : int or None
        Branch-and-bound nodes for what is left; None: to the end.
    core_pairs : int
        Pairs that may be left for the exact model to be tried.
    few_pairs : int
        Pairs left with which the exact model is tried at once.
    seed : int
    """

    rounds: int = 800
    shakes: int = 60
    parts: int = 400
    nodes: int | None = None
    core_pairs: int = 400_000
    few_pairs: int = 4_000
    seed: int = 0


@dataclass
class Search:
    """The best solution so far, on the way."""

    columns: Columns
    value: float = np.inf
    place: Ints | None = None
    bound: float = -np.inf
    nodes: int = 0
    costs: Floats = field(default_factory=lambda: np.empty((0, 0)))
    seen: set[bytes] = field(default_factory=set)

    def keep(self, value: float, place: Ints) -> bool:
        """Take a solution if it is better."""
        if value < self.value - 1e-9 * max(1.0, abs(value)):
            self.value, self.place = value, place.astype(np.int32)
            return True
        return False

    @property
    def is_closed(self) -> bool:
        """Whether bound and solution meet."""
        return closed(self.columns, self.bound, self.value)


def solve_median(columns: Columns, params: MedianParams, clock: Clock) -> Search:
    """Solve a facility-location problem; each unit needs at least one pair.

    Parameters
    ----------
    columns : Columns
    params : MedianParams
    clock : Clock
        Guard; what is found by then is returned with its bound.

    Returns
    -------
    Search
        ``place`` None where no allowed solution was found; ``bound`` infinite where none exists.
    """
    search = Search(columns)
    rng = np.random.default_rng(params.seed)
    if columns.is_capacitated:
        search.costs = table(columns)
    prices = subgradient(columns, _Primal(search), params.rounds, clock.over)
    search.bound = sound(columns, prices.bound)
    if search.is_closed or clock.over():
        return search
    prices = _sharpen(search, prices, params, clock)
    if int(kept_pairs(columns, prices, search.value)[0].sum()) > params.few_pairs:
        _polish(search, params, rng, clock)
        if not search.is_closed and not clock.over():
            prices = _sharpen(search, prices, params, clock)
    if not search.is_closed:
        _close(search, prices, params, clock)
    return search


class _Primal:
    """Makes a solution of the sites that the prices choose; each set of sites is tried once."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.calls = 0

    def __call__(self, chosen: Flags) -> float:
        search, columns = self.search, self.search.columns
        self.calls += 1
        every = 10 if columns.is_capacitated else 1
        if (self.calls - 1) % every or chosen.tobytes() in search.seen or not chosen.any():
            return search.value
        search.seen.add(chosen.tobytes())
        if columns.is_capacitated:
            opened = _enough(columns, chosen, search.costs)
            search.keep(*fill(columns, search.costs, opened, rounds=3))
        elif len(search.seen) < 40 or len(search.seen) % 10 == 0:
            _keep_open(search, chosen)
        return search.value


def _keep_open(search: Search, sites: Flags) -> Flags:
    """Descend from some sites and keep what comes out; the sites of the local optimum."""
    columns = search.columns
    value, opened = descend(columns, sites)
    if value < search.value:
        place = _nearest(columns, opened)
        if (place >= 0).all():
            search.keep(value, place)
    return opened


def _nearest(columns: Columns, opened: Flags) -> Ints:
    site = np.repeat(np.arange(columns.m), np.diff(columns.start))
    there = np.flatnonzero(opened[site])
    unit = columns.unit[there]
    order = np.lexsort((site[there], columns.cost[there], unit))
    place = np.full(columns.n, -1, dtype=np.int32)
    first = np.diff(unit[order], prepend=-1) != 0
    place[unit[order][first]] = site[there][order][first]
    return place


def _enough(columns: Columns, chosen: Flags, costs: Floats) -> Flags:
    """Open more sites until they hold what is asked, the cheapest per place first."""
    opened = chosen.copy()
    need = columns.demand.sum()
    worth = columns.open_cost + np.minimum(costs, columns.missing).mean(axis=0)
    for j in np.argsort(worth / np.maximum(columns.capacity, 1e-9), kind="stable"):
        if opened.sum() >= columns.most or columns.capacity[opened].sum() >= 1.02 * need:
            break
        opened[j] = True
    return opened


def _polish(search: Search, params: MedianParams, rng: np.random.Generator, clock: Clock) -> None:
    """Look further from the best solution: other local optima, or parts solved anew."""
    if search.place is None:
        return
    if search.columns.is_capacitated:
        _parts(search, params, rng, clock)
        return
    best = search.columns.forced.copy()
    best[search.place] = True
    for turn in range(params.shakes):
        if clock.over() or search.is_closed:
            return
        before = search.value
        opened = _keep_open(search, shaken(search.columns, best, 2 + turn % 4, rng))
        if search.value < before:
            best = opened


def _parts(search: Search, params: MedianParams, rng: np.random.Generator, clock: Clock) -> None:
    columns, idle = search.columns, 0
    for turn in range(params.parts):
        if search.place is None or clock.over() or search.is_closed:
            return
        opened = np.unique(search.place)
        if idle >= len(opened) + 8:
            return
        site = int(rng.choice(opened))
        count = min(len(opened), 3 + turn % 3)
        part = neighbours(search.costs, search.place, site, count)
        left = clock.left_s
        size = PartSize() if left is None else PartSize(seconds=min(PartSize.seconds, left))
        place = improve_part(columns, search.costs, search.place, part, size, params.seed)
        idle = 0 if search.keep(value_of(columns, search.costs, place), place) else idle + 1


def _sharpen(search: Search, prices: Prices, params: MedianParams, clock: Clock) -> Prices:
    """Raise the bound once more, now that a good solution sets the steps."""
    again = subgradient(search.columns, lambda _: search.value, params.rounds, clock.over)
    best = again if again.bound > prices.bound else prices
    search.bound = max(search.bound, sound(search.columns, best.bound))
    return best


def _close(search: Search, prices: Prices, params: MedianParams, clock: Clock) -> None:
    """Give HiGHS what no price rules out; nothing left proves the best solution."""
    columns = search.columns
    if search.is_closed:
        return
    left = kept_pairs(columns, prices, search.value)
    if np.isfinite(search.value) and not _feasible_left(columns, left):
        search.bound = search.value
        return
    if int(left[0].sum()) > params.core_pairs:
        return
    options = MilpOptions(time_limit_s=clock.left_s, node_limit=params.nodes, seed=params.seed)
    answer, place = solve_core(columns, left, search.place, options)
    search.nodes += answer.nodes
    if place is not None and answer.objective is not None:
        search.keep(answer.objective, place)
    if answer.status is MilpStatus.INFEASIBLE:
        search.bound = search.value  # nothing better was left, or nothing at all is allowed
    else:  # what was ruled out costs at least the best known
        search.bound = max(search.bound, min(sound(columns, answer.bound), search.value))


def _feasible_left(columns: Columns, left: tuple[Flags, Flags, Flags]) -> bool:
    pairs, sites, forced = left
    site = np.repeat(np.arange(columns.m), np.diff(columns.start))
    reached = np.zeros(columns.n, dtype=bool)
    reached[columns.unit[pairs & sites[site]]] = True
    return bool(reached.all()) and int((forced & sites).sum()) <= columns.most
