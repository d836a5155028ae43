"""What is noticed about a development: who is over the bounds, what lacks, what the user must state."""

import math
from collections.abc import Iterator

from commplan.evaluate.developments import split_by_phases
from commplan.findings import Finding, Severity
from commplan.plan.developments import NEW, Answer, Case
from commplan.plan.developments_duty import Duty
from commplan.plan.developments_rooms import ROUNDING_M2, PhaseRooms, Setting, size_with
from commplan.policy.norms import ROOM_SIZE_RULES, choice, circle_clause, circle_kinds

SIZE = "size.households"
HOUSE = "house choice"


def development_findings(
    case: Case, setting: Setting, answer: Answer, rows: list[PhaseRooms], duty: Duty
) -> tuple[Finding, ...]:
    """Note everything that somebody should know about one development.

    Returns
    -------
    tuple of Finding
        Their ids are the development's.
    """
    found = [
        *_place(case, setting),
        *_size(case, setting, answer, rows),
        *_rooms(case, setting, rows, duty),
        *_prices(case, setting, duty),
        *_amenities(case, setting),
    ]
    return tuple(found)


def _finding(
    case: Case, code: str, severity: Severity, clause: str | None = None, **params: object
) -> Finding:
    own = (case.development.development_id,)
    return Finding(f"developments.{code}", severity, params, own, "developments", None, clause)


def _place(case: Case, setting: Setting) -> Iterator[Finding]:
    development, options = case.development, setting.options
    if case.unit < 0:
        yield _finding(case, "nowhere", Severity.WARNING, HOUSE, metres=options.reach_m)
        return
    if case.community < 0:
        yield _finding(case, "no_community", Severity.WARNING)
    if development.is_point:
        yield _finding(case, "point", Severity.NOTE, HOUSE)
    if development.divided:
        phases = len(development.phases)
        yield _finding(case, "divided", Severity.NOTE, HOUSE, phases=phases)
    there = int(sum(setting.ground.households[u] for u in case.there))
    if there:
        key = "there_leave" if options.households_there == "leave" else "there_stay"
        units = len(case.there)
        yield _finding(case, key, Severity.WARNING, HOUSE, households=there, units=units)


def _size(
    case: Case, setting: Setting, answer: Answer, rows: list[PhaseRooms]
) -> Iterator[Finding]:
    clause = setting.profile.clause(SIZE)
    bounds = {"min": setting.low, "max": setting.high}
    development, way = case.development, answer.way
    if way is not None:
        community = setting.ground.names[way.community] if way.community >= 0 else ""
        params = {"community": community, "size": way.households, "phase": way.phase}
        yield _finding(case, f"proposed_{way.kind}", Severity.NOTE, clause, **params)
    if development.households > setting.high:
        yield from _too_large(case, setting, clause)
    if way is None and case.unit >= 0:
        yield _finding(case, "none", Severity.WARNING, clause, **bounds)
    if way is not None and way.kind in {"stay", "move"} and way.households < setting.low:
        yield _finding(case, "below", Severity.NOTE, clause, size=way.households, **bounds)
    if way is not None and way.kind == "redraw" and way.why == "redraw_found":
        yield _finding(case, "not_proven", Severity.WARNING)
    over = [r for r in rows if r.holder.community >= 0 and r.holder.households > setting.high]
    if over and way is not None:
        phases, most = len(over), max(r.holder.households for r in over)
        params = {"phases": phases, "size": most, **bounds}
        yield _finding(case, "over_meanwhile", Severity.WARNING, clause, **params)
    if case.also and case.community >= 0:
        size = size_with(case, setting, case.community, development.households)
        size += case.also - case.loads.get(case.community, 0)
        severity = Severity.WARNING if size > setting.high else Severity.NOTE
        yield _finding(case, "also", severity, clause, also=case.also, size=size, **bounds)


def _too_large(case: Case, setting: Setting, clause: str | None) -> Iterator[Finding]:
    households, phases = case.development.households, case.development.phases
    least, most = -(-households // setting.high), households // max(setting.low, 1)
    params = {
        "households": households, "over": households - setting.high, "max": setting.high,
        "min": setting.low, "least": least, "most": most,
    }  # fmt: skip
    code = "too_large" if least <= most else "too_large_for_any"
    yield _finding(case, code, Severity.WARNING, clause, **params)
    parts = split_by_phases(phases, setting.low, setting.high)
    if parts:
        words = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in parts)
        yield _finding(case, "split", Severity.NOTE, clause, parts=words, communities=len(parts))


def _rooms(case: Case, setting: Setting, rows: list[PhaseRooms], duty: Duty) -> Iterator[Finding]:
    profile, last = setting.profile, rows[-1]
    threshold = profile.get("dev.threshold") is not None
    clause = next((profile.clause(rule) for rule in ROOM_SIZE_RULES if profile.get(rule)), None)
    if case.unit < 0:
        return
    if clause is None:
        yield _finding(case, "no_room_rule", Severity.NOTE, profile=profile.name)
        return
    if duty.kind == "unknown":
        lacking = "floor_area_needed" if "dev.threshold" in duty.rules else "population_needed"
        yield _finding(case, lacking, Severity.WARNING, clause)
    elif math.isnan(last.need_m2) or (duty.kind == "provide" and math.isnan(duty.room_m2)):
        yield _finding(case, "population_needed", Severity.WARNING, clause)
    if math.isnan(last.stands_m2):
        yield _finding(case, "stands_unknown", Severity.WARNING, clause)
    elif last.need_m2 - last.stands_m2 - last.due_m2 > ROUNDING_M2 and last.holder.community >= 0:
        short = last.need_m2 - last.stands_m2 - last.due_m2
        yield _finding(case, "short_besides", Severity.NOTE, clause, short_m2=round(short, 1))
    if last.holder.community == NEW and last.need_m2 - last.due_m2 > ROUNDING_M2 and not threshold:
        need, part = round(last.need_m2, 1), round(last.due_m2, 1)
        yield _finding(case, "shared_need", Severity.NOTE, clause, need_m2=need, due_m2=part)
    in_two = duty.room_m2 > ROUNDING_M2 and last.holder.community >= 0 and last.stands_m2 > 0
    if in_two and profile.get("room.one_place") is not None:
        need, more = round(last.need_m2, 1), round(duty.room_m2, 1)
        one_place = profile.clause("room.one_place")
        yield _finding(case, "two_places", Severity.WARNING, one_place, need_m2=need, due_m2=more)
    without = [str(row.phase.number) for row in rows if row.place == "none"]
    limit = choice(profile, "room_min")
    if without:
        phases = ", ".join(without)
        yield _finding(
            case, "no_room_meanwhile", Severity.WARNING, HOUSE, phases=phases, minutes=limit
        )
    far = [row.minutes for row in rows if row.minutes > limit]
    if far:
        minutes = round(far[0], 1)
        yield _finding(case, "room_far", Severity.WARNING, HOUSE, minutes=minutes, limit=limit)


def _prices(case: Case, setting: Setting, duty: Duty) -> Iterator[Finding]:
    options, profile = setting.options, setting.profile
    if duty.kind == "pay" and math.isnan(duty.levy_yuan):
        params = {"levy_m2": round(duty.levy_m2, 1)}
        yield _finding(
            case, "price_needed", Severity.WARNING, profile.clause("dev.in_lieu"), **params
        )
    if duty.kind == "provide" and duty.room_m2 > 0 and options.room_yuan_per_m2 is None:
        yield _finding(case, "room_price_needed", Severity.NOTE)
    if duty.workers > 0 and options.worker_yuan_per_year is None:
        yield _finding(case, "worker_price_needed", Severity.NOTE)


def _amenities(case: Case, setting: Setting) -> Iterator[Finding]:
    if case.unit < 0:
        return
    profile = setting.profile
    limit, clause = choice(profile, "circle_min"), circle_clause(profile)
    kinds = circle_kinds(profile)
    absent = [kind for kind in kinds if kind not in case.amenities]
    if absent:
        yield _finding(case, "amenities_unknown", Severity.NOTE, clause, kinds=len(absent))
    for kind in kinds:
        minutes = case.amenities.get(kind, 0.0)
        if math.isinf(minutes):
            yield _finding(case, "amenity_out_of_reach", Severity.WARNING, clause, kind=kind)
        elif minutes > limit:
            params = {"kind": kind, "minutes": round(minutes, 1), "limit": limit}
            yield _finding(case, "amenity_far", Severity.WARNING, clause, **params)
