"""From any labels to communities within the bounds.

Annealing with a price on households outside the bounds mends most; what is left is merged with
the communities around it and cut anew along spanning trees (ReCom, DeFord, Duchin & Solomon
2021), in growing neighbourhoods, until a cut lies within the bounds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Floats, Instance, Ints
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.start import connected_labels, separate_locks
from commplan.optimise.communities.state import (
    State,
    bad_communities,
    make_state,
    outside_attributes,
)
from commplan.optimise.communities.treecut import cut_along_tree
from commplan.optimise.stop import Clock
from commplan.problem.terms import sum_by

_TREES = 12  # spanning trees tried per neighbourhood
_MOST_NODES = 4_000  # a neighbourhood larger than this is not cut in one go


@dataclass(frozen=True)
class Heat:
    """Temperatures and prices that fit an instance.

    Parameters
    ----------
    hot : float
        Temperature at which the shape of communities still flows (households).
    price : float
        Of a household outside the bounds.
    """

    hot: float
    price: float


@dataclass(frozen=True)
class Guard:
    """How long to go on.

    Parameters
    ----------
    clock : Clock
    rounds : int
        Rounds of annealing and cutting anew.
    deadline_s : float or None
        An earlier limit than the clock's.
    """

    clock: Clock
    rounds: int = 6
    deadline_s: float | None = None

    def over(self) -> bool:
        """Whether to stop now."""
        return self.clock.over(self.deadline_s)


def repair(
    instance: Instance, labels: Ints, heat: Heat, rng: NDArray[np.uint64], guard: Guard
) -> State:
    """Bring ``labels`` within the bounds as far as possible.

    Returns
    -------
    State
        Its communities are connected; ``state.breach(instance)`` is 0 where all are in bounds.
    """
    state = _settled(instance, _merge_small(instance, separate_locks(instance, labels)))
    for rounds in range(guard.rounds):
        if state.breach(instance) == 0 or guard.over():
            break
        tries = min(400 * instance.n * (rounds + 1), 40_000_000)
        _anneal_down(instance, state, heat, (tries, guard), rng)
        state = _settled(instance, state.labels)
        if state.breach(instance) == 0 or guard.over():
            break
        state = _settled(instance, _recut(instance, state, rng, guard))
        state = _settled(instance, _merge_small(instance, state.labels))
    return state


def _settled(instance: Instance, labels: Ints) -> State:
    return make_state(instance, connected_labels(instance, labels))


def _anneal_down(
    instance: Instance,
    state: State,
    heat: Heat,
    effort: tuple[int, Guard],
    rng: NDArray[np.uint64],
) -> None:
    tries, guard = effort
    slices = max(1, tries // 2_000_000)
    temps = heat.hot * 0.5 * (0.02 ** np.linspace(0, 1, slices + 1))
    for i in range(slices):
        if i and guard.over():
            break
        anneal(instance, state, (tries / slices, temps[i], temps[i + 1], heat.price, 0.0), rng)


def quotient(instance: Instance, labels: Ints) -> list[dict[int, float]]:
    """Open neighbours of each community with the cost of the common border."""
    rows = instance.rows
    tail = np.repeat(labels, np.diff(rows.ptr))
    head = labels[rows.nbr]
    keep = (tail != head) & (rows.is_open > 0)
    k = int(labels.max()) + 1
    key, inverse = np.unique(tail[keep].astype(np.int64) * k + head[keep], return_inverse=True)
    border: Floats = sum_by(inverse, rows.cost[keep] + 1e-9, len(key))
    result: list[dict[int, float]] = [{} for _ in range(k)]
    for pair, value in zip(key.tolist(), border.tolist(), strict=True):
        result[pair // k][pair % k] = value
    return result


class _Stock:
    """Attributes of communities that are being merged."""

    def __init__(self, instance: Instance, labels: Ints, k: int) -> None:
        self.low = instance.low
        self.limits = instance.limits
        rows = [np.bincount(labels, amount, k) for amount in instance.amounts]
        self.amounts = np.array(rows).reshape(len(rows), k)

    def lacks(self, c: int, households: float) -> bool:
        """Whether community ``c`` of so many households is below a bound."""
        return households < self.low or (
            len(self.amounts) > 0 and bool((self.amounts[:, c] < self.limits[0]).any())
        )

    def fits(self, c: int, d: int) -> bool:
        """Whether ``c`` and ``d`` together stay below the upper bounds of attributes."""
        return len(self.amounts) == 0 or bool(
            (self.amounts[:, c] + self.amounts[:, d] <= self.limits[1]).all()
        )

    def join(self, c: int, d: int) -> None:
        """Add ``c`` to ``d``."""
        self.amounts[:, d] += self.amounts[:, c]


def _merge_small(instance: Instance, labels: Ints) -> Ints:
    """Merge communities below the lower bound with neighbours while the sum fits.

    The smallest goes first, and to the neighbour with which the sum lies best within the bounds
    (among these the longest common border). Below a bound is also what lacks of an attribute.
    """
    labels = connected_labels(instance, labels)
    k = int(labels.max()) + 1
    total = np.bincount(labels, instance.households, k)
    exempt = np.bincount(labels, instance.exempt, k) > 0
    locks = np.bincount(labels, instance.lock >= 0, k)
    around = quotient(instance, labels)
    target = np.arange(k)
    stock = _Stock(instance, labels, k)
    import heapq

    heap = [(total[c], c) for c in range(k) if stock.lacks(c, total[c]) and not exempt[c]]
    heapq.heapify(heap)
    while heap:
        size, c = heapq.heappop(heap)
        if target[c] != c or total[c] != size or not stock.lacks(c, size):
            continue
        fits = [
            (not stock.lacks(d, total[d]), -border, d)
            for d, border in around[c].items()
            if total[d] + size <= instance.high and locks[c] + locks[d] <= 1 and stock.fits(c, d)
        ]
        if not fits:
            continue
        d = min(fits)[2]
        target[c] = d
        total[d] += size
        stock.join(c, d)
        locks[d] += locks[c]
        exempt[d] |= exempt[c]
        for other, border in around[c].items():
            around[other].pop(c, None)
            if other != d:
                around[d][other] = around[d].get(other, 0.0) + border
                around[other][d] = around[other].get(d, 0.0) + border
        if stock.lacks(d, total[d]) and not exempt[d]:
            heapq.heappush(heap, (total[d], d))
    while (target != target[target]).any():
        target = target[target]
    return target[labels].astype(np.int32)


def _recut(instance: Instance, state: State, rng: NDArray[np.uint64], guard: Guard) -> Ints:
    """Cut growing neighbourhoods of the communities out of bounds anew."""
    labels = state.labels.copy()
    sizes = (1, 2, 3, 4, 6, 9, 14, 24, 48, 96, 200)
    for size in sizes if guard.rounds > 1 else sizes[:5]:
        state = make_state(instance, np.unique(labels, return_inverse=True)[1].astype(np.int32))
        labels = state.labels.copy()
        if size > 2 * int(labels.max() + 1):
            break
        bad = set(bad_communities(instance, state)[0].tolist())
        if not bad or guard.over():
            break
        around = quotient(instance, labels)
        touched: set[int] = set()
        top = int(labels.max()) + 1
        for c in sorted(bad):
            region = _grow(c, size, around, touched, state.sums[0])
            if region is None or guard.over():
                continue
            nodes = np.flatnonzero(np.isin(labels, region)).astype(np.int32)
            cut = cut_region(instance, nodes, rng)
            if cut is not None:
                labels[nodes] = top + cut
                top += int(cut.max()) + 1
                touched.update(region)
    return labels


def _grow(
    c: int, size: int, around: list[dict[int, float]], touched: set[int], total: Floats
) -> list[int] | None:
    """``size`` communities around ``c``, nearest first; None where one was cut this round."""
    region = [c]
    known = {c}
    for d in region:
        for other in sorted(
            around[d], key=lambda o: (-total[o] if total[c] < total[o] else total[o], o)
        ):
            if len(region) >= size:
                break
            if other not in known:
                known.add(other)
                region.append(other)
    if touched.intersection(region):
        return None
    return region


def cut_region(
    instance: Instance, nodes: Ints, rng: NDArray[np.uint64], trees: int = _TREES
) -> Ints | None:
    """Cut a connected set of nodes within the bounds by the first of some trees that can be.

    Trees know households only. Where there are attributes, the first cut within their bounds is
    taken too; else the one that strays least.
    """
    if len(nodes) > _MOST_NODES:
        return None
    total = int(instance.households[nodes].sum())
    if not instance.exempt[nodes].any() and -(-total // instance.high) * instance.low > total:
        return None
    slots = instance.high + 1 if instance.high < 6_000 and len(nodes) < 400 else 512
    best, least = None, np.inf
    for t in range(trees):
        labels = cut_along_tree(instance, nodes, rng, (0.5, 2.0, 8.0, 50.0)[t % 4], slots)
        if labels is None:
            continue
        astray = attributes_astray(instance, nodes, labels)
        if astray < least:
            best, least = labels, astray
        if astray == 0.0:
            break
    return best


def attributes_astray(instance: Instance, nodes: Ints, labels: Ints) -> float:
    """Households that attributes outside their bounds stand for, exempt communities apart."""
    if len(instance.amounts) == 0:
        return 0.0
    k = int(labels.max()) + 1
    rows = [np.bincount(labels, amount, k) for amount in instance.amounts[:, nodes]]
    astray = outside_attributes(instance, np.array(rows))
    astray[labels[instance.exempt[nodes] > 0]] = 0.0
    return float(astray.sum())
