"""The list of groups: which sets of villages are in it."""

from itertools import combinations

import numpy as np
import pytest
from benchmarks.villages_small import Enumeration, random_county

from commplan.optimise.villages.groups import list_groups
from commplan.problem.villages import VillageWeights


@pytest.mark.parametrize("seed", range(15))
def test_the_list_holds_every_group_and_nothing_else(seed: int) -> None:
    """Of all sets of villages those are listed that the rules allow and that do not fall in two."""
    # a weight on a term that dividing may raise: the enumeration then keeps to the rule as well
    problem = random_county(seed).replace(weights=VillageWeights(outer_border_km=1.0))
    every = Enumeration(problem)
    wanted = {
        chosen
        for size in range(2, problem.limits.max_villages + 1)
        for chosen in combinations(range(problem.n), size)
        if every.is_group(sum(1 << v for v in chosen))
    }
    groups = list_groups(problem)
    found = np.split(groups.village, groups.ptr[1:-1]) if len(groups.ptr) > 1 else []
    listed = [tuple(group.tolist()) for group in found]
    assert groups.whole
    assert len(listed) == len(set(listed))
    assert set(listed) == wanted


def test_only_groups_of_the_first_village() -> None:
    """Asked for them alone, those that hold the first village are listed."""
    problem = random_county(2)
    groups, first = list_groups(problem), list_groups(problem, first_only=True)
    held = [set(g.tolist()) for g in np.split(groups.village, groups.ptr[1:-1])]
    assert len(first.ptr) - 1 == sum(0 in group for group in held)
