"""Instances of Kong's service-area problems: units, sites and neighbours, as `JointProblem`.

CFLSAP chooses facilities (fixed cost, capacity), SAP has them given; every service area is
connected and holds its facility's unit (https://github.com/yfkong, folders Unified and AFSAP). A
file that is not so is a ValueError.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.siting_files import ROUNDING, distances, full, kong_columns
from commplan.problem.joint import JointProblem

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Area:
    """One instance: the problem and the ids of its units as the file has them."""

    name: str
    problem: JointProblem
    units: tuple[str, ...]


def adjacency_beside(path: Path) -> Path:
    """Return the file of neighbours that lies beside an instance."""
    start = path.stem.rstrip("0123456789")
    names = {"zya": "zy", "gya": "gy2"}
    for stem in (path.stem.split("_")[0], names.get(start, start)):
        found = path.with_name(f"{stem}_connectivity.txt")
        if found.exists():
            return found
    raise ValueError(f"no {names.get(start, stem)}_connectivity.txt beside it: use --adjacency")


def read_area(path: Path, adjacency: Path | None = None, *, fixed: bool = False) -> Area:
    """Read an instance; ``fixed`` opens every site at no cost (SAP)."""
    names, amount, xy, price, capacity = kong_columns(path)
    able = np.flatnonzero(capacity > 0).astype(np.int32)
    km = distances(xy)[:, able] / 1000.0
    tail, head = _edges(adjacency or adjacency_beside(path), names)
    problem = JointProblem(
        amount=amount,
        cost=full(amount[:, None] * km),
        open_cost=np.zeros(len(able)) if fixed else price[able],
        site_unit=able,
        low=np.zeros(len(able)),
        high=capacity[able] + ROUNDING,
        forced=np.full(len(able), fixed),
        tail=tail,
        head=head,
    )
    return Area(path.stem, problem, names)


def _edges(path: Path, names: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Read pairs of units that touch, each once, as rows of ``names``."""
    table = pd.read_csv(path, dtype=str)
    if table.shape[1] < 3:
        raise ValueError(f"{path.name} has fewer than three columns with commas between them")
    at = {unit: i for i, unit in enumerate(names)}
    pairs = table.iloc[:, 1:3].to_numpy(dtype=object).tolist()
    strange = next((unit for pair in pairs for unit in pair if unit not in at), None)
    if strange is not None:
        raise ValueError(f"{path.name} names a unit {strange} that the instance does not hold")
    ends = np.array([sorted((at[a], at[b])) for a, b in pairs if a != b], dtype=np.int32)
    ends = np.unique(ends.reshape(-1, 2), axis=0)
    return ends[:, 0].copy(), ends[:, 1].copy()
