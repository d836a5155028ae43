"""What a search for the best sites has found so far, and the steps that both kinds of it share."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions, MilpStatus
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.core import solve_core
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.rooms.prices import Ascent, Prices, closed, sound, subgradient
from commplan.optimise.rooms.ruled_out import Left
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

TRIED, TRIED_EVERY = 40, 10  # sets of sites that prices choose: the first, then one of so many


@dataclass
class Search:
    """The best solution so far, on the way."""

    columns: Columns
    value: float = np.inf
    place: Ints | None = None
    bound: float = -np.inf
    nodes: int = 0
    seen: set[bytes] = field(default_factory=set)

    def keep(self, value: float, place: Ints) -> bool:
        """Take a solution if it is better."""
        if value < self.value - 1e-9 * max(1.0, abs(value)):
            self.value, self.place = value, place.astype(np.int32)
            return True
        return False

    def is_due(self, sites: Flags) -> bool:
        """Whether a set of sites that the prices choose is new, and its turn has come."""
        if not sites.any() or sites.tobytes() in self.seen:
            return False
        self.seen.add(sites.tobytes())
        return len(self.seen) < TRIED or len(self.seen) % TRIED_EVERY == 0

    def prove(self, bound: float) -> None:
        """Take a bound if it is better."""
        self.bound = max(self.bound, sound(self.columns, bound))

    @property
    def is_closed(self) -> bool:
        """Whether bound and solution meet, or nothing is allowed."""
        return closed(self.columns, self.bound, self.value)


def ascend(
    search: Search, ascent: Ascent, clock: Clock, primal: Callable[[Flags], float] | None = None
) -> Prices:
    """Raise the bound of a search.

    Parameters
    ----------
    search : Search
    ascent : Ascent
    clock : Clock
    primal : callable, optional
        Given the sites that the prices choose: the cost of the best solution known by then.
    """
    known = primal or (lambda _: search.value)
    prices = subgradient(search.columns, known, ascent, clock.over)
    search.prove(prices.bound)
    return prices


def close(search: Search, left: Left, params: MedianParams, clock: Clock) -> None:
    """Give HiGHS what no price rules out; nothing left proves the best solution."""
    columns = search.columns
    if search.is_closed:
        return
    if np.isfinite(search.value) and not _feasible_left(columns, left):
        search.bound = search.value
        return
    if int(left[0].sum()) > params.core_pairs:
        return
    options = MilpOptions(time_limit_s=clock.left_s, node_limit=params.nodes, seed=params.seed)
    answer, place = solve_core(columns, left, search.place, options)
    search.nodes += answer.nodes
    if place is not None and answer.objective is not None:
        search.keep(answer.objective, place)
    if answer.status is MilpStatus.INFEASIBLE:
        search.bound = search.value  # nothing better was left, or nothing at all is allowed
    else:  # what was ruled out costs at least the best known
        search.bound = max(search.bound, min(sound(columns, answer.bound), search.value))


def _feasible_left(columns: Columns, left: Left) -> bool:
    pairs, sites, forced = left
    reached = np.zeros(columns.n, dtype=bool)
    reached[columns.unit[pairs & sites[columns.site]]] = True
    return bool(reached.all()) and int((forced & sites).sum()) <= columns.most
