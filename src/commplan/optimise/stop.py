"""When a search ends: a work budget first, a clock and the user as guards."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """Where a search stands.

    Parameters
    ----------
    seconds : float
        Since the search began.
    stage : str
        ``"start"``, ``"search"``, ``"exact"`` or ``"bound"``.
    done : float
        Share of the work budget that is used, 0..1.
    objective : float or None
        Cost of the best valid plan so far (households).
    bound : float or None
        What is proven so far: no plan costs less.
    left_s : float or None
        Seconds that the stage will still take, as far as one can tell.
    """

    seconds: float
    stage: str
    done: float
    objective: float | None
    bound: float | None = None
    left_s: float | None = None


@dataclass
class Clock:
    """Looks at the time limit and at the user's wish to stop; remembers which of them cut in.

    Parameters
    ----------
    time_limit_s : float or None
    should_stop : callable or None
        Asked several times a second; True ends the search with the best plan so far.
    """

    time_limit_s: float | None = None
    should_stop: Callable[[], bool] | None = None
    began: float = field(default_factory=time.perf_counter)
    limited: bool = False
    interrupted: bool = False

    @property
    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return time.perf_counter() - self.began

    @property
    def left_s(self) -> float | None:
        """Seconds until the limit; None without one."""
        return None if self.time_limit_s is None else max(0.0, self.time_limit_s - self.seconds)

    def over(self, deadline_s: float | None = None) -> bool:
        """Whether to stop now.

        Parameters
        ----------
        deadline_s : float, optional
            An earlier limit (seconds since the start) for one stage of the work.
        """
        if self.interrupted or (self.should_stop is not None and self.should_stop()):
            self.interrupted = True
            return True
        limits = [x for x in (self.time_limit_s, deadline_s) if x is not None]
        if limits and self.seconds >= min(limits):
            self.limited = True
            return True
        return False
