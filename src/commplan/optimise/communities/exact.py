"""Small cases, exactly: set partitioning over every community that could be.

Choose columns so that each unit lies in exactly one, at least cost (Garfinkel & Nemhauser 1970
for districting). ``moved_households`` needs the matching of old and new communities inside the
model: ``stays[S, c]`` = 1 where chosen community S is the successor of old community c.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from commplan.optimise.communities.columns import Columns
from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.reduced_costs import promising
from commplan.problem.communities import CommunityProblem
from commplan.problem.successors import match_successors

if TYPE_CHECKING:
    import pulp

MOST_IN_MODEL = 20_000
_NODES = 5_000
_LOCK_ROUNDS = 25


@dataclass(frozen=True)
class ExactAnswer:
    """What the model says about some units.

    Parameters
    ----------
    proven : bool
        The labels are optimal, or nothing is valid.
    labels : int32 array, shape (u,), or None
        Column chosen for each unit.
    bound : float
        Lower bound of the model's cost.
    nodes : int
    """

    proven: bool
    labels: Ints | None
    bound: float
    nodes: int


def solve_exact(
    problem: CommunityProblem, columns: Columns, time_limit_s: float | None, seed: int
) -> ExactAnswer:
    """Solve the set-partitioning model to proven optimality if the budget allows.

    Parameters
    ----------
    problem : CommunityProblem
    columns : Columns
    time_limit_s : float or None
        A guard.
    seed : int
    """
    if columns.has.shape[0] == 0 or (columns.has.sum(axis=0) == 0).any():
        return ExactAnswer(True, None, float("inf"), 0)

    def best_of(some: Columns) -> float | None:
        answer = _solve(problem, some, time_limit_s, seed)
        return answer.bound if answer.proven and answer.labels is not None else None

    fewer = promising(problem, columns, best_of)
    if fewer.has.shape[0] > MOST_IN_MODEL:
        return ExactAnswer(False, None, float("-inf"), 0)
    return _solve(problem, fewer, time_limit_s, seed)


def _solve(
    problem: CommunityProblem, columns: Columns, time_limit_s: float | None, seed: int
) -> ExactAnswer:
    from commplan.optimise.milp import MilpOptions, MilpStatus, solve_milp

    model, chosen = build_model(problem, columns)
    nodes = 0
    for _ in range(_LOCK_ROUNDS):
        options = MilpOptions(time_limit_s=time_limit_s, node_limit=_NODES, seed=seed % 2**31)
        answer = solve_milp(model, options)
        nodes += answer.nodes
        if answer.status is MilpStatus.INFEASIBLE:
            return ExactAnswer(True, None, float("inf"), nodes)
        if answer.values is None:
            return ExactAnswer(False, None, answer.bound, nodes)
        used = [s for s, x in enumerate(chosen) if (x.varValue or 0.0) > 0.5]
        labels = _labels(columns, used)
        if not _broken_lock(problem, columns, labels):
            proven = answer.status is MilpStatus.OPTIMAL
            return ExactAnswer(proven, labels, answer.bound, nodes)
        # The largest matching gives a locked unit's community to another old one: not this plan.
        model += sum(chosen[s] for s in used) <= len(used) - 1
    return ExactAnswer(False, None, float("-inf"), nodes)


def build_model(
    problem: CommunityProblem, columns: Columns
) -> tuple["pulp.LpProblem", list["pulp.LpVariable"]]:
    """Write the model; its objective is the weighted cost of the units' communities."""
    import pulp

    has = columns.has
    model = pulp.LpProblem("redraw", pulp.LpMinimize)
    chosen = [model.add_variable(f"use_{s}", cat="Binary") for s in range(has.shape[0])]
    goal = [(x, float(c)) for x, c in zip(chosen, columns.cost, strict=True)]
    by_unit = csr_array(has.T)
    same = _same_rows(by_unit)
    for u in same:
        row = by_unit.indices[by_unit.indptr[u] : by_unit.indptr[u + 1]]
        model += pulp.LpAffineExpression([(chosen[s], 1) for s in row]) == 1, f"unit_{u}"
    if problem.min_communities > 0:
        model += pulp.LpAffineExpression([(x, 1) for x in chosen]) >= problem.min_communities
    if problem.max_communities is not None:
        model += pulp.LpAffineExpression([(x, 1) for x in chosen]) <= problem.max_communities
    today = problem.today[columns.units]
    limited = problem.max_moved_households is not None
    if limited or problem.weights.moved_households or _locked(problem, columns).any():
        kept = _add_matching(model, chosen, problem, columns)
        goal += [(x, -problem.weights.moved_households * value) for x, value in kept]
        if limited:
            _add_limit(model, problem, columns, kept)
    constant = problem.weights.moved_households * float(
        problem.households[columns.units][today >= 0].sum()
    )
    model.setObjective(pulp.LpAffineExpression(goal, constant=constant))
    return model, chosen


def _same_rows(by_unit: csr_array) -> list[int]:
    """One unit for each set of units that lie in the same columns."""
    seen: dict[bytes, int] = {}
    for u in range(by_unit.shape[0]):
        row = np.sort(by_unit.indices[by_unit.indptr[u] : by_unit.indptr[u + 1]])
        seen.setdefault(row.tobytes(), u)
    return sorted(seen.values())


def _locked(problem: CommunityProblem, columns: Columns) -> NDArray[np.bool_]:
    return problem.locked[columns.units] & (problem.today[columns.units] >= 0)


def _add_matching(
    model: "pulp.LpProblem",
    chosen: list["pulp.LpVariable"],
    problem: CommunityProblem,
    columns: Columns,
) -> list[tuple["pulp.LpVariable", float]]:
    """Add who succeeds whom; return the households that stay where one does."""
    import pulp

    units = columns.units
    today, was = problem.today[units], problem.today[units] >= 0
    old_ids, old = np.unique(today[was], return_inverse=True)
    at = np.flatnonzero(was)
    old_count = len(old_ids)
    of_old = csr_array(
        (problem.households[units][at].astype(float), (at, old)), shape=(len(units), old_count)
    )
    shared = (columns.has @ of_old).tocoo()
    anchor = _anchors(problem, columns, old_ids)
    by_column: dict[int, list[pulp.LpVariable]] = {}
    by_old: dict[int, list[pulp.LpVariable]] = {}
    kept = []
    linked = zip(shared.row.tolist(), shared.col.tolist(), shared.data.tolist(), strict=True)
    for s, c, value in linked:
        if value <= 0:
            continue
        stays = model.add_variable(f"stays_{s}_{c}", 0, 1)
        by_column.setdefault(s, []).append(stays)
        by_old.setdefault(c, []).append(stays)
        kept.append((stays, value))
        if anchor.get(s) == c:
            model += stays == chosen[s], f"lock_{s}_{c}"
            del anchor[s]
    for s in anchor:  # shares no household with the old community: cannot succeed it
        model += chosen[s] == 0, f"no_successor_{s}"
    for s, terms in by_column.items():
        model += pulp.lpSum(terms) <= chosen[s], f"one_old_{s}"
    for c, terms in by_old.items():
        model += pulp.lpSum(terms) <= 1, f"one_new_{c}"
    if _locked(problem, columns).any():
        _add_largest(model, chosen, shared, [stays for stays, _ in kept])
    return kept


def _add_limit(
    model: "pulp.LpProblem",
    problem: CommunityProblem,
    columns: Columns,
    kept: list[tuple["pulp.LpVariable", float]],
) -> None:
    """Let so many households stay that no more than the limit move; households are whole."""
    import pulp

    today = problem.today[columns.units]
    all_of_them = float(problem.households[columns.units][today >= 0].sum())
    least = all_of_them - float(problem.max_moved_households or 0)
    model += pulp.LpAffineExpression(kept) >= least - 0.5, "moved"


def _add_largest(
    model: "pulp.LpProblem",
    chosen: list["pulp.LpVariable"],
    shared: coo_array,
    stays: list["pulp.LpVariable"],
) -> None:
    """Let the successors be those of the largest matching, by the dual of the assignment problem.

    Prices of communities and old ones that cover every pair's households prove a matching the
    largest if they add up to its own; households are whole, so half of one decides.
    """
    import pulp

    pairs = [
        (s, c, value)
        for s, c, value in zip(
            shared.row.tolist(), shared.col.tolist(), shared.data.tolist(), strict=True
        )
        if value > 0
    ]
    new = {s: model.add_variable(f"price_{s}", 0) for s in sorted({s for s, _, _ in pairs})}
    old = {c: model.add_variable(f"price_old_{c}", 0) for c in sorted({c for _, c, _ in pairs})}
    for s, c, value in pairs:
        model += new[s] + old[c] >= value * chosen[s], f"covered_{s}_{c}"
    kept = [(x, value) for x, (_, _, value) in zip(stays, pairs, strict=True)]
    paid = [(x, -1.0) for x in (*new.values(), *old.values())]
    model += pulp.LpAffineExpression([*kept, *paid]) >= -0.5, "largest"


def _anchors(
    problem: CommunityProblem, columns: Columns, old_ids: NDArray[np.int32]
) -> dict[int, int]:
    """Per column with locked units the old community (0..) that it must succeed."""
    locked = np.flatnonzero(_locked(problem, columns))
    if not len(locked):
        return {}
    old = np.searchsorted(old_ids, problem.today[columns.units][locked])
    rows = columns.has[:, locked].tocoo()
    return {int(s): int(old[j]) for s, j in zip(rows.row, rows.col, strict=True)}


def _labels(columns: Columns, used: list[int]) -> Ints:
    labels = np.full(len(columns.units), -1, dtype=np.int32)
    has = columns.has
    for number, s in enumerate(used):
        labels[has.indices[has.indptr[s] : has.indptr[s + 1]]] = number
    return labels


def _broken_lock(problem: CommunityProblem, columns: Columns, labels: Ints) -> bool:
    locked = _locked(problem, columns)
    if not locked.any():
        return False
    today = problem.today[columns.units]
    of, was = labels.astype(np.int64), today.astype(np.int64)
    successor = match_successors(was, of, problem.households[columns.units], locked)
    return bool((successor[labels[locked]] != today[locked]).any())
