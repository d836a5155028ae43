"""Siting of rooms: what decides first, what is kept, what may be shared, and that it is the best."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from commplan.optimise.milp_arrays import arrays_of
from commplan.optimise.rooms.model import SitingModel
from commplan.optimise.rooms.siting import criteria, site_rooms, terms_of
from commplan.problem.result import Status
from commplan.problem.rooms import CRITERIA, ORDERS, RoomProblem, Sites, score_options

NAN = np.nan


def siting(need, sites, options, households=None):
    """Make a problem with one unit per community.

    ``sites`` are (floor, existing, shared, cost, price per m²); ``options`` (community, site,
    minutes or None, inside).
    """
    k = len(need)
    columns = [np.array(c) for c in zip(*sites, strict=True)] if sites else [np.empty(0)] * 5
    options = sorted(options)
    reached = [(i, o[0], o[2]) for i, o in enumerate(options) if o[2] is not None]
    row, unit, minutes = (np.array([r[j] for r in reached]) for j in range(3))
    shape = (len(options), k)
    return RoomProblem(
        households=np.array(households if households is not None else [100] * k),
        community_of=np.arange(k, dtype=np.int32),
        need_m2=np.array(need, dtype=float),
        sites=Sites(
            columns[0].astype(float),
            columns[1].astype(bool),
            columns[2].astype(bool),
            columns[3].astype(float),
            columns[4].astype(float),
        ),
        option_community=np.array([o[0] for o in options], dtype=np.int32),
        option_site=np.array([o[1] for o in options], dtype=np.int32),
        option_inside=np.array([o[3] for o in options], dtype=bool),
        minutes=sparse.csr_array((minutes.astype(float), (row, unit)), shape=shape)
        if options
        else sparse.csr_array(shape),
        limit_min=15.0,
    )


STANDS, CANDIDATE = True, False


def test_near_goes_before_price():
    """A dear site within 15 minutes beats a cheap one beyond."""
    problem = siting(
        [400],
        [(400, CANDIDATE, False, 1e5, NAN), (400, CANDIDATE, False, 9e6, NAN)],
        [(0, 0, 20, True), (0, 1, 10, True)],
    )
    result = site_rooms(problem)
    assert result.site_of.tolist() == [1]
    assert result.terms["far_households"] == 0
    assert result.terms["cost_yuan"] == 9e6


def test_large_enough_goes_before_price():
    """Between sites that are equally near, the one that is large enough wins though it costs more."""
    problem = siting(
        [400],
        [(300, CANDIDATE, False, 1e5, NAN), (400, CANDIDATE, False, 9e6, NAN)],
        [(0, 0, 5, True), (0, 1, 10, True)],
    )
    assert site_rooms(problem).site_of.tolist() == [1]


def test_price_goes_before_a_shorter_walk():
    """Between equals the cheaper site wins, and only then the nearer one."""
    problem = siting(
        [400],
        [(400, CANDIDATE, False, 2e5, NAN), (400, CANDIDATE, False, 1e5, NAN)],
        [(0, 0, 5, True), (0, 1, 10, True)],
    )
    assert site_rooms(problem).site_of.tolist() == [1]


def test_what_stands_and_is_large_enough_is_kept():
    """An existing room that is large enough stays although a candidate would be nearer."""
    sites = [(400, STANDS, False, NAN, NAN), (900, CANDIDATE, False, 0, NAN)]
    options = [(0, 0, 25, True), (0, 1, 5, True)]
    assert site_rooms(siting([400], sites, options)).site_of.tolist() == [0]
    assert site_rooms(siting([401], sites, options)).site_of.tolist() == [1]


def test_a_neighbours_room_is_not_kept_by_force():
    """Being large enough keeps a room for the community that it lies in, not for the next one."""
    sites = [(400, STANDS, False, NAN, NAN), (400, CANDIDATE, False, 1e5, NAN)]
    problem = siting([400], sites, [(0, 0, 25, False), (0, 1, 5, True)])
    assert site_rooms(problem).site_of.tolist() == [1]


def test_a_missing_price_does_not_win():
    """A candidate without a price counts as dear as the dearest."""
    sites = [(400, CANDIDATE, False, NAN, NAN), (400, CANDIDATE, False, 5e5, NAN)]
    more = [(400, CANDIDATE, False, 9e5, NAN)]
    problem = siting([400, 400], sites + more, [(0, 0, 5, True), (0, 1, 6, True), (1, 2, 5, True)])
    assert site_rooms(problem).site_of.tolist() == [1, 2]


def test_no_site_no_room():
    """A community without any site gets none; its need is short and its households are far."""
    result = site_rooms(siting([400, 350], [(500, STANDS, False, NAN, NAN)], [(0, 0, 5, True)]))
    assert result.site_of.tolist() == [0, -1]
    assert result.status is Status.OPTIMAL
    assert result.terms["unserved_communities"] == 1
    assert result.terms["far_households"] == 100
    assert result.terms["short_m2"] == 350


def test_no_sites_at_all():
    """A scenario without sites is answered, not refused."""
    result = site_rooms(siting([400, 350], [], []))
    assert result.site_of.tolist() == [-1, -1]


def test_a_site_serves_one_community():
    """Two communities that could use the same site do not both get it."""
    problem = siting(
        [400, 400],
        [(900, CANDIDATE, False, 1e5, NAN), (900, CANDIDATE, False, 1e5, NAN)],
        [(0, 0, 5, True), (0, 1, 20, False), (1, 0, 5, False)],
    )
    result = site_rooms(problem)
    assert result.site_of.tolist() == [1, 0]  # a place each goes before a short walk


def test_a_shared_site_serves_as_far_as_its_area_goes():
    """700 m² hold two needs of 350, not a third; nobody shares with one that needs it all."""
    shared = [(700, CANDIDATE, True, 1e6, NAN)]
    three = siting([350] * 3, shared, [(c, 0, 5, False) for c in range(3)])
    assert (site_rooms(three).site_of == 0).sum() == 2
    large = siting([800, 350], shared, [(0, 0, 5, True), (1, 0, 5, False)], [100, 90])
    assert site_rooms(large).site_of.tolist() == [0, -1]


def test_a_shared_site_is_paid_once():
    """Two communities at one shared site cost less than two sites of their own."""
    sites = [
        (700, CANDIDATE, True, 1e6, NAN),
        (350, CANDIDATE, False, 6e5, NAN),
        (350, CANDIDATE, False, 6e5, NAN),
    ]
    options = [(0, 0, 5, False), (1, 0, 5, False), (0, 1, 5, True), (1, 2, 5, True)]
    result = site_rooms(siting([350, 350], sites, options))
    assert result.site_of.tolist() == [0, 0]
    assert result.terms["cost_yuan"] == pytest.approx(1e6)


def test_a_site_of_unknown_area_is_not_shared():
    """Nobody knows how many a shared site without an area could serve: it serves one."""
    shared = [(NAN, CANDIDATE, True, 1e6, NAN)]
    result = site_rooms(siting([350, 350], shared, [(0, 0, 5, True), (1, 0, 5, False)], [10, 90]))
    assert result.site_of.tolist() == [-1, 0]


def test_bounds_meet_the_terms_of_an_optimal_siting():
    """An optimal siting has bounds equal to its terms."""
    problem = siting(
        [400, 400],
        [(900, CANDIDATE, False, 1e5, NAN), (900, CANDIDATE, False, 2e5, NAN)],
        [(c, s, 5 + s, True) for c in range(2) for s in range(2)],
    )
    result = site_rooms(problem)
    assert result.status is Status.OPTIMAL
    assert result.bounds == pytest.approx(result.terms)


def test_the_model_of_a_tiny_case():
    """The exact model has one row per community, one per site, and pays a shared site once."""
    problem = siting(
        [300, 800],
        [(700, CANDIDATE, True, 1e6, NAN), (500, CANDIDATE, False, NAN, 1000)],
        [(0, 0, 5, True), (1, 0, 5, False), (1, 1, 5, True)],
    )
    scores = score_options(problem)
    model = SitingModel(problem, np.arange(3), criteria(problem, scores)).model
    rows = {c.name: str(c) for c in model.constraints()}
    assert rows == {
        "one_site_0000000": "take_0000000 <= 1.0",
        "one_site_0000001": "take_0000001 + take_0000002 <= 1.0",
        "holds_0000000": "300.0*take_0000000 + 700.0*take_0000001 <= 700.0",
        "holds_0000001": "take_0000002 <= 1.0",
        "paid_0000000_0000000": "-open_0000000 + take_0000000 <= 0",
        "paid_0000000_0000001": "-open_0000000 + take_0000001 <= 0",
    }


def allowed(problem, site_of):
    """Check by the words of the rule whether a siting may be."""
    for s in set(site_of) - {-1}:
        users = [c for c, at in enumerate(site_of) if at == s]
        floor, need = problem.sites.floor_m2[s], problem.need_m2[users].sum()
        shareable = problem.sites.shared[s] and floor >= need
        if len(users) > 1 and not shareable:
            return False
    return True


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_as_good_as_trying_everything(seed):
    """On small cases the siting is the best of all, criterion by criterion."""
    rng = np.random.default_rng(seed)
    k, s = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    sites = [
        (
            float(rng.choice([200, 400, 800])),
            CANDIDATE,
            bool(rng.random() < 0.4),
            float(rng.choice([1e5, 2e5, 3e5])),
            NAN,
        )
        for _ in range(s)
    ]
    options = [
        (c, at, None if rng.random() < 0.1 else float(rng.integers(1, 30)), True)
        for c in range(k)
        for at in range(s)
        if rng.random() < 0.7
    ]
    problem = siting(
        rng.choice([150, 350, 500], k).tolist(), sites, options, rng.integers(1, 200, k)
    )
    scores = score_options(problem)
    may = [[-1, *(o[1] for o in options if o[0] == c)] for c in range(k)]
    best = min(
        tuple(terms_of(problem, scores, np.array(at)).values())
        for at in product(*may)
        if allowed(problem, at)
    )
    result = site_rooms(problem)
    assert allowed(problem, tuple(result.site_of.tolist()))
    assert tuple(result.terms[name] for name in CRITERIA) == pytest.approx(best)
    assert result.status is Status.OPTIMAL


def test_the_same_siting_twice():
    """The same problem gives the same sites."""
    rng = np.random.default_rng(1)
    options = [(c, s, float(rng.integers(5, 25)), True) for c in range(12) for s in range(15)]
    sites = [(float(rng.integers(300, 900)), CANDIDATE, s % 3 == 0, 1e5, NAN) for s in range(15)]
    first, second = (site_rooms(siting([350] * 12, sites, options)) for _ in range(2))
    np.testing.assert_array_equal(first.site_of, second.site_of)


@pytest.mark.parametrize("aim", list(ORDERS))
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_aim_under_a_budget_is_the_best(aim, data):
    """By each aim's own order no siting within the budget is better."""
    k, s = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 4))
    pairs = [
        (c, j, data.draw(st.integers(1, 30)), data.draw(st.booleans()))
        for c in range(k)
        for j in range(s)
        if data.draw(st.booleans())
    ]
    sites = [
        (
            data.draw(st.integers(1, 9)) * 100,
            data.draw(st.booleans()),
            False,
            data.draw(st.integers(0, 5)) * 1e5,
            NAN,
        )
        for _ in range(s)
    ]
    problem = siting([400] * k, sites, pairs).replace(
        aim=aim,
        budget_yuan=data.draw(st.sampled_from([None, 0.0, 3e5, 6e5])),
        keeps=False,
        prefers_suited=data.draw(st.booleans()),
        elderly=np.arange(1.0, k + 1),
    )
    result = site_rooms(problem)
    scores = score_options(problem)
    best = None
    for choice in product(range(-1, s), repeat=k):
        used = [j for j in choice if j >= 0]
        allowed = all(j < 0 or (c, j) in {p[:2] for p in pairs} for c, j in enumerate(choice))
        if len(set(used)) < len(used) or not allowed:
            continue
        terms = terms_of(problem, scores, np.array(choice, dtype=np.int32))
        if problem.budget_yuan is not None and terms["cost_yuan"] > problem.budget_yuan:
            continue
        value = tuple(terms[name] for name in problem.order)
        best = value if best is None or value < best else best
    assert result.status is Status.OPTIMAL
    assert tuple(result.terms[name] for name in problem.order) == pytest.approx(best)


def test_what_stands_may_be_extended():
    """A room of 300 m² that can grow by 150 is extended by the 100 it lacks, at its price."""
    problem = siting([400], [(300, STANDS, False, NAN, 2000)], [(0, 0, 5, True)])
    sites = replace(problem.sites, extend_m2=np.array([150.0]))
    result = site_rooms(problem.replace(sites=sites))
    assert result.terms["short_m2"] == 0
    assert result.terms["cost_yuan"] == 200_000
    assert site_rooms(problem).terms["short_m2"] == 100


@pytest.mark.parametrize(
    ("budget", "fixed", "grown", "cost"),
    [(100_000, 0, 50, 100_000), (100_000, 20_000, 40, 100_000), (10_000, 20_000, 0, 0),
     (500_000, 20_000, 100, 220_000)],
)  # fmt: skip
def test_a_budget_extends_as_far_as_it_goes(budget, fixed, grown, cost):
    """At 2,000 yuan per m² and a fixed price; a room that cannot be extended stays all the same."""
    problem = siting([400], [(300, STANDS, False, NAN, 2000)], [(0, 0, 5, True)])
    sites = replace(
        problem.sites, extend_m2=np.array([150.0]), extend_yuan=np.array([float(fixed)])
    )
    result = site_rooms(problem.replace(sites=sites, budget_yuan=budget))
    assert result.status is Status.OPTIMAL
    assert result.site_of.tolist() == [0]
    assert result.extended_m2 == pytest.approx([grown], abs=1e-3)
    assert result.terms["cost_yuan"] == pytest.approx(cost, abs=3)
    assert result.terms["short_m2"] == pytest.approx(100 - grown, abs=1e-3)


def test_a_budget_joins_communities():
    """Money for one of two rooms goes where more households are."""
    sites = [(400, CANDIDATE, False, 5e5, NAN)] * 2
    problem = siting([400, 400], sites, [(0, 0, 5, True), (1, 1, 5, True)], [100, 300])
    assert site_rooms(problem.replace(budget_yuan=6e5)).site_of.tolist() == [-1, 1]


def test_the_suited_place_goes_before_the_cheaper():
    """With the preference, a ground-floor place by the entrance beats a cheaper one."""
    sites = [(400, CANDIDATE, False, 1e5, NAN), (400, CANDIDATE, False, 9e5, NAN)]
    problem = siting([400], sites, [(0, 0, 5, True), (0, 1, 5, True)])
    suited = replace(problem.sites, suited=np.array([False, True]))
    assert site_rooms(problem.replace(sites=suited)).site_of.tolist() == [0]
    preferred = problem.replace(sites=suited, prefers_suited=True)
    assert site_rooms(preferred).site_of.tolist() == [1]


def test_the_budget_is_a_row_of_the_model():
    """One row holds the price of all rooms at or under the budget."""
    problem = siting([400], [(400, CANDIDATE, False, 5.0, NAN)], [(0, 0, 5, True)])
    problem = problem.replace(budget_yuan=4.0)
    costs = criteria(problem, score_options(problem))
    siting_model = SitingModel(problem, np.array([0]), costs)
    siting_model.model.setObjective(siting_model.terms[0])
    arrays, _ = arrays_of(siting_model.model)
    rows = [*arrays.matrix.toarray().ravel()], arrays.row_upper.tolist()
    assert rows == ([1, 1, 5], [1, 1, 4])  # one site, one community at it, the budget
