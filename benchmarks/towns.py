"""Seeded Voronoi towns: random points in an irregular outline, one Lloyd step, cells clipped."""

import numpy as np
import shapely
from scipy.spatial import Voronoi

from benchmarks.instances import HOUSEHOLDS_PER_KM, Case, Floats
from commplan.problem.communities import CommunityProblem, Edges, Weights

UNIT_M2 = 10_000.0
BOUNDS = (1_500, 3_000)


def voronoi_case(n: int, seed: int) -> Case:
    """Make a town of ``n`` units: households lognormal (mean 75, sigma 0.6), least border."""
    rng = np.random.default_rng(seed)
    outline = _outline(n * UNIT_M2, rng)
    points = _points_in(outline, n, rng)
    points = _lloyd(points, outline)
    pairs, border_m, areas = _borders(points, outline)
    households = np.clip(np.round(rng.lognormal(np.log(75) - 0.18, 0.6, n)), 1, 900)
    problem = CommunityProblem(
        households=households.astype(np.int64),
        area_km2=areas / 1e6,
        xy_km=points / 1000.0,
        edges=Edges(
            np.ascontiguousarray(pairs[:, 0]),
            np.ascontiguousarray(pairs[:, 1]),
            border_m / 1000.0,
            np.zeros(len(pairs)),
            np.ones(len(pairs), dtype=np.bool_),
        ),
        part=np.zeros(n, dtype=np.int32),
        group=np.full(n, -1, dtype=np.int32),
        today=np.full(n, -1, dtype=np.int32),
        locked=np.zeros(n, dtype=np.bool_),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=BOUNDS[0],
        max_households=BOUNDS[1],
        target_households=sum(BOUNDS) / 2,
        weights=Weights(border_km=HOUSEHOLDS_PER_KM),
    )
    return Case(f"voronoi-{n}-{seed}", "border_km", problem, tuple(str(v) for v in range(n)))


def _outline(area_m2: float, rng: np.random.Generator) -> shapely.Polygon:
    """Make an irregular star-shaped polygon of the given area around the origin."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = 1 + sum(
        rng.uniform(0, 0.12) * np.cos(m * angle + rng.uniform(0, 2 * np.pi)) for m in (2, 3, 4, 5)
    )
    shape = shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return shapely.transform(shape, lambda xy: xy * np.sqrt(area_m2 / shape.area))


def _points_in(outline: shapely.Polygon, n: int, rng: np.random.Generator) -> Floats:
    low, high = np.array(outline.bounds[:2]), np.array(outline.bounds[2:])
    found = np.empty((0, 2))
    while len(found) < n:
        tries = rng.uniform(low, high, (2 * n, 2))
        found = np.vstack([found, tries[shapely.contains_xy(outline, tries)]])
    return found[:n]


def _with_mirrors(points: Floats, outline: shapely.Polygon) -> Voronoi:
    """Voronoi cells of the points; far helpers close the outer ones."""
    reach = 4 * max(np.abs(outline.bounds))
    return Voronoi(np.vstack([points, reach * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])]))


def _cells(points: Floats, outline: shapely.Polygon) -> tuple[Voronoi, np.ndarray]:
    diagram = _with_mirrors(points, outline)
    rings = [diagram.regions[diagram.point_region[v]] for v in range(len(points))]
    cells = np.array([shapely.Polygon(diagram.vertices[ring]) for ring in rings])
    return diagram, np.asarray(shapely.intersection(cells, outline))


def _lloyd(points: Floats, outline: shapely.Polygon) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.centroid(_cells(points, outline)[1])))


def _borders(points: Floats, outline: shapely.Polygon) -> tuple[np.ndarray, Floats, Floats]:
    """Pairs with common border inside the outline, its length (m), and the cells' areas (m²)."""
    diagram, cells = _cells(points, outline)
    ridge = np.array(diagram.ridge_vertices)
    pair = np.sort(diagram.ridge_points, axis=1)
    keep = (ridge >= 0).all(axis=1) & (pair < len(points)).all(axis=1)
    lines = shapely.linestrings(diagram.vertices[ridge[keep]])
    length = shapely.length(shapely.intersection(lines, outline))
    pair = pair[keep][length > 0]
    order = np.lexsort((pair[:, 1], pair[:, 0]))
    return pair[order].astype(np.int32), length[length > 0][order], shapely.area(cells)
