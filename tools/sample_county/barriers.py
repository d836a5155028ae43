"""Rivers, railway, expressway and roads as the lines and areas that borders may follow."""

from collections import defaultdict

import geopandas as gpd
import numpy as np
import shapely

from sample_county import layout
from sample_county.cells import Town

REACH_M = 6900.0


def make_barriers(town: Town) -> gpd.GeoDataFrame:
    """Barriers with ``kind`` and ``name``; the river is an area, all else lines."""
    bed = layout.river(0.0, REACH_M).difference(layout.island())
    rows: list[tuple[str, str, object]] = [
        ("river", "青澜江", layout.on_map(bed)),
        ("river", "柳溪", layout.on_map(layout.stream_line())),
        ("railway", "青澜铁路", layout.on_map(layout.rail_line(REACH_M))),
        ("expressway", "青澜高速", layout.on_map(layout.expressway_line(REACH_M))),
    ]
    of: dict[tuple[str, str], list[int]] = defaultdict(list)
    bridges = {name for name, *_ in layout.crossings()}
    for edge, k in enumerate(town.edge_road):
        road = town.roads[k]
        if road.kind in ("main_road", "road") and road.name not in bridges:
            of[road.kind, road.name].append(edge)
    for (kind, name), edges in sorted(of.items()):
        line = shapely.line_merge(shapely.union_all(layout.on_map(town.edges[np.array(edges)])))
        rows.append((kind, name, line))
    kinds, names, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"kind": kinds, "name": names}, geometry=list(shapely.simplify(shapes, 0.5)), crs=layout.CRS
    )


def make_crossings() -> gpd.GeoDataFrame:
    """Bridges, underpasses and footbridges, each a line from street to street."""
    found = layout.crossings()
    return gpd.GeoDataFrame(
        {
            "kind": [kind for _, kind, *_ in found],
            "name": [name for name, *_ in found],
            "over": [over for _, _, over, _ in found],
        },
        geometry=[shapely.simplify(layout.on_map(line), 0.5) for *_, line in found],
        crs=layout.CRS,
    )
