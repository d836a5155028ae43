"""Why a small village stays as it is."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.optimise.villages.groups import Groups, list_groups
from commplan.problem.villages import Unmerged, VillageLimits, VillageProblem

#: Limits that may keep a village alone, and the end of the code that says so.
_LIFTED: dict[str, dict[str, Any]] = {
    "people": {"max_people": None},
    "households": {"max_households": None},
    "area": {"max_area_km2": None},
    "minutes": {"max_minutes": None},
}
_MORE_VILLAGES = 2  # by so many the limit on villages is lifted


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
        By village. Codes: ``villages.left_join`` (it must join others, and no group allows it;
        ``left_join_township``: they lie in several townships), ``left_locked`` (its own vote),
        ``left_island`` (no neighbour in its township), ``left_neighbours_locked``,
        ``left_too_few`` (all within reach are too few people), ``left_limit_people`` and the like
        (but for this limit a group would hold it), ``left_limits`` (every group breaks a limit),
        ``left_others`` (its neighbours were needed elsewhere), ``left_unsettled`` (that is not
        proven).
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
            together = np.unique(problem.township[problem.join == problem.join[v]])
            code = "left_join_township" if len(together) > 1 else "left_join"
        elif problem.locked[v]:
            code = "left_locked"
        elif near[v] == 0:
            code = "left_island"
        elif reach[1][v] == 1:
            code = "left_neighbours_locked"
        elif reach[0][v] <= problem.limits.small_people:
            code, params = "left_too_few", {**params, "reach": int(reach[0][v])}
        elif possible[v]:
            code = "left_others" if settled else "left_unsettled"
        elif not groups.whole:
            code = "left_unsettled"
        else:
            code, most = _which_limit(problem, v)
            params |= most
        found.append(Unmerged(v, f"villages.{code}", params))
    return tuple(found)


def _which_limit(problem: VillageProblem, village: int) -> tuple[str, dict[str, object]]:
    """Find the one limit but for which a group would hold the village, and its value."""
    part = _around(problem, village, problem.limits.max_villages + _MORE_VILLAGES)
    limits = part.limits
    more = {"max_villages": limits.max_villages + _MORE_VILLAGES}
    lifted = {name: replace(limits, **change) for name, change in _LIFTED.items()}
    lifted["villages"] = replace(limits, **more)
    tries = {name: part.replace(limits=each) for name, each in lifted.items()}
    tries["apart"] = part.replace(apart=part.apart[:0])
    alone = [
        name
        for name, looser in tries.items()
        if _differs(name, part, limits) and len(list_groups(looser, first_only=True).village)
    ]
    if len(alone) != 1:
        return "left_limits", {}
    value = getattr(limits, {"area": "max_area_km2"}.get(alone[0], f"max_{alone[0]}"), None)
    return f"left_limit_{alone[0]}", {} if value is None else {"most": value}


def _differs(name: str, part: VillageProblem, limits: VillageLimits) -> bool:
    """Whether there is such a limit at all."""
    if name == "apart":
        return len(part.apart) > 0
    return name == "villages" or any(getattr(limits, key) is not None for key in _LIFTED[name])


def _around(problem: VillageProblem, village: int, steps: int) -> VillageProblem:
    """Cut the villages out that can be reached in so many steps, the village itself first."""
    keep = problem.township[problem.tail] == problem.township[problem.head]
    keep &= ~problem.locked[problem.tail] & ~problem.locked[problem.head]
    tail, head = problem.tail[keep], problem.head[keep]
    inside = np.zeros(problem.n, dtype=np.bool_)
    inside[village] = True
    for _ in range(steps):
        grown = inside.copy()
        grown[head[inside[tail]]] = True
        grown[tail[inside[head]]] = True
        inside = grown
    # who must join somebody inside comes along
    tied = (problem.join >= 0) & np.isin(problem.join, problem.join[inside & (problem.join >= 0)])
    inside |= tied & ~problem.locked
    rows = np.r_[village, np.setdiff1d(np.flatnonzero(inside), [village])]
    at = np.full(problem.n, -1, dtype=np.int32)
    at[rows] = np.arange(len(rows), dtype=np.int32)
    ends = at[np.c_[problem.tail, problem.head]]
    held = (ends >= 0).all(axis=1)
    ends = np.sort(ends[held], axis=1)
    apart = at[problem.apart]
    each = {
        name: getattr(problem, name)[rows]
        for name in ("population", "households", "area_km2", "xy_km", "township", "locked", "join")
    }
    return problem.replace(
        **each,
        tail=np.ascontiguousarray(ends[:, 0]),
        head=np.ascontiguousarray(ends[:, 1]),
        border_km=problem.border_km[held],
        apart=apart[(apart >= 0).all(axis=1)],
        minutes=problem.minutes[np.ix_(rows, rows)],
        traits=problem.traits[:, rows],
        collective_yuan=problem.collective_yuan[rows],
    )


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
