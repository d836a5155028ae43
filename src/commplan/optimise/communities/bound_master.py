"""Proposals for node prices: a linear programme over the walks that were found too cheap."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack

from commplan.optimise.communities.instance import Floats, Ints

_MOST_ROWS = 4_000
_FLATTEST, _STEEPEST = 1.05, 1.10  # mean rate, in mean prices
_BAND = 0.05

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Wish:
    """Prices to try, the price of being one more community, and that of a step of load."""

    prices: Whole
    extra: int
    rate: int


@dataclass(frozen=True)
class Limits:
    """What does not change: load of each node, upper bound, least number, and ``counts``."""

    load: Whole
    high: int
    fewest: int
    counts: bool


@dataclass
class Master:
    """Walks found so far, as rows ``windings · prices + extra <= half`` (or without ``extra``).

    A community that encloses more than the upper bound is asked ``rate`` less for each step
    beyond; a mere cycle may not be negative beside ``rate``, but for ``band`` of its half border:
    walks could go round a cycle that costs next to nothing very often.
    """

    limits: Limits
    rows: list[csr_array] = field(default_factory=list)
    half: list[float] = field(default_factory=list)
    is_cycle: list[bool] = field(default_factory=list)
    band: float = _BAND

    def add(self, windings: Ints, half: Whole, is_cycle: bool) -> None:
        """Take in walks, one per row of ``windings``."""
        if len(windings) == 0:
            return
        self.rows.append(csr_array(windings.astype(np.float64)))
        self.half += half.tolist()
        self.is_cycle += [is_cycle] * len(half)

    def propose(self, centre: Wish, radius: float) -> tuple[Wish, float]:
        """Best prices by the rows, not too far from ``centre``; with the value they would prove."""
        from commplan.optimise.milp import MilpArrays, solve_arrays

        s = self.limits
        n = len(s.load)
        unit = max(1.0, float(centre.prices.sum()) / n)
        typical = unit * n / max(1, s.fewest)
        matrix, upper = self._matrix(centre)
        room = radius * (centre.prices + 0.3 * unit)
        reach = radius * typical if s.counts else 0.0
        least_rate = min(float(centre.rate), float(centre.prices.sum()) / float(s.load.sum()))
        answer = solve_arrays(
            MilpArrays(
                cost=np.concatenate([-np.ones(n), [-float(s.fewest), 1e-3]]),
                matrix=matrix,
                row_lower=np.full(len(upper), -np.inf),
                row_upper=upper / unit,
                col_lower=np.concatenate(
                    [
                        np.maximum(0, centre.prices - room),
                        [max(0.0, centre.extra - reach), 0.85 * least_rate],
                    ]
                )
                / unit,
                col_upper=np.concatenate(
                    [centre.prices + room, [centre.extra + reach, 1.2 * centre.rate]]
                )
                / unit,
            )
        )
        if answer.values is None:
            return centre, 0.0
        values = np.floor(answer.values * unit).astype(np.int64)
        wish = Wish(np.maximum(values[:n], 0), max(0, int(values[n])), int(values[n + 1]) + 1)
        return wish, float(wish.prices.sum() + s.fewest * wish.extra)

    def _matrix(self, centre: Wish) -> tuple[csr_array, Floats]:
        s = self.limits
        # The set of all nodes has no border: it is what keeps the rate above the mean price.
        whole = csr_array(np.ones((1, len(s.load))))
        rows = csr_array(vstack([whole, *self.rows]))
        half = np.array([0.0, *self.half])
        is_cycle = np.array([True, *self.is_cycle])
        load = rows @ s.load.astype(np.float64)
        beyond = np.where(is_cycle, load, np.maximum(0.0, load - s.high))
        slack = half + centre.rate * beyond - rows @ centre.prices - centre.extra * ~is_cycle
        keep = np.sort(np.argsort(slack, kind="stable")[:_MOST_ROWS])
        upper = half * np.where(is_cycle, 1 - self.band, 1.0) - np.where(
            is_cycle, 4.0 * len(s.load), 0
        )
        extra = csr_array((~is_cycle).astype(np.float64)[:, None])
        matrix = csr_array(hstack([rows, extra, csr_array(-beyond[:, None])]))
        # A rate at the mean price lets walks go round and round everything for nothing; a high
        # one makes walks long. Both make pricing slow.
        total = float(s.load.sum())
        ones = np.ones(len(s.load))
        steepest = max(_STEEPEST, centre.rate * total / max(1.0, float(centre.prices.sum())))
        rates = csr_array(
            np.array([[*(_FLATTEST * ones), 0.0, -total], [*(-steepest * ones), 0.0, total]])
        )
        return csr_array(vstack([matrix[keep], rates])), np.concatenate([upper[keep], [0.0, 0.0]])
