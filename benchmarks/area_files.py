"""Instances of Kong's service-area problems: units, sites and neighbours, as `JointProblem`.

CFLSAP chooses facilities (fixed cost, capacity), SAP has them given; every service area is
connected and holds its facility's unit (https://github.com/yfkong, folders Unified and AFSAP).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.siting_files import distances, full
from commplan.problem.joint import JointProblem

ROUNDING = 1e-6  # capacities carry a little float noise


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
    raise FileNotFoundError(f"no neighbours beside {path}: name them with --adjacency")


def read_area(path: Path, adjacency: Path | None = None, *, fixed: bool = False) -> Area:
    """Read an instance; ``fixed`` opens every site at no cost (SAP)."""
    table = pd.read_csv(path, sep="\t", index_col=False)
    table.columns = ["id", "amount", "x", "y", "kind", "fixed_cost", "capacity"][
        : len(table.columns)
    ]
    amount = table["amount"].to_numpy(dtype=np.float64)
    able = np.flatnonzero(table["capacity"].to_numpy() > 0).astype(np.int32)
    km = distances(table[["x", "y"]].to_numpy(dtype=np.float64))[:, able] / 1000.0
    capacity = table["capacity"].to_numpy(dtype=np.float64)[able]
    price = table["fixed_cost"].to_numpy(dtype=np.float64)[able]
    tail, head = _edges(adjacency or adjacency_beside(path), table["id"].to_numpy())
    problem = JointProblem(
        amount=amount,
        cost=full(amount[:, None] * km),
        open_cost=np.zeros(len(able)) if fixed else price,
        site_unit=able,
        low=np.zeros(len(able)),
        high=capacity + ROUNDING,
        forced=np.full(len(able), fixed),
        tail=tail,
        head=head,
    )
    return Area(path.stem, problem, tuple(table["id"].astype(str)))


def _edges(path: Path, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pairs = pd.read_csv(path).iloc[:, 1:3].to_numpy(dtype=np.int64)
    at = {int(unit): i for i, unit in enumerate(ids.tolist())}
    ends = np.array([sorted((at[a], at[b])) for a, b in pairs.tolist() if a != b], dtype=np.int32)
    ends = np.unique(ends, axis=0)
    return ends[:, 0].copy(), ends[:, 1].copy()
