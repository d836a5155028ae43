"""Alternatives differ as asked and cost no more than asked; a front holds no dominated point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redraw_towns import grid_town, partitions

from commplan.optimise.communities.alternatives import (
    AlternativesParams,
    difference_share,
    find_alternatives,
)
from commplan.optimise.communities.front import FrontParams, trace_front
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import Weights
from commplan.problem.terms import compute_terms
from commplan.problem.validity import faults

QUICK = RedrawParams(effort=0.02, seed=3)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def uneven_town(rows: int = 4, columns: int = 4) -> object:
    """Squares with households by lot, today in two halves."""
    rng = np.random.default_rng(8)
    n = rows * columns
    today = (np.arange(n) >= n // 2).astype(np.int32)
    weights = Weights(border_km=300.0, moved_households=1.0)
    return grid_town(rows, columns, rng.integers(300, 700, n), today=today, weights=weights)


def test_difference_is_the_share_outside_matched_communities() -> None:
    """Four equal units: one that changes side is a quarter; other numbers are no difference."""
    town = grid_town(1, 4, 100)
    assert difference_share(town, ints(0, 0, 1, 1), ints(5, 5, 2, 2)) == 0.0
    assert difference_share(town, ints(0, 0, 1, 1), ints(0, 1, 1, 1)) == 0.25
    assert difference_share(town, ints(0, 0, 1, 1), ints(0, 1, 2, 3)) == 0.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), st.data())
def test_difference_is_symmetric(a: list[int], data: st.DataObject) -> None:
    """It does not matter which of two plans is named first, nor how communities are numbered."""
    b = data.draw(st.lists(st.integers(0, 3), min_size=6, max_size=6))
    town = grid_town(2, 3, [100, 200, 300, 400, 500, 600])
    one, other = ints(*a), ints(*b)
    assert difference_share(town, one, other) == pytest.approx(difference_share(town, other, one))
    assert difference_share(town, one, 3 - other) == difference_share(town, one, other)
    assert difference_share(town, one, one) == 0.0


def test_alternatives_keep_what_was_asked() -> None:
    """Each is valid, within the cost, and differs from all others; the best comes first."""
    town = uneven_town()
    best = redraw(town, QUICK)
    wanted = AlternativesParams(count=4, difference=0.1, within=0.5)
    plans = find_alternatives(town, best, QUICK, wanted)
    assert len(plans) == 4
    assert plans[0].objective == best.objective
    assert [p.objective for p in plans] == sorted(p.objective for p in plans)
    for at, plan in enumerate(plans):
        assert faults(town, plan.labels) == []
        assert plan.objective <= 1.5 * plans[0].objective + 1e-9
        for other in plans[:at]:
            assert difference_share(town, other.labels, plan.labels) >= 0.1


def test_alternatives_are_the_same_again() -> None:
    """The same seed gives the same plans."""
    town = uneven_town()
    best = redraw(town, QUICK)
    wanted = AlternativesParams(count=3, difference=0.1, within=0.5)
    twice = [find_alternatives(town, best, QUICK, wanted) for _ in range(2)]
    assert [p.labels.tolist() for p in twice[0]] == [p.labels.tolist() for p in twice[1]]


def test_fewer_alternatives_where_there_are_no_more() -> None:
    """A row of four that can be divided in one way only has no second plan."""
    town = grid_town(1, 4, 1000, max_households=2000)
    best = redraw(town, QUICK)
    plans = find_alternatives(town, best, QUICK, AlternativesParams(3, 0.05, 1.0))
    assert len(plans) == 1


def test_no_plan_no_alternatives() -> None:
    """An infeasible result has neither alternatives nor a front."""
    town = grid_town(1, 3, 400)
    none = redraw(town, QUICK)
    assert find_alternatives(town, none, QUICK, AlternativesParams()) == ()
    assert trace_front(town, none, QUICK, FrontParams(("border_km", "communities"))) == ()


def test_front_holds_the_corners_of_the_true_front() -> None:
    """Beside full enumeration: no point is dominated by any valid plan, and the ends are reached."""
    town = uneven_town(3, 3)
    aims = ("moved_households", "border_km")
    town = town.replace(households=town.households + 300)
    best = redraw(town, QUICK)
    points = trace_front(town, best, QUICK, FrontParams(aims))
    everything = [compute_terms(town, labels) for labels in partitions(town)]
    values = np.array([[terms[aim] for aim in aims] for terms in everything])
    found = np.array([point.reached for point in points])
    assert found[0, 0] == pytest.approx(values[:, 0].min())
    assert found[-1, 1] == pytest.approx(values[:, 1].min())
    for point in found:
        better = (values <= point + 1e-9).all(axis=1) & (values < point - 1e-9).any(axis=1)
        assert not better.any()


def test_front_is_sorted_and_keeps_to_the_number_of_points() -> None:
    """More of the first aim, less of the second, and no more points than asked for."""
    town = uneven_town(3, 4)
    best = redraw(town, QUICK)
    points = trace_front(town, best, QUICK, FrontParams(("moved_households", "border_km"), 3))
    first, second = (np.array([p.reached[i] for p in points]) for i in (0, 1))
    assert 2 <= len(points) <= 3
    assert (np.diff(first) > 0).all()
    assert (np.diff(second) < 0).all()
    assert all(faults(town, p.labels) == [] for p in points)


@pytest.mark.parametrize("aims", [("border_km", "border_km"), ("border_km", "far_households")])
def test_aims_that_cannot_be_weighed_are_refused(aims: tuple[str, str]) -> None:
    """Two aims that are the same, or one that the search does not see, are an error."""
    town = uneven_town()
    with pytest.raises(ValueError, match="two different aims"):
        trace_front(town, redraw(town, QUICK), QUICK, FrontParams(aims))
