"""``[rooms] joint = true``: communities drawn around rooms instead of rooms placed afterwards."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.policy.norms import choice
from commplan.problem.result import Result, Status
from commplan.problem.terms import compute_terms, objective, renumber
from commplan.problem.validity import faults
from commplan.scenario.inputs import joint_options, joint_params, redraw_params
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    from commplan.graph.walking import WalkNetwork
    from commplan.optimise.communities.divide import Solver
    from commplan.problem.communities import CommunityProblem
    from commplan.problem.joint import JointProblem, JointResult
    from commplan.scenario.pipeline import Situation
    from commplan.territory.territory import Territory


def draw(
    situation: "Situation",
    problem: "CommunityProblem",
    watch: Watch,
    solver: "Solver | None" = None,
) -> tuple[Result, tuple[Finding, ...]]:
    """Draw communities: by themselves, or around rooms where the scenario asks for it.

    Subdistricts that no community may cross are solved apart, by ``solver`` where one is given.

    Returns
    -------
    (result, findings)
        Findings are about what only the drawing knows.

    Raises
    ------
    InputError
        Where rooms are asked for and no site lies in a unit.
    """
    from commplan.optimise.communities.divide import divide, redraw_divided
    from commplan.optimise.communities.redraw import redraw
    from commplan.scenario.pipeline import walk_network

    if situation.scenario.rooms.joint:
        return draw_around_rooms(situation, problem, walk_network(situation), watch)
    params = redraw_params(situation.scenario)
    if situation.start is not None:
        params = replace(params, start=situation.start.community_of)
    parts = divide(problem, params, _part_names(situation.territory, problem.part))
    if parts:
        tell = (watch.progress, watch.should_stop)
        return redraw_divided(problem, params, parts, tell, solver), ()
    return redraw(problem, params, watch.progress, watch.should_stop), ()


def _part_names(territory: "Territory", part: NDArray[np.int32]) -> list[str]:
    """Return the id of each subdistrict's number; a unit that is one by itself gives its own."""
    from commplan.plan.places import ids_to_codes

    if territory.units is None or not len(part):
        return []
    names = ids_to_codes(territory.units["subdistrict_id"])[1]
    count = int(part.max()) + 1
    alone = {int(p): i for i, p in enumerate(part.tolist()) if p >= len(names)}
    ids = territory.units["unit_id"].astype(str).tolist()
    return [names[p] if p < len(names) else ids[alone[p]] for p in range(count)]


def draw_around_rooms(
    situation: "Situation", problem: "CommunityProblem", network: "WalkNetwork", watch: Watch
) -> tuple[Result, tuple[Finding, ...]]:
    """Draw communities around the sites of a situation.

    Returns
    -------
    (result, findings)
        Objective and terms of the result are those of the boundaries, by the scenario's weights,
        without a bound; the finding gives cost and proven bound of boundaries and rooms together.

    Raises
    ------
    InputError
        Where no site lies in a unit.
    """
    from commplan.optimise.joint.solve import solve_joint
    from commplan.pose.joint import pose_joint

    scenario, profile = situation.scenario, situation.profile
    limit = choice(profile, "room_min")
    options = joint_options(scenario, limit)
    ground = situation.territory
    posed = pose_joint(ground, network, profile, problem, options, watch.walked)
    answer = solve_joint(posed.problem, joint_params(scenario), watch.progress, watch.should_stop)
    if answer.site_of is None:
        return _none(answer), (_no_place(posed.problem) or Finding("joint.none", Severity.ERROR),)
    labels = renumber(answer.site_of[posed.node])
    if faults(problem, labels):
        return _none(answer), (Finding("joint.breach", Severity.ERROR),)
    terms = compute_terms(problem, labels)
    result = Result(
        status=Status.FEASIBLE,
        labels=labels,
        objective=objective(problem, terms),
        bound=0.0,
        bound_method="certificate.bound_none",
        terms=terms,
        effort=answer.effort,
        runtime_s=answer.runtime_s,
        seed=answer.seed,
        reproducible=answer.reproducible,
        interrupted=answer.interrupted,
    )
    return result, (_cost_finding(answer),)


def _none(answer: "JointResult") -> Result:
    """Nothing valid was found; whether nothing is possible is not said of the boundaries alone."""
    return Result(
        Status.NOT_FOUND,
        None,
        None,
        0.0,
        "certificate.bound_none",
        effort=answer.effort,
        runtime_s=answer.runtime_s,
        seed=answer.seed,
        reproducible=answer.reproducible,
        interrupted=answer.interrupted,
    )


def _no_place(problem: "JointProblem") -> Finding | None:
    """Say so where the sites have place for fewer households than there are."""
    most = problem.m if problem.max_open is None else min(problem.m, problem.max_open)
    of_unit = np.zeros(problem.n)
    np.maximum.at(of_unit, problem.site_unit, problem.high)  # a unit is in one community
    place, needed = float(np.sort(of_unit)[::-1][:most].sum()), float(problem.amount.sum())
    if place >= needed:
        return None
    told = {"sites": problem.m, "place": round(place), "households": round(needed)}
    return Finding("joint.too_few", Severity.ERROR, told)


def _cost_finding(answer: "JointResult") -> Finding:
    cost = float(answer.objective or 0.0)
    gap = 100.0 * (cost - answer.bound) / cost if cost else 0.0
    return Finding(
        "joint.cost",
        Severity.NOTE,
        {"cost": round(cost), "bound": round(answer.bound), "gap": round(gap, 2)},
    )
