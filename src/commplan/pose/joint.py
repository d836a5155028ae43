"""Pose boundaries and rooms together: every site that could hold a room may have a community."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from commplan.errors import Fault
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import walk_minutes
from commplan.graph.walking_places import places_at, places_of_units
from commplan.graph.walking_threads import Progress
from commplan.policy.norms import room_need_m2
from commplan.policy.profile import Profile
from commplan.pose.sites import column, named, prices, standing, usable
from commplan.pose.siting_sites import check_decided
from commplan.problem.communities import CommunityProblem
from commplan.problem.joint import JointProblem
from commplan.territory.territory import Territory
from commplan.texts import input_error

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class JointOptions:
    """What walking, distance and rooms are worth in moved households (house choices).

    Parameters
    ----------
    limit_min : float
        Walk to the room that counts as near.
    walk_household_min : float
        Of a household's minute of walking.
    far_households : float
        Of a household beyond the limit.
    yuan_per_household : float
        Yuan that weigh as much as one household moved.
    farthest : float
        Walks are looked up as far as so many limits; what is farther counts as so far.
    ground_floor : str
        ``"rule"`` leaves out sites that are not on the ground floor beside the main entrance, and
        those of which it is not known; ``"prefer"`` and ``"any"`` do not.
    opened, closed : tuple of str
        Sites that have a community in any case, and that have none.
    """

    limit_min: float = 15.0
    walk_household_min: float = 1.0
    far_households: float = 15.0
    yuan_per_household: float = 1_000.0
    farthest: float = 4.0
    ground_floor: str = "any"
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True)
class JointPosed:
    """A `JointProblem` on nodes (units that stay together are one), and the way back.

    Parameters
    ----------
    problem : JointProblem
    node : int32 array, shape (units,)
        Node of each unit.
    site : int32 array, shape (m,)
        Row of each of the problem's sites in the territory's layer.
    """

    problem: JointProblem
    node: Ints
    site: Ints


def pose_joint(
    territory: Territory,
    network: WalkNetwork,
    profile: Profile,
    communities: CommunityProblem,
    options: JointOptions | None = None,
    progress: Progress | None = None,
) -> JointPosed:
    """Put boundaries and rooms together in numbers.

    Walking, households that move out of the old community of the site, price of the site and the
    weight of a community count, in moved households. A site serves units of its own subdistrict;
    its community keeps the bounds and what its floor area has place for. A site that lies in no
    unit holds no room here.

    Parameters
    ----------
    territory : Territory
        With units and sites.
    network : WalkNetwork
    profile : Profile
        Says how much floor area households need.
    communities : CommunityProblem
        The boundaries alone, as posed from the same territory.
    options : JointOptions, optional
    progress : callable, optional
        Told for how many sites the walks are found, of how many.

    Returns
    -------
    JointPosed

    Raises
    ------
    InputError
        Where no site that can be used lies in a unit, or one that is decided is not there; where one
        that is decided to open cannot have a community.
    """
    options = options or JointOptions()
    check_decided("rooms", territory, options.opened, options.closed)
    xy, row, unit = _sites(territory, options)
    if not len(row):
        raise input_error([Fault("joint.no_sites")])
    node = _nodes(communities.group)
    n = int(node.max()) + 1
    minutes = _minutes(network, territory, xy, options, progress)
    cost, possible = _costs(communities, minutes, unit, options)
    nodes = sparse.csr_array(
        (np.ones(len(node)), (node, np.arange(len(node)))), shape=(n, len(node))
    )
    able = (nodes @ (~possible).astype(float)) == 0.0
    total = nodes @ np.where(possible, cost, 0.0)
    at, of = np.nonzero(able)
    high = np.minimum(float(communities.max_households), _places(territory, row, profile))
    low = np.full(len(row), float(communities.min_households))
    holds = high >= low
    opened = _opened(territory, row, options)
    own = node[unit]
    fits = holds & (np.bincount(node, communities.households, n)[own] <= high)
    apart = ~able[own, np.arange(len(row))]
    _check_opened(territory, options, row[opened], own[opened], (fits[opened], apart[opened]))
    keep = holds[of]
    edges = _edges(communities, node)
    problem = JointProblem(
        amount=np.bincount(node, communities.households, n).astype(np.float64),
        cost=sparse.csr_array((total[at, of][keep], (at[keep], of[keep])), shape=(n, len(row))),
        open_cost=_prices(territory, row, options) + communities.weights.communities,
        site_unit=own.astype(np.int32),
        low=np.where(holds, low, 0.0),
        high=high,
        forced=opened,
        tail=edges[0],
        head=edges[1],
        max_open=communities.max_communities,
    )
    return JointPosed(problem, node, row)


def _sites(territory: Territory, options: JointOptions) -> tuple[Floats, Ints, Ints]:
    """Places, rows and units of the usable sites that lie in a unit; the first unit of several."""
    if territory.units is None or territory.sites is None or not len(territory.sites):
        none = np.zeros(0, dtype=np.int32)
        return np.zeros((0, 2)), none, none
    layer = territory.sites
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(layer.geometry.array)))
    tree = shapely.STRtree(np.asarray(territory.units.geometry.array))
    site, unit = tree.query(shapely.points(xy), "intersects")
    fits = usable(layer, options.ground_floor, options.opened, options.closed)[site]
    site, unit = site[fits], unit[fits]
    order = np.lexsort((unit, site))
    site, unit = site[order], unit[order]
    first = np.diff(site, prepend=-1) != 0
    row = site[first].astype(np.int32)
    return xy[row], row, unit[first].astype(np.int32)


def _nodes(group: Ints) -> Ints:
    """Give units numbers from 0, those that stay together alike, in the order of their first unit."""
    key = np.where(group >= 0, group + len(group), np.arange(len(group)))
    first, inverse = np.unique(key, return_index=True, return_inverse=True)[1:]
    rank = np.argsort(np.argsort(first))
    return rank[inverse].astype(np.int32)


def _minutes(
    network: WalkNetwork,
    territory: Territory,
    xy: Floats,
    options: JointOptions,
    progress: Progress | None,
) -> Floats:
    """Look up walking minutes, shape (units, sites); what is farther counts as the farthest."""
    far = options.farthest * options.limit_min
    units = places_of_units(network, territory)
    near = walk_minutes(network, units, places_at(network, xy), far, progress)
    minutes = np.full(near.shape, far)
    rows = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    minutes[rows, near.indices] = near.data
    return minutes


def _costs(
    communities: CommunityProblem, minutes: Floats, unit: Ints, options: JointOptions
) -> tuple[Floats, Flags]:
    """Cost of each unit at each site, and which pairs are possible."""
    households = communities.households.astype(float)[:, None]
    weights, today = communities.weights, communities.today
    moved = (today[:, None] != today[unit][None, :]) & (today[:, None] >= 0)
    each = options.walk_household_min * minutes
    each = each + options.far_households * (minutes > options.limit_min)
    each = each + weights.moved_households * moved
    possible = communities.part[:, None] == communities.part[unit][None, :]
    possible &= ~(communities.locked[:, None] & moved)
    return households * each, possible


def _places(territory: Territory, row: Ints, profile: Profile) -> Floats:
    """Households for which each site has or can have floor area; infinite where not known."""
    layer = territory.sites
    places = np.full(len(row), np.inf)
    if layer is None:
        return places
    extend = np.where(standing(layer), np.nan_to_num(column(layer, "extend_m2")), 0.0)
    floor = (column(layer, "floor_m2") + extend)[row]
    steps = np.arange(0.0, 20_001.0, 10.0)
    need = room_need_m2(profile, steps)
    known = ~np.isnan(floor)
    if np.isnan(need).any() or not known.any():
        return places
    at = np.searchsorted(need, floor[known] + 1e-9, side="right") - 1
    places[known] = np.where(at >= 0, steps[np.maximum(at, 0)], 0.0)
    return places


def _prices(territory: Territory, row: Ints, options: JointOptions) -> Floats:
    """Price of each site in moved households."""
    layer = territory.sites
    if layer is None:
        return np.zeros(len(row))
    return prices(layer)[0][row] / options.yuan_per_household


def _opened(territory: Territory, row: Ints, options: JointOptions) -> Flags:
    """Sites that are decided to have a community."""
    layer = territory.sites
    none = np.zeros(len(row), dtype=bool)
    return none if layer is None else named(layer, options.opened)[row]


def _check_opened(
    territory: Territory,
    options: JointOptions,
    row: Ints,
    node: Ints,
    state: tuple[Flags, Flags],
) -> None:
    """Refuse to open what lies in no unit, cannot have its own unit, or shares it.

    ``state`` says which sites have place enough, and which cannot serve their own unit.
    """
    ids = [] if territory.sites is None else territory.sites["site_id"].astype(str).tolist()
    names = [ids[r] for r in row.tolist()]
    faults = [("joint.open_nowhere", {"name": x}) for x in options.opened if x not in names]
    for name, fits, apart in zip(names, *state, strict=True):
        faults += [] if fits else [("joint.open_small", {"name": name})]
        faults += [("joint.open_apart", {"name": name})] if apart else []
    first = {int(u): x for u, x in reversed(list(zip(node, names, strict=True)))}
    pairs = [(first[int(u)], x) for u, x in zip(node, names, strict=True)]
    faults += [("joint.open_twice", {"name": b, "other": a}) for a, b in pairs if a != b]
    if faults:
        raise input_error([Fault(code, said, field_name="rooms.open") for code, said in faults])


def _edges(communities: CommunityProblem, node: Ints) -> tuple[Ints, Ints]:
    """Pairs of nodes that touch by an open edge within a subdistrict, each once."""
    edges = communities.edges
    usable = edges.is_open & (communities.part[edges.tail] == communities.part[edges.head])
    a, b = node[edges.tail[usable]], node[edges.head[usable]]
    pairs = np.unique(np.column_stack([np.minimum(a, b), np.maximum(a, b)])[a != b], axis=0)
    return pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
