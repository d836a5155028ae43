"""CommunityProblem: redrawing communities, in numbers."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

TERMS = (
    "border_km",
    "soft_border_km",
    "moved_households",
    "distance_household_km",
    "imbalance_households",
    "area_imbalance_km2",
    "walk_household_min",
    "far_households",
    "communities",
)


@dataclass(frozen=True)
class Weights:
    """How many moved households one unit of each term is worth; all >= 0."""

    border_km: float = 0.0
    soft_border_km: float = 0.0
    moved_households: float = 0.0
    distance_household_km: float = 0.0
    imbalance_households: float = 0.0
    area_imbalance_km2: float = 0.0
    walk_household_min: float = 0.0
    far_households: float = 0.0
    communities: float = 0.0


@dataclass(frozen=True)
class Edges:
    """Neighbouring units, tail < head, sorted by (tail, head); m pairs.

    ``border_km`` and ``soft_border_km`` are 0 for pairs of different parts: those borders are
    fixed, no plan can move them.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    border_km: NDArray[np.float64]
    soft_border_km: NDArray[np.float64]
    is_open: NDArray[np.bool_]


@dataclass(frozen=True)
class Attribute:
    """A quantity besides households that communities share out, with bounds of its own.

    Parameters
    ----------
    name : str
        Of the column: ``"population"``, ``"elderly"``, ... ``"area_km2"`` counts whole m².
    amount : int64 array, shape (n,)
        Of each unit, >= 0.
    low, high : int
        Inclusive, for every community but exempt ones and those that ``grandfather`` keeps.
    """

    name: str
    amount: NDArray[np.int64]
    low: int
    high: int


def shown_amount(name: str, amount: int) -> float | int:
    """Return the amount of an attribute as people write it: areas in km², all else as it is."""
    return amount / 1_000_000 if name == "area_km2" else amount


@dataclass(frozen=True)
class CommunityProblem:
    """Give each of n units a community.

    Parameters
    ----------
    households : int64 array, shape (n,)
    area_km2 : float64 array, shape (n,)
    xy_km : float64 array, shape (n, 2)
        A point on the surface of each unit.
    edges : Edges
    part : int32 array, shape (n,)
        Subdistrict; no community may hold units of two. All 0 where that does not matter.
    group : int32 array, shape (n,)
        Units with the same number >= 0 stay together (``keep_with``); -1 for none.
    today : int32 array, shape (n,)
        Today's community; -1 for none (such units never count as moved).
    locked : bool array, shape (n,)
        The unit must end in the successor of ``today``.
    exempt : bool array, shape (n,)
        A community that holds such a unit is exempt from the bounds (an exception with a reason);
        the optimiser stretches the bounds no further than those units force it to.
    min_households, max_households : int
        Inclusive.
    target_households : float
    weights : Weights
    grandfather : bool
        A community that is exactly one of today's may stay out of bounds.
    min_communities : int
        Fewest communities a plan may have; 0 for no limit.
    max_communities : int or None
        Most communities a plan may have, None for no limit; equal to ``min_communities`` for a
        fixed number.
    attributes : tuple of Attribute
        Bounds on other quantities than households.
    max_moved_households : int or None
        Most households that may end outside the successor of their old community; None for no
        limit.
    """

    households: NDArray[np.int64]
    area_km2: NDArray[np.float64]
    xy_km: NDArray[np.float64]
    edges: Edges
    part: NDArray[np.int32]
    group: NDArray[np.int32]
    today: NDArray[np.int32]
    locked: NDArray[np.bool_]
    exempt: NDArray[np.bool_]
    min_households: int
    max_households: int
    target_households: float
    weights: Weights = field(default_factory=Weights)
    grandfather: bool = False
    min_communities: int = 0
    max_communities: int | None = None
    attributes: tuple[Attribute, ...] = ()
    max_moved_households: int | None = None

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.households.shape[0])

    def replace(self, **changes: Any) -> "CommunityProblem":
        """Return a copy with some fields changed."""
        return replace(self, **changes)
