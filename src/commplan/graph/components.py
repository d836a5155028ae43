"""Connected pieces of a unit graph, and its sparse form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.graph.adjacency import UnitGraph


def components(graph: UnitGraph, labels: NDArray[Any] | None = None) -> NDArray[np.int32]:
    """Return the connected piece of each unit, along open edges.

    Parameters
    ----------
    graph : UnitGraph
    labels : array, shape (n,), optional
        Communities, subdistricts, ...: only edges between units of the same label count, so that
        each piece is of one label.

    Returns
    -------
    int32 array, shape (n,)
        Pieces are numbered in the order of their first unit.
    """
    keep = graph.is_open
    if labels is not None:
        keep = keep & (labels[graph.tail] == labels[graph.head])
    tail, head = graph.tail[keep], graph.head[keep]
    matrix = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(graph.n, graph.n))
    piece = connected_components(matrix, directed=False)[1]
    _, first, inverse = np.unique(piece, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.reshape(-1)].astype(np.int32)


def csr(
    graph: UnitGraph, *, open_only: bool = True
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return the graph as neighbour lists.

    Parameters
    ----------
    graph : UnitGraph
    open_only : bool
        Leave closed edges out.

    Returns
    -------
    start : int32 array, shape (n + 1,)
        The neighbours of unit i are at ``start[i]:start[i + 1]``.
    neighbour : int32 array
        Ascending within each unit.
    edge : int32 array
        Position of the edge in ``graph.tail``.
    """
    rows = np.flatnonzero(graph.is_open) if open_only else np.arange(len(graph.tail))
    one = np.concatenate([graph.tail[rows], graph.head[rows]])
    other = np.concatenate([graph.head[rows], graph.tail[rows]])
    order = np.lexsort((other, one))
    count = np.bincount(one, minlength=graph.n)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    edge = np.concatenate([rows, rows])[order].astype(np.int32)
    return start, other[order].astype(np.int32), edge
