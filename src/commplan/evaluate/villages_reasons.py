"""Whether the reasons hold for which villages stay, as far as plain looking can tell."""

from collections.abc import Iterator, Mapping

from commplan.evaluate.villages_rules import Beside, fault, group_faults
from commplan.findings import Finding
from commplan.problem.villages import VillageProblem, VillageResult

#: Reasons that do not say that nothing better exists.
_OPEN = ("villages.left_unsettled", "villages.left_join", "villages.left_join_township")
_LIMITS = {
    "people": "max_people",
    "households": "max_households",
    "area": "max_area_km2",
    "minutes": "max_minutes",
    "villages": "max_villages",
}


def false_reasons(
    problem: VillageProblem,
    result: VillageResult,
    groups: Mapping[int, list[int]],
    beside: Beside,
) -> Iterator[Finding]:
    """Find villages that stay for a reason that does not hold.

    Votes, islands and the people within reach are counted anew. Of every other village it is tried
    whether one of the groups or villages beside it could take it in.

    Parameters
    ----------
    problem : VillageProblem
    result : VillageResult
    groups : mapping of label to villages
    beside : mapping of village to its neighbours

    Yields
    ------
    Finding
    """
    labels = result.labels.tolist()
    for item in result.left:
        v, code = item.village, item.code.removeprefix("villages.")
        near = {u for u in beside[v] if problem.township[u] == problem.township[v]}
        free = {u for u in near if not bool(problem.locked[u])}
        if code == "left_locked":
            holds = bool(problem.locked[v])
        elif code == "left_island":
            holds = not near
        elif code == "left_neighbours_locked":
            holds = bool(near) and not free
        elif code == "left_too_few":
            holds = _reach(problem, v, beside) <= problem.limits.small_people
        else:
            beyond = item.code in _OPEN or len(groups[labels[v]]) > 1
            takers = [] if beyond else sorted({labels[u] for u in free})
            holds = _may_be(problem, v, code)
            holds &= not any(_takes(problem, v, groups[label], beside) for label in takers)
        if not holds:
            yield fault("villages.bad_reason", [v])


def _may_be(problem: VillageProblem, village: int, code: str) -> bool:
    """Whether a reason is one that the question knows: a limit that is set, villages to join."""
    if code.startswith("left_limit_"):
        name = code.removeprefix("left_limit_")
        if name == "apart":
            return len(problem.apart) > 0
        return getattr(problem.limits, _LIMITS.get(name, ""), None) is not None
    if code in ("left_join", "left_join_township"):
        tied = problem.township[problem.join == problem.join[village]]
        several = len(set(tied.tolist())) > 1
        return int(problem.join[village]) >= 0 and several == (code == "left_join_township")
    return code in ("left_limits", "left_others", "left_unsettled")


def _reach(problem: VillageProblem, village: int, beside: Beside) -> int:
    """People of all villages that are reached without passing a locked one."""
    reached, ahead = {village}, [village]
    while ahead:
        for other in beside[ahead.pop()] - reached:
            same = problem.township[other] == problem.township[village]
            if same and not bool(problem.locked[other]):
                reached.add(other)
                ahead.append(other)
    return sum(int(problem.population[v]) for v in reached)


def _takes(problem: VillageProblem, village: int, members: list[int], beside: Beside) -> bool:
    """Whether a group or a village beside it may take a village in, from some seat."""
    joined = [*members, village]
    labels = set(joined)
    if any(a in labels and b in labels for a, b in problem.apart.tolist()):
        return False
    for number in {int(problem.join[v]) for v in joined} - {-1}:
        tied = (problem.join == number) & ~problem.locked
        if not labels.issuperset(tied.nonzero()[0].tolist()):
            return False
    return any(not [*group_faults(problem, joined, seat, beside)] for seat in joined)
