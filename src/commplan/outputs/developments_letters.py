"""Letters about a development: to its developer, and to the planning office with the conditions."""

from dataclasses import dataclass
from pathlib import Path

from commplan.outputs import developments_words as words
from commplan.outputs.developments_docx import (
    PAGE_BREAK,
    paragraph,
    picture,
    table,
    write_document,
)
from commplan.outputs.developments_report import DevelopmentReport
from commplan.outputs.sheets import Column
from commplan.outputs.words import profile_lines
from commplan.texts import Texts, load_texts

TO = ("developer", "planning")
MAP_CM = 11.5


@dataclass(frozen=True)
class Letter:
    """A letter in one language, before it is laid out.

    Parameters
    ----------
    title, addressee, opening, basis : str
    parts : tuple of (str, tuple of str)
        Heading and paragraphs.
    table : tuple of Column
        The phases.
    closing : tuple of str
        Lines at the end: what the letter stands on, what the map shows, who signs.
    """

    title: str
    addressee: str
    opening: str
    basis: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    table: tuple[Column, ...]
    closing: tuple[str, ...]


def developer_letter(report: DevelopmentReport, texts: Texts) -> Letter:
    """Tell the developer where its residents belong, and which rooms or money it owes."""
    name = report.case.development.name
    parts = (
        ("belonging", words.belonging(report, texts)),
        ("rooms", words.rooms_due(report, texts)),
        ("until", words.until_then(report, texts)),
        ("acceptance", _acceptance(report, texts)),
        ("change", [texts("developments.say_change")]),
    )
    return Letter(
        texts("developments.developer_title", name=name),
        texts("developments.developer_to", name=name),
        words.about(report, texts) + texts("developments.developer_opening"),
        words.basis(report, texts),
        _headed(parts, texts),
        tuple(words.phase_columns(report, texts)),
        _closing(report, texts),
    )


def planning_letter(report: DevelopmentReport, texts: Texts) -> Letter:
    """Ask the planning office for the conditions (条件): how large, where, when, how accepted."""
    name = report.case.development.name
    parts = (
        ("conditions", [*words.rooms_due(report, texts), *_acceptance(report, texts)]),
        ("belonging", words.belonging(report, texts)),
        ("until", words.until_then(report, texts)),
        ("amenities", words.amenities(report, texts)),
        ("staff", words.staff_and_money(report, texts)),
    )
    return Letter(
        texts("developments.planning_title", name=name),
        texts("developments.planning_to"),
        words.about(report, texts) + texts("developments.planning_opening"),
        words.basis(report, texts),
        _headed(parts, texts),
        tuple(words.phase_columns(report, texts)),
        _closing(report, texts),
    )


def _headed(
    parts: tuple[tuple[str, list[str]], ...], texts: Texts
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    kept = [(key, tuple(lines)) for key, lines in parts if lines]
    return tuple(
        (texts(f"developments.head_{key}", number=texts(f"developments.number_{place}")), lines)
        for place, (key, lines) in enumerate(kept, start=1)
    )


def _acceptance(report: DevelopmentReport, texts: Texts) -> list[str]:
    """Say how rooms are approved and accepted; nothing where none are provided."""
    if report.duty.kind != "provide":
        return []
    rules = words.time_rules(report)
    stated = [
        texts(
            "developments.say_rule",
            rule=rule.title[texts.language],
            clause=words.cited(str(rule.clause), report, texts),
        )
        for rule in rules
    ]
    return [texts("developments.say_acceptance"), *stated]


def _closing(report: DevelopmentReport, texts: Texts) -> tuple[str, ...]:
    standing = profile_lines(report.setting.profile, texts.language)["standing"]
    shown = texts("developments.enclosed"), words.legend(report, texts)
    return (*([standing] if standing else []), *shown, texts("developments.signed"))


def write_letter(path: Path, report: DevelopmentReport, to: str, png: bytes) -> None:
    """Write one letter as a Word document: in the first language, then in the next.

    Parameters
    ----------
    path : Path
    report : DevelopmentReport
    to : str
        One of `TO`.
    png : bytes
        The map.
    """
    make = developer_letter if to == "developer" else planning_letter
    parts: list[str] = []
    for language in report.info.languages:
        parts += [PAGE_BREAK] if parts else []
        parts += laid_out(make(report, load_texts(language)))
    one = report.case.development
    write_document(path, f"{one.name} ({one.development_id})", parts, png)


def laid_out(letter: Letter) -> list[str]:
    """Lay out a letter in paragraphs and its table."""
    parts = [paragraph(letter.title, "Title", 16, centred=True)]
    parts += [paragraph(line) for line in (letter.addressee, letter.opening, letter.basis)]
    for heading, lines in letter.parts:
        parts += [paragraph(heading, "Heading2"), *map(paragraph, lines)]
    parts.append(table(letter.table))
    *small, shown, legend, signed = letter.closing
    # A seal does not stand alone on a page, nor a map without what it shows.
    parts += [paragraph(line, size_pt=9, keep=True) for line in small]
    parts += [paragraph(signed), paragraph(shown, keep=True), picture(shown, MAP_CM)]
    parts.append(paragraph(legend, size_pt=9, centred=True))
    return parts
