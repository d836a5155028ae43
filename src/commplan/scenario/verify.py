"""Recompute a plan from the input layers and ``assignment.csv`` alone, without the optimiser."""

import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.scenario.assignment import judge_run, read_assignment, table_rows
from commplan.scenario.file import faults_of, parse_scenario
from commplan.scenario.inputs import input_files, programme_options
from commplan.scenario.pipeline import Situation, judge_by_hand, pose, survey
from commplan.scenario.schema import Scenario
from commplan.scenario.store import MANIFEST, file_sha256, read_json
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    import pandas as pd

    from commplan.scenario.pipeline import Judged

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What came out again: the findings against the plan, and how many figures were compared."""

    findings: tuple[Finding, ...]
    figures: int
    judged: "Judged"

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return what speaks against the plan."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def told(self) -> tuple[Finding, ...]:
        """Return what speaks against the plan, and which of its files have changed."""
        return tuple(against(self.findings))


def verify_run(folder: Path, watch: Watch) -> Verdict:
    """Verify the folder of a run.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    manifest, scenario = open_run(folder)
    situation = survey(scenario, watch)
    judged = judge_run(situation, folder, watch)
    found = [*changed_inputs(manifest, scenario), *changed_files(folder, manifest)]
    found += judged.scorecard.findings
    differences, figures = _recorded(folder, judged)
    return Verdict((*found, *differences), figures, judged)


def open_run(folder: Path) -> tuple[dict[str, Any], Scenario]:
    """Read the manifest of a run that has a plan, and the scenario it stands for.

    Raises
    ------
    InputError
        Where the folder is not a finished run with a plan, or its inputs are gone.
    """
    manifest, scenario = stated_scenario(folder)
    if not (folder / "assignment.csv").exists() and (folder / "certificate.json").exists():
        recorded = read_json(folder / "certificate.json")
        kind, status = recorded.get("kind"), recorded.get("status")
        if kind is not None:  # of villages, coverage, grids or a rollout: it has tables of its own
            raise input_error([Fault("certificate.by_verify", {"kind": kind}, str(folder))])
        raise input_error([Fault("scenario.no_plan_in_run", {"status": status}, str(folder))])
    return manifest, scenario


def stated_scenario(folder: Path) -> tuple[dict[str, Any], Scenario]:
    """Read the manifest of a run folder, and the scenario it stands for.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    manifest = read_json(folder / MANIFEST)
    scenario = parse_scenario(manifest.get("scenario", {}), str(folder / MANIFEST))
    gone = [f for f in input_files(scenario).items() if not f[1].exists()]
    if gone:
        raise input_error([Fault("scenario.input_gone", {}, str(p), name) for name, p in gone])
    return manifest, scenario


def verify_by_hand(situation: Situation, file: Path, watch: Watch) -> Verdict:
    """Score a plan drawn by hand, its rooms placed as a run would place them."""
    assignment = read_assignment(file)
    with faults_of(file):
        judged = judge_by_hand(situation, assignment, watch)
    return Verdict(judged.scorecard.findings, 0, judged)


def changed_inputs(manifest: dict[str, Any], scenario: Scenario) -> list[Finding]:
    """Name input files that are not as the run read them."""
    hashes = manifest.get("inputs", {})
    return [
        Finding("scenario.input_changed", Severity.ERROR, {"file": path.name}, layer=name)
        for name, path in input_files(scenario).items()
        if hashes.get(name) != file_sha256(path)
    ]


def _recorded(folder: Path, judged: "Judged") -> tuple[list[Finding], int]:
    """Compare every figure of the run's tables, scorecard and certificate with those just made."""
    from commplan.outputs.tables import scorecard_json, write_csv

    found: list[Finding] = []
    compared = 0
    with tempfile.TemporaryDirectory() as name:
        for table, frame in _tables_again(judged, folder).items():
            write_csv(Path(name) / table, frame)
            cells = _table_differences(
                table, table_rows(folder / table), table_rows(Path(name) / table)
            )
            found, compared = found + cells[0], compared + cells[1]
    card = _by_code(scorecard_json(judged.scorecard, judged.circles))
    pairs = [("scorecard.json", _by_code(read_json(folder / "scorecard.json")), card)]
    if (folder / "certificate.json").exists():
        recorded = read_json(folder / "certificate.json")
        pairs.append(("certificate.json", *certified(recorded, judged)))
    for file, stated, made in pairs:
        before, again = _leaves(stated), _leaves(made)
        lacking = set(map(_entry, again)) - set(map(_entry, before))
        found += [older_version(file, sorted(lacking))] if lacking else []
        places = [p for p in dict.fromkeys([*before, *again]) if _entry(p) not in lacking]
        compared += len(places)
        found += [
            differs(file, place, before.get(place), again.get(place))
            for place in places
            if not same(before.get(place), again.get(place))
        ]
    return found, compared


def _tables_again(judged: "Judged", folder: Path) -> "dict[str, pd.DataFrame]":
    """Make the tables of a run anew; those of sizes and programme where the run wrote them."""
    from commplan.outputs.rooms_tables import room_tables
    from commplan.outputs.tables import figure_tables

    situation = judged.situation
    own = room_tables(judged.plan, situation.profile, programme_options(situation.scenario))
    own = {name: table for name, table in own.items() if (folder / name).exists()}
    return figure_tables(judged.plan, judged.scorecard, judged.circles) | own


def _by_code(card: dict[str, Any]) -> dict[str, Any]:
    """Put the measures of a scorecard by code, so that one more or less moves no other."""
    held = card.get("measures")
    listed = [m for m in held if isinstance(m, dict)] if isinstance(held, list) else []
    return card | {"measures": {str(m.get("code")): m for m in listed}}


def _entry(place: str) -> str:
    """Name what a place in a file belongs to: ``communities.name`` of ``communities.0.name``."""
    return ".".join([part for part in place.split(".") if not part.isdecimal()][:2])


def certified(recorded: dict[str, Any], judged: "Judged") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the certificate says that can be worked out again, and what it should say.

    Terms, objective, gap, weights and bounds follow from plan and scenario. The bound itself is
    the optimiser's; here it is only held against the objective.
    """
    problem = pose(judged.situation)
    weights = asdict(problem.weights)
    terms = {name: judged.scorecard.terms.get(name) for name in recorded.get("terms", {})}
    objective = sum(weights[name] * (value or 0.0) for name, value in terms.items())
    bound = recorded.get("bound")
    if not isinstance(bound, int | float) or bound > objective * (1 + TOLERANCE) + TOLERANCE:
        bound = objective
    gap = (objective - bound) / objective if objective > bound else 0.0
    is_proven = recorded.get("status") == "optimal" and gap <= TOLERANCE
    again = {
        "terms": terms,
        "weights": weights,
        "objective": objective,
        "bound": bound,
        "gap": gap,
        "status": "optimal" if is_proven else "feasible",
        "min_households": problem.min_households,
        "max_households": problem.max_households,
    }
    return {key: recorded[key] for key in again if key in recorded}, again


def changed_files(folder: Path, manifest: dict[str, Any]) -> list[Finding]:
    """Name files that are not as the run left them: an error where figures are read from them."""
    found = []
    for name, digest in manifest.get("files", {}).items():
        path = folder / name
        if path.is_file() and file_sha256(path) == digest:
            continue
        severity = Severity.ERROR if path.suffix in (".csv", ".json") else Severity.WARNING
        found.append(Finding("scenario.file_changed", severity, {"file": name}))
    return found


def against(findings: Iterable[Finding]) -> list[Finding]:
    """Pick errors, and the files that have changed although no figure is read from them."""
    return [
        f for f in findings if f.severity is Severity.ERROR or f.code == "scenario.file_changed"
    ]


def _table_differences(
    table: str, old: list[dict[str, str]], new: list[dict[str, str]]
) -> tuple[list[Finding], int]:
    if len(old) != len(new):
        return [differs(table, "rows", len(old), len(new))], 1
    found = [
        differs(table, f"{number}.{column}", value, again.get(column))
        for number, (row, again) in enumerate(zip(old, new, strict=True), start=1)
        for column, value in row.items()
        if not same(value, again.get(column))
    ]
    return found, sum(len(row) for row in old)


def _leaves(value: Any, place: str = "") -> dict[str, Any]:
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {place: value}
    return {
        key: leaf
        for name, inner in value.items()
        for key, leaf in _leaves(inner, f"{place}.{name}" if place else str(name)).items()
    }


def same(a: Any, b: Any) -> bool:
    """Whether two recorded values are the same: numbers within 1e-6 relative, the rest exactly."""
    try:
        return math.isclose(float(a), float(b), rel_tol=TOLERANCE, abs_tol=1e-9)
    except (TypeError, ValueError):
        return bool(a == b)


def older_version(file: str, lacking: Sequence[str]) -> Finding:
    """Say that a file lacks what this version writes, once for all of it."""
    params = {"file": file, "lacking": ", ".join(lacking)}
    return Finding("scenario.older_version", Severity.ERROR, params)


def differs(file: str, place: str, recorded: object, again: object) -> Finding:
    """Name a recorded figure that does not come out again."""
    params = {"file": file, "place": place, "recorded": str(recorded), "again": str(again)}
    return Finding("scenario.differs", Severity.ERROR, params)
