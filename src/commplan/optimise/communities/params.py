"""How hard to search."""

import math
from dataclasses import dataclass

from commplan.optimise.communities.instance import Ints

MOVES_PER_UNIT = {"quick": 10_000, "normal": 100_000, "thorough": 600_000}
LEAST_MOVES = {"quick": 1_000_000, "normal": 4_000_000, "thorough": 20_000_000}
MOST_MOVES = {"quick": 300_000_000, "normal": 2_000_000_000, "thorough": 12_000_000_000}


@dataclass(frozen=True)
class RedrawParams:
    """Parameters of `redraw`.

    Parameters
    ----------
    effort : str or float
        ``"quick"``, ``"normal"``, ``"thorough"``, or a multiple of normal.
    seed : int
    time_limit_s : float or None
        A guard; a run that it cuts short is not reproducible.
    start : int32 array, shape (n,), or None
        A plan to start from besides today's communities.
    exact : bool
        Whether small components may be solved to proven optimality.
    explain : bool
        Whether ways out are looked for where nothing is valid.
    bound : bool
        Whether a lower bound is worked out for what is searched.
    use_limit : bool
        Go on until the time limit, whatever the effort.
    tries : int
        Rounds of looking for a first valid plan, before it is given up.
    """

    effort: str | float = "normal"
    seed: int = 0
    time_limit_s: float | None = None
    start: Ints | None = None
    exact: bool = True
    explain: bool = True
    bound: bool = True
    use_limit: bool = False
    tries: int = 4

    @property
    def factor(self) -> float:
        """Effort as a multiple of normal, for the lower bounds."""
        if isinstance(self.effort, str):
            return {"quick": 0.2, "normal": 1.0, "thorough": 5.0}[self.effort]
        return float(self.effort)

    def moves(self, units: int) -> float:
        """Work budget in moves tried for ``units`` units; infinite where only the time counts."""
        if self.use_limit and self.time_limit_s is not None:
            return math.inf
        if isinstance(self.effort, str):
            name, factor = self.effort, 1.0
        else:
            name, factor = "normal", float(self.effort)
        budget = min(max(MOVES_PER_UNIT[name] * units, LEAST_MOVES[name]), MOST_MOVES[name])
        return max(1_000, int(factor * budget))
