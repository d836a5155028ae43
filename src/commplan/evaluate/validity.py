"""Whether a plan is valid by the yardstick, and if not, every reason why."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import flags, ids_to_codes
from commplan.plan.plan import Plan


@dataclass(frozen=True)
class ValidityRules:
    """What a valid plan has to keep to.

    Parameters
    ----------
    min_households, max_households : int
        Inclusive.
    within_subdistrict : bool
        Where units name one.
    grandfather : bool
        A community that is exactly one of today's may stay out of bounds.
    clause : str or None
        Behind the bounds.
    """

    min_households: int
    max_households: int
    within_subdistrict: bool = True
    grandfather: bool = False
    clause: str | None = None


def validity_findings(plan: Plan, graph: UnitGraph, rules: ValidityRules) -> tuple[Finding, ...]:
    """Find every way in which a plan is invalid.

    Returns
    -------
    tuple of Finding
        An error for each: units in no community, a community in pieces, one out of bounds, one
        across subdistricts, units apart that belong together, a locked unit elsewhere. Notes for
        communities out of bounds by exception or because they are not changed, and a warning
        where an id of today's goes to a community that succeeds another.
    """
    return (
        *_unassigned(plan),
        *_in_pieces(plan, graph),
        *_out_of_bounds(plan, rules),
        *(_across_subdistricts(plan) if rules.within_subdistrict else ()),
        *_torn_apart(plan),
        *_unlocked(plan),
        *_strange_ids(plan),
    )


def pieces_of(plan: Plan, graph: UnitGraph) -> NDArray[np.int32]:
    """Give a number to the pieces into which communities fall by open edges; shape (n units,)."""
    same = plan.community_of[graph.tail] == plan.community_of[graph.head]
    inside = graph.is_open & same
    links = (np.ones(int(inside.sum()), dtype=np.int8), (graph.tail[inside], graph.head[inside]))
    table = coo_array(links, shape=(graph.n, graph.n))
    return np.asarray(connected_components(table, directed=False)[1], dtype=np.int32)


def unchanged(plan: Plan) -> NDArray[np.bool_]:
    """Whether each community is exactly one of today's; shape (communities,)."""
    count, old_count = len(plan.communities), len(plan.today)
    both = (plan.community_of >= 0) & (plan.today_of >= 0)
    pairs = plan.community_of[both].astype(np.int64) * max(old_count, 1) + plan.today_of[both]
    key, units = np.unique(pairs, return_counts=True)
    new, old = key // max(old_count, 1), key % max(old_count, 1)
    size = np.bincount(plan.community_of[plan.community_of >= 0], minlength=count)
    old_size = np.bincount(plan.today_of[plan.today_of >= 0], minlength=old_count)
    same = np.zeros(count, dtype=np.bool_)
    same[new[(units == size[new]) & (units == old_size[old])]] = True
    return same


def _unit_ids(plan: Plan, rows: NDArray[np.intp]) -> tuple[str, ...]:
    assert plan.territory.units is not None  # noqa: S101 - a plan has units
    return tuple(plan.territory.units["unit_id"].to_numpy(dtype=object)[rows].tolist())


def _column(plan: Plan, name: str) -> "tuple[NDArray[np.int32], list[str]] | None":
    units = plan.territory.units
    return None if units is None or name not in units.columns else ids_to_codes(units[name])


def _households(plan: Plan) -> NDArray[np.int64]:
    assert plan.territory.units is not None  # noqa: S101 - a plan has units
    return plan.territory.units["households"].to_numpy(dtype=np.int64)


def called(plan: Plan, community: int) -> dict[str, object]:
    """Id and name of a community, for sentences."""
    row = plan.communities.iloc[community]
    return {"community_id": row["community_id"], "name": row["name"]}


def _unassigned(plan: Plan) -> Iterator[Finding]:
    lost = np.flatnonzero(plan.community_of < 0)
    if lost.size:
        households = int(_households(plan)[lost].sum())
        yield Finding(
            "validity.unassigned",
            Severity.ERROR,
            {"units": int(lost.size), "households": households},
            _unit_ids(plan, lost),
        )


def _in_pieces(plan: Plan, graph: UnitGraph) -> Iterator[Finding]:
    piece = pieces_of(plan, graph)
    households = _households(plan)
    assigned = np.flatnonzero(plan.community_of >= 0)
    pairs = np.unique(np.stack([plan.community_of[assigned], piece[assigned]]), axis=1)
    torn = np.flatnonzero(np.bincount(pairs[0], minlength=len(plan.communities)) > 1)
    for community in torn.tolist():
        members = np.flatnonzero(plan.community_of == community)
        numbers, inverse, units = np.unique(piece[members], return_inverse=True, return_counts=True)
        sizes = np.bincount(inverse, weights=households[members]).astype(np.int64)
        order = np.lexsort((numbers, -units, -sizes))
        yield Finding(
            "validity.disconnected",
            Severity.ERROR,
            called(plan, community)
            | {
                "pieces": int(numbers.size),
                "households": " + ".join(f"{sizes[i]:,}" for i in order),
            },
            _unit_ids(plan, members[inverse != order[0]]),
        )


def _out_of_bounds(plan: Plan, rules: ValidityRules) -> Iterator[Finding]:
    sizes = plan.communities["households"].to_numpy(dtype=np.int64)
    wrong = (sizes < rules.min_households) | (sizes > rules.max_households)
    reasons = exception_reasons(plan)
    same = unchanged(plan) if rules.grandfather else np.zeros(sizes.size, dtype=np.bool_)
    for community in np.flatnonzero(wrong).tolist():
        households, below = int(sizes[community]), sizes[community] < rules.min_households
        params = called(plan, community) | {
            "households": households,
            "min": rules.min_households,
            "max": rules.max_households,
        }
        ids = (str(plan.communities["community_id"].iloc[community]),)
        if community in reasons:
            params["reason"] = "; ".join(dict.fromkeys(reasons[community]))
            yield Finding("validity.excepted", Severity.NOTE, params, ids, clause=rules.clause)
        elif same[community]:
            yield Finding("validity.grandfathered", Severity.NOTE, params, ids, clause=rules.clause)
        else:
            bound = rules.min_households if below else rules.max_households
            params["by"] = abs(households - bound)
            code = "validity.too_few" if below else "validity.too_many"
            yield Finding(code, Severity.ERROR, params, ids, clause=rules.clause)


def exception_reasons(plan: Plan) -> dict[int, list[str]]:
    """Community -> reasons of the exceptions that its units carry."""
    assert plan.territory.units is not None  # noqa: S101 - a plan has units
    reasons: dict[int, list[str]] = {}
    if plan.exceptions:
        unit_ids = plan.territory.units["unit_id"].astype(str)
        for unit, community in zip(unit_ids, plan.community_of.tolist(), strict=True):
            if unit in plan.exceptions:
                reasons.setdefault(community, []).append(plan.exceptions[unit])
    return reasons


def _across_subdistricts(plan: Plan) -> Iterator[Finding]:
    found = _column(plan, "subdistrict_id")
    if found is None:
        return
    part, names = found
    named = (part >= 0) & (plan.community_of >= 0)
    pairs = np.unique(np.stack([plan.community_of[named], part[named]]), axis=1)
    for community in np.flatnonzero(np.bincount(pairs[0], minlength=1) > 1).tolist():
        inside = [names[p] for p in pairs[1][pairs[0] == community]]
        main = plan.communities["subdistrict_id"].iloc[community]
        strays = (plan.community_of == community) & named & (part != names.index(str(main)))
        yield Finding(
            "validity.across_subdistricts",
            Severity.ERROR,
            called(plan, community) | {"subdistricts": ", ".join(inside), "main": str(main)},
            _unit_ids(plan, np.flatnonzero(strays)),
        )


def _torn_apart(plan: Plan) -> Iterator[Finding]:
    found = _column(plan, "keep_with")
    if found is None:
        return
    group, names = found
    grouped = group >= 0
    pairs = np.unique(np.stack([group[grouped], plan.community_of[grouped]]), axis=1)
    for number in np.flatnonzero(np.bincount(pairs[0], minlength=1) > 1).tolist():
        communities = pairs[1][pairs[0] == number]
        ids = plan.communities["community_id"].to_numpy(dtype=object)
        yield Finding(
            "validity.kept_apart",
            Severity.ERROR,
            {
                "group": names[number],
                "communities": ", ".join(str(ids[c]) for c in communities if c >= 0),
            },
            _unit_ids(plan, np.flatnonzero(group == number)),
        )


def _unlocked(plan: Plan) -> Iterator[Finding]:
    units = plan.territory.units
    if units is None:
        return
    locked = flags(units, "locked")
    succeeded = np.append(plan.successor_of, -1)[plan.community_of]
    broken = locked & (plan.today_of >= 0) & (succeeded != plan.today_of)
    for old in np.unique(plan.today_of[broken]).tolist():
        row = plan.today.iloc[old]
        yield Finding(
            "validity.lock_broken",
            Severity.ERROR,
            {"community_id": row["community_id"], "name": row["name"]},
            _unit_ids(plan, np.flatnonzero(broken & (plan.today_of == old))),
        )


def _strange_ids(plan: Plan) -> Iterator[Finding]:
    """Ids of today's that a list drawn by hand gives to the successor of another community."""
    today = plan.today["community_id"].tolist()
    position = {identifier: i for i, identifier in enumerate(today)}
    for identifier, old in zip(plan.communities["community_id"], plan.successor_of, strict=True):
        if identifier in position and position[identifier] != old:
            code = "validity.id_of_another" if old >= 0 else "validity.id_without_succession"
            params = {
                "community_id": identifier,
                "succeeds": today[old] if old >= 0 else "",
            }
            yield Finding(code, Severity.WARNING, params, (identifier,))
