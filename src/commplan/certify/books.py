"""Whether no cost is counted twice by the parts of a proof."""

import numpy as np
from numpy.typing import NDArray

from commplan.certify.counts import JOINT
from commplan.problem.communities import TERMS, CommunityProblem
from commplan.problem.proof import Proof, ProofPart

BORDERS = ("border_km", "soft_border_km")
_COUNTED = (JOINT, ("area_imbalance_km2",), ("moved_households",))
_ALLOWED = {
    "border_outside": (BORDERS,),
    "prices_border": (BORDERS,),
    "eigen": (BORDERS,),
    "prices_distance": (JOINT,),
    "counting": _COUNTED,
    "exact": (TERMS,),
}


def doubled(problem: CommunityProblem, proof: Proof) -> list[bool]:
    """Per part, whether its terms are not those of its kind, or a part before it counts them.

    Borders are counted by pairs of neighbours: half of each border that leaves the units of
    ``border_outside`` or ``exact``, all of each border inside the units of the other kinds. The
    other terms are counted by units. ``whole_steps`` rounds up what all before it prove.
    """
    edges = np.zeros(len(problem.edges.tail), dtype=np.int32)  # in halves
    units = {term: np.zeros(problem.n, dtype=np.bool_) for term in TERMS if term not in BORDERS}
    result = []
    for i, part in enumerate(proof):
        if part.kind == "whole_steps":  # on top of all others, so it has no term of its own
            result.append(i + 1 < len(proof) or len(part.units) < problem.n)
            continue
        wrong = part.terms not in _ALLOWED[part.kind]
        if set(part.terms) & set(BORDERS):
            edges += _halves(problem, part)
            wrong |= bool((edges > 2).any())
        for term in part.terms:
            if term in units:
                wrong |= bool(units[term][part.units].any())
                units[term][part.units] = True
        result.append(wrong)
    return result


def _halves(problem: CommunityProblem, part: ProofPart) -> NDArray[np.int32]:
    inside = np.isin(np.arange(problem.n), part.units)
    tail, head = inside[problem.edges.tail], inside[problem.edges.head]
    both = np.where(tail & head & (part.kind != "border_outside"), 2, 0)
    leaves = (tail != head) & (part.kind in ("border_outside", "exact"))
    halves: NDArray[np.int32] = (both + leaves).astype(np.int32)
    return halves
