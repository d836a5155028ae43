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
from commplan.optimise.stop import Clock
from commplan.optimise.villages.atoms import make_atoms
from commplan.optimise.villages.costs import group_terms, weighted
from commplan.optimise.villages.cuts import tighten
from commplan.optimise.villages.groups import MOST_GROUPS, Groups, list_groups
from commplan.optimise.villages.partition import (
    FEW,
    Chosen,
    Partition,
    first_columns,
    greedy_plan,
    relax,
    settle,
    solve_whole,
    within,
)
from commplan.optimise.villages.reasons import why_left
from commplan.optimise.villages.sweep import sweep
from commplan.problem.result import Status
from commplan.problem.terms import renumber
from commplan.problem.villages import TERMS, VillageProblem, VillageResult

Floats = NDArray[np.float64]


_NODES = 2_000  # of an integer programme over all columns
_NODES_OF_PART = 20  # of one over some
_FIRST = 9000  # columns of the first plan
_FIRST_GAP = 1e-3
_WHOLE, _TINY = 0.999, 1e-6  # less is no gap: where all costs are whole numbers, and elsewhere
_ROUNDING = 1e-4
_DEAR = 10.0  # a small village that stays costs so many times the dearest group


@dataclass(frozen=True)
class MergeParams:
    """How hard to try.

    Parameters
    ----------
    time_limit_s : float or None
        A guard.
    most_groups : int
        Groups listed; where there are more, only smaller ones are looked at, and what is found is
        not called optimal.
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
    clock = Clock(params.time_limit_s)
    choice = _choices(problem, params)
    in_ones = bool((choice.cost == np.rint(choice.cost)).all())
    gap_abs = _WHOLE if in_ones else _TINY
    options = MilpOptions(node_limit=_NODES, seed=params.seed, gap_abs=gap_abs)
    few = len(choice.cost) <= FEW
    chosen, least = (_short if few else _long)(problem, choice, options, clock)
    fewest = float(choice.left[chosen.columns].sum())
    whole = choice.groups.whole
    proven = whole and chosen.proven and least == fewest
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    bound = max(0.0, chosen.bound) if whole else 0.0
    if in_ones:  # whole numbers in sum as well
        bound = max(0.0, float(np.ceil(bound - _ROUNDING)))
    known = (status, least if whole else 0, bound)
    result = _result(problem, choice, chosen.columns, known)
    runtime_s = time.perf_counter() - began
    return replace(result, runtime_s=runtime_s, reproducible=not clock.over())


def _short(
    problem: VillageProblem, choice: _Choice, options: MilpOptions, clock: Clock
) -> tuple[Chosen, int]:
    """Few columns: first prove how few small villages stay, then what it costs at least."""
    every, each = np.arange(len(choice.cost)), np.ones(problem.n)
    stay = every[len(choice.seats) :]
    # A little of the cost leads to plans that are cheap as well.
    slight = 0.5 / (1.0 + problem.n * float(choice.cost.max(initial=0.0)))
    once = csc_array(choice.has.T)
    # Their number is whole: a gap below a half leaves no fewer.
    half = replace(within(options, clock), gap_abs=0.5)
    first = Partition(once, choice.left + slight * choice.cost, each, each)
    found = solve_whole(first, every, greedy_plan(first, stay), half)
    least = 0 if np.isinf(found.bound) else int(np.ceil(found.bound - 0.5 - 1e-6))
    fewest = float(choice.left[found.columns].sum())
    rows = csc_array(vstack([once, csr_array(choice.left[None, :])]))
    second = Partition(rows, choice.cost, np.r_[each, -np.inf], np.r_[each, fewest])
    return solve_whole(second, every, found.columns, within(options, clock)), max(0, least)


def _long(
    problem: VillageProblem, choice: _Choice, options: MilpOptions, clock: Clock
) -> tuple[Chosen, int]:
    """Many columns: a small village that stays although it need not is dear; all else is cost."""
    stay = np.arange(len(choice.seats), len(choice.cost))
    each, once = np.ones(problem.n), csc_array(choice.has.T)
    grouped = np.zeros(problem.n)
    grouped[once[:, : len(choice.seats)].indices] = 1.0
    must = (choice.has @ grouped == 0) * choice.left  # in no group at all
    dear = 1.0 + _DEAR * float(choice.cost.max(initial=0.0))
    both = Partition(once, choice.cost + dear * (choice.left - must), each, each)
    chosen = _search(both, stay, problem.xy_km, (options, clock))
    extra = float((choice.left - must)[chosen.columns].sum())
    forced = round(float(must.sum()))
    least = forced
    if extra > 0:
        counted = relax(Partition(once, choice.left, each, each), stay, options, clock)
        least = forced if counted is None else max(forced, int(np.ceil(counted.bound - 1e-6)))
    # Plans that leave as few cost no less than the bound of both without the dear part.
    rest = dear * extra
    found = Chosen(chosen.columns, chosen.cost - rest, chosen.bound - rest, chosen.proven)
    return found, least


def _search(
    partition: Partition,
    stay: NDArray[np.int64],
    xy_km: Floats,
    control: tuple[MilpOptions, Clock],
) -> Chosen:
    """Relax, choose among columns of low reduced cost, improve, and prove as far as one can."""
    options, clock = control
    relaxed = relax(partition, first_columns(partition, stay), options, clock)
    if relaxed is None:  # the time is up
        return _quick(partition, stay)
    relaxed = tighten(relaxed, len(xy_km), options, clock)
    order = np.argsort(relaxed.reduced[relaxed.active], kind="stable")
    near = np.union1d(relaxed.active[order[:_FIRST]], stay)
    part = replace(options, node_limit=_NODES_OF_PART, gap_rel=_FIRST_GAP)
    rough = within(part, clock)
    # The cuts are for the bound: the programme over few columns is quicker without.
    plan = solve_whole(partition, near, stay, rough).columns
    if clock.over():
        plan = min(plan, _quick(partition, stay).columns, key=lambda p: partition.cost[p].sum())
    plan = sweep(relaxed, plan, xy_km, part, clock)
    return settle(relaxed, plan, options, clock)


def _quick(partition: Partition, stay: NDArray[np.int64]) -> Chosen:
    plan = greedy_plan(partition, stay)
    return Chosen(plan, float(partition.cost[plan].sum()), -np.inf, False)


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
    known: tuple[Status, int, float],
) -> VillageResult:
    status, least, bound = known
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
        objective if status is Status.OPTIMAL else min(bound, objective),
        why_left(problem, labels, choice.groups, settled=least == choice.left[chosen].sum()),
        least,
        dict(zip(TERMS, choice.terms[:, chosen].sum(axis=1).tolist(), strict=True)),
        len(choice.groups.ptr) - 1,
    )
