"""Comparing plans with each other and with today."""

import pandas as pd
import pytest

from commplan.evaluate.compare import compare_plans, same_figure
from commplan.evaluate.scorecard import Measure, Scorecard


def card(moved: float | None, today: float | None = None, valid: bool = True) -> Scorecard:
    """Make a scorecard of two measures and one community."""
    communities = pd.DataFrame(
        {
            "community_id": ["A"],
            "households": [2000],
            "population": pd.Series([None], dtype="Int64"),
            "in_bounds": [True],
        }
    )
    measures = (
        Measure("border_km", 3.5, 4.0, "km"),
        Measure("moved_households", moved, today, "households"),
    )
    return Scorecard(valid, {"border_km": 3.5}, measures, communities)


def test_plans_stand_beside_today() -> None:
    """A row per measure, today first, then a column per plan."""
    table = compare_plans({"least change": card(120.0), "compact": card(None, valid=False)})
    assert table.index.tolist() == ["valid", "border_km", "moved_households"]
    assert table.columns.tolist() == ["unit", "today", "least change", "compact"]
    assert table.loc["valid", ["least change", "compact"]].tolist() == [1.0, 0.0]
    assert table.loc["border_km", "today"] == 4.0
    assert pd.isna(table.loc["moved_households", "compact"])


def test_plans_of_two_towns_are_not_compared() -> None:
    """Another today is another territory, and a comparison would mislead."""
    with pytest.raises(ValueError, match="'b' has another today: moved_households"):
        compare_plans({"a": card(1.0, today=5.0), "b": card(1.0, today=6.0)})
    with pytest.raises(ValueError, match="no plan"):
        compare_plans({})


def test_when_two_figures_are_the_same() -> None:
    """Unknown is the same as unknown only; near zero the difference counts, not the ratio."""
    assert same_figure(None, float("nan"))
    assert not same_figure(None, 0.0)
    assert not same_figure(0.0, float("nan"))
    assert same_figure(0.0, 1e-10)
    assert not same_figure(0.0, 1e-6)
