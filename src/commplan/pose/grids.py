"""Pose the division of communities into grids: each community's units as problems of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.errors import Fault
from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import blocks_of
from commplan.plan.plan import Plan
from commplan.pose.communities import unit_points_m
from commplan.pose.presets import PRESETS
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.grids import GridPiece, GridProblem, cut_problem
from commplan.texts import input_error

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class GridOptions:
    """What the scenario asks of grids; the sizes are the user's, no document gives any.

    Parameters
    ----------
    min_households, max_households : int
        Inclusive.
    target_households : float or None
        None for the middle of the bounds.
    weights : str or mapping
        A preset's name, or term -> weight.
    communities : tuple of str
        Ids of the communities to divide; all where there are none.
    """

    min_households: int = 300
    max_households: int = 500
    target_households: float | None = None
    weights: str | Mapping[str, float] = "compact"
    communities: tuple[str, ...] = ()


def pose_grids(plan: Plan, graph: UnitGraph, options: GridOptions) -> GridProblem:
    """Put the division of a plan's communities in numbers.

    Parameters
    ----------
    plan : Plan
        Today's communities or proposed ones.
    graph : UnitGraph
    options : GridOptions

    Returns
    -------
    GridProblem

    Raises
    ------
    InputError
        Where the options name a community that the plan does not have, or there is none.
    """
    rows = _communities(plan, options.communities)
    whole = _whole(plan, graph, options)
    pieces: list[GridPiece] = []
    fixed: dict[int, tuple[int, ...]] = {}
    for row in rows:
        units = np.flatnonzero(plan.community_of == row).astype(np.int32)
        own, parts = _parts(whole, units, options)
        fixed |= own
        pieces += [GridPiece(row, part, cut_problem(whole, part)) for part in parts]
    return GridProblem(
        tuple(rows), tuple(pieces), fixed, options.min_households, options.max_households
    )


def _communities(plan: Plan, wanted: tuple[str, ...]) -> list[int]:
    ids = plan.communities["community_id"].astype(str).tolist()
    strange = [name for name in dict.fromkeys(wanted) if name not in ids]
    if strange:
        params = {"ids": ", ".join(strange[:5]), "count": len(strange)}
        raise input_error([Fault("grids.unknown_ids", params, field_name="grids.communities")])
    if not ids:
        raise input_error([Fault("grids.no_communities", field_name="grids.plan")])
    return [row for row, name in enumerate(ids) if not wanted or name in wanted]


def _whole(plan: Plan, graph: UnitGraph, options: GridOptions) -> CommunityProblem:
    """Put all units in one problem, of which the pieces are cut."""
    territory = plan.territory
    if territory.units is None:
        raise input_error([Fault("scenario.no_units_here")])
    named = options.weights
    named = PRESETS[named] if isinstance(named, str) else named
    known = {f.name for f in fields(Weights)}
    n = graph.n
    low, high = options.min_households, options.max_households
    target = options.target_households
    return CommunityProblem(
        households=territory.units["households"].to_numpy(dtype=np.int64),
        area_km2=shapely.area(np.asarray(blocks_of(territory).array)) / 1e6,
        xy_km=unit_points_m(territory.units) / 1000.0,
        edges=Edges(
            graph.tail,
            graph.head,
            graph.border_m / 1000.0,
            np.maximum(graph.border_m - graph.barrier_m, 0.0) / 1000.0,
            graph.is_open,
        ),
        part=np.zeros(n, dtype=np.int32),
        # What is one property today is divided like everything else, and nobody moves.
        group=np.full(n, -1, dtype=np.int32),
        today=np.full(n, -1, dtype=np.int32),
        locked=np.zeros(n, dtype=np.bool_),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=low,
        max_households=high,
        target_households=(low + high) / 2 if target is None else target,
        weights=Weights(**{name: weight for name, weight in named.items() if name in known}),
    )


def _parts(
    whole: CommunityProblem, units: Ints, options: GridOptions
) -> tuple[dict[int, tuple[int, ...]], list[Ints]]:
    """Take the units out that are too large for a grid, and share the others out in pieces.

    A piece that is too small for a grid joins the large unit with which it shares most border.

    Returns
    -------
    fixed : dict
        Large unit -> units of its grid.
    pieces : list of int32 array
        In the order of their first unit.
    """
    large = whole.households[units] > options.max_households
    fixed = {int(unit): [int(unit)] for unit in units[large]}
    rest = units[~large]
    pieces = []
    for part in _connected(whole.edges, rest, whole.n):
        few = int(whole.households[part].sum()) < options.min_households
        host = _host(whole.edges, part, units[large]) if few and large.any() else None
        if host is None:
            pieces.append(part)
        else:
            fixed[host] += part.tolist()
    return {unit: tuple(sorted(held)) for unit, held in fixed.items()}, pieces


def _connected(edges: Edges, units: Ints, n: int) -> list[Ints]:
    """Pieces of some units that hang together by open edges, in the order of their first unit."""
    if not len(units):
        return []
    inside = np.zeros(n, dtype=np.bool_)
    inside[units] = True
    keep = edges.is_open & inside[edges.tail] & inside[edges.head]
    tail, head = edges.tail[keep], edges.head[keep]
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(n, n))
    piece = connected_components(links, directed=False)[1][units]
    first = np.unique(piece, return_index=True)[1]
    return [units[piece == piece[at]] for at in np.sort(first)]


def _host(edges: Edges, part: Ints, large: Ints) -> int | None:
    """Find the large unit with most border along a piece; of equals the first."""
    border: dict[int, float] = {}
    for one, other in ((edges.tail, edges.head), (edges.head, edges.tail)):
        touch = np.flatnonzero(edges.is_open & np.isin(one, part) & np.isin(other, large))
        for unit, km in zip(other[touch].tolist(), edges.border_km[touch].tolist(), strict=True):
            border[unit] = border.get(unit, 0.0) + km
    return min(border, key=lambda unit: (-border[unit], unit)) if border else None
