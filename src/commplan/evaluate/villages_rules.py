"""What a group of villages must keep to, told by plain counting."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from commplan.findings import Finding, Severity
from commplan.problem.villages import VillageProblem

TOLERANCE = 1e-6
Beside = Mapping[int, set[int]]


def neighbours(problem: VillageProblem) -> dict[int, set[int]]:
    """Neighbours of each village."""
    beside: dict[int, set[int]] = {v: set() for v in range(problem.n)}
    for a, b in zip(problem.tail.tolist(), problem.head.tolist(), strict=True):
        beside[a].add(b)
        beside[b].add(a)
    return beside


def group_faults(
    problem: VillageProblem, members: list[int], seat: int, beside: Beside
) -> Iterator[Finding]:
    """Check one group against every rule of its own."""
    inside, limits = set(members), problem.limits
    if not in_one_piece(members, beside):
        yield fault("villages.bad_connected", members)
    if len({int(problem.township[v]) for v in members}) > 1:
        yield fault("villages.bad_township", members)
    if any(bool(problem.locked[v]) for v in members):
        yield fault("villages.bad_locked", members)
    people = sum(int(problem.population[v]) for v in members)
    if people <= limits.small_people:
        yield fault("villages.bad_small", members, people=people)
    counts = {
        "people": (people, limits.max_people),
        "households": (sum(int(problem.households[v]) for v in members), limits.max_households),
        "area": (sum(float(problem.area_km2[v]) for v in members), limits.max_area_km2),
        "villages": (len(members), limits.max_villages),
    }
    for what, (value, most) in counts.items():
        if most is not None and value > most * (1 + TOLERANCE):
            yield fault(f"villages.bad_{what}", members, value=round(value, 2), most=most)
    if seat not in inside:
        yield fault("villages.bad_seat", members)
    elif limits.max_minutes is not None:
        longest = max(float(problem.minutes[v, seat]) for v in members if v != seat)
        if longest > limits.max_minutes * (1 + TOLERANCE):
            most = limits.max_minutes
            yield fault("villages.bad_minutes", members, value=round(longest, 2), most=most)


def in_one_piece(members: list[int], beside: Beside) -> bool:
    """Whether villages are connected."""
    inside = set(members)
    reached, ahead = {members[0]}, [members[0]]
    while ahead:
        for other in (beside[ahead.pop()] & inside) - reached:
            reached.add(other)
            ahead.append(other)
    return reached == inside


def divisible(problem: VillageProblem, members: list[int], beside: Beside) -> bool:
    """Whether a group falls into two that keep to every limit, which makes it needless."""
    whole: dict[tuple[int, int], list[int]] = {}
    for v in members:
        number = int(problem.join[v])
        whole.setdefault((0, number) if number >= 0 else (1, v), []).append(v)
    first, *others = whole.values()
    for size in range(len(others)):
        for chosen in combinations(others, size):
            one = [v for part in (first, *chosen) for v in part]
            other = [v for v in members if v not in set(one)]
            if all(_stands(problem, part, beside) for part in (one, other)):
                return True
    return False


def _stands(problem: VillageProblem, members: list[int], beside: Beside) -> bool:
    """Whether a part of a group keeps to the limits that a part can break."""
    if sum(int(problem.population[v]) for v in members) <= problem.limits.small_people:
        return False
    limit = problem.limits.max_minutes
    minutes = problem.minutes
    in_time = limit is None or any(
        all(v == seat or float(minutes[v, seat]) <= limit for v in members) for seat in members
    )
    return in_time and in_one_piece(members, beside)


def fault(code: str, villages: list[int] | None = None, **params: object) -> Finding:
    """Make an error about villages by their positions."""
    known = {} if villages is None else {"villages": tuple(villages)}
    return Finding(code, Severity.ERROR, {**params, **known}, layer="villages")
