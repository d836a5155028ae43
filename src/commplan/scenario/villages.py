"""Merging the villages of a scenario, from the file to the run folder."""

from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan import __version__
from commplan.errors import Fault
from commplan.findings import Finding, Severity, worst_first
from commplan.policy.library import load_profile
from commplan.policy.profile import Profile
from commplan.problem.result import Status
from commplan.problem.villages import DIVISIBLE, VillageLimits, VillageProblem, VillageResult
from commplan.scenario.inputs import input_files, layer_sources, walk_options
from commplan.scenario.schema import Scenario
from commplan.scenario.schema_villages import Villages
from commplan.scenario.store import MANIFEST, file_sha256, run_folder
from commplan.scenario.topics import insist
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.plan.villages import Staging, VillagePlan
    from commplan.pose.villages import VillageOptions
    from commplan.territory.territory import Territory

LAYERS = ("villages", "barriers", "streets")
#: Inclusive; of zhejiang-2017 二(三), for profiles that say nothing about villages.
SMALL_PEOPLE, FIRST_PEOPLE = 300, 200
GENERAL, FIRST = "village.merge_general", "village.merge_first"


@dataclass(frozen=True)
class VillageSurvey:
    """What there is: the villages and the question in numbers."""

    scenario: Scenario
    profile: Profile
    territory: "Territory"
    problem: VillageProblem
    staging: "Staging"
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class VillageRun:
    """The answer: the result of the merging, and the plan that it makes."""

    survey: VillageSurvey
    result: VillageResult
    plan: "VillagePlan"
    findings: tuple[Finding, ...]


def merge(scenario: Scenario, watch: Watch | None = None) -> VillageRun:
    """Merge the villages of a scenario.

    Raises
    ------
    InputError
        Where there are no villages, or the input cannot be used.
    SolverError
        Where the result does not stand its check.
    """
    from commplan.optimise.villages.merge import MergeParams, merge_villages
    from commplan.plan.villages import make_village_plan

    watch = watch or Watch()
    ground = survey_villages(scenario, watch)
    section = scenario.villages
    with watch.stage("villages"):
        params = MergeParams(time_limit_s=section.time_limit_s, seed=scenario.scenario.seed)
        result = merge_villages(ground.problem, params)
    with watch.stage("plan"):
        refuse_invalid(ground.problem, result)
        plan = make_village_plan(ground.territory, ground.problem, result, ground.staging)
    findings = worst_first((*plan.left.values(), *_about(ground.problem, result), *ground.findings))
    return VillageRun(ground, result, plan, findings)


def survey_villages(scenario: Scenario, watch: Watch) -> VillageSurvey:
    """Read the villages and what lies between them, and pose the question.

    Raises
    ------
    InputError
        Where there are no villages, or the input cannot be used.
    """
    from commplan.evaluate.rules_law import profile_findings
    from commplan.graph.walking import build_walk_network
    from commplan.pose.villages import pose_villages
    from commplan.territory.load import load_territory

    if scenario.layers.villages is None:
        raise input_error([Fault("villages.no_layer", field_name="layers.villages")])
    profile = load_profile(scenario.scenario.profile)
    with watch.stage("read"):
        sources = {name: s for name, s in layer_sources(scenario).items() if name in LAYERS}
        territory = load_territory(sources, scenario.scenario.crs, scenario.scenario.gap_m)
    with watch.stage("walk"):
        network = build_walk_network(territory, walk_options(profile))
    with watch.stage("pose"):
        options = village_options(scenario, profile)
        posed = pose_villages(territory, network, profile, options, watch.walked)
    law = [f for f in profile_findings(profile) if f.code != "rules.law"]
    walk = [f for f in network.findings if f.code not in _STAND_INS]
    findings = (*posed.findings, *territory.findings, *walk, *law)
    staging = village_staging(scenario, profile)
    return VillageSurvey(scenario, profile, territory, posed.problem, staging, findings)


#: Said by the posing, with the speed between villages.
_STAND_INS = {"walking.no_streets", "walking.no_usable_street"}


def village_options(scenario: Scenario, profile: Profile) -> "VillageOptions":
    """Return what ``[villages]`` asks, the profile's limit where it says nothing."""
    from commplan.pose.villages import VillageOptions

    section = scenario.villages
    small = _people(profile, GENERAL, section.small_people, SMALL_PEOPLE)
    _refuse(section, small)
    limits = VillageLimits(
        small_people=small,
        max_people=section.max_people,
        max_households=section.max_households,
        max_area_km2=section.max_area_km2,
        max_minutes=section.max_minutes,
        max_villages=section.max_villages,
        target_people=section.target_people,
    )
    return VillageOptions(
        limits=limits,
        weights=section.weights,
        km_per_h=section.km_per_h,
        gap_m=scenario.scenario.gap_m,
        neighbour_km=section.neighbour_km,
        across_townships=section.across_townships,
        join=section.join,
        apart=section.apart,
        locked=section.locked,
    )


def _refuse(section: Villages, small: int) -> None:
    """Refuse what contradicts the limit, which may be the profile's."""
    faults = []
    if section.first_people is not None and section.first_people > small:
        params = {"v0": section.first_people, "v1": small}
        code, name = "scenario.villages_first_above_small", "villages.first_people"
        faults.append(Fault(code, params, field_name=name))
    if section.max_people is not None and section.max_people <= small:
        params = {"v0": section.max_people, "v1": small}
        code, name = "scenario.villages_max_below_small", "villages.max_people"
        faults.append(Fault(code, params, field_name=name))
    if faults:
        raise input_error(faults)


def village_staging(scenario: Scenario, profile: Profile) -> "Staging":
    """Return in which order groups are merged: as ``[villages]`` asks, else by the profile."""
    from commplan.plan.villages import Staging

    section = scenario.villages
    small = _people(profile, GENERAL, section.small_people, SMALL_PEOPLE)
    first = _people(profile, FIRST, section.first_people, FIRST_PEOPLE)
    clause = profile.clause(GENERAL) if section.small_people is None else None
    return Staging(min(first, small), section.first_year, section.groups_per_year, clause)


def _people(profile: Profile, rule_id: str, said: int | None, default: int) -> int:
    rule = profile.get(rule_id)
    if said is not None:
        return said
    return default if rule is None or rule.value is None else int(rule.value["max"])


def refuse_invalid(problem: VillageProblem, result: VillageResult) -> None:
    """Raise where a result does not stand a check that shares nothing with the optimiser."""
    from commplan.evaluate.villages import check_villages

    faults = check_villages(problem, result)
    insist(faults)


def _about(problem: VillageProblem, result: VillageResult) -> list[Finding]:
    """Say what is known about the answer, and among which plans it is the best."""
    found = []
    if result.status != Status.OPTIMAL:
        params: dict[str, object] = {
            "gap": f"{100 * result.gap:.2f}",
            "left": len(result.left),
            "least": result.least_left,
        }
        found.append(Finding("villages.not_proven", Severity.NOTE, params))
    weights = asdict(problem.weights)
    if any(weight > 0 for term, weight in weights.items() if term not in DIVISIBLE):
        found.append(Finding("villages.smallest_groups", Severity.NOTE, clause="house choice"))
    return found


def write_villages(run: VillageRun, target: Path, watch: Watch) -> None:
    """Write a merging into the run folder ``target``, whole or not at all."""
    from commplan.outputs.tables import plain, write_json
    from commplan.outputs.villages_tables import VillageReport
    from commplan.outputs.villages_write import write_village_outputs
    from commplan.scenario.write import manifest, page_info

    scenario = run.survey.scenario
    with run_folder(target) as folder, watch.stage("write"):
        info = replace(page_info(scenario, ()), findings=())
        report = VillageReport(run.plan, run.survey.profile, info, run.findings)
        write_village_outputs(folder, report)
        write_json(folder / "certificate.json", plain(certificate(run)))
        write_json(folder / MANIFEST, manifest(scenario, folder, watch))


def certificate(run: VillageRun) -> dict[str, Any]:
    """Return what is known about the answer, and what it was made from."""
    result, problem = run.result, run.survey.problem
    scenario = run.survey.scenario
    return {
        "kind": "villages",
        "status": str(result.status),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "terms": dict(result.terms),
        "weights": asdict(problem.weights),
        "limits": asdict(problem.limits),
        "first_people": run.survey.staging.first_people,
        "small_villages": int(problem.small.sum()),
        "left": len(result.left),
        "least_left": result.least_left,
        "groups_looked_at": result.columns,
        # the seats by which minutes are counted
        "seats": _seats(run),
        "left_villages": {str(f.ids[0]): f.code for f in run.plan.left.values()},
        "reproducible": result.reproducible,
        "runtime_s": round(result.runtime_s, 3),
        "seed": scenario.scenario.seed,
        "solver": "HiGHS",
        "versions": {"commplan": __version__}
        | {name: version(name) for name in ("highspy", "numba", "numpy", "scipy", "shapely")},
        "inputs": {name: file_sha256(path) for name, path in input_files(scenario).items()},
    }


def _seats(run: VillageRun) -> dict[str, str]:
    """Group -> village of the seat that its people reach in the fewest minutes in sum."""
    ids = run.plan.villages["village_id"].astype(str).tolist()
    labels = run.result.labels.tolist()
    rows = run.plan.group_of.tolist()
    seat_of = {row: int(run.result.seats[labels[v]]) for v, row in enumerate(rows) if row >= 0}
    names = run.plan.groups["group_id"].tolist()
    return {str(names[row]): ids[seat] for row, seat in sorted(seat_of.items())}
