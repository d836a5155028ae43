"""How large rooms are, how far they can grow at what price, and how large who goes there makes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class SizeRule:
    """One rule of size: ``least_m2``, and on top of it ``unit_m2`` for each unit that goes there.

    Parameters
    ----------
    least_m2 : float
    unit_m2 : float64 array, shape (n,)
    counts : tuple of (float64 array of shape (n,), float)
        The rule holds where each of these, added up over the units of a room, is at least its
        figure: households of a step, floor area of commerce. Empty: it holds for every room.
    """

    least_m2: float
    unit_m2: Floats
    counts: tuple[tuple[Floats, float], ...] = ()


@dataclass(frozen=True)
class Floors:
    """Floor areas of m sites, what they can be extended by, and what is asked of them.

    Parameters
    ----------
    floor_m2 : float64 array, shape (m,)
        Known for every site that a unit may go to.
    extend_m2 : float64 array, shape (m,)
        By how much a room can grow at most; 0: not at all.
    extend_yuan, extend_yuan_per_m2 : float64 array, shape (m,)
        Price of an extension, whatever its area, and of each m² of it.
    rules : tuple of SizeRule
        A room has to keep them all.
    """

    floor_m2: Floats
    extend_m2: Floats
    extend_yuan: Floats
    extend_yuan_per_m2: Floats
    rules: tuple[SizeRule, ...]

    @property
    def least_m2(self) -> float:
        """What a room needs even for a single household."""
        return max((rule.least_m2 for rule in self.rules if not rule.counts), default=0.0)

    def price_yuan(self, extended_m2: Floats) -> Floats:
        """Price of extending each room by so much, shape (m,)."""
        price = self.extend_yuan + self.extend_yuan_per_m2 * extended_m2
        return np.where(extended_m2 > 0, price, 0.0)


def needed_m2(rules: tuple[SizeRule, ...], site_of: Ints, m: int) -> Floats:
    """Floor area that each room needs for the units that go there; 0 where none does.

    Parameters
    ----------
    rules : tuple of SizeRule
    site_of : int32 array, shape (n,)
        -1 for a unit that goes nowhere.
    m : int
        Number of sites.

    Returns
    -------
    float64 array, shape (m,)
        The most that any rule asks.
    """
    goes = site_of >= 0
    at = site_of[goes]
    need = np.zeros(m)
    for rule in rules:
        asks = rule.least_m2 + np.bincount(at, weights=rule.unit_m2[goes], minlength=m)
        for count, figure in rule.counts:
            counted = np.bincount(at, weights=count[goes], minlength=m)
            asks = np.where(counted >= figure, asks, 0.0)
        need = np.maximum(need, asks)
    return np.where(np.bincount(at, minlength=m) > 0, need, 0.0)
