"""Set partitioning over a long list of columns, solved by a short one.

The linear relaxation is solved over few columns; all others are priced by its duals and the best
come in until none would help (Dantzig & Wolfe 1960, with pricing by looking through the list). Then
only columns whose reduced cost is within the gap between a known plan and that bound can be part of
a better plan, and the integer programme over these is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from commplan.optimise.milp import MilpArrays, MilpOptions, MilpStatus, solve_arrays

Floats = NDArray[np.float64]

_BATCH = 4_000  # columns that come in at once
_FEW = 2_500  # so few columns are solved as they are
_TINY = 1e-7


@dataclass(frozen=True)
class Partition:
    """Columns to choose from.

    Parameters
    ----------
    rows : csc_array, shape (r, columns)
    cost : float64 array, shape (columns,)
    low, high : float64 array, shape (r,)
    """

    rows: csc_array
    cost: Floats
    low: Floats
    high: Floats

    def arrays(self, columns: NDArray[np.int64], integral: bool) -> MilpArrays:
        """Model over some of the columns."""
        k = len(columns)
        whole = np.full(k, integral, dtype=np.bool_)
        part = csc_array(self.rows[:, columns])
        cost = self.cost[columns]
        return MilpArrays(cost, part, self.low, self.high, np.zeros(k), np.ones(k), whole)


@dataclass(frozen=True)
class Chosen:
    """The columns of the best plan, its cost, a lower bound, and whether both are proven equal."""

    columns: NDArray[np.int64]
    cost: float
    bound: float
    proven: bool


def solve_partition(
    partition: Partition, start: NDArray[np.int64], options: MilpOptions
) -> Chosen | None:
    """Choose the cheapest columns that meet the rows.

    Parameters
    ----------
    partition : Partition
    start : int64 array
        Columns of a known plan.
    options : MilpOptions
        For each of the programmes.

    Returns
    -------
    Chosen or None
        None where the time was up before the relaxation was solved.
    """
    every = np.arange(len(partition.cost))
    known = float(partition.cost[start].sum())
    if len(every) <= _FEW:
        return _whole(partition, every, start, (-np.inf, options))
    relaxed = _relaxed(partition, start, options)
    if relaxed is None:
        return None
    reduced, bound = relaxed
    best = np.union1d(np.argsort(reduced, kind="stable")[:_FEW], start)
    tried = _whole(partition, best, start, (bound, options))
    if tried.cost < known:
        start, known = tried.columns, tried.cost
    tolerance = max(options.gap_abs, _TINY * max(1.0, abs(known)))
    if known - bound <= tolerance:
        return Chosen(start, known, min(bound, known), True)
    near = np.flatnonzero(reduced <= known - bound + tolerance)
    return _whole(partition, np.union1d(near, start), start, (bound, options))


def _relaxed(
    partition: Partition, start: NDArray[np.int64], options: MilpOptions
) -> tuple[Floats, float] | None:
    """Solve the relaxation: reduced cost of every column, and the bound."""
    size = np.asarray(partition.rows.sum(axis=0)).ravel()
    first = np.argsort(partition.cost / np.maximum(size, 1.0), kind="stable")[:_BATCH]
    active = np.union1d(first, start)
    while True:
        answer = solve_arrays(partition.arrays(active, False), options)
        if answer.status is not MilpStatus.OPTIMAL or answer.row_duals is None:
            return None
        reduced = partition.cost - partition.rows.T @ answer.row_duals
        outside = np.ones(len(reduced), dtype=np.bool_)
        outside[active] = False
        worst = np.flatnonzero(outside & (reduced < -_TINY))
        if len(worst) == 0:
            # What rounding may hide: each column is taken at most once.
            lack = float(np.minimum(0.0, reduced[outside]).sum())
            return reduced, answer.bound + lack
        best = worst[np.argsort(reduced[worst], kind="stable")[:_BATCH]]
        active = np.union1d(active, best)


def _whole(
    partition: Partition,
    columns: NDArray[np.int64],
    start: NDArray[np.int64],
    known: tuple[float, MilpOptions],
) -> Chosen:
    """Solve the integer programme over some columns; its bound holds among these alone."""
    bound, options = known
    chosen = np.isin(columns, start).astype(np.float64)
    answer = solve_arrays(partition.arrays(columns, True), options, chosen)
    if answer.values is None:
        return Chosen(start, float(partition.cost[start].sum()), bound, False)
    best = columns[np.flatnonzero(answer.values > 0.5)]
    cost = float(partition.cost[best].sum())
    proven = answer.status is MilpStatus.OPTIMAL
    return Chosen(best, cost, min(cost, max(bound, answer.bound)), proven)
