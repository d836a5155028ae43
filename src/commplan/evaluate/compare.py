"""Compare plans with each other and with today."""

import math
from collections.abc import Mapping

import pandas as pd

from commplan.evaluate.scorecard import Scorecard

TOLERANCE = 1e-6


def compare_plans(plans: Mapping[str, Scorecard]) -> pd.DataFrame:
    """Put the measures of several plans beside today's.

    Parameters
    ----------
    plans : mapping of str to Scorecard
        Name of the column -> scorecard; all on one territory.

    Returns
    -------
    DataFrame
        A row per measure (index ``code``): ``unit``, ``today``, then a column per plan, float with
        null where a figure is not known; the first row, ``valid``, is 1 or 0.

    Raises
    ------
    ValueError
        Where two plans do not share today's figures, and so not their territory; or where there is
        no plan.
    """
    if not plans:
        raise ValueError("no plan to compare")
    first = next(iter(plans.values()))
    today = {m.code: m.today for m in first.measures}
    for name, card in plans.items():
        for measure in card.measures:
            if not same_figure(measure.today, today.get(measure.code)):
                raise ValueError(f"{name!r} has another today: {measure.code}")
    table = pd.DataFrame(
        {
            "unit": {"valid": "yes or no"} | {m.code: m.unit for m in first.measures},
            "today": pd.Series({"valid": None} | today, dtype=float),
        }
        | {
            name: pd.Series(
                {"valid": float(card.valid)} | {m.code: m.value for m in card.measures},
                dtype=float,
            )
            for name, card in plans.items()
        }
    )
    order = ["valid", *(m.code for m in first.measures)]
    return table.reindex(order).rename_axis("code")


def same_figure(a: float | None, b: float | None) -> bool:
    """Whether two figures are the same: both unknown, or within 1e-6 of the larger."""
    if a is None or b is None or math.isnan(a) or math.isnan(b):
        return _unknown(a) and _unknown(b)
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-9)


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)
