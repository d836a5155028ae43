"""Most households within the limit under a number of sites: prices, and what they rule out.

The rule that a unit is near an open site or missed is priced; the best sites at these prices bound
what any set of sites can reach (Galvão and ReVelle 1996). In numpy alone: no compiled code to load.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.rooms.cover_exchange import Coverage, exchanged

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ROUNDS = 400
ROUNDING = 1e-9  # relative: what summing floats may add to a bound
DESCENTS = 12  # sets of sites that prices choose, from which exchanges begin


@dataclass(frozen=True)
class Priced:
    """Prices of the kinds of units with the best bound, and the best set of sites met."""

    price: Floats
    is_open: Flags


def priced(coverage: Coverage, over: Callable[[], bool]) -> Priced:
    """Raise the bound, and exchange the sites that prices choose.

    Parameters
    ----------
    coverage : Coverage
        No more sites forced than may be open.
    over : callable
        A guard; True stops.
    """
    weight, price = coverage.weight, 0.5 * coverage.weight
    known, heading = np.inf, np.zeros(len(weight))
    best = coverage.forced.copy()
    top, top_price = -np.inf, price
    scale, idle, seen = 1.5, 0, set[bytes]()
    for _ in range(ROUNDS):
        value = coverage.sites @ price
        chosen = chosen_at(coverage, value)
        bound = float(price.sum() - value[chosen].sum())
        idle = 0 if bound > top + 1e-6 * abs(bound) else idle + 1
        if bound > top:
            top, top_price = bound, price
        if len(seen) < DESCENTS and chosen.tobytes() not in seen:
            seen.add(chosen.tobytes())
            found = exchanged(coverage, chosen)
            if coverage.missed(found) < known:
                best, known = found, coverage.missed(found)
        if _lifted(coverage, top) >= known or scale < 1e-3 or over():
            break
        if idle >= 12:
            scale, idle, price, heading = scale / 2, 0, top_price, np.zeros(len(weight))
            continue
        count = coverage.near @ chosen.astype(np.float64)
        heading = 0.7 * (1.0 - count) + 0.3 * heading
        step = scale * (1.02 * known - bound) / max(float(heading @ heading), 1e-12)
        price = np.clip(price + step * heading, 0.0, weight)
    return Priced(top_price, best)


def chosen_at(coverage: Coverage, value: Floats) -> Flags:
    """Sites that must be open and those of most value, as many as may be."""
    chosen = coverage.forced.copy()
    left = coverage.most - int(chosen.sum())
    rest = np.flatnonzero(~chosen)
    chosen[rest[np.argsort(-value[rest], kind="stable")[:left]]] = True
    return chosen


def cover_bound(coverage: Coverage, price: Floats) -> float:
    """Proven by prices between nothing and the weights: no allowed set of sites misses less."""
    value = coverage.sites @ price
    return _lifted(coverage, float(price.sum() - value[chosen_at(coverage, value)].sum()))


def _lifted(coverage: Coverage, bound: float) -> float:
    """Take rounding off a bound, and lift it to a whole number where weights are whole."""
    bound -= ROUNDING * abs(bound)
    return float(np.ceil(bound - 1e-6)) if coverage.is_whole else bound


def ruled_out(coverage: Coverage, price: Floats, known: float) -> tuple[Flags, Flags]:
    """Sites that no better set opens, and that every better set opens.

    Parameters
    ----------
    coverage : Coverage
    price : float64 array, shape (g,)
        Between nothing and the weights.
    known : float
        What the known set misses.
    """
    value = coverage.sites @ price
    chosen = chosen_at(coverage, value)
    bound = float(price.sum() - value[chosen].sum())
    room = known - bound + ROUNDING * abs(bound) - (1.0 - 1e-6 if coverage.is_whole else 0.0)
    free = chosen & ~coverage.forced
    least = float(value[free].min(initial=np.inf))
    instead = float(value[~chosen].max(initial=0.0))
    closed = ~chosen & (least - value > room)
    return closed, free & (value - instead > room)
