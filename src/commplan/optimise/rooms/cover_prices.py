"""Most households within the limit under a number of sites: prices for a bound.

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
DESCENTS = 12  # sets of sites that prices choose, from which exchanges begin


@dataclass(frozen=True)
class Priced:
    """The best set of sites met, and what every allowed one misses at least."""

    is_open: Flags
    bound: float


def priced(coverage: Coverage, over: Callable[[], bool]) -> Priced:
    """Raise the bound, and exchange the sites that prices choose.

    Parameters
    ----------
    coverage : Coverage
        Without a budget; no more sites forced than may be open.
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
        if coverage.lifted(top) >= known or scale < 1e-3 or over():
            break
        if idle >= 12:
            scale, idle, price, heading = scale / 2, 0, top_price, np.zeros(len(weight))
            continue
        count = coverage.near @ chosen.astype(np.float64)
        heading = 0.7 * (1.0 - count) + 0.3 * heading
        step = scale * (1.02 * known - bound) / max(float(heading @ heading), 1e-12)
        price = np.clip(price + step * heading, 0.0, weight)
    return Priced(best, coverage.lifted(top))


def chosen_at(coverage: Coverage, value: Floats) -> Flags:
    """Sites that must be open and those of most value, as many as may be."""
    chosen = coverage.forced.copy()
    left = coverage.most - int(chosen.sum())
    rest = np.flatnonzero(~chosen)
    chosen[rest[np.argsort(-value[rest], kind="stable")[:left]]] = True
    return chosen
