"""Cuts for set partitioning: of three villages two or more lie in one chosen column at most.

Subset-row inequalities (Jepsen, Petersen, Spoorendonk & Pisinger 2008) for subsets of three rows:
columns that hold two or three of them are chosen once at most, although a relaxation likes to
choose three halves.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from commplan.optimise.milp import MilpOptions
from commplan.optimise.stop import Clock
from commplan.optimise.villages.partition import Relaxed, relax

Triple = tuple[int, int, int]

_ROUNDS = 3
_MOST = 200  # cuts of a round
_BROKEN = 0.02  # by so much at least
_SLOW = 2e-4  # of the bound: where a round brings less, it was the last
_NEAR = 12_000  # columns kept for the next round
_HALF = 1e-6


def tighten(relaxed: Relaxed, villages: int, options: MilpOptions, clock: Clock) -> Relaxed:
    """Add cuts that the relaxation breaks and solve it again, a few times.

    Parameters
    ----------
    relaxed : Relaxed
    villages : int
        So many of the first rows are villages.
    options : MilpOptions
    clock : Clock

    Returns
    -------
    Relaxed
        Its bound is no lower.
    """
    for _ in range(_ROUNDS):
        triples = _broken(relaxed, villages)
        if not triples or clock.over():
            break
        more = relaxed.partition.with_rows(_rows(relaxed, triples, villages))
        order = np.argsort(relaxed.reduced[relaxed.active], kind="stable")
        alone = np.flatnonzero(np.diff(relaxed.partition.rows.indptr) == 1)
        keep = np.union1d(relaxed.active[order[:_NEAR]], alone)
        again = relax(more, keep, options, clock)
        if again is None:
            break
        gain = again.bound - relaxed.bound
        relaxed = again if gain > 0 else relaxed
        if gain < _SLOW * abs(relaxed.bound):
            break
    return relaxed


def _broken(relaxed: Relaxed, villages: int) -> list[Triple]:
    """Find triples of villages whose cut the relaxation breaks, the worst first."""
    rows, values = relaxed.partition.rows, relaxed.values
    both: dict[tuple[int, int], float] = {}
    all_three: dict[Triple, float] = {}
    for at in np.flatnonzero((values > _HALF) & (values < 1 - _HALF)).tolist():
        column = int(relaxed.active[at])
        members = rows.indices[rows.indptr[column] : rows.indptr[column + 1]]
        held = sorted(members[members < villages].tolist())
        for pair in combinations(held, 2):
            both[pair] = both.get(pair, 0.0) + float(values[at])
        for triple in combinations(held, 3):
            all_three[triple] = all_three.get(triple, 0.0) + float(values[at])
    beside: dict[int, set[int]] = {}
    for a, b in both:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    broken: dict[Triple, float] = {}
    for middle, near in beside.items():
        for a, b in combinations(sorted(near), 2):
            first, second, third = sorted((middle, a, b))
            triple = (first, second, third)
            if triple not in broken:
                sums = sum(both.get(pair, 0.0) for pair in combinations(triple, 2))
                broken[triple] = sums - 2.0 * all_three.get(triple, 0.0) - 1.0
    worst = sorted((-excess, triple) for triple, excess in broken.items() if excess > _BROKEN)
    return [triple for _, triple in worst[:_MOST]]


def _rows(relaxed: Relaxed, triples: list[Triple], villages: int) -> csr_array:
    """One row for each triple: the columns that hold two or three of its villages."""
    by_row = csr_array(relaxed.partition.rows[:villages])
    count = by_row.shape[1]
    found: list[NDArray[np.int64]] = []
    for triple in triples:
        parts = [by_row.indices[by_row.indptr[v] : by_row.indptr[v + 1]] for v in triple]
        columns, times = np.unique(np.concatenate(parts), return_counts=True)
        found.append(columns[times > 1].astype(np.int64))
    starts = np.r_[0, np.cumsum([len(columns) for columns in found])]
    flat = np.concatenate(found)
    return csr_array((np.ones(len(flat)), flat, starts), shape=(len(triples), count))
