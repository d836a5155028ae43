"""Profile: what one document rules, each rule with its value, unit, force and clause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commplan.policy.clause import Clause, DocumentStatus, Force

UNDATED = "undated"


@dataclass(frozen=True)
class Rule:
    """One norm.

    Parameters
    ----------
    rule_id : str
        ``"size.households"``.
    value : object
        Plain TOML value: number, text, list or table (``{min = 1500, max = 3000}``); None where the
        document gives no number and the user has to.
    unit : str
        ``"households"``, ``"m2 per 100 households"``, ...; empty where there is none.
    force : Force or None
    clause : Clause
    title : mapping of str to str
        The norm in our own words, by language (``"zh-CN"``, ``"en"``).
    deadline : date or None
        Until when the document wants it done; shown as passed afterwards.
    note : mapping of str to str
        How the norm is read here (a house reading, a missing number), by language.
    """

    rule_id: str
    value: Any
    unit: str
    force: Force | None
    clause: Clause
    title: Mapping[str, str]
    deadline: date | None = None
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """The rules of one document, and what kind of document it is.

    Parameters
    ----------
    name : str
        ``"zhejiang-2017"``.
    title : mapping of str to str
        By language.
    status : DocumentStatus
    valid_from, valid_until : date or None
    note : mapping of str to str
        What a reader must know (a draft; only article 3 is used), by language.
    rules : mapping of str to Rule
        By rule id, in the order of the document.
    choices : mapping of str to object
        House choices that the profile may set (walking speed, circle minutes, ...), by name.
    number : str or None
        The document's number (``"舟政发〔2017〕26号"``).
    published : str or None
        ISO date, as far as it is known: ``"2017-11-08"``, ``"2020-12"``, ``"2017"``; `UNDATED` for
        a copy without a date, None where nothing is said.
    comments_until : date or None
        Last day for comments on a draft.
    plan_years : (int, int) or None
        First and last year that the document plans for.
    extends : str or None
        The profile that this one builds on.
    """

    name: str
    title: Mapping[str, str]
    status: DocumentStatus
    rules: Mapping[str, Rule]
    valid_from: date | None = None
    valid_until: date | None = None
    note: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    number: str | None = None
    published: str | None = None
    comments_until: date | None = None
    plan_years: tuple[int, int] | None = None
    extends: str | None = None

    def get(self, rule_id: str) -> Rule | None:
        """Return the rule, or None where the document does not rule on it."""
        return self.rules.get(rule_id)

    def clause(self, rule_id: str) -> str | None:
        """Return the clause of a rule as text, or None."""
        rule = self.rules.get(rule_id)
        return str(rule.clause) if rule else None
