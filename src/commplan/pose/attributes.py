"""What of a unit may be bounded per community besides households."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.problem.communities import Attribute

if TYPE_CHECKING:
    import geopandas as gpd

AREA = "area_km2"
#: Columns of the units that hold numbers, and the area of their blocks.
BOUNDED = ("population", "elderly", "floating_population", "commercial_floor_m2", AREA)
M2_PER_KM2 = 1_000_000


def pose_attributes(
    units: "gpd.GeoDataFrame",
    area_m2: NDArray[np.float64],
    bounds: Mapping[str, tuple[float, float]],
) -> tuple[tuple[Attribute, ...], list[Fault]]:
    """Put what the scenario bounds besides households in numbers.

    Parameters
    ----------
    units : GeoDataFrame
    area_m2 : float64 array, shape (n,)
        Of the units' blocks.
    bounds : mapping of str to (least, most)

    Returns
    -------
    attributes : tuple of Attribute
        Those that can be counted.
    faults : list of Fault
        A column that is not one of `BOUNDED`, or that some units do not give.
    """
    attributes, faults = [], []
    for name, limits in bounds.items():
        if name not in BOUNDED:
            params: dict[str, object] = {"column": name, "known": ", ".join(BOUNDED)}
            faults.append(Fault("plan.unknown_bounded", params, field_name="redraw.bounds"))
            continue
        amounts = amounts_of(units, area_m2, name)
        lost = np.flatnonzero(amounts < 0)
        if lost.size == 0:
            attributes.append(Attribute(name, amounts, *whole_limits(name, limits)))
            continue
        first = str(units["unit_id"].iloc[int(lost[0])])
        params = {"column": name, "units": int(lost.size), "first": first}
        place = f"redraw.bounds.{name}"
        faults.append(Fault("plan.bounded_missing", params, layer="units", field_name=place))
    return tuple(attributes), faults


def amounts_of(
    units: "gpd.GeoDataFrame", area_m2: NDArray[np.float64], name: str
) -> NDArray[np.int64]:
    """Return what each unit has of one of `BOUNDED`, in whole numbers; areas in whole m².

    Parameters
    ----------
    units : GeoDataFrame
    area_m2 : float64 array, shape (n,)
        Of the units' blocks.
    name : str

    Returns
    -------
    int64 array, shape (n,)
        -1 where a unit gives none; all -1 where the layer has no such column.
    """
    import pandas as pd

    if name == AREA:
        return np.round(area_m2).astype(np.int64)
    if name not in units.columns:
        return np.full(len(units), -1, dtype=np.int64)
    values = pd.to_numeric(units[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.round(np.where(np.isnan(values), -1.0, values)).astype(np.int64)


def whole_limits(name: str, limits: tuple[float, float]) -> tuple[int, int]:
    """Return the limits as amounts are counted: people, m²."""
    factor = M2_PER_KM2 if name == AREA else 1
    # A hair of tolerance, so that 0.3 km² is 300,000 m².
    low, high = (value * factor for value in limits)
    return int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6))
