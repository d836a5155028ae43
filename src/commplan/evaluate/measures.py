"""Every figure of a scorecard, for the plan and for today, recomputed from places.

What a plan is optimised for are the terms of the yardstick; means and shares beside them are for
readers. A figure that cannot be known (walks without rooms, say) is None, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from commplan.evaluate.measures_rooms import (
    room_by_community,
    room_totals,
    today_rooms,
    walk_terms,
)
from commplan.evaluate.measures_terms import (
    Ground,
    compactness,
    division_terms,
    moved_households,
    totals,
)
from commplan.evaluate.scorecard import Measure
from commplan.plan.plan import Plan
from commplan.policy.profile import Profile
from commplan.pose.communities import Bounds

HOUSE_CHOICE = "house choice"
ROOM_RULES = ("room.per_100_households", "room.per_100_people", "room.minimum")

#: Code -> unit, in the order of the scorecard.
UNITS: Mapping[str, str] = {
    "communities": "count",
    "communities_in_bounds": "count",
    "households": "households",
    "population": "persons",
    "moved_households": "households",
    "moved_share": "share",
    "border_km": "km",
    "soft_border_km": "km",
    "soft_border_share": "share",
    "fixed_border_km": "km",
    "compactness": "ratio",
    "distance_household_km": "household_km",
    "mean_distance_m": "m",
    "imbalance_households": "households",
    "cv_households": "ratio",
    "area_imbalance_km2": "km2",
    "walk_household_min": "household_min",
    "mean_walk_min": "min",
    "far_households": "households",
    "within_share": "share",
    "room_need_m2": "m2",
    "room_floor_m2": "m2",
    "room_short_m2": "m2",
    "room_cost_yuan": "yuan",
}


@dataclass(frozen=True)
class Yard:
    """By what a plan is measured.

    Parameters
    ----------
    bounds : Bounds
    limit_min : float
        Longest walk to the room that counts as near.
    """

    bounds: Bounds
    limit_min: float


def measure_plan(
    plan: Plan, ground: Ground, yard: Yard, profile: Profile
) -> tuple[dict[str, float], dict[str, float | None], dict[str, float | None]]:
    """Measure a plan, and today beside it.

    Returns
    -------
    terms : dict
        Cost terms of the plan, unweighted, and ``fixed_border_km``.
    figures, today : dict
        Every code of `UNITS`.
    """
    terms = division_terms(ground, plan.community_of, yard.bounds.target_households)
    moved = moved_households(ground.households, plan.community_of, plan.today_of, plan.successor_of)
    terms["moved_households"] = float(moved)
    if plan.rooms is not None:
        terms |= walk_terms(ground.households, plan.rooms.minutes, yard.limit_min)
    figures = _figures(terms, ground, plan.communities, plan.community_of, yard)
    had_one = int(ground.households[plan.today_of >= 0].sum())
    figures |= {"moved_share": _ratio(float(moved), had_one)}
    if plan.rooms is not None:
        figures |= _walks(terms, ground.households, plan.rooms.minutes)
    figures |= room_totals(plan, room_by_community(plan))
    return terms, figures, _today(plan, ground, yard, profile)


def as_measures(
    figures: Mapping[str, float | None], today: Mapping[str, float | None], profile: Profile
) -> tuple[Measure, ...]:
    """Put unit and clause to the figures, in the order of `UNITS`."""
    size = profile.clause("size.households") or profile.clause("size.households_target")
    room = next((c for c in map(profile.clause, ROOM_RULES) if c), None)
    clauses = {
        "communities_in_bounds": size,
        "far_households": HOUSE_CHOICE,
        "within_share": HOUSE_CHOICE,
        "room_need_m2": room,
        "room_short_m2": room,
    }
    return tuple(
        Measure(code, figures.get(code), today.get(code), unit, clauses.get(code))
        for code, unit in UNITS.items()
    )


def _figures(
    terms: Mapping[str, float],
    ground: Ground,
    table: gpd.GeoDataFrame,
    community_of: NDArray[np.int32],
    yard: Yard,
) -> dict[str, float | None]:
    """Figures that today's division has as well."""
    sizes = totals(community_of, ground.households, len(table))
    inside = (sizes >= yard.bounds.min_households) & (sizes <= yard.bounds.max_households)
    everyone = float(sizes.sum())
    distance_m = _ratio(terms["distance_household_km"] * 1000, everyone)
    people = table["population"]
    round_ = compactness(table.geometry)
    return dict(terms) | {
        "communities_in_bounds": float(inside.sum()),
        "households": everyone,
        "population": None if people.isna().any() else float(people.sum()),
        "soft_border_share": _ratio(terms["soft_border_km"], terms["border_km"]),
        "mean_distance_m": distance_m,
        "cv_households": _ratio(float(sizes.std()), float(sizes.mean())) if sizes.size else None,
        "compactness": float(round_.mean()) if round_.size else None,
    }


def _walks(
    terms: Mapping[str, float], households: NDArray[np.int64], minutes: NDArray[np.float64]
) -> dict[str, float | None]:
    reached = float(households[np.isfinite(minutes)].sum())
    far = _ratio(terms["far_households"], float(households.sum()))
    return {
        "mean_walk_min": _ratio(terms["walk_household_min"], reached),
        "within_share": None if far is None else 1.0 - far,
    }


def _today(plan: Plan, ground: Ground, yard: Yard, profile: Profile) -> dict[str, float | None]:
    """Measure today's division; where the units name no community there is none to measure."""
    if not len(plan.today):
        return {}
    terms = division_terms(ground, plan.today_of, yard.bounds.target_households)
    figures = _figures(terms, ground, plan.today, plan.today_of, yard)
    return figures | _walks_today(plan, ground, yard) | today_rooms(plan, profile)


def _walks_today(plan: Plan, ground: Ground, yard: Yard) -> dict[str, float | None]:
    """Measure the walks of those in a community today, to the room that stands there."""
    if plan.rooms is None or plan.rooms.today_minutes is None:
        return {}
    inside = plan.today_of >= 0
    households, minutes = ground.households[inside], plan.rooms.today_minutes[inside]
    terms = walk_terms(households, minutes, yard.limit_min)
    return dict(terms) | _walks(terms, households, minutes)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
