"""Areas made to measure: those that a linear programme over areas asks for, and what they tell.

It prices the units; an area whose units' prices exceed its cost makes it better (Gilmore and Gomory
1961; Mehrotra, Johnson and Nemhauser 1998). While areas hold few units, they are found by going
through the connected ones. Prices swing less between the last ones and those of the programme
(Wentges 1997), inside a box (Marsten, Hogan and Blankenship 1975). Where no area makes it better any
more, those that an answer better than the one known may hold are listed (Baldacci, Christofides and
Mingozzi 2008 for tours): which pairs they use guides the merging of answers.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from commplan.optimise.joint.areas import Look, areas_of
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints
from commplan.optimise.joint.merge import Guide
from commplan.optimise.joint.pool import Pool
from commplan.optimise.milp import MilpArrays
from commplan.optimise.milp_rows import GrowingModel
from commplan.optimise.stop import Clock

MOST_EACH = 12.0  # units per area, beyond which there are too many areas
_BOX = 6.0  # how far prices may move from those of the relaxation, in mean costs of a unit
_ANY = 1e3  # and how much a site may be worth, in costs of the whole
_ROUNDS = 60  # of prices
_MIXED, _TRUE = Look(12, 5_000), Look(12, 20_000)  # areas of a site in a round
_LISTED = 1_000, 200_000  # areas of a site that are listed in the end, and units tried for it
_BETWEEN = 0.7  # weight of the last prices
_NEW = 1e-6  # relative to a typical area's cost: what an area has to save


@dataclass
class Pricing:
    """Column generation for given sites.

    Parameters
    ----------
    instance : Instance
    pool : Pool
        Grows by the areas found.
    pairs : bool array, shape (n, m)
        Pairs that a better answer may use.
    price : float64 array, shape (n,)
        What each unit is worth: by a relaxation at first.
    bound : float
        The value of that relaxation.
    """

    instance: Instance
    pool: Pool
    pairs: Flags
    price: Floats
    bound: float

    def __post_init__(self) -> None:
        """Pose what units and sites are worth together; areas come in as rows."""
        n, m = self.instance.problem.n, self.instance.problem.m
        middle = np.concatenate([self.price, np.zeros(m)])
        reach = np.repeat(abs(self.bound) * np.array([_BOX / n, _ANY]), [n, m])
        self.rows, self.posed, self.relaxed = Pool(self.instance), 0, np.inf
        self.programme = GrowingModel(
            MilpArrays(
                cost=-np.ones(n + m),
                matrix=sparse.csr_array((0, n + m)),
                row_lower=np.zeros(0),
                row_upper=np.zeros(0),
                col_lower=middle - reach,
                col_upper=middle + reach,
            )
        )

    def guide(self, known: float, clock: Clock) -> Guide | None:
        """Say what each pair costs beyond the prices at least; None where the time was over first.

        Parameters
        ----------
        known : float
            Cost of the best answer known: dearer areas are not listed, nor are too many.
        clock : Clock
        """
        for site, units in zip(self.pool.sites, self.pool.areas, strict=True):
            self.rows.add_area(site, units)
        first = len(self.rows.areas)
        if not self._converge(clock):
            return None
        for k in range(first, len(self.rows.areas)):
            self.pool.add_area(self.rows.sites[k], self.rows.areas[k])
        return Guide(self._beyond(known - self.relaxed), self.relaxed)

    def _converge(self, clock: Clock) -> bool:
        """Look for areas that make the programme better; False where the time was over first."""
        mixed: Floats | None = None
        for _ in range(_ROUNDS):
            if clock.over() or not self._solve(clock):
                return False
            if mixed is None:
                mixed = self.price
            mixed = np.asarray(_BETWEEN * mixed + (1 - _BETWEEN) * self.price)
            if self._look(mixed, _MIXED):
                continue
            mixed = self.price
            if not self._look(mixed, _TRUE):
                break
        return True

    def _solve(self, clock: Clock) -> bool:
        """Price the units, the worth of a site added to its own one; False where time was over."""
        problem = self.instance.problem
        self._pose()
        answer = self.programme.solve(clock.left_s)
        if answer is None:
            return False
        self.relaxed = float(answer.values.sum())
        self.price = answer.values[: problem.n].copy()
        self.price[problem.site_unit] += answer.values[problem.n :]
        return True

    def _pose(self) -> None:
        """No area is worth more than it costs."""
        n, m = self.instance.problem.n, self.instance.problem.m
        areas, sites = self.rows.areas[self.posed :], self.rows.sites[self.posed :]
        size = [len(units) + 1 for units in areas]
        columns = [np.append(units, n + j) for units, j in zip(areas, sites, strict=True)]
        at = (np.repeat(np.arange(len(areas)), size), np.concatenate([np.zeros(0, int), *columns]))
        matrix = sparse.csr_array((np.ones(len(at[0])), at), shape=(len(areas), n + m))
        costs = np.array(self.rows.costs[self.posed :])
        self.programme.add(matrix, np.full(len(areas), -np.inf), costs)
        self.posed = len(self.rows.areas)

    def _look(self, price: Floats, look: Look) -> bool:
        """Look round every site at some prices; whether an area is new and makes it better."""
        new, problem = False, self.instance.problem
        least = _NEW * abs(self.bound) / problem.m
        for j in range(problem.m):
            for units in areas_of(self.instance, j, self.pairs[:, j], price, look):
                if self._excess(j, units) < -least:
                    new |= self.rows.add_area(j, units)
        return new

    def _excess(self, site: int, units: Ints) -> float:
        """Work out what an area costs beyond the prices of its units."""
        cost = self.instance.cost[units, site].sum() + self.instance.problem.open_cost[site]
        return float(cost - self.price[units].sum())

    def _beyond(self, room: float) -> Floats:
        """List areas; what each pair costs beyond the prices in one of them at least, shape (n, m)."""
        problem, rows = self.instance.problem, self.rows
        beyond = np.full((problem.n, problem.m), np.inf)
        every = list(zip(rows.sites, rows.areas, strict=True))
        least = np.zeros(problem.m)
        for site, units in every:
            least[site] = min(least[site], self._excess(site, units))
        for j in range(problem.m):
            floor = float(problem.open_cost[j] - least[j]) - room
            listed = areas_of(self.instance, j, self.pairs[:, j], self.price, Look(*_LISTED, floor))
            every += [(j, units) for units in listed]
        for site, units in every:
            excess = max(0.0, self._excess(site, units))
            beyond[units, site] = np.minimum(beyond[units, site], excess)
        return beyond
