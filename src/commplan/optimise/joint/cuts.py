"""Rows that keep areas connected: separators, added where a solution breaks them.

If the units S cut unit i off from the unit of site j, then i goes to j only if some unit of S does:
x_ij <= Σ x_kj (k in S) (Oehrlein and Haunert 2017; Validi, Buchanan and Lykhovyd 2022). Every
connected answer keeps these rows, so a bound from a model that holds only some of them is valid.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints

_BROKEN = 0.01  # by so much at least


@dataclass(frozen=True)
class Cut:
    """``x[unit, site] <= Σ x[k, site]`` over the units k of a separator."""

    site: int
    unit: int
    separator: Ints

    @property
    def key(self) -> tuple[int, int, bytes]:
        """What tells one cut from others."""
        return self.site, self.unit, self.separator.tobytes()


@njit(cache=True, nogil=True)
def reach(start, ptr, nbr, blocked, inside):  # type: ignore[no-untyped-def]
    """Mark what can be reached from a unit through units that are inside and not blocked."""
    mark = np.zeros(len(inside), dtype=np.bool_)
    stack = [start]
    mark[start] = True
    while len(stack) > 0:
        v = stack.pop()
        for e in range(ptr[v], ptr[v + 1]):
            w = nbr[e]
            if not mark[w] and inside[w] and not blocked[w]:
                mark[w] = True
                stack.append(w)
    return mark


@njit(cache=True, nogil=True)
def _border(mark, ptr, nbr, inside):  # type: ignore[no-untyped-def]
    """Units that are not marked and touch one that is."""
    out = np.zeros(len(mark), dtype=np.bool_)
    for v in np.flatnonzero(mark):
        for e in range(ptr[v], ptr[v + 1]):
            w = nbr[e]
            if inside[w] and not mark[w]:
                out[w] = True
    return out


def cuts_of(instance: Instance, site_of: Ints, inside: NDArray[np.bool_]) -> list[Cut]:
    """Find rows that a whole-number solution breaks; none where every area is connected.

    Parameters
    ----------
    instance : Instance
    site_of : int32 array, shape (n,)
        -1 outside the part looked at.
    inside : bool array, shape (n,)
        Units that can carry a connection.
    """
    found: list[Cut] = []
    for j in np.unique(site_of[inside]).tolist():
        own = int(instance.problem.site_unit[j])
        area = inside & (site_of == j)
        none = np.zeros(len(area), dtype=np.bool_)
        home = reach(own, *instance.graph, none, area)
        rest = area & ~home
        while rest.any():
            piece = reach(int(np.flatnonzero(rest)[0]), *instance.graph, none, rest)
            rest &= ~piece
            found += _around(instance, j, piece, home, inside)
    return found


def _around(
    instance: Instance,
    site: int,
    piece: NDArray[np.bool_],
    home: NDArray[np.bool_],
    inside: NDArray[np.bool_],
) -> list[Cut]:
    """Cut a piece off twice, close to it and close to the site's side, both as small as can be."""
    ptr, nbr = instance.graph
    own = int(instance.problem.site_unit[site])
    cuts = []
    for blocked in (_border(piece, ptr, nbr, inside), _border(home, ptr, nbr, inside)):
        from_site = reach(own, ptr, nbr, blocked, inside)
        wall = _border(from_site, ptr, nbr, inside)
        behind = reach(int(np.flatnonzero(piece)[0]), ptr, nbr, wall, inside)
        if behind[own]:
            continue
        separator = np.flatnonzero(wall & _border(behind, ptr, nbr, inside)).astype(np.int32)
        cuts += [Cut(site, int(i), separator) for i in np.flatnonzero(piece)]
    return cuts


def opening_cuts(instance: Instance, pairs: Flags, share: Floats) -> list[Cut]:
    """Ask of pairs that are used more than their site is open that the site's own unit goes there.

    Parameters
    ----------
    instance : Instance
    pairs : bool array, shape (n, m)
        Pairs that may be used.
    share : float64 array, shape (n, m)
    """
    own = instance.problem.site_unit
    opened = share[own, np.arange(len(own))]
    unit, site = np.nonzero(pairs & (share > opened + _BROKEN))
    return [Cut(j, i, own[[j]]) for i, j in zip(unit.tolist(), site.tolist(), strict=True)]


def neighbour_cuts(instance: Instance, pairs: tuple[Ints, Ints]) -> list[Cut]:
    """Ask of each pair whose unit does not touch the site's that a neighbour goes there too.

    Parameters
    ----------
    instance : Instance
    pairs : (units, sites)
        Pairs of the model.
    """
    ptr, nbr = instance.graph
    own = instance.problem.site_unit
    cuts = []
    for i, j in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
        around = nbr[ptr[i] : ptr[i + 1]]
        if i != own[j] and own[j] not in around:
            cuts.append(Cut(j, i, around))
    return cuts


def couple_cuts(instance: Instance, worth: NDArray[np.float64], most: float) -> list[Cut]:
    """Ask of two units that touch that one of their neighbours goes where they both go.

    An answer holds together or has a piece apart from its site; pieces of one unit are what
    `neighbour_cuts` rules out, and pieces of two are the most common of the others.

    Parameters
    ----------
    instance : Instance
    worth : float64 array, shape (n, m)
        What a pair adds to a lower bound; infinite for pairs that are not used.
    most : float
        Couples that add more together are in no better answer.
    """
    (ptr, nbr), problem = instance.graph, instance.problem
    around = [nbr[ptr[i] : ptr[i + 1]] for i in range(problem.n)]
    cuts = []
    for j, own in enumerate(problem.site_unit.tolist()):
        near = np.zeros(problem.n, dtype=bool)
        near[own] = True
        near[around[own]] = True
        column = np.where(near, np.inf, worth[:, j])
        both = column[problem.tail] + column[problem.head]
        for e in np.flatnonzero(np.isfinite(both) & (both <= most)).tolist():
            a, b = int(problem.tail[e]), int(problem.head[e])
            wall = np.setdiff1d(np.union1d(around[a], around[b]), [a, b]).astype(np.int32)
            cuts.append(Cut(j, a if column[a] <= column[b] else b, wall))
    return cuts
