"""Boundaries and rooms together: what the problem refuses, and every rule that an answer can break."""

import numpy as np
import pytest
from scipy import sparse

from commplan.problem.joint import JointProblem, joint_cost, joint_faults


def town(**fields: object) -> JointProblem:
    """Make four units in a row, sites in the first and the last."""
    given: dict[str, object] = {
        "amount": np.array([2.0, 1.0, 1.0, 2.0]),
        "cost": sparse.csr_array(np.array([[1.0, 9], [2, 3], [3, 2], [9, 1]])),
        "open_cost": np.array([10.0, 20.0]),
        "site_unit": np.array([0, 3], dtype=np.int32),
        "low": np.array([2.0, 2.0]),
        "high": np.array([4.0, 4.0]),
        "forced": np.zeros(2, dtype=bool),
        "tail": np.array([0, 1, 2], dtype=np.int32),
        "head": np.array([1, 2, 3], dtype=np.int32),
    }
    return JointProblem(**(given | fields))  # type: ignore[arg-type]


def labels(*values: int) -> np.ndarray:
    """Return labels as the problem takes them."""
    return np.array(values, dtype=np.int32)


def test_cost_is_serving_and_opening() -> None:
    """1 + 2 + 2 + 1 for serving, 10 + 20 for two rooms; a forced site is paid without a unit."""
    assert joint_cost(town(), labels(0, 0, 1, 1)) == 36.0
    forced = town(forced=np.array([True, True]))
    assert joint_cost(forced, labels(0, 0, 0, 0)) == 45.0


def test_a_pair_that_is_not_there_costs_infinitely_much() -> None:
    """A unit cannot go where the matrix has no entry."""
    cost = sparse.csr_array(np.array([[1.0, 9], [2, 3], [3, 0], [9, 1]]))
    cost.eliminate_zeros()
    assert joint_cost(town(cost=cost), labels(0, 0, 1, 1)) == np.inf
    assert [f.kind for f in joint_faults(town(cost=cost), labels(0, 0, 1, 1))] == ["unserved"]


def test_a_valid_answer_has_no_faults() -> None:
    """Two and two."""
    assert joint_faults(town(), labels(0, 0, 1, 1)) == []


@pytest.mark.parametrize(
    ("answer", "changes", "kinds"),
    [
        ((0, 0, 0, 1), {}, []),
        ((0, 0, 0, 0), {}, ["load"]),
        ((0, 1, 0, 1), {}, ["disconnected", "disconnected"]),
        ((0, 0, 1, 1), {"low": np.array([4.0, 4.0])}, ["load", "load"]),
        ((0, 0, 1, 1), {"max_open": 1}, ["number"]),
        ((1, 1, 0, 0), {}, ["centre", "centre"]),
    ],
)
def test_each_rule_is_noticed(
    answer: tuple[int, ...], changes: dict[str, object], kinds: list[str]
) -> None:
    """Load, connection, number of sites and the site's own unit, each by itself."""
    assert [f.kind for f in joint_faults(town(**changes), labels(*answer))] == kinds


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": np.ones(3)},
        {"low": np.ones(3)},
        {"low": np.full(2, 9.0)},
        {"open_cost": np.array([1.0, -1.0])},
        {"amount": np.array([1.0, np.nan, 1.0, 1.0])},
        {"tail": np.zeros(1, dtype=np.int32)},
        {"cost": sparse.csr_array(np.array([[1.0, -9], [2, 3], [3, 2], [9, 1]]))},
    ],
)
def test_arrays_that_do_not_fit_are_refused(fields: dict[str, object]) -> None:
    """Lengths, order of the bounds, and numbers that are none."""
    with pytest.raises(ValueError, match=r"\w"):
        town(**fields)
