"""Round a bound up where the cost of every plan is a whole multiple of one number."""

import math

import numpy as np

from commplan.optimise.communities.instance import edge_costs
from commplan.problem.communities import TERMS, CommunityProblem
from commplan.problem.proof import Proof, ProofPart

_EQUAL = 1e-9  # relative; multiples are told from others in floating point
_SLACK = 1e-6  # of a step, given up for rounding


def cost_step(problem: CommunityProblem) -> float:
    """Return the number of which every plan's cost is a multiple (households); 0 where none is.

    Edges that all cost the same make it so (numbers of cut edges), and moved households.
    """
    w = problem.weights
    if w.distance_household_km or w.area_imbalance_km2 or w.walk_household_min or w.far_households:
        return 0.0
    target = problem.target_households
    if w.imbalance_households and target != round(target):
        return 0.0
    units = np.array(
        [*edge_costs(problem), w.moved_households, w.communities, w.imbalance_households]
    )
    units = units[units > 0]
    if len(units) == 0:
        return 0.0
    step = float(units.min())
    times = units / step
    return step if bool((np.abs(times - np.rint(times)) <= _EQUAL * times).all()) else 0.0


def rounded_up(problem: CommunityProblem, proof: Proof) -> Proof:
    """Add the part that rounding up proves, if any."""
    step = cost_step(problem)
    total = sum(part.value for part in proof)
    if step <= 0 or total <= 0:
        return proof
    more = step * math.ceil(total / step - _SLACK) - total
    if more <= 0:
        return proof
    weighted = tuple(term for term in TERMS if getattr(problem.weights, term))
    units = np.arange(problem.n, dtype=np.int32)
    return (*proof, ProofPart("whole_steps", weighted, more, units, per_cost=1.0 / step))
