"""The cost terms of a plan, exact, on arrays.

Each term is defined in the yardstick (``docs/house.md``); ``evaluate/measures.py`` recomputes them
from polygons, and a test holds the two together.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from commplan.problem.communities import CommunityProblem

_EXACT_BELOW = 2.0**52


def compute_terms(problem: CommunityProblem, labels: NDArray[np.int32]) -> dict[str, float]:
    """Compute every cost term that arrays can tell, unweighted.

    Parameters
    ----------
    problem : CommunityProblem
    labels : int32 array, shape (n,)
        Community of each unit, numbers >= 0.

    Returns
    -------
    dict
        ``border_km``, ``soft_border_km``, ``moved_households``, ``distance_household_km``,
        ``imbalance_households``, ``area_imbalance_km2`` and ``communities``. The walking terms
        need streets and rooms and are not here.
    """
    compact = renumber(labels)
    k = int(compact.max()) + 1 if problem.n else 0
    cut = compact[problem.edges.tail] != compact[problem.edges.head]
    households = sum_by(compact, problem.households, k)
    area = sum_by(compact, problem.area_km2, k)
    return {
        "border_km": float(problem.edges.border_km[cut].sum()),
        "soft_border_km": float(problem.edges.soft_border_km[cut].sum()),
        "moved_households": float(moved_households(problem, compact)),
        "distance_household_km": float(community_medians(problem, compact)[1].sum()),
        "imbalance_households": float(np.abs(households - problem.target_households).sum()),
        "area_imbalance_km2": float(np.abs(area - target_area_km2(problem)).sum()),
        "communities": float(k),
    }


def objective(problem: CommunityProblem, terms: Mapping[str, float]) -> float:
    """Weighted sum of ``terms``, in households; terms that are not named count 0."""
    return float(sum(getattr(problem.weights, name) * value for name, value in terms.items()))


def target_area_km2(problem: CommunityProblem) -> float:
    """Whole area × target / all households: the area of a community of target size (km²)."""
    total = float(problem.households.sum())
    if total <= 0:
        return 0.0
    return float(problem.area_km2.sum()) * problem.target_households / total


def renumber(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Renumber communities 0..k-1 in the order of their first unit."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    return rank[inverse.ravel()]


def sum_by(labels: NDArray[np.integer[Any]], values: NDArray[Any], k: int) -> NDArray[np.float64]:
    """Sum ``values`` per label 0..k-1."""
    return np.bincount(labels, weights=values, minlength=k).astype(np.float64)


def community_medians(
    problem: CommunityProblem, labels: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the median unit of each community 0..k-1 and its Σ households × distance.

    The median is the unit for which the sum is least (ties: the smaller position), which makes
    the measure the objective of the p-median problem (Hakimi 1964).

    Returns
    -------
    medians : int32 array, shape (k,)
    household_km : float64 array, shape (k,)
    """
    k = int(labels.max()) + 1 if len(labels) else 0
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(k + 1))
    medians = np.zeros(k, dtype=np.int32)
    cost = np.zeros(k)
    for c in range(k):
        units = order[starts[c] : starts[c + 1]]
        sums = _distance_sums(problem.xy_km[units], problem.households[units])
        best = int(np.argmin(sums))
        medians[c], cost[c] = units[best], sums[best]
    return medians, cost


def _distance_sums(
    xy_km: NDArray[np.float64], households: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Σ households × distance seen from each unit, in blocks that keep memory small."""
    sums = np.empty(len(xy_km))
    step = max(1, 2_000_000 // max(1, len(xy_km)))
    for at in range(0, len(xy_km), step):
        block = xy_km[at : at + step]
        away = np.hypot(
            block[:, None, 0] - xy_km[None, :, 0], block[:, None, 1] - xy_km[None, :, 1]
        )
        sums[at : at + step] = away @ households
    return sums


def moved_households(problem: CommunityProblem, labels: NDArray[np.int32]) -> int:
    """Households that do not end in the successor of their old community."""
    was = problem.today >= 0
    successor = successors(problem.today, problem.households, labels)
    stays = successor[labels[was]] == problem.today[was]
    return int(problem.households[was][~stays].sum())


def successors(
    today: NDArray[np.int32],
    households: NDArray[np.int64],
    labels: NDArray[np.int32],
    forced: Mapping[int, int] | None = None,
) -> NDArray[np.int32]:
    """Match old and new communities one to one for the largest sum of shared households.

    Ties go to the smaller numbers. A new community that shares no household with any old one
    has no predecessor. The assignment problem is solved by the shortest augmenting path method
    (Crouse 2016, as in scipy), separately where old and new communities do not mix.

    Parameters
    ----------
    today, households, labels : arrays, shape (n,)
    forced : mapping of new to old community, optional
        Pairs that are matched whatever the others share.

    Returns
    -------
    int32 array, shape (k,)
        Per new community the old one, or -1.
    """
    k = int(labels.max()) + 1 if len(labels) else 0
    was = today >= 0
    old = int(today.max()) + 1 if was.any() else 0
    result = np.full(k, -1, dtype=np.int32)
    if k == 0 or old == 0:
        return result
    shared = coo_array(
        (households[was].astype(np.float64), (labels[was], today[was])), shape=(k, old)
    ).tocsr()
    shared.eliminate_zeros()
    if forced:
        pairs = np.array(list(forced.items()), dtype=np.int64)
        result[pairs[:, 0]] = pairs[:, 1]
        table = shared.tocoo()
        free = ~np.isin(table.row, pairs[:, 0]) & ~np.isin(table.col, pairs[:, 1])
        shared = _only(table, free)
    links = shared.tocoo()
    both = coo_array((links.data, (links.row, links.col + k)), shape=(k + old, k + old))
    _, block = connected_components(both, directed=False)
    rows = np.unique(links.row)
    for b in np.unique(block[rows]):
        new_ids = rows[block[rows] == b]
        old_ids = np.flatnonzero(block[k:] == b)
        _match(shared[new_ids][:, old_ids].toarray(), new_ids, old_ids, result)
    return result


def _only(links: coo_array, keep: NDArray[np.bool_]) -> csr_array:
    """Keep some entries of a sparse table."""
    return coo_array((links.data[keep], (links.row[keep], links.col[keep])), links.shape).tocsr()


def _match(
    shared: NDArray[np.float64],
    new_ids: NDArray[np.int64],
    old_ids: NDArray[np.int64],
    result: NDArray[np.int32],
) -> None:
    """Match one block; small bonuses that no sum of them can outweigh a household break ties."""
    rows, cols = shared.shape
    bonus = np.outer(np.arange(rows, 0, -1), np.arange(cols, 0, -1)).astype(np.float64)
    scale = bonus.max() * min(rows, cols) + 1
    value = shared
    if shared.sum() * scale < _EXACT_BELOW:
        value = np.where(shared > 0, shared * scale + bonus, 0.0)
    for r, c in zip(*linear_sum_assignment(value, maximize=True), strict=True):
        if shared[r, c] > 0:
            result[new_ids[r]] = old_ids[c]
