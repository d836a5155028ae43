"""Columns of the layer of sites in numbers, the same for every question that is posed of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def column(sites: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, shape (m,); nan where not known."""
    if name not in sites:
        return np.full(len(sites), np.nan)
    return sites[name].to_numpy(dtype=np.float64, na_value=np.nan)


def standing(sites: pd.DataFrame) -> Flags:
    """Say which rooms exist."""
    return np.asarray((sites["status"] == "existing").to_numpy(dtype=bool))


def named(sites: pd.DataFrame, ids: tuple[str, ...]) -> Flags:
    """Say which sites are among those named."""
    return np.asarray(sites["site_id"].astype(str).isin(ids).to_numpy(dtype=bool))


def suited(sites: pd.DataFrame) -> Flags:
    """Say which lie on the ground floor beside the main entrance; what is not known does not."""
    return _flag(sites, "ground_floor") & _flag(sites, "beside_entrance")


def usable(
    sites: pd.DataFrame, ground_floor: str, opened: tuple[str, ...], closed: tuple[str, ...]
) -> Flags:
    """Say which sites keep the rule of the ground floor or are decided, and are not closed.

    Parameters
    ----------
    sites : DataFrame
    ground_floor : str
        ``"rule"``, ``"prefer"`` or ``"any"``.
    opened, closed : tuple of str
        Ids of sites that are decided.
    """
    fits = suited(sites) | named(sites, opened) | (ground_floor != "rule")
    return np.asarray(fits & ~named(sites, closed))


def prices(sites: pd.DataFrame) -> tuple[Floats, Flags]:
    """Return the price in yuan of opening each site as it counts, and whether it is known.

    Where ``cost_yuan`` is not known, floor area times ``yuan_per_m2``; where that is not known
    either, the highest known price. What stands costs nothing.
    """
    cost = column(sites, "cost_yuan")
    by_area = column(sites, "yuan_per_m2") * column(sites, "floor_m2")
    cost = np.where(np.isnan(cost), by_area, cost)
    cost[standing(sites)] = 0.0
    known = np.isfinite(cost)
    highest = float(cost[known].max(initial=0.0))
    return np.where(known, cost, highest), known


def _flag(sites: pd.DataFrame, name: str) -> Flags:
    if name not in sites:
        return np.zeros(len(sites), dtype=bool)
    return sites[name].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
