"""Living circles: what each unit and community reaches on foot."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.evaluate.circles_findings import circle_findings
from commplan.findings import Finding
from commplan.graph.isochrone import isochrones
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes
from commplan.graph.walking_places import Places, places_at, places_of_units
from commplan.plan.plan import Plan


@dataclass(frozen=True)
class Circles:
    """Walking minutes to the nearest amenity of each kind, and who reaches it in time.

    Parameters
    ----------
    kinds : tuple of str
        The profile's kinds, in its order, then the user's own.
    limit_min : float
    minutes : float64 array, shape (n units, kinds)
        To the nearest; inf where none is reached.
    shares : DataFrame
        Per community: ``community_id`` and one column per kind, the share of its households within
        the limit (0 to 1).
    household_share : dict
        Kind -> share of all households within the limit.
    isochrones : GeoDataFrame or None
        ``site_id``, ``community_id``, ``minutes``, polygon: reached from each room.
    findings : tuple of Finding
    """

    kinds: tuple[str, ...]
    limit_min: float
    minutes: NDArray[np.float64]
    shares: pd.DataFrame
    household_share: dict[str, float]
    isochrones: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = field(default=())


def measure_circles(
    plan: Plan,
    network: WalkNetwork,
    kinds: tuple[str, ...],
    limit_min: float,
    clause: str | None = None,
) -> Circles:
    """Measure which kinds of amenities are within a walk, for each unit and community.

    Parameters
    ----------
    plan : Plan
        Amenities are those of its territory.
    network : WalkNetwork
        Of the plan's territory.
    kinds : tuple of str
        Kinds that the profile asks for, then the user's own; a kind that the data do not hold is a
        finding and has neither minutes nor shares.
    limit_min : float
    clause : str, optional
        The clause that names the kinds.

    Returns
    -------
    Circles
        ``kinds`` are those that the data hold.
    """
    kinds = tuple(dict.fromkeys(kinds))
    units = _unit_places(plan, network)
    there = _amenity_kinds(plan)
    held = tuple(kind for kind in kinds if kind in set(there.tolist()))
    minutes = np.full((units.n, len(held)), np.inf)
    for j, kind in enumerate(held):
        minutes[:, j] = nearest_minutes(network, units, _amenities(plan, network, there == kind))
    shares, overall = _shares(plan, minutes <= limit_min, held)
    absent = tuple(kind for kind in kinds if kind not in held)
    return Circles(
        kinds=held,
        limit_min=limit_min,
        minutes=minutes,
        shares=shares,
        household_share=overall,
        isochrones=room_isochrones(plan, network, limit_min),
        findings=circle_findings(shares, overall, absent, limit_min, clause),
    )


def room_isochrones(plan: Plan, network: WalkNetwork, limit_min: float) -> gpd.GeoDataFrame | None:
    """Draw what is within the limit of each room; None for a plan without rooms.

    Returns
    -------
    GeoDataFrame or None
        ``site_id``, ``community_id``, ``minutes``, polygon; a row per community and site.
    """
    if plan.rooms is None:
        return None
    rooms = plan.rooms.rooms
    sited = rooms[rooms["site_id"].notna()]
    points, which = np.unique(sited["site_id"].astype(str).to_numpy(), return_inverse=True)
    first = np.array([np.flatnonzero(which == i)[0] for i in range(len(points))], dtype=np.int64)
    xy = shapely.get_coordinates(np.asarray(sited.geometry.array)[first])
    ground = isochrones(network, xy, limit_min)
    return gpd.GeoDataFrame(
        {
            "site_id": sited["site_id"].to_numpy(dtype=object),
            "community_id": sited["community_id"].to_numpy(dtype=object),
            "minutes": np.full(len(sited), float(limit_min)),
        },
        geometry=ground[which],
        crs=plan.territory.crs,
    )


def _unit_places(plan: Plan, network: WalkNetwork) -> Places:
    if network.units.n == len(plan.community_of):
        return network.units
    return places_of_units(network, plan.territory)


def _amenity_kinds(plan: Plan) -> NDArray[np.object_]:
    amenities = plan.territory.amenities
    if amenities is None:
        return np.empty(0, dtype=object)
    return amenities["kind"].to_numpy(dtype=object)


def _amenities(plan: Plan, network: WalkNetwork, chosen: NDArray[np.bool_]) -> Places:
    amenities = plan.territory.amenities
    if amenities is None:
        return places_at(network, np.empty((0, 2)))
    points = shapely.centroid(np.asarray(amenities.geometry.array)[chosen])
    return places_at(network, shapely.get_coordinates(points))


def _shares(
    plan: Plan, within: NDArray[np.bool_], kinds: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Share of households within the limit, per community (null without households) and of all."""
    units = plan.territory.units
    weight = np.zeros(len(within)) if units is None else units["households"].to_numpy(np.float64)
    k, placed = len(plan.communities), plan.community_of >= 0
    code = plan.community_of[placed]
    total = np.bincount(code, weights=weight[placed], minlength=k)
    shares = pd.DataFrame({"community_id": plan.communities["community_id"].to_numpy(dtype=object)})
    overall = {}
    for j, kind in enumerate(kinds):
        reached = np.bincount(code, weights=(weight * within[:, j])[placed], minlength=k)
        shares[kind] = np.divide(reached, total, out=np.full(k, np.nan), where=total > 0)
        everyone = weight.sum()
        overall[kind] = float((weight * within[:, j]).sum() / everyone) if everyone else 0.0
    return shares, overall
