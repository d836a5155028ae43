"""Rooms large enough for those who go there, extended or not: every aim against enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from commplan.optimise.milp_arrays import arrays_of
from commplan.optimise.rooms import sized_search
from commplan.optimise.rooms.locate import locate
from commplan.optimise.rooms.sized import SizedModel
from commplan.optimise.rooms.sized_walks import shorter_walks
from commplan.problem.floors import Floors, SizeRule, needed_m2
from commplan.problem.location import Aim, LocationProblem
from commplan.problem.result import Status

AWAY = None


def city(minutes, floor, extend=None, **fields):
    """Make a problem from rows of minutes; each household needs 1 m², and a room at least 10."""
    n, m = len(minutes), len(floor)
    pairs = [(i, j, d) for i, row in enumerate(minutes) for j, d in enumerate(row) if d is not AWAY]
    unit, site, data = (np.array([p[k] for p in pairs]) for k in range(3))
    weight = np.array(fields.pop("weight", [10.0] * n), dtype=float)
    rules = fields.pop("rules", (SizeRule(10.0, 0 * weight), SizeRule(0.0, weight)))
    floors = Floors(
        np.array(floor, dtype=float),
        np.zeros(m) if extend is None else np.array(extend, dtype=float),
        np.array(fields.pop("fixed", [0.0] * m), dtype=float),
        np.array(fields.pop("per_m2", [1.0] * m), dtype=float),
        rules,
    )
    given_ = {"open_cost": [0.0] * m, "forced": [False] * m} | fields
    for name in ("open_cost", "elderly", "unsuited", "forced"):
        if name in given_:
            kind = bool if name in ("unsuited", "forced") else float
            given_[name] = np.array(given_[name], dtype=kind)
    matrix = sparse.csr_array((data.astype(float), (unit, site)), shape=(n, m))
    return LocationProblem(weight=weight, minutes=matrix, floors=floors, **given_)


def value_of(problem, aim, site_of):
    """Figure of the aim for an assignment; None where it is not allowed."""
    floors, served = problem.floors, site_of >= 0
    near = problem.minutes.toarray()
    there = np.zeros(near.shape, bool)
    rows = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
    there[rows, problem.minutes.indices] = True
    who = np.flatnonzero(served)
    if not there[who, site_of[who]].all():
        return None
    if aim is not Aim.MAX_COVER and not served[there.any(axis=1)].all():
        return None
    lacks = np.maximum(needed_m2(floors.rules, site_of, problem.n_sites) - floors.floor_m2, 0)
    if (lacks > floors.extend_m2 + 1e-9).any():
        return None
    is_open = problem.forced.copy()
    is_open[site_of[who]] = True
    cost = problem.open_cost[is_open].sum() + floors.price_yuan(lacks).sum()
    if problem.budget is not None and cost > problem.budget + 1e-9:
        return None
    if problem.max_open is not None and is_open.sum() > problem.max_open:
        return None
    walks = near[who, site_of[who]]
    if aim is Aim.COVER:
        return cost if problem.is_priced else is_open.sum()
    if aim is Aim.MAX_COVER:
        return -problem.weight[who].sum()
    return problem.weight[who] @ walks if aim is Aim.MEDIAN else walks.max(initial=0.0)


@st.composite
def cities(draw):
    """Up to four units and three sites, some of them out of reach, with small whole numbers."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    few = st.integers(0, 4)

    def each(size, of):
        return draw(st.lists(of, min_size=size, max_size=size))

    minutes = [each(m, st.sampled_from([AWAY, 1, 2, 3, 5])) for _ in range(n)]
    weight = each(n, st.integers(1, 12))
    commerce = np.array(each(n, few), dtype=float)
    own = np.array(weight, dtype=float)
    rules = (
        SizeRule(float(draw(few)), own),
        SizeRule(14.0, np.zeros(n), ((own, 12.0),)),
        SizeRule(5.0, 1.5 * own, ((commerce, 4.0), (own, 3.0))),
    )
    fields = {
        "weight": weight,
        "rules": rules[: draw(st.integers(1, 3))],
        "open_cost": each(m, few),
        "fixed": each(m, few),
        "per_m2": each(m, st.integers(0, 2)),
        "forced": each(m, st.booleans()),
    }
    if draw(st.booleans()):
        fields["budget"] = float(draw(st.integers(0, 30)))
    if draw(st.booleans()):
        fields["max_open"] = draw(st.integers(1, m)) + sum(fields["forced"])
    return city(minutes, each(m, st.integers(0, 20)), each(m, st.integers(0, 15)), **fields)


@settings(max_examples=40, deadline=None)
@given(cities(), st.sampled_from([Aim.COVER, Aim.MAX_COVER, Aim.MEDIAN, Aim.CENTRE]))
def test_every_aim_against_every_assignment(problem, aim):
    """The value is the best of all assignments, proven; nothing is answered where none is allowed."""
    if not problem.minutes.nnz:
        return
    every = product(range(-1, problem.n_sites), repeat=problem.n)
    values = [value_of(problem, aim, np.array(one, dtype=np.int32)) for one in every]
    allowed = [value for value in values if value is not None]
    result = locate(problem, aim)
    if not allowed:
        assert result.status is Status.INFEASIBLE
        assert result.objective is None
        return
    best = -min(allowed) if aim is Aim.MAX_COVER else min(allowed)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(best, abs=1e-5)
    found = value_of(problem, aim, result.site_of)
    assert found is not None
    assert abs(found) == pytest.approx(best, abs=1e-5)


def test_a_room_is_extended_where_that_is_cheaper_than_a_new_one():
    """20 households, 15 m²: 5 m² more for 3 + 5 × 2 beat a new room for 14, but not one for 12."""
    minutes, floor, extend = [[1, 1], [1, 1]], [15, 20], [9, 0]
    fields = {"fixed": [3, 0], "per_m2": [2, 0], "forced": [True, False]}
    dear = locate(city(minutes, floor, extend, open_cost=[0, 14], **fields), Aim.COVER)
    assert dear.objective == 13
    assert dear.extended_m2.tolist() == [5, 0]
    assert dear.is_open.tolist() == [True, False]
    cheap = locate(city(minutes, floor, extend, open_cost=[0, 12], **fields), Aim.COVER)
    assert cheap.objective == 12
    assert cheap.extended_m2.tolist() == [0, 0]


def test_the_model_of_a_tiny_case():
    """One row per unit, pair, growth, rule that can bind, and count; nothing else."""
    weight = np.array([8.0, 4.0])
    rules = (
        SizeRule(10.0, weight),
        SizeRule(0.0, np.zeros(2)),  # never asks for more than there is
        SizeRule(14.0, np.zeros(2), ((weight, 12.0),)),
        SizeRule(99.0, np.zeros(2), ((weight, 13.0),)),  # never so many
    )
    problem = city([[1, 2], [AWAY, 3]], [11, 9], [0, 6], weight=weight, rules=rules, max_open=1)
    sized = SizedModel(problem, np.array([True, False]))
    model = sized.model
    model.setObjective(sized.opened())
    assert [row.name for row in model.constraints()] == [
        "once_0000000", "once_0000001", "open_0000000", "open_0000001", "open_0000002",
        "grows_0000001", "growing_0000001", "size_0_0000000", "size_0_0000001",
        "count_2_0_0000001", "size_2_0000001", "most",
    ]  # fmt: skip
    arrays, _ = arrays_of(model)
    names = [v.name for v in model.variables()]
    rows = {
        row.name: {names[j]: v for j, v in enumerate(line) if v} | {"<=": high}
        for row, line, high in zip(
            model.constraints(), arrays.matrix.toarray(), arrays.row_upper, strict=True
        )
    }
    over, more, used = "over_2_0_0000001", "more_0000001", "used_0000001"
    goes = {"goes_0000001": 8, "goes_0000002": 4}
    assert rows["size_0_0000000"] == {"goes_0000000": 8, "used_0000000": -1, "<=": 0}
    assert rows["size_0_0000001"] == goes | {more: -1, used: 1, "<=": 0}
    assert rows["grows_0000001"] == {more: 1, "grow_0000001": -6, "<=": 0}
    assert rows["count_2_0_0000001"] == pytest.approx(goes | {over: -1e-4, "<=": 12 - 1e-4})
    assert rows["size_2_0000001"] == {more: -1, over: 14, used: -9, "<=": 0}
    assert rows["most"] == {"used_0000000": 1, used: 1, "<=": 1}


def test_who_is_left_out_for_want_of_area_is_named_with_what_would_help():
    """Three units of 10 households and 20 m²: one is left out, and 10 m² more would serve it."""
    problem = city([[1], [2], [3]], [20], weight=[10, 10, 10])
    most = locate(problem, Aim.MAX_COVER)
    assert most.objective == 20
    assert [(c.code, len(c.units), c.remedy) for c in most.causes] == [
        ("floor", 1, {"more_m2": pytest.approx(10)})
    ]
    result = locate(problem, Aim.CENTRE)
    assert (result.status, result.objective) == (Status.INFEASIBLE, None)
    assert [c.code for c in result.causes] == ["floor"]


def test_what_money_and_numbers_would_help_is_tried():
    """With 5 more yuan, or a second room, both units are served."""
    poor = city([[1, AWAY], [AWAY, 1]], [10, 10], open_cost=[4, 5], budget=5)
    (cause,) = locate(poor, Aim.COVER).causes
    assert (cause.code, cause.remedy) == ("budget", {"budget": 9})
    few = city([[1, AWAY], [AWAY, 1]], [10, 10], max_open=1)
    (cause,) = locate(few, Aim.MAX_COVER).causes
    assert (cause.code, cause.remedy) == ("number", {"max_open": 2})
    both = city([[1, AWAY], [AWAY, 1]], [10, 10], max_open=1, open_cost=[4, 5], budget=5)
    (cause,) = locate(both, Aim.MAX_COVER).causes
    assert (cause.code, cause.remedy) == ("budget_and_number", {"budget": 9, "max_open": 2})


def test_least_walking_comes_last():
    """Two rooms large enough for both units: each goes to the nearer, at no other cost."""
    problem = city([[1, 5], [5, 1]], [20, 20], forced=[True, True])
    for aim in (Aim.COVER, Aim.MAX_COVER, Aim.MEDIAN, Aim.CENTRE):
        assert locate(problem, aim).site_of.tolist() == [0, 1]


def test_the_suited_place_goes_before_the_cheaper():
    """An unsuited site is taken only where no other serves as many; with areas and without."""
    problem = city([[1, 1]], [10, 10], open_cost=[1, 9], unsuited=[True, False])
    for aim in (Aim.COVER, Aim.MAX_COVER):
        assert locate(problem, aim).site_of.tolist() == [1]
        assert locate(problem.replace(floors=None), aim).site_of.tolist() == [1]
        assert locate(problem.replace(unsuited=None), aim).site_of.tolist() == [0]


def test_the_elderly_go_first():
    """Their longest walk decides, then their minutes, whoever else walks far."""
    minutes = [[1, 9], [9, 1]]
    problem = city(minutes, [20, 20], weight=[10, 1], elderly=[0, 5], max_open=1)
    result = locate(problem, Aim.ELDERLY)
    assert (result.status, result.objective) == (Status.OPTIMAL, 1)
    assert result.site_of.tolist() == [1, 1]


def test_a_site_that_nobody_may_use_stays_closed():
    """Whether areas count or not, a site without a pair is open only where it has to be."""
    problem = city([[1, AWAY]], [10, 10], max_open=2, forced=[False, True])
    for floors in (problem.floors, None):
        for forced in (False, True):
            asked = problem.replace(forced=np.array([False, forced]), floors=floors)
            assert locate(asked, Aim.COVER).is_open.tolist() == [True, forced]


def test_what_rooms_need():
    """By hand: 30 m² per 100 households and at least 350; 600 from 2,000 households; 10 % on top."""
    households = np.array([1000.0, 900.0, 100.0, 3000.0])
    commerce = np.array([0.0, 0.0, 500.0, 0.0])
    base = (SizeRule(0.0, 0.3 * households), SizeRule(350.0, np.zeros(4)))
    step = SizeRule(650.0, np.zeros(4), ((households, 2000.0),))
    uplift = SizeRule(0.0, 0.33 * households, ((commerce, 500.0),))
    site_of = np.array([0, 0, 0, 1], dtype=np.int32)
    assert needed_m2(base, site_of, 3) == pytest.approx([600, 900, 0])
    assert needed_m2((*base, step, uplift), site_of, 3) == pytest.approx([660, 900, 0])
    alone = np.array([0, -1, -1, -1], dtype=np.int32)
    assert needed_m2((*base, step, uplift), alone, 1).tolist() == [350]


@settings(max_examples=15, deadline=None)
@given(cities(), st.sampled_from([Aim.COVER, Aim.MAX_COVER, Aim.MEDIAN, Aim.CENTRE]))
def test_many_pairs_are_decided_by_rooms_first(problem, aim):
    """Rooms first and units afterwards gives an allowed answer, with a bound that holds."""
    if not problem.minutes.nnz:
        return
    best = locate(problem, aim)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sized_search, "FEW_PAIRS", 0)
        found = locate(problem, aim)
    assert (found.status is Status.INFEASIBLE) == (best.status is Status.INFEASIBLE)
    if found.objective is None or best.objective is None:
        return
    sign = -1.0 if aim is Aim.MAX_COVER else 1.0
    assert sign * found.bound <= sign * best.objective + 1e-5
    assert sign * found.objective >= sign * best.objective - 1e-5
    value = value_of(problem, aim, found.site_of)
    assert value == pytest.approx(sign * found.objective, abs=1e-5)


def test_walks_are_shortened_alone_and_in_exchange():
    """Two units in each other's room of just their size exchange; one moves into space that is left."""
    problem = city([[1, 5], [5, 1]], [10, 10])
    allowed = np.ones(4, dtype=bool)
    crossed = np.array([1, 0], dtype=np.int32)
    assert shorter_walks(problem, crossed, allowed).tolist() == [0, 1]
    assert shorter_walks(problem, crossed, allowed & [True, True, True, False]).tolist() == [1, 0]
    roomy = city([[1, 5], [5, 1]], [20, 20])
    assert shorter_walks(roomy, np.array([0, 0], dtype=np.int32), allowed).tolist() == [0, 0]
    forced = roomy.replace(forced=np.array([False, True]))
    assert shorter_walks(forced, np.array([0, 0], dtype=np.int32), allowed).tolist() == [0, 1]
