"""Tasks shared out among processes: nothing lost, nothing for ever."""

import os
from pathlib import Path

import pytest

from commplan.scenario.developments_pool import Again, Done, Shop, shared_out


class Bench:
    """Writes a mark for each task; some tasks end their process."""

    def __init__(self, folder: Path, once: int, always: int) -> None:
        self.folder, self.once, self.always = folder, once, always

    def __call__(self, task: int) -> None:
        """Do one task."""
        tried = self.folder / f"tried-{task}"
        if task == self.always or (task == self.once and not tried.exists()):
            tried.touch()
            os._exit(1)
        (self.folder / f"done-{task}").touch()


def done_in(folder: Path) -> set[str]:
    """Names of the marks of tasks that were done."""
    return {path.name for path in folder.glob("done-*")}


def test_one_worker_works_in_this_process(tmp_path: Path) -> None:
    """All tasks in their order, no process started."""
    ended = list(shared_out([3, 1, 2], Shop(Bench, (tmp_path, -1, -1)), 1))
    assert ended == [Done(3), Done(1), Done(2)]
    assert done_in(tmp_path) == {"done-1", "done-2", "done-3"}


def test_a_lost_process_costs_nothing_but_time(tmp_path: Path) -> None:
    """Task 2 ends its process the first time and is done again; task 4 always does and is given up."""
    ended = list(shared_out(range(6), Shop(Bench, (tmp_path, 2, 4)), 2))
    done = [one for one in ended if isinstance(one, Done)]
    assert sorted(one.task for one in done) == [0, 1, 2, 3, 4, 5]
    assert [one.task for one in done if one.lost] == [4]
    again = [one.tasks for one in ended if isinstance(one, Again)]
    assert {2, 4} <= {task for tasks in again for task in tasks}
    assert done_in(tmp_path) == {f"done-{i}" for i in (0, 1, 2, 3, 5)}


def test_an_error_of_a_task_reaches_the_caller(tmp_path: Path) -> None:
    """A folder that is gone is no lost process: going on would not help."""
    with pytest.raises(OSError, match="done-0"):
        list(shared_out([0], Shop(Bench, (tmp_path / "gone", -1, -1)), 1))
