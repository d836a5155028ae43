"""The whole way of a scenario, stage by stage; a notebook calls the stages, the command line all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from commplan.errors import Fault
from commplan.findings import Finding
from commplan.policy.library import load_profile
from commplan.policy.norms import choice
from commplan.policy.profile import Profile
from commplan.problem.result import Result
from commplan.scenario.file import with_redraw
from commplan.scenario.inputs import (
    circle_kinds_of,
    household_range,
    layer_sources,
    redraw_options,
    room_options,
    score_options,
    unused_walk_terms,
    walk_options,
)
from commplan.scenario.schema import Scenario
from commplan.scenario.watch import Told, Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.evaluate.circles import Circles
    from commplan.evaluate.scorecard import Scorecard
    from commplan.graph.adjacency import UnitGraph
    from commplan.graph.walking import WalkNetwork
    from commplan.optimise.communities.divide import Solver
    from commplan.plan.make import PlanOptions
    from commplan.plan.plan import Chosen, Plan
    from commplan.problem.communities import CommunityProblem
    from commplan.territory.territory import Territory


@dataclass(frozen=True)
class Situation:
    """What is there before anything is decided: read once, solved as often as one likes."""

    scenario: Scenario
    profile: Profile
    territory: "Territory"
    graph: "UnitGraph | None"
    findings: tuple[Finding, ...] = ()
    start: "Plan | None" = None

    def with_redraw(self, **changes: object) -> "Situation":
        """Return the same ground with other values under ``[redraw]``: weights, bounds, effort.

        Raises
        ------
        InputError
            As a scenario file with these values would.
        """
        return replace(self, scenario=with_redraw(self.scenario, changes))


@dataclass(frozen=True)
class Judged:
    """A plan, solved or drawn by hand, with its rooms, circles and scores."""

    situation: Situation
    plan: "Plan"
    circles: "Circles | None"
    scorecard: "Scorecard"
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Solution:
    """The answer to a scenario: the result of the search and, where there is one, the plan."""

    situation: Situation
    problem: "CommunityProblem"
    result: Result
    judged: Judged | None
    findings: tuple[Finding, ...] = ()

    @property
    def plan(self) -> "Plan":
        """The plan.

        Raises
        ------
        ValueError
            Where there is none; ``findings`` says why.
        """
        return self._judged().plan

    @property
    def scorecard(self) -> "Scorecard":
        """The plan's scorecard; a ValueError where there is no plan."""
        return self._judged().scorecard

    def _judged(self) -> Judged:
        if self.judged is None:
            raise ValueError(f"there is no plan: {self.result.status}")
        return self.judged


def survey(scenario: Scenario, watch: Watch | None = None) -> Situation:
    """Load profile and layers, check them, and find who touches whom.

    Raises
    ------
    InputError
        Where the input cannot be used, with one fault per thing to mend.
    """
    from commplan.evaluate.rules_law import profile_findings
    from commplan.graph.build import build_unit_graph
    from commplan.scenario.edited import hold
    from commplan.territory.load import load_territory

    watch = watch or Watch()
    profile = load_profile(scenario.scenario.profile)
    strange = [rule for rule in scenario.figures if profile.get(rule) is None]
    if strange:
        code = "scenario.unknown_figure"
        raise input_error([Fault(code, {"v0": r}, field_name=f"figures.{r}") for r in strange])
    with watch.stage("read"):
        territory = load_territory(
            layer_sources(scenario), scenario.scenario.crs, scenario.scenario.gap_m
        )
        territory = hold(territory, scenario.redraw)
    with watch.stage("graph"):
        graph = None if territory.units is None else build_unit_graph(territory)
    noticed = [*territory.findings, *(graph.findings if graph else ())]
    noticed += profile_findings(profile, bounds=household_range(scenario, profile))
    noticed += unused_walk_terms(scenario)
    return Situation(scenario, profile, territory, graph, tuple(noticed))


def _refuse_lost_units(situation: Situation) -> None:
    """Stop where a unit has no place on the map: no plan could hold every household."""
    lost = [f for f in situation.findings if f.code == "territory.empty_unit"]
    if lost:
        faults = [
            Fault(f.code, {"ids": ", ".join(f.ids[:5]), **f.params}, None, f.layer, None, f.row)
            for f in lost
        ]
        raise input_error(faults)


def solve(
    situation: Situation, watch: Watch | None = None, solver: "Solver | None" = None
) -> Solution:
    """Redraw (subdistricts by ``solver`` if given), place rooms, measure circles and score.

    Raises
    ------
    InputError
        Where the scenario has no units or its options do not fit the data.
    """
    from commplan.plan.make import make_plan
    from commplan.pose.rooms import check_options
    from commplan.scenario.explain import explain
    from commplan.scenario.joint import draw

    watch = watch or Watch()
    _refuse_lost_units(situation)
    check_options(situation.territory, room_options(situation.scenario, situation.profile))
    with watch.stage("pose"):
        problem = pose(situation)
    with watch.stage("redraw"), watch.stoppable():
        result, noticed = draw(situation, problem, watch, solver)
    situation = replace(situation, findings=(*situation.findings, *noticed))
    if result.labels is None:
        causes = explain(result, situation.territory)
        return Solution(situation, problem, result, None, (*situation.findings, *causes))
    with watch.stage("plan"):
        plan = make_plan(situation.territory, result.labels, _plan_options(situation, "solved"))
    judged = judge(situation, plan, watch)
    return Solution(situation, problem, result, judged, judged.findings)


def pose(situation: Situation) -> "CommunityProblem":
    """Put the redrawing of a situation in numbers.

    Raises
    ------
    InputError
        Where the scenario has no units or its options do not fit the data.
    """
    from commplan.pose.communities import pose_communities

    options = redraw_options(situation.scenario)
    return pose_communities(situation.territory, _graph(situation), situation.profile, options)


def judge(
    situation: Situation, plan: "Plan", watch: Watch, rooms: "Mapping[str, Chosen] | None" = None
) -> Judged:
    """Give a plan its rooms, circles and scores; ``rooms`` (community -> site) if already chosen."""
    from commplan.evaluate.score import score
    from commplan.plan.room_findings import room_findings

    with watch.stage("walk"):
        network = walk_network(situation)
    with watch.stage("rooms"):
        plan = with_rooms(situation, plan, network, rooms, watch.walked)
    with watch.stage("circles"):
        circles = circles_of(situation, plan, network, watch.walked)
    with watch.stage("score"):
        options = score_options(situation.scenario)
        scorecard = score(plan, _graph(situation), situation.profile, options, circles)
    rooms_said = room_findings(plan, situation.profile, situation.scenario.rooms.open)
    noticed = [*situation.findings, *network.findings, *rooms_said]
    noticed += [*(circles.findings if circles else ()), *scorecard.findings]
    return Judged(situation, plan, circles, scorecard, tuple(noticed))


def judge_by_hand(
    situation: Situation,
    assignment: Mapping[str, str],
    watch: Watch,
    rooms: "Mapping[str, Chosen] | None" = None,
) -> Judged:
    """Judge a plan given as unit id -> community id.

    Raises
    ------
    InputError
        Where the assignment does not name every unit once.
    """
    from commplan.plan.make import plan_from_assignment

    with watch.stage("plan"):
        options = _plan_options(situation, "by hand")
        plan = plan_from_assignment(situation.territory, assignment, options)
    return judge(situation, plan, watch, rooms)


def with_rooms(
    situation: Situation,
    plan: "Plan",
    network: "WalkNetwork",
    chosen: "Mapping[str, Chosen] | None" = None,
    told: Told | None = None,
) -> "Plan":
    """Size and place the rooms of a plan, at the sites ``chosen`` or at the best ones."""
    from commplan.plan.rooms import chosen_rooms, place_rooms
    from commplan.pose.rooms import pose_rooms, walks_today

    options = room_options(situation.scenario, situation.profile)
    problem = pose_rooms(plan, network, situation.profile, options, told)
    if chosen is not None:
        result = chosen_rooms(plan, problem, chosen)
    else:
        from commplan.optimise.rooms.siting import SitingParams, site_rooms

        head, redraw = situation.scenario.scenario, situation.scenario.redraw
        result = site_rooms(problem, SitingParams(redraw.time_limit_s, head.seed))
    today = walks_today(plan, network, options.limit_min, told)
    return plan.replace(rooms=place_rooms(plan, problem, result, today))


def walk_network(situation: Situation) -> "WalkNetwork":
    """Build the walking network of the scenario's streets, or the stated fallback."""
    from commplan.graph.walking import build_walk_network

    return build_walk_network(situation.territory, walk_options(situation.profile))


def circles_of(
    situation: Situation, plan: "Plan", network: "WalkNetwork", told: Told | None = None
) -> "Circles":
    """Measure the living circles; without amenities there are no kinds, and the rooms' are drawn."""
    from commplan.evaluate.circles import Drawing, measure_circles

    kinds, clause = circle_kinds_of(situation.scenario, situation.profile)
    kinds = kinds if situation.territory.amenities is not None else ()
    limit = situation.scenario.circles.minutes or choice(situation.profile, "circle_min")
    drawing = Drawing(situation.scenario.circles.each_amenity, told)
    return measure_circles(plan, network, kinds, limit, clause, drawing)


def _graph(situation: Situation) -> "UnitGraph":
    if situation.graph is None:
        raise input_error([Fault("scenario.no_units_here")])
    return situation.graph


def _plan_options(situation: Situation, how: str) -> "PlanOptions":
    from commplan.plan.make import PlanOptions

    reasons = {u: e.reason for e in situation.scenario.redraw.exceptions for u in e.units}
    head = situation.scenario.scenario
    return PlanOptions(reasons, {"how": how, "scenario": head.name, "seed": head.seed})
