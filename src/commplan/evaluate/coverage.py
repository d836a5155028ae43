"""Whether proposals for places outside every community keep the rules, apart from the search."""

from collections.abc import Iterator

import numpy as np

from commplan.findings import Finding, Severity
from commplan.problem.coverage import CoverageProblem, CoverageResult, set_distance
from commplan.problem.result import Status

TOLERANCE = 1e-6


def check_coverage(problem: CoverageProblem, result: CoverageResult) -> list[Finding]:
    """List every rule that the proposals break and every figure that does not come out again.

    Parameters
    ----------
    problem : CoverageProblem
    result : CoverageResult

    Returns
    -------
    list of Finding
        All errors; empty for proposals that are what they say.
    """
    outside = np.flatnonzero(result.set_of < 0).tolist()
    unexplained = [place for place in outside if place not in result.reasons]
    found = [_fault("coverage.bad_outside", len(unexplained))] if unexplained else []
    torn = [len(p) for p, c in result.sets() if len(set(result.joins[p].tolist())) > 1]
    found += [_fault("coverage.bad_apart", places) for places in torn]
    return [*found, *_sets(problem, result), *_sums(problem, result), *_figures(problem, result)]


def _fault(code: str, places: int, **params: object) -> Finding:
    return Finding(code, Severity.ERROR, {"places": places, **params})


def _sets(problem: CoverageProblem, result: CoverageResult) -> Iterator[Finding]:
    """Check each set: in one piece, beside the community that it joins or enough for a new one."""
    beside = {(int(place), int(community)) for place, community in problem.beside}
    for places, community in result.sets():
        total = int(problem.households[places].sum())
        if community is None and not (problem.min_households <= total <= problem.max_households):
            yield _fault("coverage.bad_size", len(places), households=total)
        touches = community is None or any((place, community) in beside for place in places)
        if not touches or len(_reached(problem, places)) < len(places):
            yield _fault("coverage.bad_apart", len(places))
        if not problem.same_part(places, community):
            yield _fault("coverage.bad_part", len(places))


def _sums(problem: CoverageProblem, result: CoverageResult) -> Iterator[Finding]:
    """Check that no community that is joined comes to hold too many."""
    for community in np.unique(result.joins[result.joins >= 0]).tolist():
        places = np.flatnonzero(result.joins == community)
        total = int(problem.households[places].sum() + problem.community_households[community])
        if total > problem.max_households:
            yield _fault("coverage.bad_size", len(places), households=total)


def _reached(problem: CoverageProblem, places: list[int]) -> set[int]:
    """Places that hang on the first of them by way of others of them."""
    inside = set(places)
    near: dict[int, list[int]] = {}
    for a, b in zip(problem.tail.tolist(), problem.head.tolist(), strict=True):
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    reached, waiting = {places[0]}, [places[0]]
    while waiting:
        for other in near.get(waiting.pop(), []):
            if other in inside and other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


def coverage_terms(problem: CoverageProblem, result: CoverageResult) -> dict[str, float]:
    """Compute the terms of proposals from what each place does."""
    sets = result.sets()
    return {
        "outside_households": float(problem.households[result.set_of < 0].sum()),
        "proposals": float(len(sets)),
        "distance_household_km": sum(set_distance(problem, held, c) for held, c in sets),
    }


def _figures(problem: CoverageProblem, result: CoverageResult) -> Iterator[Finding]:
    terms = coverage_terms(problem, result)
    weights = vars(problem.weights)
    again = terms | {"objective": sum(weights[name] * value for name, value in terms.items())}
    said = dict(result.terms) | {"objective": result.objective}
    for name, value in again.items():
        if not abs(said.get(name, np.nan) - value) <= TOLERANCE * max(1.0, abs(value)):
            yield _fault("coverage.bad_figure", 0, term=name, said=said.get(name), value=value)
    above = result.bound > result.objective * (1 + TOLERANCE) + TOLERANCE
    if above or (result.status is Status.OPTIMAL and result.gap > TOLERANCE):
        bound = {"term": "bound", "said": result.bound, "value": result.objective}
        yield _fault("coverage.bad_figure", 0, **bound)
