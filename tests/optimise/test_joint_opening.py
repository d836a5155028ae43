"""Choosing sites by the relaxation: bounds hold, and every set of sites of a better answer comes."""

from itertools import product

import numpy as np
import pytest
from joint_cases import enumerated, grid, row_of, valid_answers

from commplan.optimise.joint.cutting import Root, worth
from commplan.optimise.joint.instance import Flags, instance_of
from commplan.optimise.joint.opening import open_sites
from commplan.optimise.joint.solve import JointParams, SearchParams, solve_joint
from commplan.optimise.milp import MilpOptions
from commplan.optimise.stop import Clock
from commplan.problem.joint import JointProblem, joint_cost, joint_faults
from commplan.problem.result import Status

SMALL = SearchParams(starts=3, steps=5_000, rounds=12)


def costs_by_set(problem: JointProblem) -> dict[tuple[bool, ...], float]:
    """Return the least cost with each set of sites, by trying everything."""
    least: dict[tuple[bool, ...], float] = {}
    for labels in product(range(problem.m), repeat=problem.n):
        site_of = np.array(labels, dtype=np.int32)
        cost = joint_cost(problem, site_of)
        used = np.bincount(site_of, minlength=problem.m) > 0
        key = tuple((used | problem.forced).tolist())
        if cost < least.get(key, np.inf) and not joint_faults(problem, site_of):
            least[key] = cost
    return least


def solved(problem: JointProblem, known: float) -> Root:
    """Relax with separators."""
    root = Root(instance_of(problem), known)
    root.run(20, Clock())
    return root


@pytest.mark.parametrize("kept", [(0, 1), (6_500, 8)])
@pytest.mark.parametrize("seed", range(8))
def test_sets_come_until_none_has_a_better_answer(
    monkeypatch: pytest.MonkeyPatch, seed: int, kept: tuple[int, int]
) -> None:
    """Ruled out one by one, with one pair for each unit or all: bounds hold, and none is missing."""
    monkeypatch.setattr("commplan.optimise.joint.opening._PAIRS", kept[0])
    monkeypatch.setattr("commplan.optimise.joint.opening._EACH", kept[1])
    problem = grid(seed)
    left = costs_by_set(problem)
    if not left:
        return
    limit = 1.2 * min(left.values()) + 1.0
    root, done = solved(problem, limit), list[Flags]()
    while True:
        opened = open_sites(root, done, MilpOptions(cutoff=worth(limit)))
        assert min(opened.bound, limit) <= min(left.values(), default=np.inf) + 1e-6
        if opened.chosen is None:
            break
        assert not any((opened.chosen == other).all() for other in done)
        done.append(opened.chosen)
        left.pop(tuple(opened.chosen.tolist()), None)
    assert all(cost >= limit - 1e-3 for cost in left.values())


@pytest.mark.parametrize("seed", range(6))
def test_rows_found_at_one_set_of_sites_hold_for_all(seed: int) -> None:
    """What is cut off where all sites are open is no valid answer with other sites either."""
    problem = grid(seed, 4, 3)
    root = solved(problem, np.inf)
    root.cut_at(np.ones(3, dtype=bool), 20, Clock())
    for answer in valid_answers(problem)[:50]:
        values = root.model.columns_of(answer)
        assert values is not None
        model = root.lp.model
        activity = model.matrix @ values
        assert (activity >= model.row_lower - 1e-9).all()
        assert (activity <= model.row_upper + 1e-9).all()


@pytest.mark.parametrize("seed", range(10))
def test_small_towns_are_proven(seed: int) -> None:
    """With sites to choose, the best answer is found and proven, or that there is none."""
    problem = grid(seed)
    best = enumerated(problem)
    result = solve_joint(problem, JointParams(seed=1, search=SMALL))
    if np.isfinite(best):
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best)
        assert result.bound == pytest.approx(best, rel=1e-5)
    else:
        assert result.site_of is None


def test_no_set_is_left_where_nothing_is_valid() -> None:
    """One site with place for two of three households is proven to be too little."""
    problem = row_of(3, (1,), high=np.array([2.0]))
    assert solve_joint(problem, JointParams(search=SMALL)).status is Status.INFEASIBLE


@pytest.mark.parametrize("forced", [False, True])
def test_an_island_without_a_site_is_proven_impossible(forced: bool) -> None:
    """Five units that no street joins to the only room: nobody can serve them."""
    whole = row_of(8, (1,), forced=np.array([forced]))
    parted = whole.replace(tail=np.delete(whole.tail, 2), head=np.delete(whole.head, 2))
    result = solve_joint(parted, JointParams(search=SMALL))
    assert result.status is Status.INFEASIBLE
    assert result.site_of is None


def test_two_sites_in_one_unit_are_not_both_opened() -> None:
    """Both forced, nothing is valid; both free, one serves all."""
    twice = row_of(4, (1, 1), forced=np.ones(2, dtype=bool))
    assert solve_joint(twice, JointParams(search=SMALL)).site_of is None
    free = solve_joint(row_of(4, (1, 1)), JointParams(search=SMALL))
    assert free.status is Status.OPTIMAL
    assert free.objective == pytest.approx(4.0)


def test_at_most_so_many_sites_are_opened() -> None:
    """Three sites at no cost, two of them may open."""
    problem = row_of(7, (0, 3, 6), max_open=2)
    best = enumerated(problem)
    result = solve_joint(problem, JointParams(seed=1, search=SMALL))
    assert result.site_of is not None
    assert len(np.unique(result.site_of)) <= 2
    assert result.objective == pytest.approx(best)
    assert result.status is Status.OPTIMAL
