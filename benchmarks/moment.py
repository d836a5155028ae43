"""Least moment of inertia: the search with squared distances, then the exact model from its plan."""

import time
from dataclasses import replace

import numpy as np

from benchmarks.instances import Case, Floats, Ints
from commplan.optimise.communities.centres import assign_to_centres
from commplan.optimise.communities.instance import Instance, build_instance
from commplan.optimise.communities.search import Search
from commplan.optimise.stop import Clock
from commplan.problem.communities import Weights

SEARCH = 0.4  # share of the time for the search; the exact model has the rest
MOVES_PER_UNIT = 200_000  # of the search before the exact model; more would gain nothing
MOST_IN_MODEL = 160  # units; the model has their square of columns
EARTH_KM = 6371.0
SQUARED = 10  # place among an instance's parameters


def solve_moment(case: Case, seconds: float, seed: int) -> tuple[Ints | None, str, float | None]:
    """Minimise Σ people × km² to the centre; labels, status and bound.

    The search sees a plane around the middle of the map; what it finds is priced by ``case.cost``.
    """
    if case.cost is None:
        raise ValueError("the case has no distances")
    began = time.perf_counter()
    exact = case.problem.n <= MOST_IN_MODEL
    moves = MOVES_PER_UNIT * case.problem.n if exact else float("inf")
    start = _searched(case, Clock((SEARCH if exact else 0.95) * seconds), (moves, seed))
    if not exact:
        return start, "not found" if start is None else "feasible", 0.0
    left = 0.98 * seconds - (time.perf_counter() - began)
    answer = assign_to_centres(case.problem, case.cost, start, left)
    if answer.labels is None:
        return None, "infeasible" if answer.proven else "not found", None
    return answer.labels, "optimal" if answer.proven else "feasible", answer.bound


def _searched(case: Case, clock: Clock, effort: tuple[float, int]) -> Ints | None:
    moves, seed = effort
    rng = np.random.default_rng(seed)
    search = Search(squared_instance(case), rng, clock, lambda _moves, _cost: None)
    if not search.first([]):
        return None
    search.run(moves)
    return None if search.best is None else search.best.labels


def squared_instance(case: Case) -> Instance:
    """Make an instance whose cost is Σ people × km² on a plane around the middle of the map."""
    flat = case.problem.replace(
        xy_km=_plane_km(case.problem.xy_km),
        area_km2=np.full(case.problem.n, _area_km2(case) / case.problem.n),
        weights=Weights(distance_household_km=1.0),
    )
    nodes = np.arange(case.problem.n, dtype=np.int32)
    instance = build_instance(flat, nodes, nodes)
    params = instance.params.copy()
    params[SQUARED] = 1.0
    return replace(instance, params=params)


def _plane_km(lonlat: Floats) -> Floats:
    """Project degrees to a plane by their cosine at the middle latitude."""
    middle = lonlat.mean(axis=0)
    turn = np.radians(lonlat - middle) * EARTH_KM
    return np.column_stack([turn[:, 0] * np.cos(np.radians(lonlat[:, 1])), turn[:, 1]])


def _area_km2(case: Case) -> float:
    return float(np.prod(np.ptp(_plane_km(case.problem.xy_km), axis=0)))
