"""Blocks: the units as a closed coverage, the gaps between them given to the nearest.

Streets and water lie between real compounds, so that no two of them touch. Borders, neighbours
and areas are measured on blocks instead:

1. overlaps and slits are settled (`coverage`);
2. gaps up to ``gap_m`` wide are found by morphological closing, which leaves wider ones open and
   does not let the rim of the study area swell;
3. barrier lines cut them, so that a river in a gap becomes the border of its two banks;
4. each piece is shared out among the units at its sides by distance.

A barrier given as a polygon does not cut: where it fits into a gap, its two banks meet in the
middle of it; where it is wider, the gap stays and only crossings join the banks.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.territory import _gaps, _split
from commplan.territory.coverage import (
    Geometries,
    Overlaps,
    dissolve,
    find_overlaps,
    is_clean,
    make_clean,
    node,
    reattach,
)

#: Distance between the sample points along the sides of a gap.
SPACING_M = 12.0
#: How far the middle line of a gap may be straightened.
STRAIGHTEN_M = 0.5
#: A sample point this near to a piece of a gap is on its side.
TOUCH_M = 0.01
#: A piece with a smaller share of its outline on units than this does not belong to them.
LONELY = 0.15
#: Far more passes than any coverage has needed.
MAX_PASSES = 8


def close_gaps(
    units: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame | None = None, gap_m: float = 60.0
) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Make the units a closed coverage.

    Closing a closed coverage returns it as it is, and the order of the rows changes nothing.

    Parameters
    ----------
    units : GeoDataFrame
        Valid polygons in a metric CRS, with ``unit_id``.
    barriers : GeoDataFrame or None
        Lines cut the gaps; polygons do not.
    gap_m : float
        Widest gap to close, metres; 0 settles overlaps and slits only.

    Returns
    -------
    blocks : GeoSeries
        Row for row with ``units``.
    findings : tuple of Finding
        What overlapped, what had to be left out, and how much ground was given away.
    """
    order = np.argsort(units["unit_id"].to_numpy(dtype=str), kind="stable")
    ids = units["unit_id"].to_numpy(dtype=str)[order]
    given = _polygons(units)[order]
    overlaps = find_overlaps(given)
    clean = make_clean(given)
    blocks = _fill(clean, _barrier_lines(barriers), gap_m) if gap_m > 0 else clean
    result = np.empty(len(units), dtype=object)
    result[order] = blocks
    findings = _findings(ids, given, blocks, overlaps)
    return gpd.GeoSeries(result, index=units.index, crs=units.crs), findings


def _polygons(units: gpd.GeoDataFrame) -> Geometries:
    """Return the geometries, missing ones as empty polygons."""
    polygons = np.asarray(units.geometry.to_numpy(), dtype=object)
    polygons = polygons.copy()
    polygons[shapely.is_missing(polygons)] = shapely.Polygon()
    return polygons


def _barrier_lines(barriers: gpd.GeoDataFrame | None) -> Geometries:
    if barriers is None or not len(barriers):
        return np.empty(0, dtype=object)
    parts: Geometries = shapely.get_parts(np.asarray(barriers.geometry.to_numpy(), dtype=object))
    keep = (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
    return np.asarray(parts[keep])


def _fill(clean: Geometries, lines: Geometries, gap_m: float) -> Geometries:
    """Give the gaps of a clean coverage away, until none is left.

    Mitred closing is not quite idempotent: ground given away at the rim can make a new narrow
    place beside it. One more pass settles that, so that closing twice is closing once.
    """
    for _ in range(MAX_PASSES):
        union = shapely.coverage_union_all(clean)
        parts = _gaps.gap_parts(union, gap_m)
        if not len(parts):
            break
        sides = _split.sample_outlines(clean, shapely.GeometryCollection(list(parts)), SPACING_M)
        touching = _split.sides_of(parts, sides, TOUCH_M)
        between = np.array([len(np.unique(sides.owner[rows])) > 1 for rows in touching])
        parts = parts[between | _gaps.is_enclosed(parts, union)]
        if not len(parts):
            break
        clean = _give_away(clean, _share_out(_gaps.cut(parts, lines), sides, gap_m))
    return clean


def _give_away(clean: Geometries, shares: tuple[Geometries, NDArray[np.intp]]) -> Geometries:
    """Add faces of gaps to the units that own them."""
    faces, owner = shares
    everything = np.concatenate([clean, faces])
    if not is_clean(everything):
        everything = node(everything, TOUCH_M, "min_index")
    blocks = dissolve(everything, np.concatenate([np.arange(len(clean)), owner]), len(clean))
    return reattach(blocks, clean)


def _share_out(
    pieces: Geometries, sides: _split.Sides, gap_m: float
) -> tuple[Geometries, NDArray[np.intp]]:
    """Split the pieces among the units at their sides.

    A piece that hardly touches a unit lies between two barrier lines (the two tracks of a railway,
    a road beside it): it goes to the nearest units, whichever line is between.
    """
    own = _split.sides_of(pieces, sides, TOUCH_M)
    on_units = np.array([sides.length_m[rows].sum() for rows in own])
    lonely = np.flatnonzero(on_units < LONELY * shapely.length(pieces))
    for at, rows in zip(lonely, _split.sides_of(pieces[lonely], sides, gap_m), strict=True):
        own[at] = rows if len(rows) else np.arange(len(sides.owner))
    faces: list[Geometries] = []
    owners: list[NDArray[np.intp]] = []
    for piece, rows in zip(pieces, own, strict=True):
        near = sides.take(rows)
        several = len(np.unique(near.owner)) > 1
        split = _split.split(piece, near, STRAIGHTEN_M) if several else np.array([piece])
        faces.append(split)
        owners.append(_split.nearest_owner(split, near))
    return np.concatenate(faces), np.concatenate(owners)


def _findings(
    ids: NDArray[np.str_], given: Geometries, blocks: Geometries, overlaps: Overlaps
) -> tuple[Finding, ...]:
    findings = []
    if len(overlaps.area_m2):
        who = np.unique(np.concatenate([overlaps.first, overlaps.second]))
        area = round(float(overlaps.area_m2.sum()), 1)
        findings.append(_finding("blocks.overlaps", ids[who], {"area_m2": area}))
    lost = np.flatnonzero(shapely.is_empty(blocks))
    if len(lost):
        findings.append(_finding("blocks.nothing_left", ids[lost], {}, Severity.ERROR))
    gained = float(shapely.area(blocks).sum() - shapely.area(given).sum() + overlaps.area_m2.sum())
    if gained > 1:
        grown = int((shapely.area(blocks) - shapely.area(given) > 1).sum())
        params: dict[str, object] = {"area_ha": round(gained / 1e4, 2), "units": grown}
        findings.append(_finding("blocks.gaps_closed", ids[:0], params, Severity.NOTE))
    return tuple(findings)


def _finding(
    code: str,
    ids: NDArray[np.str_],
    params: dict[str, object],
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(code, severity, params, tuple(str(i) for i in ids), layer="units")
