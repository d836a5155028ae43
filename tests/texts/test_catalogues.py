"""The catalogues of both languages hold the same sentences with the same parameters."""

import re
from importlib.resources import files
from string import Formatter

import numpy as np
import pytest
from babel.messages.pofile import read_po

from commplan.errors import Fault, InputError, MissingFileError
from commplan.texts import input_error, load_texts, render_fault

LOCALE = files("commplan.texts") / "locale"
TOPICS = sorted(p.name for p in (LOCALE / "en").iterdir() if p.name.endswith(".po"))


def catalogue(language: str, name: str) -> dict[str, str]:
    with (LOCALE / language / name).open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream) if m.id}


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_topics() -> None:
    """No topic exists in one language only."""
    assert sorted(p.name for p in (LOCALE / "zh_CN").iterdir() if p.name.endswith(".po")) == TOPICS


@pytest.mark.parametrize("name", TOPICS)
def test_same_keys_and_parameters(name: str) -> None:
    """Each sentence exists in both languages and takes the same parameters."""
    english, chinese = catalogue("en", name), catalogue("zh_CN", name)
    assert english.keys() == chinese.keys()
    for key, sentence in english.items():
        assert sentence, key
        assert chinese[key], key
        assert parameters(sentence) == parameters(chinese[key]), key


@pytest.mark.parametrize("name", TOPICS)
def test_keys_name_their_topic(name: str) -> None:
    """A key begins with the name of the catalogue that holds it."""
    topic = name.removesuffix(".po")
    assert all(key.startswith(f"{topic}.") for key in catalogue("en", name))


@pytest.mark.parametrize("name", TOPICS)
def test_languages_are_not_mixed_up(name: str) -> None:
    """English sentences are not Chinese sentences that somebody forgot to translate."""
    for key, sentence in catalogue("en", name).items():
        if key.startswith("page.language_"):
            continue  # said in the other language to those who read that one
        chinese = len(re.findall(r"[\u4e00-\u9fff]", sentence))
        assert chinese <= len(sentence) / 2, key


@pytest.mark.parametrize(
    ("share", "words"),
    [(-1e-9, "+0.0"), (-0.0, "+0.0"), (0.0, "+0.0"), (-0.06, "-0.1"), (2, "+2.0")],
)
def test_no_sentence_shows_a_negative_zero(share: float, words: str) -> None:
    """Two alternatives of equal cost differ by 0.0 %, not by -0.0 %, also for numpy's numbers."""
    params = {"number": 2, "differs": -0.0, "communities": 9, "moved": 1200}
    for value in (share, np.float64(share)):
        line = load_texts("en")("alternatives.plan", more=value, **params)
        assert f"cost {words}%, 0.0% of" in line
    assert load_texts("en")("tables.head_scenario", scenario=-0.0, date=-np.inf) == load_texts(
        "en"
    )("tables.head_scenario", scenario="0.0", date="-inf")


def test_fault_line_names_every_place() -> None:
    """A fault reads: file, layer, field, row, then what to do, on one line."""
    fault = Fault("fault.missing_file", {}, "a.gpkg", "units", "households", 3)
    line = render_fault(fault, load_texts("en"))
    assert line.startswith("a.gpkg, layer units, field households, row 3: ")
    assert "\n" not in line
    assert render_fault(fault, load_texts("zh-CN")).startswith(
        "a.gpkg，图层 units，字段 households"
    )


def test_input_error_keeps_faults_and_kind() -> None:
    """A missing file is both an InputError and a FileNotFoundError, with its faults."""
    error = input_error([Fault("fault.missing_file", file="a.gpkg")])
    assert isinstance(error, MissingFileError)
    assert isinstance(error, InputError)
    assert isinstance(error, FileNotFoundError)
    assert error.faults[0].file == "a.gpkg"


def test_unknown_language_is_refused() -> None:
    """There are two languages, and asking for a third says so."""
    with pytest.raises(ValueError, match="zh-CN"):
        load_texts("fr")
