"""Rooms, staff and money that follow from a development, phase by phase."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from commplan.plan.budget import development_rooms
from commplan.plan.developments import NAN, NEW, Answer, Case, DevelopmentOptions, Phase
from commplan.plan.developments_ground import Ground
from commplan.policy.norms import choice, room_need_m2, staff_range
from commplan.policy.profile import Profile

ROUNDING_M2 = 1e-6


@dataclass(frozen=True)
class Setting:
    """What all developments have in common: ground, document, bounds, and the user's figures."""

    ground: Ground
    profile: Profile
    low: int
    high: int
    options: DevelopmentOptions


@dataclass(frozen=True)
class Holder:
    """A community as it is when a phase is let.

    Parameters
    ----------
    community : int
        A number, `NEW` or `NOBODY`.
    households : int
    people : float
        NaN where not known.
    """

    community: int
    households: int
    people: float


@dataclass(frozen=True)
class PhaseRooms:
    """Rooms of the community that holds a development, when one of its phases is let.

    Parameters
    ----------
    phase : Phase
    holder : Holder
    need_m2 : float
        Of the community then.
    stands_m2 : float
        What it has, the development's own rooms apart; NaN where not known.
    due_m2 : float
        What the development has to provide by then.
    place : str
        ``own`` rooms, a ``room`` that stands, or ``none`` that suffices.
    room : int
        Number of the room that stands; -1.
    minutes : float
        Walk from the main entrance to it.
    workers : float
        Least workers of the community.
    """

    phase: Phase
    holder: Holder
    need_m2: float
    stands_m2: float
    due_m2: float
    place: str
    room: int
    minutes: float
    workers: float


def gone(case: Case, setting: Setting, community: int) -> int:
    """Households of a community that leave, because they live where it is built."""
    ground = setting.ground
    if setting.options.households_there == "stay":
        return 0
    return int(sum(ground.households[u] for u in case.there if ground.today[u] == community))


def size_with(case: Case, setting: Setting, community: int, households: int) -> int:
    """Households of today's community with what is let before and ``households`` of this one."""
    before = int(setting.ground.size[community]) - gone(case, setting, community)
    return before + case.loads.get(community, 0) + households


def holder_at(case: Case, setting: Setting, answer: Answer, place: int) -> Holder:
    """Return the community that holds the development when phase ``place`` (from 0) is let."""
    development, community = case.development, answer.holders[place]
    total, whole = development.phases[place].total, development.households
    people = development.people(total)
    kind = "" if answer.way is None else answer.way.kind
    redrawn = answer.redrawn
    redrawing = answer.way is not None and kind == "redraw" and place + 1 >= answer.way.phase
    if redrawing and redrawn is not None and community == redrawn.community:
        households = redrawn.sizes[community] - whole + total
        mean = mean_people(setting.ground, community)
        return Holder(community, households, people + (households - total) * mean)
    if community == NEW:
        own = development.development_id
        others = [m for m in case.together if m.development_id != own and kind == "together"]
        people += sum(member.population for member in others)
        return Holder(NEW, total + sum(member.households for member in others), people)
    if community < 0:
        return Holder(community, total, people)
    households = size_with(case, setting, community, total)
    mean = mean_people(setting.ground, community)
    return Holder(community, households, people + (households - total) * mean)


def mean_people(ground: Ground, community: int) -> float:
    """Return the people to a household of today's community; of all where it has none or is new."""
    size, people = ground.size, ground.people
    if community >= 0 and size[community]:
        return float(people[community] / size[community])
    whole = float(ground.households.sum())
    return float(ground.population.sum() / whole) if whole else NAN


def phase_rooms(case: Case, setting: Setting, answer: Answer) -> list[PhaseRooms]:
    """Work out rooms phase by phase: what is needed, what stands, what is due, and where one goes."""
    kind = threshold_duty(case, setting.profile)[0]
    rows = [_phase_row(case, setting, answer, place, kind) for place in range(len(answer.holders))]
    return [_placed(case, setting, row) for row in rows]


def threshold_duty(case: Case, profile: Profile) -> tuple[str, float]:
    """Tell what a document with a threshold of floor area asks of a development.

    Returns
    -------
    kind : str
        ``provide``, ``pay``, ``unknown`` without a floor area; "" where there is no threshold.
    levy_m2 : float
        The share of the floor area that is paid for; NaN where nothing is.
    """
    one = case.development
    table = development_rooms(
        pd.DataFrame(
            {
                "development_id": [one.development_id],
                "households": [one.households],
                "floor_area_m2": [one.floor_area_m2],
                "population": [one.population],
            }
        ),
        profile,
    )
    if table.empty:
        return "", NAN
    return str(table["duty"].iloc[0]), float(table["levy_m2"].iloc[0])


def _phase_row(case: Case, setting: Setting, answer: Answer, place: int, kind: str) -> PhaseRooms:
    profile, ground = setting.profile, setting.ground
    holder, phase = holder_at(case, setting, answer, place), case.development.phases[place]
    need = _need(profile, holder.households, holder.people)
    stands = float(ground.room_m2[holder.community]) if holder.community >= 0 else 0.0
    outsiders = outsiders_of(ground, holder)
    workers = float(staff_range(profile, holder.households, holder.people, outsiders)[0])
    due = _due_m2(case, setting, answer, (place, holder, need), kind)
    return PhaseRooms(phase, holder, need, stands, due, "none", -1, NAN, workers)


def _due_m2(
    case: Case, setting: Setting, answer: Answer, now: tuple[int, Holder, float], kind: str
) -> float:
    """Work out the rooms that the development has to provide by a phase.

    By a threshold of floor area, those of its own residents. Else, in a new community, its part of
    what that needs; in one that stands, what it adds to the need beyond the rooms that stand.
    Nothing is due before the way begins that is proposed.
    """
    place, holder, need = now
    profile, total = setting.profile, case.development.phases[place].total
    if kind:
        own = _need(profile, total, case.development.people(total))
        return own if kind == "provide" else NAN if kind == "unknown" else 0.0
    if answer.way is not None and place + 1 < answer.way.phase:
        return 0.0
    if holder.community < 0:
        return _share(answer, holder, total) * need
    stands = float(setting.ground.room_m2[holder.community])
    more = need - float(np.fmax(_need_before(case, setting, holder.community), stands))
    return more if math.isnan(more) else max(0.0, more)


def _share(answer: Answer, holder: Holder, total: int) -> float:
    """Part of a new community's rooms that falls to this development: its part of households."""
    alone = answer.way is None or answer.way.kind in {"new", "move", "stay"}
    return 1.0 if alone or not holder.households else total / holder.households


def _need(profile: Profile, households: int, people: float) -> float:
    return float(room_need_m2(profile, float(households), people))


def _need_before(case: Case, setting: Setting, community: int) -> float:
    """Rooms that a community needs without this development."""
    households = size_with(case, setting, community, 0)
    people = households * mean_people(setting.ground, community)
    return _need(setting.profile, households, people)


def outsiders_of(ground: Ground, holder: Holder) -> float | None:
    """Return the floating population of today's community; None where not known."""
    known = ground.outsiders[holder.community] if holder.community >= 0 else NAN
    return None if math.isnan(known) else float(known)


def _placed(case: Case, setting: Setting, row: PhaseRooms) -> PhaseRooms:
    """Say where people go when the phase is let: to their own rooms, or to one that stands."""
    ground = setting.ground
    if row.due_m2 > ROUNDING_M2:
        return replace(row, place="own", minutes=0.0)
    community = row.holder.community
    lacking = row.need_m2 - row.stands_m2
    at_home = [(m, i) for i, m in case.rooms if ground.rooms.community[i] == community]
    if community >= 0 and at_home and not lacking > ROUNDING_M2:
        minutes, room = min(at_home)
        return replace(row, place="room", room=room, minutes=minutes)
    limit = choice(setting.profile, "room_min")
    for minutes, room in sorted((m, i) for i, m in case.rooms if m <= limit):
        if _spare_m2(setting, int(ground.rooms.community[room])) >= _wanted_m2(case, setting, row):
            return replace(row, place="room", room=room, minutes=minutes)
    return row


def _wanted_m2(case: Case, setting: Setting, row: PhaseRooms) -> float:
    """Room that the people let so far need by themselves, in proportion, without any least size."""
    rule = setting.profile.get("room.per_100_households")
    if rule is not None and rule.value is not None and "min" in rule.value:
        return float(rule.value["min"]) * row.phase.total / 100.0
    per_people = setting.profile.get("room.per_100_people")
    if per_people is not None and per_people.value is not None:
        return float(per_people.value) * case.development.people(row.phase.total) / 100.0
    return 0.0


def _spare_m2(setting: Setting, community: int) -> float:
    """Floor that a community has beyond what it needs itself; NaN where not known."""
    ground = setting.ground
    if community < 0:
        return NAN
    need = _need(setting.profile, int(ground.size[community]), float(ground.people[community]))
    return float(ground.room_m2[community]) - need
