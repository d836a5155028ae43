"""From divided pieces to grids with ids, figures and areas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.plan.places import blocks_of, community_table, is_coverage
from commplan.plan.plan import Plan
from commplan.problem.grids import GridPiece, GridProblem, PieceAnswer, numbers_that_fit
from commplan.problem.result import Status

HOUSE = "house choice"
_WORST = (Status.NOT_FOUND, Status.INFEASIBLE, Status.FEASIBLE, Status.OPTIMAL)


@dataclass(frozen=True)
class GridPlan:
    """Communities divided into grids.

    Parameters
    ----------
    plan : Plan
        Whose communities are divided.
    grids : GeoDataFrame
        Sorted by community and number: ``grid_id`` (``LC01-G01``), ``community_id``,
        ``community_name``, ``number``, ``kind`` (``divided``, ``large``: a unit that is larger by
        itself, ``short``: where the bounds cannot be met), ``units``, ``households``,
        ``population``, ``area_m2``, ``ok`` (-1 below the bounds, 0 within, 1 above), ``geometry``.
    grid_of : int32 array, shape (n units,)
        Row in ``grids``; -1 for units in no community that is divided.
    communities : DataFrame
        One row per divided community: ``community_id``, ``name``, ``households``, ``grids``,
        ``in_bounds``, ``smallest``, ``largest``, ``status``, ``objective``, ``bound``, ``gap`` (null
        where the bounds cannot be met).
    problem : GridProblem
    answers : tuple of PieceAnswer
    findings : tuple of Finding
    """

    plan: Plan
    grids: gpd.GeoDataFrame
    grid_of: NDArray[np.int32]
    communities: pd.DataFrame
    problem: GridProblem
    answers: tuple[PieceAnswer, ...]
    findings: tuple[Finding, ...]


def make_grid_plan(plan: Plan, problem: GridProblem, answers: Sequence[PieceAnswer]) -> GridPlan:
    """Name the grids of every divided community.

    Grids are numbered within their community by their first unit.

    Parameters
    ----------
    plan : Plan
    problem : GridProblem
    answers : sequence of PieceAnswer
        In the order of ``problem.pieces``.

    Returns
    -------
    GridPlan
    """
    found = sorted(_members(problem, answers, plan), key=lambda grid: (grid[0], grid[2][0]))
    count: dict[int, int] = {}
    grid_of = np.full(len(plan.community_of), -1, dtype=np.int32)
    rows = []
    for at, (community, kind, units) in enumerate(found):
        count[community] = number = count.get(community, 0) + 1
        grid_of[units] = at
        row = plan.communities.iloc[community]
        rows.append(
            {
                "grid_id": f"{row['community_id']}-G{number:02d}",
                "community_id": row["community_id"],
                "community_name": row["name"],
                "number": number,
                "kind": kind,
            }
        )
    grids = _table(plan, rows, grid_of, problem)
    communities = _communities(plan, problem, answers, grids)
    findings = tuple(_findings(plan, problem, answers))
    return GridPlan(plan, grids, grid_of, communities, problem, tuple(answers), findings)


def _members(
    problem: GridProblem, answers: Sequence[PieceAnswer], plan: Plan
) -> Iterator[tuple[int, str, list[int]]]:
    """Give (community, kind, units) of every grid."""
    for unit, held in problem.fixed.items():
        yield int(plan.community_of[unit]), "large", list(held)
    for piece, answer in zip(problem.pieces, answers, strict=True):
        for label in np.unique(answer.labels).tolist():
            units = piece.units[answer.labels == label].tolist()
            yield piece.community, "short" if answer.reason else "divided", units


def _table(
    plan: Plan, rows: list[dict[str, object]], grid_of: NDArray[np.int32], problem: GridProblem
) -> gpd.GeoDataFrame:
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    blocks = blocks_of(plan.territory)
    ids = [str(row["grid_id"]) for row in rows]
    counted = community_table(units, blocks, grid_of, ids, is_coverage(blocks))
    head = pd.DataFrame(
        rows, columns=["grid_id", "community_id", "community_name", "number", "kind"]
    )
    tail = counted.drop(columns=["community_id", "subdistrict_id"])
    table = gpd.GeoDataFrame(pd.concat([head, tail], axis=1), geometry="geometry", crs=blocks.crs)
    above = table["households"] > problem.max_households
    below = table["households"] < problem.min_households
    table.insert(9, "ok", above.astype(np.int64) - below.astype(np.int64))
    return table


def _communities(
    plan: Plan,
    problem: GridProblem,
    answers: Sequence[PieceAnswer],
    grids: gpd.GeoDataFrame,
) -> pd.DataFrame:
    rows = []
    for community in problem.communities:
        row = plan.communities.iloc[community]
        own = grids[grids["community_id"] == row["community_id"]]
        mine = [
            answer
            for piece, answer in zip(problem.pieces, answers, strict=True)
            if piece.community == community
        ]
        statuses = [answer.status for answer in mine] or [Status.OPTIMAL]
        cost, bound = (sum(getattr(a, name) for a in mine) for name in ("objective", "bound"))
        rows.append(
            {
                "community_id": row["community_id"],
                "name": row["name"],
                "households": int(row["households"]),
                "grids": len(own),
                "in_bounds": int((own["ok"] == 0).sum()),
                "smallest": int(own["households"].min()) if len(own) else 0,
                "largest": int(own["households"].max()) if len(own) else 0,
                "status": str(min(statuses, key=_WORST.index)),
                "objective": cost,
                "bound": bound,
                "gap": np.nan if any(a.reason for a in mine) else _gap(cost, bound),
            }
        )
    return pd.DataFrame(rows)


def _gap(cost: float, bound: float) -> float:
    return max(0.0, cost - bound) / cost if cost > 0 else 0.0


def _findings(
    plan: Plan, problem: GridProblem, answers: Sequence[PieceAnswer]
) -> Iterator[Finding]:
    """Say what the sizes stand on, and every grid outside of them with its reason."""
    bounds: dict[str, object] = {"min": problem.min_households, "max": problem.max_households}
    yield Finding("grids.own_numbers", Severity.NOTE, bounds, clause=HOUSE)
    units = plan.territory.units
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    if problem.fixed:
        large = tuple(ids[unit] for unit in sorted(problem.fixed))
        yield Finding("grids.large_units", Severity.NOTE, bounds, large, "units", clause=HOUSE)
    for piece, answer in zip(problem.pieces, answers, strict=True):
        if answer.reason:
            yield _why(plan, problem, piece, answer, [ids[u] for u in piece.units.tolist()])
    lost = np.flatnonzero(plan.community_of < 0)
    if lost.size:
        names = tuple(ids[unit] for unit in lost.tolist())
        yield Finding("grids.nowhere", Severity.WARNING, {}, names, "units")
    gaps = [a.gap for a in answers if a.status is Status.FEASIBLE and a.gap > 0]
    if gaps:
        params: dict[str, object] = {"pieces": len(gaps), "gap": f"{100 * max(gaps):.1f}"}
        yield Finding("grids.not_proven", Severity.NOTE, params)


def _why(
    plan: Plan, problem: GridProblem, piece: GridPiece, answer: PieceAnswer, ids: list[str]
) -> Finding:
    """Say why a piece has grids out of bounds, and what was done instead."""
    low, high = problem.min_households, problem.max_households
    fewest = -(-piece.households // high)
    sizes = np.bincount(answer.labels, weights=piece.problem.households).astype(int)
    params: dict[str, object] = {
        "name": plan.communities["name"].iloc[piece.community],
        "households": piece.households,
        "min": low,
        "max": high,
        "largest": int(piece.problem.households.max()),
        "fewer": fewest - 1,
        "more": max(fewest, piece.households // low + 1),
        "numbers": ", ".join(map(str, numbers_that_fit(piece.households, low, high))),
        "sizes": ", ".join(f"{size:,}" for size in sorted(sizes.tolist())),
    }
    return Finding(answer.reason, Severity.WARNING, params, tuple(ids), "units", clause=HOUSE)
