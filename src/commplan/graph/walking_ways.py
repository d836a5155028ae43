"""Which ways may be walked, by the tags of OpenStreetMap.

The tables follow the default access of https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing
(motorways closed to people on foot; ``foot`` before ``access``), with three choices of ours, to the
safe side: trunk roads, which in China are mostly urban expressways, bridleways and cycleways count
only where a tag says that one may walk.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd

#: ``highway`` values that are no way at all, or not yet.
NEVER = frozenset(
    ("abandoned", "bus_guideway", "construction", "demolished", "disused", "emergency_bay")
) | frozenset(
    ("escape", "no", "planned", "proposed", "raceway", "razed", "rest_area", "services", "via_ferrata")
)  # fmt: skip
#: Values that are walked only where ``foot`` or ``sidewalk`` says so. Every other value is walked:
#: footway, steps, crossing, path, pedestrian, living_street, service, track, residential, primary, …
ONLY_IF_SAID = frozenset(
    ("motorway", "motorway_link", "trunk", "trunk_link", "busway", "cycleway", "bridleway")
)
#: Values of ``foot``, then of ``access``, then of ``sidewalk``.
FOOT_YES = frozenset(("yes", "designated", "permissive", "official", "public", "destination"))
FOOT_NO = frozenset(("no", "private", "use_sidepath"))
ACCESS_NO = frozenset(("no", "private", "military", "forestry", "agricultural"))
SIDEWALK_YES = frozenset(("yes", "both", "left", "right"))

Mask = NDArray[np.bool_]


def walkable_ways(streets: "gpd.GeoDataFrame") -> Mask:
    """Tell which rows of a streets layer may be walked.

    Parameters
    ----------
    streets : GeoDataFrame
        ``walkable`` (yes, no or unknown) goes before all else. Where it is unknown, ``highway``,
        ``foot``, ``access`` and the rest of the tags in ``tags`` (GDAL's ``other_tags``) decide;
        every column may be missing. A layer without any ``highway`` is walked as a whole.

    Returns
    -------
    bool array, shape (rows,)
    """
    by_tags = _by_tags(streets)
    if "walkable" not in streets:
        return by_tags
    stated = streets["walkable"].astype("boolean")
    return np.where(stated.isna(), by_tags, stated.fillna(value=False).to_numpy(dtype=bool))


def _by_tags(streets: "gpd.GeoDataFrame") -> Mask:
    highway = _words(streets, "highway")
    if highway.isna().all():
        return np.ones(len(streets), dtype=bool)
    foot, access = _tag(streets, "foot"), _tag(streets, "access")
    said = foot.isin(FOOT_YES) | _tag(streets, "sidewalk").isin(SIDEWALK_YES)
    shut = foot.isin(FOOT_NO) | (access.isin(ACCESS_NO) & ~foot.isin(FOOT_YES))
    shut |= _tag(streets, "motorroad").eq("yes") & ~said
    open_ = highway.notna() & ~highway.isin(NEVER) & (~highway.isin(ONLY_IF_SAID) | said)
    return np.asarray(open_ & ~shut, dtype=bool)


def _words(streets: "gpd.GeoDataFrame", name: str) -> pd.Series:
    if name not in streets:
        return pd.Series(None, index=streets.index, dtype=object)
    return streets[name].astype(object).map(_word, na_action="ignore")


def _word(value: object) -> str:
    return str(value).strip().lower()


def _tag(streets: "gpd.GeoDataFrame", key: str) -> pd.Series:
    """Values of one tag: of its own column, else out of ``tags`` (hstore or JSON)."""
    own, rest = _words(streets, key), _words(streets, "tags")
    if rest.isna().all():
        return own
    found = rest.astype("str").str.extract(rf'"{key}"\s*(?:=>|:)\s*"([^"]*)"', expand=False)
    return own.where(own.notna(), found.astype(object))


def left_out_km(streets: "gpd.GeoDataFrame", walkable: Mask) -> str:
    """Name the kinds of ways that may not be walked with their length, the longest first."""
    kinds = _words(streets, "highway").fillna("—")[~walkable]
    km = (streets.geometry.length[~walkable] / 1000).groupby(kinds.to_numpy()).sum()
    longest = km.sort_values(ascending=False, kind="stable").head(5)
    return ", ".join(f"{kind} {length:,.1f}" for kind, length in longest.items())
