"""Better plans piece by piece: where a plan is dearer than its bound, it is divided anew.

Large-neighbourhood search (Shaw 1998), led by the relaxation: a plan costs more than the bound by the
sum of the reduced costs of its columns, so only around columns with a positive one is there anything
to gain. The groups that lie wholly among the villages nearest to such a column are given up, and the
best way to cover their villages by groups among them is found.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.spatial import KDTree

from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays
from commplan.optimise.stop import Clock
from commplan.optimise.villages.partition import Relaxed, within

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEAR = (60, 120)  # villages of a neighbourhood, first and then
_COLUMNS = 1_500  # of a neighbourhood, those of least reduced cost
_MOST = 120  # neighbourhoods of each size
_GAIN = 1e-6


def sweep(relaxed: Relaxed, start: Ints, xy_km: Floats, options: MilpOptions, clock: Clock) -> Ints:
    """Improve a plan around the columns that make it dear, the dearest first.

    Parameters
    ----------
    relaxed : Relaxed
    start : int64 array
        Columns of a plan.
    xy_km : float64 array, shape (villages, 2)
    options : MilpOptions
        For each neighbourhood.
    clock : Clock

    Returns
    -------
    int64 array
        Columns of a plan that costs no more.
    """
    pieces = _Pieces(relaxed, xy_km)
    plan = start
    for near in _NEAR:
        tried: set[int] = set()
        for _ in range(_MOST):
            dear = plan[relaxed.reduced[plan] > _GAIN]
            left = [c for c in dear.tolist() if c not in tried]
            if not left or clock.over():
                break
            worst = max(left, key=lambda c: (relaxed.reduced[c], -c))
            tried.add(worst)
            plan = pieces.anew(plan, worst, near, within(options, clock))
    return plan


class _Pieces:
    """Neighbourhoods of a plan; holds what they have in common."""

    def __init__(self, relaxed: Relaxed, xy_km: Floats) -> None:
        self._relaxed = relaxed
        self._xy_km = xy_km
        self._tree = KDTree(xy_km)
        self._rows = csc_array(relaxed.partition.rows[: len(xy_km)])
        self._by_column = self._rows.T.tocsr()
        self._size = np.diff(self._rows.indptr)

    def _inside(self, villages: Floats) -> NDArray[np.bool_]:
        """Columns that lie wholly among the villages marked by 1."""
        return np.asarray(self._by_column @ villages == self._size)

    def anew(self, plan: Ints, worst: int, near: int, options: MilpOptions) -> Ints:
        """Divide the surroundings of the column ``worst`` anew."""
        count = len(self._xy_km)
        members = self._rows.indices[self._rows.indptr[worst] : self._rows.indptr[worst + 1]]
        middle = self._xy_km[members].mean(axis=0)
        marked = np.zeros(count)
        marked[np.atleast_1d(self._tree.query(middle, min(near, count))[1])] = 1.0
        mine = plan[(self._by_column[plan] @ marked) == self._size[plan]]
        marked[:] = 0.0
        marked[self._rows[:, mine].indices] = 1.0
        reduced, cost = self._relaxed.reduced, self._relaxed.partition.cost
        # What lies outside stays: columns beyond the gap that is here cannot help here.
        within_gap = reduced <= reduced[mine].sum() + _GAIN
        columns = np.flatnonzero(self._inside(marked) & within_gap)
        columns = columns[np.argsort(reduced[columns], kind="stable")[:_COLUMNS]]
        columns = np.union1d(columns, mine)
        if len(columns) == len(mine):
            return plan
        rows = np.flatnonzero(marked)
        k, one = len(columns), np.ones(len(rows))
        part = csc_array(self._rows[:, columns][rows])
        whole = np.ones(k, dtype=np.bool_)
        arrays = MilpArrays(cost[columns], part, one, one, np.zeros(k), np.ones(k), whole)
        known = np.isin(columns, mine).astype(np.float64)
        answer = solve_arrays(arrays, options, known)
        if answer.values is None or answer.objective is None:
            return plan
        if answer.objective >= cost[mine].sum() - _GAIN:
            return plan
        return np.union1d(np.setdiff1d(plan, mine), columns[answer.values > 0.5])
