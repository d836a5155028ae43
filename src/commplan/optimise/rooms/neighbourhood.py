"""Large-neighbourhood search: a few neighbouring open sites and their units are solved anew.

As POPMUSIC does for the capacitated p-median (Stefanello, de Araújo and Müller 2015): each part is
an exact model, small enough for HiGHS, and its answer is never worse than what it replaces.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.core import solve_core

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class PartSize:
    """How large a part may be.

    Parameters
    ----------
    pairs : int
        Of units and sites, at most; sites that suit the part's units least are left out first.
    nodes : int
        Branch-and-bound nodes for each part.
    seconds : float
        Guard for each part.
    """

    pairs: int = 12_000
    nodes: int = 300
    seconds: float = 10.0


def neighbours(costs: Floats, place: Ints, site: int, count: int) -> Ints:
    """Return the open site and those to which its units could go at least cost."""
    opened = np.unique(place)
    members = place == site
    far = costs[members][:, opened].sum(axis=0)
    far[opened == site] = -np.inf
    return opened[np.argsort(far, kind="stable")[:count]].astype(np.int32)


def improve_part(
    columns: Columns, costs: Floats, place: Ints, part: Ints, size: PartSize, seed: int
) -> Ints:
    """Solve the sites of a part and their units anew.

    Returns
    -------
    int32 array, shape (n,)
        The site of each unit; the same where nothing better was found.
    """
    units = np.flatnonzero(np.isin(place, part)).astype(np.int32)
    elsewhere = np.setdiff1d(place, part)
    allowed = ~np.isin(np.arange(columns.m), elsewhere)
    suit = costs[units].sum(axis=0) / max(len(units), 1) + np.where(allowed, 0.0, np.inf)
    suit[part] = -np.inf
    keep = max(len(part) + 4, size.pairs // max(len(units), 1))
    best = np.argsort(suit, kind="stable")[: min(keep, int(allowed.sum()))]
    sites = np.sort(best).astype(np.int32)
    block = costs[np.ix_(units, sites)]
    small = _columns(columns, block, units, sites, len(part) + columns.most - len(np.unique(place)))
    start = np.searchsorted(sites, place[units]).astype(np.int32)
    near = _worth_trying(small, block, start)
    options = MilpOptions(time_limit_s=size.seconds, node_limit=size.nodes, seed=seed)
    everything = np.ones(small.m, dtype=bool)
    _, answer = solve_core(small, (near, everything, small.forced), start, options)
    if answer is None:
        return place
    new = place.copy()
    new[units] = sites[answer]
    return new


def _columns(columns: Columns, block: Floats, units: Ints, sites: Ints, most: int) -> Columns:
    fits = (block < columns.missing) & (
        columns.demand[units][:, None] <= columns.capacity[sites][None, :]
    )
    site, unit = np.nonzero(fits.T)
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(sites)))])
    return replace(
        columns,
        start=start.astype(np.int64),
        unit=unit.astype(np.int32),
        cost=np.ascontiguousarray(block[unit, site]),
        demand=columns.demand[units],
        capacity=columns.capacity[sites],
        open_cost=columns.open_cost[sites],
        forced=columns.forced[sites],
        most=min(most, len(sites)),
    )


def _worth_trying(small: Columns, block: Floats, start: Ints) -> Flags:
    """Pairs that cost no more than thrice what the unit costs now and than the part's mean allows."""
    now = block[np.arange(small.n), start]
    limit = 3.0 * np.maximum(now, now.mean())
    site = np.repeat(np.arange(small.m), np.diff(small.start))
    near: Flags = (small.cost <= limit[small.unit]) | (start[small.unit] == site)
    return near
