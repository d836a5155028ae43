"""The map turned inside out: borders as edges between the points where borders meet.

A set of nodes is bounded by closed walks in the planar dual, and what it holds is the sum of a
flow along such a walk. The faces of the graph are the vertices of the dual; a node ``outside``
that borders on every node of the outer face for nothing stands for the rest of the world.
"""

from dataclasses import dataclass

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order

from commplan.optimise.communities.instance import Floats, Ints

Pair = tuple[int, int]


@dataclass(frozen=True)
class Dual:
    """The planar dual of one connected graph and its outside, as flat arrays.

    Parameters
    ----------
    n : int
        Nodes of the graph; ``outside`` is node n.
    left, right : int32 array, shape (arcs,)
        Nodes on either hand of each directed dual arc; arcs 2i and 2i + 1 are opposite.
    tail, head : int32 array, shape (arcs,)
        Faces that each arc joins.
    border : float64 array, shape (arcs,)
        Weighted border that the arc runs along.
    faces : int
    ptr, out : int32 array
        Arcs that leave each face, in compressed rows.
    tree_order, tree_parent : int32 array, shape (n,)
        A tree of the nodes hung from the outside, leaves last.
    tree_arc : int32 array, shape (n,)
        Per node, the arc with it on the left and its parent on the right.
    """

    n: int
    left: Ints
    right: Ints
    tail: Ints
    head: Ints
    border: Floats
    faces: int
    ptr: Ints
    out: Ints
    tree_order: Ints
    tree_parent: Ints
    tree_arc: Ints

    def flow(self, amount: Floats) -> Floats:
        """Flow along each arc: round a set of nodes on its left it adds up to their amounts.

        Parameters
        ----------
        amount : array, shape (n,)
        """
        below = np.append(amount, 0).astype(amount.dtype)
        result = np.zeros(len(self.left), dtype=amount.dtype)
        for v in self.tree_order[::-1]:
            a = self.tree_arc[v]
            result[a], result[a ^ 1] = below[v], -below[v]
            below[self.tree_parent[v]] += below[v]
        return result


def planar_dual(n: int, pairs: dict[Pair, float], xy: Floats) -> Dual | None:
    """Embed a connected graph in the plane and dualise it.

    Parameters
    ----------
    n : int
        At least 2.
    pairs : dict of (int, int) to float
        Borders (positive) of pairs of nodes (u < v).
    xy : float64 array, shape (n, 2)
        Where the nodes lie.

    Returns
    -------
    Dual or None
        Of a planar part of the graph, where it is not planar itself: edges that are given up cost
        nothing any more, so a bound stays a bound. None where the points lie on top of each other.
    """
    embedding = _embedding(n, pairs)
    if embedding is None:
        # Straight lines that do not cross are planar; then all that fits is put back, group by
        # group, dear edges first.
        drawn, left = _uncrossed(pairs, xy)
        groups = [left]
        while groups:
            group = groups.pop()
            trial = {**drawn, **{e: pairs[e] for e in group}}
            if _embedding(n, trial) is not None:
                drawn = trial
            elif len(group) > 1:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
        pairs, embedding = drawn, _embedding(n, drawn)
    return None if embedding is None else _dual(n, pairs, embedding)


def _embedding(n: int, pairs: dict[Pair, float]) -> "nx.PlanarEmbedding | None":
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(sorted(pairs))
    is_planar, embedding = nx.check_planarity(graph)
    return embedding if is_planar else None


def _uncrossed(pairs: dict[Pair, float], xy: Floats) -> tuple[dict[Pair, float], list[Pair]]:
    """Split the edges, dear ones first, into those that cross none before them and the rest."""
    order = sorted(pairs, key=lambda e: (-pairs[e], e))
    a, b = xy[[e[0] for e in order]], xy[[e[1] for e in order]]
    ends = np.array(order)
    kept = np.zeros(len(order), dtype=np.bool_)
    for i in range(len(order)):
        c, d = a[i], b[i]
        over = _side(a, b, c) * _side(a, b, d) <= 0
        over &= _side(c, d, a) * _side(c, d, b) <= 0
        over &= ~np.isin(ends, ends[i]).any(axis=1)
        kept[i] = not (over & kept).any()
    drawn = {e: pairs[e] for e, k in zip(order, kept, strict=True) if k}
    return drawn, [e for e, k in zip(order, kept, strict=True) if not k]


def _side(a: Floats, b: Floats, p: Floats) -> Floats:
    """Positive where p lies to the left of the line from a to b."""
    u, v = b - a, p - a
    result: Floats = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return result


def _faces(n: int, embedding: "nx.PlanarEmbedding") -> list[list[tuple[int, int]]]:
    """Half edges (u, v) round each face, the face on their left."""
    seen: set[tuple[int, int]] = set()
    faces = []
    for u in range(n):
        for v in sorted(embedding[u]) if u in embedding else ():
            if (u, v) in seen:
                continue
            face = []
            a, b = u, v
            while (a, b) not in seen:
                seen.add((a, b))
                face.append((a, b))
                a, b = embedding.next_face_half_edge(a, b)
            faces.append(face)
    return faces


def _dual(n: int, pairs: dict[tuple[int, int], float], embedding: "nx.PlanarEmbedding") -> Dual:
    faces = _faces(n, embedding)
    outer = max(range(len(faces)), key=lambda f: (len(faces[f]), -f))
    face_of = {half: f for f, face in enumerate(faces) for half in face}
    rim = faces[outer]
    # The outer face is divided by spokes from the outside to its corners, one before each edge.
    corner = {half: len(faces) + i for i, half in enumerate(rim)}
    face_of.update(corner)
    left: list[int] = []
    right: list[int] = []
    tail: list[int] = []
    head: list[int] = []
    cost: list[float] = []

    def add(on_left: int, on_right: int, start: int, end: int, border: float) -> None:
        left.extend((on_left, on_right))
        right.extend((on_right, on_left))
        tail.extend((start, end))
        head.extend((end, start))
        cost.extend((border, border))

    # An arc with u on its left runs from one face beside the edge to the other; which of the two
    # directions is meant only has to be the same everywhere.
    for u, v in sorted(pairs):
        add(u, v, face_of[u, v], face_of[v, u], pairs[u, v])
    for i, (u, _) in enumerate(rim):
        before = corner[rim[i - 1]]
        add(u, n, before, corner[rim[i]], 0.0)
    return _flat(n, (left, right, tail, head), cost)


def _flat(n: int, arcs: tuple[list[int], ...], cost: list[float]) -> Dual:
    left, right, tail, head = (np.array(x, dtype=np.int32) for x in arcs)
    used, inverse = np.unique(np.concatenate([tail, head]), return_inverse=True)
    tail, head = (x.astype(np.int32) for x in np.split(inverse, 2))
    order = np.argsort(tail, kind="stable").astype(np.int32)
    ptr = np.searchsorted(tail[order], np.arange(len(used) + 1)).astype(np.int32)
    graph = csr_array(coo_array((np.ones(len(left)), (left, right)), shape=(n + 1, n + 1)))
    walk, parent = breadth_first_order(graph, n, directed=False)
    sides = zip(left.tolist(), right.tolist(), strict=True)
    arc_of = {side: a for a, side in enumerate(sides)}
    tree = np.full(n, -1, dtype=np.int32)
    for v in walk[1:]:
        tree[v] = arc_of[int(v), int(parent[v])]
    return Dual(
        n,
        left,
        right,
        tail,
        head,
        np.array(cost),
        len(used),
        ptr,
        order,
        walk[1:].astype(np.int32),
        parent[:n].astype(np.int32),
        tree,
    )


def is_sound(dual: Dual) -> bool:
    """Whether flows are conserved at every face: the sign that dual and primal fit together.

    Going once round a node along the arcs with it on the left must be a closed walk, and the
    numbers of nodes, edges and faces must be those of the plane (Euler).
    """
    arcs = len(dual.left)
    signs = np.repeat([1, -1], arcs)
    place = (np.tile(dual.left, 2), np.concatenate([dual.head, dual.tail]))
    balance = csr_array(coo_array((signs, place), shape=(dual.n + 1, dual.faces)))
    return not balance.data.any() and dual.n + 1 - arcs // 2 + dual.faces == 2
