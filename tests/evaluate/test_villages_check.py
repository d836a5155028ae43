"""The check of a merging: every rule that is broken is found, and every figure counted anew."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.villages_small import random_county

from commplan.evaluate.villages import check_villages, village_terms
from commplan.optimise.villages.merge import merge_villages
from commplan.problem.result import Status
from commplan.problem.villages import Unmerged, VillageLimits, VillageProblem, VillageResult
from villages_county import CHAIN, county


def answer(problem: VillageProblem, labels: list[int], left: dict[int, str]) -> VillageResult:
    """Make the result that these labels are, its figures right, each seat the first village."""
    of = np.array(labels, dtype=np.int32)
    seats = np.array([labels.index(g) for g in range(max(labels) + 1)], dtype=np.int32)
    reasons = tuple(Unmerged(v, f"villages.{code}") for v, code in left.items())
    plain = VillageResult(Status.FEASIBLE, of, seats, 0.0, 0.0, reasons, 0)
    groups: dict[int, list[int]] = {}
    for village, label in enumerate(labels):
        groups.setdefault(label, []).append(village)
    terms = village_terms(problem, groups, plain)
    weights = vars(problem.weights)
    return replace(plain, terms=terms, objective=sum(weights[k] * v for k, v in terms.items()))


PEOPLE = [800, 200, 500, 900]
FAULTS = [
    ([0, 0, 1, 2], {}, {}, set()),
    ([0, 1, 0, 2], {1: "left_others"}, {}, {"bad_connected", "bad_needless", "bad_reason"}),
    ([0, 0, 1, 2], {}, {"township": np.array([0, 1, 1, 1], dtype=np.int32)}, {"bad_township"}),
    ([0, 0, 1, 2], {}, {"locked": np.array([True, False, False, False])}, {"bad_locked"}),
    ([0, 0, 1, 2], {}, {"limits": VillageLimits(max_people=999)}, {"bad_people"}),
    ([0, 0, 1, 2], {}, {"limits": VillageLimits(max_households=300)}, {"bad_households"}),
    ([0, 0, 1, 2], {}, {"limits": VillageLimits(max_area_km2=1.9)}, {"bad_area"}),
    ([0, 0, 1, 2], {}, {"limits": VillageLimits(max_minutes=12.0)}, {"bad_minutes"}),
    ([0, 0, 0, 0], {}, {"limits": VillageLimits(max_villages=3)}, {"bad_villages", "bad_needless"}),
    ([0, 0, 1, 2], {}, {"limits": VillageLimits(small_people=1000)}, {"bad_small", "bad_left"}),
    ([0, 1, 1, 2], {}, {"apart": np.array([[1, 2]], dtype=np.int32)}, {"bad_apart"}),
    ([0, 1, 2, 3], {}, {}, {"bad_left"}),
    ([0, 0, 1, 2], {}, {"join": np.array([-1, -1, 0, 0], dtype=np.int32)}, {"bad_join"}),
    ([0, 1, 2, 3], {1: "left_others"}, {}, {"bad_reason"}),
    ([0, 1, 2, 3], {1: "left_locked"}, {}, {"bad_reason"}),
    ([0, 1, 2, 3], {1: "left_island"}, {}, {"bad_reason"}),
    ([0, 1, 2, 3], {1: "left_neighbours_locked"}, {}, {"bad_reason"}),
    ([0, 1, 2, 3], {1: "left_too_few"}, {}, {"bad_reason"}),
    ([0, 1, 2, 3], {1: "left_unsettled"}, {}, set()),
    ([0, 1, 2, 3], {1: "left_limits"}, {"limits": VillageLimits(max_people=650)}, set()),
]


@pytest.mark.parametrize(("labels", "left", "changes", "codes"), FAULTS)
def test_every_broken_rule_is_found(
    labels: list[int], left: dict[int, str], changes: dict[str, object], codes: set[str]
) -> None:
    """Each plan by hand breaks the rules that are named, and no other."""
    problem = county(PEOPLE, CHAIN[:3], **changes)
    found = check_villages(problem, answer(problem, labels, left))
    assert {f.code for f in found} == {f"villages.{code}" for code in codes}


def test_figures_that_are_not_so_are_found() -> None:
    """A term, the cost and a bound above it are each counted anew."""
    problem = county(PEOPLE, CHAIN[:3])
    right = answer(problem, [0, 0, 1, 2], {})
    assert right.terms["renamed_people"] == right.objective == 200
    wrong = [
        replace(right, terms={**right.terms, "renamed_people": 199.0}),
        replace(right, objective=201.0),
        replace(right, bound=200.5),
        replace(right, seats=np.array([2, 2, 3], dtype=np.int32)),
        replace(right, labels=right.labels[:3]),
    ]
    for result in wrong:
        assert check_villages(problem, result)


@pytest.mark.parametrize("seed", range(0, 40, 5))
def test_the_optimiser_and_the_check_count_alike(seed: int) -> None:
    """Terms, weighted cost and reasons of random counties stand the check."""
    problem = random_county(seed)
    result = merge_villages(problem)
    assert check_villages(problem, result) == ()
    assert set(result.terms) == set(vars(problem.weights))
