"""PageInfo: what pages and reports say about themselves, beside the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Finding, worst_first
from commplan.territory.territory import Territory

if TYPE_CHECKING:
    from commplan.outputs.basemap import Basemap
    from commplan.outputs.edit import EditRules
    from commplan.outputs.reasons import OtherPlan


@dataclass(frozen=True)
class PageInfo:
    """Title, date and languages of the outputs.

    Parameters
    ----------
    title : mapping of str to str
        By language; ``zh`` and ``zh-CN`` both serve.
    scenario : str
        Name of the scenario.
    date : datetime.date
        Printed on everything; it is the caller's, so that the same run gives the same page.
    languages : tuple of str
        In this order; the first is shown first.
    attribution : str
        Whose data it is (``"© OpenStreetMap contributors"``), printed on page, map and report.
    note : mapping of str to str
        What a reader must know about the data (that it is synthetic), by language.
    map_approval : str
        Number of the map approval (审图号); a blank to fill in where there is none yet.
    bounds_households : (int, int) or None
        The bounds that the scenario used; None means the profile's.
    limit_min : float
        The longest walk to a room that counts as near, for the words beside those figures.
    findings : tuple of Finding
        Noticed besides those that the plan carries.
    trajectory : tuple of (seconds, cost)
        How the search went; empty for a plan drawn by hand.
    edit : EditRules or None
        Where the page is to be edited live, by what an edited plan is judged.
    alternatives : tuple of OtherPlan
        Plans found besides this one, for the reasons of the communities.
    basemap : Basemap or None
        What a viewer of the page may lay under the map; None for a page that knows no host.
    """

    title: Mapping[str, str]
    scenario: str
    date: date
    languages: tuple[str, ...] = ("zh-CN", "en")
    attribution: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    map_approval: str = ""
    bounds_households: tuple[int, int] | None = None
    limit_min: float = 15.0
    findings: tuple[Finding, ...] = ()
    trajectory: tuple[tuple[float, float], ...] = ()
    edit: "EditRules | None" = None
    alternatives: tuple["OtherPlan", ...] = ()
    basemap: "Basemap | None" = None

    def title_in(self, language: str) -> str:
        """Return the title in ``language``, else in another one, else the scenario's name."""
        return in_language(self.title, language) or self.scenario

    def note_in(self, language: str) -> str:
        """Return the note in ``language``, else in another one, else ""."""
        return in_language(self.note, language)


def in_language(by_language: Mapping[str, str], language: str) -> str:
    """Pick the text of a language from a mapping keyed ``zh-CN`` or ``zh``; "" where none is."""
    for key in (language, language.split("-", maxsplit=1)[0]):
        if by_language.get(key):
            return by_language[key]
    return next((text for text in by_language.values() if text), "")


def all_findings(
    info: PageInfo,
    territory: Territory,
    scorecard: Scorecard | None = None,
    circles: Circles | None = None,
) -> tuple[Finding, ...]:
    """Gather what every stage noticed, worst first, each thing once."""
    noticed = [*(scorecard.findings if scorecard else ()), *territory.findings]
    noticed += [*(circles.findings if circles else ()), *info.findings]
    once = {repr(finding): finding for finding in noticed}
    return worst_first(once.values())
