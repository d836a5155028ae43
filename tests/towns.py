"""Small made-up territories: grids whose figures can be worked out by hand, and Voronoi towns."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from commplan.graph.adjacency import UnitGraph
from commplan.territory.territory import Territory

CRS = pyproj.CRS("EPSG:4547")


def unit_ids(n: int) -> list[str]:
    """U000, U001, ..."""
    return [f"U{i:03d}" for i in range(n)]


def unit_frame(shapes: Sequence[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """Units with the columns of the schema, nulls where nothing is given."""
    n = len(shapes)
    text = ("name", "subdistrict_id", "community_id", "kind", "keep_with")
    table: dict[str, Any] = {"unit_id": unit_ids(n), "households": np.full(n, 100, dtype=np.int64)}
    table |= {name: pd.Series([None] * n, dtype=object) for name in text}
    table |= {name: np.full(n, np.nan) for name in ("population", "commercial_floor_m2")}
    table |= {"locked": np.zeros(n, dtype=bool)}
    for name, values in columns.items():
        dtype = object if name in text else None
        table[name] = pd.Series(list(values), dtype=dtype)
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=CRS)


def town(shapes: Sequence[shapely.Geometry], **columns: Any) -> Territory:
    """Make a territory of units alone, its blocks the units themselves."""
    units = unit_frame(shapes, **columns)
    return Territory(crs=CRS, units=units, blocks=units.geometry)


def grid_town(columns: int, rows: int = 1, side_m: float = 100.0, **values: Any) -> Territory:
    """Squares in rows from the lower left; unit ``U000`` is at the origin."""
    squares = [
        shapely.box(c * side_m, r * side_m, (c + 1) * side_m, (r + 1) * side_m)
        for r in range(rows)
        for c in range(columns)
    ]
    return town(squares, **values)


def voronoi_town(n: int, rng: np.random.Generator, side_m: float = 1000.0) -> list[shapely.Polygon]:
    """Make a clean coverage of ``n`` cells in a square."""
    points = shapely.multipoints(rng.uniform(0, side_m, (n, 2)))
    frame = shapely.box(0, 0, side_m, side_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    clipped = shapely.intersection(cells, frame)
    return list(shapely.coverage_simplify(clipped, 0.0))


def graph_by_hand(
    n: int,
    pairs: Sequence[tuple[int, int]],
    border_m: float | Sequence[float] = 100.0,
    closed: Sequence[tuple[int, int]] = (),
) -> UnitGraph:
    """Make a graph of the pairs given (tail < head, sorted here)."""
    ordered = sorted(pairs)
    m = len(ordered)
    return UnitGraph(
        n=n,
        tail=np.array([a for a, _ in ordered], dtype=np.int32),
        head=np.array([b for _, b in ordered], dtype=np.int32),
        border_m=np.broadcast_to(np.asarray(border_m, dtype=np.float64), (m,)).copy(),
        barrier_m=np.zeros(m),
        is_open=np.array([pair not in set(closed) for pair in ordered], dtype=np.bool_),
    )


def grid_graph(columns: int, rows: int = 1, closed: Sequence[tuple[int, int]] = ()) -> UnitGraph:
    """Make the graph of `grid_town` with sides of 100 m."""
    at = np.arange(columns * rows).reshape(rows, columns)
    across = zip(at[:, :-1].ravel().tolist(), at[:, 1:].ravel().tolist(), strict=True)
    up = zip(at[:-1].ravel().tolist(), at[1:].ravel().tolist(), strict=True)
    return graph_by_hand(columns * rows, [*across, *up], closed=closed)
