"""What checking a rule needs and gives: the plan seen by rules, and an outcome per rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.evaluate.circles import Circles
from commplan.findings import Finding, Severity
from commplan.plan.plan import Plan
from commplan.policy.clause import Force
from commplan.policy.profile import Profile, Rule

Floats = NDArray[np.float64]


class Outcome(StrEnum):
    """What came of checking one rule."""

    MET = "met"  #: measured, and the plan keeps it: no finding
    BROKEN = "broken"  #: measured, and something falls short
    REPORTED = "reported"  #: measured; the document gives no number to judge by, or only a duty
    UNMEASURED = "unmeasured"  #: needs data that the scenario does not have


@dataclass(frozen=True)
class RuleResult:
    """One rule of the profile against one plan; ``finding`` is None where it is met."""

    rule_id: str
    outcome: Outcome
    finding: Finding | None = None


@dataclass(frozen=True)
class PlanView:
    """What the checks look at.

    Parameters
    ----------
    profile : Profile
    plan : Plan
    circles : Circles or None
    measures : mapping of str to float
        Figures of the scorecard (``border_km``, ``soft_border_km``), and the user's own by rule id
        (``"pay.ratio"``: 1.3).
    """

    profile: Profile
    plan: Plan
    circles: Circles | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def ids(self) -> NDArray[np.object_]:
        """Ids of the plan's communities."""
        return self.plan.communities["community_id"].to_numpy(dtype=object)

    def of_communities(self, column: str) -> Floats:
        """Return a column of the plan's communities as floats, NaN where null or absent."""
        return numbers(self.plan.communities, column)

    def summed(self, column: str) -> Floats:
        """Sum a column of the units per community of the plan.

        Returns
        -------
        float64 array, shape (communities,)
            NaN throughout where no unit has a value; units without one count as 0 otherwise.
        """
        count = len(self.plan.communities)
        units = self.plan.territory.units
        if units is None or np.isnan(values := numbers(units, column)).all():
            return np.full(count, np.nan)
        rows = self.plan.community_of
        inside = rows >= 0
        weights = np.nan_to_num(values[inside])
        return np.bincount(rows[inside], weights=weights, minlength=count).astype(np.float64)


Check = Callable[[PlanView, Rule], RuleResult]


def met(rule: Rule) -> RuleResult:
    """Say that the plan keeps the rule."""
    return RuleResult(rule.rule_id, Outcome.MET)


def broken(rule: Rule, ids: Iterable[object] = (), **params: object) -> RuleResult:
    """Say that something falls short; a warning where the document says must, else a note."""
    return _result(rule, Outcome.BROKEN, ids, params)


def reported(rule: Rule, ids: Iterable[object] = (), **params: object) -> RuleResult:
    """Tell what was measured where there is no number to judge it by."""
    return _result(rule, Outcome.REPORTED, ids, params)


def unmeasured(rule: Rule, ids: Iterable[object] = (), **params: object) -> RuleResult:
    """Say that the rule cannot be measured, and by the text of its code what it needs."""
    return _result(rule, Outcome.UNMEASURED, ids, params)


def worded_as(result: RuleResult, words: str) -> RuleResult:
    """Give a result the sentence ``rules.<outcome>.<words>`` instead of its rule's own."""
    if result.finding is None:
        return result
    finding = replace(result.finding, code=f"rules.{result.outcome}.{words}")
    return replace(result, finding=finding)


def _result(
    rule: Rule, outcome: Outcome, ids: Iterable[object], params: Mapping[str, object]
) -> RuleResult:
    must = outcome is Outcome.BROKEN and rule.force is Force.MUST
    shown = {
        "rule": rule.rule_id,
        "force": str(rule.force) if rule.force else "",
        "outcome": str(outcome),
        **params,
    }
    if rule.deadline is not None:
        shown["deadline"] = rule.deadline.isoformat()
    finding = Finding(
        code=f"rules.{outcome}.{rule.rule_id}",
        severity=Severity.WARNING if must else Severity.NOTE,
        params=shown,
        ids=tuple(str(one) for one in ids),
        clause=str(rule.clause),
    )
    return RuleResult(rule.rule_id, outcome, finding)


def numbers(table: pd.DataFrame | None, column: str) -> Floats:
    """Return a column as floats: NaN where null, where the column or the whole table is absent."""
    if table is None or column not in table:
        return np.full(0 if table is None else len(table), np.nan)
    return table[column].to_numpy(dtype=np.float64, na_value=np.nan)


def has_any(table: pd.DataFrame | None, column: str) -> bool:
    """Whether a table has a value anywhere in a column."""
    return table is not None and column in table and bool(table[column].notna().any())


def outside(values: Floats, least: float, most: float) -> NDArray[np.bool_]:
    """Which values lie outside inclusive ends; NaN ends bound nothing, NaN values are not outside."""
    low = values < least if not np.isnan(least) else np.zeros(values.shape, dtype=bool)
    high = values > most if not np.isnan(most) else np.zeros(values.shape, dtype=bool)
    return np.asarray(low | high)
