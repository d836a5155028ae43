"""Lower bound of borders by eigenvalues, and what is known about the communities of a component.

For any partition into k sets of households m_1 >= m_2 >= ... the cut is at least half of Σ m_i λ_i,
where λ_i are the smallest eigenvalues of the Laplacian of border costs against the households
(Donath & Hoffman 1973).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from commplan.optimise.communities.instance import Floats, Ints, edge_costs
from commplan.optimise.communities.presolve import Reduced
from commplan.problem.communities import CommunityProblem

MOST_NODES = 2_500  # dense eigenvalues of more would take too long
_TINY = 1e-3  # households given to every node, so that empty ones have a mass


@dataclass(frozen=True)
class Sizes:
    """What is known about the communities of one component.

    Parameters
    ----------
    fewest, most : int
        Number of communities.
    low, high : int
        Bounds of ordinary communities.
    stretched : int
        How many communities may lie within ``low_stretched`` and ``high_stretched`` instead.
    """

    fewest: int
    most: int
    low: int
    high: int
    stretched: int = 0
    low_stretched: int = 0
    high_stretched: int = 0

    def highs(self) -> Floats:
        """Upper bounds of ``fewest`` communities, largest first."""
        special = min(self.stretched, self.fewest)
        result = np.full(self.fewest, float(self.high))
        result[:special] = self.high_stretched
        return result

    def lows(self) -> Floats:
        """Lower bounds of ``fewest`` communities, largest first."""
        special = min(self.stretched, self.fewest)
        result = np.full(self.fewest, float(self.low))
        result[self.fewest - special :] = self.low_stretched
        return result


def border_bound(problem: CommunityProblem, reduced: Reduced, units: Ints, sizes: Sizes) -> float:
    """Donath–Hoffman bound of the weighted border inside a component; 0 where it is too large."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1]
    m = int(node.max()) + 1
    k = sizes.fewest
    if k < 2 or k > m or m > MOST_NODES:
        return 0.0
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = node
    e = problem.edges
    keep = (place[e.tail] >= 0) & (place[e.head] >= 0)
    tail, head = place[e.tail[keep]], place[e.head[keep]]
    weight = edge_costs(problem)[keep]
    laplacian = np.zeros((m, m))
    np.add.at(laplacian, (tail, head), -weight)
    laplacian += laplacian.T
    np.fill_diagonal(laplacian, 0.0)
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    mass = np.bincount(node, problem.households[units], m) + _TINY
    root = 1 / np.sqrt(mass)
    values = eigh(
        laplacian * root[:, None] * root[None, :], eigvals_only=True, subset_by_index=[0, k - 1]
    )
    values = np.maximum(0.0, values * (1 - 1e-6) - 1e-9 * abs(values[-1]))
    share = sizes.lows()
    room = sizes.highs() + _TINY * m - share
    left = float(mass.sum() - share.sum())
    for i in range(k):  # the rest goes where it costs least
        more = min(max(left, 0.0), room[i])
        share[i] += more
        left -= more
    return 0.5 * float(share @ values)
