"""A siting is checked apart from the optimiser: limits, walks, causes, figures, years."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from commplan.evaluate.siting import Money, check_siting, check_years, siting_value
from commplan.plan.siting import PosedSiting, SitingOptions
from commplan.problem.floors import Floors, SizeRule
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
    return PosedSiting(
        problem=problem,
        options=options,
        unit_rows=rows,
        site_rows=rows,
        cost_yuan=cost,
        priced=known,
        standing=problem.forced,
        nearest_min=near,
        today_of=np.array([0, -1, -1], dtype=np.int32),
        today_min=np.array([1.0, np.nan, np.nan]),
        ready_year=np.array([np.nan, np.nan, 2031.0]),
    )


def sized(floor: float, extend: float = 0.0) -> PosedSiting:
    """Ask for 1 m² per household and at least 15; the last site has so much floor."""
    asked = posed()
    weight = asked.problem.weight
    rules = (SizeRule(15.0, 0 * weight), SizeRule(0.0, weight))
    price = np.full(3, 1.0)
    extends = np.array([0.0, 0.0, extend])
    floors = Floors(np.array([30.0, 30.0, floor]), extends, price, price, rules)
    return replace(asked, problem=asked.problem.replace(floors=floors))


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


@pytest.mark.parametrize(
    ("year", "money", "wrong"),
    [
        (2031, (30.0, 30.0), []),
        (2031, (30.0, 9.0), ["siting.bad_money"]),  # 40 are spent, 39 have come
        (2032, (30.0, 30.0), ["siting.bad_year"]),  # none of the scenario's
        (2030, (60.0, 30.0), ["siting.bad_year"]),  # the site is ready in 2031
        (2031, (), []),
        (2030, (), ["siting.bad_year"]),
    ],
)
def test_money_of_the_years(year: int, money: tuple[float, ...], wrong: list[str]) -> None:
    """The second site for 40 comes when there is money, in a year asked for, and when it is ready."""
    found = check_years(posed(), answer(), {2: year}, Money(2030, money))
    assert [f.code for f in found] == wrong


def test_rooms_are_large_enough_and_grow_no_further_than_they_can() -> None:
    """20 households need 20 m²: 20 will do, 19 are too small, 19 and 1 added cost 2 more."""
    grown = answer(42.0, extended_m2=np.array([0.0, 0.0, 1.0]))
    assert codes(sized(20.0), answer()) == set()
    assert codes(sized(19.0), answer()) == {"size"}
    assert codes(sized(19.0, extend=5.0), grown) == set()
    assert codes(sized(19.0, extend=0.5), grown) == {"extended"}
    closed = answer(42.0, extended_m2=np.array([0.0, 1.0, 0.0]))
    assert "extended" in codes(sized(20.0, extend=5.0), closed)


def test_the_least_size_holds_for_one_household() -> None:
    """10 households need the least size, 15 m²."""
    asked = sized(20.0)
    floors = replace(asked.problem.floors, floor_m2=np.array([14.0, 30.0, 20.0]))
    assert codes(replace(asked, problem=asked.problem.replace(floors=floors)), answer()) == {"size"}
