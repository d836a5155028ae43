"""The one door to the solver: a linear or mixed-integer model in, a checked answer out.

A model is written in PuLP where that reads well, or as arrays where it is large. Either way it is
handed to HiGHS in bulk, and status and bound are read from HiGHS itself: PuLP calls a run that was
stopped at its time limit "Optimal". An answer is checked against the rows before it is returned.
"""

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from commplan.errors import SolverError
from commplan.optimise.highs import Raw, run_highs
from commplan.optimise.milp_arrays import Floats, MilpArrays, arrays_of

if TYPE_CHECKING:
    import pulp

__all__ = [
    "MilpAnswer",
    "MilpArrays",
    "MilpOptions",
    "MilpStatus",
    "arrays_of",
    "solve_arrays",
    "solve_milp",
]

ROW_TOLERANCE = 1e-6  # HiGHS's own feasibility tolerance, relative to the row's terms
GAP_TOLERANCE = 1e-7  # of the objective: below this a gap is rounding


class MilpStatus(StrEnum):
    """What is known about an answer."""

    OPTIMAL = "optimal"  #: satisfies the rows, and the bound meets it
    FEASIBLE = "feasible"  #: satisfies the rows; the bound stands beside it
    INFEASIBLE = "infeasible"  #: proven that nothing satisfies the rows
    UNBOUNDED = "unbounded"
    NO_SOLUTION = "no solution"  #: stopped before anything was found or proven


_UNSOLVED = {
    "infeasible": MilpStatus.INFEASIBLE,
    "unbounded": MilpStatus.UNBOUNDED,
}


@dataclass(frozen=True)
class MilpOptions:
    """How long and how exactly to solve.

    Parameters
    ----------
    time_limit_s : float or None
        A guard; a run that meets it depends on the machine.
    node_limit : int or None
        A work budget in branch-and-bound nodes, the same on every machine.
    gap_rel, gap_abs : float
        Where the search may stop. An answer further than rounding from its bound and than
        ``gap_abs`` is called feasible, whatever the solver says.
    threads : int
        One by default: the answer then does not depend on the machine's load.
    seed : int
    cutoff : float or None
        Answers that cost more are of no use. Without any better one, the model is infeasible.
    keep_all : bool
        Whether to return the answers met on the way as well.
    cut_pool : int or None
        Cuts that are kept, about; None: as many as HiGHS sees fit.
    strong_branching : bool
        Whether columns are tried before the search branches on them.
    """

    time_limit_s: float | None = None
    node_limit: int | None = None
    gap_rel: float = 0.0
    gap_abs: float = 1e-6
    threads: int = 1
    seed: int = 0
    cutoff: float | None = None
    keep_all: bool = False
    cut_pool: int | None = None
    strong_branching: bool = True


@dataclass(frozen=True)
class MilpAnswer:
    """What the solver found, checked.

    Parameters
    ----------
    status : MilpStatus
    values : float64 array, shape (columns,), or None
        Integral columns hold whole numbers.
    objective : float or None
        Recomputed from ``values``.
    bound : float
        Proven bound of the objective: from below when minimising, from above when maximising;
        infinite where nothing is proven.
    nodes : int
    runtime_s : float
    row_duals, reduced_costs : float64 array or None
        Of a linear programme solved to the end, for the minimisation.
    names : tuple of str
        Of the columns of a PuLP model, in the order of ``values``.
    met : tuple of float64 arrays, each of shape (columns,)
        Better and better answers met on the way, unchecked, where they were asked for.
    """

    status: MilpStatus
    values: Floats | None
    objective: float | None
    bound: float
    nodes: int
    runtime_s: float
    row_duals: Floats | None = None
    reduced_costs: Floats | None = None
    names: tuple[str, ...] = ()
    met: tuple[Floats, ...] = ()

    @property
    def every(self) -> tuple[Floats, ...]:
        """The answers met on the way, then the one that was found."""
        return self.met if self.values is None else (*self.met, self.values)

    def by_name(self) -> dict[str, float]:
        """Values by the names of a PuLP model's variables; empty without a solution."""
        if self.values is None:
            return {}
        return dict(zip(self.names, self.values.tolist(), strict=True))


def solve_milp(
    model: "pulp.LpProblem", options: MilpOptions | None = None, start: Floats | None = None
) -> MilpAnswer:
    """Solve a PuLP model; its variables also get their ``varValue``.

    Parameters
    ----------
    model : pulp.LpProblem
        Minimising or maximising, without special ordered sets.
    options : MilpOptions, optional
    start : float64 array, optional
        A solution to start from, in the order of ``model.variables()``.

    Returns
    -------
    MilpAnswer
        Objective and bound in the model's own sense.

    Raises
    ------
    SolverError
        If HiGHS fails, or its solution breaks a row.
    """
    arrays, sign = arrays_of(model)
    variables = model.variables()
    answer = solve_arrays(arrays, options, start)
    names = tuple(v.name for v in variables)
    if answer.values is not None:
        for variable, value in zip(variables, answer.values.tolist(), strict=True):
            variable.varValue = value
    objective = None if answer.objective is None else sign * answer.objective
    return replace(answer, objective=objective, bound=sign * answer.bound, names=names)


def solve_arrays(
    model: MilpArrays, options: MilpOptions | None = None, start: Floats | None = None
) -> MilpAnswer:
    """Solve a model given as arrays.

    Parameters
    ----------
    model : MilpArrays
    options : MilpOptions, optional
    start : float64 array, shape (columns,), optional
        A solution to start from; ignored by the solver if it breaks a row.

    Returns
    -------
    MilpAnswer

    Raises
    ------
    SolverError
        If the model holds a nan, HiGHS fails, or its solution breaks a row by more than
        `ROW_TOLERANCE`.
    KeyboardInterrupt
        Ctrl-C stops the solver first, then is raised.
    """
    options = options or MilpOptions()
    _refuse_nan(model)
    began = time.perf_counter()
    raw = _settle(model, run_highs(model, options, start), options)
    answer = MilpAnswer(
        status=_UNSOLVED.get(raw.ended, MilpStatus.NO_SOLUTION),
        values=None,
        objective=None,
        bound=raw.bound,
        nodes=raw.nodes,
        runtime_s=0.0,
    )
    if raw.values is not None:
        answer = _judge(model, answer, raw, options)
    return replace(answer, runtime_s=time.perf_counter() - began)


def _refuse_nan(model: MilpArrays) -> None:
    """HiGHS takes a nan in silence and answers something."""
    for name in ("cost", "row_lower", "row_upper", "col_lower", "col_upper"):
        if np.isnan(getattr(model, name)).any():
            raise SolverError(f"the model's {name} holds a nan")
    if not np.isfinite(model.matrix.data).all():
        raise SolverError("the model's matrix holds a nan or an infinity")


def _settle(model: MilpArrays, raw: Raw, options: MilpOptions) -> Raw:
    """Say which, where presolve saw only that the model is unbounded or infeasible."""
    if raw.ended != "unbounded or infeasible":
        return raw
    costless = replace(model, cost=np.zeros_like(model.cost))
    again = run_highs(costless, options)
    if again.values is not None:
        return replace(raw, ended="unbounded", bound=-np.inf)
    return replace(again, bound=np.inf if again.ended == "infeasible" else -np.inf)


def _judge(model: MilpArrays, answer: MilpAnswer, raw: Raw, options: MilpOptions) -> MilpAnswer:
    """Check the solution, price it anew and call it optimal only if the bound meets it."""
    if raw.values is None:
        return answer
    values = _checked(model, raw.values, options)
    objective = float(model.cost @ values) + model.offset
    bound = min(raw.bound, objective)
    slack = max(options.gap_abs, GAP_TOLERANCE * abs(objective))
    proven = raw.ended == "optimal" and objective - bound <= slack
    return replace(
        answer,
        status=MilpStatus.OPTIMAL if proven else MilpStatus.FEASIBLE,
        values=values,
        objective=objective,
        bound=bound,
        row_duals=raw.row_duals,
        reduced_costs=raw.reduced_costs,
        met=raw.met,
    )


def _checked(model: MilpArrays, values: Floats, options: MilpOptions) -> Floats:
    """Return the values with whole numbers where they are asked for, or raise."""
    values = np.clip(values, model.col_lower, model.col_upper)
    integral = model.integral
    if integral is not None and model.is_integral:
        whole = np.where(integral, np.rint(values), values)
        if _holds(model, whole):
            return whole
        # A large coefficient can hide behind the integrality tolerance: fix the whole numbers
        # and let the continuous columns follow.
        fixed = replace(
            model,
            col_lower=np.where(integral, whole, model.col_lower),
            col_upper=np.where(integral, whole, model.col_upper),
            integral=None,
        )
        again = run_highs(fixed, options).values
        values = whole if again is None else np.where(integral, whole, again)
    if not _holds(model, values):
        raise SolverError("the solver's solution breaks a row of its own model")
    return values


def _holds(model: MilpArrays, values: Floats) -> bool:
    activity = model.matrix @ values
    slack = ROW_TOLERANCE * (1.0 + np.asarray(abs(model.matrix) @ np.abs(values)))
    return bool(
        np.all(activity >= model.row_lower - slack) and np.all(activity <= model.row_upper + slack)
    )
