"""A made-up town for the outputs: Voronoi compounds with Chinese names, a river, a railway, rooms."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from commplan.evaluate.circles import Circles, Ground
from commplan.evaluate.scorecard import Measure, Scorecard
from commplan.findings import Finding, Severity
from commplan.outputs.info import PageInfo
from commplan.plan.make import PlanOptions, make_plan
from commplan.plan.plan import Plan, RoomPlan
from commplan.policy.clause import Clause, DocumentStatus, Force
from commplan.policy.profile import Profile, Rule
from commplan.territory.territory import Territory

CRS = "EPSG:4549"
EVIL = "<script>alert(1)</script>"
SIGNS = "和平安康福泰清明兴旺长春光华东升金桂银杏翠竹文昌学府滨江湖畔"
ENDS = ("花园", "小区", "家园", "新村", "公寓", "里弄", "苑", "城")
KINDS = ("food_market", "convenience", "medical", "school", "bank", "bus_stop", "sports")


@dataclass(frozen=True)
class Made:
    """Everything the outputs take."""

    plan: Plan
    scorecard: Scorecard
    circles: Circles
    profile: Profile
    info: PageInfo


def make_profile() -> Profile:
    """Make a draft with one clause, as the default profile is."""
    rule = Rule(
        "size.households",
        {"min": 1500, "max": 3000},
        "households",
        Force.SHOULD,
        Clause("zhejiang-2017", "二(三)"),
        {
            "zh-CN": "新设城市社区的户数规模",
            "en": "households of a newly set-up urban community",
        },
    )
    title = {
        "zh-CN": "浙江省关于加强和完善城乡社区治理的实施意见（2017）",
        "en": "Zhejiang, opinions on urban and rural community governance (2017)",
    }
    rules = {"size.households": rule}
    return Profile("zhejiang-2017", title, DocumentStatus.DRAFT, rules, date(2017, 11, 8))


def make_territory(n: int, rng: np.random.Generator) -> Territory:
    """Make n compounds of a Voronoi town with streets between them, cut by nothing."""
    side = np.sqrt(n) * 120.0
    centre = np.array([462_000.0, 3_310_000.0])
    outline = shapely.Point(centre).buffer(side / 1.8, 24)
    xy = centre + rng.uniform(-side / 1.8, side / 1.8, (2 * n, 2))
    xy = xy[shapely.contains_xy(outline, xy[:, 0], xy[:, 1])][:n]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=outline, ordered=True)
    )
    blocks = shapely.intersection(cells, outline)
    count = len(blocks)
    names = [
        "".join(rng.choice(list(SIGNS), 2)) + ENDS[i % len(ENDS)] if i % 9 else None
        for i in range(count)
    ]
    names[1] = EVIL
    columns = {
        "unit_id": [f"U{i:05d}" for i in range(count)],
        "name": names,
        "households": rng.integers(40, 190, count),
        "subdistrict_id": ["城东街道" if x > centre[0] else "城西街道" for x in xy[:, 0]],
        "community_id": _today(xy, centre, side),
    }
    columns["population"] = (columns["households"] * 2.7).astype(int)
    units = gpd.GeoDataFrame(columns, geometry=shapely.buffer(blocks, -9), crs=CRS)
    return Territory(
        crs=units.crs,
        units=units,
        blocks=gpd.GeoSeries(blocks, crs=CRS),
        communities=_named_communities(columns["community_id"]),
        barriers=_barriers(centre, side, outline),
        sites=_sites(blocks, names, rng),
        amenities=_amenities(blocks, rng),
    )


def _barriers(centre: np.ndarray, side: float, outline: shapely.Geometry) -> gpd.GeoDataFrame:
    x, y = centre
    river = shapely.LineString(
        [(x - side + 40 * t, y - 300 + 160 * np.sin(t / 7)) for t in range(int(side / 20))]
    )
    lines = [river.buffer(22), shapely.LineString([(x - side, y + side / 4), (x + side, y + 90)])]
    lines += [shapely.LineString([(x + 120, y - side), (x - 200, y + side)])]
    return gpd.GeoDataFrame(
        {"kind": ["river", "railway", "main_road"]},
        geometry=[shape.intersection(outline.buffer(80)) for shape in lines],
        crs=CRS,
    )


def _sites(
    blocks: np.ndarray, names: list[str | None], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    chosen = rng.choice(len(blocks), 40, replace=False)
    return gpd.GeoDataFrame(
        {
            "site_id": [f"S{i:02d}" for i in range(40)],
            "name": [f"{names[i] or '城区'}用房" for i in chosen],
            "status": ["existing" if i < 15 else "candidate" for i in range(40)],
            "floor_m2": rng.integers(250, 1100, 40).astype(float),
        },
        geometry=shapely.point_on_surface(blocks[chosen]),
        crs=CRS,
    )


def _amenities(blocks: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": [KINDS[i % 7] for i in range(70)]},
        geometry=shapely.point_on_surface(blocks[rng.choice(len(blocks), 70)]),
        crs=CRS,
    )


def _today(xy: np.ndarray, centre: np.ndarray, side: float) -> list[str]:
    cell = side / 3.6
    return [f"C{int((x // cell) % 10)}{int((y // (cell * 1.1)) % 10)}" for x, y in xy - centre]


def _named_communities(ids: list[str]) -> pd.DataFrame:
    known = sorted(set(ids))
    names = [
        SIGNS[i % len(SIGNS)] + SIGNS[(i + 7) % len(SIGNS)] + "社区" for i in range(len(known))
    ]
    if len(names) > 2:
        names[2] = EVIL
    return gpd.GeoDataFrame({"community_id": known, "name": names}, geometry=[None] * len(known))


def make_rooms(plan: Plan, rng: np.random.Generator) -> RoomPlan:
    """Choose one site for each community but the last."""
    sites = plan.territory.sites
    inside = gpd.sjoin(sites, plan.communities[["geometry", "community_id"]], how="inner")
    rows = []
    for i, community in enumerate(plan.communities.itertuples(index=False)):
        mine = inside[inside["community_id"] == community.community_id]
        need = round(community.households * 0.3, 1)
        if not len(mine) or i == len(plan.communities) - 1:
            rows.append((community.community_id, None, "none", None, 0.0, need, need, 0.0, None))
            continue
        site = mine.iloc[0]
        kept = site["status"] == "existing"
        rows.append(
            (
                community.community_id,
                site["site_id"],
                "keep" if kept else "new",
                None if kept else "conversion",
                site["floor_m2"],
                need,
                max(0.0, need - site["floor_m2"]),
                0.0 if kept else 1_200_000.0,
                site.geometry,
            )
        )
    names = ["community_id", "site_id", "action", "way", "floor_m2", "need_m2"]
    names += ["short_m2", "cost_yuan", "geometry"]
    rooms = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry="geometry", crs=CRS)
    return RoomPlan(rooms, rng.uniform(1, 19, len(plan.community_of)))


def make_scorecard(plan: Plan) -> Scorecard:
    """Make figures that fit the plan, as the evaluator would give them."""
    table = plan.communities
    rooms = plan.rooms.rooms.groupby("community_id")[["need_m2", "floor_m2", "short_m2"]].sum()
    rooms = rooms.reindex(table["community_id"])
    inside = (table["households"] >= 1500) & (table["households"] <= 3000)
    rows = pd.DataFrame(
        {
            "community_id": table["community_id"],
            "households": table["households"],
            "population": table["population"],
            "area_km2": table["area_m2"] / 1e6,
            "in_bounds": inside.to_numpy(),
            "connected": True,
            "compactness": 0.41,
            "room_need_m2": rooms["need_m2"].to_numpy(),
            "room_floor_m2": rooms["floor_m2"].to_numpy(),
            "room_short_m2": rooms["short_m2"].to_numpy(),
            "within_share": 0.913,
            "mean_walk_min": 8.25,
        }
    )
    measures = _measures(plan, rows)
    findings = (
        Finding("finding.and_more", Severity.NOTE, {"shown": EVIL, "more": 3}),
        Finding(
            "finding.and_more",
            Severity.ERROR,
            {"shown": "U00001", "more": 2},
            ids=("U00001",),
            clause="zhejiang-2017 二(三)",
        ),
    )
    moved = float(plan.moves["households"].sum())
    terms = {"border_km": 23.45678901234567, "moved_households": moved}
    return Scorecard(True, terms, measures, rows, findings)


def _measures(plan: Plan, rows: pd.DataFrame) -> tuple[Measure, ...]:
    moved = float(plan.moves["households"].sum())
    everyone = float(rows["households"].sum())
    was_inside = plan.today["households"].between(1500, 3000)
    return (
        Measure("communities", float(len(rows)), float(len(plan.today)), "count"),
        Measure(
            "communities_in_bounds",
            float(rows["in_bounds"].sum()),
            float(was_inside.sum()),
            "count",
            "zhejiang-2017 二(三)",
        ),
        Measure("households", everyone, everyone, "households"),
        Measure("moved_households", moved, None, "households"),
        Measure("moved_share", moved / everyone, None, "share"),
        Measure("border_km", 23.456789012, 25.1, "km"),
        Measure("mean_walk_min", 8.25, float("nan"), "min"),
        Measure("within_share", 0.9134, None, "share", "house choice"),
        Measure("room_short_m2", float(rows["room_short_m2"].sum()), None, "m2"),
    )


def make_circles(plan: Plan, rng: np.random.Generator) -> Circles:
    """Make random walks to seven kinds, and a round isochrone for each room."""
    shares = pd.DataFrame(
        np.round(rng.uniform(0.3, 1.25, (len(plan.communities), 7)).clip(0, 1), 3), columns=KINDS
    )
    shares.insert(0, "community_id", plan.communities["community_id"])
    rooms = plan.rooms.rooms.dropna(subset=["site_id"])
    reach = gpd.GeoDataFrame(
        {"site_id": rooms["site_id"], "community_id": rooms["community_id"], "minutes": 15.0},
        geometry=rooms.geometry.buffer(420),
        crs=CRS,
    )
    near = gpd.GeoDataFrame(
        {"kind": KINDS[:2], "minutes": 15.0}, geometry=[reach.union_all()] * 2, crs=CRS
    )
    minutes = rng.uniform(2, 25, (len(plan.community_of), 7))
    return Circles(
        KINDS, 15.0, minutes, shares, dict.fromkeys(KINDS, 0.9), lambda: Ground(reach, near)
    )


def make_town(n: int, seed: int = 7) -> Made:
    """Make the whole plan of about n compounds."""
    rng = np.random.default_rng(seed)
    territory = make_territory(n, rng)
    points = shapely.get_coordinates(shapely.point_on_surface(territory.blocks.to_numpy()))
    k = max(4, round(territory.units["households"].sum() / 2200))
    centres = points[rng.choice(len(points), k, replace=False)]
    for _ in range(12):
        label = ((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.array([points[label == i].mean(axis=0) for i in range(k)])
    options = PlanOptions({"U00003": "该小区自身户数超过上限"}, {"kind": "solved"})
    plan = make_plan(territory, label.astype(np.int32), options)
    plan = plan.replace(rooms=make_rooms(plan, rng))
    info = PageInfo(
        {
            "zh": "会稽县城区社区规模调整方案",
            "en": "Redrawing the communities of Kuaiji county town",
        },
        "demo",
        date(2026, 3, 5),
        attribution="© OpenStreetMap contributors",
        note={
            "zh": "本例为虚构数据，仅供演示。",
            "en": "The data are made up, for demonstration only.",
        },
    )
    circles = make_circles(plan, rng)
    return Made(plan, make_scorecard(plan), circles, make_profile(), info)
