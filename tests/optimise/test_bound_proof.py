"""What a result hands over to prove its bound: the parts add up, and hold set by set."""

import numpy as np
import pytest
from redraw_towns import grid_town, random_town

from commplan.optimise.communities.bound_distance import Medians, build_cost, priced
from commplan.optimise.communities.bound_master import Limits, Master, Wish
from commplan.optimise.communities.bound_steps import cost_step, rounded_up
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.proof import KINDS, ProofPart
from commplan.problem.result import Result

SEARCHED = RedrawParams(effort=0.01, exact=False, explain=False)


def _town(weights: Weights) -> CommunityProblem:
    """Twelve blocks of uneven size, two to four of them to a community."""
    households = np.random.default_rng(5).integers(300, 700, 12)
    return grid_town(3, 4, households, min_households=900, max_households=2000, weights=weights)


def _part(result: Result, kind: str) -> ProofPart:
    (part,) = [p for p in result.proof if p.kind == kind]
    return part


def test_parts_add_up_and_name_each_term_once() -> None:
    """With several weights the values add up to the bound; no unit's term stands in two parts."""
    proven = 0
    for seed in range(8):
        town = random_town(np.random.default_rng(seed), 3, 4)
        result = redraw(town, SEARCHED)
        if result.labels is None or not result.proof:
            continue
        proven += 1
        total = sum(p.value for p in result.proof)
        assert result.bound == pytest.approx(min(total, result.objective or 0.0))
        for unit in range(town.n):
            terms = [
                (t, p.kind == "border_outside")
                for p in result.proof
                for t in p.terms
                if unit in p.units
            ]
            assert len(terms) == len(set(terms))
        assert {p.kind for p in result.proof} <= set(KINDS)
    assert proven > 0


def test_border_prices_hold_for_every_set_of_a_small_town() -> None:
    """The claim of the part is looked at for each connected set that a community can hold."""
    town = _town(Weights(border_km=1000.0))
    part = _part(redraw(town, SEARCHED), "prices_border")
    e = town.edges
    sets = ((np.arange(1, 2**12)[:, None] >> np.arange(12)) & 1).astype(bool)
    households = sets @ town.households
    inside = (households >= part.low) & (households <= part.high)
    cost = np.floor(0.5 * 1000.0 * e.border_km * part.per_cost)
    half = (cost * (sets[:, e.tail] != sets[:, e.head])).sum(axis=1)
    asked = sets[:, part.units] @ part.prices[part.node] + part.extra
    assert (half - asked)[inside & _connected(sets, town)].min() >= 0
    value = (int(part.prices.sum()) + part.fewest * part.extra) / part.per_cost
    assert part.value == pytest.approx(value)
    best = redraw(town, RedrawParams(explain=False)).objective
    assert best is not None
    assert 0.5 * best < part.value <= best


def _connected(sets: np.ndarray, town: CommunityProblem) -> np.ndarray:
    """Whether each row of ``sets`` is connected."""
    e = town.edges
    reach = sets & (np.cumsum(sets, axis=1) == 1)
    for _ in range(town.n):
        for a, b in zip(e.tail, e.head, strict=True):
            both = (reach[:, a] | reach[:, b]) & sets[:, a] & sets[:, b]
            reach[:, a] |= both
            reach[:, b] |= both
    return np.asarray((reach == sets).all(axis=1))


def test_distance_prices_prove_their_value_again() -> None:
    """From the stored prices alone the Lagrangian gives the stored value."""
    town = _town(Weights(distance_household_km=1.0, communities=30.0))
    part = _part(redraw(town, SEARCHED), "prices_distance")
    households = town.households.astype(float)
    cost = build_cost(town.xy_km, households, part.node, 1.0)
    medians = Medians(
        cost, part.node, households, part.low, part.high, part.fewest, part.most, 30.0, 1500.0, 0.0
    )
    assert priced(medians, np.asarray(part.prices, dtype=float))[0] == pytest.approx(part.value)


def test_the_same_budget_gives_the_same_proof() -> None:
    """Threads share the work, and change nothing."""
    town = _town(Weights(border_km=1000.0))
    first, second = (_part(redraw(town, SEARCHED), "prices_border") for _ in range(2))
    assert first.prices.tolist() == second.prices.tolist()
    assert (first.extra, first.rate) == (second.extra, second.rate)


def test_proposals_keep_to_the_walks_that_are_known() -> None:
    """Of four nodes two cost at most 100 together: their prices are brought down to that."""
    limits = Limits(np.array([5, 5, 5, 5]), 10, 2, False)
    master = Master(limits)
    master.add(np.array([[1, 1, 0, 0]], dtype=np.int32), np.array([100]), False)
    wish, value = master.propose(Wish(np.array([90, 90, 90, 90]), 0, 20), 0.5)
    assert wish.prices[:2].sum() <= 100
    assert wish.prices[2:].min() >= 90
    assert value == wish.prices.sum()


def test_an_exact_answer_is_its_own_proof() -> None:
    """What the integer programme solves is one part of that kind."""
    result = redraw(_town(Weights(border_km=1000.0)), RedrawParams(explain=False))
    assert [p.kind for p in result.proof] == ["exact"]
    assert result.proof[0].value == pytest.approx(result.bound)


def test_bounds_of_whole_costs_are_rounded_up() -> None:
    """Where every edge costs one, a bound of 2.3 proves 3; where costs differ, nothing is added."""
    town = grid_town(3, 3, 600, min_households=1500, max_households=2500)
    e = town.edges
    ones = np.ones(len(e.tail))
    town = town.replace(edges=Edges(e.tail, e.head, ones, ones, e.is_open))
    town = town.replace(weights=Weights(border_km=1.0))
    given = (ProofPart("counting", ("border_km",), 2.3, np.arange(9, dtype=np.int32)),)
    proof = rounded_up(town, given)
    assert [part.kind for part in proof] == ["counting", "whole_steps"]
    assert sum(part.value for part in proof) == pytest.approx(3.0)
    assert rounded_up(
        town.replace(weights=Weights(border_km=1.0, moved_households=0.3)), given
    ) == (given)
    assert cost_step(town.replace(weights=Weights(border_km=3.0, moved_households=1.5))) == 1.5
    assert cost_step(town.replace(weights=Weights(distance_household_km=1.0))) == 0.0
