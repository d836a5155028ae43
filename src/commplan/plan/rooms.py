"""Rooms of a plan: the sites that were chosen, as places, with what each community gets there."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.plan.plan import Chosen, Plan, RoomPlan
from commplan.problem.result import Status
from commplan.problem.rooms import OptionScores, RoomProblem, RoomResult, score_options
from commplan.texts import input_error

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def place_rooms(
    plan: Plan, problem: RoomProblem, result: RoomResult, today_minutes: Floats | None = None
) -> RoomPlan:
    """Turn the answer to a plan's `RoomProblem` into rooms.

    Parameters
    ----------
    plan : Plan
    problem : RoomProblem
        Posed for this plan.
    result : RoomResult
    today_minutes : float64 array, shape (n units,), optional
        Walks to the rooms that stand today.

    Returns
    -------
    RoomPlan
        One row per community, in the plan's order. A site that several communities share is
        divided by their needs, floor and price alike.
    """
    option, scores = _option_of(problem, result.site_of), score_options(problem)
    sited = option >= 0
    need = problem.need_m2
    extended = _extended_m2(scores, option, result)
    floor, cost = _shares(problem, scores, option, extended)
    floor = floor + extended
    short = np.where(sited, np.maximum(need - floor, 0.0), need)
    rooms = gpd.GeoDataFrame(
        {
            "community_id": plan.communities["community_id"].to_numpy(dtype=object),
            "site_id": pd.Series(_of_sites(plan, result.site_of, "site_id"), dtype=object),
            "action": np.where(extended > 0, "extend", _actions(problem, option)),
            "way": pd.Series(_of_sites(plan, result.site_of, "way"), dtype=object),
            "floor_m2": np.where(sited, floor, np.nan),
            "extend_m2": extended,
            "need_m2": need,
            "short_m2": short,
            "cost_yuan": cost,
        },
        geometry=gpd.GeoSeries(_of_sites(plan, result.site_of, "geometry"), crs=plan.territory.crs),
        crs=plan.territory.crs,
    )
    lacking = _lacking_yuan(problem, scores, option)
    return RoomPlan(rooms, _minutes(problem, option), result, today_minutes, lacking)


def chosen_rooms(plan: Plan, problem: RoomProblem, chosen: Mapping[str, Chosen]) -> RoomResult:
    """Take a siting as given, from a file or by hand, instead of solving for one.

    Parameters
    ----------
    plan : Plan
    problem : RoomProblem
        Posed for this plan.
    chosen : mapping of str to str, or to (str, float)
        Community id -> site id, or site id and m² by which the room is extended (no further than it
        can be; not said: as far as it lacks area). Communities that are not named get no room.

    Returns
    -------
    RoomResult
        Feasible: nothing is proven about it. Without terms.

    Raises
    ------
    InputError
        Where it names a community or site that is not there, or a site too far from its community.
    """
    communities = {c: i for i, c in enumerate(plan.communities["community_id"])}
    layer = plan.territory.sites
    sites = {} if layer is None else {s: i for i, s in enumerate(layer["site_id"])}
    site_of = np.full(problem.n_communities, -1, dtype=np.int32)
    faults = []
    extended = np.full(problem.n_communities, np.inf)
    for community, said in chosen.items():
        site, grown = (said, np.nan) if isinstance(said, str) else said
        if community not in communities:
            faults.append(Fault("rooms.unknown_community", {"community": community}))
        elif site not in sites:
            faults.append(Fault("rooms.unknown_site", {"site": site}))
        else:
            site_of[communities[community]] = sites[site]
            extended[communities[community]] = np.inf if np.isnan(grown) else grown
    lost = np.flatnonzero((site_of >= 0) & (_option_of(problem, site_of) < 0))
    names = plan.communities["community_id"].to_numpy()
    faults += [
        Fault("rooms.outside", {"community": names[c], "site": layer["site_id"].iloc[site_of[c]]})
        for c in lost
        if layer is not None
    ]
    if faults:
        raise input_error(faults)
    return RoomResult(Status.FEASIBLE, site_of, {}, extended_m2=extended)


def _option_of(problem: RoomProblem, site_of: Ints) -> NDArray[np.int64]:
    """Position of each community's option, -1 for none."""
    option = np.full(problem.n_communities, -1, dtype=np.int64)
    used = np.flatnonzero(site_of[problem.option_community] == problem.option_site)
    option[problem.option_community[used]] = used
    return option


def _shares(
    problem: RoomProblem, scores: OptionScores, option: NDArray[np.int64], extended: Floats
) -> tuple[Floats, Floats]:
    """Floor and price that each community gets of its site; NaN where not known."""
    k = problem.n_communities
    floor, cost = np.full(k, np.nan), np.zeros(k)
    sited = np.flatnonzero(option >= 0)
    site = problem.option_site[option[sited]]
    users = np.bincount(site, minlength=problem.sites.n)[site]
    need = np.nan_to_num(problem.need_m2[sited], nan=0.0)
    total = np.bincount(site, weights=need, minlength=problem.sites.n)[site]
    part = np.divide(need, total, out=1.0 / users, where=total > 0)
    floor[sited] = problem.sites.floor_m2[site] * part
    whole = ~np.isnan(problem.sites.cost_yuan[site])
    price = scores.cost_yuan[option[sited]] * np.where(whole, part, 1.0)
    growth = problem.sites.growth_yuan(site, extended[sited])
    cost[sited] = np.where(problem.sites.existing[site], growth, price)
    return floor, cost


def _lacking_yuan(
    problem: RoomProblem, scores: OptionScores, option: NDArray[np.int64]
) -> Floats | None:
    """Least price of a site that is left over, for communities that get none under a budget."""
    if problem.budget_yuan is None:
        return None
    taken = np.zeros(problem.sites.n, dtype=bool)
    taken[problem.option_site[option[option >= 0]]] = True
    left = ~(taken & ~problem.sites.shared)[problem.option_site]
    left &= option[problem.option_community] < 0
    price = scores.cost_yuan
    highest = np.nanmax(price, initial=0.0)  # as the budget counts what is not known
    least = np.full(problem.n_communities, np.inf)
    np.minimum.at(least, problem.option_community[left], np.nan_to_num(price, nan=highest)[left])
    return np.where(np.isinf(least), np.nan, least)


def _extended_m2(scores: OptionScores, option: NDArray[np.int64], result: RoomResult) -> Floats:
    """Area by which each community's room is extended: no more than it lacks and can grow."""
    extended = np.zeros(len(option))
    sited = option >= 0
    extended[sited] = scores.extended_m2[option[sited]]
    if result.extended_m2 is None:
        return extended
    return np.clip(result.extended_m2, 0.0, extended)


def _actions(problem: RoomProblem, option: NDArray[np.int64]) -> NDArray[np.object_]:
    sited = option >= 0
    action = np.full(problem.n_communities, "none", dtype=object)
    site = problem.option_site[option[sited]]
    users = np.bincount(site, minlength=problem.sites.n)[site]
    stands = problem.sites.existing[site]
    action[sited] = np.where(stands, "keep", np.where(users > 1, "share", "new"))
    return action


def _of_sites(plan: Plan, site_of: Ints, name: str) -> NDArray[np.object_]:
    """Value of a column of the sites for each community; None without a site."""
    values = np.full(len(site_of), None, dtype=object)
    layer = plan.territory.sites
    sited = site_of >= 0
    if layer is not None and name in layer:
        column = layer[name].astype(object).where(layer[name].notna(), None)
        values[sited] = np.asarray(column, dtype=object)[site_of[sited]]
    return values


def _minutes(problem: RoomProblem, option: NDArray[np.int64]) -> Floats:
    """Minutes from each unit to the room of its community."""
    minutes = np.full(len(problem.households), np.inf)
    rows = problem.minutes[option[option >= 0]]
    minutes[rows.indices] = rows.data
    return minutes
