"""Merge villages: set partitioning over every group that may be formed.

Each village lies in exactly one group or stays as it is (Garfinkel & Nemhauser 1970). First as few
small villages as possible stay small; among the plans that leave as few, the cheapest is taken.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from commplan.optimise.milp import MilpOptions
from commplan.optimise.villages.atoms import make_atoms
from commplan.optimise.villages.costs import group_terms, weighted
from commplan.optimise.villages.groups import MOST_GROUPS, Groups, list_groups
from commplan.optimise.villages.partition import Partition, solve_partition
from commplan.optimise.villages.reasons import why_left
from commplan.optimise.villages.sweep import sweep
from commplan.problem.result import Status
from commplan.problem.terms import renumber
from commplan.problem.villages import TERMS, VillageProblem, VillageResult

Floats = NDArray[np.float64]


_SOLVES = 4  # integer programmes that one merging may take
_NODES = 2_000


@dataclass(frozen=True)
class MergeParams:
    """How hard to try.

    Parameters
    ----------
    time_limit_s : float or None
        A guard.
    most_groups : int
        Groups listed; where there are more, what is found is not called optimal.
    seed : int
    """

    time_limit_s: float | None = None
    most_groups: int = MOST_GROUPS
    seed: int = 0


@dataclass(frozen=True)
class _Choice:
    """Columns: the groups, then the atoms that stay as they are; seats of the groups."""

    groups: Groups
    has: csr_array
    cost: Floats
    left: Floats
    terms: Floats
    seats: NDArray[np.int32]


def merge_villages(problem: VillageProblem, params: MergeParams | None = None) -> VillageResult:
    """Merge small villages with neighbours at least cost.

    Parameters
    ----------
    problem : VillageProblem
    params : MergeParams, optional

    Returns
    -------
    VillageResult
        ``optimal``, or ``feasible`` where the time was up or the list was cut short.
    """
    params = params or MergeParams()
    began = time.perf_counter()
    choice = _choices(problem, params)
    limit = None if params.time_limit_s is None else params.time_limit_s / _SOLVES
    options = MilpOptions(time_limit_s=limit, node_limit=_NODES, seed=params.seed)
    plan = _good_plan(problem, choice, options)
    plan, least = _fewest_left(problem, choice, plan, options)
    fewest = float(choice.left[plan].sum())
    rows = csc_array(vstack([choice.has.T, csr_array(choice.left[None, :])]))
    each = np.ones(problem.n)
    # As few small villages stay, at least cost.
    second = solve_partition(
        Partition(rows, choice.cost, np.r_[each, -np.inf], np.r_[each, fewest]), plan, options
    )
    plan = plan if second is None else second.columns
    whole = choice.groups.whole
    proven = whole and second is not None and second.proven and least == fewest
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    bound = 0.0 if second is None or not whole else max(0.0, second.bound)
    return _result(problem, choice, plan, (status, least if whole else 0, bound, began))


def _good_plan(problem: VillageProblem, choice: _Choice, options: MilpOptions) -> NDArray[np.int64]:
    """Begin with every village alone, then divide neighbourhoods anew."""
    stay = np.arange(len(choice.seats), len(choice.cost))
    dear = 1.0 + 10.0 * float(choice.cost.max(initial=0.0))  # a small village more costs more
    each = np.ones(problem.n)
    once = csc_array(choice.has.T)
    both = Partition(once, choice.cost + dear * choice.left, each, each)
    return sweep(both, stay, problem.xy_km, options)


def _fewest_left(
    problem: VillageProblem, choice: _Choice, plan: NDArray[np.int64], options: MilpOptions
) -> tuple[NDArray[np.int64], int]:
    """Prove how few small villages stay; a plan that leaves as few as were found."""
    # A little of the cost leads to plans that are cheap as well.
    slight = 0.5 / (1.0 + problem.n * float(choice.cost.max(initial=0.0)))
    each = np.ones(problem.n)
    cost = choice.left + slight * choice.cost
    # Their number is whole: a gap below a half leaves no fewer.
    found = solve_partition(
        Partition(csc_array(choice.has.T), cost, each, each), plan, replace(options, gap_abs=0.5)
    )
    if found is None:
        return plan, 0
    return found.columns, int(np.ceil(found.bound - 0.5 - 1e-6))


def _choices(problem: VillageProblem, params: MergeParams) -> _Choice:
    groups = list_groups(problem, params.most_groups)
    terms, seats = group_terms(problem, groups)
    reached = np.flatnonzero(seats >= 0)
    has = csr_array(_rows(groups, problem.n)[reached])
    kept = Groups(has.indptr.astype(np.int64), has.indices.astype(np.int32), groups.whole)
    alone = _alone(problem)
    own = _rows(alone, problem.n)
    size = np.diff(alone.ptr)
    small = own @ problem.population <= problem.limits.small_people
    every = np.hstack([terms[:, reached], np.zeros((len(terms), len(size)))])
    return _Choice(
        kept,
        csr_array(vstack([has, own])),
        weighted(problem, every),
        np.r_[np.zeros(len(reached)), np.where(size > 1, size, small)].astype(np.float64),
        every,
        seats[reached],
    )


def _rows(groups: Groups, n: int) -> csr_array:
    ones = np.ones(len(groups.village))
    return csr_array((ones, groups.village, groups.ptr), shape=(len(groups.ptr) - 1, n))


def _alone(problem: VillageProblem) -> Groups:
    """Every atom by itself: a village that stays, or villages that do not join as they must."""
    of = make_atoms(problem).of.astype(np.int64)
    key = np.where(of >= 0, of, problem.n + np.arange(problem.n))
    order = np.argsort(key, kind="stable").astype(np.int32)
    starts = np.unique(key[order], return_index=True)[1]
    return Groups(np.r_[starts, problem.n].astype(np.int64), order, True)


def _result(
    problem: VillageProblem,
    choice: _Choice,
    chosen: NDArray[np.int64],
    known: tuple[Status, int, float, float],
) -> VillageResult:
    status, least, bound, began = known
    raw = np.arange(problem.n, dtype=np.int32)
    seat = raw.copy()
    for c in chosen[chosen < len(choice.seats)]:
        members = choice.has.indices[choice.has.indptr[c] : choice.has.indptr[c + 1]]
        raw[members] = members.min()
        seat[members] = choice.seats[c]
    labels = renumber(raw)
    first = np.unique(labels, return_index=True)[1]
    objective = float(choice.cost[chosen].sum())
    return VillageResult(
        status,
        labels,
        seat[first],
        objective,
        min(bound, objective),
        why_left(problem, labels, choice.groups),
        least,
        dict(zip(TERMS, choice.terms[:, chosen].sum(axis=1).tolist(), strict=True)),
        len(choice.groups.ptr) - 1,
        time.perf_counter() - began,
    )
