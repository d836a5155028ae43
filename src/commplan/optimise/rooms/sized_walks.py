"""Shorter walks between rooms as they are: units move to a nearer room, alone or in exchange."""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.rooms.sized import grown
from commplan.problem.floors import needed_m2
from commplan.problem.location import LocationProblem

PASSES = 30
GAIN = 1e-9  # weighted minutes: less is rounding


def shorter_walks(
    problem: LocationProblem, site_of: NDArray[np.int32], allowed: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Move units to nearer rooms that have space, or exchange two, while that shortens all walks.

    Rooms neither open nor grow, and whoever goes somewhere still does.

    Parameters
    ----------
    problem : LocationProblem
        With floors.
    site_of : int32 array, shape (n,)
        Allowed; -1 for a unit that goes nowhere.
    allowed : bool array, shape (pairs,)
        Pairs that may be used.

    Returns
    -------
    int32 array, shape (n,)
    """
    rooms = _Rooms(problem, site_of, allowed)
    for _ in range(PASSES):
        moved = [rooms.improve(unit) for unit in np.flatnonzero(site_of >= 0).tolist()]
        if not any(moved):
            break
    return np.array(rooms.place, dtype=np.int32)


class _Rooms:
    """Who goes where, how far, and what each room holds by each rule."""

    def __init__(
        self, problem: LocationProblem, site_of: NDArray[np.int32], allowed: NDArray[np.bool_]
    ) -> None:
        floors, m = problem.floors, problem.n_sites
        if floors is None:
            raise ValueError("a problem without floors")
        self.place, self.weight = site_of.tolist(), problem.weight.tolist()
        self.forced = problem.forced.tolist()
        rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))[allowed]
        self.walks: list[dict[int, float]] = [{} for _ in range(problem.n)]
        pairs = (rows, problem.minutes.indices[allowed], problem.minutes.data[allowed])
        for unit, site, minutes in zip(*(part.tolist() for part in pairs), strict=True):
            self.walks[unit][site] = minutes
        self.who: list[set[int]] = [set() for _ in range(m)]
        for unit, site in enumerate(self.place):
            if site >= 0:
                self.who[site].add(unit)
        space = floors.floor_m2 + grown(floors, needed_m2(floors.rules, site_of, m))
        self.space = (space + 1e-9 * np.abs(space)).tolist()
        #: Each rule: its least area, and what it adds up over units: areas first, then its counts.
        self.rules = [
            (rule.least_m2, [float(figure) for _, figure in rule.counts],
             [part.tolist() for part in (rule.unit_m2, *(count for count, _ in rule.counts))])
            for rule in floors.rules
        ]  # fmt: skip

    def fits(self, site: int, enters: int, leaves: int | None = None) -> bool:
        """Whether a room is large enough once one unit enters, and perhaps another leaves."""
        who = [*(unit for unit in self.who[site] if unit != leaves), enters]
        for least, figures, parts in self.rules:
            asks, *counts = (sum(part[unit] for unit in who) for part in parts)
            holds = all(count >= figure for count, figure in zip(counts, figures, strict=True))
            if holds and least + asks > self.space[site]:
                return False
        return True

    def improve(self, unit: int) -> bool:
        """Move a unit nearer, the nearest first; whether it moved."""
        own, walks = self.place[unit], self.walks[unit]
        for minutes, site in sorted((minutes, site) for site, minutes in walks.items()):
            saved = self.weight[unit] * (walks[own] - minutes)
            if saved <= GAIN:
                return False
            if not (self.who[site] or self.forced[site]):
                continue  # nobody goes there: it is not open
            if self.fits(site, unit):
                self.move(unit, site)
                return True
            for other in sorted(self.who[site]):
                theirs = self.walks[other]
                lost = self.weight[other] * (theirs.get(own, np.inf) - theirs[site])
                if lost < saved - GAIN and self._exchange(unit, other):
                    return True
        return False

    def _exchange(self, unit: int, other: int) -> bool:
        own, site = self.place[unit], self.place[other]
        if not (self.fits(site, unit, other) and self.fits(own, other, unit)):
            return False
        self.move(unit, site)
        self.move(other, own)
        return True

    def move(self, unit: int, site: int) -> None:
        """Send a unit to another room."""
        self.who[self.place[unit]].discard(unit)
        self.who[site].add(unit)
        self.place[unit] = site
