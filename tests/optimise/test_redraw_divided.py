"""Subdistricts solved apart and joined: the same plan as in one process, valid, honestly bounded."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redraw_towns import grid_town, random_town

from commplan.certify.check import check_proof
from commplan.certify.parts import Verdict
from commplan.optimise.communities.divide import (
    Part,
    divide,
    part_seed,
    redraw_divided,
    solve_part,
)
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Weights
from commplan.problem.result import Result, Status
from commplan.problem.terms import renumber
from commplan.problem.validity import faults

QUICK = RedrawParams(effort=0.01, seed=3, explain=False)
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
NAMES = ("北苑", "东关", "西河")


def town_of_parts(seed: int, rows: int = 6, columns: int = 4, parts: int = 3) -> CommunityProblem:
    """Make a random town whose rows belong to subdistricts, each with old communities of its own."""
    rng = np.random.default_rng(seed)
    town = random_town(rng, rows, columns)
    part = (np.arange(town.n) * parts // town.n).astype(np.int32)
    e = town.edges
    apart = part[e.tail] != part[e.head]
    edges = replace(
        e,
        border_km=np.where(apart, 0.0, e.border_km),
        soft_border_km=np.where(apart, 0.0, e.soft_border_km),
        is_open=np.ones(len(e.tail), dtype=np.bool_),
    )
    return town.replace(
        edges=edges,
        part=part,
        today=(2 * part + rng.integers(0, 2, town.n)).astype(np.int32),
        group=np.full(town.n, -1, dtype=np.int32),
        locked=np.zeros(town.n, dtype=np.bool_),
        households=rng.integers(100, 900, town.n),
        min_households=800,
        max_households=2500,
        weights=replace(
            town.weights, border_km=700.0, moved_households=1.0, area_imbalance_km2=0.0
        ),
        grandfather=False,
    )


def elsewhere(parts: tuple[Part, ...]) -> list[Result]:
    """Solve parts as other processes would: copies, last first."""
    copies = pickle.loads(pickle.dumps(list(parts)))
    results = [pickle.loads(pickle.dumps(solve_part(part))) for part in reversed(copies)]
    return results[::-1]


@given(st.integers(0, 10_000), st.booleans())
@settings(FEW, max_examples=6)
def test_divided_and_undivided_give_the_same_plan(seed: int, exact: bool) -> None:
    """Whether parts are solved here in turn or elsewhere in any order, every label is the same."""
    town = town_of_parts(seed)
    params = replace(QUICK, exact=exact)
    parts = divide(town, params, NAMES)
    here = redraw_divided(town, params, parts)
    there = redraw_divided(town, params, parts, solver=elsewhere)
    assert (here.status, here.objective, here.bound) == (there.status, there.objective, there.bound)
    assert here.seed == there.seed == params.seed
    if here.labels is not None:
        assert there.labels is not None
        assert here.labels.tolist() == there.labels.tolist()
        assert faults(town, here.labels) == []


@given(st.integers(0, 10_000))
@FEW
def test_parts_solved_exactly_are_as_good_as_the_whole(seed: int) -> None:
    """What is proven best part by part is the best of the whole, and infeasible where that is."""
    town = town_of_parts(seed)
    divided = redraw_divided(town, QUICK, divide(town, QUICK, NAMES))
    whole = redraw(town, QUICK)
    assert divided.status == whole.status
    if whole.objective is not None:
        assert divided.objective == pytest.approx(whole.objective)


@given(st.integers(0, 10_000))
@FEW
def test_bound_of_the_parts_holds_for_the_whole(seed: int) -> None:
    """No plan of the whole costs less than the joined bound, strays or not; the proof is checked."""
    town = town_of_parts(seed, 3, 3)
    rng = np.random.default_rng(seed)
    today = town.today.copy()
    stray = int(rng.integers(0, town.n))
    today[stray] = int(rng.integers(0, 6))  # a few households of an old community lie elsewhere
    households = town.households.copy()
    households[stray] = int(rng.integers(0, 30))
    town = town.replace(today=today, households=households, min_households=500)
    params = replace(QUICK, exact=bool(rng.integers(0, 2)))
    parts = divide(town, params, NAMES)
    result = redraw_divided(town, params, parts) if parts else redraw(town, params)
    whole = redraw(town, QUICK)
    assert (whole.status is Status.INFEASIBLE) >= (result.status is Status.INFEASIBLE)
    if whole.status is not Status.OPTIMAL or result.objective is None:
        return
    best = whole.objective
    assert best is not None
    assert result.bound <= best + 1e-6 * max(1.0, best)
    if result.status is Status.OPTIMAL:
        assert result.objective == pytest.approx(best)
    assert all(c.verdict is not Verdict.FAILS for c in check_proof(town, result.proof))


def test_a_part_depends_on_nothing_outside() -> None:
    """Other households in one subdistrict leave the communities of the others as they are."""
    town = town_of_parts(5)
    params = replace(QUICK, exact=False)
    first = redraw_divided(town, params, divide(town, params, NAMES))
    more = town.households.copy()
    more[town.part == 2] += 40
    other = town.replace(households=more)
    second = redraw_divided(other, params, divide(other, params, NAMES))
    assert first.labels is not None
    assert second.labels is not None
    kept = town.part != 2
    assert renumber(first.labels[kept]).tolist() == renumber(second.labels[kept]).tolist()


def test_seed_comes_from_the_subdistricts_id() -> None:
    """The seed of a part does not change with its place in the list, only with seed and id."""
    town = town_of_parts(1)
    parts = divide(town, QUICK, NAMES)
    assert [part.params.seed for part in parts] == [part_seed(3, name) for name in NAMES]
    assert len({part_seed(s, name) for s in (1, 2) for name in NAMES}) == 6
    assert all(0 <= part_seed(s, "x") < 2**31 for s in range(20))


def two_squares(away: int) -> CommunityProblem:
    """Two subdistricts of four units; ``away`` households of old community 0 lie in the second."""
    town = grid_town(2, 4, np.array([500, 500, 500, 500, away, 500, 500, 500]))
    part = np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32)
    today = np.array([0, 0, 0, 0, 0, 1, 1, 1], dtype=np.int32)
    return town.replace(
        part=part,
        today=today,
        min_households=1000,
        max_households=2500,
        weights=Weights(moved_households=1.0),
    )


def test_small_strays_stay_behind_and_large_ones_tie() -> None:
    """Up to 5 % of an old community may lie outside its subdistrict; more is solved in one part."""
    parts = divide(two_squares(100), QUICK, NAMES)
    assert [part.units.tolist() for part in parts] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert parts[1].problem.today.tolist() == [-1, 1, 1, 1]
    assert divide(two_squares(110), QUICK, NAMES) == ()


def test_strays_count_as_moved_in_the_joined_result() -> None:
    """A hundred households whose community lies in the other subdistrict have to move."""
    town = two_squares(100)
    result = redraw_divided(town, QUICK, divide(town, QUICK, NAMES))
    assert result.objective == 100
    assert result.bound == 0  # what strays cost is left out of what the parts prove
    assert result.status is Status.FEASIBLE


@pytest.mark.parametrize(
    "change",
    [
        {"max_communities": 9},
        {"min_communities": 2},
        {"max_moved_households": 100},
        {"weights": Weights(area_imbalance_km2=1.0)},
        {"part": np.zeros(24, dtype=np.int32)},
        {"group": np.array([7, *[-1] * 22, 7], dtype=np.int32), "part": np.repeat([0, 1], 12)},
    ],
)
def test_what_concerns_the_whole_is_not_divided(change: dict[str, object]) -> None:
    """A limit on all communities, or what lies in both subdistricts, keeps a problem whole."""
    assert divide(town_of_parts(2).replace(**change), QUICK, NAMES) == ()


def test_impossible_part_makes_the_whole_impossible() -> None:
    """The cause names the units by their places in the whole."""
    town = town_of_parts(4).replace(part=np.repeat([0, 1], 12).astype(np.int32))
    households = town.households.copy()
    households[17] = 9000
    town = town.replace(households=households)
    result = redraw_divided(town, QUICK, divide(town, QUICK, NAMES))
    assert result.status is Status.INFEASIBLE
    assert (17,) in [cause.units for cause in result.causes]


def test_a_stop_leaves_a_valid_plan() -> None:
    """Who asks to stop in the first part gets that part's plan and a first one of the others."""
    town = town_of_parts(5)
    params = RedrawParams(effort="quick", exact=False, explain=False)
    told = []

    def report(_state: object) -> None:
        told.append(True)

    parts = divide(town, params, NAMES)
    result = redraw_divided(town, params, parts, (report, lambda: len(told) > 3))
    assert result.interrupted
    assert not result.reproducible
    assert result.labels is not None
    assert faults(town, result.labels) == []
