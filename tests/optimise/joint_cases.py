"""Small joint problems for tests, and the best answer by trying everything."""

from itertools import product

import numpy as np
from scipy import sparse

from commplan.problem.joint import JointProblem, joint_cost, joint_faults


def dense(cost: np.ndarray) -> sparse.csr_array:
    """Make a matrix with an entry for every finite pair, zeros among them."""
    n, m = cost.shape
    row, site = np.nonzero(np.isfinite(cost))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])
    return sparse.csr_array((cost[row, site], site.astype(np.int32), start), shape=(n, m))


def row_of(n: int, ends: tuple[int, ...], **fields: object) -> JointProblem:
    """Make n units of one household in a row, with sites at ``ends``; cost: steps to the site."""
    site_unit = np.array(ends, dtype=np.int32)
    m = len(ends)
    given: dict[str, object] = {
        "amount": np.ones(n),
        "cost": dense(np.abs(np.arange(n)[:, None] - site_unit[None, :]).astype(float)),
        "open_cost": np.zeros(m),
        "site_unit": site_unit,
        "low": np.zeros(m),
        "high": np.full(m, float(n)),
        "forced": np.zeros(m, dtype=bool),
        "tail": np.arange(n - 1, dtype=np.int32),
        "head": np.arange(1, n, dtype=np.int32),
    }
    return JointProblem(**(given | fields))  # type: ignore[arg-type]


def grid(seed: int, wide: int = 3, high: int = 3, m: int = 3) -> JointProblem:
    """Make a random small town on a grid with m sites."""
    rng = np.random.default_rng(seed)
    n = wide * high
    at = np.arange(n).reshape(high, wide)
    east = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    north = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    ends = np.concatenate([east, north]).astype(np.int32)
    amount = rng.integers(1, 6, n).astype(float)
    site_unit = rng.choice(n, m, replace=False).astype(np.int32)
    total = amount.sum()
    return JointProblem(
        amount=amount,
        cost=dense(rng.integers(0, 30, (n, m)).astype(float)),
        open_cost=rng.integers(0, 20, m).astype(float),
        site_unit=site_unit,
        low=np.full(m, rng.integers(0, 4), dtype=float),
        high=np.full(m, np.ceil(total * rng.uniform(0.5, 0.9))),
        forced=rng.random(m) < 0.3,
        tail=ends[:, 0].copy(),
        head=ends[:, 1].copy(),
    )


def enumerated(problem: JointProblem) -> float:
    """Return the least cost of any valid answer, infinite where there is none."""
    best = np.inf
    for labels in product(range(problem.m), repeat=problem.n):
        site_of = np.array(labels, dtype=np.int32)
        cost = joint_cost(problem, site_of)
        if cost < best and not joint_faults(problem, site_of):
            best = cost
    return best


def valid_answers(problem: JointProblem) -> list[np.ndarray]:
    """List every valid answer with all sites open, the dearest last."""
    own = {int(unit): (j,) for j, unit in enumerate(problem.site_unit)}
    choices = [own.get(i, tuple(range(problem.m))) for i in range(problem.n)]
    answers = [np.array(labels, dtype=np.int32) for labels in product(*choices)]
    valid = [a for a in answers if np.isfinite(joint_cost(problem, a))]
    valid = [a for a in valid if not joint_faults(problem, a)]
    return sorted(valid, key=lambda answer: joint_cost(problem, answer))
