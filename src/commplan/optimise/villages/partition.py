"""Set partitioning over a long list of columns.

A short list is solved as it is. Of a long one the linear relaxation is solved over few columns; all
others are priced by its duals and the best come in until none would help (Dantzig & Wolfe 1960, with
pricing by looking through the list), and `cuts` make it tighter. An integer programme over columns of
low reduced cost gives a plan, `sweep` improves it piece by piece. Only columns whose reduced cost is
within the gap between plan and bound can be part of a better plan: where these are few, the integer
programme over them settles the matter.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from commplan.optimise.milp import MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW = 10_000  # so few columns are solved as they are
_BATCH = 4_000  # columns that come in at once
_SETTLED = 6_000  # so few near columns are solved to the end
_TINY = 1e-7


@dataclass(frozen=True)
class Partition:
    """Columns to choose from.

    Parameters
    ----------
    rows : csc_array, shape (r, columns)
        First the villages, each in one chosen column exactly; cuts below.
    cost : float64 array, shape (columns,)
    low, high : float64 array, shape (r,)
    """

    rows: csc_array
    cost: Floats
    low: Floats
    high: Floats

    def arrays(self, columns: Ints, integral: bool) -> MilpArrays:
        """Model over some of the columns."""
        k = len(columns)
        whole = np.full(k, integral, dtype=np.bool_)
        part = csc_array(self.rows[:, columns])
        cost = self.cost[columns]
        return MilpArrays(cost, part, self.low, self.high, np.zeros(k), np.ones(k), whole)

    def with_rows(self, more: csr_array) -> "Partition":
        """Add rows of which the chosen columns may meet one each."""
        count = more.shape[0]
        rows = csc_array(vstack([self.rows, more]))
        low = np.r_[self.low, np.full(count, -np.inf)]
        return Partition(rows, self.cost, low, np.r_[self.high, np.ones(count)])


@dataclass(frozen=True)
class Chosen:
    """The columns of the best plan, its cost, a lower bound, and whether both are proven equal."""

    columns: Ints
    cost: float
    bound: float
    proven: bool


@dataclass(frozen=True)
class Relaxed:
    """The relaxation, solved.

    Parameters
    ----------
    partition : Partition
        With the cuts that were added.
    active : int64 array, shape (k,)
        Columns that came in.
    values : float64 array, shape (k,)
    reduced : float64 array, shape (columns,)
        Reduced cost of every column.
    bound : float
        Of every plan.
    """

    partition: Partition
    active: Ints
    values: Floats
    reduced: Floats
    bound: float


def within(options: MilpOptions, clock: Clock) -> MilpOptions:
    """Leave a programme what time is left."""
    return replace(options, time_limit_s=clock.left_s)


def relax(partition: Partition, active: Ints, options: MilpOptions, clock: Clock) -> Relaxed | None:
    """Solve the relaxation, beginning with the columns ``active``, which must hold a plan.

    Returns
    -------
    Relaxed or None
        None where the time was up before it was solved.
    """
    while True:
        answer = solve_arrays(partition.arrays(active, False), within(options, clock))
        solved = answer.status is MilpStatus.OPTIMAL
        if not solved or answer.row_duals is None or answer.values is None or clock.over():
            return None
        duals = np.where(
            np.isinf(partition.low), np.minimum(answer.row_duals, 0.0), answer.row_duals
        )
        reduced = partition.cost - partition.rows.T @ duals
        outside = np.ones(len(reduced), dtype=np.bool_)
        outside[active] = False
        worst = np.flatnonzero(outside & (reduced < -_TINY))
        if len(worst) == 0:
            # Any duals bound every plan; each column is taken at most once (Lagrange).
            bound = float(duals @ partition.high + np.minimum(0.0, reduced).sum())
            return Relaxed(partition, active, answer.values, reduced, bound)
        best = worst[np.argsort(reduced[worst], kind="stable")[:_BATCH]]
        active = np.union1d(active, best)


def greedy_plan(partition: Partition, stay: Ints) -> Ints:
    """Take columns one after another, first what costs least for what it saves.

    Parameters
    ----------
    partition : Partition
        Without cuts.
    stay : int64 array
        Columns that hold each row once, and no part of any other column's rows; what a column saves
        is their cost.

    Returns
    -------
    int64 array
        Columns of a plan.
    """
    rows = partition.rows
    own = csc_array(rows[:, stay])
    size = np.diff(own.indptr)
    saved = np.zeros(rows.shape[0])
    saved[own.indices] = np.repeat(partition.cost[stay] / size, size)
    worth = rows.T @ saved
    ratio = np.divide(partition.cost, worth, out=np.ones(len(worth)), where=worth > 0)
    ratio[stay] = 1.0
    good = np.union1d(np.flatnonzero(ratio < 1.0), stay)
    free = np.ones(rows.shape[0], dtype=np.bool_)
    taken = []
    for column in good[np.argsort(ratio[good], kind="stable")].tolist():
        members = rows.indices[rows.indptr[column] : rows.indptr[column + 1]]
        if free[members].all():
            free[members] = False
            taken.append(column)
    return np.sort(np.array(taken, dtype=np.int64))


def first_columns(partition: Partition, start: Ints) -> Ints:
    """Columns to begin with: a plan, and what is cheap for its size."""
    size = np.maximum(np.diff(partition.rows.indptr), 1)
    cheap = np.argsort(partition.cost / size, kind="stable")[:_BATCH]
    return np.union1d(cheap, start)


def solve_whole(
    partition: Partition,
    columns: Ints,
    start: Ints,
    options: MilpOptions,
    bound: float = -np.inf,
) -> Chosen:
    """Solve the integer programme over some columns.

    Parameters
    ----------
    partition : Partition
    columns : int64 array
    start : int64 array
        Columns of a known plan, among ``columns``.
    options : MilpOptions
    bound : float
        Known for every plan.

    Returns
    -------
    Chosen
        ``proven`` and ``bound`` hold among ``columns`` alone.
    """
    chosen = np.isin(columns, start).astype(np.float64)
    answer = solve_arrays(partition.arrays(columns, True), options, chosen)
    known = float(partition.cost[start].sum())
    if answer.values is None:
        return Chosen(start, known, bound, False)
    best = columns[np.flatnonzero(answer.values > 0.5)]
    cost = float(partition.cost[best].sum())
    proven = answer.status is MilpStatus.OPTIMAL
    if cost > known:
        best, cost, proven = start, known, False
    return Chosen(best, cost, min(cost, max(bound, answer.bound)), proven)


def settle(relaxed: Relaxed, plan: Ints, options: MilpOptions, clock: Clock) -> Chosen:
    """Prove the plan best or find a better one, where few columns can be part of one."""
    partition, bound = relaxed.partition, relaxed.bound
    cost = float(partition.cost[plan].sum())
    tolerance = max(options.gap_abs, _TINY * max(1.0, abs(cost)))
    if cost - bound <= tolerance:
        return Chosen(plan, cost, min(bound, cost), True)
    near = np.flatnonzero(relaxed.reduced <= cost - bound + tolerance)
    if len(near) > _SETTLED or clock.over():
        return Chosen(plan, cost, bound, False)
    columns = np.union1d(near, plan)
    return solve_whole(partition, columns, plan, within(options, clock), bound)
