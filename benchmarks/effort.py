"""What a rival is given: time, a seed, and someone to tell of better plans."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.instances import Ints


@dataclass(frozen=True)
class Effort:
    """One rival's effort.

    Parameters
    ----------
    seconds : float
    seed : int
    keep : callable
        Told of each better plan.
    """

    seconds: float
    seed: int
    keep: Callable[[Ints], None]
    began: float = field(default_factory=time.perf_counter)

    @property
    def ends(self) -> float:
        """When the time is up, by ``time.perf_counter``."""
        return self.began + self.seconds

    def over(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() >= self.ends
