"""Every community that could be: all connected sets of atoms within the bounds.

An atom is a set of units that is connected and always together.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from commplan.optimise.communities.connected_sets import connected_sets
from commplan.optimise.communities.instance import (
    Floats,
    Ints,
    Positions,
    attribute_rows,
    edge_costs,
)
from commplan.optimise.communities.presolve import (
    Reduced,
    grandfathered,
    open_pairs,
    pieces,
)
from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import target_area_km2

MOST_COLUMNS = 200_000
MOST_STEPS = 4_000_000


@dataclass(frozen=True)
class Columns:
    """Candidate communities of some units.

    Parameters
    ----------
    units : int64 array, shape (u,)
        Positions of the units that are shared out.
    has : sparse array, shape (columns, u)
    cost : float64 array, shape (columns,)
        Weighted cost, moved households apart; half of each border.
    steps : int
        Work done.
    """

    units: NDArray[np.int64]
    has: csr_array
    cost: Floats
    steps: int


def list_columns(
    problem: CommunityProblem, reduced: Reduced, units: NDArray[np.int64]
) -> Columns | None:
    """List every community that ``units`` (whole open components) could form.

    Returns None where there are more than `MOST_COLUMNS`, or listing them takes too long.
    """
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    tail, head = open_pairs(problem)
    keep = (place[tail] >= 0) & (place[head] >= 0)
    tail, head = place[tail[keep]], place[head[keep]]
    bundle = reduced.bundle[units]
    together = bundle[tail] == bundle[head]
    atom = pieces(len(units), tail[together].astype(np.int32), head[together].astype(np.int32))
    found = _sets_of_atoms(problem, units, atom, (atom[tail], atom[head]))
    if found is None:
        return None
    flat, start, steps = found
    m = int(atom.max()) + 1
    by_atom = csr_array((np.ones(len(flat)), flat, start), shape=(len(start) - 1, m))
    of_atom = csr_array((np.ones(len(units)), (atom, np.arange(len(units)))), shape=(m, len(units)))
    has = _whole_only(problem, csr_array(by_atom @ of_atom), bundle, units)
    has = _with_kept(problem, has, place)
    return Columns(units, has, column_costs(problem, units, has), steps)


def _sets_of_atoms(
    problem: CommunityProblem,
    units: NDArray[np.int64],
    atom: Ints,
    pairs: tuple[Positions, Positions],
) -> tuple[Ints, NDArray[np.int64], int] | None:
    m = int(atom.max()) + 1
    differ = pairs[0] != pairs[1]
    tail, head = pairs[0][differ], pairs[1][differ]
    graph = csr_array(
        (np.ones(2 * len(tail)), (np.r_[tail, head], np.r_[head, tail])), shape=(m, m)
    )
    graph.sum_duplicates()
    households = np.bincount(atom, problem.households[units], m).astype(np.int64)
    exempt = (np.bincount(atom, problem.exempt[units], m) > 0).astype(np.int64)
    low, high = stretched_bounds(problem, graph, households, exempt > 0)
    amounts = attribute_rows(problem, units, atom, m)
    least = np.array([a.low for a in problem.attributes], dtype=np.int64)
    most = np.array([a.high for a in problem.attributes], dtype=np.int64)
    # An exempt vertex that comes later excuses a set from the bounds of attributes.
    tops = amounts.sum(axis=1) if exempt.any() else most
    flat, start, steps = connected_sets(
        (graph.indptr.astype(np.int32), graph.indices.astype(np.int32)),
        (households, exempt, amounts),
        (
            np.array([problem.min_households, problem.max_households, low, high], dtype=np.int64),
            least,
            most,
            np.r_[max(problem.max_households, high), tops].astype(np.int64),
        ),
        (MOST_COLUMNS, MOST_STEPS),
    )
    return None if steps < 0 else (flat, start, steps)


def stretched_bounds(
    problem: CommunityProblem,
    graph: csr_array,
    households: NDArray[np.int64],
    exempt: NDArray[np.bool_],
) -> tuple[int, int]:
    """Bounds of communities that hold an exempt unit, stretched only as far as these force it.

    Down to what an exempt atom holds by itself; up to that and the pockets that fall below the
    lower bound when it is taken out.
    """
    low, high = problem.min_households, problem.max_households
    links = graph.tocoo()
    for v in np.flatnonzero(exempt):
        keep = (links.row != v) & (links.col != v)
        piece = pieces(len(households), links.row[keep], links.col[keep])
        total = np.bincount(piece, households)
        near = np.unique(piece[links.col[links.row == v]])
        pockets = int(total[near][total[near] < problem.min_households].sum())
        low = min(low, int(households[v]))
        high = max(high, int(households[v]) + pockets)
    return low, high


def _whole_only(
    problem: CommunityProblem, has: csr_array, bundle: Ints, units: NDArray[np.int64]
) -> csr_array:
    """Drop columns that tear a bundle or hold locks of two old communities."""
    count = int(bundle.max()) + 1
    size = np.bincount(bundle, minlength=count)
    of_bundle = csr_array(
        (np.ones(len(units)), (np.arange(len(units)), bundle)), shape=(len(units), count)
    )
    part = (has @ of_bundle).tocoo()
    torn = np.zeros(has.shape[0], dtype=np.bool_)
    torn[part.row[part.data < size[part.col]]] = True
    locked = np.flatnonzero(problem.locked[units] & (problem.today[units] >= 0))
    if len(locked):
        old = np.unique(problem.today[units][locked], return_inverse=True)[1]
        of_old = csr_array(
            (np.ones(len(locked)), (locked, old)), shape=(len(units), int(old.max()) + 1)
        )
        torn |= np.diff((has @ of_old).tocsr().indptr) > 1
    return csr_array(has[np.flatnonzero(~torn)])


def _with_kept(problem: CommunityProblem, has: csr_array, place: NDArray[np.int64]) -> csr_array:
    """Add today's communities that may stay out of bounds."""
    kept = [units for units in grandfathered(problem) if (place[units] >= 0).all()]
    if not kept:
        return has
    rows = np.repeat(np.arange(len(kept)), [len(units) for units in kept])
    cols = place[np.concatenate(kept)]
    more = csr_array((np.ones(len(rows)), (rows, cols)), shape=(len(kept), has.shape[1]))
    return csr_array(vstack([has, more]))


def column_costs(problem: CommunityProblem, units: NDArray[np.int64], has: csr_array) -> Floats:
    """Weighted cost of each column by itself; borders count half, moved households not."""
    w, e = problem.weights, problem.edges
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    cost = edge_costs(problem)
    degree = np.bincount(e.tail, cost, problem.n) + np.bincount(e.head, cost, problem.n)
    inner = (place[e.tail] >= 0) & (place[e.head] >= 0) & (cost > 0)
    result = 0.5 * (has @ degree[units])
    if inner.any():
        both = has[:, place[e.tail[inner]]].multiply(has[:, place[e.head[inner]]])
        result = result - csr_array(both) @ cost[inner]
    households = has @ problem.households[units].astype(np.float64)
    area = has @ problem.area_km2[units]
    result = result + w.imbalance_households * np.abs(households - problem.target_households)
    result = result + w.area_imbalance_km2 * np.abs(area - target_area_km2(problem))
    if w.distance_household_km:
        result = result + w.distance_household_km * _distances(
            has.indptr.astype(np.int64),
            has.indices.astype(np.int64),
            np.ascontiguousarray(problem.xy_km[units]),
            problem.households[units].astype(np.float64),
        )
    return np.asarray(result + w.communities)


@njit(cache=True)
def _distances(ptr, unit, xy, households):  # type: ignore[no-untyped-def]
    """Least Σ households × distance to one unit of each column."""
    result = np.zeros(len(ptr) - 1)
    for c in range(len(ptr) - 1):
        best = np.inf
        for i in range(ptr[c], ptr[c + 1]):
            value = 0.0
            for j in range(ptr[c], ptr[c + 1]):
                a, b = unit[i], unit[j]
                value += households[b] * np.hypot(xy[a, 0] - xy[b, 0], xy[a, 1] - xy[b, 1])
            best = min(best, value)
        result[c] = best
    return result
