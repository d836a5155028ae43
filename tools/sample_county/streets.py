"""The walking network: streets noded at crossings, paths inside compounds, and their gates."""

from collections import defaultdict
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sample_county import layout
from sample_county.cells import Town

CUT_OFF_NAMES = ("石灰石矿生活区", "国营青澜果林场")
GATES_KNOWN_SHARE = 0.75
LOOP_FROM_M2 = 30_000.0


@dataclass
class Network:
    """Lines as they are drawn: attributes by column, and cuts that streets still await."""

    rows: list[dict[str, object]] = field(default_factory=list)
    cuts: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    gates: list[dict[str, object]] = field(default_factory=list)

    def draw(self, kind: str, *points: NDArray[np.float64], **more: object) -> None:
        """Add one line through points; those that do not move are dropped."""
        line = np.round(np.vstack(points), 2)
        line = line[np.r_[True, (np.diff(line, axis=0) != 0).any(axis=1)]]
        if len(line) > 1:
            row = {"name": None, "kind": kind, "width_m": np.nan, "walkable": True, "height": 0}
            self.rows.append({**row, **more, "geometry": shapely.LineString(line)})


def _at(line: shapely.LineString, share: float) -> NDArray[np.float64]:
    """Point at a share of a line's length, shape (1, 2)."""
    point = shapely.line_interpolate_point(line, share, normalized=True)
    return np.array([[point.x, point.y]])


def _pieces(line: shapely.LineString, shares: list[float]) -> list[NDArray[np.float64]]:
    """Cut a line at shares of its length; ends of neighbouring pieces are the same numbers."""
    coords = np.array(line.coords)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(coords, axis=0).T))] / line.length
    stops = [0.0, *sorted(set(shares)), 1.0]
    ends = [coords[:1], *(_at(line, s) for s in stops[1:-1]), coords[-1:]]
    cut = []
    for start, stop, first, last in zip(stops, stops[1:], ends, ends[1:], strict=False):
        between = (along > start + 1e-9) & (along < stop - 1e-9)
        cut.append(np.vstack([first, coords[between], last]))
    return cut


def _gate_count(kind: str, area_m2: float, rng: np.random.Generator) -> int:
    if kind == "block":
        return int(rng.choice([0, 1, 2], p=[0.45, 0.2, 0.35]))
    if kind == "open":
        return 1
    return 3 if area_m2 > 60_000 else 2 if area_m2 > 9000 else 1


def _doors(
    unit: shapely.Polygon, edges: list[int], tree: shapely.STRtree, count: int, net: Network,
    rng: np.random.Generator,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:  # fmt: skip
    """Draw (point on the street, gate in the fence) of a unit's entrances; streets get cut there."""
    lines = tree.geometries
    length = shapely.length(lines[edges])
    usable = np.flatnonzero(length > 30)
    count = min(count, len(usable))
    if count == 0:
        return []
    picked = rng.choice(usable, count, replace=False, p=length[usable] / length[usable].sum())
    doors = []
    for edge in np.array(edges)[np.sort(picked)]:
        share = round(float(rng.uniform(0.25, 0.75)), 3)
        kerb = _at(lines[edge], share)
        nearest = shapely.shortest_line(unit.exterior, shapely.Point(kerb[0]))
        if len(tree.query(nearest, predicate="crosses")):
            continue
        net.cuts[int(edge)].append(share)
        doors.append((kerb, np.array(nearest.coords[:1])))
    return doors


def _inside(unit: shapely.Polygon, gates: list, net: Network, rng: np.random.Generator) -> None:
    """Draw the paths of a compound: a loop with spokes where it is large, else a yard."""
    centre = unit.representative_point() if not unit.contains(unit.centroid) else unit.centroid
    hub = np.array([[centre.x, centre.y]])
    loop = shapely.buffer(unit, -min(22.0, 0.2 * np.sqrt(unit.area)), join_style="mitre")
    if unit.area < LOOP_FROM_M2 or loop.geom_type != "Polygon" or loop.is_empty:
        for gate in gates:
            if shapely.covers(unit.buffer(0.1), shapely.LineString(np.vstack([gate, hub]))):
                net.draw("footway", gate, hub)
        return
    ring = shapely.LineString(loop.exterior.coords)
    spokes = [round(float(s), 3) for s in (np.arange(3) / 3 + rng.uniform(0, 0.33))]
    joined = [
        float(shapely.line_locate_point(ring, shapely.Point(g[0]), normalized=True)) for g in gates
    ]
    for gate, share in zip(gates, joined, strict=True):
        net.draw("service", gate, _at(ring, share))
    for share in spokes:
        if shapely.LineString(np.vstack([hub, _at(ring, share)])).within(unit):
            net.draw("footway", hub, _at(ring, share))
    inner = [s for s in (*spokes, *joined) if 0 < s < 1]
    for piece in _pieces(ring, inner):
        net.draw("service", piece)


def _entrances(
    town: Town, units: pd.DataFrame, lines: NDArray[np.object_], rng: np.random.Generator
) -> Network:
    """Paths and gates of all units; the streets themselves are drawn afterwards."""
    net, tree = Network(), shapely.STRtree(lines)
    edges_of: dict[int, list[int]] = defaultdict(list)
    for edge, sides in enumerate(zip(town.left, town.right, strict=True)):
        for cell in sides:
            edges_of[int(cell)].append(edge)
    columns = units[["unit_id", "cell", "kind", "name", "geometry"]]
    for unit_id, cell, kind, name, shape in columns.itertuples(index=False):
        unit = max(shapely.get_parts(shape), key=lambda part: part.area)
        count = _gate_count(kind, unit.area, rng)
        doors = _doors(unit, edges_of[int(cell)], tree, count, net, rng)
        gates = [gate for _, gate in doors]
        _inside(unit, gates, net, rng)
        if name in CUT_OFF_NAMES:
            continue  # paths that somebody drew and never joined to the street
        for kerb, gate in doors:
            net.draw("service", kerb, gate)
        if kind != "block" and rng.random() < GATES_KNOWN_SHARE:
            net.gates += [{"unit_id": unit_id, "geometry": shapely.Point(g[0])} for g in gates]
    return net


def make_streets(
    town: Town, units: pd.DataFrame, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Streets and gates on the map.

    Returns
    -------
    streets : GeoDataFrame
        name, kind, width_m, walkable, height (1 on a bridge, -1 in an underpass), geometry.
    gates : GeoDataFrame
        unit_id, geometry: points in the fence of about three compounds in four.
    """
    lines = shapely.simplify(layout.on_map(town.edges), 0.5)
    net = _entrances(town, units, lines, rng)
    kinds = {name: kind for name, kind, *_ in layout.crossings()}
    for edge, line in enumerate(lines):
        road = town.roads[town.edge_road[edge]]
        height = {"bridge": 1, "footbridge": 1, "underpass": -1}.get(kinds.get(road.name, ""), 0)
        for piece in _pieces(line, net.cuts.get(edge, [])):
            width = round(road.width_m, 1)
            kind = kinds.get(road.name, road.kind)
            net.draw(kind, piece, name=road.name or None, width_m=width, height=height)
    streets = gpd.GeoDataFrame(net.rows, crs=layout.CRS)
    gates = gpd.GeoDataFrame(net.gates, crs=layout.CRS)
    return streets, gates


def components(lines: NDArray[np.object_]) -> NDArray[np.int64]:
    """Component of each line, by equal end points, shape (m,)."""
    ends = np.array([[line.coords[0], line.coords[-1]] for line in lines]).reshape(-1, 2)
    _, node = np.unique(ends, axis=0, return_inverse=True)
    tail, head = node.reshape(-1, 2).T
    n = int(node.max()) + 1
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    return connected_components(graph, directed=False)[1][tail]
