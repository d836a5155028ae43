"""Territory: checked layers in one metric CRS."""

from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pyproj

from commplan.findings import Finding


@dataclass(frozen=True)
class Territory:
    """One study area.

    Every layer has the columns of ``schema.LAYERS`` (optional ones filled with nulls of their
    type), a RangeIndex, and is sorted by its id where it has one. Ids are text.

    Parameters
    ----------
    crs : pyproj.CRS
        Metric; of every layer.
    units : GeoDataFrame or None
        The polygons as given, sorted by ``unit_id``. None where the scenario has villages only.
    blocks : GeoSeries or None
        Row for row with ``units``: the closed coverage (gaps given to the nearest unit, cut at
        barriers), on which borders and areas are measured.
    communities, villages, barriers, crossings, streets, gates, sites, amenities, developments, places
        GeoDataFrame, or None where the scenario names no such layer. ``communities`` may lack geometry.
    findings : tuple of Finding
    """

    crs: pyproj.CRS
    units: gpd.GeoDataFrame | None = None
    blocks: gpd.GeoSeries | None = None
    communities: gpd.GeoDataFrame | None = None
    villages: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    crossings: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    gates: gpd.GeoDataFrame | None = None
    sites: gpd.GeoDataFrame | None = None
    amenities: gpd.GeoDataFrame | None = None
    developments: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = field(default=())

    def replace(self, **changes: Any) -> "Territory":
        """Return a copy with some layers changed."""
        return replace(self, **changes)
