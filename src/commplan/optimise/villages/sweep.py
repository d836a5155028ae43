"""Better plans piece by piece: neighbourhoods are divided anew to the optimum, the rest stays.

Large-neighbourhood search (Shaw 1998): the groups that lie wholly among the villages nearest to a
centre are given up, and the best way to cover their villages by groups among them is found.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.spatial import KDTree

from commplan.optimise.milp import MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.optimise.villages.partition import Partition

Floats = NDArray[np.float64]

_NEAR = 50  # villages of a neighbourhood
_STEP = 15  # every so many villages along the map one is a centre
_SWEEPS = 4
_NODES = 200


def sweep(
    partition: Partition, start: NDArray[np.int64], xy_km: Floats, options: MilpOptions
) -> NDArray[np.int64]:
    """Improve a plan until a sweep over all neighbourhoods finds nothing.

    Parameters
    ----------
    partition : Partition
        Every row is one village, in exactly one column.
    start : int64 array
        Columns of a plan.
    xy_km : float64 array, shape (rows, 2)
    options : MilpOptions
        For each neighbourhood.

    Returns
    -------
    int64 array
        Columns of a plan that costs no more.
    """
    tree = KDTree(xy_km)
    size = np.diff(partition.rows.indptr)
    plan = start
    for number in range(_SWEEPS):
        before = partition.cost[plan].sum()
        for centre in _centres(xy_km, number):
            near = np.asarray(tree.query(xy_km[centre], min(_NEAR, len(xy_km)))[1])
            plan = _anew(partition, size, (plan, np.atleast_1d(near)), options)
        if partition.cost[plan].sum() >= before - 1e-9:
            break
    return plan


def _centres(xy_km: Floats, number: int) -> NDArray[np.int64]:
    """Villages in strips across the map, other ones in every sweep."""
    strip = np.floor((xy_km[:, 1] - xy_km[:, 1].min()) / max(1e-9, np.ptp(xy_km[:, 1])) * 8)
    along = np.where(strip % 2 == 0, xy_km[:, 0], -xy_km[:, 0])
    order = np.lexsort((along, strip))
    return np.asarray(order[(number * 7) % _STEP :: _STEP])


def _anew(
    partition: Partition,
    size: NDArray[np.int32],
    given: tuple[NDArray[np.int64], NDArray[np.int64]],
    options: MilpOptions,
) -> NDArray[np.int64]:
    plan, near = given
    inside = np.zeros(partition.rows.shape[0])
    inside[near] = 1.0
    mine = plan[(partition.rows[:, plan].T @ inside) == size[plan]]
    inside[:] = 0.0
    inside[partition.rows[:, mine].indices] = 1.0
    columns = np.flatnonzero((partition.rows.T @ inside) == size)
    if len(columns) == len(mine):
        return plan
    rows = np.flatnonzero(inside)
    k, one = len(columns), np.ones(len(rows))
    part = csc_array(partition.rows[:, columns][rows])
    whole = np.ones(k, dtype=np.bool_)
    arrays = MilpArrays(partition.cost[columns], part, one, one, np.zeros(k), np.ones(k), whole)
    known = np.isin(columns, mine).astype(np.float64)
    answer = solve_arrays(arrays, options, known)
    good = answer.status in {MilpStatus.OPTIMAL, MilpStatus.FEASIBLE}
    if not good or answer.values is None or answer.objective is None:
        return plan
    if answer.objective >= partition.cost[mine].sum() - 1e-9:
        return plan
    return np.union1d(np.setdiff1d(plan, mine), columns[answer.values > 0.5])
