"""A fixed number of communities or a range, tight bounds, and plans joined from a pool."""

import numpy as np
import pytest
from redraw_towns import best_by_enumeration, grid_town

from commplan.optimise.communities.centres import assign_to_centres, plan_cost
from commplan.optimise.communities.counts import numbered, shared_out
from commplan.optimise.communities.instance import Instance, build_instance
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.pool import Pool
from commplan.optimise.communities.recombine import recombine
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.communities.state import community_costs, cost, make_state
from commplan.problem.communities import CommunityProblem
from commplan.problem.result import Status
from commplan.problem.validity import faults


def instance_of(problem: CommunityProblem) -> Instance:
    """Every unit its own node."""
    nodes = np.arange(problem.n, dtype=np.int32)
    return build_instance(problem, nodes, nodes)


def seed() -> np.ndarray:
    """State of the compiled random numbers."""
    return np.array([12345], dtype=np.uint64)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_exact_keeps_the_number(k: int) -> None:
    """Small cases are solved to the optimum among plans of exactly k communities."""
    town = grid_town(3, 3, 600, min_households=600, max_households=3600)
    fixed = town.replace(min_communities=k, max_communities=k)
    result = redraw(fixed, RedrawParams(effort=0.01))
    assert result.status is Status.OPTIMAL
    assert result.terms["communities"] == k
    assert result.objective == pytest.approx(best_by_enumeration(fixed))


@pytest.mark.parametrize("k", [12, 20])
def test_search_keeps_the_number(k: int) -> None:
    """A larger town is cut into exactly k communities where its bounds allow many numbers."""
    town = grid_town(10, 10, 300, min_communities=k, max_communities=k)
    result = redraw(town, RedrawParams(effort=0.01, exact=False))
    assert result.labels is not None
    assert faults(town, result.labels) == []
    assert result.labels.max() + 1 == k


def test_a_wrong_number_is_a_breach() -> None:
    """One community where two are asked for is not valid."""
    town = grid_town(1, 3, 800, min_communities=2)
    assert [b.kind for b in faults(town, np.zeros(3, dtype=np.int32))] == ["communities"]


def test_numbers_are_shared_out_by_households() -> None:
    """Two components of 6,000 and 12,000 households share seven communities out as two and five."""
    town = grid_town(1, 18, 1000, min_communities=7, max_communities=7)
    parts = [np.arange(6, dtype=np.int32), np.arange(6, 18, dtype=np.int32)]
    assert shared_out(town, parts, 0) == [(2, 2), (5, 5)]
    assert shared_out(town.replace(min_communities=0, max_communities=None), parts, 0) == [
        (0, None),
        (0, None),
    ]


def test_communities_are_split_until_there_are_enough() -> None:
    """Two communities of 3,000 become four of 1,500."""
    town = grid_town(2, 12, 250, min_communities=4)
    instance = instance_of(town)
    state = make_state(instance, np.tile(np.repeat([0, 1], 6), 2).astype(np.int32))
    after = numbered(instance, state, seed())
    assert (after.sums[2] > 0).sum() == 4
    assert after.breach(instance) == 0


def test_recombining_keeps_sums_and_bounds() -> None:
    """After many cuts the sums are those of the labels and every community is within bounds."""
    town = grid_town(6, 6, 250, min_households=2000, max_households=2500)
    instance = instance_of(town)
    state = make_state(instance, np.repeat(np.arange(4), 9).astype(np.int32))
    assert recombine(instance, state, 4_000, 1_000.0, seed()) > 0
    fresh = make_state(instance, state.labels)
    assert np.allclose(fresh.sums, state.sums)
    assert faults(town, state.labels) == []


def test_costs_of_communities_add_up() -> None:
    """The cost of a plan is the sum over its communities, borders counted half at each side."""
    town = grid_town(4, 4, 400)
    instance = instance_of(town)
    state = make_state(instance, np.repeat([0, 1], 8).astype(np.int32))
    assert community_costs(instance, state).tolist() == [pytest.approx(200.0)] * 2
    assert cost(instance, state) == pytest.approx(400.0)


def test_the_pool_joins_good_halves() -> None:
    """Two plans, each good in one half of a strip, give the plan that is good in both."""
    town = grid_town(2, 12, 500, min_households=2000, max_households=4000)
    instance, pool = instance_of(town), Pool()
    good = np.repeat([0, 1], 3)
    rows = np.array([[0] * 6, [1] * 6])
    upright = np.vstack([np.r_[good, good + 2]] * 2)
    left = upright.copy()
    left[:, 6:] = rows + 2
    right = upright.copy()
    right[:, :6] = rows
    for labels in (left, right):
        state = make_state(instance, labels.ravel().astype(np.int32))
        pool.add(instance, state, np.zeros(4))
    joined = pool.combine(instance, 1, None)
    assert joined is not None
    best = make_state(instance, upright.ravel().astype(np.int32))
    assert cost(instance, make_state(instance, joined)) == pytest.approx(cost(instance, best))


def test_the_pool_keeps_to_what_may_move() -> None:
    """Where each good half moves 200 households and 250 may, one half only is taken."""
    town = grid_town(2, 12, 500, min_households=2000, max_households=4000)
    instance, pool = instance_of(town), Pool()
    good, rows = np.repeat([0, 1], 3), np.array([[0] * 6, [1] * 6])
    left = np.hstack([np.vstack([good, good]), rows + 2]).ravel().astype(np.int32)
    right = np.hstack([rows, np.vstack([good, good]) + 2]).ravel().astype(np.int32)
    states = [make_state(instance, labels) for labels in (left, right)]
    for state, moved in zip(
        states, ([100.0, 100.0, 0.0, 0.0], [0.0, 0.0, 100.0, 100.0]), strict=True
    ):
        pool.add(instance, state, np.zeros(4), np.array(moved))
    joined = pool.combine(instance, 1, None, (250.0, 1e5))
    assert joined is not None
    found = cost(instance, make_state(instance, joined))
    assert found == pytest.approx(min(cost(instance, state) for state in states))


def test_centres_are_exact_and_connected() -> None:
    """Squared distances on a strip of six: two halves; a barrier in the way is honoured."""
    town = grid_town(
        1, 6, 500, min_households=1500, max_households=1500, min_communities=2, max_communities=2
    )
    away = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0))) ** 2
    answer = assign_to_centres(town, away, None, 10.0)
    assert answer.proven
    assert answer.labels is not None
    assert answer.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert answer.bound == pytest.approx(plan_cost(away, answer.labels))
    scattered = away.copy()
    scattered[:, 2:4] += 50.0  # the cheapest assignment would leap over the middle
    apart = assign_to_centres(town, scattered, None, 10.0)
    assert apart.labels is not None
    assert faults(town, apart.labels) == []
