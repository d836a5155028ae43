"""What no better solution than the known one can hold: pairs and sites, told by their bounds."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.packing import filled_without
from commplan.optimise.rooms.prices import ROUNDING, Prices, items_of, least_choice

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Left = tuple[Flags, Flags, Flags]


@njit(cache=True, nogil=True)
def _site_tests(reduced, fixed, rooms, opens, closes) -> None:  # type: ignore[no-untyped-def]
    """By how much the choice grows dearer where each site is made to be open, and closed."""
    chosen = np.empty(len(reduced), np.bool_)
    base = least_choice(reduced, fixed, rooms, chosen)
    for j in range(len(reduced)):
        opens[j], closes[j] = 0.0, np.inf
        if fixed[j] == 0:
            fixed[j] = 1
            opens[j] = least_choice(reduced, fixed, rooms, chosen) - base
            fixed[j] = -1
            closes[j] = least_choice(reduced, fixed, rooms, chosen) - base
            fixed[j] = 0


@njit(cache=True, nogil=True)
def _pair_tests(price, value, net, sizes, extra) -> None:  # type: ignore[no-untyped-def]
    """By how much each site's knapsack grows dearer where each of its pairs is made to be used."""
    start, unit, cost = net
    demand, capacity = sizes
    for j in range(len(value)):
        order, gain, load = items_of(price, j, net, demand)
        place = np.full(start[j + 1] - start[j], -1)
        for k in range(len(order)):
            place[order[k] - start[j]] = k
        for at in range(start[j], start[j + 1]):
            i = unit[at]
            rest = filled_without(gain, load, capacity[j] - demand[i], place[at - start[j]])
            extra[at] = max(cost[at] - price[i] - rest - value[j], 0.0)


def kept_pairs(columns: Columns, prices: Prices, known: float) -> Left:
    """Rule out what no better solution than the known one can hold.

    Returns
    -------
    (pairs, sites, forced) : bool arrays
        Pairs and sites that stay, and sites that every better solution opens; no pair where no
        better solution is left.
    """
    need = known - (1.0 - 1e-6 if columns.is_integral else 0.0)
    room = need - prices.bound + ROUNDING * max(1.0, abs(known))
    opens, closes = site_tests(columns, prices)
    sites, forced = opens <= room, columns.forced | (closes > room)
    extra = opens[columns.site] + pair_tests(columns, prices)
    pairs = (extra <= room) & bool((sites | ~forced).all())
    return pairs, sites, forced


def site_tests(columns: Columns, prices: Prices) -> tuple[Floats, Floats]:
    """By how much the bound rises where each site is made to be open, and closed."""
    if columns.is_capacitated:
        opens, closes = np.empty(columns.m), np.empty(columns.m)
        fixed = columns.forced.astype(np.int8)
        _site_tests(prices.reduced, fixed, columns.rooms, opens, closes)
        return opens, closes
    reduced, chosen = prices.reduced, prices.chosen
    free = chosen & ~columns.forced
    full = int(chosen.sum()) >= columns.most
    worst = float(reduced[free].max(initial=-np.inf)) if full else 0.0
    opens = np.where(chosen, 0.0, reduced - min(worst, 0.0))
    if full and not free.any():
        opens = np.where(chosen, 0.0, np.inf)
    instead = min(float(reduced[~chosen].min(initial=np.inf)), 0.0)
    return opens, np.where(free, instead - reduced, 0.0)


def pair_tests(columns: Columns, prices: Prices) -> Floats:
    """By how much the bound rises where each pair is made to be used, its site being open."""
    if not columns.is_capacitated:
        over: Floats = np.maximum(columns.cost - prices.price[columns.unit], 0.0)
        return over
    extra = np.empty(len(columns.unit))
    value = prices.reduced - columns.open_cost
    _pair_tests(prices.price, value, columns.net, columns.sizes, extra)
    return extra
