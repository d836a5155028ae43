"""Every sentence of the stage stands in both languages and takes the same parameters."""

import re
import string
from pathlib import Path

import commplan.territory
from commplan.territory.schema import LAYERS
from commplan.texts import LANGUAGES, load_texts
from commplan.texts.catalogue import _catalogue

_SOURCES = sorted(Path(commplan.territory.__path__[0]).glob("*.py"))


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    """No code without words, and no words that nobody says."""
    source = "\n".join(p.read_text(encoding="utf-8") for p in _SOURCES)
    used = set(re.findall(r'"(territory\.[a-z_]+)"', source))
    used |= {f"territory.not_a_{kind}" for kind in ("number", "flag")}
    used |= {f"territory.crs_{kind}" for kind in ("elsewhere", "not_metric")}
    for language in LANGUAGES:
        assert set(_catalogue(language, "territory")) == used


def test_both_languages_take_the_same_parameters() -> None:
    """A placeholder in one language only would be a figure that the other reader never sees."""
    chinese, english = (_catalogue(language, "territory") for language in LANGUAGES)
    for key, sentence in english.items():
        assert _placeholders(sentence) == _placeholders(chinese[key]), key


def test_every_layer_has_a_name() -> None:
    """Layers are called by a name in both languages."""
    for language in LANGUAGES:
        assert all(load_texts(language)(f"layer.{name}") for name in LAYERS)
