"""The cost terms of the yardstick, recomputed from places: polygons, points and counts.

Nothing here comes from the optimiser's side (``problem/terms.py``); a test holds the two together.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from commplan.evaluate.measures_borders import SharedBorders, border_lengths

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Ground:
    """What every division of a territory is measured on, row for row with its units.

    Parameters
    ----------
    blocks : GeoSeries
        The closed coverage.
    area_m2 : float64 array, shape (n,)
    points_m : float64 array, shape (n, 2)
        A point on the surface of each unit as given.
    households : int64 array, shape (n,)
    part : int32 array, shape (n,)
        Subdistrict, all 0 where communities may cross them.
    shared : SharedBorders
        Between pairs of units.
    barrier_m : float64 array, shape (pairs,)
        What of each shared border is on a barrier.
    """

    blocks: gpd.GeoSeries
    area_m2: NDArray[np.float64]
    points_m: NDArray[np.float64]
    households: NDArray[np.int64]
    part: NDArray[np.int32]
    shared: SharedBorders
    barrier_m: NDArray[np.float64]


def division_terms(
    ground: Ground, community_of: NDArray[np.int32], target_households: float
) -> dict[str, float]:
    """Compute the terms that a division has whatever stood before: borders, distances, balance.

    Parameters
    ----------
    ground : Ground
    community_of : int32 array, shape (n,)
        Numbered 0, 1, ...; -1 for none (such units count nowhere).
    target_households : float

    Returns
    -------
    dict
        ``border_km``, ``soft_border_km``, ``fixed_border_km``, ``distance_household_km``,
        ``imbalance_households``, ``area_imbalance_km2``, ``communities``.
    """
    count = int(community_of.max(initial=-1)) + 1
    borders = border_lengths(
        ground.blocks, community_of, ground.part, ground.shared, ground.barrier_m
    )
    households = totals(community_of, ground.households, count)
    area_km2 = totals(community_of, ground.area_m2, count) / 1e6
    everyone = float(ground.households.sum())
    fair_km2 = float(ground.area_m2.sum()) / 1e6 * target_households / everyone if everyone else 0.0
    return {
        "border_km": borders.border_km,
        "soft_border_km": borders.soft_border_km,
        "fixed_border_km": borders.fixed_border_km,
        "distance_household_km": _distance_household_km(ground, community_of, count),
        "imbalance_households": float(np.abs(households - target_households).sum()),
        "area_imbalance_km2": float(np.abs(area_km2 - fair_km2).sum()),
        "communities": float(count),
    }


def totals(
    community_of: NDArray[np.int32],
    values: NDArray[np.int64] | NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Sum ``values`` per community; units in none are left out."""
    inside = community_of >= 0
    sums = np.bincount(community_of[inside], weights=values[inside], minlength=count)
    return sums.astype(np.float64)


def _distance_household_km(ground: Ground, community_of: NDArray[np.int32], count: int) -> float:
    """Σ households × straight line to the median unit of their community."""
    order = np.argsort(community_of, kind="stable")
    cuts = np.searchsorted(community_of[order], np.arange(count + 1))
    sums_m = [
        _least_sum_m(ground.points_m[members], ground.households[members])
        for members in (order[cuts[i] : cuts[i + 1]] for i in range(count))
        if members.size
    ]
    return float(np.sum(sums_m)) / 1000


def _least_sum_m(points_m: NDArray[np.float64], households: NDArray[np.int64]) -> float:
    """Σ households × distance to the unit for which that is least."""
    return min(
        float((cdist(points_m[at : at + ROWS_AT_ONCE], points_m) @ households).min())
        for at in range(0, len(points_m), ROWS_AT_ONCE)
    )


def moved_households(
    households: NDArray[np.int64],
    community_of: NDArray[np.int32],
    today_of: NDArray[np.int32],
    successor_of: NDArray[np.int32],
) -> int:
    """Households that are not in the successor of their old community."""
    succeeded = np.append(successor_of, -1)[community_of]
    return int(households[(today_of >= 0) & (succeeded != today_of)].sum())


def compactness(shapes: gpd.GeoSeries) -> NDArray[np.float64]:
    """4π × area / perimeter² (Polsby and Popper 1991): 1 for a circle, near 0 for a ribbon."""
    geometry = np.asarray(shapes.array)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 4 * np.pi * shapely.area(geometry) / shapely.length(geometry) ** 2
