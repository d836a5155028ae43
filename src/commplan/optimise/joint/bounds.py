"""Lower bounds: units priced by subgradients, and sites branched on, best bound first.

Whatever the prices, the sum of the prices plus what the sites then cost at least is a lower bound
(Geoffrion 1974). Areas need not be connected for it and the number of sites is free, so that it
holds for every valid answer. Where sites may stay closed, opening or closing the one that the
prices leave undecided gives two problems whose lesser bound is better.
"""

import heapq
from dataclasses import dataclass, replace
from itertools import count as counter

import numpy as np

from commplan.optimise.joint.instance import Flags, Floats, Instance, near_pairs
from commplan.optimise.joint.knapsack import Pricer, fits
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.milp import MilpOptions, solve_arrays
from commplan.optimise.stop import Clock

ROUNDING = 1e-9  # relative: what summing floats may add to a bound
_NONE = 1e29
_NEAR = 10  # sites per unit


@dataclass(frozen=True)
class BoundParams:
    """How much work goes into the bound.

    Parameters
    ----------
    rounds : int
        Of prices at first.
    node_rounds : int
        Of prices at each branch.
    nodes : int
    """

    rounds: int = 3_000
    node_rounds: int = 120
    nodes: int = 50_000


@dataclass(frozen=True)
class Proven:
    """A bound, and how far the branch that it comes from opens each site (-1: not at all)."""

    bound: float
    share: Floats
    nodes: int


@dataclass(frozen=True)
class Node:
    """A branch: sites that are open, sites that are closed, prices and what they prove."""

    bound: float
    price: Floats
    is_open: Flags
    closed: Flags
    share: Floats


def lower_bound(instance: Instance, known: float, params: BoundParams, clock: Clock) -> "Proven":
    """Prove a lower bound.

    Parameters
    ----------
    instance : Instance
    known : float
        Cost of a valid answer; it sets the steps, and branches that reach it are left.
    params : BoundParams
    clock : Clock

    Returns
    -------
    Proven
    """
    if not fits(instance):
        return _relaxed(instance, params, clock)
    priced = _Branching(instance, known, params, clock)
    bound, node = priced.run()
    share = np.where(node.is_open, 2.0, np.where(node.closed, -1.0, node.share))
    return Proven(bound - ROUNDING * max(1.0, abs(bound)), share, priced.done)


def _relaxed(instance: Instance, params: BoundParams, clock: Clock) -> "Proven":
    """Let units be split but sites be open or closed, where households are too many for tables.

    That a pair needs an open site is asked of each unit's nearest sites alone; for the others the
    households of the site say so.
    """
    pairs = np.isfinite(instance.cost)
    model = AreaModel(instance, pairs, instance.problem.forced, joined=False)
    arrays = model.arrays()
    near = near_pairs(instance, _NEAR)[model.unit, model.site][model.asks]
    kept = np.ones(len(arrays.row_lower), dtype=bool)
    first = int(model.inside.sum()) + 3 * len(model.sites)
    kept[first : first + len(near)] = near
    arrays = replace(
        arrays,
        matrix=arrays.matrix[np.flatnonzero(kept)],
        row_lower=arrays.row_lower[kept],
        row_upper=arrays.row_upper[kept],
    )
    integral = np.zeros(len(arrays.cost), dtype=bool)
    integral[: len(model.sites)] = True
    options = MilpOptions(time_limit_s=clock.left_s, node_limit=max(1, params.nodes), gap_rel=1e-4)
    answer = solve_arrays(replace(arrays, integral=integral), options)
    clock.over()
    share = np.full(instance.problem.m, -1.0)
    share[model.sites] = 0.0 if answer.values is None else answer.values[: len(model.sites)]
    return Proven(answer.bound, share, answer.nodes)


class _Branching:
    def __init__(self, instance: Instance, known: float, params: BoundParams, clock: Clock) -> None:
        self.instance, self.known, self.params, self.clock = instance, known, params, clock
        self.pricer = Pricer(instance)
        self.room = np.minimum(instance.problem.high, instance.problem.amount.sum())
        self.need = float(instance.problem.amount.sum())
        self.done = 0

    def run(self) -> tuple[float, Node]:
        problem = self.instance.problem
        finite = np.where(np.isfinite(self.instance.cost), self.instance.cost, np.nan)
        second = np.sort(finite, axis=1)[:, : min(2, problem.m)]
        price = np.nan_to_num(np.nanmax(second, axis=1, initial=0.0, where=~np.isnan(second)))
        nobody = np.zeros(problem.m, dtype=bool)
        root = Node(-np.inf, price, problem.forced.copy(), nobody, np.zeros(problem.m))
        node = self.priced(root, self.params.rounds, 1.0)
        order, settled, least = counter(), np.inf, node
        heap: list[tuple[float, int, Node]] = []
        heapq.heappush(heap, (node.bound, next(order), node))
        while heap and self.done < self.params.nodes:
            bound, _, node = heap[0]
            if bound < settled:
                least = node
            if bound >= min(self.known, settled) or self.clock.over():
                break
            heapq.heappop(heap)
            free = np.flatnonzero(~(node.is_open | node.closed))
            if not len(free):
                settled = min(settled, bound)
                continue
            for child in self.children(node, free):
                heapq.heappush(heap, (child.bound, next(order), child))
        bound = min(heap[0][0] if heap else np.inf, settled, self.known)
        return float(bound), least

    def children(self, node: Node, free: np.ndarray) -> list[Node]:
        """Open and close the site that is least decided."""
        site = int(free[np.argmin(np.abs(node.share[free] - 0.5))])
        out = []
        for name in ("is_open", "closed"):
            flags = getattr(node, name).copy()
            flags[site] = True
            child = self.priced(replace(node, **{name: flags}), self.params.node_rounds, 0.1)
            out.append(replace(child, bound=max(child.bound, node.bound)))
        self.done += 1
        return out

    def at(self, node: Node, price: Floats) -> tuple[float, Floats]:
        """Bound at some prices, and how far each site is open: enough of them for all units."""
        reduced = self.pricer(price) + self.instance.problem.open_cost
        if (reduced[node.is_open] > _NONE).any():
            return np.inf, node.is_open.astype(float)
        free = ~node.closed & (reduced < _NONE)
        part = np.where(node.is_open | (free & (reduced < 0)), 1.0, 0.0)
        short = self.need - float(self.room @ part)
        if short > 0:
            rest = np.flatnonzero(free & (part == 0))
            for j in rest[np.argsort(reduced[rest] / np.maximum(self.room[rest], 1e-9))]:
                part[j] = min(1.0, short / max(self.room[j], 1e-9))
                short -= part[j] * self.room[j]
                if short <= 1e-9:
                    break
            if short > 1e-6 * max(1.0, self.need):
                return np.inf, part
        used = part > 0
        return float(price.sum() + part[used] @ reduced[used]), part

    def priced(self, node: Node, rounds: int, scale: float) -> Node:
        """Improve the prices of a branch by subgradient steps (Held, Wolfe and Crowder 1974)."""
        price, best = node.price.copy(), replace(node, bound=-np.inf)
        heading, idle, share = np.zeros(len(price)), 0, node.share * 0.5 + 0.25
        patience = 40 if rounds > 1000 else 10
        for _ in range(rounds):
            bound, part = self.at(node, price)
            if bound > best.bound + 1e-8 * abs(bound):
                best, idle = replace(node, bound=bound, price=price.copy()), 0
            else:
                idle += 1
            share = 0.95 * share + 0.05 * part
            if best.bound >= self.known or self.clock.over():
                break
            if idle >= patience:
                scale, idle, price = scale / 2, 0, best.price.copy()
                heading[:] = 0.0
                if scale < 1e-4:
                    break
                continue
            heading = 0.7 * (1.0 - self.pricer.served(part)) + 0.3 * heading
            length = float(heading @ heading)
            if length < 1e-12:
                break
            reach = self.known if np.isfinite(self.known) else 1.05 * abs(bound) + 1.0
            price = price + scale * max(1.02 * reach - bound, 1e-9) / length * heading
        return replace(best, share=share)
