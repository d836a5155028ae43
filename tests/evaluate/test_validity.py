"""Every way in which a plan can be invalid has a finding of its own."""

from typing import Any

import numpy as np

from commplan.evaluate.validity import ValidityRules, validity_findings
from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.plan.make import PlanOptions, make_plan, plan_from_assignment
from commplan.texts import load_texts
from towns import graph_by_hand, grid_graph, grid_town

RULES = ValidityRules(200, 400, clause="made-up 1")


def labels(text: str) -> np.ndarray:
    """Turn letters into labels; a dot is in no community."""
    return np.array([ord(c) - ord("a") if c != "." else -1 for c in text], dtype=np.int32)


def check(
    text: str,
    rules: ValidityRules = RULES,
    graph: UnitGraph | None = None,
    options: PlanOptions | None = None,
    **columns: Any,
) -> list[Finding]:
    """Check a row of squares with 100 households each, labelled by letters."""
    plan = make_plan(grid_town(len(text), **columns), labels(text), options)
    found = validity_findings(plan, graph or grid_graph(len(text)), rules)
    for finding in found:
        for language in ("zh-CN", "en"):
            assert finding.words(load_texts(language))
    return list(found)


def codes(findings: list[Finding]) -> list[str]:
    """Codes without their topic."""
    return [f.code.removeprefix("validity.") for f in findings]


def test_a_valid_plan_has_no_findings() -> None:
    """Two connected communities at the two bounds: bounds are inclusive."""
    assert check("aabbbb", subdistrict_id=list("SSTTTT"), keep_with=[*"xx", *[None] * 4]) == []


def test_units_in_no_community() -> None:
    """They are named, with their households."""
    (found,) = check("aa..")
    assert (found.code, found.severity, found.ids) == (
        "validity.unassigned",
        Severity.ERROR,
        ("U002", "U003"),
    )
    assert found.params == {"units": 2, "households": 200}


def test_a_community_in_pieces() -> None:
    """Pieces are told by their households, and the units outside the largest are named."""
    found = check("aabba", rules=ValidityRules(0, 900))
    assert codes(found) == ["disconnected"]
    assert (found[0].params["pieces"], found[0].params["households"]) == (2, "200 + 100")
    assert found[0].ids == ("U004",)


def test_a_closed_border_does_not_connect() -> None:
    """A river between two units cuts a community; a crossing without any border joins it."""
    assert codes(check("aa", graph=grid_graph(2, closed=[(0, 1)]))) == ["disconnected"]
    assert (
        codes(check("aba", ValidityRules(0, 900), graph_by_hand(3, [(0, 1), (0, 2)], border_m=0.0)))
        == []
    )


def test_too_few_and_too_many() -> None:
    """Each says by how many households, and by which clause."""
    found = check("abbbbb")
    assert codes(found) == ["too_few", "too_many"]
    assert [f.params["by"] for f in found] == [100, 100]
    assert {f.clause for f in found} == {"made-up 1"}


def test_an_exception_carries_its_reason() -> None:
    """Out of bounds with an excepted unit is a note; without one it stays an error."""
    options = PlanOptions({"U002": "a single tower"})
    found = check("abbbbb", options=options)
    assert codes(found) == ["too_few", "excepted"]
    assert (found[1].severity, found[1].params["reason"]) == (Severity.NOTE, "a single tower")


def test_an_unchanged_community_may_stay_out_of_bounds() -> None:
    """Grandfathered are only communities that hold exactly the units of one of today's."""
    today = ["A", "B", "B", "B", "B", None]
    may = ValidityRules(200, 400, grandfather=True)
    assert codes(check("abbbbb", may, community_id=today)) == ["grandfathered", "too_many"]
    assert codes(check("abbbbb", RULES, community_id=today)) == ["too_few", "too_many"]


def test_across_subdistricts() -> None:
    """Units outside the main subdistrict are named; units that name none belong anywhere."""
    found = check("aaabbb", subdistrict_id=["S", "S", "T", "T", None, "T"])
    assert codes(found) == ["across_subdistricts"]
    assert (found[0].ids, found[0].params["subdistricts"]) == (("U002",), "S, T")
    anywhere = ValidityRules(200, 400, within_subdistrict=False)
    assert check("aaabbb", anywhere, subdistrict_id=["S", "S", "T", "T", None, "T"]) == []


def test_units_that_belong_together() -> None:
    """A group in two communities is named with both."""
    found = check("aabb", keep_with=["p", "q", "q", None])
    assert codes(found) == ["kept_apart"]
    assert (found[0].params["group"], found[0].params["communities"]) == ("q", "N001, N002")
    assert found[0].ids == ("U001", "U002")


def test_locked_units_stay_with_their_community() -> None:
    """A locked unit outside the successor is an error; one that is in no community today is free."""
    locked = [False, False, False, True, False, True]
    found = check("aaaabb", locked=locked, community_id=["A", "A", "A", "B", "B", None])
    assert codes(found) == ["lock_broken"]
    assert (found[0].ids, found[0].params["community_id"]) == (("U003",), "B")


def test_an_id_of_today_on_another_community_is_pointed_out() -> None:
    """A hand-drawn list that swaps two ids is valid, but says something else than it means."""
    territory = grid_town(4, community_id=list("AABB"))
    drawn = {"U000": "B", "U001": "B", "U002": "A", "U003": "A"}
    found = validity_findings(plan_from_assignment(territory, drawn), grid_graph(4), RULES)
    assert [(f.code, f.severity) for f in found] == [
        ("validity.id_of_another", Severity.WARNING)
    ] * 2
    territory = grid_town(4, community_id=["A", "A", None, None])
    drawn = {"U000": "1", "U001": "1", "U002": "A", "U003": "A"}
    found = validity_findings(plan_from_assignment(territory, drawn), grid_graph(4), RULES)
    assert [f.code for f in found] == ["validity.id_without_succession"]


def test_everything_at_once() -> None:
    """Findings do not hide each other."""
    found = check(
        "abab.",
        subdistrict_id=list("SSTTT"),
        keep_with=["x", "x", None, None, None],
        locked=[True] * 5,
        community_id=list("AABBB"),
        rules=ValidityRules(300, 400),
    )
    assert codes(found) == [
        "unassigned",
        "disconnected",
        "disconnected",
        "too_few",
        "too_few",
        "across_subdistricts",
        "across_subdistricts",
        "kept_apart",
        "lock_broken",
        "lock_broken",
    ]
