"""``[rooms] joint = true``: communities drawn around rooms instead of rooms placed afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from commplan.findings import Finding, Severity
from commplan.policy.norms import choice
from commplan.problem.result import Result, Status
from commplan.problem.terms import compute_terms, objective, renumber
from commplan.problem.validity import Breach, faults
from commplan.scenario.inputs import joint_options, joint_params, redraw_params
from commplan.scenario.watch import Watch

if TYPE_CHECKING:
    from commplan.graph.walking import WalkNetwork
    from commplan.optimise.communities.divide import Solver
    from commplan.optimise.joint.solve import JointParams
    from commplan.pose.joint import JointPosed
    from commplan.problem.communities import CommunityProblem
    from commplan.problem.joint import JointResult
    from commplan.scenario.pipeline import Situation
    from commplan.territory.territory import Territory

Ints = NDArray[np.int32]

_LOCK_ROUNDS = 3


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
    from commplan.pose.joint import pose_joint

    scenario, profile = situation.scenario, situation.profile
    limit = choice(profile, "room_min")
    options = joint_options(scenario, limit)
    ground = situation.territory
    posed = pose_joint(ground, network, profile, problem, options, watch.walked)
    answer, broken = _solved(posed, problem, joint_params(scenario), watch)
    if broken:
        return _none(answer), tuple(_broken(breach, ground) for breach in broken)
    if answer.site_of is None:
        return _none(answer), (_why_none(posed, answer, ground),)
    labels = renumber(answer.site_of[posed.node])
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


def _solved(
    posed: "JointPosed", problem: "CommunityProblem", params: "JointParams", watch: Watch
) -> tuple["JointResult", list[Breach]]:
    """Solve; the answer and the rules that it breaks.

    A locked unit's community has to succeed the old one, and whom it succeeds shows only once it is
    drawn: where that fails, the unit is held to the site round which most of the old one lies now.
    """
    from commplan.optimise.joint.solve import solve_joint

    broken: list[Breach] = []
    for _ in range(_LOCK_ROUNDS):
        answer = solve_joint(posed.problem, params, watch.progress, watch.should_stop)
        if answer.site_of is None:
            break
        of_unit = answer.site_of[posed.node]
        broken = faults(problem, renumber(of_unit))
        if [breach.kind for breach in broken] != ["lock"] or not answer.reproducible:
            break
        posed = _held(posed, problem, of_unit, broken[0].units)
    return answer, broken


def _held(
    posed: "JointPosed", problem: "CommunityProblem", of_unit: Ints, units: tuple[int, ...]
) -> "JointPosed":
    """Leave each of some locked units the site round which most of its old community lies."""
    cost = posed.problem.cost.tocoo()
    keep = np.ones(cost.nnz, dtype=bool)
    for unit in units:
        old = problem.today == problem.today[unit]
        shared = np.bincount(of_unit[old], problem.households[old], posed.problem.m)
        pairs = cost.row == posed.node[unit]
        sites = cost.col[pairs]
        keep[pairs] = sites == sites[np.argmax(shared[sites])]
    kept = csr_array((cost.data[keep], (cost.row[keep], cost.col[keep])), shape=cost.shape)
    return replace(posed, problem=posed.problem.replace(cost=kept))


def _broken(breach: Breach, ground: "Territory") -> Finding:
    """Name a rule that is no part of the question, and the units where it is broken."""
    code = f"joint.broken_{breach.kind}"
    return Finding(code, Severity.ERROR, breach.params, _unit_ids(ground, breach.units))


def _why_none(posed: "JointPosed", answer: "JointResult", ground: "Territory") -> Finding:
    """Say why no valid communities came out, as far as that is known."""
    problem = posed.problem
    pairs = problem.cost.tocoo()
    largest = np.zeros(problem.n)
    np.maximum.at(largest, pairs.row, problem.high[pairs.col])
    large = np.flatnonzero((problem.amount > largest)[posed.node])
    if len(large):
        told = {"place": round(float(largest[posed.node[large]].max()))}
        return Finding("joint.too_large", Severity.ERROR, told, _unit_ids(ground, large.tolist()))
    return _too_few(posed, ground) or Finding(
        "joint.none" if answer.reproducible else "joint.none_in_time", Severity.ERROR
    )


def _too_few(posed: "JointPosed", ground: "Territory") -> Finding | None:
    """Say so where the sites have place for fewer households than there are.

    Ground that shares no site with the rest (a subdistrict) is looked at by itself as well.
    """
    problem = posed.problem
    of_unit = np.zeros(problem.n)
    np.maximum.at(of_unit, problem.site_unit, problem.high)  # a unit is in one community
    most = problem.m if problem.max_open is None else min(problem.m, problem.max_open)
    place, needed = float(np.sort(of_unit)[::-1][:most].sum()), float(problem.amount.sum())
    if place < needed:
        told = {"sites": problem.m, "place": round(place), "households": round(needed)}
        return Finding("joint.too_few", Severity.ERROR, told)
    pairs, size = problem.cost.tocoo(), problem.n + problem.m
    ends = (pairs.row, problem.n + pairs.col)
    links = coo_array((np.ones(pairs.nnz), ends), (size, size))
    piece = connected_components(links, directed=False)[1]
    of_node, of_site = piece[: problem.n], piece[problem.n :]
    places, needs = np.bincount(of_node, of_unit), np.bincount(of_node, problem.amount)
    worst = int(np.argmax(needs - places))
    if places[worst] >= needs[worst]:
        return None
    told = {"sites": int((of_site == worst).sum()), "place": round(float(places[worst])),
            "households": round(float(needs[worst]))}  # fmt: skip
    ids = _part_ids(ground, np.flatnonzero(of_node[posed.node] == worst))
    return Finding("joint.too_few_in", Severity.ERROR, told, ids)


def _part_ids(ground: "Territory", units: NDArray[np.intp]) -> tuple[str, ...]:
    """Name the subdistricts of some units, or the units where these are not known."""
    if ground.units is None:
        return ()
    names = ground.units["subdistrict_id"].iloc[units]
    if names.isna().any():
        return _unit_ids(ground, units.tolist())
    return tuple(sorted(set(names.astype(str))))


def _unit_ids(ground: "Territory", units: Sequence[int]) -> tuple[str, ...]:
    if ground.units is None:
        return ()
    ids = ground.units["unit_id"].astype(str).tolist()
    return tuple(ids[unit] for unit in units)


def _cost_finding(answer: "JointResult") -> Finding:
    cost = float(answer.objective or 0.0)
    gap = 100.0 * (cost - answer.bound) / cost if cost else 0.0
    return Finding(
        "joint.cost",
        Severity.NOTE,
        {"cost": round(cost), "bound": round(answer.bound), "gap": round(gap, 2)},
    )
