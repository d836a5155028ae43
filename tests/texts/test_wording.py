"""One style and one vocabulary, held in both languages."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import commplan
from commplan.policy.library import load_profile, profile_names
from commplan.texts import LANGUAGES, load_texts

SOURCE = Path(commplan.__file__).parent
LOCALE = files("commplan.texts") / "locale"

#: Catalogues that hold nothing but findings.
FINDING_TOPICS = ("blocks", "circles", "graph", "rules", "validity", "walking")


def catalogue(language: str, topic: str) -> dict[str, str]:
    with (LOCALE / language.replace("-", "_") / f"{topic}.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream) if m.id}


def codes() -> Iterator[str]:
    """Codes that stand as text in a Finding, and those of the topics that hold nothing else."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
    for topic in FINDING_TOPICS:
        yield from catalogue("en", topic)


def words_of_lists(rule_part: str) -> set[str]:
    """Words of the lists of kinds of amenities, or of ways of getting rooms, of every profile."""
    found: set[str] = set()
    for rule in (r for name in profile_names() for r in load_profile(name).rules.values()):
        if rule.rule_id.startswith(rule_part) and rule.value is not None:
            value = rule.value["kinds"] if isinstance(rule.value, dict) else rule.value
            found |= set(value) if isinstance(value, list | tuple) else set()
    return found


@pytest.mark.parametrize("code", sorted(set(codes())))
def test_findings_are_sentences(code: str) -> None:
    """A finding begins with a capital, a figure or a name, and ends with a full stop."""
    topic = code.split(".", maxsplit=1)[0]
    english, chinese = catalogue("en", topic)[code], catalogue("zh-CN", topic)[code]
    assert english[0] == "{" or english[0].isupper(), english
    assert english.endswith("."), english
    assert chinese.endswith("。"), chinese


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rule_part", "group"), [("circle.", "kind"), ("room.ways", "way")])
def test_every_kind_and_way_of_a_profile_has_a_word(
    language: str, rule_part: str, group: str
) -> None:
    """No page or table shows the raw name of a kind or way; it is called the same everywhere."""
    texts, found = load_texts(language), words_of_lists(rule_part)
    assert len(found) > 5
    for name in sorted(found):
        word = texts(f"tables.{group}_{name}")
        assert word.lower() == texts(f"policy.word_{name}").lower(), name


@pytest.mark.parametrize("topic", sorted(p.stem for p in (SOURCE / "texts/locale/en").glob("*.po")))
def test_ranges_are_written_one_way(topic: str) -> None:
    """Chinese ranges of numbers stand with a dash, never with ～, – or 至 between two figures."""
    for key, sentence in catalogue("zh-CN", topic).items():
        assert "～" not in sentence, key
        fields = [name for _, name, _, _ in Formatter().parse(sentence) if name]
        if {"min", "max"} <= set(fields):
            assert not re.search(r"\{min[^}]*\}\s*(户)?\s*(–|-|至)\s*\{max", sentence), key
