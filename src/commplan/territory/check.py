"""What is odd about places: overlaps, slivers, layers that do not meet, points outside."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.territory.crs import total_bounds
from commplan.territory.repair import Repaired

Shapes = NDArray[np.object_]

_OVERLAP_M2 = 1.0  # less is digitising noise
_GRAVE_SHARE = 0.01  # of the smaller polygon: more than noise of its border
_TINY_M2 = 10.0  # no home is that small
_SHOWN_PAIRS = 10
_NEAR_M = 1.0  # a point on the border of the study area is inside


def repair_findings(
    layer: str, ids: NDArray[np.object_], repaired: Repaired, lost_m2: NDArray[np.float64]
) -> list[Finding]:
    """Say which polygons were mended, why, and where that changed an area by more than 1 m².

    Parameters
    ----------
    layer : str
    ids : object array, shape (n,)
    repaired : Repaired
        Of the layer's n polygons.
    lost_m2 : float array
        Change of area of each polygon that was repaired.
    """
    if not len(repaired.invalid):
        return []
    names = tuple(map(str, ids[repaired.invalid]))
    params: dict[str, object] = {"reason": ", ".join(sorted(set(repaired.reasons)))}
    findings = [Finding("territory.invalid", Severity.WARNING, params, names, layer)]
    lost = lost_m2 > _OVERLAP_M2
    if lost.any():
        params = {"area_m2": round(float(lost_m2[lost].sum()), 1)}
        changed = tuple(np.array(names, dtype=object)[lost])
        findings.append(
            Finding("territory.repair_changed", Severity.WARNING, params, changed, layer)
        )
    return findings


def overlapping_pairs(
    shapes: Shapes,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find polygons that share area.

    Only polygons with an edge that breaks the coverage are looked at, so a clean coverage of
    100,000 units costs one pass. Where one polygon lies within another, only the inner has such
    an edge: suspects are held against all.

    Parameters
    ----------
    shapes : object array of valid polygons, shape (n,)

    Returns
    -------
    i, j : int arrays, i < j
    area_m2 : float array
        Of their intersection, each above 1 m², largest first.
    """
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    left, right = shapely.STRtree(shapes).query(shapes[suspects], predicate="intersects")
    left = suspects[left]
    pairs = np.sort(np.column_stack((left, right))[left != right], axis=1)
    i, j = np.unique(pairs, axis=0).T
    area_m2 = shapely.area(shapely.intersection(shapes[i], shapes[j]))
    real = area_m2 > _OVERLAP_M2
    i, j, area_m2 = i[real], j[real], area_m2[real]
    order = np.lexsort((j, i, -area_m2))
    return i[order], j[order], area_m2[order]


def overlap_findings(frame: gpd.GeoDataFrame, layer: str, id_column: str) -> list[Finding]:
    """Name overlapping polygons of one layer: the largest pairs each, the rest in sum."""
    shapes, ids = np.asarray(frame.geometry.array), frame[id_column].to_numpy()
    i, j, area_m2 = overlapping_pairs(shapes)
    smaller = np.minimum(shapely.area(shapes[i]), shapely.area(shapes[j]))
    grave = area_m2 > _GRAVE_SHARE * smaller
    findings = [
        Finding(
            "territory.overlap",
            Severity.ERROR if grave[k] else Severity.WARNING,
            {"area_m2": round(float(area_m2[k]), 1)},
            (str(ids[i[k]]), str(ids[j[k]])),
            layer,
        )
        for k in range(min(len(i), _SHOWN_PAIRS))
    ]
    if len(i) > _SHOWN_PAIRS:
        rest = slice(_SHOWN_PAIRS, None)
        others = tuple(sorted({str(v) for v in ids[np.concatenate((i[rest], j[rest]))]}))
        worst = Severity.ERROR if grave[rest].any() else Severity.WARNING
        params = {"pairs": len(i) - _SHOWN_PAIRS, "area_m2": round(float(area_m2[rest].sum()), 1)}
        findings.append(Finding("territory.more_overlaps", worst, params, others, layer))
    return findings


def tiny_findings(frame: gpd.GeoDataFrame, layer: str, id_column: str) -> list[Finding]:
    """Name polygons smaller than any home."""
    tiny = shapely.area(np.asarray(frame.geometry.array)) < _TINY_M2
    if not tiny.any():
        return []
    ids = tuple(map(str, frame[id_column].to_numpy()[tiny]))
    return [Finding("territory.tiny", Severity.NOTE, {"limit_m2": _TINY_M2}, ids, layer)]


def village_findings(villages: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> list[Finding]:
    """Name villages that lie on units: their people would be counted twice."""
    shapes, others = np.asarray(villages.geometry.array), np.asarray(units.geometry.array)
    tree = shapely.STRtree(others)
    village, unit = tree.query(shapes, predicate="intersects")
    area_m2 = shapely.area(shapely.intersection(shapes[village], others[unit]))
    point = shapely.get_dimensions(shapes[village]) == 0
    hit = point | (area_m2 > _OVERLAP_M2)
    if not hit.any():
        return []
    share = area_m2 / np.maximum(shapely.area(shapes[village]), _OVERLAP_M2)
    grave = (point | (share > _GRAVE_SHARE))[hit].any()
    ids = tuple(dict.fromkeys(map(str, villages["village_id"].to_numpy()[village[hit]])))
    params = {
        "area_m2": round(float(area_m2[hit].sum()), 1),
        "units": ", ".join(dict.fromkeys(map(str, units["unit_id"].to_numpy()[unit[hit]][:5]))),
    }
    severity = Severity.ERROR if grave else Severity.WARNING
    return [Finding("territory.village_on_unit", severity, params, ids, "villages")]


def apart_findings(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    """Name layers that lie nowhere near the study area: usually a wrong CRS or the wrong city."""
    bounds = {
        name: total_bounds(frame.geometry.bounds.to_numpy()) for name, frame in layers.items()
    }
    ground = [b for name in ("units", "villages") if (b := bounds.get(name)) is not None]
    if not ground:
        return []
    findings = []
    for name, box in bounds.items():
        others = [b for b in ground if b is not box]
        if box is None or not others:
            continue
        gap_m = min(shapely.distance(shapely.box(*box), shapely.box(*b)) for b in others)
        if gap_m > 0:
            params = {"distance_km": round(float(gap_m) / 1000, 1)}
            severity = (
                Severity.WARNING if name in {"units", "villages", "places"} else Severity.ERROR
            )
            findings.append(Finding("territory.apart", severity, params, layer=name))
    return findings


def outside_findings(
    points: gpd.GeoDataFrame, blocks: gpd.GeoSeries, layer: str, id_column: str | None
) -> list[Finding]:
    """Count points outside the study area; sites by name, because no community can use them."""
    tree = shapely.STRtree(np.asarray(blocks.array))
    shapes = np.asarray(points.geometry.array)
    inside = np.unique(tree.query(shapes, predicate="dwithin", distance=_NEAR_M)[0])
    out = np.setdiff1d(np.arange(len(shapes)), inside)
    if not len(out):
        return []
    params = {"outside": len(out), "of": len(shapes)}
    if id_column is None:
        return [Finding("territory.outside", Severity.NOTE, params, layer=layer)]
    ids = tuple(map(str, points[id_column].to_numpy()[out]))
    return [Finding("territory.sites_outside", Severity.WARNING, params, ids, layer)]
