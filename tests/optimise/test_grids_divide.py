"""Grids: communities worked out by hand, and small ones against every division."""

import numpy as np
import pytest

from commplan.evaluate.grids import check_grids
from commplan.graph.build import build_unit_graph
from commplan.optimise.grids import GridParams, divide, divide_all
from commplan.plan.grids import make_grid_plan
from commplan.plan.make import plan_from_assignment
from commplan.pose.grids import GridOptions, pose_grids
from commplan.problem.grids import numbers_that_fit
from commplan.problem.result import Status
from towns import grid_town


def divided(households: list[int], columns: int, ids: list[str] | None = None, **options: object):
    """Divide a town of squares in rows; ``ids`` name the community of each, A for all."""
    rows = len(households) // columns
    names = ids or ["A"] * len(households)
    town = grid_town(columns, rows, households=households, community_id=names)
    graph = build_unit_graph(town)
    plan = plan_from_assignment(town, list(zip(town.units["unit_id"], names, strict=True)))
    problem = pose_grids(plan, graph, GridOptions(**options))  # type: ignore[arg-type]
    answers = divide_all(problem, GridParams())
    assert check_grids(problem, answers) == []
    return make_grid_plan(plan, problem, answers)


def test_a_row_of_six_makes_three_pairs() -> None:
    """Six squares of 200 households make three connected grids of 400, proven the best."""
    grids = divided([200] * 6, 6)
    assert grids.grids["households"].tolist() == [400, 400, 400]
    assert grids.grids["grid_id"].tolist() == ["A-G01", "A-G02", "A-G03"]
    assert grids.grid_of.tolist() == [0, 0, 1, 1, 2, 2]
    assert grids.communities["status"].tolist() == ["optimal"]


def test_grids_stay_within_communities() -> None:
    """Two communities of 400 are a grid each, though their squares lie side by side."""
    grids = divided([200] * 4, 4, ["A", "A", "B", "B"])
    assert grids.grids["community_id"].tolist() == ["A", "B"]
    assert grids.grid_of.tolist() == [0, 0, 1, 1]


def test_a_large_unit_is_a_grid_of_its_own() -> None:
    """A square of 900 is told of; the 60 that it cuts off join it, the 400 beyond are divided off."""
    grids = divided([60, 900, 200, 200], 4)
    assert grids.grids[["kind", "households", "ok"]].to_numpy().tolist() == [
        ["large", 960, 1],
        ["divided", 400, 0],
    ]
    assert [f.code for f in grids.findings] == ["grids.own_numbers", "grids.large_units"]


def test_households_that_no_number_of_grids_holds() -> None:
    """550 households are neither one grid of 500 nor two of 300: said, and divided nearest to it."""
    grids = divided([110] * 5, 5)
    assert grids.communities["status"].tolist() == ["infeasible"]
    assert len(grids.grids) >= 1
    assert (grids.grid_of >= 0).all()
    (why,) = [f for f in grids.findings if f.code.startswith("grids.why")]
    assert why.code == "grids.why_numbers"
    assert (why.params["fewer"], why.params["more"]) == (1, 2)


def test_a_small_community_is_one_grid() -> None:
    """A community of 240 is one grid, below the bounds, with its reason."""
    grids = divided([120, 120], 2)
    assert grids.grids["ok"].tolist() == [-1]
    assert [f.code for f in grids.findings if f.severity == "warning"] == ["grids.why_few"]


def test_units_that_cannot_be_put_together() -> None:
    """Squares of 480, 100, 480 in a row fit by their sum (1,060) but not with connected grids."""
    grids = divided([480, 100, 480], 3)
    (why,) = [f for f in grids.findings if f.code.startswith("grids.why")]
    assert why.code == "grids.why_units"
    assert grids.communities["status"].tolist() == ["infeasible"]


def test_units_in_no_community_are_in_no_grid() -> None:
    """A square without a community is named and left out."""
    town = grid_town(3, households=[200, 200, 50], community_id=["A", "A", None])
    plan = plan_from_assignment(town, [("U000", "A"), ("U001", "A"), ("U002", None)])
    problem = pose_grids(plan, build_unit_graph(town), GridOptions())
    grids = make_grid_plan(plan, problem, divide_all(problem, GridParams()))
    assert grids.grid_of.tolist() == [0, 0, -1]
    assert [f.ids for f in grids.findings if f.code == "grids.nowhere"] == [("U002",)]


def test_a_chosen_community_alone() -> None:
    """With the name of one community only that one is divided."""
    grids = divided([200] * 4, 4, ["A", "A", "B", "B"], communities=("B",))
    assert grids.grids["community_id"].tolist() == ["B"]
    assert grids.grid_of.tolist() == [-1, -1, 0, 0]


def test_a_community_that_is_not_there_is_a_fault() -> None:
    """The name of a community that the plan does not have is an error that names it."""
    with pytest.raises(ValueError, match="Z"):
        divided([200] * 4, 4, communities=("Z",))


@pytest.mark.parametrize(
    ("households", "numbers"), [(299, []), (300, [1]), (550, []), (600, [2]), (1500, [3, 4, 5])]
)
def test_numbers_that_fit(households: int, numbers: list[int]) -> None:
    """How many grids of 300 to 500 can hold so many households."""
    assert list(numbers_that_fit(households, 300, 500)) == numbers


def partitions(n: int):
    """Give every way to label n units, each partition once."""
    labels = [0] * n

    def grow(at: int, used: int):
        if at == n:
            yield list(labels)
            return
        for label in range(used + 1):
            labels[at] = label
            yield from grow(at + 1, max(used, label + 1))

    yield from grow(0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_equal_to_every_division(seed: int) -> None:
    """Of eight squares, the division found costs as little as the best of all that are valid."""
    from commplan.problem.terms import compute_terms, objective
    from commplan.problem.validity import faults

    rng = np.random.default_rng(seed)
    households = rng.integers(60, 260, 8).tolist()
    town = grid_town(4, 2, households=households, community_id=["A"] * 8)
    plan = plan_from_assignment(town, [(unit, "A") for unit in town.units["unit_id"]])
    (piece,) = pose_grids(plan, build_unit_graph(town), GridOptions()).pieces
    costs = []
    for labels in partitions(8):
        tried = np.array(labels, dtype=np.int32)
        if not faults(piece.problem, tried):
            costs.append(objective(piece.problem, compute_terms(piece.problem, tried)))
    answer = divide(piece.problem, GridParams())
    if costs:
        assert answer.status is Status.OPTIMAL
        assert answer.objective == pytest.approx(min(costs))
    else:
        assert answer.status is Status.INFEASIBLE
        assert answer.reason
