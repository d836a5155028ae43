"""Lagrangian bounds of location problems: units priced, sites chosen one by one, pairs ruled out.

The rule that each unit is served once is priced; what is left falls apart by site (Cornuéjols,
Fisher and Nemhauser 1977 for the p-median; Klincewicz and Luss 1986 with capacities). A site's
knapsack is relaxed to fractions, so that every bound is that of a relaxation: valid at any prices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Primal = Callable[[Flags], float]

ROUNDING = 1e-9  # relative: what summing floats may add to a bound
GAP_TOLERANCE = 1e-7  # relative: below this a gap is rounding, as in `commplan.optimise.milp`


@dataclass(frozen=True)
class Prices:
    """The best bound found and what it rules out.

    Parameters
    ----------
    bound : float
    price : float64 array, shape (n,)
    reduced : float64 array, shape (m,)
        What opening a site adds at these prices (negative: it pays).
    chosen : bool array, shape (m,)
    rounds : int
    """

    bound: float
    price: Floats
    reduced: Floats
    chosen: Flags
    rounds: int


@njit(cache=True, nogil=True)
def _site_values(price, net, sizes, value) -> None:  # type: ignore[no-untyped-def]
    start, unit, cost = net
    demand, capacity = sizes
    for j in range(len(value)):
        total, load = 0.0, 0.0
        for at in range(start[j], start[j + 1]):
            saving = cost[at] - price[unit[at]]
            if saving < 0.0:
                total += saving
                load += demand[unit[at]]
        value[j] = total if load <= capacity[j] else _knapsack(price, j, net, sizes, None)


@njit(cache=True, nogil=True)
def _knapsack(price, j, net, sizes, count):  # type: ignore[no-untyped-def]
    start, unit, cost = net
    demand, capacity = sizes
    low, high, room = start[j], start[j + 1], capacity[j]
    ratio = np.zeros(high - low)
    for at in range(low, high):
        saving = cost[at] - price[unit[at]]
        if saving < 0.0:
            ratio[at - low] = saving / max(demand[unit[at]], 1e-12)
    total = 0.0
    for step in np.argsort(ratio):
        if ratio[step] >= 0.0:
            break
        i = unit[low + step]
        part = 1.0 if demand[i] <= room else max(room, 0.0) / demand[i]
        total += part * (cost[low + step] - price[i])
        room -= demand[i]
        if count is not None:
            count[i] += part
        if part < 1.0:
            break
    return total


@njit(cache=True, nogil=True)
def _served(price, chosen, net, sizes, count) -> None:  # type: ignore[no-untyped-def]
    count[:] = 0.0
    for j in np.flatnonzero(chosen):
        _knapsack(price, j, net, sizes, count)


def choose(columns: Columns, reduced: Floats) -> Flags:
    """Open the forced sites and those that pay, the best first, as many as may be open."""
    chosen = columns.forced.copy()
    left = columns.most - int(chosen.sum())
    rest = np.flatnonzero(~chosen & (reduced < 0))
    order = np.argsort(reduced[rest], kind="stable")[: max(left, 0)]
    chosen[rest[order]] = True
    return chosen


def bound_at(columns: Columns, price: Floats) -> tuple[float, Floats, Flags]:
    """Return the bound at some prices, what each site adds, and the sites chosen."""
    value = np.empty(columns.m)
    _site_values(price, columns.net, columns.sizes, value)
    reduced = value + columns.open_cost
    chosen = choose(columns, reduced)
    return float(price.sum() + reduced[chosen].sum()), reduced, chosen


def start_prices(columns: Columns) -> Floats:
    """Price a unit at its second cheapest site, at its cheapest where there is no other."""
    order = np.lexsort((columns.cost, columns.unit))
    unit = columns.unit[order]
    first = np.searchsorted(unit, np.arange(columns.n), side="left")
    last = np.searchsorted(unit, np.arange(columns.n), side="right") - 1
    return np.ascontiguousarray(columns.cost[order][np.minimum(first + 1, last)])


def subgradient(columns: Columns, primal: Primal, rounds: int, over: Callable[[], bool]) -> Prices:
    """Raise the bound by steps along the units served too seldom or too often.

    Parameters
    ----------
    columns : Columns
        Each unit with at least one pair.
    primal : callable
        Given the sites chosen: the cost of the best solution known by now.
    rounds : int
        Work budget.
    over : callable
        A guard; True stops.
    """
    price = start_prices(columns)
    best = Prices(-np.inf, price, np.zeros(columns.m), columns.forced, 0)
    count, heading = np.empty(columns.n), np.zeros(columns.n)
    scale, idle, known = 1.5, 0, np.inf
    for turn in range(rounds):
        bound, reduced, chosen = bound_at(columns, price)
        if bound > best.bound + 1e-7 * abs(bound):
            best, idle = Prices(bound, price.copy(), reduced, chosen, turn), 0
        else:
            idle += 1
        known = min(known, primal(chosen))
        if closed(columns, best.bound, known) or over():
            break
        if idle >= 20:
            scale, idle, price = scale / 2, 0, best.price.copy()
            heading[:] = 0.0
            if scale < 1e-4:
                break
            continue
        _served(price, chosen, columns.net, columns.sizes, count)
        heading = 0.7 * (1.0 - count) + 0.3 * heading
        length = float(heading @ heading)
        if length < 1e-12:
            break
        reach = known if np.isfinite(known) else 1.05 * abs(bound) + 1.0
        price = np.maximum(price + scale * max(1.02 * reach - bound, 1e-9) / length * heading, 0.0)
    return best


def closed(columns: Columns, bound: float, known: float) -> bool:
    """Whether nothing can be better than what is known."""
    return sound(columns, bound) >= known - GAP_TOLERANCE * max(1.0, abs(known))


def sound(columns: Columns, bound: float) -> float:
    """Take rounding off a bound, and lift it to a whole number where costs are whole."""
    safe = bound - ROUNDING * max(1.0, abs(bound))
    return float(np.ceil(safe - 1e-6)) if columns.is_integral and np.isfinite(safe) else safe


def kept_pairs(columns: Columns, prices: Prices, known: float) -> tuple[Flags, Flags, Flags]:
    """Rule out what no better solution than the known one can hold.

    Returns
    -------
    (pairs, sites, forced) : bool arrays
        Pairs and sites that stay, and sites that every better solution opens.
    """
    need = known - (1.0 - 1e-6 if columns.is_integral else 0.0)
    room = need - prices.bound + ROUNDING * max(1.0, abs(known))
    reduced, chosen = prices.reduced, prices.chosen
    free = chosen & ~columns.forced
    full = int(chosen.sum()) >= columns.most
    worst = float(reduced[free].max(initial=-np.inf)) if full else 0.0
    unchosen = reduced[~chosen]
    nxt = min(float(unchosen.min(initial=np.inf)), 0.0)
    extra = np.where(chosen, 0.0, reduced - min(worst, 0.0))
    if full and not free.any():
        extra = np.where(chosen, 0.0, np.inf)
    sites = extra <= room
    forced = columns.forced | (free & (nxt - reduced > room))
    site = np.repeat(np.arange(columns.m), np.diff(columns.start))
    more = np.maximum(columns.cost - prices.price[columns.unit], 0.0)
    return extra[site] + more <= room, sites, forced
