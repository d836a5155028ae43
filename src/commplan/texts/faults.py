"""Faults in the words of a language: one line each, where first, what to do last."""

from collections.abc import Sequence

from commplan.errors import Fault, InputError, MissingFileError
from commplan.texts.catalogue import Texts, load_texts

SHOWN_FAULTS = 5


def render_fault(fault: Fault, texts: Texts) -> str:
    """One line: file, layer, field and row as far as they are known, then the sentence."""
    places = [
        texts(f"fault.where_{name}", value=value)
        for name, value in (
            ("file", fault.file),
            ("layer", fault.layer),
            ("field", fault.field_name),
            ("row", fault.row),
        )
        if value is not None
    ]
    sentence = texts(fault.code, **fault.params)
    line = (
        texts("fault.line", where=texts("fault.comma").join(places), what=sentence)
        if places
        else sentence
    )
    return " ".join(line.split())


def input_error(faults: Sequence[Fault], kind: type[InputError] = InputError) -> InputError:
    """Make the error for ``faults``.

    Its message is English and cut after five faults; the command line words them anew in the
    user's language.

    Returns
    -------
    InputError
        Of ``kind``; `MissingFileError` where the only trouble is files that are not there.
    """
    if all(fault.code == "fault.missing_file" for fault in faults):
        kind = MissingFileError
    return kind("\n".join(fault_lines(faults, load_texts("en"))), faults)


def fault_lines(faults: Sequence[Fault], texts: Texts) -> list[str]:
    """Word at most five faults, a line each, then a count of the rest."""
    lines = [render_fault(fault, texts) for fault in faults[:SHOWN_FAULTS]]
    rest = len(faults) - len(lines)
    return [*lines, texts("fault.more", count=rest)] if rest else lines
