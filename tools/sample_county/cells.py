"""Cut the ground plan into cells with the streets that part them, down to single compounds."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import split

from sample_county import layout

GRID_M = 0.01
LEAST_CELL_M2 = 3500.0
VILLAGE_CENTRES = (
    (-2250.0, 900.0),
    (-2300.0, -700.0),
    (-1250.0, -1500.0),
    (-1350.0, 1420.0),
    (250.0, -1450.0),
    (1150.0, 2150.0),
    (2000.0, -1500.0),
    (2050.0, 1500.0),
    (-400.0, 2080.0),
    (3100.0, 350.0),
)
VILLAGE_REACH_M = 230.0
GIANT_AT, GIANT_MOST_M2 = (2640.0, -800.0), 150_000.0


@dataclass(frozen=True)
class Town:
    """Cells and the streets between them, in the straight frame.

    Parameters
    ----------
    cells : Polygon array, shape (n,)
        Without gaps between them except for water and railway; streets run along their borders.
    zone : str array, shape (n,)
    edges : LineString array, shape (m,)
        Streets, noded at their crossings.
    edge_road : int array, shape (m,)
        Position in ``roads``.
    roads : tuple of layout.Road
    left, right : int array, shape (m,)
        Cells beside each edge, -1 where there is none.
    """

    cells: NDArray[np.object_]
    zone: NDArray[np.str_]
    edges: NDArray[np.object_]
    edge_road: NDArray[np.int64]
    roads: tuple[layout.Road, ...]
    left: NDArray[np.int64]
    right: NDArray[np.int64]


def zone_of(u: float, v: float) -> str:
    """Which part of the town a place lies in."""
    if any(np.hypot(u - a, v - b) < VILLAGE_REACH_M for a, b in VILLAGE_CENTRES):
        return "urban_village"
    if abs(u - layout.ISLAND_U) < layout.ISLAND_REACH_M and abs(v) < 150:
        return "island"
    if v > 1750 + 0.05 * u:
        return "north"
    if -880 < u < 750 and 50 < v < 1150:
        return "core"
    if -880 < u < 750 and -470 < v < -50:
        return "old_south"
    return "middle" if -1750 < u < 1560 and -1080 < v < 1750 else "new"


TARGET_M2 = {
    "core": 8200.0,
    "old_south": 10200.0,
    "middle": 17600.0,
    "new": 40000.0,
    "north": 29000.0,
    "island": 19000.0,
    "urban_village": 17000.0,
}


def _cut(block: shapely.Polygon, slant_deg: float, rng: np.random.Generator) -> shapely.LineString:
    """Return a line across the longer side of ``block``, near its middle."""
    frame = np.array(shapely.minimum_rotated_rectangle(block).exterior.coords)[:4]
    sides = np.diff(np.vstack([frame, frame[:1]]), axis=0)
    longest = int(np.argmax(np.hypot(sides[:2, 0], sides[:2, 1])))
    along = sides[longest]
    middle = frame[longest] + along * rng.uniform(0.42, 0.58) + sides[(longest + 1) % 4] / 2
    turn = np.deg2rad(rng.normal(0, slant_deg))
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    cos, sin = np.cos(turn), np.sin(turn)
    across = np.array([cos * across[0] - sin * across[1], sin * across[0] + cos * across[1]])
    return shapely.LineString([middle - 4000 * across, middle + 4000 * across])


def _width_m(area_m2: float, zone: str, rng: np.random.Generator) -> float:
    """How wide a street that cuts a block of this size is."""
    if zone == "core":
        return 16.0 if area_m2 > 60_000 else float(rng.choice([12.8, 12.8, 13.2, 14.0]))
    if area_m2 > 200_000:
        return 24.0
    return 18.0 if area_m2 > 90_000 else float(rng.choice([12.9, 14.0, 15.0, 16.0]))


def _subdivide(
    block: shapely.Polygon, rng: np.random.Generator
) -> list[tuple[shapely.LineString, float]]:
    """Streets (line, width) that cut ``block`` down to compounds."""
    todo, streets = [block], []
    while todo:
        piece = todo.pop()
        centre = piece.representative_point()
        zone = zone_of(centre.x, centre.y)
        stop_m2 = TARGET_M2[zone] * 1.35 * np.exp(rng.normal(0, 0.28))
        giant = piece.contains(shapely.Point(GIANT_AT)) and piece.area < GIANT_MOST_M2
        if piece.area < stop_m2 or giant:
            continue
        line = _cut(piece, 5.0 if zone in ("core", "urban_village") else 2.0, rng)
        parts = [part for part in split(piece, line).geoms if part.area > 1.0]
        if len(parts) < 2 or min(part.area for part in parts) < LEAST_CELL_M2:
            continue
        # a little too long, so that noding meets the block's edge; the stub is dropped later
        street = line.intersection(shapely.buffer(piece, 0.3))
        streets.append((street, _width_m(piece.area, zone, rng)))
        todo.extend(parts)
    return streets


def _in_town(points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether places lie inside the ragged edge of the built-up area."""
    u, v = shapely.get_x(points), shapely.get_y(points)
    angle = np.arctan2(v - 250, u - 120)
    ragged = 1 + 0.05 * np.sin(5 * angle + 1) + 0.05 * np.sin(9 * angle) + 0.02 * np.sin(17 * angle)
    reach = (np.abs(u - 120) / 3120) ** 2.8 + (np.abs(v - 250) / 2420) ** 2.8
    return reach < ragged


def _blocks(lines: list[shapely.LineString]) -> NDArray[np.object_]:
    """Blocks between the main roads, without water and railway."""
    frame = shapely.box(*[layout.TOWN_U[0], layout.TOWN_V[0], layout.TOWN_U[1], layout.TOWN_V[1]])
    noded = shapely.union_all([*lines, frame.exterior], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    wet = shapely.union_all(list(layout.water_and_rail().values()))
    inside = shapely.point_on_surface(faces)
    return faces[~shapely.intersects(wet, inside) & shapely.intersects(frame, inside)]


def _stubs(edges: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether an edge is a short end that overshoots the street it should meet."""
    ends = np.array([[line.coords[0], line.coords[-1]] for line in edges]).reshape(-1, 2)
    _, place, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    loose = (times[place].reshape(-1, 2) == 1).any(axis=1)
    return loose & (shapely.length(edges) < 1.0)


def _beside(edges: NDArray[np.object_], cells: NDArray[np.object_]) -> NDArray[np.int64]:
    """Cells on both sides of each edge, shape (m, 2), -1 for none."""
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    found = np.full((len(edges), 2), -1)
    edge, cell = shapely.STRtree(cells).query(middle, predicate="dwithin", distance=0.05)
    for one, other in zip(edge, cell, strict=True):
        found[one, 1 if found[one, 0] >= 0 else 0] = other
    return found


def make_town(rng: np.random.Generator) -> Town:
    """Cut the town into cells; the same generator state gives the same town."""
    lines = [road.line for road in layout.first_roads()]
    streets = [street for block in _blocks(lines) for street in _subdivide(block, rng)]
    small = [
        layout.Road("", "street" if width < 20 else "road", width, line) for line, width in streets
    ]
    spans = {name: line for name, _, _, line in layout.crossings()}
    over = [layout.Road(name, "bridge", 20.0, line) for name, line in spans.items()]
    roads = (*layout.first_roads(), *small, *over)
    drawn = [*lines, *(road.line for road in small)]
    frame = shapely.box(*[layout.TOWN_U[0], layout.TOWN_V[0], layout.TOWN_U[1], layout.TOWN_V[1]])
    edges = shapely.get_parts(
        shapely.union_all([*drawn, spans["沙洲桥"], frame.exterior], grid_size=GRID_M)
    )
    edges = edges[~_stubs(edges)]
    cells = shapely.get_parts(shapely.polygonize(edges))
    wet = shapely.union_all(list(layout.water_and_rail().values()))
    inside = shapely.point_on_surface(cells)
    kept = ~shapely.intersects(wet, inside) & _in_town(inside)
    cells = cells[kept & (shapely.area(cells) > LEAST_CELL_M2)]
    beside = _beside(edges, cells)
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    road = shapely.STRtree(drawn).query_nearest(middle, all_matches=False)[1]
    first_bridge = len(roads) - len(over)
    tree = shapely.STRtree([road.line for road in over])
    on_bridge, which = tree.query(middle, predicate="dwithin", distance=0.05)
    road[on_bridge] = first_bridge + which
    bridge = road >= first_bridge
    dry = ~shapely.intersects(shapely.buffer(wet, -1.0), middle) | bridge
    ring = shapely.distance(middle, lines[0]) < 1.0
    keep = dry & ((beside >= 0).any(axis=1) | bridge | ring)
    centre = shapely.get_coordinates(shapely.point_on_surface(cells))
    zones = np.array([zone_of(u, v) for u, v in centre])
    return Town(cells, zones, edges[keep], road[keep], roads, *beside[keep].T)
