"""Divide a few adjoining communities anew, exactly, as long as that makes a plan cheaper.

Large-neighbourhood search (Shaw 1998) with set partitioning over every community that the units of
a neighbourhood could form. It serves where communities consist of few units, whole compounds: then
single moves hardly ever keep to the bounds, and all that could be can be listed.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.relax import take_units
from commplan.optimise.communities.small import solve_small, spread_labels
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import compute_terms, objective, renumber, successors, sum_by
from commplan.problem.validity import faults

Units = NDArray[np.int64]

MOST_UNITS = 20  # of one neighbourhood
_FEW = 10.0  # units of a community in the mean, up to which neighbourhoods hold several
_MOST_TRIES = 400  # neighbourhoods, in normal effort


def polish(
    problem: CommunityProblem, labels: Ints, factor: float, over: Callable[[], bool], seed: int
) -> Ints:
    """Make a valid plan cheaper by exact neighbourhoods; a work budget ends it.

    Parameters
    ----------
    problem : CommunityProblem
    labels : int32 array, shape (n,)
        A valid plan.
    factor : float
        Multiple of the normal effort.
    over : callable
        True ends the work.
    seed : int

    Returns
    -------
    int32 array, shape (n,)
        A valid plan that costs no more.
    """
    if problem.grandfather or problem.n > _FEW * (int(labels.max()) + 1):
        return labels
    value = objective(problem, compute_terms(problem, labels))
    tried: set[bytes] = set()
    left = max(1, int(_MOST_TRIES * factor))
    better = True
    while better and left > 0:
        better = False
        for units in _neighbourhoods(problem, labels):
            if over() or left <= 0:
                return labels
            key = units.tobytes() + labels[units].tobytes()
            if key in tried or problem.exempt[units].any():
                continue
            tried.add(key)
            left -= 1
            found = _divided(problem, labels, units, seed)
            if found is None or faults(problem, found):
                continue
            cost = objective(problem, compute_terms(problem, found))
            if cost < value - 1e-9 * max(1.0, value):
                labels, value, better = found, cost, True
                break
    return labels


def _neighbourhoods(problem: CommunityProblem, labels: Ints) -> list[Units]:
    """Units of sets of adjoining communities, one or more around each, the longest borders first."""
    k = int(labels.max()) + 1
    e = problem.edges
    tail, head = labels[e.tail], labels[e.head]
    apart = (tail != head) & e.is_open & (problem.part[e.tail] == problem.part[e.head])
    key = np.minimum(tail, head)[apart].astype(np.int64) * k + np.maximum(tail, head)[apart]
    pairs, at = np.unique(key, return_inverse=True)
    length = sum_by(at, e.border_km[apart], len(pairs))
    near: list[list[tuple[float, int]]] = [[] for _ in range(k)]
    for pair, km in zip(pairs.tolist(), length.tolist(), strict=True):
        near[pair // k].append((-km, pair % k))
        near[pair % k].append((-km, pair // k))
    size = np.bincount(labels, minlength=k)
    found: dict[tuple[int, ...], None] = {}
    for c in range(k):
        others = [d for _, d in sorted(near[c])]
        for first in range(len(others)):
            chosen, total = [c], int(size[c])
            for d in others[first:] + others[:first]:
                if total + int(size[d]) <= MOST_UNITS:
                    chosen.append(d)
                    total += int(size[d])
            if len(chosen) > 1:
                found.setdefault(tuple(sorted(chosen)))
    return [np.flatnonzero(np.isin(labels, chosen)) for chosen in found]


def _divided(problem: CommunityProblem, labels: Ints, units: Units, seed: int) -> Ints | None:
    """Return the plan with ``units`` divided at least cost, all others as they are."""
    inner = _inner(problem, labels, units)
    solved = solve_small(inner, presolve(inner, np.ones(inner.n, dtype=np.bool_)), Clock(), seed)
    mine, _ = spread_labels(inner, solved)
    if (mine < 0).any():
        return None
    result = labels.copy()
    result[units] = mine + int(labels.max()) + 1
    return renumber(result)


def _inner(problem: CommunityProblem, labels: Ints, units: Units) -> CommunityProblem:
    """Pose a neighbourhood by itself; old communities that others succeed are out of its reach."""
    inner = take_units(problem, units)
    heirs = successors(problem.today, problem.households, labels)
    outside = np.setdiff1d(np.unique(labels), np.unique(labels[units]))
    today = np.where(np.isin(problem.today[units], heirs[outside]), -1, problem.today[units])
    most = problem.max_communities
    return inner.replace(
        today=today.astype(np.int32),
        locked=inner.locked & (today >= 0),
        min_communities=max(0, problem.min_communities - len(outside)),
        max_communities=None if most is None else most - len(outside),
        max_moved_households=None,
    )
