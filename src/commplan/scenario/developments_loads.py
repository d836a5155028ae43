"""Developments beside each other: who takes what room, and who could form a community together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from commplan.evaluate.developments import simple_ways
from commplan.plan.developments import Case, Member
from commplan.plan.developments_rooms import Setting

TOGETHER = "together"
SETTLED = frozenset({"stay", "new", "move"})  # ways that numbers alone decide


def side_by_side(cases: Sequence[Case], setting: Setting) -> list[Case]:
    """Let developments in one after the other, so that no room is given away twice.

    In the order in which they are let, of two at once the smaller id first, each takes the first way
    in the user's order that is possible with what those before it have taken. Who finds nothing
    before ``together`` is gathered with others of the kind; who is left then goes on with the ways
    after it. A redrawing comes last and counts on all room that is taken by then.

    Parameters
    ----------
    cases : sequence of Case
    setting : Setting

    Returns
    -------
    list of Case
        In the same order, with ``loads``, ``also`` and ``together``.
    """
    prefer = setting.options.prefer
    at = prefer.index(TOGETHER) if TOGETHER in prefer else len(prefer)
    found = _with_also(cases)
    taken: dict[int, int] = {}
    order = sorted(range(len(found)), key=lambda i: found[i].development.starts)
    left = _settle(found, order, prefer[:at], (setting, taken))
    if at < len(prefer):
        _gather(found, left, setting)
    apart = [i for i in left if not found[i].together]
    rest = set(_settle(found, apart, prefer[at + 1 :], (setting, taken)))
    for i in left:
        if i in rest or found[i].together:
            found[i] = replace(found[i], loads=_loads(found[i], setting, taken))
    return found


def _with_also(cases: Sequence[Case]) -> list[Case]:
    """Count what all others bring to the community in which each lies."""
    everyone: dict[int, int] = {}
    for case in cases:
        everyone[case.community] = everyone.get(case.community, 0) + case.development.households
    own = [case.development.households for case in cases]
    return [
        replace(case, also=everyone[case.community] - mine if case.community >= 0 else 0)
        for case, mine in zip(cases, own, strict=True)
    ]


def _settle(
    found: list[Case],
    order: Iterable[int],
    ways: Sequence[str],
    books: tuple[Setting, dict[int, int]],
) -> list[int]:
    """Give each its way of those, and write down the room it takes; return who finds none."""
    setting, taken = books
    wanted = [kind for kind in ways if kind in SETTLED]
    left = []
    for i in order:
        case = found[i] = replace(found[i], loads=_loads(found[i], setting, taken))
        possible = {way.kind: way for way in simple_ways(case, setting) if way.possible}
        way = next((possible[kind] for kind in wanted if kind in possible), None)
        if way is None:
            left.append(i)
        elif way.community >= 0:
            taken[way.community] = taken.get(way.community, 0) + case.development.households
    return left


def _loads(case: Case, setting: Setting, taken: dict[int, int]) -> dict[int, int]:
    """Room that is taken in the communities which concern a development."""
    beside = {int(setting.ground.today[unit]) for unit in case.beside}
    near = beside | set(case.near) | {case.community}
    return {community: taken[community] for community in sorted(near) if community in taken}


def _gather(found: list[Case], left: Sequence[int], setting: Setting) -> None:
    """Find developments that could form a community together.

    Those that are too small alone are gathered: from the earliest on, each time with the nearest
    that adjoins one already gathered, until there are enough households. Everyone is in one group
    at most.
    """
    small = [found[i] for i in left if _is_small(found[i], setting)]
    links = _links(small, setting)
    groups: dict[str, list[Case]] = {}
    taken: set[int] = set()
    for seed in range(len(small)):
        group = [] if seed in taken else _gathered(seed, small, (links, taken), setting)
        taken.update(group)
        together = sorted((small[i] for i in group), key=lambda c: c.development.development_id)
        groups |= {case.development.development_id: together for case in together}
    for i in left:
        found[i] = _grouped(found[i], groups.get(found[i].development.development_id, []), setting)


def _grouped(case: Case, group: Sequence[Case], setting: Setting) -> Case:
    if not group:
        return case
    members = tuple(_member(one) for one in group)
    return replace(case, together=members, together_from=_together_from(case, group, setting.low))


def _is_small(case: Case, setting: Setting) -> bool:
    return case.unit >= 0 and 0 < case.development.households < setting.low


Links = list[list[tuple[float, int]]]


def _links(small: Sequence[Case], setting: Setting) -> Links:
    """List, for each development, the others that adjoin it, with their distance."""
    part, options = setting.ground.part, setting.options
    by_unit: dict[int, list[int]] = {}
    for i, case in enumerate(small):
        by_unit.setdefault(case.unit, []).append(i)
    pairs = {
        (min(i, j), max(i, j))
        for i, case in enumerate(small)
        for unit in case.beside
        for j in by_unit.get(unit, ())
        if i != j and part[unit] == part[case.unit]
    }
    links: Links = [[] for _ in small]
    for i, j in sorted(pairs):
        metres = float(small[i].development.shape.distance(small[j].development.shape))
        if metres <= options.together_m:
            links[i].append((metres, j))
            links[j].append((metres, i))
    return links


def _gathered(
    seed: int, small: Sequence[Case], known: tuple[Links, set[int]], setting: Setting
) -> list[int]:
    """Gather developments about one; [] where they do not come to enough."""
    links, taken = known
    group, total = [seed], small[seed].development.households
    while total < setting.low:
        room = setting.high - total
        near = (
            (metres, i)
            for j in group
            for metres, i in links[j]
            if i not in group and i not in taken and small[i].development.households <= room
        )
        best = min(near, default=None)
        if best is None:
            return []
        group.append(best[1])
        total += small[best[1]].development.households
    return group


def _member(case: Case) -> Member:
    one = case.development
    return Member(one.development_id, one.name, one.households, one.population)


def _together_from(case: Case, group: Sequence[Case], least: int) -> int:
    """Return the phase of ``case`` with which the group has enough households, at most its last.

    Phases come in the order of their dates; one without a date comes last.
    """
    events = sorted(
        (phase.due or "9999", one.development.development_id, phase.number, phase.total)
        for one in group
        for phase in one.development.phases
    )
    let: dict[str, int] = {}
    own, mine = case.development.development_id, 0
    for _, development_id, number, total in events:
        let[development_id] = total
        mine = number if development_id == own else mine
        if sum(let.values()) >= least:
            return min(mine + (development_id != own), len(case.development.phases))
    return len(case.development.phases)
