"""What lies next to a place: other places and communities, over land or a crossing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.adjacency import UnitGraph
from commplan.graph.barriers import is_closing
from commplan.graph.options import GraphOptions
from commplan.plan.places import blocks_of
from commplan.pose.coverage_convert import Place
from commplan.territory.territory import Territory

#: A unit this much farther off than the nearest one still lies next to a place: streets and water
#: lie between real compounds (the widest gap that is closed between units).
BESIDE_M = 60.0


@dataclass(frozen=True)
class Neighbours:
    """Who lies next to whom.

    Parameters
    ----------
    pairs : set of (int, int)
        Places, the smaller first.
    beside : set of (int, int)
        (place, position of a unit of a community that is there).
    nearest : tuple of (int, float)
        Per place the nearest unit of a community that is there, and its distance in metres; -1
        where there is none.
    """

    pairs: set[tuple[int, int]]
    beside: set[tuple[int, int]]
    nearest: tuple[tuple[int, float], ...]


def find_place_neighbours(
    territory: Territory, graph: UnitGraph, places: Sequence[Place], reach_m: float
) -> Neighbours:
    """Find what lies next to each place.

    Units are neighbours by the graph's open edges. A place of another layer lies next to the units
    and places that are at most ``reach_m`` away, and not more than `BESIDE_M` farther than the
    nearest of them, unless the way there crosses a river, railway or expressway far from a crossing.

    Parameters
    ----------
    territory : Territory
    graph : UnitGraph
    places : sequence of Place
    reach_m : float

    Returns
    -------
    Neighbours
    """
    blocks = np.asarray(blocks_of(territory).array, dtype=object)
    owner = np.full(len(blocks), -1, dtype=np.int64)
    for number, place in enumerate(places):
        owner[list(place.units)] = number
    named = np.zeros(len(blocks), dtype=np.bool_)
    if territory.units is not None:
        named = territory.units["community_id"].notna().to_numpy() & (owner < 0)
    pairs: set[tuple[int, int]] = set()
    beside: set[tuple[int, int]] = set()
    for a, b in zip(graph.tail[graph.is_open], graph.head[graph.is_open], strict=True):
        for one, other in ((int(a), int(b)), (int(b), int(a))):
            if owner[one] >= 0 and named[other]:
                beside.add((int(owner[one]), other))
            if owner[one] >= 0 and owner[other] > owner[one]:
                pairs.add((int(owner[one]), int(owner[other])))
    tree = shapely.STRtree(blocks)
    loose = [number for number, place in enumerate(places) if not place.units]
    ways = _Ways(territory)
    for number in loose:
        shape = places[number].geometry
        for unit in _near_units(shape, tree, ways, reach_m):
            if named[unit]:
                beside.add((number, unit))
            elif owner[unit] >= 0:
                other = int(owner[unit])
                pairs.add((min(number, other), max(number, other)))
    pairs |= _near_places(places, loose, ways, reach_m)
    return Neighbours(pairs, beside, _nearest(places, blocks, named))


class _Ways:
    """Whether one may walk straight from one place to another."""

    def __init__(self, territory: Territory) -> None:
        layer = territory.barriers
        closed = np.empty(0, dtype=object)
        if layer is not None and len(layer):
            closed = np.asarray(layer.geometry.to_numpy(), dtype=object)[is_closing(layer)]
        self._closed = shapely.STRtree(closed)
        crossings = territory.crossings
        points = np.empty(0, dtype=object)
        if crossings is not None:
            points = np.asarray(crossings.geometry.to_numpy(), dtype=object)
        self._crossings = shapely.STRtree(points)
        self._near_m = GraphOptions().crossing_m

    def open(self, one: Any, other: Any) -> bool:
        """Whether the shortest line meets no closed barrier, or one near a crossing."""
        line = shapely.shortest_line(one, other)
        if not len(self._closed.query(line, predicate="intersects")):
            return True
        near = self._crossings.query(line, predicate="dwithin", distance=self._near_m)
        return len(near) > 0


def _near_units(shape: Any, blocks: shapely.STRtree, ways: _Ways, reach_m: float) -> list[int]:
    """Find the units next to a place."""
    there = np.sort(blocks.query(shape, predicate="dwithin", distance=reach_m))
    shapes = blocks.geometries
    there = np.array([u for u in there.tolist() if ways.open(shape, shapes[u])], dtype=np.int64)
    if not len(there):
        return []
    away = shapely.distance(shapes[there], shape)
    return [int(u) for u in there[away <= away.min() + BESIDE_M]]


def _near_places(
    places: Sequence[Place], loose: Sequence[int], ways: _Ways, reach_m: float
) -> set[tuple[int, int]]:
    """Find the pairs of places that are no units and lie next to each other."""
    shapes = np.array([places[number].geometry for number in loose], dtype=object)
    near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach_m)
    return {
        (loose[one], loose[other])
        for one, other in near.T.tolist()
        if one < other and ways.open(shapes[one], shapes[other])
    }


def _nearest(
    places: Sequence[Place], blocks: NDArray[Any], named: NDArray[np.bool_]
) -> tuple[tuple[int, float], ...]:
    """Nearest unit of a community that is there, for places that nothing lies next to."""
    rows = np.flatnonzero(named)
    if not len(rows):
        return tuple((-1, float("inf")) for _ in places)
    tree = shapely.STRtree(blocks[rows])
    found = []
    for place in places:
        at = int(np.min(tree.query_nearest(place.geometry)))
        found.append((int(rows[at]), float(shapely.distance(place.geometry, blocks[rows[at]]))))
    return tuple(found)
