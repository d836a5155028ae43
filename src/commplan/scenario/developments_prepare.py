"""Prepare developments: everything that is looked up once for all of them, and then shared out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes, walk_minutes
from commplan.graph.walking_places import Places, places_at
from commplan.plan.developments import NOBODY, Case, Development, DevelopmentOptions, Member
from commplan.plan.developments_ground import Ground, make_ground
from commplan.plan.developments_place import (
    communities_near,
    entrance,
    locate,
    units_beside,
    units_there,
)
from commplan.plan.developments_rooms import Setting, size_with
from commplan.policy.norms import choice
from commplan.problem.communities import CommunityProblem
from commplan.scenario.inputs import circle_kinds_of
from commplan.scenario.pipeline import Situation, pose, walk_network
from commplan.scenario.schema_developments import Developments
from commplan.territory.territory import Territory

FAR = 3.0  # times the limit: how far rooms that stand are looked for


@dataclass(frozen=True)
class Prepared:
    """What all developments share, and a case for each.

    Parameters
    ----------
    setting : Setting
    problem : CommunityProblem
        Of the whole territory.
    territory : Territory
        For maps; without units.
    cases : tuple of Case
        Sorted by id.
    seed : int
    """

    setting: Setting
    problem: CommunityProblem
    territory: Territory
    cases: tuple[Case, ...]
    seed: int


def options_of(section: Developments) -> DevelopmentOptions:
    """Return what the scenario states under ``[developments]``."""
    return DevelopmentOptions(**section.model_dump())


def prepare(situation: Situation, developments: Sequence[Development]) -> Prepared:
    """Look up where developments lie, who else comes there, and what is in walking distance.

    Parameters
    ----------
    situation : Situation
    developments : sequence of Development
        Sorted by id.

    Raises
    ------
    InputError
        Where the scenario has no units, or neither it nor the profile bounds communities.
    """
    scenario = situation.scenario
    options = options_of(scenario.developments)
    problem = pose(situation)
    if situation.graph is None:
        raise ValueError("a situation without units")
    ground = make_ground(situation.territory, situation.graph, problem.part)
    network = walk_network(situation)
    setting = Setting(
        ground, situation.profile, problem.min_households, problem.max_households, options
    )
    cases = [_located(ground, network, one, options) for one in developments]
    cases = with_loads(cases, setting)
    cases = with_together(cases, setting)
    walked = _walks(cases, situation, ground, network)
    cases = [_with(case, rooms=r, amenities=a) for case, (r, a) in zip(cases, walked, strict=True)]
    shown = situation.territory.replace(units=None, blocks=None, findings=())
    return Prepared(setting, problem, shown, tuple(cases), scenario.scenario.seed)


def _with(case: Case, **changes: object) -> Case:
    return replace(case, **changes)  # type: ignore[arg-type]


def _located(
    ground: Ground, network: WalkNetwork, development: Development, options: DevelopmentOptions
) -> Case:
    shape = development.shape
    unit = locate(ground, shape, options.reach_m)
    door = entrance(ground, network, shape, unit)
    if unit < 0:
        return Case(development, unit, NOBODY, entrance=door)
    beside, km = units_beside(ground, network, shape, unit)
    community = int(ground.today[unit])
    return Case(
        development,
        unit,
        community if community >= 0 else NOBODY,
        beside=beside,
        beside_km=km,
        near=communities_near(ground, shape, unit, options.radius_m),
        there=units_there(ground, shape),
        entrance=door,
    )


def with_loads(cases: Sequence[Case], setting: Setting) -> list[Case]:
    """Let developments into their communities in the order in which they are let.

    A development that finds room where it lies takes it, and counts for those that are let after
    it there, and for all that might move there. Of two at once the smaller id comes first.
    """
    taken: dict[int, int] = {}
    before: dict[int, dict[int, int]] = {}
    order = sorted(range(len(cases)), key=lambda i: cases[i].development.starts)
    everyone: dict[int, int] = {}
    for i in order:
        case, here = cases[i], cases[i].community
        if here < 0:
            continue
        households = case.development.households
        everyone[here] = everyone.get(here, 0) + households
        before[i] = {here: taken.get(here, 0)}
        loaded = _with(case, loads=before[i])
        if size_with(loaded, setting, here, households) <= setting.high:
            taken[here] = taken.get(here, 0) + households
    found = []
    for i, case in enumerate(cases):
        here = case.community
        beside = {int(setting.ground.today[unit]) for unit in case.beside}
        near = (beside | set(case.near)) - {-1, here}
        loads = {c: taken[c] for c in sorted(near) if c in taken} | before.get(i, {})
        also = everyone.get(here, 0) - case.development.households if here >= 0 else 0
        found.append(_with(case, loads=loads, also=also))
    return found


def with_together(cases: Sequence[Case], setting: Setting) -> list[Case]:
    """Find developments that could form a community together.

    Those that neither find room where they lie nor are large enough alone are gathered: from the
    earliest on, each time with the nearest that adjoins one already gathered, until there are
    enough households. Everyone is in one group at most.
    """
    small = sorted((c for c in cases if _is_small(c, setting)), key=lambda c: c.development.starts)
    links = _links(small, setting)
    groups: dict[str, list[Case]] = {}
    taken: set[int] = set()
    for seed in range(len(small)):
        group = [] if seed in taken else _gathered(seed, small, (links, taken), setting)
        taken.update(group)
        together = sorted((small[i] for i in group), key=lambda c: c.development.development_id)
        groups |= {case.development.development_id: together for case in together}
    return [_grouped(c, groups.get(c.development.development_id, []), setting) for c in cases]


def _grouped(case: Case, group: Sequence[Case], setting: Setting) -> Case:
    if not group:
        return case
    members = tuple(_member(one) for one in group)
    return _with(case, together=members, together_from=_together_from(case, group, setting.low))


def _is_small(case: Case, setting: Setting) -> bool:
    households = case.development.households
    if case.unit < 0 or not 0 < households < setting.low:
        return False
    here = case.community
    return here < 0 or size_with(case, setting, here, households) > setting.high


Links = list[list[tuple[float, int]]]


def _links(small: Sequence[Case], setting: Setting) -> Links:
    """List, for each development, the others that adjoin it, with their distance."""
    part, options = setting.ground.part, setting.options
    by_unit: dict[int, list[int]] = {}
    for i, case in enumerate(small):
        by_unit.setdefault(case.unit, []).append(i)
    pairs = {
        (min(i, j), max(i, j))
        for i, case in enumerate(small)
        for unit in case.beside
        for j in by_unit.get(unit, ())
        if i != j and part[unit] == part[case.unit]
    }
    links: Links = [[] for _ in small]
    for i, j in sorted(pairs):
        metres = float(small[i].development.shape.distance(small[j].development.shape))
        if metres <= options.together_m:
            links[i].append((metres, j))
            links[j].append((metres, i))
    return links


def _gathered(
    seed: int, small: Sequence[Case], known: tuple[Links, set[int]], setting: Setting
) -> list[int]:
    """Gather developments about one; [] where they do not come to enough."""
    links, taken = known
    group, total = [seed], small[seed].development.households
    while total < setting.low:
        room = setting.high - total
        near = (
            (metres, i)
            for j in group
            for metres, i in links[j]
            if i not in group and i not in taken and small[i].development.households <= room
        )
        best = min(near, default=None)
        if best is None:
            return []
        group.append(best[1])
        total += small[best[1]].development.households
    return group


def _member(case: Case) -> Member:
    one = case.development
    return Member(one.development_id, one.name, one.households, one.population)


def _together_from(case: Case, group: Sequence[Case], least: int) -> int:
    """Return the phase of ``case`` with which the group has enough households, at most its last.

    Phases come in the order of their dates; one without a date comes last.
    """
    events = sorted(
        (phase.due or "9999", one.development.development_id, phase.number, phase.total)
        for one in group
        for phase in one.development.phases
    )
    let: dict[str, int] = {}
    own, mine = case.development.development_id, 0
    for _, development_id, number, total in events:
        let[development_id] = total
        mine = number if development_id == own else mine
        if sum(let.values()) >= least:
            return min(mine + (development_id != own), len(case.development.phases))
    return len(case.development.phases)


Walked = tuple[tuple[tuple[int, float], ...], Mapping[str, float]]


def _walks(
    cases: Sequence[Case], situation: Situation, ground: Ground, network: WalkNetwork
) -> list[Walked]:
    """Minutes from every entrance to the rooms that stand, and to the nearest amenity of each kind."""
    if not cases:
        return []
    xy = np.array([case.entrance for case in cases], dtype=np.float64).reshape(-1, 2)
    doors = places_at(network, xy)
    limit = FAR * choice(situation.profile, "room_min")
    rooms = walk_minutes(network, doors, places_at(network, ground.rooms.xy), limit).tocsr()
    rooms.sort_indices()
    kinds = _amenity_minutes(situation, network, doors)
    found: list[Walked] = []
    for i in range(len(cases)):
        row = slice(rooms.indptr[i], rooms.indptr[i + 1])
        near = zip(rooms.indices[row].tolist(), np.round(rooms.data[row], 6).tolist(), strict=True)
        reached = {kind: round(float(minutes[i]), 6) for kind, minutes in kinds.items()}
        found.append((tuple(near), reached))
    return found


def _amenity_minutes(
    situation: Situation, network: WalkNetwork, doors: Places
) -> dict[str, NDArray[np.float64]]:
    amenities = situation.territory.amenities
    if amenities is None:
        return {}
    there = amenities["kind"].to_numpy(dtype=object)
    points = shapely.get_coordinates(shapely.centroid(np.asarray(amenities.geometry.array)))
    kinds = circle_kinds_of(situation.scenario, situation.profile)[0]
    return {
        kind: nearest_minutes(network, doors, places_at(network, points[there == kind]))
        for kind in dict.fromkeys(kinds)
        if (there == kind).any()
    }
