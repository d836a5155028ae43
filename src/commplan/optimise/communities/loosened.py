"""Which bound of communities a way out moves, and what a unit of it is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.problem.communities import Attribute, CommunityProblem
from commplan.problem.result import Remedy


@dataclass(frozen=True)
class Bound:
    """A bound of communities: amounts of the units, where it lies, and what a unit is worth."""

    amount: NDArray[np.int64]
    at: int
    is_upper: bool
    worth_households: float


def bound_of(problem: CommunityProblem, remedy: Remedy) -> Bound | None:
    """Return the bound that ``remedy`` moves; None where it moves none of a community's."""
    if remedy.code == "causes.raise_max":
        return Bound(problem.households, problem.max_households, True, 1.0)
    if remedy.code == "causes.lower_min":
        return Bound(problem.households, problem.min_households, False, 1.0)
    if remedy.code not in {"causes.raise_attribute", "causes.lower_attribute"}:
        return None
    attribute = next(a for a in problem.attributes if a.name == remedy.params["attribute"])
    worth = worth_households(problem, attribute)
    if remedy.code == "causes.raise_attribute":
        return Bound(attribute.amount, attribute.high, True, worth)
    return Bound(attribute.amount, attribute.low, False, worth)


def worth_households(problem: CommunityProblem, attribute: Attribute) -> float:
    """Households that one unit of an attribute stands for, on average."""
    return float(problem.households.sum()) / max(1.0, float(attribute.amount.sum()))
