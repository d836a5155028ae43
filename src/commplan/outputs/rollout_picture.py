"""years.png: a map of the communities as they stand at the end of each year."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE
from commplan.outputs.fonts import cjk_font
from commplan.outputs.print_map import fill_areas
from commplan.plan.rollout import RolloutPlan
from commplan.texts import Texts

STAYS, LATER, EDGE = "#F2F0EB", "#B9A98C", "#22303D"
COLUMNS = 3

Drawn = tuple[NDArray[Any], NDArray[Any]]


def palette(rollout: RolloutPlan) -> list[str]:
    """Return a colour for each year, one for those left out and one for those that stay.

    Years in which nothing changes take no colour from the others.
    """
    place = {year: at for at, year in enumerate(years_of_change(rollout))}
    years = range(rollout.problem.years)
    own = [PALETTE[place[year] % len(PALETTE)] if year in place else STAYS for year in years]
    return [*own, LATER, STAYS]


def years_of_change(rollout: RolloutPlan) -> list[int]:
    """Return the years, counted from 0, in which any community changes."""
    return sorted({year for year in rollout.year_of_plan.tolist() if year >= 0})


def write_years_picture(path: Path, texts: Texts, *, rollout: RolloutPlan, drawn: Drawn) -> None:
    """Write a map for each year as PNG, with the borders of that year.

    Who has changed is in the colour of the year of change; who waits stands in today's borders.
    Where no Chinese font is installed, Chinese words are left out.

    Parameters
    ----------
    path : Path
    texts : Texts
    rollout : RolloutPlan
    drawn : (array of polygons, array of polygons)
        Communities of the plan and of today.
    """
    years = rollout.problem.years
    columns = min(COLUMNS, years)
    rows = -(-years // columns)
    figure = Figure(figsize=(4.6 * columns, 3.9 * rows + 0.5), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    font = cjk_font()
    can_word = font is not None or texts.language == "en"
    family = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    for year in range(years):
        name = str(rollout.first_year + year)
        axes = figure.add_subplot(rows, columns, year + 1)
        _draw_year(axes, rollout, drawn, year)
        title = texts("rollout.page_years_view", name=name) if can_word else name
        axes.set_title(title, fontsize=13, fontfamily=family)
    if can_word:
        _draw_keys(figure, rollout, texts, family)
    figure.savefig(path, metadata={"Software": None})


def _draw_year(axes: Any, rollout: RolloutPlan, drawn: Drawn, year: int) -> None:
    areas, todays = drawn
    colours = palette(rollout)
    new, old = rollout.standing(year)
    year_of = rollout.year_of_plan[new].tolist()
    faces = [colours[at] if at >= 0 else STAYS for at in year_of]
    shapes = np.concatenate([areas[new], todays[old]])
    faces += [LATER] * int(old.sum())
    fill_areas(axes, shapes, facecolors=faces, edgecolors=EDGE, linewidths=0.5)
    west, south, east, north = shapely.total_bounds(np.concatenate([areas, todays]))
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)


def _draw_keys(figure: Figure, rollout: RolloutPlan, texts: Texts, family: list[str]) -> None:
    colours, years = palette(rollout), years_of_change(rollout)
    keys = [
        (colours[at], texts("rollout.legend_year", name=str(rollout.first_year + at)))
        for at in years
    ]
    keys += [(LATER, texts("rollout.legend_later")), (STAYS, texts("rollout.legend_stays"))]
    figure.legend(
        handles=[
            Patch(facecolor=colour, edgecolor=EDGE, linewidth=0.5, label=word)
            for colour, word in keys
        ],
        loc="outside lower center",
        ncols=min(len(keys), 7),
        frameon=False,
        prop={"family": family, "size": 11},
    )
