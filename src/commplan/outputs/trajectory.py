"""The search as a sheet of the workbook: cost over time, with its picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from commplan.texts import Texts

Trajectory = Sequence[tuple[float, float]]


def write_trajectory(
    book: Any, sheet: Any, styles: Mapping[str, Any], trajectory: Trajectory, texts: Texts
) -> None:
    """Write seconds and best cost so far, and a line chart of them.

    Parameters
    ----------
    book, sheet : xlsxwriter Workbook and Worksheet
    styles : mapping of str to Format
        ``head``, ``decimal`` and ``title``.
    trajectory : sequence of (seconds, cost in households)
        Falling.
    texts : Texts
    """
    title = texts("tables.sheet_search")
    names = (texts("tables.col_seconds"), texts("tables.col_cost"))
    sheet.write_string(0, 0, title, styles["title"])
    sheet.set_row(0, 24)
    sheet.set_column(0, 1, 16)
    for column, name in enumerate(names):
        sheet.write_string(2, column, name, styles["head"])
    for row, values in enumerate(trajectory, start=3):
        for column, value in enumerate(values):
            sheet.write_number(row, column, value, styles["decimal"])
    last = 2 + len(trajectory)
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    where = sheet.get_name()
    chart.add_series(
        {
            "name": names[1],
            "categories": [where, 3, 0, last, 0],
            "values": [where, 3, 1, last, 1],
            "line": {"color": "#16406B", "width": 1.5},
            "marker": {"type": "circle", "size": 4, "fill": {"color": "#16406B"}},
        }
    )
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": names[0], "min": 0})
    chart.set_y_axis({"name": names[1], "num_format": "#,##0"})
    chart.set_legend({"none": True})
    chart.set_size({"width": 720, "height": 380})
    sheet.insert_chart(2, 3, chart)
