"""Costs that come in whole steps: a bound between two of them is rounded up."""

import math

import numpy as np

from commplan.certify.counts import edge_costs
from commplan.problem.communities import CommunityProblem

_OFF = 1e-9  # relative: how far a multiple may be off
_SLACK = 1e-6  # of a step, that a bound may lie above a multiple by rounding


def step_above(problem: CommunityProblem, bound: float) -> float:
    """Return how much further than ``bound`` the next cost is that a plan can have (households).

    Where the cost of every pair of neighbours that is parted, of a household moved or off the
    target and of a community is a multiple of one number, so is every plan's; 0 where none is.

    Parameters
    ----------
    problem : CommunityProblem
    bound : float
        Proven by other means (households).
    """
    w = problem.weights
    smooth = (w.distance_household_km, w.area_imbalance_km2, w.walk_household_min, w.far_households)
    between = w.imbalance_households > 0 and not float(problem.target_households).is_integer()
    if any(smooth) or between:
        return 0.0
    each = np.array([w.moved_households, w.communities, w.imbalance_households])
    costs = np.concatenate([edge_costs(problem), each])
    costs = costs[costs > 0]
    if len(costs) == 0:
        return 0.0
    step = float(costs.min())
    times = np.rint(costs / step)
    off = float(np.abs(costs / (times * step) - 1).max())
    if off > _OFF:
        return 0.0
    return step * math.ceil(bound / step - _SLACK) * (1 - off) - bound
