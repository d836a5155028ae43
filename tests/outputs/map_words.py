"""Where the words of a drawn sheet lie, turned ones too, whoever wrote them."""

from itertools import combinations
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

#: Letters may touch by so much of a point; what is more is a collision.
TOUCH_PT = 0.5


def drawn_words(figure: Figure) -> list[tuple[str, Any]]:
    """Return every text of a figure with its box on the paper, in points: titles, legend, labels."""
    figure.set_dpi(72)
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    texts = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    return [(text.get_text(), _box(text, renderer)) for text in texts]


def _box(text: Text, renderer: Any) -> Any:
    angle = text.get_rotation()
    turned = text.get_window_extent(renderer)
    text.set_rotation(0)
    level = text.get_window_extent(renderer)
    text.set_rotation(angle)
    x, y = np.mean([[turned.x0, turned.y0], [turned.x1, turned.y1]], axis=0)
    box = shapely.box(*_around(level, x, y))
    return shapely.affinity.rotate(box, angle, origin=(x, y))


def _around(box: Bbox, x: float, y: float) -> tuple[float, float, float, float]:
    half = box.width / 2, box.height / 2
    return x - half[0], y - half[1], x + half[0], y + half[1]


def collisions(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of words that lie on each other."""
    boxes = [(words, shapely.buffer(box, -TOUCH_PT / 2)) for words, box in drawn_words(figure)]
    return [
        (one, other) for (one, a), (other, b) in combinations(boxes, 2) if shapely.intersects(a, b)
    ]


def off_paper(figure: Figure) -> list[str]:
    """Return the words that do not lie on the paper as a whole."""
    wide, high = (figure.get_size_inches() * 72).tolist()
    paper = shapely.box(0, 0, wide, high)
    return [words for words, box in drawn_words(figure) if not paper.covers(box)]
