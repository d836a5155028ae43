"""What has to be said about the rooms of a plan: short, far, without a place, without data."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from commplan.findings import Finding, Severity
from commplan.plan.plan import Plan
from commplan.policy.norms import ROOM_SIZE_RULES, choice
from commplan.policy.profile import Profile

HOUSE = "house choice"
ROUNDING_M2 = 0.05


def room_findings(plan: Plan, profile: Profile, opened: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Say what is short, far, or not known about a plan's rooms.

    Parameters
    ----------
    plan : Plan
    profile : Profile
    opened : sequence of str
        Sites that the user has decided to use.

    Returns
    -------
    tuple of Finding
        Empty for a plan whose rooms were not placed.
    """
    if plan.rooms is None or plan.territory.units is None:
        return ()
    return (
        *_sizes(plan, profile),
        *_unused(plan, opened),
        *_unknown(plan, profile),
        *_walks(plan, profile),
    )


def _sizes(plan: Plan, profile: Profile) -> Iterator[Finding]:
    if plan.rooms is None:
        return
    rooms = plan.rooms.rooms
    clause = next((c for c in map(profile.clause, ROOM_SIZE_RULES) if c), None)
    missing = rooms["site_id"].isna()
    if plan.territory.sites is None or not len(plan.territory.sites):
        need = float(rooms["need_m2"].sum())
        yield Finding("rooms.no_sites", Severity.WARNING, {"need_m2": round(need)}, clause=clause)
        return
    said = plan.rooms.lacking_yuan
    lacking = np.full(len(rooms), np.nan) if said is None else said
    poor = missing & np.isfinite(lacking)
    short = ~missing & (rooms["short_m2"] > ROUNDING_M2)
    for code, which, name, amount in (
        ("rooms.over_budget", poor, "yuan", lacking),
        ("rooms.no_place", missing & ~poor, "need_m2", rooms["need_m2"]),
        ("rooms.short", short, "short_m2", rooms["short_m2"]),
    ):
        if which.any():
            params = {"communities": int(which.sum()), name: round(float(np.nansum(amount[which])))}
            ids = _ids(rooms.loc[which, "community_id"])
            yield Finding(code, Severity.WARNING, params, ids, "communities", clause=clause)


def _unused(plan: Plan, opened: Sequence[str]) -> Iterator[Finding]:
    """Name rooms that stand, and sites that are decided, and serve no community."""
    layer = plan.territory.sites
    if plan.rooms is None or layer is None:
        return
    used = set(plan.rooms.rooms["site_id"].dropna())
    refused = tuple(sorted(set(opened) - used))
    if refused:
        params = {"sites": len(refused)}
        yield Finding("rooms.open_unused", Severity.WARNING, params, refused, "sites")
    unused = (layer["status"] == "existing") & ~layer["site_id"].isin({*used, *opened})
    if unused.any():
        ids = _ids(layer.loc[unused, "site_id"].astype(str))
        yield Finding("rooms.unused", Severity.NOTE, {"sites": len(ids)}, ids, "sites")


def _unknown(plan: Plan, profile: Profile) -> Iterator[Finding]:
    """Say what needs data before it can be judged."""
    if plan.rooms is None:
        return
    rooms = plan.rooms.rooms
    sited = rooms["site_id"].notna()
    for code, unknown, column, layer in (
        ("rooms.floor_needs_data", sited & rooms["floor_m2"].isna(), "site_id", "sites"),
        ("rooms.cost_needs_data", sited & rooms["cost_yuan"].isna(), "site_id", "sites"),
    ):
        if unknown.any():
            ids = _ids(rooms.loc[unknown, column])
            yield Finding(code, Severity.NOTE, {"sites": len(ids)}, ids, layer)
    if rooms["need_m2"].isna().any():
        ruled = any(profile.get(rule_id) for rule_id in ROOM_SIZE_RULES)
        code = "rooms.need_needs_data" if ruled else "rooms.no_rule"
        unknown = rooms["need_m2"].isna()
        yield Finding(
            code,
            Severity.NOTE,
            {"communities": int(unknown.sum()), "profile": profile.name},
            _ids(rooms.loc[unknown, "community_id"]) if ruled else (),
        )


def _walks(plan: Plan, profile: Profile) -> Iterator[Finding]:
    """Households that are far from their room, and those that cannot reach it."""
    units = plan.territory.units
    if plan.rooms is None or units is None:
        return
    limit_min = choice(profile, "room_min")
    households = units["households"].to_numpy(dtype=np.int64)
    minutes = plan.rooms.minutes
    has_room = plan.rooms.rooms["site_id"].notna().to_numpy()
    placed = (plan.community_of >= 0) & has_room[plan.community_of] & (households > 0)
    ids = units["unit_id"].to_numpy()
    for code, which in (
        ("rooms.far", placed & np.isfinite(minutes) & (minutes > limit_min)),
        ("rooms.unreachable", placed & np.isinf(minutes)),
    ):
        if which.any():
            yield Finding(
                code,
                Severity.WARNING,
                {
                    "units": int(which.sum()),
                    "households": int(households[which].sum()),
                    "minutes": limit_min,
                },
                tuple(ids[which].tolist()),
                "units",
                clause=HOUSE,
            )


def _ids(column: "pd.Series[str]") -> tuple[str, ...]:
    return tuple(sorted(set(column.tolist())))
