"""What a batch consists of: scenario files, and catalogues that vary them.

A catalogue is a TOML file with ``[[cases]]``, or a CSV file with a scenario on each row. A case
names a scenario and what is different (``set``); ``each`` makes a case of every value of a field
of the units, ``vary`` one of every combination of labelled choices.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commplan.errors import Fault, InputError
from commplan.scenario.batch_catalogue import Each, Entry, Head, read_catalogue
from commplan.scenario.file import overridden, parse_scenario, resolved_values
from commplan.scenario.schema import Scenario, Title
from commplan.texts import input_error

LANGUAGES = {"zh-CN": "zh", "en": "en"}
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Case:
    """One scenario of a batch.

    Parameters
    ----------
    name : str
        Of its row and its run folder.
    title : mapping of str to str
        By language.
    file : str
        Where it comes from, for faults.
    scenario : Scenario or None
        None where it cannot be read.
    faults : tuple of Fault
        Why it cannot be read.
    """

    name: str
    title: Mapping[str, str]
    file: str
    scenario: Scenario | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Batch:
    """All that is to be done."""

    name: str
    title: Title
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class _Draft:
    """A case before its scenario is checked."""

    values: Mapping[str, Any]
    labels: tuple[str, ...]


def read_batch(paths: Sequence[Path]) -> Batch:
    """Read scenario files and catalogues.

    Parameters
    ----------
    paths : sequence of Path

    Returns
    -------
    Batch
        A scenario that cannot be read is a case with faults: the others are not held up by it.

    Raises
    ------
    InputError
        Where a catalogue cannot be used, two cases have one name, or no scenario can be read.
    """
    heads: list[Head] = []
    cases: list[Case] = []
    for path in paths:
        catalogue = read_catalogue(path)
        if catalogue is None:
            cases += _entry_cases(Entry(scenario=path.name), path.parent)
            continue
        heads.append(catalogue.batch)
        for entry in catalogue.cases:
            cases += _entry_cases(entry, path.parent)
    twice = [name for name, count in Counter(c.name for c in cases).items() if count > 1]
    if twice:
        raise input_error([Fault("batch.name_twice", {"name": name}) for name in twice])
    if all(case.scenario is None for case in cases):
        raise input_error([fault for case in cases for fault in case.faults])
    head = heads[0] if len(heads) == 1 else Head()
    return Batch(head.name, head.title, tuple(cases))


def _entry_cases(entry: Entry, folder: Path) -> list[Case]:
    """Make the cases of one entry; one with faults where its scenario cannot be read."""
    path = folder / entry.scenario
    try:
        values = resolved_values(path)
        drafts = list(_drafts(entry, values, path))
    except InputError as error:
        name = entry.name or _safe(path.stem)
        return [Case(name, {}, str(path), None, error.faults)]
    return [_case(draft, entry, path) for draft in drafts]


def _drafts(entry: Entry, values: Mapping[str, Any], path: Path) -> Iterator[_Draft]:
    """Yield every variant of an entry."""
    values = overridden(values, entry.set, path)
    axes: list[list[tuple[str, dict[str, Any]]]] = []
    if entry.each is not None:
        axes.append(list(_each_value(entry.each, values, path)))
    axes += [list(choices.items()) for choices in entry.vary.values()]
    for chosen in itertools.product(*axes):
        mine = values
        for _, changes in chosen:
            mine = overridden(mine, changes, path)
        yield _Draft(mine, tuple(label for label, _ in chosen))


def _each_value(
    each: Each, values: Mapping[str, Any], path: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every value of the field, and the conditions that pick it out."""
    layers = values.get("layers", {})
    conditions = each.where or {"units": f"{each.column} = '{{value}}'"}
    for value in _distinct(layers.get("units"), each.column, path):
        told = value.replace("'", "''")
        yield (
            value,
            {
                "layers": {
                    layer: _narrowed(layers.get(layer), wanted, told)
                    for layer, wanted in conditions.items()
                }
            },
        )


def _narrowed(files: Any, conditions: str | list[str], value: str) -> Any:
    """Put a condition on every file of a layer, beside the one that is there."""
    listed = files if isinstance(files, list) else [files or {}]
    wanted = [conditions] * len(listed) if isinstance(conditions, str) else conditions
    found = []
    for file, condition in zip(listed, wanted, strict=False):
        mine = condition.replace("{value}", value)
        before = file.get("where")
        found.append(file | {"where": f"({before}) AND ({mine})" if before else mine})
    found += listed[len(found) :]
    return found if isinstance(files, list) else found[0]


def _distinct(files: Any, column: str, path: Path) -> list[str]:
    """Return the values of a field of the units' files, sorted as text.

    Raises
    ------
    InputError
        Where no file has such a field.
    """
    import pyogrio

    found: set[str] = set()
    for file in files if isinstance(files, list) else [files or {}]:
        try:
            table = pyogrio.read_dataframe(
                file.get("path", ""),
                layer=file.get("layer"),
                where=file.get("where") or None,
                columns=[column],
                read_geometry=False,
            )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            fault = Fault("scenario.unreadable", {"reason": str(error)}, str(file.get("path")))
            raise input_error([fault]) from None
        if column in table:
            found |= {str(value) for value in table[column].dropna()}
    if not found:
        raise input_error([Fault("batch.no_values", {"column": column}, str(path))])
    return sorted(found)


def _case(draft: _Draft, entry: Entry, path: Path) -> Case:
    """Check the scenario of a variant."""
    head = dict(draft.values.get("scenario", {}))
    base = entry.name or str(head.get("name") or path.stem)
    name = "-".join([base, *(_safe(label) for label in draft.labels)])
    head["name"] = name
    given = head.get("title") if isinstance(head.get("title"), dict) else {}
    titles = {}
    for language, key in LANGUAGES.items():
        words = getattr(entry.title, key) or str((given or {}).get(key, ""))
        titles[language] = " · ".join([words, *draft.labels]) if words else name
    head["title"] = {key: titles[language] for language, key in LANGUAGES.items()}
    try:
        scenario = parse_scenario(dict(draft.values) | {"scenario": head}, str(path))
    except InputError as error:
        return Case(name, titles, str(path), None, error.faults)
    return Case(name, titles, str(path), scenario)


def _safe(label: str) -> str:
    """Make a label fit for the name of a folder."""
    return _UNSAFE.sub("-", label).strip("-.") or "x"
