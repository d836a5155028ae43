"""Dossier: what the documents of a hearing say beside the report's figures, worked out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from commplan.outputs.documents_rooms import Place, room_places
from commplan.outputs.notice_bounds import Sides, four_boundaries
from commplan.outputs.workbook import Report
from commplan.plan.plan import Plan


@dataclass(frozen=True)
class Comment:
    """A comment that came in.

    Parameters
    ----------
    name : str
        Whose it is.
    words : str
    unit : int
        Row of the unit that it is about; -1 where it names none.
    place : str
        What it says of the place, where that is no unit.
    answer, taken : str
        What was answered, and whether it is taken up; "" where nobody has answered yet.
    """

    name: str
    words: str
    unit: int = -1
    place: str = ""
    answer: str = ""
    taken: str = ""


@dataclass(frozen=True)
class Dossier:
    """What documents are written from.

    Parameters
    ----------
    report : Report
    sides : list of mapping
        The four boundaries of each proposed community (`four_boundaries`).
    places : list of Place
        Of the rooms, row for row with ``report.plan.rooms.rooms``.
    comments : sequence of Comment
    fields : mapping of str to mapping
        By language, what the office fills in (`documents_fields`).
    """

    report: Report
    sides: Sequence[Sides]
    places: Sequence[Place]
    comments: Sequence[Comment] = ()
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.report.plan


def make_dossier(
    report: Report,
    comments: Sequence[Comment] = (),
    fields: Mapping[str, Mapping[str, Any]] | None = None,
) -> Dossier:
    """Work out boundaries and places of a plan."""
    plan = report.plan
    return Dossier(report, four_boundaries(plan), room_places(plan), comments, fields or {})
