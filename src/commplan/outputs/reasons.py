"""Why each community is drawn so: its size, what it takes from whom, what its borders follow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.outputs.reasons_borders import border_shares
from commplan.outputs.reasons_words import Partner, Tried, Why
from commplan.plan.plan import Plan
from commplan.problem.successors import match_successors


@dataclass(frozen=True)
class OtherPlan:
    """A plan that was tried besides.

    Parameters
    ----------
    above : float
        Its cost above that of the plan, as a share.
    community_of : int array, shape (n units,)
    """

    above: float
    community_of: NDArray[np.int32]


def community_reasons(
    plan: Plan, bounds: tuple[int, int] | None, others: Sequence[OtherPlan] = ()
) -> list[Why]:
    """Gather why each community of a plan is drawn so.

    Parameters
    ----------
    plan : Plan
    bounds : (int, int) or None
        Of the households, inclusive.
    others : sequence of OtherPlan
        Alternatives of the same run, in their order after the plan itself.

    Returns
    -------
    list of Why
        In the order of the plan's communities.
    """
    borders = border_shares(plan)
    reasons = _exception_words(plan)
    moved = [_moved(plan, other.community_of) for other in others]
    found = []
    for row, old in enumerate(plan.successor_of.tolist()):
        inside = plan.community_of == row
        was = plan.today_of == old if old >= 0 else np.zeros(inside.size, dtype=bool)
        why = Why(
            households=int(plan.communities["households"].iloc[row]),
            bounds=bounds,
            exception=reasons.get(row, ""),
            old=_named(plan.today, old) if old >= 0 else None,
            is_unchanged=old >= 0 and bool((inside == was).all()),
            borders=borders[row],
            tried=_tried(plan, inside, others, moved),
        )
        found.append(_with_flows(why, plan, inside, was))
    return found


def _named(table: pd.DataFrame, row: int) -> tuple[str, int]:
    return str(table["name"].iloc[row]), int(table["households"].iloc[row])


def _with_flows(why: Why, plan: Plan, inside: NDArray[np.bool_], was: NDArray[np.bool_]) -> Why:
    """Add what a community takes and gives, and which of the others are out of bounds."""
    incoming = inside & (plan.today_of >= 0) & ~was
    outgoing = was & (plan.community_of >= 0) & ~inside
    nobody = inside & (plan.today_of < 0)
    empty = _households(plan) == 0
    today, names = plan.today["name"].astype(str), plan.communities["name"].astype(str)
    return replace(
        why,
        takes=_flows(plan, incoming, plan.today_of, today.tolist()),
        gives=_flows(plan, outgoing, plan.community_of, names.tolist()),
        from_nobody=int(_households(plan)[nobody].sum()),
        empty_in=_counts(incoming & empty, plan.today_of, today.tolist()),
        empty_out=_counts(outgoing & empty, plan.community_of, names.tolist()),
        partners=_partners(plan, incoming & ~empty, outgoing & ~empty, why.bounds),
    )


def _partners(
    plan: Plan,
    incoming: NDArray[np.bool_],
    outgoing: NDArray[np.bool_],
    bounds: tuple[int, int] | None,
) -> tuple[Partner, ...]:
    """Find who is too large today among those that give, too small among those that get."""
    if bounds is None:
        return ()
    carried = set(plan.successor_of.tolist())
    found = []
    for old in np.unique(plan.today_of[incoming]).tolist():
        name, households = _named(plan.today, old)
        if households > bounds[1]:
            found.append(Partner("large", name, households))
        elif households < bounds[0] and old not in carried:
            found.append(Partner("ends", name, households))
    for row in np.unique(plan.community_of[outgoing]).tolist():
        old = int(plan.successor_of[row])
        if old >= 0 and _named(plan.today, old)[1] < bounds[0]:
            found.append(Partner("small", *_named(plan.today, old)))
    return tuple(found)


def _moved(plan: Plan, community_of: NDArray[np.int32]) -> int:
    """Count the households that another plan moves, as the yardstick does."""
    today_of, new_of = plan.today_of.astype(np.int64), community_of.astype(np.int64)
    households = _households(plan)
    successor = match_successors(today_of, new_of, households)
    return int(households[(today_of >= 0) & (successor[new_of] != today_of)].sum())


def _households(plan: Plan) -> NDArray[np.int64]:
    if plan.territory.units is None:
        raise ValueError("a plan of a territory without units")
    return plan.territory.units["households"].to_numpy(dtype=np.int64)


def _exception_words(plan: Plan) -> dict[int, str]:
    """Community -> reason, of those with an excepted unit."""
    if plan.territory.units is None or not plan.exceptions:
        return {}
    ids = plan.territory.units["unit_id"].astype(str).tolist()
    pairs = zip(ids, plan.community_of.tolist(), strict=True)
    return {row: plan.exceptions[unit] for unit, row in pairs if unit in plan.exceptions}


def _flows(
    plan: Plan, chosen: NDArray[np.bool_], of: NDArray[np.int32], names: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Households of the chosen units by community, the most first; none without households."""
    sums = np.bincount(of[chosen], weights=_households(plan)[chosen], minlength=1).astype(int)
    order = np.lexsort((np.arange(sums.size), -sums))
    return tuple((names[i], int(sums[i])) for i in order.tolist() if sums[i] > 0)


def _counts(
    chosen: NDArray[np.bool_], of: NDArray[np.int32], names: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Count the chosen units by community, the most first."""
    counts = np.bincount(of[chosen], minlength=1)
    order = np.lexsort((np.arange(counts.size), -counts))
    return tuple((names[i], int(counts[i])) for i in order.tolist() if counts[i])


def _tried(
    plan: Plan, inside: NDArray[np.bool_], others: Sequence[OtherPlan], moved: Sequence[int]
) -> tuple[Tried, ...]:
    """Compare a community with the one that shares most households with it in each other plan."""
    households = _households(plan)
    found = []
    here = _moved(plan, plan.community_of) if others else 0
    for number, (other, all_moved) in enumerate(zip(others, moved, strict=True), start=2):
        weights = np.maximum(households[inside], 1e-3)  # a community of parks has a twin too
        twin = int(np.bincount(other.community_of[inside], weights=weights).argmax())
        there = other.community_of == twin
        more = int(households[there & ~inside].sum())
        fewer = int(households[inside & ~there].sum())
        if more or fewer:
            found.append(Tried(number, other.above, more, fewer, all_moved, here))
    return tuple(found[:3])
