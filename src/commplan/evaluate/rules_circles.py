"""Checks of the living circle: what each community reaches on foot."""

from collections.abc import Mapping

import numpy as np

from commplan.evaluate.rules_types import (
    Check,
    PlanView,
    RuleResult,
    broken,
    met,
    unmeasured,
    worded_as,
)
from commplan.policy.norms import choice
from commplan.policy.profile import Rule


def check_kinds(view: PlanView, rule: Rule) -> RuleResult:
    """Whether every community reaches every kind in time.

    A community counts as reaching a kind where the share ``circle_share`` of its households does
    (house choice: all of them); a kind of which the data hold no amenity is not measured.
    """
    circles = view.circles
    if circles is None:
        return unmeasured(rule)
    value = rule.value
    minutes = (
        float(value["minutes"]) if isinstance(value, dict) else choice(view.profile, "circle_min")
    )
    kinds = tuple(value["kinds"] if isinstance(value, dict) else value)
    if circles.limit_min > minutes:
        # measured with more time than the document gives: nothing can be said
        return unmeasured(rule)
    here = [kind for kind in kinds if kind in circles.shares]
    if not here:
        return unmeasured(rule)
    share = circles.shares[here].to_numpy(dtype=np.float64)
    wanted = choice(view.profile, "circle_share")
    short = (share < wanted - 1e-9).any(axis=1)  # NaN: a community without households lacks nothing
    missing = len(kinds) - len(here)
    if not short.any():
        lacking = unmeasured(rule, kinds=len(kinds), missing=missing)
        return worded_as(lacking, "circle_kinds") if missing else met(rule)
    least = float(np.nanmin(share)) if share.size and not np.isnan(share).all() else 0.0
    return broken(
        rule,
        circles.shares["community_id"].to_numpy(dtype=object)[short],
        kinds=len(kinds),
        missing=missing,
        minutes=minutes,
        least_percent=100.0 * least,
    )


def check_radius(view: PlanView, rule: Rule) -> RuleResult:
    """Whether the circles were measured with the walk that the guide names."""
    if view.circles is None or not view.circles.kinds:
        return unmeasured(rule)
    limit = view.circles.limit_min
    return (
        met(rule) if limit == float(rule.value) else broken(rule, limit=limit, minutes=rule.value)
    )


def check_rural(_view: PlanView, rule: Rule) -> RuleResult:
    """Say what is needed: units are urban, and which kinds may lack is for the user to name."""
    return unmeasured(rule, kinds=len(rule.value["kinds"]) if rule.value else 0)


CHECKS: Mapping[str, Check] = {
    "circle.urban": check_kinds,
    "circle.basic": check_kinds,
    "circle.rural": check_rural,
    "circle.radius": check_radius,
}
