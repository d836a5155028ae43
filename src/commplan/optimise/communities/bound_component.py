"""The strong bounds of one component: borders by node prices, distances by Lagrange prices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.bound_border import Priced, Spend, border_prices
from commplan.optimise.communities.bound_distance import (
    MOST_CELLS,
    Medians,
    build_cost,
    distance_prices,
    start_prices,
)
from commplan.optimise.communities.bound_planar import planar_dual
from commplan.optimise.communities.bound_pricing import Ground
from commplan.optimise.communities.instance import Floats, Ints, edge_costs
from commplan.optimise.communities.presolve import Reduced, pieces
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import ProofPart
from commplan.problem.terms import community_medians, sum_by

SAFETY = 1e-9  # of a bound, given up for rounding
JOINT = ("distance_household_km", "imbalance_households", "communities")
MOST_PRICED = 4_000  # nodes; pricing walks on more would take longer than the search
_STEPS = 1_000  # loads told apart up to the upper bound
_COARSE_STEPS = 500  # the same where there are many nodes
_MANY = 700
_PASSES = 200
_LABELS = 2.5e7  # looked at per node, in normal effort


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
    guard : callable, optional
        Given a share, returns an ``is_over`` that ends after that share of the time left.
    tell : callable, optional
        Told what is proven so far.
    """

    labels: Ints
    effort: float
    is_over: Callable[[], bool]
    guard: Callable[[float], Callable[[], bool]] | None = None
    tell: Callable[[float], None] | None = None

    def above(self, base: float) -> "Hint":
        """Return a hint for what comes on top of ``base``, which is proven."""
        tell = self.tell
        return self if tell is None else replace(self, tell=lambda value: tell(base + value))

    def shared(self, share: float) -> "Hint":
        """Return a hint that leaves time for what comes later."""
        return self if self.guard is None else replace(self, is_over=self.guard(share))


@dataclass(frozen=True)
class Range:
    """Bounds of the households of any community of a component, and of their number."""

    low: float
    high: float
    fewest: int
    most: int


def walk_parts(
    problem: CommunityProblem, reduced: Reduced, units: Ints, span: Range, hint: Hint
) -> list[ProofPart]:
    """Bound the weighted border inside a component by node prices; empty where that fails."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    n = int(node.max()) + 1
    if n < 2 or n > MOST_PRICED:
        return []
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
        return []
    households = sum_by(node, problem.households[units], n)
    xy = np.zeros((n, 2))
    xy[node] = problem.xy_km[units]
    cut = inner & (hint.labels[e.tail] != hint.labels[e.head])
    goal = float(cost[cut].sum())
    opened = np.flatnonzero(inner & e.is_open)
    needed = {(int(min(tail[i], head[i])), int(max(tail[i], head[i]))) for i in opened}
    parts = []
    for inside, found, dropped in _over_pieces(pairs, (households, xy), needed, (span, goal), hint):
        mine = np.isin(node, inside)
        rank = np.searchsorted(inside, node[mine]).astype(np.int32)
        parts.append(_walk_part(units[mine], rank, found, (span, dropped)))
    return parts


def _walk_part(
    units: Ints, node: Ints, found: Priced, how: tuple[Range, NDArray[np.int32]]
) -> ProofPart:
    """Word what node prices prove; whole numbers as they are."""
    span, dropped = how
    wish, scale = found.wish, found.scale
    return ProofPart(
        "prices_border",
        ("border_km", "soft_border_km"),
        found.bound * (1 - SAFETY),
        units,
        node,
        low=span.low,
        high=span.high,
        fewest=span.fewest,
        most=span.most,
        prices=wish.prices,
        extra=wish.extra,
        rate=wish.rate,
        load=scale.load,
        low_load=scale.low,
        high_load=scale.high,
        per_cost=scale.per_cost,
        dropped=dropped,
    )


def _over_pieces(
    pairs: dict[tuple[int, int], float],
    nodes: tuple[Floats, Floats],
    needed: set[tuple[int, int]],
    aim: tuple[Range, float],
    hint: Hint,
) -> Iterator[tuple[Ints, Priced, NDArray[np.int32]]]:
    """Price the pieces that borders with a cost hold together; nodes and dropped pairs of each."""
    households, xy = nodes
    span, goal = aim
    ends = np.array(sorted(pairs), dtype=np.int32)
    piece = pieces(len(households), ends[:, 0], ends[:, 1])
    for c in range(int(piece.max()) + 1):
        inside = np.flatnonzero(piece == c).astype(np.int32)
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
        steps = _STEPS if len(inside) <= _MANY else _COARSE_STEPS
        labels = hint.effort * _LABELS * len(inside)
        found = border_prices(ground, share, steps, Spend(_PASSES, labels, hint.is_over, hint.tell))
        if found is not None:
            lost = [e for e in sorted(mine) if (int(inside[e[0]]), int(inside[e[1]])) not in drawn]
            yield inside, found, np.array(lost, dtype=np.int32).reshape(-1, 2)


def median_part(
    problem: CommunityProblem, reduced: Reduced, units: Ints, span: Range, hint: Hint
) -> ProofPart | None:
    """Bound distances, imbalance and number of a component together, if it is not too large."""
    node = np.unique(reduced.bundle[units], return_inverse=True)[1].astype(np.int32)
    n = int(node.max()) + 1
    if len(units) * n > MOST_CELLS:
        return None
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
    chosen, goal = _plan_of(problem, units, hint.labels)
    start = start_prices(cost, loads, chosen)
    found = distance_prices(medians, start, goal, hint.effort, hint.is_over)
    return ProofPart(
        "prices_distance",
        JOINT,
        found.bound * (1 - SAFETY),
        units,
        node,
        low=span.low,
        high=span.high,
        fewest=span.fewest,
        most=span.most,
        prices=found.prices,
    )


def _plan_of(problem: CommunityProblem, units: Ints, labels: Ints) -> tuple[Ints, float]:
    """Medians of a known plan, and its cost of distances, imbalance and number."""
    w = problem.weights
    households = problem.households[units].astype(np.float64)
    mine = np.unique(labels[units], return_inverse=True)[1].astype(np.int32)
    part = problem.replace(
        households=problem.households[units], xy_km=problem.xy_km[units], area_km2=households
    )
    chosen, away = community_medians(part, mine)
    sizes = np.bincount(mine, households)
    return chosen, float(
        w.distance_household_km * away.sum()
        + w.communities * len(away)
        + w.imbalance_households * np.abs(sizes - problem.target_households).sum()
    )
