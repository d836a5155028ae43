"""Where straight segments pass within a distance of other straight segments."""

import numpy as np
from numpy.typing import NDArray

from commplan.graph.borders import Segments


def capsule_intervals(
    segments: Segments, cores: Segments, radius_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the interval of each segment that lies within ``radius_m`` of its core.

    Parameters
    ----------
    segments, cores : Segments, length k
        Pairs, row by row.
    radius_m : float

    Returns
    -------
    low, high : float64 array, shape (k,)
        Metres from the start of the segment; high < low where there is no such part.
    """
    length = segments.length_m
    with np.errstate(divide="ignore", invalid="ignore"):
        step = (segments.end - segments.start) / length[:, None]
        parts = [
            _in_disc(segments.start - cores.start, step, radius_m),
            _in_disc(segments.start - cores.end, step, radius_m),
            _in_box(segments.start - cores.start, step, cores.end - cores.start, radius_m),
        ]
    # the three overlap and their union, the capsule, is convex: the interval is their hull
    low = np.min([np.where(h >= a, a, np.inf) for a, h in parts], axis=0)
    high = np.max([np.where(h >= a, h, -np.inf) for a, h in parts], axis=0)
    return np.maximum(low, 0.0), np.minimum(high, length)


def _in_disc(
    offset: NDArray[np.float64], step: NDArray[np.float64], radius_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of the line offset + t * step within the radius of the origin."""
    middle = -(offset * step).sum(axis=1)
    half2 = middle**2 - (offset**2).sum(axis=1) + radius_m**2
    half = np.sqrt(np.where(half2 >= 0, half2, np.nan))
    return middle - half, middle + half


def _in_box(
    offset: NDArray[np.float64],
    step: NDArray[np.float64],
    core: NDArray[np.float64],
    radius_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of the line within the rectangle along the core."""
    width = np.hypot(*core.T)
    ahead = core / width[:, None]
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    low_a, high_a = _in_slab((offset * ahead).sum(1), (step * ahead).sum(1), 0.0 * width, width)
    edge = np.full(len(width), radius_m)
    low_b, high_b = _in_slab((offset * aside).sum(1), (step * aside).sum(1), -edge, edge)
    return np.maximum(low_a, low_b), np.minimum(high_a, high_b)


def _in_slab(
    at: NDArray[np.float64],
    speed: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of t with lower <= at + t * speed <= upper."""
    one, two = (lower - at) / speed, (upper - at) / speed
    inside = (at >= lower) & (at <= upper)
    still = np.abs(speed) < 1e-12  # runs parallel: always inside or never
    low = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
    high = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
    return low, high
