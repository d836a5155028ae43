"""All units at once, with areas that may fall apart, and what comes of it put right.

Where areas hold many units, few answers met have an area in common, and parts of a few areas do not
see how place is to be shared out over the whole. The exact model without most of its separators
does: its answer is close to the best, and only a few units lie apart from their areas.
"""

from dataclasses import dataclass

import numpy as np

from commplan.optimise.joint.cuts import cuts_of, reach
from commplan.optimise.joint.instance import Instance, Ints, near_pairs
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.joint.start import grow
from commplan.optimise.milp import MilpOptions, solve_arrays

_NEAR = 4  # sites per unit
_UNITS = (12, 500)  # least units per area, most in all, for which it is worth the time


def worth_whole(site_of: Ints) -> bool:
    """Whether areas are large enough for it, and units few enough."""
    each = len(site_of) / len(np.unique(site_of))
    return each >= _UNITS[0] and len(site_of) <= _UNITS[1]


@dataclass
class Whole:
    """The model round an answer's sites; separators are kept from one round to the next.

    Parameters
    ----------
    instance : Instance
    site_of : int32 array, shape (n,)
        A valid answer. Its sites are those of the model.
    """

    instance: Instance
    site_of: Ints

    def __post_init__(self) -> None:
        """Take each unit's nearest sites of those that are open."""
        problem = self.instance.problem
        is_open = np.bincount(self.site_of, minlength=problem.m) > 0
        cost = np.where(is_open[None, :], self.instance.cost, np.inf)
        own = problem.site_unit[is_open]
        cost[own] = np.inf
        cost[own, np.flatnonzero(is_open)] = 0.0
        kept = Instance(problem, self.instance.ptr, self.instance.nbr, cost)
        pairs = near_pairs(kept, min(_NEAR, int(is_open.sum())))
        pairs &= np.isfinite(cost)
        pairs[np.arange(problem.n), self.site_of] = True
        self.model = AreaModel(self.instance, pairs, is_open)

    def solve(self, start: Ints, options: MilpOptions) -> tuple[Ints | None, int]:
        """Solve one round.

        Returns
        -------
        (site_of, nodes)
            Connected areas, perhaps out of bounds; None where nothing was found.
        """
        answer = solve_arrays(self.model.arrays(), options, self.model.columns_of(start))
        if answer.values is None:
            return None, answer.nodes
        site_of = self.model.labels_of(answer.values)
        self.model.cuts += cuts_of(self.instance, site_of, self.model.inside)
        return mended(self.instance, site_of), answer.nodes


def mended(instance: Instance, site_of: Ints) -> Ints | None:
    """Give units that lie apart from their site's own unit to an area that they touch."""
    new = np.full_like(site_of, -1)
    free = np.zeros(len(site_of), dtype=np.bool_)
    for j in np.unique(site_of[site_of >= 0]).tolist():
        own = int(instance.problem.site_unit[j])
        new[reach(own, *instance.graph, free, site_of == j)] = j
    return grow(instance, new)
