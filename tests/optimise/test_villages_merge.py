"""Merging villages: hand-made cases, and small counties against every possible plan."""

import numpy as np
import pytest
from benchmarks.villages_small import Enumeration, random_county

from commplan.evaluate.villages import check_villages
from commplan.optimise.villages import merge as engine
from commplan.optimise.villages.groups import list_groups
from commplan.optimise.villages.merge import MergeParams, merge_villages
from commplan.problem.result import Status
from commplan.problem.villages import VillageLimits, VillageWeights
from villages_county import CHAIN, county


def test_a_small_village_joins_the_neighbour_that_costs_least() -> None:
    """Of 800 - 200 - 500 the middle one joins either: 200 are renamed, and nobody else."""
    result = merge_villages(county([800, 200, 500], CHAIN[:2]))
    assert result.status is Status.OPTIMAL
    assert result.objective == result.bound == 200
    assert result.left == ()
    assert sorted(np.bincount(result.labels).tolist()) == [1, 2]


def test_two_small_villages_join_each_other() -> None:
    """Of 900 - 250 - 280 - 900 the two small ones make one of 530: 250 are renamed, not 530."""
    result = merge_villages(county([900, 250, 280, 900], CHAIN[:3]))
    assert result.labels.tolist() == [0, 1, 1, 2]
    assert result.terms["renamed_people"] == 250
    assert result.seats.tolist() == [0, 2, 3]


def test_the_limit_is_inclusive() -> None:
    """A village of 300 is merged, one of 301 is not; a group of 300 is not enough."""
    result = merge_villages(county([301, 300, 301], CHAIN[:2]))
    assert result.terms["touched_villages"] == 2
    assert merge_villages(county([150, 150], CHAIN[:1])).left != ()
    assert merge_villages(county([150, 151], CHAIN[:1])).left == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"locked": np.array([False, True, False])}, "villages.left_locked"),
        ({"locked": np.array([True, False, True])}, "villages.left_neighbours_locked"),
        ({"township": np.array([0, 1, 0], dtype=np.int32)}, "villages.left_island"),
        ({"limits": VillageLimits(max_people=900)}, "villages.left_limit_people"),
        ({"limits": VillageLimits(max_households=300)}, "villages.left_limit_households"),
        ({"limits": VillageLimits(max_area_km2=1.5)}, "villages.left_limit_area"),
        ({"limits": VillageLimits(max_minutes=12.0)}, "villages.left_limit_minutes"),
        ({"limits": VillageLimits(max_people=900, max_minutes=12.0)}, "villages.left_limits"),
        ({"apart": np.array([[0, 1], [1, 2]], dtype=np.int32)}, "villages.left_limit_apart"),
        ({"limits": VillageLimits(small_people=3_000)}, "villages.left_too_few"),
    ],
)
def test_who_stays_and_why(changes: dict[str, object], code: str) -> None:
    """Each rule that can keep a small village small is named as the reason."""
    result = merge_villages(county([800, 200, 750], CHAIN[:2], **changes))
    assert code in {unmerged.code for unmerged in result.left}
    assert len(result.left) == result.least_left


def test_a_limit_on_the_number_of_villages_is_named() -> None:
    """Five villages of 70 people are enough, two are not, and the limit is two."""
    result = merge_villages(county([70] * 5, CHAIN, limits=VillageLimits(max_villages=4)))
    assert {unmerged.code for unmerged in result.left} == {"villages.left_limit_villages"}


def test_who_must_join_across_townships_is_told_so() -> None:
    """Villages that must join lie in two townships: both are named, with that reason."""
    join, township = np.array([[0, 0, -1], [0, 1, 1]], dtype=np.int32)
    result = merge_villages(county([800, 700, 600], CHAIN[:2], join=join, township=township))
    assert [unmerged.code for unmerged in result.left] == ["villages.left_join_township"] * 2


def test_a_vote_counts_more_than_a_wish() -> None:
    """Of three that must join one is locked: the others join without it, and that is valid."""
    join = np.zeros(3, dtype=np.int32)
    problem = county([800, 700, 600], CHAIN[:2], join=join, locked=np.array([False, False, True]))
    result = merge_villages(problem)
    assert result.labels.tolist() == [0, 0, 1]
    assert result.left == ()
    assert check_villages(problem, result) == ()


def test_neighbours_that_were_needed_elsewhere() -> None:
    """Two islands of 200 beside one village that may take one of them only."""
    problem = county([200, 101, 200], CHAIN[:2], limits=VillageLimits(max_people=310))
    result = merge_villages(problem)
    assert [unmerged.code for unmerged in result.left] == ["villages.left_others"]


def test_pairs_that_must_and_must_not_join() -> None:
    """Joined villages end together though nobody is small; a pair apart is never together."""
    join = np.array([0, -1, 0, -1], dtype=np.int32)
    result = merge_villages(county([900, 800, 700, 200], CHAIN[:3], join=join))
    assert result.labels[0] == result.labels[1] == result.labels[2]
    apart = np.array([[2, 3]], dtype=np.int32)
    result = merge_villages(county([900, 800, 700, 200], CHAIN[:3], apart=apart))
    assert [unmerged.village for unmerged in result.left] == [3]


def test_needless_groups_are_not_listed() -> None:
    """Of a chain of 200s three neighbours are a group, four would be two groups."""
    groups = list_groups(county([200, 200, 200, 200, 200], CHAIN))
    sizes = np.diff(groups.ptr)
    assert sorted(sizes.tolist()) == [2] * 4 + [3] * 3


def test_more_than_one_small_village_in_a_row() -> None:
    """Ten villages of 100 make two groups: each needs four of them, and none falls into two."""
    pairs = [(i, i + 1) for i in range(9)]
    result = merge_villages(county([100] * 10, pairs))
    assert result.status is Status.OPTIMAL
    assert sorted(np.bincount(result.labels).tolist()) in ([4, 6], [5, 5])


def test_a_group_that_could_be_divided_is_needed_where_one_part_has_no_seat_in_time() -> None:
    """A star: all reach the middle in time, those around it do not reach each other."""
    limits = VillageLimits(max_minutes=12.5)
    minutes = np.full((4, 4), 20.0)
    minutes[:, 0] = minutes[0, :] = 10.0
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)]
    star = county([310, 160, 160, 160], pairs, minutes=minutes, limits=limits)
    result = merge_villages(star)
    assert result.left == ()
    assert result.labels.tolist() == [0, 0, 0, 0]
    assert result.seats.tolist() == [0]
    assert check_villages(star, result) == ()


def test_the_seat_is_reached_in_the_fewest_minutes_in_sum() -> None:
    """Of 200 - 90 - 150 the middle one, of two equals the first."""
    assert merge_villages(county([200, 90, 150], CHAIN[:2])).seats.tolist() == [1]
    assert merge_villages(county([160, 160], CHAIN[:1])).seats.tolist() == [0]


@pytest.mark.parametrize(
    ("weights", "partner"),
    [
        (VillageWeights(renamed_people=0, person_minutes=1), 0),
        (VillageWeights(renamed_people=0, people_above_target=1), 2),
        (VillageWeights(renamed_people=0, mixed_people=1), 2),
        (VillageWeights(renamed_people=0, collective_gap_yuan=1), 0),
        (VillageWeights(renamed_people=0, outer_border_km=1), 0),
    ],
)
def test_each_aim_chooses_its_partner(weights: VillageWeights, partner: int) -> None:
    """Between a near, large, rich one and a far, small one of its own surname each aim decides."""
    problem = county(
        [1500, 200, 500],
        [(0, 1), (1, 2)],
        weights=weights,
        minutes=np.array([[0.0, 5, 40], [5, 0, 35], [40, 35, 0]]),
        border_km=np.array([3.0, 1.0]),
        traits=np.array([[0, 1, 1]], dtype=np.int32),
        collective_yuan=np.array([1500.0, 200.0, 5000.0]),
    )
    result = merge_villages(problem)
    assert result.status is Status.OPTIMAL
    assert result.labels[1] == result.labels[partner]


def test_a_list_cut_short_is_not_called_optimal() -> None:
    """Where not every group could be listed, nothing is proven, and small groups are used."""
    problem = county([200] * 12, [(i, i + 1) for i in range(11)])
    result = merge_villages(problem, MergeParams(most_groups=15))
    assert result.status is Status.FEASIBLE
    assert result.bound == 0.0
    assert np.bincount(result.labels).tolist() == [2] * 6
    assert check_villages(problem, result) == ()


def test_the_way_of_many_columns_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relaxation, cuts, neighbourhoods and proof give what the whole programme gives."""
    monkeypatch.setattr(engine, "FEW", 0)
    for seed in range(12):
        problem = random_county(seed)
        left, cost = Enumeration(problem).best()
        result = merge_villages(problem)
        assert check_villages(problem, result) == ()
        assert result.bound <= result.objective + 1e-6
        assert result.least_left <= left <= len(result.left)
        if result.status is Status.OPTIMAL:
            assert (len(result.left), result.objective) == (left, pytest.approx(cost, abs=1e-5))


@pytest.mark.parametrize("few", [0, 10_000])
def test_a_plan_is_there_when_the_time_is_up(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any time too who can be merged is, with the neighbour that costs least."""
    monkeypatch.setattr(engine, "FEW", few)
    problem = county([900, 250, 280, 900, 100], CHAIN)
    result = merge_villages(problem, MergeParams(time_limit_s=1e-9))
    assert result.labels.tolist() == [0, 1, 1, 2, 2]
    assert result.left == ()
    assert not check_villages(problem, result)


def test_the_quick_plan_holds_every_village_once() -> None:
    """Villages that must join stay together, and nobody is in two groups."""
    for seed in range(20):
        problem = random_county(seed)
        result = merge_villages(problem, MergeParams(time_limit_s=1e-9))
        assert not check_villages(problem, result), seed


def test_a_looser_limit_never_leaves_more() -> None:
    """From 700 to 1,500 people at most, villages left and then the cost only fall."""
    problem = random_county(8)
    found = []
    for most in (700, 900, 1200, 1500):
        result = merge_villages(problem.replace(limits=VillageLimits(max_people=most)))
        found.append((len(result.left), result.objective))
    assert found == sorted(found, reverse=True)


def test_the_order_of_the_villages_does_not_matter() -> None:
    """Turned round, a county costs the same."""
    problem = random_county(5).replace(weights=VillageWeights(touched_villages=10.0))
    n, turn = problem.n, np.arange(problem.n)[::-1]
    ends = np.sort(n - 1 - np.c_[problem.tail, problem.head], axis=1).astype(np.int32)
    turned = problem.replace(
        **{
            name: getattr(problem, name)[turn].copy()
            for name in ("population", "households", "area_km2", "xy_km", "township", "locked")
        },
        join=problem.join[turn].copy(),
        apart=(n - 1 - problem.apart).astype(np.int32),
        tail=ends[:, 0].copy(),
        head=ends[:, 1].copy(),
        minutes=problem.minutes[np.ix_(turn, turn)].copy(),
        traits=problem.traits[:, turn].copy(),
        collective_yuan=problem.collective_yuan[turn].copy(),
    )
    one, other = merge_villages(problem), merge_villages(turned)
    assert len(one.left) == len(other.left)
    assert one.objective == pytest.approx(other.objective)


@pytest.mark.parametrize("seed", range(30))
def test_a_small_county_equals_full_enumeration(seed: int) -> None:
    """Fewest villages left and least cost are those of the best of all plans, and valid."""
    problem = random_county(seed)
    left, cost = Enumeration(problem).best()
    result = merge_villages(problem)
    assert result.status is Status.OPTIMAL
    assert (len(result.left), result.objective) == (left, pytest.approx(cost, abs=1e-6))
    assert check_villages(problem, result) == ()
