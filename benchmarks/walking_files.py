"""Street networks as arrays, for measuring walks: nodes, edges, minutes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd

SPEED_M_PER_MIN = 80.0

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Roads:
    """A graph as arrays: ids and places of nodes, ends of edges and their minutes, the limit."""

    ids: NDArray[np.int64]
    node_xy: Floats
    tail: Ints
    head: Ints
    minutes: Floats
    limit_min: float

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)


def read_roads(path: Path, limit_min: float) -> Roads:
    """Read lines as a graph: by their columns u and v, else where they share a vertex."""
    import shapely

    frame = _lines(path)
    if frame is None:
        return _streets(path, limit_min)
    ids, ends = np.unique(np.r_[frame["u"], frame["v"]], return_inverse=True)
    tail, head = ends[: len(frame)].astype(np.int32), ends[len(frame) :].astype(np.int32)
    lines = np.asarray(frame.geometry.array)
    node_xy = np.empty((len(ids), 2))
    node_xy[tail] = shapely.get_coordinates(shapely.get_point(lines, 0))
    node_xy[head] = shapely.get_coordinates(shapely.get_point(lines, -1))
    return Roads(ids, node_xy, tail, head, shapely.length(lines) / SPEED_M_PER_MIN, limit_min)


def _lines(path: Path) -> "gpd.GeoDataFrame | None":
    """Read lines with the columns u and v, in metres; None where a file has no such columns."""
    import geopandas as gpd

    if path.suffix in {".pbf", ".osm"}:
        return None
    frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    if not {"u", "v"} <= set(frame):
        return None
    if not (frame.geom_type == "LineString").all():
        raise ValueError("columns u and v, but not a line in every row")
    if frame.crs is not None and frame.crs.is_geographic:
        return frame.to_crs(frame.estimate_utm_crs())
    return frame


def _streets(path: Path, limit_min: float) -> Roads:
    """Read streets as a scenario does: which ways are walked, what is joined, small pieces left out."""
    import geopandas as gpd

    from commplan.graph.walking import build_walk_network
    from commplan.territory.read import read_layer
    from commplan.territory.schema import LayerSource
    from commplan.territory.territory import Territory

    layer = read_layer(LayerSource("streets", path))
    if layer.faults or layer.shapes is None or layer.crs is None:
        raise ValueError("holds no streets that can be read")
    frame = gpd.GeoDataFrame(layer.table, geometry=list(layer.shapes), crs=layer.crs)
    if layer.crs.is_geographic:
        frame = frame.to_crs(frame.estimate_utm_crs())
    graph = build_walk_network(Territory(frame.crs, streets=frame)).graph
    if not len(graph.tail):
        raise ValueError("holds no street that can be walked")
    ids = np.arange(len(graph.node_xy))
    return Roads(ids, graph.node_xy, graph.tail, graph.head, graph.edge_min, limit_min)
