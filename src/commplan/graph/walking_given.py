"""A walking network from a graph that one already has: nodes and edges as arrays."""

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.walking import WalkNetwork, WalkOptions
from commplan.graph.walking_lines import components, graph_of_stretches
from commplan.graph.walking_places import Places
from commplan.graph.walking_vertices import near_order

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def network_of_edges(
    node_xy: Floats, tail: Ints, head: Ints, minutes: Floats, options: WalkOptions | None = None
) -> tuple[WalkNetwork, Places]:
    """Make a walking network of nodes and edges, as osmnx, neatnet or a routing engine gives them.

    Nothing is snapped or cut off. Nodes at which nothing branches become points along an edge, so
    searches pass them by and still tell their minutes.

    Parameters
    ----------
    node_xy : float64 array, shape (n, 2)
        Metres.
    tail, head : int array, shape (m,)
        Positions of nodes. The least of parallel edges counts; loops lead nowhere.
    minutes : float64 array, shape (m,)
        Walking minutes, the same both ways.
    options : WalkOptions, optional
        Speed and detour, for places that join the network later.

    Returns
    -------
    network : WalkNetwork
    nodes : Places
        The nodes, row by row; one without an edge is off the network.
    """
    rank, order = near_order(node_xy)
    ends = rank[np.asarray(tail)], rank[np.asarray(head)]
    graph, ends_of = graph_of_stretches(node_xy[order], *ends, np.asarray(minutes, np.float64))
    segments = np.asarray(shapely.linestrings(graph.segment_xy), dtype=object)
    edge, along = np.full(len(rank), -1, np.int32), np.zeros(len(rank))
    for end in (0, 1):
        node = ends_of[:, end]
        edge[node], along[node] = graph.segment_edge, graph.segment_min[:, end]
    owner = np.flatnonzero(edge[rank] >= 0).astype(np.int32)
    at = rank[owner]
    network = WalkNetwork(
        options or WalkOptions(), graph, components(graph), segments, shapely.STRtree(segments)
    )
    return network, Places(node_xy, owner, edge[at], along[at], np.zeros(len(owner)))
