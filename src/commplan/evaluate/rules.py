"""Every rule of a profile against a plan: kept, broken, reported, or what it would need."""

from collections.abc import Iterable, Mapping

from commplan.evaluate import rules_circles, rules_rooms, rules_size, rules_staff
from commplan.evaluate.circles import Circles
from commplan.evaluate.rules_law import law_finding, profile_findings
from commplan.evaluate.rules_types import (
    Check,
    Outcome,
    PlanView,
    RuleResult,
    unmeasured,
    worded_as,
)
from commplan.findings import Finding
from commplan.plan.plan import Plan
from commplan.policy.clause import Force
from commplan.policy.kinds import OWN_PREFIX
from commplan.policy.profile import Profile, Rule

__all__ = [
    "CHECKS",
    "Outcome",
    "RuleResult",
    "broken_must",
    "check_rules",
    "law_finding",
    "profile_findings",
    "rule_results",
]

#: The check of each rule id, for every rule of every shipped profile.
CHECKS: Mapping[str, Check] = {
    **rules_size.CHECKS,
    **rules_rooms.CHECKS,
    **rules_staff.CHECKS,
    **rules_circles.CHECKS,
}


def rule_results(
    profile: Profile, plan: Plan, circles: Circles | None, measures: Mapping[str, float]
) -> tuple[RuleResult, ...]:
    """Check every rule of the profile, in its order.

    Parameters
    ----------
    profile : Profile
    plan : Plan
    circles : Circles or None
        Without them the rules of the living circle cannot be measured.
    measures : mapping of str to float
        ``border_km`` and ``soft_border_km`` of the scorecard, and the user's own figures by rule id.

    Returns
    -------
    tuple of RuleResult
        One per rule; a rule that is met has no finding.
    """
    view = PlanView(profile, plan, circles, measures)
    return tuple(_check(view, rule) for rule in profile.rules.values())


def check_rules(
    profile: Profile, plan: Plan, circles: Circles | None, measures: Mapping[str, float]
) -> tuple[Finding, ...]:
    """Return at most one finding per rule: what is broken, what is to be told, what is not measured.

    Every finding carries ``rule``, ``force`` and ``outcome`` in its parameters and the rule's clause;
    a broken must rule is a warning, everything else a note. Parameters as in `rule_results`.
    """
    results = rule_results(profile, plan, circles, measures)
    return tuple(result.finding for result in results if result.finding is not None)


def broken_must(findings: Iterable[Finding], profile: Profile) -> tuple[Finding, ...]:
    """Return the findings of rules that the profile's document demands and the plan breaks."""
    must = {rule.rule_id for rule in profile.rules.values() if rule.force is Force.MUST}
    return tuple(
        finding
        for finding in findings
        if finding.params.get("outcome") == Outcome.BROKEN and finding.params.get("rule") in must
    )


def _check(view: PlanView, rule: Rule) -> RuleResult:
    check = CHECKS.get(rule.rule_id)
    if check is not None:
        return check(view, rule)
    if not rule.rule_id.startswith(OWN_PREFIX):
        raise LookupError(rule.rule_id)
    return worded_as(unmeasured(rule), "own")  # a rule of the user's own is left to the user
