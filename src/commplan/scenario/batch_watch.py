"""What a batch tells while it works: how much is done, how fast, and how long it will still take."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.console import Console

from commplan.outputs.batch_tables import Row, status_word
from commplan.texts import Texts

_EVERY_S = 10.0  # between lines about the whole, where there is no terminal


class BatchWatch:
    """Tells of a batch on standard error: a line for each scenario, and a bar at a terminal.

    Parameters
    ----------
    texts : Texts
    total : int
        Scenarios to do.
    quiet : bool
        Say nothing.
    """

    def __init__(self, texts: Texts, total: int, quiet: bool = False) -> None:
        self.stopped = False
        self._texts, self._total = texts, total
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._began = self._told = time.monotonic()
        self._done = 0
        self._bar: Any = None
        self._task: Any = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Within, show how it goes; the first Ctrl-C sets ``stopped``, the second ends all."""
        own = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGINT, self._ask) if own else None
        self._began = time.monotonic()
        self._open_bar()
        try:
            yield
        finally:
            if self._bar is not None:
                self._bar.stop()
            if own:
                signal.signal(signal.SIGINT, before)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
        self.say(self._texts("batch.stopping"))

    def _open_bar(self) -> None:
        if not self._console.is_terminal:
            return
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(BarColumn(), TextColumn("{task.description}"), console=self._console)
        self._task = self._bar.add_task(self.state(), total=self._total)
        self._bar.start()

    def finished(self, row: Row) -> None:
        """Tell of one scenario that is over."""
        self._done += 1
        self.say(self._line(row))
        self.tick()

    def tick(self) -> None:
        """Bring what is shown about the whole up to date."""
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=self.state())
        elif time.monotonic() - self._told > _EVERY_S and self._done:
            self._told = time.monotonic()
            self.say(self.state())

    def state(self) -> str:
        """Word how much is done, the rate, and the time left."""
        seconds = time.monotonic() - self._began
        params = {"done": self._done, "total": self._total}
        if not self._done:
            return self._texts("batch.begun", **params)
        rate = 60 * self._done / max(seconds, 1e-3)
        left = seconds / self._done * (self._total - self._done)
        return self._texts("batch.state", **params, rate=f"{rate:.1f}", left=clock(left))

    def _line(self, row: Row) -> str:
        texts = self._texts
        known = {"done": self._done, "total": self._total, "name": row.name}
        known |= {"status": status_word(row.status, texts), "seconds": f"{row.seconds or 0:.1f}"}
        if not row.is_well:
            why = "; ".join(row.faults.get(texts.language, ())[:1])
            return texts("batch.done_without", why=why, **known)
        return texts(
            "batch.done",
            communities=f"{row.communities:,}",
            inside=f"{row.in_bounds:,}",
            moved=f"{row.moved_households:,}",
            gap="–" if row.gap is None else f"{100 * row.gap:.1f}",
            **known,
        )

    def say(self, line: str) -> None:
        """Print one line on standard error."""
        self._console.print(line, markup=False)


def clock(seconds: float) -> str:
    """Write a time as hours, minutes and seconds.

    Examples
    --------
    >>> clock(3725)
    '1:02:05'
    """
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{minutes}" if hours else minutes
