"""What each group costs, and where its seat is: compiled, for all groups at once."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.villages.groups import Groups
from commplan.problem.villages import TERMS, VillageProblem

Floats = NDArray[np.float64]


def group_terms(problem: VillageProblem, groups: Groups) -> tuple[Floats, NDArray[np.int32]]:
    """Terms of each group, unweighted, and the village of its seat.

    The seat is the village whose seat all people of the group reach in the fewest minutes in sum,
    none of them beyond ``max_minutes``; among equals the most populous, then the first.

    Parameters
    ----------
    problem : VillageProblem
    groups : Groups

    Returns
    -------
    terms : float64 array, shape (len(TERMS), groups)
    seats : int32 array, shape (groups,)
        -1 where no seat can be reached in time.
    """
    count = len(groups.ptr) - 1
    terms = np.zeros((len(TERMS), count))
    people = problem.population.astype(np.float64)
    size = np.diff(groups.ptr)
    row = np.repeat(np.arange(count), size)
    terms[0] = np.where(size > 1, size, 0)
    limit = np.inf if problem.limits.max_minutes is None else problem.limits.max_minutes
    shape = (groups.ptr, groups.village)
    terms[1], terms[2], seats = _seats(shape, people, problem.minutes, limit)
    total = np.bincount(row, people[groups.village], count)
    merged = size > 1
    terms[3] = np.where(merged, np.maximum(0.0, total - problem.limits.target_people), 0.0)
    terms[4] = sum((_mixed(shape, people, trait) for trait in problem.traits), np.zeros(count))
    terms[5] = _gaps(shape, people, problem.collective_yuan)
    borders = np.bincount(problem.tail, problem.border_km, problem.n)
    borders += np.bincount(problem.head, problem.border_km, problem.n)
    pairs = _border_rows(problem)
    terms[6] = np.where(merged, _outer(shape, borders, pairs), 0.0)
    return terms, seats


def weighted(problem: VillageProblem, terms: Floats) -> Floats:
    """Cost of each group in people."""
    weights = np.array([getattr(problem.weights, name) for name in TERMS])
    return np.asarray(weights @ terms)


def _border_rows(
    problem: VillageProblem,
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    order = np.argsort(problem.tail, kind="stable")
    starts = np.searchsorted(problem.tail[order], np.arange(problem.n + 1))
    return starts.astype(np.int64), problem.head[order], problem.border_km[order]


@njit(cache=True)
def _seats(groups, people, minutes, limit):  # type: ignore[no-untyped-def]
    """People renamed, person-minutes to the best seat, and that seat."""
    ptr, village = groups
    count = len(ptr) - 1
    renamed, walked = np.zeros(count), np.zeros(count)
    seats = np.full(count, -1, dtype=np.int32)
    for g in range(count):
        members = village[ptr[g] : ptr[g + 1]]
        renamed[g] = people[members].sum() - people[members].max()
        best = np.inf
        for s in members:
            value = 0.0
            for v in members:
                if v != s:
                    value += people[v] * minutes[v, s] if minutes[v, s] <= limit else np.inf
            if value < best or (value == best and people[s] > people[seats[g]]):
                best = value
                seats[g] = s
        if best == np.inf:
            seats[g] = -1
            best = 0.0
        walked[g] = best
    return renamed, walked, seats


@njit(cache=True)
def _mixed(groups, people, trait):  # type: ignore[no-untyped-def]
    """People of each group who do not share its most common value."""
    ptr, village = groups
    result = np.zeros(len(ptr) - 1)
    for g in range(len(ptr) - 1):
        known, most = 0.0, 0.0
        for i in range(ptr[g], ptr[g + 1]):
            if trait[village[i]] < 0:
                continue
            known += people[village[i]]
            same = 0.0
            for j in range(ptr[g], ptr[g + 1]):
                if trait[village[j]] == trait[village[i]]:
                    same += people[village[j]]
            most = max(most, same)
        result[g] = known - most
    return result


@njit(cache=True)
def _gaps(groups, people, yuan):  # type: ignore[no-untyped-def]
    """People of each group × range of the yuan a head among its villages."""
    ptr, village = groups
    result = np.zeros(len(ptr) - 1)
    for g in range(len(ptr) - 1):
        total, low, high = 0.0, np.inf, -np.inf
        for i in range(ptr[g], ptr[g + 1]):
            v = village[i]
            total += people[v]
            if people[v] > 0.0 and not np.isnan(yuan[v]):
                low = min(low, yuan[v] / people[v])
                high = max(high, yuan[v] / people[v])
        result[g] = total * max(0.0, high - low) if high >= low else 0.0
    return result


@njit(cache=True)
def _outer(groups, borders, pairs):  # type: ignore[no-untyped-def]
    """Border between each group and the villages outside it."""
    ptr, village = groups
    starts, head, border = pairs
    result = np.zeros(len(ptr) - 1)
    for g in range(len(ptr) - 1):
        for i in range(ptr[g], ptr[g + 1]):
            v = village[i]
            result[g] += borders[v]
            for e in range(starts[v], starts[v + 1]):
                for j in range(ptr[g], ptr[g + 1]):
                    if village[j] == head[e]:
                        result[g] -= 2.0 * border[e]
    return np.maximum(result, 0.0)
