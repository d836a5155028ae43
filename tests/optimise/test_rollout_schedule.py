"""The schedule of a rollout against full enumeration."""

from itertools import product

import numpy as np
import pytest

from commplan.optimise.rollout import schedule, schedule_model
from commplan.problem.result import Status
from commplan.problem.rollout import RolloutProblem


def random_problem(seed: int) -> RolloutProblem:
    """Draw five groups over three years with limits that bind."""
    rng = np.random.default_rng(seed)
    groups, years = 5, 3
    use = rng.integers(1, 6, size=(groups, 3)).astype(float)
    limit = rng.integers(3, 9, size=(years, 3)).astype(float)
    limit[:, 2] = np.inf if seed % 2 else limit[:, 2]
    first = rng.integers(0, years + 1, size=groups).astype(np.int32)
    return RolloutProblem(use, limit, rng.integers(1, 20, groups).astype(float), first)


def enumerated(problem: RolloutProblem) -> float:
    """Cost of the best schedule of all."""
    best = np.inf
    for years in product(range(-1, problem.years), repeat=problem.groups):
        year_of = np.array(years, dtype=np.int32)
        if ((year_of >= 0) & (year_of < problem.first)).any():
            continue
        used = [problem.use[year_of == y].sum(axis=0) for y in range(problem.years)]
        if (np.array(used) <= problem.limit).all():
            best = min(best, problem.cost(year_of))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_equal_to_enumeration(seed: int) -> None:
    """The schedule costs as little as the best of all 4^5, and its bound meets it."""
    problem = random_problem(seed)
    answer = schedule(problem)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(enumerated(problem))
    assert answer.bound == pytest.approx(answer.objective)


def test_no_gap_of_rounding() -> None:
    """A proven schedule has no gap, though the solver adds its sums up in another order."""
    urgency = np.array([25.27, 3.68, 0.1, 0.2, 18.43])
    problem = RolloutProblem(
        np.ones((5, 3)), np.full((5, 3), 1.0), urgency, np.zeros(5, dtype=np.int32)
    )
    answer = schedule(problem)
    assert answer.status is Status.OPTIMAL
    assert answer.bound == answer.objective
    assert answer.gap == 0.0


def test_model_of_two_groups() -> None:
    """A group that is ripe in the second year only has no variable for the first."""
    problem = RolloutProblem(
        use=np.ones((2, 3)),
        limit=np.array([[1.0, np.inf, np.inf]] * 2),
        urgency=np.array([3.0, 2.0]),
        first=np.array([0, 1], dtype=np.int32),
    )
    model, chosen = schedule_model(problem)
    assert sorted(chosen) == [(0, 0), (0, 1), (1, 1)]
    assert sorted(model.constraints) == ["communities_0", "communities_1", "once_0", "once_1"]
    assert schedule(problem).year_of.tolist() == [0, 1]


def test_nothing_to_do() -> None:
    """Without groups there is nothing to schedule, and that is optimal."""
    none = RolloutProblem(np.zeros((0, 3)), np.ones((2, 3)), np.zeros(0), np.zeros(0, np.int32))
    assert schedule(none).status is Status.OPTIMAL
