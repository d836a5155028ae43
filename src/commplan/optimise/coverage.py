"""Which places join which community and which make a new one: set partitioning, solved exactly.

Every connected set of places is a column: it joins one neighbouring community, or makes a new one
where it is large enough. The columns chosen hold each place once and overfill no community.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from commplan.errors import SolverError
from commplan.optimise.coverage_sets import connected_sets
from commplan.optimise.milp import MilpArrays, MilpOptions, MilpStatus, solve_arrays
from commplan.problem.coverage import TERMS, CoverageProblem, CoverageResult, set_distance
from commplan.problem.result import Status

#: Of branch and bound, where not every set is known, so that nothing could be proven anyway.
FEW_NODES = 5


@dataclass(frozen=True)
class _Column:
    """One set of places: what it does, and what that costs."""

    places: tuple[int, ...]
    community: int | None
    stays: bool
    distance: float
    cost: float


def cover_places(problem: CoverageProblem, time_limit_s: float | None = None) -> CoverageResult:
    """Find a community for as many households as possible, at the least cost.

    Parameters
    ----------
    problem : CoverageProblem
    time_limit_s : float, optional
        A guard.

    Returns
    -------
    CoverageResult

    Raises
    ------
    SolverError
        If the solver finds nothing, though leaving every place outside is always possible.
    """
    set_of = np.full(problem.n, -1, dtype=np.int32)
    joins = set_of.copy()
    if not problem.n:
        return CoverageResult(Status.OPTIMAL, set_of, joins, 0.0, 0.0, dict.fromkeys(TERMS, 0.0))
    sets, redrawn, complete = connected_sets(problem)
    columns = list(_columns(problem, sets))
    options = MilpOptions(time_limit_s=time_limit_s, node_limit=None if complete else FEW_NODES)
    answer = solve_arrays(_model(problem, columns), options, _start(columns, set(redrawn)))
    if answer.values is None:
        raise SolverError("no choice among the sets of places was found")
    chosen = [columns[i] for i in np.flatnonzero(answer.values > 0.5).tolist()]
    moved = sorted((c for c in chosen if not c.stays), key=lambda column: column.places)
    for number, column in enumerate(moved):
        set_of[list(column.places)] = number
        joins[list(column.places)] = -1 if column.community is None else column.community
    proven = answer.status is MilpStatus.OPTIMAL and complete
    cost = sum(column.cost for column in chosen)
    outside = [column.places[0] for column in chosen if column.stays]
    return CoverageResult(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        set_of=set_of,
        joins=joins,
        objective=cost,
        bound=min(cost, max(0.0, answer.bound)) if complete else 0.0,
        terms={
            "outside_households": float(problem.households[outside].sum()),
            "proposals": float(len(moved)),
            "distance_household_km": sum(column.distance for column in chosen),
        },
        reasons={place: _reason(problem, columns, place) for place in outside},
        columns=len(columns),
    )


def _start(columns: list[_Column], redrawn: set[tuple[int, ...]]) -> NDArray[np.float64] | None:
    """Begin with the communities that redrawing gave; None where it gave none."""
    if not redrawn:
        return None
    held = {place for places in redrawn for place in places}
    taken = [
        c.places[0] not in held if c.stays else c.community is None and c.places in redrawn
        for c in columns
    ]
    return np.array(taken, dtype=np.float64)


def _columns(problem: CoverageProblem, sets: list[tuple[int, ...]]) -> Iterator[_Column]:
    """Turn sets into what they may do; every place may also stay as it is."""
    beside: dict[int, set[int]] = {}
    for place, community in problem.beside.tolist():
        beside.setdefault(place, set()).add(community)
    weights = problem.weights
    room = (problem.max_households - problem.community_households).tolist()
    for place, households in enumerate(problem.households.tolist()):
        yield _Column((place,), None, True, 0.0, weights.outside_households * households)
    for places in sets:
        held = list(places)
        total = int(problem.households[held].sum())
        targets: list[int | None] = []
        if total >= problem.min_households:
            # What is enough for a community makes one: the rule, not the distance, decides.
            fits = total <= problem.max_households and problem.same_part(held)
            targets = [None] if fits else []
        else:
            near = sorted({c for place in held for c in beside.get(place, ())})
            targets = [c for c in near if total <= room[c] and problem.same_part(held, c)]
        for community in targets:
            away = set_distance(problem, held, community)
            cost = weights.proposals + weights.distance_household_km * away
            yield _Column(places, community, False, away, cost)


def _model(problem: CoverageProblem, columns: list[_Column]) -> MilpArrays:
    """Choose columns: each place once, no community overfilled."""
    n, k = problem.n, len(problem.community_households)
    rows, cols, values = [], [], []
    for j, column in enumerate(columns):
        for place in column.places:
            rows.append(place)
            cols.append(j)
            values.append(1.0)
        if column.community is not None:
            rows.append(n + column.community)
            cols.append(j)
            values.append(float(problem.households[list(column.places)].sum()))
    room = np.maximum(0, problem.max_households - problem.community_households)
    return MilpArrays(
        cost=np.array([column.cost for column in columns]),
        matrix=csc_array((values, (rows, cols)), shape=(n + k, len(columns))),
        row_lower=np.concatenate([np.ones(n), np.full(k, -np.inf)]),
        row_upper=np.concatenate([np.ones(n), room.astype(np.float64)]),
        col_lower=np.zeros(len(columns)),
        col_upper=np.ones(len(columns)),
        integral=np.ones(len(columns), dtype=np.bool_),
    )


def _reason(problem: CoverageProblem, columns: list[_Column], place: int) -> str:
    """Say why a place stays outside."""
    if problem.households[place] > problem.max_households:
        return "coverage.why_large"
    linked = np.isin(place, problem.beside[:, 0]) if len(problem.beside) else False
    near = bool(((problem.tail == place) | (problem.head == place)).any())
    if not linked and not near:
        return "coverage.why_remote"
    possible = any(place in c.places for c in columns if not c.stays)
    return "coverage.why_others" if possible else "coverage.why_full"
