"""Ways out of infeasibility, each of them tried: offered is only what was solved to a valid plan.

Causes are gone through one by one. While one is looked at, those before it are resolved by their
first way out and those after it are excused, so that all first ways out together make one valid
plan. A trial solves only the surroundings of the cause; the rest keeps the plan it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from commplan.optimise.communities.candidates import TIES, Ladder, ladders
from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.least import least_rules
from commplan.optimise.communities.loosened import bound_of
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.relax import (
    RANK,
    apply_remedy,
    given_up_households,
    number_of,
    take_units,
)
from commplan.optimise.communities.trials import EXACT_UNITS, Bench, Solve, Units, holds
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem, Weights, shown_amount
from commplan.problem.result import Cause, Remedy
from commplan.problem.terms import (
    compute_terms,
    moved_households,
    objective,
    renumber,
    sum_by,
)
from commplan.problem.validity import faults

_REFINEMENTS = 5
_ROUNDS = 3
_MOVING_EFFORT = 0.1


@dataclass(frozen=True)
class _Way:
    """A way out that worked: the plan that came out and what it gives up."""

    remedy: Remedy
    labels: Ints
    given_up: int

    @property
    def key(self) -> tuple[int, int, int]:
        return self.given_up, RANK.index(self.remedy.code), len(self.remedy.units)


def with_ways_out(
    problem: CommunityProblem, causes: Sequence[Cause], clock: Clock, solve: Solve
) -> tuple[Cause, ...]:
    """Return the causes, each with the ways out that were tried and work, the cheapest first.

    Parameters
    ----------
    problem : CommunityProblem
        Proven infeasible.
    causes : sequence of Cause
    clock : Clock
        A guard; the work is capped by `MOST_UNITS_SOLVED` and `MOST_TRIALS`.
    solve : callable
        `redraw`.

    Returns
    -------
    tuple of Cause
        Remedies carry ``given_up`` (households for which the rule is given up), ``communities``
        and ``cost`` of the plan that came out (of what could be divided).
    """
    bench = Bench(problem, solve, clock, np.full(problem.n, -1, dtype=np.int32))
    causes = _divide_excused(bench, [_with_least_rules(problem, c, clock) for c in causes])
    resolved = problem
    told: list[Cause] = []
    for number, cause in enumerate(causes):
        base = _excused(resolved, causes[number + 1 :])
        bench.trials = 0
        ways = _ways(bench, base, cause)
        told.append(replace(cause, remedies=tuple(_worded(problem, resolved, w) for w in ways)))
        first = next((w for w in ways if len(w.labels) == problem.n), None)
        if first is None:
            resolved = _excused(resolved, [cause])
        else:
            resolved, bench.plan = apply_remedy(resolved, first.remedy), first.labels
    if _whole(bench, resolved):
        return tuple(told)
    return tuple(replace(cause, remedies=()) for cause in told)


def _whole(bench: Bench, resolved: CommunityProblem) -> bool:
    """Whether the first ways out, taken together, make one valid plan of everything."""
    if (bench.plan >= 0).all() and not faults(resolved, renumber(bench.plan)):
        return True
    return not bench.spent() and bench.divide(resolved, np.arange(resolved.n)) is not None


def _with_least_rules(problem: CommunityProblem, cause: Cause, clock: Clock) -> Cause:
    if cause.code != "causes.together":
        return cause
    rules = least_rules(problem, cause.units, clock)
    return replace(cause, params={**cause.params, "rules": rules})


def _excused(problem: CommunityProblem, causes: Sequence[Cause]) -> CommunityProblem:
    """Return the problem as if the causes did not concern it: exempt, released."""
    for cause in causes:
        if cause.code in {"causes.moved_limit", "causes.together"}:
            problem = problem.replace(max_moved_households=None)
        if cause.code == "causes.moved_limit":
            continue
        way = Remedy("causes.allow_exception", {}, cause.units)
        problem = apply_remedy(problem, way)
        if cause.code in TIES or cause.code == "causes.together":
            problem = apply_remedy(problem, Remedy("causes.release_group", {}, cause.units))
            problem = apply_remedy(problem, Remedy("causes.release_locks", {}, cause.units))
        if cause.code == "causes.number_out_of_range":
            problem = problem.replace(min_communities=0, max_communities=None)
    return problem


def _divide_excused(bench: Bench, causes: list[Cause]) -> list[Cause]:
    """Find a plan of everything as if the causes did not concern it.

    Returns
    -------
    list of Cause
        With those that only come to light when the rest is divided by itself.
    """
    for _ in range(_ROUNDS):
        problem = _excused(bench.problem, causes)
        numbered = problem.min_communities > 0 or problem.max_communities is not None
        if numbered or problem.max_moved_households is not None:
            return causes
        component = presolve(problem, np.ones(problem.n, dtype=np.bool_)).component
        concerned = sorted({int(component[u]) for cause in causes for u in cause.units})
        rest = np.flatnonzero(~np.isin(component, concerned) & (bench.plan < 0))
        if len(rest) == 0:
            break
        unmet = _keep(bench, problem, rest)
        if not unmet:
            break
        causes = [*causes, *(_with_least_rules(problem, c, bench.clock) for c in unmet)]
    for c in concerned:
        units = np.flatnonzero(component == c)
        # A small area with one cause is tried whole at once; no plan around it is needed.
        if len(causes) > 1 or len(units) > EXACT_UNITS:
            _keep(bench, problem, units)
    return causes


def _keep(bench: Bench, problem: CommunityProblem, units: Units) -> tuple[Cause, ...]:
    """Divide some units and keep what comes out; the causes where that is impossible."""
    bench.unmet = ()
    labels = bench.divide(problem, units)
    if labels is not None:
        bench.plan[units] = labels + int(bench.plan.max()) + 1
    return bench.unmet


def _ways(bench: Bench, base: CommunityProblem, cause: Cause) -> list[_Way]:
    """Try every ladder for one cause; what works, the cheapest first."""
    found: dict[tuple[str, int], _Way] = {}
    moving = _moving(bench, base, cause)
    if moving is not None:
        found[moving.remedy.code, -1] = moving
    for number, ladder in enumerate(ladders(base, cause)):
        way = _climb(bench, base, cause, ladder)
        if way is None:
            continue
        # One exception is enough to offer; of crossings, lines and ties each is its own.
        alone = way.remedy.code in {"causes.allow_exception", "causes.open_crossing"}
        key = (way.remedy.code, 0 if alone else number)
        if key not in found or way.key < found[key].key:
            found[key] = way
    return sorted(found.values(), key=lambda w: w.key)


def _moving(bench: Bench, base: CommunityProblem, cause: Cause) -> _Way | None:
    """Let as many households move as a plan of least change does."""
    limit = base.max_moved_households
    if limit is None or cause.code not in {"causes.moved_limit", "causes.together"}:
        return None
    loose = base.replace(max_moved_households=None, weights=Weights(moved_households=1.0))
    labels = bench.divide(loose, np.arange(base.n), _MOVING_EFFORT)
    if labels is None:
        return None
    moved = moved_households(base, renumber(labels))
    return _Way(Remedy("causes.raise_moved", {"to": moved}), labels, max(0, moved - limit))


def _climb(bench: Bench, base: CommunityProblem, cause: Cause, ladder: Ladder) -> _Way | None:
    """Take the first step of a ladder that works; bounds are then narrowed down."""
    failed: int | None = None
    for remedy in ladder:
        if bench.spent():
            return None
        labels = bench.attempt(apply_remedy(base, remedy), cause)
        if labels is None:
            failed = number_of(remedy) if "to" in remedy.params else None
            continue
        if bound_of(base, remedy) is not None:
            return _narrowed(bench, base, cause, (remedy, labels, failed))
        return _way(base, remedy, labels)
    return None


def _narrowed(
    bench: Bench,
    base: CommunityProblem,
    cause: Cause,
    found: tuple[Remedy, Ints, int | None],
) -> _Way:
    """Bring a loosened bound as near to the old one as a few trials show to be possible."""
    remedy, labels, failed = found
    bound = bound_of(base, remedy)
    if failed is None and bound is not None:
        failed = bound.at
    remedy = _tight(base, remedy, labels)
    for _ in range(_REFINEMENTS):
        to = number_of(remedy)
        middle = (to + (failed or 0)) // 2
        if bench.spent() or middle in {to, failed}:
            break
        trial = replace(remedy, params={**remedy.params, "to": middle})
        better = bench.attempt(apply_remedy(base, trial), cause)
        if better is None:
            failed = middle
        else:
            labels, remedy = better, _tight(base, trial, better)
    return _way(base, remedy, labels)


def _tight(base: CommunityProblem, remedy: Remedy, labels: Ints) -> Remedy:
    """Set a bound to what the plan makes use of."""
    inside, bound = labels >= 0, bound_of(base, remedy)
    compact = renumber(labels[inside])
    if bound is None:
        return remedy
    total = sum_by(compact, bound.amount[inside], int(compact.max()) + 1)
    free = np.ones(len(total), dtype=np.bool_)
    free[compact[base.exempt[inside]]] = False
    if not free.any():
        return remedy
    used = int(total[free].max() if bound.is_upper else total[free].min())
    to = number_of(remedy)
    nearer = min(to, used) if bound.is_upper else max(to, used)
    tight = replace(remedy, params={**remedy.params, "to": nearer})
    return tight if holds(apply_remedy(base, tight), labels) else remedy


def _way(base: CommunityProblem, remedy: Remedy, labels: Ints) -> _Way:
    bound = bound_of(base, remedy)
    if bound is not None:
        beyond = abs(number_of(remedy) - bound.at)
        return _Way(remedy, labels, round(beyond * bound.worth_households))
    if len(labels) > base.n:  # a unit was cut: what is given up is that it stays whole
        return _Way(remedy, labels, int(base.households[list(remedy.units)].sum()))
    inside = np.flatnonzero(labels >= 0)
    part = base if len(inside) == base.n else take_units(base, inside)
    return _Way(remedy, labels, given_up_households(part, renumber(labels[inside])))


def _worded(problem: CommunityProblem, resolved: CommunityProblem, way: _Way) -> Remedy:
    """Add to a remedy what comes out, by the weights of the problem."""
    loosened = apply_remedy(resolved, way.remedy)
    inside = np.flatnonzero(way.labels >= 0)
    part = loosened if len(inside) == loosened.n else take_units(loosened, inside)
    terms = compute_terms(part.replace(weights=problem.weights), renumber(way.labels[inside]))
    out: dict[str, object] = {
        "given_up": way.given_up,
        "communities": int(terms["communities"]),
        "cost": round(objective(part, terms), 3),
    }
    if "attribute" in way.remedy.params:
        name = str(way.remedy.params["attribute"])
        out["shown"] = shown_amount(name, number_of(way.remedy))
    return replace(way.remedy, params={**way.remedy.params, **out})
