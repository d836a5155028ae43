"""Ways of giving a development its community, held against the bounds, and which is proposed."""

from collections.abc import Sequence
from itertools import pairwise

from commplan.plan.developments import NEW, NOBODY, Answer, Case, Phase, Redrawn, Way
from commplan.plan.developments_rooms import Setting, size_with


def simple_ways(case: Case, setting: Setting) -> tuple[Way, ...]:
    """Look at the ways that leave all other borders as they are.

    Parameters
    ----------
    case : Case
    setting : Setting

    Returns
    -------
    tuple of Way
        ``stay``, ``new``, ``move`` and ``together``, possible or not.
    """
    return (
        _stay(case, setting),
        _new(case, setting),
        _move(case, setting),
        _together(case, setting),
    )


def needs_redrawing(case: Case, setting: Setting, ways: Sequence[Way]) -> bool:
    """Whether the neighbourhood has to be redrawn: nothing that is preferred to it is possible."""
    prefer = setting.options.prefer
    too_large = case.development.households > setting.high
    if "redraw" not in prefer or not case.near or too_large:
        return False
    before = prefer[: prefer.index("redraw")]
    return not any(way.possible and way.kind in before for way in ways)


def redraw_way(case: Case, setting: Setting, redrawn: Redrawn) -> Way:
    """Say what redrawing comes to; it begins with the phase that today's community cannot hold."""
    if redrawn.status not in {"optimal", "feasible"}:
        why = "redraw_none" if redrawn.status == "infeasible" else "redraw_unknown"
        return Way("redraw", False, NOBODY, 0, 1, why)
    phase = _first_over(case, setting)
    why = "redraw_proven" if redrawn.status == "optimal" else "redraw_found"
    return Way("redraw", True, redrawn.community, redrawn.sizes[redrawn.community], phase, why)


def answer(
    case: Case, setting: Setting, ways: Sequence[Way], redrawn: Redrawn | None = None
) -> Answer:
    """Take the first possible way in the order that the user prefers, and say who holds each phase."""
    by_kind = {way.kind: way for way in ways if way.possible}
    chosen = next((by_kind[k] for k in setting.options.prefer if k in by_kind), None)
    holders = []
    for phase in case.development.phases:
        settled = chosen is not None and phase.number >= chosen.phase
        if chosen is not None and settled:
            holders.append(chosen.community)
        else:
            holders.append(_meanwhile(case, setting, phase))
    return Answer(chosen, tuple(ways), tuple(holders), redrawn)


def _stay(case: Case, setting: Setting) -> Way:
    if case.community < 0:
        return Way("stay", False, NOBODY, 0, 1, "stay_nobody")
    households = size_with(case, setting, case.community, case.development.households)
    if households > setting.high:
        return Way("stay", False, case.community, households, 1, "stay_over")
    why = "stay_below" if households < setting.low else "stay_fits"
    return Way("stay", True, case.community, households, 1, why)


def _new(case: Case, setting: Setting) -> Way:
    households = case.development.households
    if households > setting.high:
        return Way("new", False, NEW, households, 1, "new_too_large")
    if households < setting.low:
        return Way("new", False, NEW, households, 1, "new_too_small")
    phase = first_enough(case.development.phases, setting.low)
    return Way("new", True, NEW, households, phase, "new_at_once" if phase == 1 else "new_later")


def first_enough(phases: Sequence[Phase], least: int) -> int:
    """Return the first phase with which at least so many households are let; 0 for none."""
    return next((phase.number for phase in phases if phase.total >= least), 0)


def _move(case: Case, setting: Setting) -> Way:
    sizes = _beside(case, setting, case.development.households)
    if not sizes:
        return Way("move", False, NOBODY, 0, 1, "move_nobody")
    households, community = sizes[0]
    if households > setting.high:
        return Way("move", False, community, households, 1, "move_over")
    why = "move_below" if households < setting.low else "move_fits"
    return Way("move", True, community, households, 1, why)


def _beside(case: Case, setting: Setting, households: int) -> list[tuple[int, int]]:
    """Communities that the development adjoins in its subdistrict, the smallest first."""
    ground = setting.ground
    if case.unit < 0:
        return []
    part = ground.part[case.unit]
    units = [u for u in case.beside if ground.part[u] == part]
    near = {int(ground.today[u]) for u in units} - {case.community, -1, NOBODY}
    return sorted((size_with(case, setting, c, households), c) for c in near)


def _together(case: Case, setting: Setting) -> Way:
    if not case.together:
        return Way("together", False, NEW, 0, 1, "together_nobody")
    households = sum(member.households for member in case.together)
    if not setting.low <= households <= setting.high:
        return Way("together", False, NEW, households, 1, "together_wrong")
    return Way("together", True, NEW, households, case.together_from, "together_fits")


def _first_over(case: Case, setting: Setting) -> int:
    """Return the first phase with which today's community is over the most; else the last."""
    if case.community < 0:
        return 1
    for phase in case.development.phases:
        if size_with(case, setting, case.community, phase.total) > setting.high:
            return phase.number
    return len(case.development.phases)


def _meanwhile(case: Case, setting: Setting, phase: Phase) -> int:
    """Return who holds the development until its way begins: its own community if that has room."""
    here = case.community
    if here >= 0 and size_with(case, setting, here, phase.total) <= setting.high:
        return here
    near = _beside(case, setting, phase.total)
    if near and near[0][0] <= setting.high:
        return near[0][1]
    return here


def split_by_phases(phases: Sequence[Phase], low: int, high: int) -> list[tuple[int, int]]:
    """Divide phases, in their order, into communities within the bounds.

    Returns
    -------
    list of (int, int)
        First and last phase of each community, as few as can be; empty where it cannot be done.
    """
    totals = [0, *(phase.total for phase in phases)]
    best: list[list[int] | None] = [[0]] + [None] * len(phases)
    for end in range(1, len(totals)):
        for start in range(end):
            path = best[start]
            if path is None or not low <= totals[end] - totals[start] <= high:
                continue
            known = best[end]
            if known is None or len(path) + 1 < len(known):
                best[end] = [*path, end]
    cuts = best[-1]
    return [] if cuts is None else [(a + 1, b) for a, b in pairwise(cuts)]
