"""UnitGraph: which units touch, along how many metres, and where one may cross."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commplan.findings import Finding


@dataclass(frozen=True)
class UnitGraph:
    """Neighbouring units, one entry per pair, sorted by (tail, head), tail < head.

    Parameters
    ----------
    n : int
        Number of units; positions are those of ``Territory.units``.
    tail, head : int32 array, shape (m,)
    border_m : float64 array, shape (m,)
        Shared border in sum; 0 for a pair joined by a crossing or as nearest neighbour only.
    barrier_m : float64 array, shape (m,)
        The part of it on a barrier.
    is_open : bool array, shape (m,)
        Whether the pair counts as connected.
    findings : tuple of Finding
    """

    n: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    border_m: NDArray[np.float64]
    barrier_m: NDArray[np.float64]
    is_open: NDArray[np.bool_]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def m(self) -> int:
        """Number of pairs."""
        return int(self.tail.shape[0])

    def replace(self, **changes: Any) -> "UnitGraph":
        """Return a copy with some fields changed."""
        return replace(self, **changes)
