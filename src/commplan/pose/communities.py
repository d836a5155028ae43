"""Pose the redrawing of communities: territory, graph and profile become arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import blocks_of, flags, ids_to_codes
from commplan.policy.norms import household_bounds
from commplan.policy.profile import Profile
from commplan.pose.attributes import pose_attributes
from commplan.pose.presets import PRESETS
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.territory.territory import Territory
from commplan.texts import input_error

SIZE_RULE = "size.households"
TARGET_RULE = "size.households_target"
Exceptions = tuple[tuple[tuple[str, ...], str, str], ...]


@dataclass(frozen=True)
class RedrawOptions:
    """What the scenario asks of redrawing.

    Parameters
    ----------
    min_households, max_households : int or None
        Inclusive bounds; None for the profile's.
    target_households : float or None
        None for the profile's, else the middle of the bounds.
    within_subdistrict : bool
        No community may hold units of two subdistricts, where units name one.
    weights : mapping of str to float, or str
        Term -> households that one unit of it is worth, or the name of a preset.
    grandfather : bool
        A community that is exactly one of today's may stay out of bounds.
    exceptions : tuple of (unit ids, rule, reason)
        The only rule that can be excepted is ``size.households``.
    bounds : mapping of str to (least, most)
        Per column of the units that is bounded as well (``"population"``, ..., ``"area_km2"``).
    communities : (fewest, most) or None
    max_moved_households : int or None
    """

    min_households: int | None = None
    max_households: int | None = None
    target_households: float | None = None
    within_subdistrict: bool = True
    weights: Mapping[str, float] | str = "least-change"
    grandfather: bool = False
    exceptions: Exceptions = ()
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    communities: tuple[int, int] | None = None
    max_moved_households: int | None = None


@dataclass(frozen=True)
class Bounds:
    """Households of a community: inclusive bounds and target."""

    min_households: int
    max_households: int
    target_households: float


def pose_communities(
    territory: Territory, graph: UnitGraph, profile: Profile, options: RedrawOptions
) -> CommunityProblem:
    """Put the redrawing of communities in numbers.

    Parameters
    ----------
    territory : Territory
        With units; its blocks give the areas.
    graph : UnitGraph
    profile : Profile
    options : RedrawOptions

    Returns
    -------
    CommunityProblem

    Raises
    ------
    InputError
        One fault for each option that does not fit: a unit that is not there, a rule that cannot
        be excepted, a minimum above the maximum, an unknown term, a weight that is no number >= 0,
        a size that neither scenario nor profile gives, a bounded column that some units lack, a
        number of communities above that of the units.
    """
    if territory.units is None:
        raise input_error([Fault("plan.no_units")])
    units = territory.units
    bounds, faults = _bounds(profile, options)
    weights, weight_faults = _weights(options.weights)
    exempt, exception_faults = _exempt(units, options.exceptions)
    area_m2 = shapely.area(np.asarray(blocks_of(territory).array))
    attributes, attribute_faults = pose_attributes(units, area_m2, options.bounds)
    faults += weight_faults + exception_faults + attribute_faults
    faults += _number_faults(len(units), options.communities)
    if faults or bounds is None:
        raise input_error(faults)
    part = subdistrict_parts(territory, graph, options.within_subdistrict)
    return CommunityProblem(
        households=units["households"].to_numpy(dtype=np.int64),
        area_km2=area_m2 / 1e6,
        xy_km=unit_points_m(units) / 1000.0,
        edges=_edges(graph, part),
        part=part,
        group=_groups(units),
        today=ids_to_codes(units["community_id"])[0],
        locked=flags(units, "locked"),
        exempt=exempt,
        min_households=bounds.min_households,
        max_households=bounds.max_households,
        target_households=bounds.target_households,
        weights=weights,
        grandfather=options.grandfather,
        min_communities=options.communities[0] if options.communities else 0,
        max_communities=options.communities[1] if options.communities else None,
        attributes=attributes,
        max_moved_households=options.max_moved_households,
    )


def household_limits(profile: Profile, options: RedrawOptions) -> Bounds:
    """Return the bounds and the target that hold: the scenario's, else the profile's.

    Raises
    ------
    InputError
        Where neither gives a bound, the minimum is above the maximum, or the scenario's target lies
        outside of both.
    """
    bounds, faults = _bounds(profile, options)
    if bounds is None:
        raise input_error(faults)
    return bounds


def unit_points_m(units: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Find a point on the surface of each unit as it was given, shape (n, 2), in metres."""
    points = shapely.point_on_surface(np.asarray(units.geometry.array))
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def subdistrict_parts(
    territory: Territory, graph: UnitGraph, within_subdistrict: bool
) -> NDArray[np.int32]:
    """Tell the subdistrict of each unit; all 0 where communities may cross them.

    A unit that names none is taken to lie in the subdistrict with which it shares most border,
    from neighbour to neighbour; where no neighbour names one, it is a part of its own.

    Returns
    -------
    int32 array, shape (n units,)
    """
    n = graph.n
    if territory.units is None or not within_subdistrict:
        return np.zeros(n, dtype=np.int32)
    part, names = ids_to_codes(territory.units["subdistrict_id"])
    if not names:
        return np.zeros(n, dtype=np.int32)
    tail = np.concatenate([graph.tail, graph.head])
    head = np.concatenate([graph.head, graph.tail])
    border = np.concatenate([graph.border_m, graph.border_m])
    while True:
        usable = np.flatnonzero((part[tail] < 0) & (part[head] >= 0))
        if usable.size == 0:
            break
        _join_longest(part, tail[usable], part[head[usable]], border[usable])
    alone = np.flatnonzero(part < 0)
    part[alone] = len(names) + np.arange(alone.size)
    return part


def _join_longest(
    part: NDArray[np.int32],
    unit: NDArray[np.int32],
    neighbour_part: NDArray[np.int32],
    border_m: NDArray[np.float64],
) -> None:
    """Give each unit the part with the longest border in sum; of equals the smaller number."""
    width = int(neighbour_part.max()) + 1
    pairs, inverse = np.unique(unit.astype(np.int64) * width + neighbour_part, return_inverse=True)
    length = np.bincount(inverse, weights=border_m)
    order = np.lexsort((pairs % width, -length, pairs // width))
    units, first = np.unique(pairs[order] // width, return_index=True)
    part[units] = (pairs[order] % width)[first]


def fixed_border_km(graph: UnitGraph, part: NDArray[np.int32]) -> float:
    """Length of the borders between parts, which no plan can move (km)."""
    return float(graph.border_m[part[graph.tail] != part[graph.head]].sum()) / 1000.0


def _edges(graph: UnitGraph, part: NDArray[np.int32]) -> Edges:
    movable = part[graph.tail] == part[graph.head]
    soft_m = np.maximum(graph.border_m - graph.barrier_m, 0.0)
    return Edges(
        tail=graph.tail,
        head=graph.head,
        border_km=np.where(movable, graph.border_m, 0.0) / 1000.0,
        soft_border_km=np.where(movable, soft_m, 0.0) / 1000.0,
        is_open=graph.is_open,
    )


def _bounds(profile: Profile, options: RedrawOptions) -> tuple[Bounds | None, list[Fault]]:
    ruled = household_bounds(profile)
    low, high = ruled if ruled is not None else (None, None)
    low = options.min_households if options.min_households is not None else low
    high = options.max_households if options.max_households is not None else high
    if low is None or high is None:
        return None, [Fault("plan.no_bounds", {"profile": profile.name})]
    if low > high:
        return None, [Fault("plan.min_above_max", {"min": low, "max": high}, field_name="redraw")]
    target = options.target_households
    if target is not None and not low <= target <= high:
        params = {"target": target, "min": low, "max": high}
        return None, [Fault("plan.target_outside", params, field_name="redraw.target_households")]
    if target is None:
        # A document's target that the bounds exclude cannot be aimed at.
        rule = profile.get(TARGET_RULE)
        ruled_target = None if rule is None or rule.value is None else float(rule.value)
        if ruled_target is not None and low <= ruled_target <= high:
            target = ruled_target
        else:
            target = (low + high) / 2
    return Bounds(int(low), int(high), target), []


def _weights(given: Mapping[str, float] | str) -> tuple[Weights, list[Fault]]:
    """Weights of a preset or of a table, and what is wrong with them."""
    if isinstance(given, str):
        if given not in PRESETS:
            params = {"name": given, "known": ", ".join(PRESETS)}
            return Weights(), [Fault("plan.unknown_preset", params)]
        given = PRESETS[given]
    known = [f.name for f in fields(Weights)]
    faults = []
    for term, weight in given.items():
        if term not in known:
            near = get_close_matches(term, known, n=1, cutoff=0.4)
            faults.append(Fault("plan.unknown_term", {"term": term, "nearest": (near or known)[0]}))
        elif not 0 <= weight < np.inf:
            faults.append(Fault("plan.bad_weight", {"term": term, "weight": weight}))
    return (Weights() if faults else Weights(**given)), faults


def _exempt(
    units: gpd.GeoDataFrame, exceptions: Exceptions
) -> tuple[NDArray[np.bool_], list[Fault]]:
    row = {unit: i for i, unit in enumerate(units["unit_id"].astype(str))}
    exempt = np.zeros(len(units), dtype=np.bool_)
    faults = []
    for named, rule, _ in exceptions:
        if rule != SIZE_RULE:
            faults.append(Fault("plan.exception_rule", {"rule": rule, "known": SIZE_RULE}))
        for unit in _once(named):
            if unit in row:
                exempt[row[unit]] = True
            else:
                faults.append(
                    Fault("plan.exception_unit", {"unit_id": unit}, field_name="redraw.exceptions")
                )
    return exempt, faults


def _number_faults(units: int, communities: tuple[int, int] | None) -> list[Fault]:
    if communities is None or communities[0] <= units:
        return []
    params = {"communities": communities[0], "units": units}
    return [Fault("plan.more_communities_than_units", params, field_name="redraw.communities")]


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _groups(units: gpd.GeoDataFrame) -> NDArray[np.int32]:
    if "keep_with" not in units.columns:
        return np.full(len(units), -1, dtype=np.int32)
    return ids_to_codes(units["keep_with"])[0]
