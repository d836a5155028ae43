"""Lengths of borders, from polygons alone.

The sum of all communities' perimeters counts each border between two of them twice and the outline
of the whole once. What the subdistricts' own outlines hold no plan can move: it is stated apart.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.plan.places import dissolve, is_coverage

# Units that share less are no neighbours (house choice); a millionth swallows rounding.
SHORTEST_BORDER_M = 1.0 - 1e-6


@dataclass(frozen=True)
class SharedBorders:
    """Borders between pairs of units, tail < head, sorted.

    Parameters
    ----------
    tail, head : int64 array, shape (m,)
    lines : array of MultiLineString, shape (m,)
        The border of each pair, merged where its pieces meet end to end.
    clean : bool
        Whether the blocks are a coverage, as they should be.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    lines: NDArray[np.object_]
    clean: bool = True


@dataclass(frozen=True)
class BorderLengths:
    """Borders between communities in km, each counted once.

    Parameters
    ----------
    border_km, soft_border_km : float
        Those inside the parts; and what of it is on no barrier.
    fixed_border_km : float
        Those between parts.
    """

    border_km: float
    soft_border_km: float
    fixed_border_km: float


def shared_borders(blocks: gpd.GeoSeries) -> SharedBorders:
    """Find the segments that two blocks of a closed coverage have in common.

    In a coverage, blocks that touch share every vertex of their border, so a common segment is one
    that occurs in both outlines, and nothing has to be intersected.
    """
    parts, part_of = shapely.get_parts(np.asarray(blocks.array), return_index=True)
    rings, owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    one, two = xy[start], xy[start + 1]
    swap = (one[:, 0] > two[:, 0]) | ((one[:, 0] == two[:, 0]) & (one[:, 1] > two[:, 1]))
    one[swap], two[swap] = two[swap], one[swap].copy()
    unit = part_of[owner[ring[start]]]
    order = np.lexsort((unit, two[:, 1], two[:, 0], one[:, 1], one[:, 0]))
    one, two, unit = one[order], two[order], unit[order]
    twin = (one[:-1] == one[1:]).all(axis=1) & (two[:-1] == two[1:]).all(axis=1)
    at = np.flatnonzero(twin & (unit[:-1] != unit[1:]))
    return replace(_by_pair(unit[at], unit[at + 1], one[at], two[at]), clean=is_coverage(blocks))


def _by_pair(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    one: NDArray[np.float64],
    two: NDArray[np.float64],
) -> SharedBorders:
    """Put the segments of each pair of units together."""
    order = np.lexsort((head, tail))
    tail, head, one, two = tail[order], head[order], one[order], two[order]
    first = np.ones(tail.size, dtype=np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    segments = np.asarray(shapely.linestrings(np.stack([one, two], axis=1)), dtype=object)
    pieces = shapely.multilinestrings(segments, indices=np.cumsum(first) - 1)
    lines = np.asarray(shapely.line_merge(pieces), dtype=object)
    return SharedBorders(tail[first], head[first], lines)


def border_lengths(
    blocks: gpd.GeoSeries,
    community_of: NDArray[np.int32],
    part: NDArray[np.int32],
    shared: SharedBorders,
    barrier_m: NDArray[np.float64],
) -> BorderLengths:
    """Measure the borders between communities.

    Parameters
    ----------
    blocks : GeoSeries
        Closed coverage.
    community_of : int array, shape (n units,)
        -1 for none: the borders of such units are no borders between communities.
    part : int array, shape (n units,)
        Subdistrict; borders between two of them are fixed.
    shared : SharedBorders
        Of ``blocks``.
    barrier_m : float array, shape (m,)
        What of each shared border is on a barrier.
    """
    assigned = community_of >= 0
    piece = _pair_codes(community_of, part, assigned)
    pieces_m = _perimeters_m(blocks, piece, shared.clean)
    parts_m = _perimeters_m(blocks, np.where(assigned, part, -1), shared.clean)
    whole_m = _perimeters_m(blocks, np.where(assigned, 0, -1), shared.clean)

    tail, head = shared.tail, shared.head
    between = assigned[tail] & assigned[head] & (piece[tail] != piece[head])
    inside = between & (part[tail] == part[head])
    fixed = between & (part[tail] != part[head])
    length_m = shapely.length(shared.lines)
    touch_m = np.where(length_m < SHORTEST_BORDER_M, length_m, 0.0)
    border_m = (pieces_m - parts_m) / 2 - touch_m[inside].sum()
    on_barrier_m = np.minimum(barrier_m, length_m)[inside].sum()
    return BorderLengths(
        border_km=max(float(border_m), 0.0) / 1000,
        soft_border_km=max(float(border_m - on_barrier_m), 0.0) / 1000,
        fixed_border_km=max(float((parts_m - whole_m) / 2 - touch_m[fixed].sum()), 0.0) / 1000,
    )


def _pair_codes(
    community_of: NDArray[np.int32], part: NDArray[np.int32], assigned: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Give a number to the pieces that communities and parts cut each other into; -1 for none."""
    codes = np.full(community_of.size, -1, dtype=np.int32)
    key = community_of.astype(np.int64) * (int(part.max(initial=0)) + 1) + part
    codes[assigned] = np.unique(key[assigned], return_inverse=True)[1]
    return codes


def _perimeters_m(blocks: gpd.GeoSeries, code: NDArray[np.int32], clean: bool) -> float:
    shapes = dissolve(blocks, code, int(code.max(initial=-1)) + 1, clean)
    return float(np.nansum(shapely.length(shapes)))
