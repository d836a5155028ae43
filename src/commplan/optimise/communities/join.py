"""Join the answers of a problem's parts: labels, causes, and the proof of the whole."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from commplan.optimise.communities.bound_steps import rounded_up
from commplan.optimise.communities.instance import Ints
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import Proof
from commplan.problem.result import Cause, Effort, Result, Status
from commplan.problem.terms import compute_terms, objective, renumber
from commplan.problem.validity import faults


def join(
    problem: CommunityProblem,
    seed: int,
    places: Sequence[Ints],
    results: Sequence[Result],
    runtime_s: float,
) -> Result:
    """Put the answers of the parts together as the answer of the whole.

    Parameters
    ----------
    problem : CommunityProblem
        The whole.
    seed : int
        Of the whole.
    places : sequence of int32 arrays
        Positions of the units of each part.
    results : sequence of Result
        Of each part, in the same order; fewer where the work was broken off.
    runtime_s : float
    """
    known = {
        "effort": _sum_effort(results),
        "runtime_s": runtime_s,
        "seed": seed,
        "reproducible": all(r.reproducible for r in results) and len(results) == len(places),
        "interrupted": any(r.interrupted for r in results),
    }
    causes = tuple(
        _placed(cause, units)
        for units, result in zip(places, results, strict=False)
        for cause in result.causes
    )
    if any(r.status is Status.INFEASIBLE for r in results):
        return _nothing(Status.INFEASIBLE, causes, known)
    labels = _labels(problem, places, results)
    if (labels < 0).any() or faults(problem, labels):
        return _nothing(Status.NOT_FOUND, (), known)
    labels = renumber(labels)
    terms = compute_terms(problem, labels)
    value = objective(problem, terms)
    proof = _proof(problem, places, results)
    bound = min(value, sum(part.value for part in proof))
    optimal = all(r.status is Status.OPTIMAL for r in results)
    met = bound >= value - 1e-9 * max(1.0, value)
    return Result(
        status=Status.OPTIMAL if optimal and met else Status.FEASIBLE,
        labels=labels,
        objective=value,
        bound=bound,
        bound_method=_method(results),
        terms=terms,
        trajectory=_trajectory(results, value),
        proof=proof,
        **known,  # type: ignore[arg-type]
    )


def _nothing(status: Status, causes: tuple[Cause, ...], known: dict[str, object]) -> Result:
    method = "certificate.bound_none"
    return Result(status, None, None, 0.0, method, causes=causes, **known)  # type: ignore[arg-type]


def _labels(problem: CommunityProblem, places: Sequence[Ints], results: Sequence[Result]) -> Ints:
    labels = np.full(problem.n, -1, dtype=np.int32)
    top = 0
    for units, result in zip(places, results, strict=False):
        if result.labels is not None:
            labels[units] = result.labels + top
            top += int(result.labels.max()) + 1
    return labels


def _proof(problem: CommunityProblem, places: Sequence[Ints], results: Sequence[Result]) -> Proof:
    """Proofs of the parts with their units' positions in the whole, rounded up once, as a whole."""
    found = tuple(
        replace(piece, units=units[piece.units])
        for units, result in zip(places, results, strict=True)
        for piece in result.proof
        if piece.kind != "whole_steps"
    )
    return rounded_up(problem, found)


def _placed(cause: Cause, units: Ints) -> Cause:
    """Give a cause of a part the positions of the whole."""
    ways = tuple(
        replace(way, units=tuple(units[list(way.units)].tolist())) for way in cause.remedies
    )
    return replace(cause, units=tuple(units[list(cause.units)].tolist()), remedies=ways)


def _method(results: Sequence[Result]) -> str:
    """Say how the bound was proven; where one part was searched, the whole was."""
    methods = {r.bound_method.removeprefix("certificate.bound_") for r in results}
    stretch = "_stretch" if any(m.endswith("_stretch") for m in methods) else ""
    plain = {m.removesuffix("_stretch") for m in methods}
    if len(plain) > 1:
        plain = {"priced"}
    return f"certificate.bound_{plain.pop()}{stretch}"


def _sum_effort(results: Sequence[Result]) -> Effort:
    efforts = [r.effort for r in results]
    return Effort(
        sum(e.moves for e in efforts),
        sum(e.columns for e in efforts),
        sum(e.nodes for e in efforts),
    )


def _trajectory(results: Sequence[Result], value: float) -> tuple[tuple[float, float], ...]:
    """Lay the searches of the parts side by side: seconds since each began, cost of the whole.

    The cost ends at ``value``; it begins where every part has a plan.
    """
    events = sorted(
        (seconds, i, cost)
        for i, result in enumerate(results)
        for seconds, cost in result.trajectory
    )
    now = {i: r.objective or 0.0 for i, r in enumerate(results) if not r.trajectory}
    last = sum(r.trajectory[-1][1] if r.trajectory else now[i] for i, r in enumerate(results))
    found = []
    for seconds, i, cost in events:
        now[i] = cost
        if len(now) == len(results):
            found.append((seconds, value + sum(now.values()) - last))
    return tuple(found)
