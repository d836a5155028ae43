"""Result: labels, an honest status, a proven bound, and the reasons where there is no plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from commplan.problem.proof import ProofPart


class Status(StrEnum):
    """What is known about a result."""

    OPTIMAL = "optimal"  #: valid, and proven to be the best
    FEASIBLE = "feasible"  #: valid, not proven to be the best
    INFEASIBLE = "infeasible"  #: proven that nothing is valid
    NOT_FOUND = "not found"  #: nothing valid found, nothing proven


@dataclass(frozen=True)
class Remedy:
    """A way out of infeasibility; ``code`` is a key of ``texts`` (topic ``causes``)."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cause:
    """One reason why nothing is valid.

    Parameters
    ----------
    code : str
        Key of ``texts``, topic ``causes``.
    params : mapping
        Numbers for the sentence.
    units : tuple of int
        Positions of the units concerned.
    part : int or None
        The subdistrict concerned.
    remedies : tuple of Remedy
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    units: tuple[int, ...] = ()
    part: int | None = None
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Effort:
    """Work done, in counts that do not depend on the machine."""

    moves: int = 0
    columns: int = 0
    nodes: int = 0


@dataclass(frozen=True)
class Result:
    """The answer to a problem.

    Parameters
    ----------
    status : Status
    labels : int32 array or None
        Per unit, the community (0..k-1, numbered by first unit), or None where nothing was found.
    objective : float or None
        Weighted sum of the terms, in households.
    bound : float
        Proven lower bound of the objective.
    bound_method : str
        Key of ``texts``, topic ``certificate``: how the bound was proven.
    terms : mapping of str to float
        Each term unweighted.
    effort : Effort
    runtime_s : float
    seed : int
    reproducible : bool
        False where a time limit or an interrupt cut the work short.
    interrupted : bool
    trajectory : tuple of (seconds, objective)
    causes : tuple of Cause
    proof : tuple of ProofPart
        What proves ``bound``; the values of the parts add up to it.
    """

    status: Status
    labels: NDArray[np.int32] | None
    objective: float | None
    bound: float
    bound_method: str
    terms: Mapping[str, float] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    runtime_s: float = 0.0
    seed: int = 0
    reproducible: bool = True
    interrupted: bool = False
    trajectory: tuple[tuple[float, float], ...] = ()
    causes: tuple[Cause, ...] = ()
    proof: tuple[ProofPart, ...] = ()

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective, 0 where both are 0, None without a plan."""
        if self.objective is None:
            return None
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / self.objective
