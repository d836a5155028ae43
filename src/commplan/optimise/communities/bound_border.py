"""Lower bound of borders: prices per node that no possible community can beat.

If every set of nodes that could be a community costs at least the prices of its nodes (half of
its border, plus a price for being one more), the prices add up to a bound for every plan: the dual
of set partitioning. Sets are priced as closed walks in the planar dual, by the load they enclose
(`bound_walks`); connected communities without holes are such walks, and a walk that encloses more
than the upper bound is asked as much as the bound, which covers communities with holes. Prices
start too high; walks that are too cheap lower them and become rows of a linear programme that
proposes the next prices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commplan.optimise.communities.bound_master import Wish
from commplan.optimise.communities.bound_planar import is_sound
from commplan.optimise.communities.bound_pricing import Ground, Pricing, Scale, make_scale
from commplan.optimise.communities.instance import Floats

_CUTS = 300  # cycles that are kept off negative before prices are tried
_RADIUS = 0.1  # how far a proposal goes at first, as a share of each price
_START_RATE = 1.06  # of the mean price
_SHARES = (0.9, 0.7, 0.55, 0.45, 0.35, 0.27, 0.18, 0.1)  # of a known plan's cost, to start from
_LEAST_RADIUS = 0.002
_WIDER, _WIDEST_BAND = 1.5, 0.2  # band kept off negative cycles, where walks stray too far
_SLOW_PASSES, _LEAST_GAIN = 12, 5e-4  # passes that together have to raise the bound by that share
_FIRST = 2e6  # labels per node that each try to start may look at


@dataclass(frozen=True)
class Priced:
    """Prices (households) and what they prove; ``wish`` holds them as whole numbers."""

    bound: float
    prices: Floats
    extra: float
    passes: int
    wish: Wish
    scale: Scale


@dataclass(frozen=True)
class Spend:
    """What may be spent: times that all walks are priced, labels looked at, and a guard.

    ``tell`` is told each better bound.
    """

    passes: int
    labels: float
    is_over: Callable[[], bool]
    tell: Callable[[float], None] | None = None


def border_prices(ground: Ground, goal: float, steps: int, spend: Spend) -> Priced | None:
    """Look for prices with a high bound; only prices that hold are returned.

    Parameters
    ----------
    ground : Ground
    goal : float
        Cost of a known plan (households, as the borders are weighted).
    steps : int
        Loads that are told apart up to the upper bound.
    spend : Spend
        Its guard ends the search with the best prices so far.

    Returns
    -------
    Priced or None
        None where nothing could be proven.
    """
    scale = make_scale(ground, goal, steps)
    if goal <= 0 or scale.load.sum() <= 0 or not is_sound(ground.dual):
        return None
    pricing = Pricing(ground, scale)
    best, done = _first(pricing, goal, spend)
    radius = _RADIUS
    values: list[int] = []
    while best is not None and done < spend.passes and radius >= _LEAST_RADIUS:
        value = _value(ground, best)
        values.append(value)
        if spend.tell is not None:
            spend.tell(value / scale.per_cost)
        if len(values) > _SLOW_PASSES and value < (1 + _LEAST_GAIN) * values[-_SLOW_PASSES]:
            break
        wish, hoped = pricing.master.propose(best, radius)
        for _ in range(_CUTS):
            if hoped <= value or not pricing.tighten(wish) or spend.is_over():
                break
            wish, hoped = pricing.master.propose(best, radius)
        if hoped <= value or pricing.labels >= spend.labels or spend.is_over():
            break
        done += 1
        found = pricing.hold(wish, spend.labels - pricing.labels, spend.is_over)
        if found is None and pricing.strayed and pricing.master.band < _WIDEST_BAND:
            pricing.master.band *= _WIDER
            continue
        if found is None or _value(ground, found) <= value:
            radius *= 0.6
            continue
        if _value(ground, found) < value + 0.2 * (hoped - value):
            radius *= 0.8
        best = found
    if best is None:
        return None
    per = scale.per_cost
    bound = _value(ground, best) / per
    return Priced(bound, best.prices / per, best.extra / per, done, best, scale)


def _value(ground: Ground, wish: Wish) -> int:
    return int(wish.prices.sum()) + ground.fewest * wish.extra


def _first(pricing: Pricing, goal: float, spend: Spend) -> tuple[Wish | None, int]:
    """Prices in proportion to the load, as high as they hold without much work."""
    s = pricing.scale
    for done, share in enumerate(_SHARES, 1):
        if spend.is_over():
            break
        rate = share * goal * s.per_cost / float(s.load.sum())
        wish = Wish(np.floor(s.load * rate).astype(np.int64), 0, int(_START_RATE * rate))
        most = min(_FIRST * len(s.load), 0.3 * spend.labels)
        found = pricing.hold(wish, most, spend.is_over)
        if found is not None:
            return found, done
    return None, len(_SHARES)
