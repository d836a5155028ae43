"""What is asked of a run besides its one plan: more plans, a page to edit, a start by hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from commplan.errors import Fault
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.scenario.alternatives import Wishes


@dataclass(frozen=True)
class Asked:
    """What is asked of a run besides its one plan.

    Parameters
    ----------
    wishes : Wishes or None
        More plans.
    edit : bool
        The page is to be edited live.
    start, base : Path or None
        An edited list, and the folder of the run that it was made from.
    """

    wishes: "Wishes | None" = None
    edit: bool = False
    start: Path | None = None
    base: Path | None = None


def asked_of(wishes: "Wishes | None", edit: bool, start: Path | None, base: Path | None) -> Asked:
    """Read the options about editing.

    Raises
    ------
    InputError
        Where ``--start`` or ``--base`` stands alone.
    """
    for option, given, other, needed in (
        ("--start", start, "--base", base),
        ("--base", base, "--start", start),
    ):
        if given is not None and needed is None:
            params = {"option": option, "other": other}
            raise input_error([Fault("alternatives.needs_alternatives", params)])
    return Asked(wishes, edit, start, base)


def wishes_of(
    alternatives: int | None,
    difference: float | None,
    within: float | None,
    front: str | None,
    points: int | None,
) -> "Wishes | None":
    """Read the options about more than one plan; None where nothing is asked for.

    Raises
    ------
    InputError
        Where an option needs another one, or the aims of the front cannot be used.
    """
    idle = [("--difference", difference), ("--within", within)] if alternatives is None else []
    faults = [
        Fault("alternatives.needs_alternatives", {"option": option, "other": "--alternatives"})
        for option, value in idle
        if value is not None
    ]
    if front is None and points is not None:
        params = {"option": "--points", "other": "--front"}
        faults.append(Fault("alternatives.needs_alternatives", params))
    if faults:
        raise input_error(faults)
    if alternatives is None and front is None:
        return None
    from commplan.scenario.alternatives import Wishes, parse_aims

    given = {"difference": difference, "within": within, "points": points}
    known = {name: value for name, value in given.items() if value is not None}
    aims = None if front is None else parse_aims(front)
    return Wishes(alternatives=alternatives or 0, front=aims, **known)  # type: ignore[arg-type]
