"""Living circles: what each unit and community reaches on foot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.evaluate.circles_findings import circle_findings
from commplan.findings import Finding
from commplan.graph.isochrone import isochrone_bands, reach_bands, steps_up_to
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes
from commplan.graph.walking_places import Places, places_at, places_of_units
from commplan.graph.walking_threads import Progress, in_pieces
from commplan.plan.plan import Plan


class Ground(NamedTuple):
    """What is drawn of the circles.

    Parameters
    ----------
    rooms : GeoDataFrame or None
        ``site_id``, ``community_id``, ``minutes``, polygon: reached from each room, in steps up to
        the limit.
    kinds : GeoDataFrame or None
        ``kind``, ``minutes``, polygon: from where one reaches an amenity of the kind.
    amenities : GeoDataFrame or None
        ``amenity`` (row of the layer, from 1), ``kind``, ``name``, ``minutes``, polygon: from where
        one reaches this one; None where that was not asked for.
    """

    rooms: gpd.GeoDataFrame | None
    kinds: gpd.GeoDataFrame | None
    amenities: gpd.GeoDataFrame | None = None


class Drawing(NamedTuple):
    """What of the circles is drawn beside rooms and kinds, and who is told.

    Parameters
    ----------
    each_amenity : bool
        Every amenity by itself; hundreds of them take a while.
    progress : callable or None
        Told how many of them are drawn, of how many.
    """

    each_amenity: bool = False
    progress: Progress | None = None


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
    draw : callable or None
        Returns the `Ground`; drawing takes longer than measuring, and not everyone looks at it.
    findings : tuple of Finding
    """

    kinds: tuple[str, ...]
    limit_min: float
    minutes: NDArray[np.float64]
    shares: pd.DataFrame
    household_share: dict[str, float]
    draw: Callable[[], Ground] | None = None
    findings: tuple[Finding, ...] = field(default=())

    @cached_property
    def ground(self) -> Ground:
        """What is drawn, at the first call."""
        return Ground(None, None) if self.draw is None else self.draw()


def measure_circles(
    plan: Plan,
    network: WalkNetwork,
    kinds: tuple[str, ...],
    limit_min: float,
    clause: str | None = None,
    drawing: Drawing | None = None,
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
    drawing : Drawing, optional

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
    places = [_amenities(plan, network, there == kind) for kind in held]
    for j, amenities in enumerate(places):
        minutes[:, j] = nearest_minutes(network, units, amenities)
    shares, overall = _shares(plan, minutes <= limit_min, held)
    absent = tuple(kind for kind in kinds if kind not in held)
    return Circles(
        kinds=held,
        limit_min=limit_min,
        minutes=minutes,
        shares=shares,
        household_share=overall,
        draw=lambda: Ground(
            room_isochrones(plan, network, limit_min),
            _kind_isochrones(plan, network, dict(zip(held, places, strict=True)), limit_min),
            amenity_isochrones(plan, network, held, limit_min, drawing or Drawing()),
        ),
        findings=circle_findings(shares, overall, absent, limit_min, clause),
    )


def room_isochrones(plan: Plan, network: WalkNetwork, limit_min: float) -> gpd.GeoDataFrame | None:
    """Draw what is within the limit of each room, in steps; None for a plan without rooms.

    Returns
    -------
    GeoDataFrame or None
        ``site_id``, ``community_id``, ``minutes``, polygon; a row per community, site and step.
    """
    if plan.rooms is None:
        return None
    rooms = plan.rooms.rooms
    sited = rooms[rooms["site_id"].notna()]
    points, which = np.unique(sited["site_id"].astype(str).to_numpy(), return_inverse=True)
    first = np.array([np.flatnonzero(which == i)[0] for i in range(len(points))], dtype=np.int64)
    xy = shapely.get_coordinates(np.asarray(sited.geometry.array)[first])
    steps = steps_up_to(limit_min)
    ground = isochrone_bands(network, xy, steps)
    return gpd.GeoDataFrame(
        {
            "site_id": np.repeat(sited["site_id"].to_numpy(dtype=object), len(steps)),
            "community_id": np.repeat(sited["community_id"].to_numpy(dtype=object), len(steps)),
            "minutes": np.tile(steps, len(sited)),
        },
        geometry=ground[which].ravel(),
        crs=plan.territory.crs,
    )


def _kind_isochrones(
    plan: Plan, network: WalkNetwork, kinds: dict[str, Places], limit_min: float
) -> gpd.GeoDataFrame | None:
    """Draw from where one reaches an amenity of each kind, a row per kind and step."""
    if not kinds:
        return None
    steps = steps_up_to(limit_min)
    places = list(kinds.values())
    _ = network.ways, network.segments_of(places[0].edge[:0])  # made once, before the threads
    bands = in_pieces(lambda i, _: reach_bands(network, places[i], steps), len(places), piece=1)
    return gpd.GeoDataFrame(
        {
            "kind": np.repeat(np.array(list(kinds), dtype=object), len(steps)),
            "minutes": np.tile(steps, len(kinds)),
        },
        geometry=np.concatenate(bands),
        crs=plan.territory.crs,
    )


def amenity_isochrones(
    plan: Plan, network: WalkNetwork, kinds: tuple[str, ...], limit_min: float, drawing: Drawing
) -> gpd.GeoDataFrame | None:
    """Draw from where one reaches each amenity of some kinds, in steps; None where not asked for.

    Returns
    -------
    GeoDataFrame or None
        ``amenity`` (row of the layer, from 1), ``kind``, ``name``, ``minutes``, polygon.
    """
    layer = plan.territory.amenities
    if layer is None or not kinds or not drawing.each_amenity:
        return None
    row = np.flatnonzero(layer["kind"].isin(kinds).to_numpy())
    points = shapely.centroid(np.asarray(layer.geometry.array)[row])
    steps = steps_up_to(limit_min)
    xy = shapely.get_coordinates(points)
    ground = isochrone_bands(network, xy, steps, progress=drawing.progress)
    table = {"amenity": row + 1, "kind": layer["kind"].to_numpy(dtype=object)[row]}
    if "name" in layer:
        table["name"] = layer["name"].to_numpy(dtype=object)[row]
    columns = {name: np.repeat(values, len(steps)) for name, values in table.items()}
    columns["minutes"] = np.tile(steps, len(row))
    return gpd.GeoDataFrame(columns, geometry=ground.ravel(), crs=plan.territory.crs)


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
