"""Check a rollout: its limits, and whether every year's plan is valid by itself."""

from collections.abc import Iterator

import numpy as np

from commplan.evaluate.validity import ValidityRules, validity_findings
from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.plan.make import PlanOptions, plan_from_assignment
from commplan.plan.rollout import RolloutPlan, assignment_of_year, done_units
from commplan.problem.result import Status
from commplan.problem.rollout import LIMITS, RolloutAnswer, RolloutProblem

TOLERANCE = 1e-6


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
    if abs(cost - answer.objective) > TOLERANCE * (1.0 + cost):
        params = {"value": cost, "said": answer.objective}
        found.append(Finding("rollout.bad_figure", Severity.ERROR, params))
    slack = TOLERANCE * (1.0 + cost)
    unproven = answer.status is Status.OPTIMAL and answer.bound < cost - slack
    if not 0.0 <= answer.bound <= cost + slack or unproven:
        params = {"value": cost, "said": answer.bound}
        found.append(Finding("rollout.bad_bound", Severity.ERROR, params))
    return found


def year_findings(
    rollout: RolloutPlan, graph: UnitGraph, rules: ValidityRules
) -> tuple[list[Finding], list[Finding]]:
    """Check the plan of every year by the rules of every plan.

    Returns
    -------
    faults : list of Finding
        What is wrong about communities that have changed, and is not wrong in the plan at the end.
    notes : list of Finding
        One per year: which communities, not yet changed, do not keep the rules; a warning where the
        plan at the end does not keep them either.
    """
    final = {_key(f) for f in _errors_of(validity_findings(rollout.plan, graph, rules))}
    faults: list[Finding] = []
    notes: list[Finding] = []
    if final:
        ids_wrong = tuple(sorted({name for _, ids in final for name in ids}))
        params: dict[str, object] = {"faults": len(final)}
        notes.append(Finding("rollout.plan_invalid", Severity.WARNING, params, ids_wrong))
    options = PlanOptions(exceptions=rollout.plan.exceptions)
    for year in range(rollout.problem.years):
        given = assignment_of_year(rollout, year)
        plan = plan_from_assignment(rollout.plan.territory, given, options)
        ids = {given[row] for row in np.flatnonzero(done_units(rollout, year)).tolist()}
        done = {name for pair in ids for name in pair if name}
        errors = list(_errors_of(validity_findings(plan, graph, rules)))
        faults += [f for f in errors if done.intersection(f.ids) and _key(f) not in final]
        open_ones = sorted({name for f in errors for name in f.ids if name not in done})
        if open_ones:
            params = {"year": rollout.first_year + year, "faults": len(errors)}
            note = Finding("rollout.not_yet", Severity.NOTE, params, tuple(open_ones))
            notes.append(note)
    return faults, notes


def _errors_of(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    return (f for f in findings if f.severity is Severity.ERROR)


def _key(finding: Finding) -> tuple[str, tuple[str, ...]]:
    return finding.code, finding.ids
