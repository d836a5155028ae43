"""Places that are in no community, planted with a list of what is to be found and what is not.

Nothing here draws on the random numbers of the other layers: these come out as they always did.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from sample_county import layout
from sample_county.cells import Town

#: Places beside the town: id, name, kind, direction in degrees and how far along the town's edge
#: (m), households, people, outsiders. The second phase of 岭头新城 stands beside the first.
BESIDE = (
    ("P01", "南畈新苑", "新建住宅区", (285.0, 0.0), 410, 1180, 40),
    ("P02", "岭头新城一期", "新建住宅区", (108.0, 0.0), 820, 2350, 60),
    ("P03", "岭头新城二期", "新建住宅区", (108.0, 150.0), 760, 2170, 90),
    ("P04", "国有青澜良种场", "国有农场", (205.0, 0.0), 130, 350, 0),
    ("P05", "东郊产业园务工宿舍", "流动人口聚居地", (40.0, 0.0), None, None, 900),
    ("P06", "砖瓦二厂生活区", "工矿区", (150.0, 0.0), 95, 230, 15),
)
#: Places far from the town: id, name, kind, place in the straight frame, households, people.
FAR = (
    ("P07", "云坞萤石矿矿部", "工矿区", (-900.0, 4700.0), 180, 420),
    ("P08", "国有枫岙林场场部", "国有林场", (1500.0, -4500.0), 60, 150),
    ("P09", "白沙湾集镇居民区", "居民区", (5200.0, 1500.0), 1620, 4700),
    ("P10", "石漈集镇居民区", "居民区", (-5200.0, 1700.0), 420, 1150),
    ("P11", "里坞自然村", "自然村", (-3000.0, -4200.0), 45, 160),
)
#: Where three small buildings without a name stand side by side, and what they hold.
BUILDINGS, BUILDING_AT = (30, 25, 40), 300.0
SIDE_M = 130.0
#: Outsiders of the villages nearest to the town, then those of one far out; all others have few.
SUBURBS, FAR_OUTSIDERS = (480, 260, 135, 100, 99), 240
LAYERS = ("places", "village_outsiders")


def _edge(town: shapely.Geometry, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Point of the town's edge in a direction, and the direction, in the straight frame."""
    along = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    ray = shapely.LineString([(0.0, 0.0), tuple(9000 * along)])
    hit = shapely.get_coordinates(shapely.intersection(ray, town))
    return hit[np.argmax(hit @ along)], along


def _beside(town: shapely.Geometry, degrees: float, shift_m: float = 0.0) -> shapely.Polygon:
    """Return a square plot at the town's edge, across a street from its last compounds."""
    at, along = _edge(town, degrees)
    centre = at + along * (SIDE_M / 2 + 10.0) + shift_m * np.array([-along[1], along[0]])
    half = SIDE_M / 2
    plot = shapely.box(*(centre - half), *(centre + half)).difference(town)
    return max(shapely.get_parts(plot), key=lambda part: part.area)


def make_places(units: gpd.GeoDataFrame, town: Town, today: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the populated places of a survey: some in no community, some in order.

    Parameters
    ----------
    units : GeoDataFrame
        As ``settle`` and the troubles leave them.
    town : Town
    today : GeoDataFrame
        Today's communities.
    """
    built = shapely.union_all(town.cells, grid_size=0.01).buffer(14)
    rows = []
    for key, name, kind, where, households, people, outsiders in BESIDE:
        plot = _beside(built, *where)
        rows.append((key, name, kind, households, people, outsiders, None, layout.on_map(plot)))
    for key, name, kind, place, households, people in FAR:
        point = layout.on_map(shapely.Point(place))
        rows.append((key, name, kind, households, people, 0, None, point))
    for number, households in enumerate(BUILDINGS):
        centre = _beside(built, BUILDING_AT).centroid
        plot = layout.on_map(translate(centre, 45.0 * number).buffer(12, quad_segs=1))
        rows.append((f"P{12 + number}", None, "其他", households, None, None, None, plot))
    rows += _in_order(units, today)
    columns = ["居住点编号", "名称", "类型", "户数", "人口", "流动人口", "社区编号", "geometry"]
    frame = pd.DataFrame(rows, columns=columns)
    for column in ("户数", "人口", "流动人口"):
        frame[column] = frame[column].astype("Float64").astype("Int64")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=layout.CRS)


def _in_order(units: gpd.GeoDataFrame, today: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    """Places that are no gap: in a unit of a community, of a community by name, without figures."""
    held = units[units["community_id"].notna() & (units["kind"] == "compound")].iloc[0]
    bare = units[units["community_id"].isna() & (units["kind"] != "open")]
    bare = bare.loc[bare["households"].idxmax()]
    point = held.geometry.representative_point()
    away = layout.on_map(shapely.Point(-4700.0, -800.0))
    named = str(today["community_id"].iloc[0])
    return [
        ("P15", f"{held['name']}安置楼", "新建住宅区", 40, 110, 0, None, point),
        ("P16", "溪头移民点", "其他", 35, 100, 0, named, away),
        ("P17", f"{bare['name']}东区", "新建住宅区", 50, 140, 0, None,
         bare.geometry.representative_point()),
        ("P18", "老砖窑", "其他", None, None, None, None,
         layout.on_map(shapely.Point(-4400.0, 2600.0))),
    ]  # fmt: skip


def make_outsiders(villages: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the villages as points with the outsiders whom the police count."""
    points = shapely.point_on_surface(villages.geometry.to_numpy())
    homes = units.geometry[units["households"] > 0].to_numpy()
    away_m = shapely.distance(points, homes[shapely.STRtree(homes).nearest(points)])
    order = np.argsort(away_m, kind="stable")
    count = pd.Series((np.arange(len(villages)) * 7) % 61, dtype="Int64")
    count.iloc[order[: len(SUBURBS)]] = list(SUBURBS)
    count.iloc[order[-1]] = FAR_OUTSIDERS
    count.iloc[order[-4:-1]] = pd.NA
    kept = ["village_id", "name", "township_id", "population", "households"]
    frame = pd.DataFrame(villages[kept]).assign(floating_population=count.to_numpy())
    frame["floating_population"] = frame["floating_population"].astype("Int64")
    return gpd.GeoDataFrame(frame, geometry=points, crs=layout.CRS)


def planted(
    units: pd.DataFrame, today: gpd.GeoDataFrame, outsiders: gpd.GeoDataFrame
) -> pd.DataFrame:
    """List what was planted: layer, id, what it is, and as what it is to be found.

    ``expected`` is ``gap``, ``convert``, ``platform``, or ``none`` for what is in order.
    """
    rows: list[tuple[str, str, str, str]] = []
    bare = units[units["community_id"].isna() & (units["households"] > 0)]
    rows += [("units", key, "compound in no community", "gap") for key in bare["unit_id"]]
    rows += [("places", row[0], "beside the town", "gap") for row in BESIDE]
    rows += [("places", row[0], "far from the town", "gap") for row in FAR if row[0] != "P11"]
    rows.append(("places", "P12", "three buildings without a name (P12 to P14)", "gap"))
    rows += [
        ("places", "P11", "hamlet of a village", "none"),
        ("places", "P15", "in a compound of a community", "none"),
        ("places", "P16", "names its community", "none"),
        ("places", "P17", "in a compound that is itself a gap", "none"),
        ("places", "P18", "without figures", "none"),
    ]
    rows += [("developments", key, "on new land", "gap") for key in ("D1", "D2")]
    rows += [("developments", key, "within communities", "none") for key in ("D3", "D4", "D5")]
    kinds = {"residential_area": "residential area", "village": "village in the city"}
    for kind, words in kinds.items():
        ids = today.loc[today["kind"] == kind, "community_id"]
        rows += [("communities", key, words, "convert") for key in ids]
    in_city = units[(units["kind"] == "urban_village") & (units["floating_population"] >= 100)]
    rows += [("units", key, "village in the city", "platform") for key in in_city["unit_id"]]
    many = outsiders[outsiders["floating_population"].fillna(0) >= 100]
    rows += [("villages", key, "100 outsiders or more", "platform") for key in many["village_id"]]
    return pd.DataFrame(rows, columns=["layer", "id", "trouble", "expected"])


def write_planted(folder: Path, table: pd.DataFrame) -> None:
    """Write the list beside the layers."""
    text = table.to_csv(index=False, lineterminator="\n")
    (folder / "planted_coverage.csv").write_text(text, encoding="utf-8", newline="")


__all__ = ["LAYERS", "make_outsiders", "make_places", "planted", "write_planted"]
