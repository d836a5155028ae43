"""The least set of groups of rules that cannot be met together.

A deletion filter as for irreducible infeasible systems (Chinneck & Dravnieks 1991), over groups of
rules instead of single rows: a group without which it is still proven impossible is left out.
"""

from collections.abc import Callable

import numpy as np

from commplan.optimise.communities.infeasible import find_causes
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.relax import take_units
from commplan.optimise.communities.small import settle
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Cause


def joint_cause(problem: CommunityProblem, units: tuple[int, ...]) -> Cause:
    """Word that going through every division of ``units`` found none that is valid."""
    params = {
        "households": int(problem.households[list(units)].sum()),
        "min": problem.min_households,
        "max": problem.max_households,
        "count": len(units),
        "rules": tuple(rules_in_play(problem)),
    }
    return Cause("causes.together", params, units, int(problem.part[units[0]]))


def least_rules(problem: CommunityProblem, units: tuple[int, ...], clock: Clock) -> tuple[str, ...]:
    """Find groups of rules that cannot be met together, none of which can be left out.

    Parameters
    ----------
    problem : CommunityProblem
    units : tuple of int
        Units for which it is proven that nothing is valid.
    clock : Clock

    Returns
    -------
    tuple of str
        Of ``"locks"``, ``"groups"``, ``"lines"``, ``"barriers"``, ``"min"``, ``"max"``,
        ``"number"``, ``"attributes"``, ``"moved"``. A group stays where it is too hard to say
        whether it can go.
    """
    left = problem if len(units) == problem.n else take_units(problem, np.array(units))
    needed = []
    for rule in rules_in_play(left):
        looser = _DROP[rule](left)
        if not clock.over() and _impossible(looser, clock):
            left = looser
        else:
            needed.append(rule)
    return tuple(needed)


def rules_in_play(problem: CommunityProblem) -> list[str]:
    """Return the groups of rules that say anything, those of this place before those of all."""
    e = problem.edges
    says = {
        "locks": bool((problem.locked & (problem.today >= 0)).any()),
        "groups": bool((problem.group >= 0).any()),
        "lines": len(np.unique(problem.part)) > 1,
        "barriers": not e.is_open.all(),
        "number": problem.min_communities > 0 or problem.max_communities is not None,
        "min": problem.min_households > 0,
        "max": problem.max_households < int(problem.households.sum()),
        "attributes": bool(problem.attributes),
        "moved": problem.max_moved_households is not None,
    }
    return [rule for rule, found in says.items() if found]


def _impossible(problem: CommunityProblem, clock: Clock) -> bool:
    if find_causes(problem):
        return True
    reduced = presolve(problem, np.ones(problem.n, dtype=np.bool_))
    return settle(problem, reduced, clock) is False


def _open_all(problem: CommunityProblem) -> CommunityProblem:
    e = problem.edges
    is_open = np.ones_like(e.is_open)
    return problem.replace(edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, is_open))


_DROP: dict[str, Callable[[CommunityProblem], CommunityProblem]] = {
    "locks": lambda p: p.replace(locked=np.zeros_like(p.locked)),
    "groups": lambda p: p.replace(group=np.full_like(p.group, -1)),
    "lines": lambda p: p.replace(part=np.zeros_like(p.part)),
    "barriers": _open_all,
    "number": lambda p: p.replace(min_communities=0, max_communities=None),
    "min": lambda p: p.replace(min_households=0),
    "max": lambda p: p.replace(max_households=int(p.households.sum())),
    "attributes": lambda p: p.replace(attributes=()),
    "moved": lambda p: p.replace(max_moved_households=None),
}
