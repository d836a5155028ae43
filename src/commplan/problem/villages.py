"""VillageProblem: which villages to merge, in numbers, and the answer.

Small villages are merged with neighbours until none is left at or under a limit of people (for
instance zhejiang-2017, 二(三): 300 people or fewer as a rule, 200 or fewer first). No group is
formed that falls into two, each of which keeps to every limit by itself: documents ask to merge
small villages, not to make large ones. A village that is not merged costs nothing. The cost of a
plan is a sum over its groups of two and more villages of terms that are >= 0, each counted in
people: a weight says how many renamed people one unit of the term is worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.problem.result import Status

TERMS = (
    "touched_villages",
    "renamed_people",
    "person_minutes",
    "people_above_target",
    "mixed_people",
    "collective_gap_yuan",
    "outer_border_km",
)
#: Of these a group never has less than the two parts into which it can be divided.
DIVISIBLE = (
    "touched_villages",
    "renamed_people",
    "people_above_target",
    "mixed_people",
    "collective_gap_yuan",
)


@dataclass(frozen=True)
class VillageWeights:
    """How many renamed people one unit of each term is worth; all >= 0.

    Parameters
    ----------
    touched_villages : float
        Villages that are in a group of two and more.
    renamed_people : float
        People of a group who do not live in its most populous village.
    person_minutes : float
        People × minutes from their seat to the seat of the group.
    people_above_target : float
        People of a group beyond the target.
    mixed_people : float
        Per trait (surname, ethnic group, fishing), people who do not share the group's most common
        value; people of villages without a value do not count.
    collective_gap_yuan : float
        People of a group × range of the collective's yuan a head among its villages.
    outer_border_km : float
        Border between a group and the villages outside it.
    """

    touched_villages: float = 0.0
    renamed_people: float = 1.0
    person_minutes: float = 0.0
    people_above_target: float = 0.0
    mixed_people: float = 0.0
    collective_gap_yuan: float = 0.0
    outer_border_km: float = 0.0


@dataclass(frozen=True)
class VillageLimits:
    """What a group must keep to; None for no limit.

    Parameters
    ----------
    small_people : int
        Villages of at most so many people are to be merged, and every group has more.
    max_people, max_households : int or None
    max_area_km2 : float or None
    max_minutes : float or None
        From any seat to the seat of the group.
    max_villages : int
        Of one group.
    target_people : float
        Size of a group beyond which people count as above the target.
    """

    small_people: int = 300
    max_people: int | None = None
    max_households: int | None = None
    max_area_km2: float | None = None
    max_minutes: float | None = None
    max_villages: int = 8
    target_people: float = 1_000.0


@dataclass(frozen=True)
class VillageProblem:
    """Merge n villages.

    Parameters
    ----------
    population, households : int64 array, shape (n,)
    area_km2 : float64 array, shape (n,)
    xy_km : float64 array, shape (n, 2)
        Seats.
    tail, head : int32 array, shape (m,)
        Neighbours, tail < head.
    border_km : float64 array, shape (m,)
    township : int32 array, shape (n,)
        No group may hold villages of two; all 0 where they may.
    locked : bool array, shape (n,)
        Villages that stay as they are (their meeting voted no).
    join : int32 array, shape (n,)
        Villages with the same number >= 0 end in one group; -1 for none.
    apart : int32 array, shape (p, 2)
        Pairs that may not be in one group.
    minutes : float64 array, shape (n, n)
        Between seats; infinite where there is no way.
    traits : int32 array, shape (t, n)
        Value of each trait; -1 where it is not known.
    collective_yuan : float64 array, shape (n,)
        Of a whole village; NaN where it is not known.
    limits : VillageLimits
    weights : VillageWeights
    """

    population: NDArray[np.int64]
    households: NDArray[np.int64]
    area_km2: NDArray[np.float64]
    xy_km: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    border_km: NDArray[np.float64]
    township: NDArray[np.int32]
    locked: NDArray[np.bool_]
    join: NDArray[np.int32]
    apart: NDArray[np.int32]
    minutes: NDArray[np.float64]
    traits: NDArray[np.int32]
    collective_yuan: NDArray[np.float64]
    limits: VillageLimits = field(default_factory=VillageLimits)
    weights: VillageWeights = field(default_factory=VillageWeights)

    @property
    def n(self) -> int:
        """Number of villages."""
        return int(self.population.shape[0])

    @property
    def small(self) -> NDArray[np.bool_]:
        """Villages that are to be merged."""
        return self.population <= self.limits.small_people

    def replace(self, **changes: Any) -> "VillageProblem":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Unmerged:
    """A village that stays as it is although it should not, and why.

    Parameters
    ----------
    village : int
    code : str
        Key of ``texts``, topic ``villages``.
    params : mapping
    """

    village: int
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class VillageResult:
    """The answer.

    Parameters
    ----------
    status : Status
        ``optimal``: fewest small villages left, and among these plans the least cost, proven
        (among plans without needless groups, see `optimise.villages.groups`).
    labels : int32 array, shape (n,)
        Group of each village, numbered by first village; alone where it is not merged.
    seats : int32 array, shape (groups,)
        The village at whose seat each group sits.
    objective, bound : float
        Of the cost, given as few small villages left as there are.
    left : tuple of Unmerged
        Small villages that stay, and villages that cannot join as they must.
    least_left : int
        Proven lower bound of their number.
    terms : mapping of str to float
    columns : int
        Groups that were looked at.
    runtime_s : float
    reproducible : bool
        False where the time was up.
    """

    status: Status
    labels: NDArray[np.int32]
    seats: NDArray[np.int32]
    objective: float
    bound: float
    left: tuple[Unmerged, ...]
    least_left: int
    terms: Mapping[str, float] = field(default_factory=dict)
    columns: int = 0
    runtime_s: float = 0.0
    reproducible: bool = True

    @property
    def gap(self) -> float:
        """(objective - bound) / objective, 0 where both are 0."""
        return 0.0 if self.objective <= self.bound else 1.0 - self.bound / self.objective
