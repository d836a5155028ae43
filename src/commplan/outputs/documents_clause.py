"""Clauses and ids as a reader of paper needs them: the document by its title, things by their names."""

import re
from collections.abc import Mapping
from dataclasses import replace

from commplan.findings import Finding
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.info import in_language
from commplan.outputs.page_data import text
from commplan.policy import describe
from commplan.policy.library import load_profile, profile_names
from commplan.policy.profile import Profile
from commplan.texts import Texts

HOUSE_CHOICE = "house choice"
DIGITS = "零一二三四五六七八九"
#: A section and its item as Chinese documents number them: 二(三).
ITEM = re.compile(rf"([{DIGITS[1:]}十]+)(?:\(([{DIGITS[1:]}十]+)\))?")
FULL_WIDTH = str.maketrans({"(": "（", ")": "）"})
MOST_NAMES = 5


def number_words(number: str, texts: Texts) -> str:
    """Word a clause's number as the document writes it; in English in Arabic figures.

    Parameters
    ----------
    number : str
        ``"二(三)"``, ``"art. 3"``, ``"附件2 Ⅱ-7"``.
    texts : Texts
    """
    found = ITEM.fullmatch(number)
    if found is None:
        words = describe.clause_words(number, texts)
        return words.translate(FULL_WIDTH).replace(", ", "、") if _is_chinese(texts) else words
    section, item = found.groups()
    if not _is_chinese(texts):
        section, item = str(_figure(section)), None if item is None else str(_figure(item))
    if item is None:
        return texts("documents.clause_section", section=section)
    return texts("documents.clause_item", section=section, item=item)


def _is_chinese(texts: Texts) -> bool:
    return texts.language == "zh-CN"


def _figure(numeral: str) -> int:
    """Read a Chinese numeral under one hundred."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return DIGITS.index(numeral)
    return 10 * (DIGITS.index(tens) if tens else 1) + (DIGITS.index(ones) if ones else 0)


def clause_title(clause: str | None, profile: Profile, texts: Texts) -> str:
    """Name document and clause: the short name of a profile is of no use to a reader of paper.

    Parameters
    ----------
    clause : str or None
        As findings carry it: ``"zhejiang-2017 二(三)"``, ``"mine ← zhejiang-2017 二(三)"``,
        ``"house choice"``.
    profile : Profile
        That the plan stands on; others are looked up among the shipped ones.
    texts : Texts
    """
    if not clause or clause == HOUSE_CHOICE:
        return texts("policy.house_choice") if clause else ""
    own, arrow, source = clause.partition(" ← ")
    if arrow:
        changed = clause_title(source, profile, texts)
        return texts("documents.clause_changed", title=_title(own, profile, texts), clause=changed)
    name, _, number = clause.partition(" ")
    title = _title(name, profile, texts)
    return texts("documents.clause_of", title=title, clause=number_words(number, texts))


def _title(name: str, profile: Profile, texts: Texts) -> str:
    if name != profile.name and name not in profile_names():
        return name
    found = profile if name == profile.name else load_profile(name)
    return in_language(found.title, texts.language) or name


def named_words(finding: Finding, dossier: Dossier, texts: Texts) -> str:
    """Word a finding with the names of what it is about, where ids would tell a reader nothing."""
    names = _names(dossier)
    called = [names.get(identifier, identifier) for identifier in finding.ids]
    shown = texts("documents.list_comma").join(called[:MOST_NAMES])
    if len(called) > MOST_NAMES:
        shown = texts("documents.and_so_on", shown=shown, count=f"{len(called):,}")
    params = {"count": len(called)} | dict(finding.params)
    return replace(finding, ids=(shown,) if called else (), params=params).words(texts)


def _names(dossier: Dossier) -> Mapping[str, str]:
    """Return id -> name of units, villages and communities, the plan's own last so that they win."""
    territory, plan = dossier.plan.territory, dossier.plan
    names: dict[str, str] = {}
    for table, key in (
        (territory.units, "unit_id"),
        (territory.villages, "village_id"),
        (plan.today, "community_id"),
        (plan.communities, "community_id"),
    ):
        if table is None or "name" not in table:
            continue
        called = zip(table[key].astype(str), map(text, table["name"]), strict=True)
        names |= {identifier: name.strip() for identifier, name in called if name.strip()}
    return names
