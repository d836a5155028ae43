"""Proofs by separators: they hold, they end, and separators keep every connected answer."""

import numpy as np
import pytest
from joint_cases import dense, grid, row_of, valid_answers

from commplan.optimise.joint.cutting import Proof, Root
from commplan.optimise.joint.instance import Ints, instance_of
from commplan.optimise.joint.merge import Merging
from commplan.optimise.joint.params import BoundParams
from commplan.optimise.joint.separators import Separation, reachable
from commplan.optimise.joint.solve import JointParams, solve_joint
from commplan.optimise.milp_arrays import MilpArrays
from commplan.optimise.milp_rows import GrowingModel, dual_bound
from commplan.optimise.stop import Clock
from commplan.problem.joint import JointProblem, joint_cost


def as_it_is(site_of: Ints) -> Ints:
    """Mend nothing."""
    return site_of


def proof_from(problem: JointProblem, answer: Ints, work: BoundParams) -> Proof:
    """Make a proof that knows of one answer."""
    instance = instance_of(problem)
    root = Root(instance, joint_cost(problem, answer))
    return Proof(root, work, Merging(instance), as_it_is)


@pytest.mark.parametrize("seed", range(12))
def test_the_proof_finds_the_best_from_the_worst(seed: int) -> None:
    """From the dearest valid answer on, branching ends at the best one and proves it."""
    problem = grid(seed).replace(forced=np.ones(3, dtype=bool))
    valid = valid_answers(problem)
    if not valid:
        assert solve_joint(problem, JointParams(prove=False)).site_of is None
        return
    best = joint_cost(problem, valid[0])
    proof = proof_from(problem, valid[-1], BoundParams())
    proof.run(Clock())
    assert proof.root.known == pytest.approx(best)
    assert proof.bound == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_without_branching_holds(seed: int) -> None:
    """Rounds of separators alone stay below the best answer."""
    problem = grid(seed).replace(forced=np.ones(3, dtype=bool))
    valid = valid_answers(problem)
    if valid:
        proof = proof_from(problem, valid[0], BoundParams(rounds=30, nodes=0))
        proof.run(Clock())
        assert proof.bound <= joint_cost(problem, valid[0]) + 1e-6
        assert proof.root.known == joint_cost(problem, valid[0])


@pytest.mark.parametrize("seed", range(6))
def test_separators_are_broken_by_shares_and_kept_by_answers(seed: int) -> None:
    """Rows cut off the shares that they were made from, and no connected area within bounds."""
    problem = grid(seed, 3, 3, 2).replace(forced=np.ones(2, dtype=bool))
    instance = instance_of(problem)
    pairs = np.isfinite(instance.cost)
    share = np.random.default_rng(seed).random(pairs.shape) * pairs
    share[problem.site_unit] = 0.0
    share[problem.site_unit, np.arange(2)] = 1.0
    cuts = Separation(instance)(pairs, share)
    for cut in cuts:
        assert share[cut.unit, cut.site] > share[cut.separator, cut.site].sum()
    for answer in valid_answers(problem):
        for cut in cuts:
            assert answer[cut.unit] != cut.site or (answer[cut.separator] == cut.site).any()


def test_a_way_that_is_too_full_needs_no_wall() -> None:
    """On a ring of six, a unit opposite is asked for the short way alone: the other is too full."""
    problem = row_of(6, (0,), amount=np.array([1.0, 1, 1, 1, 5, 5]), high=np.array([6.0]))
    ends = np.append(problem.tail, 5), np.append(problem.head, 0)
    problem = problem.replace(
        tail=ends[0].astype(np.int32), head=ends[1].astype(np.int32), cost=dense(np.ones((6, 1)))
    )
    instance = instance_of(problem)
    share = np.array([[1.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    cuts = Separation(instance)(np.ones((6, 1), dtype=bool), share)
    assert [cut.separator.tolist() for cut in cuts if cut.unit == 3] == [[1], [2]]


def test_units_too_far_for_the_room_are_left_out() -> None:
    """In a row of ones, a room for three reaches two units beyond its own."""
    problem = row_of(6, (0, 5), high=np.array([3.0, 4.0]))
    kept = reachable(instance_of(problem), np.ones((6, 2), dtype=bool))
    assert kept[:, 0].tolist() == [True, True, True, False, False, False]
    assert kept[:, 1].tolist() == [False, False, True, True, True, True]


def test_a_growing_model_takes_rows_and_gives_them_back() -> None:
    """Two columns: least sum, then at least 1 together, then no more; a column at zero stays."""
    from scipy import sparse

    one = sparse.csr_array(np.array([[1.0, 1.0]]))
    model = MilpArrays(
        np.array([1.0, 2.0]), one, np.zeros(1), np.full(1, 9.0), np.zeros(2), np.ones(2)
    )
    lp = GrowingModel(model)
    values = []
    for step in range(4):
        if step == 1:
            lp.add(one, np.ones(1), np.full(1, np.inf))
        if step == 2:
            lp.bind(np.array([0]), np.zeros(1), np.zeros(1))
        if step == 3:
            lp.keep(np.array([True, False]))
        answer = lp.solve()
        assert answer is not None
        values.append(answer.bound)
    assert values == pytest.approx([0.0, 1.0, 2.0, 0.0])


@pytest.mark.parametrize("price", [-3.0, 0.0, 0.5, 1.0, 4.0])
def test_any_prices_prove_a_bound(price: float) -> None:
    """The bound of a price is never above the optimum of 1, and the right price proves it."""
    from scipy import sparse

    row = sparse.csr_array(np.array([[1.0, 1.0]]))
    model = MilpArrays(
        np.array([1.0, 2.0]), row, np.ones(1), np.full(1, np.inf), np.zeros(2), np.ones(2)
    )
    bound, _ = dual_bound(model, np.array([price]))
    assert bound <= 1.0
    assert (bound == pytest.approx(1.0)) == (1.0 <= price <= 2.0)
