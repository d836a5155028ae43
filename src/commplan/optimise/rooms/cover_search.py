"""Fewest sites that cover all: a local search that weighs the units it keeps missing.

A site is taken away, a missed unit gets the site that covers most weight, and what is still missed
weighs more from then on (Gao, Weise and Li 2015).
"""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
WORK = 4e9  # multiplications


def fewest_cover(holds: Flags, seed: int, most_steps: int = 6_000) -> Flags:
    """Look for a small cover.

    Parameters
    ----------
    holds : bool array, shape (units, sites)
        Each unit with a site.
    seed : int
    most_steps : int
        Work budget; fewer steps where the table is large.

    Returns
    -------
    bool array, shape (sites,)
        A cover without a site that adds nobody.
    """
    table, rng = holds.astype(np.float32), np.random.default_rng(seed)
    units, sites = holds.shape
    if not units:
        return np.zeros(sites, dtype=bool)
    weight, count = np.ones(units, dtype=np.float32), np.zeros(units, dtype=np.int64)
    chosen, since = np.zeros(sites, dtype=bool), np.zeros(sites)
    best, last = np.ones(sites, dtype=bool), -1
    steps = int(min(most_steps, 5 * units, WORK / max(units * sites, 1)))
    for step in range(1, steps + sites + 1):
        missed = np.flatnonzero(count == 0)
        while chosen.any() and not len(missed):  # a cover: less may do as well
            best = chosen.copy()
            missed = _close_one(table, chosen, (weight, count, since), -1)
        if best.sum() <= 1 or (step > steps and best.sum() < sites):
            break
        if chosen.sum() >= best.sum() - 1:
            missed = _close_one(table, chosen, (weight, count, since), last)
        new = _best_site(table, holds[rng.choice(missed)] & ~chosen, weight, missed, since)
        chosen[new], since[new], last = True, step, new
        count += holds[:, new]
        weight[count == 0] += 1.0
    return best


def _best_site(
    table: NDArray[np.float32],
    allowed: Flags,
    weight: NDArray[np.float32],
    missed: NDArray[np.int64],
    since: NDArray[np.float64],
) -> int:
    """Return the site that covers most missed weight; of equals the one changed longest ago."""
    sites = np.flatnonzero(allowed)
    gain = weight[missed] @ table[np.ix_(missed, sites)]
    return int(sites[np.lexsort((since[sites], -gain))[0]])


def _close_one(
    table: NDArray[np.float32],
    chosen: Flags,
    state: tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]],
    last: int,
) -> NDArray[np.int64]:
    """Close the site whose units weigh least without it; the units missed then."""
    weight, count, since = state
    alone = np.flatnonzero(count == 1)
    sites = np.flatnonzero(chosen)
    sites = sites[sites != last] if len(sites) > 1 else sites
    loss = weight[alone] @ table[np.ix_(alone, sites)]
    out = int(sites[np.lexsort((since[sites], loss))[0]])
    chosen[out] = False
    count -= table[:, out].astype(np.int64)
    return np.flatnonzero(count == 0)
