"""A linear programme that rows are added to, solved from where it last ended.

The dual simplex goes on from the last basis, so that rounds of cuts cost little more than the pivots
they ask for. Its bound is derived from the duals by exact rules and holds whatever the solver's
tolerances (Neumaier and Shcherbina 2004).
"""

from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.errors import SolverError
from commplan.optimise.highs import configured, pass_model, run_interruptibly
from commplan.optimise.milp import MilpOptions
from commplan.optimise.milp_arrays import Floats, MilpArrays


@dataclass(frozen=True)
class RowAnswer:
    """A linear programme's answer.

    Parameters
    ----------
    values : float64 array, shape (columns,)
    bound : float
        Proven, from the duals; infinite where no values satisfy the rows.
    reduced_costs : float64 array, shape (columns,)
    slack : float64 array, shape (rows,)
        How far each row is from its nearer side.
    duals : float64 array, shape (rows,)
    """

    values: Floats
    bound: float
    reduced_costs: Floats
    slack: Floats
    duals: Floats


class GrowingModel:
    """A linear programme held in the solver.

    Parameters
    ----------
    model : MilpArrays
        Minimised; whole numbers are not asked for. Columns need finite bounds.
    options : MilpOptions, optional
    """

    def __init__(self, model: MilpArrays, options: MilpOptions | None = None) -> None:
        self.model = model
        self.solver: Any = configured(options or MilpOptions())
        pass_model(self.solver, model.relaxed())

    def add(self, matrix: sparse.csr_array, lower: Floats, upper: Floats) -> None:
        """Add rows."""
        count = matrix.shape[0]
        if not count:
            return
        starts, columns = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self.solver.addRows(count, lower, upper, matrix.nnz, starts, columns, matrix.data)
        self.model = self.model.with_rows(matrix, lower, upper)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the rows that are not kept."""
        gone = np.flatnonzero(~kept).astype(np.int32)
        if not len(gone):
            return
        self.solver.deleteRows(len(gone), gone)
        self.model = self.model.only_rows(kept)

    def bind(self, columns: NDArray[np.integer[Any]], lower: Floats, upper: Floats) -> None:
        """Set the bounds of columns."""
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)
        col_lower, col_upper = self.model.col_lower.copy(), self.model.col_upper.copy()
        col_lower[columns], col_upper[columns] = lower, upper
        self.model = replace(self.model, col_lower=col_lower, col_upper=col_upper)

    def solve(self, limit_s: float | None = None) -> RowAnswer | None:
        """Solve; None where the time was over first.

        Raises
        ------
        SolverError
            If the solver fails.
        """
        if limit_s is not None:
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(limit_s, 0.01))
        run_interruptibly(self.solver)
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None
        if status == highspy.HighsModelStatus.kInfeasible:
            columns, rows = np.zeros(len(self.model.cost)), np.zeros(len(self.model.row_lower))
            return RowAnswer(columns, np.inf, columns, rows, rows)
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"HiGHS ended with {self.solver.modelStatusToString(status)}")
        solution = self.solver.getSolution()
        values = np.asarray(solution.col_value, dtype=np.float64)
        duals = np.asarray(solution.row_dual, dtype=np.float64)
        bound, reduced = dual_bound(self.model, duals)
        activity = self.model.matrix @ values
        slack = np.minimum(activity - self.model.row_lower, self.model.row_upper - activity)
        return RowAnswer(values, bound, reduced, slack, duals)


def dual_bound(model: MilpArrays, duals: Floats) -> tuple[float, Floats]:
    """Lower bound that any row prices prove, and the reduced costs they leave.

    Parameters
    ----------
    model : MilpArrays
        With finite column bounds.
    duals : float64 array, shape (rows,)
        A price that a row without that side would make unbounded is taken for zero.
    """
    duals = np.where(np.isinf(model.row_lower), np.minimum(duals, 0.0), duals)
    duals = np.where(np.isinf(model.row_upper), np.maximum(duals, 0.0), duals)
    sides = np.where(duals >= 0, model.row_lower, model.row_upper)
    reduced = model.cost - model.matrix.T @ duals
    columns = np.where(reduced >= 0, model.col_lower, model.col_upper)
    rows = float(duals @ np.where(duals == 0, 0.0, sides))
    return rows + float(reduced @ columns) + model.offset, reduced
