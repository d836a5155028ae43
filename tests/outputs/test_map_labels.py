"""Labels on map sheets: none lies on another, and none is wider than was measured."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from commplan.outputs.fonts import cjk_font, faces_for, needs_cjk
from commplan.outputs.map_labels import (
    Label,
    Room,
    area_places,
    line_places,
    place,
    text_boxes,
    text_width,
    wrap,
)

POINTS = st.tuples(st.floats(0, 300), st.floats(0, 200))
LABELS = st.lists(
    st.tuples(
        st.sampled_from(["甲", "青山社区", "Ab 12"]), st.lists(POINTS, min_size=1, max_size=4)
    ),
    max_size=25,
)


@given(LABELS)
@settings(max_examples=60, deadline=None)
def test_labels_never_collide(drawn: list[tuple[str, list[tuple[float, float]]]]) -> None:
    """Whatever wants a place, boxes are apart, on the paper, and at one of the wanted places."""
    room = Room(300, 200)
    labels = [
        Label((words,), 8, np.array(at), np.linspace(-60, 60, len(at))) for words, at in drawn
    ]
    placed = place(labels, room)
    paper = shapely.box(0, 0, 300, 200)
    covered = [shapely.union_all([shapely.box(*b) for b in item.boxes]) for item in placed]
    for i, one in enumerate(covered):
        assert paper.covers(one)
        assert all(one.intersection(other).area == 0 for other in covered[:i])
    for item in placed:
        assert (item.x, item.y) in {tuple(p) for p in labels[item.label].at.tolist()}


def test_the_short_wording_serves_where_the_long_has_no_room() -> None:
    """A name that does not fit gives way to its number; what does not fit at all is left out."""
    label = Label(("12 很长的社区名称", "12"), 8, np.array([[20.0, 20.0]]))
    (item,) = place([label], Room(40, 40))
    assert item.words == "12"
    assert place([label], Room(4, 4)) == []


def test_a_turned_label_takes_the_room_it_needs() -> None:
    """Upright words are as high as they were wide; slanting ones cover a chain, not a square."""
    ((west, south, east, north),) = text_boxes("环城路", 10, (0, 0), 0)
    ((w, s, e, n),) = text_boxes("环城路", 10, (0, 0), 90)
    assert (e - w, n - s) == pytest.approx((north - south, east - west))
    chain = text_boxes("环城北路一二三", 10, (0, 0), 45)
    assert len(chain) > 3
    whole = shapely.union_all([shapely.box(*box) for box in chain])
    assert whole.area < 0.75 * shapely.box(*whole.bounds).area


@pytest.mark.parametrize("words", ["青山社区", "12 Wenyi Road", "A3: 1,234 m²", "MMM"])
def test_measured_width_is_enough(words: str) -> None:
    """What matplotlib draws is no wider than what was measured."""
    if needs_cjk([words]) and cjk_font() is None:
        pytest.skip("no font with Chinese characters")
    figure = Figure(dpi=72)
    canvas = FigureCanvasAgg(figure)
    family = [cjk_font() or "DejaVu Sans", "DejaVu Sans"]
    drawn = figure.text(0.1, 0.5, words, fontsize=20, fontfamily=family)
    assert drawn.get_window_extent(canvas.get_renderer()).width <= text_width(words, 20) * 1.02


def test_places_in_an_area_lie_inside_it() -> None:
    """Every place offered for a name lies in the area, the roomiest first."""
    area = shapely.Polygon([(0, 0), (100, 0), (100, 100), (80, 100), (80, 20), (0, 20)])
    places = area_places(area)
    assert shapely.contains_xy(area, places[:, 0], places[:, 1]).all()
    assert len(places) > 5


def test_places_on_a_line_are_read_from_left_to_right() -> None:
    """A line drawn from east to west gives upright names all the same."""
    xy, angle = line_places(shapely.LineString([(100, 100), (0, 0)]))
    assert angle == pytest.approx([45.0] * len(xy))
    assert (np.abs(xy[:, 0] - xy[:, 1]) < 1e-9).all()


@given(st.text(alphabet="社区东至 ab，。1", min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_wrapping_loses_nothing(words: str) -> None:
    """Broken lines hold every letter in order; only spaces at the breaks are dropped."""
    lines = wrap(words, 60, 10)
    assert "".join("".join(lines).split()) == "".join(words.split())


def test_closing_marks_never_begin_a_line() -> None:
    """A comma stays with the word before it."""
    assert not any(line[0] in "，。" for line in wrap("东至环城路，南至青澜江。", 50, 10))


def test_latin_words_need_no_chinese_font() -> None:
    """Latin papers can be written on any machine."""
    assert needs_cjk(["公示"])
    assert not needs_cjk(["Notice", 12, None])
    faces = faces_for(["Notice"])
    assert faces is not None
