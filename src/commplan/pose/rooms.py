"""Pose the siting of rooms: who may use which site, how far it is, how large it has to be."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import pair_minutes
from commplan.graph.walking_places import Places, places_at, places_of_units
from commplan.graph.walking_threads import Progress
from commplan.plan.plan import Plan
from commplan.policy.norms import room_need_m2
from commplan.policy.profile import Profile
from commplan.pose.sites import column, named, standing, suited, usable
from commplan.pose.siting_sites import check_decided, check_elderly
from commplan.problem.rooms import RoomProblem, Sites
from commplan.territory.territory import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

#: Ways of getting rooms by which one site serves several communities.
SHARED_WAYS = ("sharing",)


@dataclass(frozen=True)
class RoomOptions:
    """Where rooms may lie and what counts as near.

    Parameters
    ----------
    outside_m : float
        How far outside its community a room may lie.
    limit_min : float
        Walk to the room that counts as near (house choice: 15).
    shared_ways : tuple of str
        Ways of getting rooms by which one site serves several communities.
    aim : str
        Key of `commplan.problem.rooms.ORDERS`.
    budget_yuan : float or None
    keep : bool
        A room that stands inside its community and is large enough stays.
    ground_floor : str
        What is asked of places on the ground floor beside the main entrance: ``"rule"`` (others are
        left out, and those of which it is not known), ``"prefer"``, ``"any"``.
    elderly_slower : float
        How many times as long as others the elderly take for a walk (house choice: 80 / 60).
    opened, closed : tuple of str
        Sites of which it is decided that the community in which they lie gets them, and that none
        does.
    """

    outside_m: float = 0.0
    limit_min: float = 15.0
    shared_ways: tuple[str, ...] = SHARED_WAYS
    aim: str = "cover"
    budget_yuan: float | None = None
    keep: bool = True
    ground_floor: str = "any"
    elderly_slower: float = 80 / 60
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def pose_rooms(
    plan: Plan,
    network: WalkNetwork,
    profile: Profile,
    options: RoomOptions | None = None,
    progress: Progress | None = None,
) -> RoomProblem:
    """Put the siting of a plan's rooms in numbers.

    Parameters
    ----------
    plan : Plan
        Its communities stay as they are; sites are those of its territory.
    network : WalkNetwork
        Of the plan's territory.
    profile : Profile
        Says how large rooms have to be.
    options : RoomOptions, optional
    progress : callable, optional
        Told for how many sites the walks are found, of how many.

    Returns
    -------
    RoomProblem
        Communities and sites in the order of the plan's and the territory's rows.

    Raises
    ------
    InputError
        As `check_options`.
    """
    options = options or RoomOptions()
    territory = plan.territory
    if territory.units is None:
        raise ValueError("rooms are placed for units, and the territory has none")
    check_options(territory, options)
    xy, sites = _sites(territory, options)
    community, site, inside = _options(plan.communities, xy, options.outside_m)
    if territory.sites is not None:
        fits = usable(territory.sites, options.ground_floor, options.opened, options.closed)[site]
        community, site, inside = community[fits], site[fits], inside[fits]
    households = territory.units["households"].to_numpy(dtype=np.int64)
    walks = _Walks(network, _places(plan, network), options.limit_min)
    return RoomProblem(
        households=households,
        community_of=plan.community_of,
        need_m2=_need_m2(plan, profile),
        sites=sites,
        option_community=community,
        option_site=site,
        option_inside=inside,
        minutes=_minutes(walks, plan.community_of, xy, (community, site), progress),
        limit_min=options.limit_min,
        aim=options.aim,
        budget_yuan=options.budget_yuan,
        keeps=options.keep,
        prefers_suited=options.ground_floor == "prefer",
        elderly=_elderly(territory),
        elderly_slower=options.elderly_slower,
    )


def check_options(territory: Territory, options: RoomOptions) -> None:
    """Refuse options that do not fit the data; to be asked before boundaries are drawn.

    Raises
    ------
    InputError
        Where a site that is decided is not there, or the aim asks for elderly who are not known.
    """
    check_decided("rooms", territory, options.opened, options.closed)
    if options.aim == "elderly" and territory.units is not None:
        check_elderly("rooms", territory.units)


def walks_today(
    plan: Plan, network: WalkNetwork, limit_min: float, progress: Progress | None = None
) -> Floats | None:
    """Find how long people walk today to the nearest room that stands in their community.

    Parameters
    ----------
    plan : Plan
    network : WalkNetwork
    limit_min : float
    progress : callable, optional

    Returns
    -------
    float64 array, shape (n units,), or None
        Minutes; inf where no room stands in the community or none can be reached. None where no
        community is known to have a room.
    """
    layer = plan.territory.sites
    if layer is None or not len(plan.today):
        return None
    rooms = layer[standing(layer)]
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(rooms.geometry.array)))
    community, site, _ = _options(plan.today, xy, 0.0)
    if not len(site):
        return None
    walks = _Walks(network, _places(plan, network), limit_min)
    table = _minutes(walks, plan.today_of, xy, (community, site), progress)
    result = np.full(len(plan.today_of), np.inf)
    np.minimum.at(result, table.indices, table.data)
    return result


def _sites(territory: Territory, options: RoomOptions) -> tuple[Floats, Sites]:
    layer = territory.sites
    if layer is None or not len(layer):
        none = np.empty(0)
        no = np.empty(0, dtype=bool)
        return np.empty((0, 2)), Sites(none, no, no, none, none)
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(layer.geometry.array)))
    way = layer["way"] if "way" in layer else pd.Series(None, index=layer.index, dtype=object)
    return xy, Sites(
        floor_m2=column(layer, "floor_m2"),
        existing=standing(layer),
        shared=way.isin(options.shared_ways).to_numpy(dtype=bool),
        cost_yuan=column(layer, "cost_yuan"),
        yuan_per_m2=column(layer, "yuan_per_m2"),
        extend_m2=column(layer, "extend_m2"),
        extend_yuan=column(layer, "extend_yuan"),
        suited=suited(layer),
        decided=named(layer, options.opened),
    )


def _elderly(territory: Territory) -> Floats | None:
    if territory.units is None or "elderly" not in territory.units:
        return None
    return np.nan_to_num(column(territory.units, "elderly"))


def _options(
    communities: gpd.GeoDataFrame, xy: Floats, outside_m: float
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Pairs of a community and a site in it or near enough, sorted, and which lie inside."""
    tree = shapely.STRtree(np.asarray(communities.geometry.array))
    points = shapely.points(xy)
    site, community = tree.query(points, "intersects")
    inside = np.full(len(xy), -1, dtype=np.int64)
    inside[site[::-1]] = community[::-1]  # on a border: the first of the two
    if outside_m > 0:
        site, community = tree.query(points, "dwithin", distance=outside_m)
    else:
        site = np.flatnonzero(inside >= 0)
        community = inside[site]
    order = np.lexsort((site, community))
    site, community = site[order], community[order]
    return community.astype(np.int32), site.astype(np.int32), inside[site] == community


def _need_m2(plan: Plan, profile: Profile) -> Floats:
    """Floor area that the profile asks for each community."""
    communities, units = plan.communities, plan.territory.units
    people = pd.to_numeric(communities["population"]).to_numpy(dtype=np.float64, na_value=np.nan)
    commerce = None
    if units is not None and "commercial_floor_m2" in units:
        there = pd.to_numeric(units["commercial_floor_m2"]).to_numpy(np.float64, na_value=np.nan)
        placed = plan.community_of >= 0
        commerce = np.bincount(
            plan.community_of[placed],
            weights=np.nan_to_num(there)[placed],
            minlength=len(communities),
        )
    return room_need_m2(profile, communities["households"].to_numpy(), people, commerce)


@dataclass(frozen=True)
class _Walks:
    """The walking network, where the units stand in it, and how far a walk may be."""

    network: WalkNetwork
    units: Places
    limit_min: float


def _places(plan: Plan, network: WalkNetwork) -> Places:
    fits = network.units.n == len(plan.community_of)
    return network.units if fits else places_of_units(network, plan.territory)


def _minutes(
    walks: _Walks,
    community_of: Ints,
    xy: Floats,
    option: tuple[Ints, Ints],
    progress: Progress | None,
) -> sparse.csr_array:
    """Minutes from the units of each option's community to its site; no entry: unreachable."""
    community, site = option
    order = np.argsort(community_of, kind="stable")
    low = np.searchsorted(community_of[order], community, side="left")
    count = np.searchsorted(community_of[order], community, side="right") - low
    row = np.repeat(np.arange(len(community)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    unit = order[low[row] + step]
    pairs, sites = (unit, site[row]), places_at(walks.network, xy)
    minutes = pair_minutes(walks.network, walks.units, sites, pairs, walks.limit_min, progress)
    found = np.isfinite(minutes)
    return sparse.csr_array(
        (minutes[found], (row[found], unit[found])), shape=(len(community), len(order))
    )
