"""Reasons why nothing is valid, each proven by counting.

Every cause here is a proof: a set of units that must be together but is too large, or a set that
must be divided within itself but cannot be. What these do not see (and no small case settles,
see ``least``) is left open. Ways out are found and tried in ``ways_out``.
"""

from dataclasses import dataclass

import numpy as np

from commplan.optimise.communities.counts import count_range
from commplan.optimise.communities.infeasible_limits import (
    large_bundles,
    large_units,
    least_moved,
    no_number,
)
from commplan.optimise.communities.instance import Ints, Positions
from commplan.optimise.communities.presolve import (
    Bools,
    Reduced,
    grandfathered,
    open_pairs,
    pieces,
    presolve,
    ties,
)
from commplan.problem.communities import CommunityProblem
from commplan.problem.result import Cause


@dataclass(frozen=True)
class _Facts:
    """What the checks share."""

    problem: CommunityProblem
    reduced: Reduced
    kept: list[Ints]  # today's communities that may stay out of bounds
    excused: Bools  # exempt units and those of ``kept``


def find_causes(problem: CommunityProblem) -> tuple[Cause, ...]:
    """List every proven cause, those that concern single units first."""
    kept = grandfathered(problem)
    excused = problem.exempt.copy()
    for units in kept:
        excused[units] = True
    facts = _Facts(problem, presolve(problem, np.ones(problem.n, dtype=np.bool_)), kept, excused)
    causes = [*_large_units(facts), *large_units(problem, excused), *_ties(facts)]
    named = {u for cause in causes for u in cause.units}
    areas = [
        cause
        for cause in _components(facts)
        if cause.code != "causes.attributes_no_number" or not named.intersection(cause.units)
    ]
    # Where an area as a whole cannot be shared out, pockets inside it are the same story.
    told = named.union(*(cause.units for cause in areas)) if areas else named
    bundles = [*_large_bundles(facts), *large_bundles(problem, facts.reduced.bundle, excused)]
    causes += [c for c in bundles if not told.intersection(c.units)]
    causes += areas
    return tuple(causes) or (*_out_of_range(facts), *least_moved(problem, facts.reduced))


def _large_units(facts: _Facts) -> list[Cause]:
    problem = facts.problem
    large = np.flatnonzero((problem.households > problem.max_households) & ~facts.excused)
    return [
        Cause(
            "causes.unit_too_large",
            {"households": int(problem.households[u]), "max": problem.max_households},
            (int(u),),
            int(problem.part[u]),
        )
        for u in large
    ]


def _sets(numbers: Ints) -> list[Positions]:
    """Positions by number, sets of one left out."""
    order = np.argsort(numbers, kind="stable")
    starts = np.unique(numbers[order], return_index=True)[1][1:]
    return [units for units in np.split(order, starts) if len(units) > 1]


def _ties(facts: _Facts) -> list[Cause]:
    """Find groups and locks that contradict the map or each other."""
    problem = facts.problem
    tail, head = open_pairs(problem)
    island = pieces(problem.n, tail, head)
    causes = []
    for units in _sets(ties(problem)):
        causes += _conflicting_locks(problem, units)
        kind = "group" if (problem.group[units] >= 0).any() else "locks"
        parts, count = len(np.unique(problem.part[units])), len(np.unique(island[units]))
        if parts > 1:
            code = f"causes.{kind}_across_parts"
        elif count > 1:
            code = f"causes.{kind}_apart"
        else:
            continue
        part = int(problem.part[units[0]]) if parts == 1 else None
        params = {"parts": parts, "pieces": count, "count": len(units)}
        causes.append(Cause(code, params, tuple(units.tolist()), part))
    return causes


def _conflicting_locks(problem: CommunityProblem, units: Positions) -> list[Cause]:
    """Find locked units of two old communities that a group ties together."""
    locked = units[problem.locked[units] & (problem.today[units] >= 0)]
    old = len(np.unique(problem.today[locked]))
    if old < 2:
        return []
    return [Cause("causes.locks_conflict", {"count": old}, tuple(units.tolist()))]


def _large_bundles(facts: _Facts) -> list[Cause]:
    """Units that must be together and are too many households."""
    problem, bundle = facts.problem, facts.reduced.bundle
    total = np.bincount(bundle, problem.households)
    excused = np.bincount(bundle, facts.excused) > 0
    tie = ties(problem)
    causes = []
    for b in np.flatnonzero((total > problem.max_households) & ~excused):
        units = np.flatnonzero(bundle == b)
        if len(units) == 1:
            continue  # told as a unit that is too large
        params = {"households": int(total[b]), "max": problem.max_households, "count": len(units)}
        tied = np.unique(tie[units])
        if len(tied) == 1 and not facts.reduced.pocketed[units].any():
            kind = "group" if (problem.group[units] >= 0).any() else "locks"
            code = f"causes.{kind}_too_large"
        else:
            small = units[facts.reduced.pocketed[units]]
            params |= {
                "pocket_households": int(problem.households[small].sum()),
                "min": problem.min_households,
            }
            code = "causes.cut_pocket_too_large"
        part = int(problem.part[units[0]])
        causes.append(Cause(code, params, tuple(units.tolist()), part))
    return causes


def _components(facts: _Facts) -> list[Cause]:
    """Open components whose households no number of communities can share out."""
    problem, component = facts.problem, facts.reduced.component
    low, high = problem.min_households, problem.max_households
    total = np.bincount(component, problem.households).astype(np.int64)
    excused = np.bincount(component, problem.exempt) > 0
    for old in facts.kept:
        excused[component[old[0]]] = True
    causes = []
    for c in np.flatnonzero(~excused):
        households = int(total[c])
        fewest = -(-households // high) if high > 0 else 0
        if max(1, fewest) * low <= households and not problem.attributes:
            continue
        units = np.flatnonzero(component == c)
        if max(1, fewest) * low <= households:
            causes += no_number(problem, units)
            continue
        part = int(problem.part[units[0]])
        whole = len(units) == int((problem.part == part).sum())
        if households < low:
            causes.append(_too_few(problem, units, part, whole))
        else:
            causes.append(_no_number(problem, units, part, fewest))
    return causes


def _too_few(problem: CommunityProblem, units: Positions, part: int, whole: bool) -> Cause:
    households = int(problem.households[units].sum())
    params = {"households": households, "min": problem.min_households, "count": len(units)}
    code = "causes.part_too_small" if whole else "causes.pocket"
    if len(units) == problem.n:
        code = "causes.whole_too_small"
    return Cause(code, params, tuple(units.tolist()), part)


def _no_number(problem: CommunityProblem, units: Positions, part: int, fewest: int) -> Cause:
    """Explain a sum between what k communities can hold and what k + 1 must."""
    households = int(problem.households[units].sum())
    params = {
        "households": households,
        "min": problem.min_households,
        "max": problem.max_households,
        "fewer": fewest - 1,
        "more": fewest,
        "most_of_fewer": (fewest - 1) * problem.max_households,
        "least_of_more": fewest * problem.min_households,
    }
    return Cause("causes.no_number_fits", params, tuple(units.tolist()), part)


def _out_of_range(facts: _Facts) -> list[Cause]:
    """Find that all areas together can hold only fewer or more communities than are asked for."""
    problem = facts.problem
    low, high = problem.min_communities, problem.max_communities
    if facts.excused.any() or (low <= 1 and high is None) or problem.n == 0:
        return []
    total = np.bincount(facts.reduced.component, problem.households).astype(np.int64)
    bundles = facts.reduced.bundle
    size = np.unique(
        np.column_stack([facts.reduced.component, bundles]), axis=0, return_counts=False
    )
    atoms = np.bincount(size[:, 0], minlength=len(total))
    areas = [np.flatnonzero(facts.reduced.component == c) for c in range(len(total))]
    counted = np.array([count_range(problem, units) for units in areas])
    fewest, most = counted[:, 0], np.minimum(atoms, counted[:, 1])
    least, largest = int(fewest.sum()), int(np.maximum(most, 1).sum())
    if least <= (largest if high is None else high) and largest >= low:
        return []
    params = {
        "low": low,
        "high": largest if high is None else high,
        "fewest": least,
        "most": largest,
        "households": int(problem.households.sum()),
    }
    units = tuple(range(problem.n))
    return [Cause("causes.number_out_of_range", params, units)]
