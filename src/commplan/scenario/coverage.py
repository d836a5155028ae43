"""Places of a scenario that are in no community, from the file to the run folder."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan.findings import Finding, worst_first
from commplan.problem.coverage import CoverageResult
from commplan.scenario.pipeline import Situation
from commplan.scenario.schema import Scenario
from commplan.scenario.schema_coverage import Coverage
from commplan.scenario.store import MANIFEST, run_folder
from commplan.scenario.topics import graph_of, insist, made_from, surveyed
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    import pandas as pd

    from commplan.plan.coverage import CoveragePlan
    from commplan.pose.coverage import PosedCoverage

LAYERS = (
    "units", "communities", "villages", "places", "developments", "barriers", "crossings",
)  # fmt: skip
#: Outsiders from which a village needs its platform, for profiles without a rule: of zhejiang-2017
#: 三(二).
OUTSIDERS = 100


@dataclass(frozen=True)
class CoverageRun:
    """What becomes of the places of a scenario that are in no community.

    Parameters
    ----------
    situation : Situation
    posed : PosedCoverage
    coverage : CoveragePlan
    platforms : DataFrame
        Villages with many outsiders.
    findings : tuple of Finding
    seconds : float
        Spent on looking for the best proposals.
    """

    situation: Situation
    posed: "PosedCoverage"
    coverage: "CoveragePlan"
    platforms: "pd.DataFrame"
    findings: tuple[Finding, ...]
    seconds: float


def run_coverage(
    scenario: Scenario, target: Path, watch: Watch, situation: Situation | None = None
) -> CoverageRun:
    """Find places that are in no community, propose what becomes of them, and write the folder.

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
        Where the scenario has no units, or nothing says how large a community may be.
    """
    run = cover(scenario, watch, situation)
    write_coverage(run, target, watch)
    return run


def cover(
    scenario: Scenario, watch: Watch | None = None, situation: Situation | None = None
) -> CoverageRun:
    """Find places that are in no community, and propose what becomes of them.

    Parameters
    ----------
    scenario : Scenario
    watch : Watch, optional
    situation : Situation, optional
        The ground, where it is surveyed already.

    Raises
    ------
    InputError
        Where the scenario has no units, or nothing says how large a community may be.
    SolverError
        Where the result does not stand its check.
    """
    from commplan.evaluate.coverage import check_coverage
    from commplan.optimise.coverage import cover_places

    watch = watch or Watch()
    situation = surveyed(scenario, LAYERS, watch, situation)
    with watch.stage("pose"):
        posed = pose(situation)
    with watch.stage("coverage"):
        result = cover_places(posed.problem, coverage_section(scenario).time_limit_s)
    with watch.stage("plan"):
        faults = check_coverage(posed.problem, result)
        insist(faults)
        return told(situation, posed, result, watch.seconds.get("coverage", 0.0))


def coverage_section(scenario: Scenario) -> Coverage:
    """Return ``[coverage]``, with its defaults where the scenario has none."""
    return scenario.coverage or Coverage()


def pose(situation: Situation) -> "PosedCoverage":
    """Find the places and put the question in numbers.

    Raises
    ------
    InputError
        Where the scenario has no units, or nothing says how large a community may be.
    """
    from commplan.pose.coverage import CoverageOptions, pose_coverage

    section, redraw = coverage_section(situation.scenario), situation.scenario.redraw
    low, high = section.min_households, section.max_households
    options = CoverageOptions(
        min_households=redraw.min_households if low is None else low,
        max_households=redraw.max_households if high is None else high,
        within_subdistrict=section.within_subdistrict,
        convert=section.convert,
        developments=section.developments,
        reach_m=section.reach_m,
        household_size=section.household_size,
    )
    graph = graph_of(situation)
    return pose_coverage(situation.territory, graph, situation.profile, options)


def told(
    situation: Situation, posed: "PosedCoverage", result: CoverageResult, seconds: float
) -> CoverageRun:
    """Give the proposals names, list the villages with outsiders, and say what has to be said."""
    from commplan.plan.coverage import make_coverage_plan
    from commplan.plan.coverage_findings import (
        coverage_findings,
        platform_findings,
        platform_table,
    )

    territory, profile = situation.territory, situation.profile
    section = coverage_section(situation.scenario)
    ground = (territory, graph_of(situation))
    made = make_coverage_plan(ground, posed.places, posed.communities, posed.problem, result)
    named = dict(zip(made.plan.today["community_id"], made.plan.today["name"], strict=True))
    nearest = [
        (named.get(posed.communities[c], posed.communities[c]) if c >= 0 else "", away)
        for c, away in posed.nearest
    ]
    rule = profile.get("platform.floating")
    ruled = OUTSIDERS if rule is None or rule.value is None else int(rule.value["min"])
    least = ruled if section.outsiders is None else section.outsiders
    platforms = platform_table(territory, least, section.suburb_m)
    findings = worst_first(
        (
            *coverage_findings(made, posed.problem, nearest, profile),
            *platform_findings(territory, platforms, profile, least),
            *posed.findings,
            *situation.findings,
        )
    )
    return CoverageRun(situation, posed, made, platforms, findings, seconds)


def write_coverage(run: CoverageRun, target: Path, watch: Watch) -> None:
    """Write the proposals into the run folder ``target``, whole or not at all."""
    from commplan.outputs.coverage_tables import CoverageReport
    from commplan.outputs.coverage_write import write_coverage_outputs
    from commplan.outputs.tables import plain, write_json
    from commplan.scenario.write import manifest, page_info

    scenario, problem = run.situation.scenario, run.posed.problem
    with run_folder(target) as folder, watch.stage("write"):
        bounds = (problem.min_households, problem.max_households)
        info = replace(page_info(scenario, (), bounds), findings=run.findings)
        report = CoverageReport(
            run.coverage, run.platforms, run.posed.looked_at, run.posed.covered, bounds
        )
        write_coverage_outputs(folder, report, run.situation.profile, info)
        write_json(folder / "certificate.json", plain(certificate(run)))
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def certificate(run: CoverageRun) -> dict[str, Any]:
    """Return what is known about the proposals, and what they were made from."""
    result, problem = run.coverage.result, run.posed.problem
    return {
        "kind": "coverage",
        "status": str(result.status),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "terms": dict(result.terms),
        "weights": asdict(problem.weights),
        "min_households": problem.min_households,
        "max_households": problem.max_households,
        "looked_at": run.posed.looked_at,
        "covered": run.posed.covered,
        "places": problem.n,
        "sets_looked_at": result.columns,
        "reasons": {run.posed.places[p].place_id: code for p, code in result.reasons.items()},
        "runtime_s": round(run.seconds, 3),
    } | made_from(run.situation.scenario)
