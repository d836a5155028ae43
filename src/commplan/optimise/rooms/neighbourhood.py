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
    columns: Columns,
    pairs: tuple[Floats, Flags],
    place: Ints,
    part: Ints,
    size: PartSize,
    seed: int,
) -> Ints:
    """Solve the sites of a part and their units anew.

    Parameters
    ----------
    columns : Columns
    pairs : (costs, allowed), of shape (n, m)
        Pairs that are not allowed are left out; those in use must be.
    place : int32 array, shape (n,)
    part : int32 array
        Open sites.
    size : PartSize
    seed : int

    Returns
    -------
    int32 array, shape (n,)
        The site of each unit; the same where nothing better was found.
    """
    costs, allowed = pairs
    units = np.flatnonzero(np.isin(place, part)).astype(np.int32)
    elsewhere = np.setdiff1d(place, part)
    suit = costs[units].sum(axis=0)
    suit[elsewhere] = np.inf
    suit[part] = -np.inf
    order = np.argsort(suit, kind="stable")
    use = allowed[np.ix_(units, order)].sum(axis=0)
    fits = np.isfinite(suit[order]) & (use > 0) & (np.cumsum(use) <= size.pairs)
    sites = np.sort(order[fits | (suit[order] == -np.inf)]).astype(np.int32)
    at = np.ix_(units, sites)
    block = np.where(allowed[at], costs[at], columns.missing)
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
    near: Flags = (small.cost <= limit[small.unit]) | (start[small.unit] == small.site)
    return near
