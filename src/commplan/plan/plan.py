"""Plan: which unit is in which community, solved or drawn by hand, with its places."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.territory.territory import Territory

#: A community's site, or its site and the m² by which it is extended (nan: as far as it lacks).
Chosen = str | tuple[str, float]


@dataclass(frozen=True)
class RoomPlan:
    """Service rooms of a plan.

    Parameters
    ----------
    rooms : GeoDataFrame
        One row per community and site that serves it (a community without any has one row with a
        null ``site_id``): ``community_id``, ``site_id``, ``action`` (keep, extend, new, share,
        none), ``way``, ``floor_m2`` (of the site, used by this community, extended),
        ``extend_m2`` (of it added), ``need_m2``, ``short_m2``, ``cost_yuan``, ``geometry`` (point
        or None).
    minutes : float64 array, shape (n units,)
        Walking minutes from each unit to the room of its community; inf where unreachable.
    result : object
        The `Result` of the siting.
    today_minutes : float64 array, shape (n units,), or None
        The same today; None where it is not known.
    lacking_yuan : float64 array, shape (k communities,), or None
        Least price of the sites that are left over for a community without a room; nan where none
        is left, and where there is a room. None without a budget.
    """

    rooms: gpd.GeoDataFrame
    minutes: NDArray[np.float64]
    result: Any = None
    today_minutes: NDArray[np.float64] | None = None
    lacking_yuan: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Plan:
    """A plan on a territory.

    Parameters
    ----------
    territory : Territory
    communities : GeoDataFrame
        Sorted by ``community_id``: ``community_id``, ``name``, ``subdistrict_id`` (null where units
        name none), ``origin`` ("kept" for a successor, "new"), ``units``, ``households``,
        ``population`` (null where not given), ``area_m2``, ``geometry`` (union of blocks).
    community_of : int32 array, shape (n units,)
        Row in ``communities`` of each unit.
    today : GeoDataFrame
        Today's communities in the same columns, from the units' today (those of the layer that hold
        no unit are left out).
    today_of : int32 array, shape (n units,)
        Row in ``today`` of each unit; -1 for none.
    successor_of : int32 array, shape (rows of communities,)
        Row in ``today`` that each community succeeds; -1 for a new one.
    moves : DataFrame
        Units not in the successor of their old community: ``unit_id``, ``name``, ``households``,
        ``from_id``, ``from_name``, ``to_id``, ``to_name``; sorted by ``unit_id``.
    exceptions : mapping of str to str
        Unit id -> reason, for units that the scenario excepts from the size bounds.
    rooms : RoomPlan or None
    provenance : mapping
        "solved" or "by hand", scenario, seed, ...
    """

    territory: Territory
    communities: gpd.GeoDataFrame
    community_of: NDArray[np.int32]
    today: gpd.GeoDataFrame
    today_of: NDArray[np.int32]
    successor_of: NDArray[np.int32]
    moves: pd.DataFrame
    exceptions: Mapping[str, str] = field(default_factory=dict)
    rooms: RoomPlan | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)

    def replace(self, **changes: Any) -> "Plan":
        """Return a copy with some fields changed."""
        return replace(self, **changes)
