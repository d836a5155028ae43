"""Covering and centre models, in PuLP on HiGHS; only pairs within the limit are written."""

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.optimise.milp import MilpAnswer, MilpOptions, MilpStatus, solve_milp
from commplan.problem.location import LocationProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class CoverModel:
    """Which sites to open; a unit is covered if an open site is within the limit.

    Parameters
    ----------
    problem : LocationProblem
        Without capacities.
    limit : float
        Pairs beyond it do not count.
    tight : bool array, shape (n,), optional
        Units that the limit holds for; all where left out.
    """

    def __init__(
        self, problem: LocationProblem, limit: float = np.inf, tight: Flags | None = None
    ) -> None:
        self.problem = problem
        self.limits = np.full(problem.n, limit)
        if tight is not None:
            self.limits[~tight] = np.inf
        self.model = pulp.LpProblem("cover", pulp.LpMinimize)
        self.open = [
            self.model.add_variable(f"open_{j:06d}", int(f), 1, cat="Integer")
            for j, f in enumerate(problem.forced)
        ]
        self._at_most_so_many()
        self._within_the_budget()

    def near(self, i: int) -> list[int]:
        """Sites within the limit of a unit."""
        minutes = self.problem.minutes
        row = slice(minutes.indptr[i], minutes.indptr[i + 1])
        return minutes.indices[row][minutes.data[row] <= self.limits[i]].tolist()  # type: ignore[no-any-return]

    def _at_most_so_many(self) -> None:
        if self.problem.max_open is not None:
            self.model += pulp.lpSum(self.open) <= self.problem.max_open, "most"

    def _within_the_budget(self) -> None:
        if self.problem.budget is not None:
            self.model += self.cost() <= self.problem.budget, "budget"

    def cost(self) -> pulp.LpAffineExpression:
        """Price of the open sites."""
        costs = self.problem.open_cost.tolist()
        return pulp.LpAffineExpression(list(zip(self.open, costs, strict=True)))

    def every_unit_is_near(self, needed: Flags) -> None:
        """Ask for an open site near each unit that needs one; equal units are asked once."""
        asked = {tuple(self.near(int(i))): int(i) for i in np.flatnonzero(needed)[::-1]}
        for sites, i in sorted(asked.items(), key=lambda item: item[1]):
            self.model += pulp.lpSum(self.open[j] for j in sites) >= 1, f"near_{i:06d}"

    def cover_least(self, needed: Flags) -> None:
        """Aim at the least price; at the fewest sites where no site has one."""
        self.every_unit_is_near(needed)
        priced = (self.problem.open_cost > 0).any()
        self.model.setObjective(self.cost() if priced else pulp.lpSum(self.open))

    def miss_least(self) -> None:
        """Aim at the least weight that is not near; units with the same sites count together."""
        groups: dict[tuple[int, ...], float] = {}
        for i, weight in enumerate(self.problem.weight.tolist()):
            if weight > 0:
                sites = tuple(self.near(i))
                groups[sites] = groups.get(sites, 0.0) + weight
        far = []
        for g, (sites, weight) in enumerate(groups.items()):
            missed = self.model.add_variable(f"missed_{g:06d}", 0, 1)
            near = pulp.lpSum(self.open[j] for j in sites)
            self.model += near + missed >= 1, f"near_{g:06d}"
            far.append((missed, weight))
        self.model.setObjective(pulp.LpAffineExpression(far))

    def solve(self, options: MilpOptions) -> tuple[MilpAnswer, Flags | None]:
        """Solve; the answer and the open sites."""
        answer = solve_milp(self.model, options)
        if answer.values is None:
            return answer, None
        # a site that no row speaks of has no value; it stays as it must be
        values = [v.lowBound if v.value() is None else v.value() for v in self.open]
        return answer, np.array(values, dtype=np.float64) > 0.5


@dataclass(frozen=True)
class Centre:
    """Least longest walk: sites, its value, a proven bound."""

    is_open: Flags | None
    longest: float
    bound: float
    nodes: int


def least_longest(
    problem: LocationProblem, needed: Flags, tight: Flags, options: MilpOptions
) -> Centre:
    """Halve the range of distances; each half is decided by a covering model.

    The least longest walk is one of the distances that occur, so that a covering model per step
    decides it (Daskin 1995).

    Parameters
    ----------
    problem : LocationProblem
    needed : bool array, shape (n,)
        Units that need a site within reach.
    tight : bool array, shape (n,)
        Those of them whose walk counts.
    options : MilpOptions

    Returns
    -------
    Centre
        ``longest`` is infinite where nothing was found; ``bound`` too where nothing exists.
    """
    rows = np.repeat(tight, np.diff(problem.minutes.indptr))
    values = np.unique(np.append(problem.minutes.data[rows], 0.0))
    low, high, nodes = 0, len(values) - 1, 0  # the answer, if any, is among values[low..high]
    best: Flags | None = None
    longest = np.inf
    while low <= high:
        middle = (low + high) // 2 if best is not None else high
        model = CoverModel(problem, float(values[middle]), tight)
        model.cover_least(needed)
        answer, is_open = model.solve(options)
        nodes += answer.nodes
        if is_open is not None:
            best, longest = is_open, _longest(problem, is_open, tight)
            high = int(np.searchsorted(values, longest)) - 1
        elif answer.status is MilpStatus.INFEASIBLE:
            low = middle + 1
        else:
            break  # stopped: nothing is known from ``low`` up
    bound = float(values[low]) if low < len(values) else np.inf
    return Centre(best, longest, min(bound, longest), nodes)


def _longest(problem: LocationProblem, is_open: Flags, tight: Flags) -> float:
    minutes = problem.minutes
    row = np.repeat(np.arange(problem.n), np.diff(minutes.indptr))
    there = is_open[minutes.indices]
    nearest = np.full(problem.n, np.inf)
    np.minimum.at(nearest, row[there], minutes.data[there])
    return float(nearest[tight].max(initial=0.0))
