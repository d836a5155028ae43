"""Exact neighbourhoods: never dearer, valid, and the best where one holds all."""

import numpy as np
import pytest
from redraw_towns import grid_town, random_town

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.polish import polish
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import Weights
from commplan.problem.terms import compute_terms, objective
from commplan.problem.validity import faults


def test_a_bad_plan_of_a_small_town_becomes_the_best() -> None:
    """Sixteen equal blocks in stripes of four become four squares, which share less border."""
    town = grid_town(4, 4, 600, min_households=2300, max_households=2500)
    stripes = (np.arange(16) // 4).astype(np.int32)
    found = polish(town, stripes, 1.0, lambda: False, 0)
    best = redraw(town, RedrawParams(explain=False)).objective
    assert objective(town, compute_terms(town, stripes)) > (best or 0.0)
    assert objective(town, compute_terms(town, found)) == pytest.approx(best)


def test_plans_stay_valid_and_never_get_dearer() -> None:
    """With every rule in the mix, what comes out is valid and costs at most what went in."""
    cheaper = []
    for seed in range(600, 640):
        town = random_town(np.random.default_rng(seed), 3, 4)
        given = redraw(town.replace(weights=Weights(communities=1.0)), RedrawParams(explain=False))
        if given.labels is None:
            continue
        found = polish(town, given.labels, 0.2, lambda: False, 0)
        assert not faults(town, found)
        before, after = (objective(town, compute_terms(town, x)) for x in (given.labels, found))
        assert after <= before + 1e-6
        cheaper.append(after < before - 1e-6)
    assert len(cheaper) >= 10
    assert any(cheaper)


def test_no_time_leaves_the_plan_alone() -> None:
    """Where the time is up at once, the same labels come back."""
    town = grid_town(4, 4, 600, min_households=2300, max_households=2500)
    stripes = (np.arange(16) // 4).astype(np.int32)
    assert (polish(town, stripes, 1.0, lambda: True, 0) == stripes).all()
