"""WalkNetwork: the streets people walk along, and a stated stand-in where there are none."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.walking_gradient import has_heights
from commplan.graph.walking_lines import StreetGraph, components, street_graph
from commplan.graph.walking_places import Places, closed_walls, no_places, places_of_units
from commplan.graph.walking_ways import left_out_km, walkable_ways
from commplan.territory.territory import Territory

if TYPE_CHECKING:
    import geopandas as gpd

HOUSE = "house choice"


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
        Its findings name the fallback, pieces cut off, and units the network does not reach.
    """
    options = options or WalkOptions()
    streets = territory.streets
    findings: list[Finding] = []
    graph = _EMPTY
    if streets is not None:
        streets = streets[~(streets.geometry.is_empty | streets.geometry.isna())]
        usable = walkable_ways(streets)
        findings.extend(_closed(streets, usable))
        graph, strange = street_graph(streets[usable], options.speed_m_per_min, options.join_m)
        if has_heights(streets[usable]):
            findings.append(_finding("walking.slopes", Severity.NOTE, layer="streets"))
        if strange:
            findings.append(_finding("walking.strange_speed", layer="streets", rows=strange))
    graph, component, cut_off = _main_pieces(graph, options.piece_share)
    findings.extend(cut_off)
    segments = np.asarray(shapely.linestrings(graph.segment_xy), dtype=object)
    network = WalkNetwork(
        options, graph, component, segments, shapely.STRtree(segments), closed_walls(territory)
    )
    units = places_of_units(network, territory)
    findings.extend(_coverage(territory, units, options, is_fallback=network.is_fallback))
    return replace(network, units=units, findings=tuple(findings))


def _closed(streets: "gpd.GeoDataFrame", usable: NDArray[np.bool_]) -> Iterator[Finding]:
    """Say which ways are not for walking, where tags tell."""
    if usable.all() or "highway" not in streets or streets["highway"].isna().all():
        return
    closed_km = float(streets.geometry.length[~usable].sum()) / 1000
    yield _finding(
        "walking.closed_ways",
        Severity.NOTE,
        layer="streets",
        ways=int((~usable).sum()),
        km=round(closed_km, 1),
        kinds=left_out_km(streets, usable),
    )


def _main_pieces(
    graph: StreetGraph, share: float
) -> tuple[StreetGraph, NDArray[np.int32], list[Finding]]:
    """Leave out the small pieces that are not joined to the rest."""
    if not len(graph.node_xy):
        return graph, np.empty(0, np.int32), []
    label = components(graph)
    length_m = np.zeros(int(label.max()) + 1)
    np.add.at(length_m, label[graph.tail[graph.segment_edge]], graph.segment_m)
    kept = (length_m >= share * length_m.sum()) | (length_m == length_m.max())
    if kept.all():
        return graph, label, _apart(length_m)
    lost = _finding(
        "walking.pieces",
        Severity.NOTE,
        layer="streets",
        pieces=int((~kept).sum()),
        km=round(float(length_m[~kept].sum()) / 1000, 1),
        share=round(100 * float(length_m[~kept].sum() / length_m.sum()), 1),
    )
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
    return rest, component.astype(np.int32), [lost, *_apart(length_m[kept])]


def _apart(length_m: NDArray[np.float64]) -> list[Finding]:
    """Say that large pieces of the network are not joined."""
    if len(length_m) < 2:
        return []
    km = sorted((round(float(m) / 1000, 1) for m in length_m), reverse=True)
    return [_finding("walking.apart", layer="streets", pieces=len(km), km=", ".join(map(str, km)))]


def _coverage(
    territory: Territory, units: Places, options: WalkOptions, *, is_fallback: bool
) -> Iterator[Finding]:
    """Name the units for which straight lines stand in."""
    how: dict[str, Any] = {"detour": options.detour, "speed": options.speed_m_per_min}
    if is_fallback:
        code = "walking.no_streets" if territory.streets is None else "walking.no_usable_street"
        yield _finding(code, Severity.NOTE, layer="streets", **how)
        return
    off = np.flatnonzero(~units.on_network)
    if not len(off) or territory.units is None:
        return
    yield Finding(
        "walking.off_network",
        Severity.WARNING,
        {
            **how,
            "units": len(off),
            "of": units.n,
            "households": int(territory.units["households"].to_numpy()[off].sum()),
            "snap_m": options.snap_m,
        },
        tuple(territory.units["unit_id"].to_numpy()[off].tolist()),
        "units",
        clause=HOUSE,
    )


def _finding(
    code: str, severity: Severity = Severity.WARNING, layer: str | None = None, **params: object
) -> Finding:
    return Finding(code, severity, params, layer=layer, clause=HOUSE)


_EMPTY = StreetGraph(
    node_xy=np.empty((0, 2)),
    tail=np.empty(0, np.int32),
    head=np.empty(0, np.int32),
    edge_min=np.empty(0),
    segment_xy=np.empty((0, 2, 2)),
    segment_edge=np.empty(0, np.int32),
    segment_min=np.empty((0, 2)),
)
