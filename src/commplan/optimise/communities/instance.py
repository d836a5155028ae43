"""One component of a problem as flat arrays that compiled code can read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import sum_by, target_area_km2

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Positions = NDArray[np.integer[Any]]

_LEAST_PULL = 1e-7


@dataclass(frozen=True)
class Rows:
    """Compressed rows: the neighbours of node v are ``nbr[ptr[v]:ptr[v + 1]]``.

    ``cost`` is the weighted border (households) that a pair costs when it is cut, ``is_open``
    whether it connects.
    """

    ptr: Ints
    nbr: Ints
    cost: Floats
    is_open: NDArray[np.uint8]

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.ptr) - 1


@dataclass(frozen=True)
class Members:
    """The units of each node, in compressed rows: ``ptr`` and one entry per unit.

    ``moved_cost`` is what it costs if the unit does not stay (households × weight).
    """

    ptr: Ints
    unit: Ints
    x_km: Floats
    y_km: Floats
    households: Floats
    today: Ints
    moved_cost: Floats


@dataclass(frozen=True)
class Instance:
    """One open component of one part, its bundles contracted to nodes.

    Parameters
    ----------
    households : int64 array, shape (nodes,)
    area_km2 : float64 array
    exempt : uint8 array
        The node holds an exempt unit.
    lock : int32 array
        Today's community whose successor the node must join; -1 for none.
    rows : Rows
    members : Members
    params : float64 array
        min, max, target (households), target area, weights of imbalance, area imbalance,
        distance and number of communities, fewest and most communities, and 1 where distances
        count squared, in this order.
    amounts : int64 array, shape (attributes, nodes)
    limits : float64 array, shape (3, attributes)
        Least and most of each attribute, and the households that one unit of it stands for.
    """

    households: NDArray[np.int64]
    area_km2: Floats
    exempt: NDArray[np.uint8]
    lock: Ints
    rows: Rows
    members: Members
    params: Floats
    amounts: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    limits: Floats = field(default_factory=lambda: np.zeros((3, 0)))

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.households)

    @property
    def low(self) -> int:
        """Least households of a community."""
        return int(self.params[0])

    @property
    def high(self) -> int:
        """Most households of a community."""
        return int(self.params[1])

    @property
    def numbers(self) -> tuple[int, int]:
        """Fewest and most communities that counting and the problem allow; both at least 1."""
        total = int(self.households.sum())
        most = max(1, min(self.n, total // self.low if self.low > 0 else self.n))
        fewest = min(most, max(1, -(-total // max(1, self.high))))
        if self.exempt.any():
            fewest, most = 1, self.n
        elif len(self.amounts):
            fewest, most = self._within_attributes(fewest, most)
        if self.params[9] < most:
            most = max(1, int(self.params[9]))
        return max(min(fewest, most), min(self.n, int(self.params[8]))), most

    def _within_attributes(self, fewest: int, most: int) -> tuple[int, int]:
        """Narrow the numbers of communities by what each of them holds of the attributes."""
        total = self.amounts.sum(axis=1)
        low, high = np.maximum(self.limits[0], 1e-9), np.maximum(self.limits[1], 1e-9)
        least = int(min(self.n, np.ceil(total / high).max()))
        largest = int(max(1, min(self.n, (total / low).min())))
        fewest = max(fewest, least)
        return fewest, max(fewest, min(most, largest))


def attribute_rows(
    problem: CommunityProblem, units: Positions, node: Ints, m: int
) -> NDArray[np.int64]:
    """Sum every attribute per node, int64 of shape (attributes, m)."""
    rows = [np.bincount(node, a.amount[units], m) for a in problem.attributes]
    return np.array(rows, dtype=np.int64).reshape(len(rows), m)


def build_instance(
    problem: CommunityProblem, units: Ints, node: Ints, lock_weight: float = 0.0
) -> Instance:
    """Contract ``units`` of one component to nodes.

    Parameters
    ----------
    problem : CommunityProblem
    units : int32 array, shape (u,)
        Ascending positions of the component's units.
    node : int32 array, shape (u,)
        Node 0..m-1 of each of them; each node connected by open edges.
    lock_weight : float
        At least so much per household is charged for leaving a community with locked units.
    """
    m = int(node.max()) + 1
    households = np.bincount(node, problem.households[units], m).astype(np.int64)
    locked = problem.locked[units] & (problem.today[units] >= 0)
    lock = np.full(m, -1, dtype=np.int32)
    lock[node[locked]] = problem.today[units][locked]
    exempt = np.zeros(m, dtype=np.uint8)
    exempt[node[problem.exempt[units]]] = 1
    return Instance(
        households,
        sum_by(node, problem.area_km2[units], m),
        exempt,
        lock,
        _rows(problem, units, node, m),
        _members(problem, units, node, lock_weight),
        _params(problem),
        attribute_rows(problem, units, node, m),
        _limits(problem),
    )


def _limits(problem: CommunityProblem) -> Floats:
    """Bounds of attributes, and what a unit of each is worth: all households over all of it."""
    households = float(problem.households.sum())
    rows = [(a.low, a.high, households / max(1.0, a.amount.sum())) for a in problem.attributes]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 3).T.copy()


def _params(problem: CommunityProblem) -> Floats:
    w = problem.weights
    return np.array(
        [
            problem.min_households,
            problem.max_households,
            problem.target_households,
            target_area_km2(problem),
            w.imbalance_households,
            w.area_imbalance_km2,
            w.distance_household_km,
            w.communities,
            problem.min_communities,
            problem.n if problem.max_communities is None else problem.max_communities,
            0.0,
        ],
        dtype=np.float64,
    )


def _rows(problem: CommunityProblem, units: Ints, node: Ints, m: int) -> Rows:
    """Sum parallel edges; an edge of the contracted graph is open if one of its edges is."""
    place = np.full(problem.n, -1, dtype=np.int64)
    place[units] = node
    e = problem.edges
    tail, head = place[e.tail], place[e.head]
    # A unit outside has no node; edges within a node or to another part cost nothing here.
    keep = (tail >= 0) & (head >= 0) & (tail != head)
    tail, head = tail[keep], head[keep]
    cost = edge_costs(problem)[keep]
    is_open = e.is_open[keep]
    key = np.concatenate([tail * m + head, head * m + tail])
    unique, inverse = np.unique(key, return_inverse=True)
    total = sum_by(inverse, np.tile(cost, 2), len(unique))
    opens = np.bincount(inverse, np.tile(is_open, 2), len(unique)) > 0
    ptr = np.searchsorted(unique, np.arange(m + 1, dtype=np.int64) * m).astype(np.int32)
    return Rows(ptr, (unique % m).astype(np.int32), total, opens.astype(np.uint8))


def edge_costs(problem: CommunityProblem) -> Floats:
    """Weighted border of each pair, in households."""
    w, e = problem.weights, problem.edges
    return w.border_km * e.border_km + w.soft_border_km * e.soft_border_km


def _members(problem: CommunityProblem, units: Ints, node: Ints, lock_weight: float) -> Members:
    order = np.argsort(node, kind="stable")
    unit = units[order]
    ptr = np.searchsorted(node[order], np.arange(int(node.max()) + 2)).astype(np.int32)
    households = problem.households[unit].astype(np.float64)
    today = problem.today[unit].astype(np.int32)
    weight = np.full(len(unit), problem.weights.moved_households)
    if problem.max_moved_households is not None:
        weight = np.maximum(weight, _LEAST_PULL)  # homes are matched where moving costs something
    if lock_weight > 0:
        anchored = np.unique(problem.today[problem.locked])
        weight[np.isin(today, anchored)] = max(lock_weight, problem.weights.moved_households)
    return Members(
        ptr,
        unit.astype(np.int32),
        np.ascontiguousarray(problem.xy_km[unit, 0]),
        np.ascontiguousarray(problem.xy_km[unit, 1]),
        households,
        today,
        np.where(today >= 0, households * weight, 0.0),
    )
