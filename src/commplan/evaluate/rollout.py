"""Check a rollout: its limits, and whether every year's plan is valid by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from commplan.evaluate.validity import ValidityRules, validity_findings
from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.plan.make import PlanOptions, plan_from_assignment
from commplan.plan.rollout import RolloutPlan, assignment_of_year, done_units
from commplan.problem.result import Status
from commplan.problem.rollout import LIMITS, RolloutAnswer, RolloutProblem

TOLERANCE = 1e-6
#: Findings whose ids are communities; those of the other rules are units.
OF_COMMUNITIES = ("validity.too_few", "validity.too_many")


def check_schedule(problem: RolloutProblem, answer: RolloutAnswer) -> list[Finding]:
    """Find limits that are broken, groups before their year, and figures that differ."""
    found = []
    for year in range(problem.years):
        used = problem.use[answer.year_of == year].sum(axis=0)
        for at, name in enumerate(LIMITS):
            limit = float(problem.limit[year, at])
            if used[at] > limit + TOLERANCE * (1.0 + abs(limit)):
                params: dict[str, object] = {"name": name, "used": float(used[at]), "limit": limit}
                found.append(Finding("rollout.bad_limit", Severity.ERROR, params))
    early = (answer.year_of >= 0) & (answer.year_of < problem.first)
    if early.any():
        found.append(Finding("rollout.bad_early", Severity.ERROR, {"groups": int(early.sum())}))
    cost = problem.cost(answer.year_of)
    if not abs(cost - answer.objective) <= TOLERANCE * (1.0 + cost):  # nan is no cost either
        params = {"value": cost, "said": answer.objective}
        found.append(Finding("rollout.bad_figure", Severity.ERROR, params))
    slack = TOLERANCE * (1.0 + cost)
    unproven = answer.status is Status.OPTIMAL and answer.bound < cost - slack
    if not 0.0 <= answer.bound <= cost + slack or unproven:
        params = {"value": cost, "said": answer.bound}
        found.append(Finding("rollout.bad_bound", Severity.ERROR, params))
    return found


@dataclass(frozen=True)
class YearCheck:
    """What the rules of every plan say about the plan of each year.

    Parameters
    ----------
    faults : tuple of Finding
        What is wrong about communities that have changed, and is not wrong in the plan at the end.
    notes : tuple of Finding
        One per year: which communities, not yet changed, do not keep the rules; a warning where the
        plan at the end does not keep them either.
    breaks : tuple of (int, int)
        Per year: findings against communities that have changed, and against those that have not.
    """

    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    breaks: tuple[tuple[int, int], ...]


def check_years(rollout: RolloutPlan, graph: UnitGraph, rules: ValidityRules) -> YearCheck:
    """Check the plan of every year by the rules of every plan."""
    final = {_key(f) for f in _errors_of(validity_findings(rollout.plan, graph, rules))}
    faults: list[Finding] = []
    notes: list[Finding] = []
    breaks = []
    if final:
        ids_wrong = tuple(sorted({name for _, ids in final for name in ids}))
        params: dict[str, object] = {"faults": len(final)}
        notes.append(Finding("rollout.plan_invalid", Severity.WARNING, params, ids_wrong))
    options = PlanOptions(exceptions=rollout.plan.exceptions)
    for year in range(rollout.problem.years):
        given = assignment_of_year(rollout, year)
        plan = plan_from_assignment(rollout.plan.territory, given, options)
        changed = [given[row] for row in np.flatnonzero(done_units(rollout, year)).tolist()]
        own, others = by_change(_errors_of(validity_findings(plan, graph, rules)), changed)
        breaks.append((len(own), len(others)))
        faults += [f for f in own if _key(f) not in final]
        waiting = tuple(sorted({name for f in others for name in f.ids}))
        if waiting:
            params = {"year": rollout.first_year + year, "faults": len(others)}
            notes.append(Finding("rollout.not_yet", Severity.NOTE, params, waiting))
    return YearCheck(tuple(faults), tuple(notes), tuple(breaks))


def by_change(
    findings: Iterable[Finding], changed: Iterable[tuple[str, str | None]]
) -> tuple[list[Finding], list[Finding]]:
    """Part findings into those that touch a community that has changed, and the others.

    A finding names communities where their size is wrong and units where anything else is; a unit
    may well be called as a community is.

    Parameters
    ----------
    findings : iterable of Finding
    changed : iterable of (str, str or None)
        Unit and community of every unit whose community has changed.
    """
    pairs = tuple(changed)
    units, communities = {unit for unit, _ in pairs}, {name for _, name in pairs}
    own: list[Finding] = []
    others: list[Finding] = []
    for finding in findings:
        named = communities if finding.code in OF_COMMUNITIES else units
        (own if named.intersection(finding.ids) else others).append(finding)
    return own, others


def _errors_of(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    return (f for f in findings if f.severity is Severity.ERROR)


def _key(finding: Finding) -> tuple[str, tuple[str, ...]]:
    return finding.code, finding.ids
