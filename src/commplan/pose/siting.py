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
from commplan.plan.siting import PosedSiting, SitingOptions
from commplan.problem.location import Aim, LocationProblem
from commplan.territory.territory import Territory
from commplan.texts import input_error

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


def pose_siting(territory: Territory, network: WalkNetwork, options: SitingOptions) -> PosedSiting:
    """Put the siting of rooms for a city or some subdistricts in numbers.

    Parameters
    ----------
    territory : Territory
    network : WalkNetwork
        Of the territory.
    options : SitingOptions

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
    unit_rows = _units_asked(units, options.subdistricts)
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(sites.geometry.array)))
    origins = network.units.take(unit_rows)
    minutes = walk_minutes(network, origins, xy, options.limit_min)
    site_rows = np.flatnonzero(np.bincount(minutes.indices, minlength=len(sites)))
    minutes = sparse.csr_array(minutes[:, site_rows])
    nearest = np.full(len(unit_rows), np.nan)
    lost = np.flatnonzero(np.diff(minutes.indptr) == 0)
    nearest[lost] = nearest_minutes(network, origins.take(lost), xy)
    cost, priced = _prices(sites.iloc[site_rows])
    standing = (sites["status"] == "existing").to_numpy(dtype=bool)[site_rows]
    if options.budget_yuan is not None and not (priced & ~standing).any() and not standing.all():
        raise input_error([Fault("siting.no_prices", field_name="siting.budget_yuan")])
    forced = standing & options.keep
    _check_number(options, int(forced.sum()))
    # Without a budget the library adds prices to household-minutes; here only the number limits.
    free = options.aim is Aim.MEDIAN and options.budget_yuan is None
    problem = LocationProblem(
        weight=units["households"].to_numpy(dtype=np.float64)[unit_rows],
        minutes=minutes,
        open_cost=np.zeros(len(cost)) if free else cost,
        forced=forced,
        max_open=options.number,
        budget=options.budget_yuan,
        elderly=_elderly(units, unit_rows, options),
    )
    return PosedSiting(problem, options, unit_rows, site_rows, cost, priced, standing, nearest)


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


def _units_asked(units: gpd.GeoDataFrame, subdistricts: tuple[str, ...]) -> Rows:
    """Rows of units with households, in the subdistricts that are named."""
    asked = units["households"].to_numpy() > 0
    if subdistricts:
        own = units["subdistrict_id"].astype("string").fillna("")
        unknown = sorted(set(subdistricts) - set(own))
        if unknown:
            known = ", ".join(sorted(set(own) - {""})[:20]) or "–"
            raise input_error(
                [
                    Fault("siting.unknown_subdistrict", {"name": n, "known": known},
                          field_name="siting.subdistricts")
                    for n in unknown
                ]
            )  # fmt: skip
        asked &= own.isin(subdistricts).to_numpy()
    if not asked.any():
        raise input_error([Fault("siting.no_people", field_name="siting")])
    return np.flatnonzero(asked)


def _prices(sites: pd.DataFrame) -> tuple[Floats, Flags]:
    """Price of each site as it counts, and whether it is known."""

    def column(name: str) -> Floats:
        if name not in sites:
            return np.full(len(sites), np.nan)
        return sites[name].to_numpy(dtype=np.float64, na_value=np.nan)

    cost = column("cost_yuan")
    cost = np.where(np.isnan(cost), column("yuan_per_m2") * column("floor_m2"), cost)
    cost[(sites["status"] == "existing").to_numpy(dtype=bool)] = 0.0
    priced = np.isfinite(cost)
    highest = float(cost[priced].max(initial=0.0))
    return np.where(priced, cost, highest), priced


def _elderly(units: pd.DataFrame, rows: Rows, options: SitingOptions) -> Floats | None:
    if options.aim is not Aim.ELDERLY:
        return None
    there = "elderly" in units and bool(units["elderly"].notna().any())
    if not there:
        raise input_error([Fault("siting.no_elderly", field_name="siting.aim")])
    column = pd.to_numeric(units["elderly"]).to_numpy(dtype=np.float64, na_value=np.nan)
    elderly: Floats = np.nan_to_num(column[rows])
    return elderly
