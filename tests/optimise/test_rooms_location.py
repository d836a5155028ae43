"""Choosing sites: every aim against enumeration, the models' rows, and what is said of the rest."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.columns import columns_of
from commplan.optimise.rooms.core import core_arrays
from commplan.optimise.rooms.covering import CoverModel
from commplan.optimise.rooms.fill import fill, table
from commplan.optimise.rooms.interchange import descend
from commplan.optimise.rooms.locate import locate
from commplan.optimise.rooms.prices import bound_at
from commplan.problem.location import Aim, LocationProblem, serving_cost
from commplan.problem.result import Status

AWAY = None


def city(minutes, **fields):
    """Make a problem from rows of minutes, None where a site is beyond the limit."""
    m = len(minutes[0])
    pairs = [(i, j, d) for i, row in enumerate(minutes) for j, d in enumerate(row) if d is not AWAY]
    unit, site, data = (np.array([p[k] for p in pairs]) for k in range(3))
    matrix = sparse.csr_array((data.astype(float), (unit, site)), shape=(len(minutes), m))
    arrays = {k: np.array(v, float) for k, v in fields.items() if isinstance(v, list)}
    numbers = {k: v for k, v in fields.items() if not isinstance(v, list)}
    given_ = {"weight": np.ones(len(minutes)), "open_cost": np.zeros(m), **arrays, **numbers}
    return LocationProblem(minutes=matrix, forced=given_.pop("forced", np.zeros(m, bool)), **given_)


def best_by_hand(problem, aim):
    """Try every choice of sites and, with capacities, every assignment; None where nothing serves."""
    dense = np.full((problem.n, problem.n_sites), np.inf)
    rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    dense[rows, problem.minutes.indices] = problem.minutes.data
    reached = np.isfinite(dense).any(axis=1)
    values = []
    sites = range(problem.n_sites)
    for size in range(problem.n_sites + 1):
        if problem.max_open is not None and size > problem.max_open:
            break
        for chosen in combinations(sites, size):
            price = problem.open_cost[list(chosen)].sum()
            if problem.budget is not None and price > problem.budget:
                continue
            if not set(np.flatnonzero(problem.forced)) <= set(chosen):
                continue
            values += _values(problem, aim, dense[:, list(chosen)], reached, (chosen, price))
    if not values:
        return None
    return max(values) if aim is Aim.MAX_COVER else min(values)


def _values(problem, aim, near, reached, choice):
    chosen, price = choice
    walk = near.min(axis=1) if len(chosen) else np.full(problem.n, np.inf)
    if aim is Aim.MAX_COVER:
        return [problem.weight[np.isfinite(walk)].sum()]
    if not np.isfinite(walk[reached]).all():
        return []
    if aim is Aim.COVER:
        return [price if (problem.open_cost > 0).any() else len(chosen)]
    if aim is Aim.CENTRE:
        return [walk[reached].max(initial=0.0)]
    if aim is Aim.ELDERLY:
        return [walk[reached & (problem.elderly > 0)].max(initial=0.0)]
    paid = price if problem.budget is None else 0.0
    if problem.capacity is None:
        return [paid + problem.weight[reached] @ walk[reached]]
    found = []
    for places in product(range(len(chosen)), repeat=problem.n):
        load = np.bincount(places, weights=problem.taken, minlength=len(chosen))
        walks = near[np.arange(problem.n), list(places)]
        if (load <= problem.capacity[list(chosen)]).all() and np.isfinite(walks).all():
            found.append(paid + problem.weight @ walks)
    return found


@st.composite
def cities(draw):
    """Draw up to 6 units and 4 sites."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    minute = st.one_of(st.none(), st.integers(0, 12))
    minutes = draw(st.lists(st.lists(minute, min_size=m, max_size=m), min_size=n, max_size=n))
    if all(d is None for row in minutes for d in row):
        minutes[0][0] = 3
    numbers = st.integers(0, 5)
    return city(
        minutes,
        weight=draw(st.lists(numbers, min_size=n, max_size=n)),
        elderly=draw(st.lists(numbers, min_size=n, max_size=n)),
        open_cost=draw(st.lists(numbers, min_size=m, max_size=m)),
        max_open=draw(st.one_of(st.none(), st.integers(1, m))),
        budget=draw(st.one_of(st.none(), st.integers(0, 8))),
    )


@pytest.mark.parametrize("aim", list(Aim))
@given(problem=cities())
@settings(max_examples=25, deadline=None)
def test_every_aim_is_proven_best(aim, problem):
    """The objective is that of the best of all choices, the bound meets it, or nothing serves."""
    result = locate(problem, aim)
    best = best_by_hand(problem, aim)
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert any(cause.code != "no_site" for cause in result.causes)
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(best, abs=1e-6)
    assert result.bound == pytest.approx(best, abs=1e-5)


@given(problem=cities(), room=st.lists(st.integers(1, 9), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_full_sites_are_proven_best(problem, room):
    """With capacities, on units that all have a site, enumeration of assignments agrees."""
    whole = np.diff(problem.minutes.indptr) > 0
    if not whole.all():
        return
    capacity = np.array(room[: problem.n_sites], dtype=float)
    full = problem.replace(capacity=capacity, elderly=None)
    columns = columns_of(full)
    best = best_by_hand(full, Aim.MEDIAN)
    result = locate(full, Aim.MEDIAN)
    if len(set(columns.unit.tolist())) < full.n:
        return  # a unit that fits nowhere is left out and named
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best, abs=1e-6)


@given(problem=cities(), price=st.lists(st.integers(0, 20), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_bound_holds_at_any_prices(problem, price):
    """Whatever the prices, the bound is no more than the best of all choices."""
    free = problem.replace(budget=None)
    best = best_by_hand(free, Aim.MEDIAN)
    reached = np.diff(free.minutes.indptr) > 0
    if best is None or not reached.all():
        return
    bound, _, _ = bound_at(columns_of(free), np.array(price[: free.n], dtype=float))
    assert bound <= best + 1e-6


def test_the_median_model_row_by_row():
    """Two units, two sites: served once, only where open, no fuller than full, at most one site."""
    problem = city(
        [[1, 2], [AWAY, 3]], capacity=[4, 9], demand=[2, 3], max_open=1, open_cost=[5, 6]
    )
    columns = columns_of(problem)
    every = (np.ones(3, bool), np.ones(2, bool), columns.forced)
    model = core_arrays(columns, *every, (columns.open_cost, 7.0))
    assert model.cost.tolist() == [5, 6, 1, 2, 3]  # y0 y1 x00 x01 x11
    rows = model.matrix.toarray().tolist()
    assert rows[:2] == [[0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]  # pairs go by site
    assert rows[2:5] == [[1, 0, -1, 0, 0], [0, 1, 0, -1, 0], [0, 1, 0, 0, -1]]
    assert rows[5:7] == [[4, 0, -2, 0, 0], [0, 9, 0, -2, -3]]
    assert rows[7:] == [[1, 1, 0, 0, 0], [4, 9, 0, 0, 0], [5, 6, 0, 0, 0]]
    assert model.row_lower.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 5, 0]
    assert model.row_upper.tolist() == [1, 1, *[np.inf] * 5, 1, np.inf, 7]
    assert model.integral is not None
    assert model.integral.all()


def test_the_covering_model_row_by_row():
    """Units near a forced site are not written; the others, the number and the budget are."""
    forced = np.array([False, True])
    problem = city([[1, 2], [1, 9], [AWAY, 3]], open_cost=[5, 6], budget=11)
    model = CoverModel(problem.replace(forced=forced), 5.0)
    model.cover_least(np.ones(3, bool))
    arrays = model.arrays()
    assert arrays.matrix.toarray().tolist() == [[1, 0], [5, 6]]
    assert arrays.cost.tolist() == [5, 6]
    assert (arrays.row_lower.tolist(), arrays.row_upper.tolist()) == ([1, -np.inf], [np.inf, 11])
    assert (arrays.col_lower.tolist(), arrays.col_upper.tolist()) == ([0, 1], [1, 1])
    few = CoverModel(problem.replace(budget=None, max_open=1)).arrays()
    assert (few.matrix.toarray().tolist(), few.row_upper.tolist()) == ([[1, 1]], [1])


def test_only_what_decides_is_written():
    """A unit covered with another one, and a site that another one can stand for, are left out."""
    problem = city([[1, 1, AWAY], [1, 1, 1], [AWAY, 1, 1]])
    model = CoverModel(problem)
    model.cover_least(np.ones(3, bool))
    arrays = model.arrays()
    assert arrays.matrix.toarray().tolist() == [[1, 1, 0]]
    assert arrays.col_upper.tolist() == [0, 1, 0]  # the middle site covers all
    dear = CoverModel(problem.replace(open_cost=np.array([1.0, 9.0, 1.0])))
    dear.cover_least(np.ones(3, bool))
    assert dear.arrays().matrix.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    assert dear.arrays().col_upper.tolist() == [1, 1, 1]


def test_the_model_of_the_missed_row_by_row():
    """Each kind of unit is near an open site or missed, with all its households."""
    model = CoverModel(city([[1, 2], [AWAY, 3], [4, 5]], weight=[10, 5, 3], max_open=1))
    model.miss_least()
    arrays = model.arrays()
    assert sorted(arrays.matrix.toarray().tolist()) == [[0, 1, 1, 0], [1, 1, 0, 0], [1, 1, 0, 1]]
    assert arrays.cost.tolist() == [0, 0, 5, 13]
    assert arrays.integral is not None
    assert arrays.integral.tolist() == [True, True, False, False]


def test_covering_counts_alike_units_once():
    """Units with the same sites share a row; what is far counts with its households."""
    model = CoverModel(city([[1], [2], [AWAY]], weight=[10, 5, 3], max_open=0))
    model.miss_least()
    _, is_open = model.solve(MilpOptions())
    assert is_open is not None
    assert not is_open.any()
    assert len(model.arrays().cost) == 3


def test_who_is_out_of_reach_is_named():
    """A unit without a site within the limit is a cause, and the others are still served."""
    result = locate(city([[1, AWAY], [AWAY, AWAY]]), Aim.COVER)
    assert [(c.code, c.units) for c in result.causes] == [("no_site", (1,))]
    assert result.site_of.tolist() == [0, -1]


def test_what_would_help_is_tried():
    """Two distant units and money for one site: the budget that serves both is named."""
    problem = city([[1, AWAY], [AWAY, 1]], open_cost=[4, 5], budget=5, weight=[10, 20])
    result = locate(problem, Aim.MAX_COVER)
    assert result.objective == 20
    assert [(c.code, c.units, c.remedy) for c in result.causes] == [("budget", (0,), {"budget": 9})]
    few = city([[1, AWAY], [AWAY, 1]], max_open=1)
    assert locate(few, Aim.COVER).status is Status.INFEASIBLE
    assert locate(few, Aim.COVER).causes[0].remedy == {"max_open": 2}


def test_the_elderly_go_first():
    """The centre of the elderly, not of everybody, decides, then their minutes."""
    minutes = [[1, 9, 9], [9, 1, 3], [9, 9, 3]]
    problem = city(minutes, weight=[100, 1, 1], elderly=[0, 5, 5], max_open=1)
    assert np.flatnonzero(locate(problem, Aim.MEDIAN).is_open).tolist() == [0]
    assert np.flatnonzero(locate(problem, Aim.ELDERLY).is_open).tolist() == [2]


def test_what_stands_stays():
    """A forced site stays open though another is nearer, and costs one of the places."""
    forced = np.array([True, False])
    problem = city([[9, 1]], max_open=1).replace(forced=forced)
    assert locate(problem, Aim.MEDIAN).site_of.tolist() == [0]


def test_local_search_ends_allowed():
    """Descent costs what its sites cost, and filling says infinite where a site is overloaded."""
    problem = city([[1, 5], [5, 1]], max_open=1, capacity=[1, 1])
    columns = columns_of(problem)
    value, sites = descend(columns, np.array([True, False]))
    assert value == 6
    assert sites.sum() == 1
    assert fill(columns, table(columns), np.array([True, False]))[0] == np.inf


def test_units_stay_whole():
    """Two units of 2 do not fit into sites of 3 and 1 though 4 would."""
    problem = city([[1, 1], [1, 1]], demand=[2, 2], capacity=[3, 1])
    assert locate(problem, Aim.MEDIAN).status is Status.INFEASIBLE


def test_serving_cost_is_infinite_without_a_pair():
    """An assignment to a site beyond the limit is no solution."""
    problem = city([[1, AWAY]])
    assert serving_cost(problem, np.array([True, True]), np.array([1], np.int32)) == np.inf


def test_capacities_only_for_the_median():
    """An aim that cannot take capacities says so."""
    with pytest.raises(ValueError, match="capacities"):
        locate(city([[1]], capacity=[1]), Aim.COVER)


@pytest.mark.parametrize("aim", [Aim.COVER, Aim.MEDIAN, Aim.CENTRE])
def test_only_the_missed_are_named(aim):
    """Money for one of two sites: the larger unit is served, the other alone is a cause."""
    problem = city([[1, AWAY], [AWAY, 1]], open_cost=[4, 5], budget=5, weight=[10, 20])
    result = locate(problem, aim)
    assert result.status is Status.INFEASIBLE
    assert result.objective is None
    assert result.is_open.tolist() == [False, True]
    assert result.site_of.tolist() == [-1, 1]
    assert [(c.code, c.units, c.remedy) for c in result.causes] == [("budget", (0,), {"budget": 9})]


def test_most_covered_at_least_cost():
    """A site that adds nobody is not opened, though the budget has money for it."""
    problem = city([[1, 2, 3]], open_cost=[4, 3, 5], budget=20)
    assert locate(problem, Aim.MAX_COVER).is_open.tolist() == [False, True, False]
