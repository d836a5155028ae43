"""A planar graph and its dual, from a rotation system that Euler's formula proves planar.

Each node lists its neighbours in the order in which they lie around it. Walking from edge to edge
by these lists traces the faces; with n nodes, m edges and f faces of a connected graph,
n - m + f = 2 holds if and only if the lists are those of a drawing in the plane (Edmonds 1960).
"""

from dataclasses import dataclass
from functools import cached_property

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

Ints = NDArray[np.int64]
Arcs = NDArray[np.int32]
Half = tuple[int, int]


@dataclass(frozen=True)
class Plane:
    """The dual of a planar graph of n nodes with one more node n, the outside.

    Parameters
    ----------
    n : int
    left, right : int32 array, shape (arcs,)
        Nodes on both hands of each dual arc; arcs 2i and 2i + 1 are opposite.
    tail, head : int32 array, shape (arcs,)
        Faces that the arc joins: going round a node with it on the left is a closed walk.
    edge : int32 array, shape (arcs,)
        Edge that the arc crosses; -1 towards the outside.
    faces : int
    """

    n: int
    left: Arcs
    right: Arcs
    tail: Arcs
    head: Arcs
    edge: Arcs
    faces: int

    def flow(self, amount: Ints) -> Ints:
        """Whole numbers per arc that add up, along a walk round a set of nodes, to its amount.

        Parameters
        ----------
        amount : int64 array, shape (n,)
        """
        order, parent, arc = self.tree
        below = np.append(amount, 0)
        flow = np.zeros(len(self.left), dtype=np.int64)
        for v in order[:0:-1].tolist():
            flow[arc[v]], flow[arc[v] ^ 1] = below[v], -below[v]
            below[parent[v]] += below[v]
        return flow

    @cached_property
    def tree(self) -> tuple[Arcs, Arcs, Ints]:
        """A tree of the nodes below the outside, and per node the arc between it and its parent."""
        shape = (self.n + 1, self.n + 1)
        links = coo_array((np.ones(len(self.left)), (self.left, self.right)), shape).tocsr()
        order, parent = breadth_first_order(links, self.n, directed=False)
        sides = zip(self.left.tolist(), self.right.tolist(), strict=True)
        arcs = {side: a for a, side in enumerate(sides)}
        arc = np.full(self.n + 1, -1, dtype=np.int64)
        for v in order[1:].tolist():
            arc[v] = arcs[v, int(parent[v])]
        return order, parent, arc

    def is_sound(self) -> bool:
        """Whether every node is gone round once, and Euler's formula holds with the outside."""
        place = (np.tile(self.left, 2), np.concatenate([self.head, self.tail]))
        sign = np.repeat([1, -1], len(self.left))
        round_each = coo_array((sign, place), shape=(self.n + 1, self.faces)).tocsr()
        euler = self.n + 1 - len(self.left) // 2 + self.faces
        return euler == 2 and not round_each.data.any()


def rotation_of(n: int, edges: Ints) -> list[list[int]] | None:
    """Neighbours around each node in a plane drawing; None where there is none.

    Parameters
    ----------
    n : int
    edges : int64 array, shape (m, 2)
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(edges.tolist())
    if n == 0 or not nx.is_connected(graph):
        return None
    is_planar, drawing = nx.check_planarity(graph)
    return [list(drawing.neighbors_cw_order(v)) for v in range(n)] if is_planar else None


def dual_of(edges: Ints, rotation: list[list[int]]) -> Plane | None:
    """Trace the faces of a rotation system and dualise it; None where it is not that of a plane.

    Parameters
    ----------
    edges : int64 array, shape (m, 2)
        Each pair of neighbours once.
    rotation : list of lists
        Neighbours around each node.
    """
    n = len(rotation)
    onward = {
        (v, u): (u, around[(i + 1) % len(around)])
        for u, around in enumerate(rotation)
        for i, v in enumerate(around)
    }
    if set(onward) != {h for u, v in edges.tolist() for h in ((u, v), (v, u))}:
        return None
    faces = _faces(onward)
    if n - len(edges) + len(faces) != 2:
        return None
    face_of = {half: f for f, face in enumerate(faces) for half in face}
    outer = max(range(len(faces)), key=lambda f: (len(faces[f]), -f))
    rim = faces[outer]
    # The outer face falls into corners: one before each of its edges, parted by lines that lead
    # from its nodes to the outside and cost nothing.
    numbers = [outer, *range(len(faces), len(faces) + len(rim) - 1)]
    face_of |= dict(zip(rim, numbers, strict=True))
    arcs: list[tuple[int, int, int, int, int]] = []
    for i, (u, v) in enumerate(edges.tolist()):
        arcs.append((u, v, face_of[u, v], face_of[v, u], i))
    for i, (u, _) in enumerate(rim):
        arcs.append((u, n, numbers[i - 1], numbers[i], -1))
    both = [x for a in arcs for x in (a, (a[1], a[0], a[3], a[2], a[4]))]
    left, right, tail, head, edge = np.array(both, dtype=np.int32).T
    return Plane(n, left, right, tail, head, edge, len(faces) + len(rim) - 1)


def _faces(onward: dict[Half, Half]) -> list[list[Half]]:
    """Half edges round each face, in the order of their first ones."""
    seen: set[Half] = set()
    faces = []
    for first in sorted(onward):
        face = []
        half = first
        while half not in seen:
            seen.add(half)
            face.append(half)
            half = onward[half]
        if face:
            faces.append(face)
    return faces
