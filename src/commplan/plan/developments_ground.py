"""The ground that developments come to: today's communities, their neighbours and their rooms."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import blocks_of, ids_to_codes
from commplan.territory.territory import Territory

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Rooms:
    """Rooms that stand.

    Parameters
    ----------
    site_id, name : object arrays, shape (s,)
    floor_m2 : float64 array, shape (s,)
        NaN where not known.
    community : int32 array, shape (s,)
        Today's community in which each lies; -1 for none.
    xy : float64 array, shape (s, 2)
    """

    site_id: NDArray[np.object_]
    name: NDArray[np.object_]
    floor_m2: Floats
    community: Ints
    xy: Floats


@dataclass(frozen=True)
class Ground:
    """Units and today's communities in arrays; the same for every development.

    Parameters
    ----------
    unit_id, unit_name : object arrays, shape (n,)
    blocks : object array of polygons, shape (n,)
    households : int64 array, shape (n,)
    population, floating : float64 array, shape (n,)
        NaN where not known.
    today : int32 array, shape (n,)
        Community of each unit; -1 for none.
    part : int32 array, shape (n,)
        Subdistrict, as posed; all 0 where it does not matter.
    ids, names : tuple of str
        Of the communities.
    offsets, neighbours : int32 arrays
        Units joined to each unit by an open edge, as rows of a sparse array.
    rooms : Rooms
    room_m2 : float64 array, shape (communities,)
        Floor that stands in each; NaN where not known.
    """

    unit_id: NDArray[np.object_]
    unit_name: NDArray[np.object_]
    blocks: Shapes
    households: NDArray[np.int64]
    population: Floats
    floating: Floats
    today: Ints
    part: Ints
    ids: tuple[str, ...]
    names: tuple[str, ...]
    offsets: Ints
    neighbours: Ints
    rooms: Rooms
    room_m2: Floats

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Of the blocks."""
        return shapely.STRtree(self.blocks)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """Households of each community."""
        return self._summed(self.households.astype(np.float64)).astype(np.int64)

    @cached_property
    def people(self) -> Floats:
        """People of each community; NaN where one of its units gives none."""
        return self._summed(self.population)

    @cached_property
    def outsiders(self) -> Floats:
        """Floating population of each community; NaN where not known."""
        return self._summed(self.floating)

    def beside(self, unit: int) -> Ints:
        """Units joined to one by an open edge."""
        return self.neighbours[self.offsets[unit] : self.offsets[unit + 1]]

    def _summed(self, values: Floats) -> Floats:
        sums = np.zeros(len(self.ids))
        inside = self.today >= 0
        np.add.at(sums, self.today[inside], values[inside])
        return sums


def make_ground(territory: Territory, graph: UnitGraph, part: Ints) -> Ground:
    """Gather what developments are held against.

    Parameters
    ----------
    territory : Territory
        With units.
    graph : UnitGraph
    part : int32 array, shape (n,)
        Subdistrict of each unit, as posed.
    """
    if territory.units is None:
        raise ValueError("the territory has no units")
    units, blocks = territory.units, np.asarray(blocks_of(territory).array)
    today, ids = ids_to_codes(units["community_id"])
    tail = np.concatenate([graph.tail, graph.head])[np.tile(graph.is_open, 2)]
    head = np.concatenate([graph.head, graph.tail])[np.tile(graph.is_open, 2)]
    order = np.lexsort((head, tail))
    rooms = _rooms(territory, blocks, today)
    return Ground(
        unit_id=units["unit_id"].astype(str).to_numpy(dtype=object),
        unit_name=_text(units, "name"),
        blocks=blocks,
        households=units["households"].to_numpy(dtype=np.int64),
        population=_numbers(units, "population"),
        floating=_numbers(units, "floating_population"),
        today=today,
        part=part,
        ids=tuple(ids),
        names=_names(ids, territory.communities),
        offsets=np.searchsorted(tail[order], np.arange(graph.n + 1)).astype(np.int32),
        neighbours=head[order].astype(np.int32),
        rooms=rooms,
        room_m2=_floor(ids, rooms, territory),
    )


def _rooms(territory: Territory, blocks: Shapes, today: Ints) -> Rooms:
    sites = territory.sites
    if sites is None:
        none = np.empty(0, dtype=object)
        return Rooms(none, none, np.empty(0), np.empty(0, np.int32), np.empty((0, 2)))
    stand = sites[(sites["status"] == "existing").to_numpy(dtype=bool)]
    points = np.asarray(stand.geometry.array)
    community = np.full(len(stand), -1, dtype=np.int32)
    at, unit = shapely.STRtree(blocks).query(points, predicate="intersects")
    # From the last to the first: on a border the smaller unit's community has it.
    order = np.lexsort((unit, at))[::-1]
    community[at[order]] = today[unit[order]]
    return Rooms(
        stand["site_id"].astype(str).to_numpy(dtype=object),
        _text(stand, "name"),
        _numbers(stand, "floor_m2"),
        community,
        shapely.get_coordinates(points),
    )


def _floor(ids: list[str], rooms: Rooms, territory: Territory) -> Floats:
    """Floor that stands in each community: of its rooms, else what its own table states."""
    floor = np.zeros(len(ids))
    inside = rooms.community >= 0
    np.add.at(floor, rooms.community[inside], rooms.floor_m2[inside])
    without = np.bincount(rooms.community[inside], minlength=len(ids)) == 0
    stated = np.full(len(ids), np.nan if territory.sites is None else 0.0)
    table = territory.communities
    if table is not None and "room_m2" in table:
        known = dict(
            zip(table["community_id"].astype(str), _numbers(table, "room_m2"), strict=True)
        )
        given = np.array([known.get(one, np.nan) for one in ids], dtype=np.float64)
        stated = np.where(np.isnan(given), stated, given)
    return np.where(without, stated, floor)


def _names(ids: list[str], communities: gpd.GeoDataFrame | None) -> tuple[str, ...]:
    if communities is None or "name" not in communities:
        return tuple(ids)
    pairs = zip(communities["community_id"].astype(str), communities["name"], strict=True)
    known = {one: name for one, name in pairs if isinstance(name, str) and name}
    return tuple(known.get(one, one) for one in ids)


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    if column not in table:
        return np.full(len(table), np.nan)
    return table[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _text(table: pd.DataFrame, column: str) -> NDArray[np.object_]:
    if column not in table:
        return np.full(len(table), "", dtype=object)
    return table[column].fillna("").astype(str).to_numpy(dtype=object)
