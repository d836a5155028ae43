"""A town of six units and three communities, small enough to check every rule by hand."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from commplan.evaluate.circles import Circles
from commplan.evaluate.rules import RuleResult
from commplan.plan.make import make_plan
from commplan.plan.plan import Plan, RoomPlan
from commplan.policy.clause import Clause, DocumentStatus, Force
from commplan.policy.profile import Profile, Rule
from commplan.texts import LANGUAGES, load_texts
from towns import grid_town

SEVEN = ("food_market", "convenience", "medical", "school", "bank", "bus_stop", "sports")


def sized_plan(*households: int, population: list[float] | None = None, **columns: Any) -> Plan:
    """Make a plan of one unit per community, each today's community c0, c1, ... unchanged."""
    n = len(households)
    values = {"community_id": [f"c{i}" for i in range(n)], **columns}
    if population is not None:
        values["population"] = population
    territory = grid_town(n, households=np.asarray(households, dtype=np.int64), **values)
    return make_plan(territory, np.arange(n, dtype=np.int32))


def town_plan(**columns: Any) -> Plan:
    """Two units each in A, B and a new community; before, A had four of them.

    Today: A = U000, U001, U004, U005 (3,200 households), B = U002, U003 (1,600). The plan gives
    U004 and U005 a community of their own, N001.
    """
    values = {
        "households": np.full(6, 800, dtype=np.int64),
        "population": np.full(6, 2000.0),
        "community_id": ["A", "A", "B", "B", "A", "A"],
        **columns,
    }
    return make_plan(grid_town(6, **values), np.asarray([0, 0, 1, 1, 2, 2], dtype=np.int32))


def with_layers(plan: Plan, **layers: Any) -> Plan:
    """Give the plan's territory other layers."""
    return plan.replace(territory=plan.territory.replace(**layers))


def with_rooms(plan: Plan, rows: list[dict[str, Any]]) -> Plan:
    """Give a plan rooms; each row names community_id, site_id, floor_m2, action and way."""
    base = {"site_id": None, "floor_m2": np.nan, "action": "new", "way": None}
    table = pd.DataFrame([{**base, **row} for row in rows])
    rooms = gpd.GeoDataFrame(table, geometry=[None] * len(table))
    return plan.replace(rooms=RoomPlan(rooms, np.zeros(len(plan.community_of))))


def circles(plan: Plan, limit_min: float = 15.0, **shares: list[float]) -> Circles:
    """Make circles in which every household reaches every kind, but for the shares given."""
    ids = plan.communities["community_id"].tolist()
    columns = {kind: shares.get(kind, [1.0] * len(ids)) for kind in SEVEN}
    table = pd.DataFrame({"community_id": ids, **columns})
    minutes = np.zeros((len(plan.community_of), len(SEVEN)))
    return Circles(SEVEN, limit_min, minutes, table, dict.fromkeys(SEVEN, 1.0))


def profile_of(rule_id: str, value: Any = None, force: str = "must") -> Profile:
    """Make a profile of one rule."""
    title = {"zh-CN": rule_id, "en": rule_id}
    rule = Rule(rule_id, value, "", Force(force), Clause("test", "1"), title)
    return Profile("test", title, DocumentStatus.USER, {rule_id: rule})


def villages(*people: float) -> gpd.GeoDataFrame:
    """Make villages V0, V1, ... of so many people."""
    ids = [f"V{i}" for i in range(len(people))]
    return gpd.GeoDataFrame({"village_id": ids, "population": list(people)})


def reading(result: RuleResult) -> RuleResult:
    """Return the result, having read its finding in every language with its figures."""
    if result.finding is not None:
        for language in LANGUAGES:
            assert "{" not in result.finding.words(load_texts(language))
    return result
