"""Pose what becomes of places that are in no community: a territory as a `CoverageProblem`."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.findings import Finding
from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import ids_to_codes
from commplan.policy.norms import household_bounds
from commplan.policy.profile import Profile
from commplan.pose.communities import subdistrict_parts, unit_points_m
from commplan.pose.coverage_convert import Place
from commplan.pose.coverage_neighbours import find_place_neighbours
from commplan.pose.coverage_places import find_places
from commplan.problem.coverage import CoverageProblem
from commplan.territory.territory import Territory
from commplan.texts import input_error

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoverageOptions:
    """What the scenario asks; None takes the profile's figure.

    Parameters
    ----------
    min_households, max_households : int or None
        Of a community, inclusive.
    within_subdistrict : bool
    convert : tuple of str
        Kinds of today's communities that become communities or join one: ``residential_area``,
        ``village``.
    developments : bool
        Whether developments that are not built yet count.
    reach_m : float
        How far a place may lie from what it joins.
    household_size : float or None
        People per household where only people are stated; None for that of the units.
    """

    min_households: int | None = None
    max_households: int | None = None
    within_subdistrict: bool = True
    convert: tuple[str, ...] = ("residential_area", "village")
    developments: bool = True
    reach_m: float = 300.0
    household_size: float | None = None


@dataclass(frozen=True)
class PosedCoverage:
    """The question, and the places and communities that it is about.

    Parameters
    ----------
    problem : CoverageProblem
    places : tuple of Place
        By position in the problem.
    communities : tuple of str
        Ids, by position in the problem.
    nearest : tuple of (int, float)
        Per place the nearest of these communities (-1: none), and how many metres off.
    looked_at, covered : int
        Populated places, and those of them that are in a community.
    findings : tuple of Finding
    """

    problem: CoverageProblem
    places: tuple[Place, ...]
    communities: tuple[str, ...]
    nearest: tuple[tuple[int, float], ...]
    looked_at: int
    covered: int
    findings: tuple[Finding, ...]


def pose_coverage(
    territory: Territory, graph: UnitGraph, profile: Profile, options: CoverageOptions
) -> PosedCoverage:
    """Find places that are in no community, and put in numbers what they may join.

    Parameters
    ----------
    territory : Territory
    graph : UnitGraph
    profile : Profile
    options : CoverageOptions

    Returns
    -------
    PosedCoverage

    Raises
    ------
    InputError
        Where there are no units, none is in a community today, or neither scenario nor profile
        gives the size of a community.
    """
    if territory.units is None:
        raise input_error([Fault("scenario.no_units_here")])
    if territory.units["community_id"].isna().all():
        raise input_error([Fault("coverage.no_today", field_name="layers.units")])
    low, high = _bounds(profile, options)
    found = find_places(territory, options.convert, options.developments, options.household_size)
    near = find_place_neighbours(territory, graph, found.places, options.reach_m)
    parts = subdistrict_parts(territory, graph, options.within_subdistrict)
    codes, ids = _communities(territory, found.places)
    unit_xy_km = unit_points_m(territory.units) / 1000.0
    households = territory.units["households"].to_numpy(dtype=np.int64)
    middles = [_median(unit_xy_km, households, np.flatnonzero(codes == c)) for c in range(len(ids))]
    pairs = np.array(sorted(near.pairs), dtype=np.int32).reshape(-1, 2)
    beside = sorted({(place, int(codes[unit])) for place, unit in near.beside})
    inside = codes >= 0
    problem = CoverageProblem(
        households=np.array([place.households for place in found.places], dtype=np.int64),
        xy_km=_points_km(found.places, unit_xy_km, households),
        part=np.array([_part(place, parts, households) for place in found.places], np.int32),
        tail=pairs[:, 0],
        head=pairs[:, 1],
        beside=np.array(beside, dtype=np.int32).reshape(-1, 2),
        community_households=np.bincount(
            codes[inside], weights=households[inside], minlength=len(ids)
        ).astype(np.int64),
        community_xy_km=unit_xy_km[middles].reshape(-1, 2),
        community_part=parts[middles].astype(np.int32),
        min_households=low,
        max_households=high,
    )
    nearest = tuple((int(codes[u]) if u >= 0 else -1, away) for u, away in near.nearest)
    return PosedCoverage(
        problem, found.places, tuple(ids), nearest, found.looked_at, found.covered, found.findings
    )


def _bounds(profile: Profile, options: CoverageOptions) -> tuple[int, int]:
    low, high = household_bounds(profile) or (None, None)
    low = low if options.min_households is None else options.min_households
    high = high if options.max_households is None else options.max_households
    if low is None or high is None:
        raise input_error([Fault("plan.no_bounds", {"profile": profile.name})])
    if low > high:
        params = {"min": low, "max": high}
        raise input_error([Fault("plan.min_above_max", params, field_name="coverage")])
    return int(low), int(high)


def _communities(
    territory: Territory, places: tuple[Place, ...]
) -> tuple[NDArray[np.int32], list[str]]:
    """Give codes and ids of today's communities, without those that are to be converted."""
    units = territory.units
    if units is None:
        raise ValueError("a territory without units")
    given = units["community_id"].astype(object).where(units["community_id"].notna(), None)
    turned = {place.place_id for place in places if place.layer == "communities"}
    return ids_to_codes(given.where(~given.isin(turned), None))


def _median(xy_km: Floats, households: NDArray[np.int64], members: NDArray[np.intp]) -> int:
    """Median unit of a community: the one that all its households are nearest to in sum."""
    xy = xy_km[members]
    away = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    return int(members[np.argmin(away @ households[members])])


def _points_km(
    places: tuple[Place, ...], unit_xy_km: Floats, households: NDArray[np.int64]
) -> Floats:
    """Give a point of each place: of one that consists of units, its median unit's."""
    points = np.zeros((len(places), 2))
    for number, place in enumerate(places):
        if place.units:
            members = np.array(place.units, dtype=np.intp)
            points[number] = unit_xy_km[_median(unit_xy_km, households, members)]
        else:
            inside = shapely.point_on_surface(place.geometry)
            points[number] = shapely.get_coordinates(inside)[0] / 1000.0
    return points


def _part(place: Place, parts: NDArray[np.int32], households: NDArray[np.int64]) -> int:
    """Subdistrict of a place's units, by households; -1 where it has no units."""
    if not place.units:
        return -1
    members = list(place.units)
    return int(np.argmax(np.bincount(parts[members], weights=households[members] + 1.0)))
