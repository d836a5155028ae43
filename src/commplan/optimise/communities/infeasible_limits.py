"""Reasons why nothing is valid that lie in attributes or in the limit on moved households.

Proven by counting, as in ``infeasible``.
"""

from math import ceil

import numpy as np

from commplan.optimise.communities.bounds import component_sizes, moved_bound
from commplan.optimise.communities.counts import count_range
from commplan.optimise.communities.instance import Ints, Positions
from commplan.optimise.communities.presolve import Bools, Reduced
from commplan.problem.communities import Attribute, CommunityProblem, shown_amount
from commplan.problem.result import Cause


def large_units(problem: CommunityProblem, excused: Bools) -> list[Cause]:
    """Find units that are too much of an attribute by themselves."""
    return [
        Cause(
            "causes.attribute_unit_too_large",
            _amounts(a, int(a.amount[u])),
            (int(u),),
            int(problem.part[u]),
        )
        for a in problem.attributes
        for u in np.flatnonzero((a.amount > a.high) & ~excused)
    ]


def _amounts(attribute: Attribute, amount: int) -> dict[str, object]:
    name = attribute.name
    return {
        "attribute": name,
        "amount": shown_amount(name, amount),
        "max": shown_amount(name, attribute.high),
        "needed": amount,
    }


def large_bundles(problem: CommunityProblem, bundle: Ints, excused: Bools) -> list[Cause]:
    """Find units that must be together and are too much of an attribute."""
    causes = []
    free = np.bincount(bundle, excused) > 0
    size = np.bincount(bundle)
    for a in problem.attributes:
        total = np.bincount(bundle, a.amount)
        for b in np.flatnonzero((total > a.high) & ~free & (size > 1)):
            units = np.flatnonzero(bundle == b)
            if (a.amount[units] > a.high).any():
                continue  # told as a unit
            params = _amounts(a, int(total[b])) | {"count": len(units)}
            part = int(problem.part[units[0]])
            found = ("causes.attribute_bundle_too_large", params, tuple(units.tolist()), part)
            causes.append(Cause(*found))
    return causes


def no_number(problem: CommunityProblem, units: Positions) -> list[Cause]:
    """Find that households and attributes together leave an area no number of communities."""
    fewest, most = count_range(problem, units)
    if fewest <= most:
        return []
    own = Attribute(
        "households", problem.households, problem.min_households, problem.max_households
    )
    every = [own, *problem.attributes]
    alone = [
        (count_range(problem.replace(**_only(a)), units), a) for a in every
    ]  # what each leaves by itself
    (more, _), needs = max(alone, key=lambda found: found[0][0])
    (_, fewer), allows = min(alone, key=lambda found: found[0][1])
    params = {
        "attribute_more": needs.name,
        "total_more": shown_amount(needs.name, int(needs.amount[units].sum())),
        "max": shown_amount(needs.name, needs.high),
        "fewest": more,
        "attribute_fewer": allows.name,
        "total_fewer": shown_amount(allows.name, int(allows.amount[units].sum())),
        "min": shown_amount(allows.name, allows.low),
        "most": fewer,
        "count": len(units),
    }
    part = int(problem.part[units[0]])
    return [Cause("causes.attributes_no_number", params, tuple(units.tolist()), part)]


def _only(attribute: Attribute) -> dict[str, object]:
    """Return the changes after which ``attribute`` alone counts."""
    if attribute.name == "households":
        return {"attributes": ()}
    return {"min_households": 0, "max_households": 2**62, "attributes": (attribute,)}


def least_moved(problem: CommunityProblem, reduced: Reduced) -> list[Cause]:
    """Find that more households have to move than may."""
    limit = problem.max_moved_households
    if limit is None or problem.exempt.any():
        return []
    numbers = np.unique(reduced.component)
    areas = [np.flatnonzero(reduced.component == c).astype(np.int32) for c in numbers]
    sizes = [component_sizes(problem, reduced, units) for units in areas]
    least = ceil(moved_bound(problem, areas, sizes) - 1e-6)
    if least <= limit:
        return []
    return [Cause("causes.moved_limit", {"least": least, "max": limit}, tuple(range(problem.n)))]
