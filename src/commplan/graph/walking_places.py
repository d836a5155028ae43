"""Where places join the streets: units by gates or a point inside, sites by the nearest street."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.territory.schema import CLOSED_BARRIER_KINDS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from commplan.graph.walking import WalkNetwork
    from commplan.territory.territory import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LARGE_M2 = 40_000.0  # a compound of 200 m by 200 m is left on more than one side
HOMES = 16  # points over the area of a large unit, about
SIDES = 8  # points along the edge of a large unit where it may be left


@dataclass(frozen=True)
class Places:
    """Points and their ways onto the network.

    Parameters
    ----------
    xy : float64 array, shape (n, 2)
        Metres; the straight line is measured between these.
    owner : int32 array, shape (k,)
        Place of each access, ascending. A place without any is off the network.
    edge : int32 array, shape (k,)
    along_min : float64 array, shape (k,)
        Minutes from the edge's tail to where the access meets it.
    leg_min : float64 array, shape (k,)
        Minutes from the place to there, off the network: straight, at walking speed.
    """

    xy: Floats
    owner: Ints
    edge: Ints
    along_min: Floats
    leg_min: Floats

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.xy)

    @property
    def on_network(self) -> NDArray[np.bool_]:
        """Which places join the network, shape (n,)."""
        return np.bincount(self.owner, minlength=self.n) > 0

    @cached_property
    def by_edge(self) -> tuple[Ints, Ints, Floats, Floats]:
        """Edge, owner, minutes along and leg of each access, sorted by edge."""
        order = np.argsort(self.edge, kind="stable")
        return self.edge[order], self.owner[order], self.along_min[order], self.leg_min[order]

    def take(self, which: NDArray[np.integer]) -> "Places":
        """Return some of the places, in the order asked for."""
        offsets = np.searchsorted(self.owner, np.arange(self.n + 1))
        first, count = offsets[which], np.diff(offsets)[which]
        owner = np.repeat(np.arange(len(which), dtype=np.int32), count)
        access = np.arange(len(owner)) + np.repeat(first - (np.cumsum(count) - count), count)
        edge, along, leg = (a[access] for a in (self.edge, self.along_min, self.leg_min))
        return Places(self.xy[which], owner, edge, along, leg)

    @property
    def nearest_leg_min(self) -> Floats:
        """Shortest leg of each place, 0 off the network, shape (n,)."""
        legs = np.full(self.n, np.inf)
        np.minimum.at(legs, self.owner, self.leg_min)
        return np.where(np.isinf(legs), 0.0, legs)


def no_places() -> Places:
    """Return no place at all."""
    none = np.empty(0, np.int32)
    return Places(np.empty((0, 2)), none, none, np.empty(0), np.empty(0))


def places_at(network: "WalkNetwork", xy: Floats) -> Places:
    """Join points to their nearest street.

    Parameters
    ----------
    network : WalkNetwork
    xy : float64 array, shape (n, 2)

    Returns
    -------
    Places
        A point farther than the network's ``snap_m`` from every street stays off it.
    """
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    owner = np.arange(len(xy), dtype=np.int32)
    owner, segment, foot = _foot_points(network, xy, owner, network.options.snap_m)
    return _joined(network, xy, (owner, segment, foot), np.hypot(*(foot - xy[owner]).T))


def places_of_units(network: "WalkNetwork", territory: "Territory") -> Places:
    """Join the units of a territory to the streets.

    A unit is left by its gates where the gates layer knows any, else by the street nearest to a
    point inside; a large one by those nearest to points spread evenly over its area and by those
    on its sides too. The way to the street is counted straight, from the point inside; in a large
    unit, where people live all over it, in the mean of the points.
    """
    units = territory.units
    if units is None:
        return no_places()
    polygons = np.asarray(units.geometry.array)
    inside = shapely.get_coordinates(shapely.point_on_surface(polygons))
    large = np.flatnonzero(shapely.area(polygons) > LARGE_M2)
    home_xy, home_owner = _homes(polygons, inside, large)
    gate_xy, gate_owner = gate_points(units["unit_id"], territory.gates)
    gated = np.bincount(gate_owner, minlength=len(inside)) > 0
    own = ~gated[home_owner]
    side_xy, side_owner = _sides(polygons, large[~gated[large]])
    snap_m = network.options.snap_m
    found = [
        _foot_points(network, home_xy[own], home_owner[own], snap_m),
        _foot_points(network, side_xy, side_owner, min(snap_m, 60.0)),
        _foot_points(network, gate_xy, gate_owner, snap_m),
    ]
    owner, segment, foot = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(owner, kind="stable")
    owner, segment, foot = owner[order], segment[order], foot[order]
    leg_m = _mean_way_m(home_xy, home_owner, owner, foot)
    return _joined(network, inside, (owner, segment, foot), leg_m)


def _homes(
    polygons: NDArray[np.object_], inside: Floats, large: NDArray[np.int64]
) -> tuple[Floats, Ints]:
    """Points where people of each unit start from: one inside, in large units a grid over all."""
    points = [inside]
    owner = [np.arange(len(inside))]
    for unit in large.tolist():
        left, bottom, right, top = polygons[unit].bounds
        step = np.sqrt(polygons[unit].area / HOMES)
        x = np.arange(left + step / 2, right, step)
        y = np.arange(bottom + step / 2, top, step)
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        grid = grid[shapely.contains_xy(polygons[unit], grid)]
        points.append(grid)
        owner.append(np.full(len(grid), unit))
    owners = np.concatenate(owner)
    spread = np.bincount(owners, minlength=len(inside)) > 1
    keep = np.arange(len(owners)) >= len(inside)
    keep[: len(inside)] = ~spread  # a grid replaces the one point
    order = np.argsort(owners[keep], kind="stable")
    return np.concatenate(points)[keep][order], owners[keep][order].astype(np.int32)


def _mean_way_m(home_xy: Floats, home_owner: Ints, owner: Ints, foot: Floats) -> Floats:
    """Straight way from each unit's points to where it joins a street, in the mean of the points."""
    first = np.searchsorted(home_owner, owner, side="left")
    count = np.searchsorted(home_owner, owner, side="right") - first
    start = np.cumsum(count) - count
    home = np.arange(count.sum()) + np.repeat(first - start, count)
    way_m = np.hypot(*(home_xy[home] - np.repeat(foot, count, axis=0)).T)
    return np.add.reduceat(way_m, start) / count if len(owner) else np.empty(0)


def gate_points(
    unit_ids: "pd.Series[str]", gates: "gpd.GeoDataFrame | None"
) -> tuple[Floats, Ints]:
    """Return the gates of units: places, and the row of the unit of each."""
    if gates is None or not len(gates):
        return np.empty((0, 2)), np.empty(0, np.int32)
    position = {unit_id: i for i, unit_id in enumerate(unit_ids)}
    owner = np.array([position.get(u, -1) for u in gates["unit_id"]], dtype=np.int32)
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(gates.geometry.array)))
    return xy[owner >= 0], owner[owner >= 0]


def _sides(polygons: NDArray[np.object_], large: NDArray[np.int64]) -> tuple[Floats, Ints]:
    """Points spread evenly along the outer ring of the largest part of large units."""
    parts, unit = shapely.get_parts(polygons[large], return_index=True)
    order = np.lexsort((shapely.area(parts), unit))
    last = np.flatnonzero(np.diff(unit[order], append=-1) != 0)
    rings = shapely.get_exterior_ring(parts[order[last]])
    share = np.linspace(0, 1, SIDES, endpoint=False)
    points = shapely.line_interpolate_point(rings[:, None], share[None, :], normalized=True)
    owner = np.repeat(large[unit[order[last]]], SIDES)
    return shapely.get_coordinates(points.ravel()), owner.astype(np.int32)


def _foot_points(
    network: "WalkNetwork", xy: Floats, owner: Ints, snap_m: float
) -> tuple[Ints, NDArray[np.int64], Floats]:
    """Find the street nearest to each point: owner, segment and nearest point of it."""
    if not len(xy) or not len(network.segments):
        return np.empty(0, np.int32), np.empty(0, np.int64), np.empty((0, 2))
    points = shapely.points(xy)
    who, segment = network.tree.query_nearest(points, max_distance=snap_m, all_matches=False)
    foot = _foot(network, segment, xy[who])
    if network.walls is not None:
        who, segment, foot = _go_round_walls(network, xy, (who, segment, foot), snap_m)
        order = np.argsort(who, kind="stable")
        who, segment, foot = who[order], segment[order], foot[order]
    return owner[who], segment, foot


def _joined(
    network: "WalkNetwork",
    xy: Floats,
    joins: tuple[Ints, NDArray[np.int64], Floats],
    leg_m: Floats,
) -> Places:
    """Make places of what was found, owners ascending."""
    owner, segment, foot = joins
    ends = network.graph.segment_min[segment]
    span = network.graph.segment_xy[segment]
    with np.errstate(invalid="ignore"):
        share = np.hypot(*(foot - span[:, 0]).T) / np.hypot(*(span[:, 1] - span[:, 0]).T)
    along_min = ends[:, 0] + share * (ends[:, 1] - ends[:, 0])
    edge = network.graph.segment_edge[segment]
    return Places(xy, owner, edge, along_min, leg_m / network.options.speed_m_per_min)


def _foot(network: "WalkNetwork", segment: NDArray[np.int64], xy: Floats) -> Floats:
    """Nearest point of each segment to each point."""
    a, b = network.graph.segment_xy[segment, 0], network.graph.segment_xy[segment, 1]
    along = b - a
    share = ((xy - a) * along).sum(axis=1) / (along**2).sum(axis=1)
    return np.asarray(a + np.clip(share, 0, 1)[:, None] * along)


def _go_round_walls(
    network: "WalkNetwork",
    xy: Floats,
    found: tuple[NDArray[np.int64], NDArray[np.int64], Floats],
    snap_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Replace streets on the far side of a river or railway by the nearest on this side, if any."""
    who, segment, foot = found
    blocked = crosses_wall(network, xy[who], foot)
    if not blocked.any():
        return found
    bad = who[blocked]
    near, other = network.tree.query(shapely.points(xy[bad]), "dwithin", distance=snap_m)
    feet = _foot(network, other, xy[bad[near]])
    free = ~crosses_wall(network, xy[bad[near]], feet)
    near, other, feet = near[free], other[free], feet[free]
    order = np.lexsort((other, np.hypot(*(feet - xy[bad[near]]).T), near))
    first = order[np.flatnonzero(np.diff(near[order], prepend=-1) != 0)]
    return (
        np.concatenate([who[~blocked], bad[near[first]]]),
        np.concatenate([segment[~blocked], other[first]]),
        np.concatenate([foot[~blocked], feet[first]]),
    )


def crosses_wall(network: "WalkNetwork", a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Whether straight lines from ``a`` to ``b`` cross a barrier that may not be crossed."""
    crossed = np.zeros(len(a), dtype=np.bool_)
    if network.walls is not None:
        legs = np.asarray(shapely.linestrings(np.stack([a, b], axis=1)))
        crossed[network.walls.query(legs, "intersects")[0]] = True
    return crossed


def closed_walls(territory: "Territory") -> "shapely.STRtree | None":
    """Tree of the barriers that may not be crossed; None where there are none."""
    barriers = territory.barriers
    if barriers is None or not len(barriers):
        return None
    closed = ~barriers["crossable"].fillna(~barriers["kind"].isin(CLOSED_BARRIER_KINDS)).astype(
        bool
    )
    lines = np.asarray(barriers.geometry.array)[closed.to_numpy()]
    return shapely.STRtree(lines) if len(lines) else None
