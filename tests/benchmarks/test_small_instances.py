"""The engine beside full enumeration, on the towns that the benchmark draws."""

import numpy as np
import pytest
from benchmarks.small_instances import compare, draw_instance, every_plan, summary

from commplan.problem.validity import faults

SEEDS = (35, 36, 37, 40, 41, 42, 47, 51)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_exact_engine_finds_the_best_of_all_plans(seed: int) -> None:
    """Its cost is that of the best plan of the enumeration, proven, and the search is not better."""
    found = compare(seed)
    assert found.is_exact
    if found.best is not None and found.searched is not None:
        assert found.searched >= found.best - 1e-6


def test_every_plan_of_the_enumeration_is_valid() -> None:
    """And no two are the same."""
    problem = draw_instance(36)
    plans = list(every_plan(problem))
    assert plans
    assert all(not faults(problem, labels) for labels in plans)
    assert len({labels.tobytes() for labels in plans}) == len(plans)


def test_the_table_counts_what_was_found() -> None:
    """The figures of the summary fit the instances."""
    found = [compare(seed) for seed in SEEDS[:4]]
    figures = summary(found)
    assert figures["instances"] == 4
    assert figures["exact engine equals enumeration"] == sum(c.is_exact for c in found)
    assert figures["search finds a plan"] <= figures["with a plan"]
    assert np.isfinite(figures["mean excess of the search, %"])
