"""Small instances beside full enumeration: whether the engine is exact, how good the search is.

python -m benchmarks.small_instances [COUNT [limited]]

``limited``: with bounds on people and elderly people, and a limit on moved households.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import Attribute, CommunityProblem, Edges, Weights
from commplan.problem.result import Status
from commplan.problem.terms import compute_terms, moved_households, objective
from commplan.problem.validity import faults

COUNT = 200
_WORTH = np.array([500.0, 300.0, 1.0, 2.0, 0.3, 200.0])  # households a unit of each term
_MOST_PLANS = 20_000  # of one instance; a looser one is drawn again with tighter bounds


@dataclass(frozen=True)
class Compared:
    """One instance.

    Parameters
    ----------
    seed, units, plans : int
        ``plans`` is the number of valid plans.
    best : float or None
        Cost of the best of all plans; None where there is none.
    exact, searched : float or None
        Cost that the exact engine and the search found.
    proven : bool
        Whether the exact engine said optimal (or infeasible).
    """

    seed: int
    units: int
    plans: int
    best: float | None
    exact: float | None
    searched: float | None
    proven: bool

    @property
    def is_exact(self) -> bool:
        """Whether the exact engine proved the value of the enumeration."""
        if self.best is None or self.exact is None:
            return self.proven and self.best is self.exact
        return self.proven and abs(self.exact - self.best) <= 1e-6 * max(1.0, self.best)

    @property
    def excess(self) -> float | None:
        """How much more than the best the search's plan costs, as a share of the best."""
        if self.best is None or self.searched is None:
            return None
        return (self.searched - self.best) / max(self.best, 1e-9)


def draw_instance(seed: int) -> CommunityProblem:
    """Draw a town of 10 to 16 units with some of every rule and a mix of weights."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 17))
    xy = rng.random((n, 2)) * np.sqrt(n) / 5
    edges = _edges(xy, rng)
    households = rng.integers(50, 900, n)
    slack = 0.3 if n > 13 else 0.5
    mean = float(households.sum()) / rng.choice([2, 3, 4])
    part = np.zeros(n, dtype=np.int32)
    if rng.random() < 0.2:
        part[xy[:, 0] > np.median(xy[:, 0])] = 1
    today = (
        np.digitize(xy[:, 0], np.quantile(xy[:, 0], [0.3, 0.7])) - (rng.random(n) < 0.05)
    ).astype(np.int32)
    group = np.where(rng.random(n) < 0.1, 0, -1).astype(np.int32)
    weights = np.where(rng.random(6) < 0.5, rng.random(6), 0.0)
    weights[0] += 0.2
    fixed = int(rng.integers(2, 4)) if rng.random() < 0.15 else None
    return CommunityProblem(
        households=households,
        area_km2=rng.random(n) * 0.05,
        xy_km=xy,
        edges=_within(edges, part),
        part=part,
        group=group if rng.random() < 0.3 else np.full(n, -1, dtype=np.int32),
        today=today,
        locked=(rng.random(n) < 0.1) & (today >= 0) & (rng.random() < 0.3),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=int(mean * (1 - slack)),
        max_households=int(mean * (1 + slack)),
        target_households=mean,
        weights=Weights(*(weights * _WORTH).tolist()),
        min_communities=fixed or 0,
        max_communities=fixed,
    )


def _within(edges: Edges, part: NDArray[np.int32]) -> Edges:
    """No border counts between two subdistricts: no plan can move it."""
    same = part[edges.tail] == part[edges.head]
    return replace(
        edges, border_km=edges.border_km * same, soft_border_km=edges.soft_border_km * same
    )


def _edges(xy: NDArray[np.float64], rng: np.random.Generator) -> Edges:
    """Neighbours by Delaunay's triangles, a tenth of them left out and a tenth closed."""
    found = {
        (min(a, b), max(a, b))
        for triangle in Delaunay(xy).simplices.tolist()
        for a, b in zip(triangle, triangle[1:] + triangle[:1], strict=True)
    }
    pairs = np.array(sorted(found), dtype=np.int32)
    pairs = pairs[rng.random(len(pairs)) > 0.1]
    border = rng.uniform(0.02, 0.3, len(pairs))
    return Edges(
        np.ascontiguousarray(pairs[:, 0]),
        np.ascontiguousarray(pairs[:, 1]),
        border,
        border * rng.choice([0.0, 0.5, 1.0], len(pairs)),
        rng.random(len(pairs)) > 0.1,
    )


def every_plan(problem: CommunityProblem) -> Iterator[NDArray[np.int32]]:
    """Yield every valid plan: all ways to cover the units by connected sets within the bounds."""
    n = problem.n
    near = [0] * n
    for a, b, is_open in zip(*_ends(problem), problem.edges.is_open.tolist(), strict=True):
        if is_open and problem.part[a] == problem.part[b]:
            near[a] |= 1 << b
            near[b] |= 1 << a
    by_first: list[list[int]] = [[] for _ in range(n)]
    for units in range(1, 1 << n):
        members = [v for v in range(n) if units >> v & 1]
        total = int(problem.households[members].sum())
        inside = problem.min_households <= total <= problem.max_households
        if inside and _is_connected(units, near):
            by_first[members[0]].append(units)
    for cover in _covers((1 << n) - 1, by_first):
        labels = np.zeros(n, dtype=np.int32)
        for number, units in enumerate(cover):
            labels[[v for v in range(n) if units >> v & 1]] = number
        if not faults(problem, labels):
            yield labels


def _ends(problem: CommunityProblem) -> tuple[list[int], list[int]]:
    return problem.edges.tail.tolist(), problem.edges.head.tolist()


def _is_connected(units: int, near: list[int]) -> bool:
    reached = units & -units
    ahead = reached
    while ahead:
        v = ahead.bit_length() - 1
        ahead ^= 1 << v
        more = near[v] & units & ~reached
        reached |= more
        ahead |= more
    return reached == units


def _covers(left: int, by_first: list[list[int]]) -> Iterator[tuple[int, ...]]:
    if not left:
        yield ()
        return
    for units in by_first[(left & -left).bit_length() - 1]:
        if units & ~left == 0:
            for rest in _covers(left ^ units, by_first):
                yield (units, *rest)


def with_limits(problem: CommunityProblem, seed: int) -> CommunityProblem:
    """Draw limits besides those of households, around what one valid plan has, where there is one.

    Drawn apart, so that the instances of `draw_instance` stay what they are.
    """
    rng = np.random.default_rng([seed, 1])
    people = (problem.households * rng.uniform(1.5, 3.5, problem.n)).astype(np.int64)
    elderly = (people * rng.uniform(0.0, 0.4, problem.n)).astype(np.int64)
    plan = next(every_plan(problem), None)
    if plan is None:
        return problem
    attributes = []
    for name, amount in (("population", people), ("elderly", elderly)):
        total = np.bincount(plan, amount)
        low, high = rng.uniform(0.5, 1.02), rng.uniform(0.98, 1.3)
        if rng.random() < 0.6:
            limits = int(low * total.min()), int(high * total.max())
            attributes.append(Attribute(name, amount, *limits))
    moved = int(rng.uniform(0.5, 1.5) * moved_households(problem, plan))
    limit = moved if rng.random() < 0.6 or not attributes else None
    return problem.replace(attributes=tuple(attributes), max_moved_households=limit)


def compare(seed: int, limited: bool = False) -> Compared:
    """Solve one instance in the three ways; ``limited`` draws more limits."""
    problem = draw_instance(seed)
    if limited:
        problem = with_limits(problem, seed)
    while True:
        values = []
        for labels in every_plan(problem):
            values.append(objective(problem, compute_terms(problem, labels)))
            if len(values) > _MOST_PLANS:
                break
        if len(values) <= _MOST_PLANS:
            break
        middle = (problem.min_households + problem.max_households) // 2
        problem = problem.replace(
            min_households=(problem.min_households + middle) // 2,
            max_households=(problem.max_households + middle) // 2,
        )
    exact = redraw(problem, RedrawParams(seed=1, explain=False))
    searched = redraw(problem, RedrawParams(effort="quick", seed=1, exact=False, explain=False))
    return Compared(
        seed,
        problem.n,
        len(values),
        min(values, default=None),
        exact.objective,
        searched.objective,
        exact.status in {Status.OPTIMAL, Status.INFEASIBLE},
    )


def summary(found: list[Compared]) -> dict[str, float]:
    """Figures of the table: how many are exact, and how far off the search is."""
    excess = [c.excess for c in found if c.excess is not None]
    return {
        "instances": len(found),
        "with a plan": sum(c.best is not None for c in found),
        "exact engine equals enumeration": sum(c.is_exact for c in found),
        "search finds a plan": len(excess),
        "search equals the best": sum(x < 1e-9 for x in excess),
        "mean excess of the search, %": 100 * float(np.mean(excess)),
        "worst excess of the search, %": 100 * max(excess),
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    compared = [compare(seed) for seed in range(count)]
    for name, value in summary(compared).items():
        print(f"{name}: {value:.6g}")
    print("not exact:", [c.seed for c in compared if not c.is_exact])
    print(
        "no plan found:",
        [c.seed for c in compared if c.best is not None and c.searched is None],
    )
