"""Why a small village stays as it is."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.optimise.villages.groups import Groups
from commplan.problem.villages import Unmerged, VillageProblem


def why_left(
    problem: VillageProblem, labels: NDArray[np.int32], groups: Groups, *, settled: bool = True
) -> tuple[Unmerged, ...]:
    """Name a reason for each village that stays small or does not join as it must.

    Parameters
    ----------
    problem : VillageProblem
    labels : int32 array, shape (n,)
    groups : Groups
        Every group that could have been formed.
    settled : bool
        Whether it is proven that so many must stay.

    Returns
    -------
    tuple of Unmerged
        By village. Codes: ``villages.left_join`` (it must join others, and no group allows it),
        ``left_locked`` (its own vote), ``left_island`` (no neighbour
        in its township), ``left_neighbours_locked``, ``left_too_few`` (all within reach are too
        few people), ``left_limits`` (every group breaks a limit), ``left_others`` (its neighbours
        were needed elsewhere).
    """
    total = np.bincount(labels, problem.population)
    torn = _torn(problem, labels)
    left = np.flatnonzero((total[labels] <= problem.limits.small_people) | torn)
    if len(left) == 0:
        return ()
    same = problem.township[problem.tail] == problem.township[problem.head]
    near = np.bincount(problem.tail[same], minlength=problem.n)
    near += np.bincount(problem.head[same], minlength=problem.n)
    reach = _reach(problem, same)
    possible = np.zeros(problem.n, dtype=np.bool_)
    possible[groups.village] = True
    found = []
    for v in left.tolist():
        params: dict[str, object] = {"people": int(problem.population[v])}
        if torn[v]:
            code = "left_join"
        elif problem.locked[v]:
            code = "left_locked"
        elif near[v] == 0:
            code = "left_island"
        elif reach[1][v] == 1:
            code = "left_neighbours_locked"
        elif reach[0][v] <= problem.limits.small_people:
            code, params = "left_too_few", {**params, "reach": int(reach[0][v])}
        else:
            code = "left_others" if possible[v] else "left_limits"
            if not (settled if possible[v] else groups.whole):
                code = "left_unsettled"
        found.append(Unmerged(v, f"villages.{code}", params))
    return tuple(found)


def _torn(problem: VillageProblem, labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Villages that must join others and are not together with all of them."""
    result = np.zeros(problem.n, dtype=np.bool_)
    tied = (problem.join >= 0) & ~problem.locked
    for number in np.unique(problem.join[tied]):
        members = np.flatnonzero(tied & (problem.join == number))
        result[members] = len(np.unique(labels[members])) > 1
    return result


def _reach(
    problem: VillageProblem, same: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """People and villages that can be reached from each without passing a locked one."""
    keep = same & ~problem.locked[problem.tail] & ~problem.locked[problem.head]
    graph = coo_array(
        (np.ones(int(keep.sum())), (problem.tail[keep], problem.head[keep])),
        shape=(problem.n, problem.n),
    )
    piece = connected_components(graph, directed=False)[1]
    people = np.bincount(piece, problem.population).astype(np.float64)
    return people[piece], np.bincount(piece).astype(np.int64)[piece]
