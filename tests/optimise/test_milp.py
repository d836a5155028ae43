"""The door to the solver: honest status, true bounds, checked values."""

import _thread
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from commplan.errors import SolverError
from commplan.optimise import milp
from commplan.optimise.highs import Raw
from commplan.optimise.milp import (
    MilpArrays,
    MilpOptions,
    MilpStatus,
    arrays_of,
    solve_arrays,
    solve_milp,
)


def knapsack(values, sizes, room):
    """Write a knapsack in PuLP."""
    model = pulp.LpProblem("knapsack", pulp.LpMaximize)
    take = [model.add_variable(f"take_{i:03d}", cat="Binary") for i in range(len(values))]
    model += pulp.lpDot(values, take) + 7
    model += pulp.lpDot(sizes, take) <= room, "room"
    return model


def hard_arrays(n=40, m=6, seed=3):
    """Make a market-split model: feasible through its slacks, hopeless to prove in a second."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 100, (m, n)).astype(float)
    matrix = sparse.csr_array(np.hstack([weights, np.eye(m), -np.eye(m)]))
    target = np.floor(weights.sum(axis=1) / 2)
    return MilpArrays(
        cost=np.concatenate([np.zeros(n), np.ones(2 * m)]),
        matrix=matrix,
        row_lower=target,
        row_upper=target,
        col_lower=np.zeros(n + 2 * m),
        col_upper=np.concatenate([np.ones(n), np.full(2 * m, np.inf)]),
        integral=np.concatenate([np.ones(n, bool), np.zeros(2 * m, bool)]),
    )


def one_column(cost, lower, upper, *, integral=True, row=(-np.inf, np.inf)):
    """Make a model of one column and one row."""
    return MilpArrays(
        cost=np.array([cost]),
        matrix=sparse.csr_array(np.ones((1, 1))),
        row_lower=np.array([row[0]]),
        row_upper=np.array([row[1]]),
        col_lower=np.array([lower]),
        col_upper=np.array([upper]),
        integral=np.array([integral]),
    )


def test_optimum_of_a_knapsack():
    """A knapsack solved by hand comes out: 60 and 120 do not fit, 100 and 120 do, constant included."""
    model = knapsack([60, 100, 120], [10, 20, 30], 50)
    answer = solve_milp(model)
    assert answer.status is MilpStatus.OPTIMAL
    assert answer.objective == pytest.approx(227)
    assert answer.bound == pytest.approx(227)
    assert answer.by_name() == {"take_000": 0.0, "take_001": 1.0, "take_002": 1.0}
    assert [v.varValue for v in model.variables()] == [0.0, 1.0, 1.0]


def test_a_time_limit_is_never_called_optimal():
    """A search stopped by its time limit with a gap says so, its bound below the objective."""
    answer = solve_arrays(hard_arrays(), MilpOptions(time_limit_s=0.5))
    assert answer.status in {MilpStatus.FEASIBLE, MilpStatus.NO_SOLUTION}
    assert answer.objective is None or answer.bound < answer.objective


def test_a_node_limit_gives_the_same_answer_twice():
    """A work budget stops honestly and at the same place each time."""
    first, second = (solve_arrays(hard_arrays(), MilpOptions(node_limit=20)) for _ in range(2))
    assert first.status is MilpStatus.FEASIBLE
    assert first.bound < first.objective
    assert (first.objective, first.bound, first.nodes) == (
        second.objective,
        second.bound,
        second.nodes,
    )
    np.testing.assert_array_equal(first.values, second.values)


def test_a_stated_gap_is_not_called_optimal():
    """An answer accepted within a relative gap is feasible unless the bound meets it."""
    answer = solve_arrays(hard_arrays(), MilpOptions(gap_rel=1e9, node_limit=50))
    assert answer.status is MilpStatus.FEASIBLE


def test_no_time_no_solution():
    """A search stopped before anything was found says so and proves nothing."""
    answer = solve_arrays(hard_arrays(), MilpOptions(time_limit_s=0.0))
    assert answer.status in {MilpStatus.NO_SOLUTION, MilpStatus.FEASIBLE}
    assert answer.status is MilpStatus.FEASIBLE or answer.values is None


@pytest.mark.parametrize("integral", [True, False])
def test_infeasible(integral):
    """A row that no value can satisfy is proven infeasible."""
    answer = solve_arrays(one_column(1.0, 0.0, 1.0, integral=integral, row=(2.0, 3.0)))
    assert answer.status is MilpStatus.INFEASIBLE
    assert answer.values is None
    assert answer.objective is None
    assert answer.bound == np.inf


@pytest.mark.parametrize("integral", [True, False])
def test_unbounded(integral):
    """A cost that falls for ever is called unbounded, not infeasible."""
    answer = solve_arrays(one_column(-1.0, 0.0, np.inf, integral=integral))
    assert answer.status is MilpStatus.UNBOUNDED
    assert answer.bound == -np.inf


def test_linear_programme_has_duals():
    """A linear programme returns the price of its rows and its reduced costs."""
    model = MilpArrays(
        cost=np.array([1.0, 2.0]),
        matrix=sparse.csc_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([4.0]),
        row_upper=np.array([np.inf]),
        col_lower=np.zeros(2),
        col_upper=np.full(2, np.inf),
    )
    answer = solve_arrays(model)
    assert answer.status is MilpStatus.OPTIMAL
    np.testing.assert_allclose(answer.values, [4.0, 0.0])
    np.testing.assert_allclose(answer.row_duals, [1.0])
    np.testing.assert_allclose(answer.reduced_costs, [0.0, 1.0])


def test_a_model_without_rows():
    """A model without any row is solved by its column bounds."""
    model = MilpArrays(
        cost=np.array([1.0, -1.0]),
        matrix=sparse.csr_array((0, 2)),
        row_lower=np.empty(0),
        row_upper=np.empty(0),
        col_lower=np.zeros(2),
        col_upper=np.full(2, 3.0),
        integral=np.array([True, True]),
    )
    answer = solve_arrays(model)
    assert answer.status is MilpStatus.OPTIMAL
    assert answer.objective == -3.0


def test_a_solution_that_breaks_a_row_is_refused(monkeypatch):
    """Values that do not satisfy the model raise, whatever the solver claims."""
    lie = Raw("optimal", np.array([0.0]), 0.0, 0)
    monkeypatch.setattr(milp, "run_highs", lambda *_: lie)
    with pytest.raises(SolverError):
        solve_arrays(one_column(1.0, 0.0, 1.0, row=(1.0, 1.0)))


def test_a_coefficient_cannot_hide_behind_the_integrality_tolerance(monkeypatch):
    """Whole numbers are whole: y <= 1e6 x with x = 1e-7 is mended, not passed on."""
    model = MilpArrays(
        cost=np.array([1.0, 1.0]),
        matrix=sparse.csr_array(np.array([[1.0, -1e6], [1.0, 0.0]])),
        row_lower=np.array([-np.inf, 0.1]),
        row_upper=np.array([0.0, np.inf]),
        col_lower=np.zeros(2),
        col_upper=np.array([10.0, 1.0]),
        integral=np.array([False, True]),
    )
    answer = solve_arrays(model)
    assert answer.values[1] in (0.0, 1.0)
    assert answer.values[0] <= 1e6 * answer.values[1]
    lie = Raw("optimal", np.array([0.1, 1e-7]), 0.1, 0)
    monkeypatch.setattr(milp, "run_highs", lambda *_: lie)
    with pytest.raises(SolverError):
        solve_arrays(model)


def test_a_start_is_taken():
    """A given solution is at least kept when the search may not branch."""
    model = hard_arrays()
    good = solve_arrays(model, MilpOptions(node_limit=200))
    again = solve_arrays(model, MilpOptions(node_limit=0), start=good.values)
    assert again.objective <= good.objective + 1e-6


def test_nan_is_refused():
    """A model with a nan raises instead of giving an answer."""
    with pytest.raises(SolverError):
        solve_arrays(one_column(np.nan, 0.0, 1.0))


def test_special_ordered_sets_are_refused():
    """What is not handed over raises instead of being left out."""
    model = knapsack([1, 1], [1, 1], 1)
    model.sos1 = {"s": {}} | {"t": 1}
    with pytest.raises(SolverError):
        arrays_of(model)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.integers(1, 50), min_size=1, max_size=8),
    data=st.data(),
)
def test_same_optimum_as_pulps_own_route(values, data):
    """On small models the optimum equals the one that PuLP's own hand-over finds."""
    sizes = data.draw(st.lists(st.integers(1, 20), min_size=len(values), max_size=len(values)))
    room = data.draw(st.integers(0, 60))
    ours = solve_milp(knapsack(values, sizes, room))
    theirs = knapsack(values, sizes, room)
    theirs.solve(pulp.HiGHS(msg=False))
    assert ours.status is MilpStatus.OPTIMAL
    assert ours.objective == pytest.approx(pulp.value(theirs.objective))


def test_ctrl_c_stops_the_solver():
    """Ctrl-C ends a long search at once and is raised; the next search works as before."""
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solve_arrays(hard_arrays(), MilpOptions(time_limit_s=60))
    assert solve_arrays(one_column(1.0, 0.0, 1.0)).status is MilpStatus.OPTIMAL


def test_a_process_ends_cleanly_after_ctrl_c():
    """Nothing of an interrupted search goes on behind the process's back."""
    script = """
import _thread, threading
import numpy as np
from test_milp import hard_arrays
from commplan.optimise.milp import MilpOptions, solve_arrays
threading.Timer(0.3, _thread.interrupt_main).start()
try:
    solve_arrays(hard_arrays(), MilpOptions(time_limit_s=600))
except KeyboardInterrupt:
    print("interrupted")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        cwd=Path(__file__).parent,
        text=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "interrupted\n", "")
