"""What page, workbook and document of a smaller topic (coverage, grids) are written from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from commplan.outputs.info import PageInfo, in_language
from commplan.outputs.sheets import Column
from commplan.outputs.words import profile_lines
from commplan.policy.profile import Profile
from commplan.texts import LANGUAGES, Texts, load_texts

Shapes = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True)
class Figure:
    """One key figure; its name is the text ``<topic>.figure_<code>``.

    Parameters
    ----------
    code : str
    unit : str
        ``""`` for a count, ``"share"`` or a unit of `measure`.
    today, value : float or None
        None where it has no sense.
    """

    code: str
    unit: str
    today: float | None
    value: float | None


@dataclass(frozen=True)
class MapView:
    """One of the two maps.

    Parameters
    ----------
    shapes : sequence of polygons
    faces : sequence of str
        Colour of each.
    outlines : sequence of polygons
        Drawn over them with a strong line.
    numbers : bool
        Whether the outlines carry their numbers, counted from 1.
    legend : sequence of (str, str or callable)
        Colour, and the key of its words, or what words it in a language.
    """

    shapes: Shapes
    faces: Sequence[str]
    outlines: Shapes = ()
    numbers: bool = False
    legend: Sequence[tuple[str, str | Callable[[Texts], str]]] = ()


@dataclass(frozen=True)
class TopicReport:
    """A topic's answer, ready to be written.

    Parameters
    ----------
    topic : str
        Of its texts: ``"coverage"``, ``"grids"``.
    profile : Profile
    rule : str
        Id of the rule that stands at the head.
    info : PageInfo
        With the findings.
    figures : sequence of Figure
    sheets : callable
        Tables by name in the words of a language; the text ``<topic>.sheet_<name>`` is its title.
    paper : mapping of str to tuple of str
        Tables that the document holds, each with the keys of its columns (``<topic>.col_<key>``).
    views : mapping of str to MapView
        ``today`` and ``proposed``.
    params : mapping
        What the words of the topic may name.
    page_words : tuple of str
        Words that only this topic's page asks for: ``<topic>.page_<key>``.
    picture : callable or None
        Writes one more picture for the document, in the words of a language; its heading is the
        text ``<topic>.picture``.
    """

    topic: str
    profile: Profile
    rule: str
    info: PageInfo
    figures: Sequence[Figure]
    sheets: Callable[[Texts], dict[str, list[Column]]]
    paper: Mapping[str, tuple[str, ...]]
    views: Mapping[str, MapView]
    params: Mapping[str, object] = field(default_factory=dict)
    page_words: tuple[str, ...] = ()
    picture: Callable[[Path, Texts], None] | None = None

    def words(self, texts: Texts, key: str) -> str:
        """Word a text of the topic."""
        return texts(f"{self.topic}.{key}", **self.params)

    def title(self, texts: Texts) -> str:
        """Return the scenario's title with what the report is about, unless it says that itself."""
        title, about = self.info.title_in(texts.language), self.words(texts, "title")
        return (
            title
            if about.casefold() in title.casefold()
            else f"{title}{texts('page.colon')}{about}"
        )


def basis_lines(report: TopicReport, language: str) -> dict[str, str]:
    """Say which document a report stands on; its clause is the topic's, not that of sizes."""
    lines = profile_lines(report.profile, language, report.rule)
    rule = report.profile.get(report.rule)
    if rule is not None:
        norm = in_language(rule.title, language)
        texts = load_texts(language)
        lines["clause"] = texts(f"{report.topic}.clause", number=rule.clause.number, norm=norm)
    return lines


def legend_row(topic: str, colour: str, key: str, **params: str) -> dict[str, Any]:
    """Say what a colour means, for the page."""
    words = {language: load_texts(language)(f"{topic}.{key}", **params) for language in LANGUAGES}
    return {"colour": colour, "words": words}
