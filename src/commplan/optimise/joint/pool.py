"""Areas met on the way, and the best answer that can be put together of them.

Every area is connected and within its bounds, so that choosing areas that hold each unit once is
all that is left: set partitioning (Mehrotra, Johnson and Nemhauser 1998 for districts). The linear
relaxation comes first: an area whose reduced cost is above what is still to be gained is in no
better answer, and few are left to choose among.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.joint.instance import Floats, Instance, Ints
from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays

MOST_UNITS = 200_000  # in all areas; beyond, those of the least reduced cost stay
_TO_CHOOSE = 80_000  # units in the areas handed to the search for whole numbers, at most
_GAP = 1e-6


@dataclass
class Pool:
    """Areas by site.

    Parameters
    ----------
    instance : Instance
    """

    instance: Instance
    known: set[tuple[int, int]] = field(default_factory=set)
    sites: list[int] = field(default_factory=list)
    areas: list[Ints] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw a number for each unit; the sum over an area names it (Zobrist 1970)."""
        draw = np.random.default_rng(0)
        self.names = draw.integers(-(2**62), 2**62, self.instance.problem.n, dtype=np.int64)

    def add(self, site_of: Ints) -> None:
        """Take the areas of an answer that are within their bounds; all have to be connected."""
        problem = self.instance.problem
        order = np.argsort(site_of, kind="stable").astype(np.int32)
        size = np.bincount(site_of, minlength=problem.m)
        end = np.cumsum(size)
        load = np.bincount(site_of, problem.amount, problem.m)
        name = np.zeros(problem.m, dtype=np.int64)
        np.add.at(name, site_of, self.names)
        fits = (size > 0) & (load <= problem.high + _GAP) & (load >= problem.low - _GAP)
        for j in np.flatnonzero(fits).tolist():
            self._take((j, int(name[j])), order[end[j] - size[j] : end[j]])

    def add_area(self, site: int, units: Ints) -> bool:
        """Take one connected area of a site; whether it is new and within its bounds."""
        problem = self.instance.problem
        load = float(problem.amount[units].sum())
        fits = problem.low[site] - _GAP <= load <= problem.high[site] + _GAP
        return bool(fits) and self._take((site, int(self.names[units].sum())), units)

    def _take(self, key: tuple[int, int], units: Ints) -> bool:
        """Take an area by its site and name; whether it is new."""
        if key in self.known:
            return False
        self.known.add(key)
        site = key[0]
        self.sites.append(site)
        self.areas.append(units)
        opening = self.instance.problem.open_cost[site]
        self.costs.append(float(self.instance.cost[units, site].sum() + opening))
        return True

    def best(self, value: float, site_of: Ints | None, options: MilpOptions) -> Ints | None:
        """Put an answer together that is better than one known; None where none is found.

        Parameters
        ----------
        value : float
            Cost of the answer known, infinite without one.
        site_of : int32 array, shape (n,), or None
            That answer, to start from.
        options : MilpOptions
        """
        if not self.areas:
            return None
        model = self.arrays()
        reduced, least = relaxed(model, self.instance.problem.n, options.time_limit_s)
        if reduced is None:
            self._trim(np.arange(len(self.areas))[::-1])
            return None
        order = np.argsort(reduced, kind="stable")
        if least >= value - _GAP * max(1.0, abs(least)):
            self._trim(order)
            return None
        size = np.array([len(units) for units in self.areas])
        few = (reduced[order] <= value - least) & (np.cumsum(size[order]) <= _TO_CHOOSE)
        chosen = np.sort(order[few])
        part = replace(
            model,
            cost=model.cost[chosen],
            matrix=model.matrix[:, chosen],
            col_lower=np.zeros(len(chosen)),
            col_upper=np.ones(len(chosen)),
            integral=np.ones(len(chosen), dtype=bool),
        )
        start = None if site_of is None else self._start(chosen, site_of)
        answer = solve_arrays(part, replace(options, gap_rel=_GAP), start)
        new = None
        if answer.values is not None:
            new = np.empty(self.instance.problem.n, dtype=np.int32)
            for k in chosen[answer.values > 0.5].tolist():
                new[self.areas[k]] = self.sites[k]
        self._trim(order)
        return new

    def arrays(self) -> MilpArrays:
        """Each unit once, each site at most once (once where it is open in any case), their number."""
        problem, k = self.instance.problem, len(self.areas)
        at = np.repeat(np.arange(k), [len(units) for units in self.areas])
        rows = np.concatenate(self.areas)
        once = sparse.csc_array((np.ones(len(rows)), (rows, at)), shape=(problem.n, k))
        each = sparse.csc_array((np.ones(k), (self.sites, np.arange(k))), shape=(problem.m, k))
        number = sparse.csc_array(np.ones((1, k)))
        most = problem.m if problem.max_open is None else problem.max_open
        return MilpArrays(
            cost=np.array(self.costs),
            matrix=sparse.vstack([once, each, number], format="csc"),
            row_lower=np.concatenate([np.ones(problem.n), problem.forced.astype(float), [0.0]]),
            row_upper=np.concatenate([np.ones(problem.n + problem.m), [float(most)]]),
            col_lower=np.zeros(k),
            col_upper=np.full(k, np.inf),
        )

    def _start(self, chosen: NDArray[np.int64], site_of: Ints) -> Floats | None:
        """Say which of the areas make up an answer; None where some are not among them."""
        values = np.zeros(len(chosen))
        held = 0
        size = np.bincount(site_of, minlength=self.instance.problem.m)
        for at, k in enumerate(chosen.tolist()):
            units, site = self.areas[k], self.sites[k]
            if len(units) == size[site] and (site_of[units] == site).all():
                values[at] = 1.0
                held += len(units)
        return values if held == len(site_of) else None

    def _trim(self, order: NDArray[np.int64]) -> None:
        """Keep the better half of too many areas; one that was dropped may come back."""
        size = np.array([len(units) for units in self.areas])
        if size.sum() <= MOST_UNITS:
            return
        few = int((np.cumsum(size[order]) <= MOST_UNITS // 2).sum())
        stay = np.sort(order[:few]).tolist()
        self.sites = [self.sites[k] for k in stay]
        self.areas = [self.areas[k] for k in stay]
        self.costs = [self.costs[k] for k in stay]
        self.known = {
            (j, int(self.names[units].sum()))
            for j, units in zip(self.sites, self.areas, strict=True)
        }


def relaxed(model: MilpArrays, n: int, limit_s: float | None) -> tuple[Floats | None, float]:
    """Return reduced costs and value where areas may be split and a unit left out at a high price."""
    k = len(model.cost)
    dear = float(model.cost.max(initial=1.0)) + 1.0
    out = sparse.csc_array(
        (np.ones(n), (np.arange(n), np.arange(n))), shape=(model.matrix.shape[0], n)
    )
    eased = replace(
        model,
        cost=np.concatenate([model.cost, np.full(n, dear)]),
        matrix=sparse.hstack([model.matrix, out], format="csc"),
        col_lower=np.zeros(k + n),
        col_upper=np.full(k + n, np.inf),
    )
    answer = solve_arrays(eased, MilpOptions(time_limit_s=limit_s))
    if answer.reduced_costs is None or answer.objective is None:
        return None, np.inf
    return answer.reduced_costs[:k], answer.objective
