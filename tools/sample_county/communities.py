"""Today's communities, grown along the streets, with the troubles that history leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sample_county import layout, names
from sample_county.cells import Town

SIZE_TODAY = {"澜城街道": 1750, "望江街道": 2350, "北岭街道": 2450, "东桥街道": 2900}
PREFIX = dict(zip(names.SUBDISTRICTS, ("LC", "WJ", "BL", "DQ"), strict=True))
NEW_ESTATE_AT, NEW_ESTATE_REACH_M = (2700.0, 900.0), 330.0
LARGEST_TODAY, SECOND_LARGEST, GIANT_COMMUNITY_MOST = 5100, 4700, 4600
COMPOUND_LEAST, COMPOUND_MOST = 80, 900
CORNER_M = 40.0  # who meets across less of a street than this is no neighbour


@dataclass(frozen=True)
class Neighbours:
    """For each unit its neighbours: position -> what it costs to grow that way."""

    of: tuple[dict[int, float], ...]


def neighbours(town: Town, units: pd.DataFrame) -> Neighbours:
    """Units on two sides of a street, and those that a bridge or underpass joins."""
    place = {int(cell): k for k, cell in enumerate(units["cell"])}
    uv = units[["u", "v"]].to_numpy()
    of: list[dict[int, float]] = [{} for _ in range(len(units))]
    length_m = shapely.length(town.edges)
    sides = zip(town.left, town.right, town.edge_road, length_m, strict=True)
    for one, other, road, shared_m in sides:
        a, b = place.get(int(one)), place.get(int(other))
        if a is None or b is None or shared_m < CORNER_M:
            continue
        width = town.roads[road].width_m
        dear = 4.0 if width > 29 else 1.6 if width > 17 else 1.0
        of[a][b] = of[b][a] = dear * float(np.hypot(*(uv[a] - uv[b])))
    cells = town.cells[units["cell"].to_numpy()]
    for *_, line in layout.crossings():
        ends = [shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])]
        a, b = (int(np.argmin(shapely.distance(cells, end))) for end in ends)
        of[a][b] = of[b][a] = 5.0 * float(np.hypot(*(uv[a] - uv[b])))
    return Neighbours(tuple(of))


def _seeds(
    uv: NDArray[np.float64], weight: NDArray[np.float64], k: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Centres of k clusters of the weighted places: Lloyd's method."""
    centre = uv[rng.choice(len(uv), size=k, replace=False, p=weight / weight.sum())]
    for _ in range(12):
        near = np.argmin(((uv[:, None, :] - centre[None]) ** 2).sum(axis=2), axis=1)
        for c in range(k):
            if weight[near == c].sum() > 0:
                centre[c] = np.average(uv[near == c], axis=0, weights=weight[near == c])
    return np.unique([int(np.argmin(((uv - c) ** 2).sum(axis=1))) for c in centre])


def _grow(seeds: Sequence[int], graph: Neighbours, allowed: NDArray[np.bool_]) -> dict[int, int]:
    """Nearest seed of every allowed unit, along the graph."""
    queue = [(0.0, int(seed), rank) for rank, seed in enumerate(seeds)]
    owner: dict[int, int] = {}
    while queue:
        far, unit, rank = heappop(queue)
        if unit in owner:
            continue
        owner[unit] = rank
        for other, step in graph.of[unit].items():
            if allowed[other] and other not in owner:
                heappush(queue, (far + step, other, rank))
    return owner


def today(units: pd.DataFrame, graph: Neighbours, rng: np.random.Generator) -> NDArray[np.object_]:
    """Today's community of each unit, shape (n,); None for the new estate."""
    uv = units[["u", "v"]].to_numpy()
    label = np.full(len(units), None, dtype=object)
    estate = np.hypot(*(uv - np.array(NEW_ESTATE_AT)).T) < NEW_ESTATE_REACH_M
    for subdistrict, size in SIZE_TODAY.items():
        mine = (units["subdistrict_id"] == subdistrict).to_numpy() & ~estate
        where = np.flatnonzero(mine)
        homes = units["households"].to_numpy()[where].astype(float)
        count = round(homes.sum() / size)
        seeds = where[_seeds(uv[where], homes**0.7 + 5, count, rng)]
        for unit, rank in _grow(seeds, graph, mine).items():
            label[unit] = f"{PREFIX[subdistrict]}{rank + 1:02d}"
    _trim_around_giant(units, label, graph)
    return label


def _trim_around_giant(units: pd.DataFrame, label: NDArray[np.object_], graph: Neighbours) -> None:
    """Leave the community of the giant compound few others; the rest go to their neighbours."""
    homes = units["households"].to_numpy()
    giant = int(np.argmax(homes))
    own = label[giant]
    mine = (units["subdistrict_id"] == units["subdistrict_id"][giant]).to_numpy()
    members = np.flatnonzero(label == own)
    near = [m for m in members if m in graph.of[giant] or m == giant]
    while homes[near].sum() > GIANT_COMMUNITY_MOST:
        near.remove(max((m for m in near if m != giant), key=lambda m: homes[m]))
    loose = sorted(set(members) - set(near))
    known = np.array([name is not None for name in label])
    known[near] = False
    allowed = mine & known
    sources = np.flatnonzero(allowed & (label != own))
    owner = _grow(sources, graph, allowed)
    before = label.copy()
    for unit in loose:
        if unit in owner:
            label[unit] = before[sources[owner[unit]]]


def pieces(members: Sequence[int], graph: Neighbours) -> list[set[int]]:
    """Return the connected pieces of a set of units, the largest first."""
    left, found = set(members), []
    while left:
        todo, piece = [left.pop()], set()
        while todo:
            unit = todo.pop()
            piece.add(unit)
            reach = left.intersection(graph.of[unit])
            left -= reach
            todo.extend(reach)
        found.append(piece)
    return sorted(found, key=len, reverse=True)


def make_exclave(
    units: pd.DataFrame, label: NDArray[np.object_], graph: Neighbours
) -> tuple[str, list[int]]:
    """Give a corner of one community to another that lies beyond a third; returns what moved."""
    uv = units[["u", "v"]].to_numpy()
    owner = "WJ05"
    members = np.flatnonzero(label == owner)
    middle = uv[members].mean(axis=0)
    inside = (units["subdistrict_id"] == names.SUBDISTRICTS[1]).to_numpy() & (label != owner)
    away = np.hypot(*(uv - middle).T)
    fit = inside & (away > 900) & (away < 1500) & (units["kind"] == "block").to_numpy()
    for start in np.flatnonzero(fit):
        group = {int(start)}
        for other in graph.of[start]:
            if label[other] == label[start] and len(group) < 4:
                group.add(other)
        rest = set(np.flatnonzero(label == label[start])) - group
        touches = any(label[o] == owner for g in group for o in graph.of[g])
        if not touches and len(group) == 4 and len(pieces(list(rest), graph)) == 1:
            moved = sorted(group)
            label[moved] = owner
            return owner, moved
    raise RuntimeError("no place for an exclave")


def _fill(homes: NDArray[np.int64], change: int) -> NDArray[np.int64]:
    """Add or take ``change`` households in proportion, each compound within its bounds."""
    filled = homes.copy()
    while change:
        share = np.ceil(abs(change) * filled / filled.sum()).astype(int)
        spare = COMPOUND_MOST - filled if change > 0 else filled - COMPOUND_LEAST
        step = np.minimum(share, np.maximum(spare, 0))
        if step.sum() == 0:
            raise RuntimeError("these compounds cannot hold that many households")
        for k in np.argsort(-filled, kind="stable"):
            part = min(int(step[k]), abs(change))
            filled[k] += part if change > 0 else -part
            change -= part if change > 0 else -part
    return filled


def size_largest(units: pd.DataFrame, label: NDArray[np.object_]) -> str:
    """Give one community 5,100 households and all others fewer; returns its id."""
    homes = units["households"].to_numpy()
    giant = label[int(np.argmax(homes))]
    sums = pd.Series(homes).groupby(label).sum().drop(giant).sort_values(kind="stable")
    largest = str(sums.index[-1])
    wanted = dict.fromkeys(sums.index[sums > SECOND_LARGEST], SECOND_LARGEST)
    for name, total in {**wanted, largest: LARGEST_TODAY}.items():
        inside = np.flatnonzero((label == name) & (units["kind"] == "compound").to_numpy())
        units.loc[inside, "households"] = _fill(homes[inside], total - int(sums[name]))
    return largest


def shapes_today(
    town: Town, units: pd.DataFrame, label: NDArray[np.object_]
) -> tuple[list[str], NDArray[np.object_]]:
    """Ids and polygons of today's communities on the map: whole cells, streets included."""
    cells = layout.on_map(town.cells[units["cell"].to_numpy()])
    ids = sorted({name for name in label if name is not None})
    merged = [shapely.union_all(cells[label == name], grid_size=0.01) for name in ids]
    return ids, np.array(merged, dtype=object)


def as_coverage(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Draw areas anew from their common borders, so that neighbours share every vertex."""
    lines = shapely.union_all(shapely.boundary(shapes), grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, owner = shapely.STRtree(shapes).query(
        shapely.point_on_surface(faces), predicate="intersects"
    )
    once = np.unique(face, return_index=True)[1]
    face, owner = face[once], owner[once]
    drawn = [shapely.coverage_union_all(faces[face[owner == k]]) for k in range(len(shapes))]
    return np.array(drawn, dtype=object)
