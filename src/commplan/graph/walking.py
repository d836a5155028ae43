"""WalkNetwork: the streets people walk along, and a stated stand-in where there are none."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.walking_findings import (
    closed_ways,
    piece_findings,
    street_finding,
    unit_findings,
)
from commplan.graph.walking_gradient import has_heights, states_levels
from commplan.graph.walking_lines import StreetGraph, components, street_graph
from commplan.graph.walking_places import Places, closed_walls, no_places, places_of_units
from commplan.graph.walking_ways import walkable_ways
from commplan.territory.territory import Territory


@dataclass(frozen=True)
class WalkOptions:
    """How people walk; every figure is a house choice.

    Parameters
    ----------
    speed_m_per_min : float
    detour : float
        Walking distance over straight line where no network says better.
    snap_m : float
        A place farther than this from every street is off the network.
    join_m : float
        Street vertices nearer than this are one.
    piece_share : float
        Pieces of the network, not joined to the rest, that hold less than this share of its length
        are left out.
    """

    speed_m_per_min: float = 80.0
    detour: float = 1.3
    snap_m: float = 300.0
    join_m: float = 0.1
    piece_share: float = 0.05


@dataclass(frozen=True)
class WalkNetwork:
    """Streets as a graph of walking minutes, with the units of a territory joined to it.

    Parameters
    ----------
    options : WalkOptions
    graph : StreetGraph
        Without nodes where there are no streets.
    component : int32 array, shape (nodes,)
        Pieces that are not joined to each other have different numbers.
    segments : object array, shape (s,)
        The graph's segments as lines.
    tree : shapely.STRtree
        Of ``segments``.
    walls : shapely.STRtree or None
        Barriers that no way from a place to its street may cross.
    units : Places
        Where the territory's units, row by row, join the network.
    findings : tuple of Finding
    """

    options: WalkOptions
    graph: StreetGraph
    component: NDArray[np.int32]
    segments: NDArray[np.object_]
    tree: shapely.STRtree
    walls: shapely.STRtree | None = None
    units: Places = field(default_factory=no_places)
    findings: tuple[Finding, ...] = ()

    @property
    def node_xy(self) -> NDArray[np.float64]:
        """Junctions and dead ends, shape (nodes, 2)."""
        return self.graph.node_xy

    @property
    def is_fallback(self) -> bool:
        """Whether there is no network at all: every walk is a straight line times ``detour``."""
        return not len(self.graph.tail)

    @cached_property
    def _by_edge(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Offsets by edge, and the segments in their order."""
        edge = self.graph.segment_edge
        order = np.argsort(edge, kind="stable")
        return np.searchsorted(edge[order], np.arange(len(self.graph.tail) + 1)), order

    def segments_of(self, edges: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the segments of some edges: position in ``edges``, and segment."""
        offsets, order = self._by_edge
        count = offsets[edges + 1] - offsets[edges]
        which = np.repeat(np.arange(len(edges)), count)
        step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        return which, order[offsets[edges][which] + step]

    @cached_property
    def ways(self) -> tuple[NDArray[Any], ...]:
        """The ways out of each node, as the compiled searches take them.

        Offsets by node, then per way: node reached, minutes, edge, whether it leaves by the edge's
        tail; then tail, head and minutes of each edge.
        """
        g = self.graph
        start = np.concatenate([g.tail, g.head])
        order = np.argsort(start, kind="stable")
        offsets = np.searchsorted(start[order], np.arange(len(g.node_xy) + 1)).astype(np.int32)
        edge = (order % max(len(g.tail), 1)).astype(np.int32)
        reached = np.concatenate([g.head, g.tail])[order]
        from_tail = order < len(g.tail)
        return offsets, reached, g.edge_min[edge], edge, from_tail, g.tail, g.head, g.edge_min


def build_walk_network(territory: Territory, options: WalkOptions | None = None) -> WalkNetwork:
    """Build the walking network of a territory's streets.

    Parameters
    ----------
    territory : Territory
        Without a ``streets`` layer, or without a line in it that can be walked, the network is
        empty and every walk is a straight line times ``options.detour``; a finding says so.
    options : WalkOptions, optional

    Returns
    -------
    WalkNetwork
        Its findings name the fallback, pieces cut off or apart with the units that lie at them,
        and units that the network does not reach.
    """
    options = options or WalkOptions()
    streets = territory.streets
    findings: list[Finding] = []
    graph = _EMPTY
    if streets is not None:
        streets = streets[~(streets.geometry.is_empty | streets.geometry.isna())]
        usable = walkable_ways(streets)
        findings.extend(closed_ways(streets, usable))
        graph, strange = street_graph(streets[usable], options.speed_m_per_min, options.join_m)
        if has_heights(streets[usable]):
            findings.append(street_finding("walking.slopes", Severity.NOTE))
        elif states_levels(streets) and streets["height"].any():
            findings.append(street_finding("walking.levels", Severity.NOTE))
        if strange:
            findings.append(street_finding("walking.strange_speed", rows=strange))
    label, length_m, kept = _pieces(graph, options.piece_share)
    findings.extend(piece_findings(length_m, kept))
    lost_xy = graph.segment_xy[~kept[label[graph.tail[graph.segment_edge]]]]
    graph, component = _kept_pieces(graph, label, kept)
    segments = np.asarray(shapely.linestrings(graph.segment_xy), dtype=object)
    network = WalkNetwork(
        options, graph, component, segments, shapely.STRtree(segments), closed_walls(territory)
    )
    network = replace(network, units=places_of_units(network, territory))
    findings.extend(unit_findings(territory, network, lost_xy))
    return replace(network, findings=tuple(findings))


def _pieces(
    graph: StreetGraph, share: float
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """Find the pieces that are not joined: that of each node, their lengths, and which are kept."""
    label = components(graph) if len(graph.node_xy) else np.empty(0, np.int32)
    of_segment = label[graph.tail[graph.segment_edge]]
    length_m = np.bincount(of_segment, weights=graph.segment_m).astype(np.float64)
    kept = np.asarray(length_m >= min(share * length_m.sum(), length_m.max(initial=0.0)))
    return label, length_m, kept


def _kept_pieces(
    graph: StreetGraph, label: NDArray[np.int32], kept: NDArray[np.bool_]
) -> tuple[StreetGraph, NDArray[np.int32]]:
    """Leave out the small pieces; the graph that stays and the piece of each of its nodes."""
    if kept.all():
        return graph, label
    node, edge = kept[label], kept[label[graph.tail]]
    segment = edge[graph.segment_edge]
    new_node, new_edge = np.cumsum(node) - 1, np.cumsum(edge) - 1
    rest = StreetGraph(
        node_xy=graph.node_xy[node],
        tail=new_node[graph.tail[edge]].astype(np.int32),
        head=new_node[graph.head[edge]].astype(np.int32),
        edge_min=graph.edge_min[edge],
        segment_xy=graph.segment_xy[segment],
        segment_edge=new_edge[graph.segment_edge[segment]].astype(np.int32),
        segment_min=graph.segment_min[segment],
    )
    _, component = np.unique(label[node], return_inverse=True)
    return rest, component.astype(np.int32)


_EMPTY = StreetGraph(
    node_xy=np.empty((0, 2)),
    tail=np.empty(0, np.int32),
    head=np.empty(0, np.int32),
    edge_min=np.empty(0),
    segment_xy=np.empty((0, 2, 2)),
    segment_edge=np.empty(0, np.int32),
    segment_min=np.empty((0, 2)),
)
