"""The optimiser's terms and the polygons' terms are the same figures."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.evaluate.score import score
from commplan.graph.build import build_unit_graph
from commplan.plan.make import make_plan
from commplan.policy.library import load_profile
from commplan.pose.communities import RedrawOptions, fixed_border_km, pose_communities
from commplan.problem.terms import compute_terms
from commplan.territory.territory import Territory
from towns import CRS, town, voronoi_town

PROFILE = load_profile("zhejiang-2017")


def barriers(cells: list[shapely.Polygon], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make barriers of every shape: a river along blocks, a street across them, a lake."""
    river = shapely.union_all(rng.permutation(np.array(cells))[: len(cells) // 3]).boundary
    street = shapely.LineString(rng.uniform(0, 1000, (4, 2)))
    lake = shapely.Point(rng.uniform(0, 1000, 2)).buffer(120)
    table = {"kind": ["river", "road", "river"], "crossable": [None, True, None]}
    return gpd.GeoDataFrame(table, geometry=[river, street, lake], crs=CRS)


def random_town(seed: int) -> tuple[Territory, np.ndarray]:
    """Make a town with barriers and, for odd seeds, two subdistricts; and labels that keep to them."""
    rng = np.random.default_rng(seed)
    first, *others, last = voronoi_town(int(rng.integers(5, 60)), rng)
    cells = [shapely.union(first, last), *others]  # a unit of two parts, wherever they lie
    n = len(cells)
    columns: dict[str, Any] = {
        "households": rng.integers(0, 300, n),
        "community_id": [None if i < 0 else f"C{i}" for i in rng.integers(-1, 5, n)],
    }
    labels = rng.integers(0, 6, n).astype(np.int32)
    if seed % 2:
        west = np.array([cell.centroid.x < 450 for cell in cells])
        columns["subdistrict_id"] = np.where(west, "W", "E").tolist()
        labels = (labels + 6 * west).astype(np.int32)
    return town(cells, **columns).replace(barriers=barriers(cells, rng)), labels


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 100_000))
def test_arrays_and_polygons_agree(seed: int) -> None:
    """On random towns with subdistricts, rivers and random labels, every term agrees to 1e-9."""
    territory, labels = random_town(seed)
    graph = build_unit_graph(territory)
    problem = pose_communities(territory, graph, PROFILE, RedrawOptions())
    terms = dict(score(make_plan(territory, labels), graph, PROFILE).terms)
    assert terms.pop("fixed_border_km") == pytest.approx(
        fixed_border_km(graph, problem.part), rel=1e-9, abs=1e-9
    )
    assert terms == pytest.approx(compute_terms(problem, labels), rel=1e-9, abs=1e-9)


def test_the_random_towns_have_what_the_comparison_is_about() -> None:
    """Towns differ in what is compared: soft and hard borders, fixed ones, and moves."""
    cards = []
    for seed in range(6):
        territory, labels = random_town(seed)
        cards.append(score(make_plan(territory, labels), build_unit_graph(territory), PROFILE))
    assert all(0 < c.terms["soft_border_km"] < c.terms["border_km"] for c in cards)
    assert [c.terms["fixed_border_km"] > 0 for c in cards] == [False, True] * 3
    assert all(c.terms["moved_households"] > 0 for c in cards)
