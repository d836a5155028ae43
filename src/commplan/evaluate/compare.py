"""Compare plans with each other, and a plan's recorded figures with those computed anew."""

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Finding, Severity

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


def figures(scorecard: Scorecard) -> dict[str, float | None]:
    """Name every figure of a scorecard: terms, measures (plan and today) and communities.

    Returns
    -------
    dict
        ``terms.border_km``, ``measures.border_km``, ``today.border_km``,
        ``communities.A01.households``; None where a figure is not known.
    """
    found: dict[str, float | None] = {"valid": float(scorecard.valid)}
    found |= {f"terms.{name}": value for name, value in scorecard.terms.items()}
    for measure in scorecard.measures:
        found[f"measures.{measure.code}"] = measure.value
        found[f"today.{measure.code}"] = measure.today
    for row in scorecard.communities.to_dict("records"):
        identifier = row.pop("community_id")
        found |= {f"communities.{identifier}.{name}": _figure(v) for name, v in row.items()}
    return found


def compare_recorded(
    scorecard: Scorecard, recorded: Mapping[str, float | None]
) -> tuple[Finding, ...]:
    """Check that every recorded figure comes out again, within 1e-6 of it.

    Parameters
    ----------
    scorecard : Scorecard
        Computed anew.
    recorded : mapping
        Figures by the names that `figures` gives.

    Returns
    -------
    tuple of Finding
        An error for each figure that does not come out again, in the order of ``recorded``.
    """
    return tuple(_differences(figures(scorecard), recorded))


def same_figure(a: float | None, b: float | None) -> bool:
    """Whether two figures are the same: both unknown, or within 1e-6 of the larger."""
    if a is None or b is None or math.isnan(a) or math.isnan(b):
        return _unknown(a) and _unknown(b)
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-9)


def _differences(
    again: Mapping[str, float | None], recorded: Mapping[str, float | None]
) -> Iterator[Finding]:
    for code, value in recorded.items():
        if code not in again:
            params = {"code": code, "recorded": value}
            yield Finding("validity.not_recorded", Severity.ERROR, params, (code,))
        elif not same_figure(value, again[code]):
            params = {"code": code, "recorded": value, "recomputed": again[code]}
            yield Finding("validity.differs", Severity.ERROR, params, (code,))


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _figure(value: object) -> float | None:
    """Turn a cell into a number; unknown (None, NaN, pandas' NA) as None."""
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type, call-overload]
