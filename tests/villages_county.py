"""Counties of a few villages: in numbers, and as squares on a map."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from commplan.problem.villages import VillageProblem
from commplan.territory.territory import Territory
from towns import CRS

CHAIN = [(0, 1), (1, 2), (2, 3), (3, 4)]
TEXT = ("township_id", "name", "seat", "surname", "ethnic_group")


def county(
    population: Sequence[int], pairs: Sequence[tuple[int, int]], **changes: object
) -> VillageProblem:
    """Make a county of villages 1 km (12.5 minutes) apart on a line, neighbours as given."""
    n = len(population)
    ends = np.array(sorted((min(p), max(p)) for p in pairs), dtype=np.int32).reshape(-1, 2)
    xy = np.c_[np.arange(n), np.zeros(n)].astype(float)
    plain = VillageProblem(
        population=np.array(population, dtype=np.int64),
        households=np.array(population, dtype=np.int64) // 3,
        area_km2=np.ones(n),
        xy_km=xy,
        tail=np.ascontiguousarray(ends[:, 0]),
        head=np.ascontiguousarray(ends[:, 1]),
        border_km=np.ones(len(ends)),
        township=np.zeros(n, dtype=np.int32),
        locked=np.zeros(n, dtype=np.bool_),
        join=np.full(n, -1, dtype=np.int32),
        apart=np.zeros((0, 2), dtype=np.int32),
        minutes=12.5 * np.abs(xy[:, None, 0] - xy[None, :, 0]),
        traits=np.zeros((0, n), dtype=np.int32),
        collective_yuan=np.full(n, np.nan),
    )
    return plain.replace(**changes)


def village_squares(
    population: Sequence[int], columns: int, side_m: float = 1000.0, **values: Any
) -> Territory:
    """Make a territory of square villages in rows from the lower left, ``V0``, ``V1``, ..."""
    n = len(population)
    shapes = [
        shapely.box(c * side_m, r * side_m, (c + 1) * side_m, (r + 1) * side_m)
        for r, c in (divmod(i, columns) for i in range(n))
    ]
    table: dict[str, Any] = {
        "village_id": [f"V{i}" for i in range(n)],
        "population": np.array(population, dtype=np.int64),
        "households": pd.array([None] * n, dtype="Int64"),
        "fishing": pd.array([None] * n, dtype="boolean"),
        "collective_yuan": np.full(n, np.nan),
        "locked": np.zeros(n, dtype=bool),
    }
    table |= {name: pd.Series([None] * n, dtype=object) for name in TEXT}
    for name, given in values.items():
        table[name] = pd.Series(list(given), dtype=object if name in TEXT else None)
    return Territory(crs=CRS, villages=gpd.GeoDataFrame(table, geometry=shapes, crs=CRS))
