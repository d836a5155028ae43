"""Every rule of every profile has a check, a sentence, and at most one finding."""

from datetime import date

import numpy as np
import pytest
from rules_town import circles, profile_of, sized_plan, town_plan, villages, with_layers, with_rooms

from commplan.evaluate.rules import (
    CHECKS,
    Outcome,
    broken_must,
    check_rules,
    law_finding,
    profile_findings,
    rule_results,
)
from commplan.findings import Severity
from commplan.plan.plan import Plan
from commplan.policy.kinds import RULE_KINDS
from commplan.policy.library import load_profile, profile_names
from commplan.texts import LANGUAGES, load_texts

#: Rules that can always be measured, and so need no sentence about what they would need.
ALWAYS = {"size.households", "size.shape", "adjust.stepwise", "procedure.change", "staff.band3"}


def roomy(plan: Plan) -> Plan:
    """Give each community of a plan a room of 400 m², by lease, on the ground floor."""
    rows = [
        {"community_id": one, "site_id": f"S{one}", "floor_m2": 400.0, "way": "lease"}
        for one in plan.communities["community_id"]
    ]
    return with_rooms(plan, rows)


def test_every_rule_of_every_profile_has_a_check():
    """The checks are exactly those of the rules that the shipped profiles carry."""
    shipped = {rule_id for name in profile_names() for rule_id in load_profile(name).rules}
    assert set(CHECKS) == shipped


@pytest.mark.parametrize("rule_id", sorted(set(RULE_KINDS) - ALWAYS))
def test_what_cannot_be_measured_has_a_sentence(rule_id):
    """Each rule can say, in both languages, what it would need."""
    for language in LANGUAGES:
        assert load_texts(language).has(f"rules.unmeasured.{rule_id}")


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("kind", ["bare", "full"])
def test_one_result_per_rule_and_a_finding_that_reads(name, kind):
    """Each rule gives one result; its finding cites its clause and reads in both languages."""
    profile = load_profile(name)
    plan = town_plan() if kind == "bare" else roomy(town_plan())
    seen = circles(plan, bank=[1.0, 0.5, 1.0]) if kind == "full" else None
    measures = {"border_km": 2.0, "soft_border_km": 0.5, "pay.ratio": 1.5} if seen else {}
    results = rule_results(profile, plan, seen, measures)
    assert [result.rule_id for result in results] == list(profile.rules)
    for result in results:
        assert (result.finding is None) == (result.outcome is Outcome.MET)
        if result.finding is None:
            continue
        assert result.finding.clause == profile.clause(result.rule_id)
        assert result.finding.params["rule"] == result.rule_id
        for language in LANGUAGES:
            words = result.finding.words(load_texts(language))
            assert words
            assert "{" not in words


def test_findings_are_the_results_that_are_not_met():
    """``check_rules`` leaves out the rules that are kept."""
    profile, plan = load_profile("zhejiang-2017"), town_plan()
    results = rule_results(profile, plan, None, {})
    findings = check_rules(profile, plan, None, {})
    assert findings == tuple(r.finding for r in results if r.finding)
    assert len(findings) < len(profile.rules)


@pytest.mark.parametrize(
    ("force", "severity"),
    [("must", Severity.WARNING), ("should", Severity.NOTE), ("in principle", Severity.NOTE),
     ("target", Severity.NOTE), ("may", Severity.NOTE)],
)  # fmt: skip
def test_only_a_broken_must_rule_is_a_warning(force, severity):
    """A broken rule warns where its document says must, and only then counts for --strict."""
    profile = profile_of("size.households", {"min": 1500, "max": 3000}, force)
    findings = check_rules(profile, sized_plan(1499), None, {})
    assert [finding.severity for finding in findings] == [severity]
    assert broken_must(findings, profile) == (findings if force == "must" else ())


def test_a_must_rule_that_cannot_be_measured_is_not_broken():
    """What is not known is a note, and --strict does not fail on it."""
    profile = load_profile("zhejiang-2017")
    findings = check_rules(profile, sized_plan(2000), None, {})
    assert {f.severity for f in findings} == {Severity.NOTE}
    assert broken_must(findings, profile) == ()


def test_a_rule_of_the_users_own_is_left_to_the_user():
    """An invented rule gives a note that names it; an unknown one is a bug."""
    (finding,) = check_rules(profile_of("own.parking", 3), sized_plan(2000), None, {})
    assert finding.code == "rules.unmeasured.own"
    assert "own.parking" in finding.words(load_texts("zh-CN"))
    with pytest.raises(LookupError):
        check_rules(profile_of("parking", 3), sized_plan(2000), None, {})


@pytest.mark.parametrize(
    ("value", "outcome"), [(1.19, "broken"), (1.2, "met"), (1.4, "met"), (1.41, "broken")]
)
def test_a_figure_of_the_users_own_is_judged(value, outcome):
    """A figure given by rule id is held against the norm, ends included."""
    profile = profile_of("pay.ratio", {"min": 1.2, "max": 1.4})
    (result,) = rule_results(profile, sized_plan(2000), None, {"pay.ratio": value})
    assert result.outcome == outcome


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("zhejiang-2017", True),
        ("national-2026", False),
        ("anhui-city-2011", False),
        ("sanming-2020", False),
    ],
)
def test_law_finding(name, found):
    """A range that is not the law's is told once, with the law's clause."""
    finding = law_finding(load_profile(name))
    assert (finding is not None) == found
    if finding is not None:
        assert finding.clause == "national-2026 art. 3"
        assert "1,500" in finding.words(load_texts("en"))
        assert "1,000" in finding.words(load_texts("zh-CN"))


def test_law_finding_of_the_runs_own_range():
    """The scenario's range counts before the profile's."""
    assert law_finding(load_profile("zhejiang-2017"), (1000, 3000)) is None
    assert law_finding(load_profile("national-2026"), (1000, 2999)) is not None


def test_profile_findings_tell_of_a_draft_and_of_passed_deadlines(tmp_path):
    """A run under a draft, or under a profile built on one, says so; so it does of old deadlines."""
    day = date(2026, 5, 1)
    codes = [f.code for f in profile_findings(load_profile("zhejiang-2017"), day)]
    assert codes == ["rules.draft", "rules.law", "rules.deadlines_passed"]
    early = [f.code for f in profile_findings(load_profile("zhejiang-2017"), date(2018, 1, 1))]
    assert early == ["rules.draft", "rules.law"]
    assert profile_findings(load_profile("national-2026"), day) == ()
    path = tmp_path / "own.toml"
    path.write_text('extends = "zhejiang-2017"\n', encoding="utf-8")
    draft = profile_findings(load_profile(str(path)), day)[0]
    assert draft.params["profile"] == "zhejiang-2017"
    for finding in profile_findings(load_profile("zhejiang-2017"), day):
        assert all(finding.words(load_texts(language)) for language in LANGUAGES)


def test_nothing_depends_on_the_order_of_sites():
    """Rooms given in another order give the same findings."""
    profile, plan = load_profile("sanming-2020"), roomy(town_plan())
    turned = plan.rooms.rooms.iloc[::-1].reset_index(drop=True)
    other = with_rooms(plan, turned.drop(columns="geometry").to_dict("records"))
    assert check_rules(profile, plan, None, {}) == check_rules(profile, other, None, {})


def test_a_layer_without_rows_is_no_crash():
    """Empty layers are measured as nothing there."""
    plan = with_layers(town_plan(), villages=villages(), sites=None)
    for name in profile_names():
        assert len(rule_results(load_profile(name), plan, None, {})) == len(
            load_profile(name).rules
        )
    assert not np.isnan(plan.communities["households"].to_numpy(dtype=float)).any()
