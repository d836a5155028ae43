"""The exact model of boundaries and rooms: every constraint on an instance small enough to read."""

import numpy as np
from joint_cases import dense, row_of

from commplan.optimise.joint.covers import Cover
from commplan.optimise.joint.cuts import Cut, cuts_of
from commplan.optimise.joint.instance import instance_of
from commplan.optimise.joint.model import AreaModel, solve_rounds
from commplan.optimise.milp import MilpOptions
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_faults

ALL = np.inf


def model_of_three() -> AreaModel:
    """Three units in a row, sites in the first and the last, at most one open."""
    problem = row_of(
        3, (0, 2), low=np.array([1.0, 2.0]), high=np.array([2.0, 3.0]), open_cost=np.array([5.0, 7])
    )
    pairs = np.isfinite(instance_of(problem).cost)
    return AreaModel(instance_of(problem), pairs, problem.forced, most=1)


def test_each_constraint_of_the_model() -> None:
    """Columns: two sites, then pairs by unit; rows in the order of the module's first lines."""
    arrays = model_of_three().arrays()
    assert arrays.cost.tolist() == [5, 7, 0, 2, 1, 1, 2, 0]
    rows = arrays.matrix.toarray().tolist()
    served = [[0, 0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1]]
    high = [[2, 0, -1, 0, -1, 0, -1, 0], [0, 3, 0, -1, 0, -1, 0, -1]]
    low = [[-1, 0, 1, 0, 1, 0, 1, 0], [0, -2, 0, 1, 0, 1, 0, 1]]
    own = [[1, 0, -1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, -1]]
    opens = [
        [1, 0, -1, 0, 0, 0, 0, 0],
        [0, 1, 0, -1, 0, 0, 0, 0],
        [1, 0, 0, 0, -1, 0, 0, 0],
        [0, 1, 0, 0, 0, -1, 0, 0],
        [1, 0, 0, 0, 0, 0, -1, 0],
        [0, 1, 0, 0, 0, 0, 0, -1],
    ]
    most = [[1, 1, 0, 0, 0, 0, 0, 0]]
    joined = [[0, 0, 0, -1, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0, -1, 0]]
    assert rows == served + high + low + own + opens + most + joined
    assert arrays.row_lower.tolist() == [1.0] * 3 + [0.0] * 6 + [0.0] * 6 + [0.0] + [0.0] * 2
    upper = [1.0] * 3 + [ALL] * 4 + [0.0] * 2 + [ALL] * 6 + [1.0] + [ALL] * 2
    assert arrays.row_upper.tolist() == upper
    assert arrays.integral is not None
    assert arrays.integral.all()


def test_a_cover_is_a_row_of_its_site() -> None:
    """At most 2 of x + 2 x' where the second site is open; units without a pair are left out."""
    model = model_of_three()
    cover = Cover(1, np.array([0, 1], dtype=np.int32), np.array([1.0, 2.0]), 2.0)
    assert model.rows_of([cover]).toarray().tolist() == [[0, 2, 0, -1, 0, -2, 0, 0]]
    pairs = model.pairs.copy()
    pairs[0, 1] = False
    fewer = AreaModel(model.instance, pairs, model.forced)
    assert fewer.rows_of([cover]).toarray().tolist() == [[0, 2, 0, 0, -2, 0, 0]]


def test_separators_close_to_both_ends() -> None:
    """In a row of five with site 0 at the left, unit 4 alone is cut off by unit 3 and by unit 1."""
    instance = instance_of(row_of(5, (0, 2)))
    site_of = np.array([0, 1, 1, 1, 0], dtype=np.int32)
    found = cuts_of(instance, site_of, np.ones(5, dtype=bool))
    assert {(c.site, c.unit, tuple(c.separator.tolist())) for c in found} == {
        (0, 4, (3,)),
        (0, 4, (1,)),
    }


def test_connected_areas_need_no_separator() -> None:
    """A valid answer breaks no row."""
    instance = instance_of(row_of(5, (0, 4)))
    assert cuts_of(instance, np.array([0, 0, 0, 1, 1], dtype=np.int32), np.ones(5, bool)) == []


def test_rounds_add_separators_until_areas_are_connected() -> None:
    """A row whose last two units are cheap at the first site: two rounds, then connected."""
    cost = np.array([[0.0, 9.0], [9.0, 0.0], [9.0, 0.0], [0.0, 3.0], [0.0, 3.0]])
    problem = row_of(5, (0, 1), cost=dense(cost), forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    model = AreaModel(instance, np.isfinite(instance.cost), problem.forced)
    before = len(model.cuts)
    solved = solve_rounds(model, None, MilpOptions(), Clock(), 5)
    assert solved.site_of is not None
    assert not joint_faults(problem, solved.site_of)
    assert solved.value == 6.0
    assert len(model.cuts) > before
    assert isinstance(model.cuts[-1], Cut)
