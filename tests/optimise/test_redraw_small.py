"""Small towns: the exact model against full enumeration, bounds and search around it."""

import numpy as np
import pytest
from redraw_towns import best_by_enumeration, grid_town, random_town

from commplan.optimise.communities.columns import list_columns
from commplan.optimise.communities.exact import build_model
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import Weights
from commplan.problem.result import Status
from commplan.problem.validity import faults

QUICK = 0.01  # of the normal effort


@pytest.mark.parametrize("seed", range(40))
def test_exact_equals_enumeration(seed: int) -> None:
    """The exact engine finds the cost of the best of all valid plans, or proves there is none."""
    town = random_town(np.random.default_rng(seed), 2, 3 + seed % 2)
    best = best_by_enumeration(town)
    result = redraw(town, RedrawParams(effort=QUICK, seed=seed))
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert result.causes
    else:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best)
        assert result.gap == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(100, 125))
def test_bound_exact_heuristic_are_in_order(seed: int) -> None:
    """Bound ≤ exact ≤ search, and what the search returns is valid."""
    town = random_town(np.random.default_rng(seed), 2, 4).replace(grandfather=False)
    exact = redraw(town, RedrawParams(effort=QUICK, seed=seed))
    found = redraw(town, RedrawParams(effort=QUICK, seed=seed, exact=False))
    if exact.objective is None:
        assert found.labels is None
        return
    assert found.labels is not None
    assert found.objective is not None
    assert faults(town, found.labels) == []
    assert found.bound <= exact.objective + 1e-6
    assert exact.objective <= found.objective + 1e-6


@pytest.mark.parametrize(
    "term",
    [
        "border_km",
        "soft_border_km",
        "moved_households",
        "distance_household_km",
        "imbalance_households",
        "area_imbalance_km2",
        "communities",
    ],
)
def test_bound_of_each_term_alone(term: str) -> None:
    """For every term by itself, the bound of the search is at most the optimum."""
    checked = 0
    for seed in range(200, 212):
        town = random_town(np.random.default_rng(seed), 2, 4)
        town = town.replace(weights=Weights(**{term: 100.0}), grandfather=False)
        exact = redraw(town, RedrawParams(effort=QUICK))
        if exact.objective is None:
            continue
        found = redraw(town, RedrawParams(effort=QUICK, exact=False))
        assert found.bound <= exact.objective * (1 + 1e-9) + 1e-9
        checked += 1
    assert checked > 2


def test_looser_bounds_never_cost_more() -> None:
    """With the exact engine a wider range of sizes costs at most as much."""
    town = grid_town(3, 3, [700, 500, 650, 400, 800, 620, 580, 450, 710])
    tight = redraw(town.replace(min_households=1600, max_households=2200), RedrawParams())
    loose = redraw(town.replace(min_households=1500, max_households=3000), RedrawParams())
    assert tight.status is loose.status is Status.OPTIMAL
    assert tight.objective is not None
    assert loose.objective is not None
    assert loose.objective <= tight.objective + 1e-9


def test_the_model_of_a_strip() -> None:
    """Four units of 1,000 in a row: the columns are the pairs and triples, each unit one row."""
    town = grid_town(1, 4, 1000)
    columns = list_columns(town, presolve(town, np.ones(4, bool)), np.arange(4))
    assert columns is not None
    sets = {tuple(np.flatnonzero(row).tolist()) for row in columns.has.toarray()}
    # The end units go with their neighbours, so no community cuts them off.
    assert sets == {(0, 1), (2, 3)}
    model, chosen = build_model(town, columns)
    assert len(chosen) == 2
    assert len(model.constraints) == 2
    assert columns.cost == pytest.approx([50.0, 50.0])
