"""Checks of size, boundaries, cover and villages."""

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
from commplan.policy.profile import Rule


def check_households(view: PlanView, rule: Rule) -> RuleResult:
    """Households of each community within the bounds, inclusive; today's are counted beside."""
    least, most = span_ends(rule)
    off = outside(view.of_communities("households"), least, most)
    today = int(outside(numbers(view.plan.today, "households"), least, most).sum())
    if not off.any():
        return met(rule)
    excepted = off & _holds_exception(view)
    return broken(
        rule,
        view.ids[off],
        min=int(least),
        max=int(most),
        today=today,
        excepted=int(excepted.sum()),
    )


def _holds_exception(view: PlanView) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which communities hold a unit that the scenario excepts."""
    found = np.zeros(len(view.plan.communities), dtype=bool)
    units = view.plan.territory.units
    if units is not None and view.plan.exceptions:
        excepted = units["unit_id"].isin(list(view.plan.exceptions)).to_numpy()
        rows = view.plan.community_of[excepted]
        found[rows[rows >= 0]] = True
    return found


def check_target(column: str) -> Check:
    """Make the check of an "about": without a tolerance in the document, the spread is reported."""

    def check(view: PlanView, rule: Rule) -> RuleResult:
        values = view.of_communities(column)
        values = values[~np.isnan(values)]
        if not values.size:
            return unmeasured(rule)
        return reported(
            rule,
            target=float(rule.value),
            least=float(values.min()),
            middle=float(np.median(values)),
            most=float(values.max()),
        )

    return check


def check_shape(view: PlanView, rule: Rule) -> RuleResult:
    """How balanced households and areas are: coefficients of variation, plan against today."""
    plan, today = view.plan.communities, view.plan.today
    return reported(
        rule,
        households_cv=_variation(numbers(plan, "households")),
        households_cv_today=_variation(numbers(today, "households")),
        area_cv=_variation(numbers(plan, "area_m2")),
        area_cv_today=_variation(numbers(today, "area_m2")),
    )


def _variation(values: Floats) -> float:
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if known.size else 0.0
    return float(known.std() / mean) if mean else 0.0


def check_natural(view: PlanView, rule: Rule) -> RuleResult:
    """Share of the borders between communities that lies on roads, rivers and the like."""
    border, soft = view.measures.get("border_km"), view.measures.get("soft_border_km")
    if view.plan.territory.barriers is None or border is None or soft is None:
        return unmeasured(rule)
    share = 1.0 if border == 0 else 1.0 - soft / border
    return reported(rule, percent=100.0 * share, border_km=float(border))


def changed_communities(view: PlanView) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the plan's communities are not exactly one of today's."""
    plan = view.plan
    count = len(plan.communities)
    new, old = plan.community_of, plan.today_of
    successor = np.append(plan.successor_of, -2)  # -1, a unit in no community, reads the -2
    came = successor[new] != old
    # a unit that came from elsewhere changes the community it came to, ...
    changed = np.bincount(new[came & (new >= 0)], minlength=count).astype(bool)
    # ... and the one whose predecessor it left
    left = np.isin(plan.successor_of, old[came & (old >= 0)])
    return np.asarray((plan.successor_of < 0) | changed | left)


def check_changed(view: PlanView, rule: Rule) -> RuleResult:
    """List the communities that the plan changes: the procedure is for people to keep."""
    changed = changed_communities(view)
    if not changed.any():
        return met(rule)
    return reported(rule, view.ids[changed], total=len(changed))


def check_left(view: PlanView, rule: Rule) -> RuleResult:
    """Residential areas (居民区) that stay outside the plan, and so stay what they are."""
    layer = view.plan.territory.communities
    if layer is None or not has_any(layer, "kind"):
        return unmeasured(rule)
    areas = layer.loc[layer["kind"] == "residential_area", "community_id"]
    left = areas[~areas.isin(view.plan.today["community_id"])]
    if len(left) <= float(rule.value or 0):
        return met(rule)
    return broken(rule, left, today=len(areas))


def check_converted(view: PlanView, rule: Rule) -> RuleResult:
    """Villages that the plan turns into communities, because their ground is part of it."""
    layer = view.plan.territory.communities
    if layer is None or not has_any(layer, "kind"):
        return unmeasured(rule)
    villages = layer.loc[layer["kind"] == "village", "community_id"]
    turned = villages[villages.isin(view.plan.today["community_id"])]
    return reported(rule, turned) if len(turned) else met(rule)


def check_cover(view: PlanView, rule: Rule) -> RuleResult:
    """Find populated units outside every community of the plan; today's are counted beside."""
    units = view.plan.territory.units
    if units is None:
        return unmeasured(rule)
    people = numbers(units, "households") + np.nan_to_num(numbers(units, "population"))
    out = (view.plan.community_of < 0) & (people > 0)
    today = int(((view.plan.today_of < 0) & (people > 0)).sum())
    return broken(rule, units["unit_id"][out], today=today) if out.any() else met(rule)


def check_village_size(view: PlanView, rule: Rule) -> RuleResult:
    """Villages of so many people or fewer: the ones that the document wants merged."""
    villages = view.plan.territory.villages
    if not has_any(villages, "population") or villages is None:
        return unmeasured(rule)
    most = span_ends(rule)[1]
    small = numbers(villages, "population") <= most
    if not small.any():
        return met(rule)
    return broken(rule, villages["village_id"][small], max=int(most), total=len(villages))


def check_floating(view: PlanView, rule: Rule) -> RuleResult:
    """Villages with so many outsiders: each needs its association (和谐促进会).

    The document names suburban villages, villages in the city and villages beside a town. The first
    and last lie in the layer of villages, if anywhere, and not all villages need be in a layer:
    unless every village that can be seen gives its outsiders, the rule is never called met.
    """
    least = span_ends(rule)[0]
    units, villages = view.plan.territory.units, view.plan.territory.villages
    seen = [(villages, "village_id")]
    if units is not None and has_any(units, "kind"):
        in_city = (units["kind"] == "urban_village").to_numpy(dtype=bool, na_value=False)
        seen.append((units[in_city], "unit_id"))
    known = has_any(units, "kind") and has_any(units, "floating_population")
    if not known and not has_any(villages, "floating_population"):
        return unmeasured(rule)
    needy: list[object] = []
    unknown = 0
    for table, id_column in seen:
        outsiders = numbers(table, "floating_population")
        unknown += int(np.isnan(outsiders).sum())
        if table is not None:
            needy += table[id_column].to_numpy(dtype=object)[outsiders >= least].tolist()
    if not unknown and villages is not None:
        return reported(rule, needy, min=int(least)) if needy else met(rule)
    result = reported(rule, needy, min=int(least), unknown=unknown)
    return worded_as(result, "floating_some" if needy else "floating_none")


CHECKS: Mapping[str, Check] = {
    "size.households": check_households,
    "size.households_target": check_target("households"),
    "size.population_target": check_target("population"),
    "size.shape": check_shape,
    "boundary.natural": check_natural,
    "adjust.stepwise": check_changed,
    "procedure.change": check_changed,
    "convert.jumin_qu": check_left,
    "convert.village": check_converted,
    "cover.everyone": check_cover,
    "village.merge_general": check_village_size,
    "village.merge_first": check_village_size,
    "platform.floating": check_floating,
}
