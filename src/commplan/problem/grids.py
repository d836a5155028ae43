"""Dividing communities into grids (网格), in numbers: the pieces to divide, and the answer.

A unit that is larger by itself than a grid may be is a grid of its own. What is left of a community
falls into pieces that hang together; each is divided by itself, as a town is into communities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Status


@dataclass(frozen=True)
class GridPiece:
    """Units of one community that hang together and are divided into grids.

    Parameters
    ----------
    community : int
        Row of the community in the plan.
    units : int32 array, shape (u,)
        Positions of the units in the territory, ascending.
    problem : CommunityProblem
        Of these units alone, in their order.
    """

    community: int
    units: NDArray[np.int32]
    problem: CommunityProblem

    @property
    def households(self) -> int:
        """Households of the piece."""
        return int(self.problem.households.sum())


@dataclass(frozen=True)
class GridProblem:
    """All pieces of the communities that are divided.

    Parameters
    ----------
    communities : tuple of int
        Rows of the communities in the plan.
    pieces : tuple of GridPiece
    fixed : mapping of int to tuple of int
        Unit larger than a grid may be -> the units of its grid: itself, and remnants that border on
        it and are too few for a grid.
    min_households, max_households : int
        Inclusive.
    """

    communities: tuple[int, ...]
    pieces: tuple[GridPiece, ...]
    fixed: Mapping[int, tuple[int, ...]]
    min_households: int
    max_households: int


@dataclass(frozen=True)
class PieceAnswer:
    """How one piece is divided.

    Parameters
    ----------
    status : Status
        About the division within the bounds: ``INFEASIBLE`` where it is proven that there is none.
    labels : int32 array, shape (u,)
        Grid of each unit, 0.. by first unit. Where the bounds cannot be met, a division within
        ``low`` and ``high``.
    low, high : int
        Bounds that the division keeps.
    objective, bound : float
        Weighted cost of the division, in households, and what is proven of it; both are of the
        division within ``low`` and ``high``.
    terms : mapping of str to float
    reason : str
        Key of the sentence why the bounds cannot be met; empty where they are.
    reproducible : bool
    """

    status: Status
    labels: NDArray[np.int32]
    low: int
    high: int
    objective: float
    bound: float
    terms: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    reproducible: bool = True

    @property
    def gap(self) -> float:
        """Share of the objective that is not proven."""
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / self.objective


def numbers_that_fit(households: int, low: int, high: int) -> range:
    """Give the numbers of grids for which ``households`` can be shared out within the bounds.

    Examples
    --------
    >>> list(numbers_that_fit(1_250, 300, 500)), list(numbers_that_fit(550, 300, 500))
    ([3, 4], [])
    """
    fewest = -(-households // high)
    most = households // low if low > 0 else max(fewest, 1)
    return range(max(1, fewest), most + 1)


def cut_problem(whole: CommunityProblem, units: NDArray[np.int32]) -> CommunityProblem:
    """Cut the problem of some units out of the whole.

    Parameters
    ----------
    whole : CommunityProblem
    units : int32 array, shape (u,)
        Positions, ascending; the result is in their order.
    """
    place = np.full(whole.n, -1, dtype=np.int32)
    place[units] = np.arange(len(units), dtype=np.int32)
    edges = whole.edges
    inside = (place[edges.tail] >= 0) & (place[edges.head] >= 0)
    cut = Edges(
        place[edges.tail[inside]],
        place[edges.head[inside]],
        edges.border_km[inside],
        edges.soft_border_km[inside],
        edges.is_open[inside],
    )
    kept = ("households", "area_km2", "xy_km", "part", "group", "today", "locked", "exempt")
    return replace(whole, edges=cut, **{name: getattr(whole, name)[units] for name in kept})
