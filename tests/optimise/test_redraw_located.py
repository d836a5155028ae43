"""Starts round the medians of a relaxation, and the prices that find them."""

import numpy as np
import pytest
from redraw_towns import grid_town

from commplan.optimise.communities.bound_distance import Medians, build_cost, priced
from commplan.optimise.communities.instance import Instance, build_instance
from commplan.optimise.communities.located import located_labels, locates
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import pieces
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Weights
from commplan.problem.validity import faults

ROWS, COLUMNS = 6, 20
WIDE = np.tile(np.arange(COLUMNS) >= COLUMNS // 2, ROWS)  # units in the country


def town_and_country(**weights: float) -> CommunityProblem:
    """9,000 households close together, 3,000 far apart; five communities of 1,400 to 3,200.

    Evenly there would be 3.75 in the town and 1.25 in the country; people walk least with three
    large ones and two small ones.
    """
    column = np.arange(COLUMNS)
    x = np.where(column < COLUMNS // 2, 0.05 * column, column - COLUMNS // 2 + 1.0)
    y = np.arange(ROWS)[:, None] * np.where(column < COLUMNS // 2, 0.05, 1.0)
    xy = np.column_stack([np.tile(x, ROWS), y.ravel()])
    town = grid_town(ROWS, COLUMNS, np.where(WIDE, 50, 150))
    return town.replace(
        xy_km=xy,
        min_households=1400,
        max_households=3200,
        min_communities=5,
        max_communities=5,
        weights=Weights(**(weights or {"distance_household_km": 1.0})),
    )


def _instance(problem: CommunityProblem) -> Instance:
    n = problem.n
    return build_instance(problem, np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32))


def _in_country(labels: np.ndarray) -> int:
    """How many communities have most of their households in the country."""
    return int(sum(WIDE[labels == c].mean() > 0.5 for c in np.unique(labels)))


def test_communities_start_where_the_medians_of_the_relaxation_are() -> None:
    """Two start in the country although it has a quarter of the people; all are in one piece."""
    problem = town_and_country()
    even = (np.arange(problem.n) % COLUMNS // 4).astype(np.int32)
    labels = located_labels(_instance(problem), even, lambda: False)
    assert sorted(np.unique(labels)) == [0, 1, 2, 3, 4]
    assert _in_country(labels) == 2
    e = problem.edges
    inside = labels[e.tail] == labels[e.head]
    assert pieces(problem.n, e.tail[inside], e.head[inside]).max() + 1 == 5


def test_a_fixed_number_is_shared_out_by_distances() -> None:
    """The search ends with three large communities in the town and two small in the country."""
    problem = town_and_country()
    params = RedrawParams(effort=1.0, seed=1, exact=False, bound=False)
    result = redraw(problem, params)
    assert result.labels is not None
    assert faults(problem, result.labels) == []
    assert _in_country(result.labels) == 2
    loads = np.bincount(result.labels, problem.households)
    assert np.sort(loads)[:2].sum() < 3500


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"distance_household_km": 1.0}, True),
        ({"distance_household_km": 1.0, "border_km": 100.0}, True),
        ({"border_km": 100.0}, False),
    ],
)
def test_only_distances_say_where_to_start(weights: dict[str, float], told: bool) -> None:
    """Without a weight on distances there is no relaxation to ask."""
    assert locates(_instance(town_and_country(**weights))) is told


def test_threads_change_nothing_in_the_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians priced in chunks give the same bound and slope, bit by bit."""
    rng = np.random.default_rng(3)
    n = 400
    households = rng.integers(20, 200, n).astype(np.float64)
    node = np.arange(n, dtype=np.int32)
    cost = build_cost(rng.uniform(0, 3, (n, 2)), households, node, 1.0)
    k = round(float(households.sum()) / 2250)
    medians = Medians(cost, node, households, 1500.0, 3000.0, k, k)
    prices = households * rng.uniform(0.2, 0.9, n)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("COMMPLAN_THREADS", threads)
        found.append(priced(medians, prices))
    assert found[0][0] == found[1][0]
    assert found[0][1].tobytes() == found[1][1].tobytes()
