"""Check a proof: work out anew what each part proves, and hold it against what it claims."""

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from commplan.certify.books import doubled
from commplan.certify.border_part import border_value
from commplan.certify.counts import counted, edge_costs, outside_border
from commplan.certify.ground import Ground, Ints, survey_ground
from commplan.certify.medians import median_bound
from commplan.certify.parts import Checked, Derived, Verdict
from commplan.certify.small import enumerated
from commplan.certify.spectrum import eigen_bound
from commplan.certify.steps import step_above
from commplan.problem.communities import CommunityProblem
from commplan.problem.proof import Proof, ProofPart

_ROUNDING = 1e-12  # of a value: what adding up in another order can change
_NOTHING = 1e-9  # households


def check_proof(
    problem: CommunityProblem, proof: Proof, report: Callable[[Checked], None] | None = None
) -> tuple[Checked, ...]:
    """Check every part of a proof.

    Parameters
    ----------
    problem : CommunityProblem
        Posed anew from the input.
    proof : tuple of ProofPart
        As read from the certificate.
    report : callable, optional
        Told each part as soon as it is checked.
    """
    ground = survey_ground(problem)
    found: list[Checked] = []
    for part, twice in zip(proof, doubled(problem, proof), strict=True):
        begin = time.perf_counter()
        if twice:
            derived = Derived(None, "twice")
        elif part.kind == "whole_steps":
            derived = Derived(step_above(problem, sum(c.part.value for c in found)))
        else:
            derived = _derived(problem, ground, part)
        checked = Checked(part, derived, _verdict(part, derived), time.perf_counter() - begin)
        if report is not None:
            report(checked)
        found.append(checked)
    return tuple(found)


def _verdict(part: ProofPart, derived: Derived) -> Verdict:
    value = derived.value
    if value is None or not math.isfinite(value):
        return Verdict.FAILS
    if part.value > value + _NOTHING + _ROUNDING * abs(value):
        return Verdict.FAILS
    return Verdict.TRUST if derived.trusted else Verdict.HOLDS


def _derived(problem: CommunityProblem, ground: Ground, part: ProofPart) -> Derived:
    """Work out what a part proves."""
    units = np.sort(part.units).astype(np.int64)
    whole = bool(np.isin(ground.area, ground.area[units]).sum() == len(units))
    reason = _misplaced(ground, part, whole=whole)
    if reason:
        return Derived(None, reason)
    if part.kind == "border_outside":
        return outside_border(problem, part)
    if part.kind == "counting":
        return counted(problem, ground, part)
    if part.kind == "exact":
        return enumerated(problem, units, part.value)
    if part.kind == "prices_border":
        return border_value(problem, ground, part, whole=whole)
    if part.kind == "eigen":
        return _eigen(problem, ground, part)
    if len(part.prices) != int(part.node.max()) + 1 or not np.isfinite(part.prices).all():
        return Derived(None, "lengths")
    return Derived(median_bound(problem, part))


def _misplaced(ground: Ground, part: ProofPart, *, whole: bool) -> str:
    """Why a part is not about what it should be: areas, nodes, bounds of communities; or ""."""
    if len(part.units) == 0:
        return "units"
    single = len(np.unique(ground.area[part.units])) == 1
    needs_one = part.kind in ("eigen", "prices_distance")
    if part.kind != "prices_border" and (not whole or (needs_one and not single)):
        return "area"
    if part.kind in ("border_outside", "counting", "exact"):
        return ""
    if len(part.node) == 0 or not _nodes_fit(ground, part):
        return "nodes"
    return _beyond(ground, part)


def _nodes_fit(ground: Ground, part: ProofPart) -> bool:
    """Whether every valid plan keeps the units of each node of a part together."""
    truth = ground.node[part.units]
    order = np.argsort(part.node, kind="stable")
    same = part.node[order][1:] == part.node[order][:-1]
    return bool((truth[order][1:] == truth[order][:-1])[same].all())


def _beyond(ground: Ground, part: ProofPart) -> str:
    """Whether communities of these areas can be smaller, larger, fewer or more than a part says."""
    areas = [ground.areas[a] for a in np.unique(ground.area[part.units])]
    if part.low > min(a.least for a in areas) or part.high < max(a.largest for a in areas):
        return "bounds"
    fewest, most = sum(a.fewest for a in areas), sum(a.most for a in areas)
    if part.fewest > fewest or part.most < most:
        return "number"
    return ""


def _eigen(problem: CommunityProblem, ground: Ground, part: ProofPart) -> Derived:
    place: NDArray[np.int64] = np.full(problem.n, -1, dtype=np.int64)
    place[part.units] = part.node
    e = problem.edges
    pairs: Ints = np.column_stack([place[e.tail], place[e.head]])
    inner = (pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])
    households = problem.households[part.units].astype(np.float64)
    area = ground.areas[int(ground.area[part.units[0]])]
    edges = (pairs[inner], edge_costs(problem)[inner])
    value = eigen_bound(part.node.astype(np.int64), households, edges, area)
    return Derived(value)
