"""CoverageProblem: places that are in no community, in numbers, and what becomes of them.

A place is a compound, an estate, a mine, a farm, a settlement or a residential area (居民区) that is to
become a community or part of one. Places that hang together either join a neighbouring community, if
it stays within the bounds, or make a new one, if they are enough for it (zhejiang-2017, 二(三)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commplan.problem.result import Status

TERMS = ("outside_households", "proposals", "distance_household_km")


@dataclass(frozen=True)
class CoverageWeights:
    """How many household-kilometres one unit of each term is worth; house choices.

    Parameters
    ----------
    outside_households : float
        A household that stays outside weighs more than any distance in a town.
    proposals : float
        Sets of places that join or make a community: what hangs together stays together.
    distance_household_km : float
        Households × straight line to the middle of their community.
    """

    outside_households: float = 100.0
    proposals: float = 50.0
    distance_household_km: float = 1.0


@dataclass(frozen=True)
class CoverageProblem:
    """Give each of n places a community, of k that are there or new ones.

    Parameters
    ----------
    households : int64 array, shape (n,)
    xy_km : float64 array, shape (n, 2)
    part : int32 array, shape (n,)
        Subdistrict; -1 where it is not known, which fits any.
    tail, head : int32 array, shape (m,)
        Places that lie next to each other, tail < head.
    beside : int32 array, shape (b, 2)
        (place, community) that lie next to each other.
    community_households : int64 array, shape (k,)
        Of today, without the places.
    community_xy_km : float64 array, shape (k, 2)
        The median unit of each community.
    community_part : int32 array, shape (k,)
    min_households, max_households : int
        Inclusive.
    weights : CoverageWeights
    """

    households: NDArray[np.int64]
    xy_km: NDArray[np.float64]
    part: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    beside: NDArray[np.int32]
    community_households: NDArray[np.int64]
    community_xy_km: NDArray[np.float64]
    community_part: NDArray[np.int32]
    min_households: int
    max_households: int
    weights: CoverageWeights = field(default_factory=CoverageWeights)

    @property
    def n(self) -> int:
        """Number of places."""
        return int(self.households.shape[0])

    def same_part(self, places: list[int], community: int | None = None) -> bool:
        """Whether no two of the places (and the community) lie in different subdistricts."""
        parts = {int(self.part[p]) for p in places}
        if community is not None:
            parts.add(int(self.community_part[community]))
        return len(parts - {-1}) <= 1


@dataclass(frozen=True)
class CoverageResult:
    """What becomes of each place.

    Parameters
    ----------
    status : Status
    set_of : int32 array, shape (n,)
        Number of the set of places that do the same together, 0.. by first place; -1 for a place
        that stays outside.
    joins : int32 array, shape (n,)
        The community that a place joins; -1 for none: with a set, it is part of a new community.
    objective, bound : float
    terms : mapping of str to float
        Each term unweighted.
    reasons : mapping of int to str
        Place that stays outside -> key of the sentence why.
    columns : int
        Sets of places that were looked at.
    """

    status: Status
    set_of: NDArray[np.int32]
    joins: NDArray[np.int32]
    objective: float
    bound: float
    terms: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    columns: int = 0

    @property
    def gap(self) -> float:
        """Share of the objective that is not proven."""
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / self.objective

    def sets(self) -> list[tuple[list[int], int | None]]:
        """Places of each set, and the community that they join; None for a new one."""
        found: list[tuple[list[int], int | None]] = []
        for number in range(int(self.set_of.max(initial=-1)) + 1):
            places = np.flatnonzero(self.set_of == number).tolist()
            community = int(self.joins[places[0]]) if places else -1
            found.append((places, None if community < 0 else community))
        return found


def set_distance(problem: CoverageProblem, places: list[int], community: int | None) -> float:
    """Σ households × km of some places to a community's middle, else to the median among them."""
    xy, households = problem.xy_km[places], problem.households[places]
    if community is not None:
        away = np.hypot(*(xy - problem.community_xy_km[community]).T)
        return float(away @ households)
    away = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    return float((away @ households).min())
