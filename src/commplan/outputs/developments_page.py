"""A page for each development, and one that lists them: files that ask no host for anything."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from commplan.outputs import developments_words as words
from commplan.outputs.developments_report import DevelopmentInfo, DevelopmentReport
from commplan.outputs.sheets import Column
from commplan.outputs.tables import plain
from commplan.outputs.words import word
from commplan.texts import Texts, load_texts

STYLE = """
:root{color-scheme:light}
body{font:16px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif;
 color:#1C2B3A;background:#fff;margin:0 auto;max-width:72rem;padding:1rem 1.25rem 3rem}
h1{font-size:1.5rem;line-height:1.3;margin:.6rem 0}
h2{font-size:1.1rem;color:#16406B;margin:1.6rem 0 .3rem}
p{margin:.3rem 0}.answer{font-size:1.1rem;font-weight:600}
.map{width:100%;max-width:44rem;height:auto;border:1px solid #C9D3DC}
.map text{font-size:18px;font-weight:600;text-anchor:middle;
 paint-order:stroke;stroke:#fff;stroke-width:3px}
.map text.bar{text-anchor:start;font-weight:400}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}
th,td{border:1px solid #C9D3DC;padding:.25rem .5rem;text-align:left;vertical-align:top}
th{background:#EAF0F6}td.n{text-align:right;white-space:nowrap}.scroll td,.scroll th{min-width:4.5em}
.warning{border-left:4px solid #C8553D;padding-left:.6rem}
.note{border-left:4px solid #C9D3DC;padding-left:.6rem}
.error{border-left:4px solid #A4161A;padding-left:.6rem}
nav a{margin-right:1rem}section+section{border-top:3px solid #16406B;margin-top:2.5rem}
small{color:#4A5A68}@media print{nav{display:none}section{break-before:page}}
"""


def write_page(path: Path, report: DevelopmentReport, drawn: str) -> None:
    """Write the page of a development with its map, in one language after the other."""
    first = load_texts(report.info.languages[0])
    sections = [_section(report, drawn, load_texts(one)) for one in report.info.languages]
    files = [
        f'<a href="letter-{to}.docx">{escape(first(f"developments.{to}_file"))}</a>'
        for to in ("developer", "planning")
    ]
    back = f'<a href="../../index.html">{escape(first("developments.back"))}</a>'
    nav = f"<nav>{back}{''.join(files)}</nav>"
    _write(path, first, report.case.development.name, [nav, *sections])


def _write(path: Path, texts: Texts, title: str, body: Sequence[str]) -> None:
    head = (
        f'<!doctype html>\n<html lang="{texts.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
    )
    text = "\n".join([head, *body, "</body></html>"])
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _section(report: DevelopmentReport, drawn: str, texts: Texts) -> str:
    one = report.case.development
    way = report.answer.way
    kind = "none" if way is None else way.kind
    parts = [
        f'<section lang="{texts.language}">',
        f"<h1>{escape(one.name)}</h1>",
        _paragraph(words.about(report, texts)),
        f"<p><small>{escape(words.basis(report, texts))}</small></p>",
        _paragraph(texts(f"developments.answer_{kind}"), "answer"),
        drawn,
        f"<p><small>{escape(words.legend(report, texts))}</small></p>",
        *_block("belonging", words.belonging(report, texts), texts),
        *_block("rooms", words.rooms_due(report, texts), texts),
        f'<div class="scroll">{html_table(words.phase_columns(report, texts))}</div>',
        *_block("until", words.until_then(report, texts), texts),
        *_block("amenities", words.amenities(report, texts), texts),
        *_block("staff", words.staff_and_money(report, texts), texts),
        *_ways(report, texts),
        *_findings(report, texts),
        "</section>",
    ]
    return "\n".join(parts)


def _paragraph(text: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def _block(key: str, lines: Sequence[str], texts: Texts) -> list[str]:
    if not lines:
        return []
    title = texts(f"developments.title_{key}")
    return [f"<h2>{escape(title)}</h2>", *(_paragraph(line) for line in lines)]


def _ways(report: DevelopmentReport, texts: Texts) -> list[str]:
    rows = [
        (texts(f"developments.way_{way.kind}"), texts(f"developments.possible_{way.possible}".lower()),
         words.why(report, way, texts))
        for way in report.answer.ways
    ]  # fmt: skip
    titles = [texts(f"developments.col_{name}") for name in ("way", "possible", "why")]
    columns = [
        Column(title, list(values))
        for title, values in zip(titles, zip(*rows, strict=True), strict=True)
    ]
    title = escape(texts("developments.title_ways"))
    return [f"<h2>{title}</h2>", f'<div class="scroll">{html_table(columns)}</div>']


def _findings(report: DevelopmentReport, texts: Texts) -> list[str]:
    title = f"<h2>{escape(texts('developments.title_findings'))}</h2>"
    lines = [
        _paragraph(
            f"{word(texts, 'severity', finding.severity.value)}{texts('page.colon')}"
            f"{finding.words(texts)}",
            str(finding.severity),
        )
        for finding in report.findings
    ]
    return [title, *lines] if lines else []


def html_table(columns: Sequence[Column]) -> str:
    """Return a table as HTML; figures that are not known show as a dash."""
    head = "".join(f"<th>{escape(column.title)}</th>" for column in columns)
    rows = zip(*(column.values for column in columns), strict=True)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    known = plain(value)
    if known is None:
        return "<td>–</td>"
    if isinstance(known, str):
        return f"<td>{known if known.startswith('<a ') else escape(known)}</td>"
    digits = 0 if abs(known - round(known)) < 0.05 else 1
    return f'<td class="n">{known:z,.{digits}f}</td>'


def write_index(path: Path, rows: Sequence[Mapping[str, Any]], info: DevelopmentInfo) -> None:
    """Write the list of all developments, in one language after the other, each with its page."""
    sections = [_list(rows, info, load_texts(language)) for language in info.languages]
    first = load_texts(info.languages[0])
    partial = path.with_name(f".{path.name}.partial")
    _write(partial, first, first("developments.index_title"), sections)
    partial.replace(path)


def _list(rows: Sequence[Mapping[str, Any]], info: DevelopmentInfo, texts: Texts) -> str:
    def cells(name: str) -> list[Any]:
        return [row.get(name) for row in rows]

    answers = [texts(f"developments.answer_{row.get('answer') or row['status']}") for row in rows]
    columns = [
        Column(texts("developments.col_development"), [_link(row) for row in rows]),
        Column(texts("developments.col_households"), cells("households")),
        Column(texts("developments.col_community"), cells("community_name")),
        Column(texts("developments.col_answer"), answers),
        Column(texts("developments.col_to"), cells("to_community_name")),
        Column(texts("developments.col_to_size"), cells("to_households")),
        Column(texts("developments.col_due_m2"), cells("room_m2")),
        Column(texts("developments.col_levy"), cells("levy_m2")),
        Column(texts("developments.col_findings"), cells("findings")),
    ]
    title = f"{info.title.get(texts.language, '')} {texts('developments.index_title')}".strip()
    note = info.note.get(texts.language, "")
    parts = [f'<section lang="{texts.language}"><h1>{escape(title)}</h1>']
    parts += [_paragraph(note)] if note else []
    return "\n".join([*parts, f'<div class="scroll">{html_table(columns)}</div>', "</section>"])


def _link(row: Mapping[str, Any]) -> str:
    name = str(row.get("name") or row["development_id"])
    if not row.get("folder"):
        return name
    from urllib.parse import quote

    place = quote(f"developments/{row['folder']}/page.html")
    return f'<a href="{place}">{escape(name)}</a>'
