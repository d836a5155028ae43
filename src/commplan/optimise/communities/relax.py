"""Loosening one rule: what a way out changes in the problem, and how much of the rule it gives up."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.loosened import worth_households
from commplan.optimise.communities.presolve import open_pairs, pieces
from commplan.problem.communities import Attribute, CommunityProblem, Edges
from commplan.problem.result import Remedy
from commplan.problem.successors import match_successors
from commplan.problem.terms import moved_households, renumber, sum_by

Units = NDArray[np.int64]


def apply_remedy(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    """Return the problem with one rule loosened as ``remedy`` says.

    Parameters
    ----------
    problem : CommunityProblem
    remedy : Remedy
        Of a `Cause`. ``split_unit`` appends the pieces beyond the first as new units.

    Returns
    -------
    CommunityProblem

    Raises
    ------
    KeyError
        For a code that is no way out.
    """
    return _CHANGES[remedy.code](problem, remedy)


def _exempt(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    exempt = problem.exempt.copy()
    exempt[list(remedy.units)] = True
    return problem.replace(exempt=exempt)


def _raise_max(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    return problem.replace(max_households=max(problem.max_households, number_of(remedy)))


def _lower_min(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    return problem.replace(min_households=min(problem.min_households, number_of(remedy)))


def _free_groups(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    group = problem.group.copy()
    group[list(remedy.units)] = -1
    return problem.replace(group=group)


def _free_locks(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    locked = problem.locked.copy()
    locked[list(remedy.units)] = False
    return problem.replace(locked=locked)


def _join_parts(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    parts = [int(p) for p in remedy.params["lines"]]  # type: ignore[attr-defined]
    part = np.where(np.isin(problem.part, parts), min(parts), problem.part)
    return problem.replace(part=part.astype(np.int32))


def _open_pair(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    a, b = sorted(remedy.units)
    e = problem.edges
    there = (e.tail == a) & (e.head == b)
    if there.any():
        return problem.replace(
            edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, e.is_open | there)
        )
    at = int(np.searchsorted(e.tail.astype(np.int64) * problem.n + e.head, a * problem.n + b))
    return problem.replace(
        edges=Edges(
            np.insert(e.tail, at, a),
            np.insert(e.head, at, b),
            np.insert(e.border_km, at, 0.0),
            np.insert(e.soft_border_km, at, 0.0),
            np.insert(e.is_open, at, True),
        )
    )


def _loosen_attribute(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    name, to = remedy.params["attribute"], number_of(remedy)
    higher = remedy.code == "causes.raise_attribute"
    changed = [
        a
        if a.name != name
        else replace(a, high=max(a.high, to))
        if higher
        else replace(a, low=min(a.low, to))
        for a in problem.attributes
    ]
    return problem.replace(attributes=tuple(changed))


def _let_move(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    limit = problem.max_moved_households
    to = None if limit is None else max(limit, number_of(remedy))
    return problem.replace(max_moved_households=to)


def _number(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    to = number_of(remedy)
    if remedy.code == "causes.fewer_communities":
        return problem.replace(min_communities=min(problem.min_communities, to))
    most = problem.max_communities
    return problem.replace(max_communities=None if most is None else max(most, to))


def _split(problem: CommunityProblem, remedy: Remedy) -> CommunityProblem:
    """Cut a unit into equal pieces; each touches the others and all its neighbours."""
    n, u = problem.n, remedy.units[0]
    count = int(str(remedy.params["pieces"]))
    rows = np.r_[np.arange(n), np.full(count - 1, u)]
    whole, area = int(problem.households[u]), problem.area_km2[u] / count
    pieces_at = np.r_[u, np.arange(n, n + count - 1)]
    larger = take_rows(problem, rows)
    households, areas = larger["households"].copy(), larger["area_km2"].copy()
    households[pieces_at] = whole // count + (np.arange(count) < whole % count)
    areas[pieces_at] = area
    attributes = tuple(_shared(a, pieces_at) for a in larger["attributes"])
    e = problem.edges
    beside = np.unique(np.r_[e.head[(e.tail == u) & e.is_open], e.tail[(e.head == u) & e.is_open]])
    new = np.arange(n, n + count - 1)
    tail = np.r_[e.tail, np.tile(beside, len(new)), np.full(len(new), u)]
    head = np.r_[e.head, np.repeat(new, len(beside)), new]
    inner = [(a, b) for a in new for b in new if a < b]
    tail = np.r_[tail, [a for a, _ in inner]].astype(np.int32)
    head = np.r_[head, [b for _, b in inner]].astype(np.int32)
    order = np.lexsort((head, tail))
    more = len(tail) - len(e.tail)
    edges = Edges(
        tail[order],
        head[order],
        np.r_[e.border_km, np.zeros(more)][order],
        np.r_[e.soft_border_km, np.zeros(more)][order],
        np.r_[e.is_open, np.ones(more, dtype=np.bool_)][order],
    )
    changed = {"households": households, "area_km2": areas, "attributes": attributes}
    return problem.replace(**larger | changed | {"edges": edges})


def _shared(attribute: Attribute, pieces_at: Units) -> Attribute:
    """Share a unit's amount out among its pieces."""
    amount, count = attribute.amount.copy(), len(pieces_at)
    whole = int(amount[pieces_at[0]])
    amount[pieces_at] = whole // count + (np.arange(count) < whole % count)
    return replace(attribute, amount=amount)


_CHANGES: dict[str, Callable[[CommunityProblem, Remedy], CommunityProblem]] = {
    "causes.allow_exception": _exempt,
    "causes.raise_max": _raise_max,
    "causes.lower_min": _lower_min,
    "causes.release_group": _free_groups,
    "causes.release_locks": _free_locks,
    "causes.drop_part_line": _join_parts,
    "causes.open_crossing": _open_pair,
    "causes.fewer_communities": _number,
    "causes.more_communities": _number,
    "causes.split_unit": _split,
    "causes.raise_attribute": _loosen_attribute,
    "causes.lower_attribute": _loosen_attribute,
    "causes.raise_moved": _let_move,
}
#: Of two ways out that give up as much, the one earlier in this list is offered first: what
#: concerns one place before what concerns all.
RANK = (
    "causes.allow_exception",
    "causes.release_group",
    "causes.release_locks",
    "causes.open_crossing",
    "causes.drop_part_line",
    "causes.lower_min",
    "causes.raise_max",
    "causes.lower_attribute",
    "causes.raise_attribute",
    "causes.raise_moved",
    "causes.fewer_communities",
    "causes.more_communities",
    "causes.split_unit",
)


def number_of(remedy: Remedy) -> int:
    """Return the number that ``remedy`` sets a bound to."""
    return int(str(remedy.params["to"]))


def take_rows(problem: CommunityProblem, rows: Units) -> dict[str, Any]:
    """Return every array that has a row per unit, and the attributes, with other rows."""
    values = {f.name: getattr(problem, f.name) for f in fields(problem)}
    taken: dict[str, Any] = {
        name: value[rows]
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.shape[:1] == (problem.n,)
    }
    taken["attributes"] = tuple(replace(a, amount=a.amount[rows]) for a in problem.attributes)
    return taken


def take_units(problem: CommunityProblem, units: Units) -> CommunityProblem:
    """Return the problem of some units by themselves (ascending positions)."""
    place = np.full(problem.n, -1, dtype=np.int32)
    place[units] = np.arange(len(units), dtype=np.int32)
    e = problem.edges
    keep = (place[e.tail] >= 0) & (place[e.head] >= 0)
    edges = Edges(
        place[e.tail[keep]],
        place[e.head[keep]],
        e.border_km[keep],
        e.soft_border_km[keep],
        e.is_open[keep],
    )
    return problem.replace(**take_rows(problem, units), edges=edges)


def given_up_households(problem: CommunityProblem, labels: Ints) -> int:
    """Count the households for which a plan of a looser problem breaks the rules of ``problem``.

    Households above or below the bounds, and those that attributes out of theirs stand for; those
    of a community beyond its largest piece, its largest subdistrict; those of a group away from
    most of it; locked ones that do not stay; those that move beyond the limit. Communities too
    many or too few count as the target.
    """
    labels = renumber(labels)
    k = int(labels.max()) + 1
    total = sum_by(labels, problem.households, k)
    wrong = np.maximum(total - problem.max_households, problem.min_households - total)
    wrong[labels[problem.exempt]] = 0
    tail, head = open_pairs(problem.replace(part=np.zeros_like(problem.part)))
    inside = labels[tail] == labels[head]
    piece = pieces(problem.n, tail[inside], head[inside])
    count = float(np.maximum(wrong, 0).sum()) + _beyond_attributes(problem, labels, k)
    if problem.max_moved_households is not None:
        count += max(0, moved_households(problem, labels) - problem.max_moved_households)
    count += _strays(problem, labels, piece) + _strays(problem, labels, problem.part)
    grouped = np.flatnonzero(problem.group >= 0)
    count += _strays(problem, problem.group[grouped], labels[grouped], grouped)
    locked = problem.locked & (problem.today >= 0)
    if locked.any():
        of, was = labels.astype(np.int64), problem.today.astype(np.int64)
        stays = match_successors(was, of, problem.households, locked)[labels] == problem.today
        count += float(problem.households[locked & ~stays].sum())
    most = k if problem.max_communities is None else problem.max_communities
    count += problem.target_households * (max(0, k - most) + max(0, problem.min_communities - k))
    return round(count)


def _beyond_attributes(problem: CommunityProblem, labels: Ints, k: int) -> float:
    """Households that attributes outside their bounds stand for."""
    count = 0.0
    for a in problem.attributes:
        total = sum_by(labels, a.amount, k)
        beyond = np.maximum(np.maximum(total - a.high, a.low - total), 0)
        beyond[labels[problem.exempt]] = 0
        count += float(beyond.sum()) * worth_households(problem, a)
    return count


def _strays(
    problem: CommunityProblem, sets: Ints, kinds: Ints, units: Units | None = None
) -> float:
    """Households of each set that are not of its most frequent kind."""
    if len(sets) == 0:
        return 0.0
    households = problem.households if units is None else problem.households[units]
    width = int(kinds.max()) + 1
    pairs, inverse = np.unique(sets.astype(np.int64) * width + kinds, return_inverse=True)
    weight = np.bincount(inverse.ravel(), households)
    order = np.lexsort((-weight, pairs // width))
    first = np.unique((pairs // width)[order], return_index=True)[1]
    return float(weight.sum() - weight[order][first].sum())
