"""Paint the map of a development: as SVG for its page, as PNG for its letters.

Neither needs a script, tiles or a network, and the same marks give the same bytes.
"""

import io
from collections.abc import Sequence
from functools import cache
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from commplan.outputs.developments_map import WIDTH, Mark
from commplan.outputs.fonts import cjk_faces

GROUND, INK = "#FBFAF7", "#1C2B3A"
_FINER = 2  # pixels per pixel while painting, for smooth edges
_COLOURS = 96  # of the picture, which keeps letters small
_LETTER, _HALO = 18, 3  # pixels

Rings = Sequence[NDArray[np.float64]]


def as_svg(marks: Sequence[Mark], label: str) -> str:
    """Write marks as one SVG element; ``label`` is for screen readers."""
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {WIDTH}" role="img" aria-label="{escape(label)}">',
        f'<rect width="{WIDTH}" height="{WIDTH}" fill="{GROUND}"/>',
        *(_element(mark) for mark in marks if len(mark.shapes)),
        "</svg>",
    ]
    return "\n".join(parts)


def _element(mark: Mark) -> str:
    if mark.word:
        x, y = mark.shapes[0][0][0].tolist()
        kind = "" if mark.centred else ' class="bar"'
        return f'<text{kind} x="{x:g}" y="{y:g}">{escape(mark.word)}</text>'
    end = "Z" if mark.fill else ""
    path = "".join(_ring(ring) + end for rings in mark.shapes for ring in rings)
    paint = f'fill="{mark.fill or "none"}"'
    if mark.opacity < 1:
        paint += f' fill-opacity="{mark.opacity:g}"'
    if mark.stroke:
        paint += f' stroke="{mark.stroke}" stroke-width="{mark.width:g}"'
    return f'<path d="{path}" fill-rule="evenodd" {paint}/>'


def _ring(ring: NDArray[np.float64]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in ring.tolist())


def as_png(marks: Sequence[Mark]) -> bytes:
    """Paint marks as a picture of `WIDTH` by `WIDTH` pixels.

    Words are left out where this machine has no font with Chinese characters.
    """
    side = WIDTH * _FINER
    picture = Image.new("RGB", (side, side), GROUND)
    for mark in (mark for mark in marks if len(mark.shapes)):
        if mark.word:
            _write(picture, mark)
            continue
        if mark.fill:
            mask, corner = _mask(side, mark)
            picture.paste(ImageColor.getrgb(mark.fill), corner, mask)
        if mark.stroke:
            pen = ImageDraw.Draw(picture)
            width = max(1, round(mark.width * _FINER))
            for rings in mark.shapes:
                for ring in rings:
                    pen.line(_points(ring), mark.stroke, width, joint="curve")
    small = picture.resize((WIDTH, WIDTH), Image.Resampling.BOX)
    stream = io.BytesIO()
    small.quantize(_COLOURS, Image.Quantize.FASTOCTREE).save(stream, "PNG")
    return stream.getvalue()


def _mask(side: int, mark: Mark) -> tuple[Image.Image, tuple[int, int]]:
    """Where the areas are, and its upper left corner in the picture.

    Large areas come first, for a hole may hold smaller ones.
    """
    every = np.concatenate([rings[0] for rings in mark.shapes]) * _FINER
    left, top = np.clip(np.floor(every.min(axis=0)), 0, side - 1).astype(int).tolist()
    right, bottom = np.clip(np.ceil(every.max(axis=0)) + 1, 1, side).astype(int).tolist()
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    pen, level = ImageDraw.Draw(mask), round(255 * mark.opacity)
    for rings in sorted(mark.shapes, key=lambda rings: -_extent(rings[0])):
        for place, ring in enumerate(rings):
            if len(ring) > 2:
                pen.polygon(_points(ring, (left, top)), fill=0 if place else level)
    return mask, (left, top)


def _extent(ring: NDArray[np.float64]) -> float:
    return float(np.prod(np.ptp(ring, axis=0)))


def _points(
    ring: NDArray[np.float64], corner: tuple[int, int] = (0, 0)
) -> list[tuple[float, float]]:
    return [(x, y) for x, y in (ring * _FINER - corner).tolist()]


def _write(picture: Image.Image, mark: Mark) -> None:
    font = _font()
    if font is None:
        return
    x, y = (mark.shapes[0][0][0] * _FINER).tolist()
    anchor = "ms" if mark.centred else "ls"
    halo = _HALO * _FINER // 2
    pen = ImageDraw.Draw(picture)
    pen.text((x, y), mark.word, INK, font, anchor, stroke_width=halo, stroke_fill="#FFFFFF")


@cache
def _font() -> ImageFont.FreeTypeFont | None:
    faces = cjk_faces()
    if faces is None:
        return None
    return ImageFont.truetype(faces[1].path, _LETTER * _FINER, faces[1].index)
