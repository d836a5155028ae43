"""Service rooms that stand or could, everyday amenities, and the developments to come."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_county import layout
from sample_county.cells import Town

CANDIDATES = 128
NO_ROOM_TODAY, UNMEASURED_ROOMS = 5, 2
#: way -> (least and most floor m2, yuan per m2, whether the file states a price per m2)
WAYS = {
    "new_build": (600, 1500, 4200, False),
    "conversion": (320, 950, 1300, True),
    "purchase": (300, 1000, 8200, True),
    "project": (450, 1300, 900, False),
    "swap": (380, 1000, 2300, True),
    "sharing": (1500, 3400, 450, False),
}
WAYS_OF = {
    "old": ("swap conversion sharing purchase new_build", (0.32, 0.32, 0.1, 0.16, 0.1)),
    "new": ("project new_build purchase conversion sharing", (0.36, 0.22, 0.2, 0.12, 0.1)),
}
#: kind -> (number, (u, v, reach) circles that have none)
AMENITIES = {
    "food_market": (24, [(0, 2350, 1900), (-2400, -900, 900)]),
    "convenience": (190, [(-2900, -300, 500)]),
    "medical": (62, [(-2300, -900, 1100), (2100, 2250, 600)]),
    "school": (46, [(0, 2450, 700)]),
    "bank": (52, [(0, 2350, 2600), (-2450, 0, 800), (2700, -1200, 600)]),
    "bus_stop": (185, [(-2200, -1700, 500)]),
    "sports": (44, [(-300, 600, 450), (0, 2350, 1200)]),
}
AMENITY_NAMES = {
    "food_market": "农贸市场",
    "convenience": "便利店",
    "medical": "卫生服务站",
    "school": "小学",
    "bank": "银行网点",
    "bus_stop": "公交站",
    "sports": "健身广场",
}
#: what the name of a unit without households says it is
PLACES = {
    "food_market": "农贸市场|便民市场",
    "medical": "医院|保健院",
    "school": "小学|中学|学校",
    "sports": "体育",
}


def _door(
    shape: shapely.Geometry, gate: shapely.Point | None, rng: np.random.Generator
) -> shapely.Point:
    """Return a point inside a unit: a few metres behind its gate, else somewhere along its fence."""
    yard = shapely.buffer(max(shapely.get_parts(shape), key=lambda p: p.area), -4.0)
    if yard.is_empty:
        return shape.representative_point()
    if gate is not None:
        return shapely.line_interpolate_point(shapely.shortest_line(yard, gate), 0)
    ring = shapely.get_parts(yard)[0].exterior
    return shapely.line_interpolate_point(ring, float(rng.uniform()), normalized=True)


def _gate_of(gates: gpd.GeoDataFrame) -> dict[str, shapely.Point]:
    return dict(zip(gates["unit_id"][::-1], gates.geometry[::-1], strict=True))


def existing_rooms(
    units: pd.DataFrame,
    names: dict[str, str],
    gates: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rooms of today's communities: small in the old town, large in the new, some unmeasured."""
    gate = _gate_of(gates)
    ids = sorted(units["community_id"].dropna().unique())
    without = set(rng.choice(ids, NO_ROOM_TODAY, replace=False))
    rows = []
    for community in (name for name in ids if name not in without):
        inside = units[(units["community_id"] == community) & (units["households"] > 0)]
        middle = np.average(inside[["u", "v"]], axis=0, weights=inside["households"])
        away = np.hypot(inside["u"] - middle[0], inside["v"] - middle[1])
        home = inside.loc[away.idxmin()]
        old = home["zone"] in ("core", "old_south", "middle")
        floor = rng.lognormal(5.55, 0.4) if old and rng.random() < 0.9 else rng.uniform(480, 1150)
        point = gate.get(home["unit_id"]) if rng.random() < 0.6 else None
        rows.append(
            {
                "site_id": f"R{len(rows) + 1:03d}",
                "name": f"{names[community]}用房",
                "community_id": community,
                "status": "existing",
                "way": str(rng.choice(["project", "conversion", "new_build"])),
                "floor_m2": float(round(floor)),
                "cost_yuan": 0.0,
                "yuan_per_m2": np.nan,
                "ground_floor": bool(rng.random() < (0.6 if old else 0.9)),
                "beside_entrance": point is not None,
                "geometry": _door(home["geometry"], point, rng),
            }
        )
    table = pd.DataFrame(rows)
    table.loc[rng.choice(len(table), UNMEASURED_ROOMS, replace=False), "floor_m2"] = np.nan
    return table


def candidate_rooms(
    units: pd.DataFrame, gates: gpd.GeoDataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Rooms that could be had, spread over the town, in all six ways of sanming-2020."""
    gate = _gate_of(gates)
    homes = units[units["kind"].isin(["compound", "block", "urban_village", "open"])]
    uv = homes[["u", "v"]].to_numpy()
    weight = homes["households"].to_numpy() + 15.0
    centre = uv[rng.choice(len(uv), CANDIDATES, replace=False, p=weight / weight.sum())]
    for _ in range(6):
        near = np.argmin(((uv[:, None] - centre[None]) ** 2).sum(axis=2), axis=1)
        for k in np.unique(near):
            centre[k] = np.average(uv[near == k], axis=0, weights=weight[near == k])
    rows = []
    for place in centre:
        picked = int(rng.choice(np.argsort(((uv - place) ** 2).sum(axis=1))[:4]))
        home = homes.iloc[picked]
        ways, share = WAYS_OF["old" if home["zone"] in ("core", "old_south", "middle") else "new"]
        way = str(rng.choice(ways.split(), p=share))
        least, most, price, per_m2 = WAYS[way]
        floor = float(round(rng.uniform(least, most), -1))
        price = round(price * rng.uniform(0.8, 1.25), -1)
        point = gate.get(home["unit_id"]) if rng.random() < 0.65 else None
        rows.append(
            {
                "site_id": f"K{len(rows) + 1:03d}",
                "name": f"{home['name']}备选用房",
                "community_id": None,
                "status": "candidate",
                "way": way,
                "floor_m2": floor,
                "cost_yuan": np.nan if per_m2 else round(floor * price, -3),
                "yuan_per_m2": price if per_m2 else np.nan,
                "ground_floor": bool(rng.random() < 0.75),
                "beside_entrance": point is not None,
                "geometry": _door(home["geometry"], point, rng),
            }
        )
    return pd.DataFrame(rows)


def _clear(
    uv: NDArray[np.float64], circles: Sequence[tuple[float, float, float]]
) -> NDArray[np.bool_]:
    """Whether places lie in none of the circles."""
    clear = np.ones(len(uv), dtype=bool)
    for u, v, reach in circles:
        clear &= np.hypot(uv[:, 0] - u, uv[:, 1] - v) > reach
    return clear


def make_amenities(units: pd.DataFrame, town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """All seven kinds of zhoushan-2017; some quarters are left poor on purpose."""
    wide = np.array([town.roads[k].kind == "main_road" for k in town.edge_road])
    main = np.flatnonzero(wide & ((town.left >= 0) | (town.right >= 0)))
    stops = layout.on_map(town.edges[main])
    stop_uv = shapely.get_coordinates(shapely.line_interpolate_point(town.edges[main], 0.5, True))
    uv = units[["u", "v"]].to_numpy()
    kinds, names, points = [], [], []
    for kind, (number, circles) in AMENITIES.items():
        if kind == "bus_stop":
            beside = shapely.STRtree(units["geometry"].to_numpy()).query(
                shapely.line_interpolate_point(stops, 0.45, normalized=True), "dwithin", 28.0
            )[0]
            free = _clear(stop_uv, circles) & (shapely.length(stops) > 60)
            fit = np.intersect1d(np.flatnonzero(free), beside)
            picked = rng.choice(fit, number, replace=False)
            found = list(shapely.line_interpolate_point(stops[picked], 0.45, normalized=True))
            near = shapely.STRtree(units["geometry"].to_numpy()).query_nearest(
                found, all_matches=False
            )[1]
        else:
            weight = (units["population"].to_numpy() + 60.0) * _clear(uv, circles)
            named = units["name"].str.contains(PLACES.get(kind, "^$")).to_numpy()
            fixed = np.flatnonzero(named & (units["kind"] == "open") & (weight > 0))
            weight[fixed] = 0
            more = rng.choice(len(uv), number - len(fixed), replace=False, p=weight / weight.sum())
            near = np.concatenate([fixed, more])
            found = [_door(units["geometry"].iloc[k], None, rng) for k in near]
        kinds += [kind] * len(found)
        own = units["name"].iloc[near].str.contains(PLACES.get(kind, "^$"))
        said = units["name"].iloc[near]
        names += list(said.where(own & (kind != "bus_stop"), said + AMENITY_NAMES[kind]))
        points += found
    return gpd.GeoDataFrame({"kind": kinds, "name": names}, geometry=points, crs=layout.CRS)


def make_developments(units: pd.DataFrame, town: Town) -> gpd.GeoDataFrame:
    """Five developments: on new land, in the place of an urban village, and two known as points."""
    cells = shapely.union_all(town.cells, grid_size=0.01).buffer(16)
    fields = [
        shapely.box(3020, -1250, 3420, -780).difference(cells),
        shapely.box(-700, -2560, -330, -2060).difference(cells),
    ]
    fields = [max(shapely.get_parts(f), key=lambda p: p.area) for f in fields]
    near = np.hypot(units["u"] - 250, units["v"] + 1450).to_numpy()
    rebuilt = np.argsort(np.where(units["kind"] == "urban_village", near, np.inf))[:3]
    old = shapely.union_all(units["geometry"].iloc[rebuilt].to_numpy()).convex_hull
    points = [_unit_at(units, -350, 700), _unit_at(units, 2500, 850)]
    plots = shapely.simplify([layout.on_map(f) for f in fields], 0.5)
    return gpd.GeoDataFrame(
        {
            "development_id": ["D1", "D2", "D3", "D4", "D5"],
            "name": ["澜湾新城", "学府雅园", "花园畈城中村改造", "老粮库地块", "科创人才公寓"],
            "households": [1850, 640, 920, 210, 1300],
            "population": [5180, 1790, 2670, 530, 2600],
            "floor_area_m2": [262_000.0, 84_000.0, 118_000.0, 23_500.0, 200_000.0],
            "completes": ["2029-12", "2027-06", "2028-09", "2027-03", "2028-12"],
            "phases": [3, 1, 2, 1, 2],
        },
        geometry=[plots[0], plots[1], old, *points],
        crs=layout.CRS,
    )


def _unit_at(units: pd.DataFrame, u: float, v: float) -> shapely.Point:
    away = np.hypot(units["u"] - u, units["v"] - v)
    return units["geometry"][away.idxmin()].representative_point()
