"""A watch that tells a person at a terminal (or a log) what a run is doing."""

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.status import Status

from commplan.findings import Finding, Severity
from commplan.scenario.watch import Watch
from commplan.texts import Texts


class ConsoleWatch(Watch):
    """Stages with their times on standard error; the search on one line that is kept up to date.

    Parameters
    ----------
    texts : Texts
    quiet : bool
        Say nothing.
    """

    def __init__(self, texts: Texts, quiet: bool = False) -> None:
        super().__init__()
        self._texts = texts
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._told = 0.0

    def begin(self, name: str) -> None:
        """Show the stage with a spinner, where there is a terminal."""
        if self._console.is_terminal:
            self._status = self._console.status(self._texts(f"stage.{name}"))
            self._status.start()

    def end(self, name: str) -> None:
        """Leave one line with the stage's time."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        seconds = f"{self.seconds[name]:7.1f} s"
        self._console.print(f"[dim]{seconds}[/dim]  {self._texts(f'stage.{name}')}")

    def progress(self, state: Any) -> None:
        """Show cost, bound and time of the search; a log gets a line every ten seconds."""
        self._show(self._worded(state))

    def walked(self, done: int, total: int) -> None:
        """Show for how many places the walks are found."""
        self._show(self._texts("stage.walks", done=f"{done:,}", total=f"{total:,}"))

    def _show(self, line: str) -> None:
        now = time.monotonic()
        if self._status is not None:
            self._status.update(line)
        elif now - self._told > 10:
            self._told = now
            self._console.print(line)

    def _worded(self, state: Any) -> str:
        cost = "–" if state.objective is None else f"{state.objective:z,.0f}"
        seconds = f"{state.seconds:.0f}"
        if state.bound is not None:
            gap = 100 * (1 - state.bound / state.objective) if state.objective else 0.0
            return self._texts(
                "stage.bound",
                cost=cost,
                bound=f"{state.bound:z,.0f}",
                gap=f"{max(0.0, gap):.1f}",
                seconds=seconds,
            )
        share = f"{100 * state.done:.0f}"
        if state.left_s is None:
            return self._texts("stage.search", cost=cost, seconds=seconds, share=share)
        left = f"{state.left_s:.0f}"
        return self._texts("stage.search_left", cost=cost, seconds=seconds, share=share, left=left)

    def say(self, line: str) -> None:
        """Print one line on standard error."""
        self._console.print(line, markup=False)


def stdout_console() -> Console:
    """Return a console for what was asked for: standard output, wide enough for tables."""
    width = None if sys.stdout.isatty() else 160
    return Console(width=width, highlight=False)


def say(lines: Iterable[str]) -> None:
    """Print lines on standard output."""
    console = stdout_console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def findings_total(findings: Sequence[Finding], texts: Texts) -> str:
    """Count findings by severity."""
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    return texts(
        "cli.findings",
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.NOTE],
    )
