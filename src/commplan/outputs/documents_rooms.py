"""Where the rooms of a plan are, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from commplan.outputs.page_data import text
from commplan.plan.plan import Plan
from commplan.texts import Texts

#: A street this near to a room tells where the room is.
STREET_M = 100.0


@dataclass(frozen=True)
class Place:
    """Where a room is: its address as given, else the compound around it and the street beside it."""

    site_id: str = ""
    name: str = ""
    address: str = ""
    unit: str = ""
    street: str = ""


def room_places(plan: Plan) -> list[Place]:
    """Say where each room of a plan is.

    Returns
    -------
    list of Place
        Row for row with the rooms; empty fields where there is no site or nothing is known.
    """
    if plan.rooms is None:
        return []
    rooms = plan.rooms.rooms
    points = rooms.geometry.to_numpy()
    units, streets = _units_around(plan, points), _streets_beside(plan, points)
    known = _site_columns(plan)
    return [
        Place(text(site), *known.get(text(site), ("", "")), unit, street)
        for site, unit, street in zip(rooms["site_id"], units, streets, strict=True)
    ]


def _site_columns(plan: Plan) -> dict[str, tuple[str, str]]:
    sites = plan.territory.sites
    if sites is None:
        return {}
    blank = [""] * len(sites)
    name, address = (
        [text(v).strip() for v in sites[c]] if c in sites else blank for c in ("name", "address")
    )
    ids = sites["site_id"].astype(str)
    return dict(zip(ids, zip(name, address, strict=True), strict=True))


def _units_around(plan: Plan, points: Any) -> list[str]:
    """Name the unit in which each point lies; "" where it has no name, for its id is no address."""
    units = plan.territory.units
    found = [""] * len(points)
    if units is None or "name" not in units:
        return found
    there, named = _there(points), [text(name).strip() for name in units["name"]]
    at, row = shapely.STRtree(units.geometry.to_numpy()).query(
        points[there], predicate="intersects"
    )
    for point, unit in sorted(zip(there[at].tolist(), row.tolist(), strict=True), reverse=True):
        found[point] = named[unit]
    return found


def _streets_beside(plan: Plan, points: Any) -> list[str]:
    """Name the nearest street with a name, or a road among the barriers, beside each point."""
    shapes: list[Any] = []
    names: list[str] = []
    for layer, roads in ((plan.territory.barriers, True), (plan.territory.streets, False)):
        if layer is None or "name" not in layer:
            continue
        kept = layer["name"].fillna("").astype(str).str.strip() != ""
        if roads:
            kept &= layer["kind"].isin(["main_road", "road"])
        shapes += layer.geometry[kept].tolist()
        names += layer["name"][kept].astype(str).str.strip().tolist()
    found, there = [""] * len(points), _there(points)
    if not shapes or not len(there):
        return found
    at, line = shapely.STRtree(shapes).query_nearest(
        points[there], max_distance=STREET_M, all_matches=False
    )
    for point, row in zip(there[at].tolist(), line.tolist(), strict=True):
        found[point] = names[row]
    return found


def _there(points: Any) -> Any:
    return np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))


def unit_name(units: gpd.GeoDataFrame, row: int) -> str:
    """Return a unit's name, else its id."""
    name = units["name"].iloc[row] if "name" in units else None
    return text(name).strip() or str(units["unit_id"].iloc[row])


def place_words(place: Place, texts: Texts) -> str:
    """Word where a room is; "" where nothing is known."""
    if place.address:
        return place.address
    key = "_".join(part for part in ("unit", "street") if getattr(place, part))
    if not key:
        return ""
    return texts(f"documents.place_{key}", unit=place.unit, street=place.street)


def room_words(plan: Plan, places: Sequence[Place], texts: Texts) -> list[str]:
    """Name the rooms of each community and where they are."""
    ids = plan.communities["community_id"].tolist()
    found: dict[str, list[str]] = {identifier: [] for identifier in ids}
    if plan.rooms is None:
        return [""] * len(ids)
    for community, place in zip(plan.rooms.rooms["community_id"], places, strict=True):
        if not place.site_id:
            continue
        where = place_words(place, texts)
        name = place.name or place.site_id
        found[community].append(
            texts("documents.room_at", name=name, place=where) if where else name
        )
    none = texts("documents.room_none")
    return [texts("documents.list_semicolon").join(found[i]) or none for i in ids]


def community_name(table: pd.DataFrame, row: int) -> str:
    """Return a community's name, else its id."""
    return text(table["name"].iloc[row]) or str(table["community_id"].iloc[row])
