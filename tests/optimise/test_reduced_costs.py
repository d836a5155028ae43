"""Communities left out by their reduced costs: never one that the best plan needs."""

import numpy as np
import pytest
from redraw_towns import grid_town, random_town

from commplan.optimise.communities import reduced_costs
from commplan.optimise.communities.columns import list_columns
from commplan.optimise.communities.exact import solve_exact
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.small import clusters
from commplan.problem.communities import CommunityProblem


def _answers(town: CommunityProblem, few: int, patch: pytest.MonkeyPatch) -> list[float | None]:
    """Cost of the best division of each cluster, where only ``few`` columns are solved at once."""
    patch.setattr(reduced_costs, "_FEW", few)
    reduced = presolve(town, np.ones(town.n, dtype=bool))
    found: list[float | None] = []
    for units in clusters(town, reduced):
        columns = list_columns(town, reduced, units)
        assert columns is not None
        answer = solve_exact(town, columns, None, 0)
        assert answer.proven
        found.append(None if answer.labels is None else answer.bound)
    return found


def test_the_best_plan_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every rule and weight in the mix, few columns or all: the same optimum."""
    fewer = 0
    for seed in range(700, 730):
        town = random_town(np.random.default_rng(seed), 3, 4)
        every = _answers(town, 10**9, monkeypatch)
        some = _answers(town, 6, monkeypatch)
        assert some == [pytest.approx(value) if value is not None else None for value in every]
        fewer += any(value is not None for value in every)
    assert fewer >= 8


def test_what_cannot_be_cheap_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen equal blocks: of all connected sets within the bounds few can be in a best plan."""
    monkeypatch.setattr(reduced_costs, "_FEW", 40)
    town = grid_town(4, 4, 600, min_households=1700, max_households=2500)
    reduced = presolve(town, np.ones(16, dtype=bool))
    columns = list_columns(town, reduced, np.arange(16))
    assert columns is not None
    kept = reduced_costs.promising(town, columns, lambda some: 800.0)
    assert 4 <= kept.has.shape[0] < columns.has.shape[0] / 2
    squares = {(0, 1, 4, 5), (2, 3, 6, 7), (8, 9, 12, 13), (10, 11, 14, 15)}
    sets = {tuple(np.sort(kept.has[[i]].indices).tolist()) for i in range(kept.has.shape[0])}
    assert squares <= sets


def test_at_least_so_many_households_move() -> None:
    """A community of two old ones moves the smaller share of it."""
    today = np.array([0, 0, 1, -1], dtype=np.int32)
    town = grid_town(1, 4, [500, 600, 700, 900], today=today, min_households=1, max_households=9999)
    reduced = presolve(town, np.ones(4, dtype=bool))
    columns = list_columns(town, reduced, np.arange(4))
    assert columns is not None
    least = reduced_costs.least_moved(town, columns)
    by_set = {
        tuple(np.sort(columns.has[[i]].indices).tolist()): value for i, value in enumerate(least)
    }
    assert by_set[0, 1] == 0
    assert by_set[0, 1, 2, 3] == 700
    assert by_set[1, 2] == 600
