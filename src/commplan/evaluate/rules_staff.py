"""Checks of people and money: workers by size, posts and working money of each community."""

from collections.abc import Mapping

import numpy as np

from commplan.evaluate.rules_types import (
    Check,
    Floats,
    PlanView,
    RuleResult,
    broken,
    has_any,
    met,
    numbers,
    outside,
    reported,
    unmeasured,
    worded_as,
)
from commplan.plan.staffing import span_ends
from commplan.policy.norms import rule_staff_range, staff_extra
from commplan.policy.profile import Rule


def staff_today(view: PlanView) -> Floats | None:
    """Workers that each community of the plan takes over from the one it succeeds.

    Returns
    -------
    float64 array, shape (communities,), or None
        NaN for new communities and where today's staff is not given; None where none is.
    """
    layer = view.plan.territory.communities
    if layer is None or not has_any(layer, "staff"):
        return None
    by_id = dict(zip(layer["community_id"], numbers(layer, "staff"), strict=True))
    today = [by_id.get(one, np.nan) for one in view.plan.today["community_id"]]
    # -1 (a new community) reads the NaN appended at the end
    return np.asarray([*today, np.nan])[view.plan.successor_of]


def check_workers(view: PlanView, rule: Rule) -> RuleResult:
    """Workers of each community against this rule, at the size that the plan gives it."""
    households = view.of_communities("households")
    floating = view.summed("floating_population")
    least, most = rule_staff_range(rule, households, view.of_communities("population"), floating)
    if rule.rule_id == "staff.band2":
        most = most + staff_extra(view.profile, households, floating)
    concerned = ~np.isnan(least)
    if not concerned.any():
        return met(rule)
    staff = staff_today(view)
    known = (
        concerned & ~np.isnan(staff) if staff is not None else np.zeros(concerned.shape, dtype=bool)
    )
    end = _band_end(rule)
    need = unmeasured(
        rule, households=end, least=int(np.nansum(least)), concerned=int(concerned.sum())
    )
    if staff is None or not known.any():
        return need
    few = known & (staff < least)
    many = known & (staff > np.where(np.isnan(most), np.inf, most))
    off = few | many
    if not off.any():
        return met(rule) if known.sum() == concerned.sum() else need
    missing = float(np.nansum(np.where(few, least - staff, 0)))
    return broken(
        rule,
        view.ids[off],
        households=end,
        few=int(few.sum()),
        many=int(many.sum()),
        missing=int(missing),
        unknown=int((concerned & ~known).sum()),
    )


def _band_end(rule: Rule) -> int:
    """Return the number of households where a band ends or begins; 0 for rules without bands."""
    if not isinstance(rule.value, dict):
        return 0
    ends = rule.value.get("households", {})
    return int(ends.get("max" if rule.rule_id == "staff.band1" else "min", 0))


def check_approval(view: PlanView, rule: Rule) -> RuleResult:
    """Communities large enough for more workers, if the county approves them."""
    households = view.of_communities("households")
    extra = staff_extra(view.profile, households, view.summed("floating_population"))
    may = extra > 0
    return reported(rule, view.ids[may], most=int(extra[may].sum())) if may.any() else met(rule)


def check_posts(view: PlanView, rule: Rule) -> RuleResult:
    """Count the posts or the money that the plan's communities need; no layer says what there is."""
    if rule.rule_id in view.measures:
        return check_own_number(view, rule)
    count = len(view.ids)
    ends = (0.0, 0.0) if rule.value is None else span_ends(rule)
    least, most = (0 if np.isnan(end) else round(end * count) for end in ends)
    return unmeasured(rule, communities=count, least=least, most=most)


def check_village_posts(view: PlanView, rule: Rule) -> RuleResult:
    """Count the posts that the villages need."""
    villages = view.plan.territory.villages
    count = 0 if villages is None else len(villages)
    each = 0.0 if rule.value is None else span_ends(rule)[0]
    return unmeasured(rule, villages=count, least=round(each * count))


def check_people_money(view: PlanView, rule: Rule) -> RuleResult:
    """Money by people needs an amount from the user, and the people."""
    people = float(np.nansum(view.of_communities("population")))
    if rule.value is None or people == 0:
        return unmeasured(rule)
    return reported(rule, yuan=people * float(rule.value))


def check_own_number(view: PlanView, rule: Rule) -> RuleResult:
    """Judge a figure that only the user can give, by rule id in the measures, or say what is needed."""
    own = view.measures.get(rule.rule_id)
    if own is None or not isinstance(rule.value, dict | int | float):
        return unmeasured(rule)
    if isinstance(rule.value, dict) and not rule.value.keys() <= {"min", "max"}:
        return unmeasured(rule)
    if _off(own, rule):
        return worded_as(broken(rule, value=float(own)), "figure")
    return met(rule)


def _off(value: float, rule: Rule) -> bool:
    """Whether one figure lies outside the rule; a plain number is the least."""
    least, most = span_ends(rule)
    if not isinstance(rule.value, dict):
        most = np.nan
    return bool(outside(np.asarray([value], dtype=np.float64), least, most)[0])


#: Rules about things that no layer holds: measured only by a figure of the user's own.
RECORDS = (
    "boundary.identity",
    "committee.residents",
    "room.office_cadre",
    "room.programme",
    "room.standard",
    "room.layout_plan",
    "room.functions",
    "org.urban",
    "org.rural",
    "org.province",
    "org.pilot",
    "org.other",
    "org.2018",
    "pay.ratio",
    "pay.start",
    "pay.secretary",
    "fund.growth",
    "fund.project_share",
    "rollout.rural",
    "rollout.goal",
    "rollout.villages",
    "survey.sample",
    "platform.information",
    "featured",
    "pilot.compounds",
    "facility.kinds",
    "volunteers",
    "social_work.station",
    "grid",
    "score.awareness",
    "score.satisfaction",
    "score.weights",
    "score.items",
    "score.grades",
    "score.pass",
    "score.bands",
    "score.projects",
    "procedure.village_change",
)

CHECKS: Mapping[str, Check] = {
    "staff.floor": check_workers,
    "staff.band1": check_workers,
    "staff.band2": check_workers,
    "staff.band3": check_approval,
    "staff.per_households": check_workers,
    "staff.party_worker": check_posts,
    "window.count": check_posts,
    "police.urban": check_posts,
    "legal.adviser": check_posts,
    "fund.working": check_posts,
    "fund.street": check_posts,
    "police.rural": check_village_posts,
    "fund.population": check_people_money,
    **dict.fromkeys(RECORDS, check_own_number),
}
