"""A proven lower bound of the weighted cost for components that were searched, not solved.

Each term is bounded by itself and the bounds are added, which is valid because every term is a
sum of non-negative parts; distances, imbalance and number are also bounded together. Borders by
node prices (`bound_border`), or, where that fails or gives less, by eigenvalues (`bound_eigen`).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import KDTree

from commplan.optimise.communities.bound_component import (
    JOINT,
    SAFETY,
    Hint,
    Range,
    median_part,
    walk_parts,
)
from commplan.optimise.communities.bound_eigen import Sizes, border_bound
from commplan.optimise.communities.columns import stretched_bounds
from commplan.optimise.communities.counts import count_range
from commplan.optimise.communities.instance import Ints, edge_costs
from commplan.optimise.communities.presolve import Reduced, grandfathered
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import Proof, ProofPart
from commplan.problem.terms import target_area_km2

_BORDERS = ("border_km", "soft_border_km")
_BORDER_SHARE = 0.7  # of the time, where borders and distances both cost something


def lower_bound(
    problem: CommunityProblem, reduced: Reduced, components: list[Ints], hint: Hint | None = None
) -> float:
    """Bound the cost of ``components`` from below: the sum of what `prove` proves."""
    return sum(part.value for part in prove(problem, reduced, components, hint))


def prove(
    problem: CommunityProblem, reduced: Reduced, components: list[Ints], hint: Hint | None = None
) -> Proof:
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
    tuple of ProofPart
        Their values add up (households). Exempt communities are taken to stretch no further than
        they must.
    """
    sizes = [component_sizes(problem, reduced, units) for units in components]
    if sum(len(units) for units in components) == problem.n:
        sizes = _within_number(problem, sizes)
    parts: list[ProofPart] = []
    moved = problem.weights.moved_households
    if moved and components:
        value = moved * moved_bound(problem, components, sizes)
        parts.append(_counted(("moved_households",), value, np.concatenate(components)))
    left = sum(len(units) for units in components)
    for units, s in zip(components, sizes, strict=True):
        known = sum(part.value for part in parts)
        mine = None if hint is None else hint.shared(len(units) / left).above(known)
        left -= len(units)
        parts += _component_parts(problem, reduced, units, (s, mine))
    return tuple(part for part in parts if part.value > 0)


def _counted(terms: tuple[str, ...], value: float, units: Ints) -> ProofPart:
    return ProofPart("counting", terms, value * (1 - SAFETY), units)


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
    # With ``grandfather``, today's communities may stay out of the bounds of attributes.
    counted = problem.replace(attributes=()) if problem.grandfather else problem
    fewest, most = count_range(counted, units)
    return Sizes(fewest, max(fewest, most), low, high)


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


def _component_parts(
    problem: CommunityProblem, reduced: Reduced, units: Ints, given: tuple[Sizes, Hint | None]
) -> list[ProofPart]:
    """Bounds of all terms of one component but moved households."""
    w = problem.weights
    sizes = given[0]
    parts = []
    if w.border_km or w.soft_border_km:
        outer = _outer_border(problem, units) * (1 - SAFETY)
        parts.append(ProofPart("border_outside", _BORDERS, outer, units))
        parts += _border_parts(problem, reduced, units, given)
    if w.area_imbalance_km2:
        area = float(problem.area_km2[units].sum())
        value = w.area_imbalance_km2 * _spread(area, target_area_km2(problem), sizes)
        parts.append(_counted(("area_imbalance_km2",), value, units))
    if w.distance_household_km or w.imbalance_households or w.communities:
        parts.append(_joint_part(problem, reduced, units, given))
    return parts


def _border_parts(
    problem: CommunityProblem, reduced: Reduced, units: Ints, given: tuple[Sizes, Hint | None]
) -> list[ProofPart]:
    """Weighted borders inside a component: by prices or eigenvalues, whichever prove more."""
    sizes, hint = given
    parts = []
    if hint is not None and not hint.is_over():
        mine = hint.shared(_BORDER_SHARE) if problem.weights.distance_household_km else hint
        parts = walk_parts(problem, reduced, units, _range(problem, units, sizes), mine)
    value = border_bound(problem, reduced, units, sizes) * (1 - SAFETY)
    if value <= sum(part.value for part in parts):
        return parts
    node = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    span = _range(problem, units, sizes)
    quick = ProofPart("eigen", _BORDERS, value, units, node)
    return [replace(quick, low=span.low, high=span.high, fewest=sizes.fewest, most=sizes.most)]


def _joint_part(
    problem: CommunityProblem, reduced: Reduced, units: Ints, given: tuple[Sizes, Hint | None]
) -> ProofPart:
    """Distances, imbalance and number together: by prices or counted, whichever proves more."""
    w = problem.weights
    sizes, hint = given
    value = w.communities * sizes.fewest
    if w.imbalance_households:
        households = float(problem.households[units].sum())
        value += w.imbalance_households * _spread(households, problem.target_households, sizes)
    if w.distance_household_km:
        value += w.distance_household_km * distance_bound(problem, units, sizes.most)
        if hint is not None and not hint.is_over():
            span = _range(problem, units, sizes)
            part = median_part(problem, reduced, units, span, hint)
            if part is not None and part.value > value:
                return part
    return _counted(JOINT, value, units)


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


def within_stretch(problem: CommunityProblem, reduced: Reduced, labels: Ints) -> bool:
    """Whether exempt communities stretch the bounds no further than the lower bound assumes."""
    total = np.bincount(labels, problem.households)
    for c in np.unique(reduced.component[problem.exempt]):
        units = np.flatnonzero(reduced.component == c).astype(np.int32)
        low, high = stretched_bounds(problem, *contracted(problem, reduced, units))
        special = np.unique(labels[units[problem.exempt[units]]])
        if (total[special] < low).any() or (total[special] > high).any():
            return False
    return True
