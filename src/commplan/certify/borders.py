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

from commplan.certify.ground import Floats
from commplan.certify.plane import Ints, Plane
from commplan.certify.pricing import Rule, Scene, net_of, too_cheap, walk_of
from commplan.certify.rings import Ring, lay_out, ranks, simple_rings, turned, windings
from commplan.certify.walks import levelled

_ROUNDS = 200
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
    households : float64 array, shape (n,)
    low : float
        Least households of a community.
    whole : bool
        Every community is connected along the edges of the plane, so it goes round no less.
    """

    half: Ints
    prices: Ints
    load: Ints
    rule: Rule
    households: Floats
    low: float
    whole: bool


@dataclass(frozen=True)
class Undercut:
    """Why prices do not hold: nodes of a set that costs too little, and what it lacks.

    ``reason`` is ``"set"``, ``"hole"``, ``"large"`` (numbers beyond 32 bits), ``"wide"`` (loads
    strayed too far) or ``"unclear"`` (a walk that is no community could not be left out).
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
    flow = plane.flow(claim.load)
    rings: set[Ring] = set()
    todo = np.arange(plane.faces)
    for _ in range(_ROUNDS):
        layout = lay_out(plane, rings)
        net = net_of(layout.tail, layout.head, len(layout.face))
        weight, below = levelled(net.arrays(), raw[layout.base], len(layout.face))
        if len(below):
            walks = [layout.base[below].tolist()]
        else:
            rank = ranks(plane, layout)
            scene = Scene(net, weight, flow[layout.base], rank, claim.rule)
            starts = np.flatnonzero(np.isin(layout.face, todo)).astype(np.int32)
            found, _ = too_cheap(scene, starts)
            if any(load < 0 for _, load in found):
                return Undercut("wide")
            walks = [layout.base[walk_of(scene, *f)].tolist() for f in found]
            todo = np.unique(layout.face[[s for s, _ in found]])
        if not walks:
            return None
        before = len(rings)
        for walk in walks:
            fault = _taken_apart(walk, plane, claim, rings)
            if fault is not None:
                return fault
        if len(rings) == before:
            return Undercut("unclear")
    return Undercut("unclear")


def _taken_apart(walk: list[int], plane: Plane, claim: Prices, rings: set[Ring]) -> Undercut | None:
    """Hold the rings of a walk against the claim; those too small for a community join ``rings``.

    If all that are no smaller hold, so does any walk that they make up: what goes round nodes on
    its right adds nothing below 0 and takes load away.
    """
    rule = claim.rule
    for ring in simple_rings(walk, plane):
        around = windings(ring, plane)
        if not around.any():
            continue
        inside = around != 0
        if claim.whole and float(claim.households[inside].sum()) < claim.low:
            rings.add(turned(ring))
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
    return None
