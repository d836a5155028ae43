"""Figures of the service rooms: how far people walk to them, how large they are, what they cost."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.evaluate.measures_terms import totals
from commplan.plan.plan import Plan
from commplan.policy.norms import room_need_m2
from commplan.policy.profile import Profile

Floats = NDArray[np.float64]


def walk_terms(
    households: NDArray[np.int64], minutes: Floats, limit_min: float
) -> dict[str, float]:
    """Compute the two walking terms of the yardstick.

    Parameters
    ----------
    households : int array, shape (n units,)
    minutes : float array, shape (n units,)
        To the room of the unit's community; inf where it cannot be reached.
    limit_min : float

    Returns
    -------
    dict
        ``walk_household_min``: Σ households × minutes, of those who can reach a room;
        ``far_households``: those beyond the limit and those who cannot reach one.
    """
    reached = np.isfinite(minutes)
    return {
        "walk_household_min": float((households[reached] * minutes[reached]).sum()),
        "far_households": float(households[~(minutes <= limit_min)].sum()),
    }


def walk_by_community(plan: Plan, households: NDArray[np.int64], limit_min: float) -> pd.DataFrame:
    """Share of households within the limit and their mean walk, per community.

    Returns
    -------
    DataFrame
        ``within_share`` and ``mean_walk_min`` (of those who can reach the room); null for a
        community without households, or where nobody reaches a room.
    """
    count = len(plan.communities)
    table = pd.DataFrame({"within_share": np.full(count, np.nan), "mean_walk_min": np.nan})
    if plan.rooms is None:
        return table
    minutes, code = plan.rooms.minutes, plan.community_of

    def sums(values: Floats, where: NDArray[np.bool_]) -> Floats:
        chosen = where & (code >= 0)
        return totals(code[chosen], values[chosen], count)

    weight, reached = households.astype(np.float64), np.isfinite(minutes)
    everyone = np.ones(code.size, dtype=np.bool_)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["within_share"] = sums(weight, minutes <= limit_min) / sums(weight, everyone)
        walked = np.where(reached, weight * np.where(reached, minutes, 0.0), 0.0)
        table["mean_walk_min"] = sums(walked, reached) / sums(weight, reached)
    return table


def room_by_community(plan: Plan) -> pd.DataFrame:
    """Room needed, planned and short per community (m²); null where unknown.

    A community served by two sites has two rows in the room plan: their floors add up, its need is
    one. A site of unknown area leaves floor and shortage unknown: it is not a shortage.
    """
    columns = ["room_need_m2", "room_floor_m2", "room_short_m2"]
    ids = plan.communities["community_id"]
    if plan.rooms is None:
        return pd.DataFrame(np.nan, index=range(len(ids)), columns=columns)
    rooms = plan.rooms.rooms
    frame = pd.DataFrame(
        {
            "community_id": rooms["community_id"].to_numpy(dtype=object),
            "room_need_m2": _numbers(rooms["need_m2"]),
            "room_floor_m2": np.where(rooms["site_id"].isna(), 0.0, _numbers(rooms["floor_m2"])),
        }
    )
    groups = frame.groupby("community_id")
    need = groups["room_need_m2"].max().reindex(ids).to_numpy(dtype=np.float64)
    floor = groups["room_floor_m2"].agg(lambda s: s.sum(skipna=False)).reindex(ids)
    floor_m2 = floor.to_numpy(dtype=np.float64)
    short = np.maximum(need - floor_m2, 0.0)
    return pd.DataFrame(dict(zip(columns, (need, floor_m2, short), strict=True)))


def room_totals(plan: Plan, table: pd.DataFrame) -> dict[str, float | None]:
    """Whole plan's need, floor, shortage and cost; a sum leaves out what is not known.

    None where nothing is known at all.
    """
    totals = {name: _sum(table[name]) for name in table.columns}
    cost = None
    if plan.rooms is not None:
        rooms = plan.rooms.rooms
        cost = _sum(pd.Series(_numbers(rooms["cost_yuan"]))) if len(rooms) else 0.0
    return totals | {"room_cost_yuan": cost}


def today_rooms(plan: Plan, profile: Profile) -> dict[str, float | None]:
    """Room needed, there and short in today's communities, of those that state what they have.

    None where no community states the floor of its room.
    """
    layer, units = plan.territory.communities, plan.territory.units
    unknown: dict[str, float | None] = dict.fromkeys(
        ("room_need_m2", "room_floor_m2", "room_short_m2")
    )
    if layer is None or units is None or "room_m2" not in layer.columns:
        return unknown
    stated = pd.Series(_numbers(layer["room_m2"]), index=layer["community_id"].astype(str))
    floor = stated.reindex(plan.today["community_id"]).to_numpy(dtype=np.float64)
    known = ~np.isnan(floor)
    if not known.any():
        return unknown
    shops = None
    if "commercial_floor_m2" in units.columns:
        inside = plan.today_of >= 0
        area = np.nan_to_num(_numbers(units["commercial_floor_m2"]))[inside]
        shops = np.bincount(plan.today_of[inside], weights=area, minlength=len(plan.today))
    need = room_need_m2(
        profile, plan.today["households"].to_numpy(), _numbers(plan.today["population"]), shops
    )
    short = np.maximum(need - floor, 0.0)
    found = {"room_need_m2": need[known], "room_short_m2": short[known]}
    sums = {name: None if np.isnan(v).any() else float(v.sum()) for name, v in found.items()}
    return unknown | sums | {"room_floor_m2": float(floor[known].sum())}


def _numbers(column: "pd.Series[float]") -> Floats:
    return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)


def _sum(column: "pd.Series[float]") -> float | None:
    return float(column.sum()) if column.notna().any() else None
