"""Give every unit to a centre, exactly: the model of Hess with contiguity cut in where needed.

``x[i, j]`` = 1 where unit i belongs to the community whose centre is j (Hess, Weaver, Siegfeldt,
Whelan & Zitlau 1965). A plan whose community falls apart is cut off by separators: a unit belongs
to a centre only if some unit of every separator between the two does (Oehrlein & Haunert 2017;
Validi, Buchanan & Lykhovyd 2022).
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from commplan.optimise.communities.instance import Floats, Ints, Positions
from commplan.optimise.communities.presolve import open_pairs, pieces
from commplan.optimise.milp import MilpAnswer, MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.problem.communities import CommunityProblem

_ROUNDS = 60


@dataclass(frozen=True)
class Assignment:
    """What the model says.

    Parameters
    ----------
    labels : int32 array, shape (n,), or None
        The best connected plan that is known.
    bound : float
        Proven lower bound of Σ cost.
    proven : bool
        The labels are optimal, or nothing is valid where there are none.
    """

    labels: Ints | None
    bound: float
    proven: bool


@dataclass(frozen=True)
class _Cuts:
    """Rows that demand contiguity: ``x[i, j] <= Σ x[s, j]`` over a separator."""

    rows: tuple[tuple[int, int, NDArray[np.int64]], ...] = ()


def assign_to_centres(
    problem: CommunityProblem, cost: Floats, start: Ints | None, limit_s: float | None
) -> Assignment:
    """Find the plan of least Σ cost[unit, centre], the centre being one of the community's units.

    Parameters
    ----------
    problem : CommunityProblem
        Its bounds, number of communities and open edges count; parts, groups, locks and
        exceptions do not.
    cost : float64 array, shape (n, n)
    start : int32 array, shape (n,), or None
        A valid plan to start from.
    limit_s : float or None
        A guard.
    """
    began = time.perf_counter()
    scale = max(1.0, float(np.abs(cost).mean()) / 100)
    best, value = start, np.inf if start is None else plan_cost(cost, start)
    bound, cuts = 0.0, _Cuts()
    for _ in range(_ROUNDS):
        left = None if limit_s is None else limit_s - (time.perf_counter() - began)
        if left is not None and left <= 0.1:
            break
        model = _model(problem, cost / scale, cuts)
        first = None if best is None else _vector(cost, best)
        answer = solve_arrays(model, MilpOptions(time_limit_s=left, gap_abs=1e-6), first)
        bound = max(bound, answer.bound * scale) if np.isfinite(answer.bound) else bound
        if answer.status is MilpStatus.INFEASIBLE:
            return Assignment(best, bound, best is None)
        found = _plan(answer, problem.n)
        if found is None:
            break
        more = _separators(problem, found)
        if not more:
            better = plan_cost(cost, found) <= value
            best = found if better else best
            value = min(value, plan_cost(cost, found))
            if answer.status is MilpStatus.OPTIMAL:
                return Assignment(best, min(bound, value), proven=True)
        elif answer.status is not MilpStatus.OPTIMAL:
            break
        cuts = _Cuts(cuts.rows + tuple(more))
    return Assignment(best, min(bound, value), proven=best is not None and bound >= value)


def plan_cost(cost: Floats, labels: Ints) -> float:
    """Σ cost of each community to the centre that is best for it."""
    groups = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return float(sum(cost[np.ix_(g, g)].sum(axis=0).min() for g in groups))


def _model(problem: CommunityProblem, cost: Floats, cuts: _Cuts) -> MilpArrays:
    """Write the model; column i * n + j is ``x[i, j]``."""
    n = problem.n
    i, j = np.divmod(np.arange(n * n), n)
    at = np.arange(n * n)
    size = problem.households[i].astype(np.float64)
    own = j * n + j
    away = at[i != j]
    ones = np.ones(n * n)
    most = n if problem.max_communities is None else problem.max_communities
    blocks = [
        (i, at, ones, np.ones(n), np.ones(n)),
        _bound_rows(size, problem.min_households, (j, at, own), upper=False),
        _bound_rows(size, problem.max_households, (j, at, own), upper=True),
        (np.zeros(n), np.arange(n) * (n + 1), np.ones(n), [problem.min_communities], [most]),
        (
            np.tile(np.arange(len(away)), 2),
            np.r_[away, own[away]],
            np.r_[np.ones(len(away)), -np.ones(len(away))],
            np.full(len(away), -np.inf),
            np.zeros(len(away)),
        ),
    ]
    for u, c, separator in cuts.rows:
        columns = np.r_[u * n + c, separator * n + c]
        values = np.r_[1.0, -np.ones(len(separator))]
        blocks.append((np.zeros(len(columns)), columns, values, [-np.inf], [0.0]))
    matrix, low, high = _stacked(blocks, n * n)
    binary = np.ones(n * n, dtype=np.bool_)
    return MilpArrays(cost.ravel(), matrix, low, high, np.zeros(n * n), ones, binary)


def _bound_rows(
    size: Floats, limit: int, index: tuple[Positions, Positions, Positions], *, upper: bool
) -> tuple[object, ...]:
    """Σ households of a centre's units against ``limit`` where the centre is open."""
    j, at, own = index
    n = int(j.max()) + 1
    rows, columns = np.r_[j, np.arange(n)], np.r_[at, own[:n]]
    low, high = (-np.inf, 0.0) if upper else (0.0, np.inf)
    return rows, columns, np.r_[size, np.full(n, -float(limit))], np.full(n, low), np.full(n, high)


def _stacked(blocks: list[tuple[object, ...]], columns: int) -> tuple[csr_array, Floats, Floats]:
    rows, cols, values, lows, highs = [], [], [], [], []
    top = 0
    for row, column, value, low, high in blocks:
        rows.append(np.asarray(row, dtype=np.int64) + top)
        cols.append(np.asarray(column, dtype=np.int64))
        values.append(np.asarray(value, dtype=np.float64))
        lows.append(np.asarray(low, dtype=np.float64))
        highs.append(np.asarray(high, dtype=np.float64))
        top += len(lows[-1])
    entries = (np.concatenate(rows), np.concatenate(cols))
    matrix = coo_array((np.concatenate(values), entries), shape=(top, columns)).tocsr()
    return matrix, np.concatenate(lows), np.concatenate(highs)


def _vector(cost: Floats, labels: Ints) -> Floats:
    """Write a plan as a solution of the model."""
    n = len(labels)
    x = np.zeros((n, n))
    for c in np.unique(labels):
        g = np.flatnonzero(labels == c)
        x[g, g[np.argmin(cost[np.ix_(g, g)].sum(axis=0))]] = 1.0
    return x.ravel()


def _plan(answer: MilpAnswer, n: int) -> Ints | None:
    if answer.values is None:
        return None
    centre = answer.values.reshape(n, n).argmax(axis=1)
    return np.unique(centre, return_inverse=True)[1].astype(np.int32) if n else None


def _separators(
    problem: CommunityProblem, labels: Ints
) -> list[tuple[int, int, NDArray[np.int64]]]:
    """Cuts against pieces that lie apart, for every centre that the largest piece could have."""
    tail, head = open_pairs(problem)
    inside = labels[tail] == labels[head]
    piece = pieces(problem.n, tail[inside], head[inside])
    rows = []
    for c in np.unique(labels):
        mine = np.flatnonzero(labels == c)
        sizes = np.bincount(piece[mine], problem.households[mine] + 1.0)
        main = int(np.argmax(sizes))
        for p in np.unique(piece[mine]):
            if p == main:
                continue
            apart = mine[piece[mine] == p]
            near = np.r_[head[np.isin(tail, apart)], tail[np.isin(head, apart)]]
            separator = np.setdiff1d(near, apart).astype(np.int64)
            unit = int(apart[np.argmax(problem.households[apart])])
            centres = np.setdiff1d(mine[piece[mine] == main], separator)
            rows += [(unit, int(j), separator) for j in centres]
    return rows
