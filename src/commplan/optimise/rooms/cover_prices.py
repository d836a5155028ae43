"""Most households within the limit under a number of sites: prices, exchanges, what they rule out.

The rule that a unit is near an open site or missed is priced; the best sites at these prices bound
what any set of sites can reach (Galvão and ReVelle 1996). In numpy alone: no compiled code to load.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ROUNDS = 400
DESCENTS = 12  # sets of sites that prices choose, from which exchanges begin


@dataclass(frozen=True)
class Coverage:
    """Kinds of units and the sites near them.

    Parameters
    ----------
    near : csr_array, shape (g, m)
    weight : float64 array, shape (g,)
    forced : bool array, shape (m,)
    most : int
        Most open sites.
    """

    near: sparse.csr_array
    weight: Floats
    forced: Flags
    most: int

    def missed(self, is_open: Flags) -> float:
        """Weight of what no open site is near."""
        return float(self.weight[self.near @ is_open.astype(np.float64) < 0.5].sum())


@dataclass(frozen=True)
class Priced:
    """The best set of sites found, what is proven, and what no better set can open or close."""

    is_open: Flags
    missed: float
    bound: float
    closed: Flags
    opened: Flags


def priced(coverage: Coverage, over: Callable[[], bool]) -> Priced:
    """Raise the bound, exchange sites, and rule out sites.

    Parameters
    ----------
    coverage : Coverage
        No more sites forced than may be open.
    over : callable
        A guard; True stops.
    """
    sites = sparse.csr_array(coverage.near.T)
    weight, price = coverage.weight, 0.5 * coverage.weight
    known, heading = np.inf, np.zeros(len(weight))
    best = coverage.forced.copy()
    top, top_price, top_value = -np.inf, price, np.zeros(len(best))
    whole = np.array_equal(weight, np.rint(weight))
    slack = 1.0 - 1e-6 if whole else 1e-9
    scale, idle, seen = 1.5, 0, set[bytes]()
    for _ in range(ROUNDS):
        value = sites @ price
        chosen = chosen_at(coverage, value)
        bound = float(price.sum() - value[chosen].sum())
        idle = 0 if bound > top + 1e-6 * abs(bound) else idle + 1
        if bound > top:
            top, top_price, top_value = bound, price, value
        if len(seen) < DESCENTS and chosen.tobytes() not in seen:
            seen.add(chosen.tobytes())
            found = exchanged(coverage, sites, chosen)
            if coverage.missed(found) < known:
                best, known = found, coverage.missed(found)
        if top >= known - slack or scale < 1e-3 or over():
            break
        if idle >= 12:
            scale, idle, price, heading = scale / 2, 0, top_price, np.zeros(len(weight))
            continue
        count = coverage.near @ chosen.astype(np.float64)
        heading = 0.7 * (1.0 - count) + 0.3 * heading
        step = scale * (1.02 * known - bound) / max(float(heading @ heading), 1e-12)
        price = np.clip(price + step * heading, 0.0, weight)
    top -= 1e-9 * abs(top)
    room = known - top - (slack if whole else 0.0)
    bound = float(np.ceil(top - 1e-6)) if whole else top
    return Priced(best, known, bound, *_ruled_out(coverage, top_value, room))


def chosen_at(coverage: Coverage, value: Floats) -> Flags:
    """Sites that must be open and those of most value, as many as may be."""
    chosen = coverage.forced.copy()
    left = coverage.most - int(chosen.sum())
    rest = np.flatnonzero(~chosen)
    chosen[rest[np.argsort(-value[rest], kind="stable")[:left]]] = True
    return chosen


def _ruled_out(coverage: Coverage, value: Floats, room: float) -> tuple[Flags, Flags]:
    """Sites that no better set opens, and that every better set opens."""
    chosen = chosen_at(coverage, value)
    free = chosen & ~coverage.forced
    least = float(value[free].min(initial=np.inf))
    instead = float(value[~chosen].max(initial=0.0))
    closed = ~chosen & (least - value > room)
    return closed, free & (value - instead > room)


def exchanged(coverage: Coverage, sites: sparse.csr_array, is_open: Flags) -> Flags:
    """Exchange one site at a time for the one that reaches most, while that reaches more.

    Parameters
    ----------
    coverage : Coverage
    sites : csr_array, shape (m, g)
        The transposed of ``coverage.near``.
    is_open : bool array, shape (m,)
    """
    chosen, weight = is_open.copy(), coverage.weight
    count = coverage.near @ chosen.astype(np.float64)
    while True:
        best, enter, leave = 1e-9 * max(float(weight.sum()), 1.0), -1, -1
        for out in np.flatnonzero(chosen & ~coverage.forced).tolist():
            row = slice(sites.indptr[out], sites.indptr[out + 1])
            without = count == 0
            mine = sites.indices[row]
            without[mine] = count[mine] <= 1
            gain = sites @ (weight * without)
            gain[chosen] = np.where(np.arange(len(gain))[chosen] == out, gain[chosen], -1.0)
            new = int(np.argmax(gain))
            if gain[new] - gain[out] > best:
                best, enter, leave = float(gain[new] - gain[out]), new, out
        if enter < 0:
            return chosen
        chosen[enter], chosen[leave] = True, False
        count = coverage.near @ chosen.astype(np.float64)
