"""Lower bounds by prices: never above the best of all valid plans, and near it where they can be."""

import numpy as np
import pytest
from redraw_towns import best_by_enumeration, grid_town, random_town

from commplan.optimise.communities import bound_pricing
from commplan.optimise.communities.bound_border import Spend, border_prices
from commplan.optimise.communities.bound_component import Hint
from commplan.optimise.communities.bound_planar import is_sound, planar_dual
from commplan.optimise.communities.bound_pricing import (
    Ground,
    least_load,
    most_load,
)
from commplan.optimise.communities.bounds import lower_bound
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.result import Status

TERMS = (
    "border_km",
    "soft_border_km",
    "moved_households",
    "distance_household_km",
    "imbalance_households",
    "area_imbalance_km2",
    "communities",
)


def _bound(town: CommunityProblem, effort: float = 0.02) -> float:
    """Bound of the whole town, aimed at a plan of strips of two."""
    reduced = presolve(town, np.ones(town.n, bool))
    parts = [
        np.flatnonzero(reduced.component == c).astype(np.int32)
        for c in range(int(reduced.component.max()) + 1)
    ]
    labels = (np.arange(town.n) // 2).astype(np.int32)
    return lower_bound(town, reduced, parts, Hint(labels, effort, lambda: False))


def _checked(towns: list[CommunityProblem]) -> int:
    """Compare bounds with exact optima; how many towns have a plan and a positive bound."""
    positive = 0
    for town in towns:
        exact = redraw(town, RedrawParams(explain=False))
        if exact.objective is None:
            continue
        best: float | None = exact.objective
        if exact.status is not Status.OPTIMAL and not town.exempt.any():
            best = best_by_enumeration(town)
        assert best is not None
        bound = _bound(town)
        assert bound <= best * (1 + 1e-9) + 1e-9
        positive += bound > 0
    return positive


def test_bounds_of_mixed_weights_are_below_the_optimum() -> None:
    """With parts, groups, locks, barriers, grandfather and random weights the bound holds."""
    towns = [random_town(np.random.default_rng(seed), 2, 4) for seed in range(300, 340)]
    assert _checked(towns) > 8


@pytest.mark.parametrize("seed", range(4))
def test_bounds_hold_where_holes_and_islands_are_likely(seed: int) -> None:
    """Nine units with barriers and borders that cost nothing here and there."""
    rng = np.random.default_rng(seed)
    towns = []
    for _ in range(3):
        town = random_town(rng, 3, 3)
        e = town.edges
        border = np.where(rng.random(len(e.tail)) < 0.15, 0.0, e.border_km)
        towns.append(
            town.replace(
                edges=Edges(e.tail, e.head, border, border, e.is_open),
                weights=Weights(border_km=500.0, communities=50.0 * seed),
                grandfather=bool(seed % 2),
            )
        )
    _checked(towns)


@pytest.mark.parametrize("term", TERMS)
def test_bounds_of_single_terms_are_below_the_optimum(term: str) -> None:
    """For every term by itself the bound is at most the optimum."""
    towns = [random_town(np.random.default_rng(seed), 2, 4) for seed in range(400, 415)]
    assert _checked([t.replace(weights=Weights(**{term: 100.0})) for t in towns]) > 0


def test_bounds_hold_with_exempt_units() -> None:
    """A compound above the upper bound with an exception does not lift the bound too high."""
    towns = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        households = rng.integers(300, 900, 9)
        households[rng.integers(0, 9)] = 2600
        exempt = households > 1500
        towns.append(
            grid_town(
                3,
                3,
                households,
                exempt=exempt,
                min_households=1000,
                max_households=2000,
                weights=Weights(border_km=900.0, distance_household_km=1.0, communities=20.0),
            )
        )
    assert _checked(towns) > 0


def test_a_hole_is_paid_for() -> None:
    """A ring round a large compound is a valid community with a hole; the bound allows for it."""
    households = np.full(9, 200)
    households[4] = 1900
    town = grid_town(3, 3, households, min_households=1500, max_households=2000)
    best = best_by_enumeration(town)
    assert best == pytest.approx(400.0)
    assert 0 < _bound(town) <= 400.0


def test_border_bound_is_near_the_optimum_of_a_regular_town() -> None:
    """Sixteen equal blocks in four squares: the bound comes within a tenth of the optimum."""
    town = grid_town(4, 4, 600, min_households=2300, max_households=2500)
    assert 720.0 <= _bound(town, effort=0.1) <= 800.0


def test_distance_bound_meets_the_optimum_of_a_strip() -> None:
    """Six blocks in three pairs: the Lagrange bound is the optimum itself."""
    weights = Weights(distance_household_km=1.0)
    town = grid_town(1, 6, 1000, min_households=2000, max_households=2500, weights=weights)
    assert _bound(town, effort=1.0) == pytest.approx(300.0, rel=1e-3)


def test_the_dual_of_a_grid() -> None:
    """A grid of 3 by 3 has four inner faces and eight corners of the outside; flows add up."""
    town = grid_town(3, 3, 100)
    e = town.edges
    pairs = {(int(u), int(v)): 1.0 for u, v in zip(e.tail, e.head, strict=True)}
    dual = planar_dual(9, pairs, town.xy_km)
    assert dual is not None
    assert is_sound(dual)
    assert dual.faces == 12
    amount = np.arange(1, 10)
    flow = dual.flow(amount)
    assert [int(flow[dual.left == v].sum()) for v in range(9)] == amount.tolist()


def test_a_graph_that_is_not_planar_keeps_its_dearest_edges() -> None:
    """Of the complete graph of five nodes one edge is given up, a cheap one."""
    pairs = {(u, v): 1.0 + (u + v) / 10 for u in range(5) for v in range(u + 1, 5)}
    angle = np.arange(5) * 2 * np.pi / 5
    dual = planar_dual(5, pairs, np.column_stack([np.cos(angle), np.sin(angle)]))
    assert dual is not None
    assert is_sound(dual)
    assert (dual.border > 0).sum() == 18


def test_loads_bound_households() -> None:
    """What a community of given households may hold in rounded loads is bounded on both sides."""
    households = np.array([10.0, 14.0, 16.0, 30.0])
    load = np.array([1, 1, 2, 3])
    assert most_load(load, households, 30.0) == 3
    assert least_load(load, households, 30.0) == 3


def _connected(sets: np.ndarray, town: CommunityProblem) -> np.ndarray:
    """Whether each row of ``sets`` is connected."""
    e = town.edges
    reach = sets & (np.cumsum(sets, axis=1) == 1)  # the first unit of each
    for _ in range(town.n):
        for a, b in zip(e.tail, e.head, strict=True):
            both = (reach[:, a] | reach[:, b]) & sets[:, a] & sets[:, b]
            reach[:, a] |= both
            reach[:, b] |= both
    return np.asarray((reach == sets).all(axis=1))


def test_no_set_of_units_beats_its_prices() -> None:
    """Of all sets within the bounds, with holes or in pieces too, none costs less than its prices.

    That no set undercuts them is the whole proof, so it is looked at set by set.
    """
    town = grid_town(3, 4, 100)
    e = town.edges
    sets = ((np.arange(1, 2**12)[:, None] >> np.arange(12)) & 1).astype(bool)
    connected = _connected(sets, town)
    proven = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        households = rng.integers(20, 200, 12).astype(float)
        border = rng.lognormal(0, rng.choice([0.3, 1.0, 2.0]), len(e.tail))
        low = rng.uniform(150, 400)
        high = low * rng.uniform(1.3, 2.5)
        whole = bool(rng.random() < 0.7)
        pairs = {(int(u), int(v)): float(b) for u, v, b in zip(e.tail, e.head, border, strict=True)}
        dual = planar_dual(12, pairs, town.xy_km)
        assert dual is not None
        fewest = int(-(-households.sum() // high))
        ground = Ground(dual, households, low, high, fewest, whole)
        found = border_prices(ground, 0.45 * border.sum(), 60, Spend(8, 1e9, lambda: False))
        if found is None:
            continue
        proven += 1
        half = 0.5 * (border * (sets[:, e.tail] != sets[:, e.head])).sum(axis=1)
        load = sets @ households
        asked = (load <= high) & ((load >= low) & connected if whole else True)
        assert (half - sets @ found.prices - found.extra)[asked].min() >= -1e-6
    assert proven > 10


def _tower() -> CommunityProblem:
    """Five by five blocks; the one in the middle holds much between borders that are short."""
    households = np.full(25, 200)
    households[12] = 900
    town = grid_town(5, 5, households, min_households=1000, max_households=2000)
    e = town.edges
    near = (e.tail == 12) | (e.head == 12)
    border = np.where(near, 0.02, 0.1)
    return town.replace(edges=Edges(e.tail, e.head, border, border, e.is_open))


def test_a_tower_does_not_hold_down_the_prices_of_a_town(monkeypatch: pytest.MonkeyPatch) -> None:
    """With less load for the tower more is proven than without."""
    town = _tower().replace(weights=Weights(border_km=2000.0))
    best = redraw(town, RedrawParams(explain=False)).objective
    assert best is not None
    bound = _bound(town, effort=1.0)
    monkeypatch.setattr(bound_pricing, "_ROOM", 1e9)
    assert 1.2 * _bound(town, effort=1.0) < bound <= best


def test_bounds_hold_where_towers_stand() -> None:
    """Units of many households between short borders, alone too small for a community."""
    towns = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        households = rng.integers(100, 300, 9)
        towers = rng.permutation(9)[:2]
        households[towers] = rng.integers(500, 990, 2)
        town = grid_town(3, 3, households, min_households=1000, max_households=1900)
        e = town.edges
        border = np.where(np.isin(e.tail, towers) | np.isin(e.head, towers), 0.01, 0.1)
        towns.append(town.replace(edges=Edges(e.tail, e.head, border, border, e.is_open)))
    assert _checked(towns) > 0
