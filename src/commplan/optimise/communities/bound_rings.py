"""Closed walks that no community can have: full rings round what is too small to stand alone.

A community is connected and holds at least ``low`` households, and so does all that lies in a hole
of it, for only whole communities fit there. Therefore the boundary of a community never goes all
the way round a set of fewer households, neither as its own outline nor as a hole. Walks that do
are ruled out by remembering, while such a ring is followed, how far: the map is unrolled into
copies of its faces (an automaton of forbidden paths, after Villeneuve & Desaulniers 2005). Without
this one tall building between low ones would hold down the prices of a whole district: walks could
go round it twice, or subtract it as often as they like.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.bound_flow import windings
from commplan.optimise.communities.bound_planar import Dual
from commplan.optimise.communities.instance import Floats, Ints

_LONGEST = 24  # arcs of a ring that is worth remembering
_MOST_COPIES = 3.0  # of each face, in the mean

Ring = tuple[int, ...]  # arcs, one after the other, the least first
Tree = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Unrolled:
    """Faces and their copies as vertices, the faces themselves first, and the arcs between them.

    Parameters
    ----------
    tail, head : int32 array, shape (a,)
        Vertices.
    base : int32 array, shape (a,)
        Arc of the dual that each arc stands for.
    face : int32 array, shape (vertices,)
    """

    tail: Ints
    head: Ints
    base: Ints
    face: Ints


def turned(ring: Ring) -> Ring:
    """Return the same ring from its least arc on."""
    least = ring.index(min(ring))
    return ring[least:] + ring[:least]


def unroll(dual: Dual, usable: Ints, rings: list[Ring]) -> Unrolled:
    """Lay out the dual so that none of ``rings`` can be walked all round.

    Parameters
    ----------
    dual : Dual
    usable : int32 array
        Arcs that walks may use.
    rings : list of Ring
    """
    order = usable[np.argsort(dual.tail[usable], kind="stable")]
    start = np.searchsorted(dual.tail[order], np.arange(dual.faces + 1))
    paths = {ring[i:] + ring[:i] for ring in rings for i in range(len(ring))}
    beside = sorted({int(dual.tail[a]) for ring in rings for a in ring})
    # Nor can one step aside and back again, only to forget how far one has come.
    paths |= {(a, a ^ 1) for f in beside for a in order[start[f] : start[f + 1]].tolist()}
    children, ends, last = _tree_of_paths(sorted(paths))
    back = _fallbacks(children)
    face = [*range(dual.faces), *(int(dual.head[ends[s]]) for s in range(1, len(ends)))]
    tail, head, base = [], [], []
    for state in range(len(ends)):
        faces = range(dual.faces) if state == 0 else [int(dual.head[ends[state]])]
        for f in faces:
            vertex = f if state == 0 else dual.faces + state - 1
            for a in order[start[f] : start[f + 1]].tolist():
                s = state
                if _closes(s, a, back, last):
                    continue
                while s and a not in children[s]:
                    s = back[s]
                s = children[s].get(a, 0)
                tail.append(vertex)
                head.append(dual.faces + s - 1 if s else int(dual.head[a]))
                base.append(a)
    return Unrolled(*(np.array(x, dtype=np.int32) for x in (tail, head, base, face)))


def _closes(state: int, arc: int, back: list[int], last: list[set[int]]) -> bool:
    """Whether ``arc`` would close a ring that was followed all along."""
    while state:
        if arc in last[state]:
            return True
        state = back[state]
    return False


def _tree_of_paths(paths: list[Ring]) -> tuple[list[dict[int, int]], list[int], list[set[int]]]:
    """All paths without their last arcs, as a tree; the arc that ends each, and the last arcs."""
    children: list[dict[int, int]] = [{}]
    ends = [-1]
    last: list[set[int]] = [set()]
    for path in paths:
        state = 0
        for arc in path[:-1]:
            if arc not in children[state]:
                children[state][arc] = len(children)
                children.append({})
                ends.append(arc)
                last.append(set())
            state = children[state][arc]
        last[state].add(path[-1])
    return children, ends, last


def _fallbacks(children: list[dict[int, int]]) -> list[int]:
    """Per path, the longest other path that is an end of it (Aho & Corasick 1975)."""
    back = [0] * len(children)
    todo = list(children[0].values())
    for state in todo:
        for arc, child in children[state].items():
            s = back[state]
            while s and arc not in children[s]:
                s = back[s]
            back[child] = children[s].get(arc, 0)
            todo.append(child)
    return back


def rings_of(walk: Ints, dual: Dual, held: tuple[Floats, float], tree: Tree) -> Iterator[Ring]:
    """Yield the simple closed parts of a closed walk that go round too little for a community.

    Parameters
    ----------
    walk : int32 array
        Arcs of the dual in their order.
    dual : Dual
    held : (array, float)
        Households of each node, and what a community holds at least.
    tree : arrays
        As `bound_flow.windings` takes them.
    """
    households, low = held
    seen: dict[int, int] = {}
    path: list[int] = []
    for arc in [*walk.tolist()]:
        seen.setdefault(int(dual.tail[arc]), len(path))
        path.append(arc)
        place = seen.get(int(dual.head[arc]))
        if place is None:
            continue
        ring = tuple(path[place:])
        for a in ring:
            seen.pop(int(dual.tail[a]), None)
        del path[place:]
        if len(ring) > _LONGEST:
            continue
        around = np.abs(windings(np.array(ring, dtype=np.int32), tree, dual.n))
        if around.max() == 1 and float(households[around == 1].sum()) < low:
            yield turned(ring)


def crossed(ring: Ring, rows: NDArray[np.float64], dual: Dual) -> NDArray[np.bool_]:
    """Which walks, by how often they go round each node, follow a ring all along."""
    wide = np.concatenate([rows, np.zeros((len(rows), 1))], axis=1)
    arcs = np.array(ring)
    net = wide[:, dual.left[arcs]] - wide[:, dual.right[arcs]]
    return np.asarray((net >= 1).all(axis=1))


def fits(rings: list[Ring], faces: int) -> bool:
    """Whether the copies that the rings need are few enough."""
    return sum(len(ring) * (len(ring) - 1) for ring in rings) <= _MOST_COPIES * faces
