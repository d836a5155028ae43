"""Watch: what a run tells while it works, and how it is asked to stop."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Told = Callable[[int, int], None]  #: how many are done, of how many


class Watch:
    """Times the stages of a run; this one says nothing, the command line's says it aloud."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.interrupted = False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage; ``name`` is a key of ``texts``, topic ``stage``, without the topic."""
        self.begin(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self.end(name)

    def begin(self, name: str) -> None:
        """Be told that a stage begins."""

    def end(self, name: str) -> None:
        """Be told that a stage has ended; ``seconds[name]`` holds its time."""

    def progress(self, state: Any) -> None:
        """Be told how far the search is."""

    def walked(self, done: int, total: int) -> None:
        """Be told of how many places the walks are found."""

    def should_stop(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        return self.interrupted

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Within, the first Ctrl-C asks the search to stop with what it has; the second ends all."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(_number: int, _frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
