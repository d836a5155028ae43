"""Ways out worth trying for a cause: ladders, the mildest step of each first."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.presolve import open_pairs, pieces
from commplan.problem.communities import CommunityProblem
from commplan.problem.result import Cause, Remedy

Ladder = list[Remedy]
Units = NDArray[np.int64]
#: Causes of ties that contradict the map or each other: no bound helps there.
TIES = {
    f"causes.{kind}"
    for kind in (
        "group_across_parts",
        "locks_across_parts",
        "group_apart",
        "locks_apart",
        "locks_conflict",
    )
}
_RAISED = (1.05, 1.1, 1.25, 1.5, 2.0)
_LOWERED = (0.95, 0.9, 0.8, 0.65, 0.5, 0.25, 0.0)
_MOST_TIES = 4
_MOST_PAIRS = 6
_MOST_LINES = 4


def ladders(problem: CommunityProblem, cause: Cause) -> Iterator[Ladder]:
    """Yield ladders of ways out; on each, the first step that works is the one to offer."""
    units = np.array(cause.units, dtype=np.int64)
    if len(units) == 0:
        units = np.arange(problem.n)
    if cause.code == "causes.number_out_of_range":
        yield from _numbers(cause)
    if cause.code not in TIES:
        yield from _attributes(problem, cause, units)
    if cause.code not in TIES and cause.code != "causes.moved_limit":
        yield from _exceptions(problem, units)
    yield from _ties(problem, units)
    yield _crossings(problem, units)
    yield from _lines(problem, units)
    if cause.code not in TIES and not cause.code.startswith("causes.attribute_"):
        yield _lower(problem, cause)
        yield _raise(problem, cause)
    if cause.code in {"causes.unit_too_large", "causes.attribute_unit_too_large"}:
        count = _pieces(problem, int(units[0]))
        steps = (count, count + 1, count + 2)
        yield [Remedy("causes.split_unit", {"pieces": p}, cause.units) for p in steps]


def _exceptions(problem: CommunityProblem, units: Units) -> Iterator[Ladder]:
    """Yield exceptions for the largest unit; else for the one of middle size, or the smallest."""
    order = units[np.argsort(-problem.households[units], kind="stable")]
    picked = dict.fromkeys(int(order[i]) for i in (0, len(order) // 2, len(order) - 1))
    yield [Remedy("causes.allow_exception", {"count": 1}, (u,)) for u in picked]


def _ties(problem: CommunityProblem, units: Units) -> Iterator[Ladder]:
    """Yield the release of each group and of each old community's locks; then of all locks."""
    for g in np.unique(problem.group[units][problem.group[units] >= 0])[:_MOST_TIES]:
        members = np.flatnonzero(problem.group == g)
        yield [Remedy("causes.release_group", {"count": len(members)}, tuple(members.tolist()))]
    locked = units[problem.locked[units] & (problem.today[units] >= 0)]
    old = np.unique(problem.today[locked])
    for c in old[:_MOST_TIES]:
        members = np.flatnonzero(problem.locked & (problem.today == c))
        steps = [members] if len(old) == 1 else [members, locked]
        yield [Remedy("causes.release_locks", {"count": len(m)}, tuple(m.tolist())) for m in steps]


def _crossings(problem: CommunityProblem, units: Units) -> Ladder:
    """List pairs to open: closed borders around the area, the longest first; else the nearest."""
    e = problem.edges
    area = pieces(problem.n, *open_pairs(problem))
    mine = np.isin(area, np.unique(area[units]))
    shut = ~e.is_open & (problem.part[e.tail] == problem.part[e.head])
    near = np.flatnonzero(shut & (mine[e.tail] | mine[e.head]))
    apart = area[e.tail[near]] != area[e.head[near]]
    order = near[np.lexsort((near, -e.border_km[near], ~apart))][:_MOST_PAIRS]
    if len(order):
        return [
            Remedy(
                "causes.open_crossing",
                {"border_m": round(1000 * float(e.border_km[i]))},
                (int(e.tail[i]), int(e.head[i])),
            )
            for i in order
        ]
    pair = _nearest_pair(problem, np.flatnonzero(mine), area)
    return [] if pair is None else [Remedy("causes.open_crossing", {"border_m": 0}, pair)]


def _nearest_pair(problem: CommunityProblem, inside: Units, area: Ints) -> tuple[int, int] | None:
    """Find the nearest units of one subdistrict, one of them inside, in different areas."""
    best: tuple[float, int, int] | None = None
    for u in inside[:2_000].tolist():
        others = np.flatnonzero((area != area[u]) & (problem.part == problem.part[u]))
        if len(others) == 0:
            continue
        away = np.hypot(*(problem.xy_km[others] - problem.xy_km[u]).T)
        v = int(others[np.argmin(away)])
        found = (float(away.min()), min(u, v), max(u, v))
        best = found if best is None else min(best, found)
    return None if best is None else best[1:]


def _lines(problem: CommunityProblem, units: Units) -> Iterator[Ladder]:
    """Yield subdistrict lines to cross: all between the units, else each that is beside them."""
    own = np.unique(problem.part[units])
    if len(own) > 1:
        yield [_line(own.tolist())]
        return
    e = problem.edges
    tail, head = problem.part[e.tail], problem.part[e.head]
    beside = np.r_[
        head[(tail == own[0]) & (head != own[0])], tail[(head == own[0]) & (tail != own[0])]
    ]
    others, count = np.unique(beside, return_counts=True)
    ranked = others[np.argsort(-count, kind="stable")][:_MOST_LINES]
    yield [_line([int(own[0]), int(q)]) for q in ranked]


def _line(parts: list[int]) -> Remedy:
    return Remedy("causes.drop_part_line", {"lines": tuple(sorted(parts))})


def _lower(problem: CommunityProblem, cause: Cause) -> Ladder:
    low = problem.min_households
    values = {int(low * share) for share in _LOWERED}
    if cause.code == "causes.no_number_fits":
        values.add(int(str(cause.params["households"])) // int(str(cause.params["more"])))
    elif "households" in cause.params:
        values.add(int(str(cause.params["households"])))
    steps = sorted((to for to in values if to < low), reverse=True)
    return [Remedy("causes.lower_min", {"to": to}) for to in steps]


def _raise(problem: CommunityProblem, cause: Cause) -> Ladder:
    high = problem.max_households
    values = {int(np.ceil(high * share)) for share in _RAISED}
    if cause.code == "causes.no_number_fits" and cause.params["fewer"]:
        households, fewer = int(str(cause.params["households"])), int(str(cause.params["fewer"]))
        values.add(-(-households // fewer))
    elif "households" in cause.params and len(cause.units) < problem.n:
        values.add(int(str(cause.params["households"])))
    return [Remedy("causes.raise_max", {"to": to}) for to in sorted(values) if to > high]


def _pieces(problem: CommunityProblem, u: int) -> int:
    """Into how many a unit has to be cut at least."""
    shares = [(int(problem.households[u]), problem.max_households)]
    shares += [(int(a.amount[u]), a.high) for a in problem.attributes]
    return max(2, *(-(-amount // max(1, high)) for amount, high in shares))


def _attributes(problem: CommunityProblem, cause: Cause, units: Units) -> Iterator[Ladder]:
    """Yield looser bounds of the attributes that the cause names; of all where it names none."""
    named = {v for k, v in cause.params.items() if k.startswith("attribute")}
    every = cause.code in {"causes.together", "causes.number_out_of_range"}
    for a in problem.attributes:
        if a.name not in named and not every:
            continue
        highs = {int(np.ceil(a.high * share)) for share in _RAISED}
        lows = {int(a.low * share) for share in _LOWERED}
        if "needed" in cause.params:
            highs.add(int(str(cause.params["needed"])))
        if cause.code == "causes.attributes_no_number":
            total = int(a.amount[units].sum())
            highs.add(-(-total // max(1, int(str(cause.params["most"])))))
            lows.add(total // max(1, int(str(cause.params["fewest"]))))
        raised = [to for to in sorted(highs) if to > a.high]
        lowered = [to for to in sorted(lows, reverse=True) if to < a.low]
        yield [Remedy("causes.raise_attribute", {"attribute": a.name, "to": to}) for to in raised]
        if cause.code != "causes.attribute_unit_too_large":
            code = "causes.lower_attribute"
            yield [Remedy(code, {"attribute": a.name, "to": to}) for to in lowered]


def _numbers(cause: Cause) -> Iterator[Ladder]:
    """Yield the step to the nearest number of communities that counting does not exclude."""
    fewest, most = int(str(cause.params["fewest"])), int(str(cause.params["most"]))
    wanted_low, wanted_high = (int(str(cause.params[key])) for key in ("low", "high"))
    if fewest > wanted_high:
        steps = range(fewest, fewest + 3)
        yield [Remedy("causes.more_communities", {"to": k}) for k in steps]
    elif most < wanted_low:
        steps = range(most, max(0, most - 3), -1)
        yield [Remedy("causes.fewer_communities", {"to": k}) for k in steps]
