"""Which kinds of barriers the border of each community follows, and how far."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.plan.places import dissolve
from commplan.plan.plan import Plan

#: A border within this distance of a barrier follows it, as everywhere (house choice).
NEAR_M = 15.0
#: In this order a stretch that lies beside several kinds of barriers is counted once.
KINDS = ("river", "railway", "expressway", "main_road", "road")


def border_shares(plan: Plan) -> list[tuple[tuple[str, float], ...]]:
    """Return for each community which kinds of barriers its border to others follows, and how far.

    A stretch follows a barrier where it lies within 15 m of it; beside several kinds it counts for
    the first of `KINDS`. The edge of the study area is nobody's choice and is left out.

    Returns
    -------
    list of tuple of (str, float)
        Kind and share of the inner border, the largest share first.
    """
    shapes = plan.communities.geometry.to_numpy()
    layer = plan.territory.barriers
    if layer is None or not len(layer) or not len(shapes):
        return [() for _ in shapes]
    edge = shapely.buffer(shapely.boundary(dissolve(plan.communities.geometry, *_one(shapes))), 1.0)
    inner = shapely.difference(shapely.boundary(shapes), edge[0])
    zones = shapely.buffer(layer.geometry.to_numpy(), NEAR_M, quad_segs=2)
    kinds = layer["kind"].astype(str).to_numpy()
    named = [*KINDS, *sorted(set(kinds.tolist()) - set(KINDS))]
    tree = shapely.STRtree(zones)
    found = []
    for line in inner:
        near = tree.query(line, predicate="intersects")
        found.append(_shares(line, [(kind, zones[near[kinds[near] == kind]]) for kind in named]))
    return found


def _one(shapes: NDArray[Any]) -> tuple[NDArray[np.int32], int, bool]:
    """Arguments by which `dissolve` puts all communities together, by the general union."""
    return np.zeros(len(shapes), dtype=np.int32), 1, False


def _shares(line: Any, zones: Sequence[tuple[str, NDArray[Any]]]) -> tuple[tuple[str, float], ...]:
    whole, rest = shapely.length(line), line
    shares = []
    for kind, areas in zones:
        if whole <= 0 or not len(areas):
            continue
        left = shapely.difference(rest, shapely.union_all(areas))
        shares.append((kind, float((shapely.length(rest) - shapely.length(left)) / whole)))
        rest = left
    return tuple(sorted(shares, key=lambda item: -item[1]))
