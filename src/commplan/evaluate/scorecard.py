"""Scorecard: measures and findings, each with its clause."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from commplan.findings import Finding


@dataclass(frozen=True)
class Measure:
    """One figure, for the plan and for today.

    Parameters
    ----------
    code : str
        ``"moved_households"``; its wording is ``measure.<code>`` in ``texts``.
    value, today : float or None
        None where it cannot be measured.
    unit : str
        ``"households"``, ``"km"``, ``"m2"``, ``"share"``, ...
    clause : str or None
    """

    code: str
    value: float | None
    today: float | None = None
    unit: str = ""
    clause: str | None = None


@dataclass(frozen=True)
class Scorecard:
    """How good a plan is, and by which clause.

    Parameters
    ----------
    valid : bool
        By the yardstick; every reason why not is an error finding.
    terms : mapping of str to float
        The cost terms recomputed from polygons, unweighted, and ``fixed_border_km``.
    measures : tuple of Measure
    communities : DataFrame
        Per community, in the order of the plan: ``community_id``, ``households``, ``population``,
        ``area_km2``, ``in_bounds``, ``connected``, ``compactness`` (Polsby-Popper), ``room_need_m2``,
        ``room_floor_m2``, ``room_short_m2``, ``within_share``, ``mean_walk_min``; null where unknown.
    findings : tuple of Finding
    """

    valid: bool
    terms: Mapping[str, float]
    measures: tuple[Measure, ...]
    communities: pd.DataFrame
    findings: tuple[Finding, ...] = field(default=())
