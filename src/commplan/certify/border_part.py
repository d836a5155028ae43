"""Check one ``prices_border`` part: the plane, the loads, the prices."""

import numpy as np

from commplan.certify.borders import Prices, undercut
from commplan.certify.counts import edge_costs
from commplan.certify.ground import Floats, Ground, Ints
from commplan.certify.parts import Derived
from commplan.certify.plane import dual_of, rotation_of
from commplan.certify.pricing import Rule
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import ProofPart
from commplan.problem.terms import sum_by

_NUDGE = 1e-6  # whole numbers are rounded down from this much more, which the value gives back
_LARGEST = 2.0**52  # sums of whole numbers stay exact
_NEAR = 1e-6  # of a step of load, for rounding


def border_value(
    problem: CommunityProblem, ground: Ground, part: ProofPart, *, whole: bool
) -> Derived:
    """Work out what the prices of a part prove, if no community is found that costs less.

    Parameters
    ----------
    problem : CommunityProblem
    ground : Ground
    part : ProofPart
    whole : bool
        The part holds all units of its areas.
    """
    n = int(part.node.max()) + 1
    if not len(part.prices) == len(part.load) == n or part.per_cost <= 0 or part.load.min() < 0:
        return Derived(None, "lengths")
    pairs, cost = _drawn(problem, part, n)
    sums = float(cost.sum()) * part.per_cost, float(np.abs(part.prices.astype(np.float64)).sum())
    if max(*sums, float(part.load.astype(np.float64).sum()) * max(1, part.rate)) > _LARGEST:
        return Derived(None, "large")
    whole = whole and len(np.unique(ground.area[part.units])) == 1
    whole = whole and _all_drawn(problem, part, pairs)
    households = sum_by(part.node, problem.households[part.units], n)
    reason = _loads_fit(part, households, whole=whole)
    if reason:
        return Derived(None, reason)
    rotation = rotation_of(n, pairs)
    plane = None if rotation is None else dual_of(pairs, rotation)
    if plane is None or not plane.is_sound():
        return Derived(None, "plane")
    half = np.floor(0.5 * cost * part.per_cost + _NUDGE).astype(np.int64)
    rule = Rule(part.rate, part.low_load, part.high_load, part.extra)
    claim = Prices(half, part.prices.astype(np.int64), part.load, rule)
    fault = undercut(plane, claim)
    if fault is not None:
        units = part.units[np.isin(part.node, fault.nodes)]
        lack = {"lack": f"{fault.lack / part.per_cost:,.3f}", "units": len(units)}
        return Derived(None, fault.reason, lack, tuple(units.tolist()))
    value = int(part.prices.sum()) + part.fewest * part.extra
    return Derived((value - 2 * len(pairs) * _NUDGE) / part.per_cost)


def _drawn(problem: CommunityProblem, part: ProofPart, n: int) -> tuple[Ints, Floats]:
    """Pairs of nodes whose border costs something and was not left out, and its cost."""
    place = np.full(problem.n, -1, dtype=np.int64)
    place[part.units] = part.node
    e, cost = problem.edges, edge_costs(problem)
    tail, head = place[e.tail], place[e.head]
    inner = (tail >= 0) & (head >= 0) & (tail != head) & (cost > 0)
    key = np.minimum(tail, head)[inner] * n + np.maximum(tail, head)[inner]
    left_out = part.dropped.min(axis=1).astype(np.int64) * n + part.dropped.max(axis=1)
    keys, inverse = np.unique(key, return_inverse=True)
    sums = sum_by(inverse, cost[inner], len(keys))
    kept = ~np.isin(keys, left_out)
    return np.column_stack([keys[kept] // n, keys[kept] % n]), sums[kept]


def _all_drawn(problem: CommunityProblem, part: ProofPart, pairs: Ints) -> bool:
    """Whether every open edge between nodes is drawn: communities are connected in the plane."""
    place = np.full(problem.n, -1, dtype=np.int64)
    place[part.units] = part.node
    e = problem.edges
    tail, head = place[e.tail], place[e.head]
    opened = e.is_open & (problem.part[e.tail] == problem.part[e.head])
    opened &= (tail >= 0) & (head >= 0) & (tail != head)
    n = int(part.node.max()) + 1
    key = np.minimum(tail, head)[opened] * n + np.maximum(tail, head)[opened]
    return bool(np.isin(key, pairs[:, 0] * n + pairs[:, 1]).all())


def _loads_fit(part: ProofPart, households: Floats, *, whole: bool) -> str:
    """Whether the loads of all communities lie where the part says; why not, if not.

    A price for being one more community is only asked of communities that are surely met.
    """
    if np.floor(most_load(part.load, households, part.high) + _NEAR) > part.high_load:
        return "load"
    total = float(households.sum())
    most = most_load(part.load, households, max(0.0, total - part.low))
    least = int(np.ceil(float(part.load.sum()) - most - _NEAR)) if whole else 0
    if part.low_load > max(1, least) or part.rate < 0 or part.extra < 0:
        return "load"
    return "load" if part.extra > 0 and least < 1 else ""


def most_load(load: Ints, households: Floats, high: float) -> float:
    """Most load of nodes of at most ``high`` households, shares of nodes allowed.

    Parameters
    ----------
    load : int64 array, shape (n,)
    households : float64 array, shape (n,)
    high : float
    """
    some = households > 0
    dense = np.argsort(-load[some] / households[some], kind="stable")
    held = np.append(0.0, np.cumsum(households[some][dense]))
    loads = np.append(0.0, np.cumsum(load[some][dense]))
    return float(np.interp(high, held, loads)) + float(load[~some].sum())
