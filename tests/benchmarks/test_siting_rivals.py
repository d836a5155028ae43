"""Ours and a plain PuLP model on small random cities: the same values, counted in the same way."""

import pytest
from benchmarks.area import at_time
from benchmarks.siting_files import random_city
from benchmarks.siting_rivals import measure
from benchmarks.together import percent

from commplan.problem.joint import JointResult
from commplan.problem.location import Aim
from commplan.problem.result import Status


@pytest.mark.parametrize(
    ("aim", "p"), [(Aim.COVER, None), (Aim.MAX_COVER, 2), (Aim.MEDIAN, 4), (Aim.CENTRE, 4)]
)
def test_ours_and_plain_pulp_agree(aim: Aim, p: int | None) -> None:
    """Both prove the same value on forty units and eight sites; the textbook has no centre."""
    site = random_city(40, 8, p, 2_000.0, aim, seed=3)
    ours = measure("commplan", site, 300.0)
    assert ours["status"] == "optimal"
    if aim is not Aim.CENTRE:
        theirs = measure("pulp-highs", site, 300.0)
        assert theirs["status"] == "optimal"
        assert theirs["objective"] == pytest.approx(ours["objective"])


def test_a_city_is_the_same_for_a_seed() -> None:
    """Households are whole numbers from 1 to 900, and nothing lies beyond the limit."""
    one, two = (random_city(50, 10, 3, 300.0, Aim.MEDIAN, seed=5).problem for _ in range(2))
    assert (one.minutes != two.minutes).nnz == 0
    assert one.minutes.data.max() <= 300.0
    assert (one.weight == one.weight.round()).all()
    assert 1 <= one.weight.min() <= one.weight.max() <= 900


def test_the_value_at_a_time_of_the_run() -> None:
    """The best that was known by then; None before the first answer."""
    falling = ((1.0, 9.0), (5.0, 7.0), (8.0, 6.0))
    result = JointResult(Status.FEASIBLE, None, 6.0, 1.0, trajectory=falling)
    assert [at_time(result, second) for second in (0.5, 1.0, 7.9, 60.0)] == [None, 9.0, 7.0, 6.0]


def test_shares_are_worded_without_a_minus_before_nothing() -> None:
    """Rounding a little below nothing gives 0."""
    assert [percent(share) for share in (-1e-9, 0.0015, None)] == ["0.000 %", "0.150 %", "–"]
