"""Most households within the limit under a number of sites and a budget: exchanges, many starts.

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

ROUNDING = 1e-9  # relative: what summing floats may add
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
    cost : float64 array, shape (m,)
    budget : float
        Most that the open sites may cost; infinite where they may cost anything.
    fee : float
        What must be reached for a unit of money, so that it is not spent on too little.
    """

    near: sparse.csr_array
    weight: Floats
    forced: Flags
    most: int
    cost: Floats
    budget: float = np.inf
    fee: float = 0.0

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

    def lifted(self, bound: float) -> float:
        """Take rounding off a bound of what is missed; whole where every weight is whole."""
        bound -= ROUNDING * abs(bound)
        return float(np.ceil(bound - 1e-6)) if self.is_whole else bound

    def left(self, is_open: Flags) -> float:
        """Return what a set of sites leaves of the budget."""
        return self.budget * (1.0 + ROUNDING) - float(self.cost[is_open].sum())

    def openable(self, is_open: Flags) -> Flags:
        """Sites that can be opened with the others, shape (m,)."""
        if is_open.sum() >= self.most:
            return np.zeros(len(is_open), dtype=bool)
        return ~is_open & (self.cost <= self.left(is_open))


def exchanged(coverage: Coverage, is_open: Flags) -> Flags:
    """Open one site more, or the best for another, while that reaches more.

    Parameters
    ----------
    coverage : Coverage
    is_open : bool array, shape (m,)
        An allowed set.
    """
    chosen, weight, cost = is_open.copy(), coverage.weight, coverage.cost
    least = 1e-9 * max(float(weight.sum()), 1.0)
    while True:
        count = coverage.near @ chosen.astype(np.float64)
        gain = coverage.sites @ (weight * (count < 0.5))
        worth = gain - cost * coverage.fee
        more = coverage.openable(chosen) & (worth > least)
        if more.any():
            chosen[np.argmax(np.where(more, worth, -np.inf))] = True
            continue
        free = np.flatnonzero(chosen & ~coverage.forced)
        sole = np.flatnonzero(np.abs(count - 1.0) < 0.5)
        turn = np.zeros(len(chosen))
        turn[free] = np.arange(len(free)) + 1.0
        owner = (coverage.near @ turn)[sole].astype(np.int64) - 1  # -1: a site that must be open
        sole, owner = sole[owner >= 0], owner[owner >= 0]
        shape = (len(free), len(weight))
        alone = sparse.csr_array((weight[sole], (owner, sole)), shape=shape)
        kept = (alone @ coverage.near).toarray()  # what only the one that leaves reaches
        loss = kept[np.arange(len(free)), free] - coverage.fee * cost[free]
        change = kept + worth - loss[:, None]
        change[:, chosen] = -np.inf
        change[cost > coverage.left(chosen) + cost[free][:, None]] = -np.inf
        best = int(np.argmax(change)) if change.size else 0
        if not change.size or change.flat[best] <= least:
            return chosen
        leave, enter = divmod(best, len(chosen))
        chosen[free[leave]], chosen[enter] = False, True


def shaken(coverage: Coverage, is_open: Flags, strength: int, rng: np.random.Generator) -> Flags:
    """Open some sites at random and close as many others as that takes."""
    leave, enter = np.flatnonzero(is_open & ~coverage.forced), np.flatnonzero(~is_open)
    kept = coverage.forced.copy()
    for site in rng.permutation(enter)[: min(strength, len(leave))].tolist():
        kept[site] = coverage.openable(kept)[site]
    chosen = is_open | kept
    for site in rng.permutation(leave).tolist():
        if chosen.sum() <= coverage.most and coverage.left(chosen) >= 0:
            break
        chosen[site] = False
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

    def search(self, vain: int, over: Callable[[], bool], bound: float = 0.0) -> None:
        """Go on until so many local optima, and twice as many as the best took, were in vain.

        No set misses less than ``bound``: the search ends with one that misses no more.
        """
        while self.turn < vain + 2 * self.last and self.missed > bound and not over():
            strength = 2 + self.turn % 4
            new = exchanged(self.coverage, shaken(self.coverage, self.here, strength, self.rng))
            missed = self.coverage.missed(new)
            self.turn += 1
            if missed <= WORSE * self.missed_here:
                self.here, self.missed_here = new, missed
            if missed < self.missed * (1.0 - 1e-12):
                self.best, self.missed, self.last = new, missed, self.turn
