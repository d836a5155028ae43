"""Whether a merging of villages is valid, and what it costs: recomputed village by village.

Plain counting over the posed problem, in code that the optimiser does not share. A village that is
locked and must join others stays: its own vote counts.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from commplan.evaluate.villages_reasons import false_reasons
from commplan.evaluate.villages_rules import (
    TOLERANCE,
    divisible,
    fault,
    group_faults,
    neighbours,
)
from commplan.findings import Finding
from commplan.problem.villages import VillageProblem, VillageResult


def check_villages(problem: VillageProblem, result: VillageResult) -> tuple[Finding, ...]:
    """Find everything that speaks against a merging.

    Parameters
    ----------
    problem : VillageProblem
    result : VillageResult

    Returns
    -------
    tuple of Finding
        Errors; positions of villages stand in ``params`` as ``villages``. Empty for a valid one.
    """
    if len(result.labels) != problem.n:
        return (fault("villages.bad_count", count=len(result.labels), all=problem.n),)
    groups: dict[int, list[int]] = {}
    for village, label in enumerate(result.labels.tolist()):
        groups.setdefault(label, []).append(village)
    beside = neighbours(problem)
    found: list[Finding] = []
    for label, members in sorted(groups.items()):
        if len(members) > 1:
            seat = int(result.seats[label])
            found += group_faults(problem, members, seat, beside)
            if divisible(problem, members, beside):
                found.append(fault("villages.bad_needless", members))
    found += _promises(problem, result.labels.tolist())
    found += _unexplained(problem, result, groups)
    found += false_reasons(problem, result, groups, beside)
    return (*found, *_figures(problem, result, groups))


def _promises(problem: VillageProblem, labels: list[int]) -> Iterator[Finding]:
    """Pairs that must be apart; those that must join are with the reasons of who stays."""
    for a, b in problem.apart.tolist():
        if labels[a] == labels[b]:
            yield fault("villages.bad_apart", [a, b])


def _unexplained(
    problem: VillageProblem, result: VillageResult, groups: Mapping[int, list[int]]
) -> Iterator[Finding]:
    """Small villages, and villages that must join others, need a reason to stay."""
    explained = {item.village for item in result.left}
    labels = result.labels.tolist()
    for members in groups.values():
        people = sum(int(problem.population[v]) for v in members)
        if people <= problem.limits.small_people and not explained.issuperset(members):
            yield fault("villages.bad_left", members, people=people)
    tied: dict[int, list[int]] = {}
    for village, number in enumerate(problem.join.tolist()):
        if number >= 0 and not bool(problem.locked[village]):
            tied.setdefault(number, []).append(village)
    for members in tied.values():
        if len({labels[v] for v in members}) > 1 and not explained.issuperset(members):
            yield fault("villages.bad_join", members)


def _figures(
    problem: VillageProblem, result: VillageResult, groups: Mapping[int, list[int]]
) -> Iterator[Finding]:
    """Count the terms anew: they and their weighted sum must be those of the result."""
    terms = village_terms(problem, groups, result)
    weights = vars(problem.weights)
    terms["objective"] = sum(weights[name] * value for name, value in terms.items())
    for name, value in terms.items():
        said = result.objective if name == "objective" else float(result.terms.get(name, 0.0))
        # turned round, so that a figure that is none (nan) differs as well
        if not abs(said - value) <= TOLERANCE * max(1.0, abs(value)):
            yield fault("villages.bad_figure", term=name, said=said, value=value)
    if not result.bound <= result.objective * (1 + TOLERANCE) + TOLERANCE:
        yield fault("villages.bad_figure", term="bound", said=result.bound, value=result.objective)


def village_terms(
    problem: VillageProblem, groups: Mapping[int, list[int]], result: VillageResult
) -> dict[str, float]:
    """Terms of the cost, unweighted, from the groups' villages."""
    merged = {label: members for label, members in groups.items() if len(members) > 1}
    people = problem.population.tolist()
    sums = {label: sum(people[v] for v in members) for label, members in merged.items()}
    label_of = result.labels.tolist()
    outer = 0.0
    for a, b, km in zip(
        problem.tail.tolist(), problem.head.tolist(), problem.border_km.tolist(), strict=True
    ):
        if label_of[a] != label_of[b]:
            outer += km * ((label_of[a] in merged) + (label_of[b] in merged))
    return {
        "touched_villages": float(sum(map(len, merged.values()))),
        "renamed_people": float(
            sum(sums[k] - max(people[v] for v in members) for k, members in merged.items())
        ),
        "person_minutes": sum(
            people[v] * float(problem.minutes[v, result.seats[k]])
            for k, members in merged.items()
            for v in members
            if v != result.seats[k]
        ),
        "people_above_target": sum(
            max(0.0, total - problem.limits.target_people) for total in sums.values()
        ),
        "mixed_people": sum(_mixed(problem, members) for members in merged.values()),
        "collective_gap_yuan": sum(
            sums[k] * _yuan_gap(problem, members) for k, members in merged.items()
        ),
        "outer_border_km": outer,
    }


def _mixed(problem: VillageProblem, members: list[int]) -> float:
    mixed = 0
    for trait in problem.traits.tolist():
        count: dict[int, int] = {}
        for v in members:
            if trait[v] >= 0:
                count[trait[v]] = count.get(trait[v], 0) + int(problem.population[v])
        mixed += sum(count.values()) - max(count.values(), default=0)
    return float(mixed)


def _yuan_gap(problem: VillageProblem, members: list[int]) -> float:
    """Range of the collective's yuan a head; villages without people or figures do not count."""
    yuan = [float(problem.collective_yuan[v]) for v in members]
    people = [int(problem.population[v]) for v in members]
    heads = [y / p for y, p in zip(yuan, people, strict=True) if p > 0 and y == y]  # noqa: PLR0124
    return max((abs(a - b) for a, b in combinations(heads, 2)), default=0.0)
