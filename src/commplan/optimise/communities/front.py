"""The front of two aims: plans of which none is better in both.

Weighted sums, the weights of each round taken from the widest gap between two neighbouring points
(Cohon 1978's non-inferior set estimation; Aneja & Nair 1979). Only points on the convex hull of
the true front are sought; others that come up on the way are kept where nothing is better.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.stop import Clock, Progress
from commplan.problem.communities import CommunityProblem, Weights
from commplan.problem.result import Result, Status
from commplan.problem.terms import compute_terms, objective
from commplan.problem.validity import faults

Labels = NDArray[np.int32]
Report = Callable[[Progress], None]

#: Terms that the search minimises; walking is measured with the rooms only.
AIMS = (
    "border_km",
    "soft_border_km",
    "moved_households",
    "distance_household_km",
    "imbalance_households",
    "area_imbalance_km2",
    "communities",
)
_SECOND = 1e-3  # weight of the other aim at the ends: decides between equals
_WORTH = 10_000.0  # households that the range of an aim is worth
_SPARE_ROUNDS = 4


@dataclass(frozen=True)
class FrontParams:
    """What front is asked for.

    Parameters
    ----------
    aims : tuple of two str
        Of `AIMS`.
    points : int
        At most so many; fewer where the front has no more corners.
    """

    aims: tuple[str, str]
    points: int = 7


@dataclass(frozen=True)
class FrontPoint:
    """One plan of the front.

    Parameters
    ----------
    labels : int32 array, shape (n,)
    reached : tuple of two float
        The aims.
    weights : tuple of two float
        With which it was found: what one unit of each aim was worth. (0, 0) for the run's own.
    terms : mapping of str to float
    objective : float
        By the weights of the scenario.
    proven : bool
        No plan is better by the weights it was found with.
    """

    labels: Labels
    reached: tuple[float, float]
    weights: tuple[float, float]
    terms: dict[str, float]
    objective: float
    proven: bool


def trace_front(
    problem: CommunityProblem,
    best: Result,
    params: RedrawParams,
    wanted: FrontParams,
    report: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[FrontPoint, ...]:
    """Trace the front of two aims; the other terms do not count.

    Parameters
    ----------
    problem : CommunityProblem
    best : Result
        With labels: the plan of the scenario's own weights, kept where nothing is better in both.
    params : RedrawParams
        Of the run; each round takes its effort. The time limit holds for all rounds together.
    wanted : FrontParams
    report, should_stop : callable, optional

    Returns
    -------
    tuple of FrontPoint
        Sorted by the first aim, none dominated by another.

    Raises
    ------
    ValueError
        For aims that the search does not see, or two that are the same.
    """
    if len(set(wanted.aims)) != 2 or not set(wanted.aims) <= set(AIMS):
        raise ValueError(f"two different aims of {', '.join(AIMS)}, not {wanted.aims}")
    if best.labels is None:
        return ()
    tracer = _Tracer(problem, params, wanted.aims, Clock(params.time_limit_s, should_stop))
    tracer.take(best.labels, (0.0, 0.0), False)
    rounds = wanted.points + _SPARE_ROUNDS
    tried: set[tuple[float, float]] = set()
    for _ in range(rounds):
        front = tracer.front
        if tracer.clock.over() or (len(front) >= wanted.points and len(tried) >= 2):
            break
        weights = tracer.next_weights(tried)
        if weights is None:
            break
        tried.add(weights)
        tracer.draw(weights, len(tried), report, should_stop)
    return _thinned(tracer.front, wanted.points)


class _Tracer:
    """The points found so far and where to look next."""

    def __init__(
        self,
        problem: CommunityProblem,
        params: RedrawParams,
        aims: tuple[str, str],
        clock: Clock,
    ) -> None:
        self.problem = problem
        self.params = params
        self.aims = aims
        self.clock = clock
        self.front: list[FrontPoint] = []

    def take(self, labels: Labels, weights: tuple[float, float], proven: bool) -> None:
        """Add a plan, and drop what it dominates or what equals it."""
        if faults(self.problem, labels):
            return
        terms = compute_terms(self.problem, labels)
        values = (terms[self.aims[0]], terms[self.aims[1]])
        cost = objective(self.problem, terms)
        point = FrontPoint(labels, values, weights, terms, cost, proven)
        if any(_at_least_as_good(other, point) for other in self.front):
            return
        kept = [other for other in self.front if not _at_least_as_good(point, other)]
        self.front = sorted([*kept, point], key=lambda p: p.reached)

    def next_weights(self, tried: set[tuple[float, float]]) -> tuple[float, float] | None:
        """Weights under which two neighbours cost the same, the widest apart first."""
        start = self.front[0].reached
        least = [_magnitude(self.problem, aim) / 100 for aim in self.aims]
        scale = [1.0 / max(value, low, 1e-9) for value, low in zip(start, least, strict=True)]
        if len(tried) == 0:
            return _scaled(scale[0], _SECOND * scale[1])
        if len(tried) == 1:
            return _scaled(_SECOND * scale[0], scale[1])
        values = np.array([p.reached for p in self.front])
        if len(values) < 2:
            return None
        span = np.maximum(values[-1] - values[0], values[0] - values[-1])
        step = np.abs(np.diff(values, axis=0)) / np.maximum(span, 1e-12)
        for i in np.argsort(-step.max(axis=1), kind="stable"):
            right, down = np.abs(values[i + 1] - values[i])
            weights = _scaled(down, right)
            if all(not np.allclose(weights, old, rtol=1e-6) for old in tried):
                return weights
        return None

    def draw(
        self,
        weights: tuple[float, float],
        number: int,
        report: Report | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        """Redraw with the weights, starting from the point that is best under them."""
        value = [np.dot(weights, p.reached) for p in self.front]
        start = self.front[int(np.argmin(value))].labels
        worth = _WORTH / max(1e-12, float(min(value)))
        own = {aim: worth * w for aim, w in zip(self.aims, weights, strict=True)}
        params = replace(
            self.params,
            seed=self.params.seed + number,
            start=start,
            time_limit_s=self.clock.left_s,
            explain=False,
            bound=False,
            use_limit=False,
        )
        result = redraw(self.problem.replace(weights=Weights(**own)), params, report, should_stop)
        if result.labels is not None:
            self.take(result.labels, weights, result.status is Status.OPTIMAL)


def _magnitude(problem: CommunityProblem, aim: str) -> float:
    """Return how large an aim can become at all, for plans in which it is 0."""
    households = float(problem.households.sum())
    extent_km = float(np.ptp(problem.xy_km, axis=0).max()) if problem.n else 0.0
    return {
        "border_km": float(problem.edges.border_km.sum()),
        "soft_border_km": float(problem.edges.soft_border_km.sum()),
        "moved_households": households,
        "distance_household_km": households * extent_km,
        "imbalance_households": households,
        "area_imbalance_km2": float(problem.area_km2.sum()),
        "communities": float(problem.n),
    }[aim]


def _scaled(first: float, second: float) -> tuple[float, float]:
    """Scale weights so that the first is 1, where it is not too small for that."""
    first, second = float(first), float(second)
    return (1.0, second / first) if first > 0 else (0.0, 1.0)


def _at_least_as_good(a: FrontPoint, b: FrontPoint) -> bool:
    return all(x <= y + 1e-9 * max(1.0, abs(y)) for x, y in zip(a.reached, b.reached, strict=True))


def _thinned(front: list[FrontPoint], most: int) -> tuple[FrontPoint, ...]:
    """Leave out points until ``most`` are left: each time the one that its neighbours miss least."""
    points = list(front)
    while len(points) > max(2, most):
        values = np.array([p.reached for p in points])
        span = np.maximum(np.ptp(values, axis=0), 1e-12)
        gap = (np.abs(values[2:] - values[:-2]) / span).sum(axis=1)
        del points[1 + int(np.argmin(gap))]
    return tuple(points)
