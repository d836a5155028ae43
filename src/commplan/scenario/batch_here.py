"""The engine of a batch without Dask: one scenario after the other, in this process."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from commplan.scenario.batch_run import Outcome, Task, run_task


class Engine(Protocol):
    """What does the scenarios of a batch."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take on tasks."""

    def next(self, timeout_s: float) -> tuple[Task, Outcome | None] | None:
        """Return a task that is over with what came of it; None where none is within the time.

        An outcome of None: the task was given back before it began.
        """

    def drop_waiting(self) -> None:
        """Give back what has not begun."""


class Here:
    """Does a task whenever it is asked for one."""

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._dropped: deque[Task] = deque()

    def submit(self, tasks: Sequence[Task]) -> None:
        """Take on tasks."""
        self._waiting.extend(tasks)

    def next(self, timeout_s: float) -> tuple[Task, Outcome | None] | None:  # noqa: ARG002
        """Do the next task."""
        if self._dropped:
            return self._dropped.popleft(), None
        if not self._waiting:
            return None
        task = self._waiting.popleft()
        try:
            return task, run_task(task)
        except KeyboardInterrupt:
            self._waiting.appendleft(task)
            raise

    def drop_waiting(self) -> None:
        """Give back what has not begun."""
        self._dropped.extend(self._waiting)
        self._waiting.clear()
