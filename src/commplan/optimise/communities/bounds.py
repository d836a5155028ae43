"""A proven lower bound of the weighted cost for components that were searched, not solved.

Each term is bounded by itself and the bounds are added, which is valid because every term is a
sum of non-negative parts; distances, imbalance and number are also bounded together. Borders by
node prices (`bound_border`), or, where that fails or gives less, by eigenvalues: for any
partition into k sets of households m_1 >= m_2 >= ... the cut is at least half of Σ m_i λ_i, where
λ_i are the smallest eigenvalues of the Laplacian of border costs against the households (Donath &
Hoffman 1973).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import coo_array, csr_array
from scipy.spatial import KDTree

from commplan.optimise.communities.bound_component import Hint, Range, median_bound, walk_bound
from commplan.optimise.communities.columns import stretched_bounds
from commplan.optimise.communities.instance import Floats, Ints, edge_costs
from commplan.optimise.communities.presolve import Reduced, grandfathered
from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import target_area_km2

MOST_NODES = 2_500  # dense eigenvalues of more would take too long
_TINY = 1e-3  # households given to every node, so that empty ones have a mass
_SAFETY = 1e-9


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


def lower_bound(
    problem: CommunityProblem, reduced: Reduced, components: list[Ints], hint: Hint | None = None
) -> float:
    """Bound the cost of ``components`` (each the positions of its units) from below.

    Parameters
    ----------
    problem : CommunityProblem
    reduced : Reduced
    components : list of int32 arrays
    hint : Hint, optional
        Without it only the quick bounds are tried.

    Returns
    -------
    float
        In households. Exempt communities are taken to stretch no further than they must.
    """
    sizes = [component_sizes(problem, reduced, units) for units in components]
    if sum(len(units) for units in components) == problem.n:
        sizes = _within_number(problem, sizes)
    total = sum(
        _component_bound(problem, reduced, u, (s, hint))
        for u, s in zip(components, sizes, strict=True)
    )
    moved = problem.weights.moved_households
    if moved and components:
        total += moved * moved_bound(problem, components, sizes)
    return float(max(0.0, total * (1 - _SAFETY)))


def _within_number(problem: CommunityProblem, sizes: list[Sizes]) -> list[Sizes]:
    """Narrow the numbers of communities by the bounds of their sum."""
    fewest, most = sum(s.fewest for s in sizes), sum(s.most for s in sizes)
    top = most if problem.max_communities is None else problem.max_communities
    return [
        replace(
            s,
            fewest=max(s.fewest, min(problem.min_communities - (most - s.most), s.most)),
            most=max(s.fewest, min(s.most, top - (fewest - s.fewest))),
        )
        for s in sizes
    ]


def component_sizes(problem: CommunityProblem, reduced: Reduced, units: Ints) -> Sizes:
    """Count how many communities a component can have, and how large."""
    low, high = problem.min_households, problem.max_households
    total = int(problem.households[units].sum())
    inside = np.zeros(problem.n, dtype=np.bool_)
    inside[units] = True
    kept = [u for u in grandfathered(problem) if inside[u].all()]
    if kept:
        return Sizes(1, len(units), 0, total, 0, 0, total)
    graph, households, exempt = contracted(problem, reduced, units)
    count = int(exempt.sum())
    if count:
        low_s, high_s = stretched_bounds(problem, graph, households, exempt)
        rest = max(0, total - count * high_s)
        covered = -(-total // max(1, high_s))
        fewest = max(1, covered if rest == 0 else count + -(-rest // max(1, high)))
        most = count + (total // low if low > 0 else len(units))
        return Sizes(min(fewest, most), most, low, high, count, low_s, high_s)
    fewest = max(1, -(-total // max(1, high)))
    return Sizes(fewest, total // low if low > 0 else len(units), low, high)


def contracted(
    problem: CommunityProblem, reduced: Reduced, units: Ints
) -> tuple[csr_array, NDArray[np.int64], NDArray[np.bool_]]:
    """Contract bundles: graph of open edges, households, exempt."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1]
    m = int(node.max()) + 1
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = node
    e = problem.edges
    keep = e.is_open & (place[e.tail] >= 0) & (place[e.head] >= 0)
    tail, head = place[e.tail[keep]], place[e.head[keep]]
    differ = tail != head
    tail, head = tail[differ], head[differ]
    graph = coo_array(
        (np.ones(2 * len(tail)), (np.r_[tail, head], np.r_[head, tail])), shape=(m, m)
    )
    households = np.bincount(node, problem.households[units], m).astype(np.int64)
    return graph.tocsr(), households, np.bincount(node, problem.exempt[units], m) > 0


def _component_bound(
    problem: CommunityProblem, reduced: Reduced, units: Ints, given: tuple[Sizes, Hint | None]
) -> float:
    """Bound of all terms of one component but moved households."""
    w = problem.weights
    sizes, hint = given
    total = 0.0
    if w.border_km or w.soft_border_km:
        quick = border_bound(problem, reduced, units, sizes)
        if hint is not None and not hint.is_over():
            span = _range(problem, units, sizes)
            quick = max(quick, walk_bound(problem, reduced, units, span, hint))
        total += _outer_border(problem, units) + quick
    if w.area_imbalance_km2:
        area = float(problem.area_km2[units].sum())
        total += w.area_imbalance_km2 * _spread(area, target_area_km2(problem), sizes)
    apart = w.communities * sizes.fewest
    if w.imbalance_households:
        households = float(problem.households[units].sum())
        apart += w.imbalance_households * _spread(households, problem.target_households, sizes)
    if w.distance_household_km:
        apart += w.distance_household_km * distance_bound(problem, units, sizes.most)
        if hint is not None and not hint.is_over():
            span = _range(problem, units, sizes)
            apart = max(apart, median_bound(problem, reduced, units, span, hint))
    return total + apart


def _range(problem: CommunityProblem, units: Ints, sizes: Sizes) -> Range:
    """Bounds that hold for every community of a component: ordinary, exempt and kept ones."""
    inside = np.zeros(problem.n, dtype=np.bool_)
    inside[units] = True
    kept = [u for u in grandfathered(problem) if inside[u].all()]
    if not kept:
        stretched = sizes.stretched > 0
        low = min(sizes.low, sizes.low_stretched) if stretched else sizes.low
        high = max(sizes.high, sizes.high_stretched) if stretched else sizes.high
        return Range(low, high, sizes.fewest, min(sizes.most, len(units)))
    loads = [int(problem.households[u].sum()) for u in kept]
    low, high = min(problem.min_households, *loads), max(problem.max_households, *loads)
    if problem.exempt[units].any():
        low, high = 0, int(problem.households[units].sum())
    fewest = max(1, -(-int(problem.households[units].sum()) // max(1, high)))
    return Range(low, high, max(fewest, sizes.fewest), min(len(units), max(fewest, sizes.most)))


def _spread(total: float, target: float, sizes: Sizes) -> float:
    """Least |total - k × target| over the possible k: the sum of deviations is at least that."""
    at = total / target if target > 0 else sizes.most
    tries = {min(max(k, sizes.fewest), sizes.most) for k in (int(at), int(at) + 1)}
    return min(abs(total - k * target) for k in tries)


def _outer_border(problem: CommunityProblem, units: Ints) -> float:
    """Half of the borders between the component and others: no plan can avoid them."""
    inside = np.zeros(problem.n, dtype=np.bool_)
    inside[units] = True
    e = problem.edges
    return 0.5 * float(edge_costs(problem)[inside[e.tail] != inside[e.head]].sum())


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


def distance_bound(problem: CommunityProblem, units: Ints, most: int) -> float:
    """All but ``most`` units are no medians and go at least to their nearest neighbour."""
    if len(units) < 2:
        return 0.0
    xy = problem.xy_km[units]
    near = np.asarray(KDTree(xy).query(xy, k=2)[0])[:, 1]
    away = np.sort(problem.households[units] * near)
    return float(away[: max(0, len(away) - most)].sum())


def moved_bound(problem: CommunityProblem, components: list[Ints], sizes: list[Sizes]) -> float:
    """Households that cannot stay: what old communities hold beyond what one new one may.

    The successor of an old community lies in one component, holds at most the upper bound, and
    there are only so many successors. Old communities below the lower bound either end or take
    households in; what moves in has moved as well, so half of both together is a bound too.
    """
    where = np.concatenate([np.full(len(u), i) for i, u in enumerate(components)])
    units = np.concatenate(components)
    today, households = problem.today[units], problem.households[units].astype(np.float64)
    was = today >= 0
    if not was.any():
        return 0.0
    old = np.unique(today[was], return_inverse=True)[1]
    table = coo_array((households[was], (old, where[was]))).toarray()
    total, largest = table.sum(axis=1), table.max(axis=1)
    high = np.array([max(s.high, s.high_stretched) for s in sizes], dtype=float)
    low = np.array([0 if s.stretched else s.low for s in sizes], dtype=float)
    here = table > 0
    cap = np.minimum(largest, np.where(here, high[None, : here.shape[1]], 0).max(axis=1))
    lack = np.where(here, low[None, : here.shape[1]], np.inf).min(axis=1)
    lack = np.maximum(0.0, np.where(np.isfinite(lack), lack, 0.0) - total)
    most = sum(s.most for s in sizes)
    stay = np.sort(cap)[::-1][:most].sum()
    ends_or_takes = np.minimum(total, total - cap + lack).sum() - households[~was].sum()
    return float(max(0.0, total.sum() - stay, 0.5 * ends_or_takes))
