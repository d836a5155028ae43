"""Read a scenario file: variables, ``extends``, paths; every fault collected and shown at once.

The format is TOML, checked by the frozen models of ``schema``. ``extends`` names one file or
several; their values are taken in order, each overriding the one before, and the file's own come
last. Relative paths start at the file in which they are written.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from commplan.errors import Fault, InputError
from commplan.scenario.schema import Scenario, absolute, known_keys
from commplan.texts import input_error

_EXPECTED = {
    "int_type",
    "float_type",
    "string_type",
    "bool_type",
    "dict_type",
    "tuple_type",
    "finite_number",
    "greater_than_equal",
    "greater_than",
    "less_than_equal",
    "literal_error",
    "string_pattern_mismatch",
    "too_long",
    "too_short",
}
_LIMITS = ("expected", "ge", "gt", "le", "pattern", "max_length", "min_length")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def read_scenario(path: Path | str) -> Scenario:
    """Read, resolve and check a scenario file.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    Scenario
        With absolute paths.

    Raises
    ------
    InputError
        With one fault per thing to mend; `MissingFileError` where the file is not there.
    """
    path = Path(path)
    values = _resolved(path, ())
    return parse_scenario(values, str(path))


def resolved_values(path: Path) -> dict[str, Any]:
    """Return the values of a scenario file, resolved but not yet checked.

    Raises
    ------
    InputError
        As `read_scenario` does, but for what only the check of the whole finds.
    """
    return _resolved(path, ())


def overridden(values: Mapping[str, Any], changes: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return resolved values with others put over them, as ``extends`` does.

    Parameters
    ----------
    values, changes : mappings
        Sections by name; relative paths in ``changes`` start at the folder of ``path``.
    path : Path
        Named in faults.
    """
    expanded = _with_absolute_paths(_expanded(dict(changes), str(path)), path.parent)
    return _merged(dict(values), expanded)


def parse_scenario(values: Mapping[str, Any], file: str) -> Scenario:
    """Check resolved values; ``file`` is named in faults."""
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        raise input_error(_faults(error.errors(), values, file)) from None


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Name the scenario file in faults that its values cause later, when they meet the data."""
    try:
        yield
    except InputError as error:
        named = [replace(fault, file=fault.file or str(path)) for fault in error.faults]
        raise input_error(named, type(error)) from None


def with_redraw(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """Return a scenario with other values under ``[redraw]``, checked as a file would be."""
    values = scenario.model_dump(exclude_none=True)
    values["redraw"] = values["redraw"] | dict(changes)
    return parse_scenario(values, scenario.scenario.name)


def _resolved(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    here = path.resolve()
    if here in seen:
        raise input_error([Fault("scenario.circular_extends", file=str(path))])
    values = _expanded(_parsed(path), str(path))
    parents = values.pop("extends", [])
    base: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        base = _merged(base, _resolved(path.parent / str(parent), (*seen, here)))
    return _merged(base, _with_absolute_paths(values, path.parent))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise input_error([Fault("fault.missing_file", file=str(path))]) from None
    except UnicodeDecodeError:
        raise input_error([Fault("scenario.not_utf8", file=str(path))]) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise input_error([Fault("scenario.unreadable", {"reason": reason}, str(path))]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        fault = Fault(
            "scenario.toml_syntax",
            {"reason": str(error)},
            file=str(path),
            row=int(line.group(1)) if line else None,
        )
        raise input_error([fault]) from None


def _expanded(value: Any, file: str) -> Any:
    """Replace ``${NAME}`` and ``${NAME:-default}`` in every text."""
    if isinstance(value, dict):
        return {key: _expanded(inner, file) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expanded(inner, file) for inner in value]
    if not isinstance(value, str):
        return value

    def lookup(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        found = os.environ.get(name) or default
        if found is None:
            raise input_error([Fault("scenario.unset_variable", {"name": name}, file)])
        return found

    return _VARIABLE.sub(lookup, value)


def _with_absolute_paths(values: dict[str, Any], base: Path) -> dict[str, Any]:
    values = dict(values)
    layers = values.get("layers")
    if isinstance(layers, dict):
        values["layers"] = {name: _absolute_layer(layer, base) for name, layer in layers.items()}
    for name in ("grids", "rollout"):
        part = values.get(name)
        if isinstance(part, dict) and isinstance(part.get("plan"), str):
            values[name] = part | {"plan": absolute(part["plan"], base)}
    head = values.get("scenario")
    if isinstance(head, dict) and str(head.get("profile", "")).endswith(".toml"):
        values["scenario"] = head | {"profile": absolute(head["profile"], base)}
    return values


def _absolute_layer(layer: Any, base: Path) -> Any:
    if isinstance(layer, list):
        return [_absolute_layer(file, base) for file in layer]
    if isinstance(layer, dict) and isinstance(layer.get("path"), str):
        return layer | {"path": absolute(layer["path"], base)}
    return layer


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Override table by table; weights are one choice and are replaced whole."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        if isinstance(known, dict) and isinstance(value, dict) and key != "weights":
            result[key] = _merged(known, value)
        else:
            result[key] = value
    return result


#: Errors that two sections make together, and where they are mended.
_OF_SEVERAL = {"scenario.only_walk_terms": "redraw.weights"}


def _faults(errors: Sequence[Any], values: Mapping[str, Any], file: str) -> list[Fault]:
    """Turn pydantic's errors into faults with sentences of ours, one per place in the file."""
    found: dict[str, Fault] = {}
    for error in errors:
        steps = _steps_in_file(
            error["loc"], values, error["type"] in {"extra_forbidden", "missing"}
        )
        place = place_of(steps)
        if error["type"] == "too_short" and any(known.startswith(f"{place}.") for known in found):
            continue  # the list only counts as short because its items are wrong
        layer = str(steps[1]) if len(steps) > 1 and steps[0] == "layers" else None
        code, params = _worded(error, steps)
        place = _OF_SEVERAL.get(code, place)
        found.setdefault(place, Fault(code, params, file, layer, place or None))
    return list(found.values())


def place_of(steps: Sequence[str | int]) -> str:
    """Name a place in a file; the items of a list count from 1, as rows do."""
    return ".".join(str(step + 1 if isinstance(step, int) else step) for step in steps)


def _steps_in_file(steps: Sequence[Any], values: Any, last_is_key: bool) -> tuple[str | int, ...]:
    """Drop what pydantic adds to a place (names of union members), keep what the file says."""
    kept: list[str | int] = []
    for step in steps:
        in_list = isinstance(values, list) and isinstance(step, int) and step < len(values)
        if in_list or (isinstance(values, dict) and step in values):
            values = values[step]
        elif not (last_is_key and step == steps[-1]):
            continue
        kept.append(step)
    return tuple(kept)


def _worded(error: Any, steps: tuple[str | int, ...]) -> tuple[str, dict[str, object]]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(steps[-1]), known_keys(steps[:-1]), n=1, cutoff=0.0)
        return "scenario.unknown_key", {"key": steps[-1], "near": near[0] if near else "-"}
    if kind == "missing":
        return "scenario.missing_key", {}
    if kind == "value_error":
        code, *given = str(context["error"]).split(":")
        return f"scenario.{code}", {f"v{i}": value for i, value in enumerate(given)}
    shown = repr(error["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    limit = next((context[key] for key in _LIMITS if key in context), "")
    code = f"scenario.expect_{kind}" if kind in _EXPECTED else "scenario.bad_value"
    return code, {"got": shown, "limit": limit}
