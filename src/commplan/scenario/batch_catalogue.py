"""Catalogue files of a batch: TOML with ``[[cases]]``, or CSV with a scenario on each row."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from commplan.errors import Fault
from commplan.scenario.file import place_of
from commplan.scenario.schema import Title
from commplan.scenario.section import Section
from commplan.texts import input_error


class Each(Section):
    """``[cases.each]``: a case of every value of a field of the units."""

    column: str
    where: dict[str, str | list[str]] = Field(default_factory=dict)


class Entry(Section):
    """``[[cases]]``: one scenario, or many that differ in something."""

    scenario: str
    name: str = ""
    title: Title = Title()
    set: dict[str, Any] = Field(default_factory=dict)
    each: Each | None = None
    vary: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)


class Head(Section):
    """``[batch]``: what the batch is called."""

    name: Annotated[str, Field(pattern=r"^[\w.-]+$")] = "batch"
    title: Title = Title()


class Catalogue(Section):
    """A catalogue file."""

    batch: Head = Head()
    cases: Annotated[tuple[Entry, ...], Field(min_length=1, strict=False)]


def read_catalogue(path: Path) -> Catalogue | None:
    """Read a catalogue; None where ``path`` is a scenario.

    Raises
    ------
    InputError
        Where it is not there or holds something else than a catalogue may.
    """
    if path.suffix.lower() == ".csv":
        values: dict[str, Any] = {"cases": list(_csv_entries(path))}
    else:
        values = _toml(path)
        if "cases" not in values and "batch" not in values:
            return None
    try:
        return Catalogue.model_validate(values)
    except ValidationError as error:
        found = error.errors()
        # A list whose cases are wrong counts as too short besides, for want of right ones.
        wrong = any(e["loc"][0] == "cases" and len(e["loc"]) > 1 for e in found)
        kept = [e for e in found if not (wrong and e["type"] == "too_short")]
        raise input_error([_fault(e, str(path)) for e in kept]) from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise input_error([Fault("fault.missing_file", file=str(path))]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}  # said of the scenario, with the line


def _csv_entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield an entry for each row; other columns are values to set, by their dotted keys."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise input_error([Fault("fault.missing_file", file=str(path))]) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fault = Fault("scenario.unreadable", {"reason": str(error)}, str(path))
        raise input_error([fault]) from None
    for row in rows:
        entry: dict[str, Any] = {}
        for key, cell in row.items():
            if key is None or cell is None or not str(cell).strip():
                continue
            own = key in {"scenario", "name"} or key.startswith("title.")
            steps = key.split(".") if own else ["set", *key.split(".")]
            _put(entry, steps, str(cell) if own else _typed(str(cell)))
        yield entry


def _put(values: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        values = values.setdefault(step, {})
    values[steps[-1]] = value


def _typed(cell: str) -> Any:
    """Read a cell as TOML would (numbers, true, tables); as text where it is nothing of that."""
    try:
        return tomllib.loads(f"value = {cell}")["value"]
    except tomllib.TOMLDecodeError:
        return cell


def _fault(error: Any, file: str) -> Fault:
    place = place_of(error["loc"])
    if error["type"] == "extra_forbidden":
        known = [*Entry.model_fields, *Each.model_fields, *Catalogue.model_fields, "title"]
        near = get_close_matches(str(error["loc"][-1]), known, n=1, cutoff=0.0)
        params = {"key": error["loc"][-1], "near": near[0]}
        return Fault("scenario.unknown_key", params, file, field_name=place)
    if error["type"] == "missing":
        return Fault("scenario.missing_key", {}, file, field_name=place)
    params = {"got": repr(error["input"])[:60], "limit": ""}
    return Fault("scenario.bad_value", params, file, field_name=place)
