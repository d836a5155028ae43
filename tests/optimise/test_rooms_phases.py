"""Rooms by year: the model's rows, and the least waiting against enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.optimise.milp_arrays import arrays_of
from commplan.optimise.rooms.phases import phase_model, phase_rooms
from commplan.problem.result import Status


def test_money_is_kept_for_the_next_year():
    """A dear room waits until two years' money is there; a cheap one comes at once."""
    plan = phase_rooms(np.array([9.0, 2.0]), np.array([50.0, 10.0]), np.array([6.0, 6.0]))
    assert plan.status is Status.OPTIMAL
    assert plan.year_of.tolist() == [1, 0]
    assert plan.objective == 50.0


def test_what_the_money_does_not_reach():
    """A room dearer than all money is named, and its households wait all years."""
    plan = phase_rooms(np.array([99.0, 0.0]), np.array([50.0, 10.0]), np.array([6.0, 6.0]))
    assert plan.year_of.tolist() == [-1, 0]
    assert plan.objective == 100.0


def test_the_model_row_by_row():
    """One room, two years: once at most, and money adds up over the years."""
    model = phase_model(np.array([4.0]), np.array([10.0]), np.array([3.0, 2.0]))
    arrays, _ = arrays_of(model)
    assert arrays.matrix.toarray().tolist() == [[1, 1], [4, 0], [4, 4]]
    assert arrays.row_upper == pytest.approx([1, 3, 5])
    assert arrays.cost.tolist() == [-20, -10]
    assert arrays.offset == 20


@given(
    rooms=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=4),
    money=st.lists(st.integers(0, 9), min_size=1, max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_no_order_waits_less(rooms, money):
    """Of all years for all rooms none within the money has households wait less."""
    cost, households = (np.array(c, dtype=float) for c in zip(*rooms, strict=True))
    budgets = np.array(money, dtype=float)
    years = len(budgets)
    best = np.inf
    for plan in product(range(years + 1), repeat=len(cost)):
        at = np.array(plan)
        if all(cost[at <= t].sum() <= budgets[: t + 1].sum() for t in range(years)):
            best = min(best, float((households * at).sum()))
    assert phase_rooms(cost, households, budgets).objective == pytest.approx(best)


def test_nothing_to_build():
    """No rooms, no waiting."""
    assert phase_rooms(np.empty(0), np.empty(0), np.array([1.0])).objective == 0.0


def test_a_room_comes_when_it_is_ready():
    """Money for one room a year: the larger, ready in the second year, waits; the third never comes."""
    cost, households = np.full(3, 5.0), np.array([300.0, 100.0, 900.0])
    earliest = np.array([1, 0, 2], dtype=np.int32)
    plan = phase_rooms(cost, households, np.array([5.0, 5.0]), earliest=earliest)
    assert plan.year_of.tolist() == [1, 0, -1]
    assert plan.objective == 300 + 900 * 2
    late = phase_rooms(cost, households, np.array([5.0]), earliest=np.full(3, 1, dtype=np.int32))
    assert late.year_of.tolist() == [-1, -1, -1]
    assert late.objective == late.bound == 1300
