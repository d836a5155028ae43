"""Move node prices, in whole numbers, until walks that were found too cheap are not."""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.bound_scan import Rule, Walks

Prices = NDArray[np.int64]


def lower_all(prices: Prices, load: Prices, walks: Walks, rule: Rule) -> bool:
    """Lower prices in place until none of ``walks`` is too cheap, the worst first."""
    for i in np.argsort(-walks.lack, kind="stable"):
        around = walks.windings[i].astype(np.int64)
        beyond = max(0, int(around @ load) - rule.high)
        lack = int(around @ prices) + rule.extra - int(walks.half[i]) - rule.rate * beyond
        if lack > 0 and not _lower(prices, around, lack):
            return False
    return True


def _lower(prices: Prices, around: Prices, lack: int) -> bool:
    """Take ``lack`` off the prices that a walk encloses, in proportion; False if it cannot."""
    inside = np.maximum(around, 0)
    total = int(inside @ prices)
    if total < lack:
        return False
    less = np.ceil(prices * (lack / total)).astype(np.int64) + 1
    prices -= np.where(inside > 0, np.minimum(prices, less), 0)
    return True


def mend(prices: Prices, load: Prices, around: Prices, lack: int) -> bool:
    """Move prices in place so that a cycle is not negative: down inside, or up inside a hole."""
    if int(around @ load) >= 0:
        return _lower(prices, around, lack + 1)
    hole = np.maximum(-around, 0)
    base = hole * (load + 1)
    prices += np.where(hole > 0, np.ceil((lack + 1) * base / int(hole @ base)), 0).astype(np.int64)
    return True
