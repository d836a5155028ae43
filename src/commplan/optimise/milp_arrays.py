"""A model as sparse arrays, and how a model written in PuLP becomes one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.errors import SolverError

if TYPE_CHECKING:
    import pulp

Floats = NDArray[np.float64]
Matrix = sparse.csr_array | sparse.csc_array


@dataclass(frozen=True)
class MilpArrays:
    """Minimise ``cost @ x + offset`` over ``row_lower <= matrix @ x <= row_upper`` and column bounds.

    Parameters
    ----------
    cost, col_lower, col_upper : float64 array, shape (columns,)
        Infinite bounds are ``np.inf``.
    matrix : csr_array or csc_array, shape (rows, columns)
    row_lower, row_upper : float64 array, shape (rows,)
    integral : bool array, shape (columns,), or None
        None for a linear programme.
    offset : float
    """

    cost: Floats
    matrix: Matrix
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    integral: NDArray[np.bool_] | None = None
    offset: float = 0.0

    @property
    def is_integral(self) -> bool:
        """Whether any column has to be a whole number."""
        return self.integral is not None and bool(self.integral.any())

    def relaxed(self) -> "MilpArrays":
        """Return the linear programme: no column has to be whole."""
        return replace(self, integral=None)

    def with_rows(self, matrix: Matrix, lower: Floats, upper: Floats) -> "MilpArrays":
        """Return the model with more rows below."""
        return replace(
            self,
            matrix=sparse.vstack([self.matrix, matrix], format="csr"),
            row_lower=np.concatenate([self.row_lower, lower]),
            row_upper=np.concatenate([self.row_upper, upper]),
        )

    def only_rows(self, kept: NDArray[np.bool_]) -> "MilpArrays":
        """Return the model with some of its rows."""
        return replace(
            self,
            matrix=sparse.csr_array(self.matrix)[np.flatnonzero(kept)],
            row_lower=self.row_lower[kept],
            row_upper=self.row_upper[kept],
        )


def arrays_of(model: "pulp.LpProblem") -> tuple[MilpArrays, float]:
    """Turn a PuLP model into arrays of a minimisation, and the sign that undoes that.

    Columns follow ``model.variables()`` (by name), rows the order in which they were added.
    """
    if model.sos1 or model.sos2:
        raise SolverError("special ordered sets are not handed over; write them as binaries")
    variables = model.variables()
    column = {id(v): j for j, v in enumerate(variables)}
    sign = float(model.sense)  # 1 minimise, -1 maximise
    cost = np.zeros(len(variables))
    for v, coefficient in model.objective.items():
        cost[column[id(v)]] = sign * coefficient
    rows = model.constraints()
    counts = np.fromiter((len(r) for r in rows), np.int64, len(rows))
    total = int(counts.sum())
    indices = np.fromiter((column[id(v)] for v in chain.from_iterable(rows)), np.int32, total)
    data = np.fromiter(chain.from_iterable(r.values() for r in rows), np.float64, total)
    indptr = np.concatenate(([0], np.cumsum(counts)))
    arrays = MilpArrays(
        cost=cost,
        matrix=sparse.csr_array((data, indices, indptr), shape=(len(rows), len(variables))),
        row_lower=_bounds((r.getLb() for r in rows), len(rows), -np.inf),
        row_upper=_bounds((r.getUb() for r in rows), len(rows), np.inf),
        col_lower=_bounds((v.lowBound for v in variables), len(variables), -np.inf),
        col_upper=_bounds((v.upBound for v in variables), len(variables), np.inf),
        integral=np.fromiter((v.cat == "Integer" for v in variables), bool, len(variables)),
        offset=sign * float(model.objective.constant),
    )
    return arrays, sign


def _bounds(values: Iterable[float | None], count: int, missing: float) -> Floats:
    return np.fromiter((missing if v is None else v for v in values), np.float64, count)
