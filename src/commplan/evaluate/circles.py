"""Living circles: what each unit and community reaches on foot."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.findings import Finding


@dataclass(frozen=True)
class Circles:
    """Walking minutes to the nearest amenity of each kind, and who reaches it in time.

    Parameters
    ----------
    kinds : tuple of str
        The profile's kinds, in its order, then the user's own.
    limit_min : float
    minutes : float64 array, shape (n units, kinds)
        To the nearest; inf where none is reached.
    shares : DataFrame
        Per community: ``community_id`` and one column per kind, the share of its households within
        the limit (0 to 1).
    household_share : dict
        Kind -> share of all households within the limit.
    isochrones : GeoDataFrame or None
        ``site_id``, ``community_id``, ``minutes``, polygon: reached from each room.
    findings : tuple of Finding
    """

    kinds: tuple[str, ...]
    limit_min: float
    minutes: NDArray[np.float64]
    shares: pd.DataFrame
    household_share: dict[str, float]
    isochrones: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = field(default=())
