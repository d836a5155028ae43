"""What a development owes: rooms or money in their place, and the staff and money that follow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from commplan.plan.budget import working_money
from commplan.plan.developments import NAN, Case, DevelopmentOptions
from commplan.plan.developments_rooms import (
    ROUNDING_M2,
    PhaseRooms,
    Setting,
    mean_people,
    outsiders_of,
    size_with,
    threshold_duty,
)
from commplan.policy.norms import ROOM_SIZE_RULES, staff_range
from commplan.policy.profile import Profile


@dataclass(frozen=True)
class Duty:
    """What a development owes.

    Parameters
    ----------
    kind : str
        ``provide``, ``pay``, ``none``, or ``unknown`` where a figure is missing.
    room_m2 : float
        Rooms that it provides, once all is let.
    from_phase : int
        With which they have to stand; 0 for none.
    levy_m2, levy_yuan : float
        The money in lieu: the share of its floor area, and what that costs at the user's price.
    cost_yuan : float
        Of the rooms at the user's price.
    workers, workers_yuan : float
        Workers that come on top, and their pay at the user's price.
    money_yuan : float
        Working money that comes on top, per year.
    rules : tuple of str
        Ids of the rules that decide.
    """

    kind: str
    room_m2: float
    from_phase: int
    levy_m2: float
    levy_yuan: float
    cost_yuan: float
    workers: float
    workers_yuan: float
    money_yuan: float
    rules: tuple[str, ...]


def duty_of(case: Case, setting: Setting, rows: Sequence[PhaseRooms]) -> Duty:
    """Sum up what a development owes, and what it costs in staff and money."""
    profile, options = setting.profile, setting.options
    kind, levy_m2 = threshold_duty(case, profile)
    last, levy_yuan = rows[-1], NAN
    rules = [rule for rule in ROOM_SIZE_RULES if profile.get(rule) is not None]
    if kind:
        rules = ["dev.in_lieu"] if kind == "pay" else ["dev.threshold", *rules]
        levy_yuan = levy_m2 * _levy_price(profile, options)
    else:
        kind = "unknown" if math.isnan(last.due_m2) else "none"
        kind = "provide" if last.due_m2 > ROUNDING_M2 else kind
    room_m2 = last.due_m2 if kind == "provide" else 0.0 if kind != "unknown" else NAN
    with_rooms = [row.phase.number for row in rows if row.due_m2 > ROUNDING_M2]
    workers, money = _added(case, setting, last)
    return Duty(
        kind=kind,
        room_m2=room_m2,
        from_phase=with_rooms[0] if with_rooms and kind == "provide" else 0,
        levy_m2=levy_m2,
        levy_yuan=levy_yuan,
        cost_yuan=room_m2 * _price(options.room_yuan_per_m2) if kind == "provide" else NAN,
        workers=workers,
        workers_yuan=workers * _price(options.worker_yuan_per_year),
        money_yuan=money,
        rules=tuple(rules),
    )


def _levy_price(profile: Profile, options: DevelopmentOptions) -> float:
    rule = profile.get("dev.in_lieu")
    own = NAN if rule is None or rule.value is None else rule.value.get("yuan_per_m2", NAN)
    price = options.in_lieu_yuan_per_m2
    return float(own) if price is None else price


def _price(price: float | None) -> float:
    return NAN if price is None else price


def _added(case: Case, setting: Setting, last: PhaseRooms) -> tuple[float, float]:
    """Workers and yearly money that come on top of what the community has without it."""
    ground, profile, holder = setting.ground, setting.profile, last.holder
    money = _money(profile, holder.households, holder.people)
    if holder.community < 0:
        return last.workers, money
    households = size_with(case, setting, holder.community, 0)
    people = households * mean_people(ground, holder.community)
    before = staff_range(profile, households, people, outsiders_of(ground, holder))[0]
    return max(0.0, last.workers - float(before)), money - _money(profile, households, people)


def _money(profile: Profile, households: int, people: float) -> float:
    """Working money of one community per year; NaN where the profile has no rule of it."""
    table = working_money(
        pd.DataFrame({"community_id": [""], "households": [households], "population": [people]}),
        profile,
    )
    return float(table["yuan_per_year"].sum(skipna=False)) if len(table) else NAN
