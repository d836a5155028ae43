"""HiGHS itself, behind ``milp.py``: a model handed over in one piece, its own words read back."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from numpy.typing import NDArray

from commplan.errors import SolverError

if TYPE_CHECKING:
    from commplan.optimise.milp import MilpOptions
    from commplan.optimise.milp_arrays import MilpArrays

_STATUS = highspy.HighsModelStatus
_ENDED = {
    _STATUS.kOptimal: "optimal",
    _STATUS.kModelEmpty: "optimal",
    _STATUS.kInfeasible: "infeasible",
    _STATUS.kUnbounded: "unbounded",
    _STATUS.kUnboundedOrInfeasible: "unbounded or infeasible",
}
_STOPPED = {
    _STATUS.kTimeLimit,
    _STATUS.kIterationLimit,
    _STATUS.kSolutionLimit,
    _STATUS.kInterrupt,
    _STATUS.kObjectiveBound,
    _STATUS.kObjectiveTarget,
    _STATUS.kMemoryLimit,
}
_POLL_S = 0.2
_FEASIBLE = 2  # HiGHS's SolutionStatus: 0 none, 1 infeasible, 2 feasible


@dataclass(frozen=True)
class Raw:
    """What HiGHS said, unchecked.

    Parameters
    ----------
    ended : str
        ``"optimal"``, ``"infeasible"``, ``"unbounded"``, ``"unbounded or infeasible"`` or
        ``"stopped"``.
    values : float64 array, shape (columns,), or None
    bound : float
        Proven lower bound; -inf where nothing is proven.
    nodes : int
    row_duals, reduced_costs : float64 array or None
    met : tuple of float64 arrays
        Better and better answers met on the way, where they were asked for.
    """

    ended: str
    values: NDArray[np.float64] | None
    bound: float
    nodes: int
    row_duals: NDArray[np.float64] | None = None
    reduced_costs: NDArray[np.float64] | None = None
    met: tuple[NDArray[np.float64], ...] = ()


def run_highs(
    model: "MilpArrays", options: "MilpOptions", start: NDArray[np.float64] | None = None
) -> Raw:
    """Run HiGHS on a minimisation.

    Raises
    ------
    SolverError
        If HiGHS refuses the model or fails.
    KeyboardInterrupt
        Ctrl-C, raised again once the solver has stopped.
    """
    raw = _run_once(model, options, start)
    if raw is None:  # presolve has been seen to end in "Solve error" where the plain model does not
        raw = _run_once(model, options, start, presolve=False)
    if raw is None:
        raise SolverError("HiGHS could not solve the model, with and without presolve")
    return raw


def _run_once(
    model: "MilpArrays",
    options: "MilpOptions",
    start: NDArray[np.float64] | None,
    *,
    presolve: bool = True,
) -> Raw | None:
    """Run HiGHS once; None where it ends in an error of its own."""
    solver = configured(options)
    if not presolve:
        solver.setOptionValue("presolve", "off")
    pass_model(solver, model)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = np.asarray(start, dtype=np.float64)
        solver.setSolution(solution)
    run_interruptibly(solver)
    if solver.getModelStatus() == highspy.HighsModelStatus.kSolveError:
        return None
    return _read(solver, is_integral=model.is_integral)


def configured(options: "MilpOptions") -> Any:
    """Return a solver that minds the options.

    Raises
    ------
    SolverError
        If HiGHS refuses one of them.
    """
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    # HiGHS keeps one pool of threads per process; a run with another number needs a new one.
    if options.threads != 1:
        highspy.Highs.resetGlobalScheduler(True)
    settings: dict[str, object] = {
        "output_flag": False,
        "threads": options.threads,
        "random_seed": options.seed,
        "mip_rel_gap": options.gap_rel,
        "mip_abs_gap": options.gap_abs,
        "mip_improving_solution_save": options.keep_all,
    }
    if options.time_limit_s is not None:
        settings["time_limit"] = max(float(options.time_limit_s), 0.0)
    if options.node_limit is not None:
        settings["mip_max_nodes"] = int(options.node_limit)
    if options.cutoff is not None:
        settings["objective_bound"] = float(options.cutoff)
    if options.cut_pool is not None:
        settings["mip_pool_soft_limit"] = int(options.cut_pool)
    if not options.strong_branching:
        settings["mip_pscost_minreliable"] = 0
    for name, value in settings.items():
        if solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refuses the option {name} = {value}")
    return solver


def pass_model(solver: Any, model: "MilpArrays") -> None:
    """Hand a model over in one piece.

    Raises
    ------
    SolverError
        If HiGHS refuses it.
    """
    matrix = model.matrix
    by_row = matrix.format == "csr"
    layout = highspy.MatrixFormat.kRowwise if by_row else highspy.MatrixFormat.kColwise
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.offset_ = float(model.offset)
    lp.col_cost_ = np.ascontiguousarray(model.cost, dtype=np.float64)
    lp.col_lower_ = np.ascontiguousarray(model.col_lower, dtype=np.float64)
    lp.col_upper_ = np.ascontiguousarray(model.col_upper, dtype=np.float64)
    lp.row_lower_ = np.ascontiguousarray(model.row_lower, dtype=np.float64)
    lp.row_upper_ = np.ascontiguousarray(model.row_upper, dtype=np.float64)
    lp.a_matrix_.format_ = layout
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    if model.is_integral and model.integral is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[i] for i in model.integral.astype(np.int8).tolist()]
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refuses the model: check bounds and coefficients for nan")


def run_interruptibly(solver: Any) -> None:
    """Run in a thread, so that Ctrl-C reaches the main one while HiGHS works."""
    failures: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        try:
            solver.run()
        except BaseException as failure:  # raised again in the main thread
            failures.append(failure)
        finally:
            highspy.Highs.resetGlobalScheduler(False)  # the pool belongs to this thread
            done.set()

    solver.HandleUserInterrupt = True
    threading.Thread(target=work).start()
    interrupted = False
    # Not by join: an interrupted join takes a running thread for ended (bpo-45274), and
    # HiGHS would go on behind our back.
    while True:
        try:
            while not done.wait(_POLL_S):
                pass
            break
        except KeyboardInterrupt:
            interrupted = True
            solver.cancelSolve()
    if interrupted:
        raise KeyboardInterrupt
    if failures:
        raise SolverError(f"HiGHS failed: {failures[0]}")


def _read(solver: Any, *, is_integral: bool) -> Raw:
    status = solver.getModelStatus()
    info = solver.getInfo()
    if status not in _ENDED and status not in _STOPPED:
        raise SolverError(f"HiGHS ended with {solver.modelStatusToString(status)}")
    ended = _ENDED.get(status, "stopped")
    found = ended == "optimal" or (ended == "stopped" and info.primal_solution_status == _FEASIBLE)
    solution = solver.getSolution() if found else None
    values = None if solution is None else np.asarray(solution.col_value, dtype=np.float64)
    if is_integral:
        bound = float(info.mip_dual_bound)
        bound = bound if ended != "infeasible" else np.inf
        saved = solver.getSavedMipSolutions()
        met = tuple(np.asarray(s.col_value, dtype=np.float64) for s in saved)
        return Raw(ended, values, bound, info.mip_node_count, met=met)
    if ended != "optimal" or solution is None:
        return Raw(ended, values, np.inf if ended == "infeasible" else -np.inf, 0)
    return Raw(
        ended,
        values,
        float(info.objective_function_value),
        0,
        np.asarray(solution.row_dual, dtype=np.float64),
        np.asarray(solution.col_dual, dtype=np.float64),
    )
