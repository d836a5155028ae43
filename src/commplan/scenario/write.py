"""Write a run: tables, maps and documents, the certificate, and the manifest that names it all."""

import json
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan import __version__
from commplan.findings import Finding
from commplan.outputs.tables import findings_json, plain, write_json
from commplan.policy.norms import choice
from commplan.scenario.inputs import attribution, input_files, programme_options, score_options
from commplan.scenario.pipeline import Judged, Situation, Solution
from commplan.scenario.schema import Scenario
from commplan.scenario.store import MANIFEST, file_sha256, run_folder
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    from commplan.outputs.info import PageInfo
    from commplan.outputs.reasons import OtherPlan
    from commplan.plan.plan import RoomPlan

_NUMBERS = re.compile(r"\[[-+.eE\d,\s]*\]")  # a list of numbers
SOLVERS = ("highspy", "pulp", "numba", "numpy", "scipy", "shapely", "geopandas", "pymetis")


def write_solution(
    solution: Solution,
    target: Path,
    watch: Watch,
    write_more: Callable[[Path], None] | None = None,
    others: "tuple[OtherPlan, ...]" = (),
) -> None:
    """Write a plan, or why there is none, into the run folder ``target``, whole or not at all.

    ``write_more`` may add files of its own to the folder before the manifest is made; ``others``
    are plans found besides, which the reasons of the communities name.
    """
    scenario = solution.situation.scenario
    with run_folder(target) as folder, watch.stage("write"):
        if solution.judged is None:
            _write_findings(folder, solution.findings)
        else:
            bounds = (solution.problem.min_households, solution.problem.max_households)
            _write_plan(solution.judged, folder, bounds, solution.result.trajectory, others)
        _write_certificate(folder / "certificate.json", solution)
        if write_more is not None:
            write_more(folder)
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def write_survey(situation: Situation, target: Path, watch: Watch) -> None:
    """Write what there is to see of a scenario without units: the map and the findings."""
    from commplan.outputs.hearing_map import write_territory_page

    with run_folder(target) as folder, watch.stage("write"):
        page = folder / "hearing.html"
        info = page_info(situation.scenario, situation.findings)
        write_territory_page(page, situation.territory, situation.profile, info)
        _write_findings(folder, situation.findings)
        write_json(folder / MANIFEST, manifest(situation.scenario, folder, watch))


def write_judged(judged: Judged, target: Path, watch: Watch) -> None:
    """Write a plan drawn by hand, with the same page and documents as a solved one."""
    with run_folder(target) as folder, watch.stage("write"):
        _write_plan(judged, folder, None)
        write_json(folder / MANIFEST, manifest(judged.situation.scenario, folder, watch))


def _write_plan(
    judged: Judged,
    folder: Path,
    bounds: tuple[int, int] | None,
    trajectory: tuple[tuple[float, float], ...] = (),
    others: "tuple[OtherPlan, ...]" = (),
) -> None:
    from commplan.outputs.rooms_tables import write_room_tables
    from commplan.outputs.write import write_outputs

    profile = judged.situation.profile
    info = replace(plan_info(judged, bounds), trajectory=trajectory, alternatives=others)
    write_outputs(folder, judged.plan, judged.scorecard, judged.circles, profile, info)
    stated = programme_options(judged.situation.scenario)
    write_room_tables(folder, judged.plan, profile, stated)


def plan_info(judged: Judged, bounds: tuple[int, int] | None = None) -> "PageInfo":
    """Return what the page and the documents of a plan say about the run itself."""
    from commplan.outputs.edit import EditRules

    situation = judged.situation
    scenario, graph = situation.scenario, situation.graph
    is_edited = scenario.outputs.edit and graph is not None
    return replace(
        page_info(scenario, judged.findings, bounds),
        limit_min=choice(situation.profile, "room_min"),
        edit=EditRules(graph, score_options(scenario)) if is_edited and graph is not None else None,
    )


def _write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    write_json(folder / "findings.json", findings_json(findings))


def _write_certificate(path: Path, solution: Solution) -> None:
    """Write the certificate with its proof; the proof's numbers keep every digit, a list a line."""
    from commplan.certify.parts import proof_json

    units = solution.situation.territory.units
    unit_ids = [] if units is None else units["unit_id"].astype(str).tolist()
    document = plain(certificate(solution)) | {"proof": proof_json(solution.result.proof, unit_ids)}
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    text = _NUMBERS.sub(lambda match: " ".join(match.group().split()), text)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def certificate(solution: Solution) -> dict[str, Any]:
    """Return what is known about the answer, and what it was made from."""
    result = solution.result
    scenario = solution.situation.scenario
    rooms = None if solution.judged is None else solution.judged.plan.rooms
    return {
        "status": str(result.status),
        "objective": result.objective,
        "bound": result.bound,
        "bound_method": result.bound_method,
        "gap": result.gap,
        "terms": dict(result.terms),
        "weights": asdict(solution.problem.weights),
        "min_households": solution.problem.min_households,
        "max_households": solution.problem.max_households,
        "effort": asdict(result.effort),
        "runtime_s": round(result.runtime_s, 3),
        "seed": result.seed,
        "reproducible": result.reproducible,
        "interrupted": result.interrupted,
        "trajectory": [[round(s, 3), cost] for s, cost in result.trajectory],
        "rooms": None if rooms is None else _rooms_certificate(rooms),
        "solver": "HiGHS",
        "versions": {"commplan": __version__} | {name: version(name) for name in SOLVERS},
        "python": platform.python_version(),
        "inputs": {name: file_sha256(path) for name, path in input_files(scenario).items()},
    }


def _rooms_certificate(rooms: "RoomPlan") -> dict[str, Any]:
    """Return what is known about the siting: its criteria in their order, each with its bound."""
    siting = rooms.result
    return {
        "status": str(siting.status),
        "terms": dict(siting.terms),
        "bounds": dict(siting.bounds),
    }


def manifest(scenario: Scenario, folder: Path, watch: Watch) -> dict[str, Any]:
    """Return the resolved scenario and every file of the run with its hash."""
    return {
        "commplan": __version__,
        "written": date.today().isoformat(),  # noqa: DTZ011 -- the planner's own day
        "scenario": scenario.model_dump(mode="json", exclude_none=True),
        "inputs": {name: file_sha256(path) for name, path in input_files(scenario).items()},
        "files": {path.name: file_sha256(path) for path in sorted(folder.iterdir())},
        "seconds": {name: round(seconds, 3) for name, seconds in watch.seconds.items()},
    }


def page_info(
    scenario: Scenario, findings: Sequence[Finding], bounds: tuple[int, int] | None = None
) -> "PageInfo":
    """Return what the page and the documents say about the run itself."""
    from commplan.outputs.basemap import make_basemap
    from commplan.outputs.info import PageInfo

    head = scenario.scenario
    languages = scenario.outputs.languages
    return PageInfo(
        title={language: head.title.in_language(language) or head.name for language in languages},
        scenario=head.name,
        date=date.today(),  # noqa: DTZ011 -- the planner's own day
        languages=languages,
        attribution=attribution(scenario),
        note={language: scenario.outputs.note.in_language(language) for language in languages},
        map_approval=scenario.outputs.map_approval,
        bounds_households=bounds,
        findings=tuple(findings),
        basemap=make_basemap(scenario.outputs.basemap, scenario.outputs.tianditu_key),
    )
