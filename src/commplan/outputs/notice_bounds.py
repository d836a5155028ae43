"""The four boundaries (四至) of a community: what lies along its east, south, west and north side.

House rule: the outline is cut into steps of 10 m. A step belongs to the side on which it lies seen
from the middle, in proportion to the community's own extent, and counts there if it faces that side,
give or take 60 degrees: the flank of a notch is no boundary. It takes the name of the nearest barrier
or named street within reach that runs in its direction, else of the community across the border, else
of the edge of the area. A side is described by the names that hold at least a fifth of it, at most
three, in order along the border. A road without a name is no boundary; a river or railway is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.borders import Segments, segments_of
from commplan.plan.plan import Plan
from commplan.texts import Texts

SIDES = ("east", "south", "west", "north")
STEP_M = 10.0
#: A border runs along a line that is this near (that of an edge on a barrier, see docs/house.md) ...
NEAR_M = 15.0
#: ... and at the edge of the area, where nothing closes the gap to the line, this near ...
EDGE_NEAR_M = 60.0
#: ... and in its direction, give or take 45 degrees.
LEAST_COS = float(np.sqrt(0.5))
#: A step faces a side if its outward normal is within 60 degrees of it.
FACING_COS = 0.5
TOWARDS = np.array([(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)])
#: How far across its border a neighbour is looked for.
ACROSS_M = 2.0
#: Corners of the outline that stand out less than this say nothing about its direction.
SMOOTH_M = 3.0
LEAST_SHARE = 0.2
MOST_NAMES = 3

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Along:
    """What a piece of border runs along.

    Parameters
    ----------
    kind : str
        ``line`` (a barrier or street with a name), ``barrier`` (one without: ``name`` is its kind),
        ``community`` or ``edge``.
    name : str
    """

    kind: str
    name: str = ""


#: "As far as a road" tells nobody anything: without a name these give way to the neighbour.
NAMELESS = (Along("barrier", "road"), Along("barrier", "main_road"))

Sides = Mapping[str, tuple[Along, ...]]


@dataclass(frozen=True)
class Steps:
    """Pieces of an outline: middles, directions (unit vectors), rows of `SIDES` (-1 for none)."""

    xy: Floats
    direction: Floats
    side: Ints


@dataclass(frozen=True)
class Lines:
    """Everything that a border can run along, as straight pieces, and what each is called."""

    segments: Segments
    tree: shapely.STRtree
    areas: shapely.STRtree
    area_rows: Ints
    known: tuple[Along, ...]


def four_boundaries(plan: Plan) -> list[Sides]:
    """Describe the four sides of every proposed community.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of mapping
        One per row of ``plan.communities``: side (`SIDES`) -> what it runs along, in order (from
        north to south on the east and west sides, from west to east on the others). A side on
        which no part of the outline lies is missing.
    """
    areas = plan.communities.geometry.to_numpy()
    lines = _lines(plan)
    tree = shapely.STRtree(areas)
    names = plan.communities["name"].fillna(plan.communities["community_id"]).astype(str).tolist()
    found: list[Sides] = []
    for row, area in enumerate(areas):
        if area is None or shapely.is_empty(area):
            found.append({})
            continue
        steps = _steps(area)
        across = _across(steps, row, tree)
        near = _nearest(steps, across < 0, lines)
        marks = [
            lines.known[k] if k >= 0 else Along("community", names[c]) if c >= 0 else Along("edge")
            for k, c in zip(near.tolist(), across.tolist(), strict=True)
        ]
        found.append(_described(steps, marks))
    return found


def named_lines(plan: Plan) -> tuple[NDArray[np.object_], list[Along], list[str]]:
    """Return what a border can run along: barriers, and streets that have a name.

    Returns
    -------
    shapes : object array
    known : list of Along
    kinds : list of str
        The barrier's kind, or ``"street"``.
    """
    shapes: list[Any] = []
    known: list[Along] = []
    kinds: list[str] = []
    for layer, is_barrier in ((plan.territory.barriers, True), (plan.territory.streets, False)):
        if layer is None or not len(layer):
            continue
        for shape, name, kind in zip(layer.geometry, *_words(layer), strict=True):
            if shape is not None and (name or (is_barrier and kind)):
                shapes.append(shape)
                known.append(Along("line", name) if name else Along("barrier", kind))
                kinds.append(kind if is_barrier else "street")
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found, known, kinds


def _words(layer: gpd.GeoDataFrame) -> tuple[list[str], list[str]]:
    empty = [""] * len(layer)
    name, kind = (
        layer[column].fillna("").astype(str).str.strip().tolist() if column in layer else empty
        for column in ("name", "kind")
    )
    return name, kind


def _lines(plan: Plan) -> Lines:
    shapes, known, _ = named_lines(plan)
    kept = [k for k, along in enumerate(known) if along not in NAMELESS]
    shapes, known = shapes[kept], [known[k] for k in kept]
    segments = segments_of(shapes)
    rows = np.flatnonzero(shapely.get_dimensions(shapes) == 2) if len(shapes) else np.zeros(0)
    rows = rows.astype(np.int64)
    return Lines(
        segments,
        shapely.STRtree(segments.lines()),
        shapely.STRtree(shapes[rows]),
        rows,
        tuple(known),
    )


def _steps(area: Any) -> Steps:
    """Cut the outer rings into steps."""
    xy, direction = [], []
    for part in shapely.orient_polygons(shapely.get_parts(area)):  # outside lies to the right
        ring = shapely.simplify(shapely.get_exterior_ring(part), SMOOTH_M)
        length_m = shapely.length(ring)
        count = max(4, round(length_m / STEP_M))
        at = (np.arange(count) + 0.5) * (length_m / count)
        middle, before, after = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, at + shift))
            for shift in (0.0, -0.5, 0.5)
        )
        way = after - before
        size = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
        xy.append(middle)
        direction.append(way / size[:, None])
    points = np.concatenate(xy)
    west, south, east, north = shapely.bounds(area)
    x = (points[:, 0] - (west + east) / 2) / max(east - west, 1e-9)
    y = (points[:, 1] - (south + north) / 2) / max(north - south, 1e-9)
    level = np.abs(x) >= np.abs(y)
    side = np.where(level, np.where(x > 0, 0, 2), np.where(y < 0, 1, 3)).astype(np.int64)
    way = np.concatenate(direction)
    normal = np.column_stack([way[:, 1], -way[:, 0]])
    faces = (normal * TOWARDS[side]).sum(axis=1) >= FACING_COS
    return Steps(points, way, np.where(faces, side, -1))


def _across(steps: Steps, row: int, tree: shapely.STRtree) -> Ints:
    """Return the community on the other side of each step; -1 at the edge of the area."""
    across = np.full(len(steps.xy), -1, dtype=np.int64)
    at, area = tree.query(
        np.asarray(shapely.points(steps.xy)), predicate="dwithin", distance=ACROSS_M + SMOOTH_M
    )
    other = area != row
    # From the last to the first, so that of several the one with the smallest row stays.
    across[at[other][::-1]] = area[other][::-1]
    return across


def _nearest(steps: Steps, at_edge: NDArray[np.bool_], lines: Lines) -> Ints:
    """Return the line along each step (a row of ``lines.known``), -1 for none within reach."""
    near = np.full(len(steps.xy), -1, dtype=np.int64)
    if not lines.known:
        return near
    points = np.asarray(shapely.points(steps.xy))
    reach = np.where(at_edge, EDGE_NEAR_M, NEAR_M)
    at, piece = lines.tree.query(points, predicate="dwithin", distance=reach)
    one = lines.segments.take(piece)
    way = one.end - one.start
    cos = np.abs((way * steps.direction[at]).sum(axis=1)) / np.maximum(one.length_m, 1e-9)
    keep = cos >= LEAST_COS
    at, row = at[keep], one.group[keep].astype(np.int64)
    distance = np.asarray(shapely.distance(points[at], lines.tree.geometries[piece[keep]]))
    inside, area = lines.areas.query(points, predicate="intersects")
    at = np.concatenate([at, inside])
    row = np.concatenate([row, lines.area_rows[area]])
    distance = np.concatenate([distance, np.zeros(len(inside))])
    order = np.lexsort((row, distance, at))[::-1]  # the last that is written is the nearest
    near[at[order]] = row[order]
    return near


def _described(steps: Steps, marks: Sequence[Along]) -> Sides:
    """Keep of each side what holds enough of it, in order along the side."""
    found = {}
    for side, name in enumerate(SIDES):
        rows = np.flatnonzero(steps.side == side).tolist()
        if not rows:
            continue
        way = -steps.xy[:, 1] if side in (0, 2) else steps.xy[:, 0]
        places: dict[Along, list[float]] = {}
        for step in rows:
            places.setdefault(marks[step], []).append(float(way[step]))
        by_length = sorted(places, key=lambda mark: -len(places[mark]))  # stable: ties as met
        kept = [m for m in by_length if len(places[m]) >= LEAST_SHARE * len(rows)][:MOST_NAMES]
        kept = kept or by_length[:1]
        found[name] = tuple(sorted(kept, key=lambda mark: float(np.mean(places[mark]))))
    return found


def side_words(along: Sequence[Along], texts: Texts) -> str:
    """Name what one side runs along."""
    names = dict.fromkeys(_along_words(mark, texts) for mark in along)
    return texts("documents.list_comma").join(names)


def _along_words(mark: Along, texts: Texts) -> str:
    if mark.kind == "line":
        return mark.name
    if mark.kind == "community":
        return mark.name
    if mark.kind == "edge":
        return texts("documents.along_edge")
    key = f"tables.kind_{mark.name}"
    kind = texts(key) if texts.has(key) else mark.name
    return texts("documents.along_unnamed", kind=kind)


def boundary_words(sides: Sides, texts: Texts) -> str:
    """Word the four boundaries in one sentence: 东至…，南至…，西至…，北至…."""
    unknown = texts("documents.along_none")
    parts = {side: side_words(sides[side], texts) if side in sides else unknown for side in SIDES}
    return texts("documents.boundaries", **parts)
