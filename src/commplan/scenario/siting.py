"""Rooms for a whole city or some subdistricts, from the file to the run folder."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from commplan.findings import Finding, worst_first
from commplan.policy.norms import choice
from commplan.problem.location import Aim, LocationResult
from commplan.scenario.pipeline import Situation, walk_network
from commplan.scenario.schema import Scenario
from commplan.scenario.schema_siting import Siting
from commplan.scenario.store import MANIFEST, run_folder
from commplan.scenario.topics import insist, made_from, surveyed
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    from commplan.plan.siting import PosedSiting, SitingPlan

LAYERS = ("units", "barriers", "crossings", "streets", "gates", "sites")


@dataclass(frozen=True)
class SitingRun:
    """Where rooms of a scenario stand, whatever its communities.

    Parameters
    ----------
    situation : Situation
    plan : SitingPlan
    findings : tuple of Finding
    seconds : float
        Spent on looking for the best choice.
    """

    situation: Situation
    plan: "SitingPlan"
    findings: tuple[Finding, ...]
    seconds: float


def run_siting(
    scenario: Scenario, target: Path, watch: Watch, situation: Situation | None = None
) -> SitingRun:
    """Choose sites, and write the run folder.

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
        Where the scenario has no units or sites, or its options do not fit.
    SolverError
        Where the result does not stand its check.
    """
    from commplan.evaluate.siting import check_siting
    from commplan.optimise.rooms.locate import LocateParams, locate
    from commplan.optimise.rooms.params import MedianParams

    section, seed = siting_section(scenario), scenario.scenario.seed
    situation = surveyed(scenario, LAYERS, watch, situation)
    with watch.stage("walk"):
        posed, noticed = pose(situation, watch)
    with watch.stage("siting"):
        params = LocateParams(section.time_limit_s, MedianParams(seed=seed))
        result = locate(posed.problem, posed.options.aim, params)
    with watch.stage("plan"):
        faults = check_siting(posed, result)
        insist(faults)
        plan, findings = told(situation, posed, result, years_of(section, posed, result))
    findings = worst_first((*findings, *noticed, *situation.findings))
    run = SitingRun(situation, plan, findings, watch.seconds.get("siting", 0.0))
    write_siting(run, target, watch)
    return run


def siting_section(scenario: Scenario) -> Siting:
    """Return ``[siting]``, with its defaults where the scenario has none."""
    return scenario.siting or Siting()


def pose(
    situation: Situation, watch: Watch | None = None
) -> tuple["PosedSiting", tuple[Finding, ...]]:
    """Put the question in numbers; with what is noticed about the walking network.

    Raises
    ------
    InputError
        Where the scenario has no units or sites, or its options do not fit.
    """
    from commplan.plan.siting import SitingOptions
    from commplan.pose.siting import pose_siting

    section, profile = siting_section(situation.scenario), situation.profile
    options = SitingOptions(
        aim=Aim(section.aim),
        limit_min=section.minutes or choice(profile, "room_min"),
        number=section.number,
        budget_yuan=section.money_yuan,
        subdistricts=section.subdistricts,
        keep=section.keep,
        communities=section.communities,
        opened=section.open,
        closed=section.close,
        sized=section.size == "rule",
        ground_floor=section.ground_floor,
        elderly_slower=choice(profile, "walk_m_per_min") / choice(profile, "elderly_m_per_min"),
    )
    network, told_of = walk_network(situation), (watch or Watch()).walked
    return pose_siting(situation.territory, network, profile, options, told_of), network.findings


def years_of(section: Siting, posed: "PosedSiting", result: LocationResult) -> dict[int, int]:
    """Give each room that is new or extended its year: when the money has come and it is ready.

    Where no money comes by year, new rooms come when they are ready.
    """
    from commplan.optimise.milp import MilpOptions
    from commplan.optimise.rooms.phases import phase_rooms

    standing = posed.standing
    grown = np.zeros(len(standing)) if result.extended_m2 is None else result.extended_m2
    new = np.flatnonzero((result.is_open & ~standing) | (grown > 0))
    ready = posed.ready_year[new]
    if not section.yearly_yuan or not len(new):
        known = np.isfinite(ready) & ~standing[new]
        return {int(s): int(y) for s, y in zip(new[known], ready[known], strict=True)}
    earliest = np.nan_to_num(ready - section.first_year, nan=0.0).clip(0, len(section.yearly_yuan))
    served = result.site_of >= 0
    households = np.bincount(
        result.site_of[served], posed.problem.weight[served], minlength=len(standing)
    ).astype(np.float64)
    budgets = np.asarray(section.yearly_yuan, dtype=np.float64)
    options = MilpOptions(time_limit_s=section.time_limit_s)
    price = posed.spent_yuan(result)[new]
    phases = phase_rooms(price, households[new], budgets, options, earliest.astype(np.int32))
    years = zip(new.tolist(), phases.year_of.tolist(), strict=True)
    return {site: section.first_year + year for site, year in years if year >= 0}


def told(
    situation: Situation, posed: "PosedSiting", result: LocationResult, year_of: dict[int, int]
) -> tuple["SitingPlan", tuple[Finding, ...]]:
    """Make places of an answer, and say what has to be said."""
    from commplan.plan.siting import make_siting_plan
    from commplan.plan.siting_findings import siting_findings

    yearly = siting_section(situation.scenario).yearly_yuan
    plan = make_siting_plan(situation.territory, situation.profile, posed, result, year_of)
    return plan, siting_findings(plan, situation.profile, yearly)


def write_siting(run: SitingRun, target: Path, watch: Watch) -> None:
    """Write the siting into the run folder ``target``, whole or not at all."""
    from commplan.outputs.siting_write import write_siting_outputs
    from commplan.outputs.tables import plain, write_json
    from commplan.scenario.write import manifest, page_info

    scenario = run.situation.scenario
    with run_folder(target) as folder, watch.stage("write"):
        info = replace(page_info(scenario, ()), findings=run.findings)
        write_siting_outputs(folder, run.plan, run.situation.profile, info)
        write_json(folder / "certificate.json", plain(certificate(run)))
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def certificate(run: SitingRun) -> dict[str, Any]:
    """Return what is known about the siting, and what it was made from."""
    result = run.plan.result
    return (
        {"kind": "siting", "status": str(result.status), "bound": result.bound}
        | about_siting(run.plan)
        | {"nodes": result.nodes, "runtime_s": round(run.seconds, 3)}
        | made_from(run.situation.scenario)
    )


def about_siting(plan: "SitingPlan") -> dict[str, Any]:
    """Return the part of the certificate that `commplan verify` works out again."""
    from commplan.evaluate.siting import siting_value

    result, options = plan.result, plan.posed.options
    value = None if result.objective is None else siting_value(plan.posed, result)
    bound = result.bound
    gap = None if value is None else abs(bound - value) / max(1.0, abs(value))
    ids = plan.units["unit_id"].tolist()
    return {
        "aim": str(options.aim),
        "objective": value,
        "gap": gap,
        "minutes": options.limit_min,
        "number": options.number,
        "budget_yuan": options.budget_yuan,
        "cost_yuan": plan.cost_yuan,
        "extended_m2": float(plan.sites["extend_m2"].sum()),
        "open": int(result.is_open.sum()),
        "units": plan.posed.problem.n,
        "households": float(plan.households.sum()),
        "within_households": float(plan.households[result.site_of >= 0].sum()),
        "uncovered": {
            cause.code: {"units": [ids[u] for u in cause.units], "remedy": dict(cause.remedy)}
            for cause in result.causes
        },
    }
