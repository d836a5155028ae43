"""Which group of rules to loosen where the rules together are proven impossible.

HiGHS names irreducible causes for linear programmes only, so the groups of rules are loosened one
at a time and the small case is settled anew: each way out that is offered was tried.
"""

import numpy as np

from commplan.optimise.communities.infeasible import find_causes
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.small import settle
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Cause, Remedy

_MOST_UNITS = 400


def joint_cause(problem: CommunityProblem, units: tuple[int, ...], clock: Clock) -> Cause:
    """Word what is impossible for ``units``, with the ways out that were tried and work."""
    households = int(problem.households[list(units)].sum())
    params = {
        "households": households,
        "min": problem.min_households,
        "max": problem.max_households,
        "count": len(units),
    }
    ways: dict[str, Remedy] = {}
    for remedy, looser in _ways(problem, units):
        if remedy.code in ways or problem.n > _MOST_UNITS or clock.over():
            continue
        if _works(looser, clock):
            ways[remedy.code] = remedy
    return Cause(
        "causes.together", params, units, int(problem.part[units[0]]), tuple(ways.values())
    )


def _works(problem: CommunityProblem, clock: Clock) -> bool:
    if find_causes(problem):
        return False
    reduced = presolve(problem, np.ones(problem.n, dtype=np.bool_))
    return settle(problem, reduced, clock) is True


def _ways(
    problem: CommunityProblem, units: tuple[int, ...]
) -> list[tuple[Remedy, CommunityProblem]]:
    """Loosened problems, the mildest of each kind first."""
    e = problem.edges
    ways = []
    if (problem.group >= 0).any():
        free = problem.replace(group=np.full(problem.n, -1, dtype=np.int32))
        ways.append((Remedy("causes.release_group", {}, _where(problem.group >= 0, units)), free))
    if problem.locked.any():
        free = problem.replace(locked=np.zeros(problem.n, dtype=np.bool_))
        ways.append((Remedy("causes.release_locks", {}, _where(problem.locked, units)), free))
    if not e.is_open.all():
        opened = Edges(e.tail, e.head, e.border_km, e.soft_border_km, np.ones_like(e.is_open))
        ways.append((Remedy("causes.open_crossing", {}, units), problem.replace(edges=opened)))
    if len(np.unique(problem.part)) > 1:
        ways.append(
            (Remedy("causes.drop_part_line"), problem.replace(part=np.zeros_like(problem.part)))
        )
    low, high = problem.min_households, problem.max_households
    for share in (0.95, 0.9, 0.8, 0.65, 0.5):
        to = int(low * share)
        ways.append((Remedy("causes.lower_min", {"to": to}), problem.replace(min_households=to)))
    for share in (1.05, 1.1, 1.25, 1.5, 2.0):
        to = int(np.ceil(high * share))
        ways.append((Remedy("causes.raise_max", {"to": to}), problem.replace(max_households=to)))
    return ways


def _where(mask: object, units: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(u for u in units if np.asarray(mask)[u])
