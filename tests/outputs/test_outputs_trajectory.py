"""The search as a sheet of the workbook."""

from dataclasses import replace
from pathlib import Path

import openpyxl
from outputs_town import Made

from commplan.outputs.workbook import Report, write_workbook


def test_the_search_is_a_sheet_with_a_chart(tmp_path: Path, made: Made) -> None:
    """Seconds and costs stand in two columns, and one chart shows them, in each language."""
    points = ((0.5, 1200.0), (2.0, 900.5), (7.25, 880.0))
    info = replace(made.info, trajectory=points)
    report = Report(made.plan, made.scorecard, made.circles, made.profile, info, ())
    write_workbook(tmp_path / "report.xlsx", report)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    for name in ("求解过程", "Search"):
        rows = list(book[name].iter_rows(min_row=4, max_col=2, values_only=True))
        assert rows == list(points)


def test_a_plan_drawn_by_hand_has_no_such_sheet(tmp_path: Path, made: Made) -> None:
    """Without a search there is nothing to show."""
    report = Report(made.plan, made.scorecard, made.circles, made.profile, made.info, ())
    write_workbook(tmp_path / "report.xlsx", report)
    assert "Search" not in openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
