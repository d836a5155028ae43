"""Shared borders of a clean coverage, segment by segment and exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


@dataclass(frozen=True)
class Segments:
    """Straight pieces of lines.

    Parameters
    ----------
    start, end : float64 array, shape (k, 2)
    group : int array, shape (k,)
        The line (or the pair of neighbours) that each belongs to.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    group: NDArray[np.intp]

    @property
    def length_m(self) -> NDArray[np.float64]:
        """Length of each."""
        return length_m(self.start, self.end)

    def take(self, rows: NDArray[Any]) -> "Segments":
        """Return the segments at ``rows``."""
        return Segments(self.start[rows], self.end[rows], self.group[rows])

    def lines(self) -> NDArray[Any]:
        """As shapely lines, one per segment."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)))


@dataclass(frozen=True)
class Borders:
    """Pairs of polygons that share border, sorted by (tail, head), tail < head.

    Parameters
    ----------
    tail, head : int32 array, shape (m,)
    length_m : float64 array, shape (m,)
    segments : Segments
        Their group is the pair.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    segments: Segments


def length_m(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance between points, row by row."""
    apart = end - start
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))


def sum_by(
    group: NDArray[np.intp], values: NDArray[np.float64], groups: int
) -> NDArray[np.float64]:
    """Return the sum of the values in each of ``groups`` groups."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)


def segments_of(geometries: NDArray[Any]) -> Segments:
    """Cut lines or outlines of polygons into segments, grouped by their position in the array."""
    parts, part_of = shapely.get_parts(geometries, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    rings, ring_of = shapely.get_rings(parts[flat], return_index=True)
    lines = np.concatenate([rings, parts[~flat]])
    line_of = np.concatenate([part_of[flat][ring_of], part_of[~flat]])
    xy, at = shapely.get_coordinates(lines, return_index=True)
    if len(xy) < 2:
        return Segments(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.intp))
    inner = at[1:] == at[:-1]
    return Segments(xy[:-1][inner], xy[1:][inner], line_of[at[:-1][inner]].astype(np.intp))


def vertex_ids(xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return a number for each point; equal points, and only those, have equal numbers."""
    _, ids = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    return ids.reshape(-1).astype(np.intp)


def shared_borders(polygons: NDArray[Any]) -> Borders:
    """Find every pair of polygons that share border.

    Parameters
    ----------
    polygons : object array, shape (n,)
        A clean coverage: shared borders have the same vertices on both sides.

    Returns
    -------
    Borders
        Pairs that touch in points only are not among them.
    """
    all_segments = segments_of(polygons)
    k = len(all_segments.group)
    ids = vertex_ids(np.vstack([all_segments.start, all_segments.end]))
    low, high = np.minimum(ids[:k], ids[k:]), np.maximum(ids[:k], ids[k:])
    order = np.lexsort((all_segments.group, high, low))
    same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
    one, other = order[:-1][same], order[1:][same]
    a, b = all_segments.group[one], all_segments.group[other]
    real = a != b
    one, a, b = one[real], a[real], b[real]
    n = max(len(polygons), 1)
    pairs, pair = np.unique(a * n + b, return_inverse=True)
    shared = all_segments.take(one)
    segments = Segments(shared.start, shared.end, pair.reshape(-1).astype(np.intp))
    return Borders(
        (pairs // n).astype(np.int32),
        (pairs % n).astype(np.int32),
        sum_by(segments.group, segments.length_m, len(pairs)),
        segments,
    )
