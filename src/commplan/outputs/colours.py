"""Colours for communities: neighbours differ, also for eyes that do not see red or green.

The fills are light tints in the spirit of Paul Tol's qualitative "light" scheme (Colour Schemes,
technical note SRON/EPS/TN/09-002), dark text stays legible on each of them; a test simulates the
three kinds of colour blindness and holds them apart.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

PALETTE = (
    "#77AADD",
    "#EEDD88",
    "#EE8866",
    "#44BB99",
    "#FFAABB",
    "#99DDFF",
    "#AAAA00",
    "#B9A3E3",
)
#: units in no community
NOBODY = "#DDDDDD"


def colour_neighbours(n: int, pairs: ArrayLike, colours: int = len(PALETTE)) -> NDArray[np.int32]:
    """Give each of n areas a colour so that no two of a pair share one.

    Saturation-first greedy colouring (Brelaz 1979, Communications of the ACM 22(4)); of the colours
    that are free the one used least so far is taken, among as few as the colouring needs, so that
    the map is not all of one tint.

    Parameters
    ----------
    n : int
    pairs : int array, shape (m, 2)
    colours : int
        How many there are; where a graph needs more, the least used colour is taken twice.

    Returns
    -------
    int32 array, shape (n,)
        Colour of each area, 0..colours-1.
    """
    near: list[set[int]] = [set() for _ in range(n)]
    for a, b in np.asarray(pairs, dtype=np.int64).reshape(-1, 2):
        if a != b:
            near[a].add(int(b))
            near[b].add(int(a))
    colour = np.full(n, -1, dtype=np.int32)
    taken: list[set[int]] = [set() for _ in range(n)]
    used = np.zeros(colours, dtype=np.int64)
    waiting = set(range(n))
    # Five tints are enough for nearly every plane map; the others wait until one is needed.
    few = min(5, colours)
    while waiting:
        area = max(waiting, key=lambda i: (len(taken[i]), len(near[i]), -i))
        free = [c for c in range(few) if c not in taken[area]]
        free = free or [c for c in range(colours) if c not in taken[area]] or list(range(colours))
        chosen = min(free, key=lambda c: (used[c], c))
        colour[area] = chosen
        used[chosen] += 1
        waiting.discard(area)
        for other in near[area]:
            taken[other].add(chosen)
    return colour


def plan_colours(
    successor_of: NDArray[np.int32], n_today: int, pairs: ArrayLike, today_pairs: ArrayLike
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Colour a plan and today's communities alike: a successor keeps the colour of its old one.

    Parameters
    ----------
    successor_of : int32 array, shape (communities,)
        Row in today's, -1 for none.
    n_today : int
    pairs, today_pairs : int arrays, shape (m, 2)
        Neighbours among the proposed, and among today's.

    Returns
    -------
    proposed, today : int32 arrays
    """
    n = len(successor_of)
    node_of_today = np.full(n_today, -1, dtype=np.int64)
    kept = np.flatnonzero(successor_of >= 0)
    node_of_today[successor_of[kept]] = kept
    ended = np.flatnonzero(node_of_today < 0)
    node_of_today[ended] = n + np.arange(len(ended))
    old = node_of_today[np.asarray(today_pairs, dtype=np.int64).reshape(-1, 2)]
    both = np.concatenate([np.asarray(pairs, dtype=np.int64).reshape(-1, 2), old])
    colour = colour_neighbours(n + len(ended), both)
    return colour[:n], colour[node_of_today]
