"""The one JSON document that the hearing page draws itself from."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.outputs.colours import plan_colours
from commplan.outputs.geometry import (
    Packer,
    label_points,
    near_pairs,
    simplify_areas,
)
from commplan.plan.plan import Plan
from commplan.policy.profile import Profile
from commplan.territory.territory import Territory

#: Communities that lie this near each other (across a river, say) get different colours.
NEAR_M = 60.0


def number(value: Any, digits: int = 1) -> float | int | None:
    """Return a plain number for JSON, None where it is missing or infinite."""
    if value is None or pd.isna(value) or not np.isfinite(float(value)):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def text(value: Any) -> str:
    """Return text for JSON, "" where it is missing."""
    return "" if value is None or pd.isna(value) else str(value)


def household_bounds(used: tuple[int, int] | None, profile: Profile) -> tuple[int, int] | None:
    """Return the bounds a plan is shown against: the scenario's, else the profile's."""
    if used is not None:
        return used
    rule = profile.get("size.households")
    if rule is None or not isinstance(rule.value, dict):
        return None
    return int(rule.value.get("min", 0)), int(rule.value.get("max", 2**31))


def community_records(plan: Plan, packer: Packer) -> tuple[list[Any], list[Any]]:
    """Return today's and the proposed communities as records with colour, label and rings."""
    pairs = [
        near_pairs(part.geometry.to_numpy(), NEAR_M) for part in (plan.communities, plan.today)
    ]
    colours = plan_colours(plan.successor_of, len(plan.today), *pairs)
    proposed = _area_records(plan.communities, colours[0], packer)
    today = _area_records(plan.today, colours[1], packer)
    for record, old, origin in zip(
        proposed, plan.successor_of.tolist(), plan.communities["origin"], strict=True
    ):
        record["old"], record["origin"] = old, str(origin)
    return today, proposed


def _area_records(
    frame: gpd.GeoDataFrame, colours: NDArray[np.int32], packer: Packer
) -> list[dict[str, Any]]:
    geometry = simplify_areas(frame.geometry.to_numpy())
    rings, points = packer.areas(geometry), packer.points(label_points(geometry))
    columns = ["community_id", "name", "subdistrict_id", "units", "households", "population"]
    rows = frame[[*columns, "area_m2"]].itertuples(index=False)
    return [
        {
            "id": text(row.community_id),
            "name": text(row.name) or text(row.community_id),
            "sub": text(row.subdistrict_id),
            "units": number(row.units),
            "hh": number(row.households),
            "pop": number(row.population),
            "area": number(row.area_m2, 0),
            "c": int(colour),
            "at": point,
            "rings": ring,
        }
        for row, colour, point, ring in zip(rows, colours.tolist(), points, rings, strict=True)
    ]


def add_scores(records: list[Any], scorecard: Scorecard, circles: Circles | None) -> None:
    """Add what the scorecard and the circles know of each proposed community."""
    columns = {
        "need": ("room_need_m2", 0),
        "floor": ("room_floor_m2", 0),
        "short": ("room_short_m2", 0),
        "within": ("within_share", 4),
        "walk": ("mean_walk_min", 1),
    }
    scores = scorecard.communities.set_index("community_id")
    measured = circles is not None and bool(circles.kinds)
    shares = circles.shares.set_index("community_id") if circles and measured else None
    for record in records:
        if record["id"] in scores.index:
            row = scores.loc[record["id"]]
            for key, (column, digits) in columns.items():
                record[key] = number(row.get(column), digits)
        if shares is not None and circles is not None and record["id"] in shares.index:
            row = shares.loc[record["id"]]
            record["kinds"] = [number(row.get(kind), 4) for kind in circles.kinds]


def mark_bounds(records: list[Any], bounds: tuple[int, int] | None, excepted: set[int]) -> None:
    """Say of each community whether it is within the bounds (0), below (-1), above (1).

    2 stands for one outside of them by an exception that the scenario names; None for "no bounds".
    """
    for row, record in enumerate(records):
        if bounds is None:
            record["ok"] = None
            continue
        side = int(record["hh"] > bounds[1]) - int(record["hh"] < bounds[0])
        record["ok"] = 2 if side and row in excepted else side


def unit_record(plan: Plan, packer: Packer) -> dict[str, Any]:
    """Return the units in columns: ids, names, households, today, proposed, rings."""
    units = plan.territory.units
    if units is None:
        raise ValueError("a plan of a territory without units")
    geometry = simplify_areas(units.geometry.to_numpy())
    names = [text(name) for name in units["name"]]
    moved = units["unit_id"].isin(set(plan.moves["unit_id"]))
    return {
        "id": units["unit_id"].astype(str).tolist(),
        "name": names if any(names) else [],
        "hh": [int(n) for n in units["households"]],
        "today": plan.today_of.tolist(),
        "now": plan.community_of.tolist(),
        "moved": np.flatnonzero(moved).tolist(),
        "rings": packer.areas(geometry),
        "min": None if plan.rooms is None else [number(m) for m in plan.rooms.minutes.tolist()],
    }


def room_records(plan: Plan, packer: Packer) -> list[dict[str, Any]]:
    """Return one record per community and site; ``at`` is None where there is no site."""
    if plan.rooms is None:
        return []
    rooms = plan.rooms.rooms
    row_of = {key: row for row, key in enumerate(plan.communities["community_id"])}
    names = _site_names(plan.territory)
    records = []
    for row, point in zip(
        rooms.itertuples(index=False), packer.points(rooms.geometry.to_numpy()), strict=True
    ):
        site = text(row.site_id)
        records.append(
            {
                "of": row_of.get(row.community_id),
                "site": site,
                "name": names.get(site, ""),
                "action": text(row.action),
                "way": text(row.way),
                "floor": number(row.floor_m2, 0),
                "need": number(row.need_m2, 0),
                "short": number(row.short_m2, 0),
                "cost": number(row.cost_yuan, 0),
                "at": point,
            }
        )
    return records


def _site_names(territory: Territory) -> dict[str, str]:
    sites = territory.sites
    if sites is None or "name" not in sites:
        return {}
    return {text(i): text(n) for i, n in zip(sites["site_id"], sites["name"], strict=True)}


def standing_rooms(territory: Territory, packer: Packer) -> list[dict[str, Any]]:
    """Return the rooms that stand today, none where the scenario names no sites."""
    sites = territory.sites
    if sites is None:
        return []
    standing = sites[sites["status"] == "existing"]
    points = packer.points(standing.geometry.to_numpy())
    names = _site_names(territory)
    return [
        {
            "site": text(row.site_id),
            "name": names.get(text(row.site_id), ""),
            "floor": number(row.floor_m2, 0),
            "at": at,
        }
        for row, at in zip(standing.itertuples(index=False), points, strict=True)
        if at is not None
    ]
