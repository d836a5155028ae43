"""Catalogues of sentences: gettext files, read as they are, one per language and topic."""

import math
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh-CN", "en")


class Texts:
    """The sentences of one language.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.

    Raises
    ------
    KeyError
        When called with a key that no catalogue holds: a missing sentence is a bug.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, /, **params: object) -> str:
        """Word the sentence ``key`` with ``params``; no figure is shown as a negative zero."""
        shown = {
            name: _Shown(value) if isinstance(value, float) and value <= 0 else value
            for name, value in params.items()
        }
        return _catalogue(self.language, key.split(".", 1)[0])[key].format(**shown)

    def has(self, key: str) -> bool:
        """Whether the sentence exists."""
        try:
            return key in _catalogue(self.language, key.split(".", 1)[0])
        except FileNotFoundError:
            return False


class _Shown(float):
    """A number that is written without a sign where nothing but zeros is left of it."""

    def __format__(self, spec: str, /) -> str:
        """Format as a float does: -0.04 with one place is 0.0."""
        words = super().__format__(spec)
        is_zero = math.isfinite(self) and not any(digit in words for digit in "123456789")
        return format(0.0, spec) if is_zero else words


@cache
def load_texts(language: str) -> Texts:
    """Return the sentences of ``language``."""
    return Texts(language)


@cache
def _catalogue(language: str, topic: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    path = files("commplan.texts") / "locale" / language.replace("-", "_") / f"{topic}.po"
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    return {str(m.id): str(m.string) for m in catalogue if m.id}
