"""From the tables of one profile file to a `Profile`; every fault is collected, none is raised."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from commplan.policy.choices import read_choices
from commplan.policy.clause import Clause, DocumentStatus, Force
from commplan.policy.faults import FaultList
from commplan.policy.kinds import OWN_PREFIX, RULE_KINDS, check_value
from commplan.policy.profile import UNDATED, Profile, Rule

PROFILE_KEYS = (
    "name", "title", "status", "number", "published", "comments_until", "valid_from", "valid_until",
    "plan_years", "note", "extends", "remove", "rules", "choices",
)  # fmt: skip
RULE_KEYS = ("value", "unit", "force", "clause", "title", "deadline", "note", "from")
LANGUAGES = ("zh-CN", "en")
E = TypeVar("E", Force, DocumentStatus)
_ISO_AS_FAR_AS_KNOWN = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class Sources:
    """Where a profile may take rules from.

    Parameters
    ----------
    base : Profile or None
        The profile that it extends.
    take : callable
        ``take(name, where)`` loads the profile named by a rule's ``from``; None where it cannot.
    known : callable
        ``known(rule_id)`` is a shipped rule of that id, for title and unit of a user's own; or None.
    """

    base: Profile | None
    take: Callable[[str, str], Profile | None]
    known: Callable[[str], Rule | None]


def build_profile(
    data: Mapping[str, Any], name: str, sources: Sources, faults: FaultList
) -> Profile:
    """Read the tables of one profile file.

    Parameters
    ----------
    data : mapping
        As the TOML reader returned it.
    name : str
        Used where the file gives none.
    sources : Sources
    faults : FaultList
        What is wrong is added here; the profile returned is then not to be used.

    Returns
    -------
    Profile
    """
    for key in data:
        if key not in PROFILE_KEYS:
            faults.unknown("policy.unknown_key", None, key, PROFILE_KEYS)
    reader = _Reader(faults)
    name = reader.text(data, "name", "") or name
    years = reader.plan_years(data)
    profile = Profile(
        name=name,
        title=reader.words(data, "title", "") or dict.fromkeys(LANGUAGES, name),
        status=reader.word(data, "status", DocumentStatus, "") or DocumentStatus.USER,
        rules={},
        valid_from=reader.day(data, "valid_from", ""),
        valid_until=reader.day(data, "valid_until", ""),
        note=reader.words(data, "note", ""),
        choices=read_choices(data.get("choices"), sources.base, faults),
        number=reader.text(data, "number", "") or None,
        published=reader.published(data),
        comments_until=reader.day(data, "comments_until", ""),
        plan_years=years,
        extends=sources.base.name if sources.base else None,
    )
    if profile.valid_from and profile.valid_until and profile.valid_from > profile.valid_until:
        first, last = profile.valid_from.isoformat(), profile.valid_until.isoformat()
        faults.add("policy.from_after_until", "valid_until", first=first, last=last)
    return replace(profile, rules=_read_rules(data, name, sources, reader))


def _read_rules(
    data: Mapping[str, Any], name: str, sources: Sources, reader: "_Reader"
) -> dict[str, Rule]:
    faults = reader.faults
    rules = dict(sources.base.rules) if sources.base else {}
    removed = data.get("remove", [])
    if not isinstance(removed, list):
        faults.add("policy.not_a_list", "remove", value=removed)
        removed = []
    for rule_id in removed:
        if rules.pop(str(rule_id), None) is None:
            faults.unknown("policy.nothing_to_remove", "remove", rule_id, tuple(rules))
    tables = data.get("rules", {})
    if not isinstance(tables, Mapping):
        faults.add("policy.not_a_table", "rules", keys="...")
        tables = {}
    for rule_id, table in _flatten(tables).items():
        where = f'rules."{rule_id}"'
        if rule_id not in RULE_KINDS and not rule_id.startswith(OWN_PREFIX):
            faults.unknown("policy.unknown_rule", where, rule_id, tuple(RULE_KINDS))
        elif not isinstance(table, Mapping):
            faults.add("policy.not_a_table", where, keys=", ".join(RULE_KEYS))
        else:
            rule = reader.rule(rule_id, table, name, sources)
            if rule is not None:
                rules[rule_id] = rule
    return rules


def _flatten(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Take ``[rules.size.households]`` for ``[rules."size.households"]``: an easy slip in TOML."""
    groups = {rule_id.split(".", 1)[0] for rule_id in RULE_KINDS if "." in rule_id} | {"own"}
    flat: dict[str, Any] = {}
    for key, table in tables.items():
        if key in groups and isinstance(table, Mapping):
            flat.update({f"{key}.{sub}": inner for sub, inner in table.items()})
        else:
            flat[key] = table
    return flat


@dataclass(frozen=True)
class _Reader:
    """Reads single keys, noting what is wrong with them."""

    faults: FaultList

    def rule(
        self, rule_id: str, table: Mapping[str, Any], name: str, sources: Sources
    ) -> Rule | None:
        """Read one rule: a new one, one taken from another profile, or a change of the base's."""
        where = f'rules."{rule_id}"'
        for key in table:
            if key not in RULE_KEYS:
                self.faults.unknown("policy.unknown_key", where, key, RULE_KEYS)
        old = sources.base.get(rule_id) if sources.base else None
        origin = self.text(table, "from", where)
        if origin:
            other = sources.take(origin, f"{where}.from")
            if other is None:
                return None
            old = other.get(rule_id)
            if old is None:
                self.faults.add(
                    "policy.not_in_profile", f"{where}.from", rule=rule_id, profile=origin
                )
                return None
        if origin and set(table) == {"from"}:
            return old
        check_value(rule_id, table.get("value"), f"{where}.value", self.faults)
        like = old or sources.known(rule_id)
        return Rule(
            rule_id=rule_id,
            value=table.get("value", old.value if old else None),
            unit=self.text(table, "unit", where) or (like.unit if like else ""),
            force=self.word(table, "force", Force, where) or (old.force if old else None),
            clause=self._clause(rule_id, table, name, old),
            title=self.words(table, "title", where)
            or (like.title if like else dict.fromkeys(LANGUAGES, rule_id)),
            deadline=self.day(table, "deadline", where) or (old.deadline if old else None),
            note=self.words(table, "note", where),
        )

    def _clause(
        self, rule_id: str, table: Mapping[str, Any], name: str, old: Rule | None
    ) -> Clause:
        """Where the rule stands; a changed value never passes for the document's own."""
        number = self.text(table, "clause", f'rules."{rule_id}"')
        if number:
            return Clause(name, number)
        return Clause(name, f"← {old.clause}" if old else rule_id)

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.faults.add("policy.not_a_text", _field(where, key), value=value)
            return ""
        return value

    def words(self, table: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
        """Words by language; one text serves for both."""
        value = table.get(key)
        if value is None:
            return {}
        if isinstance(value, str):
            return dict.fromkeys(LANGUAGES, value)
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            self.faults.add("policy.not_words", _field(where, key), languages=", ".join(LANGUAGES))
            return {}
        for language in value:
            if language not in LANGUAGES:
                self.faults.unknown("policy.unknown_key", _field(where, key), language, LANGUAGES)
        first = next(iter(value.values()), "")
        return {language: value.get(language, first) for language in LANGUAGES}

    def word(self, table: Mapping[str, Any], key: str, kind: type[E], where: str) -> E | None:
        value = table.get(key)
        if value is None:
            return None
        known = tuple(str(member) for member in kind)
        if value not in known:
            self.faults.unknown("policy.unknown_word", _field(where, key), value, known)
            return None
        return kind(value)

    def day(self, table: Mapping[str, Any], key: str, where: str) -> date | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.faults.add("policy.not_a_date", _field(where, key), value=value)
            return None
        return value

    def published(self, data: Mapping[str, Any]) -> str | None:
        """Read a date as far as it is known: a day, a month or a year."""
        value = data.get("published")
        text = value.isoformat() if isinstance(value, date) else value
        if text is None:
            return None
        if text == UNDATED:
            return UNDATED
        if not isinstance(text, str) or not _ISO_AS_FAR_AS_KNOWN.fullmatch(text):
            self.faults.add("policy.not_a_date", "published", value=value)
            return None
        return text

    def plan_years(self, data: Mapping[str, Any]) -> tuple[int, int] | None:
        value = data.get("plan_years")
        if value is None:
            return None
        if (
            not isinstance(value, Mapping)
            or set(value) != {"from", "to"}
            or not all(type(year) is int for year in value.values())
        ):
            self.faults.add("policy.not_plan_years", "plan_years")
            return None
        if value["from"] > value["to"]:
            self.faults.add(
                "policy.min_above_max", "plan_years", min=value["from"], max=value["to"]
            )
        return int(value["from"]), int(value["to"])


def _field(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
