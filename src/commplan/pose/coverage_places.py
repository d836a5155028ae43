"""Find populated places that are in no community: in units, developments and a layer of places."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.findings import Finding, Severity
from commplan.plan.places import blocks_of
from commplan.pose.coverage_convert import Place, text_of, to_convert
from commplan.territory.territory import Territory

HOUSE = "house choice"
#: People per family household in the national census of 2020 (National Bureau of Statistics,
#: communiqué no. 2 of 11 May 2021), for where nothing nearer is known.
CENSUS_SIZE = 2.62
#: Kinds of places whose people belong to their village's committee.
OF_A_VILLAGE = frozenset({"village"})
#: Points and small shapes without a name that lie so near each other are one place.
SAME_PLACE_M = 60.0
_MOST = 0.5  # of a place, so that it lies in a unit


@dataclass(frozen=True)
class Found:
    """What was found in the layers.

    Parameters
    ----------
    places : tuple of Place
    looked_at : int
        Populated places in all: units, places, developments.
    covered : int
        Those of them that are in a community.
    findings : tuple of Finding
    """

    places: tuple[Place, ...]
    looked_at: int
    covered: int
    findings: tuple[Finding, ...] = field(default=())


def find_places(
    territory: Territory, convert: tuple[str, ...], developments: bool, size: float | None
) -> Found:
    """Find every populated place that is in no community.

    Parameters
    ----------
    territory : Territory
        With units.
    convert : tuple of str
        Kinds of today's communities that are to become communities or to join one.
    developments : bool
        Whether developments that are not built yet count.
    size : float or None
        People per household, for places that state people only; None for that of the units.

    Returns
    -------
    Found

    Raises
    ------
    ValueError
        If the territory has no units.
    """
    units = territory.units
    if units is None:
        raise ValueError("a territory without units")
    size = size or _mean_size(units)
    households, people = _counts(units, size)
    populated = np.flatnonzero(people > 0)
    named = units["community_id"].notna().to_numpy()
    found = list(_units(units, populated[~named[populated]], (households, people)))
    looked_at, covered = len(populated), int(named[populated].sum())
    noticed: list[Finding] = []
    layers = ("places", "developments") if developments else ("places",)
    for layer in layers:
        frame = getattr(territory, layer)
        if frame is None or not len(frame):
            continue
        more, seen, findings = _elsewhere(territory, frame, layer, size)
        found += more
        looked_at, covered = looked_at + seen, covered + seen - len(more)
        noticed += findings
    turned, findings = to_convert(territory, convert, (households, people))
    guessed = tuple(place.place_id for place in found if place.guessed)
    if guessed:
        params: dict[str, object] = {"size": round(size, 2)}
        noticed.append(Finding("coverage.guessed", Severity.NOTE, params, guessed, clause=HOUSE))
    places = (*found, *turned)
    return Found(places, looked_at, covered, (*noticed, *findings))


def _mean_size(units: gpd.GeoDataFrame) -> float:
    """People per household of the units that state both; the census's where none does."""
    people = units["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    households = units["households"].to_numpy(dtype=np.float64)
    known = (people > 0) & (households > 0)
    if not known.any():
        return CENSUS_SIZE
    return float(people[known].sum() / households[known].sum())


def _column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column of counts as floats, 0 where null or absent."""
    if name not in frame:
        return np.zeros(len(frame))
    values: NDArray[np.float64] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(values))


def _counts(frame: pd.DataFrame, size: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Households and people of each row; what states one of them gets the other by the mean size."""
    households, people = _column(frame, "households"), _column(frame, "population")
    everyone = people + _column(frame, "floating_population")
    reckoned = np.where(households > 0, households, np.ceil(everyone / size))
    shown = np.where(everyone > 0, everyone, np.round(households * size))
    return reckoned.astype(np.int64), shown.astype(np.int64)


def _units(
    units: gpd.GeoDataFrame,
    rows: NDArray[np.intp],
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Iterator[Place]:
    """Give the populated units that name no community."""
    for row in rows.tolist():
        given = units.iloc[row]
        yield Place(
            layer="units",
            place_id=str(given["unit_id"]),
            name=text_of(given["name"]) or str(given["unit_id"]),
            kind=text_of(given["kind"]),
            households=int(counts[0][row]),
            people=int(counts[1][row]),
            guessed=not given["households"] > 0,
            units=(row,),
            geometry=given.geometry,
        )


def _elsewhere(
    territory: Territory, frame: gpd.GeoDataFrame, layer: str, size: float
) -> tuple[list[Place], int, list[Finding]]:
    """Places of another layer that lie in no unit and name no community.

    Returns
    -------
    places : list of Place
    looked_at : int
        Populated rows of the layer, those of one place counted once.
    findings : list of Finding
    """
    id_column = {"places": "place_id", "developments": "development_id"}[layer]
    households, people = _counts(frame, size)
    ids = frame[id_column].astype(str).to_numpy()
    kinds = np.array([text_of(k) for k in frame["kind"]] if "kind" in frame else [""] * len(frame))
    stated = households > 0
    findings = []
    if not stated.all():
        silent = tuple(ids[~stated].tolist())
        findings.append(Finding("coverage.no_figures", Severity.WARNING, {}, silent, layer))
    covered, with_unit = _where(territory, frame)
    counted = stated & ~np.isin(kinds, list(OF_A_VILLAGE)) & ~with_unit
    out = counted & ~covered
    places = []
    for rows in _same_place(frame, np.flatnonzero(out)):
        given = frame.iloc[rows[0]]
        completes = text_of(given.get("completes"))
        own = int(np.nan_to_num(given["households"]) > 0)
        places.append(
            Place(
                layer=layer,
                place_id=str(ids[rows[0]]),
                name=text_of(given.get("name")) or str(ids[rows[0]]),
                kind="development" if layer == "developments" else str(kinds[rows[0]]),
                households=int(households[rows].sum()),
                people=int(people[rows].sum()),
                guessed=not own,
                units=(),
                geometry=shapely.union_all(frame.geometry.to_numpy()[rows]),
                completes=completes,
            )
        )
    return places, int(counted.sum() - out.sum()) + len(places), findings


def _where(
    territory: Territory, frame: gpd.GeoDataFrame
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which rows are in a community, and which lie in a populated unit that is in none.

    A row is in the community that it names, if there is one, or in that of the unit in which most
    of it lies. What lies in a unit without a community is told of with that unit.
    """
    units = territory.units
    if units is None:
        raise ValueError("a territory without units")
    known = set(units["community_id"].dropna().astype(str))
    if territory.communities is not None:
        known |= set(territory.communities["community_id"].astype(str))
    names = frame["community_id"] if "community_id" in frame else pd.Series([None] * len(frame))
    blocks = np.asarray(blocks_of(territory).array, dtype=object)
    held = units["community_id"].notna().to_numpy()
    shapes = frame.geometry.to_numpy()
    row, unit = shapely.STRtree(blocks).query(shapes, predicate="intersects")
    whole = shapely.area(shapes)[row]
    cut = shapely.area(shapely.intersection(shapes[row], blocks[unit]))
    share = np.where(whole > 0, cut / np.where(whole > 0, whole, 1.0), 1.0)

    def mostly(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.bincount(row, weights=share * inside[unit], minlength=len(frame)) > _MOST

    covered = names.isin(known).to_numpy(dtype=bool) | mostly(held)
    return covered, ~covered & mostly(~held & (units["households"].to_numpy() > 0))


def _same_place(frame: gpd.GeoDataFrame, rows: NDArray[np.intp]) -> list[list[int]]:
    """Put rows without a name together that lie next to each other; every other row is by itself."""
    names = frame["name"] if "name" in frame else pd.Series([None] * len(frame))
    plain = np.array([not text_of(names.iloc[row]) for row in rows.tolist()], dtype=bool)
    shapes = frame.geometry.to_numpy()[rows]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_PLACE_M)
    both = plain[one] & plain[other]
    links = coo_array((np.ones(int(both.sum())), (one[both], other[both])), (len(rows),) * 2)
    group = connected_components(links, directed=False)[1]
    held: dict[int, list[int]] = {}
    for at, number in enumerate(group.tolist()):
        held.setdefault(number, []).append(int(rows[at]))
    return list(held.values())
