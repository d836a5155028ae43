"""Check the prices of borders: no community costs less than the prices of its nodes.

Costs are counted in whole numbers. ``half(S)`` is half of the border between a set S of nodes and
the other nodes, ``key(S) = half(S) - prices(S) + rate × load(S)``. Two things are looked at, by
pricing closed walks of the planar dual:

1. a ring round S, with S on its left, costs ``key(S) >= rate × min(load(S), high_load) + extra``;
2. a ring round H, with H on its right, costs ``half(H) + prices(H) - rate × load(H) >= 0``.

A community S is a set S' without holes less the holes H of it, so ``key(S)`` is ``key(S')`` and
the sum of what (2) is about, and (1) gives ``half(S) >= prices(S) + extra``.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from commplan.certify.plane import Ints, Plane
from commplan.certify.pricing import Rule, Scene, net_of, too_cheap, walk_of
from commplan.certify.rings import simple_rings, windings
from commplan.certify.walks import levelled

_LARGEST = 2**30  # labels are counted in 32 bits


@dataclass(frozen=True)
class Prices:
    """What is claimed, in whole numbers.

    Parameters
    ----------
    half : int64 array, shape (edges,)
        Half of the weighted border that each edge stands for, rounded down.
    prices, load : int64 array, shape (n,)
    rule : Rule
    """

    half: Ints
    prices: Ints
    load: Ints
    rule: Rule


@dataclass(frozen=True)
class Undercut:
    """Why prices do not hold: nodes of a set that costs too little, and what it lacks.

    ``reason`` is ``"set"``, ``"hole"``, ``"large"`` (numbers beyond 32 bits), ``"wide"`` (loads
    strayed too far) or ``"unclear"`` (a walk of several rings, none of which shows the fault).
    """

    reason: str
    nodes: tuple[int, ...] = ()
    lack: int = 0


def undercut(plane: Plane, claim: Prices) -> Undercut | None:
    """Look for a set of nodes that costs less than its prices; None where there is none.

    Parameters
    ----------
    plane : Plane
    claim : Prices
    """
    if claim.rule.rate * claim.rule.high + claim.rule.extra >= _LARGEST:
        return Undercut("large")
    half = np.where(plane.edge < 0, 0, claim.half[plane.edge])
    raw = half - plane.flow(claim.prices - claim.rule.rate * claim.load)
    usable = np.flatnonzero(plane.left < plane.n)  # no community has the outside on its left
    net = net_of(plane.tail[usable], plane.head[usable], plane.faces)
    weight, below = levelled(net.arrays(), raw[usable], plane.faces)
    if len(below):
        return _fault_of(usable[below].tolist(), plane, claim)
    scene = Scene(net, weight, plane.flow(claim.load)[usable], _ranks(plane), claim.rule)
    found, _ = too_cheap(scene, np.arange(plane.faces, dtype=np.int32))
    if not found:
        return None
    if any(load < 0 for _, load in found):
        return Undercut("wide")
    return _fault_of(usable[walk_of(scene, *found[0])].tolist(), plane, claim)


def _ranks(plane: Plane) -> Ints:
    """Rank faces by a sweep over the map, so that what is left stays in one piece."""
    links = coo_array((np.ones(len(plane.tail)), (plane.tail, plane.head)), (plane.faces,) * 2)
    far = breadth_first_order(links.tocsr(), 0, False, False)[-1]
    sweep = breadth_first_order(links.tocsr(), far, False, False)
    rank = np.empty(plane.faces, dtype=np.int64)
    rank[sweep] = np.arange(plane.faces)
    return rank


def _fault_of(walk: list[int], plane: Plane, claim: Prices) -> Undercut:
    """Find the ring of a walk that is too cheap; if all hold, so does any walk that they make up.

    What goes round nodes on its right adds nothing below 0 and takes load away.
    """
    rule = claim.rule
    for ring in simple_rings(walk, plane):
        around = windings(ring, plane)
        inside = around != 0
        if not inside.any():
            continue
        load, price = int(claim.load[inside].sum()), int(claim.prices[inside].sum())
        edges = plane.edge[np.array(ring)]
        half = int(claim.half[edges[edges >= 0]].sum())
        nodes = tuple(np.flatnonzero(inside).tolist())
        key = half - price + rule.rate * load
        if around.min() < 0:
            lack = rule.rate * load - half - price
            if lack > 0:
                return Undercut("hole", nodes, lack)
        elif key < 0 or load >= rule.low:
            lack = rule.rate * min(load, rule.high) + rule.extra - key
            if lack > 0:
                return Undercut("set", nodes, lack)
    return Undercut("unclear")
