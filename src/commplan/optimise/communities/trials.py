"""Trials: dividing the surroundings of a cause anew, with a cap on the work."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.relax import take_units
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem
from commplan.problem.result import Cause, Result, Status
from commplan.problem.terms import renumber
from commplan.problem.validity import faults

Solve = Callable[..., Result]  # `redraw`
Units = NDArray[np.int64]

MOST_UNITS_SOLVED = 60_000  # of all trials, so that the explanation ends in time
MOST_TRIALS = 30  # of one cause
EXACT_UNITS = 400
_LOCAL_SHARE = 0.5
_EFFORT = 0.01
_IN_VAIN = 3  # times more that a trial without a plan counts: most of the time goes into these


@dataclass
class Bench:
    """Where ways out are tried; ``plan`` holds what is divided so far (-1 elsewhere)."""

    problem: CommunityProblem
    solve: Solve
    clock: Clock
    plan: Ints
    solved: int = 0
    trials: int = 0
    unmet: tuple[Cause, ...] = ()  # of the last division that was proven impossible

    def spent(self) -> bool:
        """Whether no more is to be tried."""
        full = self.solved >= MOST_UNITS_SOLVED or self.trials >= MOST_TRIALS
        return full or self.clock.over()

    def divide(
        self, problem: CommunityProblem, units: Units, effort: float = _EFFORT
    ) -> Ints | None:
        """Divide some units by themselves; None where no valid plan is found."""
        self.solved += len(units)
        part = problem if len(units) == problem.n else take_units(problem, units)
        params = RedrawParams(
            effort=effort,
            time_limit_s=self.clock.left_s,
            exact=len(units) <= EXACT_UNITS,
            explain=False,
            bound=False,
            tries=1,
        )
        result = self.solve(part, params, None, self.clock.should_stop)
        labels = result.labels
        if result.status is Status.NOT_FOUND:
            self.solved += _IN_VAIN * len(units)
        if labels is None:
            self.unmet = tuple(_elsewhere(cause, units) for cause in result.causes)
            return None
        return None if faults(part, labels) else labels

    def attempt(self, problem: CommunityProblem, cause: Cause) -> Ints | None:
        """Divide the surroundings of a cause anew; labels of all units, or None."""
        self.trials += 1
        for units in self._surroundings(problem, cause):
            if self.solved >= MOST_UNITS_SOLVED:
                return None
            labels = self.divide(problem, units)
            if labels is not None:
                whole = np.full(problem.n, -1, dtype=np.int32)
                whole[: len(self.plan)] = self.plan
                whole[units] = labels + int(whole.max()) + 1
                if holds(problem, whole):
                    return whole
        return None

    def _surroundings(self, problem: CommunityProblem, cause: Cause) -> list[Units]:
        """Units to divide anew: communities around the cause first, then its whole area."""
        numbered = problem.min_communities > 0 or problem.max_communities is not None
        if numbered or problem.max_moved_households is not None or not cause.units:
            return [np.arange(problem.n)]
        component = presolve(problem, np.ones(problem.n, dtype=np.bool_)).component
        mine = list(cause.units) + list(range(len(self.plan), problem.n))
        whole = np.isin(component, component[mine])
        near = np.zeros(problem.n, dtype=np.bool_)
        near[mine] = True
        known = np.full(problem.n, -1, dtype=np.int32)
        known[: len(self.plan)] = self.plan
        e = problem.edges
        for _ in range(2):  # the communities that touch, and those that touch these
            reach = near.copy()
            reach[e.tail[near[e.head] & e.is_open]] = True
            reach[e.head[near[e.tail] & e.is_open]] = True
            near = whole & (reach | np.isin(known, known[reach & (known >= 0)]))
        # What is in no community yet has to be divided with it.
        near |= whole & (known < 0)
        areas = [near] if near.sum() < _LOCAL_SHARE * whole.sum() else []
        return [np.flatnonzero(area) for area in (*areas, whole)]


def holds(problem: CommunityProblem, labels: Ints) -> bool:
    """Whether what is divided so far is valid."""
    inside = np.flatnonzero(labels >= 0)
    part = problem if len(inside) == problem.n else take_units(problem, inside)
    if len(inside) < problem.n:
        part = part.replace(min_communities=0)
    return not faults(part, renumber(labels[inside]))


def _elsewhere(cause: Cause, units: Units) -> Cause:
    """Return a cause found among ``units`` with the positions of the whole."""
    return replace(cause, units=tuple(int(units[u]) for u in cause.units))
