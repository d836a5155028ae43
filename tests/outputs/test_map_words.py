"""On a map sheet no words lie on others, whoever wrote them: names, scale, north, legend, titles."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from documents_dossiers import dossier_of
from map_words import collisions, drawn_words, off_paper
from matplotlib.figure import Figure
from outputs_town import Made

from commplan.outputs.documents_dossier import make_dossier
from commplan.outputs.fonts import cjk_font
from commplan.outputs.map_atlas import Atlas, make_atlas
from commplan.outputs.map_frame import Paper
from commplan.outputs.map_index import make_index, plan_numbers, today_numbers, write_index
from commplan.outputs.map_labels import LEAST_PT
from commplan.outputs.map_sheets import (
    blank_sheet,
    community_sheet,
    overview_sheet,
    sketch_sheet,
)
from commplan.texts import load_texts

pytestmark = pytest.mark.skipif(cjk_font() is None, reason="no font with Chinese characters")


@pytest.fixture(scope="module")
def crowded(made: Made) -> Made:
    """Give the town with a name on every line, and with named streets along many borders."""
    plan = made.plan
    barriers = plan.territory.barriers.copy()
    barriers["name"] = [f"青澜{i}号大道" for i in range(len(barriers))]
    edges = plan.territory.units.geometry.boundary.iloc[::3]
    names = [f"春熙{i}巷" for i in range(len(edges))]
    streets = gpd.GeoDataFrame({"name": names}, geometry=edges.to_list(), crs=barriers.crs)
    territory = replace(plan.territory, barriers=barriers, streets=streets)
    return replace(made, plan=replace(plan, territory=territory))


@pytest.fixture(scope="module", params=["zh-CN", "en"])
def atlas(crowded: Made, request: pytest.FixtureRequest) -> Atlas:
    """Give the atlas of the crowded town in a language."""
    dossier = dossier_of(crowded)
    return make_atlas(make_dossier(dossier.report), load_texts(request.param))


@pytest.mark.parametrize("paper", ["A3", "A4"])
def test_no_words_on_the_overview_collide(atlas: Atlas, paper: str) -> None:
    """Titles, legend, index, scale and north keep clear of each other and of every name."""
    figure = overview_sheet(atlas, paper)
    assert collisions(figure) == []
    assert off_paper(figure) == []


def test_no_words_on_the_sketch_collide(atlas: Atlas) -> None:
    """The maps in a document are smaller, and lose no title at the edge."""
    figure = sketch_sheet(atlas)
    assert collisions(figure) == []
    assert off_paper(figure) == []


@pytest.mark.parametrize(("paper", "row"), [("A3", 0), ("A4", 1)])
def test_no_words_on_a_sheet_collide(atlas: Atlas, paper: str, row: int) -> None:
    """Names of streets are turned, and keep clear of the others all the same."""
    figure = community_sheet(atlas, paper, row)
    assert len(drawn_words(figure)) > 60
    assert collisions(figure) == []
    assert off_paper(figure) == []


def test_the_check_sees_a_collision() -> None:
    """Words that lie on each other are found, turned ones too; words beside each other are not."""
    figure: Figure = blank_sheet("A4")[0]
    figure.text(0.5, 0.5, "level", ha="center", va="center")
    figure.text(0.5, 0.5, "upright", ha="center", va="center", rotation=90)
    figure.text(0.7, 0.5, "alone", ha="center", va="center", rotation=45)
    assert collisions(figure) == [("level", "upright")]
    figure.text(0.999, 0.5, "outside")
    assert off_paper(figure) == ["outside"]


def test_no_letters_are_too_small_to_read(atlas: Atlas) -> None:
    """On A4 every word has at least 5 points."""
    sizes = [text.get_fontsize() for text in _texts(community_sheet(atlas, "A4", 0))]
    assert min(sizes) >= LEAST_PT


def _texts(figure: Figure) -> list:
    return [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]


def test_a_community_keeps_its_number(made: Made) -> None:
    """Before and after a number is the same community; those that end are counted after the rest."""
    plan = made.plan
    before, after = today_numbers(plan), plan_numbers(plan)
    for row, old in enumerate(plan.successor_of.tolist()):
        assert old < 0 or before[old] == after[row]
    assert sorted(set(before)) == sorted(before)
    ends = set(range(len(plan.today))) - set(plan.successor_of.tolist())
    assert sorted(before[row] for row in ends) == list(
        range(len(after) + 1, len(after) + 1 + len(ends))
    )


def test_the_index_names_every_community(atlas: Atlas) -> None:
    """The overview lists each community with its households before and after."""
    words = "\n".join(text.get_text() for text in overview_sheet(atlas, "A3").texts)
    table = atlas.dossier.plan.communities
    for name, households in zip(table["name"], table["households"], strict=True):
        assert str(name) in words
        assert f"→ {households:,}" in words
    assert np.sum([line.count("→") for line in words.splitlines()]) >= len(table)


def test_the_legend_shows_what_the_sheet_shows(atlas: Atlas) -> None:
    """A sheet has no entry for a kind of line that lies nowhere on it."""
    (legend,) = overview_sheet(atlas, "A3").legends
    words = {text.get_text() for text in legend.get_texts()}
    assert atlas.texts("tables.kind_river") in words
    assert atlas.texts("documents.map_legend_unit") in words
    assert atlas.texts("tables.kind_expressway") not in words


def test_many_communities_leave_only_the_missing_names(atlas: Atlas) -> None:
    """Where the whole index has no room, it lists the numbers whose names the map could not show."""
    figure, scale = blank_sheet("A4")
    paper = Paper(figure, scale, atlas.family)
    index = make_index(paper, atlas, 0.0)
    assert index.entries == ()
    write_index(paper, atlas, index, ([], [1]), (60.0, 20.0))
    words = " ".join(text.get_text() for text in figure.texts)
    assert f"2 {atlas.dossier.plan.communities['name'][1]}" in words
    assert off_paper(figure) == []
