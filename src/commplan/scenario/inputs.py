"""From the scenario's sections to the options of each stage."""

from pathlib import Path
from typing import TYPE_CHECKING

from commplan.findings import Finding, Severity
from commplan.policy.norms import choice, circle_clause, circle_kinds, household_bounds
from commplan.policy.profile import Profile
from commplan.scenario.schema import Layer, Scenario, is_url
from commplan.scenario.section import WALK_TERMS
from commplan.territory.schema import LayerSource

#: As https://www.openstreetmap.org/copyright asks for.
OSM_ATTRIBUTION = "© OpenStreetMap contributors"

if TYPE_CHECKING:
    from commplan.evaluate.score import ScoreOptions
    from commplan.graph.walking import WalkOptions
    from commplan.optimise.communities.params import RedrawParams
    from commplan.optimise.joint.solve import JointParams
    from commplan.plan.programme import ProgrammeOptions
    from commplan.pose.communities import RedrawOptions
    from commplan.pose.joint import JointOptions
    from commplan.pose.rooms import RoomOptions


def layer_sources(scenario: Scenario) -> dict[str, tuple[LayerSource, ...]]:
    """Return where each layer of the scenario comes from: one file or several."""
    return {
        name: tuple(_source(name, layer) for layer in files)
        for name, files in scenario.layers.named().items()
    }


def _source(name: str, layer: Layer) -> LayerSource:
    return LayerSource(
        layer=name,
        path=layer.path if is_url(layer.path) else Path(layer.path),
        sublayer=layer.layer,
        where=layer.where or None,
        columns=dict(layer.columns),
        fill=dict(layer.fill),
        constants=dict(layer.constants),
        crs=layer.crs,
    )


def input_files(scenario: Scenario) -> dict[str, Path]:
    """Return the files that the scenario reads, by layer and number; databases are left out."""
    return {
        name if len(files) == 1 else f"{name}.{number}": Path(layer.path)
        for name, files in scenario.layers.named().items()
        for number, layer in enumerate(files, start=1)
        if not is_url(layer.path)
    }


def attribution(scenario: Scenario) -> str:
    """Return whose data it is: as the scenario says, and OpenStreetMap's for an extract of theirs."""
    said = scenario.outputs.attribution
    extracts = (
        path for path in input_files(scenario).values() if {".osm", ".pbf"} & set(path.suffixes)
    )
    if any(extracts) and OSM_ATTRIBUTION not in said:
        return f"{said} {OSM_ATTRIBUTION}".strip()
    return said


def redraw_options(scenario: Scenario) -> "RedrawOptions":
    """Return the options of posing the redraw problem."""
    from commplan.pose.communities import RedrawOptions

    section = scenario.redraw
    weights = section.weights
    if isinstance(weights, dict):
        weights = {term: weight for term, weight in weights.items() if term not in WALK_TERMS}
    return RedrawOptions(
        min_households=section.min_households,
        max_households=section.max_households,
        target_households=section.target_households,
        within_subdistrict=section.within_subdistrict,
        weights=weights,
        grandfather=section.grandfather,
        exceptions=tuple((e.units, e.rule, e.reason) for e in section.exceptions),
        bounds=dict(section.bounds),
        communities=section.communities,
        max_moved_households=section.max_moved_households,
    )


def redraw_params(scenario: Scenario) -> "RedrawParams":
    """Return the parameters of the search."""
    from commplan.optimise.communities.params import RedrawParams

    section = scenario.redraw
    return RedrawParams(
        effort=section.effort, seed=scenario.scenario.seed, time_limit_s=section.time_limit_s
    )


def joint_options(scenario: Scenario, limit_min: float) -> "JointOptions":
    """Return what walking is worth where communities are drawn around rooms."""
    from commplan.pose.joint import JointOptions

    weights, rooms = scenario.redraw.weights, scenario.rooms
    named = weights if isinstance(weights, dict) else {}
    walking = {term: named[term] for term in WALK_TERMS if named.get(term)}
    if walking:
        walking = dict.fromkeys(WALK_TERMS, 0.0) | walking
    return JointOptions(
        limit_min,
        ground_floor=rooms.ground_floor,
        opened=rooms.open,
        closed=rooms.close,
        **walking,
    )


def unused_walk_terms(scenario: Scenario) -> list[Finding]:
    """Say which weights the search leaves alone, as rooms are placed after the boundaries."""
    weights = scenario.redraw.weights
    named = weights if isinstance(weights, dict) else {}
    ignored = [term for term in WALK_TERMS if named.get(term)]
    if not ignored or scenario.rooms.joint:
        return []
    return [Finding("scenario.walk_terms_ignored", Severity.WARNING, {"terms": ", ".join(ignored)})]


def joint_params(scenario: Scenario) -> "JointParams":
    """Return how long communities are drawn around rooms."""
    from commplan.optimise.joint.solve import joint_effort

    section = scenario.redraw
    return joint_effort(section.effort, scenario.scenario.seed, section.time_limit_s)


def score_options(scenario: Scenario) -> "ScoreOptions":
    """Return by what a plan is scored: the same bounds as it is drawn by."""
    from commplan.evaluate.score import ScoreOptions

    section = scenario.redraw
    return ScoreOptions(
        min_households=section.min_households,
        max_households=section.max_households,
        target_households=section.target_households,
        within_subdistrict=section.within_subdistrict,
        grandfather=section.grandfather,
        figures=scenario.figures,
        bounds=dict(section.bounds),
        communities=section.communities,
        max_moved_households=section.max_moved_households,
    )


def household_range(scenario: Scenario, profile: Profile) -> tuple[int, int] | None:
    """Return the bounds that the scenario draws by: its own, else the profile's."""
    section = scenario.redraw
    low, high = household_bounds(profile) or (None, None)
    low = low if section.min_households is None else section.min_households
    high = high if section.max_households is None else section.max_households
    return None if low is None or high is None else (low, high)


def walk_options(profile: Profile) -> "WalkOptions":
    """Return how people walk, by the profile's house choices."""
    from commplan.graph.walking import WalkOptions

    return WalkOptions(choice(profile, "walk_m_per_min"), choice(profile, "detour"))


def room_options(scenario: Scenario, profile: Profile) -> "RoomOptions":
    """Return where rooms may lie and what counts as near."""
    from commplan.pose.rooms import RoomOptions

    section = scenario.rooms
    return RoomOptions(
        outside_m=section.outside_m,
        limit_min=choice(profile, "room_min"),
        aim=section.aim,
        budget_yuan=section.budget_yuan,
        keep=section.keep,
        ground_floor=section.ground_floor,
        opened=section.open,
        closed=section.close,
        elderly_slower=choice(profile, "walk_m_per_min") / choice(profile, "elderly_m_per_min"),
    )


def programme_options(scenario: Scenario) -> "ProgrammeOptions":
    """Return what the scenario states of what goes into the rooms."""
    from commplan.plan.programme import ProgrammeOptions

    section = scenario.rooms
    return ProgrammeOptions(section.principal_cadres, section.functions_m2)


def circle_kinds_of(scenario: Scenario, profile: Profile) -> tuple[tuple[str, ...], str]:
    """Return the kinds of the living circle, the profile's and the user's, and their clause."""
    kinds = circle_kinds(profile)
    own = tuple(kind for kind in scenario.circles.kinds if kind not in kinds)
    return kinds + own, circle_clause(profile)
