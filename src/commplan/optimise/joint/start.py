"""First areas round a set of open sites: grown unit by unit, the one that loses most first."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.joint.cuts import reach
from commplan.optimise.joint.instance import Flags, Instance, Ints

_FULL = 3.0  # how much dearer, in means of the cost per household, a place beyond capacity is


@njit(cache=True, nogil=True)
def _grow(graph, cost, sizes, site_of, load, extra):  # type: ignore[no-untyped-def]
    """Give every unit left (-1) to an area it touches, the cheapest pair first."""
    ptr, nbr = graph
    n = len(site_of)
    while True:
        best, unit, site = np.inf, -1, -1
        for v in range(n):
            if site_of[v] >= 0:
                continue
            h = sizes[0][v]
            for e in range(ptr[v], ptr[v + 1]):
                j = site_of[nbr[e]]
                if j < 0 or not np.isfinite(cost[v, j]):
                    continue
                over = max(0.0, load[j] + h - sizes[2][j])
                value = (cost[v, j] + extra * over) / max(h, 1e-9) if h > 0 else 0.0
                if value < best:
                    best, unit, site = value, v, j
        if unit < 0:
            break
        site_of[unit] = site
        load[site] += sizes[0][unit]


def grow(instance: Instance, site_of: Ints) -> Ints | None:
    """Give units without an area (-1) one that they touch; None where some reach none."""
    problem = instance.problem
    placed = site_of >= 0
    load = np.bincount(site_of[placed], problem.amount[placed], problem.m)
    finite = instance.cost[np.isfinite(instance.cost)]
    extra = _FULL * float(finite.mean()) / max(float(problem.amount.mean()), 1e-9)
    _grow(instance.graph, instance.cost, instance.sizes, site_of, load, extra)
    return None if (site_of < 0).any() else site_of


def start_areas(instance: Instance, is_open: Flags) -> Ints | None:
    """Grow areas from the units of the open sites; None where some unit is not reached."""
    problem = instance.problem
    site_of = np.full(problem.n, -1, dtype=np.int32)
    for j in np.flatnonzero(is_open):
        if site_of[problem.site_unit[j]] >= 0:
            return None  # two open sites in one unit
        site_of[problem.site_unit[j]] = j
    return grow(instance, site_of)


def mended(instance: Instance, site_of: Ints) -> Ints | None:
    """Give units that lie apart from their site's own unit to an area that they touch."""
    new = np.full_like(site_of, -1)
    free = np.zeros(len(site_of), dtype=np.bool_)
    for j in np.unique(site_of[site_of >= 0]).tolist():
        own = int(instance.problem.site_unit[j])
        new[reach(own, *instance.graph, free, site_of == j)] = j
    return grow(instance, new)


def temperatures(instance: Instance) -> tuple[float, float]:
    """Return a first temperature, and a first charge for a household outside the bounds.

    The temperature is what a unit between two areas typically loses by the wrong one.
    """
    two = np.sort(instance.cost, axis=1)[:, :2]
    two = two[np.isfinite(two).all(axis=1)] if two.shape[1] > 1 else np.empty((0, 2))
    gap: NDArray[np.float64] = np.diff(two, axis=1).ravel()
    hot = float(np.median(gap)) if len(gap) else 1.0
    finite = instance.cost[np.isfinite(instance.cost)]
    each = float(finite.mean()) / max(float(instance.problem.amount.mean()), 1e-9)
    return max(hot, 1e-9), max(0.2 * each, 1e-9)
