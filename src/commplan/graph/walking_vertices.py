"""Vertices of street lines: which are one, in which order they are kept, which ends lie on lines."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def join_vertices(xy: Floats, join_m: float) -> tuple[Ints, Floats]:
    """Give vertices within ``join_m`` of each other one number; near vertices have near numbers."""
    if not len(xy):
        return np.empty(0, np.int32), np.empty((0, 2))
    grid = np.rint((xy - xy.min(axis=0)) * 1000).astype(np.int64)  # the same to a millimetre
    key = grid[:, 0] * (grid[:, 1].max() + 1) + grid[:, 1]
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    distinct = xy[first]
    pairs = cKDTree(distinct).query_pairs(join_m, output_type="ndarray")
    if len(pairs):
        links = sparse.coo_array(
            (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(distinct), len(distinct))
        )
        _, cluster = connected_components(links, directed=False)
        _, member = np.unique(cluster, return_index=True)
        number, distinct = cluster[number].astype(np.int64), distinct[member]
    rank, order = near_order(distinct)
    return rank[number], distinct[order]


def near_order(xy: Floats) -> tuple[Ints, NDArray[np.int64]]:
    """Order points along a Hilbert curve: what is near in the city is near in memory.

    Returns
    -------
    rank : int32 array, shape (n,)
        Place of each point on the curve.
    order : int64 array, shape (n,)
        The points in the order of the curve.
    """
    import geopandas as gpd

    order = np.argsort(gpd.GeoSeries(shapely.points(xy)).hilbert_distance(), kind="stable")
    rank = np.empty(len(xy), np.int32)
    rank[order] = np.arange(len(xy))
    return rank, np.asarray(order, dtype=np.int64)


def cut_at_ends(
    vertex_xy: Floats, stretch: tuple[Ints, Ints], ends: Ints, join_m: float
) -> tuple[Ints, Ints, NDArray[np.int64], Floats]:
    """Cut straight stretches where another line ends on them.

    Returns
    -------
    a, b : int32 array, shape (k,)
        Vertices of what the stretches become.
    of : int64 array, shape (k,)
        The stretch of which each is a part.
    share : float64 array, shape (k,)
        How much of it.
    """
    a, b = stretch
    every = np.arange(len(a))
    lines = np.asarray(shapely.linestrings(np.stack([vertex_xy[a], vertex_xy[b]], axis=1)))
    points = np.asarray(shapely.points(vertex_xy[ends]))
    which, line = shapely.STRtree(lines).query(points, "dwithin", distance=join_m)
    at = shapely.line_locate_point(lines[line], points[which], normalized=True)
    end = ends[which]
    inside = (at > 0) & (at < 1) & (a[line] != end) & (b[line] != end)
    of = np.concatenate([every, line[inside], every])
    along = np.concatenate([np.zeros(len(a)), at[inside], np.ones(len(a))])
    vertex = np.concatenate([a, end[inside], b])
    order = np.lexsort((vertex, along, of))
    of, along, vertex = of[order], along[order], vertex[order]
    part = of[1:] == of[:-1]
    return vertex[:-1][part], vertex[1:][part], of[1:][part], np.diff(along)[part]
