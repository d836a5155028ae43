"""The search for sites, step by step: knapsacks, what is ruled out, the tree, annealing, clusters."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from commplan.optimise.milp import MilpOptions
from commplan.optimise.rooms.clusters import Clusters
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.cooling import Annealer, Run
from commplan.optimise.rooms.cover_exchange import Coverage, Exchanges, exchanged
from commplan.optimise.rooms.cover_prices import priced
from commplan.optimise.rooms.cover_search import fewest_cover
from commplan.optimise.rooms.dominance import alike, largest_sets, packed, smallest_sets
from commplan.optimise.rooms.fill import table, value_of
from commplan.optimise.rooms.packing import pack
from commplan.optimise.rooms.prices import Ascent, Prices, bound_at, least_choice, subgradient
from commplan.optimise.rooms.ruled_out import kept_pairs
from commplan.optimise.rooms.tree import branch
from commplan.optimise.stop import Clock

SHORT = Run(slices=20, unit_steps=50)


def full_columns(costs, **fields):
    """Make columns in which every unit can use every site."""
    costs = np.asarray(costs, dtype=float)
    n, m = costs.shape
    given_ = {
        "demand": np.ones(n),
        "capacity": np.full(m, np.inf),
        "open_cost": np.zeros(m),
        "forced": np.zeros(m, dtype=bool),
        "most": m,
        **{k: np.asarray(v, float) if isinstance(v, list) else v for k, v in fields.items()},
    }
    return Columns(
        start=np.arange(0, n * m + 1, n, dtype=np.int64),
        unit=np.tile(np.arange(n, dtype=np.int32), m),
        cost=np.ascontiguousarray(costs.T.ravel()),
        **given_,
    )


def answers(columns):
    """Every allowed assignment, with its cost."""
    costs = table(columns)
    for places in product(range(columns.m), repeat=columns.n):
        place = np.array(places, dtype=np.int32)
        value = value_of(columns, costs, place)
        if np.isfinite(value):
            yield value, place


@st.composite
def full_cities(draw):
    """Draw up to 5 units and 4 sites that can be full."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    number = st.integers(0, 9)
    return full_columns(
        draw(st.lists(st.lists(number, min_size=m, max_size=m), min_size=n, max_size=n)),
        demand=draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)),
        capacity=draw(st.lists(st.integers(4, 9), min_size=m, max_size=m)),
        open_cost=draw(st.lists(number, min_size=m, max_size=m)),
        most=draw(st.integers(1, m)),
    )


@given(
    items=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9)), max_size=8),
    room=st.integers(0, 25),
)
@settings(max_examples=60, deadline=None)
def test_a_knapsack_of_whole_items_is_exact(items, room):
    """Whole items gain as much as the best of all sets, parts no less."""
    items = sorted(items, key=lambda item: -item[0] / item[1])
    gain, load = (np.array([item[k] for item in items], dtype=float) for k in (0, 1))
    best = max(
        sum(gain[list(s)])
        for size in range(len(items) + 1)
        for s in combinations(range(len(items)), size)
        if sum(load[list(s)]) <= room
    )
    part = np.empty(len(items))
    assert pack(gain, load, float(room), True, part) == pytest.approx(best)
    assert gain @ part == pytest.approx(best)
    assert pack(gain, load, float(room), False, part) >= best - 1e-9


@given(columns=full_cities(), reduced=st.lists(st.integers(-9, 9), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_choice_of_sites_is_no_dearer_than_any_that_holds(columns, reduced):
    """The least choice is at most that of every set of sites with room for all."""
    reduced = np.array(reduced[: columns.m], dtype=float)
    chosen = np.empty(columns.m, dtype=bool)
    least = least_choice(reduced, np.zeros(columns.m, np.int8), columns.rooms, chosen)
    for size in range(1, columns.most + 1):
        for sites in combinations(range(columns.m), size):
            if columns.capacity[list(sites)].sum() >= columns.demand.sum():
                assert least <= reduced[list(sites)].sum() + 1e-9


@given(columns=full_cities(), prices=st.lists(st.integers(0, 20), min_size=5, max_size=5))
@settings(max_examples=60, deadline=None)
def test_nothing_better_is_ruled_out(columns, prices):
    """At any prices every answer that is better than the known one keeps its pairs and sites."""
    price = np.array(prices[: columns.n], dtype=float)
    found = list(answers(columns))
    known = sorted(value for value, _ in found)[len(found) // 2] if found else 50.0
    for whole in (False, True):
        bound, reduced, chosen = bound_at(columns, price, whole=whole)
        if not np.isfinite(bound):
            assert not found
            continue
        assert all(bound <= value + 1e-6 for value, _ in found)
        left = kept_pairs(columns, Prices(bound, price, reduced, chosen, 0, whole), known)
        pairs = np.zeros((columns.n, columns.m), dtype=bool)
        pairs[columns.unit[left[0]], columns.site[left[0]]] = True
        for value, place in found:
            if value < known - 1e-6:
                assert pairs[np.arange(columns.n), place].all()
                assert left[1][place].all()
                assert set(np.flatnonzero(left[2])) <= set(place.tolist())


@given(
    costs=st.lists(st.lists(st.integers(0, 20), min_size=5, max_size=5), min_size=1, max_size=6),
    fees=st.lists(st.integers(0, 9), min_size=5, max_size=5),
    most=st.integers(1, 5),
)
@settings(max_examples=60, deadline=None)
def test_the_tree_finds_the_best(costs, fees, most):
    """Begun without prices and with a poor answer, the tree ends with the best of all and proves it."""
    columns = full_columns(costs, open_cost=fees, most=most)
    best = min(
        sum(min(row[j] for j in sites) for row in costs) + sum(fees[j] for j in sites)
        for size in range(1, most + 1)
        for sites in combinations(range(5), size)
    )
    left = (np.ones(len(columns.unit), bool), np.ones(5, bool), columns.forced)
    tree = branch(columns, left, best + 7.0, np.zeros(columns.n), (10_000, Clock()))
    assert tree.bound == best
    assert tree.opened is not None
    opened = np.flatnonzero(tree.opened)
    assert sum(min(row[j] for j in opened) for row in costs) + sum(fees[j] for j in opened) == best
    assert branch(columns, left, best, np.zeros(columns.n), (10_000, Clock())).bound == best


def towns(seed, n=40, m=8):
    """Scatter units and sites with little room to spare."""
    rng = np.random.default_rng(seed)
    units, sites = rng.uniform(0, 9, (n, 2)), rng.uniform(0, 9, (m, 2))
    lines = np.hypot(*(units[:, None, :] - sites[None, :, :]).transpose(2, 0, 1))
    demand = rng.integers(1, 9, n).astype(float)
    room = np.ceil(1.1 * demand.sum() / 4)
    return full_columns(lines, demand=demand, capacity=np.full(m, room), most=4)


def test_annealing_ends_allowed_and_the_same():
    """From an overloaded start an allowed answer comes out, the same for the same seed."""
    columns = towns(1)
    costs = table(columns)
    start = np.argmin(np.where(np.arange(8) < 4, costs, np.inf), axis=1).astype(np.int32)
    met = []
    runs = [
        Annealer(columns, costs, 7).run(start, SHORT, Clock(), lambda p: met.append(p.copy()))
        for _ in range(2)
    ]
    assert np.isfinite(runs[0][0])
    assert runs[0][0] == value_of(columns, costs, runs[0][1])
    assert runs[0][1].tolist() == runs[1][1].tolist()
    assert len(met) == 2 * (SHORT.slices - 1 - SHORT.slices // 4)


def test_annealing_is_above_every_bound():
    """What annealing finds costs no less than the bound, and prices come close to it."""
    columns = towns(2)
    costs = table(columns)
    value, _ = Annealer(columns, costs, 1).run(
        np.zeros(40, np.int32), Run(slices=60), Clock(), lambda _: None
    )
    prices = subgradient(columns, lambda _: value, Ascent(300, whole=True), lambda: False)
    assert prices.bound <= value
    assert prices.bound > 0.8 * value


def test_clusters_of_two_answers_make_a_better_one():
    """Each answer serves one half well; put together they serve both well."""
    costs = [[0, 9, 4, 9], [0, 9, 4, 9], [9, 0, 9, 4], [9, 0, 9, 4]]
    columns = full_columns(costs, capacity=[2, 2, 2, 2], most=2)
    costs = table(columns)
    clusters = Clusters(columns, costs)
    for place in ([0, 0, 3, 3], [2, 2, 1, 1]):
        clusters.add(np.array(place, dtype=np.int32))
    assert sorted(zip(clusters.site, clusters.cost, strict=True)) == [(0, 0.0), (1, 0.0)]
    clusters.add(np.array([0, 1, 0, 1], dtype=np.int32))
    prices = subgradient(columns, lambda _: 8.0, Ascent(50), lambda: False)
    some = clusters.chosen(prices, 8.0 - prices.bound, 10)
    place = clusters.combined(some, MilpOptions())
    assert place is not None
    assert place.tolist() == [0, 0, 1, 1]


@given(sets=st.lists(st.sets(st.integers(0, 69), max_size=4), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_sets_that_others_hold_are_left_out(sets):
    """What is kept decides: every set holds a smallest one and is held by a largest one."""
    owner = np.array([i for i, s in enumerate(sets) for _ in s], dtype=np.int64)
    item = np.array([x for s in sets for x in sorted(s)], dtype=np.int64)
    words = packed(owner, item, (len(sets), 70))
    small = [sets[i] for i in smallest_sets(words)]
    large = [sets[i] for i in largest_sets(words, np.zeros((len(sets), 1)))]
    assert all(any(s >= t for t in small) for s in sets)
    assert all(any(s <= t for t in large) for s in sets)
    for kept in (small, large):
        assert all(not (s <= t) for s, t in combinations(kept, 2))
    first, kind = alike(words)
    assert all(sets[first[k]] == s for k, s in zip(kind, sets, strict=True))


def test_a_dear_set_does_not_stand_for_a_cheap_one():
    """A site that covers less but costs less stays."""
    words = packed(np.array([0, 0, 1]), np.array([0, 1, 0]), (2, 2))
    assert largest_sets(words, np.array([[5.0], [1.0]])).tolist() == [0, 1]
    assert largest_sets(words, np.array([[1.0], [1.0]])).tolist() == [0]


@given(rows=st.lists(st.sets(st.integers(0, 7), min_size=1), max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_cover_covers_without_spares(rows):
    """Each unit has a site of the cover, and no site can be spared."""
    holds = np.array([[j in row for j in range(8)] for row in rows], dtype=bool).reshape(-1, 8)
    cover = fewest_cover(holds, seed=3, most_steps=50)
    assert holds[:, cover].any(axis=1).all()
    for j in np.flatnonzero(cover):
        assert not holds[:, cover & (np.arange(8) != j)].any(axis=1).all()


@given(
    rows=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=10),
    weight=st.lists(st.integers(0, 30), min_size=10, max_size=10),
    first=st.sets(st.integers(0, 5)),
    forced=st.sampled_from([(), (2,)]),
)
@settings(max_examples=60, deadline=None)
def test_no_exchange_of_one_site_helps_after_the_exchanges(rows, weight, first, forced):
    """As many sites are open as before, those that must stay among them; no single swap is better."""
    near = np.array([[j in row for j in range(6)] for row in rows], dtype=float)
    stays = np.isin(np.arange(6), forced)
    begin = np.isin(np.arange(6), list(first)) | stays
    weights = np.array(weight[: len(rows)], dtype=float)
    coverage = Coverage(sparse.csr_array(near), weights, stays, int(begin.sum()), np.zeros(6))
    end = exchanged(coverage, begin)
    assert end.sum() == begin.sum()
    assert end[stays].all()
    assert coverage.missed(end) <= coverage.missed(begin)
    for leave, enter in product(np.flatnonzero(end & ~stays), np.flatnonzero(~end)):
        other = end.copy()
        other[leave], other[enter] = False, True
        assert coverage.missed(end) <= coverage.missed(other) + 1e-6


@given(
    rows=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=10),
    cost=st.lists(st.integers(0, 9), min_size=6, max_size=6),
    budget=st.integers(0, 30),
    fee=st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_a_search_keeps_to_the_budget(rows, cost, budget, fee):
    """Every set looked at is paid for, and what is reported missing is what its sites miss."""
    near = np.array([[j in row for j in range(6)] for row in rows], dtype=float)
    coverage = Coverage(
        sparse.csr_array(near),
        np.ones(len(rows)),
        np.zeros(6, dtype=bool),
        4,
        np.array(cost, dtype=float),
        float(budget),
        fee,
    )
    search = Exchanges(coverage, exchanged(coverage, coverage.forced), seed=2)
    first = search.missed
    for _ in range(5):
        search.search(search.turn + 1, lambda: False)
        for is_open in (search.best, search.here):
            assert coverage.cost[is_open].sum() <= budget
            assert is_open.sum() <= 4
    assert coverage.missed(search.best) == search.missed <= first


@given(
    rows=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=10),
    weight=st.lists(st.integers(0, 30), min_size=10, max_size=10),
    most=st.integers(1, 4),
    forced=st.sampled_from([(), (2,)]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_missed_is_bounded(rows, weight, most, forced):
    """No set of sites misses less than the bound; what is found is allowed, and as it is counted."""
    near = np.array([[j in row for j in range(6)] for row in rows], dtype=float)
    stays = np.isin(np.arange(6), forced)
    for scale in (1.0, 1.1):
        weights = scale * np.array(weight[: len(rows)], dtype=float)
        coverage = Coverage(sparse.csr_array(near), weights, stays, most, np.zeros(6))
        found = priced(coverage, lambda: False)
        search = Exchanges(coverage, found.is_open, seed=1)
        search.search(5, lambda: False)
        for is_open in (found.is_open, search.best):
            assert is_open.sum() <= most
            assert is_open[stays].all()
        known = coverage.missed(search.best)
        assert known == search.missed <= coverage.missed(found.is_open)
        for sites in combinations(range(6), most):
            is_open = np.isin(np.arange(6), sites)
            missed = coverage.missed(is_open)
            if is_open[stays].all():
                assert found.bound <= missed + 1e-9
