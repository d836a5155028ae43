"""What has to be said about a siting: who is left out, why, and what would help."""

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
        *_unpriced(plan),
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
            params |= {"least": float(reached.min()), "most": float(reached.max())}
    ids = plan.units["unit_id"].iloc[units].tolist()
    return Finding(code, Severity.WARNING, params, tuple(ids), "units", clause=HOUSE)


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
    late = (sites["action"] == "new") & sites["year"].isna()
    if yearly_yuan and late.any():
        params = {
            "sites": int(late.sum()),
            "yuan": float(sites.loc[late, "cost_yuan"].sum()),
            "households": int(sites.loc[late, "households"].sum()),
            "years": len(yearly_yuan),
        }
        ids = tuple(sites.loc[late, "site_id"].astype(str))
        yield Finding("siting.late", Severity.WARNING, params, ids, "sites")


def _unpriced(plan: SitingPlan) -> Iterator[Finding]:
    unknown = np.flatnonzero(plan.result.is_open & ~plan.posed.priced)
    if len(unknown) and plan.territory.sites is not None:
        ids = plan.territory.sites["site_id"].astype(str).to_numpy()[plan.posed.site_rows[unknown]]
        params = {"sites": len(unknown), "yuan": float(plan.posed.cost_yuan[unknown[0]])}
        yield Finding("siting.unpriced", Severity.NOTE, params, tuple(ids.tolist()), "sites")
