"""Sites priced one by one: with the rule that each unit is served once priced, a site is a knapsack.

The 0-1 knapsack is solved by dynamic programming over whole households (Bellman 1957), so that the
bound is tighter than that of the linear relaxation (Klincewicz and Luss 1986).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints, Longs

MOST_HOUSEHOLDS = 20_000  # of a site: beyond, tables take too long
_NONE = 1e30


@dataclass(frozen=True)
class Columns:
    """Pairs by site: those of site j are ``start[j]:start[j + 1]``.

    Parameters
    ----------
    start : int64 array, shape (m + 1,)
    unit : int32 array, shape (pairs,)
    cost : float64 array, shape (pairs,)
    amount : int64 array, shape (n,)
        Households.
    low, high : int64 array, shape (m,)
    own : int32 array, shape (m,)
        Unit of each site, which its area holds.
    """

    start: Longs
    unit: Ints
    cost: Floats
    amount: Longs
    low: Longs
    high: Longs
    own: Ints


def fits(instance: Instance) -> bool:
    """Whether households are whole numbers, few enough for tables."""
    amount, _, high = instance.sizes
    top = np.minimum(high, amount.sum())
    return bool(np.array_equal(amount, np.rint(amount)) and top.max(initial=0) <= MOST_HOUSEHOLDS)


def columns_of(instance: Instance) -> Columns:
    """Sort an instance's pairs by site."""
    problem = instance.problem
    site, unit = np.nonzero(np.isfinite(instance.cost.T))
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=problem.m))])
    high = np.minimum(problem.high, problem.amount.sum())
    return Columns(
        start=start.astype(np.int64),
        unit=unit.astype(np.int32),
        cost=np.ascontiguousarray(instance.cost[unit, site]),
        amount=np.rint(problem.amount).astype(np.int64),
        low=np.ceil(problem.low - 1e-6).astype(np.int64),
        high=np.floor(high + 1e-6).astype(np.int64),
        own=problem.site_unit.astype(np.int32),
    )


@njit(cache=True, nogil=True)
def _sure(span, pairs, own, need, items):  # type: ignore[no-untyped-def]
    """Take what is in every best set and list what is open: (sum, households, number listed)."""
    unit, saving, amount, chosen = pairs
    base, held, count, own_there = 0.0, 0, 0, False
    for at in range(span[0], span[1]):
        i = unit[at]
        own_there = own_there or i == own
        chosen[at] = i == own or (amount[i] == 0 and saving[at] < 0.0)
        if chosen[at]:
            base += saving[at]
            held += amount[i]
        elif amount[i] > 0 and (saving[at] < 0.0 or need > 0):
            items[count] = at
            count += 1
    return (base if own_there else _NONE), held, count


@njit(cache=True, nogil=True)
def _fill(items, pairs, need, room, table):  # type: ignore[no-untyped-def]
    """Least sum of savings of a set of items that holds from ``need`` to ``room`` households."""
    unit, saving, amount, chosen = pairs
    least, take = table
    least[: room + 1] = _NONE
    least[0] = 0.0
    top = 0
    for k in range(len(items)):
        w, s = amount[unit[items[k]]], saving[items[k]]
        take[k, : room + 1] = False
        top = min(room, top + w)
        for x in range(top, w - 1, -1):
            if least[x - w] + s < least[x]:
                least[x] = least[x - w] + s
                take[k, x] = True
    at = max(need, 0)
    for x in range(at, room + 1):
        if least[x] < least[at]:
            at = x
    value = least[at]
    if value < _NONE / 2:
        for k in range(len(items) - 1, -1, -1):
            if take[k, at]:
                chosen[items[k]] = True
                at -= amount[unit[items[k]]]
    return value


@njit(cache=True, nogil=True)
def _site(span, pairs, own, bounds, table):  # type: ignore[no-untyped-def]
    """Least sum of savings over sets that hold the site's unit and keep the bounds."""
    unit, saving, amount, chosen = pairs
    items = np.empty(span[1] - span[0], np.int64)
    base, held, count = _sure(span, pairs, own, bounds[0], items)
    total = 0
    for k in range(count):
        total += amount[unit[items[k]]]
    need, room = bounds[0] - held, bounds[1] - held
    if base >= _NONE or room < 0 or total < need:
        return _NONE
    if total <= room and bounds[0] <= 0:
        for k in range(count):
            base += saving[items[k]]
            chosen[items[k]] = True
        return base
    value = _fill(items[:count], pairs, need, room, table)
    return base + value if value < _NONE / 2 else _NONE


@njit(cache=True, nogil=True)
def _all_sites(net, sizes, price, chosen, value, table):  # type: ignore[no-untyped-def]
    start, unit, cost, own = net
    amount, low, high = sizes
    saving = np.empty(len(unit))
    for at in range(len(unit)):
        saving[at] = cost[at] - price[unit[at]]
    pairs = (unit, saving, amount, chosen)
    for j in range(len(own)):
        span = (start[j], start[j + 1])
        value[j] = _site(span, pairs, own[j], (0, high[j]), table)
        held = 0
        for at in range(start[j], start[j + 1]):
            held += amount[unit[at]] if chosen[at] else 0
        if held < low[j] and value[j] < _NONE:  # what does not pay is needed as well
            value[j] = _site(span, pairs, own[j], (low[j], high[j]), table)


class Pricer:
    """Prices sites again and again; holds the tables.

    Parameters
    ----------
    instance : Instance
        Which `fits`.
    """

    def __init__(self, instance: Instance) -> None:
        self.columns = columns_of(instance)
        c = self.columns
        self.site = np.repeat(np.arange(len(c.own)), np.diff(c.start))
        width, most = int(c.high.max(initial=0)) + 1, int(np.diff(c.start).max(initial=0))
        self.table = (np.empty(width), np.empty((most, width), dtype=np.bool_))
        self.chosen: Flags = np.zeros(len(c.unit), dtype=np.bool_)
        self.value: Floats = np.zeros(len(c.own))

    def __call__(self, price: Floats) -> Floats:
        """Return the least sum of (cost - price) of each site's area; sets ``chosen``."""
        c = self.columns
        net, sizes = (c.start, c.unit, c.cost, c.own), (c.amount, c.low, c.high)
        _all_sites(net, sizes, price, self.chosen, self.value, self.table)
        return self.value

    def served(self, weight: Floats) -> Floats:
        """How often each unit is in a chosen area, areas weighted by site."""
        weights = weight[self.site] * self.chosen
        return np.bincount(self.columns.unit, weights, len(self.columns.amount)).astype(np.float64)
