"""Small made-up towns for the tests of redrawing, and a full enumeration to compare with."""

from collections.abc import Iterator

import numpy as np
from benchmarks.grids import grid_town

from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.terms import compute_terms, objective
from commplan.problem.validity import faults

__all__ = ["best_by_enumeration", "grid_town", "random_town"]


def random_town(rng: np.random.Generator, rows: int = 3, columns: int = 3) -> CommunityProblem:
    """Make a grid town with random households, borders, barriers, old communities and weights."""
    n = rows * columns
    town = grid_town(rows, columns, rng.integers(0, 1400, n))
    e = town.edges
    border = rng.uniform(0.01, 0.3, len(e.tail))
    part = np.zeros(n, dtype=np.int32)
    if rng.random() < 0.2:
        part[n // 2 :] = 1
    border[part[e.tail] != part[e.head]] = 0.0
    edges = Edges(
        e.tail,
        e.head,
        border,
        border * rng.uniform(0, 1, len(border)),
        rng.random(len(border)) > 0.15,
    )
    group = np.full(n, -1, dtype=np.int32)
    if rng.random() < 0.4:
        group[rng.choice(n, 2, replace=False)] = 0
    today = rng.integers(-1, 3, n).astype(np.int32)
    locked = np.zeros(n, dtype=bool)
    if rng.random() < 0.4:
        locked[rng.integers(0, n, rng.integers(1, 3))] = True
    low = int(rng.integers(500, 1800))
    high = int(low * rng.uniform(1.2, 2.2))
    return town.replace(
        edges=edges,
        part=part,
        group=group,
        today=today,
        locked=locked,
        area_km2=rng.uniform(0.005, 0.02, n),
        xy_km=town.xy_km + rng.uniform(-0.03, 0.03, (n, 2)),
        min_households=low,
        max_households=high,
        target_households=(low + high) / 2,
        weights=random_weights(rng),
        grandfather=bool(rng.random() < 0.2),
    )


def random_weights(rng: np.random.Generator) -> Weights:
    """Draw weights; about half of the terms weigh nothing."""
    names = {
        "border_km": 1000.0,
        "soft_border_km": 1000.0,
        "moved_households": 1.0,
        "distance_household_km": 2.0,
        "imbalance_households": 0.5,
        "area_imbalance_km2": 10_000.0,
        "communities": 300.0,
    }
    return Weights(**{k: v * rng.random() for k, v in names.items() if rng.random() < 0.5})


def partitions(problem: CommunityProblem) -> Iterator[np.ndarray]:
    """Yield every labelling of the units that is valid, by full enumeration."""
    labels = np.zeros(problem.n, dtype=np.int32)

    def assign(u: int, k: int) -> Iterator[np.ndarray]:
        if u == problem.n:
            if not faults(problem, labels):
                yield labels.copy()
            return
        for c in range(k + 1):
            labels[u] = c
            same = labels[: u + 1] == c
            fits = problem.households[: u + 1][same].sum() <= problem.max_households
            if fits or problem.grandfather or problem.exempt.any():
                yield from assign(u + 1, max(k, c + 1))

    yield from assign(0, 0)


def best_by_enumeration(problem: CommunityProblem) -> float | None:
    """Cost of the best valid plan; None where there is none."""
    costs = [objective(problem, compute_terms(problem, labels)) for labels in partitions(problem)]
    return min(costs) if costs else None
