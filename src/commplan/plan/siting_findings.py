"""What has to be said about a siting: who is left out, why, and what would help."""

import math
from collections.abc import Iterator

import numpy as np

from commplan.findings import Finding, Severity
from commplan.plan.siting import SitingPlan
from commplan.policy.norms import ROOM_SIZE_RULES
from commplan.policy.profile import Profile
from commplan.problem.location import Uncovered

HOUSE = "house choice"
ROUNDING_M2 = 0.05


def siting_findings(
    plan: SitingPlan, profile: Profile, yearly_yuan: tuple[float, ...]
) -> tuple[Finding, ...]:
    """Say who is left out and why, which rooms are too small or come too late, what is not known.

    Parameters
    ----------
    plan : SitingPlan
    profile : Profile
    yearly_yuan : tuple of float
        Money of each year; empty where no years are asked for.

    Returns
    -------
    tuple of Finding
    """
    return (
        *(_uncovered(plan, cause) for cause in plan.result.causes),
        *_small(plan, profile),
        *_late(plan, yearly_yuan),
        *_extended(plan, profile),
        *_left_out(plan),
        *_unpriced(plan),
        *_sized(plan, profile),
        Finding(
            f"siting.asked_{plan.posed.options.aim}",
            Severity.NOTE,
            {"minutes": plan.posed.options.limit_min},
            clause=HOUSE,
        ),
    )


def _uncovered(plan: SitingPlan, cause: Uncovered) -> Finding:
    units = list(cause.units)
    options = plan.posed.options
    params: dict[str, object] = {
        "units": len(units),
        "households": int(plan.households[units].sum()),
        "minutes": options.limit_min,
        "budget": options.budget_yuan or 0.0,
        "number": options.number or 0,
    }
    params |= {f"helps_{name}": value for name, value in cause.remedy.items()}
    code = f"siting.left_{cause.code}"
    if cause.code == "no_site":
        nearest = plan.posed.nearest_min[units]
        reached = nearest[np.isfinite(nearest)]
        if len(reached) < len(nearest):
            code += "_at_all"
        else:
            least, most = (math.ceil(10.0 * m) / 10.0 for m in (reached.min(), reached.max()))
            params |= {"least": least, "most": most}  # rounded up: beyond the limit
    ids = plan.units["unit_id"].iloc[units].tolist()
    return Finding(code, Severity.WARNING, params, tuple(ids), "units", clause=HOUSE)


def _sized(plan: SitingPlan, profile: Profile) -> Iterator[Finding]:
    if plan.posed.options.sized:
        clause = next((c for c in map(profile.clause, ROOM_SIZE_RULES) if c), None)
        yield Finding("siting.asked_size", Severity.NOTE, {}, clause=clause)


def _small(plan: SitingPlan, profile: Profile) -> Iterator[Finding]:
    sites = plan.sites
    short = (sites["need_m2"] - sites["floor_m2"]).clip(lower=0)
    small = short > ROUNDING_M2
    if small.any():
        clause = next((c for c in map(profile.clause, ROOM_SIZE_RULES) if c), None)
        params = {"sites": int(small.sum()), "short_m2": round(float(short[small].sum()))}
        ids = tuple(sites.loc[small, "site_id"].astype(str))
        yield Finding("siting.small", Severity.WARNING, params, ids, "sites", clause=clause)


def _late(plan: SitingPlan, yearly_yuan: tuple[float, ...]) -> Iterator[Finding]:
    sites = plan.sites
    late = sites["action"].isin(["new", "extend"]) & sites["year"].isna()
    if yearly_yuan and late.any():
        params = {
            "sites": int(late.sum()),
            "yuan": float(sites.loc[late, "cost_yuan"].sum()),
            "households": int(sites.loc[late, "households"].sum()),
            "years": len(yearly_yuan),
        }
        ids = tuple(sites.loc[late, "site_id"].astype(str))
        yield Finding("siting.late", Severity.WARNING, params, ids, "sites")


def _extended(plan: SitingPlan, profile: Profile) -> Iterator[Finding]:
    sites = plan.sites[plan.sites["extend_m2"] > 0]
    if len(sites):
        params = {
            "sites": len(sites),
            "m2": float(sites["extend_m2"].sum()),
            "yuan": float(sites["cost_yuan"].sum()),
        }
        clause = next((c for c in map(profile.clause, ROOM_SIZE_RULES) if c), None)
        ids = tuple(sites["site_id"].astype(str))
        yield Finding("siting.extended", Severity.NOTE, params, ids, "sites", clause=clause)


def _left_out(plan: SitingPlan) -> Iterator[Finding]:
    """Name sites to which nobody may go, by what is asked of them."""
    for why, ids in plan.posed.left_out.items():
        params = {"sites": len(ids)}
        yield Finding(f"siting.out_{why}", Severity.NOTE, params, ids, "sites")


def _unpriced(plan: SitingPlan) -> Iterator[Finding]:
    """Name new rooms and extensions of unknown price, and what they are counted at."""
    posed, result = plan.posed, plan.result
    if plan.territory.sites is None:
        return
    ids = plan.territory.sites["site_id"].astype(str).to_numpy()[posed.site_rows]
    used = result.is_open & ~posed.priced
    new = used & ~posed.standing
    if new.any():
        params = {"sites": int(new.sum()), "yuan": float(posed.cost_yuan[new][0])}
        code, severity = "siting.unpriced", Severity.NOTE
        if not posed.problem.is_priced:
            code, severity = "siting.no_price_known", Severity.WARNING
        yield Finding(code, severity, params, tuple(ids[new]), "sites")
    floors = posed.problem.floors
    if floors is None or result.extended_m2 is None:
        return
    grown = used & (result.extended_m2 > 0)
    if grown.any():
        params = {"sites": int(grown.sum()), "yuan": float(floors.extend_yuan_per_m2[grown][0])}
        code = "siting.unpriced_extension"
        yield Finding(code, Severity.NOTE, params, tuple(ids[grown]), "sites")
