"""What villages, coverage, grids, siting and rollout share: the run, certificates, comparing tables."""

import csv
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from commplan import __version__
from commplan.errors import Fault, InputError, SolverError
from commplan.findings import Finding, Severity
from commplan.problem.result import Status
from commplan.scenario.console import findings_total, say
from commplan.scenario.file import faults_of
from commplan.scenario.inputs import input_files
from commplan.scenario.pipeline import Situation, survey
from commplan.scenario.schema import Scenario
from commplan.scenario.section import Section
from commplan.scenario.store import check_target, file_sha256
from commplan.scenario.verify import (
    changed_files,
    changed_inputs,
    differs,
    older_version,
    same,
    stated_scenario,
)
from commplan.scenario.watch import Watch
from commplan.texts import SHOWN_FAULTS, Texts, input_error

if TYPE_CHECKING:
    import pandas as pd

    from commplan.graph.adjacency import UnitGraph

R = TypeVar("R")
DONE, FAULT = 0, 1
LIBRARIES = ("highspy", "numba", "numpy", "scipy", "shapely", "geopandas")


def lean(scenario: Scenario, layers: Sequence[str]) -> Scenario:
    """Return the scenario with some of its layers only, so that no others are read."""
    named = scenario.layers.model_dump().keys()
    fewer = scenario.layers.model_copy(update={n: None for n in named if n not in layers})
    return scenario.model_copy(update={"layers": fewer})


def surveyed(
    scenario: Scenario, layers: Sequence[str], watch: Watch, situation: Situation | None = None
) -> Situation:
    """Return the ground with some layers of the scenario; ``situation`` where it is known already."""
    return replace(situation or survey(lean(scenario, layers), watch), scenario=scenario)


def insist(faults: Sequence[Finding]) -> None:
    """Let no answer out that does not stand its check.

    Raises
    ------
    SolverError
        Naming the first fault.
    """
    if faults:
        raise SolverError(f"{faults[0].code}: {dict(faults[0].params)}")


def carry_out(
    topic: str, scenario: Scenario, file: Path, out: Path | None, make: Callable[[Path], R]
) -> tuple[R, Path]:
    """Make a run of a topic into its folder.

    Parameters
    ----------
    topic : str
    scenario : Scenario
    file : Path
        That of the scenario, which faults name.
    out : Path or None
        Left out: ``runs/<name>-<topic>``.
    make : callable
        Works on the folder it is given.

    Returns
    -------
    (run, target)

    Raises
    ------
    InputError
        Where the folder holds something else, or the scenario does not fit the data.
    """
    target = out or Path("runs") / f"{scenario.scenario.name}-{topic}"
    check_target(target)
    with faults_of(file):
        return make(target), target


def graph_of(situation: Situation) -> "UnitGraph":
    """Return who touches whom.

    Raises
    ------
    InputError
        Where the scenario has no units.
    """
    if situation.graph is None:
        raise input_error([Fault("scenario.no_units_here")])
    return situation.graph


def made_from(scenario: Scenario) -> dict[str, Any]:
    """Return seed, versions and hashes of the inputs, for a certificate."""
    return {
        "seed": scenario.scenario.seed,
        "solver": "HiGHS",
        "versions": {"commplan": __version__} | {name: version(name) for name in LIBRARIES},
        "inputs": {name: file_sha256(path) for name, path in input_files(scenario).items()},
    }


def open_topic_run(folder: Path) -> tuple[Scenario, list[Finding]]:
    """Read the scenario of a run folder, and name inputs and files that have changed since.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    manifest, scenario = stated_scenario(folder)
    return scenario, [*changed_inputs(manifest, scenario), *changed_files(folder, manifest)]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table of a run.

    Raises
    ------
    InputError
        Where it is gone or no CSV.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = {"reason": getattr(error, "strerror", None) or str(error)}
        raise input_error([Fault("scenario.unreadable", reason, str(path))]) from None


def compare_tables(folder: Path, tables: "Mapping[str, pd.DataFrame]") -> tuple[list[Finding], int]:
    """Compare tables of a run cell by cell with those made anew.

    Returns
    -------
    findings : list of Finding
        One error for each cell that differs; one in all for columns that an older version lacked.
    cells : int
        How many were compared.
    """
    from commplan.outputs.tables import write_csv

    found: list[Finding] = []
    cells = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, table in tables.items():
            write_csv(Path(scratch) / name, table)
            old, new = read_rows(folder / name), read_rows(Path(scratch) / name)
            if len(old) != len(new):
                found.append(differs(name, "rows", len(old), len(new)))
            lacking = [c for c in (new[0] if new else ()) if old and c not in old[0]]
            if lacking:
                found.append(older_version(name, lacking))
            for number, (before, again) in enumerate(zip(old, new, strict=False), start=1):
                cells += len(again)
                found += [
                    differs(name, f"{number}.{column}", before.get(column), value)
                    for column, value in again.items()
                    if column not in lacking and not same(before.get(column), value)
                ]
    return found, cells


def stated_status(held: Mapping[str, Any], file: Path) -> Status:
    """Return the status that a certificate states, or one of its parts.

    Raises
    ------
    InputError
        Where it is none.
    """
    value = held.get("status", Status.FEASIBLE)
    if value not in list(Status):
        raise _bad_entry("status", value, file)
    return Status(value)


def stated_number(held: Mapping[str, Any], name: str, file: Path) -> float:
    """Return a number that a certificate states; nan where it states none.

    Raises
    ------
    InputError
        Where something else stands there.
    """
    value = held.get(name)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad_entry(name, value, file)
    return float(value)


def stated_table(held: Mapping[str, Any], name: str, file: Path) -> dict[str, Any]:
    """Return a table that a certificate states; an empty one where it states none.

    Raises
    ------
    InputError
        Where something else stands there.
    """
    value = held.get(name, {})
    if not isinstance(value, dict):
        raise _bad_entry(name, value, file)
    return value


def _bad_entry(name: str, value: object, file: Path) -> InputError:
    shown = repr(value)
    params = {"name": name, "value": shown if len(shown) <= 40 else shown[:37] + "..."}
    return input_error([Fault("certificate.bad_entry", params, str(file))])


def differences(
    stated: Mapping[str, Any], again: Mapping[str, Any], names: Sequence[str]
) -> list[Finding]:
    """Name the entries of a certificate that do not come out again, those of its tables each."""
    lacking = [name for name in names if name not in stated]
    found = [older_version("certificate.json", lacking)] if lacking else []
    for name in names:
        if name in lacking:
            continue
        said, value = stated[name], again[name]
        if isinstance(value, Mapping):
            inner = said if isinstance(said, Mapping) else {}
            pairs = [(f"{name}.{key}", inner.get(key), one) for key, one in value.items()]
        else:
            pairs = [(name, said, value)]
        found += [
            differs("certificate.json", place, before, now)
            for place, before, now in pairs
            if not same(before, now)
        ]
    return found


def findings_lines(findings: Sequence[Finding], texts: Texts) -> list[str]:
    """Say the first warnings, then count all findings."""
    grave = [f for f in findings if f.severity is not Severity.NOTE]
    lines = [f"- {finding.words(texts)}" for finding in grave[:SHOWN_FAULTS]]
    if len(grave) > SHOWN_FAULTS:
        lines.append(texts("cli.more_causes", count=len(grave) - SHOWN_FAULTS))
    return [*lines, findings_total(findings, texts)]


def with_plan(scenario: Scenario, topic: str, section: Section, plan: str | Path) -> Scenario:
    """Return the scenario whose section of a topic names the plan it is about."""
    named = section.model_copy(update={"plan": str(Path(plan).resolve())})
    return scenario.model_copy(update={topic: named})


def written_lines(target: Path, texts: Texts) -> list[str]:
    """Say where everything lies."""
    return [texts("cli.written", folder=target), texts("cli.page", page=target / "hearing.html")]


def verdict(findings: Sequence[Finding], good: str, texts: Texts) -> int:
    """Say what came of verifying, and return the exit code; only errors count against the run."""
    lines = [f"[{texts(f'cli.severity_{f.severity}')}] {f.words(texts)}" for f in findings[:20]]
    count = sum(f.severity is Severity.ERROR for f in findings)
    say([*lines, texts("cli.verify_bad", count=count) if count else good])
    return FAULT if count else DONE
