"""Instances of facility location in the formats of the literature, as `LocationProblem`.

pmed (OR-Library), SJC (Lorena and Senne), Holmberg and Yang (single source), geo (Kong), maximal
covering (SJC with a radius), San Francisco (spopt's distance table) and random cities.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from commplan.problem.location import Aim, LocationProblem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Site:
    """One instance: the problem, its aim, and the ids of units and sites as the file has them."""

    name: str
    problem: LocationProblem
    aim: Aim
    units: tuple[str, ...]
    sites: tuple[str, ...]


def numbers(path: Path) -> Floats:
    """Every number of a file; some hold NUL bytes and words in between."""
    text = path.read_bytes().replace(b"\0", b" ").decode("ascii", "ignore")
    return np.array([w for w in text.split() if w[0].isdigit() or w[0] in "-+."], dtype=np.float64)


def full(costs: Floats, keep: NDArray[np.bool_] | None = None) -> sparse.csr_array:
    """Make a matrix with an entry for every pair kept, zeros among them."""
    n, m = costs.shape
    kept = np.ones((n, m), dtype=bool) if keep is None else keep
    row, site = np.nonzero(kept)
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])
    return sparse.csr_array((costs[row, site], site.astype(np.int32), start), shape=(n, m))


def ids(count: int, first: int) -> tuple[str, ...]:
    """Row numbers as ids."""
    return tuple(str(i) for i in range(first, first + count))


def plain(minutes: sparse.csr_array, **fields: object) -> LocationProblem:
    """Make a problem whose units weigh one and whose sites cost nothing, but for ``fields``."""
    n, m = minutes.shape
    given = {"weight": np.ones(n), "open_cost": np.zeros(m), "forced": np.zeros(m, bool), **fields}
    return LocationProblem(minutes=minutes, **given)  # type: ignore[arg-type]


def read_pmed(path: Path, p: int | None = None) -> Site:
    """OR-Library: nodes, edges and p; the last of several edges between two nodes counts."""
    values = numbers(path).astype(np.int64)
    n, edges = int(values[0]), values[3 : 3 + 3 * int(values[1])].reshape(-1, 3)
    lengths = np.zeros((n, n))
    for u, v, length in edges.tolist():
        lengths[u - 1, v - 1] = lengths[v - 1, u - 1] = length
    minutes = full(shortest_path(lengths, directed=False))
    problem = plain(minutes, max_open=int(values[2]) if p is None else p)
    return Site(path.stem, problem, Aim.MEDIAN, ids(n, 1), ids(n, 1))


def distances(xy: Floats) -> Floats:
    """Straight lines between all points."""
    gap = xy[:, None, :] - xy[None, :, :]
    lines: Floats = np.hypot(gap[..., 0], gap[..., 1])
    return lines


def read_sjc(path: Path, p: int | None = None) -> Site:
    """Capacitated p-median: n and p, then x, y, capacity and demand; nodes are numbered from 0."""
    values = numbers(path)
    n = int(values[0])
    rows = values[2 : 2 + 4 * n].reshape(n, 4)
    most = int(values[1]) if p is None else p
    problem = plain(
        full(distances(rows[:, :2])), demand=rows[:, 3], capacity=rows[:, 2], max_open=most
    )
    return Site(path.stem, problem, Aim.MEDIAN, ids(n, 0), ids(n, 0))


def read_geo(path: Path, p: int | None = None) -> Site:
    """Kong's capacitated p-median: rows with demand, place and capacity; Σ demand × km."""
    import pandas as pd  # heavy, and most families do without

    table = pd.read_csv(path, sep="\t", index_col=False)
    if p is None:
        raise ValueError("geo files need --p")
    km = distances(table[["x", "y"]].to_numpy(dtype=np.float64)) / 1000.0
    able = (table["Fcap"] > 0).to_numpy()
    demand = table["Demand"].to_numpy(dtype=np.float64)
    capacity = table["Fcap"].to_numpy(dtype=np.float64)[able]
    problem = plain(full(km[:, able]), weight=demand, capacity=capacity, max_open=p)
    names = tuple(table["ID"].astype(str))
    sites = tuple(table["ID"][able].astype(str))
    return Site(f"{path.stem}-{p}", problem, Aim.MEDIAN, names, sites)


def read_sscflp(path: Path, _p: int | None = None) -> Site:
    """Single source: sites and units, capacity and price per site, demands, costs site by site."""
    values = numbers(path)
    m, n = int(values[0]), int(values[1])
    sites = values[2 : 2 + 2 * m].reshape(m, 2)
    demand = values[2 + 2 * m : 2 + 2 * m + n]
    costs = values[2 + 2 * m + n :][: m * n].reshape(m, n).T
    problem = plain(full(costs), demand=demand, capacity=sites[:, 0], open_cost=sites[:, 1])
    return Site(f"{path.parent.name}-{path.stem}", problem, Aim.MEDIAN, ids(n, 1), ids(m, 1))


def read_mclp(path: Path, p: int | None = None, radius: float = 800.0) -> Site:
    """Maximal covering: n, then x, y and demand."""
    rows = numbers(path)[2:]
    n = int(numbers(path)[0])
    rows = rows[: 3 * n].reshape(n, 3)
    lines = distances(rows[:, :2])
    problem = plain(full(lines, lines <= radius), weight=rows[:, 2], max_open=p)
    return Site(f"{path.stem}-{p}", problem, Aim.MAX_COVER, ids(n, 1), ids(n, 1))


def read_francisco(path: Path, p: int | None, radius: float, aim: Aim | None = None) -> Site:
    """Read spopt's table: one row per store and tract; without ``p`` the fewest that cover all."""
    import pandas as pd

    table = pd.read_csv(path, dtype={"DestinationName": str})
    wide = table.pivot_table(index="DestinationName", columns="name", values="distance")
    demand = table.groupby("DestinationName")["demand"].first().reindex(wide.index)
    lines = wide.to_numpy(dtype=np.float64)
    near = full(lines, lines <= radius)
    problem = plain(near, weight=demand.to_numpy(dtype=np.float64), max_open=p)
    if aim is None:
        aim = Aim.COVER if p is None else Aim.MAX_COVER
    return Site(
        f"francisco-{aim}-{p or 'all'}", problem, aim, tuple(wide.index), tuple(wide.columns)
    )


def random_city(n: int, m: int, p: int | None, radius: float, aim: Aim, seed: int = 1) -> Site:
    """Scatter units and sites over a square of 62.5 units a km²; straight lines, in metres.

    Households of a unit: lognormal, mean 75, sigma 0.6, clipped to 1-900.
    """
    rng = np.random.default_rng(seed)
    side = 4_000.0 * np.sqrt(n / 1_000.0)
    units, places = rng.uniform(0, side, (n, 2)), rng.uniform(0, side, (m, 2))
    households = rng.lognormal(np.log(75.0) - 0.6**2 / 2, 0.6, n).clip(1, 900).round()
    gap = units[:, None, :] - places[None, :, :]
    lines = np.hypot(gap[..., 0], gap[..., 1])
    problem = plain(full(lines, lines <= radius), weight=households, max_open=p)
    return Site(f"city-{n}x{m}-{aim}-{p or 'all'}", problem, aim, ids(n, 1), ids(m, 1))
