"""Rolling a plan out over years, from the file to the run folder."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from commplan.errors import Fault
from commplan.findings import Finding, worst_first
from commplan.scenario.pipeline import Situation
from commplan.scenario.schema import Scenario
from commplan.scenario.schema_rollout import Rollout
from commplan.scenario.store import MANIFEST, file_sha256, run_folder
from commplan.scenario.topics import graph_of, insist, made_from, read_rows, surveyed
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.evaluate.validity import ValidityRules
    from commplan.plan.rollout import RolloutPlan
    from commplan.policy.profile import Profile
    from commplan.pose.rollout import PosedRollout, RolloutOptions
    from commplan.problem.rollout import RolloutAnswer

LAYERS = ("units", "communities", "barriers", "crossings")


@dataclass(frozen=True)
class RolloutRun:
    """A plan of a scenario in steps."""

    situation: Situation
    rollout: "RolloutPlan"
    findings: tuple[Finding, ...]
    seconds: float


def run_rollout(
    scenario: Scenario, target: Path, watch: Watch, situation: Situation | None = None
) -> RolloutRun:
    """Schedule a plan's changes, and write the run folder.

    Raises
    ------
    InputError
        Where the scenario has no units, names no plan, or its options do not fit.
    SolverError
        Where the result does not stand its check.
    """
    from commplan.optimise.milp import MilpOptions
    from commplan.optimise.rollout import NODES, schedule

    situation = surveyed(scenario, LAYERS, watch, situation)
    section = rollout_section(scenario)
    with watch.stage("pose"):
        posed = pose(situation)
    with watch.stage("rollout"):
        seed = scenario.scenario.seed
        answer = schedule(posed.problem, MilpOptions(section.time_limit_s, NODES, seed=seed))
    with watch.stage("plan"):
        rollout, faults = checked(situation, posed, answer)
        insist(faults)
    findings = worst_first((*rollout.findings, *situation.findings))
    run = RolloutRun(situation, rollout, findings, watch.seconds.get("rollout", 0.0))
    write_rollout(run, target, watch)
    return run


def rollout_section(scenario: Scenario) -> Rollout:
    """Return ``[rollout]``, with its defaults where the scenario has none."""
    return scenario.rollout or Rollout()


def pose(situation: Situation) -> "PosedRollout":
    """Read the plan that is rolled out, and put the question in numbers.

    Raises
    ------
    InputError
        Where no plan is named, it cannot be read or the options do not fit.
    """
    from commplan.plan.make import PlanOptions, plan_from_assignment
    from commplan.pose.rollout import pose_rollout
    from commplan.scenario.assignment import read_assignment

    graph_of(situation)
    file = plan_file(situation.scenario)
    exceptions = {
        unit: one.reason for one in situation.scenario.redraw.exceptions for unit in one.units
    }
    plan = plan_from_assignment(
        situation.territory, read_assignment(file), PlanOptions(exceptions=exceptions)
    )
    return pose_rollout(plan, rollout_options(situation))


def checked(
    situation: Situation, posed: "PosedRollout", answer: "RolloutAnswer"
) -> tuple["RolloutPlan", list[Finding]]:
    """Make the rollout, and check its limits and the plan of every year."""
    from commplan.evaluate.rollout import check_schedule, check_years
    from commplan.pose.rollout import make_rollout

    section = rollout_section(situation.scenario)
    rollout = make_rollout(posed, answer, section.first_year, documents(section))
    faults = check_schedule(posed.problem, answer)
    years = check_years(rollout, graph_of(situation), year_rules(situation))
    told = replace(rollout, findings=(*rollout.findings, *years.notes), breaks=years.breaks)
    return told, [*faults, *years.faults]


def plan_file(scenario: Scenario) -> Path:
    """Return the list of units and communities that ``[rollout]`` names.

    Raises
    ------
    InputError
        Where it names none.
    """
    stated = rollout_section(scenario).plan
    if stated is None:
        raise input_error([Fault("rollout.no_plan", field_name="rollout.plan")])
    path = Path(stated)
    return path / "assignment.csv" if path.is_dir() else path


def documents(section: Rollout) -> "tuple[Profile, ...]":
    """Load the profiles whose rules on the pace are held against the schedule."""
    from commplan.policy.library import load_profile

    return tuple(load_profile(name) for name in section.documents)


def year_rules(situation: Situation) -> "ValidityRules":
    """Return what the plan of each year has to keep to: what every plan of the scenario has."""
    from commplan.evaluate.score import validity_rules
    from commplan.scenario.inputs import score_options

    return validity_rules(situation.profile, score_options(situation.scenario))


def rollout_options(situation: Situation) -> "RolloutOptions":
    """Return what ``[rollout]`` asks, with money and m² short where the plan is a run folder.

    Tables that happen to lie beside a bare list of units are not those of its plan.
    """
    from commplan.pose.rollout import RolloutOptions

    section, rules = rollout_section(situation.scenario), year_rules(situation)
    named = None if section.plan is None else Path(section.plan)
    folder = named if named is not None and named.is_dir() else None
    given = (section.communities_a_year, section.yuan_a_year, section.staff_a_year)
    communities, yuan, staff = (np.inf if one is None else one for one in given)
    return RolloutOptions(
        first_year=section.first_year,
        years=section.years,
        limits=(communities, yuan, staff),
        min_households=rules.min_households,
        max_households=rules.max_households,
        yuan_per_community=section.yuan_per_community,
        yuan_per_moved_household=section.yuan_per_moved_household,
        staff_per_community=section.staff_per_community,
        weight_size=section.weight_size,
        weight_short=section.weight_short,
        weight_moved=section.weight_moved,
        first_year_of=section.first_year_of,
        together=section.together,
        room_yuan=_sums(folder, "rooms.csv", "cost_yuan"),
        short_m2=_sums(folder, "communities.csv", "room_short_m2"),
    )


def _sums(folder: Path | None, table: str, column: str) -> dict[str, float]:
    """Sum a column of a table of the plan's run by community; nothing where there is none.

    Raises
    ------
    InputError
        Where a cell is no number, or one below 0.
    """
    sums: dict[str, float] = {}
    faults = []
    path = None if folder is None else folder / table
    if path is None or not path.is_file():
        return sums
    for number, row in enumerate(read_rows(path), start=1):
        cell, name = (row.get(column) or "").strip(), row.get("community_id") or ""
        try:
            value = float(cell or 0.0)
        except ValueError:
            value = -1.0
        if not 0.0 <= value < np.inf:
            params = {"value": cell}
            faults.append(Fault("rollout.bad_cell", params, str(path), None, column, number))
        sums[name] = sums.get(name, 0.0) + value
    if faults:
        raise input_error(faults)
    return sums


def write_rollout(run: RolloutRun, target: Path, watch: Watch) -> None:
    """Write a rollout into the run folder ``target``, whole or not at all."""
    from commplan.outputs.rollout_write import write_rollout_outputs
    from commplan.outputs.tables import plain, write_json
    from commplan.scenario.write import manifest, page_info

    scenario, rules = run.situation.scenario, year_rules(run.situation)
    with run_folder(target) as folder, watch.stage("write"):
        bounds = (rules.min_households, rules.max_households)
        info = replace(page_info(scenario, (), bounds), findings=run.findings)
        write_rollout_outputs(folder, run.rollout, run.situation.profile, info)
        write_json(folder / "certificate.json", plain(certificate(run)))
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def certificate(run: RolloutRun) -> dict[str, Any]:
    """Return what is known about the schedule, and what it was made from."""
    answer, scenario = run.rollout.answer, run.situation.scenario
    return (
        {"kind": "rollout"}
        | about_schedule(run.situation, run.rollout)
        | {
            "plan": file_sha256(plan_file(scenario)),
            # A time limit that was met makes the schedule depend on the machine.
            "reproducible": rollout_section(scenario).time_limit_s is None
            or str(answer.status) == "optimal",
            "runtime_s": round(run.seconds, 3),
        }
        | made_from(scenario)
    )


def about_schedule(situation: Situation, rollout: "RolloutPlan") -> dict[str, Any]:
    """Return the part of the certificate that `commplan verify` works out anew."""
    answer, problem = rollout.answer, rollout.problem
    section, rules = rollout_section(situation.scenario), year_rules(situation)
    weights = ("weight_size", "weight_short", "weight_moved")
    limits = ("communities_a_year", "yuan_a_year", "staff_a_year")
    return {
        "status": str(answer.status),
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "groups": problem.groups,
        "left_out": int((answer.year_of < 0).sum()),
        "first_year": rollout.first_year,
        "years": problem.years,
        "limits": {name: getattr(section, name) for name in limits},
        "weights": {name: getattr(section, name) for name in weights},
        "min_households": rules.min_households,
        "max_households": rules.max_households,
    }
