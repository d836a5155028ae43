"""Rooms of a city as places: which stay, are new or close, who goes where, in which year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.policy.norms import room_need_m2
from commplan.policy.profile import Profile
from commplan.problem.location import Aim, LocationProblem, LocationResult
from commplan.territory.territory import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class SitingOptions:
    """What is asked.

    Parameters
    ----------
    aim : Aim
    limit_min : float
        Walk within which a room counts as near.
    number : int or None
        Most rooms, those that stand and stay among them.
    budget_yuan : float or None
    subdistricts : tuple of str
        Empty: all.
    keep : bool
        Rooms that stand stay open.
    """

    aim: Aim = Aim.COVER
    limit_min: float = 15.0
    number: int | None = None
    budget_yuan: float | None = None
    subdistricts: tuple[str, ...] = ()
    keep: bool = True


@dataclass(frozen=True)
class PosedSiting:
    """The question in numbers, and what its rows stand for.

    Parameters
    ----------
    problem : LocationProblem
        Units with households, and sites that one of them reaches.
    options : SitingOptions
    unit_rows, site_rows : int64 array
        Their rows in the territory.
    cost_yuan : float64 array, shape (m,)
        As it counts: an unknown price is the highest known one, a room that stands costs nothing.
    priced : bool array, shape (m,)
        Whether the price is known.
    standing : bool array, shape (m,)
        Rooms that exist.
    nearest_min : float64 array, shape (n,)
        Of units without a site within the limit: minutes to the nearest; nan for the others.
    """

    problem: LocationProblem
    options: SitingOptions
    unit_rows: Rows
    site_rows: Rows
    cost_yuan: Floats
    priced: Flags
    standing: Flags
    nearest_min: Floats


@dataclass(frozen=True)
class SitingPlan:
    """The answer to a siting as places.

    Parameters
    ----------
    territory : Territory
    posed : PosedSiting
    result : LocationResult
    sites : DataFrame
        A row per open or closing room: ``site_id``, ``name``, ``action`` (keep, new, close), ``year``,
        ``households``, ``people``, ``floor_m2``, ``need_m2``, ``cost_yuan``.
    units : DataFrame
        A row per unit with households: ``unit_id``, ``site_id`` (null where none serves it),
        ``minutes``.
    """

    territory: Territory
    posed: PosedSiting
    result: LocationResult
    sites: pd.DataFrame
    units: pd.DataFrame

    @property
    def households(self) -> Floats:
        """Households of each unit asked about, shape (n,)."""
        return self.posed.problem.weight

    @property
    def cost_yuan(self) -> float:
        """What the open sites cost, as prices count."""
        return float(self.posed.cost_yuan[self.result.is_open].sum())


def make_siting_plan(
    territory: Territory,
    profile: Profile,
    posed: PosedSiting,
    result: LocationResult,
    year_of: dict[int, int],
) -> SitingPlan:
    """Turn an answer into places.

    Parameters
    ----------
    territory : Territory
    profile : Profile
        Says how large a room has to be for those who go to it.
    posed : PosedSiting
    result : LocationResult
    year_of : dict of int to int
        Position of a new room -> calendar year; those the money of the years does not reach, and all
        where no years are asked for, are missing.

    Returns
    -------
    SitingPlan
    """
    if territory.units is None or territory.sites is None:
        raise ValueError("a siting without units or sites")
    unit_minutes = minutes_of(posed, result.site_of)
    ids = territory.sites["site_id"].to_numpy(dtype=object)[posed.site_rows]
    units = pd.DataFrame(
        {
            "unit_id": territory.units["unit_id"].astype(str).to_numpy()[posed.unit_rows],
            "site_id": [ids[site] if site >= 0 else None for site in result.site_of.tolist()],
            "minutes": unit_minutes,
        }
    )
    sites = _site_table(territory, profile, posed, result, year_of)
    return SitingPlan(territory, posed, result, sites, units)


def minutes_of(posed: PosedSiting, site_of: Ints) -> Floats:
    """Minutes of each unit to its site; nan without one, inf where it is beyond the limit."""
    minutes = posed.problem.minutes
    rows = np.repeat(np.arange(posed.problem.n), np.diff(minutes.indptr))
    used = minutes.indices == site_of[rows]
    found = np.where(site_of >= 0, np.inf, np.nan)
    found[rows[used]] = minutes.data[used]
    return found


def _site_table(
    territory: Territory,
    profile: Profile,
    posed: PosedSiting,
    result: LocationResult,
    year_of: dict[int, int],
) -> pd.DataFrame:
    layer = territory.sites
    if layer is None or territory.units is None:
        raise ValueError("a siting without units or sites")
    layer = layer.iloc[posed.site_rows]
    stands = posed.standing
    shown = np.flatnonzero(result.is_open | stands)
    households = _sums(result.site_of, posed.problem.weight, len(layer))
    people = _sums(result.site_of, people_of(territory, posed), len(layer))
    need = room_need_m2(profile, households, people)
    action = np.where(stands, np.where(result.is_open, "keep", "close"), "new")
    names = layer["name"] if "name" in layer else layer["site_id"]
    floor = layer["floor_m2"] if "floor_m2" in layer else pd.Series(np.nan, index=layer.index)
    years = pd.array([year_of.get(int(at)) for at in shown], dtype="Int64")
    return pd.DataFrame(
        {
            "site_id": layer["site_id"].to_numpy(dtype=object)[shown],
            "name": names.fillna(layer["site_id"]).to_numpy(dtype=object)[shown],
            "action": action[shown],
            "year": years,
            "households": households[shown].astype(np.int64),
            "people": pd.array(people[shown], dtype="Float64"),
            "floor_m2": floor.to_numpy(dtype=np.float64, na_value=np.nan)[shown],
            "need_m2": np.where(households > 0, need, 0.0)[shown],
            "cost_yuan": posed.cost_yuan[shown],
        }
    )


def people_of(territory: Territory, posed: PosedSiting) -> Floats:
    """Return the people of each unit asked about, shape (n,); nan where not known."""
    units = territory.units
    if units is None or "population" not in units:
        return np.full(posed.problem.n, np.nan)
    column = pd.to_numeric(units["population"]).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(column[posed.unit_rows], dtype=np.float64)


def _sums(site_of: Ints, values: Floats, m: int) -> Floats:
    served = site_of >= 0
    sums: Floats = np.bincount(site_of[served], weights=values[served], minlength=m).astype(
        np.float64
    )
    return sums
