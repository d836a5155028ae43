"""Dividing the communities of a scenario into grids, from the file to the run folder."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan.findings import Finding, worst_first
from commplan.scenario.pipeline import Situation
from commplan.scenario.schema import Scenario
from commplan.scenario.schema_grids import Grids
from commplan.scenario.store import MANIFEST, file_sha256, run_folder
from commplan.scenario.topics import graph_of, insist, made_from, surveyed
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    from commplan.plan.grids import GridPlan
    from commplan.plan.plan import Plan
    from commplan.pose.grids import GridOptions
    from commplan.problem.grids import GridProblem

LAYERS = ("units", "communities", "barriers", "crossings")


@dataclass(frozen=True)
class GridRun:
    """Communities of a scenario divided into grids."""

    situation: Situation
    grids: "GridPlan"
    findings: tuple[Finding, ...]
    seconds: float


def run_grids(
    scenario: Scenario, target: Path, watch: Watch, situation: Situation | None = None
) -> GridRun:
    """Divide the communities of a scenario, and write the run folder.

    Parameters
    ----------
    scenario : Scenario
    target : Path
    watch : Watch
    situation : Situation, optional
        The ground, where it is surveyed already.

    Raises
    ------
    InputError
        Where the scenario has no units, or its options do not fit the data.
    """
    run = divide_communities(scenario, watch, situation)
    write_grids(run, target, watch)
    return run


def divide_communities(
    scenario: Scenario, watch: Watch | None = None, situation: Situation | None = None
) -> GridRun:
    """Divide the communities of a scenario into grids.

    Parameters
    ----------
    scenario : Scenario
    watch : Watch, optional
    situation : Situation, optional
        The ground, where it is surveyed already.

    Raises
    ------
    InputError
        Where the scenario has no units, or its options do not fit the data.
    SolverError
        Where the result does not stand its check.
    """
    from commplan.evaluate.grids import check_grids
    from commplan.optimise.grids import GridParams, divide_all
    from commplan.plan.grids import make_grid_plan

    watch = watch or Watch()
    situation = surveyed(scenario, LAYERS, watch, situation)
    section = grids_section(scenario)
    with watch.stage("pose"):
        plan, problem = pose(situation)
    with watch.stage("grids"):
        params = GridParams(section.effort, scenario.scenario.seed, section.time_limit_s)
        answers = divide_all(problem, params, watch.progress)
    with watch.stage("plan"):
        faults = check_grids(problem, answers)
        insist(faults)
        grids = make_grid_plan(plan, problem, answers)
    findings = worst_first((*grids.findings, *situation.findings))
    return GridRun(situation, grids, findings, watch.seconds.get("grids", 0.0))


def grids_section(scenario: Scenario) -> Grids:
    """Return ``[grids]``, with its defaults where the scenario has none."""
    return scenario.grids or Grids()


def pose(situation: Situation) -> tuple["Plan", "GridProblem"]:
    """Give the plan whose communities are divided, and the question in numbers.

    Raises
    ------
    InputError
        Where the scenario has no units, the plan cannot be read or the options do not fit.
    """
    from commplan.pose.grids import pose_grids

    graph = graph_of(situation)
    plan = given_plan(situation)
    return plan, pose_grids(plan, graph, grid_options(situation.scenario))


def given_plan(situation: Situation) -> "Plan":
    """Return the plan that ``[grids]`` names: a run folder's or a list's; else today's."""
    from commplan.plan.make import plan_from_assignment
    from commplan.scenario.assignment import read_assignment
    from commplan.scenario.file import faults_of

    file = plan_file(situation.scenario)
    units = situation.territory.units
    if file is not None:
        with faults_of(file):
            return plan_from_assignment(situation.territory, read_assignment(file))
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    today = [] if units is None else units["community_id"].tolist()
    named = [name if isinstance(name, str) else None for name in today]
    return plan_from_assignment(situation.territory, list(zip(ids, named, strict=True)))


def plan_file(scenario: Scenario) -> Path | None:
    """Return the list of units and communities that ``[grids]`` names; None for today's."""
    stated = grids_section(scenario).plan
    if stated is None:
        return None
    path = Path(stated)
    return path / "assignment.csv" if path.is_dir() else path


def grid_options(scenario: Scenario) -> "GridOptions":
    """Return what ``[grids]`` asks."""
    from commplan.pose.grids import GridOptions

    section = grids_section(scenario)
    return GridOptions(
        min_households=section.min_households,
        max_households=section.max_households,
        target_households=section.target_households,
        weights=section.weights,
        communities=section.communities,
    )


def write_grids(run: GridRun, target: Path, watch: Watch) -> None:
    """Write grids into the run folder ``target``, whole or not at all."""
    from commplan.outputs.grids_write import write_grid_outputs
    from commplan.outputs.tables import plain, write_json
    from commplan.scenario.write import manifest, page_info

    scenario = run.situation.scenario
    section = grids_section(scenario)
    with run_folder(target) as folder, watch.stage("write"):
        bounds = (section.min_households, section.max_households)
        info = replace(page_info(scenario, (), bounds), findings=run.findings)
        write_grid_outputs(folder, run.grids, run.situation.profile, info)
        write_json(folder / "certificate.json", plain(certificate(run)))
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def certificate(run: GridRun) -> dict[str, Any]:
    """Return what is known about each division, and what it was made from."""
    grids, scenario = run.grids, run.situation.scenario
    section = grids_section(scenario)
    file = plan_file(scenario)
    options = grid_options(scenario)
    weights = grids.problem.pieces[0].problem.weights if grids.problem.pieces else None
    pieces = [
        {
            "community_id": grids.plan.communities["community_id"].iloc[piece.community],
            "units": len(piece.units),
            "households": piece.households,
            "status": str(answer.status),
            "low": answer.low,
            "high": answer.high,
            "objective": answer.objective,
            "bound": answer.bound,
            "gap": answer.gap,
            "terms": dict(answer.terms),
            "reason": answer.reason,
            "reproducible": answer.reproducible,
        }
        for piece, answer in zip(grids.problem.pieces, grids.answers, strict=True)
    ]
    return {
        "kind": "grids",
        "min_households": options.min_households,
        "max_households": options.max_households,
        "weights": {} if weights is None else asdict(weights),
        "effort": section.effort,
        "objective": sum(answer.objective for answer in grids.answers),
        "bound": sum(answer.bound for answer in grids.answers),
        "reproducible": all(answer.reproducible for answer in grids.answers),
        "pieces": pieces,
        "plan": None if file is None else file_sha256(file),
        "runtime_s": round(run.seconds, 3),
    } | made_from(scenario)
