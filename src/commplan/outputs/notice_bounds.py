"""The four boundaries (四至) of a community: what lies along its east, south, west and north side.

House rule: the outline is cut into steps of 10 m. The east side is what somebody sees of it who stands
far in the east and looks west: steps that face the east, give or take 60 degrees, with no other part of
the community before them; likewise the other sides. So the flanks of a notch are no boundary, and
a step counts by its breadth as it is seen. It runs along the barriers and named streets within reach
that have its direction and are about as near as the nearest; where there are none, along the community
across the border, else the edge of the area. Of lines side by side, the one that goes along most of the
side is named. A side is described by the names that hold at least an eighth of it, at most three, in
order along the side. A road without a name is no boundary; a river or railway is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.graph.borders import Segments, segments_of
from commplan.outputs.notice_steps import ACROSS_M, SIDES, SMOOTH_M, Floats, Steps, outline_steps
from commplan.plan.plan import Plan
from commplan.texts import Texts

#: A border runs along a line that is this near (that of an edge on a barrier, see docs/house.md) ...
NEAR_M = 15.0
#: ... and at the edge of the area, where nothing closes the gap to the line, this near ...
EDGE_NEAR_M = 60.0
#: ... and in its direction, give or take 45 degrees.
LEAST_COS = float(np.sqrt(0.5))
#: Lines that are farther than the nearest by less than this run along a border as well as it does.
ABREAST_M = 8.0
LEAST_SHARE = 0.125
MOST_NAMES = 3

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
class Marks:
    """What steps run along: pairs of a step and a row of ``known``, and how well it fits (0 to 1)."""

    step: Ints
    mark: Ints
    fit: Floats
    known: tuple[Along, ...]


@dataclass(frozen=True)
class Lines:
    """Everything that a border can run along.

    Parameters
    ----------
    segments : Segments
        The lines as straight pieces; their groups are rows of ``known``.
    tree : STRtree
        Of the pieces.
    areas, area_rows : STRtree and int array
        Barriers given as areas, and their rows of ``known``.
    known : tuple of Along
        What can be named: ``count`` lines, then the communities, then the edge.
    mark : int array
        For each of ``known`` the first that is called the same: a road of many pieces is one.
    count : int
    """

    segments: Segments
    tree: shapely.STRtree
    areas: shapely.STRtree
    area_rows: Ints
    known: tuple[Along, ...]
    mark: Ints
    count: int


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
    names = plan.communities["name"].fillna(plan.communities["community_id"]).astype(str).tolist()
    lines = _lines(plan, names)
    tree = shapely.STRtree(areas)
    found: list[Sides] = []
    for row, area in enumerate(areas):
        if area is None or shapely.is_empty(area):
            found.append({})
            continue
        steps = outline_steps(area)
        across = _across(steps, row, tree)
        found.append(_described(steps, _marks(steps, across, lines)))
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


def _lines(plan: Plan, communities: Sequence[str]) -> Lines:
    shapes, known, _ = named_lines(plan)
    kept = [k for k, along in enumerate(known) if along not in NAMELESS]
    shapes, known = shapes[kept], [known[k] for k in kept]
    segments = segments_of(shapes)
    rows = np.flatnonzero(shapely.get_dimensions(shapes) == 2) if len(shapes) else np.zeros(0)
    rows = rows.astype(np.int64)
    everything = (*known, *(Along("community", name) for name in communities), Along("edge"))
    first = {along: row for row, along in reversed(list(enumerate(everything)))}
    return Lines(
        segments,
        shapely.STRtree(segments.lines()),
        shapely.STRtree(shapes[rows]),
        rows,
        everything,
        np.array([first[along] for along in everything], dtype=np.int64),
        len(known),
    )


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


def _marks(steps: Steps, across: Ints, lines: Lines) -> Marks:
    """Gather what each step runs along: lines abreast of it, else the neighbour or the edge."""
    step, line, distance = _beside(steps, across < 0, lines)
    nearest = np.full(len(steps.xy), np.inf)
    np.minimum.at(nearest, step, distance)
    behind = distance - nearest[step]
    keep = behind <= ABREAST_M
    alone = np.flatnonzero(np.isinf(nearest))
    other = np.where(across < 0, len(lines.known) - 1, lines.count + across)[alone]
    fit = np.concatenate([1 - behind[keep] / (2 * ABREAST_M), np.ones(len(alone))])
    mark = lines.mark[np.concatenate([line[keep], other])]
    step = np.concatenate([step[keep], alone])
    order = np.lexsort((-fit, mark, step))  # of a road's pieces beside a step, the nearest
    pairs = np.column_stack([step, mark])[order]
    once = np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)]
    return Marks(pairs[once, 0], pairs[once, 1], fit[order][once], lines.known)


def _beside(
    steps: Steps, at_edge: NDArray[np.bool_], lines: Lines
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Return the lines within reach of each step: steps, rows of ``lines.known``, distances."""
    if not lines.count:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    points = np.asarray(shapely.points(steps.xy))
    reach = np.where(at_edge, EDGE_NEAR_M, NEAR_M)
    at, piece = lines.tree.query(points, predicate="dwithin", distance=reach)
    one = lines.segments.take(piece)
    way = one.end - one.start
    cos = np.abs((way * steps.direction[at]).sum(axis=1)) / np.maximum(one.length_m, 1e-9)
    apart = _vectors(shapely.shortest_line(points[at], lines.tree.geometries[piece]))
    distance = np.hypot(apart[:, 0], apart[:, 1])
    # Beyond the usual reach only what lies outside: a road inside the community bounds nothing.
    outward = apart[:, 0] * steps.direction[at, 1] - apart[:, 1] * steps.direction[at, 0]
    keep = (cos >= LEAST_COS) & ((distance <= NEAR_M) | (outward > 0))
    at, row, distance = at[keep], one.group[keep].astype(np.int64), distance[keep]
    inside, area = lines.areas.query(points, predicate="intersects")
    return (
        np.concatenate([at, inside]),
        np.concatenate([row, lines.area_rows[area]]),
        np.concatenate([distance, np.zeros(len(inside))]),
    )


def _vectors(lines: NDArray[Any]) -> Floats:
    """Return the way from the first to the second end of each line of two points."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    return np.asarray(ends[:, 1] - ends[:, 0])


def _described(steps: Steps, marks: Marks) -> Sides:
    """Name of each side what goes along most of it, in order along the side."""
    found = {}
    for side, name in enumerate(SIDES):
        if not steps.seen_m[:, side].any():
            continue
        way = -steps.xy[:, 1] if side in (0, 2) else steps.xy[:, 0]
        places = _chosen(steps.seen_m[:, side], marks, way)
        found[name] = tuple(marks.known[mark] for mark in sorted(places, key=lambda m: places[m]))
    return found


def _chosen(seen_m: Floats, marks: Marks, way: Floats) -> dict[int, float]:
    """Choose the names of a side, each with its mean place along it."""
    left, whole = seen_m.copy(), float(seen_m.sum())
    places: dict[int, float] = {}
    while len(places) < MOST_NAMES:
        fits = np.bincount(
            marks.mark, weights=left[marks.step] * marks.fit, minlength=len(marks.known)
        )
        best = int(fits.argmax())  # of equals the first
        mine = marks.step[marks.mark == best]
        taken = float(left[mine].sum())
        if taken <= 0 or (places and taken < LEAST_SHARE * whole):
            break
        places[best] = float((way[mine] * left[mine]).sum() / taken)
        left[mine] = 0.0
    return places


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
