"""Today's community of each unit: what the unit says, else the community that covers most of it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.territory.links import by_name
from commplan.territory.values import object_series

_CLEAR_SHARE = 0.95  # the design's: below it somebody should look


@dataclass(frozen=True)
class Cover:
    """Which polygon covers most of each unit.

    Parameters
    ----------
    position : int array, shape (n,)
        Of the covering polygon; -1 where none does.
    share : float array, shape (n,)
        The part of the unit's area that it covers.
    """

    position: NDArray[np.intp]
    share: NDArray[np.float64]


def cover_most(units: NDArray[np.object_], covers: NDArray[np.object_]) -> Cover:
    """Find the polygon that covers most of each unit; ties go to the first.

    Parameters
    ----------
    units : object array of polygons, shape (n,)
    covers : object array of polygons, or None where one has no place, shape (m,)
    """
    tree = shapely.STRtree(covers)
    inside, whole = tree.query(units, predicate="covered_by")
    position = np.full(len(units), -1, dtype=np.intp)
    share = np.zeros(len(units))
    # Written from the last to the first, so that of covers on top of each other the first stays.
    order = np.argsort(whole, kind="stable")[::-1]
    position[inside[order]], share[inside[order]] = whole[order], 1.0
    rest = np.flatnonzero(position < 0)
    unit, cover = tree.query(units[rest], predicate="intersects")
    unit = rest[unit]
    area_m2 = shapely.area(shapely.intersection(units[unit], covers[cover]))
    order = np.lexsort((cover, -area_m2, unit))
    unit, cover, area_m2 = unit[order], cover[order], area_m2[order]
    first = np.flatnonzero(np.diff(unit, prepend=-1) > 0)
    first = first[area_m2[first] > 0]
    position[unit[first]] = cover[first]
    share[unit[first]] = area_m2[first] / shapely.area(units[unit[first]])
    return Cover(position, np.minimum(share, 1.0))


def todays_communities(
    units: gpd.GeoDataFrame, communities: gpd.GeoDataFrame | None
) -> tuple[pd.Series, list[Finding]]:
    """Settle today's community of every unit.

    Where any unit names a community, an empty ``community_id`` means "in no community"; where
    none does, the polygons of ``communities`` decide by area.

    Returns
    -------
    series of object
        Ids, None for units in no community.
    findings : list of Finding
    """
    given = units["community_id"]
    if communities is None or not len(communities):
        return given, []
    findings = []
    if given.notna().any():
        given, swapped = by_name(units, communities)
        if swapped:
            params = {"units": swapped}
            code = "territory.community_by_name"
            findings.append(Finding(code, Severity.NOTE, params, layer="units"))
    if communities.geometry.isna().all():
        return given, findings
    places = np.asarray(communities.geometry.array)
    ids = communities["community_id"].to_numpy()
    empty = np.flatnonzero(given.isna().to_numpy())
    cover = cover_most(np.asarray(units.geometry.array)[empty], places)
    if len(empty) == len(units):
        values = np.array(ids[cover.position], dtype=object)
        values[cover.position < 0] = None
        series = object_series(values, units.index)
        return series, [*findings, *_share_findings(units, cover, ids)]
    within = empty[cover.share > 0.5]
    if len(within):
        names = tuple(units["unit_id"].to_numpy()[within])
        code = "territory.empty_but_covered"
        findings.append(Finding(code, Severity.WARNING, {}, names, "units"))
    return given, findings


def _share_findings(
    units: gpd.GeoDataFrame, cover: Cover, ids: NDArray[np.object_]
) -> list[Finding]:
    findings = []
    unit_ids = units["unit_id"].to_numpy()
    none = cover.position < 0
    if none.any():
        code = "territory.in_no_community"
        findings.append(Finding(code, Severity.WARNING, {}, tuple(unit_ids[none]), "units"))
    split = np.flatnonzero(~none & (cover.share < _CLEAR_SHARE))
    if len(split):
        split = split[np.argsort(cover.share[split], kind="stable")]
        worst = split[0]
        params = {
            "worst": unit_ids[worst],
            "community": ids[cover.position[worst]],
            "worst_percent": round(100 * float(cover.share[worst]), 1),
            "percent": round(100 * _CLEAR_SHARE),
            "of": len(units),
        }
        code = "territory.split_unit"
        findings.append(
            Finding(code, Severity.WARNING, params, tuple(unit_ids[split]), "units",
                    clause="house choice")
        )  # fmt: skip
    return findings
