"""The optimiser's terms and the polygons' terms are the same figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.evaluate.score import score
from commplan.plan.make import make_plan
from commplan.policy.library import load_profile
from commplan.pose.communities import RedrawOptions, fixed_border_km, pose_communities
from commplan.problem.terms import compute_terms
from towns import town, voronoi_town

build = pytest.importorskip("commplan.graph.build")
PROFILE = load_profile("zhejiang-2017")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000))
def test_arrays_and_polygons_agree(seed: int) -> None:
    """On random towns with subdistricts, rivers and random labels, every term agrees to 1e-9."""
    rng = np.random.default_rng(seed)
    cells = voronoi_town(int(rng.integers(5, 60)), rng)
    n = len(cells)
    today = [None if i < 0 else f"C{i}" for i in rng.integers(-1, 5, n)]
    west = [cell.centroid.x < 450 for cell in cells]
    territory = town(
        cells,
        households=rng.integers(0, 300, n),
        community_id=today,
        subdistrict_id=["W" if w else "E" for w in west] if seed % 2 else None or [None] * n,
    )
    labels = rng.integers(0, 6, n).astype(np.int32)
    labels = labels + 6 * np.array(west, dtype=np.int32) if seed % 2 else labels
    graph = build.build_unit_graph(territory)
    problem = pose_communities(territory, graph, PROFILE, RedrawOptions())
    plan = make_plan(territory, labels)
    terms = dict(score(plan, graph, PROFILE).terms)
    assert terms.pop("fixed_border_km") == pytest.approx(
        fixed_border_km(graph, problem.part), rel=1e-9, abs=1e-9
    )
    assert terms == pytest.approx(compute_terms(problem, labels), rel=1e-9, abs=1e-9)
