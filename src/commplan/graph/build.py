"""Build the unit graph of a territory: who touches whom, along what, and where one may cross."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.graph.barriers import TINY_M, along, beside, is_closing
from commplan.graph.borders import Borders, shared_borders
from commplan.graph.crossings import Spans, near_crossing, spans
from commplan.graph.options import GraphOptions
from commplan.graph.pieces import labels_of, piece_findings
from commplan.territory.territory import Territory

#: With a larger share of units that touch no other, gaps or barriers are wrong, not the town.
MOSTLY = 0.1


def build_unit_graph(territory: Territory, options: GraphOptions | None = None) -> UnitGraph:
    """Build the graph of the units of a territory.

    Neighbours share at least ``neighbour_min_m`` of border on the blocks. A pair is closed if more
    than half of its border runs along barriers that may not be crossed and no crossing is near it
    (`GraphOptions` says what that means, also for short borders).
    A crossing over a gap joins the units at its two sides. A unit that is left without an open edge
    is joined to the nearest, of its own subdistrict where units name one, and reported.

    Parameters
    ----------
    territory : Territory
        With units; where it has no blocks, the units themselves must be a clean coverage.
    options : GraphOptions, optional

    Returns
    -------
    UnitGraph
        With findings on islands, pockets, exclaves, lone units and crossings that join nothing.

    Raises
    ------
    ValueError
        If the territory has no units.
    """
    if territory.units is None:
        raise ValueError("a territory without units has no unit graph")
    options = options or GraphOptions()
    source = territory.units.geometry if territory.blocks is None else territory.blocks
    blocks = np.asarray(source.to_numpy(), dtype=object)
    graph = _bordering(blocks, territory.barriers, territory.crossings, options)
    shapes = _shapes(territory.barriers)
    bridges = spans(blocks, shapes, territory.crossings, options)
    graph = _with_open(graph, bridges.pairs)
    lone, joined, distance_m = _lone_pairs(graph, blocks, territory.units)
    graph = _with_open(graph, joined)
    findings = (
        *_join_findings(territory, bridges, lone, distance_m),
        *piece_findings(graph, territory.units),
    )
    return graph.replace(findings=findings)


def _shapes(layer: gpd.GeoDataFrame | None) -> NDArray[Any]:
    if layer is None:
        return np.empty(0, dtype=object)
    return np.asarray(layer.geometry.to_numpy(), dtype=object)


def _bordering(
    blocks: NDArray[Any],
    barriers: gpd.GeoDataFrame | None,
    crossings: gpd.GeoDataFrame | None,
    options: GraphOptions,
) -> UnitGraph:
    """Return the graph of shared borders, closed where barriers close it."""
    borders = shared_borders(blocks)
    m = len(borders.tail)
    on_any, closed = np.zeros(m), np.zeros(m, dtype=bool)
    if barriers is not None and len(barriers):
        shapes = _shapes(barriers)
        on_any = along(borders.segments, m, shapes, options)
        closed = _closed(borders, shapes[is_closing(barriers)], options)
        if closed.any():
            closed &= ~near_crossing(borders, crossings, options.crossing_m)
    return _graph(len(blocks), borders, on_any, ~closed, options)


def _closed(borders: Borders, barriers: NDArray[Any], options: GraphOptions) -> NDArray[np.bool_]:
    """Whether more than half of each border runs along the barriers."""
    m, half = len(borders.tail), borders.length_m / 2 + TINY_M
    closed: NDArray[np.bool_] = along(borders.segments, m, barriers, options) > half
    if not options.close_short_borders:
        return closed
    short = borders.length_m < options.barrier_stretch_m
    beside_m = beside(borders.segments, m, barriers, options.barrier_distance_m)
    with_short = closed | (short & (beside_m > half))
    # A unit that this would leave alone keeps the edges that the letter leaves it: so whatever is
    # connected here is connected by the letter too.
    usable = ~with_short & (borders.length_m >= options.neighbour_min_m - TINY_M)
    ends = np.concatenate([borders.tail[usable], borders.head[usable]])
    alone = np.bincount(ends, minlength=int(borders.head.max(initial=0)) + 1) == 0
    kept: NDArray[np.bool_] = with_short & (closed | ~(alone[borders.tail] | alone[borders.head]))
    return kept


def _graph(
    n: int,
    borders: Borders,
    barrier_m: NDArray[np.float64],
    is_open: NDArray[np.bool_],
    options: GraphOptions,
) -> UnitGraph:
    keep = borders.length_m >= options.neighbour_min_m - TINY_M
    length_m = borders.length_m[keep]
    return UnitGraph(
        n,
        borders.tail[keep],
        borders.head[keep],
        length_m,
        np.minimum(barrier_m[keep], length_m),
        is_open[keep],
    )


def _with_open(graph: UnitGraph, pairs: NDArray[np.intp]) -> UnitGraph:
    """Open the edges of the pairs; those that share no border become edges of length 0."""
    if not len(pairs):
        return graph
    tail = np.concatenate([graph.tail, pairs[:, 0]]).astype(np.int32)
    head = np.concatenate([graph.head, pairs[:, 1]]).astype(np.int32)
    nothing = np.zeros(len(pairs))
    keys, first, back = np.unique(
        tail.astype(np.int64) * graph.n + head, return_index=True, return_inverse=True
    )
    is_open = np.zeros(len(keys), dtype=bool)
    is_open[back[: len(graph.tail)]] = graph.is_open
    is_open[back[len(graph.tail) :]] = True
    return UnitGraph(
        graph.n,
        tail[first],
        head[first],
        np.concatenate([graph.border_m, nothing])[first],
        np.concatenate([graph.barrier_m, nothing])[first],
        is_open,
    )


def _lone_pairs(
    graph: UnitGraph, blocks: NDArray[Any], units: gpd.GeoDataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Units without an open edge, the pairs that join each to its nearest, and their distance."""
    ends = np.concatenate([graph.tail[graph.is_open], graph.head[graph.is_open]])
    lone = np.flatnonzero(np.bincount(ends, minlength=graph.n) == 0)
    if graph.n < 2 or not len(lone):
        return lone[:0], np.empty((0, 2), dtype=np.intp), np.empty(0)
    shapes = np.where(shapely.is_empty(blocks), _given(units), blocks)
    part, _ = labels_of(units, "subdistrict_id")
    joined = np.ones(graph.n, dtype=bool)
    joined[lone] = len(lone) == graph.n  # two islets are no company for each other
    nearest = np.array([_nearest(int(unit), shapes, part, joined) for unit in lone])
    distance_m = shapely.distance(shapes[lone], shapes[nearest])
    pairs = np.sort(np.column_stack([lone, nearest]), axis=1)
    return lone, pairs.astype(np.intp), np.nan_to_num(distance_m)


def _given(units: gpd.GeoDataFrame) -> NDArray[Any]:
    return np.asarray(units.geometry.to_numpy(), dtype=object)


def _nearest(
    unit: int, shapes: NDArray[Any], part: NDArray[np.intp], joined: NDArray[np.bool_]
) -> int:
    """Return the nearest unit that is joined to others, of the same subdistrict if there is one.

    A unit that names no subdistrict (part -1) may lie in any. Of equals the first.
    """
    fits = joined & ((part == part[unit]) | (part[unit] < 0) | (part < 0))
    for choice in (fits, joined, np.ones(len(shapes), dtype=bool)):
        others = np.flatnonzero(choice)
        others = others[others != unit]
        if len(others):
            break
    distance = np.nan_to_num(shapely.distance(shapes[unit], shapes[others]), nan=np.inf)
    return int(others[np.argmin(distance)])


def _join_findings(
    territory: Territory,
    bridges: Spans,
    lone: NDArray[np.intp],
    distance_m: NDArray[np.float64],
) -> list[Finding]:
    findings = []
    if len(lone) and territory.units is not None:
        ids = territory.units["unit_id"].to_numpy(dtype=str)[lone]
        params: dict[str, object] = {"distance_m": round(float(distance_m.max()), 1)}
        findings.append(
            Finding(
                "graph.lone_unit",
                Severity.WARNING,
                params,
                tuple(str(i) for i in ids),
                layer="units",
                clause="house choice",
            )
        )
        share = len(lone) / len(territory.units)
        if share > MOSTLY:
            params = {"share": round(100 * share)}
            findings.append(Finding("graph.mostly_lone", Severity.ERROR, params, layer="units"))
    findings += [
        Finding("graph.idle_crossing", Severity.NOTE, layer="crossings", row=int(row) + 1)
        for row in bridges.idle
    ]
    return findings
