"""Pose the redrawing of a development's neighbourhood: a few units may change, all else is locked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.plan.developments import NEW, Case, DevelopmentOptions, Redrawn
from commplan.plan.developments_ground import Ground
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.successors import match_successors

OTHER_NEW = -3  # a further new community, which does not hold the development


@dataclass(frozen=True)
class Neighbourhood:
    """The small problem, and how to read its answer.

    Parameters
    ----------
    problem : CommunityProblem
        Units of a few communities, and the development as the last one.
    units : int64 array
        Positions on the ground of all but the last.
    communities : tuple of int
        Numbers of the communities concerned; ``problem.today`` counts them from 0.
    free : int
        Units that may change their community, the development apart.
    """

    problem: CommunityProblem
    units: NDArray[np.int64]
    communities: tuple[int, ...]
    free: int


def pose_neighbourhood(
    case: Case, ground: Ground, whole: CommunityProblem, options: DevelopmentOptions
) -> Neighbourhood:
    """Put the redrawing of a neighbourhood in numbers.

    Parameters
    ----------
    case : Case
        With communities near.
    ground : Ground
    whole : CommunityProblem
        Of the whole territory, posed as the scenario says.
    options : DevelopmentOptions

    Returns
    -------
    Neighbourhood
        Households that other developments bring before this one stay in their community. Those
        that live where it is built are left out where the options say that they leave; the ground
        goes with the development then. A community that is out of
        bounds today may stay as it is (``grandfather``).
    """
    communities = sorted(case.near)
    units = np.flatnonzero(np.isin(ground.today, communities))
    gone = np.array(case.there if options.households_there == "leave" else (), dtype=np.int64)
    own = np.isin(units, gone)
    households = whole.households[units].copy()
    households[own] = 0  # nobody lives there any more
    today = np.searchsorted(communities, ground.today[units]).astype(np.int32)
    free = (_free(case, ground, units, options) | own) & ~whole.locked[units]
    _add_loads(households, today, case.loads, communities, free)
    development = case.development
    xy_km = shapely.get_coordinates(shapely.point_on_surface(development.shape)) / 1000.0
    one = replace(
        whole,
        households=np.append(households, development.households),
        area_km2=np.append(whole.area_km2[units], development.shape.area / 1e6),
        xy_km=np.concatenate([whole.xy_km[units], xy_km]),
        edges=_edges(case, whole, units),
        part=np.append(whole.part[units], whole.part[case.unit]).astype(np.int32),
        group=_groups(whole.group[units], own & free),
        today=np.append(today, -1).astype(np.int32),
        locked=np.append(~free, False),
        exempt=np.append(whole.exempt[units], False),
        grandfather=True,
        min_communities=0,
        max_communities=None,
        attributes=(),
        max_moved_households=None,
    )
    return Neighbourhood(one, units, tuple(communities), int(free.sum()))


def read_answer(
    posed: Neighbourhood, status: str, labels: NDArray[np.int32] | None, objective: float | None
) -> Redrawn:
    """Turn labels into the communities' numbers: who moves, and how large they are afterwards."""
    if labels is None:
        return Redrawn(status, free=posed.free)
    problem = posed.problem
    successor = match_successors(
        problem.today.astype(np.int64), labels.astype(np.int64), problem.households, problem.locked
    )
    numbers: dict[int, int] = {}
    others = OTHER_NEW
    for label in range(int(labels.max()) + 1):
        old = int(successor[label])
        if old >= 0:
            numbers[label] = posed.communities[old]
        elif label == labels[-1]:
            numbers[label] = NEW
        else:
            numbers[label], others = others, others - 1
    sums = np.bincount(labels, problem.households)
    moves = [
        (int(unit), posed.communities[old], numbers[label])
        for unit, old, label in zip(posed.units, problem.today, labels.tolist(), strict=False)
        if posed.communities[old] != numbers[label]
    ]
    sizes = {number: int(sums[label]) for label, number in numbers.items()}
    return Redrawn(status, numbers[int(labels[-1])], tuple(moves), sizes, posed.free, objective)


def _groups(group: NDArray[np.int32], own: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Keep the development together with the units on its ground, where nothing else holds them."""
    number = int(group.max(initial=-1)) + 1
    return np.append(np.where(own & (group < 0), number, group), number).astype(np.int32)


def _free(
    case: Case, ground: Ground, units: NDArray[np.int64], options: DevelopmentOptions
) -> NDArray[np.bool_]:
    """Free the nearest units within the radius, as many as the options say; of equals the first."""
    distance = shapely.distance(ground.blocks[units], case.development.shape)
    order = np.lexsort((units, distance))
    order = order[distance[order] <= options.radius_m][: options.free_units]
    free = np.zeros(len(units), dtype=np.bool_)
    free[order] = True
    return free


def _add_loads(
    households: NDArray[np.int64],
    today: NDArray[np.int32],
    loads: Mapping[int, int],
    communities: list[int],
    free: NDArray[np.bool_],
) -> None:
    """Put what other developments bring on a locked unit of their community, else on any."""
    for place, community in enumerate(communities):
        if loads.get(community):
            own = np.flatnonzero(today == place)
            locked = own[~free[own]]
            households[(locked if len(locked) else own)[0]] += loads[community]


def _edges(case: Case, whole: CommunityProblem, units: NDArray[np.int64]) -> Edges:
    """Edges among the units, and those of the development, which are open."""
    place = np.full(whole.n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    edges, n = whole.edges, len(units)
    keep = (place[edges.tail] >= 0) & (place[edges.head] >= 0)
    beside = np.array(case.beside, dtype=np.int64)
    km = np.array(case.beside_km, dtype=np.float64)[place[beside] >= 0]
    own = place[beside[place[beside] >= 0]]
    tail = np.concatenate([place[edges.tail[keep]], own])
    head = np.concatenate([place[edges.head[keep]], np.full(len(own), n)])
    order = np.lexsort((head, tail))
    return Edges(
        tail[order].astype(np.int32),
        head[order].astype(np.int32),
        np.concatenate([edges.border_km[keep], km])[order],
        np.concatenate([edges.soft_border_km[keep], km])[order],
        np.concatenate([edges.is_open[keep], np.ones(len(own), dtype=np.bool_)])[order],
    )
