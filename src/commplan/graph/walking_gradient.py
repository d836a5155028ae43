"""Streets that climb: walks take longer by Tobler's hiking function, there and back.

Tobler, W. (1993): Three presentations on geographical analysis and modeling. NCGIA Technical Report
93-1: speed falls as exp(-3.5 |slope + 0.05|), fastest on a gentle way down. Minutes are the same both
ways here: the mean of going up and of coming down, as who walks to a room walks home again.
"""

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEEPEST = 0.4  # beyond that a height is taken for a fault, or the way for stairs
LEVELS = (
    5  # whole numbers up to this, of either sign, are levels: 1 on a bridge, -1 in an underpass
)


def slope_factor(slope: Floats) -> Floats:
    """How many times as long as on the level a metre of the map takes, there and back in the mean.

    Parameters
    ----------
    slope : float64 array
        Rise over run, of either sign; counted up to `STEEPEST`.
    """
    slope = np.minimum(np.abs(slope), STEEPEST)
    up, down = (np.exp(3.5 * (np.abs(s + 0.05) - 0.05)) for s in (slope, -slope))
    return np.asarray((up + down) / 2)


def has_heights(streets: "gpd.GeoDataFrame") -> bool:
    """Whether the streets climb: heights that differ, in their coordinates or their column."""
    lines = np.asarray(streets.geometry.array)
    return _differ(shapely.get_coordinates(lines, include_z=True)[:, 2]) or (
        _column(streets) is not None
    )


def _differ(height: Floats) -> bool:
    """Whether some heights are known and not all the same: drawing programs write 0 everywhere."""
    known = height[~np.isnan(height)]
    return bool(len(known)) and bool(known.min() < known.max())


def states_levels(streets: "gpd.GeoDataFrame") -> bool:
    """Whether the column ``height`` holds levels, as OpenStreetMap's ``layer`` does, not metres."""
    given = _stated(streets)
    if given is None:
        return False
    known = given[~np.isnan(given)]
    return bool((known == np.rint(known)).all() and (np.abs(known) <= LEVELS).all())


def stretch_slopes(
    streets: "gpd.GeoDataFrame",
    lines: tuple[NDArray[np.object_], Ints],
    vertex: NDArray[np.integer],
    ends: tuple[Ints, Ints],
) -> Floats | None:
    """Find the slope of each straight stretch of a streets layer.

    Parameters
    ----------
    streets : GeoDataFrame
        Heights are the third coordinates of its lines; where there are none, or all are the same,
        the column ``height`` is each row's height in its middle: where rows meet the mean of theirs
        counts, and between two ends the climb is even. Levels are no heights (`states_levels`).
    lines : (object array, int64 array)
        Single lines, and the row of each.
    vertex : int array, shape (coordinates,)
        Number of each coordinate's vertex; those that meet have the same.
    ends : (int64 array, int64 array), shape (stretches,)
        Positions of the two coordinates of each stretch.

    Returns
    -------
    float64 array, shape (stretches,), or None
        0 where a height is not known; None where none is.
    """
    parts, row = lines
    xyz = shapely.get_coordinates(parts, include_z=True)
    height = xyz[:, 2]
    if not _differ(height):
        given = _column(streets)
        if given is None:
            return None
        height = _even_heights(parts, given[row], vertex, xyz[:, :2])
    start, stop = ends
    run = np.hypot(*(xyz[stop, :2] - xyz[start, :2]).T)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (height[stop] - height[start]) / run
    return np.where(np.isfinite(slope), slope, 0.0)


def _column(streets: "gpd.GeoDataFrame") -> Floats | None:
    """Return the heights that rows state in metres; None where none does."""
    return None if states_levels(streets) else _stated(streets)


def _stated(streets: "gpd.GeoDataFrame") -> Floats | None:
    if "height" not in streets or streets["height"].isna().all():
        return None
    return np.asarray(streets["height"].to_numpy(dtype=np.float64, na_value=np.nan))


def _even_heights(
    parts: NDArray[np.object_], given: Floats, vertex: NDArray[np.integer], xy: Floats
) -> Floats:
    """Heights of all coordinates from one height per line."""
    count = shapely.get_num_coordinates(parts)
    last = np.cumsum(count) - 1
    first = last - count + 1
    known = ~np.isnan(given)
    at = np.concatenate([vertex[first[known]], vertex[last[known]]])
    n = int(vertex.max()) + 1
    total = np.bincount(at, np.tile(given[known], 2), minlength=n)
    with np.errstate(invalid="ignore"):
        mean = total / np.bincount(at, minlength=n)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    line = np.repeat(np.arange(len(parts)), count)
    length = along[last] - along[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (along - along[first][line]) / length[line]
    low, high = mean[vertex[first]][line], mean[vertex[last]][line]
    return np.asarray(low + share * (high - low))
