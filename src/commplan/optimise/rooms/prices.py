"""Lagrangian bounds of location problems: units priced, sites chosen one by one, pairs ruled out.

The rule that each unit is served once is priced; what is left falls apart by site (Cornuéjols,
Fisher and Nemhauser 1977 for the p-median; Klincewicz and Luss 1986 with capacities): a knapsack per
site, relaxed to fractions or whole, and a choice of sites that together hold what is asked for.
Every bound is that of a relaxation: valid at any prices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.packing import pack

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
    whole : bool
        Knapsacks of whole units.
    """

    bound: float
    price: Floats
    reduced: Floats
    chosen: Flags
    rounds: int
    whole: bool = False


@dataclass(frozen=True)
class Ascent:
    """How to raise a bound.

    Parameters
    ----------
    rounds : int
        Work budget.
    start : float64 array, shape (n,), or None
        Prices to begin with; None: each unit at its second cheapest site.
    whole : bool
        Knapsacks of whole units: tighter, and slower.
    """

    rounds: int
    start: Floats | None = None
    whole: bool = False


@njit(cache=True, nogil=True)
def items_of(price, j, net, demand):  # type: ignore[no-untyped-def]
    """Pairs of a site that pay, by gain per demand: their positions, gains, demands."""
    start, unit, cost = net
    count = 0
    for at in range(start[j], start[j + 1]):
        count += cost[at] < price[unit[at]]
    position, ratio = np.empty(count, np.int64), np.empty(count)
    count = 0
    for at in range(start[j], start[j + 1]):
        saving = cost[at] - price[unit[at]]
        if saving < 0.0:
            position[count] = at
            ratio[count] = saving / max(demand[unit[at]], 1e-12)
            count += 1
    order = position[np.argsort(ratio)]
    gain, load = np.empty(count), np.empty(count)
    for k in range(count):
        gain[k] = price[unit[order[k]]] - cost[order[k]]
        load[k] = demand[unit[order[k]]]
    return order, gain, load


@njit(cache=True, nogil=True)
def _site_values(price, net, sizes, whole, value) -> None:  # type: ignore[no-untyped-def]
    start, unit, cost = net
    demand, capacity = sizes
    for j in range(len(value)):
        total, load = 0.0, 0.0
        for at in range(start[j], start[j + 1]):
            saving = cost[at] - price[unit[at]]
            if saving < 0.0:
                total += saving
                load += demand[unit[at]]
        if load > capacity[j]:
            _, gain, loads = items_of(price, j, net, demand)
            total = -pack(gain, loads, capacity[j], whole, np.empty(len(gain)))
        value[j] = total


@njit(cache=True, nogil=True)
def _served(price, chosen, net, sizes, whole, count) -> None:  # type: ignore[no-untyped-def]
    unit = net[1]
    demand, capacity = sizes
    count[:] = 0.0
    for j in np.flatnonzero(chosen):
        order, gain, load = items_of(price, j, net, demand)
        part = np.empty(len(gain))
        pack(gain, load, capacity[j], whole, part)
        for k in range(len(order)):
            count[unit[order[k]]] += part[k]


@njit(cache=True, nogil=True)
def _by_holding(reduced, fixed, rooms, chosen):  # type: ignore[no-untyped-def]
    """Open all, then close those that cost most for what they hold, as far as the need allows."""
    capacity, need = rooms[0], rooms[1]
    total, slack = 0.0, -need * (1.0 - 1e-9)
    ratio = np.zeros(len(reduced))
    count = 0
    for j in range(len(reduced)):
        chosen[j] = fixed[j] >= 0
        if chosen[j]:
            total += reduced[j]
            slack += capacity[j]
        if fixed[j] == 0 and reduced[j] > 0.0:
            ratio[j] = -reduced[j] / max(capacity[j], 1e-12)
            count += 1
    if slack < 0.0:
        return np.inf
    order = np.argsort(ratio)[:count]
    part = np.empty(count)
    total -= pack(reduced[order], capacity[order], slack, True, part)
    for k in range(count):
        chosen[order[k]] = part[k] < 0.5
    return total


@njit(cache=True, nogil=True)
def least_choice(reduced, fixed, rooms, chosen):  # type: ignore[no-untyped-def]
    """Least sum over sets of sites: as many as may and must be open, or that hold what is asked.

    ``fixed`` is 1 for a site that must be open, -1 for one that must not; infinite without a set.
    """
    need, fewest, most = rooms[1], rooms[2], rooms[3]
    total, opened = 0.0, 0
    for j in range(len(reduced)):
        chosen[j] = fixed[j] == 1
        if chosen[j]:
            total += reduced[j]
            opened += 1
    for j in np.argsort(reduced):
        if opened >= most or (reduced[j] >= 0.0 and opened >= fewest):
            break
        if fixed[j] == 0:
            chosen[j] = True
            total += reduced[j]
            opened += 1
    if opened < fewest or opened > most:
        return np.inf
    if need > 0.0:
        other = np.empty_like(chosen)
        held = _by_holding(reduced, fixed, rooms, other)
        if held > total:
            total = held
            chosen[:] = other
    return total


def bound_at(
    columns: Columns, price: Floats, *, whole: bool = False
) -> tuple[float, Floats, Flags]:
    """Return the bound at some prices, what each site adds, and the sites chosen."""
    value = np.empty(columns.m)
    _site_values(price, columns.net, columns.sizes, whole, value)
    reduced = value + columns.open_cost
    chosen = np.empty(columns.m, dtype=np.bool_)
    least = least_choice(reduced, columns.forced.astype(np.int8), columns.rooms, chosen)
    return float(price.sum() + least), reduced, chosen


def start_prices(columns: Columns) -> Floats:
    """Price a unit at its second cheapest site, at its cheapest where there is no other."""
    order = np.lexsort((columns.cost, columns.unit))
    unit = columns.unit[order]
    first = np.searchsorted(unit, np.arange(columns.n), side="left")
    last = np.searchsorted(unit, np.arange(columns.n), side="right") - 1
    return np.ascontiguousarray(columns.cost[order][np.minimum(first + 1, last)])


def subgradient(
    columns: Columns, primal: Primal, ascent: Ascent, over: Callable[[], bool]
) -> Prices:
    """Raise the bound by steps along the units served too seldom or too often.

    Parameters
    ----------
    columns : Columns
        Each unit with at least one pair.
    primal : callable
        Given the sites chosen: the cost of the best solution known by now.
    ascent : Ascent
    over : callable
        A guard; True stops.
    """
    whole = ascent.whole
    price = start_prices(columns) if ascent.start is None else ascent.start.copy()
    best = Prices(-np.inf, price, np.zeros(columns.m), columns.forced, 0, whole)
    count, heading = np.empty(columns.n), np.zeros(columns.n)
    scale, idle, known = 1.5, 0, np.inf
    for turn in range(ascent.rounds):
        bound, reduced, chosen = bound_at(columns, price, whole=whole)
        if np.isinf(bound):  # no set of sites holds what is asked for
            return Prices(bound, price, reduced, chosen, turn, whole)
        if bound > best.bound + 1e-7 * abs(bound):
            best, idle = Prices(bound, price.copy(), reduced, chosen, turn, whole), 0
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
        _served(price, chosen, columns.net, columns.sizes, whole, count)
        heading = 0.7 * (1.0 - count) + 0.3 * heading
        length = float(heading @ heading)
        if length < 1e-12:
            break
        reach = known if np.isfinite(known) else 1.05 * abs(bound) + 1.0
        price = np.maximum(price + scale * max(1.02 * reach - bound, 1e-9) / length * heading, 0.0)
    return best


def closed(columns: Columns, bound: float, known: float) -> bool:
    """Whether nothing can be better than what is known."""
    if np.isinf(known):
        return bool(bound == np.inf)
    return sound(columns, bound) >= known - GAP_TOLERANCE * max(1.0, abs(known))


def sound(columns: Columns, bound: float) -> float:
    """Take rounding off a bound, and lift it to a whole number where costs are whole."""
    if not np.isfinite(bound):
        return bound
    safe = bound - ROUNDING * max(1.0, abs(bound))
    return float(np.ceil(safe - 1e-6)) if columns.is_integral else safe
