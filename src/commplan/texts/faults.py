"""Faults in the words of a language: one line each, where first, what to do last."""

from collections.abc import Sequence

from commplan.errors import Fault, InputError, MissingFileError
from commplan.texts.catalogue import Texts, load_texts


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
    """Make the error for ``faults``, its message in English (the command line words it anew)."""
    if all(f.code == "fault.missing_file" for f in faults):
        kind = MissingFileError
    english = load_texts("en")
    return kind("\n".join(render_fault(f, english) for f in faults), faults)
