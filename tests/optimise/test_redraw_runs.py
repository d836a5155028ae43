"""Runs side by side: the threads change nothing but the time."""

import numpy as np
import pytest
from redraw_towns import grid_town

from commplan.optimise.communities import search
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem
from commplan.problem.validity import faults


def town(**changes: object) -> CommunityProblem:
    """Make a town of 15 × 15 units with 40 to 260 households each."""
    rng = np.random.default_rng(5)
    return grid_town(15, 15, rng.integers(40, 260, 225), **changes)


@pytest.mark.parametrize(("low", "high"), [(1500, 3000), (2150, 2300)])
def test_any_number_of_threads_gives_the_same_plan(
    monkeypatch: pytest.MonkeyPatch, low: int, high: int
) -> None:
    """One thread or three: the same labels, within wide and tight bounds."""
    plans = []
    for threads in (1, 3):
        monkeypatch.setattr(search, "threads_at_hand", lambda count=threads: count)
        problem = town(min_households=low, max_households=high)
        result = redraw(problem, RedrawParams(effort=0.3, seed=4, exact=False, bound=False))
        assert result.labels is not None
        assert faults(problem, result.labels) == []
        plans.append(result.labels)
    np.testing.assert_array_equal(plans[0], plans[1])


def test_an_interrupt_ends_runs_in_threads() -> None:
    """Ctrl-C while runs go side by side leaves the best plan so far, called interrupted."""

    def interrupt(_: object) -> None:
        calls.append(1)
        if len(calls) > 30:
            raise KeyboardInterrupt

    calls: list[int] = []
    problem = town()
    result = redraw(problem, RedrawParams(effort="thorough", exact=False), report=interrupt)
    assert result.interrupted
    assert result.labels is not None
    assert faults(problem, result.labels) == []
