"""Rooms of a city as places: which stay, are new or close, who goes where, in which year."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

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
    communities : tuple of str
        Today's; empty: all.
    opened, closed : tuple of str
        Sites of which it is decided already that they are open, or are not.
    sized : bool
        Rooms have to be as large as the profile asks for those who go there; rooms that stand may
        be extended.
    ground_floor : str
        What is asked of places on the ground floor beside the main entrance: ``"rule"`` (nobody
        goes to others, or to those of which it is not known), ``"prefer"``, ``"any"``.
    elderly_slower : float
        How many times as long as others the elderly take for a walk; for `Aim.ELDERLY`.
    """

    aim: Aim = Aim.COVER
    limit_min: float = 15.0
    number: int | None = None
    budget_yuan: float | None = None
    subdistricts: tuple[str, ...] = ()
    keep: bool = True
    communities: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    sized: bool = False
    ground_floor: str = "any"
    elderly_slower: float = 80 / 60


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
    today_of : int32 array, shape (n,)
        Nearest room that stands, whatever is asked of it; -1 where none is within the limit.
    today_min : float64 array, shape (n,)
        Minutes to it; nan without one.
    ready_year : float64 array, shape (m,)
        Calendar year from which a site can be used; nan where not known.
    left_out : mapping of str to tuple of str
        Why sites are out of the question (``unsuited``, ``no_floor``, ``too_small``), and their ids.
    """

    problem: LocationProblem
    options: SitingOptions
    unit_rows: Rows
    site_rows: Rows
    cost_yuan: Floats
    priced: Flags
    standing: Flags
    nearest_min: Floats
    today_of: Ints
    today_min: Floats
    ready_year: Floats
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def spent_yuan(self, result: LocationResult) -> Floats:
        """Price of each site as it counts: opened where it is open, and extended; shape (m,)."""
        spent = np.where(result.is_open, self.cost_yuan, 0.0)
        floors = self.problem.floors
        if floors is not None and result.extended_m2 is not None:
            spent = spent + floors.price_yuan(result.extended_m2)
        return spent


@dataclass(frozen=True)
class SitingPlan:
    """The answer to a siting as places.

    Parameters
    ----------
    territory : Territory
    posed : PosedSiting
    result : LocationResult
    sites : DataFrame
        A row per open or closing room: ``site_id``, ``name``, ``way``, ``action`` (keep, extend,
        new, close), ``year``, ``households``, ``people``, ``floor_m2`` (extended), ``extend_m2``,
        ``need_m2``, ``cost_yuan``.
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
        """What opening and extending cost, as prices count."""
        return float(self.posed.spent_yuan(self.result).sum())


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
        Position of a room that is new or extended -> calendar year; those the money of the years
        does not reach, and those of which no year is known, are missing.

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
    return walks_to(posed.problem.minutes, site_of)


def walks_to(minutes: sparse.csr_array, site_of: Ints) -> Floats:
    """Minutes of each row to its column; nan for a row without one, inf where there is no entry."""
    rows = np.repeat(np.arange(len(site_of)), np.diff(minutes.indptr))
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
    stands, m = posed.standing, len(layer)
    shown = np.flatnonzero(result.is_open | stands)
    households = _sums(result.site_of, posed.problem.weight, m)
    people = _sums(result.site_of, people_of(territory, posed), m)
    commerce = _commerce_m2(territory, posed, result.site_of)
    need = room_need_m2(profile, households, people, commerce)
    extended = np.zeros(m) if result.extended_m2 is None else result.extended_m2
    kept = np.where(extended > 0, "extend", "keep")
    action = np.where(stands, np.where(result.is_open, kept, "close"), "new")
    names = layer["name"] if "name" in layer else layer["site_id"]
    ways = layer["way"] if "way" in layer else pd.Series(None, index=layer.index, dtype=object)
    ways = ways.astype(object).where(ways.notna(), None)
    years = pd.array([year_of.get(int(at)) for at in shown], dtype="Int64")
    return pd.DataFrame(
        {
            "site_id": layer["site_id"].to_numpy(dtype=object)[shown],
            "name": names.fillna(layer["site_id"]).to_numpy(dtype=object)[shown],
            "way": ways.to_numpy(dtype=object)[shown],
            "action": action[shown],
            "year": years,
            "households": households[shown].astype(np.int64),
            "people": pd.array(people[shown], dtype="Float64"),
            "floor_m2": (floor_m2(layer) + extended)[shown],
            "extend_m2": extended[shown],
            "need_m2": np.where(households > 0, need, 0.0)[shown],
            "cost_yuan": posed.spent_yuan(result)[shown],
        }
    )


def floor_m2(sites: pd.DataFrame) -> Floats:
    """Return the floor areas of sites; nan where not known."""
    if "floor_m2" not in sites:
        return np.full(len(sites), np.nan)
    return sites["floor_m2"].to_numpy(dtype=np.float64, na_value=np.nan)


def _commerce_m2(territory: Territory, posed: PosedSiting, site_of: Ints) -> Floats | None:
    """Floor area of commerce among those who go to each site; None where it is not known at all."""
    commerce = commerce_of(territory, posed.unit_rows)
    return None if commerce is None else _sums(site_of, commerce, len(posed.site_rows))


def commerce_of(territory: Territory, rows: Rows) -> Floats | None:
    """Return the floor area of commerce of units, unknown as none; None without the column."""
    units = territory.units
    if units is None or "commercial_floor_m2" not in units:
        return None
    column = pd.to_numeric(units["commercial_floor_m2"]).to_numpy(np.float64, na_value=np.nan)
    return np.nan_to_num(np.asarray(column[rows], dtype=np.float64))


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
