"""Bounds that counting proves: numbers of communities, deviations, distances, moved households."""

import numpy as np
from scipy.spatial import KDTree

from commplan.certify.ground import Area, Floats, Ground, Ints
from commplan.certify.parts import Derived
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import ProofPart
from commplan.problem.terms import target_area_km2

JOINT = ("distance_household_km", "imbalance_households", "communities")


def edge_costs(problem: CommunityProblem) -> Floats:
    """Weighted border of each pair of neighbours (households)."""
    w, e = problem.weights, problem.edges
    return w.border_km * e.border_km + w.soft_border_km * e.soft_border_km


def outside_border(problem: CommunityProblem, part: ProofPart) -> Derived:
    """Half of the weighted border between whole areas and the rest: every plan has it."""
    inside = np.isin(np.arange(problem.n), part.units)
    e = problem.edges
    leaves = inside[e.tail] != inside[e.head]
    return Derived(0.5 * float(edge_costs(problem)[leaves].sum()))


def counted(problem: CommunityProblem, ground: Ground, part: ProofPart) -> Derived:
    """Bound the terms of a ``counting`` part anew."""
    areas = [ground.areas[a] for a in np.unique(ground.area[part.units])]
    if part.terms == ("moved_households",):
        return Derived(problem.weights.moved_households * _moved(problem, areas))
    w = problem.weights
    if len(areas) == 1 and part.terms == ("area_imbalance_km2",):
        area = float(problem.area_km2[part.units].sum())
        target = target_area_km2(problem)
        return Derived(w.area_imbalance_km2 * _spread(area, target, areas[0]))
    if len(areas) == 1 and part.terms == JOINT:
        households = float(problem.households[part.units].sum())
        value = w.communities * areas[0].fewest
        value += w.imbalance_households * _spread(households, problem.target_households, areas[0])
        return Derived(value + w.distance_household_km * _distance(problem, areas[0]))
    return Derived(None, "terms")


def _spread(total: float, target: float, area: Area) -> float:
    """Least |total - k × target| for a possible number k: the deviations add up to that at least."""
    k = np.arange(area.fewest, area.most + 1)
    return float(np.abs(total - k * target).min())


def _distance(problem: CommunityProblem, area: Area) -> float:
    """All units but the medians go at least to the nearest other unit (household-kilometres)."""
    if len(area.units) < 2:
        return 0.0
    xy = problem.xy_km[area.units]
    nearest = np.asarray(KDTree(xy).query(xy, k=2)[0])[:, 1]
    cost = np.sort(problem.households[area.units] * nearest)
    return float(cost[: max(0, len(cost) - area.most)].sum())


def _moved(problem: CommunityProblem, areas: list[Area]) -> float:
    """Households that cannot stay in the successors of their communities.

    An old community has at most one successor, in one area, of at most ``largest`` households. Who
    does not fit there moves; and what a successor lacks to ``least`` moves in, from another old
    community or from none. Each moved household is counted at most twice so, once out, once in.
    """
    table, fresh = _shared(problem, areas)
    if table.size == 0:
        return 0.0
    total = table.sum(axis=1)
    high = np.array([a.largest for a in areas], dtype=np.float64)
    low = np.array([a.least for a in areas], dtype=np.float64)
    kept = np.minimum(table, high[None, :])
    stays = kept.max(axis=1)
    by_number = float(total.sum() - np.sort(stays)[::-1][: sum(a.most for a in areas)].sum())
    out_and_in = total[:, None] - kept + np.maximum(0.0, low[None, :] - kept)
    out_and_in[table <= 0] = np.inf
    both = float(np.minimum(total, out_and_in.min(axis=1)).sum()) - fresh
    return max(0.0, by_number, both / 2)


def _shared(problem: CommunityProblem, areas: list[Area]) -> tuple[Floats, float]:
    """Households of each old community in each area, and households of no old community."""
    old: Ints = np.unique(problem.today[problem.today >= 0]).astype(np.int64)
    table = np.zeros((len(old), len(areas)))
    fresh = 0.0
    for i, area in enumerate(areas):
        today, households = problem.today[area.units], problem.households[area.units]
        was = today >= 0
        np.add.at(table[:, i], np.searchsorted(old, today[was]), households[was])
        fresh += float(households[~was].sum())
    return table[table.sum(axis=1) > 0], fresh
