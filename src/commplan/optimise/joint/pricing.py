"""Areas made to measure: those that the linear programme over the areas met asks for.

It prices the units; an area whose units' prices exceed its cost makes it better (Gilmore and Gomory
1961; Mehrotra, Johnson and Nemhauser 1998). While areas hold few units, they are found by going
through the connected ones. Prices between the last and those of the relaxation (Wentges 1997) swing
less.
"""

from dataclasses import dataclass

from commplan.optimise.joint.areas import areas_of
from commplan.optimise.joint.instance import Flags, Floats, Instance
from commplan.optimise.joint.pool import Pool
from commplan.optimise.stop import Clock

MOST_EACH = 12.0  # units per area, beyond which there are too many areas
_NODES = 100_000  # units tried for a site
_KEPT = (12, 80)  # areas of a site in a round that makes the relaxation better, and in others
_BETWEEN = 0.7  # weight of the relaxation's prices
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
        What each unit is worth by a relaxation.
    """

    instance: Instance
    pool: Pool
    pairs: Flags
    price: Floats

    def run(self, rounds: int, known: float, clock: Clock) -> None:
        """Look for areas that make the pool's relaxation better, so many times at most.

        Where none does any more, those that an answer better than the one known may hold.
        """
        for _ in range(rounds):
            if clock.over():
                return
            price, value = self.pool.prices(clock.left_s)
            if price is None:
                return
            least = _NEW * abs(self.pool.costs[0])
            mixed = _BETWEEN * self.price + (1 - _BETWEEN) * price
            if self.round(mixed, price, least, _KEPT[0]):
                continue
            if not self.round(price, price, least, _KEPT[0]):
                self.round(price, price, value - known, _KEPT[1])
                return

    def round(self, price: Floats, true: Floats, least: float, kept: int) -> bool:
        """Look round every site at some prices; whether an area is new and worth the true ones."""
        new, problem = False, self.instance.problem
        for j in range(problem.m):
            for units in areas_of(self.instance, j, self.pairs[:, j], price, kept, _NODES):
                gain = float((true[units] - self.instance.cost[units, j]).sum())
                if gain > least + problem.open_cost[j]:
                    new |= self.pool.add_area(j, units)
        return new
