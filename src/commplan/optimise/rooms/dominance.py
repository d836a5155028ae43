"""Sets that need not be looked at, because another one of the list holds them or is held by them.

A unit whose sites include all those of another unit is covered with it; a site whose units another
site covers too is never needed (Toregas and ReVelle 1973; Church and Gerrard 2003).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Positions = NDArray[np.int64]


def packed(
    owner: NDArray[np.integer[Any]], item: NDArray[np.integer[Any]], shape: tuple[int, int]
) -> Words:
    """Write sets as bits.

    Parameters
    ----------
    owner, item : integer arrays, shape (pairs,)
    shape : (owners, items)

    Returns
    -------
    uint64 array, shape (owners, words of 64 items)
    """
    words = np.zeros((shape[0], (shape[1] + 63) // 64), dtype=np.uint64)
    bit = np.left_shift(np.uint64(1), (item & 63).astype(np.uint64))
    np.bitwise_or.at(words, (owner, item >> 6), bit)
    return words


def alike(words: Words) -> tuple[Positions, Positions]:
    """First of each kind of set, and the kind of each."""
    if not len(words):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    _, first, kind = np.unique(words, axis=0, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def smallest_sets(words: Words) -> Positions:
    """Positions of the sets that hold no other one; the first of equals."""
    rest = np.argsort(np.bitwise_count(words).sum(axis=1), kind="stable")
    kept = []
    while len(rest):
        kept.append(rest[0])
        one, rest = words[rest[0]], rest[1:]
        rest = rest[((words[rest] & one) != one).any(axis=1)]
    return np.sort(np.array(kept, dtype=np.int64))


def largest_sets(words: Words, price: NDArray[np.float64]) -> Positions:
    """Positions of the sets that no other one holds at no higher a price; the first of equals.

    Parameters
    ----------
    words : uint64 array, shape (sets, words)
    price : float64 array, shape (sets, prices)
        Every one of them must be no higher.
    """
    size = np.bitwise_count(words).sum(axis=1)
    rest = np.lexsort((*price.T, -size.astype(np.int64)))
    kept = []
    while len(rest):
        one, rest = rest[0], rest[1:]
        kept.append(one)
        held = ((words[rest] & words[one]) == words[rest]).all(axis=1)
        rest = rest[~(held & (price[rest] >= price[one]).all(axis=1))]
    return np.sort(np.array(kept, dtype=np.int64))
