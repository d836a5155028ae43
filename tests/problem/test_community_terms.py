"""The cost terms and the validity check, on towns small enough for a pencil."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "optimise"))
from redraw_towns import grid_town, random_town

from commplan.problem.causes import cause_params
from commplan.problem.communities import Attribute, Weights
from commplan.problem.result import Cause
from commplan.problem.terms import (
    community_medians,
    compute_terms,
    objective,
    renumber,
    successors,
)
from commplan.problem.validity import faults

PEOPLE = np.array([200, 100, 250, 250], dtype=np.int64)


def labels(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def test_terms_of_two_halves() -> None:
    """Two columns of two units: one border of 0.2 km, and every term by hand."""
    town = grid_town(2, 2, [100, 300, 200, 400], today=labels(0, 1, 1, 1), target_households=450.0)
    terms = compute_terms(town, labels(0, 1, 0, 1))
    assert terms["border_km"] == pytest.approx(0.2)
    assert terms["communities"] == 2
    assert terms["moved_households"] == 200  # unit 2 leaves old community 1
    assert terms["imbalance_households"] == 150 + 250
    assert terms["distance_household_km"] == pytest.approx(0.1 * 100 + 0.1 * 300)
    assert terms["area_imbalance_km2"] == pytest.approx(2 * abs(0.02 - 0.04 * 450 / 1000))


def test_objective_weighs_terms() -> None:
    """The objective is the weighted sum of the terms."""
    town = grid_town(1, 2, 10, weights=Weights(border_km=200.0, communities=3.0))
    assert objective(town, compute_terms(town, labels(0, 1))) == pytest.approx(200 * 0.1 + 6)


def test_median_minimises_the_sum() -> None:
    """The median is the unit with the least sum of households times distance."""
    town = grid_town(1, 3, [10, 1, 1])
    medians, sums = community_medians(town, labels(0, 0, 0))
    assert medians.tolist() == [0]
    assert sums[0] == pytest.approx(0.1 + 0.2)


def test_successors_are_matched_for_the_largest_sum() -> None:
    """A greedy choice (old 0 to new 0) would keep 10 + 0; the best matching keeps 9 + 8."""
    today = labels(0, 0, 1)
    households = np.array([10, 9, 8])
    assert successors(today, households, labels(0, 1, 0)).tolist() == [1, 0]


def test_ties_go_to_smaller_numbers() -> None:
    """Where every matching keeps as much, smaller old ones go with smaller new ones."""
    today = labels(0, 1, 0, 1)
    households = np.array([5, 5, 5, 5])
    assert successors(today, households, labels(0, 0, 1, 1)).tolist() == [0, 1]


def test_no_shared_household_means_no_successor() -> None:
    """A new community without households of an old one succeeds none."""
    assert successors(labels(0, -1), np.array([5, 7]), labels(0, 1)).tolist() == [0, -1]


def test_forced_pairs_are_kept() -> None:
    """A forced pair is matched although it shares less."""
    today, households = labels(0, 1), np.array([5, 5])
    assert successors(today, households, labels(0, 1), {1: 0}).tolist() == [-1, 0]


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_terms_do_not_depend_on_the_numbers_of_communities(seed: int) -> None:
    """Renaming communities changes no term."""
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    plan = rng.integers(0, 4, town.n).astype(np.int32)
    swapped = rng.permutation(10).astype(np.int32)[plan]
    first, second = compute_terms(town, plan), compute_terms(town, swapped)
    assert first == pytest.approx(second)
    assert renumber(plan).tolist() == renumber(swapped).tolist()


def test_valid_plan_has_no_faults() -> None:
    """Two connected halves within the bounds are valid."""
    assert faults(grid_town(2, 2, 900), labels(0, 1, 0, 1)) == []


@pytest.mark.parametrize(
    ("kind", "plan", "changes"),
    [
        ("unassigned", (0, -1, 0, 0), {}),
        ("disconnected", (0, 1, 1, 0), {}),
        ("bounds", (0, 0, 0, 1), {}),
        ("part", (0, 0, 1, 1), {"part": labels(0, 1, 0, 1)}),
        ("group", (0, 0, 1, 1), {"group": labels(5, -1, 5, -1)}),
        (
            "lock",
            (0, 1, 0, 1),
            {"today": labels(0, 0, 1, 0), "locked": np.array([True, False, False, False])},
        ),
        ("communities", (0, 0, 1, 1), {"min_communities": 3}),
        ("attribute", (0, 0, 1, 1), {"attributes": (Attribute("elderly", PEOPLE, 0, 499),)}),
        ("attribute", (0, 0, 1, 1), {"attributes": (Attribute("elderly", PEOPLE, 301, 900),)}),
        ("moved", (0, 0, 1, 1), {"today": labels(3, 4, 4, 4), "max_moved_households": 949}),
    ],
)
def test_each_broken_rule_is_named(kind: str, plan: tuple[int, ...], changes: dict) -> None:
    """Each rule of the yardstick that is broken is a fault of its kind."""
    town = grid_town(2, 2, [900, 950, 800, 950], max_households=2400, **changes)
    assert kind in {fault.kind for fault in faults(town, labels(*plan))}


def test_exempt_and_unchanged_communities_may_be_out_of_bounds() -> None:
    """Exempt units excuse their community; grandfather excuses one that is left as it is."""
    town = grid_town(1, 3, [5000, 800, 800], today=labels(4, 7, 7))
    plan = labels(0, 1, 1)
    assert [f.kind for f in faults(town, plan)] == ["bounds"]
    assert faults(town.replace(exempt=np.array([True, False, False])), plan) == []
    assert faults(town.replace(grandfather=True), plan) == []
    changed = town.replace(grandfather=True, today=labels(4, 4, 7))
    assert [f.kind for f in faults(changed, plan)] == ["bounds"]


def test_limits_are_inclusive() -> None:
    """What is exactly at a bound of an attribute or at the limit on moves is valid."""
    attributes = (Attribute("elderly", PEOPLE, 300, 500),)
    town = grid_town(2, 2, [900, 950, 800, 950], today=labels(3, 4, 4, 4))
    town = town.replace(attributes=attributes, max_moved_households=950)
    assert faults(town, labels(0, 0, 1, 1)) == []


def test_exempt_and_unchanged_communities_may_break_attributes() -> None:
    """As with households, an exception or an unchanged community is no fault."""
    amount = np.array([900, 100, 100])
    town = grid_town(1, 3, [1600, 800, 800], today=labels(4, 7, 7))
    town = town.replace(attributes=(Attribute("elderly", amount, 0, 500),))
    plan = labels(0, 1, 1)
    assert [(f.kind, f.params["amount"]) for f in faults(town, plan)] == [("attribute", 900)]
    assert faults(town.replace(exempt=np.array([True, False, False])), plan) == []
    assert faults(town.replace(grandfather=True), plan) == []


def test_cause_params_name_units_and_part() -> None:
    """The caller's ids stand in for positions, five of them at most."""
    cause = Cause("causes.pocket", {"households": 3}, tuple(range(7)), 1)
    params = cause_params(cause, list("abcdefg"), ["north", "south"])
    assert params["units"] == "a, b, c, d, e, …"
    assert params["part"] == "south"
    assert params["households"] == 3
