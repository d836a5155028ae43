"""What form the value of each rule takes: the ids that commplan knows, and how a value is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any

from commplan.policy.faults import FaultList

#: Rules that a user invents carry this prefix; they are shown, and checked by hand.
OWN_PREFIX = "own."


@dataclass(frozen=True)
class Number:
    """A finite number >= 0 (``positive``: > 0)."""

    positive: bool = False


@dataclass(frozen=True)
class Span:
    """A table with ``min``, ``max`` or both, inclusive.

    ``both`` asks for both ends, ``whole`` for whole numbers; ``more`` are parts that may stand
    beside the ends.
    """

    both: bool = False
    whole: bool = False
    more: Mapping[str, "Kind"] = field(default_factory=dict)


@dataclass(frozen=True)
class Steps:
    """A list of tables of positive numbers; the first part rises from step to step."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """A list of different words."""


@dataclass(frozen=True)
class Table:
    """A table of named parts; those in ``needed`` must be there."""

    parts: Mapping[str, "Kind"]
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Free:
    """Anything plain: the rule is shown, nothing is computed with it."""


@dataclass(frozen=True)
class Nothing:
    """The rule has no number and none would be used."""


Kind = Number | Span | Steps | Names | Table | Free | Nothing

_CIRCLE = Table(
    {"minutes": Number(positive=True), "kinds": Names(), "may_lack": Names()}, ("minutes", "kinds")
)
_BAND = Table(
    {"households": Span(whole=True), "workers": Span(both=True, whole=True)}, ("workers",)
)
_SPAN, _NUMBER, _FREE, _NOTHING, _COUNT = Span(), Number(), Free(), Nothing(), Span(whole=True)

#: Every rule id of the shipped profiles and the form of its value.
RULE_KINDS: Mapping[str, Kind] = {
    "size.households": Span(both=True, whole=True),
    "size.households_target": Number(positive=True),
    "size.population_target": Number(positive=True),
    "size.shape": _NOTHING,
    "boundary.natural": _NOTHING,
    "boundary.identity": _NOTHING,
    "adjust.stepwise": _NOTHING,
    "convert.jumin_qu": _NUMBER,
    "convert.village": _NOTHING,
    "cover.everyone": _NUMBER,
    "village.merge_general": _COUNT,
    "village.merge_first": _COUNT,
    "committee.residents": _COUNT,
    "platform.floating": _COUNT,
    "platform.information": _FREE,
    "room.per_100_households": _SPAN,
    "room.per_100_people": Number(positive=True),
    "room.minimum": Span(more={"steps": Steps(("households", "m2"))}),
    "room.commercial_uplift": Table(
        {"percent": Number(), "from_m2": Number()}, ("percent", "from_m2")
    ),
    "room.office_cadre": _SPAN,
    "room.programme": _NOTHING,
    "room.one_place": _NOTHING,
    "room.new_upfront": _NOTHING,
    "room.old_city": _NOTHING,
    "room.ground_floor": _NOTHING,
    "room.standard": _NOTHING,
    "room.site": _NOTHING,
    "room.layout_plan": _NOTHING,
    "room.ways": Names(),
    "room.functions": _FREE,
    "dev.threshold": _SPAN,
    "dev.in_lieu": Table({"permille": Number(), "yuan_per_m2": Number()}, ("permille",)),
    "dev.prior_approval": _NOTHING,
    "staff.floor": _COUNT,
    "staff.band1": _BAND,
    "staff.band2": _BAND,
    "staff.band3": Table(
        {
            "households": Table({"above": Number()}, ("above",)),
            "extra": Span(both=True, whole=True),
            "never_over": Number(positive=True),
        },
        ("households", "extra", "never_over"),
    ),
    "staff.party_worker": _COUNT,
    "staff.per_households": Number(positive=True),
    "window.count": _COUNT,
    "police.urban": _NUMBER,
    "police.rural": _NUMBER,
    "legal.adviser": _NUMBER,
    "pay.ratio": _SPAN,
    "pay.start": _FREE,
    "pay.secretary": _FREE,
    "fund.population": _NUMBER,
    "fund.working": _SPAN,
    "fund.street": _SPAN,
    "fund.growth": _NUMBER,
    "fund.project_share": _FREE,
    "org.urban": _COUNT,
    "org.rural": _COUNT,
    "org.province": _COUNT,
    "org.pilot": _COUNT,
    "org.other": _COUNT,
    "org.2018": _COUNT,
    "volunteers": _COUNT,
    "social_work.station": _NUMBER,
    "grid": _NOTHING,
    "facility.kinds": Names(),
    "featured": _NUMBER,
    "pilot.compounds": _FREE,
    "survey.sample": _FREE,
    "rollout.rural": _NUMBER,
    "rollout.goal": _FREE,
    "rollout.villages": _FREE,
    "circle.urban": _CIRCLE,
    "circle.rural": _CIRCLE,
    "circle.radius": Number(positive=True),
    "circle.basic": Names(),
    "score.awareness": _SPAN,
    "score.satisfaction": _SPAN,
    "score.weights": _FREE,
    "score.items": _FREE,
    "score.pass": _FREE,
    "score.bands": _FREE,
    "score.projects": _FREE,
    "score.grades": _FREE,
    "procedure.change": _NOTHING,
    "procedure.village_change": _NOTHING,
}


@dataclass(frozen=True)
class _Check:
    """Checks one value against its kind, noting every fault."""

    faults: FaultList

    def value(self, value: Any, kind: Kind, where: str) -> None:
        match kind:
            case Number():
                self.number(value, where, positive=kind.positive)
            case Span():
                self.span(value, kind, where)
            case Steps():
                self.steps(value, kind.parts, where)
            case Names():
                self.names(value, where)
            case Table():
                self.table(value, kind, where)
            case Nothing():
                self.faults.add("policy.no_value_wanted", where)
            case Free():
                pass

    def number(
        self, value: Any, where: str, *, positive: bool = False, whole: bool = False
    ) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.faults.add("policy.not_a_number", where, value=value)
        elif whole and value != int(value):
            self.faults.add("policy.not_whole", where, value=value)
        elif value < 0 or (positive and value == 0):
            self.faults.add("policy.too_small", where, value=value)
        else:
            return True
        return False

    def span(self, value: Any, kind: Span, where: str) -> None:
        if not isinstance(value, Mapping):
            self.faults.add("policy.not_a_span", where, value=value)
            return
        self.keys(value, ("min", "max", *kind.more), where)
        for key in kind.more:
            if key in value:
                self.value(value[key], kind.more[key], f"{where}.{key}")
        ends = [end for end in ("min", "max") if end in value]
        if not ends or (kind.both and len(ends) < 2):
            self.faults.add(
                "policy.span_open" if kind.both else "policy.not_a_span", where, value=value
            )
            return
        positive = kind.both  # a community of at least 0 households is no bound
        good = [
            self.number(value[e], f"{where}.{e}", positive=positive, whole=kind.whole) for e in ends
        ]
        if len(ends) == 2 and all(good) and value["min"] > value["max"]:
            self.faults.add("policy.min_above_max", where, min=value["min"], max=value["max"])

    def steps(self, value: Any, parts: tuple[str, ...], where: str) -> None:
        if not isinstance(value, list) or not all(isinstance(step, Mapping) for step in value):
            self.faults.add("policy.not_steps", where, keys=", ".join(parts))
            return
        kind, before = (
            Table(dict.fromkeys(parts, Number(positive=True)), parts),
            len(self.faults.faults),
        )
        for step in value:
            self.table(step, kind, where)
        if len(self.faults.faults) > before:
            return
        starts = [step[parts[0]] for step in value]
        if any(a >= b for a, b in pairwise(starts)):
            self.faults.add("policy.not_rising", where, key=parts[0])

    def names(self, value: Any, where: str) -> None:
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self.faults.add("policy.not_a_list", where, value=value)
            return
        for word in sorted({v for v in value if value.count(v) > 1}):
            self.faults.add("policy.twice", where, word=word)

    def table(self, value: Any, kind: Table, where: str) -> None:
        if not isinstance(value, Mapping):
            self.faults.add("policy.not_a_table", where, keys=", ".join(kind.parts))
            return
        self.keys(value, tuple(kind.parts), where)
        for key in kind.needed:
            if key not in value:
                self.faults.add("policy.missing_key", where, key=key)
        for key, part in kind.parts.items():
            if key in value:
                self.value(value[key], part, f"{where}.{key}")

    def keys(self, value: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in value:
            if key not in known:
                self.faults.unknown("policy.unknown_key", where, key, known)


def check_value(rule_id: str, value: Any, where: str, faults: FaultList) -> None:
    """Check the value of a rule against the form that its id asks for.

    Parameters
    ----------
    rule_id : str
        A key of `RULE_KINDS`, or one that starts with `OWN_PREFIX` (anything goes there).
    value : object
        None is always allowed: the document gives no number.
    where : str
        The field, for the faults.
    faults : FaultList
        What is wrong is added here.
    """
    if value is not None and rule_id in RULE_KINDS:
        check_kind(value, RULE_KINDS[rule_id], where, faults)


def check_kind(value: Any, kind: Kind, where: str, faults: FaultList) -> bool:
    """Check a value against a kind; True where nothing was wrong with it."""
    before = len(faults.faults)
    _Check(faults).value(value, kind, where)
    return len(faults.faults) == before
