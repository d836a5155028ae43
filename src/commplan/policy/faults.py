"""Collecting what is wrong with a profile, and the error that says all of it at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from commplan.errors import Fault, InputError, ProfileError
from commplan.texts import input_error


@dataclass
class FaultList:
    """Faults of one profile file, in the order in which they were found.

    Parameters
    ----------
    file : str
        Path, or the name of a shipped profile.
    faults : list of Fault
    """

    file: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, code: str, where: str | None = None, **params: object) -> None:
        """Note a fault: key of its sentence (topic ``policy``), field, and what the sentence needs."""
        self.faults.append(Fault(code, params, file=self.file, field_name=where))

    def unknown(self, code: str, where: str | None, word: object, known: Iterable[str]) -> None:
        """Note a word that is none of ``known``, with the nearest one where there is one.

        ``code`` names the sentence without a suggestion; ``<code>_near`` the one with it.
        """
        near = nearest(str(word), known)
        if near is None:
            self.add(code, where, word=word, known=", ".join(known))
        else:
            self.add(f"{code}_near", where, word=word, nearest=near)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, or None where none is like it."""
    matches = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def profile_error(faults: Sequence[Fault]) -> InputError:
    """Make the error for ``faults``: `MissingFileError` where the only trouble is a missing file."""
    return input_error(faults, ProfileError)
