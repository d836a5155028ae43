"""A siting is checked apart from the optimiser: limits, walks, causes, figures, years."""

import numpy as np
import pytest
from scipy import sparse

from commplan.evaluate.siting import check_siting, check_years, siting_value
from commplan.plan.siting import PosedSiting, SitingOptions
from commplan.problem.location import Aim, LocationProblem, LocationResult, Uncovered
from commplan.problem.result import Status


def posed(aim: Aim = Aim.COVER, number: int | None = None) -> PosedSiting:
    """Three units, three sites; the first room stands, the last unit reaches nothing."""
    minutes = sparse.csr_array(
        (np.array([1.0, 9.0, 4.0, 6.0]), ([0, 0, 1, 1], [0, 1, 1, 2])), shape=(3, 3)
    )
    cost = np.array([0.0, 50.0, 40.0])
    problem = LocationProblem(
        np.array([10.0, 20.0, 5.0]),
        minutes,
        cost,
        np.array([True, False, False]),
        budget=60.0,
        max_open=number,
    )
    options = SitingOptions(aim=aim, number=number, budget_yuan=60.0)
    rows = np.arange(3)
    known = np.ones(3, dtype=bool)
    near = np.array([np.nan, np.nan, 40.0])
    return PosedSiting(problem, options, rows, rows, cost, known, problem.forced, near)


def answer(objective: float = 40.0, **changes: object) -> LocationResult:
    """Make the answer of least cost: the room that stands, and the last site for the second unit."""
    fields: dict[str, object] = {
        "status": Status.OPTIMAL,
        "is_open": np.array([True, False, True]),
        "site_of": np.array([0, 2, -1], dtype=np.int32),
        "objective": objective,
        "bound": objective,
        "causes": (Uncovered("no_site", (2,)),),
    }
    return LocationResult(**(fields | changes))  # type: ignore[arg-type]


def codes(asked: PosedSiting, result: LocationResult) -> set[str]:
    """Codes of what is wrong."""
    return {finding.code.removeprefix("siting.bad_") for finding in check_siting(asked, result)}


@pytest.mark.parametrize(
    ("aim", "value"),
    [(Aim.COVER, 40.0), (Aim.MAX_COVER, 30.0), (Aim.MEDIAN, 130.0), (Aim.CENTRE, 6.0)],
)
def test_a_good_answer_passes(aim: Aim, value: float) -> None:
    """By hand: cost 40, 30 households, 10 × 1 + 20 × 6 minutes, 6 minutes at most."""
    assert siting_value(posed(aim), answer()) == value
    assert codes(posed(aim), answer(value)) == set()


def test_broken_limits() -> None:
    """A closed room, too many of them, and more money than there is."""
    every = np.array([False, True, True])
    result = answer(90.0, is_open=every, site_of=np.array([1, 1, -1], dtype=np.int32))
    assert codes(posed(number=1), result) == {"closed", "budget", "number"}


@pytest.mark.parametrize("site", [1, 0])
def test_a_walk_that_is_none(site: int) -> None:
    """The second unit goes to a site that is not open, or beyond the limit."""
    walks = np.array([0, site, -1], dtype=np.int32)
    assert codes(posed(), answer(site_of=walks)) == {"walk"}


def test_who_is_left_out_is_named() -> None:
    """A unit without a site and without a reason, or with the wrong reason."""
    assert codes(posed(), answer(causes=())) == {"left"}
    assert codes(posed(), answer(causes=(Uncovered("budget", (2,)),))) == {"left"}


def test_figures_and_bounds() -> None:
    """A figure that does not come out; a bound above the cost; optimal without proof."""
    assert codes(posed(), answer(41.0)) == {"figure", "bound"}
    assert codes(posed(), answer(bound=45.0)) == {"bound"}
    assert codes(posed(), answer(bound=30.0)) == {"bound"}
    assert codes(posed(), answer(bound=30.0, status=Status.FEASIBLE)) == set()
    assert codes(posed(Aim.MAX_COVER), answer(30.0, bound=29.0, status=Status.FEASIBLE)) == {
        "bound"
    }


def test_money_of_the_years() -> None:
    """40 in the first year are too much when 30 come, not in the second; 2032 is none of them."""
    assert [f.code for f in check_years(posed(), {2: 2030}, 2030, (30.0, 30.0))] == [
        "siting.bad_money"
    ]
    assert check_years(posed(), {2: 2031}, 2030, (30.0, 30.0)) == []
    assert [f.code for f in check_years(posed(), {2: 2032}, 2030, (30.0, 30.0))] == [
        "siting.bad_year"
    ]
