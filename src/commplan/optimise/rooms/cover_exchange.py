"""Most households within the limit under a number of sites: exchanges from many starts.

Every exchange of an open site for a closed one is looked at in one sparse product (the bookkeeping
of Resende and Werneck 2007); local optima are left by exchanging a few sites at random (the iterated
local search of Lourenço, Martin and Stützle 2003). In numpy alone: no compiled code to load.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORSE = 1.01  # times what is missed, from which the search still goes on


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

    @cached_property
    def sites(self) -> sparse.csr_array:
        """Kinds of units near each site, shape (m, g)."""
        return sparse.csr_array(self.near.T)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every set of sites misses a whole number."""
        return np.array_equal(self.weight, np.rint(self.weight))

    def missed(self, is_open: Flags) -> float:
        """Weight of what no open site is near."""
        return float(self.weight[self.near @ is_open.astype(np.float64) < 0.5].sum())


def exchanged(coverage: Coverage, is_open: Flags) -> Flags:
    """Exchange one site at a time for the one that reaches most, while that reaches more.

    Parameters
    ----------
    coverage : Coverage
    is_open : bool array, shape (m,)
    """
    chosen, weight = is_open.copy(), coverage.weight
    least = 1e-9 * max(float(weight.sum()), 1.0)
    while True:
        free = np.flatnonzero(chosen & ~coverage.forced)
        count = coverage.near @ chosen.astype(np.float64)
        gain = coverage.sites @ (weight * (count < 0.5))
        sole = np.flatnonzero(np.abs(count - 1.0) < 0.5)
        turn = np.zeros(len(chosen))
        turn[free] = np.arange(len(free)) + 1.0
        owner = (coverage.near @ turn)[sole].astype(np.int64) - 1  # -1: a site that must be open
        sole, owner = sole[owner >= 0], owner[owner >= 0]
        shape = (len(free), len(weight))
        alone = sparse.csr_array((weight[sole], (owner, sole)), shape=shape)
        kept = (
            alone @ coverage.near
        ).toarray()  # of what only `free` reaches, by the one that comes
        change = kept + gain - kept[np.arange(len(free)), free][:, None]
        change[:, chosen] = -np.inf
        best = int(np.argmax(change)) if change.size else -1
        if best < 0 or change.flat[best] <= least:
            return chosen
        leave, enter = divmod(best, len(chosen))
        chosen[free[leave]], chosen[enter] = False, True


def shaken(coverage: Coverage, is_open: Flags, strength: int, rng: np.random.Generator) -> Flags:
    """Exchange some open sites for closed ones at random."""
    chosen = is_open.copy()
    leave, enter = np.flatnonzero(chosen & ~coverage.forced), np.flatnonzero(~chosen)
    count = min(strength, len(leave), len(enter))
    chosen[rng.choice(leave, count, replace=False)] = False
    chosen[rng.choice(enter, count, replace=False)] = True
    return chosen


class Exchanges:
    """Look at local optima, one after the other, and keep the best.

    Parameters
    ----------
    coverage : Coverage
    is_open : bool array, shape (m,)
        Where to begin.
    seed : int
    """

    def __init__(self, coverage: Coverage, is_open: Flags, seed: int) -> None:
        self.coverage = coverage
        self.best = self.here = is_open
        self.missed = self.missed_here = coverage.missed(is_open)
        self.rng = np.random.default_rng(seed)
        self.turn = self.last = 0  # local optima seen, by now and when the best was found

    def search(self, vain: int, over: Callable[[], bool]) -> None:
        """Go on until so many local optima, and twice as many as the best took, were in vain."""
        while self.turn < vain + 2 * self.last and self.missed > 0 and not over():
            strength = 2 + self.turn % 4
            new = exchanged(self.coverage, shaken(self.coverage, self.here, strength, self.rng))
            missed = self.coverage.missed(new)
            self.turn += 1
            if missed <= WORSE * self.missed_here:
                self.here, self.missed_here = new, missed
            if missed < self.missed * (1.0 - 1e-12):
                self.best, self.missed, self.last = new, missed, self.turn
