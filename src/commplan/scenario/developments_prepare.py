"""Prepare developments: everything that is looked up once for all of them, and then shared out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes, walk_minutes
from commplan.graph.walking_places import Places, places_at
from commplan.plan.developments import NOBODY, Case, Development, DevelopmentOptions
from commplan.plan.developments_ground import Ground, make_ground
from commplan.plan.developments_place import (
    communities_near,
    entrance,
    locate,
    units_beside,
    units_there,
)
from commplan.plan.developments_rooms import Setting
from commplan.policy.norms import choice
from commplan.problem.communities import CommunityProblem
from commplan.scenario.developments_loads import side_by_side
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
    cases = side_by_side(cases, setting)
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
