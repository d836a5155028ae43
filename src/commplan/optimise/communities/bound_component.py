"""The strong bounds of one component: borders by node prices, distances by Lagrange prices."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commplan.optimise.communities.bound_border import Ground, border_prices
from commplan.optimise.communities.bound_distance import (
    MOST_CELLS,
    Medians,
    build_cost,
    distance_prices,
    start_prices,
)
from commplan.optimise.communities.bound_planar import planar_dual
from commplan.optimise.communities.instance import Floats, Ints, edge_costs
from commplan.optimise.communities.presolve import Reduced, pieces
from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import community_medians, sum_by

MOST_PRICED = 4_000  # nodes; pricing walks on more would take longer than the search
_STEPS = 120  # loads told apart up to the upper bound
_PASSES = 4_500  # nodes times passes, in normal effort


@dataclass(frozen=True)
class Hint:
    """What may be spent on the bounds, and a plan to aim at.

    Parameters
    ----------
    labels : int32 array, shape (n,)
        A valid plan; it guides the prices and is no part of the proof.
    effort : float
        Multiple of the normal effort.
    is_over : callable
        True ends the work with the best bounds so far.
    """

    labels: Ints
    effort: float
    is_over: Callable[[], bool]


@dataclass(frozen=True)
class Range:
    """Bounds of the households of any community of a component, and of their number."""

    low: float
    high: float
    fewest: int
    most: int


def walk_bound(
    problem: CommunityProblem, reduced: Reduced, units: Ints, span: Range, hint: Hint
) -> float:
    """Bound the weighted border inside a component by node prices; 0 where that fails."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    n = int(node.max()) + 1
    if n < 2 or n > MOST_PRICED:
        return 0.0
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = node
    e = problem.edges
    tail, head = place[e.tail], place[e.head]
    inner = (tail >= 0) & (head >= 0) & (tail != head)
    cost = edge_costs(problem)
    pairs: dict[tuple[int, int], float] = {}
    for i in np.flatnonzero(inner & (cost > 0)).tolist():
        key = (int(min(tail[i], head[i])), int(max(tail[i], head[i])))
        pairs[key] = pairs.get(key, 0.0) + float(cost[i])
    if not pairs:
        return 0.0
    households = sum_by(node, problem.households[units], n)
    xy = np.zeros((n, 2))
    xy[node] = problem.xy_km[units]
    cut = inner & (hint.labels[e.tail] != hint.labels[e.head])
    goal = float(cost[cut].sum())
    opened = np.flatnonzero(inner & e.is_open)
    needed = {(int(min(tail[i], head[i])), int(max(tail[i], head[i]))) for i in opened}
    return _over_pieces(pairs, (households, xy), needed, (span, goal), hint)


def _over_pieces(
    pairs: dict[tuple[int, int], float],
    nodes: tuple[Floats, Floats],
    needed: set[tuple[int, int]],
    aim: tuple[Range, float],
    hint: Hint,
) -> float:
    """Add up the bounds of the pieces that borders with a cost hold together."""
    households, xy = nodes
    span, goal = aim
    ends = np.array(sorted(pairs), dtype=np.int32)
    piece = pieces(len(households), ends[:, 0], ends[:, 1])
    total = 0.0
    for c in range(int(piece.max()) + 1):
        inside = np.flatnonzero(piece == c)
        if len(inside) < 2:
            continue
        place = {int(v): i for i, v in enumerate(inside)}
        mine = {(place[u], place[v]): b for (u, v), b in pairs.items() if u in place}
        dual = planar_dual(len(inside), mine, xy[inside])
        if dual is None:
            continue
        drawn = {
            (int(inside[min(u, v)]), int(inside[max(u, v)]))
            for u, v in zip(dual.left, dual.right, strict=True)
            if max(u, v) < len(inside)
        }
        # A community may cross where nothing is drawn; then it is several walks, each of which
        # has to pay for itself, whatever it encloses.
        whole = len(inside) == len(households) and needed <= drawn
        ground = Ground(dual, households[inside], span.low, span.high, span.fewest, whole)
        share = goal * sum(mine.values()) / sum(pairs.values())
        passes = int(min(40, max(1, round(hint.effort * _PASSES / len(inside)))))
        found = border_prices(ground, share, passes, _STEPS, hint.is_over)
        total += 0.0 if found is None else found.bound
    return total


def median_bound(
    problem: CommunityProblem, reduced: Reduced, units: Ints, span: Range, hint: Hint
) -> float:
    """Bound distances, imbalance and number of a component together; 0 where it is too large."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    n = int(node.max()) + 1
    if len(units) * n > MOST_CELLS:
        return 0.0
    w = problem.weights
    households = problem.households[units].astype(np.float64)
    cost = build_cost(problem.xy_km[units], households, node, w.distance_household_km)
    loads = sum_by(node, households, n)
    medians = Medians(
        cost,
        node,
        loads,
        span.low,
        span.high,
        span.fewest,
        span.most,
        w.communities,
        problem.target_households,
        w.imbalance_households,
    )
    mine = np.unique(hint.labels[units], return_inverse=True)[1].astype(np.int32)
    part = problem.replace(
        households=problem.households[units], xy_km=problem.xy_km[units], area_km2=households
    )
    chosen, away = community_medians(part, mine)
    sizes = np.bincount(mine, households)
    goal = float(
        w.distance_household_km * away.sum()
        + w.communities * len(away)
        + w.imbalance_households * np.abs(sizes - problem.target_households).sum()
    )
    start = start_prices(cost, loads, chosen)
    return distance_prices(medians, start, goal, hint.effort, hint.is_over).bound
