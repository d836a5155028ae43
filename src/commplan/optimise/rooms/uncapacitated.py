"""Least walking and cost where sites have room for all: each unit at its cheapest open site.

Prices give a bound, local search a solution; a tree of sites, or HiGHS where that is too large,
what is left between (as Beltran, Tadonki and Vial 2006 close p-medians).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.found import Search, ascend
from commplan.optimise.rooms.interchange import descend, shaken
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.rooms.prices import Ascent
from commplan.optimise.rooms.ruled_out import Left, kept_pairs
from commplan.optimise.rooms.tree import branch
from commplan.optimise.stop import Clock

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


def solve_uncapacitated(search: Search, params: MedianParams, clock: Clock) -> Left | None:
    """Look until bound and solution meet, the work is done or time is up.

    Parameters
    ----------
    search : Search
    params : MedianParams
    clock : Clock

    Returns
    -------
    (pairs, sites, forced) or None
        What a better solution may still hold; None where there is nothing left to do.
    """
    columns, rng = search.columns, np.random.default_rng(params.seed)
    prices = ascend(search, Ascent(params.rounds), clock, _descending(search))
    if search.is_closed or clock.over():
        return None
    again = ascend(search, Ascent(params.rounds, prices.price), clock)
    prices = again if again.bound > prices.bound else prices
    left = kept_pairs(columns, prices, search.value)
    if int(left[0].sum()) > params.few_pairs and search.place is not None:
        before = search.value
        _shake(search, params, rng, clock)
        if search.is_closed or clock.over():
            return None
        if search.value < before:
            again = ascend(search, Ascent(params.rounds, prices.price), clock)
            prices = again if again.bound > prices.bound else prices
        left = kept_pairs(columns, prices, search.value)
    if search.is_closed or search.place is None:
        return None if search.is_closed else left
    tree = branch(columns, left, search.value, prices.price, (params.branches, clock))
    search.nodes += tree.nodes
    if tree.opened is not None:
        _keep_open(search, tree.opened)
    search.bound = max(search.bound, min(tree.bound, search.value))
    return None if search.is_closed else left


def _descending(search: Search) -> Callable[[Flags], float]:
    """Descend from the sites that prices choose; each set of sites is tried once."""

    def primal(chosen: Flags) -> float:
        if search.is_due(chosen):
            _keep_open(search, chosen)
        return search.value

    return primal


def _keep_open(search: Search, sites: Flags) -> Flags:
    """Descend from some sites and keep what comes out; the sites of the local optimum."""
    columns = search.columns
    value, opened = descend(columns, sites)
    if value < search.value:
        place = nearest(columns, opened)
        if (place >= 0).all():
            search.keep(value, place)
    return opened


def nearest(columns: Columns, opened: Flags) -> Ints:
    """Cheapest open site of each unit; -1 where none serves it."""
    there = np.flatnonzero(opened[columns.site])
    unit, site = columns.unit[there], columns.site[there]
    order = np.lexsort((site, columns.cost[there], unit))
    place = np.full(columns.n, -1, dtype=np.int32)
    first = np.diff(unit[order], prepend=-1) != 0
    place[unit[order][first]] = site[order][first]
    return place


def _shake(search: Search, params: MedianParams, rng: np.random.Generator, clock: Clock) -> None:
    """Look at other local optima near the best."""
    best = search.columns.forced.copy()
    if search.place is not None:
        best[search.place] = True
    for turn in range(params.shakes):
        if clock.over() or search.is_closed:
            return
        before = search.value
        opened = _keep_open(search, shaken(search.columns, best, 2 + turn % 4, rng))
        if search.value < before:
            best = opened
