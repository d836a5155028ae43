"""Each kind of part: a case worked out by hand holds, and what was tampered with fails."""

from dataclasses import replace

import numpy as np
import pytest
from certify_towns import (
    BORDER_WEIGHT,
    BORDERS,
    DISTANCE_WEIGHT,
    JOINT,
    all_of,
    border_prices,
    check_one,
    distance_prices,
    strip,
)
from tests.optimise.redraw_towns import grid_town

from commplan.certify.check import check_proof
from commplan.certify.parts import Verdict
from commplan.certify.steps import step_above
from commplan.problem.communities import TERMS, CommunityProblem, Edges, Weights
from commplan.problem.proof import ProofPart


def _river(town: CommunityProblem) -> CommunityProblem:
    """Close the edge in the middle of a strip of four."""
    e = town.edges
    opened = np.array([True, False, True])
    return town.replace(edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, opened))


def test_border_that_no_plan_can_move() -> None:
    """A river of 100 households' worth lies between two areas; each has half of it."""
    town = _river(strip(weights=BORDER_WEIGHT))
    part = ProofPart("border_outside", BORDERS, 50.0, np.array([0, 1], dtype=np.int32))
    assert check_one(town, part).verdict is Verdict.HOLDS
    assert check_one(town, part, value=50.1).verdict is Verdict.FAILS
    assert check_one(town, part, units=np.array([0], dtype=np.int32)).derived.reason == "area"


def test_border_prices_hold() -> None:
    """Prices of 25 households each prove 100 for a strip of four, which is the optimum."""
    checked = check_one(strip(weights=BORDER_WEIGHT), border_prices(strip()))
    assert checked.verdict is Verdict.HOLDS
    assert checked.derived.value == pytest.approx(100.0, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": 100.001}, ""),
        ({"prices": np.array([25_001, 25_000, 25_000, 25_000])}, "set"),
        ({"extra": 1}, "set"),
        ({"fewest": 3}, "number"),
        ({"most": 1}, "number"),
        ({"low": 1600.0}, "bounds"),
        ({"high": 2400.0}, "bounds"),
        ({"low_load": 3}, "load"),
        ({"high_load": 1}, "load"),
        ({"load": np.full(4, 2)}, "load"),
        ({"rate": 49_000}, "set"),
        ({"rate": -1}, "load"),
        ({"rate": 2**30}, "large"),
        ({"prices": np.full(4, 2**61)}, "large"),
        ({"per_cost": 1e300}, "large"),
        ({"per_cost": 500.0}, "set"),
        ({"prices": np.full(3, 25_000)}, "lengths"),
        ({"dropped": np.array([[1, 2]])}, "load"),
        ({"dropped": np.array([[1, 2]]), "low_load": 1}, "plane"),
        ({"node": np.array([0, 0, 1, 2])}, "lengths"),
        ({"node": np.array([0, 1, 1, 2])}, "nodes"),
        ({"units": np.array([1, 2, 3])}, "nodes"),
        ({"terms": JOINT}, "twice"),
    ],
)
def test_border_prices_that_were_tampered_with_fail(
    changes: dict[str, object], reason: str
) -> None:
    """Whatever of a part is changed so that it claims more, the check says what is wrong."""
    if changes.get("units") is not None:
        changes["node"] = np.zeros(3, dtype=np.int32)
    checked = check_one(strip(weights=BORDER_WEIGHT), border_prices(strip()), **changes)
    assert checked.verdict is Verdict.FAILS
    assert checked.derived.reason == reason


def test_the_set_that_is_too_cheap_is_named() -> None:
    """Raising the price of the last block makes the pair at that end too cheap."""
    prices = np.array([25_000, 25_000, 25_000, 25_500])
    checked = check_one(strip(weights=BORDER_WEIGHT), border_prices(strip()), prices=prices)
    assert checked.derived.units == (2, 3)
    assert checked.derived.params == {"lack": "0.500", "units": 2}


def test_distance_prices_hold() -> None:
    """Prices of 50 each prove 300 for three pairs of a strip of six, which is the optimum."""
    town = strip(6, weights=DISTANCE_WEIGHT, min_households=2000)
    checked = check_one(town, distance_prices(town))
    assert checked.verdict is Verdict.HOLDS
    assert checked.derived.value == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": 300.01}, ""),
        ({"prices": np.full(6, 200.0)}, ""),
        ({"prices": np.full(6, np.nan)}, "lengths"),
        ({"prices": np.full(6, np.inf)}, "lengths"),
        ({"prices": np.full(5, 50.0)}, "lengths"),
        ({"low": 2500.0}, "bounds"),
        ({"high": 2000.0}, "bounds"),
        ({"fewest": 4}, "number"),
        ({"most": 2}, "number"),
    ],
)
def test_distance_prices_that_were_tampered_with_fail(
    changes: dict[str, object], reason: str
) -> None:
    """Prices that prove less, or a narrower range of communities, are found out."""
    town = strip(6, weights=DISTANCE_WEIGHT, min_households=2000)
    checked = check_one(town, distance_prices(town), **changes)
    assert checked.verdict is Verdict.FAILS
    assert checked.derived.reason == reason


def test_deviation_and_number_count_in_distance_prices() -> None:
    """Without prices each of three communities costs its number and how far it is off."""
    weights = Weights(distance_household_km=1.0, imbalance_households=0.5, communities=10.0)
    town = strip(6, weights=weights, min_households=2000, target_households=2600.0)
    # Of 2,000 to 2,500 households the best is 2,500: 100 off the target, half each; two blocks
    # for nothing beside the median go 100 m and 50 households of the next one 100 or 200 m.
    part = distance_prices(town)
    value = check_one(town, part, value=0.0, prices=np.zeros(6)).derived.value
    assert value == pytest.approx(3 * (10 + 0.5 * 100 + 100 + 50), rel=1e-6)


def test_eigenvalues_of_two_blocks() -> None:
    """Two blocks that must part: half of 1,000 households times 0.2 is the border itself."""
    town = strip(2, weights=BORDER_WEIGHT, min_households=1000, max_households=1500)
    both = all_of(town)
    part = ProofPart("eigen", BORDERS, 99.99, both, both, low=1000, high=1500, fewest=2, most=2)
    assert check_one(town, part).verdict is Verdict.HOLDS
    assert check_one(town, part, value=100.5).verdict is Verdict.FAILS
    assert check_one(town, part, fewest=3).derived.reason == "number"


def test_eigenvalue_bound_is_below_every_cut() -> None:
    """A grid of four by four in squares: 800 households' worth is cut, and no more is derived."""
    town = grid_town(4, 4, 600, min_households=2300, max_households=2500, weights=BORDER_WEIGHT)
    part = ProofPart(
        "eigen", BORDERS, 1.0, all_of(town), all_of(town), low=2300, high=2500, fewest=4, most=4
    )
    value = check_one(town, part).derived.value
    assert value is not None
    assert 400.0 < value <= 800.0


@pytest.mark.parametrize(
    ("terms", "weights", "value"),
    [
        (JOINT, Weights(communities=10.0), 20.0),
        (JOINT, Weights(imbalance_households=1.0), 1000.0),
        (JOINT, Weights(distance_household_km=1.0), 200.0),
        (("moved_households",), Weights(moved_households=1.0), 1000.0),
        (("area_imbalance_km2",), Weights(area_imbalance_km2=1000.0), 10.0),
    ],
)
def test_counting(terms: tuple[str, ...], weights: Weights, value: float) -> None:
    """A strip of four in two: 1,000 households off the target, two not at their median, and so on.

    Of an old community of 3,000 households 1,000 cannot stay; 0.04 km² are 0.01 more than two of
    0.015.
    """
    town = strip(
        weights=weights,
        max_households=2000,
        target_households=1500.0,
        today=np.array([0, 0, 0, 1], dtype=np.int32),
    )
    part = ProofPart("counting", terms, value * (1 - 1e-9), all_of(town))
    assert check_one(town, part).verdict is Verdict.HOLDS
    assert check_one(town, part, value=value * 1.001).verdict is Verdict.FAILS
    assert check_one(town, part, terms=("border_km",)).derived.reason == "twice"


def test_whole_steps_round_up() -> None:
    """Each cut costs 100, so a bound of 90 is one of 100; of 100 nothing more comes."""
    town = strip(weights=BORDER_WEIGHT)
    low = replace(border_prices(town), value=90.0)
    up = ProofPart("whole_steps", ("border_km",), 10.0, all_of(town), per_cost=0.01)
    assert [c.verdict for c in check_proof(town, (low, up))] == [Verdict.HOLDS] * 2
    assert check_proof(town, (low, replace(up, value=10.1)))[1].verdict is Verdict.FAILS
    assert check_proof(town, (up, low))[0].derived.reason == "twice"
    assert check_proof(town, (border_prices(town), up))[1].verdict is Verdict.FAILS
    few = replace(up, units=np.array([0, 1], dtype=np.int32))
    assert check_proof(town, (low, few))[1].derived.reason == "twice"


@pytest.mark.parametrize(
    "weights",
    [
        Weights(border_km=1000.0, distance_household_km=0.1),
        Weights(border_km=1000.0, moved_households=30.0),
        Weights(border_km=1000.0, imbalance_households=100.0),
    ],
)
def test_other_costs_are_not_rounded_up(weights: Weights) -> None:
    """Distances come in no steps, 100 is no multiple of 30, and the target lies between two."""
    town = strip(weights=weights, target_households=2000.5)
    assert step_above(town, 90.0) == 0.0


def test_exact_is_enumerated() -> None:
    """The best cut of a strip of four costs 100; a claim of more fails."""
    town = strip(weights=BORDER_WEIGHT)
    part = ProofPart("exact", TERMS, 100.0, all_of(town))
    assert check_one(town, part).verdict is Verdict.HOLDS
    assert check_one(town, part, value=100.001).verdict is Verdict.FAILS


def test_exact_with_moved_households_looks_at_plans() -> None:
    """Cutting at the river costs 100 and moves nobody; cutting elsewhere moves 1,000."""
    town = strip(
        weights=Weights(border_km=1000.0, moved_households=0.05),
        min_households=1000,
        max_households=3000,
        today=np.array([0, 0, 0, 1], dtype=np.int32),
        locked=np.array([True, False, False, False]),
    )
    part = ProofPart("exact", TERMS, 100.0, all_of(town))
    assert check_one(town, part).verdict is Verdict.HOLDS
    assert check_one(town, part, value=101.0).verdict is Verdict.FAILS
    forced = town.replace(max_households=2500)
    assert check_one(forced, part, value=150.0).verdict is Verdict.HOLDS


def test_what_is_too_large_is_taken_on_trust() -> None:
    """Thirty blocks are not enumerated, and that is said."""
    town = strip(30, weights=BORDER_WEIGHT)
    checked = check_one(town, ProofPart("exact", TERMS, 1400.0, all_of(town)))
    assert checked.verdict is Verdict.TRUST
    assert checked.derived.reason == "solver"


def test_nothing_counts_twice() -> None:
    """The second part that bounds the same border or term of a unit fails."""
    town = strip(weights=Weights(border_km=1000.0, communities=10.0))
    joint = ProofPart("counting", JOINT, 20.0, all_of(town))
    checked = check_proof(town, (border_prices(town), border_prices(town), joint, joint))
    assert [c.verdict for c in checked] == [
        Verdict.HOLDS,
        Verdict.FAILS,
        Verdict.HOLDS,
        Verdict.FAILS,
    ]
    assert {c.derived.reason for c in checked} == {"", "twice"}
