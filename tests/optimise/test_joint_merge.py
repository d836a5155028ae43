"""Covers that no valid answer breaks, and good answers merged into a better one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joint_cases import grid, row_of, valid_answers

from commplan.optimise.joint.covers import Cover, covers_of
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints, instance_of
from commplan.optimise.joint.merge import Guide, Merging
from commplan.optimise.milp import solve_arrays
from commplan.problem.joint import JointProblem, joint_cost, joint_faults

# Sites in 0, 3 and 8 of nine units; what is best, and two that are good at one end each.
NINE = row_of(9, (0, 3, 8), forced=np.ones(3, dtype=bool))
BEST = np.array([0, 0, 1, 1, 1, 1, 2, 2, 2], dtype=np.int32)
GOOD_LEFT = np.array([0, 0, 1, 1, 2, 2, 2, 2, 2], dtype=np.int32)
GOOD_RIGHT = np.array([0, 1, 1, 1, 1, 1, 2, 2, 2], dtype=np.int32)


def cover_of(amount: list[float], high: float, share: list[float]) -> Cover | None:
    """Find the cover of a single site by its shares; None without any."""
    n = len(amount)
    problem = row_of(n, (0,), amount=np.array(amount), high=np.array([high]))
    all_pairs = np.ones((n, 1), dtype=bool)
    found = covers_of(instance_of(problem), all_pairs, np.array(share)[:, None])
    assert len(found) <= 1
    return found[0] if found else None


def weights_of(cover: Cover, n: int) -> Floats:
    """Lay the weights of a cover out over all units."""
    weights = np.zeros(n)
    weights[cover.units] = cover.weights
    return weights


def random_shares(rng: np.random.Generator, inside: Flags) -> Floats:
    """Draw shares, some of them nothing and some whole."""
    return np.clip(rng.uniform(-0.3, 1.3, inside.shape), 0.0, 1.0) * inside


def uses(instance: Instance, answers: list[Ints]) -> Flags:
    """Pairs of any of some answers."""
    pairs = np.zeros(instance.cost.shape, dtype=bool)
    for answer in answers:
        pairs[np.arange(len(answer)), answer] = True
    return pairs


def test_one_of_three_that_do_not_fit() -> None:
    """Units of 3 in a room for 5: any two are too many, so that only one goes there."""
    cover = cover_of([3, 3, 3], 5, [0.8, 0.8, 0.8])
    assert cover is not None
    assert cover.units.tolist() == [0, 1, 2]
    assert cover.weights.tolist() == [1, 1, 1]
    assert cover.most == 1


def test_units_that_fit_make_no_cover() -> None:
    """Three units of 3 in a room for 9, and shares of two that together are less than one."""
    assert cover_of([3, 3, 3], 9, [0.8, 0.8, 0.8]) is None
    assert cover_of([3, 3, 3], 5, [0.4, 0.3, 0.2]) is None


def test_a_large_unit_weighs_more() -> None:
    """Two of three units of 3 fit in a room for 6, none beside one of 4: it weighs 2, one of 1 0."""
    cover = cover_of([3, 3, 3, 4, 1], 6, [0.9, 0.9, 0.9, 0.0, 0.0])
    assert cover is not None
    assert weights_of(cover, 5).tolist() == [1, 1, 1, 2, 0]
    assert cover.most == 2


def test_a_unit_taken_as_given_is_weighed_last() -> None:
    """Beside one of 6 in a room for 9 there is place for one of 2, without it for all four."""
    cover = cover_of([6, 2, 2, 2, 2], 9, [1.0, 0.7, 0.7, 0.7, 0.7])
    assert cover is not None
    assert weights_of(cover, 5).tolist() == [3, 1, 1, 1, 1]
    assert cover.most == 4


def test_units_taken_as_given_may_be_too_many() -> None:
    """Where whole units alone do not fit, they themselves are the cover."""
    cover = cover_of([3, 3, 3], 5, [1.0, 1.0, 0.5])
    assert cover is not None
    assert weights_of(cover, 3)[:2].tolist() == [1, 1]
    assert cover.most == 1


def test_a_cover_of_very_many_units_is_left_out() -> None:
    """Beyond the table of sums there is no row; just within it there is."""
    assert cover_of([1.0] * 500, 498.5, [0.9999] * 500) is None
    cover = cover_of([1.0] * 400, 398.5, [0.9999] * 400)
    assert cover is not None
    assert (len(cover.units), cover.most) == (400, 398)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_load_that_fits_keeps_the_cover(data: st.DataObject) -> None:
    """No set of units that fits weighs more than the right side, and one weighs just as much."""
    n = data.draw(st.integers(2, 8))
    whole = st.integers(0, 9).map(float)
    amount = data.draw(st.lists(whole | st.floats(0, 9), min_size=n, max_size=n))
    high = data.draw(st.integers(9, 30).map(float) | st.floats(9, 30))
    each = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 0.9, 1.0])
    share = data.draw(st.lists(each, min_size=n, max_size=n))
    cover = cover_of(amount, high, share)
    if cover is None:
        return
    weights = weights_of(cover, n)
    assert weights @ np.array(share) > cover.most
    sets = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    fits = sets @ np.array(amount) <= high * (1 + 1e-9)
    assert (sets[fits] @ weights).max() == cover.most


@pytest.mark.parametrize("all_pairs", [True, False])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 4, 5])
def test_covers_are_broken_by_shares_and_kept_by_answers(
    seed: int, whole: bool, all_pairs: bool
) -> None:
    """Rows cut off the shares that they were made from, and no valid answer of the pairs."""
    rng, problem = np.random.default_rng(seed), grid(seed)
    amount = problem.amount + (0.0 if whole else 0.1 * rng.random(problem.n))
    high = np.full(3, 0.5 * amount.sum())
    problem = problem.replace(amount=amount, high=high, forced=np.ones(3, dtype=bool))
    instance = instance_of(problem)
    answers = valid_answers(problem)
    inside = np.isfinite(instance.cost) if all_pairs else uses(instance, answers[::3])
    answers = [a for a in answers if inside[np.arange(problem.n), a].all()]
    assert len(answers) > 1
    found = 0
    for _ in range(100):
        share = random_shares(rng, inside)
        for cover in covers_of(instance, inside, share):
            found += 1
            assert inside[cover.units, cover.site].all()
            assert cover.weights @ share[cover.units, cover.site] > cover.most
            for answer in answers:
                assert cover.weights @ (answer[cover.units] == cover.site) <= cover.most
    assert found


def test_the_ten_best_answers_are_kept_once_each() -> None:
    """Sorted by cost, the same cost once, and as they were when they were taken in."""
    merging = Merging(instance_of(NINE))
    answer = BEST.copy()
    for value in [7, 3, 12, 5, 3, 1, 9, 11, 2, 10, 8, 4, 6, 1]:
        merging.take(float(value), answer)
    answer[:] = -1
    assert [value for value, _ in merging.answers] == [float(v) for v in range(1, 11)]
    assert all(kept.tolist() == BEST.tolist() for _, kept in merging.answers)


def test_answers_are_put_aside_and_come_back() -> None:
    """Changed once, none is left; changed again, the best of both lots are merged together."""
    merging = Merging(instance_of(NINE))
    for value in (3.0, 1.0, 2.0):
        merging.take(value, BEST)
    merging.change()
    assert (merging.answers, merging.best) == ([], np.inf)
    merging.take(1.5, BEST)
    merging.change()
    assert [value for value, _ in merging.answers] == [1.0, 1.5, 2.0, 3.0]
    assert not merging.aside


def merging_of(problem: JointProblem, answers: list[Ints], guide: Guide | None = None) -> Merging:
    """Take answers in."""
    merging = Merging(instance_of(problem), guide)
    for answer in answers:
        merging.take(joint_cost(problem, answer), answer)
    return merging


def test_the_model_holds_the_pairs_of_all_answers() -> None:
    """Nine pairs that each answer has, and no others."""
    model = merging_of(NINE, [GOOD_LEFT, GOOD_RIGHT]).model()
    units = np.arange(9)
    held = model.at >= 0
    assert held[units, GOOD_LEFT].all()
    assert held[units, GOOD_RIGHT].all()
    assert held.sum() == 9 + int((GOOD_LEFT != GOOD_RIGHT).sum())


def guide_of_nine() -> Guide:
    """Reduced costs 0, 1, 2, ... unit by unit, the last unit's pairs of no better answer."""
    reduced = np.arange(27.0).reshape(9, 3)
    reduced[8] = np.inf
    return Guide(reduced, bound=100.0)


def test_a_guide_adds_the_pairs_of_least_reduced_cost() -> None:
    """About so many for each unit, the least first; never one without an entry."""
    guide = guide_of_nine()
    for each in (0.5, 1.0, 2.0):
        chosen = guide.pairs(each, known=np.inf)
        assert int(9 * each) <= chosen.sum() <= int(9 * each) + 1
        assert guide.reduced[chosen].max() < guide.reduced[~chosen].min()
    assert guide.pairs(9.0, np.inf).tolist() == np.isfinite(guide.reduced).tolist()


def test_a_guide_adds_no_pair_dearer_than_what_is_missing() -> None:
    """With 4 missing to the best answer, the pairs of 0 to 4."""
    assert np.argwhere(guide_of_nine().pairs(2.0, known=104.0)).tolist() == [
        [0, 0],
        [0, 1],
        [0, 2],
        [1, 0],
        [1, 1],
    ]


def test_the_model_holds_the_pairs_of_the_guide_as_well() -> None:
    """With 4 missing to the best answer, pairs of 3 and 4 come in, the pair of 5 does not."""
    reduced = np.full((9, 3), np.inf)
    reduced[4:6] = [[3.0, 0.0, 0.0], [4.0, 0.0, 0.0]]
    reduced[6, :2] = [5.0, 0.0]
    merging = merging_of(NINE, [GOOD_LEFT, GOOD_RIGHT])
    plain = merging.model().at >= 0
    merging.guide = Guide(reduced, bound=joint_cost(NINE, GOOD_RIGHT) - 4.0)
    held = merging.model().at >= 0
    assert np.argwhere(held & ~plain).tolist() == [[4, 0], [5, 0], [6, 1]]
    assert (held | ~plain).all()


def test_separators_are_learned_once() -> None:
    """Unit 4 beyond the other site's units: its separators come in, and into later models."""
    problem = row_of(5, (0, 2), forced=np.ones(2, dtype=bool))
    whole, apart = np.array([[0, 0, 1, 1, 1], [0, 1, 1, 1, 0]], dtype=np.int32)
    merging = merging_of(problem, [whole])
    merging.guide = Guide(np.zeros((5, 2)), bound=0.0)
    model = merging.model()
    before = len(model.cuts)
    assert not merging.learn(model, whole)
    assert merging.learn(model, apart)
    assert [c.separator.tolist() for c in merging.cuts.values()] == [[3], [1]]
    assert len(model.cuts) == before + 2
    assert merging.learn(model, apart)
    assert len(model.cuts) == before + 2
    assert len(merging.model().cuts) == before + 2


def test_separators_of_pairs_that_are_left_out_wait() -> None:
    """A separator whose pair no answer uses is not in the model."""
    problem = row_of(5, (0, 2), forced=np.ones(2, dtype=bool))
    whole, apart = np.array([[0, 0, 1, 1, 1], [0, 1, 1, 1, 0]], dtype=np.int32)
    merging = merging_of(problem, [whole])
    before = len(merging.model().cuts)
    assert merging.learn(merging.model(), apart)
    assert len(merging.cuts) == 2
    assert len(merging.model().cuts) == before


def test_more_pairs_after_a_model_that_ended() -> None:
    """It grows after the end and shrinks after others, but less."""
    merging = Merging(instance_of(NINE))
    start = merging.each
    merging.adapt(ended=True)
    more = merging.each
    merging.adapt(ended=False)
    assert start < merging.each < more


def merged(merging: Merging) -> Ints:
    """Solve the model of all pairs again and again until areas hold together."""
    model = merging.model()
    while True:
        answer = solve_arrays(model.arrays())
        assert answer.values is not None
        site_of = model.labels_of(answer.values)
        if not merging.learn(model, site_of):
            return site_of


def test_two_answers_that_are_good_on_one_half_each_are_put_together() -> None:
    """The area in the middle is in neither of them, but all its pairs are."""
    merging = merging_of(NINE, [GOOD_LEFT, GOOD_RIGHT])
    assert merged(merging).tolist() == BEST.tolist()
    assert joint_cost(NINE, BEST) < merging.answers[0][0]


@pytest.mark.parametrize("seed", range(8))
def test_merging_finds_the_best_of_the_pairs(seed: int) -> None:
    """Three valid answers merged: the best of all answers that use their pairs alone."""
    problem = grid(seed).replace(forced=np.ones(3, dtype=bool))
    valid = valid_answers(problem)
    if len(valid) < 3:
        return
    chosen = np.random.default_rng(seed).choice(len(valid), 3, replace=False)
    merging = merging_of(problem, [valid[k] for k in chosen])
    pairs = uses(merging.instance, [site_of for _, site_of in merging.answers])
    best = next(a for a in valid if pairs[np.arange(problem.n), a].all())
    site_of = merged(merging)
    assert not joint_faults(problem, site_of)
    assert joint_cost(problem, site_of) == pytest.approx(joint_cost(problem, best))
