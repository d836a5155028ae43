"""Make bundles whose units lie apart connected, so that they can be moved as one node.

A group may be scattered; its pieces must end up joined through other units. The units on a
cheapest path between its pieces are tied to it for the search. That narrows the search, never
what is claimed: proofs and the exact model work without it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from commplan.optimise.communities.instance import Ints, Positions
from commplan.optimise.communities.presolve import Reduced, open_pairs, pieces
from commplan.problem.communities import CommunityProblem

_AVOID = 1e6  # households: as good as never through another bundle


def glued_nodes(
    problem: CommunityProblem, reduced: Reduced, units: Ints, rng: np.random.Generator | None
) -> Ints:
    """Contract the units of one component to nodes that open edges connect.

    Parameters
    ----------
    problem : CommunityProblem
    reduced : Reduced
    units : int32 array, shape (u,)
        Ascending positions of the component's units.
    rng : numpy.random.Generator or None
        Draws other paths; None takes those over the fewest households.

    Returns
    -------
    int32 array, shape (u,)
    """
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    tail, head = open_pairs(problem)
    keep = (place[tail] >= 0) & (place[head] >= 0)
    tail, head = place[tail[keep]], place[head[keep]]
    bundle = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    for _ in range(len(units)):
        inside = bundle[tail] == bundle[head]
        piece = pieces(len(units), tail[inside].astype(np.int32), head[inside].astype(np.int32))
        count = np.zeros(int(bundle.max()) + 1, dtype=np.int64)
        np.add.at(count, bundle[np.unique(piece, return_index=True)[1]], 1)
        torn = np.flatnonzero(count > 1)
        if len(torn) == 0:
            break
        path = _path(problem.households[units], (tail, head), bundle, (piece, int(torn[0])), rng)
        # Whole bundles on the way come along.
        bundle[np.isin(bundle, bundle[path])] = torn[0]
    return np.unique(bundle, return_inverse=True)[1].astype(np.int32)


def _path(
    households: NDArray[np.int64],
    pairs: tuple[Positions, Positions],
    bundle: Ints,
    torn: tuple[Ints, int],
    rng: np.random.Generator | None,
) -> NDArray[np.int64]:
    """Units of a cheapest path from the first piece of a torn bundle to another piece of it."""
    n = len(households)
    size = np.bincount(bundle)
    price = households + 1.0
    if rng is not None:
        price = price * rng.uniform(0.3, 3.0, n)
    price[size[bundle] > 1] += _AVOID
    tail, head = np.r_[pairs[0], pairs[1]], np.r_[pairs[1], pairs[0]]
    graph = csr_array((price[head], (tail, head)), shape=(n, n))
    piece, b = torn
    members = np.flatnonzero(bundle == b)
    first = members[piece[members] == piece[members[0]]]
    others = members[piece[members] != piece[members[0]]]
    away, before, _ = dijkstra(graph, indices=first, min_only=True, return_predecessors=True)
    at = int(others[np.argmin(away[others])])
    path = [at]
    while before[at] >= 0:
        at = int(before[at])
        path.append(at)
    return np.array(path)
