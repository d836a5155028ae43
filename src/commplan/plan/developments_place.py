"""Where developments lie: in which unit, beside which others, and where one enters them."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_places import crosses_wall
from commplan.plan.developments_ground import Ground

GAP_M = 60.0  # as for gaps between units: streets and water are narrower
STEP_M = 10.0  # the edge of a development is looked at every so many metres
HALF = 0.5
MOST_NEAR = 6  # communities of a neighbourhood that is redrawn


def locate(ground: Ground, shape: BaseGeometry, reach_m: float) -> int:
    """Find the unit that a development lies in: the one that holds most of it, else the nearest.

    Returns
    -------
    int
        Position; -1 where no unit is within ``reach_m``. Of equals the first.
    """
    inside = np.sort(ground.tree.query(shape, predicate="intersects"))
    if len(inside) and shape.area == 0:
        return int(inside[0])
    if len(inside):
        return int(
            inside[np.argmax(shapely.area(shapely.intersection(ground.blocks[inside], shape)))]
        )
    near = ground.tree.query_nearest(shape, max_distance=reach_m, all_matches=True)
    return int(near.min()) if len(near) else -1


def units_there(ground: Ground, shape: BaseGeometry) -> tuple[int, ...]:
    """Units of which at least half lies on the ground of a development."""
    if shape.area == 0:
        return ()
    near = np.sort(ground.tree.query(shape, predicate="intersects"))
    areas = shapely.area(ground.blocks[near])
    covered = shapely.area(shapely.intersection(ground.blocks[near], shape))
    return tuple(near[covered >= HALF * areas].tolist())


def units_beside(
    ground: Ground, network: WalkNetwork, shape: BaseGeometry, unit: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Find the units that a development adjoins, and along how many km.

    A polygon's edge is shared out among the nearest units within 60 m, as gaps are; a river or
    railway between leaves a unit out. Of a point the extent is not known: it is taken to reach
    as far as its unit does, and no length is given.
    """
    if shape.area == 0:
        found = sorted({unit, *ground.beside(unit).tolist()})
        return tuple(found), (0.0,) * len(found)
    edge = shapely.boundary(shape)
    count = max(int(np.ceil(edge.length / STEP_M)), 1)
    parts = (np.arange(count) + 0.5) / count
    points = shapely.line_interpolate_point([_longest(edge)] * count, parts, normalized=True)
    at, near = ground.tree.query_nearest(points, max_distance=GAP_M, all_matches=False)
    across = shapely.shortest_line(points[at], ground.blocks[near])
    ends = shapely.get_coordinates(across).reshape(-1, 2, 2)
    free = ~crosses_wall(network, ends[:, 0], ends[:, 1])
    units, times = np.unique(np.append(near[free], unit), return_counts=True)
    km = np.where(units == unit, times - 1, times) * edge.length / count / 1000.0
    return tuple(units.tolist()), tuple(km.tolist())


def communities_near(
    ground: Ground, shape: BaseGeometry, unit: int, radius_m: float
) -> tuple[int, ...]:
    """Find the communities of the neighbourhood, at most `MOST_NEAR`, the nearest first.

    Those with a unit within the radius, in the development's subdistrict; of equals the first.
    """
    near = np.sort(ground.tree.query(shape, predicate="dwithin", distance=radius_m))
    near = near[(ground.part[near] == ground.part[unit]) & (ground.today[near] >= 0)]
    distance = shapely.distance(ground.blocks[near], shape)
    order = np.lexsort((ground.today[near], distance, near != unit))
    return tuple(dict.fromkeys(ground.today[near[order]].tolist()))[:MOST_NEAR]


def _longest(edge: BaseGeometry) -> BaseGeometry:
    """Return the longest ring of an edge, for places are counted along one line."""
    rings: list[BaseGeometry] = list(shapely.get_parts(edge))
    return max(rings, key=lambda ring: ring.length)


def entrance(
    ground: Ground, network: WalkNetwork, shape: BaseGeometry, unit: int
) -> tuple[float, float]:
    """Propose the main entrance: the point of the edge nearest to a street, else to its unit.

    A proposal, until the site plan says better. A point is its own entrance.
    """
    if shape.area == 0:
        x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
        return float(x), float(y)
    edge = shapely.boundary(shape)
    goal = shapely.centroid(ground.blocks[unit]) if unit >= 0 else shapely.centroid(shape)
    if len(network.segments):
        near = network.tree.query_nearest(edge, max_distance=network.options.snap_m)
        if len(near):
            goal = network.segments[int(near.min())]
    x, y = shapely.get_coordinates(shapely.shortest_line(edge, goal))[0]
    return float(x), float(y)
