"""A rollout in numbers: which groups of communities change in which year."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.problem.result import Status

LIMITS = ("communities", "cost_yuan", "staff")


@dataclass(frozen=True)
class RolloutProblem:
    """Groups of communities that change together, and what each year allows.

    Parameters
    ----------
    use : float64 array, shape (groups, 3)
        Communities, yuan and staff that each group takes, in the order of `LIMITS`.
    limit : float64 array, shape (years, 3)
        What each year allows; inf for no limit.
    urgency : float64 array, shape (groups,)
        Cost of each year that a group waits; positive.
    first : int32 array, shape (groups,)
        Year (counted from 0) before which a group is not ripe.
    """

    use: NDArray[np.float64]
    limit: NDArray[np.float64]
    urgency: NDArray[np.float64]
    first: NDArray[np.int32]

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.urgency)

    @property
    def years(self) -> int:
        """Number of years."""
        return len(self.limit)

    def cost(self, year_of: NDArray[np.int32]) -> float:
        """Sum years waited times urgency; a group left out (-1) waits one year beyond the last."""
        waited = np.where(year_of < 0, self.years, year_of)
        return float(self.urgency @ waited)


@dataclass(frozen=True)
class RolloutAnswer:
    """A schedule, and what is proven of it.

    Parameters
    ----------
    status : Status
    year_of : int32 array, shape (groups,)
        Counted from 0; -1 for groups that do not fit.
    objective, bound : float
    """

    status: Status
    year_of: NDArray[np.int32]
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """Relative distance of the objective from its bound."""
        return max(0.0, self.objective - self.bound) / self.objective if self.objective else 0.0
