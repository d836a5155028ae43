"""Templates of the documents: shipped ones, the user's in their place, and what an office fills in."""

import difflib
import shutil
import tomllib
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from commplan.errors import Fault
from commplan.texts import LANGUAGES, Texts, input_error

DOCUMENTS = ("notice", "proposal", "tables", "answers")
FIELDS_FILE = "fields.toml"
#: Field -> the blank that stands where it is empty.
BLANKS = {
    "authority": "blank", "recipient": "blank", "number": "blank_number", "signer": "blank",
    "contact": "blank", "phone": "blank", "address": "blank", "email": "blank",
    "period": "blank_period", "date": "blank_date",
}  # fmt: skip

Fields = Mapping[str, Any]


def template_bytes(name: str, language: str, folder: Path | None = None) -> tuple[bytes, str]:
    """Return a template and where it comes from: the user's, else the shipped one.

    Raises
    ------
    InputError
        Where the user's cannot be read.
    """
    own = None if folder is None else folder / language / f"{name}.docx"
    if own is not None and own.exists():
        try:
            return own.read_bytes(), str(own)
        except OSError as error:
            reason = {"reason": error.strerror or str(error)}
            raise input_error([Fault("documents.fault_template", reason, str(own))]) from None
    return (_shipped() / language / f"{name}.docx").read_bytes(), f"{language}/{name}.docx"


def _shipped() -> Any:
    return files("commplan.outputs") / "templates" / "documents"


def copy_templates(target: Path) -> None:
    """Copy the shipped templates into a folder, for the user to change.

    Raises
    ------
    InputError
        Where one of them is there already: nobody's work is written over.
    """
    with as_file(_shipped()) as source:
        paths = [path for path in sorted(Path(source).rglob("*")) if path.is_file()]
        names = [path.relative_to(source) for path in paths]
        there = [target / name for name in names if (target / name).exists()]
        if there:
            raise input_error(
                [Fault("documents.fault_templates_there", {"file": str(p)}) for p in there]
            )
        for path, name in zip(paths, names, strict=True):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)


def read_fields(folder: Path | None = None) -> Fields:
    """Read what the office fills in, from the user's ``fields.toml`` where there is one.

    Returns
    -------
    mapping
        ``draft``, and for each language a mapping of field to text.

    Raises
    ------
    InputError
        Where the file is no TOML or names what the documents do not know.
    """
    known = tomllib.loads((_shipped() / FIELDS_FILE).read_text(encoding="utf-8"))
    path = None if folder is None else folder / FIELDS_FILE
    if path is None or not path.is_file():
        return known
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault("documents.fault_toml", {"reason": str(error)}, str(path))
        raise input_error([fault]) from None
    faults = _unknown(given, known, path)
    for language in LANGUAGES:
        part = given.get(language, {})
        if isinstance(part, Mapping):
            faults += _unknown(part, known[language], path)
        else:
            reason = {"reason": f"[{language}] must be a table"}
            faults.append(Fault("documents.fault_toml", reason, str(path)))
    if faults:
        raise input_error(faults)
    return known | {
        key: known[key] | value if key in LANGUAGES else value for key, value in given.items()
    }


def _unknown(given: Mapping[str, Any], known: Mapping[str, Any], path: Path) -> list[Fault]:
    faults = []
    for key in given:
        if key not in known:
            nearest = difflib.get_close_matches(key, known, 1, 0.0)[0]
            params = {"key": key, "nearest": nearest}
            faults.append(Fault("documents.fault_field", params, str(path)))
    return faults


def filled(fields: Fields, texts: Texts, year: int) -> dict[str, str]:
    """Return every field in a language, a blank where it is empty."""
    given = fields.get(texts.language, {})
    return {
        name: str(given.get(name) or texts(f"documents.{blank}", year=year))
        for name, blank in BLANKS.items()
    }
