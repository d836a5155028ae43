"""hearing.html of a smaller topic: the page of a plan, with the topic's words in place of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commplan.outputs.geometry import Packer
from commplan.outputs.hearing_map import add_words, common_document, write_page
from commplan.outputs.page_data import number
from commplan.outputs.topic import TopicReport, basis_lines
from commplan.outputs.words import PAGE_WORDS, PLACEHOLDERS, decimals
from commplan.territory.territory import Territory
from commplan.texts import Texts, load_texts


def write_topic_page(
    path: Path,
    report: TopicReport,
    territory: Territory,
    packer: Packer,
    part: Mapping[str, Any],
    cards: Mapping[str, str],
) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    report : TopicReport
    territory : Territory
        What lies around: barriers, streets, villages.
    packer : Packer
    part : mapping
        ``today``, ``proposed``, ``units``, ``palette``, ``legend``, as the page's script reads them.
    cards : mapping of str to str
        Code of a figure -> code under which the page makes a card of it.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched Leaflet.
    """
    info = report.info
    document = common_document(territory, packer, report.profile, info)
    document |= {
        "profile": {k: basis_lines(report, k) for k in info.languages},
        "measures": [
            {
                "code": cards.get(one.code, one.code),
                "unit": one.unit,
                "digits": decimals(one.unit) if one.unit else 0,
                "today": number(one.today, 6),
                "value": number(one.value, 6),
                "clause": "",
            }
            for one in report.figures
        ],
        **part,
    }
    add_words(document, info.findings, info)
    for language in info.languages:
        texts = load_texts(language)
        document["words"][language] |= _words(report, texts)
        document["names"][language]["measure"] = {
            cards.get(one.code, one.code): report.words(texts, f"figure_{one.code}")
            for one in report.figures
        }
        document["title"][language] = report.title(texts)
    write_page(path, document, info)


def _words(report: TopicReport, texts: Texts) -> dict[str, str]:
    """Words of the page that differ from those of a plan of communities."""
    blanks = {name: "{" + name + "}" for name in PLACEHOLDERS}
    own = {f"own_{name}": value for name, value in report.params.items()}
    return {
        key: texts(f"{report.topic}.page_{key}", **blanks, **own)
        for key in (*PAGE_WORDS, *report.page_words)
        if texts.has(f"{report.topic}.page_{key}")
    }
