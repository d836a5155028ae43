"""Pose the schedule of a rollout: groups of communities, what each takes, and how urgent it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.plan.plan import Plan
from commplan.plan.rollout import RolloutPlan, change_groups
from commplan.policy.profile import Profile
from commplan.problem.rollout import LIMITS, RolloutAnswer, RolloutProblem
from commplan.texts import input_error

HUNDRED = 100.0


@dataclass(frozen=True)
class RolloutOptions:
    """What the scenario asks of a rollout; every figure is the user's.

    Parameters
    ----------
    first_year, years : int
    limits : tuple of float
        Communities, yuan and staff a year; inf for none.
    yuan_per_community, yuan_per_moved_household, staff_per_community : float
    weight_size, weight_short, weight_moved : float
        Of 100 households out of bounds today, 100 m² of room short and 100 households moved; each
        community's own weight is 1.
    min_households, max_households : int
    first_year_of : mapping of str to int
        Year before which a community is not ripe.
    together : tuple of tuple of str
    room_yuan, short_m2 : mapping of str to float
        By community, where the plan's folder states them.
    """

    first_year: int
    years: int
    limits: tuple[float, float, float]
    min_households: int
    max_households: int
    yuan_per_community: float = 0.0
    yuan_per_moved_household: float = 0.0
    staff_per_community: float = 0.0
    weight_size: float = 1.0
    weight_short: float = 1.0
    weight_moved: float = 0.0
    first_year_of: Mapping[str, int] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    room_yuan: Mapping[str, float] = field(default_factory=dict)
    short_m2: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PosedRollout:
    """The question in numbers, and the figures of each community behind it."""

    plan: Plan
    group_of: NDArray[np.int32]
    figures: pd.DataFrame
    problem: RolloutProblem


def pose_rollout(plan: Plan, options: RolloutOptions) -> PosedRollout:
    """Put a rollout in numbers.

    Raises
    ------
    InputError
        Where the options name a community that the plan does not have.
    """
    ids = plan.communities["community_id"].astype(str).tolist()
    named = [*options.first_year_of, *(name for names in options.together for name in names)]
    strange = [name for name in dict.fromkeys(named) if name not in ids]
    if strange:
        params = {"ids": ", ".join(strange[:5]), "count": len(strange)}
        raise input_error([Fault("rollout.unknown_ids", params, field_name="rollout")])
    row_of = {name: row for row, name in enumerate(ids)}
    together = [[row_of[name] for name in names] for names in options.together if names]
    group_of = change_groups(plan, together)
    figures = _figures(plan, options)
    groups = int(group_of.max(initial=-1)) + 1
    own = group_of >= 0
    use = np.zeros((groups, len(LIMITS)))
    np.add.at(use, group_of[own], figures[["one", "cost_yuan", "staff"]].to_numpy()[own])
    urgency = np.zeros(groups)
    np.add.at(urgency, group_of[own], figures["urgency"].to_numpy()[own])
    first = np.zeros(groups, dtype=np.int32)
    for name, year in options.first_year_of.items():
        group = int(group_of[row_of[name]])
        if group >= 0:
            first[group] = max(first[group], min(year - options.first_year, options.years))
    limit = np.tile(np.array(options.limits, dtype=np.float64), (options.years, 1))
    return PosedRollout(plan, group_of, figures, RolloutProblem(use, limit, urgency, first))


def _figures(plan: Plan, options: RolloutOptions) -> pd.DataFrame:
    """Figures of every community of the plan."""
    count = len(plan.communities)
    ids = plan.communities["community_id"].astype(str).tolist()
    moved = plan.moves.groupby("to_id")["households"].sum()
    moved_households = np.array([float(moved.get(name, 0)) for name in ids])
    today = plan.today["households"].to_numpy(dtype=np.float64)
    out = np.maximum(today - options.max_households, options.min_households - today).clip(min=0)
    # The worst of today's communities of which a community takes any unit.
    size_out = np.zeros(count)
    was = plan.today_of >= 0
    np.maximum.at(size_out, plan.community_of[was], out[plan.today_of[was]])
    short = np.array([float(options.short_m2.get(name, 0.0)) for name in ids])
    rooms = np.array([float(options.room_yuan.get(name, 0.0)) for name in ids])
    cost = options.yuan_per_community + options.yuan_per_moved_household * moved_households + rooms
    urgency = (
        1.0
        + (
            options.weight_size * size_out
            + options.weight_short * short
            + options.weight_moved * moved_households
        )
        / HUNDRED
    )
    return pd.DataFrame(
        {
            "one": np.ones(count),
            "cost_yuan": cost,
            "staff": np.full(count, options.staff_per_community),
            "moved_households": moved_households.astype(np.int64),
            "size_out": size_out.astype(np.int64),
            "short_m2": short,
            "urgency": urgency,
        }
    )


def make_rollout(
    posed: PosedRollout, answer: RolloutAnswer, first_year: int, rules: tuple[Profile, ...] = ()
) -> RolloutPlan:
    """Name who changes when and why, and say what does not fit."""
    plan, problem = posed.plan, posed.problem
    rows: list[dict[str, Any]] = []
    for row in np.flatnonzero(posed.group_of >= 0).tolist():
        group = int(posed.group_of[row])
        year = int(answer.year_of[group])
        known, figures = plan.communities.iloc[row], posed.figures.iloc[row]
        rows.append(
            {
                "community_id": known["community_id"],
                "name": known["name"],
                "year": first_year + year if year >= 0 else 0,
                "group": group + 1,
                "households": int(known["households"]),
                "cost_yuan": float(figures["cost_yuan"]),
                "staff": float(figures["staff"]),
                "moved_households": int(figures["moved_households"]),
                "size_out_households": int(figures["size_out"]),
                "short_m2": float(figures["short_m2"]),
                "urgency": float(figures["urgency"]),
                "why": _why(problem, group, year, figures),
            }
        )
    names = ["community_id", "name", "year", "group", "households", "cost_yuan", "staff"]
    names += ["moved_households", "size_out_households", "short_m2", "urgency", "why"]
    table = pd.DataFrame(rows, columns=names)
    order = table["year"].replace(0, 9999)
    table = table.assign(order=order).sort_values(["order", "group", "community_id"])
    table = table.drop(columns="order").reset_index(drop=True)
    findings = (*_left_out(table, problem), *_document_findings(table, rules))
    return RolloutPlan(plan, posed.group_of, problem, answer, first_year, table, findings)


def _why(problem: RolloutProblem, group: int, year: int, figures: "pd.Series[Any]") -> str:
    """Code of the chief reason for a community's year; ``rollout.why_<code>`` words it."""
    if year < 0:
        if (problem.use[group] > problem.limit.max(axis=0)).any():
            return "too_large"
        return "not_ripe" if problem.first[group] >= problem.years else "no_room"
    if 0 < problem.first[group] == year:
        return "ripe"
    if figures["size_out"] >= max(figures["short_m2"], 1):
        return "size"
    return "short" if figures["short_m2"] > 0 else "follows"


def _left_out(table: pd.DataFrame, problem: RolloutProblem) -> list[Finding]:
    """Say who does not fit and, for each group that is too large, what it takes."""
    found = []
    for group, own in table[table["why"] == "too_large"].groupby("group"):
        communities, yuan, staff = problem.use[int(str(group)) - 1].tolist()
        params: dict[str, object] = {"communities": int(communities), "yuan": yuan, "staff": staff}
        ids = tuple(own["community_id"].astype(str))
        found.append(
            Finding("rollout.left_too_large", Severity.WARNING, params, ids, "communities")
        )
    for why in ("not_ripe", "no_room"):
        ids = tuple(table.loc[table["why"] == why, "community_id"].astype(str))
        if ids:
            code = f"rollout.left_{why}"
            found.append(Finding(code, Severity.WARNING, {}, ids, "communities"))
    return found


def _document_findings(table: pd.DataFrame, rules: tuple[Profile, ...]) -> list[Finding]:
    """Hold the schedule against what documents say about the pace, as targets beside the limits."""
    found = []
    total = max(1, len(table))
    done = table[table["year"] > 0]
    for profile in rules:
        stepwise, rural = profile.get("adjust.stepwise"), profile.get("rollout.rural")
        goal = profile.get("rollout.goal")
        if stepwise is not None:
            clause = str(stepwise.clause)
            found.append(Finding("rollout.stepwise", Severity.NOTE, {}, clause=clause))
        if rural is not None and len(done):
            share = 100.0 * int(done["year"].value_counts().min()) / total
            params: dict[str, object] = {"asked": float(rural.value), "share": round(share, 1)}
            clause = str(rural.clause)
            found.append(Finding("rollout.pace", Severity.NOTE, params, clause=clause))
        if goal is not None:
            asked = goal.value.get("urban")
            asked = asked.get("min") if isinstance(asked, Mapping) else asked
            params = {"asked": asked, "share": round(100.0 * len(done) / total, 1)}
            code = "rollout.goal" if goal.deadline else "rollout.goal_undated"
            if goal.deadline:
                params["day"] = goal.deadline.isoformat()
            found.append(Finding(code, Severity.NOTE, params, clause=str(goal.clause)))
    return found
