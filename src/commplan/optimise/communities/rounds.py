"""How a search spends its effort: many short runs joined by their best communities, or few long.

Where the effort allows a dozen full runs, fresh runs from many starts alternate with the choice
among all their communities (see ``pool``) and with warm runs from the best plan. Where it does
not, short runs choose the number of communities and one long run follows.
"""

import math
import time
from typing import TYPE_CHECKING

from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.located import LOCATED
from commplan.optimise.communities.runs import Job

if TYPE_CHECKING:
    from commplan.optimise.communities.search import Search

RUN_PER_NODE = 3_500  # moves after which a run from scratch gains little more
_LEAST_RUN = 20_000
_TIGHT_RUN = 10_000_000  # moves, where bounds are tight
_RUNS = 8  # fresh runs of the first round; each round has twice those of the one before
_MANY = 12  # fresh runs that the effort must allow
_MANY_BY_MEDIANS = 4  # the same where medians say where to begin
_BATCH = 4  # runs that may go side by side; a number of its own, so that threads change nothing
_WARMTHS = (0.3, 0.2, 0.1)


class Effort:
    """Moves left of a budget, or, without one, those that the time left allows.

    Parameters
    ----------
    search : Search
    budget : float
        Moves; infinite where the deadline of the search alone ends it.
    """

    def __init__(self, search: "Search", budget: float) -> None:
        self.search = search
        self.budget = budget
        self.began = time.perf_counter()
        self.spent = 0
        self.others_s = 0.0  # time that went into combining
        self.last_s = 0.0

    def left(self) -> float:
        """Return the moves left."""
        if math.isfinite(self.budget):
            return max(0.0, self.budget - self.spent)
        moving = time.perf_counter() - self.began - self.others_s
        left_s = self.search.left_s() - min(1.5 * self.last_s, 0.2 * self.search.left_s())
        return max(0.0, self.spent / max(moving, 1e-3) * left_s)

    def over(self) -> bool:
        """Whether nothing is left."""
        return self.search.is_over() or (self.spent > 0 and self.left() < 1_000)

    def run(self, starts: list[Ints], moves: float, warmth: float) -> list[float]:
        """Anneal from each of ``starts`` with the effort that is left; the costs reached."""
        before = self.search.moves
        if self.spent > 0:
            moves = min(moves, self.left() / len(starts))
        jobs = [Job(labels, max(1_000, int(moves)), warmth) for labels in starts]
        values = self.search.anneal(jobs)
        self.spent += self.search.moves - before
        return values

    def starts(self, numbers: list[int]) -> list[Ints]:
        """Return plans to begin with."""
        began = time.perf_counter()
        found = [self.search.start_labels(k) for k in numbers]
        self.others_s += time.perf_counter() - began
        return found

    def combine(self) -> None:
        """Join the best communities so far."""
        began = time.perf_counter()
        if not self.search.is_over():
            self.search.combine()
        self.last_s = time.perf_counter() - began
        self.others_s += self.last_s


def explore(search: "Search", budget: float) -> None:
    """Spend ``budget`` moves (or all the time there is) on better plans than ``search.best``."""
    effort = Effort(search, budget)
    unit: float = max(_LEAST_RUN, RUN_PER_NODE * search.instance.n)
    if search.is_tight:
        unit = max(1_000, min(_TIGHT_RUN, budget / 12))
    probe = 100_000 if math.isinf(budget) else budget / 24
    _from_best(effort, min(probe, unit / 4), 0.1)
    many = _MANY_BY_MEDIANS if LOCATED in search.starts else _MANY
    if search.is_tight or effort.left() >= many * unit:
        _many_short(effort, unit)
    else:
        _few_long(effort)
    if not search.is_over():
        effort.combine()


def _from_best(effort: Effort, moves: float, warmth: float, runs: int = 1) -> None:
    best = effort.search.best
    if best is not None:
        effort.run([best.labels] * runs, moves, warmth)


def _many_short(effort: Effort, unit: float) -> None:
    """Alternate fresh runs, the choice among their communities, and warm runs."""
    search = effort.search
    tried: dict[int, float] = {}
    runs = _RUNS
    while not effort.over():
        for i in range(0, runs, _BATCH):
            if effort.over():
                return
            numbers = _next_numbers(search, tried, i)
            values = effort.run(effort.starts(numbers), unit, 1.0)
            for k, value in zip(numbers, values, strict=True):
                tried[k] = min(value, tried.get(k, math.inf))
        effort.combine()
        for warmth in _WARMTHS:
            for _ in range(0, max(2, runs // 4), _BATCH):
                if effort.over():
                    return
                _from_best(effort, unit / 2, warmth, _BATCH)
        effort.combine()
        runs *= 2


def _next_numbers(search: "Search", tried: dict[int, float], i: int) -> list[int]:
    """Choose the numbers of communities for the fresh runs of a batch."""
    known = dict(tried)
    numbers = []
    for j in range(i, i + _BATCH):
        k = _next_number(search, known, j)
        known.setdefault(k, math.inf)
        numbers.append(k)
    return numbers


def _next_number(search: "Search", tried: dict[int, float], i: int) -> int:
    """Choose the number of communities for a fresh run: each one once, then the best ones most."""
    for k in search.starts:
        if k not in tried:
            return k
    ranked = sorted(tried, key=lambda k: (tried[k], k))
    best = ranked[0]
    near = [k for k in (best - 1, best + 1) if k not in tried and search.allows(k)]
    if near and best > 0 and i % 4 == 3:
        return near[0]
    return ranked[min(len(ranked) - 1, (0, 0, 1, 0, 1, 0, 2)[i % 7])]


def _few_long(effort: Effort) -> None:
    """Choose the start by short runs, then run long and cool."""
    search = effort.search
    whole = effort.left()
    starts = [k for k in search.starts if k != LOCATED]  # takes as long as a short search
    starts = starts if whole > 200 * search.instance.n else starts[:2]
    values = effort.run(effort.starts(starts), whole / 24, 1.0)
    ranked = [k for _, k in sorted(zip(values, starts, strict=True))[:3] if k > 0]
    if ranked and len(starts) > 2 and not effort.over():
        effort.run(effort.starts(ranked), whole / 8, 1.0)
    for share, warmth in ((0.6, 0.4), (1.0, 0.15)):
        if not effort.over():
            _from_best(effort, share * effort.left(), warmth)
