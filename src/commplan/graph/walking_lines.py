"""Street lines become a graph: vertices that meet are joined, chains between junctions are edges."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from commplan.graph.walking_gradient import slope_factor, stretch_slopes
from commplan.graph.walking_vertices import cut_at_ends, join_vertices

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

WALKABLE_SPEEDS_M_PER_MIN = (
    10.0,
    200.0,
)  # slower or faster is no walk: a car's km/h, a typing error


@dataclass(frozen=True)
class StreetGraph:
    """Nodes, edges between them, and the straight segments of which edges consist.

    Parameters
    ----------
    node_xy : float64 array, shape (n, 2)
        Junctions and dead ends.
    tail, head : int32 array, shape (m,)
        An edge may be a loop, and two nodes may have several edges.
    edge_min : float64 array, shape (m,)
        Walking minutes, the same both ways.
    segment_xy : float64 array, shape (s, 2, 2)
    segment_edge : int32 array, shape (s,)
    segment_min : float64 array, shape (s, 2)
        Minutes from the edge's tail to the segment's two ends.
    """

    node_xy: Floats
    tail: Ints
    head: Ints
    edge_min: Floats
    segment_xy: Floats
    segment_edge: Ints
    segment_min: Floats

    @property
    def segment_m(self) -> Floats:
        """Lengths of the segments."""
        return _lengths(self.segment_xy)


def street_graph(
    streets: "gpd.GeoDataFrame", speed_m_per_min: float, join_m: float
) -> tuple[StreetGraph, int]:
    """Make the graph of a layer of lines.

    Lines meet where they share a vertex (ends and vertices in between alike), and where one ends on
    another, as lines do that were drawn with snapping to edges; crossing without a vertex, as a
    bridge over a road does, joins nothing. A stretch drawn twice counts once, the quicker one.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines and multilines in a metric CRS; ``minutes`` (of the whole row) goes before ``speed``
        (m per minute), and both before ``speed_m_per_min``. Heights (`walking_gradient`) lengthen
        every walk but those of stated minutes.
    speed_m_per_min : float
    join_m : float
        Vertices nearer than this are one, and an end this near to a line lies on it.

    Returns
    -------
    graph : StreetGraph
    strange : int
        Rows whose speed, given or implied, is nobody's walk; they count at the usual speed.
    """
    parts, row = shapely.get_parts(np.asarray(streets.geometry.array), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    inner = part[1:] == part[:-1]
    start, stop = np.flatnonzero(inner), np.flatnonzero(inner) + 1
    segment_row = row[part[start]]
    length_m = np.hypot(*(xy[stop] - xy[start]).T)
    pace, strange = _pace(streets, segment_row, length_m, speed_m_per_min)
    vertex, vertex_xy = join_vertices(xy, join_m)
    slopes = stretch_slopes(streets, (parts, row), vertex, (start, stop))
    if slopes is not None:
        pace *= np.where(_states_minutes(streets)[segment_row], 1.0, slope_factor(slopes))
    last = np.flatnonzero(np.diff(part, append=-1) != 0)
    first = np.flatnonzero(np.diff(part, prepend=-1) != 0)
    ends = np.unique(vertex[np.concatenate([first, last])])
    a, b, of, share = cut_at_ends(vertex_xy, (vertex[start], vertex[stop]), ends, join_m)
    graph, _ = graph_of_stretches(vertex_xy, a, b, (length_m * pace)[of] * share)
    return graph, strange


def graph_of_stretches(
    vertex_xy: Floats, a: Ints, b: Ints, minutes: Floats
) -> tuple[StreetGraph, Ints]:
    """Make the graph of straight stretches between vertices.

    Parameters
    ----------
    vertex_xy : float64 array, shape (n, 2)
    a, b : int32 array, shape (k,)
        Vertices at the two ends. Where two stretches join the same vertices the quicker one counts.
    minutes : float64 array, shape (k,)

    Returns
    -------
    graph : StreetGraph
    segment_vertex : int32 array, shape (s, 2)
        Vertices at the ends of the graph's segments.
    """
    a, b = np.minimum(a, b), np.maximum(a, b)
    keep = a != b
    a, b, minutes = _quickest(a[keep], b[keep], minutes[keep])
    return _contract(vertex_xy, a, b, minutes), np.stack([a, b], axis=1)


def _states_minutes(streets: "gpd.GeoDataFrame") -> NDArray[np.bool_]:
    """Whose minutes are measured and count their climb already."""
    if "minutes" not in streets:
        return np.zeros(len(streets), dtype=bool)
    return np.asarray(streets["minutes"].notna(), dtype=bool)


def _pace(
    streets: "gpd.GeoDataFrame", segment_row: NDArray[np.int64], length_m: Floats, usual: float
) -> tuple[Floats, int]:
    """Minutes per metre of each segment, and how many rows state a pace that is no walk."""
    row_m = np.bincount(segment_row, weights=length_m, minlength=len(streets))
    minutes, speed = (
        streets[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if name in streets
        else np.full(len(streets), np.nan)
        for name in ("minutes", "speed")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        stated = np.where(np.isnan(minutes), speed, row_m / minutes)
    low, high = WALKABLE_SPEEDS_M_PER_MIN
    strange = ~np.isnan(stated) & ~((stated >= low) & (stated <= high)) & (row_m > 0)
    stated[strange | np.isnan(stated) | (row_m == 0)] = usual
    return 1.0 / stated[segment_row], int(strange.sum())


def _quickest(a: Ints, b: Ints, minutes: Floats) -> tuple[Ints, Ints, Floats]:
    order = np.lexsort((minutes, b, a))
    a, b, minutes = a[order], b[order], minutes[order]
    first = np.ones(len(a), dtype=bool)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return a[first], b[first], minutes[first]


def _contract(vertex_xy: Floats, a: Ints, b: Ints, minutes: Floats) -> StreetGraph:
    """Make one edge of each chain of segments between junctions."""
    ends = np.concatenate([a, b])
    order = np.argsort(ends, kind="stable")
    indptr = np.zeros(len(vertex_xy) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=len(vertex_xy)), out=indptr[1:])
    incident = (order % max(len(a), 1)).astype(np.int32)
    edge, at_a, at_b, tail, head, edge_min = _chains(indptr, incident, a, b, minutes)
    used, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    return StreetGraph(
        node_xy=vertex_xy[used],
        tail=ends[: len(tail)].astype(np.int32),
        head=ends[len(tail) :].astype(np.int32),
        edge_min=edge_min,
        segment_xy=np.stack([vertex_xy[a], vertex_xy[b]], axis=1),
        segment_edge=edge,
        segment_min=np.stack([at_a, at_b], axis=1),
    )


@njit(cache=True, nogil=True)
def _chains(indptr, incident, a, b, minutes):  # type: ignore[no-untyped-def]
    """Walk from junction to junction; rings without any junction start at their first segment."""
    count = a.size
    edge = np.full(count, -1, np.int32)
    at_a, at_b = np.zeros(count), np.zeros(count)
    tail, head = np.empty(count, np.int32), np.empty(count, np.int32)
    edge_min = np.zeros(count)
    edges = 0
    for ring in range(2):
        for first in range(2 * count):
            s = first // 2
            origin = a[s] if first % 2 == 0 else b[s]
            if edge[s] >= 0 or (ring == 0 and indptr[origin + 1] - indptr[origin] == 2):
                continue
            here, walked = origin, 0.0
            while True:
                edge[s] = edges
                there = b[s] if a[s] == here else a[s]
                if a[s] == here:
                    at_a[s], at_b[s] = walked, walked + minutes[s]
                else:
                    at_a[s], at_b[s] = walked + minutes[s], walked
                walked += minutes[s]
                here = there
                if here == origin or indptr[here + 1] - indptr[here] != 2:
                    break
                i = indptr[here]
                s = incident[i] if incident[i] != s else incident[i + 1]
            tail[edges], head[edges], edge_min[edges] = origin, here, walked
            edges += 1
    return edge, at_a, at_b, tail[:edges], head[:edges], edge_min[:edges]


def components(graph: StreetGraph) -> Ints:
    """Give each node the number of its piece: pieces are not joined to each other."""
    n = len(graph.node_xy)
    links = sparse.coo_array((np.ones(len(graph.tail)), (graph.tail, graph.head)), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int32)


def _lengths(segment_xy: Floats) -> Floats:
    length: Floats = np.hypot(*(segment_xy[:, 1] - segment_xy[:, 0]).T)
    return length
