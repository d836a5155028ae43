"""Threads: a setting for all stages, shared with other processes, and without any say in answers."""

import os

import pytest

from commplan.errors import InputError
from commplan.problem.threads import THREADS, shared_by, threads_at_hand


@pytest.fixture(autouse=True)
def six_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process have six processors, and no setting."""
    monkeypatch.delenv(THREADS, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)


def test_all_processors_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six processors, six threads; with COMMPLAN_THREADS as many as it says, more too."""
    assert threads_at_hand() == 6
    for told in ("1", " 9 "):
        monkeypatch.setenv(THREADS, told)
        assert threads_at_hand() == int(told)
    monkeypatch.setenv(THREADS, "")
    assert threads_at_hand() == 6


@pytest.mark.parametrize(
    ("processes", "threads"), [(1, 6), (2, 3), (4, 1), (6, 1), (40, 1), (0, 6)]
)
def test_processors_are_shared(processes: int, threads: int) -> None:
    """Processes that work at once share them, one thread each at least; afterwards all are back."""
    with shared_by(processes):
        assert threads_at_hand() == threads
    assert threads_at_hand() == 6


def test_what_the_user_says_is_not_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """COMMPLAN_THREADS is for each process."""
    monkeypatch.setenv(THREADS, "4")
    with shared_by(6):
        assert threads_at_hand() == 4


@pytest.mark.parametrize("told", ["0", "-1", "two", "1.5"])
def test_a_number_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """It is named in one line."""
    monkeypatch.setenv(THREADS, told)
    with pytest.raises(InputError, match=f"COMMPLAN_THREADS: .* not {told}"):
        threads_at_hand()
