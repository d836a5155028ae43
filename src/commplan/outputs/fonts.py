"""Fonts with Chinese characters: which this machine has, and which a paper needs."""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

#: In the order in which they are taken: made for simplified Chinese first.
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimSun",
    "Noto Serif CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(frozen=True)
class Face:
    """One face of a font file.

    Parameters
    ----------
    family : str
    path : str
    index : int
        Within a collection (``.ttc``).
    """

    family: str
    path: str
    index: int = 0


@cache
def cjk_font() -> str | None:
    """Return a font of this machine that has Chinese characters, or None."""
    return _known_font() or (_known_font() if _take_new_fonts() else None)


def _known_font() -> str | None:
    """Return the first font of the list that matplotlib knows."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in known), None)


def _take_new_fonts() -> bool:
    """Show matplotlib the fonts installed since it last listed them; whether there are any."""
    from matplotlib import font_manager

    known = {font.fname for font in font_manager.fontManager.ttflist}
    new = sorted(set(font_manager.findSystemFonts()) - known)
    for path in new:
        with contextlib.suppress(OSError, RuntimeError):  # a file that is no font
            font_manager.fontManager.addfont(path)
    return bool(new)


@cache
def cjk_faces() -> tuple[Face, Face] | None:
    """Return the regular and the bold face of `cjk_font` (the same where there is no bold one)."""
    from matplotlib import font_manager

    family = cjk_font()
    if family is None:
        return None
    entries = [f for f in font_manager.fontManager.ttflist if f.name == family]
    entries = [f for f in entries if f.style == "normal"] or entries

    def nearest(weight: int) -> Face:
        entry = min(entries, key=lambda f: (abs(_weight(f.weight) - weight), f.fname))
        return Face(family, entry.fname, int(getattr(entry, "index", 0)))

    return nearest(400), nearest(700)


def _weight(weight: object) -> int:
    """Return a font's weight as a number; matplotlib keeps some as words."""
    if isinstance(weight, int | float):
        return int(weight)
    return 700 if "bold" in str(weight).lower() else 400


def needs_cjk(words: Iterable[object]) -> bool:
    """Whether any of the words is written in Chinese characters."""
    return any(HAN.search(str(word)) for word in words if word is not None)


def faces_for(words: Iterable[object]) -> tuple[Face, Face] | None:
    """Return the regular and the bold face in which words can be written.

    Words without Chinese characters take the font that matplotlib brings along. None where there are
    Chinese ones and this machine has no font for them.
    """
    if needs_cjk(words):
        return cjk_faces()
    import matplotlib as mpl

    folder = f"{mpl.get_data_path()}/fonts/ttf"
    regular, bold = (Face("DejaVu Sans", f"{folder}/DejaVuSans{b}.ttf") for b in ("", "-Bold"))
    return regular, bold
