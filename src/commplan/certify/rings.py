"""Rings that no community follows, and the dual laid out so that no walk can follow them.

A community is connected and holds at least ``low`` households, and whatever lies in a hole of it
is a whole community, or several. So its boundary consists of simple rings that go round at least
``low`` households each. A walk that follows a ring round less is left out: vertices remember how
much of such a ring was just followed (the automaton of Aho & Corasick 1975).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from commplan.certify.plane import Arcs, Ints, Plane

Ring = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Vertices that stand for faces, one or several for each, and arcs between them.

    Parameters
    ----------
    tail, head : int32 array, shape (arcs,)
        Vertices.
    base : int32 array, shape (arcs,)
        Arc of the dual that each arc stands for.
    face : int32 array, shape (vertices,)
    """

    tail: Arcs
    head: Arcs
    base: Arcs
    face: Arcs


def turned(ring: Ring) -> Ring:
    """Return the same ring from its least arc on."""
    at = ring.index(min(ring))
    return ring[at:] + ring[:at]


def lay_out(plane: Plane, rings: set[Ring]) -> Layout:
    """Lay out the dual so that none of ``rings`` can be followed all round.

    No walk has the outside on its left, and beside a ring none turns back at once, which would
    make it forget how far it has come.
    """
    leaving: list[list[int]] = [[] for _ in range(plane.faces)]
    for a in np.flatnonzero(plane.left < plane.n).tolist():
        leaving[plane.tail[a]].append(a)
    banned = {ring[i:] + ring[:i] for ring in rings for i in range(len(ring))}
    beside = {int(plane.tail[a]) for ring in rings for a in ring}
    banned |= {(a, a ^ 1) for f in sorted(beside) for a in leaving[f]}
    begun = sorted({path[:i] for path in banned for i in range(1, len(path))})
    vertex = {path: plane.faces + i for i, path in enumerate(begun)}
    face = [*range(plane.faces), *(int(plane.head[path[-1]]) for path in begun)]
    arcs = []
    for path in [(), *begun]:
        for f in range(plane.faces) if not path else [int(plane.head[path[-1]])]:
            start = vertex.get(path, f)
            for a in leaving[f]:
                ends = [(*path, a)[i:] for i in range(len(path) + 1)]
                if not any(end in banned for end in ends):
                    known = (vertex[end] for end in ends if end in vertex)
                    arcs.append((start, next(known, int(plane.head[a])), a))
    tail, head, base = np.array(arcs, dtype=np.int32).reshape(-1, 3).T.copy()
    return Layout(tail, head, base, np.array(face, dtype=np.int32))


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


def ranks(plane: Plane, layout: Layout) -> Ints:
    """Rank vertices by a sweep over the map, so that what is left stays in one piece."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    links = coo_array((np.ones(len(plane.tail)), (plane.tail, plane.head)), (plane.faces,) * 2)
    far = breadth_first_order(links.tocsr(), 0, False, False)[-1]
    sweep = breadth_first_order(links.tocsr(), far, False, False)
    place = np.empty(plane.faces, dtype=np.int64)
    place[sweep] = np.arange(plane.faces)
    rank = np.empty(len(layout.face), dtype=np.int64)
    rank[np.argsort(place[layout.face], kind="stable")] = np.arange(len(layout.face))
    return rank
