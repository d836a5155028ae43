"""The whole county, from a seed to its layers."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample_county import (
    barriers,
    cells,
    communities,
    countryside,
    coverage,
    layout,
    names,
    people,
    places,
    streets,
    troubles,
    write,
)

#: the fields of the units' file are Chinese, as a bureau's are: ours -> the file's
UNIT_FIELDS = {
    "unit_id": "单元编号",
    "name": "小区名称",
    "kind": "类别",
    "households": "户数",
    "population": "人口",
    "elderly": "老年人口",
    "floating_population": "流动人口",
    "subdistrict_id": "街道",
    "community_id": "社区编号",
    "commercial_floor_m2": "商业建筑面积",
    "keep_with": "物业片区",
    "locked": "锁定",
}
RESIDENTIAL_AREAS, VILLAGE_COMMUNITIES = 2, 2


def _communities_layer(
    units: pd.DataFrame,
    ids: list[str],
    areas: dict[str, shapely.Geometry],
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Today's communities with name, kind and staff."""
    supply = {name: names.communities(name, rng) for name in names.SUBDISTRICTS}
    sums = units.groupby("community_id")["households"].sum()
    villagers = units[units["kind"] == "urban_village"].groupby("community_id")["households"].sum()
    share = (villagers / sums).dropna().sort_values(ascending=False, kind="stable")
    kind = dict.fromkeys(ids, "urban")
    kind.update(dict.fromkeys(share.index[:VILLAGE_COMMUNITIES], "village"))
    zones = units.groupby("community_id")["zone"].agg(lambda zone: (zone == "north").mean())
    north = sums[zones[zones > 0.5].index].sort_values(kind="stable").index
    plain = [name for name in north if kind[name] == "urban"][:RESIDENTIAL_AREAS]
    kind.update(dict.fromkeys(plain, "residential_area"))
    ends = {"urban": "社区", "village": "村", "residential_area": "居民区"}
    called = [next(supply[_subdistrict(name)]) + ends[kind[name]] for name in ids]
    staff = [int(np.clip(3 + sums[name] // 450 + rng.integers(-1, 2), 3, 11)) for name in ids]
    drawn = communities.as_coverage(np.array([areas[name] for name in ids], dtype=object))
    shapes = shapely.coverage_simplify(drawn, 0.5)
    return gpd.GeoDataFrame(
        {
            "community_id": ids,
            "name": called,
            "kind": [kind[name] for name in ids],
            "subdistrict_id": [_subdistrict(name) for name in ids],
            "staff": staff,
        },
        geometry=list(shapes),
        crs=layout.CRS,
    )


def _subdistrict(community_id: str) -> str:
    return next(s for s, prefix in communities.PREFIX.items() if community_id.startswith(prefix))


def _settled(
    town: cells.Town, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[str], dict[str, shapely.Geometry]]:
    """Units with their communities and troubles; ids and areas of today's communities."""
    units = people.settle(town, rng)
    graph = communities.neighbours(town, units)
    label = communities.today(units, graph, rng)
    communities.make_exclave(units, label, graph)
    communities.size_largest(units, label)
    units = people.count_people(units, rng)
    troubles.name_units(town, units, rng)
    troubles.keep_together(units, label, graph)
    troubles.lock(units, label)
    ids, shapes = communities.shapes_today(town, units, label)
    areas = dict(zip(ids, shapes, strict=True))
    troubles.straddle(town, units, label, graph, areas)
    units = troubles.two_parts(units, label, graph)
    units["unit_id"] = troubles.unit_ids(units)
    return units.sort_values("unit_id").reset_index(drop=True), ids, areas


def _units_layer(units: pd.DataFrame) -> gpd.GeoDataFrame:
    """Units as the bureau would hand them over: Chinese fields, nulls where nobody lives."""
    table = units[list(UNIT_FIELDS)].copy()
    empty = (units["kind"] == "open").to_numpy()
    for column in ("households", "population", "elderly", "floating_population"):
        table[column] = table[column].astype("Int64")
        table.loc[empty, column] = pd.NA
    table["commercial_floor_m2"] = table["commercial_floor_m2"].astype(float)
    shapes = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in units["geometry"]]
    return gpd.GeoDataFrame(table.rename(columns=UNIT_FIELDS), geometry=shapes, crs=layout.CRS)


def make_layers(seed: int) -> dict[str, gpd.GeoDataFrame]:
    """All layers of the county by name; the same seed gives the same county."""
    rng = np.random.default_rng(seed)
    town = troubles.name_streets(cells.make_town(rng), rng)
    units, ids, areas = _settled(town, rng)
    today = _communities_layer(units, ids, areas, rng)
    paths, gates = streets.make_streets(town, units, rng)
    villages = countryside.make_villages(town, rng)
    lanes = countryside.make_lanes(town, villages, paths)
    called = dict(zip(today["community_id"], today["name"], strict=True))
    rooms = places.existing_rooms(units, called, gates, rng)
    sites = pd.concat([rooms, places.candidate_rooms(units, gates, rng)], ignore_index=True)
    held = rooms.set_index("community_id")["floor_m2"]
    today["room_m2"] = [float(held[name]) if name in held else 0.0 for name in ids]
    amenities = places.make_amenities(units, town, rng)
    settled = gpd.GeoDataFrame(units, geometry="geometry", crs=layout.CRS)
    return {
        "units": _units_layer(units),
        "communities": today,
        "villages": villages.drop(columns=["u", "v"]),
        "barriers": barriers.make_barriers(town),
        "crossings": barriers.make_crossings(),
        "streets": pd.concat([paths, lanes], ignore_index=True),
        "gates": gates,
        "sites": gpd.GeoDataFrame(sites.drop(columns="community_id"), crs=layout.CRS),
        "amenities": amenities.to_crs("EPSG:4490"),
        "developments": places.make_developments(units, town),
        "places": coverage.make_places(settled, town, today),
        "village_outsiders": coverage.make_outsiders(villages, settled),
    }


def write_county(folder: Path, seed: int) -> dict[str, int]:
    """Write every layer into ``folder``; returns rows by layer."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    layers = make_layers(seed)
    for name, frame in layers.items():
        decimals = 7 if frame.crs.is_geographic else 2
        write.write_layer(frame, folder / f"{name}.gpkg", decimals)
        rows[name] = len(frame)
    units = layers["units"].rename(columns={theirs: ours for ours, theirs in UNIT_FIELDS.items()})
    coverage.write_planted(
        folder, coverage.planted(units, layers["communities"], layers["village_outsiders"])
    )
    return rows


__all__ = ["UNIT_FIELDS", "make_layers", "write_county"]
