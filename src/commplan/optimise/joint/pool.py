"""Areas met on the way, and the best answer that can be put together of them.

Every area is connected and within its bounds, so that choosing areas that hold each unit once is
all that is left: set partitioning (Mehrotra, Johnson and Nemhauser 1998 for districts).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from commplan.optimise.joint.instance import Instance, Ints
from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays

MOST_AREAS = 4_000


@dataclass
class Pool:
    """Areas by site; the latest are kept.

    Parameters
    ----------
    instance : Instance
    """

    instance: Instance
    areas: dict[tuple[int, bytes], tuple[float, Ints]] = field(default_factory=dict)

    def add(self, site_of: Ints) -> None:
        """Take the areas of a valid answer."""
        problem = self.instance.problem
        for j in np.unique(site_of).tolist():
            units = np.flatnonzero(site_of == j).astype(np.int32)
            cost = float(self.instance.cost[units, j].sum() + problem.open_cost[j])
            key = (j, units.tobytes())
            self.areas.pop(key, None)
            self.areas[key] = (cost, units)
        while len(self.areas) > MOST_AREAS:
            del self.areas[next(iter(self.areas))]

    def best(self, site_of: Ints, options: MilpOptions) -> Ints | None:
        """Put the best answer together, starting from one whose areas are in the pool."""
        problem = self.instance.problem
        keys, held = list(self.areas), list(self.areas.values())
        rows = np.concatenate([units for _, units in held])
        at = np.repeat(np.arange(len(held)), [len(units) for _, units in held])
        once = sparse.csr_array((np.ones(len(rows)), (rows, at)), shape=(problem.n, len(held)))
        sites = np.array([j for j, _ in keys])
        each = sparse.csr_array(
            (np.ones(len(held)), (sites, np.arange(len(held)))), shape=(problem.m, len(held))
        )
        most = problem.m if problem.max_open is None else problem.max_open
        number = sparse.csr_array(np.ones((1, len(held))))
        model = MilpArrays(
            cost=np.array([cost for cost, _ in held]),
            matrix=sparse.vstack([once, each, number], format="csr"),
            row_lower=np.concatenate([np.ones(problem.n), problem.forced.astype(float), [0.0]]),
            row_upper=np.concatenate([np.ones(problem.n + problem.m), [float(most)]]),
            col_lower=np.zeros(len(held)),
            col_upper=np.ones(len(held)),
            integral=np.ones(len(held), dtype=bool),
        )
        begin = np.array(
            [
                float(np.array_equal(np.flatnonzero(site_of == j), u))
                for (j, _), (_, u) in zip(keys, held, strict=True)
            ]
        )
        answer = solve_arrays(model, options, begin)
        if answer.values is None:
            return None
        new = np.empty(problem.n, dtype=np.int32)
        for k in np.flatnonzero(answer.values > 0.5):
            new[held[k][1]] = sites[k]
        return new
