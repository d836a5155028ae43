"""Who lives in each cell: kind, households, people, and the polygon between the streets."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_county import layout, names
from sample_county.cells import GIANT_AT, Town

OPEN_SHARE = {"core": 0.06, "old_south": 0.05, "middle": 0.08, "new": 0.09, "north": 0.12}
LEAST_UNIT_M2 = 1500.0


@dataclass(frozen=True)
class Living:
    """Households per hectare, bounds of households a unit, people per household."""

    per_ha: float
    spread: float
    least: int
    most: int
    size: float


LIVING = {
    ("core", "block"): Living(92, 0.35, 20, 150, 2.35),
    ("old_south", "block"): Living(76, 0.35, 20, 150, 2.4),
    ("any", "block"): Living(62, 0.35, 20, 150, 2.5),
    ("any", "compound"): Living(62, 0.45, 80, 900, 2.85),
    ("new", "compound"): Living(53, 0.5, 80, 900, 2.95),
    ("any", "urban_village"): Living(58, 0.35, 40, 320, 3.1),
    ("any", "mine_industry"): Living(30, 0.3, 40, 160, 2.3),
    ("any", "farm"): Living(16, 0.3, 25, 90, 2.7),
    ("any", "floating"): Living(45, 0.3, 60, 220, 1.9),
}
ELDERLY = {"core": 0.27, "old_south": 0.24, "middle": 0.18, "new": 0.10, "north": 0.15}


def unit_shapes(town: Town) -> NDArray[np.object_]:
    """Return what is left of each cell between its streets, on the map, shape (n,)."""
    cells = layout.on_map(town.cells)
    width = np.array([town.roads[k].width_m for k in town.edge_road])
    road = shapely.buffer(layout.on_map(town.edges), width / 2, quad_segs=2)
    tree = shapely.STRtree(road)
    shapes = []
    for cell in cells:
        near = road[tree.query(cell, predicate="intersects")]
        parts = shapely.get_parts(shapely.difference(cell, shapely.union_all(near)))
        largest = parts[int(np.argmax(shapely.area(parts)))] if len(parts) else shapely.Polygon()
        shapes.append(shapely.simplify(largest, 0.4))
    return np.array(shapes, dtype=object)


def _kind(zone: str, area_m2: float, rng: np.random.Generator) -> str:
    if zone == "urban_village":
        return "urban_village"
    if rng.random() < OPEN_SHARE.get(zone, 0.05) and area_m2 > 3500:
        return "open"
    if zone in ("core", "old_south"):
        return "block" if area_m2 < 14_000 else "compound"
    if zone == "middle":
        return "block" if area_m2 < 11_500 or rng.random() < 0.2 else "compound"
    return "block" if area_m2 < 12_000 else "compound"


def _outliers(kinds: NDArray[np.object_], uv: NDArray[np.float64]) -> None:
    """Turn some units at the edge of town into mines, farms and settlements of workers."""
    spots = {
        "mine_industry": [(-1500, 2500), (-900, 2650), (2300, 2500), (-2750, 1450), (400, 2700)],
        "farm": [(-2900, -250), (500, -2250)],
        "floating": [(1900, 2350), (-250, 2550), (2900, -1300)],
    }
    for kind, places in spots.items():
        for place in places:
            away = np.hypot(*(uv - np.array(place)).T)
            kinds[int(np.argmin(np.where(kinds == "compound", away, np.inf)))] = kind


def _households(kind: str, zone: str, area_m2: float, rng: np.random.Generator) -> int:
    if kind == "open":
        return 0
    living = LIVING.get((zone, kind), LIVING.get(("any", kind)))
    drawn = living.per_ha * area_m2 / 1e4 * np.exp(rng.normal(0, living.spread))
    inside = rng.integers(living.least, living.least + 15) if drawn < living.least else drawn
    return int(min(inside, living.most - rng.integers(0, 20)))


def _floating(kind: str, people: int, rng: np.random.Generator) -> int:
    if kind == "urban_village":
        return int(people * rng.choice([0.1, 0.6, 1.1, 1.8]) * rng.uniform(0.6, 1.3))
    return int(people * {"floating": 3.0, "open": 0.0}.get(kind, rng.uniform(0, 0.12)))


def subdistricts(uv: NDArray[np.float64]) -> NDArray[np.str_]:
    """Subdistrict of each place: the old town, the south, the north-west and the east."""
    u, v = uv.T
    stream = -1750 + 70 * np.sin(v / 350)
    north = v > 1750 + 0.05 * u + 60 * np.sin(u / 1900)
    isle = (np.abs(u - layout.ISLAND_U) < 310) & (np.abs(v) < layout.river_half_m(u) - 70)
    east = (u > 1550) | (north & (u > 750))
    west = (u < stream) | (north & (u < 750))
    old, south, northwest, eastern = names.SUBDISTRICTS
    inland = np.where(east, eastern, np.where(west, northwest, old))
    where = np.where((v < 0) & ~east, south, np.where((v < 0), eastern, inland))
    return np.where(isle, old, where)


def settle(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Fill the cells with people: one row per unit, with its ``cell`` and its shape on the map.

    Returns
    -------
    DataFrame
        cell, geometry, u, v, zone, kind, subdistrict_id, households.
    """
    shapes = unit_shapes(town)
    uv = shapely.get_coordinates(shapely.point_on_surface(town.cells))
    table = pd.DataFrame({"cell": np.arange(len(shapes)), "geometry": shapes, "zone": town.zone})
    table["u"], table["v"] = uv[:, 0], uv[:, 1]
    area_m2 = shapely.area(shapes)
    kinds = np.array(
        [_kind(z, a, rng) for z, a in zip(town.zone, area_m2, strict=True)], dtype=object
    )
    giant = shapely.contains(town.cells, shapely.Point(GIANT_AT))
    kinds[giant] = "compound"
    _outliers(kinds, uv)
    table["kind"] = kinds
    table["subdistrict_id"] = subdistricts(uv)
    homes = [_households(k, z, a, rng) for k, z, a in zip(kinds, town.zone, area_m2, strict=True)]
    table["households"] = np.where(giant, 3200, homes)
    return table[area_m2 > LEAST_UNIT_M2].reset_index(drop=True)


def count_people(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give each unit people, elderly, floating population and shops that fit its households."""
    size = [
        LIVING.get((z, k), LIVING.get(("any", k), LIVING["any", "block"])).size
        for z, k in zip(table["zone"], table["kind"], strict=True)
    ]
    n = len(table)
    people = np.round(table["households"] * np.array(size) * rng.uniform(0.9, 1.1, n)).astype(int)
    share = np.array([ELDERLY.get(z, 0.16) for z in table["zone"]]) * rng.uniform(0.7, 1.3, n)
    floating = [_floating(k, p, rng) for k, p in zip(table["kind"], people, strict=True)]
    shops = np.where(rng.random(n) < 0.14, rng.lognormal(8.0, 0.9, n).round(-1), np.nan)
    shops[(table["kind"] == "open") & (rng.random(n) < 0.7)] = np.nan
    return table.assign(
        population=people,
        elderly=np.round(people * share).astype(int),
        floating_population=floating,
        commercial_floor_m2=shops,
    )
