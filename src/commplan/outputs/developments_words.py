"""What is said about a development, sentence by sentence, for letters and page alike."""

import math
from typing import Any

from commplan.outputs.developments_report import DevelopmentReport, degrees
from commplan.outputs.sheets import Column
from commplan.outputs.words import profile_lines, word
from commplan.plan.developments import NEW, Way
from commplan.plan.developments_rooms import ROUNDING_M2, PhaseRooms
from commplan.policy.describe import clause_words
from commplan.policy.library import load_profile, profile_names
from commplan.policy.norms import choice, circle_clause, circle_kinds
from commplan.policy.profile import Rule
from commplan.texts import Texts

SIZE = "size.households"
#: What a document may say about where rooms go, and about how they come.
PLACE_RULES = ("room.site", "room.ground_floor", "room.one_place")
TIME_RULES = ("room.new_upfront", "dev.prior_approval")


def cited(clause: str, report: DevelopmentReport, texts: Texts) -> str:
    """Cite a clause for readers of a letter, who know documents by their titles.

    The document on which all stands is named once; another one with its title.
    """
    profile, (name, _, place) = report.setting.profile, clause.partition(" ")
    if name == profile.name:
        return texts("developments.clause_own", place=place)
    if name in profile_names():
        title = load_profile(name).title[texts.language]
        return texts("developments.clause_of", title=title, place=place)
    return clause_words(clause, texts)


def basis(report: DevelopmentReport, texts: Texts) -> str:
    """Say on which document all stands, and what kind of document that is."""
    lines = profile_lines(report.setting.profile, texts.language)
    title = lines["title"].removesuffix(f" ({lines['status']})")  # said once is enough
    return texts("tables.head_basis", title=title, status=lines["status"])


def number(value: float, digits: int = 0) -> str:
    """Write a figure; – where it is not known."""
    return "–" if math.isnan(value) or math.isinf(value) else f"{value:,.{digits}f}"


def about(report: DevelopmentReport, texts: Texts) -> str:
    """Say what is built."""
    one = report.case.development
    people = "" if math.isnan(one.population) else texts(
        "developments.about_people", people=number(one.population)
    )  # fmt: skip
    floor = "" if math.isnan(one.floor_area_m2) else texts(
        "developments.about_floor", floor=number(one.floor_area_m2)
    )  # fmt: skip
    return texts(
        "developments.about",
        name=one.name,
        id=one.development_id,
        households=f"{one.households:,}",
        people=people,
        floor=floor,
        phases=texts("developments.phases_1")
        if len(one.phases) == 1
        else texts("developments.phases_n", phases=len(one.phases)),
    )


def belonging(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say which community it comes to, when, and what that does."""
    setting, way = report.setting, report.answer.way
    lines = [_today(report, texts)]
    if way is None:
        key = "nowhere" if report.case.unit < 0 else "none"
        lines.append(texts(f"developments.say_{key}", **_bounds(report)))
        return lines
    others = [m.name for m in report.case.together if m.name != report.case.development.name]
    redrawn = report.answer.redrawn
    lines.append(
        texts(
            f"developments.say_{way.kind}",
            community=report.community_name(way.community, texts),
            size=f"{way.households:,}",
            phase=way.phase,
            total=f"{report.case.development.phases[way.phase - 1].total:,}",
            others=texts("finding.comma").join(others),
            units=0 if redrawn is None else len(redrawn.moves),
            moved=f"{report.moved_households:,}",
            **_bounds(report),
        )
    )
    if way.phase > 1 and report.answer.holders[0] != way.community:
        keeper = report.community_name(report.answer.holders[0], texts)
        lines.append(texts("developments.say_meanwhile", community=keeper, before=way.phase - 1))
    clause = setting.profile.clause(SIZE)
    if clause:
        lines.append(texts("developments.say_clause", clause=cited(clause, report, texts)))
    return lines


def _bounds(report: DevelopmentReport) -> dict[str, str]:
    return {"min": f"{report.setting.low:,}", "max": f"{report.setting.high:,}"}


def _today(report: DevelopmentReport, texts: Texts) -> str:
    case, ground = report.case, report.setting.ground
    if case.community < 0:
        return texts("developments.say_today_nobody")
    return texts(
        "developments.say_today",
        community=ground.names[case.community],
        size=f"{int(ground.size[case.community]):,}",
        **_bounds(report),
    )


def rooms_due(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say which rooms are due, where they go and when; or what is paid in their place."""
    duty, profile = report.duty, report.setting.profile
    clauses = [str(profile.rules[r].clause) for r in duty.rules if r in profile.rules]
    shown = texts("finding.comma").join(
        cited(clause, report, texts) for clause in dict.fromkeys(clauses)
    )
    by = texts("developments.say_basis", clause=shown) if shown else ""
    if duty.kind == "unknown":
        return [texts("developments.say_duty_unknown") + by]
    if duty.kind == "none":
        return [texts("developments.say_duty_none") + by]
    if duty.kind == "pay":
        return [_levy(report, texts) + by]
    lines = [texts("developments.say_duty_provide", m2=number(duty.room_m2)) + by]
    last = report.phases[-1]
    if last.holder.community == NEW and last.need_m2 - last.due_m2 > ROUNDING_M2:
        lines.append(texts("developments.say_shared", m2=number(last.need_m2)))
    lines.append(_where(report, texts))
    lines.append(texts("developments.say_when", phase=max(duty.from_phase, 1)))
    return lines


def _levy(report: DevelopmentReport, texts: Texts) -> str:
    duty, profile = report.duty, report.setting.profile
    in_lieu, threshold = profile.rules["dev.in_lieu"], profile.rules["dev.threshold"]
    key = "say_duty_pay_asked" if math.isnan(duty.levy_yuan) else "say_duty_pay"
    return texts(
        f"developments.{key}",
        floor=number(report.case.development.floor_area_m2),
        least=number(threshold.value["min"]),
        permille=f"{in_lieu.value['permille']:g}",
        m2=number(duty.levy_m2, 1),
        yuan=number(duty.levy_yuan, 2),
    )


def _where(report: DevelopmentReport, texts: Texts) -> str:
    """Say where rooms go: by the document where it says so, else as a proposal of ours."""
    profile = report.setting.profile
    rule = next((r for name in PLACE_RULES[:2] if (r := profile.get(name)) is not None), None)
    clause = cited(str(rule.clause) if rule else "house choice", report, texts)
    lon, lat = degrees(report.info.crs, report.case.entrance)
    return texts("developments.say_where", lon=f"{lon:.5f}", lat=f"{lat:.5f}", clause=clause)


def time_rules(report: DevelopmentReport) -> list[Rule]:
    """Return the rules of the document about planning, approving and accepting rooms."""
    profile = report.setting.profile
    return [r for name in TIME_RULES if (r := profile.get(name)) is not None]


def until_then(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say where people go until rooms of their own stand, phase by phase."""
    return [_until(report, row, texts) for row in report.phases]


def _until(report: DevelopmentReport, row: PhaseRooms, texts: Texts) -> str:
    rooms = report.setting.ground.rooms
    when = texts("developments.due", due=row.phase.due) if row.phase.due else ""
    head = {"phase": row.phase.number, "when": when, "total": f"{row.phase.total:,}"}
    if row.place != "room":
        return texts(f"developments.until_{row.place}", **head)
    name = str(rooms.name[row.room]) or str(rooms.site_id[row.room])
    return texts("developments.until_room", room=name, minutes=number(row.minutes), **head)


def amenities(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say which amenities of the circle are within the walk, and which are not."""
    profile, reached = report.setting.profile, report.case.amenities
    limit, kinds = choice(profile, "circle_min"), circle_kinds(profile)
    if report.case.unit < 0:
        return []
    comma = texts("finding.comma")

    def named(wanted: list[str]) -> str:
        return comma.join(word(texts, "kind", kind) for kind in wanted)

    near = [k for k in kinds if k in reached and reached[k] <= limit]
    far = [k for k in kinds if k in reached and reached[k] > limit]
    unknown = [k for k in kinds if k not in reached]
    clause = cited(circle_clause(profile), report, texts)
    lines = []
    if near:
        lines.append(texts("developments.say_near", minutes=f"{limit:g}", kinds=named(near)))
    if far:
        lines.append(texts("developments.say_far", minutes=f"{limit:g}", kinds=named(far)))
    if unknown:
        lines.append(texts("developments.say_unknown", kinds=named(unknown)))
    return [*lines, texts("developments.say_circle_clause", clause=clause)]


def staff_and_money(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say which workers and what money come on top."""
    duty, lines = report.duty, []
    if not math.isnan(duty.workers):
        lines.append(texts("developments.say_workers", workers=number(duty.workers)))
    if not math.isnan(duty.workers_yuan) and duty.workers_yuan > 0:
        lines.append(texts("developments.say_workers_yuan", yuan=number(duty.workers_yuan)))
    if not math.isnan(duty.money_yuan):
        lines.append(texts("developments.say_money", yuan=number(duty.money_yuan)))
    if not math.isnan(duty.cost_yuan):
        lines.append(texts("developments.say_cost", yuan=number(duty.cost_yuan)))
    return lines or [texts("developments.say_no_staff")]


def why(report: DevelopmentReport, way: Way, texts: Texts) -> str:
    """Say why a way is possible or not."""
    return texts(
        f"developments.why_{way.why}",
        community=report.community_name(way.community, texts),
        size=f"{way.households:,}",
        phase=way.phase,
        **_bounds(report),
    )


def phase_columns(report: DevelopmentReport, texts: Texts) -> list[Column]:
    """Return the table of phases."""

    def column(name: str, values: list[Any], kind: str = "text", width: float = 10.0) -> Column:
        return Column(texts(f"developments.col_{name}"), values, kind, width=width)

    rows = report.phases
    places = [_place_word(report, row, texts) for row in rows]
    return [
        column("phase", [r.phase.number for r in rows], "int", 8),
        column("due", [r.phase.due for r in rows], width=9),
        column("let", [r.phase.total for r in rows], "int", 9),
        column(
            "holder", [report.community_name(r.holder.community, texts) for r in rows], width=14
        ),
        column("size", [r.holder.households for r in rows], "int", 10),
        column("need", [r.need_m2 for r in rows], "area", 9),
        column("stands", [r.stands_m2 for r in rows], "area", 9),
        column("due_m2", [r.due_m2 for r in rows], "area", 9),
        column("place", places, width=18),
    ]


def _place_word(report: DevelopmentReport, row: PhaseRooms, texts: Texts) -> str:
    if row.place != "room":
        return texts(f"developments.place_{row.place}")
    rooms = report.setting.ground.rooms
    name = str(rooms.name[row.room]) or str(rooms.site_id[row.room])
    return texts("developments.place_room", room=name, minutes=number(row.minutes))


def legend(report: DevelopmentReport, texts: Texts) -> str:
    """Say what the map shows, and whose data it is drawn from."""
    way = report.answer.way
    moved = way is not None and way.kind == "redraw"
    lines = [texts("developments.legend")]
    lines += [texts("developments.legend_moves")] if moved else []
    lines += [report.info.note.get(texts.language, ""), report.info.attribution]
    return " ".join(line for line in lines if line)
