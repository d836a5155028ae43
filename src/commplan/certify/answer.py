"""What a certificate says about the plan itself: valid, its terms, its objective, its status."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.certify.ground import survey_ground
from commplan.certify.parts import Checked
from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import compute_terms, objective, renumber
from commplan.problem.validity import faults

RECORDED = 1e-6  # relative: figures are recorded with twelve digits
EQUAL = 1e-9  # relative: an optimum's bound is its objective


@dataclass(frozen=True)
class Disagreement:
    """One thing that the certificate says and that does not come out again.

    ``what`` is a key of ``texts`` (``certificate.differs_<what>``).
    """

    what: str
    params: Mapping[str, object]


def disagreements(
    problem: CommunityProblem,
    labels: NDArray[np.int32],
    recorded: Mapping[str, Any],
    checked: tuple[Checked, ...],
) -> list[Disagreement]:
    """Hold what is recorded against the plan and the parts of the proof.

    Parameters
    ----------
    problem : CommunityProblem
    labels : int32 array, shape (n,)
        The plan.
    recorded : mapping
        The certificate.
    checked : tuple of Checked
        The parts of its proof.
    """
    found = [
        Disagreement("invalid", {"rule": breach.kind, "units": len(breach.units)})
        for breach in faults(problem, labels)
    ]
    terms = compute_terms(problem, renumber(labels))
    value = objective(problem, terms)
    weights = asdict(problem.weights)
    claimed_terms, claimed_weights = (
        given if isinstance(given, dict) else {}
        for given in (recorded.get("terms"), recorded.get("weights"))
    )
    pairs = [(name, claimed_terms.get(name), terms[name]) for name in terms]
    pairs += [(f"weights.{name}", claimed_weights.get(name), weights[name]) for name in weights]
    bound = number(recorded.get("bound"))
    gap = max(0.0, (value - bound) / value) if value > 0 else 0.0
    pairs += [("objective", recorded.get("objective"), value), ("gap", recorded.get("gap"), gap)]
    pairs += [
        (name, recorded.get(name), getattr(problem, name))
        for name in ("min_households", "max_households")
    ]
    found += [
        Disagreement("figure", {"name": name, "recorded": str(a), "again": f"{b:.12g}"})
        for name, a, b in pairs
        if not _same(a, b)
    ]
    return found + _bound_faults(problem, labels, (recorded, bound, value), checked)


def number(value: object) -> float:
    """Return a recorded number; not a number where it is none."""
    return float(value) if isinstance(value, int | float) else math.nan


def _same(a: object, b: float) -> bool:
    return isinstance(a, int | float) and math.isclose(a, b, rel_tol=RECORDED, abs_tol=1e-9)


def _bound_faults(
    problem: CommunityProblem,
    labels: NDArray[np.int32],
    told: tuple[Mapping[str, Any], float, float],
    checked: tuple[Checked, ...],
) -> list[Disagreement]:
    """Whether bound and status follow from the parts."""
    recorded, bound, value = told
    total = sum(c.part.value for c in checked)
    most = min(total, value) + EQUAL * max(1.0, abs(total))
    numbers = {"recorded": f"{bound:,.6g}", "again": f"{min(total, value):,.6g}"}
    found = [] if bound <= most else [Disagreement("bound", numbers)]
    if recorded.get("status") == "optimal":
        exact = sum(len(c.part.units) for c in checked if c.part.kind == "exact") == problem.n
        if not exact and bound < value - EQUAL * max(1.0, abs(value)):
            found.append(Disagreement("optimal", numbers))
    elif recorded.get("status") != "feasible":
        found.append(Disagreement("status", {"status": str(recorded.get("status"))}))
    if checked and problem.exempt.any() and not within_stretch(problem, labels):
        found.append(Disagreement("stretch", {}))
    return found


def within_stretch(problem: CommunityProblem, labels: NDArray[np.int32]) -> bool:
    """Whether communities of exceptions go no further than the bound takes them to.

    Parameters
    ----------
    problem : CommunityProblem
    labels : int32 array, shape (n,)
    """
    ground = survey_ground(problem)
    households = np.bincount(labels, problem.households)
    for unit in np.flatnonzero(problem.exempt).tolist():
        area = ground.areas[int(ground.area[unit])]
        if not area.least <= households[labels[unit]] <= area.largest:
            return False
    return True
