"""Phases of developments: read, divided, refused."""

import pytest

from commplan.plan.developments import Phase
from commplan.plan.developments_phases import PhasingError, phases_of


def test_phases_are_read_as_people_write_them() -> None:
    """Years and months, Chinese or western marks; the last takes the date of completion."""
    phases, divided = phases_of(1850, 0, "2027：800户；2028年6：700， 350", "2030")
    assert phases == (Phase(1, 800, "2027"), Phase(2, 1500, "2028-06"), Phase(3, 1850, "2030"))
    assert not divided


def test_one_phase_where_nothing_is_said() -> None:
    """Without a word about phases all is let at once, on completion."""
    assert phases_of(640, 0, None, "2027") == ((Phase(1, 640, "2027"),), False)


def test_phases_without_households_are_divided_evenly() -> None:
    """Three phases of 100: 33, 66, 100; only the last has a date, and it is said that we divided."""
    phases, divided = phases_of(100, 3, None, "2029")
    assert [phase.total for phase in phases] == [33, 66, 100]
    assert [phase.due for phase in phases] == [None, None, "2029"]
    assert divided


@pytest.mark.parametrize(
    ("phasing", "count", "code"),
    [
        ("soon", 0, "bad_phasing"),
        (";", 0, "bad_phasing"),
        ("2027:50", 0, "phases_do_not_add_up"),
        ("2027:50;2028:50", 3, "phases_count"),
        ("2028:50;2027:50", 0, "phases_order"),
        ("2028-13:100", 0, "bad_phasing"),
        ("100", 101, "phases_too_many"),
        (";".join(["1"] * 101), 0, "phases_too_many"),
    ],
)
def test_phases_that_cannot_be_meant_are_refused(phasing: str, count: int, code: str) -> None:
    """Unreadable text, sums, numbers and dates that contradict the row are faults, each its own."""
    with pytest.raises(PhasingError, match=f"^developments.{code}$"):
        phases_of(100, count, phasing, None)


def test_months_follow_each_other_as_months() -> None:
    """June comes before October and December, however they are written."""
    phases, _ = phases_of(30, 0, "2028-6:10; 2028/10:10; 2028年12月:10", None)
    assert [phase.due for phase in phases] == ["2028-06", "2028-10", "2028-12"]
    assert phases_of(5, 0, None, "2029年6月")[0][0].due == "2029-06"


@pytest.mark.parametrize("day", ["2029-06-30", "2029年6月30日", "2029/6/3", "2029-06-30 00:00:00"])
def test_a_day_of_completion_counts_as_its_month(day: str) -> None:
    """Files hold whole dates too."""
    assert phases_of(5, 0, None, day)[0][0].due == "2029-06"


@pytest.mark.parametrize("word", ["someday", "2028-13", "28"])
def test_a_completion_that_is_no_date_is_refused(word: str) -> None:
    """It would be sorted as text among dates."""
    with pytest.raises(PhasingError, match=r"^developments\.bad_completes$"):
        phases_of(5, 0, None, word)
