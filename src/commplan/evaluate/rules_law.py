"""What a run has to say about its profile, whatever the plan: a draft, another range than the law's."""

from datetime import UTC, date, datetime

from commplan.findings import Finding, Severity
from commplan.policy.clause import DocumentStatus
from commplan.policy.library import load_profile, profile_names
from commplan.policy.norms import household_bounds
from commplan.policy.profile import Profile

LAW = "national-2026"


def law_finding(profile: Profile, bounds: tuple[int, int] | None = None) -> Finding | None:
    """Say once that a run's range of households is not that of the law in force.

    Parameters
    ----------
    profile : Profile
    bounds : (int, int) or None
        The range that the run uses, where the scenario sets its own; the profile's by default.

    Returns
    -------
    Finding or None
        None where the range is the law's, or there is none.
    """
    law = load_profile(LAW)
    least, most = household_bounds(law) or (0, 0)
    bounds = bounds or household_bounds(profile)
    if bounds is None or bounds == (least, most):
        return None
    return Finding(
        code="rules.law",
        severity=Severity.NOTE,
        params={
            "profile": profile.name,
            "min": bounds[0],
            "max": bounds[1],
            "law_min": least,
            "law_max": most,
        },
        clause=law.clause("size.households"),
    )


def profile_findings(
    profile: Profile, on: date | None = None, bounds: tuple[int, int] | None = None
) -> tuple[Finding, ...]:
    """All that a run says about its profile: a draft, another range than the law's, passed deadlines.

    Parameters
    ----------
    profile : Profile
    on : date or None
        Day on which a deadline counts as passed; today by default.
    bounds : (int, int) or None
        As in `law_finding`.
    """
    day = on or datetime.now(tz=UTC).date()
    found: list[Finding | None] = []
    sources = {profile.name, *(rule.clause.profile for rule in profile.rules.values())}
    if profile.extends:
        sources.add(profile.extends)
    drafts = sorted(name for name in sources if _is_draft(name))
    if profile.status is DocumentStatus.DRAFT or drafts:
        shown = ", ".join(drafts) or profile.name
        found.append(Finding("rules.draft", Severity.NOTE, {"profile": shown}))
    found.append(law_finding(profile, bounds))
    passed = [
        f"{rule.rule_id} ({rule.deadline.isoformat()})"
        for rule in profile.rules.values()
        if rule.deadline and rule.deadline < day
    ]
    if passed:
        params = {"profile": profile.name}
        found.append(Finding("rules.deadlines_passed", Severity.NOTE, params, tuple(passed)))
    return tuple(finding for finding in found if finding)


def _is_draft(name: str) -> bool:
    return name in profile_names() and load_profile(name).status is DocumentStatus.DRAFT
