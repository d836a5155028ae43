"""Closed walks of the dual, taken apart into rings, and what lies inside."""

from collections.abc import Iterator

import numpy as np

from commplan.certify.plane import Ints, Plane

Ring = tuple[int, ...]


def simple_rings(walk: list[int], plane: Plane) -> Iterator[Ring]:
    """Take a closed walk apart into rings that pass no face twice.

    Parameters
    ----------
    walk : list of int
        Arcs of the dual in their order.
    plane : Plane
    """
    path: list[int] = []
    passed = {int(plane.tail[walk[0]]): 0}
    for a in walk:
        path.append(a)
        here = int(plane.head[a])
        if here not in passed:
            passed[here] = len(path)
            continue
        ring = path[passed[here] :]
        del path[passed[here] :]
        for b in ring[:-1]:
            del passed[int(plane.head[b])]
        yield tuple(ring)


def windings(ring: Ring, plane: Plane) -> Ints:
    """How often a closed walk goes round each node, with the node on its left."""
    order, parent, arc = plane.tree
    times = np.bincount(np.array(ring), minlength=len(plane.left))
    result = np.zeros(plane.n + 1, dtype=np.int64)
    for v in order[1:].tolist():
        result[v] = result[parent[v]] + times[arc[v]] - times[arc[v] ^ 1]
    return result[:-1]
