"""The villages around the town, the lanes that join them, and the expressway."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from sample_county import layout, names
from sample_county.cells import Town

NORTH_VILLAGES, SOUTH_VILLAGES = 34, 26
TINY, SMALL = 5, 8  # villages of 200 people or fewer, and of 201 to 300


def _outline() -> shapely.Polygon:
    """Return the county's edge: a ragged oval."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    ragged = (
        1 + 0.05 * np.sin(3 * angle + 0.7) + 0.035 * np.sin(7 * angle) + 0.02 * np.sin(15 * angle)
    )
    u = 120 + 6300 * ragged * np.cos(angle)
    v = 250 + 5300 * ragged * np.sin(angle)
    return shapely.Polygon(np.column_stack([u, v]))


def town_area(town: Town) -> shapely.Polygon:
    """Return the built-up area with its water and railway, as one piece."""
    return shapely.union_all(town.cells, grid_size=0.01).buffer(120).buffer(-100)


def _wiggle(uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make straight borders look like ridges and field edges."""
    u, v = uv[:, 0], uv[:, 1]
    return np.column_stack(
        [
            u + 55 * np.sin(v / 170 + u / 410) + 25 * np.sin(v / 61),
            v + 55 * np.sin(u / 190 - v / 370 + 2) + 25 * np.sin(u / 67 + 1),
        ]
    )


def _parcels(region: shapely.Geometry, count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Share a region out among ``count`` villages of uneven size."""
    low_u, low_v, high_u, high_v = region.bounds
    spots = rng.uniform([low_u, low_v], [high_u, high_v], size=(count * 40, 2))
    spots = spots[shapely.contains_xy(region, spots)]
    centre = spots[:count].copy()
    for _ in range(4):
        near = np.argmin(cdist(spots, centre), axis=1)
        centre = np.array([spots[near == k].mean(axis=0) for k in range(count)])
    centre += rng.normal(0, 110, centre.shape)
    cells = shapely.voronoi_polygons(
        shapely.MultiPoint(centre), extend_to=region.buffer(3000), ordered=True
    )
    bent = shapely.transform(shapely.segmentize(shapely.get_parts(cells), 60.0), _wiggle)
    shared = shapely.intersection(bent, region)
    parts = [max(shapely.get_parts(s), key=lambda p: p.area) for s in shared]
    return np.array(parts, dtype=object)


def _people(far: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """People per village; the small ones lie far out."""
    n = len(far)
    people = np.clip(rng.lognormal(6.75, 0.5, n), 330, 2800).astype(int)
    remote = rng.permutation(np.argsort(far)[n // 3 :])
    people[remote[:TINY]] = rng.integers(86, 200, TINY)
    people[remote[0]] = 200
    people[remote[TINY : TINY + SMALL]] = rng.integers(205, 298, SMALL)
    people[remote[TINY]] = 300
    return people


def make_villages(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Villages on both banks of the river, numbered by township.

    Returns
    -------
    GeoDataFrame
        The columns of the design's ``villages`` layer, ``u`` and ``v`` of their centres.
    """
    region = _outline().difference(shapely.union_all([town_area(town), layout.river(8.0)]))
    half = shapely.box(-20_000, 0, 20_000, 20_000)
    north = _parcels(region.intersection(half), NORTH_VILLAGES, rng)
    south = _parcels(region.difference(half), SOUTH_VILLAGES, rng)
    parcels = np.concatenate([north, south])
    uv = shapely.get_coordinates(shapely.point_on_surface(parcels))
    angle = np.mod(np.arctan2(uv[:, 1] - 250, uv[:, 0] - 120), 2 * np.pi)
    township = np.minimum((angle / (2 * np.pi) * 6).astype(int), 5)
    people = _people(np.hypot(uv[:, 0] - 120, uv[:, 1] - 250), rng)
    supply = names.villages(rng)
    named = [next(supply) for _ in parcels]
    surnames = np.array([surname for _, surname in named], dtype=object)
    she = (township == 3) & np.isin(np.arange(len(people)), np.flatnonzero(township == 3)[::2])
    she |= (township == 3) & np.isin(surnames, ["蓝", "雷", "钟"])
    surnames[she] = rng.choice(["蓝", "雷", "钟"], int(she.sum()))
    households = np.round(people / rng.uniform(2.5, 3.2, len(people)))
    households[rng.choice(len(people), 3, replace=False)] = np.nan
    money = np.round(rng.lognormal(12.3, 0.8, len(people)), -3)
    money[rng.choice(len(people), 14, replace=False)] = np.nan
    frame = gpd.GeoDataFrame(
        {
            "village_id": "",
            "name": [name for name, _ in named],
            "township_id": [names.TOWNSHIPS[k] for k in township],
            "population": people,
            "households": households,
            "seat": [_seat(name, rng) for name, _ in named],
            "surname": surnames,
            "ethnic_group": np.where(she, "畲族", "汉族"),
            "fishing": (np.abs(uv[:, 1]) < 900) & (uv[:, 0] > 2500),
            "collective_yuan": money,
            "u": uv[:, 0],
            "v": uv[:, 1],
        },
        geometry=list(shapely.coverage_simplify(layout.on_map(parcels, 80.0), 2.0)),
        crs=layout.CRS,
    )
    frame = frame.iloc[np.lexsort((uv[:, 0], township))].reset_index(drop=True)
    frame["village_id"] = [f"V{k + 1:03d}" for k in range(len(frame))]
    return frame


def _seat(name: str, rng: np.random.Generator) -> str:
    """Hamlet in which the villagers' committee sits."""
    where = str(rng.choice(["大屋", "祠堂", "上屋", "下屋", "水口", "路口"]))
    return f"{name.removesuffix('村')}{where}自然村"


def make_lanes(
    town: Town, villages: gpd.GeoDataFrame, streets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Lanes from village to village and to the nearest street of the town on the same bank.

    Nobody may walk on the expressway, which is among them with ``walkable`` false.
    """
    built = layout.on_map(town_area(town))
    outer = streets[streets["kind"].isin(["main_road", "road", "street"])]
    ends = np.array([line.coords[0] for line in outer.geometry])
    bank = _bank_of(ends)
    seats = shapely.get_coordinates(shapely.point_on_surface(villages.geometry.to_numpy()))
    lines = []
    for side in (True, False):
        here = np.flatnonzero((villages["v"] > 0).to_numpy() == side)
        gates = ends[bank == side]
        to_town = cdist(seats[here], gates)
        apart = cdist(seats[here], seats[here])
        pairs = [(a, b) for a in range(len(here)) for b in range(a)]
        straight = [shapely.LineString(seats[here][[a, b]]) for a, b in pairs]
        for (a, b), line in zip(pairs, straight, strict=True):
            if shapely.intersects(line, built):
                apart[a, b] = apart[b, a] = apart[a, b] * 20
        whole = np.zeros((len(here) + 1,) * 2)
        whole[:-1, :-1] = apart
        whole[:-1, -1] = whole[-1, :-1] = to_town.min(axis=1) * 0.8
        for a, b in zip(*minimum_spanning_tree(whole).nonzero(), strict=True):
            far = max(a, b) == len(here)
            start = seats[here][min(a, b)]
            stop = gates[to_town[min(a, b)].argmin()] if far else seats[here][max(a, b)]
            lines.append(_lane(start, stop, in_field=not far))
    express = layout.on_map(layout.expressway_line(), 200.0)
    frame = {
        "name": [None] * len(lines) + ["青澜高速"],
        "kind": ["lane"] * len(lines) + ["expressway"],
        "width_m": [6.0] * len(lines) + [28.0],
        "walkable": [True] * len(lines) + [False],
        "height": [0] * len(lines) + [2],
    }
    return gpd.GeoDataFrame(frame, geometry=[*lines, express], crs=layout.CRS)


def _bank_of(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points of the map lie north of the river."""
    u = np.arange(-8000, 8001, 25.0)
    middle = layout.to_map(np.column_stack([u, 0 * u]))
    return points[:, 1] > np.interp(points[:, 0], middle[:, 0], middle[:, 1])


def _lane(
    start: NDArray[np.float64], stop: NDArray[np.float64], *, in_field: bool
) -> shapely.LineString:
    """Return a slightly winding lane between two places."""
    share = np.linspace(0, 1, 9)[:, None]
    across = np.array([start[1] - stop[1], stop[0] - start[0]])
    bow = 0.06 * np.sin(share * 2 * np.pi) if in_field else 0.0 * share
    return shapely.LineString(start + share * (stop - start) + bow * across)
