"""Limits that the scenario itself sets: broken, kept, excused."""

from typing import Any

import numpy as np
import pytest

from commplan.evaluate.score import ScoreOptions, score
from commplan.evaluate.validity_limits import ScenarioLimits, limit_findings
from commplan.findings import Finding, Severity
from commplan.plan.make import PlanOptions, make_plan
from commplan.policy.library import load_profile
from commplan.texts import load_texts
from towns import grid_graph, grid_town


def labels(text: str) -> np.ndarray:
    return np.array([ord(c) - ord("a") for c in text], dtype=np.int32)


def check(
    text: str, limits: ScenarioLimits, options: PlanOptions | None = None, **columns: Any
) -> list[Finding]:
    """Check a row of squares with 100 households each, labelled by letters."""
    plan = make_plan(grid_town(len(text), **columns), labels(text), options)
    found = limit_findings(plan, limits)
    for finding in found:
        for language in ("zh-CN", "en"):
            assert finding.words(load_texts(language))
    return list(found)


def told(findings: list[Finding]) -> list[tuple[str, bool]]:
    """Codes without their topic, and whether each is an error."""
    return [(f.code.removeprefix("validity."), f.severity is Severity.ERROR) for f in findings]


PEOPLE = {"population": [100, 200, 300, 400]}


def test_bounds_of_people() -> None:
    """Below and above are errors that say by how much; within is a note."""
    low = check("aabb", ScenarioLimits({"population": (301, 700)}), **PEOPLE)
    assert told(low) == [("attribute_too_little", True)]
    assert low[0].params["by"] == 1
    high = check("aabb", ScenarioLimits({"population": (300, 650)}), **PEOPLE)
    assert told(high) == [("attribute_too_much", True)]
    assert high[0].params["by"] == 50
    kept = check("aabb", ScenarioLimits({"population": (300, 700)}), **PEOPLE)
    assert told(kept) == [("attribute_kept", False)]
    assert (kept[0].params["least"], kept[0].params["most"]) == (300, 700)


def test_areas_are_told_in_square_kilometres() -> None:
    """Four hectares of squares: bounds in km²."""
    found = check("aaab", ScenarioLimits({"area_km2": (0.015, 0.03)}))
    assert told(found) == [("attribute_too_little", True)]
    assert (found[0].params["amount"], found[0].params["by"]) == (0.01, 0.005)


def test_gaps_in_a_column_cannot_be_checked() -> None:
    """A plan whose people are not known is not called valid."""
    found = check("aabb", ScenarioLimits({"population": (0, 900)}), population=[1, 2, np.nan, 4])
    assert told(found) == [("attribute_unknown", True)]
    assert found[0].ids == ("U002",)


def test_number_and_moves() -> None:
    """The number of communities and the households that move, broken and kept."""
    today = {"community_id": ["A", "A", "A", "B"]}
    broken = ScenarioLimits(communities=(3, 4), max_moved_households=99)
    assert told(check("aabb", broken, **today)) == [
        ("wrong_number", True),
        ("too_many_moved", True),
    ]
    kept = ScenarioLimits(communities=(2, 2), max_moved_households=100)
    assert told(check("aabb", kept, **today)) == [("number_kept", False), ("moved_kept", False)]


def test_exceptions_and_unchanged_communities_are_notes() -> None:
    """An exception carries its reason; a community left as it is may stay out of bounds."""
    limits = ScenarioLimits({"population": (0, 650)}, grandfather=True)
    options = PlanOptions({"U003": "a tower"})
    excepted = check("aabb", limits, options, **PEOPLE)
    assert told(excepted) == [("attribute_excepted", False)]
    assert excepted[0].params["reason"] == "a tower"
    same = check("aabb", limits, **PEOPLE, community_id=["A", "A", "B", "B"])
    assert told(same) == [("attribute_grandfathered", False)]


@pytest.mark.parametrize(("limit", "valid"), [(100, True), (99, False)])
def test_a_broken_limit_makes_the_plan_invalid(limit: int, valid: bool) -> None:
    """The scorecard says so."""
    town = grid_town(4, community_id=["A", "A", "A", "B"])
    plan = make_plan(town, labels("aabb"))
    options = ScoreOptions(100, 400, max_moved_households=limit)
    card = score(plan, grid_graph(4), load_profile("zhejiang-2017"), options)
    assert card.valid is valid
