"""report.docx: what is proposed, on which basis, and what it changes, for the file of a hearing."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from commplan.findings import Finding
from commplan.outputs.info import PageInfo
from commplan.outputs.page_data import household_bounds
from commplan.outputs.paper_table import add_table, set_font
from commplan.outputs.print_map import write_print_map
from commplan.outputs.sheets import (
    Column,
    community_columns,
    move_columns,
    room_columns,
    today_columns,
    without_words,
)
from commplan.outputs.tables import plain
from commplan.outputs.words import (
    basis_words,
    clause_words,
    decimals,
    measure_word,
    profile_lines,
    share_words,
    unit_word,
    word,
)
from commplan.outputs.workbook import Report
from commplan.texts import Texts, load_texts

MAX_MOVES = 60
MAX_FINDINGS = 40
RED = RGBColor(0xA4, 0x16, 0x1A)
KEY_MEASURES = (
    "communities", "communities_in_bounds", "households", "population", "moved_households",
    "moved_share", "border_km", "soft_border_share", "mean_distance_m", "within_share",
    "mean_walk_min", "room_need_m2", "room_floor_m2", "room_short_m2", "room_cost_yuan",
)  # fmt: skip


def write_document(path: Path, report: Report) -> None:
    """Write the document: the whole of it in the first language, then in the next."""
    document: Any = docx.Document()
    set_up(document, report.info)
    for place, language in enumerate(report.info.languages):
        if place:
            document.add_page_break()
        _write_language(document, report, load_texts(language))
    document.save(str(path))


def set_up(document: Any, info: PageInfo) -> None:
    """Set paper, fonts, properties and the page number."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    styles = document.styles
    set_font(styles["Normal"], "宋体", 10.5)
    for name, size in (("Title", 20), ("Heading 1", 15), ("Heading 2", 12.5)):
        set_font(styles[name], "黑体", size)
        styles[name].font.color.rgb = RGBColor(0x16, 0x40, 0x6B)
    properties = document.core_properties
    properties.title, properties.author = info.title_in(info.languages[0]), "commplan"
    properties.created = properties.modified = _moment(info.date)
    _page_number(section.footer.paragraphs[0])


def _moment(day: Any) -> Any:
    from datetime import datetime

    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- a day, no instant


def _page_number(paragraph: Any) -> None:
    """Put the field PAGE into the footer (python-docx has no call for fields)."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = words
        run._r.append(part)  # noqa: SLF001 -- the documented way around


def _write_language(document: Any, report: Report, texts: Texts) -> None:
    info = report.info
    title = document.add_paragraph(info.title_in(texts.language), style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = texts("tables.head_scenario", scenario=info.scenario, date=info.date.isoformat())
    document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write_basis(document, report, texts)
    _write_figures(document, report, texts)
    _write_map(document, report, texts)
    _write_communities(document, report, texts)
    _write_rooms(document, report, texts)
    _write_moves(document, report, texts)
    write_findings(document, report.findings, texts)


def _write_basis(document: Any, report: Report, texts: Texts) -> None:
    lines = profile_lines(report.profile, texts.language)
    document.add_heading(texts("document.basis"), 1)
    paragraph = document.add_paragraph()
    run = paragraph.add_run(basis_words(lines, texts))
    if report.profile.status.value == "draft":
        run.bold, run.font.color.rgb = True, RED
    if lines["clause"]:
        document.add_paragraph(lines["clause"])
    bounds = household_bounds(report.info.bounds_households, report.profile)
    if bounds is not None and bounds != household_bounds(None, report.profile):
        document.add_paragraph(texts("page.bounds", min=f"{bounds[0]:,}", max=f"{bounds[1]:,}"))
    document.add_paragraph(lines["standing"])
    note = report.info.note_in(texts.language)
    if note:
        document.add_paragraph().add_run(note).bold = True
    number = report.info.map_approval or texts("page.approval_blank")
    document.add_paragraph(texts("page.approval") + texts("page.colon") + number)


def _write_figures(document: Any, report: Report, texts: Texts) -> None:
    document.add_heading(texts("document.summary"), 1)
    held = {measure.code: measure for measure in report.scorecard.measures}
    rows = [held[code] for code in KEY_MEASURES if code in held]
    titles = [texts(f"tables.col_{name}") for name in ("measure", "today", "proposed", "unit")]
    columns = [
        Column(titles[0], [measure_word(texts, m.code) for m in rows], width=8.4),
        Column(titles[1], [figure(m.today, m.unit) for m in rows], "number", width=2.8),
        Column(titles[2], [figure(m.value, m.unit) for m in rows], "number", width=2.8),
        Column(
            titles[3],
            ["" if m.unit == "share" else unit_word(texts, m.unit) for m in rows],
            width=2.6,
        ),
    ]
    add_table(document, columns)


def figure(value: float | None, unit: str) -> str:
    """Write a figure for readers: thousands, as many decimals as its unit needs, – for unknown."""
    known = plain(value)
    if known is None:
        return "–"
    if unit == "share":
        return share_words(known)
    return f"{known:z,.{decimals(unit)}f}"


def _write_map(document: Any, report: Report, texts: Texts) -> None:
    document.add_heading(texts("document.map"), 1)
    with TemporaryDirectory() as scratch:
        picture = Path(scratch) / "map.png"
        write_print_map(picture, report.plan, texts, report.info.attribution)
        document.add_picture(BytesIO(picture.read_bytes()), width=Cm(16.6))
    document.add_paragraph(texts("document.map_caption")).runs[0].font.size = Pt(9)
    if report.info.attribution:
        source = texts("page.attribution") + texts("page.colon") + report.info.attribution
        document.add_paragraph(source).runs[0].font.size = Pt(9)


def _write_communities(document: Any, report: Report, texts: Texts) -> None:
    document.add_heading(texts("document.communities"), 1)
    names = ("name", "old_name", "households_today", "households", "population", "in_bounds",
             "room_need_m2", "room_floor_m2", "within_share")  # fmt: skip
    _numbered(document, community_columns(report.plan, report.scorecard, texts), names, texts)
    document.add_heading(texts("tables.sheet_today"), 2)
    short = ("name", "units", "households", "population", "successor_name")
    _numbered(document, today_columns(report.plan, texts), short, texts)


def _numbered(
    document: Any, columns: Sequence[Column], names: tuple[str, ...], texts: Texts
) -> None:
    """Add a table of the named columns, its rows numbered as on the map."""
    kept = [c for name in names for c in columns if c.title == texts(f"tables.col_{name}")]
    count = len(columns[0].values)
    number = Column(texts("document.number"), list(range(1, count + 1)), "int", width=8)
    note = without_words(kept, texts)
    add_table(document, [number, *kept], texts("tables.total"), note)


def _write_rooms(document: Any, report: Report, texts: Texts) -> None:
    document.add_heading(texts("document.rooms"), 1)
    if report.plan.rooms is None:
        document.add_paragraph(texts("document.rooms_unknown"))
        return
    short = report.plan.rooms.rooms["short_m2"].fillna(0).to_numpy() > 0
    document.add_paragraph(texts(f"document.rooms_{'short' if short.any() else 'enough'}"))
    if not short.any():
        return
    names = ("name", "site_name", "action", "floor_m2", "need_m2", "short_m2")
    titles = [texts(f"tables.col_{name}") for name in names]
    columns = [c for title in titles for c in room_columns(report.plan, texts) if c.title == title]
    add_table(document, [_picked(column, short) for column in columns])


def _picked(column: Column, wanted: Any) -> Column:
    values = [value for value, keep in zip(column.values, wanted, strict=True) if keep]
    return Column(column.title, values, column.kind, column.total, column.width)


def _write_moves(document: Any, report: Report, texts: Texts) -> None:
    document.add_heading(texts("document.moves"), 1)
    moves = report.plan.moves
    if not len(moves):
        document.add_paragraph(texts("document.moves_none"))
        return
    households = f"{int(moves['households'].sum()):,}"
    document.add_paragraph(
        texts("document.moves_sum", units=f"{len(moves):,}", households=households)
    )
    order = moves["households"].sort_values(ascending=False, kind="stable").index[:MAX_MOVES]
    if len(moves) > len(order):
        more = len(moves) - len(order)
        document.add_paragraph(texts("document.moves_cut", shown=len(order), more=f"{more:,}"))
    shown = report.plan.replace(moves=moves.loc[order])
    names = ("unit_id", "unit_name", "households", "from_name", "to_name")
    titles = [texts(f"tables.col_{name}") for name in names]
    add_table(document, [c for c in move_columns(shown, texts) if c.title in titles])


def write_findings(document: Any, findings: Sequence[Finding], texts: Texts) -> None:
    """Write the first findings, how many more there are, and what the paper is not."""
    document.add_heading(texts("document.findings"), 1)
    if not findings:
        document.add_paragraph(texts("document.findings_none"))
    for finding in findings[:MAX_FINDINGS]:
        severity = word(texts, "severity", finding.severity.value)
        line = texts("document.finding_line", severity=severity, words=finding.words(texts))
        if finding.clause:
            line += texts("document.finding_clause", clause=clause_words(texts, finding.clause))
        document.add_paragraph(line)
    if len(findings) > MAX_FINDINGS:
        more = len(findings) - MAX_FINDINGS
        document.add_paragraph(texts("document.findings_cut", more=f"{more:,}"))
    document.add_paragraph(texts("page.disclaimer")).runs[0].font.size = Pt(9)
