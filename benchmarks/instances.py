"""Instances of districting read from files: graphs with populations, and units with polygons."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from commplan.graph.borders import shared_borders
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.terms import compute_terms

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

HOUSEHOLDS_PER_KM = 1_000.0  # weight of a border inside the engine; figures are given without it
MIDDLE = 2_250  # households of a community where the number of communities is left out


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    Parameters
    ----------
    objective : str or None
        ``"cut_edges"`` or ``"moment"`` for graphs, ``"border_km"`` or ``"distance_household_km"``
        for units; None for the first of each.
    k : int or None
        Number of districts.
    deviation : float
        Of a graph's district populations from their mean.
    bounds : (int, int)
        Households of a community of a units file.
    columns : mapping
        ``id``, ``households``, ``within``: columns of a units file; the last may be None.
    crs : str or None
        Metric system in which a units file is measured; None for the UTM zone.
    """

    objective: str | None = None
    k: int | None = None
    deviation: float = 0.005
    bounds: tuple[int, int] = (1_500, 3_000)
    columns: tuple[str, str, str | None] = ("id", "households", None)
    crs: str | None = None


@dataclass(frozen=True)
class Case:
    """One instance.

    Parameters
    ----------
    name : str
    objective : str
    problem : CommunityProblem
        Its weights stand for the objective, except for ``moment``.
    ids : tuple of str
        Of the units.
    cost : float64 array, shape (n, n), or None
        For ``moment``: cost of giving unit i to centre j.
    """

    name: str
    objective: str
    problem: CommunityProblem
    ids: tuple[str, ...]
    cost: Floats | None = None

    @property
    def scale(self) -> float:
        """What the engine's objective is to be divided by."""
        return 1.0 if self.objective == "distance_household_km" else HOUSEHOLDS_PER_KM

    def value(self, labels: Ints) -> float:
        """Objective of a plan, in its own unit."""
        if self.cost is not None:
            groups = [np.flatnonzero(labels == c) for c in np.unique(labels)]
            return float(sum(self.cost[np.ix_(g, g)].sum(axis=0).min() for g in groups))
        name = "border_km" if self.objective == "cut_edges" else self.objective
        return compute_terms(self.problem, labels)[name]


def read_graph(path: Path, options: Options) -> Case:
    """Read a networkx adjacency JSON whose nodes hold TOTPOP."""
    data = json.loads(path.read_text(encoding="utf-8"))
    nodes = data["nodes"]
    place = {node["id"]: v for v, node in enumerate(nodes)}
    pairs = sorted(
        {
            (min(v, place[link["id"]]), max(v, place[link["id"]]))
            for v, links in enumerate(data["adjacency"])
            for link in links
            if place[link["id"]] != v
        }
    )
    if options.k is None:
        raise ValueError("a graph needs --k")
    people = np.array([node["TOTPOP"] for node in nodes], dtype=np.int64)
    mean = float(people.sum()) / options.k
    bounds = (
        math.ceil((1 - options.deviation) * mean),
        math.floor((1 + options.deviation) * mean),
    )
    objective = options.objective or "cut_edges"
    if objective not in ("cut_edges", "moment"):
        raise ValueError(f"a graph has no {objective}")
    lonlat = np.array([_lonlat(node) for node in nodes])
    edges = _edges(np.array(pairs, dtype=np.int32).reshape(-1, 2), np.ones(len(pairs)))
    problem = _problem(people, lonlat, edges, bounds, (options.k, objective))
    ids = tuple(str(node["id"]) for node in nodes)
    cost = moment_cost(people, lonlat) if objective == "moment" else None
    return Case(path.stem, objective, problem, ids, cost)


def _lonlat(node: dict[str, Any]) -> tuple[float, float]:
    """Return the centroid if the node names one, else its interior point; (0, 0) for neither."""
    for x, y in (("C_X", "C_Y"), ("INTPTLON10", "INTPTLAT10"), ("INTPTLON20", "INTPTLAT20")):
        if x in node and y in node:
            return float(node[x]), float(node[y])
    return 0.0, 0.0


def moment_cost(people: NDArray[np.int64], lonlat: Floats) -> Floats:
    """People × square of the geodesic distance (km²) from each unit i to each unit j."""
    n = len(people)
    i, j = np.divmod(np.arange(n * n), n)
    geod = pyproj.Geod(ellps="WGS84")
    _, _, away = geod.inv(lonlat[i, 0], lonlat[i, 1], lonlat[j, 0], lonlat[j, 1])
    return np.asarray(people[:, None] * (np.asarray(away).reshape(n, n) / 1000.0) ** 2)


def read_units(path: Path, options: Options) -> list[Case]:
    """Read polygons with households: one case per value of the column that divides them."""
    units = gpd.read_file(path)
    crs = options.crs or (units.estimate_utm_crs() if units.crs.is_geographic else units.crs)
    units = units.to_crs(crs)
    _, _, within = options.columns
    if within is None:
        return [_units_case(path.stem, units, options)]
    return [_units_case(str(name), part, options) for name, part in units.groupby(within)]


def _units_case(name: str, units: gpd.GeoDataFrame, options: Options) -> Case:
    objective = options.objective or "border_km"
    if objective not in ("border_km", "distance_household_km"):
        raise ValueError(f"units have no {objective}")
    id_column, households_column, _ = options.columns
    households = units[households_column].fillna(0).to_numpy().astype(np.int64)
    shapes = np.asarray(units.geometry.array)
    points = shapely.get_coordinates(shapely.point_on_surface(shapes)) / 1000.0
    borders = shared_borders(shapes)
    edges = _edges(np.column_stack([borders.tail, borders.head]), borders.length_m / 1000.0)
    k = options.k
    if k is None and objective == "distance_household_km":
        k = max(1, round(int(households.sum()) / MIDDLE))
    problem = _problem(households, points, edges, options.bounds, (k, objective))
    problem = problem.replace(area_km2=shapely.area(shapes) / 1e6)
    return Case(name, objective, problem, tuple(units[id_column].astype(str)))


def _edges(pairs: Ints, border_km: Floats) -> Edges:
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, border_km = pairs[order], border_km[order]
    return Edges(
        np.ascontiguousarray(pairs[:, 0], dtype=np.int32),
        np.ascontiguousarray(pairs[:, 1], dtype=np.int32),
        border_km,
        np.zeros(len(pairs)),
        np.ones(len(pairs), dtype=np.bool_),
    )


def _problem(
    households: NDArray[np.int64],
    xy: Floats,
    edges: Edges,
    bounds: tuple[int, int],
    aim: tuple[int | None, str],
) -> CommunityProblem:
    n = len(households)
    k, objective = aim
    none = np.full(n, -1, dtype=np.int32)
    far = objective == "distance_household_km"
    return CommunityProblem(
        households=households,
        area_km2=np.ones(n),
        xy_km=xy,
        edges=edges,
        part=np.zeros(n, dtype=np.int32),
        group=none,
        today=none.copy(),
        locked=np.zeros(n, dtype=np.bool_),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=bounds[0],
        max_households=bounds[1],
        target_households=sum(bounds) / 2,
        weights=Weights(distance_household_km=1.0) if far else Weights(border_km=HOUSEHOLDS_PER_KM),
        min_communities=k or 0,
        max_communities=k,
    )


def is_valid(problem: CommunityProblem, labels: Ints, say: Callable[[str], None]) -> bool:
    """Check a plan by its own count, sharing nothing with the engine: number, bounds, one piece."""
    if len(labels) != problem.n:
        say("units without a district")
        return False
    names = set(labels.tolist())
    good = True
    if not problem.min_communities <= len(names) <= (problem.max_communities or problem.n):
        say(f"{len(names)} districts")
        good = False
    beside: dict[int, list[int]] = {v: [] for v in range(problem.n)}
    for a, b in zip(problem.edges.tail.tolist(), problem.edges.head.tolist(), strict=True):
        if labels[a] == labels[b]:
            beside[a].append(b)
            beside[b].append(a)
    for name in names:
        members = [v for v in range(problem.n) if labels[v] == name]
        size = sum(int(problem.households[v]) for v in members)
        seen, stack = {members[0]}, [members[0]]
        while stack:
            for u in beside[stack.pop()]:
                if u not in seen:
                    seen.add(u)
                    stack.append(u)
        if len(seen) < len(members) or not (
            problem.min_households <= size <= problem.max_households
        ):
            say(f"district {name}: {size} households, {len(seen)} of {len(members)} units in reach")
            good = False
    return good
