"""Bounds on people and areas, and a limit on moved households: model, search, bounds and causes."""

from dataclasses import replace

import numpy as np
import pytest
from redraw_towns import best_by_enumeration, grid_town, partitions, random_town

from commplan.findings import Finding
from commplan.optimise.communities.alternatives import AlternativesParams, find_alternatives
from commplan.optimise.communities.columns import list_columns
from commplan.optimise.communities.counts import shared_out
from commplan.optimise.communities.exact import build_model
from commplan.optimise.communities.instance import build_instance
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.communities.relax import apply_remedy
from commplan.optimise.communities.state import make_state
from commplan.problem.causes import cause_params
from commplan.problem.communities import Attribute, CommunityProblem, Weights
from commplan.problem.result import Status
from commplan.problem.terms import moved_households
from commplan.problem.validity import faults
from commplan.texts import LANGUAGES, load_texts

QUICK = RedrawParams(effort=0.01)
BRIEF = RedrawParams(effort=0.01, explain=False)


def amounts(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def people(low: int, high: int, *values: int) -> tuple[Attribute, ...]:
    return (Attribute("population", amounts(*values), low, high),)


def limited_town(seed: int) -> CommunityProblem:
    """Draw a town with limits around what one of its valid plans has."""
    rng = np.random.default_rng(seed)
    town = random_town(rng, 2, 3)
    plans = list(partitions(town))
    if not plans:
        return town.replace(max_moved_households=0)
    plan = plans[int(rng.integers(len(plans)))]
    amount = (town.households * rng.uniform(1.5, 3.5, town.n)).astype(np.int64)
    total = np.bincount(plan, amount)
    bounds = int(0.9 * total.min()), int(1.1 * total.max())
    moved = moved_households(town, plan)
    return town.replace(
        attributes=(Attribute("population", amount, *bounds),) if seed % 3 else (),
        max_moved_households=moved if seed % 3 != 1 else None,
    )


@pytest.mark.parametrize("seed", range(15))
def test_exact_equals_enumeration_with_limits(seed: int) -> None:
    """With attributes and a limit on moves the exact engine still finds the best of all plans."""
    town = limited_town(seed)
    best = best_by_enumeration(town)
    result = redraw(town, RedrawParams(effort=0.01, seed=seed, explain=False))
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best)


@pytest.mark.parametrize("seed", [101, 102, 106, 107, 110, 111])
def test_search_keeps_to_limits_and_bounds_hold(seed: int) -> None:
    """What the search finds is valid, and its bound is at most the optimum."""
    town = limited_town(seed).replace(grandfather=False)
    exact = redraw(town, RedrawParams(effort=0.01, explain=False))
    found = redraw(town, RedrawParams(effort=0.01, exact=False, explain=False))
    if found.labels is not None:
        assert faults(town, found.labels) == []
        assert exact.objective is not None
        assert found.objective is not None
        assert found.bound <= exact.objective + 1e-6
        assert exact.objective <= found.objective + 1e-6


def test_columns_leave_out_what_an_attribute_forbids() -> None:
    """Of the pairs of a 2 × 2 town of 1,000 households each, 4,000 people allow the rows only."""
    town = grid_town(2, 2, 1000, attributes=people(0, 4000, 1000, 3000, 3000, 1000))
    columns = list_columns(town, presolve(town, np.ones(4, bool)), np.arange(4))
    assert columns is not None
    sets = {tuple(np.flatnonzero(row).tolist()) for row in columns.has.toarray()}
    assert sets == {(0, 1), (0, 2), (1, 3), (2, 3)} - {(1, 2)}
    lower = town.replace(attributes=people(4000, 9000, 3000, 1000, 1000, 1000))
    columns = list_columns(lower, presolve(lower, np.ones(4, bool)), np.arange(4))
    assert columns is not None
    sets = {tuple(np.flatnonzero(row).tolist()) for row in columns.has.toarray()}
    assert sets == {(0, 1), (0, 2), (0, 1, 2), (0, 1, 3), (0, 2, 3)}


def test_an_exempt_unit_excuses_from_attributes() -> None:
    """The community that holds it may be outside their bounds, as it may be outside those of size."""
    exempt = np.array([True, False, False, False])
    town = grid_town(1, 4, 1000, attributes=people(0, 4000, 3000, 3000, 2000, 2000))
    assert redraw(town, QUICK).status is Status.INFEASIBLE
    excused = redraw(town.replace(exempt=exempt), QUICK)
    assert excused.labels is not None
    assert excused.labels.tolist() == [0, 0, 1, 1]


def test_the_model_limits_moved_households() -> None:
    """One row: what stays in the successors is at least all households less the limit."""
    town = grid_town(1, 4, 1000, today=ints(0, 0, 0, 1), max_moved_households=1000)
    columns = list_columns(town, presolve(town, np.ones(4, bool)), np.arange(4))
    assert columns is not None
    model, _ = build_model(town, columns)
    row = model.get_constraint_by_name("moved")
    assert row is not None
    stays = {v.name: value for v, value in row.items()}
    # Of the pairs (0, 1) and (2, 3), the first holds 2,000 of old 0, the second 1,000 of each.
    assert sorted(stays.values()) == [1000, 1000, 2000]
    assert row.getLb() == 4000 - 1000 - 0.5


def test_a_tighter_limit_never_costs_less() -> None:
    """Least border under a limit: from what least change needs up to what the best plan moves."""
    rng = np.random.default_rng(5)
    today = ints(0, 1, 2, 2, 3, 0, 1, 1, 3, 3)
    town = grid_town(2, 5, rng.integers(500, 900, 10), today=today)
    border = rng.uniform(0.02, 0.3, len(town.edges.tail))
    town = town.replace(edges=replace(town.edges, border_km=border))
    least = redraw(town.replace(weights=Weights(moved_households=1.0)), BRIEF).objective
    assert least is not None
    costs = []
    for limit in (int(least), int(least) + 700, 9000):
        result = redraw(town.replace(max_moved_households=limit), BRIEF)
        assert result.status is Status.OPTIMAL
        assert result.terms["moved_households"] <= limit
        costs.append(result.objective)
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    below = redraw(town.replace(max_moved_households=int(least) - 1), BRIEF)
    assert below.status is Status.INFEASIBLE


def larger_town(**changes: object) -> CommunityProblem:
    rng = np.random.default_rng(3)
    households = rng.integers(60, 140, 300)
    today = (np.arange(300) % 20 // 5 + np.arange(300) // 20 // 4 * 4).astype(np.int32)
    return grid_town(15, 20, households, today=today, **changes)


def test_search_respects_attributes_of_a_larger_town() -> None:
    """Two attributes with bounds each, beside those of households."""
    rng = np.random.default_rng(4)
    plain = larger_town()
    amount = (plain.households * rng.uniform(2.0, 3.5, 300)).astype(np.int64)
    old = (amount * rng.uniform(0.05, 0.3, 300)).astype(np.int64)
    attributes = (Attribute("population", amount, 5000, 7000), Attribute("elderly", old, 0, 1300))
    town = plain.replace(attributes=attributes)
    result = redraw(town, RedrawParams(effort=0.02, bound=False))
    assert result.labels is not None
    assert faults(town, result.labels) == []


def test_search_uses_what_may_move() -> None:
    """A plan moves no more than allowed, and is better than that of half the allowance."""
    town = larger_town()
    found = {}
    for limit in (3000, 12000):
        result = redraw(
            town.replace(max_moved_households=limit), RedrawParams(effort=0.05, bound=False)
        )
        assert result.labels is not None
        assert moved_households(town, result.labels) <= limit
        found[limit] = result.objective
    assert found[3000] > found[12000]


def test_areas_share_what_may_move() -> None:
    """Two subdistricts searched one after the other move no more than allowed together."""
    town = larger_town()
    part = (np.arange(300) % 20 >= 10).astype(np.int32)
    e = town.edges
    border = np.where(part[e.tail] == part[e.head], e.border_km, 0.0)
    town = town.replace(part=part, edges=replace(e, border_km=border), max_moved_households=5000)
    result = redraw(town, RedrawParams(effort=0.05, bound=False, exact=False))
    assert result.labels is not None
    assert faults(town, result.labels) == []
    assert moved_households(town, result.labels) <= 5000
    least = redraw(
        town.replace(max_moved_households=None, weights=Weights(moved_households=1.0)),
        RedrawParams(effort=0.05, bound=False, exact=False),
    )
    assert least.objective is not None
    assert least.objective < 5000


def test_alternatives_keep_to_limits() -> None:
    """Every plan that is offered moves no more than allowed."""
    today = ints(*(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3))
    town = grid_town(3, 4, 700, today=today, max_moved_households=3500)
    best = redraw(town, QUICK)
    plans = find_alternatives(town, best, QUICK, AlternativesParams(3, 0.05, 0.5))
    assert len(plans) > 1
    assert all(faults(town, plan.labels) == [] for plan in plans)


def test_strict_moves_leave_attributes_in_bounds() -> None:
    """Annealing hot but strictly from a valid plan never breaks a bound, and keeps the sums."""
    town = grid_town(6, 6, 250, attributes=people(3000, 8000, *range(500, 860, 10)))
    nodes = np.arange(36, dtype=np.int32)
    instance = build_instance(town, nodes, nodes)
    start = (nodes // 18 * 2 + nodes % 6 // 3).astype(np.int32)
    start[nodes // 6 == 2] = start[nodes // 6 == 1]
    state = make_state(instance, start)
    assert state.breach(instance) == 0
    rng = np.array([7], dtype=np.uint64)
    assert anneal(instance, state, (50_000, 1e6, 1e5, 1.0, 1.0), rng) > 0
    assert state.breach(instance) == 0
    amount = town.attributes[0].amount
    assert state.sums[4].tolist() == np.bincount(state.labels, amount, 4).tolist()


def test_a_range_of_numbers_leaves_pieces_room() -> None:
    """A range that counting alone may break is shared out as ranges whose sums keep it."""
    town = grid_town(1, 18, 1000)
    parts = [np.arange(9, dtype=np.int32), np.arange(9, 18, dtype=np.int32)]
    shares = shared_out(town.replace(min_communities=7, max_communities=9), parts, 0)
    assert sum(low for low, _ in shares) == 7
    assert sum(high or 0 for _, high in shares) == 9


CASES = {
    "attribute_unit_too_large": grid_town(
        2, 3, 1000, attributes=people(4000, 8000, 3000, 3000, 3000, 3000, 9000, 3000)
    ),
    "attribute_bundle_too_large": grid_town(
        2,
        3,
        1000,
        group=ints(0, 0, -1, -1, -1, -1),
        attributes=people(0, 6500, 3500, 3500, 3000, 3000, 3000, 3000),
    ),
    "attributes_no_number": grid_town(1, 4, 1000, attributes=people(3000, 3900, *[2000] * 4)),
    "moved_limit": grid_town(2, 3, 1000, today=np.zeros(6, np.int32), max_moved_households=1000),
    "together": grid_town(2, 3, 1000, attributes=people(4000, 5000, *[3000] * 6)),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_cause_is_named_and_the_ways_out_work(kind: str) -> None:
    """Each town has its cause, worded in both languages; every way out leads to a valid plan."""
    problem = CASES[kind]
    result = redraw(problem, QUICK)
    assert result.status is Status.INFEASIBLE
    assert [c.code for c in result.causes] == [f"causes.{kind}"]
    cause = result.causes[0]
    assert cause.remedies
    names = [f"u{i}" for i in range(problem.n)]
    for item in (cause, *cause.remedies):
        for language in LANGUAGES:
            assert Finding(item.code, params=cause_params(item, names, ["S"])).words(
                load_texts(language)
            )
    for way in cause.remedies:
        looser = apply_remedy(problem, way)
        again = redraw(looser, QUICK)
        assert again.labels is not None
        assert faults(looser, again.labels) == []
        assert again.objective is not None
        assert again.objective <= float(str(way.params["cost"])) + 1e-6


def test_attributes_are_loosened_no_further_than_needed() -> None:
    """One person less than the way out that is offered, and nothing is valid again."""
    problem = CASES["together"]
    ways = {way.code: way for way in redraw(problem, QUICK).causes[0].remedies}
    way = ways["causes.raise_attribute"]
    assert way.params["to"] == 6000
    assert redraw(problem.replace(attributes=people(4000, 5999, *[3000] * 6)), QUICK).labels is None


def test_grandfather_keeps_what_breaks_an_attribute() -> None:
    """A community that stays as it is may have too many people."""
    town = grid_town(
        1,
        4,
        1000,
        today=ints(0, 0, 1, 1),
        attributes=people(0, 4000, 3000, 3000, 2000, 2000),
        weights=Weights(moved_households=1.0),
    )
    assert redraw(town, QUICK).status is Status.INFEASIBLE
    kept = redraw(town.replace(grandfather=True), QUICK)
    assert kept.labels is not None
    assert kept.labels.tolist() == [0, 0, 1, 1]
