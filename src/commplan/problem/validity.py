"""Whether a plan is valid by the yardstick: a check that shares nothing with any search."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.problem.communities import CommunityProblem
from commplan.problem.successors import match_successors
from commplan.problem.terms import moved_households, renumber, sum_by


@dataclass(frozen=True)
class Breach:
    """One rule that a plan breaks.

    Parameters
    ----------
    kind : str
        ``"unassigned"``, ``"disconnected"``, ``"bounds"``, ``"attribute"``, ``"part"``,
        ``"group"``, ``"lock"``, ``"communities"`` or ``"moved"``.
    units : tuple of int
        Positions of the units concerned.
    params : mapping
        Numbers: ``households``, ``pieces``, ...; of an attribute its ``name`` and ``amount``.
    """

    kind: str
    units: tuple[int, ...] = ()
    params: Mapping[str, float | str] = field(default_factory=dict)


def faults(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    """List every rule that ``labels`` break; empty for a valid plan.

    Parameters
    ----------
    problem : CommunityProblem
    labels : int32 array, shape (n,)

    Returns
    -------
    list of Breach
    """
    if labels.shape != (problem.n,) or bool((labels < 0).any()):
        lost = np.flatnonzero(labels < 0) if labels.shape == (problem.n,) else np.arange(problem.n)
        return [Breach("unassigned", tuple(lost.tolist()))]
    compact = renumber(labels)
    return [
        *_disconnected(problem, compact),
        *_out_of_bounds(problem, compact),
        *_attributes_out_of_bounds(problem, compact),
        *_split(compact, problem.part, "part"),
        *_torn_groups(problem, compact),
        *_broken_locks(problem, compact),
        *_wrong_number(problem, compact),
        *_too_many_moved(problem, compact),
    ]


def _disconnected(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    edges = problem.edges
    inside = edges.is_open & (labels[edges.tail] == labels[edges.head])
    tail, head = edges.tail[inside], edges.head[inside]
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(problem.n, problem.n))
    count, piece = connected_components(links, directed=False)
    pieces = np.bincount(labels[np.unique(piece, return_index=True)[1]])
    if count == len(pieces):
        return []
    return [
        Breach("disconnected", _units(labels, int(c)), {"pieces": int(pieces[c])})
        for c in np.flatnonzero(pieces > 1)
    ]


def _out_of_bounds(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    households = sum_by(labels, problem.households, int(labels.max()) + 1 if problem.n else 0)
    wrong = (households < problem.min_households) | (households > problem.max_households)
    wrong[labels[problem.exempt]] = False
    return [
        Breach("bounds", _units(labels, int(c)), {"households": int(households[c])})
        for c in np.flatnonzero(wrong)
        if not (problem.grandfather and is_unchanged(problem, labels, int(c)))
    ]


def _attributes_out_of_bounds(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    k = int(labels.max()) + 1 if problem.n else 0
    found = []
    for attribute in problem.attributes:
        amount = sum_by(labels, attribute.amount, k)
        wrong = (amount < attribute.low) | (amount > attribute.high)
        wrong[labels[problem.exempt]] = False
        found += [
            Breach(
                "attribute",
                _units(labels, int(c)),
                {"name": attribute.name, "amount": int(amount[c])},
            )
            for c in np.flatnonzero(wrong)
            if not (problem.grandfather and is_unchanged(problem, labels, int(c)))
        ]
    return found


def is_unchanged(problem: CommunityProblem, labels: NDArray[np.int32], community: int) -> bool:
    """Whether ``community`` is exactly one of today's."""
    inside = labels == community
    old = problem.today[inside]
    return bool(
        old[0] >= 0 and (old == old[0]).all() and (problem.today == old[0]).sum() == old.size
    )


def _split(labels: NDArray[np.int32], part: NDArray[np.int32], kind: str) -> list[Breach]:
    first = np.unique(labels, return_index=True)[1]
    strays = np.unique(labels[part != part[first][labels]])
    return [Breach(kind, _units(labels, c)) for c in strays]


def _torn_groups(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    grouped = np.flatnonzero(problem.group >= 0)
    if grouped.size == 0:
        return []
    numbers, inverse = np.unique(problem.group[grouped], return_inverse=True)
    first = np.unique(inverse, return_index=True)[1]
    torn = np.unique(inverse[labels[grouped] != labels[grouped[first]][inverse]])
    return [
        Breach("group", tuple(np.flatnonzero(problem.group == numbers[g]).tolist())) for g in torn
    ]


def _broken_locks(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    locked = np.flatnonzero(problem.locked & (problem.today >= 0))
    if locked.size == 0:
        return []
    of, was = labels.astype(np.int64), problem.today.astype(np.int64)
    successor = match_successors(was, of, problem.households, problem.locked)
    broken = locked[successor[labels[locked]] != problem.today[locked]]
    return [Breach("lock", tuple(broken.tolist()))] if broken.size else []


def _wrong_number(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    k = int(labels.max(initial=-1)) + 1
    most = problem.n if problem.max_communities is None else problem.max_communities
    return [] if problem.min_communities <= k <= most else [Breach("communities", (), {"k": k})]


def _too_many_moved(problem: CommunityProblem, labels: NDArray[np.int32]) -> list[Breach]:
    if problem.max_moved_households is None:
        return []
    moved = moved_households(problem, labels)
    if moved <= problem.max_moved_households:
        return []
    return [Breach("moved", (), {"households": moved})]


def _units(labels: NDArray[np.int32], community: int) -> tuple[int, ...]:
    return tuple(np.flatnonzero(labels == community).tolist())
