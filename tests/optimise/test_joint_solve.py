"""Boundaries and rooms together: search, bounds and the whole way."""

import numpy as np
import pytest
from joint_cases import dense, enumerated, grid, row_of

from commplan.optimise.joint.bounds import split_bound
from commplan.optimise.joint.instance import instance_of
from commplan.optimise.joint.kernel import Annealing, anneal
from commplan.optimise.joint.parts import PartParams, improve_part, part_of_turn
from commplan.optimise.joint.pool import Pool
from commplan.optimise.joint.search import Search, SearchParams
from commplan.optimise.joint.solve import JointParams, joint_effort, solve_joint
from commplan.optimise.joint.start import mended, start_areas
from commplan.optimise.milp import MilpOptions
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost, joint_faults
from commplan.problem.result import Status

QUICK = JointParams(seed=1, search=SearchParams(starts=3, steps=5_000, rounds=12))


def test_two_sites_share_a_row_in_the_middle() -> None:
    """Six units in a row between two sites: three each, at cost 0 + 1 + 2 twice."""
    result = solve_joint(row_of(6, (0, 5), high=np.full(2, 3.0)), QUICK)
    assert result.site_of is not None
    assert result.site_of.tolist() == [0, 0, 0, 1, 1, 1]
    assert result.objective == 6.0
    assert result.status is Status.OPTIMAL


def test_a_dear_site_stays_closed() -> None:
    """A second room that costs more than the walks it saves is not opened."""
    result = solve_joint(row_of(5, (0, 4), open_cost=np.array([1.0, 50.0])), QUICK)
    assert result.site_of is not None
    assert set(result.site_of.tolist()) == {0}
    assert result.objective == 11.0


def test_a_cheap_unit_beyond_another_area_is_not_taken() -> None:
    """The last unit would be cheapest at the first site, but the second lies between."""
    cost = np.array([[0.0, 9.0], [9.0, 0.0], [0.0, 5.0]])
    result = solve_joint(row_of(3, (0, 1), cost=dense(cost), forced=np.ones(2, bool)), QUICK)
    assert result.site_of is not None
    assert result.site_of.tolist() == [0, 1, 1]
    assert result.objective == 5.0
    assert result.bound <= 5.0


def test_an_open_room_has_the_least_households() -> None:
    """A community may not be smaller than the lower bound, even where that saves walking."""
    problem = row_of(6, (0, 1), low=np.array([3.0, 3.0]), forced=np.ones(2, bool))
    result = solve_joint(problem, QUICK)
    assert result.site_of is None  # unit 1 blocks the first site's only way
    one = row_of(6, (0, 3), low=np.array([3.0, 3.0]), forced=np.ones(2, bool))
    found = solve_joint(one, QUICK)
    assert found.site_of is not None
    assert found.site_of.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_unit_that_no_site_serves_is_proven_impossible() -> None:
    """A unit without any pair makes the problem infeasible, and that is said."""
    cost = np.abs(np.arange(4)[:, None] - np.array([0, 3])[None, :]).astype(float)
    cost[1] = np.inf
    result = solve_joint(row_of(4, (0, 3), cost=dense(cost)), QUICK)
    assert result.status is Status.INFEASIBLE
    assert result.site_of is None


@pytest.mark.parametrize("seed", range(8))
def test_bound_best_and_search_are_in_order(seed: int) -> None:
    """On small towns: bound <= full enumeration <= search, and what is found is valid."""
    problem = grid(seed)
    best = enumerated(problem)
    result = solve_joint(problem, QUICK)
    if result.site_of is None:
        assert not np.isfinite(best)
        return
    assert not joint_faults(problem, result.site_of)
    assert result.objective == pytest.approx(joint_cost(problem, result.site_of))
    assert result.bound <= best + 1e-6
    assert result.objective == pytest.approx(best)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_of_very_large_problems_holds(seed: int) -> None:
    """The relaxation with whole sites and split units stays below the best answer."""
    problem = grid(seed)
    assert split_bound(instance_of(problem), 50, Clock()).bound <= enumerated(problem) + 1e-4


def test_very_large_problems_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many pairs, sites are chosen without separators; what is found is valid."""
    monkeypatch.setattr("commplan.optimise.joint.stages._MOST_PAIRS", 0)
    for seed in range(4):
        problem = grid(seed)
        best, result = enumerated(problem), solve_joint(problem, QUICK)
        assert result.bound <= best + 1e-4
        if result.site_of is not None:
            assert not joint_faults(problem, result.site_of)


def test_parts_never_get_worse() -> None:
    """A part solved anew is valid and costs no more than before."""
    problem = grid(3, 5, 4, 4)
    instance = instance_of(problem)
    start = start_areas(instance, np.ones(4, dtype=bool))
    assert start is not None
    first = solve_joint(problem, JointParams(search=SearchParams(starts=2, steps=500, rounds=0)))
    assert first.site_of is not None
    assert first.objective is not None
    rng, site_of, value = np.random.default_rng(0), first.site_of, first.objective
    for turn in range(6):
        site_of, _ = improve_part(instance, site_of, part_of_turn(PartParams(), turn), rng, Clock())
        assert not joint_faults(problem, site_of)
        assert joint_cost(problem, site_of) <= value + 1e-9
        value = joint_cost(problem, site_of)


def test_areas_of_two_answers_make_a_third() -> None:
    """Two rows drawn well at one end each: the pool puts the good ends together."""
    problem = row_of(8, (0, 3, 4, 7), high=np.full(4, 3.0), forced=np.ones(4, bool))
    pool = Pool(instance_of(problem))
    left = np.array([0, 0, 1, 1, 2, 3, 3, 3], dtype=np.int32)
    right = np.array([0, 1, 1, 1, 2, 2, 3, 3], dtype=np.int32)
    pool.add(left)
    pool.add(right)
    best = pool.best(joint_cost(problem, left), left, MilpOptions())
    assert best is not None
    assert best.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_areas_of_answers_that_are_too_full_serve_as_well() -> None:
    """Two answers, each with one area too full: their other areas make a valid one."""
    problem = row_of(6, (0, 2, 5), high=np.full(3, 2.0), forced=np.ones(3, bool))
    pool = Pool(instance_of(problem))
    pool.add(np.array([0, 0, 1, 1, 1, 2], dtype=np.int32))
    assert len(pool.areas) == 2
    assert pool.best(np.inf, None, MilpOptions()) is None
    pool.add(np.array([0, 1, 1, 1, 2, 2], dtype=np.int32))
    pool.add(np.array([0, 0, 1, 1, 2, 2], dtype=np.int32))
    best = pool.best(np.inf, None, MilpOptions())
    assert best is not None
    assert not joint_faults(problem, best)


def test_an_area_is_kept_once() -> None:
    """The same areas twice, then one that is new."""
    pool = Pool(instance_of(row_of(5, (0, 4))))
    pool.add(np.array([0, 0, 1, 1, 1], dtype=np.int32))
    pool.add(np.array([0, 0, 1, 1, 1], dtype=np.int32))
    assert len(pool.areas) == 2
    pool.add(np.array([0, 0, 0, 1, 1], dtype=np.int32))
    assert [units.tolist() for units in pool.areas[2:]] == [[0, 1, 2], [3, 4]]


def test_too_many_areas_leave_the_better_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most, areas go whose reduced cost is highest; the best answer stays possible."""
    monkeypatch.setattr("commplan.optimise.joint.pool.MOST_UNITS", 20)
    pool = Pool(instance_of(row_of(6, (0, 5))))
    for cut in range(1, 6):
        pool.add(np.repeat([0, 1], [cut, 6 - cut]).astype(np.int32))
    assert sum(map(len, pool.areas)) == 30
    best = pool.best(np.inf, None, MilpOptions())
    assert best is not None
    assert best.tolist() == [0, 0, 0, 1, 1, 1]
    assert sum(map(len, pool.areas)) <= 10
    again = pool.best(np.inf, None, MilpOptions())
    assert again is not None
    assert again.tolist() == best.tolist()
    pool.add(np.repeat([0, 1], [1, 5]).astype(np.int32))  # dropped areas may come back
    assert len(pool.known) == len(pool.areas)


@pytest.mark.parametrize("seed", range(4))
def test_annealing_keeps_areas_connected_and_knows_the_best(seed: int) -> None:
    """Answers met on the way hold connected areas with their own units; the best is valid."""
    problem = grid(seed, 5, 5, 4).replace(forced=np.ones(4, dtype=bool))
    instance = instance_of(problem)
    areas = start_areas(instance, problem.forced)
    assert areas is not None
    run = Annealing(4_000, hot=30.0, cold=0.5, charge=5.0, least=1.0, most=50.0, rate=1.1, kept=7)
    best, met = anneal(instance, areas, run, np.array([seed], dtype=np.uint64))
    assert len(met) == 7
    for site_of in met:
        kinds = {fault.kind for fault in joint_faults(problem, site_of)}
        assert kinds <= {"load"}
    assert best is None or not joint_faults(problem, best)


def test_units_apart_from_their_area_are_put_right() -> None:
    """Unit 4 cannot reach site 0 through site 2's units and joins them."""
    instance = instance_of(row_of(5, (0, 2)))
    new = mended(instance, np.array([0, 1, 1, 1, 0], dtype=np.int32))
    assert new is not None
    assert new.tolist() == [0, 1, 1, 1, 1]


def test_the_same_seed_gives_the_same_answer() -> None:
    """Work budgets decide when a search ends, so runs repeat."""
    problem = grid(5, 5, 4, 4)
    runs = [solve_joint(problem, QUICK) for _ in range(2)]
    assert runs[0].site_of is not None
    assert runs[1].site_of is not None
    assert runs[0].site_of.tolist() == runs[1].site_of.tolist()
    assert all(run.reproducible for run in runs)


def test_sites_that_took_all_the_time_to_choose_are_tried_all_the_same() -> None:
    """A deadline that is over before the first start leaves an answer."""
    problem, rng = grid(seed=3), np.random.default_rng(1)
    search = Search(instance_of(problem), SearchParams(2, 20_000, 0), rng, Clock(None, None))
    search.run(deadline_s=0.0)
    assert search.site_of is not None
    assert not joint_faults(problem, search.site_of)


def test_a_stop_is_not_called_reproducible() -> None:
    """Whoever stops a run is told that it depends on when."""
    result = solve_joint(grid(1), QUICK, should_stop=lambda: True)
    assert result.interrupted
    assert not result.reproducible


def test_effort_scales_the_work() -> None:
    """A thorough run has more rounds than a quick one, and takes the seed along."""
    quick, thorough = joint_effort("quick", 7), joint_effort("thorough", 7)
    assert quick.search.rounds < joint_effort(1.0).search.rounds < thorough.search.rounds
    assert quick.seed == thorough.seed == 7
