"""Whether a plan keeps to the limits that the scenario itself sets besides those of households."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.evaluate.validity import called, exception_reasons, unchanged
from commplan.findings import Finding, Severity
from commplan.plan.places import blocks_of
from commplan.plan.plan import Plan
from commplan.pose.attributes import amounts_of, whole_limits
from commplan.problem.communities import shown_amount


@dataclass(frozen=True)
class ScenarioLimits:
    """What the scenario asks of every plan; no document stands behind it.

    Parameters
    ----------
    bounds : mapping of str to (least, most)
        Per column of the units (``"population"``, ..., ``"area_km2"``), inclusive.
    communities : (fewest, most) or None
    max_moved_households : int or None
    grandfather : bool
        A community that is exactly one of today's may stay out of bounds.
    """

    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    communities: tuple[int, int] | None = None
    max_moved_households: int | None = None
    grandfather: bool = False


def limit_findings(plan: Plan, limits: ScenarioLimits) -> tuple[Finding, ...]:
    """Find every limit of the scenario that a plan breaks.

    Returns
    -------
    tuple of Finding
        An error for each limit that is broken, and for each column that cannot be summed; notes
        for those that are kept, and for communities out of bounds by exception or because they
        are not changed.
    """
    return (
        *(f for name in limits.bounds for f in _attribute(plan, limits, name)),
        *_number(plan, limits),
        *_moved(plan, limits),
    )


def _attribute(plan: Plan, limits: ScenarioLimits, name: str) -> Iterator[Finding]:
    units = plan.territory.units
    if units is None:
        return
    area_m2 = shapely.area(np.asarray(blocks_of(plan.territory).array))
    amounts = amounts_of(units, area_m2, name)
    lost = np.flatnonzero(amounts < 0)
    if lost.size:
        ids = tuple(units["unit_id"].to_numpy(dtype=object)[lost].tolist())
        params = {"attribute": name, "units": int(lost.size)}
        yield Finding("validity.attribute_unknown", Severity.ERROR, params, ids)
        return
    inside = plan.community_of >= 0
    total = np.bincount(
        plan.community_of[inside], amounts[inside], minlength=len(plan.communities)
    ).astype(np.int64)
    low, high = whole_limits(name, limits.bounds[name])
    wrong = (total < low) | (total > high)
    yield from _out_of_bounds(plan, limits, (name, total, low, high), wrong)
    if not wrong.any() and total.size:
        least, most = shown_amount(name, int(total.min())), shown_amount(name, int(total.max()))
        params = {"attribute": name, "least": least, "most": most}
        kept = params | {"min": shown_amount(name, low), "max": shown_amount(name, high)}
        yield Finding("validity.attribute_kept", Severity.NOTE, kept)


def _out_of_bounds(
    plan: Plan,
    limits: ScenarioLimits,
    sums: tuple[str, NDArray[np.int64], int, int],
    wrong: NDArray[np.bool_],
) -> Iterator[Finding]:
    name, total, low, high = sums
    reasons = exception_reasons(plan)
    same = unchanged(plan) if limits.grandfather else np.zeros(total.size, dtype=np.bool_)
    for community in np.flatnonzero(wrong).tolist():
        amount = int(total[community])
        params = called(plan, community) | {
            "attribute": name,
            "amount": shown_amount(name, amount),
            "min": shown_amount(name, low),
            "max": shown_amount(name, high),
        }
        ids = (str(plan.communities["community_id"].iloc[community]),)
        if community in reasons:
            params["reason"] = "; ".join(dict.fromkeys(reasons[community]))
            yield Finding("validity.attribute_excepted", Severity.NOTE, params, ids)
        elif same[community]:
            yield Finding("validity.attribute_grandfathered", Severity.NOTE, params, ids)
        else:
            short = amount < low
            params["by"] = shown_amount(name, low - amount if short else amount - high)
            code = "validity.attribute_too_little" if short else "validity.attribute_too_much"
            yield Finding(code, Severity.ERROR, params, ids)


def _number(plan: Plan, limits: ScenarioLimits) -> Iterator[Finding]:
    if limits.communities is None:
        return
    low, high = limits.communities
    count = len(plan.communities)
    params = {"communities": count, "min": low, "max": high}
    if low <= count <= high:
        yield Finding("validity.number_kept", Severity.NOTE, params)
    else:
        yield Finding("validity.wrong_number", Severity.ERROR, params)


def _moved(plan: Plan, limits: ScenarioLimits) -> Iterator[Finding]:
    if limits.max_moved_households is None:
        return
    moved = int(plan.moves["households"].sum())
    params = {"moved": moved, "max": limits.max_moved_households}
    if moved <= limits.max_moved_households:
        yield Finding("validity.moved_kept", Severity.NOTE, params)
        return
    params["by"] = moved - limits.max_moved_households
    yield Finding("validity.too_many_moved", Severity.ERROR, params)
