"""front.png: two aims against each other, with the table of the points under the picture."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from commplan.outputs.fonts import cjk_font
from commplan.outputs.words import decimals, measure_word, unit_word
from commplan.texts import Texts, load_texts

INK, LINE, OWN = "#16406B", "#9FB4C8", "#A4161A"
UNITS = {
    "distance_household_km": "household km",
    "area_imbalance_km2": "km2",
    "border_km": "km",
    "soft_border_km": "km",
    "moved_households": "households",
    "imbalance_households": "households",
    "communities": "",
}


def write_front_picture(
    path: Path, table: pd.DataFrame, aims: tuple[str, str], language: str
) -> None:
    """Draw the front of two aims.

    Parameters
    ----------
    path : Path
        A PNG; the same table gives the same picture.
    table : DataFrame
        ``point``, the aims, ``communities``, ``cost`` and ``weight_<first aim>`` (empty for the
        plan of the run's own weights, which is marked).
    aims : tuple of two str
    language : str
        English is taken where no font with Chinese characters is installed.
    """
    font = cjk_font()
    texts = load_texts(language if font is not None else "en")
    family: dict[str, Any] = {"fontfamily": [font, "DejaVu Sans"] if font else ["DejaVu Sans"]}
    height = 4.6 + 0.26 * (len(table) + 1)
    figure = Figure(figsize=(8.2, height), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.12, 1 - 4.2 / height, 0.84, 3.7 / height))
    _draw_points(axes, table, aims)
    axes.set_title(texts("alternatives.front_title"), fontsize=13, fontweight="bold", **family)
    axes.set_xlabel(_aim_words(texts, aims[0]), fontsize=10, **family)
    axes.set_ylabel(_aim_words(texts, aims[1]), fontsize=10, **family)
    lower = figure.add_axes((0.04, 0.01, 0.92, (height - 4.9) / height))
    _draw_table(lower, table, aims, texts, family)
    figure.savefig(path, metadata={"Software": None})


def _aim_words(texts: Texts, aim: str) -> str:
    unit = unit_word(texts, UNITS.get(aim, ""))
    name = measure_word(texts, aim)
    return texts("alternatives.aim", name=name, unit=unit) if unit else name


def _draw_points(axes: Any, table: pd.DataFrame, aims: tuple[str, str]) -> None:
    x, y = table[aims[0]].to_numpy(dtype=float), table[aims[1]].to_numpy(dtype=float)
    axes.plot(x, y, color=LINE, linewidth=1.2, zorder=1)
    own = table[f"weight_{aims[0]}"].isna().to_numpy()
    axes.scatter(x[~own], y[~own], color=INK, s=34, zorder=2)
    axes.scatter(x[own], y[own], color=OWN, s=60, marker="D", zorder=3)
    for number, at in zip(table["point"], zip(x, y, strict=True), strict=True):
        axes.annotate(str(number), at, xytext=(6, 5), textcoords="offset points", fontsize=9)
    axes.margins(0.08)
    axes.grid(color="#E3E9EE", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def _draw_table(
    axes: Any, table: pd.DataFrame, aims: tuple[str, str], texts: Texts, family: dict[str, Any]
) -> None:
    axes.set_axis_off()
    own = table[f"weight_{aims[0]}"].isna()
    head = [
        texts("alternatives.point"),
        *(_aim_words(texts, aim) for aim in aims),
        measure_word(texts, "communities"),
        texts("alternatives.cost"),
    ]
    figures = {aim: decimals(UNITS.get(aim, "")) if UNITS.get(aim) else 0 for aim in aims}
    rows = [
        [
            texts("alternatives.own_point", number=row["point"]) if mine else str(row["point"]),
            *(f"{row[aim]:z,.{figures[aim]}f}" for aim in aims),
            str(row["communities"]),
            f"{row['cost']:z,.0f}",
        ]
        for row, mine in zip(table.to_dict("records"), own, strict=True)
    ]
    drawn = axes.table(
        rows, colLabels=head, loc="upper center", colWidths=[0.14, 0.3, 0.3, 0.12, 0.14]
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7.5)
    for (row, _), cell in drawn.get_celld().items():
        cell.set_edgecolor("#C9D2DA")
        cell.get_text().set_fontfamily(family["fontfamily"])
        if row == 0:
            cell.set_facecolor("#EEF3F8")
