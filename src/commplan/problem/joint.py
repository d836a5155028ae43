"""JointProblem: boundaries and rooms together, in numbers, and its answer.

Each open site is the room of one community: the area drawn round it. Which sites open, and which
unit goes to which of them, is one question (Kong 2021 calls it the capacitated facility location
service-area problem; with all sites open it is the service-area problem of Kong et al. 2017).
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from commplan.problem.result import Effort, Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

LOAD_TOLERANCE = 1e-9  # relative: rounding of summed households


@dataclass(frozen=True)
class JointProblem:
    """n units, m sites; every unit goes to one open site, every area is connected.

    Parameters
    ----------
    amount : float64 array, shape (n,)
        Households of each unit: what it takes of a room.
    cost : csr_array, shape (n, m)
        An entry for each pair that is possible, also where it is 0: what it costs to serve the
        whole unit from the site (household-kilometres, household-minutes, ...).
    open_cost : float64 array, shape (m,)
        Cost of opening a site, in the same unit as ``cost``.
    site_unit : int32 array, shape (m,)
        Unit that a site lies in; it goes to that site if the site is open.
    low, high : float64 array, shape (m,)
        Households that the area of an open site must and may hold: bounds of a community, and what
        the room has place for.
    forced : bool array, shape (m,)
        Sites that are open in any case.
    tail, head : int32 array, shape (edges,)
        Units that touch.
    max_open : int or None
        Most open sites, those that are forced among them.
    """

    amount: Floats
    cost: sparse.csr_array
    open_cost: Floats
    site_unit: Ints
    low: Floats
    high: Floats
    forced: Flags
    tail: Ints
    head: Ints
    max_open: int | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other or the question."""
        n, m = self.cost.shape
        if len(self.amount) != n:
            raise ValueError(f"amount has {len(self.amount)} values for {n} units")
        for name in ("open_cost", "site_unit", "low", "high", "forced"):
            if len(getattr(self, name)) != m:
                raise ValueError(f"{name} has {len(getattr(self, name))} values for {m} sites")
        if len(self.tail) != len(self.head):
            raise ValueError("tail and head differ in length")
        for name in ("amount", "open_cost"):
            value = getattr(self, name)
            if not (np.isfinite(value).all() and (value >= 0).all()):
                raise ValueError(f"{name} must be finite and not negative")
        data = self.cost.data
        if not (np.isfinite(data).all() and (data >= 0).all()):
            raise ValueError("cost must be finite and not negative")
        if len(self.low) and not (self.low <= self.high).all():
            raise ValueError("low must not be above high")

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.cost.shape[0])

    @property
    def m(self) -> int:
        """Number of sites."""
        return int(self.cost.shape[1])

    def replace(self, **changes: Any) -> "JointProblem":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class JointResult:
    """The answer to a `JointProblem`.

    Parameters
    ----------
    status : Status
        Optimal only where ``bound`` meets ``objective``.
    site_of : int32 array, shape (n,), or None
        Site that serves each unit; None where nothing valid was found.
    objective : float or None
    bound : float
        Proven lower bound; infinite where nothing is valid.
    bound_method : str
        ``"priced"`` (linear relaxation), ``"exact"`` or ``"none"``.
    effort : Effort
    runtime_s : float
    seed : int
    reproducible : bool
        False where a time limit or an interrupt cut the work short.
    interrupted : bool
    trajectory : tuple of (seconds, objective)
    """

    status: Status
    site_of: Ints | None
    objective: float | None
    bound: float
    bound_method: str = "none"
    effort: Effort = field(default_factory=Effort)
    runtime_s: float = 0.0
    seed: int = 0
    reproducible: bool = True
    interrupted: bool = False
    trajectory: tuple[tuple[float, float], ...] = ()


def joint_cost(problem: JointProblem, site_of: Ints) -> float:
    """Cost of serving and opening; infinite where a unit goes to a site that it cannot go to."""
    rows = np.repeat(np.arange(problem.n), np.diff(problem.cost.indptr))
    used = problem.cost.indices == site_of[rows]
    if int(used.sum()) != problem.n:
        return float("inf")
    is_open = problem.forced.copy()
    is_open[site_of] = True
    return float(problem.cost.data[used].sum() + problem.open_cost[is_open].sum())


@dataclass(frozen=True)
class JointBreach:
    """One rule that an answer breaks.

    Parameters
    ----------
    kind : str
        ``"unserved"`` (no site, or one that the unit cannot go to), ``"centre"`` (the site's own
        unit goes elsewhere), ``"load"``, ``"disconnected"`` or ``"number"``.
    site : int
        -1 where it is about no single site.
    units : tuple of int
    """

    kind: str
    site: int = -1
    units: tuple[int, ...] = ()


def joint_faults(problem: JointProblem, site_of: Ints) -> list[JointBreach]:
    """List every rule that an answer breaks; empty for a valid one."""
    lost = _unserved(problem, site_of)
    if lost.any():
        return [JointBreach("unserved", -1, tuple(np.flatnonzero(lost).tolist()))]
    opened = np.union1d(np.flatnonzero(problem.forced), site_of)
    found = []
    load = np.bincount(site_of, problem.amount, problem.m)
    inside = site_of[problem.tail] == site_of[problem.head]
    links = sparse.coo_array(
        (np.ones(int(inside.sum())), (problem.tail[inside], problem.head[inside])),
        shape=(problem.n, problem.n),
    )
    piece = connected_components(links, directed=False)[1]
    for j in opened.tolist():
        units = np.flatnonzero(site_of == j)
        slack = LOAD_TOLERANCE * max(1.0, float(problem.high[j]))
        if site_of[problem.site_unit[j]] != j:
            found.append(JointBreach("centre", j, tuple(units.tolist())))
        if load[j] < problem.low[j] - slack or load[j] > problem.high[j] + slack:
            found.append(JointBreach("load", j, tuple(units.tolist())))
        if len(np.unique(piece[units])) > 1:
            found.append(JointBreach("disconnected", j, tuple(units.tolist())))
    if problem.max_open is not None and len(opened) > problem.max_open:
        found.append(JointBreach("number"))
    return found


def _unserved(problem: JointProblem, site_of: Ints) -> Flags:
    rows = np.repeat(np.arange(problem.n), np.diff(problem.cost.indptr))
    served = np.zeros(problem.n, dtype=bool)
    served[rows[problem.cost.indices == site_of[rows]]] = True
    return ~served
