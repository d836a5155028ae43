"""Pose the siting of rooms for units of a city: who reaches which site, and what a site costs."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from commplan.errors import Fault
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes, walk_minutes
from commplan.graph.walking_places import Places
from commplan.graph.walking_threads import Progress
from commplan.plan.siting import PosedSiting, SitingOptions, commerce_of, walks_to
from commplan.policy.profile import Profile
from commplan.pose.siting_sites import (
    SiteFacts,
    check_decided,
    check_elderly,
    site_facts,
    size_rules,
)
from commplan.problem.floors import SizeRule
from commplan.problem.location import Aim, LocationProblem, nearest_open
from commplan.territory.territory import Territory
from commplan.texts import input_error

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


def pose_siting(
    territory: Territory,
    network: WalkNetwork,
    profile: Profile,
    options: SitingOptions,
    progress: Progress | None = None,
) -> PosedSiting:
    """Put the siting of rooms for a city or some subdistricts in numbers.

    Parameters
    ----------
    territory : Territory
    network : WalkNetwork
        Of the territory.
    profile : Profile
        Says how large rooms have to be, where that counts.
    options : SitingOptions
    progress : callable, optional
        Told for how many sites the walks are found, of how many.

    Returns
    -------
    PosedSiting

    Raises
    ------
    InputError
        Where the options do not fit each other or the data.
    """
    _check_options(options)
    units, sites = territory.units, territory.sites
    if units is None:
        raise input_error([Fault("scenario.no_units_here")])
    if sites is None or not len(sites):
        raise input_error([Fault("siting.no_sites", field_name="layers.sites")])
    check_decided("siting", territory, options.opened, options.closed)
    unit_rows = _units_asked(units, options)
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(sites.geometry.array)))
    slower = options.elderly_slower if options.aim is Aim.ELDERLY else 1.0
    origins = network.units.take(unit_rows)
    walks = walk_minutes(network, origins, xy, options.limit_min / slower, progress) * slower
    site_rows = np.flatnonzero(np.bincount(walks.indices, minlength=len(sites)))
    walks = sparse.csr_array(walks[:, site_rows])
    rules = _rules(territory, profile, unit_rows) if options.sized else ()
    facts = site_facts(sites.iloc[site_rows], options, rules)
    minutes = _to_usable(walks, facts.usable)
    known = facts.priced & ~facts.standing
    if options.budget_yuan is not None and not known.any() and not facts.standing.all():
        raise input_error([Fault("siting.no_prices", field_name="siting.budget_yuan")])
    problem = _problem(units, unit_rows, minutes, facts, options)
    _check_number(options, int(problem.forced.sum()))
    today_of = nearest_open(problem.replace(minutes=walks), facts.standing)
    barred = np.zeros(len(sites), dtype=bool)
    barred[site_rows[~facts.usable]] = True
    return PosedSiting(
        problem=problem,
        options=options,
        unit_rows=unit_rows,
        site_rows=site_rows,
        cost_yuan=facts.cost_yuan,
        priced=facts.priced,
        standing=facts.standing,
        nearest_min=_nearest(network, origins, minutes, xy[~barred]) * slower,
        today_of=today_of,
        today_min=walks_to(walks, today_of),
        ready_year=facts.ready_year,
        left_out=facts.left_out,
    )


def _problem(
    units: gpd.GeoDataFrame,
    rows: Rows,
    minutes: sparse.csr_array,
    facts: SiteFacts,
    options: SitingOptions,
) -> LocationProblem:
    # Without a budget the library adds prices to household-minutes; here only the number limits.
    free = options.aim is Aim.MEDIAN and options.budget_yuan is None and not options.sized
    return LocationProblem(
        weight=units["households"].to_numpy(dtype=np.float64)[rows],
        minutes=minutes,
        open_cost=np.zeros(len(facts.cost_yuan)) if free else facts.cost_yuan,
        forced=facts.opened | (facts.standing & ~facts.closed & options.keep),
        max_open=options.number,
        budget=options.budget_yuan,
        elderly=_elderly(units, rows, options),
        unsuited=facts.unsuited,
        floors=facts.floors,
    )


def _rules(territory: Territory, profile: Profile, rows: Rows) -> tuple[SizeRule, ...]:
    units = territory.units
    if units is None:
        raise ValueError("a territory without units")
    people = np.full(len(rows), np.nan)
    if "population" in units:
        column = pd.to_numeric(units["population"]).to_numpy(dtype=np.float64, na_value=np.nan)
        people = np.asarray(column[rows], dtype=np.float64)
    households = units["households"].to_numpy(dtype=np.float64)[rows]
    return size_rules(profile, households, people, commerce_of(territory, rows))


def _to_usable(walks: sparse.csr_array, usable: Flags) -> sparse.csr_array:
    """Leave out the pairs with sites that cannot be used."""
    kept = usable[walks.indices]
    rows = np.repeat(np.arange(walks.shape[0]), np.diff(walks.indptr))[kept]
    pointer = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=walks.shape[0]))])
    return sparse.csr_array((walks.data[kept], walks.indices[kept], pointer), shape=walks.shape)


def _nearest(
    network: WalkNetwork, origins: Places, minutes: sparse.csr_array, xy: Floats
) -> Floats:
    """Minutes to the nearest usable site of units without one within the limit; nan for others."""
    nearest = np.full(minutes.shape[0], np.nan)
    lost = np.flatnonzero(np.diff(minutes.indptr) == 0)
    nearest[lost] = nearest_minutes(network, origins.take(lost), xy) if len(xy) else np.inf
    return nearest


def _check_options(options: SitingOptions) -> None:
    limited = options.number is not None or options.budget_yuan is not None
    if options.aim is not Aim.COVER and not limited:
        raise input_error(
            [Fault("siting.needs_limit", {"aim": str(options.aim)}, field_name="siting")]
        )
    if not options.keep and options.number is None:
        raise input_error([Fault("siting.keep_needs_number", field_name="siting.keep")])


def _check_number(options: SitingOptions, kept: int) -> None:
    if options.number is not None and options.number < kept:
        params = {"number": options.number, "kept": kept}
        raise input_error([Fault("siting.too_few", params, field_name="siting.number")])


def _units_asked(units: gpd.GeoDataFrame, options: SitingOptions) -> Rows:
    """Rows of units with households, in the subdistricts and communities that are named."""
    asked = units["households"].to_numpy() > 0
    faults = []
    for one, named in (("subdistrict", options.subdistricts), ("community", options.communities)):
        if not named:
            continue
        own = _texts(units, f"{one}_id")
        known = ", ".join(sorted(set(own) - {""})[:20]) or "–"
        key = "siting.subdistricts" if one == "subdistrict" else "siting.communities"
        faults += [
            Fault(f"siting.unknown_{one}", {"name": name, "known": known}, field_name=key)
            for name in sorted(set(named) - set(own))
        ]
        asked &= own.isin(named).to_numpy()
    if faults:
        raise input_error(faults)
    if not asked.any():
        raise input_error([Fault("siting.no_people", field_name="siting")])
    return np.flatnonzero(asked)


def _texts(units: pd.DataFrame, name: str) -> "pd.Series[str]":
    if name not in units:
        return pd.Series("", index=units.index, dtype="string")
    return units[name].astype("string").fillna("")


def _elderly(units: pd.DataFrame, rows: Rows, options: SitingOptions) -> Floats | None:
    if options.aim is not Aim.ELDERLY:
        return None
    check_elderly("siting", units)
    column = pd.to_numeric(units["elderly"]).to_numpy(dtype=np.float64, na_value=np.nan)
    elderly: Floats = np.nan_to_num(column[rows])
    return elderly
