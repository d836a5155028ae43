"""Everything that commplan raises.

Faults in data and broken rules are *findings*, never exceptions; these are for "cannot go on"::

    CommplanError
    ├── InputError (ValueError)          input that cannot be used: one `Fault` per thing to mend
    ├── MissingFileError (FileNotFoundError)  an `InputError` whose file is not there
    ├── ProfileError (ValueError)        an `InputError` in a profile
    ├── MissingAssetError (RuntimeError) the page's scripts were not fetched at set-up
    └── SolverError (RuntimeError)       the solver gave an answer that cannot be trusted

Sentences are not written here: a fault carries a code and parameters, and ``commplan.texts`` words it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing in the input that has to be mended before anything can run.

    Parameters
    ----------
    code : str
        Key of the sentence in ``texts`` (``"scenario.unknown_key"``).
    params : mapping
        What the sentence needs.
    file, layer, field_name, row
        Where the fault is; None where that does not apply. ``row`` counts from 1, as a
        spreadsheet without its head line does.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    file: str | None = None
    layer: str | None = None
    field_name: str | None = None
    row: int | None = None


class CommplanError(Exception):
    """The base of every error raised on purpose."""


class InputError(CommplanError, ValueError):
    """Input that cannot be used; ``faults`` holds every fault that was found, in order."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class MissingFileError(InputError, FileNotFoundError):
    """A file that the input names is not there."""


class ProfileError(InputError):
    """A profile that does not exist or does not hold together."""


class MissingAssetError(CommplanError, RuntimeError):
    """The page's scripts and styles are not where set-up puts them."""


class SolverError(CommplanError, RuntimeError):
    """The solver failed or returned something that its own check refuses."""
