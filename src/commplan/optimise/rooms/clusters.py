"""Units that were served together in good answers, put together anew by set partitioning.

Each cluster goes to the site that serves it at least cost. Prices rule out clusters that no better
answer can hold; HiGHS chooses among the rest (as pools of columns serve Lorena and Senne 2004).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.prices import Prices
from commplan.optimise.rooms.ruled_out import site_tests

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Clusters:
    """Clusters met so far, each once.

    Parameters
    ----------
    columns : Columns
    costs : float64 array, shape (n, m)
        As `fill.table` returns it.
    """

    def __init__(self, columns: Columns, costs: Floats) -> None:
        self.columns, self.costs = columns, costs
        draw = np.random.default_rng(0)  # names of units: the sum over a cluster names it
        self.names = draw.integers(-(2**62), 2**62, columns.n, dtype=np.int64)
        self.known: set[int] = set()
        self.units: list[Ints] = []
        self.site: list[int] = []
        self.cost: list[float] = []

    def add(self, place: Ints) -> None:
        """Take the clusters of an answer."""
        columns = self.columns
        order = np.argsort(place, kind="stable").astype(np.int32)
        size = np.bincount(place, minlength=columns.m)
        end = np.cumsum(size)
        name = np.zeros(columns.m, dtype=np.int64)
        np.add.at(name, place, self.names)
        for j in np.flatnonzero(size).tolist():
            if int(name[j]) not in self.known:
                self.known.add(int(name[j]))
                self._keep(order[end[j] - size[j] : end[j]])

    def _keep(self, units: Ints) -> None:
        columns = self.columns
        fee = np.where(columns.forced, 0.0, columns.open_cost)
        total = self.costs[units].sum(axis=0) + fee
        total[columns.capacity * (1 + 1e-9) < columns.demand[units].sum()] = np.inf
        site = int(np.argmin(total))
        if np.isfinite(total[site]) and (self.costs[units, site] < columns.missing).all():
            self.units.append(units)
            self.site.append(site)
            self.cost.append(float(total[site]))

    def chosen(self, prices: Prices, room: float, most: int) -> NDArray[np.int64]:
        """Clusters that a better answer may hold, at most so many, the most promising first.

        Parameters
        ----------
        prices : Prices
        room : float
            Between bound and best known cost.
        most : int
        """
        columns, site = self.columns, np.array(self.site)
        unit, cluster = self._pairs(np.arange(len(site)))
        paid = np.bincount(cluster, weights=prices.price[unit], minlength=len(site))
        fee = np.where(columns.forced, columns.open_cost, 0.0)[site]
        excess = np.array(self.cost) + fee - paid - prices.reduced[site]
        excess += site_tests(columns, prices)[0][site]
        order: NDArray[np.int64] = np.argsort(excess, kind="stable")[:most]
        best: NDArray[np.int64] = order[excess[order] <= room + 1e-6 * abs(prices.bound)]
        return best

    def _pairs(self, clusters: NDArray[np.int64]) -> tuple[Ints, NDArray[np.int64]]:
        units = [self.units[c] for c in clusters.tolist()]
        sizes = np.array([len(u) for u in units])
        return np.concatenate(units), np.repeat(np.arange(len(units)), sizes)

    def combined(self, clusters: NDArray[np.int64], options: MilpOptions) -> Ints | None:
        """Choose clusters that hold every unit at least cost; the site of each unit.

        A unit in two of them goes to the cheaper site. None where nothing was found.
        """
        columns, count = self.columns, len(clusters)
        unit, cluster = self._pairs(clusters)
        site = np.array(self.site)[clusters]
        one = np.ones(count)
        holds = sparse.csr_array((np.ones(len(unit)), (unit, cluster)), (columns.n, count))
        once = sparse.csr_array((one, (site, np.arange(count))), (columns.m, count))
        free = (~columns.forced[site]).astype(np.float64)[None, :]
        rows = np.concatenate([np.ones(columns.n), np.zeros(columns.m + 1)])
        tops = [np.full(columns.n, np.inf), np.ones(columns.m)]
        model = MilpArrays(
            cost=np.array(self.cost)[clusters],
            matrix=sparse.vstack([holds, once, sparse.csr_array(free)], format="csr"),
            row_lower=rows,
            row_upper=np.concatenate([*tops, [columns.most - columns.forced.sum()]]),
            col_lower=np.zeros(count),
            col_upper=one,
            integral=np.ones(count, dtype=bool),
        )
        answer = solve_arrays(model, options)
        if answer.values is None:
            return None
        taken = answer.values[cluster] > 0.5
        unit, at = unit[taken], site[cluster[taken]]
        order = np.lexsort((-self.costs[unit, at], unit))  # the last of each unit is the cheapest
        place = np.full(columns.n, -1, dtype=np.int32)
        place[unit[order]] = at[order]
        return place
