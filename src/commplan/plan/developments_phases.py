"""Phases of a development, as a file writes them: ``2027:800; 2028-06:700; 350``."""

import re

from commplan.plan.developments import Phase

_SEPARATORS = re.compile(r"[;；,，、|\s]+")
_PHASE = re.compile(r"(?:(\d{4}(?:[-/.年](?:1[0-2]|0?[1-9]))?)[年月]?[:：=])?(\d+)户?")
_DAY = r"[-/.月]\d{1,2}日?(?:[ T].*)?"  # of a whole date; phases are told by months
_DATE = re.compile(rf"(\d{{4}})(?:[-/.年](1[0-2]|0?[1-9])(?:{_DAY}|月)?|年)?")
MOST_PHASES = 100  # more are a slip of the pen


class PhasingError(ValueError):
    """Phases that cannot be read, or whose households do not add up; its text is a fault's code."""


def phases_of(
    households: int, count: int, phasing: str | None, completes: str | None
) -> tuple[tuple[Phase, ...], bool]:
    """Read the phases of a development.

    Parameters
    ----------
    households : int
    count : int
        How many phases the file states; 0 for nothing stated.
    phasing : str or None
        ``"2027:800; 2028-06:700; 350"``: when, and how many households.
    completes : str or None
        When the last one is let.

    Returns
    -------
    phases : tuple of Phase
    divided : bool
        Whether households were divided evenly, because only the number of phases is known. Then
        only the last phase has a date.

    Raises
    ------
    PhasingError
        With the code of a fault.
    """
    completes = completes and _date(completes)
    if completes and _DATE.fullmatch(completes) is None:
        raise PhasingError("developments.bad_completes")
    if count > min(MOST_PHASES, max(households, 1)):
        raise PhasingError("developments.phases_too_many")
    if phasing:
        return _read_phases(households, count, phasing, completes), False
    count = max(count, 1)
    totals = [households * (k + 1) // count for k in range(count)]
    dues = [None] * (count - 1) + [completes]
    phases = [Phase(k + 1, total, due) for k, (total, due) in enumerate(zip(totals, dues))]  # noqa: B905
    return tuple(phases), count > 1


def _read_phases(
    households: int, count: int, phasing: str, completes: str | None
) -> tuple[Phase, ...]:
    found = [_PHASE.fullmatch(part) for part in _SEPARATORS.split(phasing.strip()) if part]
    if not found or any(match is None for match in found):
        raise PhasingError("developments.bad_phasing")
    phases: list[Phase] = []
    total = 0
    for number, match in enumerate(found, start=1):
        due, own = match.groups() if match is not None else (None, "0")
        total += int(own)
        phases.append(Phase(number, total, due and _date(due)))
    if len(phases) > MOST_PHASES:
        raise PhasingError("developments.phases_too_many")
    if total != households:
        raise PhasingError("developments.phases_do_not_add_up")
    if count and count != len(phases):
        raise PhasingError("developments.phases_count")
    dues = [phase.due for phase in phases if phase.due is not None]
    if dues != sorted(dues):
        raise PhasingError("developments.phases_order")
    if phases[-1].due is None:
        phases[-1] = Phase(len(phases), total, completes)
    return tuple(phases)


def _date(words: str) -> str:
    """Write a year, or a year and a month, so that dates sort as text; other words stay."""
    found = _DATE.fullmatch(words.strip())
    if found is None:
        return words
    year, month = found.groups()
    return year if month is None else f"{year}-{int(month):02d}"
