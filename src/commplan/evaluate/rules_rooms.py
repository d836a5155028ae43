"""Checks of rooms: their size, place and ways, and what developments owe."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commplan.evaluate.rules_types import (
    Check,
    Floats,
    PlanView,
    RuleResult,
    broken,
    has_any,
    met,
    numbers,
    reported,
    unmeasured,
)
from commplan.plan.budget import development_rooms
from commplan.policy.norms import room_need_m2, rule_room_need_m2
from commplan.policy.profile import Rule

#: Square metres below which a difference is rounding, not a shortage.
_ROUNDING_M2 = 1e-6


def room_floor_m2(view: PlanView) -> Floats | None:
    """Sum the floor area that each community has in the plan; None without rooms.

    Returns
    -------
    float64 array, shape (communities,)
        0 where a community has no room, NaN where a site that serves it gives no area.
    """
    if view.plan.rooms is None:
        return None
    rooms = view.plan.rooms.rooms
    sited = rooms["site_id"].notna().to_numpy()
    floor = np.where(sited, numbers(rooms, "floor_m2"), 0.0)
    # plain numpy sums, for a NaN has to go through
    row = pd.Index(view.ids).get_indexer(pd.Index(rooms["community_id"]))
    known = row >= 0
    summed = np.zeros(len(view.ids), dtype=np.float64)
    np.add.at(summed, row[known], floor[known])
    return summed


def _judge_size(view: PlanView, rule: Rule, need: Floats) -> RuleResult:
    floor = room_floor_m2(view)
    if floor is None:
        return unmeasured(rule, missing=len(view.ids))
    short = np.where(np.isnan(need), np.nan, need) - floor
    off = short > _ROUNDING_M2
    unknown = np.isnan(short)
    if off.any():
        return broken(
            rule, view.ids[off], short_m2=float(short[off].sum()), unknown=int(unknown.sum())
        )
    return (
        unmeasured(rule, view.ids[unknown], missing=int(unknown.sum()))
        if unknown.any()
        else met(rule)
    )


def check_size(view: PlanView, rule: Rule) -> RuleResult:
    """Rooms at least as large as this one rule asks."""
    need = rule_room_need_m2(
        rule, view.of_communities("households"), view.of_communities("population")
    )
    return (
        unmeasured(rule, missing=len(view.ids)) if need is None else _judge_size(view, rule, need)
    )


def check_uplift(view: PlanView, rule: Rule) -> RuleResult:
    """More room where there is much commerce, once the user has said how much more, and from where."""
    commerce = view.summed("commercial_floor_m2")
    if rule.value is None or np.isnan(commerce).all():
        return unmeasured(rule, missing=len(view.ids))
    hh, people = view.of_communities("households"), view.of_communities("population")
    need = room_need_m2(view.profile, hh, people, commerce)
    concerned = commerce >= float(rule.value["from_m2"])
    return _judge_size(view, rule, np.where(concerned, need, 0.0))


def check_one_place(view: PlanView, rule: Rule) -> RuleResult:
    """All rooms of a community at one site."""
    if view.plan.rooms is None:
        return unmeasured(rule)
    rooms = view.plan.rooms.rooms
    sites = rooms.dropna(subset=["site_id"]).groupby("community_id")["site_id"].nunique()
    several = sites.index[sites > 1]
    return broken(rule, several) if len(several) else met(rule)


def _site_flags(view: PlanView, columns: tuple[str, ...]) -> pd.DataFrame | None:
    """Look up the sites that the plan uses: site_id and the columns, null where unknown."""
    sites = view.plan.territory.sites
    if view.plan.rooms is None or sites is None or not all(has_any(sites, c) for c in columns):
        return None
    used = view.plan.rooms.rooms["site_id"].dropna().unique()
    return pd.DataFrame(sites.loc[sites["site_id"].isin(used), ["site_id", *columns]])


def check_flags(*columns: str) -> Check:
    """Make the check that every site used has these flags."""

    def check(view: PlanView, rule: Rule) -> RuleResult:
        flags = _site_flags(view, columns)
        if flags is None or flags.empty:
            return unmeasured(rule)
        values = flags[list(columns)].astype("boolean")
        wrong = (values == False).any(axis=1).fillna(value=False)  # noqa: E712 - null is not False
        unknown = values.isna().any(axis=1) & ~wrong
        if wrong.any():
            return broken(rule, flags["site_id"][wrong], unknown=int(unknown.sum()))
        if unknown.any():
            return unmeasured(rule, flags["site_id"][unknown])
        return met(rule)

    return check


def check_ways(view: PlanView, rule: Rule) -> RuleResult:
    """Rooms come by ways that the document names; new ones only, a room that stands has come."""
    if view.plan.rooms is None or not rule.value:
        return unmeasured(rule)
    rooms = view.plan.rooms.rooms
    wanted = rooms[rooms["site_id"].notna() & ~rooms["action"].isin(["keep", "extend", "none"])]
    other = wanted[wanted["way"].notna() & ~wanted["way"].isin(rule.value)]
    if len(other):
        return broken(rule, sorted(set(other["site_id"])))
    if wanted["way"].isna().any():
        return unmeasured(rule, sorted(set(wanted.loc[wanted["way"].isna(), "site_id"])))
    return met(rule)


def check_short(view: PlanView, rule: Rule) -> RuleResult:
    """Communities short of rooms, for which the county level has to look for ways."""
    floor = room_floor_m2(view)
    need = room_need_m2(
        view.profile, view.of_communities("households"), view.of_communities("population")
    )
    if floor is None or np.isnan(need).all():
        return unmeasured(rule)
    short = need - floor > _ROUNDING_M2
    total = float((need - floor)[short].sum())
    return reported(rule, view.ids[short], short_m2=total) if short.any() else met(rule)


def check_developments(view: PlanView, rule: Rule) -> RuleResult:
    """Developments whose rooms have to be planned or approved before they are built."""
    developments = view.plan.territory.developments
    if developments is None:
        return unmeasured(rule)
    ids = developments["development_id"]
    return reported(rule, ids) if len(ids) else met(rule)


def check_threshold(view: PlanView, rule: Rule) -> RuleResult:
    """Developments large enough to provide their rooms themselves."""
    return _duties(view, rule, "provide", "room_m2")


def check_in_lieu(view: PlanView, rule: Rule) -> RuleResult:
    """Smaller developments, which pay: the 3‰ in square metres, in yuan once the price is given."""
    return _duties(view, rule, "pay", "levy_m2")


def _duties(view: PlanView, rule: Rule, duty: str, column: str) -> RuleResult:
    table = view.plan.territory.developments
    if table is None:
        return unmeasured(rule)
    rooms = development_rooms(table, view.profile)
    if len(table) and not (rooms["duty"] != "unknown").any():
        return unmeasured(rule, rooms["development_id"])
    with_duty = rooms[rooms["duty"] == duty]
    if with_duty.empty:
        return met(rule)
    return reported(
        rule,
        with_duty["development_id"],
        m2=float(with_duty[column].sum()),
        unknown=int((rooms["duty"] == "unknown").sum()),
    )


CHECKS: Mapping[str, Check] = {
    "room.per_100_households": check_size,
    "room.per_100_people": check_size,
    "room.minimum": check_size,
    "room.commercial_uplift": check_uplift,
    "room.one_place": check_one_place,
    "room.ground_floor": check_flags("ground_floor"),
    "room.site": check_flags("ground_floor", "beside_entrance"),
    "room.ways": check_ways,
    "room.old_city": check_short,
    "room.new_upfront": check_developments,
    "dev.threshold": check_threshold,
    "dev.in_lieu": check_in_lieu,
    "dev.prior_approval": check_developments,
}
