"""Profiles for eyes: rows of words for the command line and the documents."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from commplan.policy.choices import HOUSE_CHOICE, house_choices
from commplan.policy.library import diff_profiles, load_profile, profile_names
from commplan.policy.profile import UNDATED, Profile, Rule

if TYPE_CHECKING:
    from commplan.texts import Texts

Row = tuple[str, ...]
_ARTICLE = re.compile(r"art\. (\d+)")


def list_rows(texts: "Texts", on: date | None = None) -> list[Row]:
    """Rows of the shipped profiles, the head first: name, title, status, dates, number of rules."""
    keys = ("name", "document", "status", "dates", "rules")
    rows = [tuple(texts(f"policy.head_{key}") for key in keys)]
    for name in profile_names():
        profile = load_profile(name)
        rows.append(
            (
                name,
                _in(profile.title, texts),
                status_words(profile, texts),
                texts("policy.semicolon").join(date_words(profile, texts, on)),
                str(len(profile.rules)),
            )
        )
    return rows


def about_rows(profile: Profile, texts: "Texts", on: date | None = None) -> list[Row]:
    """Rows of two about the document itself: label and words. No head."""
    items = {
        "document": _in(profile.title, texts),
        "status": status_words(profile, texts),
        "number": profile.number or "",
        "dates": texts("policy.semicolon").join(date_words(profile, texts, on)),
        "extends": profile.extends or "",
        "note": _in(profile.note, texts),
    }
    return [(texts(f"policy.head_{key}"), words) for key, words in items.items() if words]


def show_rows(profile: Profile, texts: "Texts", on: date | None = None) -> list[Row]:
    """Everything that a profile rules, the head first.

    Parameters
    ----------
    profile : Profile
    texts : Texts
    on : date or None
        Day on which deadlines count as passed or not; today by default.

    Returns
    -------
    list of tuple of str
        Rule, norm, value, force, clause, remarks; the document itself comes first, the house
        choices last.
    """
    keys = ("rule", "norm", "value", "force", "clause", "remarks")
    rows = [tuple(texts(f"policy.head_{key}") for key in keys)]
    rows += [(label, words, "", "", "", "") for label, words in about_rows(profile, texts, on)]
    for rule in profile.rules.values():
        remarks = [deadline_words(rule, texts, on), _in(rule.note, texts)]
        rows.append(
            (
                rule.rule_id,
                _in(rule.title, texts),
                value_words(rule, texts),
                texts(f"policy.force_{rule.force.name.lower()}") if rule.force else "",
                clause_words(str(rule.clause), texts),
                texts("policy.semicolon").join(words for words in remarks if words),
            )
        )
    house = texts("policy.house_choice")
    for name, known in house_choices().items():
        value = _unit(_number(profile.choices.get(name, known.value)), known.unit, texts)
        rows.append((name, _in(known.title, texts), value, "", house, ""))
    return rows


def diff_rows(a: Profile, b: Profile, texts: "Texts") -> list[Row]:
    """Rules that two profiles do not share, the head first: rule, norm, value in each."""
    rows: list[Row] = [(texts("policy.head_rule"), texts("policy.head_norm"), a.name, b.name)]
    rows.append(("", texts("policy.head_status"), status_words(a, texts), status_words(b, texts)))
    for diff in diff_profiles(a, b):
        rule = diff.a or diff.b
        if rule is None or diff.same:
            continue
        rows.append(
            (
                diff.rule_id,
                _in(rule.title, texts),
                _side(diff.a, texts),
                _side(diff.b, texts),
            )
        )
    for name, known in house_choices().items():
        one, other = (p.choices.get(name, known.value) for p in (a, b))
        if one != other:
            sides = (_unit(_number(value), known.unit, texts) for value in (one, other))
            rows.append((name, _in(known.title, texts), *sides))
    return rows


def status_words(profile: Profile, texts: "Texts") -> str:
    """Say what kind of document it is; a draft is called one, and not law in force."""
    return texts(f"policy.status_{profile.status}")


def date_words(profile: Profile, texts: "Texts", on: date | None = None) -> list[str]:
    """Say the document's dates, and which of them have passed."""
    day = on or datetime.now(tz=UTC).date()
    words = []
    if profile.published == UNDATED:
        words.append(texts("policy.undated"))
    elif profile.published:
        words.append(texts("policy.published", day=profile.published))
    if profile.comments_until:
        passed = profile.comments_until < day
        key = "policy.comments_passed" if passed else "policy.comments_until"
        words.append(texts(key, day=profile.comments_until.isoformat()))
    if profile.valid_from:
        key = "policy.in_force_from" if profile.valid_from <= day else "policy.in_force_later"
        words.append(texts(key, day=profile.valid_from.isoformat()))
    if profile.valid_until:
        key = "policy.ended" if profile.valid_until < day else "policy.in_force_until"
        words.append(texts(key, day=profile.valid_until.isoformat()))
    if profile.plan_years:
        first, last = profile.plan_years
        key = "policy.plan_years_passed" if last < day.year else "policy.plan_years"
        words.append(texts(key, first=first, last=last))
    return words


def deadline_words(rule: Rule, texts: "Texts", on: date | None = None) -> str:
    """Say a rule's deadline, and whether it has passed; "" without one."""
    if rule.deadline is None:
        return ""
    passed = rule.deadline < (on or datetime.now(tz=UTC).date())
    key = "policy.deadline_passed" if passed else "policy.deadline"
    return texts(key, day=rule.deadline.isoformat())


def clause_words(clause: str, texts: "Texts") -> str:
    """Word a clause as findings carry it, with the status of a document that is not in force.

    Parameters
    ----------
    clause : str
        ``"zhejiang-2017 五(二)"``, or ``"house choice"``.
    texts : Texts
    """
    if clause == HOUSE_CHOICE:
        return texts("policy.house_choice")
    words = _ARTICLE.sub(lambda found: _article(found.group(1), texts), clause)
    for name in profile_names():
        # a changed rule names the one it comes from as well: "mine ← zhejiang-2017 五(二)"
        if name in clause.split() and load_profile(name).status == "draft":
            return texts("policy.draft_clause", clause=words)
    return words


def _article(number: str, texts: "Texts") -> str:
    """Return the words for an article of a law: Chinese numerals where the catalogue has them."""
    key = f"policy.article_{number}"
    return texts(key) if texts.has(key) else texts("policy.article", n=number)


def value_words(rule: Rule, texts: "Texts") -> str:
    """Word a rule's value with its unit; a norm without a number says that the user gives it."""
    if rule.value is None:
        return texts("policy.no_number") if rule.unit else ""
    words = _plain(rule.value, texts)
    if isinstance(rule.value, Mapping) and not rule.value.keys() <= {"min", "max"}:
        # the unit of a table stands behind all of its parts, not behind the last
        unit = _unit("", rule.unit, texts).strip()
        return texts("policy.with_unit_apart", value=words, unit=unit) if unit else words
    return _unit(words, rule.unit, texts)


def _side(rule: Rule | None, texts: "Texts") -> str:
    if rule is None:
        return texts("policy.not_ruled")
    force = texts(f"policy.force_{rule.force.name.lower()}") if rule.force else ""
    value = value_words(rule, texts) or texts("policy.ruled_in_words")
    clause = clause_words(str(rule.clause), texts)
    return texts("policy.semicolon").join(part for part in (value, force, clause) if part)


def _plain(value: Any, texts: "Texts") -> str:
    """Word a TOML value: spans as such, tables part by part, lists with commas."""
    if isinstance(value, Mapping):
        if value.keys() <= {"min", "max"}:
            return _span(value, texts)
        if "steps" in value:
            return texts("policy.semicolon").join(_steps(value, texts))
        parts = (
            texts("policy.part", name=_word(key, texts), value=_plain(inner, texts))
            for key, inner in value.items()
        )
        return texts("policy.semicolon").join(parts)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return texts("policy.comma").join(_plain(inner, texts) for inner in value)
    if isinstance(value, str):
        return _word(value, texts)
    return _number(value)


def _span(value: Mapping[str, float], texts: "Texts") -> str:
    if len(value) == 2:
        return texts("policy.span", min=_number(value["min"]), max=_number(value["max"]))
    end, number = next(iter(value.items()))
    return texts(f"policy.span_{end}", n=_number(number))


def _steps(value: Mapping[str, Any], texts: "Texts") -> list[str]:
    """Word a span and what holds instead from so many households on."""
    ends = {end: value[end] for end in ("min", "max") if end in value}
    steps = [(_number(step["households"]), _number(step["m2"])) for step in value["steps"]]
    return [
        _span(ends, texts),
        *(texts("policy.step", households=households, m2=m2) for households, m2 in steps),
    ]


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def _word(word: str, texts: "Texts") -> str:
    """Return the words for a key or a name of a list, or the word itself where there are none."""
    key = f"policy.word_{word}"
    return texts(key) if texts.has(key) else word


def _unit(number: str, unit: str, texts: "Texts") -> str:
    key = f"policy.unit_{unit}"
    words = texts(key) if texts.has(key) else unit
    if not words:
        return number
    if words[0] in "%‰":
        return number + words
    return texts("policy.with_unit", n=number, unit=words)


def _in(words: Mapping[str, str], texts: "Texts") -> str:
    return words.get(texts.language, "")
