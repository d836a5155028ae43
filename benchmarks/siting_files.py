"""Instances of facility location in the formats of the literature, as `LocationProblem`.

pmed (OR-Library), SJC (Lorena and Senne), Holmberg and Yang (single source), geo and service areas
without contiguity (Kong), maximal covering (SJC with a radius), San Francisco (spopt's distance
table) and random cities. A file that is not what its family reads is a ValueError.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.problem.location import Aim, LocationProblem

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ROUNDING = 1e-6  # Kong's capacities carry a little float noise


@dataclass(frozen=True)
class Site:
    """One instance: the problem, its aim, and the ids of units and sites as the file has them.

    ``own`` is the unit in which each site lies, None where sites are no units: an open site serves
    its own.
    """

    name: str
    problem: LocationProblem
    aim: Aim
    units: tuple[str, ...]
    sites: tuple[str, ...]
    own: Ints | None = None


def numbers(path: Path) -> Floats:
    """Every number of a file; some hold NUL bytes and words in between."""
    text = path.read_bytes().replace(b"\0", b" ").decode("ascii", "ignore")
    words = [w for w in text.split() if w[0].isdigit() or w[0] in "-+."]
    try:
        return np.array(words, dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"not a file of numbers ({error})") from error


def counts(values: Floats, how_many: int) -> list[int]:
    """Return the counts at the head of a file, whole and positive."""
    head = values[:how_many]
    if len(head) < how_many or not ((head >= 1) & (head == np.rint(head)) & (head < 1e6)).all():
        raise ValueError(f"does not begin with {how_many} counts")
    return [int(value) for value in head]


def block(values: Floats, start: int, rows: int, columns: int) -> Floats:
    """Return a table of numbers from ``start`` on."""
    there, wanted = len(values) - start, rows * columns
    if there < wanted:
        raise ValueError(
            f"holds {max(there, 0):,} of the {wanted:,} numbers that its head promises"
        )
    return values[start : start + wanted].reshape(rows, columns)


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
    from scipy.sparse.csgraph import shortest_path  # most families do without

    values = numbers(path)
    n, many, most = counts(values, 3)
    edges = block(values, 3, many, 3)
    ends = edges[:, :2].astype(np.int64)
    if (edges[:, :2] != ends).any() or ends.min() < 1 or ends.max() > n:
        raise ValueError(f"an edge does not join two of the nodes 1 to {n}")
    lengths = np.zeros((n, n))
    for (u, v), length in zip(ends.tolist(), edges[:, 2].tolist(), strict=True):
        lengths[u - 1, v - 1] = lengths[v - 1, u - 1] = length
    between = shortest_path(lengths, directed=False)
    if not np.isfinite(between).all():
        raise ValueError("the nodes are not all joined")
    problem = plain(full(between), max_open=most if p is None else p)
    return Site(path.stem, problem, Aim.MEDIAN, ids(n, 1), ids(n, 1), every(n))


def every(n: int) -> Ints:
    """Each unit is a site."""
    return np.arange(n, dtype=np.int32)


def distances(xy: Floats) -> Floats:
    """Straight lines between all points."""
    gap = xy[:, None, :] - xy[None, :, :]
    lines: Floats = np.hypot(gap[..., 0], gap[..., 1])
    return lines


def read_sjc(path: Path, p: int | None = None) -> Site:
    """Capacitated p-median: n and p, then x, y, capacity and demand; nodes are numbered from 0."""
    values = numbers(path)
    n, given = counts(values, 2)
    rows = block(values, 2, n, 4)
    most = given if p is None else p
    problem = plain(
        full(distances(rows[:, :2])), demand=rows[:, 3], capacity=rows[:, 2], max_open=most
    )
    return Site(path.stem, problem, Aim.MEDIAN, ids(n, 0), ids(n, 0), every(n))


def read_geo(path: Path, p: int | None = None) -> Site:
    """Kong's capacitated p-median: rows with demand, place and capacity; Σ demand × km."""
    table = columns_of(path, "ID", "Demand", "x", "y", "Fcap")
    if p is None:
        raise ValueError("does not say how many sites: name it with --p")
    km = distances(np.column_stack([numeric(table, "x"), numeric(table, "y")])) / 1000.0
    able = np.flatnonzero(numeric(table, "Fcap") > 0).astype(np.int32)
    problem = plain(
        full(km[:, able]),
        weight=numeric(table, "Demand"),
        capacity=numeric(table, "Fcap")[able],
        max_open=p,
    )
    names = tuple(table["ID"])
    sites = tuple(names[i] for i in able)
    return Site(f"{path.stem}-{p}", problem, Aim.MEDIAN, names, sites, able)


def columns_of(path: Path, *names: str) -> "pd.DataFrame":
    """Read a table with tabs between its columns, as text; names the column that lacks."""
    import pandas as pd  # heavy, and most families do without

    table = pd.read_csv(path, sep="\t", index_col=False, dtype=str).rename(columns=str.strip)
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(f"has no column {', '.join(missing)}")
    return table


def numeric(table: "pd.DataFrame", name: str) -> Floats:
    """Return a column as numbers; says which row holds none."""
    import pandas as pd

    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ValueError(f"row {row + 1}: {name} is no number ({table[name].iloc[row]})")
    return values


def read_sscflp(path: Path, _p: int | None = None) -> Site:
    """Single source: sites and units, capacity and price per site, demands, costs site by site."""
    if path.read_bytes()[:3] == b"OID":
        return read_free_area(path)
    values = numbers(path)
    m, n = counts(values, 2)
    sites = block(values, 2, m, 2)
    demand = block(values, 2 + 2 * m, 1, n)[0]
    costs = block(values, 2 + 2 * m + n, m, n).T
    problem = plain(full(costs), demand=demand, capacity=sites[:, 0], open_cost=sites[:, 1])
    return Site(f"{path.parent.name}-{path.stem}", problem, Aim.MEDIAN, ids(n, 1), ids(m, 1))


def read_free_area(path: Path) -> Site:
    """Read one of Kong's files of service areas without contiguity: price of sites + Σ pop × km."""
    names, amount, xy, price, capacity = kong_columns(path)
    able = np.flatnonzero(capacity > 0).astype(np.int32)
    km = distances(xy)[:, able] / 1000.0
    problem = plain(
        full(km), weight=amount, capacity=capacity[able] + ROUNDING, open_cost=price[able]
    )
    return Site(path.stem, problem, Aim.MEDIAN, names, tuple(names[i] for i in able))


def kong_columns(path: Path) -> tuple[tuple[str, ...], Floats, Floats, Floats, Floats]:
    """Return ids, people, places, prices and capacities of Kong's units; the heads differ."""
    head = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].split("\t")
    if len(head) < 7:
        raise ValueError("has fewer than seven columns with tabs between them")
    table = columns_of(path, *(name.strip() for name in head[:7]))
    amount, x, y, price, capacity = (numeric(table, table.columns[i]) for i in (1, 2, 3, 5, 6))
    if not (capacity > 0).any():
        raise ValueError("holds no facility: every capacity is 0")
    return tuple(table[table.columns[0]]), amount, np.column_stack([x, y]), price, capacity


def read_mclp(path: Path, p: int | None = None, radius: float = 800.0) -> Site:
    """Maximal covering: n, then x, y and demand."""
    values = numbers(path)
    n = counts(values, 1)[0]
    rows = block(values, 2 + (len(values) - 2) % 3, n, 3)  # the head holds two numbers or three
    if p is None:
        raise ValueError("does not say how many sites: name it with --p")
    lines = distances(rows[:, :2])
    problem = plain(full(lines, lines <= radius), weight=rows[:, 2], max_open=p)
    return Site(f"{path.stem}-{p}", problem, Aim.MAX_COVER, ids(n, 1), ids(n, 1), every(n))


def read_francisco(path: Path, p: int | None, radius: float, aim: Aim | None = None) -> Site:
    """Read spopt's table: one row per store and tract; without ``p`` the fewest that cover all."""
    import pandas as pd

    table = pd.read_csv(path, dtype={"DestinationName": str})
    missing = {"DestinationName", "name", "distance", "demand"} - set(table)
    if missing:
        raise ValueError(f"has no column {', '.join(sorted(missing))}")
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
