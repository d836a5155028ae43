"""Areas made to measure, found by going through connected sets, and couples that lie apart."""

from itertools import combinations

import numpy as np
import pytest
from joint_cases import dense, grid, row_of, valid_answers

from commplan.optimise.joint.areas import Look, areas_of
from commplan.optimise.joint.cuts import couple_cuts
from commplan.optimise.joint.instance import Instance, instance_of, with_sites
from commplan.optimise.joint.pool import Pool, relaxed
from commplan.optimise.joint.pricing import Pricing
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost


def connected_sets(instance: Instance, site: int) -> list[tuple[int, ...]]:
    """List every connected set of units round a site that fits, by trying all subsets."""
    problem, (ptr, nbr) = instance.problem, instance.graph
    own = int(problem.site_unit[site])
    able = [i for i in np.flatnonzero(np.isfinite(instance.cost[:, site])).tolist() if i != own]
    found = []
    for size in range(len(able) + 1):
        for others in combinations(able, size):
            units, reached, queue = {own, *others}, {own}, [own]
            while queue:
                v = queue.pop()
                new = (set(nbr[ptr[v] : ptr[v + 1]].tolist()) & units) - reached
                reached |= new
                queue += list(new)
            load = problem.amount[sorted(units)].sum()
            if reached == units and load <= problem.high[site] * (1 + 1e-9):
                found.append(tuple(sorted(units)))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_the_best_areas_at_any_prices_are_found(seed: int) -> None:
    """The six areas that save most are those of full enumeration."""
    problem = grid(seed, 3, 3, 2).replace(forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    price = np.random.default_rng(seed).normal(20.0, 20.0, problem.n)
    for site in range(2):
        inside = np.isfinite(instance.cost[:, site])
        found = areas_of(instance, site, inside, price, Look(6, 1_000_000))
        worth = [price[u].sum() - instance.cost[u, site].sum() for u in found]
        every = [
            price[list(u)].sum() - instance.cost[list(u), site].sum()
            for u in connected_sets(instance, site)
        ]
        assert len({tuple(u.tolist()) for u in found}) == len(found)
        assert sorted(worth)[::-1] == pytest.approx(sorted(every)[::-1][:6])


def test_units_outside_are_not_gone_through() -> None:
    """A unit that may not be used also bars the way to those behind it."""
    instance = instance_of(row_of(5, (0,)))
    inside = np.array([True, True, False, True, True])
    found = areas_of(instance, 0, inside, np.full(5, 100.0), Look(10, 1_000))
    assert sorted(u.tolist() for u in found) == [[0], [0, 1]]


def test_few_nodes_give_few_areas() -> None:
    """Whatever is met before the work is used up is connected and fits."""
    problem = grid(3, 5, 5, 3).replace(forced=np.ones(3, dtype=bool))
    instance = instance_of(problem)
    inside = np.isfinite(instance.cost[:, 0])
    for units in areas_of(instance, 0, inside, np.full(problem.n, 50.0), Look(5, 20)):
        assert problem.site_unit[0] in units
        assert problem.amount[units].sum() <= problem.high[0] * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_only_areas_above_the_floor_are_listed(seed: int) -> None:
    """All of them, and none that saves less."""
    problem = grid(seed, 3, 3, 2).replace(forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    price = np.random.default_rng(seed).normal(20.0, 20.0, problem.n)
    inside = np.isfinite(instance.cost[:, 0])
    every = [
        price[list(u)].sum() - instance.cost[list(u), 0].sum() for u in connected_sets(instance, 0)
    ]
    half = len(every) // 2
    floor = float(np.mean(sorted(every)[half : half + 2]))  # between two areas
    found = areas_of(instance, 0, inside, price, Look(1_000, 1_000_000, floor))
    assert len(found) == len(every) - half - 1


@pytest.mark.parametrize("seed", range(6))
def test_priced_areas_hold_the_best_answer(seed: int) -> None:
    """From the dearest answer's areas alone, pricing finds the relaxation and the best one's pairs."""
    problem = grid(seed, 3, 3, 2).replace(forced=np.ones(2, dtype=bool), low=np.zeros(2))
    valid = valid_answers(problem)
    best, dearest = joint_cost(problem, valid[0]), joint_cost(problem, valid[-1])
    instance = instance_of(problem)
    pool = Pool(instance)
    pool.add(valid[-1])
    pairs = np.isfinite(instance.cost)
    guide = Pricing(instance, pool, pairs, np.zeros(problem.n), best).guide(dearest, Clock())
    assert guide is not None
    assert guide.bound <= best + 1e-6
    beyond = guide.reduced[np.arange(problem.n), valid[0]]
    assert (beyond <= best - guide.bound + 1e-6).all()
    _, value = relaxed(pool.arrays(), problem.n, None)
    assert value == pytest.approx(guide.bound)


def test_pricing_without_time_says_nothing() -> None:
    """Prices that were not solved for guide nothing."""
    problem = grid(1, 3, 3, 2).replace(forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    pairs = np.isfinite(instance.cost)
    pricing = Pricing(instance, Pool(instance), pairs, np.zeros(problem.n), 1.0)
    assert pricing.guide(10.0, Clock(0.0)) is None


@pytest.mark.parametrize("seed", range(6))
def test_couples_are_asked_for_a_neighbour_and_answers_have_one(seed: int) -> None:
    """No connected answer breaks such a row; two units alone at the far end do."""
    problem = grid(seed, 3, 3, 2).replace(forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    cuts = couple_cuts(instance, np.where(np.isfinite(instance.cost), 0.0, np.inf), 0.0)
    assert cuts
    for answer in valid_answers(problem):
        for cut in cuts:
            assert answer[cut.unit] != cut.site or (answer[cut.separator] == cut.site).any()


def test_couples_by_hand() -> None:
    """In a row of five, units 3 and 4 together need unit 2; couples that add too much are left out."""
    instance = instance_of(row_of(5, (0,), cost=dense(np.ones((5, 1)))))
    worth = np.array([[0.0], [0.0], [1.0], [2.0], [3.0]])
    cuts = couple_cuts(instance, worth, 5.0)
    assert [(c.unit, c.separator.tolist()) for c in cuts] == [(2, [1, 4]), (3, [2])]
    assert [c.unit for c in couple_cuts(instance, worth, 4.0)] == [2]


def test_settled_sites_are_open_and_others_closed() -> None:
    """Units of open sites stay with them, nobody goes to a closed one, and answers cost the same."""
    instance = instance_of(row_of(5, (0, 2, 4)))
    settled = with_sites(instance, np.array([True, False, True]))
    assert settled.problem.forced.tolist() == [True, False, True]
    assert np.isfinite(settled.cost).sum(axis=1).tolist() == [1, 2, 2, 2, 1]
    assert not np.isfinite(settled.cost[:, 1]).any()
    answer = np.array([0, 0, 0, 2, 2], dtype=np.int32)
    assert joint_cost(settled.problem, answer) == joint_cost(instance.problem, answer)
