"""The ground plan in a straight frame: river, stream, railway and the roads that were built first.

The plan is drawn in a frame (u, v) in metres in which the river runs along v = 0. `to_map` bends
and turns that frame into map coordinates, so that streets follow the river as in a real town.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

CRS = "EPSG:4549"
ORIGIN_M = (540_000.0, 3_210_000.0)
TURN_RAD = np.deg2rad(7.0)
RIVER_HALF_M = 45.0
BANK_M = 14.0
ISLAND_U, ISLAND_REACH_M = 1150.0, 400.0
STREAM_HALF_M = RAIL_HALF_M = 14.0
TOWN_U = (-3600.0, 3700.0)
TOWN_V = (-2700.0, 3000.0)


@dataclass(frozen=True)
class Road:
    """One road of the ground plan; ``line`` in the straight frame, ``width_m`` between compounds."""

    name: str
    kind: str
    width_m: float
    line: shapely.LineString


def to_map(uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bend the straight frame (n, 2) into map coordinates (n, 2), both in metres."""
    u, v = uv[:, 0], uv[:, 1]
    bend = 330 * np.sin(u / 1150 + 0.4) + 150 * np.sin(u / 520 + 1.3)
    x = u + 90 * np.sin(v / 1100 + 0.6) + 60 * np.sin(u / 1700)
    y = v + bend * np.exp(-((v / 2600) ** 2)) + 70 * np.sin(u / 1500 + v / 2100)
    cos, sin = np.cos(TURN_RAD), np.sin(TURN_RAD)
    return np.column_stack([ORIGIN_M[0] + cos * x + sin * y, ORIGIN_M[1] - sin * x + cos * y])


def on_map(geometry: object, step_m: float = 40.0) -> object:
    """Geometry (or array of them) of the straight frame on the map, vertices every ``step_m``."""
    return shapely.transform(shapely.segmentize(geometry, step_m), to_map)


def river_half_m(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the width of the river's bed at ``u``: wide where the island lies."""
    away = np.clip((u - ISLAND_U) / ISLAND_REACH_M, -1, 1)
    return RIVER_HALF_M + 185 * np.cos(np.pi * away / 2) ** 2


def _band(half_m: NDArray[np.float64], u: NDArray[np.float64]) -> shapely.Polygon:
    upper = np.column_stack([u, half_m])
    lower = np.column_stack([u, -half_m])[::-1]
    return shapely.Polygon(np.vstack([upper, lower]))


def island(shrunk_m: float = 0.0) -> shapely.Polygon:
    """Return the island in the river, ``shrunk_m`` inside its shore."""
    u = np.arange(ISLAND_U - 300, ISLAND_U + 301, 20.0)
    half = river_half_m(u) - 75 - shrunk_m
    return _band(half[half > 5], u[half > 5])


def river(bank_m: float = 0.0, reach_m: float = 9000.0) -> shapely.Polygon:
    """Return the river's bed, island included, widened by ``bank_m`` on either side."""
    u = np.arange(-reach_m, reach_m + 1, 50.0)
    return _band(river_half_m(u) + bank_m, u)


def stream_line() -> shapely.LineString:
    """柳溪: the stream that joins the river from the north."""
    v = np.arange(RIVER_HALF_M, 6001, 50.0)
    return shapely.LineString(np.column_stack([-1750 + 70 * np.sin(v / 350), v]))


def rail_line(reach_m: float = 9000.0) -> shapely.LineString:
    """Return the railway north of the old town."""
    u = np.arange(-reach_m, reach_m + 1, 100.0)
    return shapely.LineString(np.column_stack([u, 1750 + 0.05 * u + 60 * np.sin(u / 1900)]))


def expressway_line(reach_m: float = 9000.0) -> shapely.LineString:
    """Return the expressway beyond the northern edge of the town."""
    u = np.arange(-reach_m, reach_m + 1, 100.0)
    return shapely.LineString(np.column_stack([u, 3350 + 0.06 * u + 120 * np.sin(u / 2300)]))


def water_and_rail() -> dict[str, shapely.Polygon]:
    """Return the strips in which nobody lives: the river with its banks, the stream, the railway."""
    return {
        "river": river(BANK_M).difference(island(10.0)),
        "stream": stream_line().buffer(STREAM_HALF_M, cap_style="flat"),
        "railway": rail_line().buffer(RAIL_HALF_M, cap_style="flat"),
    }


def _straight(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def first_roads() -> tuple[Road, ...]:
    """Ring road, main roads and the roads along banks and railway."""
    ring = shapely.box(-2650, -1900, 2950, 2420).buffer(-600).buffer(600).exterior
    main = [
        ("环城路", 40.0, shapely.LineString(ring.coords)),
        ("建设路", 32.0, _straight((-900, -2700), (-860, 0), (-840, 3000))),
        ("解放路", 30.0, _straight((-90, -2700), (-60, 0), (-10, 3000))),
        ("青澜大道", 40.0, _straight((700, -2700), (745, 0), (760, 3000))),
        ("文昌路", 36.0, _straight((1500, -2700), (1560, 0), (1540, 3000))),
        ("科创大道", 40.0, _straight((2330, -2700), (2300, 0), (2240, 3000))),
        ("学府路", 36.0, _straight((-3600, -1010), (0, -1080), (3700, -1150))),
        ("江南路", 32.0, _straight((-3600, -440), (0, -470), (3700, -500))),
        ("人民路", 32.0, _straight((-3600, 600), (0, 560), (3700, 610))),
        ("中山路", 32.0, _straight((-3600, 1130), (0, 1150), (3700, 1190))),
        ("站前大道", 36.0, _straight((-10, 1160), (340, 1735))),
        ("迎宾路", 36.0, _straight((1555, 590), (2960, 1540))),
        ("望江西路", 30.0, _straight((-1790, -2700), (-1740, -60))),
    ]
    roads = [Road(name, "main_road", width, line) for name, width, line in main]
    u = np.arange(TOWN_U[0], TOWN_U[1] + 1, 50.0)
    bank = river_half_m(u) + BANK_M
    roads.append(Road("滨江北路", "road", 24.0, shapely.LineString(np.column_stack([u, bank]))))
    roads.append(Road("滨江南路", "road", 24.0, shapely.LineString(np.column_stack([u, -bank]))))
    shore = shapely.LineString(island(10.0).exterior.coords)
    roads.append(Road("沙洲路", "road", 14.0, shore))
    for line, names in ((stream_line(), "柳溪西路 柳溪东路"), (rail_line(), "铁北街 铁南街")):
        for name, side in zip(names.split(), (STREAM_HALF_M, -STREAM_HALF_M), strict=True):
            roads.append(Road(name, "road", 14.0, line.offset_curve(side)))
    return tuple(roads)


def crossings() -> tuple[tuple[str, str, str, shapely.LineString], ...]:
    """(name, kind, over, line) of every bridge, underpass and footbridge of the town."""
    found = []
    strips, bed = water_and_rail(), river(BANK_M)
    roads = {road.name: road.line for road in first_roads()}
    for road, names in (
        ("环城路", "澜西大桥 东环大桥"),
        ("建设路", "建设桥"),
        ("解放路", "解放桥"),
        ("青澜大道", "青澜大桥"),
        ("文昌路", "文昌大桥"),
    ):
        parts = shapely.get_parts(roads[road].intersection(bed))
        parts = parts[np.argsort(shapely.get_x(shapely.centroid(parts)))]
        for name, part in zip(names.split(), parts, strict=True):
            found.append((name, "bridge", "river", part))
    shore = float(river_half_m(np.array([ISLAND_U]))[0])
    found.append(
        ("沙洲桥", "bridge", "river", _straight((ISLAND_U, shore - 85), (ISLAND_U, shore + BANK_M)))
    )
    over = [
        ("stream", "人民路", "人民路柳溪桥", "bridge"),
        ("stream", "中山路", "中山路柳溪桥", "bridge"),
        ("stream", "环城路", "北环柳溪桥", "bridge"),
        ("stream", "滨江北路", "柳溪口桥", "footbridge"),
        ("railway", "建设路", "建设路地道", "underpass"),
        ("railway", "解放路", "解放路地道", "underpass"),
        ("railway", "青澜大道", "青澜大道地道", "underpass"),
        ("railway", "文昌路", "文昌路天桥", "footbridge"),
        ("railway", "科创大道", "科创大道地道", "underpass"),
    ]
    for strip, road, name, kind in over:
        found.append((name, kind, strip, shapely.intersection(roads[road], strips[strip])))
    ring = shapely.get_parts(shapely.intersection(roads["环城路"], strips["railway"]))
    ring = ring[np.argsort(shapely.get_x(shapely.centroid(ring)))]
    for part, name in zip(ring, ("西环地道", "东环地道"), strict=True):
        found.append((name, "underpass", "railway", part))
    return tuple(found)
