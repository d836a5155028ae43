"""A lower bound for problems with very many pairs: sites open or closed, units split.

Areas need not be connected for it, so that it holds for every valid answer.
"""

from dataclasses import dataclass, replace

import numpy as np

from commplan.optimise.joint.instance import Floats, Instance, near_pairs
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.milp import MilpOptions, solve_arrays
from commplan.optimise.stop import Clock

_NEAR = 10  # sites per unit


@dataclass(frozen=True)
class Proven:
    """A bound, and how far the relaxation that it comes from opens each site (-1: not at all)."""

    bound: float
    share: Floats
    nodes: int


def split_bound(instance: Instance, nodes: int, clock: Clock) -> Proven:
    """Prove a bound where units may be split but sites are open or closed.

    That a pair needs an open site is asked of each unit's nearest sites alone; for the others the
    households of the site say so.
    """
    pairs = np.isfinite(instance.cost)
    problem = instance.problem
    model = AreaModel(instance, pairs, problem.forced, problem.max_open, joined=False)
    arrays = model.arrays()
    near = near_pairs(instance, _NEAR)[model.unit, model.site][model.asks]
    kept = np.ones(len(arrays.row_lower), dtype=bool)
    first = int(model.inside.sum()) + 3 * len(model.sites)
    kept[first : first + len(near)] = near
    arrays = replace(
        arrays,
        matrix=arrays.matrix[np.flatnonzero(kept)],
        row_lower=arrays.row_lower[kept],
        row_upper=arrays.row_upper[kept],
    )
    integral = np.zeros(len(arrays.cost), dtype=bool)
    integral[: len(model.sites)] = True
    options = MilpOptions(time_limit_s=clock.left_s, node_limit=max(1, nodes), gap_rel=1e-4)
    answer = solve_arrays(replace(arrays, integral=integral), options)
    clock.over()
    share = np.full(instance.problem.m, -1.0)
    share[model.sites] = 0.0 if answer.values is None else answer.values[: len(model.sites)]
    return Proven(answer.bound, share, answer.nodes)
