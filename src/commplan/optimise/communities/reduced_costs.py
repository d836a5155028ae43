"""Leave out communities that no plan better than a known one can hold.

Reduced costs of a linear relaxation say by how much the bound rises if a community is chosen
(variable fixing as in Dantzig, Fulkerson & Johnson 1954): where that is more than the known plan
leaves, the community is out.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from commplan.optimise.communities.columns import Columns
from commplan.optimise.communities.instance import Floats
from commplan.problem.communities import CommunityProblem

_FEW = 1_500  # columns that are solved as they are; the best as many give the known plan
_SLACK = 1e-6  # relative, given up for rounding


def promising(
    problem: CommunityProblem, columns: Columns, solve: Callable[[Columns], float | None]
) -> Columns:
    """Return the columns that a cheapest plan can hold.

    Parameters
    ----------
    problem : CommunityProblem
    columns : Columns
    solve : callable
        Cost of the best valid plan of some columns, None where it is not known.
    """
    count = columns.has.shape[0]
    if count <= _FEW:
        return columns
    found = _relaxed(problem, columns)
    if found is None:
        return columns
    bound, reduced = found
    best = np.argsort(reduced, kind="stable")
    top = solve(_some(columns, np.sort(best[:_FEW])))
    if top is None:
        return columns
    room = top - bound + _SLACK * max(1.0, abs(top))
    return _some(columns, np.flatnonzero(reduced <= room))


def _some(columns: Columns, which: NDArray[np.int64]) -> Columns:
    return replace(columns, has=csr_array(columns.has[which]), cost=columns.cost[which])


def _relaxed(problem: CommunityProblem, columns: Columns) -> tuple[float, Floats] | None:
    """Bound of the relaxation, and the reduced cost of each column."""
    from commplan.optimise.milp import MilpArrays, MilpStatus, solve_arrays

    count, units = columns.has.shape
    cost = columns.cost + problem.weights.moved_households * least_moved(problem, columns)
    most = units if problem.max_communities is None else problem.max_communities
    lower = np.r_[np.ones(units), float(problem.min_communities)]
    upper = np.r_[np.ones(units), float(most)]
    matrix = csr_array(vstack([columns.has.T, csr_array(np.ones((1, count)))]))
    model = MilpArrays(cost, matrix, lower, upper, np.zeros(count), np.full(count, np.inf))
    answer = solve_arrays(model)
    if answer.status is not MilpStatus.OPTIMAL or answer.row_duals is None:
        return None
    prices = answer.row_duals
    bound = float(np.where(prices > 0, prices * lower, prices * upper).sum())
    return bound, cost - matrix.T @ prices


def least_moved(problem: CommunityProblem, columns: Columns) -> Floats:
    """Households of each column that move at least: all but those of one old community."""
    today = problem.today[columns.units]
    at = np.flatnonzero(today >= 0)
    if len(at) == 0:
        return np.zeros(columns.has.shape[0])
    old = np.unique(today[at], return_inverse=True)[1]
    households = problem.households[columns.units][at].astype(np.float64)
    shape = (len(today), int(old.max()) + 1)
    shared = csr_array(columns.has @ csr_array((households, (at, old)), shape=shape))
    most = shared.max(axis=1).toarray().ravel()
    return np.asarray(shared.sum(axis=1) - most)
