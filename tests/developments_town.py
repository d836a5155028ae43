"""A street of eight blocks and two communities, and developments along it, to be checked by hand."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from commplan.graph.walking import build_walk_network
from commplan.outputs.developments_report import DevelopmentInfo, DevelopmentReport
from commplan.plan.developments import Case, Development, DevelopmentOptions, Phase
from commplan.plan.developments_ground import make_ground
from commplan.plan.developments_place import (
    communities_near,
    entrance,
    locate,
    units_beside,
    units_there,
)
from commplan.plan.developments_rooms import Setting
from commplan.policy.library import load_profile
from commplan.pose.communities import RedrawOptions, pose_communities
from commplan.scenario.developments_loads import side_by_side
from commplan.scenario.developments_prepare import Prepared
from commplan.scenario.developments_work import decide
from commplan.territory.territory import Territory
from towns import CRS, grid_graph, grid_town

BLOCKS = 8
INFO = DevelopmentInfo({"en": "Street", "zh-CN": "街"}, CRS)


def street(floor_m2: float = 600.0, **columns: Any) -> Territory:
    """Make two communities, A (west) and B (east), of four blocks of 500 households, a room in each."""
    values = {
        "households": np.full(BLOCKS, 500, dtype=np.int64),
        "population": np.full(BLOCKS, 1300.0),
        "community_id": ["A"] * 4 + ["B"] * 4,
        **columns,
    }
    rooms = gpd.GeoDataFrame(
        {
            "site_id": ["ra", "rb"],
            "name": ["Room A", "Room B"],
            "status": "existing",
            "floor_m2": floor_m2,
        },
        geometry=[shapely.Point(150, 50), shapely.Point(650, 50)],
        crs=CRS,
    )
    return grid_town(BLOCKS, **values).replace(sites=rooms)


def development(
    households: int,
    at: float = 350.0,
    phases: tuple[tuple[int, str | None], ...] = (),
    **values: Any,
) -> Development:
    """Make a development at a point of the street; phases as (households let so far, when)."""
    found = tuple(Phase(i, total, due) for i, (total, due) in enumerate(phases, start=1))
    one = {
        "development_id": "d",
        "name": "Garden",
        "shape": shapely.Point(at, 50),
        "households": households,
        "phases": found or (Phase(1, households, "2028"),),
        **values,
    }
    return Development(**one)


def prepared(
    *developments: Development,
    territory: Territory | None = None,
    profile: str = "zhejiang-2017",
    **options: Any,
) -> Prepared:
    """Prepare developments on the street, households of a community within 1,500 and 3,000."""
    ground_territory = street() if territory is None else territory
    graph = grid_graph(BLOCKS)
    known = load_profile(profile)
    redraw = RedrawOptions(1500, 3000, weights={"moved_households": 1.0, "border_km": 1.0})
    problem = pose_communities(ground_territory, graph, known, redraw)
    ground = make_ground(ground_territory, graph, problem.part)
    network = build_walk_network(ground_territory)
    settings = DevelopmentOptions(**options)
    setting = Setting(ground, known, 1500, 3000, settings)
    cases = []
    for one in sorted(developments, key=lambda d: d.development_id):
        unit = locate(ground, one.shape, settings.reach_m)
        beside, km = units_beside(ground, network, one.shape, unit) if unit >= 0 else ((), ())
        door = entrance(ground, network, one.shape, unit)
        metres = np.hypot(*(ground.rooms.xy - np.array(door)).T)
        cases.append(
            Case(
                one,
                unit,
                int(ground.today[unit]) if unit >= 0 else -2,
                beside,
                km,
                communities_near(ground, one.shape, unit, settings.radius_m) if unit >= 0 else (),
                units_there(ground, one.shape),
                entrance=door,
                rooms=tuple((i, float(m) * 1.3 / 80) for i, m in enumerate(metres)),
                amenities={"bank": 20.0, "school": 5.0},
            )
        )
    cases = side_by_side(cases, setting)
    shown = ground_territory.replace(units=None, blocks=None)
    return Prepared(setting, problem, shown, tuple(cases), 1)


def report_of(*developments: Development, **values: Any) -> DevelopmentReport:
    """Decide about the first development of a street."""
    ready = prepared(*developments, **values)
    wanted = developments[0].development_id
    case = next(c for c in ready.cases if c.development.development_id == wanted)
    return decide(ready, case, INFO)


def codes(report: DevelopmentReport) -> set[str]:
    """Codes of what was noticed, without the topic."""
    return {finding.code.removeprefix("developments.") for finding in report.findings}
