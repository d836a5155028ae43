"""LocationProblem: which sites to open, and which open one serves each unit; and its answer.

Units choose among all sites within reach, whatever their community: the question of a subdistrict or
a city before boundaries are drawn. `commplan.problem.rooms` is the question after.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.problem.floors import Floors
from commplan.problem.result import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Aim(StrEnum):
    """What a choice of sites is for."""

    COVER = "cover"  #: every unit within the limit, at least cost (set covering)
    MAX_COVER = "max_cover"  #: most households within the limit, under budget and number of sites
    MEDIAN = "median"  #: least cost of sites and household-minutes (p-median, facility location)
    CENTRE = "centre"  #: least longest walk (p-centre)
    ELDERLY = "elderly"  #: least longest walk of any elderly person, then least walking of them all


@dataclass(frozen=True)
class LocationProblem:
    """n units, m sites, and the pairs near enough to count.

    Parameters
    ----------
    weight : float64 array, shape (n,)
        Households, or the elderly: what a minute is multiplied by.
    minutes : csr_array, shape (n, m)
        An entry for each pair within the limit, also where it is 0; a pair without an entry is not
        possible. Any distance serves.
    open_cost : float64 array, shape (m,)
        Price of opening; 0 for what stands. With a budget it counts for that alone; without one
        `Aim.MEDIAN` adds it to the walking, so that the two have to be in the same unit.
    forced : bool array, shape (m,)
        Sites that have to be open.
    demand : float64 array, shape (n,), or None
        What a unit takes of a site; ``weight`` where None.
    capacity : float64 array, shape (m,), or None
        None: without limit. Each unit goes to one site (single source).
    max_open : int or None
        Most open sites, those that are forced among them.
    budget : float or None
        Most that opening and extending may cost.
    elderly : float64 array, shape (n,), or None
    unsuited : bool array, shape (m,), or None
        Sites that are taken only where no other serves as many (`Aim.COVER`, `Aim.MAX_COVER`).
    floors : Floors or None
        Rooms have to be large enough for those who go there, and may be extended. None: area does
        not count.
    """

    weight: Floats
    minutes: sparse.csr_array
    open_cost: Floats
    forced: Flags
    demand: Floats | None = None
    capacity: Floats | None = None
    max_open: int | None = None
    budget: float | None = None
    elderly: Floats | None = None
    unsuited: Flags | None = None
    floors: Floors | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other."""
        n, m = self.minutes.shape
        for name, size in (("weight", n), ("demand", n), ("elderly", n)):
            value = getattr(self, name)
            if value is not None and len(value) != size:
                raise ValueError(f"{name} has {len(value)} values for {size} units")
        for name in ("open_cost", "forced", "capacity", "unsuited"):
            value = getattr(self, name)
            if value is not None and len(value) != m:
                raise ValueError(f"{name} has {len(value)} values for {m} sites")
        for name in ("weight", "demand", "elderly", "open_cost"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value).all() and (value >= 0).all()):
                raise ValueError(f"{name} must be finite and not negative")

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.minutes.shape[0])

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return int(self.minutes.shape[1])

    @property
    def taken(self) -> Floats:
        """What each unit takes of a site, shape (n,)."""
        return self.weight if self.demand is None else self.demand

    @property
    def is_priced(self) -> bool:
        """Whether anything that can be opened or extended has a price."""
        floors = self.floors
        grows = floors is not None and bool(
            ((floors.extend_yuan + floors.extend_yuan_per_m2)[floors.extend_m2 > 0] > 0).any()
        )
        return grows or bool((self.open_cost > 0).any())

    def replace(self, **changes: Any) -> "LocationProblem":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Uncovered:
    """Why units have no site.

    Parameters
    ----------
    code : str
        ``no_site`` (none within the limit), ``budget``, ``number`` (too few may be opened),
        ``budget_and_number`` (both would have to give way), ``capacity``, ``floor`` (rooms are too
        small), ``unknown``.
    units : tuple of int
    remedy : mapping of str to float
        What would help, tried: ``budget``, ``max_open`` or floor area (``more_m2``) with which all
        are served.
    """

    code: str
    units: tuple[int, ...]
    remedy: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LocationResult:
    """The answer to a `LocationProblem`.

    Parameters
    ----------
    status : Status
        Optimal only where ``bound`` meets ``objective``.
    is_open : bool array, shape (m,)
    site_of : int32 array, shape (n,)
        -1 for a unit that no open site serves.
    objective : float or None
        By the aim: cost, households within the limit, weighted minutes and cost, longest minutes.
    bound : float
        Proven: from below, or from above for the most households within the limit.
    causes : tuple of Uncovered
    nodes : int
    runtime_s : float
    extended_m2 : float64 array, shape (m,), or None
        By how much each room is extended; None where area does not count.
    """

    status: Status
    is_open: Flags
    site_of: Ints
    objective: float | None
    bound: float
    causes: tuple[Uncovered, ...] = ()
    nodes: int = 0
    runtime_s: float = 0.0
    extended_m2: Floats | None = None


def serving_cost(problem: LocationProblem, is_open: Flags, site_of: Ints) -> float:
    """Weighted minutes and, without a budget, the price of the sites; infinite if a pair is missing."""
    rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    used = problem.minutes.indices == site_of[rows]
    served = np.zeros(problem.n, dtype=bool)
    served[rows[used]] = True
    if not served.all() or not is_open[site_of].all():
        return float("inf")
    walking = problem.weight[rows[used]] @ problem.minutes.data[used]
    return float(walking + (problem.open_cost[is_open].sum() if problem.budget is None else 0.0))


def nearest_open(problem: LocationProblem, is_open: Flags) -> Ints:
    """Nearest open site of each unit, the first of equals; -1 where none is within the limit."""
    rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    open_pairs = np.flatnonzero(is_open[problem.minutes.indices])
    row, site = rows[open_pairs], problem.minutes.indices[open_pairs]
    order = np.lexsort((site, problem.minutes.data[open_pairs], row))
    site_of = np.full(problem.n, -1, dtype=np.int32)
    first = np.diff(row[order], prepend=-1) != 0
    site_of[row[order][first]] = site[order][first]
    return site_of
